"""Quantiles of Student's t without SciPy, so that pages that only draw intervals stay light."""

from __future__ import annotations

import math
from statistics import NormalDist


def t_quantile(probability: float, df: float) -> float:
    """The value a t variable with `df` degrees of freedom stays below with this probability (0 to 1).

    Accurate to 1e-4 relative for df of 3 and more, exact for 1 and 2.

    Source: Hill (1970), Algorithm 396, Commun. ACM 13, 619-620.
    """
    if not 0 < probability < 1 or df < 1:
        return math.nan
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    tail = 2 * (1 - probability)
    if df == 1:
        return math.tan(math.pi * (probability - 0.5))
    if df == 2:
        return math.sqrt(2 / (tail * (2 - tail)) - 2)
    return _hill(tail, df)


def _hill(tail: float, df: float) -> float:
    a = 1 / (df - 0.5)
    b = 48 / (a * a)
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * df
    y = (d * tail) ** (2 / df)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(tail / 2)
        y = x * x
        if df < 5:
            c += 0.3 * (df - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        return math.sqrt(df * math.expm1(a * y * y))
    y = ((1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) * (df + 2) * 3) + 0.5 / (df + 4)) * y - 1) * (df + 1) / (
        df + 2
    ) + 1 / y
    return math.sqrt(df * y)


def half_width(sd: float, n: int, confidence: float = 0.95) -> float:
    """Half the width of the interval for a mean of `n` values; infinite for fewer than two."""
    if n < 2:
        return math.inf
    return t_quantile((1 + confidence) / 2, n - 1) * sd / math.sqrt(n)
