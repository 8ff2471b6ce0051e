"""What a typical post of a group has: its average on the scale, with an interval that allows for accounts and time."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from postlens.core.stats.cells import Cells
from postlens.core.stats.t import t_quantile
from postlens.core.stats.time import Numbers, clustered_variance, dense, leverage

_WEEK = 7
_WIDEST = math.log(30)  # On either side.


@dataclass(frozen=True, kw_only=True)
class Typical:
    """A mean on the scale.

    `low`, `high`: 95 % interval; infinite where too few accounts or weeks tell how it varies, and beyond thirty times either way.
    """

    posts: int
    accounts: int
    mean: float
    low: float
    high: float


def typical(cells: Cells, levels: Collection[str]) -> Typical:
    """The mean of the posts of some levels; its error clustered by account, by week, and by text posted again, whichever reaches farther.

    Posts of one account are alike, so 24 accounts tell about as much as 24 numbers do, however many posts they have.

    Source: Bell and McCaffrey (2002), Surv. Methodol. 28, 169-181, for a mean.
    """
    part = cells.kept(np.isin(cells.level, cells.numbers(sorted(levels))))
    n = part.n
    total = float(n.sum())
    mean = float((n * part.mean).sum() / total)
    spread = float(((n * (part.mean - mean) ** 2) + part.m2).sum())
    reach = 0.0
    for cluster in _clusters(part):
        lever = leverage(np.ones(len(n)), total, n, cluster)
        if lever.df < 1:
            reach = math.inf
            break
        variance = clustered_variance(lever, np.ones(len(n)), total, n, part.mean - mean)
        reach = max(reach, t_quantile(0.975, lever.df) * math.sqrt(variance))
    if total < 2:
        reach = math.inf
    else:  # Never closer than independent posts would allow.
        reach = max(reach, t_quantile(0.975, total - 1) * math.sqrt(spread / (total - 1) / total))
    if cells.scale == "log" and reach > _WIDEST:  # An interval over powers of ten says nothing.
        reach = math.inf
    accounts = len(np.unique(part.account)) if len(cells.accounts) > 1 else 0
    return Typical(posts=int(total), accounts=accounts, mean=mean, low=mean - reach, high=mean + reach)


def _clusters(part: Cells) -> list[Numbers]:
    found: list[Numbers] = []
    if len(np.unique(part.account)) > 1:
        found.append(dense(part.account))
    if part.day is not None and len(np.unique(part.day // _WEEK)) > 1:
        found.append(dense(part.day // _WEEK))
    if part.piece is not None and len(np.unique(part.piece)) > 1:
        found.append(dense(part.piece))
    return found
