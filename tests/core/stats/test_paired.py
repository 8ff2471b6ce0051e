"""Planned pairs against another library, and in simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.power import TTestPower

from postlens.core.stats.paired import detectable_by_pairs, paired, paired_power, pairs_needed


@pytest.mark.parametrize(("pairs", "size"), [(6, 1.2), (20, 0.3), (48, 0.5), (300, 0.1)])
def test_power_is_that_of_statsmodels(pairs: int, size: float) -> None:
    assert paired_power(pairs, 1.7, 1.7 * size) == pytest.approx(TTestPower().power(size, pairs, 0.05), abs=1e-9)


def test_the_fewest_pairs() -> None:
    for effect in (0.1, 0.26, 0.7):
        pairs = pairs_needed(1.1, effect)
        assert pairs is not None
        assert paired_power(pairs, 1.1, effect) >= 0.8 > paired_power(pairs - 1, 1.1, effect)
        exact = TTestPower().solve_power(effect / 1.1, alpha=0.05, power=0.8)
        assert pairs == math.ceil(exact)
    assert pairs_needed(1.1, 50.0) == 6
    assert pairs_needed(1.1, 0.0) is None


def test_the_smallest_effect() -> None:
    effect = detectable_by_pairs(40, 1.3)
    assert paired_power(40, 1.3, effect) == pytest.approx(0.8, abs=1e-6)
    assert math.isnan(detectable_by_pairs(5, 1.3))
    for pairs in (6, 100, 472):  # Large shifts are not computed by the library.
        assert detectable_by_pairs(pairs, 1.37) == pytest.approx(
            1.37 * TTestPower().solve_power(nobs=pairs, alpha=0.05, power=0.8), rel=1e-4
        )


def test_the_answer_is_that_of_scipy() -> None:
    rng = np.random.default_rng(81)
    first, second = rng.normal(0.3, 1, 30), rng.normal(0, 1, 30)
    found, other = paired(first - second), scipy_stats.ttest_rel(first, second)
    assert found.p == pytest.approx(other.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(other.confidence_interval()), rel=1e-9)
    assert paired(np.ones(30)).untold == "posts"
    assert paired(rng.normal(size=5)).untold == "posts"


@given(st.integers(6, 2_000), st.floats(0.1, 3), st.floats(0.05, 1.2), st.booleans())
def test_power_is_a_chance_and_grows_with_pairs(pairs: int, spread: float, effect: float, looks: bool) -> None:
    """Far out the noncentral t of SciPy is no number, and plans of fifty posts were said to take a thousand."""
    looked_for = effect if looks else 0.0
    fewer, more = (paired_power(n, spread, effect, looked_for=looked_for) for n in (pairs, pairs + 5))
    assert 0 <= fewer <= more + 1e-6 <= 1 + 1e-6
