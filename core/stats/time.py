"""Posts of one account are not independent in time: periods in which they are compared, and by which errors are clustered.

A cell is account x day x quarter of the day x level, with n, mean and M2 of the metric. Levels wander over weeks, types come
and go, campaigns lift some days; so posts are compared within the same account and period, weekday and hour allowed for,
and the error is taken from how periods differ, not from how posts do. How long a period is follows from when the groups were
posted alone, never from the metric, so that choosing it costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats.sums import Sums, sums_over
from postlens.core.stats.t import t_quantile

Values = NDArray[np.float64]
Numbers = NDArray[np.int64]

UNITS = (
    1,
    2,
    3,
    4,
    7,
    14,
    28,
    84,
)  # Days of a period: short ones, because a campaign may last for days; then whole weeks.
MIN_PERIODS, MIN_DF = 5.0, 4.0
_SLACK = 1.1  # A shorter period is taken while it reaches nearly as far: it allows for more.
_TINY = 1e-9
_ALL = 1 - 1e-6
_SPARSE = 4


def dense(keys: NDArray[np.generic]) -> Numbers:
    """Each value's number among the different values, from 0."""
    if len(keys) and keys.dtype.kind == "i" and keys.min() >= 0 and keys.max() < _SPARSE * len(keys):
        there = np.bincount(keys.astype(np.int64)) > 0  # Counting is ten times as fast as sorting.
        return keys.astype(np.int64) if there.all() else (np.cumsum(there) - 1)[keys.astype(np.int64)]
    numbers: Numbers = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    return numbers


@dataclass(frozen=True)
class Strata:
    """Cells compared within account and period, with what is adjusted for taken out.

    Attributes:
        unit: days of a period; 0 where posts have no dates.
        period: each cell's period, common to accounts. start: the first day of each period.
        stratum: each cell's account and period.
        weight: posts of each cell.
        basis: what is adjusted for, within strata and orthonormal, shape (cells, columns).
        sums: over strata. periods: over periods. total: posts of each stratum.
    """

    unit: int
    period: Numbers
    start: Numbers
    stratum: Numbers
    weight: Values
    basis: Values
    sums: Sums
    periods: Sums
    total: Values

    def inside(self, values: Values) -> Values:
        """What strata leave of some values."""
        return _demeaned(values, self.sums, self.weight, self.total)

    def residual(self, values: Values) -> Values:
        """What strata and adjustment leave of some values."""
        return self.adjusted(self.inside(values))

    def adjusted(self, inner: Values) -> Values:
        """What the adjustment leaves of values inside strata."""
        return inner - self.basis @ (self.basis.T @ (self.weight * inner)) if self.basis.shape[1] else inner

    @property
    def count(self) -> int:
        """How many strata there are."""
        return self.sums.count


def strata(account: Numbers, day: Numbers, weight: Values, adjusted: Values, unit: int) -> Strata:
    """Cells within account and period of some days; `unit` 0 for accounts alone.

    Args:
        account: each cell's account, from 0.
        day: days since a Monday.
        weight: posts.
        adjusted: columns to allow for, shape (cells, columns).
        unit: days of a period.
    """
    period = dense(day // unit) if unit else np.zeros(len(day), np.int64)
    start = first_days(day, period, unit)
    stratum = dense(account * (period.max() + 1) + period)
    sums = sums_over(stratum)
    total = sums.sum(weight)
    basis = _orthonormal(adjusted, sums, weight, total)
    return Strata(unit, period, start, stratum, weight, basis, sums, sums_over(period), total)


def first_days(day: Numbers, period: Numbers, unit: int) -> Numbers:
    """The first day of each period of so many days, which are numbered from 0."""
    start = np.zeros(int(period.max(initial=-1)) + 1, np.int64)
    start[period] = day // unit * unit if unit else 0
    return start


def _demeaned(values: Values, sums: Sums, weight: Values, total: Values) -> Values:
    return values - sums.spread(sums.sum(weight * values) / total)


def _orthonormal(columns: Values, sums: Sums, weight: Values, total: Values) -> Values:
    if not columns.shape[1]:
        return columns
    inner = np.column_stack([_demeaned(c, sums, weight, total) for c in columns.T])
    values, vectors = np.linalg.eigh((inner * weight[:, None]).T @ inner)
    kept = values > 1e-8 * weight.sum()
    basis: Values = inner @ (vectors[:, kept] / np.sqrt(values[kept]))
    return basis


@dataclass(frozen=True)
class Leverage:
    """How the information about a difference lies over clusters, and what that leaves to judge it by.

    Attributes:
        cluster: each cell's cluster. sums: over them.
        share: each cluster's share of the information.
        df: Satterthwaite's degrees of freedom of the CR2 variance under equal independent errors.
        clusters: the effective number of clusters, 1 / sum of squared shares.
    """

    cluster: Numbers
    share: Values
    df: float
    clusters: float
    sums: Sums


def leverage(left: Values, info: float, weight: Values, cluster: Numbers) -> Leverage:
    """As `leverage_over`, for clusters of any numbers."""
    return leverage_over(left, info, weight, sums_over(dense(cluster)))


def leverage_over(left: Values, info: float, weight: Values, sums: Sums) -> Leverage:
    """For one regressor with all others taken out, CR2 and its degrees of freedom have closed forms.

    Source: Bell and McCaffrey (2002), Surv. Methodol. 28, 169-181; Pustejovsky and Tipton (2018), J. Bus. Econ. Stat. 36.
    """
    of, share = sums.of, sums.sum(weight * left * left) / info
    if share.max() > _ALL:
        return Leverage(of, share, 0.0, 1.0, sums)
    return Leverage(of, share, satterthwaite(share), float(1 / (share * share).sum()), sums)


def satterthwaite(share: Values) -> float:
    """Degrees of freedom of the CR2 variance of one regressor, from each cluster's share of its information; 0 where one has all."""
    if share.max() > _ALL:
        return 0.0
    d, r = share / (1 - share), share * share / (1 - share)
    return 1 / float((d * d).sum() - 2 * (d * r).sum() + r.sum() ** 2)


def clustered_variance(lever: Leverage, left: Values, info: float, weight: Values, residual: Values) -> float:
    """The CR2 variance of the estimate."""
    score = lever.sums.sum(weight * left * residual)
    return float((score * score / np.maximum(1 - lever.share, _TINY)).sum() / info**2)


@dataclass(frozen=True)
class Design:
    """Where and when a group was posted among the others, within strata: everything but the metric.

    Attributes:
        left: what each post's metric counts for: `mark`, or what `following` makes of it. info: sum of left x mark.
        mark: 1 for the group and 0 for others, with strata and adjustment taken out. inner: with the strata alone taken out.
    """

    strata: Strata
    left: Values
    info: float
    lever: Leverage
    inner: Values
    mark: Values


def design(inside: Strata, group: Values) -> Design | None:
    """The pattern of a group (1 for its cells, 0 for others) within strata; None where no stratum has both."""
    inner = inside.inside(group)
    left = inside.adjusted(inner)
    info = float((inside.weight * left * left).sum())
    if info < 0.5 or info < 1e-6 * inside.weight.sum():
        return None
    return Design(
        inside,
        left,
        info,
        leverage_over(left, info, inside.weight, inside.periods),
        inner,
        left,
    )


def choose(every: Iterator[Strata] | list[Strata], group: Values, most: float) -> Design | None:
    """The shortest period that reaches nearly as far as the best, among those that can be judged.

    How far one reaches is the smallest difference it could detect, up to the spread of posts: (t.975 + t.80) / sqrt(info). A
    period can be judged where five or more carry the information and at least 4 degrees of freedom are left.

    Args:
        every: strata of periods of rising length.
        group: 1 for the cells of the group, 0 for the others.
        most: the information within accounts alone, which no period exceeds.
    """
    found: list[tuple[float, Design]] = []
    for inside in every:
        made = design(inside, group)
        if made is None or made.lever.df < MIN_DF or made.lever.clusters < MIN_PERIODS:
            continue
        quantiles = t_quantile(0.975, made.lever.df) + t_quantile(0.8, made.lever.df)
        found.append((quantiles / np.sqrt(made.info), made))
        if found[-1][0] <= _SLACK * 2.8 / np.sqrt(most):
            break
    if not found:
        return None
    best = min(reach for reach, _ in found)
    return next(made for reach, made in found if reach <= best * _SLACK)
