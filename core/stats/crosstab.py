"""Two categories against each other: whether they go together, how closely, and in which cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Association:
    """What a table of counts says.

    Attributes:
        chi2, df, log_p: Pearson's test of independence, without continuity correction.
        v: Cramér's V, 0 to 1; nan where a row or column is missing altogether.
        residuals: adjusted residual of each cell, a z score where rows and columns are independent.
    """

    chi2: float
    df: int
    log_p: float
    v: float
    residuals: NDArray[np.float64]

    @property
    def p(self) -> float:
        """The p-value; 0.0 where it is below the smallest float."""
        return math.exp(self.log_p)


def association(counts: NDArray[np.float64]) -> Association:
    """Pearson's chi-squared, Cramér's V and adjusted residuals of a table of counts.

    Args:
        counts: shape (rows, columns), how many posts are in each cell; empty rows and columns count for nothing.

    Raises:
        ValueError: fewer than two rows or two columns have posts.

    Source: Cramér (1946), Mathematical Methods of Statistics; Haberman (1973), Biometrics 29, 205-220.
    """
    from scipy import stats

    total = counts.sum()
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    r, c = int((rows > 0).sum()), int((columns > 0).sum())
    if min(r, c) < 2:
        raise ValueError("two rows and two columns need posts")
    expected = rows * columns / total
    with np.errstate(divide="ignore", invalid="ignore"):
        cells = np.where(expected > 0, np.square(counts - expected) / expected, 0.0)
        residuals = (counts - expected) / np.sqrt(expected * (1 - rows / total) * (1 - columns / total))
    chi2 = float(cells.sum())
    df = (r - 1) * (c - 1)
    return Association(
        chi2=chi2,
        df=df,
        log_p=float(stats.chi2.logsf(chi2, df)),
        v=math.sqrt(chi2 / total / (min(r, c) - 1)),
        residuals=residuals,
    )
