"""A period against the one before: sums by hand, and what is usual against simulation."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, OneOf, Period
from postlens.core.ask.periods import standing
from postlens.core.stats.usual import usual


def posts(days: int, each: Callable[[int], int]) -> pl.DataFrame:
    """Two posts a day from 1 January 2026, with as many reactions as `each` says."""
    rows = [
        (
            f"https://www.instagram.com/p/{d:05}{k}abcde/",
            f"{date(2026, 1, 1) + timedelta(days=d)} 1{k}:00",
            each(d),
            10 * each(d),
        )
        for d in range(days)
        for k in range(2)
    ]
    return pl.DataFrame(rows, schema=["Permalink", "Publish time", "Reactions", "Reach"], orient="row")


def test_the_last_28_days_that_can_be_judged_by_hand(engine_for: Callable[..., Engine]) -> None:
    found = standing(engine_for(posts(100, lambda d: 1000 if d >= 96 else 20 if d >= 68 else 10)), Filters())
    assert found is not None
    # The newest day is 99; it and the three before are too recent: the period is days 68 to 95.
    assert (found.since, found.until) == (date(2026, 1, 1) + timedelta(days=68), date(2026, 1, 1) + timedelta(days=95))
    assert found.left_out == 8
    tiles = {t.label: t for t in found.tiles}
    assert (tiles["Posts"].value, tiles["Posts"].before) == (56, 56)
    total = tiles["Reactions"]
    assert (total.value, total.before, total.change) == (56 * 20, 56 * 10, 1.0)
    assert tiles["Engagement rate"].value == pytest.approx(0.1)
    assert tiles["Reactions of a typical post"].value == pytest.approx(20)


def test_a_period_of_a_filter_is_the_period(engine_for: Callable[..., Engine]) -> None:
    chosen = Filters((Period(since=date(2026, 2, 1), until=date(2026, 2, 14)),))
    found = standing(engine_for(posts(100, lambda d: d)), chosen)
    assert found is not None
    assert (found.since, found.until, found.before) == (date(2026, 2, 1), date(2026, 2, 14), date(2026, 1, 18))


def test_an_account_whose_export_is_older_has_days_of_its_own(engine_for: Callable[..., Engine]) -> None:
    """Five tiles of nothing stood over a client whose posts end in May, because another's go on."""
    older = posts(60, lambda _d: 5).with_columns(pl.col("Permalink") + "x", pl.lit("older").alias("Account"))
    both = pl.concat([posts(200, lambda _d: 7).with_columns(pl.lit("newer").alias("Account")), older])
    engine = engine_for(both)
    last = {}
    for name in ("older", "newer"):
        found = standing(engine, Filters((OneOf("account_name", (name,)),)))
        assert found is not None
        assert found.tiles[0].value == 56
        last[name] = (found.until - date(2026, 1, 1)).days
    assert last == {"older": 59, "newer": 195}


def test_days_without_posts_count_as_none(engine_for: Callable[..., Engine]) -> None:
    table = posts(100, lambda _d: 5).filter(~pl.col("Publish time").str.starts_with("2026-03"))
    found = standing(engine_for(table), Filters())
    assert found is not None
    assert found.tiles[0].value == 2 * 6, "of 10 March to 6 April only the six days of April have posts"


def test_too_short_or_without_dates_there_is_no_comparison(engine_for: Callable[..., Engine]) -> None:
    assert standing(engine_for(posts(10, lambda d: d + 1)), Filters()) is None
    assert standing(engine_for(posts(60, lambda d: d + 1).drop("Publish time")), Filters()) is None


def test_little_history_says_nothing_about_what_is_usual() -> None:
    assert usual([0.1] * 7, 4) is None
    assert usual([0.1] * 12, 1.5) is None


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_a_usual_change_is_called_unusual_about_one_time_in_twenty(memory: float) -> None:
    """Weekly totals of a year that wander around a level; the changes of the last four weeks against the four before."""
    rng = np.random.default_rng(3)
    outside = 0
    for _ in range(1500):
        noise = rng.normal(0, 0.25, 60)
        for i in range(1, 60):
            noise[i] += memory * noise[i - 1]
        weeks = np.exp(5 + noise)[8:]
        sums = np.convolve(weeks, np.ones(4), "valid")
        changes = [math.log(sums[-1 - k] / sums[-5 - k]) for k in range(len(sums) - 4)]
        found = usual(changes[4:], (len(changes) - 4) / 4)
        assert found is not None
        assert (abs(changes[0]) > found.reach) == (found.log_p(changes[0]) < math.log(0.05))
        outside += abs(changes[0]) > found.reach
    assert 0.02 < outside / 1500 < 0.08
