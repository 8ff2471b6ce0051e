"""Margins of imitation posts: from a uniform number to a value, fitted to the values of the posts."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Family = Literal["log-normal", "negative binomial"]
FAMILIES: tuple[Family, ...] = ("log-normal", "negative binomial")
_GRID = 4096
Margin = Callable[[Matrix], Matrix]


def margin(column: Matrix, family: Family, *, log: bool) -> Margin:
    """The margin of a family for a metric on the scale; for values below 0 a normal and a skewed one."""
    counted = np.expm1(column) if log else column
    if (counted < -1e-9).any():
        return _normal(column) if family == "log-normal" else _skewed(column)
    zeros = float((counted < 0.5).mean()) if _whole(counted) else float((counted <= 0).mean())
    above = counted[counted >= 0.5] if _whole(counted) else counted[counted > 0]
    if len(above) < 5 or above.max() - above.min() < 1e-12:
        return _as_seen(column)
    if not _whole(counted):
        return _scaled(_lognormal(above, zeros, whole=False), log=log) if family == "log-normal" else _skewed(column)
    chosen = _lognormal(above, zeros, whole=True) if family == "log-normal" else _negative_binomial(above, zeros)
    return _scaled(chosen, log=log)


def _whole(counted: Matrix) -> bool:
    return bool((np.abs(counted - np.rint(counted)) < 1e-6 * np.maximum(counted, 1)).all())


def _scaled(margin: Margin, *, log: bool) -> Margin:
    return (lambda u: np.log1p(margin(u))) if log else margin


def _above(u: Matrix, zeros: float) -> tuple[NDArray[np.bool_], Matrix]:
    """Which draws are above zero, and their place among those."""
    positive = u > zeros
    return positive, np.clip((u[positive] - zeros) / max(1 - zeros, 1e-12), 1e-12, 1 - 1e-12)


def _lognormal(above: Matrix, zeros: float, *, whole: bool) -> Margin:
    logs = np.log1p(above)
    mean, sd = float(logs.mean()), float(logs.std(ddof=1))

    def draw(u: Matrix) -> Matrix:
        from scipy.special import ndtri

        positive, place = _above(u, zeros)
        values = np.expm1(mean + sd * ndtri(place))
        made = np.zeros(len(u))
        made[positive] = np.maximum(np.rint(values), 1) if whole else np.maximum(values, 0)
        return made

    return draw


def _negative_binomial(above: Matrix, zeros: float) -> Margin:
    """1 + a negative binomial, by moments. Large counts are drawn from the gamma it tends to."""
    rest = above - 1
    mean, variance = float(rest.mean()), float(rest.var(ddof=1))
    shape = mean * mean / (variance - mean) if variance > mean else 1e8
    shape = min(max(shape, 1e-3), 1e8)

    @functools.cache
    def table() -> Matrix:
        from scipy import stats

        most = int(max(rest.max() * 3 + 50, 50))
        shares: Matrix = stats.nbinom.cdf(np.arange(min(most, 60_000)), shape, shape / (shape + max(mean, 1e-9)))
        return shares

    def draw(u: Matrix) -> Matrix:
        from scipy import stats

        positive, place = _above(u, zeros)
        made = np.zeros(len(u))
        if mean > 500:
            made[positive] = 1 + np.rint(stats.gamma.ppf(place, shape, scale=max(mean, 1e-9) / shape))
        else:
            made[positive] = 1 + np.searchsorted(table(), place)
        return made

    return draw


def by_account(column: Matrix, accounts: NDArray[np.int64]) -> Margin:
    """The values of each post's own account, in other company; posts come in the order of the sample, over and over."""
    values = [np.sort(column[accounts == a]) for a in range(int(accounts.max()) + 1)]

    def draw(u: Matrix) -> Matrix:
        whose = np.resize(accounts, len(u))
        made = np.zeros(len(u))
        for a, own in enumerate(values):
            mine = whose == a
            made[mine] = own[np.minimum((u[mine] * len(own)).astype(np.int64), len(own) - 1)]
        return made

    return draw


def _normal(column: Matrix) -> Margin:
    mean, sd = float(column.mean()), float(column.std())

    def draw(u: Matrix) -> Matrix:
        from scipy.special import ndtri

        made: Matrix = mean + sd * ndtri(u)
        return made

    return draw


def _skewed(column: Matrix) -> Margin:
    """A shifted gamma with the mean, spread and skewness of the posts (Pearson's type III)."""
    from scipy import stats

    mean, sd = float(column.mean()), float(column.std())
    third = float(((column - mean) ** 3).mean()) / max(sd, 1e-12) ** 3
    skew = min(max(abs(third), 1e-3), 6.0)
    shape = 4 / skew**2
    places = (np.arange(_GRID) + 0.5) / _GRID
    values = mean + sd * math.copysign(1.0, third) * (stats.gamma.ppf(places, shape) - shape) / math.sqrt(shape)
    ordered = np.sort(values)
    return lambda u: np.interp(u, places, ordered)


def _as_seen(column: Matrix) -> Margin:
    """The values of the posts themselves, in other company: never a sign of groups that is not there."""
    ordered = np.sort(column)
    return lambda u: ordered[np.minimum((u * len(ordered)).astype(np.int64), len(ordered) - 1)]
