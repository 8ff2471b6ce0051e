"""Luck that lasts longer than a period, days that are busy, weekends with hours of their own."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from postlens.core import stats
from postlens.core.stats.lasting import by_longer
from postlens.core.stats.time import satterthwaite
from postlens.core.stats.within import Comparer
from scripts import lasting_worlds, worlds

FIRST = (date(2025, 1, 6) - date(1969, 12, 29)).days  # Comparisons count days from a Monday, the worlds from another.


def effect_of(posts: worlds.Posts) -> stats.Effect:
    table, schema = posts.table()
    cells = stats.comparison_query(table, posts.metric, posts.by, schema).collect()
    level = stats.compare_groups(cells, posts.metric, posts.by, schema).of(posts.level)
    assert level is not None
    return level.effect


def test_neighbours_that_err_alike_are_judged_together() -> None:
    """By hand: seven pairs of days, both days of each err by the same; a week holds one pair."""
    signs = np.array([1, -1, 1, 1, -1, -1, 1.0])
    start = np.ravel(7 * np.arange(7)[:, None] + [1, 4]).astype(np.int64)
    (week,) = by_longer(start, np.repeat(signs, 2), np.full(14, 1 / 14), 1)
    assert week[0] == pytest.approx(7 * 4 / (1 - 1 / 7))
    assert week[1] == pytest.approx(satterthwaite(np.full(7, 1 / 7)))


def test_neighbours_that_err_apart_stay_apart() -> None:
    """So do periods as long as those they would be put into, and posts without dates."""
    start = np.ravel(7 * np.arange(7)[:, None] + [1, 4]).astype(np.int64)
    score = np.tile([1.0, -1.0], 7)
    assert not list(by_longer(start, score, np.full(14, 1 / 14), 1))
    alike = np.repeat([1, -1, 1, 1, -1, -1, 1.0], 2)
    assert not list(by_longer(start, alike, np.full(14, 1 / 14), 0))
    assert not list(by_longer(7 * np.arange(14), alike, np.full(14, 1 / 14), 28))


def test_independent_periods_are_hardly_ever_put_together() -> None:
    """Which would cost power for nothing: in some .15 of 400 half-years with heavy tails."""
    rng = np.random.default_rng(81)
    start, share = 3 * np.arange(60), np.full(60, 1 / 60)
    put = sum(any(True for _ in by_longer(start, rng.standard_t(4, 60), share, 3)) for _ in range(400))
    assert 0 < put <= 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "before"),
    [
        ("one account, 1,000 posts: stories of one to five days", 0.17),
        ("one account, 1,500 posts: types liked for a week", 0.23),
        ("one account, 600 posts: types liked for three weeks", 0.35),
        ("one account, posts of busy days share attention", 0.25),
        ("one account, weekends have hours of their own", 0.35),
        ("6 accounts, weekends have hours of their own", 0.65),
    ],
)
def test_what_posts_of_a_story_a_day_or_a_weekend_share_makes_no_type_real(world: str, before: float) -> None:
    """At most .065 is wanted; 100 histories each allow for two standard errors and a half. `before` is what it was without."""
    found = 0
    for seed in range(100):
        one = effect_of(lasting_worlds.NULLS[world](np.random.default_rng([82, seed])))
        found += not one.untold and one.log_p <= math.log(0.05)
    assert found <= 12 < 100 * before


def test_a_type_of_busy_days_is_judged_by_the_weaker_of_two_answers() -> None:
    """With company allowed for and without: the interval holds both."""
    rng = np.random.default_rng(83)
    heaped = lasting_worlds.heaps(rng, 300, -0.5, 1.0)
    alone = worlds.Posts(heaped.account, np.floor(heaped.day), heaped.group, heaped.log)
    found = effect_of(alone)
    assert found.low < -0.1 < found.high
    assert found.high - found.low > 2 * 1.9 * found.se


def _dummies(values: np.ndarray) -> np.ndarray:
    return (values[:, None] == np.unique(values)[None, :]).astype(float)


@pytest.mark.parametrize("seed", range(3))
def test_the_error_of_a_stretch_is_that_of_a_regression_written_out(seed: int) -> None:
    """CR2 of one regressor by stretches of 7, 14 or 28 days, with dummies for periods and weekdays, by least squares."""
    posts = lasting_worlds.seasons(np.random.default_rng([84, seed]), 1200, 7, 0.5)
    found = effect_of(posts)
    assert found.clustered == "stretch"
    day, group = np.floor(posts.day).astype(int) + FIRST, (posts.group == 1).astype(float)
    y = np.log1p(np.rint(np.exp(posts.log)))
    period = day // found.unit
    beside = np.column_stack([_dummies(period), _dummies(day % 7)[:, 1:]])
    left = group - beside @ np.linalg.lstsq(beside, group, rcond=None)[0]
    info = float(left @ left)
    assert found.estimate == pytest.approx(float(left @ y) / info, rel=1e-8)
    whole = np.column_stack([group, beside])
    rest = y - whole @ np.linalg.lstsq(whole, y, rcond=None)[0]
    strata = len(np.unique(period))
    factor = (len(y) - strata - 1) / (len(y) - strata - 1 - (np.linalg.matrix_rank(beside) - strata))

    def error(days: int) -> float:
        block = period * found.unit // days
        total = 0.0
        for one in np.unique(block):
            at = block == one
            total += float(left[at] @ rest[at]) ** 2 / (1 - float(left[at] @ left[at]) / info)
        return math.sqrt(factor * total) / info

    assert min(abs(found.se / error(days) - 1) for days in (7, 14, 28)) < 1e-6
    assert found.se > error(found.unit)


def test_what_goes_with_busy_days_says_so_and_what_does_not_says_nothing() -> None:
    """The group is posted in heaps, or dealt anew over the same days."""
    rng = np.random.default_rng(85)
    heaped = lasting_worlds.heaps(rng, 300, -0.5, 1.0)
    dealt = replace(heaped, group=rng.permutation(heaped.group))
    assert effect_of(heaped).company
    assert not effect_of(dealt).company
    table, schema = heaped.table()
    found = stats.compare_groups(
        stats.comparison_query(table, "engagements", "post_type", schema).collect(), "engagements", "post_type", schema
    )
    level = found.of("type 1")
    assert level is not None
    assert "how many posts the account has on that day" in stats.company_text(found, level)


def test_company_is_the_logarithm_of_the_account_s_posts_of_the_day() -> None:
    """The estimate with it allowed for is that of a regression with dummies, by least squares."""
    posts = lasting_worlds.heaps(np.random.default_rng(86), 300, -0.8, 1.0)
    table, schema = posts.table()
    cells = stats.read_cells(stats.comparison_query(table, "engagements", "post_type", schema).collect())
    how, one = Comparer(cells, "post_type"), (cells.level == cells.levels.index("type 1")).astype(float)
    chosen = how._chosen(one)
    assert not isinstance(chosen, str)
    made = how._with_company(one, chosen)
    assert made is not None
    day = np.floor(posts.day).astype(int) + FIRST
    company = np.log(np.bincount(day)[day])
    whole = np.column_stack(
        [posts.group == 1, _dummies(day // chosen.strata.unit), _dummies(day % 7)[:, 1:], company]
    ).astype(float)
    by_hand = np.linalg.lstsq(whole, np.log1p(np.rint(np.exp(posts.log))), rcond=None)[0]
    assert how._effect(made, ()).estimate == pytest.approx(float(by_hand[0]), rel=1e-8)
