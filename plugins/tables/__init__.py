"""Tables: CSV, spreadsheets, JSON and Parquet, read through the same door as any other format."""

from __future__ import annotations

from collections.abc import Sequence

from postlens import Reader, hookimpl, readers


@hookimpl
def postlens_readers() -> Sequence[Reader]:
    """The readers of plain tables."""
    return readers.TABLES
