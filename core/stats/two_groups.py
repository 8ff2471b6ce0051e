"""Two groups compared: effect first, interval, then p.

Everything follows from the groups' summaries (n, mean, M2) or their value counts, so it costs the same for a
hundred posts and for a hundred million.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl

from postlens.core.contract.sentences import Alternative
from postlens.core.stats.moments import Moments
from postlens.core.stats.t import t_quantile

POWER = 0.8
ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference of two means with its test.

    Attributes:
        estimate: first mean less second.
        se: its standard error.
        statistic, df: of the t test.
        log_p: natural logarithm of the p-value, which itself may be too small for a float.
        low, high: 95 % interval of the estimate; one-sided where the alternative is.
    """

    estimate: float
    se: float
    statistic: float
    df: float
    log_p: float
    low: float
    high: float

    @property
    def p(self) -> float:
        """The p-value; 0.0 where it is below the smallest float."""
        return math.exp(self.log_p)


def welch(
    first: Moments, second: Moments, alternative: Alternative = "two-sided", confidence: float = 0.95
) -> Difference:
    """Welch's t test of two means with unequal variances.

    Assumes independent posts and means that are nearly normal.

    Raises:
        ValueError: a group has fewer than two posts, or neither varies.

    Source: Welch (1947), Biometrika 34, 28-35.
    """
    if first.n < 2 or second.n < 2:
        raise ValueError("each group needs two posts")
    a, b = first.variance / first.n, second.variance / second.n
    if a + b <= 0:
        raise ValueError("neither group varies")
    se = math.sqrt(a + b)
    df = (a + b) ** 2 / (a * a / (first.n - 1) + b * b / (second.n - 1))
    return t_test(first.mean - second.mean, se, df, alternative, confidence)


def t_test(estimate: float, se: float, df: float, alternative: Alternative, confidence: float = 0.95) -> Difference:
    """A t test of an estimate against 0, with the interval that agrees with it."""
    from scipy import stats

    statistic = estimate / se
    if alternative == "two-sided":
        log_p = math.log(2) + float(stats.t.logsf(abs(statistic), df))
        half = float(stats.t.ppf((1 + confidence) / 2, df)) * se
        low, high = estimate - half, estimate + half
    else:
        sign = 1 if alternative == "greater" else -1
        log_p = float(stats.t.logsf(sign * statistic, df))
        half = float(stats.t.ppf(confidence, df)) * se
        low, high = (estimate - half, math.inf) if sign > 0 else (-math.inf, estimate + half)
    return Difference(estimate=estimate, se=se, statistic=statistic, df=df, log_p=min(log_p, 0.0), low=low, high=high)


def student(
    first: Moments, second: Moments, alternative: Alternative = "two-sided", confidence: float = 0.95
) -> Difference:
    """Student's t test with one variance for both groups: for a group that hardly varies and so claims certainty.

    Raises:
        ValueError: fewer than three posts in all, or neither group varies.
    """
    df = first.n + second.n - 2
    pooled = (first.m2 + second.m2) / df if df > 0 else 0.0
    if min(first.n, second.n) < 1 or not pooled > 0:
        raise ValueError("the groups need three posts that differ")
    se = math.sqrt(pooled * (1 / first.n + 1 / second.n))
    return t_test(first.mean - second.mean, se, df, alternative, confidence)


def ratio_of_means(first: Moments, second: Moments, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of the ratio of two plain means, by the delta method on the logarithm, degrees of freedom as Welch's.

    nan where a mean is not above 0 or a group has fewer than two posts.

    Source: Cox (1990), Commun. Stat. Theory Methods 19, 3373-3390.
    """
    if min(first.mean, second.mean) <= 0 or min(first.n, second.n) < 2:
        return math.nan, math.nan
    a, b = (g.variance / g.n / g.mean**2 for g in (first, second))
    ratio = first.mean / second.mean
    if a + b <= 0:
        return ratio, ratio
    df = (a + b) ** 2 / (a * a / (first.n - 1) + b * b / (second.n - 1))
    half = t_quantile((1 + confidence) / 2, df) * math.sqrt(a + b)
    return ratio * math.exp(-half), ratio * math.exp(half)


@dataclass(frozen=True, kw_only=True)
class Standardised:
    """Hedges' g with its interval."""

    g: float
    low: float
    high: float


def hedges(first: Moments, second: Moments, confidence: float = 0.95) -> Standardised:
    """The difference of means in pooled standard deviations, corrected for small samples.

    The interval is the normal approximation, which for groups of 10 and more is within 0.02 of the exact one.

    Source: Hedges (1981), J. Educ. Stat. 6, 107-128.
    """
    df = first.n + second.n - 2
    pooled = math.sqrt((first.m2 + second.m2) / df) if df > 0 else math.nan
    if not pooled > 0:
        return Standardised(g=math.nan, low=math.nan, high=math.nan)
    correction = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2) - 0.5 * math.log(df / 2)) if df > 1 else 1.0
    d = (first.mean - second.mean) / pooled
    n1, n2 = first.n, second.n
    se = math.sqrt((n1 + n2) / (n1 * n2) + d * d / (2 * (n1 + n2)))
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return Standardised(g=d * correction, low=(d - z * se) * correction, high=(d + z * se) * correction)


@dataclass(frozen=True, kw_only=True)
class Superiority:
    """The chance that a random post of the first group beats a random post of the second; ties count half."""

    share: float
    low: float
    high: float
    log_p: float

    @property
    def p(self) -> float:
        """Two-sided p-value of the Brunner-Munzel test."""
        return math.exp(self.log_p)


def superiority(values: pl.DataFrame, confidence: float = 0.95) -> Superiority:
    """Probability of superiority and its Brunner-Munzel interval, from value counts.

    Args:
        values: `value`, `first`, `second`: how many posts of each group have that value.
        confidence: of the interval.

    Source: Brunner and Munzel (2000), Biom. J. 42, 17-25.
    """
    from scipy import stats

    table = values.sort("value")
    a, b = (table[c].to_numpy().astype(float) for c in ("first", "second"))
    n1, n2 = a.sum(), b.sum()
    # Placement of each value among the other group: the share of it that is smaller, ties half.
    in_second = (np.cumsum(b) - b / 2) / n2
    in_first = (np.cumsum(a) - a / 2) / n1
    share = float((a * in_second).sum() / n1)
    if min(n1, n2) < 2:
        return Superiority(share=share, low=math.nan, high=math.nan, log_p=math.nan)
    v1 = float((a * (in_second - share) ** 2).sum() / (n1 - 1))
    v2 = float((b * (in_first - (1 - share)) ** 2).sum() / (n2 - 1))
    variance = v1 / n1 + v2 / n2
    if variance <= 0:
        return Superiority(share=share, low=math.nan, high=math.nan, log_p=math.nan)
    df = variance**2 / ((v1 / n1) ** 2 / (n1 - 1) + (v2 / n2) ** 2 / (n2 - 1))
    half = float(stats.t.ppf((1 + confidence) / 2, df)) * math.sqrt(variance)
    log_p = math.log(2) + float(stats.t.logsf(abs(share - 0.5) / math.sqrt(variance), df))
    return Superiority(share=share, low=max(share - half, 0.0), high=min(share + half, 1.0), log_p=min(log_p, 0.0))


def detectable(se: float, df: float = math.inf, alpha: float = ALPHA, power: float = POWER) -> float:
    """The smallest difference that a two-sided test with this standard error finds with this power."""
    if math.isinf(df):
        normal = NormalDist()
        return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * se
    return (t_quantile(1 - alpha / 2, df) + t_quantile(power, df)) * se


def posts_needed(posts: int, se: float, difference: float, alpha: float = ALPHA, power: float = POWER) -> int:
    """How many posts, in the same mix, it takes to find a true difference of this size with this power.

    The standard error falls with the square root of the number of posts. At most 10**9.
    """
    if difference == 0:
        return 10**9
    return min(10**9, math.ceil(posts * (detectable(se, math.inf, alpha, power) / abs(difference)) ** 2))


@dataclass(frozen=True, kw_only=True)
class WelchAnova:
    """Whether several means differ at all."""

    statistic: float
    df_between: float
    df_within: float
    log_p: float


def welch_anova(groups: list[Moments]) -> WelchAnova:
    """Welch's one-way test of several means with unequal variances.

    Raises:
        ValueError: fewer than two groups, or one that has fewer than two posts or does not vary.

    Source: Welch (1951), Biometrika 38, 330-336.
    """
    from scipy import stats

    if len(groups) < 2 or any(g.n < 2 or g.m2 <= 0 for g in groups):
        raise ValueError("each group needs two posts that differ")
    weights = np.array([g.n / g.variance for g in groups])
    means = np.array([g.mean for g in groups])
    ns = np.array([g.n for g in groups], dtype=float)
    k = len(groups)
    centre = (weights * means).sum() / weights.sum()
    spread = ((1 - weights / weights.sum()) ** 2 / (ns - 1)).sum()
    between = (weights * (means - centre) ** 2).sum() / (k - 1)
    statistic = float(between / (1 + 2 * (k - 2) / (k * k - 1) * spread))
    df = float((k * k - 1) / (3 * spread))
    return WelchAnova(
        statistic=statistic, df_between=k - 1, df_within=df, log_p=float(stats.f.logsf(statistic, k - 1, df))
    )
