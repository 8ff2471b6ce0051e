"""Answers that hold however often they are looked at."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from postlens.core import stats
from postlens.core.stats import effect as effects
from postlens.core.stats.always_valid import USUAL, at_every_look, like_once
from scripts import worlds


def test_p_is_the_evidence_against_none_turned_over() -> None:
    """The Bayes factor of two normal densities, by scipy."""
    once = effects.tested(0.45, 0.15**2, 1e6)
    found = at_every_look(once)
    under = scipy_stats.norm.pdf(0.45, 0, math.hypot(USUAL, 0.15)) / scipy_stats.norm.pdf(0.45, 0, 0.15)
    assert found.p == pytest.approx(1 / under, rel=1e-3)
    assert found.low < once.low
    assert found.high > once.high


def test_interval_and_p_agree() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = at_every_look(effects.tested(rng.normal(0, 0.4), rng.uniform(0.05, 0.3) ** 2, rng.uniform(5, 200)))
        assert (found.p <= 0.05) == (found.low > 0 or found.high < 0)


@pytest.mark.slow
def test_two_hundred_looks_at_nothing_are_rarely_real() -> None:
    """A mean of more and more numbers, looked at each time: once in twenty would be wrong in two of five."""
    rng = np.random.default_rng(5)
    often = once = 0
    for _ in range(400):
        means = np.cumsum(rng.normal(size=2000))[9::10] / np.arange(10, 2001, 10)
        looks = [effects.tested(float(m), 1 / n, 1e6) for m, n in zip(means, range(10, 2001, 10), strict=True)]
        once += any(look.p <= 0.05 for look in looks)
        often += any(at_every_look(look).p <= 0.05 for look in looks)
    assert once > 0.25 * 400
    assert often <= 0.05 * 400 + 9


def test_what_it_takes_is_more_than_for_one_look() -> None:
    effect = at_every_look(effects.tested(0.2, 0.15**2, 100))
    assert like_once(effect, 0.05) < 0.01
    once = effects.tested(0.2, 0.15**2, 100)
    assert like_once(once, 0.05) == 0.05
    assert stats.smallest_detectable(effect) > 1.2 * stats.smallest_detectable(once)


def test_a_comparison_may_be_asked_to_hold_at_every_look() -> None:
    table, schema = worlds.half_more(np.random.default_rng(1), 300, math.log(1.5)).table()
    cells = stats.comparison_query(table, "engagements", "post_type", schema).collect()
    once, often = (
        stats.compare_groups(cells, "engagements", "post_type", schema, looks=looks).of("type 1")
        for looks in ("once", "repeated")
    )
    assert once is not None
    assert often is not None
    assert often.effect.estimate == once.effect.estimate
    assert often.log_p > once.log_p
    assert (often.effect.low, often.effect.high) != (once.effect.low, once.effect.high)


@pytest.mark.slow
def test_weekly_looks_at_a_growing_null() -> None:
    """.20 of such histories have a look with p below 0.05."""
    wrong = 0
    for seed in range(40):
        posts = worlds.half_more(np.random.default_rng([6, seed]), 300, 0.0)
        for week in range(4, 27):
            table, schema = posts.until(7 * week).table()
            cells = stats.comparison_query(table, "engagements", "post_type", schema).collect()
            level = stats.compare_groups(cells, "engagements", "post_type", schema, looks="repeated").of("type 1")
            if level is not None and level.effect.p <= 0.05:
                wrong += 1
                break
    assert wrong <= 4
