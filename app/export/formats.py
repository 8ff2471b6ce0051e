"""The formats a table can be taken along in. A format is a row here; links, downloads and the command line read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from postlens.app.export import spreadsheet


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format.

    Attributes:
        mimetype: as browsers call it.
        write: a table and its title as the content of a file.
        sink: writes a table of any length piece by piece; None where that cannot be done.
        archived: stands beside each table in the download of everything.
    """

    mimetype: str
    write: Callable[[pl.DataFrame, str], bytes]
    sink: Callable[[pl.LazyFrame, Path], None] | None = None
    archived: bool = True

    def save(self, table: pl.LazyFrame, title: str, path: Path) -> None:
        """Write a table into a file."""
        if self.sink is not None:
            self.sink(table, path)
        else:
            path.write_bytes(self.write(table.collect(), title))


FORMATS = {
    "csv": Format(mimetype="text/csv", write=spreadsheet.csv_bytes, sink=spreadsheet.sink_csv),
    "xlsx": Format(
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write=spreadsheet.xlsx_bytes
    ),
    "parquet": Format(
        mimetype="application/vnd.apache.parquet",
        write=spreadsheet.parquet_bytes,
        sink=spreadsheet.sink_parquet,
        archived=False,
    ),
}
SINKS = {ending: kind.sink for ending, kind in FORMATS.items() if kind.sink is not None}
