"""How a value of a table is written for people."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from postlens.core.contract import wording


def cell(value: object, style: str | None = None) -> str:
    """One cell as text; missing is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if not isinstance(value, int | float):
        return str(value)
    return _number(value, style)


def _number(value: float, style: str | None) -> str:
    match style:
        case "percent":
            return wording.percent(value)
        case "ratio":
            return wording.ratio(value)
        case "p":
            return "< 0.001" if value < 0.001 else f"{value:.3f}"
        case "integer":
            return f"{value:,.0f}"
        case "seconds":
            return f"{value:.2f} s"
        case _:
            return f"{value:,}" if isinstance(value, int) else wording.number(value)


def moments_of(rows: pl.DataFrame) -> str | None:
    """The first column of moments with a zone; None where there is none."""
    return next((n for n, t in rows.schema.items() if isinstance(t, pl.Datetime) and t.time_zone), None)
