"""Accounts in general: how effects differ, their average and the next account, against published numbers and known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from postlens.core.stats.accounts import between_squared, in_general, tau_squared
from postlens.core.stats.effect import Effect

# Thirteen trials of the BCG vaccine: log risk ratios and their variances (Colditz et al. 1994, JAMA 271, 698-702).
BCG = (
    (-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713, -0.3394, 0.4459, -0.0173),
    (0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714),
)


def effect(estimates: object, variances: object, se: float = 1e-9) -> Effect:
    parts = zip(estimates, variances, strict=True)  # type: ignore[call-overload]
    return Effect(
        estimate=0.0, se=se, df=50.0, effects=tuple((i, float(e), float(v)) for i, (e, v) in enumerate(parts))
    )


def test_how_effects_differ_equals_the_published_estimates() -> None:
    """By Sidik and Jonkman .3455, by DerSimonian and Laird .3088: Viechtbauer (2010), J. Stat. Softw. 36(3), metafor."""
    assert between_squared(*BCG) == pytest.approx(0.3455, abs=2e-4)
    assert tau_squared(*BCG) == pytest.approx(0.3088, abs=5e-4)  # The effects above are rounded to four digits.


def test_the_average_and_its_interval_by_hand() -> None:
    e, v = map(np.array, BCG)
    found = in_general(effect(e, v))
    assert found is not None
    w = 1 / (v + between_squared(*BCG))
    mean = np.average(e, weights=w)
    se = math.sqrt(max((w * (e - mean) ** 2).sum() / 12, 1.0) / w.sum())
    assert (found.estimate, found.se) == (pytest.approx(mean), pytest.approx(se))
    assert found.high - mean == pytest.approx(scipy_stats.t.ppf(0.975, 12) * se)
    reach = scipy_stats.t.ppf(0.975, 11) * math.sqrt(between_squared(*BCG) + se**2)
    assert found.next_high - mean == pytest.approx(reach)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tau", "variances"),
    [
        (0.25, [0.001] + [0.05] * 5),  # One account with most of the posts: .895 and .868 by moments.
        (0.25, [0.05] * 13),
        (0.25, [0.001] * 2 + [0.05] * 20),
        (0.3, [0.05] * 40),
    ],
)
def test_intervals_hold_the_average_and_the_next_account(tau: float, variances: list[float]) -> None:
    rng = np.random.default_rng(37)
    spread = np.sqrt(variances)
    average = following = 0
    for _ in range(1000):
        truth = tau * rng.normal(size=len(variances))
        found = in_general(effect(truth + spread * rng.normal(size=len(variances)), variances))
        assert found is not None
        average += found.low <= 0 <= found.high
        following += found.next_low <= tau * rng.normal() <= found.next_high
    assert average >= 930
    assert following >= 930


def test_fewer_than_three_accounts_say_nothing_in_general() -> None:
    assert in_general(effect([0.1, 0.2], [0.1, 0.1])) is None
    assert between_squared([0.2, 0.2, 0.2], [0.1, 0.1, 0.1]) == 0.0
