"""Planned pairs: how many it takes to see an effect, and what they say in the end."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from postlens.core.stats.always_valid import level_of_last_look
from postlens.core.stats.effect import MIN_POSTS, Effect, tested
from postlens.core.stats.sums import Values

POWER, ALPHA = 0.8, 0.05
FIRST_LOOK = (
    20  # Pairs, before a test that is read at every look is read: of fewer that are skewed the mean is far from normal.
)
MAX_PAIRS = 5_000_000
_CERTAIN = 6.0


def paired_power(pairs: int, spread: float, effect: float, alpha: float = ALPHA, looked_for: float = 0.0) -> float:
    """The chance that a two-sided t-test of some pairs finds an effect.

    Args:
        pairs: two or more.
        spread: standard deviation of the differences within pairs.
        effect: their mean.
        alpha: of the test.
        looked_for: where it is read at every look, the spread of effects that these look for; then the chance at the last look,
            which is the least: some are found earlier and lost again.

    Source: the noncentral t distribution, as in Owen (1965), Biometrika 52, 437-446.
    """
    from scipy import stats

    if pairs < 2 or not spread > 0:
        return math.nan
    if looked_for and pairs < FIRST_LOOK:
        return 0.0
    if looked_for:
        alpha = level_of_last_look(spread / math.sqrt(pairs), pairs - 1, looked_for, alpha)
    shift, limit = abs(effect) * math.sqrt(pairs) / spread, float(stats.t.ppf(1 - alpha / 2, pairs - 1))
    if shift - limit > _CERTAIN:  # Where the noncentral distribution is computed no longer.
        return 1.0
    found = float(stats.nct.sf(limit, pairs - 1, shift))
    other = float(stats.nct.cdf(-limit, pairs - 1, shift))
    found += other if math.isfinite(other) else 0.0  # So far out that SciPy cannot compute it.
    return min(max(found, 0.0), 1.0) if math.isfinite(found) else float(stats.norm.sf(limit - shift))


def pairs_needed(
    spread: float, effect: float, alpha: float = ALPHA, power: float = POWER, looked_for: float = 0.0
) -> int | None:
    """The fewest pairs that find an effect with some power, six at least, 20 where each look reads it; None beyond five million."""
    fewest = FIRST_LOOK if looked_for else MIN_POSTS
    low, high = fewest - 1, fewest
    while not paired_power(high, spread, effect, alpha, looked_for) >= power:
        low, high = high, high * 2
        if high > MAX_PAIRS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if paired_power(middle, spread, effect, alpha, looked_for) >= power else (middle, high)
        )
    return high


def detectable_by_pairs(
    pairs: int, spread: float, alpha: float = ALPHA, power: float = POWER, looked_for: float = 0.0
) -> float:
    """The smallest effect that some pairs find with some power; nan for fewer than six."""
    if pairs < (FIRST_LOOK if looked_for else MIN_POSTS) or not spread > 0:
        return math.nan
    low, high = 0.0, spread
    while paired_power(pairs, spread, high, alpha, looked_for) < power:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if paired_power(pairs, spread, middle, alpha, looked_for) >= power else (middle, high)
    return high


def paired(differences: Values) -> Effect:
    """The mean of differences within pairs against 0; untold for fewer than six, or where all are equal."""
    pairs = len(differences)
    sizes = Effect(untold="posts", first=pairs, second=pairs, posts=2 * pairs)
    if pairs < MIN_POSTS or not float(np.ptp(differences)) > 0:
        return sizes
    variance = float(differences.var(ddof=1))
    found = tested(float(differences.mean()), variance / pairs, pairs - 1)
    return replace(found, first=pairs, second=pairs, posts=2 * pairs, spread=math.sqrt(variance), info=float(pairs))
