"""Tables for spreadsheets, with text that a spreadsheet would execute made harmless."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

# A cell that begins like a formula. "@handle" is text; "@SUM(" is a formula.
_FORMULA = r"^[=\t\r]|^[+\-](?:[^\d\s.,]|\d[^\s]*[^\d.,%\s])|^@\w+\("


def harmless(table: pl.LazyFrame) -> pl.LazyFrame:
    """The table with an apostrophe before every text that a spreadsheet would take for a formula."""
    text = [name for name, dtype in table.collect_schema().items() if dtype == pl.String]
    return table.with_columns(
        pl.when(pl.col(name).str.contains(_FORMULA))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in text
    )


def csv_bytes(table: pl.DataFrame) -> bytes:
    """A table as CSV for spreadsheets: UTF-8 with a byte-order mark, formulas made harmless."""
    buffer = io.BytesIO()
    harmless(table.lazy()).collect().write_csv(buffer, include_bom=True)
    return buffer.getvalue()


def write_table(table: pl.LazyFrame | pl.DataFrame, path: Path) -> None:
    """Write a table as CSV (harmless) or Parquet (as it is), by the file's ending; streams where the table is lazy."""
    lazy = table.lazy()
    if path.suffix == ".parquet":
        lazy.sink_parquet(path)
    else:
        harmless(lazy).sink_csv(path)
