"""What the posts before a test say of it: how much neighbouring posts differ, how many there are, and when they go out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from postlens import Column, Schema, stats

PACE_DAYS = 84
_NEIGHBOURS_DAYS = 7
_MIN_DIFFERENCES = 20


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How one account posts.

    Attributes:
        account: its name. week: posts a week. slots: its usual weekdays (0 is Monday) and hours, the most frequent first.
    """

    account: str
    week: float
    slots: tuple[tuple[int, int], ...]


def spread(posts: pl.LazyFrame, metric: Column, group: str, schema: Schema) -> tuple[float, int]:
    """Standard deviation of differences between neighbouring posts of an account on the log scale, and how many there are; nan for few.

    Each kind's average in its account is taken out first. Neighbours are at most a week apart.
    """
    told = (
        posts.select(account=stats.account_of(schema), at="published", kind=pl.col(group).cast(pl.String), y=stats.log_value(metric))
        .drop_nulls(["at", "y"])
        .collect(engine="streaming")
        .sort("account", "at")
        .with_columns(y=pl.col("y") - pl.col("y").mean().over("account", "kind"))
    )  # fmt: skip
    near = (pl.col("account") == pl.col("account").shift()) & (
        pl.col("at") - pl.col("at").shift() <= timedelta(days=_NEIGHBOURS_DAYS)
    )
    apart = told.select(d=pl.when(near).then(pl.col("y") - pl.col("y").shift())).drop_nulls()["d"]
    if len(apart) < _MIN_DIFFERENCES:
        return math.nan, len(apart)
    return math.sqrt(float((apart**2).mean() or 0.0)), len(apart)  # type: ignore[arg-type]


def paces(posts: pl.LazyFrame, schema: Schema, last: date) -> list[Pace]:
    """How each account posted in the last twelve weeks, the busiest first."""
    since = last - timedelta(days=PACE_DAYS - 1)
    hour = (
        pl.col("hour").cast(pl.String).str.slice(0, 2).cast(pl.Int64, strict=False)
        if "hour" in schema
        else pl.lit(None, dtype=pl.Int64)
    )
    recent = (
        posts.filter(pl.col("date") >= since)
        .group_by(account=stats.account_of(schema), day=pl.col("date").dt.weekday().cast(pl.Int64) - 1, hour=hour)
        .agg(n=pl.len())
        .sort(["n", "day", "hour"], descending=[True, False, False])
        .collect(engine="streaming")
    )  # fmt: skip
    first = posts.select(pl.col("date").min()).collect(engine="streaming").item()
    weeks = (min(PACE_DAYS, (last - first).days + 1) if first else PACE_DAYS) / 7
    found = []
    for (account,), own in recent.group_by("account", maintain_order=True):
        slots = [(day, 12 if at is None else at) for day, at in own.select("day", "hour").iter_rows()]
        found.append(Pace(account=str(account), week=int(own["n"].sum()) / max(weeks, 1.0), slots=tuple(slots)))
    return sorted(found, key=lambda pace: (-pace.week, pace.account))
