"""Tests from value counts, against scipy, statsmodels, R and published values."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats as scipy_stats

from postlens.core import stats


def counts(**groups: object) -> pl.DataFrame:
    """Values with how many of each group have them."""
    arrays = {name: np.asarray(values, dtype=float) for name, values in groups.items()}
    at = np.unique(np.concatenate(list(arrays.values())))
    return pl.DataFrame({"value": at} | {name: [(a == v).sum() for v in at] for name, a in arrays.items()})


def moments(values: object) -> stats.Moments:
    array = np.asarray(values, dtype=float)
    return stats.Moments(n=len(array), mean=float(array.mean()), m2=float(np.square(array - array.mean()).sum()))


A = [1, 3, 4, 6, 11, 13, 15, 19, 22, 24, 25, 26, 26]
B = [2, 4, 6, 9, 11, 13, 14, 15, 18, 19, 21]
# R: InsectSprays, counts for sprays A to F.
SPRAYS = {
    "A": [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    "B": [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    "C": [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    "D": [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    "E": [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    "F": [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
}


def test_mann_whitney_of_the_published_pairs() -> None:
    found = stats.mann_whitney(counts(first=A, second=B))
    assert (found.statistic, found.p) == (87, pytest.approx(scipy_stats.mannwhitneyu(A, B, method="asymptotic").pvalue))
    # R sleep: U = 25.5, p = .0693275754.
    sleep = counts(
        first=[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
        second=[1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    )
    found = stats.mann_whitney(sleep)
    assert (found.statistic, found.p) == (25.5, pytest.approx(0.0693275754, abs=1e-9))


def test_rank_tests_are_scipys_on_counts_with_ties() -> None:
    rng = np.random.default_rng(1)
    for _ in range(10):
        one, two, three = rng.poisson(3, 60), rng.poisson(4, 45), rng.poisson(3, 30)
        found = stats.mann_whitney(counts(first=one, second=two))
        wanted = scipy_stats.mannwhitneyu(one, two, method="asymptotic")
        assert (found.statistic, found.p) == (wanted.statistic, pytest.approx(wanted.pvalue, rel=1e-10))
        table = counts(a=one, b=two, c=three)
        assert stats.kruskal(table, ["a", "b", "c"]).p == pytest.approx(scipy_stats.kruskal(one, two, three).pvalue)
        spread = scipy_stats.levene(*(x.astype(float) for x in (one, two, three)), center="median")
        assert stats.brown_forsythe(table, ["a", "b", "c"]).p == pytest.approx(spread.pvalue)


def test_a_hopeless_rank_test_has_a_logarithm() -> None:
    found = stats.mann_whitney(pl.DataFrame({"value": [0.0, 1.0], "first": [10**7, 1], "second": [1, 10**7]}))
    assert found.p == 0.0
    assert found.log_p < -1e6


def test_the_published_several_groups() -> None:
    """R: Kruskal 54.6913446 (p 1.510844e-10), Levene 3.8213563 (p .0042228)."""
    table = counts(**SPRAYS)
    found = stats.kruskal(table, list(SPRAYS))
    assert (found.statistic, found.p) == (pytest.approx(54.6913446, abs=1e-7), pytest.approx(1.510844e-10, rel=1e-6))
    spread = stats.brown_forsythe(table, list(SPRAYS))
    assert (spread.statistic, spread.p) == (pytest.approx(3.8213563, abs=1e-7), pytest.approx(0.0042228, abs=1e-7))


def test_games_howell_is_that_of_spss_and_r() -> None:
    """PMCMRplus: .55873362851759, .94114775035993, .68298393799782."""
    found = stats.games_howell([moments(g) for g in ([24, 23, 31, 51], [34, 18, 18, 26], [17, 68, 59, 7])])
    assert list(found.values()) == pytest.approx([0.55873362851759, 0.94114775035993, 0.68298393799782], abs=1e-7)
    wanted = scipy_stats.tukey_hsd(*SPRAYS.values(), equal_var=False).pvalue
    for (i, j), p in stats.games_howell([moments(g) for g in SPRAYS.values()]).items():
        assert p == pytest.approx(wanted[i, j], abs=1e-9)


def test_equivalence_of_the_published_pair() -> None:
    """TOST, margin 5, Welch: p = .2697093016."""
    assert math.exp(stats.tost(moments(A), moments(B), 5)) == pytest.approx(0.2697093016, abs=1e-9)


def test_corrections_for_many_tests() -> None:
    assert stats.benjamini_hochberg([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05] * 5)
    p = list(np.random.default_rng(2).random(20))
    assert stats.benjamini_hochberg(p) == pytest.approx(list(scipy_stats.false_discovery_control(p)))


def test_the_permutation_agrees_with_all_permutations() -> None:
    """Of the 20 ways to deal six posts to two groups of three, two are as extreme: p = 0.1."""
    assert stats.permutation(counts(first=[1, 2, 3], second=[7, 8, 9]), resamples=19_999) == pytest.approx(
        0.1, abs=0.01
    )


def test_the_permutation_is_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(3)
    p = [stats.permutation(counts(first=rng.poisson(9, 40), second=rng.poisson(9, 30)), i, 399) for i in range(200)]
    assert scipy_stats.kstest(p, "uniform").pvalue > 0.01


def test_the_bootstrap_covers_the_true_ratio() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for i in range(200):
        one, two = rng.poisson(rng.gamma(4, 5, 120)), rng.poisson(rng.gamma(4, 2.5, 120))
        low, high = stats.bootstrap_ratio(counts(first=one, second=two), i, 499)
        held += low <= 2 <= high
    assert 0.90 <= held / 200 <= 0.99
