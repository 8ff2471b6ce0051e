"""Effects drawn towards each other by as much as luck spreads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from postlens.core.stats.accounts import tau_squared


@dataclass(frozen=True, kw_only=True)
class Shrunken:
    """An effect as it is likeliest, seen among others of its kind.

    Attributes:
        estimate, low, high: with its 95 % interval.
    """

    estimate: float
    low: float
    high: float


def shrunken(estimates: Sequence[float], variances: Sequence[float]) -> list[Shrunken]:
    """Effects of a grouping, each drawn towards none: the largest of several is, on average, lucky.

    With effects that differ by tau around none, an estimate of variance v loses v / (tau^2 + v) of itself, a little less for
    not knowing tau. The interval allows for that, too: without it, it would hold the truth in half of all cases where
    effects are small.

    Args:
        estimates: on the log scale, or differences.
        variances: of each; above 0.

    Source: Efron and Morris (1975), J. Am. Stat. Assoc. 70, 311-319; Morris (1983), J. Am. Stat. Assoc. 78, 47-55, for the
    interval; tau^2 by moments (DerSimonian and Laird 1986).
    """
    k, tau2 = len(estimates), tau_squared(estimates, variances)
    unsure = (k - 3) / (k - 1) if k > 3 else 0.5
    usual = sum(variances) / max(k, 1) + tau2
    found = []
    for estimate, variance in zip(estimates, variances, strict=True):
        lost = unsure * variance / (variance + tau2)
        mean = (1 - lost) * estimate
        of_tau = 2 / max(k - 3, 1) * (lost * estimate) ** 2 * usual / (variance + tau2)
        reach = 1.96 * math.sqrt(variance * (1 - lost) + of_tau)
        found.append(Shrunken(estimate=mean, low=mean - reach, high=mean + reach))
    return found
