"""The Brief: how did we do, what works, what to try next."""
