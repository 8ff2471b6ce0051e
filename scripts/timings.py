"""How often the page When to post draws a map of noise, and how often it finds what was planted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from postlens.core.contract import Context
from postlens.core.contract.schema import Column
from postlens.plugins.timing.compute import Settings, Timing, compute
from scripts.measured import Line
from scripts.schemas import schema_of

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SCHEMA = schema_of(
    Column(name="weekday", label="Weekday", kind="category", levels=_DAYS, ordered=True),
    Column(name="hour", label="Hour of day", kind="category", levels=tuple(str(h) for h in range(24)), ordered=True),
)


def _posts(rng: np.random.Generator, number: int, accounts: int, weekend: float) -> pl.DataFrame:
    """Posts of 40 weeks at hours of working days and evenings; each account has its level, which wanders by weeks."""
    day = rng.integers(0, 280, number)
    hour = np.clip(np.rint(rng.normal(14, 4, number)), 0, 23).astype(int)
    account, kind = rng.integers(0, accounts, number), rng.integers(0, 2, number)
    level = (
        rng.normal(5, 1, accounts)[account] + np.cumsum(rng.normal(0, 0.1, (accounts, 40)), axis=1)[account, day // 7]
    )
    values = np.exp(level + 0.3 * kind + math.log(weekend) * (day % 7 >= 5) + rng.normal(0, 0.8, number))
    start = date(2025, 1, 6)
    dates = pl.Series("date", [start + timedelta(days=int(d)) for d in day])
    return pl.DataFrame(
        {
            "date": dates,
            "account_name": account.astype(str),
            "post_type": kind.astype(str),
            "weekday": [_DAYS[d % 7] for d in day],
            "hour": hour.astype(str),
            "reactions": rng.poisson(values),
        }
    ).with_columns(
        published=pl.col("date").cast(pl.Datetime("us", "UTC")) + pl.duration(hours=pl.col("hour").cast(pl.Int64))
    )


def _asked(posts: pl.DataFrame) -> Timing:
    return compute(posts.lazy(), Settings(metric="reactions"), Context(schema=_SCHEMA))


def timings(repetitions: int) -> Iterator[Line]:
    """Whether a map is drawn where the clock does not matter, and where weekends get more."""
    for number, (posts, accounts) in enumerate(((300, 1), (600, 4), (2000, 12))):
        rng = np.random.default_rng([25, number])
        none = sum(_asked(_posts(rng, posts, accounts, 1.0)).slots.is_empty() for _ in range(repetitions))
        name = f"{posts:,} posts, {accounts} account{'s' * (accounts > 1)}, the clock does not matter"
        yield Line("no best time is said", name, repetitions, none / repetitions, "at least 0.94")
    rng = np.random.default_rng(26)
    seen = held = told = 0
    for _ in range(repetitions):
        found = _asked(_posts(rng, 1200, 4, 1.5)).weekday
        if found is None or not found.matters:
            continue
        seen += 1
        for day, low, high in found.levels.select("level", "low", "high").iter_rows():
            # Each day against all others, a seventh of the posts of each: 1.5 against 1.5^(1/6), or 1 against 1.5^(2/6).
            truth = 1.5 ** (5 / 6) if day in {"Sat", "Sun"} else 1.5 ** (-1 / 3)
            told += 1
            held += low <= truth <= high
    yield Line(
        "weekdays are seen to matter",
        "1,200 posts, 4 accounts, weekends get half more",
        repetitions,
        seen / repetitions,
        "at least 0.8",
    )
    yield Line(
        "interval of a drawn effect holds it",
        "the same, where they are seen",
        told,
        held / max(told, 1),
        "0.90 to 0.98",
    )
