"""Tests from value counts: a table of values with how many posts of each group have them says as much as the posts.

So a rank test, a permutation or a bootstrap of ten million posts costs what its few thousand different values cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.stats.moments import Moments

Counts = NDArray[np.float64]
RESAMPLES, CELLS = 1999, 2000


@dataclass(frozen=True, kw_only=True)
class RankTest:
    """A rank test.

    Attributes:
        statistic: U of the first group, or H.
        log_p: natural logarithm of the two-sided p-value.
    """

    statistic: float
    log_p: float

    @property
    def p(self) -> float:
        """The p-value; 0.0 where it is below the smallest float."""
        return math.exp(self.log_p)


@dataclass(frozen=True, kw_only=True)
class TrimmedTest:
    """A t test of trimmed means.

    Attributes:
        first, second: the trimmed means.
    """

    statistic: float
    df: float
    log_p: float
    first: float
    second: float

    @property
    def p(self) -> float:
        """The p-value; 0.0 where it is below the smallest float."""
        return math.exp(self.log_p)


def _columns(values: pl.DataFrame, names: Sequence[str]) -> tuple[Counts, Counts]:
    table = values.sort("value")
    return table["value"].to_numpy().astype(float), table.select(names).to_numpy().astype(float)


def _middle_ranks(total: Counts) -> Counts:
    """The mean rank of the posts with each value."""
    ranks: Counts = np.cumsum(total) - (total - 1) / 2
    return ranks


def mann_whitney(values: pl.DataFrame) -> RankTest:
    """The Mann-Whitney test with the normal approximation, ties and continuity corrected.

    Args:
        values: `value`, `first`, `second`: how many posts of each group have that value.

    Raises:
        ValueError: a group is empty, or all values are equal.

    Source: Mann and Whitney (1947), Ann. Math. Stat. 18, 50-60.
    """
    from scipy import stats

    _, counts = _columns(values, ["first", "second"])
    n1, n2 = counts.sum(axis=0)
    total = counts.sum(axis=1)
    n = n1 + n2
    spread = n1 * n2 / 12 * ((n + 1) - (total**3 - total).sum() / (n * (n - 1))) if n > 1 else 0.0
    if min(n1, n2) < 1 or spread <= 0:
        raise ValueError("each group needs posts, and not all values may be equal")
    u = float((counts[:, 0] * _middle_ranks(total)).sum() - n1 * (n1 + 1) / 2)
    z = (abs(u - n1 * n2 / 2) - 0.5) / math.sqrt(spread)
    return RankTest(statistic=u, log_p=min(math.log(2) + float(stats.norm.logsf(max(z, 0))), 0.0))


def kruskal(values: pl.DataFrame, groups: Sequence[str]) -> RankTest:
    """The Kruskal-Wallis test of several groups, ties corrected.

    Args:
        values: `value` and one column of counts for each group.
        groups: the names of those columns.

    Raises:
        ValueError: fewer than two groups have posts, or all values are equal.

    Source: Kruskal and Wallis (1952), J. Am. Stat. Assoc. 47, 583-621.
    """
    from scipy import stats

    _, counts = _columns(values, groups)
    sizes, total = counts.sum(axis=0), counts.sum(axis=1)
    n = total.sum()
    ties = 1 - (total**3 - total).sum() / (n**3 - n) if n > 1 else 0.0
    if (sizes > 0).sum() < 2 or ties <= 0:
        raise ValueError("two groups need posts, and not all values may be equal")
    sums = (counts * _middle_ranks(total)[:, None]).sum(axis=0)[sizes > 0]
    h = (12 / (n * (n + 1)) * (sums**2 / sizes[sizes > 0]).sum() - 3 * (n + 1)) / ties
    return RankTest(statistic=float(h), log_p=float(stats.chi2.logsf(h, len(sums) - 1)))


def brown_forsythe(values: pl.DataFrame, groups: Sequence[str]) -> RankTest:
    """Whether spreads differ: the one-way F test of the distances from each group's median. For information, no gate.

    Source: Brown and Forsythe (1974), J. Am. Stat. Assoc. 69, 364-367.
    """
    from scipy import stats

    at, counts = _columns(values, groups)
    moments = [_moments(np.abs(at - _median(at, column)), column) for column in counts.T if column.sum() > 0]
    n, k = sum(m.n for m in moments), len(moments)
    inside = sum(m.m2 for m in moments)
    mean = sum(m.n * m.mean for m in moments) / n
    between = sum(m.n * (m.mean - mean) ** 2 for m in moments)
    if inside <= 0 or k < 2 or n <= k:
        return RankTest(statistic=math.nan, log_p=math.nan)
    f = (between / (k - 1)) / (inside / (n - k))
    return RankTest(statistic=float(f), log_p=float(stats.f.logsf(f, k - 1, n - k)))


def _median(at: Counts, counts: Counts) -> float:
    before = np.cumsum(counts)
    low, high = (np.searchsorted(before, rank, side="right") for rank in ((before[-1] - 1) // 2, before[-1] // 2))
    return float(at[low] + at[high]) / 2


def _moments(at: Counts, counts: Counts) -> Moments:
    n = counts.sum()
    mean = float((at * counts).sum() / n)
    return Moments(n=int(n), mean=mean, m2=float((counts * np.square(at - mean)).sum()))


def _coarse(at: Counts, counts: Counts) -> tuple[Counts, Counts]:
    """At most 2,000 cells of neighbouring values in place of more, each with its mean: the means stay what they are."""
    if len(at) <= CELLS:
        return at, counts
    total = counts.sum(axis=1)
    cell = np.minimum((np.cumsum(total) - total) / total.sum() * CELLS, CELLS - 1).astype(np.int64)
    made = np.stack([np.bincount(cell, weights=column, minlength=CELLS) for column in counts.T], axis=1)
    posts = made.sum(axis=1)
    values = np.bincount(cell, weights=at * total, minlength=CELLS)
    filled = posts > 0
    return values[filled] / posts[filled], made[filled]


def yuen(values: pl.DataFrame, trim: float = 0.2) -> TrimmedTest:
    """Yuen's test of two trimmed means with unequal variances: a few viral posts do not decide it.

    Args:
        values: `value`, `first`, `second`: how many posts of each group have that value.
        trim: share cut off at either end of each group.

    Raises:
        ValueError: a group has fewer than two posts left, or neither varies.

    Source: Yuen (1974), Biometrika 61, 165-170.
    """
    from scipy import stats

    at, counts = _columns(values, ["first", "second"])
    parts = [_trimmed(at, column, trim) for column in counts.T]
    if any(left < 2 for _, _, left in parts) or sum(spread for _, spread, _ in parts) <= 0:
        raise ValueError("each group needs two posts after trimming, and not all may be equal")
    (m1, d1, h1), (m2, d2, h2) = parts
    df = (d1 + d2) ** 2 / (d1 * d1 / (h1 - 1) + d2 * d2 / (h2 - 1))
    t = (m1 - m2) / math.sqrt(d1 + d2)
    log_p = math.log(2) + float(stats.t.logsf(abs(t), df))
    return TrimmedTest(statistic=t, df=df, log_p=min(log_p, 0.0), first=m1, second=m2)


def _trimmed(at: Counts, counts: Counts, trim: float) -> tuple[float, float, float]:
    """Trimmed mean, its squared standard error from the winsorised variance, and how many posts are left."""
    n = counts.sum()
    cut = math.floor(trim * n)
    left = n - 2 * cut
    after = np.cumsum(counts)
    kept = np.clip(after, cut, n - cut) - np.clip(after - counts, cut, n - cut)
    mean = float((at * kept).sum() / left)
    filled = np.flatnonzero(kept > 0)
    winsorised = kept.copy()
    winsorised[filled[0]] += cut
    winsorised[filled[-1]] += cut
    return mean, _moments(at, winsorised).m2 / (left * (left - 1)) if left > 1 else 0.0, float(left)


def permutation(values: pl.DataFrame, seed: int = 0, resamples: int = RESAMPLES) -> float:
    """Two-sided p-value of the difference of means when posts are dealt to the groups by chance.

    Args:
        values: `value` (on the scale of the means), `first`, `second`.
        seed: of the dealing.
        resamples: how often; the p-value is at least 1 / (resamples + 1).
    """
    at, counts = _coarse(*_columns(values, ["first", "second"]))
    total = counts.sum(axis=1).astype(np.int64)
    n1, n2 = (int(n) for n in counts.sum(axis=0))
    whole = float((at * total).sum())
    seen = abs((at * counts[:, 0]).sum() / n1 - (at * counts[:, 1]).sum() / n2)
    dealt = np.random.default_rng(seed).multivariate_hypergeometric(total, n1, size=resamples, method="marginals")
    sums = dealt @ at
    hits = int((np.abs(sums / n1 - (whole - sums) / n2) >= seen * (1 - 1e-12)).sum())
    return (1 + hits) / (1 + resamples)


def bootstrap_ratio(values: pl.DataFrame, seed: int = 0, resamples: int = RESAMPLES) -> tuple[float, float]:
    """95 % percentile interval of the ratio of the two plain means, posts drawn with replacement inside each group.

    Returns:
        The ends; nan where a mean can be 0.
    """
    at, counts = _coarse(*_columns(values, ["first", "second"]))
    rng = np.random.default_rng(seed)
    means = []
    for column in counts.T:
        n = int(column.sum())
        means.append(rng.multinomial(n, column / n, size=resamples) @ at / n)
    if (means[0] <= 0).any() or (means[1] <= 0).any():
        return math.nan, math.nan
    low, high = np.quantile(means[0] / means[1], [0.025, 0.975])
    return float(low), float(high)


def tost(first: Moments, second: Moments, margin: float) -> float:
    """The chance of so small a difference if the true one is `margin` or more: two one-sided Welch tests.

    At most 0.05 means that the groups are equivalent within the margin. The logarithm is returned.

    Raises:
        ValueError: a group has fewer than two posts, or neither varies.

    Source: Schuirmann (1987), J. Pharmacokinet. Biopharm. 15, 657-680.
    """
    from scipy import stats

    from postlens.core.stats.two_groups import welch

    found = welch(first, second)
    above = float(stats.t.logsf((found.estimate + margin) / found.se, found.df))
    below = float(stats.t.logcdf((found.estimate - margin) / found.se, found.df))
    return max(above, below)


def games_howell(groups: Sequence[Moments]) -> dict[tuple[int, int], float]:
    """P-values of all pairs of means, variances unequal, for the largest of them all.

    Source: Games and Howell (1976), J. Educ. Stat. 1, 113-125.
    """
    from scipy import stats

    found = {}
    for i, one in enumerate(groups):
        for j, two in enumerate(groups[i + 1 :], start=i + 1):
            a, b = one.variance / one.n, two.variance / two.n
            if a + b <= 0:
                continue
            df = (a + b) ** 2 / (a * a / (one.n - 1) + b * b / (two.n - 1))
            t = abs(one.mean - two.mean) / math.sqrt(a + b)
            found[i, j] = float(stats.studentized_range.sf(t * math.sqrt(2), len(groups), df))
    return found


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for the share of false discoveries, in the order given.

    Source: Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57, 289-300.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i], reverse=True)
    corrected = [0.0] * len(p_values)
    running = 1.0
    for place, i in enumerate(order):
        running = min(running, p_values[i] * len(p_values) / (len(p_values) - place))
        corrected[i] = running
    return corrected
