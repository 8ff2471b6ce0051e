"""Luck that lasts longer than a period: a story told in parts, a series, a format that is liked for some weeks.

Then neighbouring periods err alike, and an error taken from how periods differ is too small. It is looked for in the products of
neighbours, which are zero on average where luck does not last; only where they stand out is the error that of longer periods,
because these are few and cost power.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from postlens.core.stats.sums import Numbers, Values
from postlens.core.stats.time import MIN_DF, dense, satterthwaite

# Days of the longer periods, and by how many standard errors neighbours within them have to err alike: the fewer they are, the more
# a needless one costs. Measured on luck that lasts 1 to 21 days and on independent posts; see docs/validation.md.
LONGER = ((7, 1.3), (14, 2.0), (28, 2.5))
_TINY = 1e-9


def by_longer(start: Numbers, score: Values, share: Values, unit: int) -> Iterator[tuple[float, float]]:
    """CR2 sums of squares over longer periods in which neighbours err alike, each with its degrees of freedom.

    Args:
        start: first day of each period, counted from a Monday.
        score: sum over each period of what its posts add to the estimate times its information.
        share: of the information that each period has.
        unit: days of a period; 0 where posts have no dates.
    """
    for days, errors in LONGER:
        if not 0 < unit < days:
            continue
        longer = dense(start // days)
        together, squares, fourth = (np.bincount(longer, score**power) for power in (1, 2, 4))
        alike = float((together**2 - squares).sum())
        by_luck = float(2 * (squares**2 - fourth).sum())
        if alike <= 0 or alike**2 <= errors**2 * max(by_luck, 0.0):
            continue
        part = np.bincount(longer, share).astype(np.float64)
        df = satterthwaite(part)
        if df >= MIN_DF:
            yield float((together**2 / np.maximum(1 - part, _TINY)).sum()), df
