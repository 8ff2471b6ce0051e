"""Where each of several units stands among the others, with how far the rank could be luck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from postlens.core.stats.accounts import tau_squared
from postlens.core.stats.shrink import shrunken

_DRAWS, _SEED = 4_000, 20_261_127
_SURE = 0.975


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """One of several.

    Attributes:
        level, low, high: its level drawn towards the mean of all, with its 95 % interval.
        percentile, percentile_low, percentile_high: the share of the others that are below it, 0 to 1, with its 95 % interval.
        ahead, behind: how many others it is above, and below, with a probability of 97.5 %.
    """

    level: float
    low: float
    high: float
    percentile: float
    percentile_low: float
    percentile_high: float
    ahead: int
    behind: int


def ranked(levels: Sequence[float], variances: Sequence[float]) -> list[Ranked]:
    """Each of several levels among the others.

    The best of many is on average a lucky one, so levels are first drawn towards their mean by as much as luck spreads them.
    Ranks are then those of 4,000 sets of levels that could have been, with a fixed seed: of two units that nobody can
    tell apart neither is above the other more than half of the time.

    Args:
        levels: on the scale.
        variances: of each, above 0.

    Source: Laird and Louis (1989), J. Educ. Stat. 14, 29-46; Goldstein and Spiegelhalter (1996), J. R. Stat. Soc. A 159,
    385-443. Levels drawn together as in `shrunken`.
    """
    tau2 = tau_squared(levels, variances)
    weights = [1 / (v + tau2) for v in variances]
    middle = sum(w * x for w, x in zip(weights, levels, strict=True)) / sum(weights)
    drawn = shrunken([x - middle for x in levels], variances)
    means = np.array([one.estimate for one in drawn])
    spreads = np.array([(one.high - one.low) / (2 * 1.96) for one in drawn])
    draws = means + spreads * np.random.default_rng(_SEED).standard_normal((_DRAWS, len(levels)))
    found = []
    for i, one in enumerate(drawn):
        others = np.delete(draws, i, axis=1)
        below = (others < draws[:, [i]]).mean(axis=0)  # The probability that each other is below.
        share = (others < draws[:, [i]]).mean(axis=1)  # The share of the others below, in each draw.
        low, high = np.quantile(share, [0.025, 0.975])
        found.append(
            Ranked(
                level=middle + one.estimate,
                low=middle + one.low,
                high=middle + one.high,
                percentile=float(below.mean()),
                percentile_low=float(low),
                percentile_high=float(high),
                ahead=int((below >= _SURE).sum()),
                behind=int((below <= 1 - _SURE).sum()),
            )
        )
    return found


def variance_of(reach: float) -> float:
    """The variance that a 95 % interval of this half width stands for; nan where it has no end."""
    return (reach / 1.96) ** 2 if math.isfinite(reach) else math.nan
