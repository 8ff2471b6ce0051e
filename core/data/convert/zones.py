"""Time zones by name."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from postlens.core.contract.problems import nearest


def zone_hint(name: str) -> str | None:
    """None for a zone that exists; otherwise the names nearest to it."""
    try:
        ZoneInfo(name)  # All names are looked through only for a wrong one: that takes long.
    except (OSError, ValueError, KeyError):
        return nearest(name, sorted(available_timezones()))
    return None
