"""Time zones by name."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, available_timezones

from postlens.core.contract.problems import nearest


def zone_hint(name: str) -> str | None:
    """None for a zone that exists; otherwise the names nearest to it."""
    try:
        ZoneInfo(name)  # All names are looked through only for a wrong one: that takes long.
    except (OSError, ValueError, KeyError):
        return nearest(name, sorted(available_timezones()))
    return None


_HALVES = {"+3:30": "Asia/Tehran", "+4:30": "Asia/Kabul", "+5:30": "Asia/Kolkata", "+5:45": "Asia/Kathmandu"}
_HALVES |= {"+6:30": "Asia/Yangon", "+9:30": "Australia/Darwin"}


def fixed_zone(sign: str, hours: int, minutes: int = 0) -> str:
    """The zone that is always so far from UTC; empty where none is known."""
    if minutes:
        return _HALVES.get(f"{sign}{hours}:{minutes:02d}", "")
    if not hours:
        return "UTC"
    name = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"  # POSIX counts the other way.
    return name if zone_hint(name) is None else ""


def zone_words(name: str) -> str:
    """A zone as people read it: those at a fixed distance by that."""
    fixed = re.fullmatch(r"Etc/GMT([+-])(\d+)", name)
    return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}" if fixed else name
