"""Numbers as people write them, and the words for what a test found."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

__all__ = ["MATTERS", "amount", "count", "counted", "interval", "number", "p_value", "percent", "ratio"]

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


def counted(number_: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 post, 2,400 posts."""
    return f"{number_:,} {one if number_ == 1 else many or one + 's'}"


_NAMES = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Fri": "Friday",
    "Sat": "Saturday",
    "Sun": "Sunday",
    "short": "Reel or Short",
}
_NETWORKS = {
    "x": "X",
    "tiktok": "TikTok",
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "threads": "Threads",
    "pinterest": "Pinterest",
    "reddit": "Reddit",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "telegram": "Telegram",
    "vk": "VK",
    "weibo": "Weibo",
    "snapchat": "Snapchat",
    "tumblr": "Tumblr",
    "bilibili": "Bilibili",
    "douyin": "Douyin",
    "xiaohongshu": "Xiaohongshu",
}


def name_of(level: str) -> str:
    """A value as people write it: weekdays in full, networks by their names, the rest as it is."""
    return _NAMES.get(level, network_name(level))


def network_name(level: str) -> str:
    """A network as it writes itself; any other value as it is."""
    return _NETWORKS.get(level, level)


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names in a sentence: `week`, `week and weekday`, `week, weekday and hour`."""
    *before, end = names
    return f"{', '.join(before)} {last} {end}" if before else end
