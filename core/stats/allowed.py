"""What a comparison allows for beside account and period, as columns of numbers: never what is compared.

Days are busy or quiet for all kinds of posts, and posts of a busy day share its attention: types that come in heaps, or at events,
would get the blame or the credit. A weekend's day has hours of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats.cells import Cells
from postlens.core.stats.effect import FEW_ACCOUNTS
from postlens.core.stats.sums import Values
from postlens.core.stats.time import dense

CLOCKS = frozenset({"weekday", "hour"})
_SATURDAY = 5


@dataclass(frozen=True)
class Allowed:
    """Columns to allow for, each of shape (cells, columns).

    Attributes:
        clock: weekday, quarter of the day, the quarters of weekends, and a further grouping.
        company: the logarithm of the account's posts of that day. A success may bring on further posts, so that what follows
            success must not be judged with it.
    """

    clock: Values
    company: Values

    def kept(self, keep: NDArray[np.bool_]) -> Allowed:
        """Those of some cells."""
        return Allowed(self.clock[keep], self.company[keep])

    @property
    def all(self) -> Values:
        """Both side by side."""
        return np.column_stack([self.clock, self.company])


def allowed(cells: Cells, by: str) -> Allowed:
    """What a comparison by some grouping allows for. Up to twelve accounts have patterns of their own."""
    nothing = np.zeros((len(cells.n), 0))
    clock = [_own(cells, marks) for marks in _clock(cells, by)]
    if cells.other is not None:
        clock.append(np.eye(int(cells.other.max()) + 1)[:, 1:][cells.other])
    company = nothing if cells.day is None or by in CLOCKS else _own(cells, _company(cells, cells.day))
    return Allowed(_used(np.column_stack([nothing, *clock])), _used(company))


def same_as_clock(cells: Cells, one: NDArray[np.bool_]) -> Literal["", "weekday", "hour"]:
    """What of the clock says of each post, within its account, whether it is of a group: then nothing tells the two apart."""
    if cells.day is None:
        return ""
    for name, part in (("weekday", cells.day % 7), ("hour", cells.band)):
        of_part = dense(cells.account * 7 + part)
        marked, all_of_it = np.bincount(of_part, one), np.bincount(of_part)
        if bool(((marked == 0) | (marked == all_of_it)).all()):
            return name  # type: ignore[return-value]
    return ""


def _clock(cells: Cells, by: str) -> Iterator[Values]:
    if cells.day is None:
        return
    weekday = cells.day % 7
    quarters = np.eye(4)[:, 1:][cells.band]
    if by != "weekday":
        yield np.eye(7)[:, 1:][weekday]
    if by != "hour":
        yield quarters
    if by not in CLOCKS:
        yield quarters * (weekday >= _SATURDAY)[:, None]


def _company(cells: Cells, day: NDArray[np.int64]) -> Values:
    of_day = dense(cells.account * (int(day.max(initial=0)) + 1) + day)
    return np.log(np.bincount(of_day, cells.n))[of_day][:, None]


def _own(cells: Cells, marks: Values) -> Values:
    """The columns for each account apart, where there are few."""
    accounts = len(cells.accounts)
    if not 1 < accounts <= FEW_ACCOUNTS:
        return marks
    return np.column_stack([marks * (cells.account == a)[:, None] for a in range(accounts)])


def _used(columns: Values) -> Values:
    return columns[:, np.abs(columns).sum(axis=0) > 0]
