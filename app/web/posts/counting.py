"""How many posts there are, and which number speaks for one, as the page of posts, its drawer and the Brief say it."""

from __future__ import annotations

from collections.abc import Mapping

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.ask.periods import usual_metric
from postlens.core.contract import Params
from postlens.core.contract.schema import Schema

LATE = "A column that a plugin makes is not ready. Reload in a while, or take it out under Also show."


def usual(schema: Schema) -> str:
    """The metric that posts are listed by; empty where there is none."""
    return usual_metric(schema) or next((c.name for c in schema.metrics), "")


def count_words(engine: Engine, active: Filters, columns: Mapping[str, Params]) -> str:
    """How many posts of how many pass the filters."""
    total = engine.dataset.posts
    if not active:
        return f"{total:,} posts"
    kept = engine.count(active, columns)
    return f"{total:,} posts" if kept is None else f"{kept:,} of {total:,} posts"
