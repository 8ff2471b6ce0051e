"""A table of moments as a calendar that phones and calendar programs read."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import polars as pl

from postlens.app.blocks.cells import moments_of

ENDING, MIMETYPE = "ics", "text/calendar"
_LONG = 73  # Octets of a line; longer ones are folded.


def ics_bytes(rows: pl.DataFrame, title: str) -> bytes:
    """An event of half an hour for each row; what else the row says is its name.

    The same row is the same event, so that a calendar read again has nothing twice.

    Source: RFC 5545.
    """
    at = moments_of(rows)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Postlens//EN", f"X-WR-CALNAME:{_escaped(title)}"]
    for row in rows.iter_rows(named=True):
        moment = row[at] if at else None
        if moment is None:
            continue
        said = ", ".join(f"{name}: {value}" for name, value in row.items() if name != at and value is not None)
        stamp = _utc(moment)
        sign = hashlib.sha256(f"{stamp}{said}".encode()).hexdigest()[:24]
        lines += ["BEGIN:VEVENT", f"UID:{sign}@postlens", f"DTSTAMP:{stamp}", f"DTSTART:{stamp}", "DURATION:PT30M"]
        lines += [f"SUMMARY:{_escaped(said)}", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _folded(line: str) -> str:
    """Lines of at most 75 octets, none broken within a character."""
    parts, part = [], ""
    for sign in line:
        if len((part + sign).encode()) > _LONG:
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])
