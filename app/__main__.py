"""`python -m app` is `postlens`."""

from app.cli import main

if __name__ == "__main__":
    main()
