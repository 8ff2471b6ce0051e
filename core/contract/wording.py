"""Numbers as people write them, and the words for what a test found."""

from __future__ import annotations

import math
from collections.abc import Callable

from postlens.core.contract.blocks import State

__all__ = ["MATTERS", "State", "amount", "count", "interval", "number", "p_value", "percent", "ratio", "state"]

MATTERS = 1.2  # A difference below a fifth is rarely worth a change of plan.


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits, thousands as k, millions as M: 0.0123, 1.24, 12.3, 1.2k, 3.4M."""
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "unbounded"
    size = abs(value)
    for limit, divisor, suffix in ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if size >= limit:
            return f"{_significant(value / divisor, digits)}{suffix}"
    if size >= 1000:
        return f"{value:,.0f}"
    return _significant(value, digits)


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    if value == int(value) and abs(value) < 1000:
        return str(int(value))
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(decimals, 10)}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"


def count(value: int) -> str:
    """A whole number with thousands marks."""
    return f"{value:,}"


def percent(share: float | None) -> str:
    """A share (0 to 1) in percent."""
    if share is None or math.isnan(share):
        return "-"
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{share:.1%}".replace("%", " %").replace(".0 %", " %")


def amount(value: float | None, *, as_percent: bool) -> str:
    """A metric's value: three significant digits, in percent where the metric is a share: 0.579 %."""
    if not as_percent or value is None or not math.isfinite(value):
        return number(value)
    return f"{number(100 * value)} %"


def ratio(value: float) -> str:
    """A ratio as a factor: ×1.84."""
    if math.isinf(value):
        return "unbounded"
    return f"×{value:.2f}" if value < 100 else f"×{number(value)}"


def p_value(log_p: float) -> str:
    """A p-value from its natural logarithm, however small."""
    if log_p < -300 * math.log(10):
        return "p < 1e-300"
    p = math.exp(log_p)
    if p < 0.001:
        return f"p = {p:.1e}"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def interval(low: float, high: float, write: Callable[[float], str] = number) -> str:
    """Two ends of a 95 % interval."""
    if math.isinf(low) or math.isinf(high):
        return f"at most {write(high)}" if math.isinf(low) else f"at least {write(low)}"
    return f"{write(low)} to {write(high)}"


def state(
    log_p: float,
    low: float,
    high: float,
    *,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    matters: float = math.log(MATTERS),
) -> State:
    """Which of the three a difference is, from its p-value and two-sided 95 % interval on the log scale.

    Not significant but with an interval that excludes every difference worth acting on (in the direction asked
    about): chance explains it. Not significant with an interval that still includes one: nobody can tell yet.
    """
    if log_p <= math.log(alpha):
        return "likely real"
    excluded = (alternative == "less" or high < matters) and (alternative == "greater" or low > -matters)
    return "could be chance" if excluded else "too few posts to tell"
