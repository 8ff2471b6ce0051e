"""What came of a test: posts found in their slots, compared as planned and as done, once it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens import Schema, stats
from postlens.plugins.planner.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it.

    Attributes:
        due: slots whose day has come. kept: of these, with a post. as_said: of these, of the kind that was planned.
        read: the day from which the result is read. over: that day has come.
        planned, done: pairs compared by what the calendar said, and by what the posts were; None until it may be read.
    """

    due: int
    kept: int
    as_said: int
    read: date
    over: bool
    planned: stats.Effect | None
    done: stats.Effect | None


def outcome(posts: pl.LazyFrame, params: Settings, schema: Schema, slots: pl.DataFrame, last: date) -> Outcome:
    """Find each slot's post: of its account and day, in the order of time.

    Args:
        posts: of any time.
        params: the plan.
        schema: of the posts.
        slots: the calendar.
        last: day of the newest post.
    """
    end = slots["day"].max() if slots.height else params.start
    assert isinstance(end, date)
    read = end + timedelta(days=stats.YOUNG_DAYS)
    found = (
        posts.filter(pl.col("date").is_between(slots["day"].min(), end) if slots.height else pl.lit(False))
        .select(
            account=stats.account_of(schema),
            day="date",
            at="published",
            kind=pl.col(params.group).cast(pl.String),
            y=stats.log_value(schema[params.metric]),
        )
        .collect(engine="streaming")
        .sort("account", "at")
        .with_columns(place=pl.int_range(pl.len()).over("account", "day"))
    )
    kept = slots.with_columns(place=pl.int_range(pl.len()).over("account", "day")).join(
        found, on=["account", "day", "place"], how="left"
    )
    due = kept.filter(pl.col("day") <= last)
    over = last >= read
    with_post = due.filter(pl.col("at").is_not_null())
    readable = over or params.looks == "repeated"
    ripe = with_post.filter(pl.col("day") <= last - timedelta(days=stats.YOUNG_DAYS))  # All there are, once it is over.
    return Outcome(
        due=due.height,
        kept=with_post.height,
        as_said=with_post.filter(pl.col("kind") == pl.col("post")).height,
        read=read,
        over=over,
        planned=_compared(ripe, "post", params) if readable else None,
        done=_compared(ripe, "kind", params) if readable else None,
    )


def _compared(kept: pl.DataFrame, by: str, params: Settings) -> stats.Effect:
    """Pairs with one post of each kind, and their difference."""
    told = kept.filter(pl.col("y").is_not_null())
    sides = [
        told.filter(pl.col(by) == level)
        .group_by("pair")
        .agg(y=pl.col("y").first(), n=pl.len(), day=pl.col("day").max())
        for level in (params.level, params.against)
    ]
    pairs = sides[0].join(sides[1], on="pair").filter((pl.col("n") == 1) & (pl.col("n_right") == 1)).sort("pair")
    if params.looked_for:
        return _looks(
            pairs.with_columns(pl.max_horizontal("day", "day_right").alias("whole")).sort("whole", "pair"), params
        )
    return stats.paired(_differences(pairs))


def _differences(pairs: pl.DataFrame) -> NDArray[np.float64]:
    return (pairs["y"] - pairs["y_right"]).to_numpy().astype(np.float64)


def _looks(pairs: pl.DataFrame, params: Settings) -> stats.Effect:
    """What all looks up to now say together, one for each pair that became whole, whoever looked: a decision stays."""
    found = _differences(pairs)
    if len(found) < stats.FIRST_LOOK:
        return replace(stats.paired(found), untold="posts")
    looks = [
        stats.at_every_look(stats.paired(found[:n]), params.looked_for) for n in range(stats.FIRST_LOOK, len(found) + 1)
    ]
    told = [look for look in looks if not look.untold]
    return stats.over_all_looks(told) if told else looks[-1]
