"""What changes are usual from one period to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence

_FEWEST = 8  # Earlier changes, or nobody can say what is usual.


def usual_change(changes: Sequence[float], alone: float) -> tuple[float | None, float | None]:
    """Between what the next change lies in 95 of 100 cases if nothing changes, as shares; None with too little history.

    Args:
        changes: earlier changes from a period to the next, as logarithms; they may overlap.
        alone: how many of them would stand alone.

    Changes of overlapping periods are not independent: their spread counts as that of as many as stand alone, in a t
    prediction interval around no change.
    """
    from scipy import stats as scipy_stats

    if len(changes) < _FEWEST or alone < 2:
        return None, None
    spread = math.sqrt(sum(c * c for c in changes) / len(changes))
    reach = float(scipy_stats.t.ppf(0.975, max(alone, 2.0))) * spread
    return math.expm1(-reach), math.expm1(reach)
