"""Tables for spreadsheets, with text that a spreadsheet would execute made escape_formulas."""

from __future__ import annotations

import io
import re
from pathlib import Path

import polars as pl

SHEET_ROWS = 200_000  # A sheet could hold five times as many; writing them takes gigabytes.
AUTOFIT = 5_000  # Measuring every cell of a long table takes longer than writing it.
# A cell that begins like a formula, also after blanks and in the full-width signs that some spreadsheets take for it.
# "@handle" is text, "@SUM(", "@A1" and "@cmd|" are formulas; "-20 %" and "+44 20 7946" are numbers.
_SIGN = r"[=\u{FF1D}+\-\u{FF0B}\u{FF0D}]"
_AT = r"[@\u{FF20}]\s*(?:[\w.]+\s*[(|!]|[A-Za-z]{1,3}\d+\b)"
_FORMULA = rf"^[\t\r\n\x0b\x0c\x1c-\x1f]|^[\s\x00-\x1f]*{_SIGN}|^[\s\x00-\x1f]*{_AT}"
# Where the semicolon or the tab separates columns, what follows one begins a cell; a new line begins a row.
_ACTS = r"[+\-\u{FF0B}\u{FF0D}][ \t]*[\w.$'\x22(]+[ \t]*[(|!+*/&^=\-]"
_INNER = rf"([;\t][\s\x00-\x1f\x22]*)(=|\u{{FF1D}}|{_AT}|{_ACTS})"
_SIGNED = r"((?:[^\s][;\t]|^;)[\s\x00-\x1f\x22]*)([+\-\u{FF0B}\u{FF0D}]\s*[A-Za-z(\x22])"  # " ;-)" is no cell.
_ROW = rf"([\r\n][\s\x00-\x1f\x22]*)(=|\u{{FF1D}}|{_AT}|{_ACTS})"  # "- a line of a list" is text.
_BLANK = r"[\s\x00-\x1f]"
_NUMBER = r"^[+\-][\d\s.,%()/-]*$"


def escape_formulas(table: pl.LazyFrame) -> pl.LazyFrame:
    """The table with an apostrophe before every text that a spreadsheet would take for a formula."""
    schema = table.collect_schema()
    text = [name for name, dtype in schema.items() if dtype in {pl.String, pl.Categorical, pl.Enum}]
    safe = table.with_columns(_escaped(pl.col(name).cast(pl.String)).alias(name) for name in text)
    return safe.rename({name: safe_name(name) for name in schema if safe_name(name) != name})


def _escaped(text: pl.Expr) -> pl.Expr:
    acts = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    lead, rest = text.str.extract(rf"^({_BLANK}*)"), text.str.replace(rf"^{_BLANK}*", "")
    inner = lead + rest.str.replace_all(_SIGNED, "$1'$2").str.replace_all(_INNER, "$1'$2").str.replace_all(
        _ROW, "$1'$2"
    )
    return pl.when(acts).then(pl.lit("'") + inner).otherwise(inner)


def safe_name(name: str) -> str:
    """A header as a spreadsheet takes it for text."""
    return str(pl.select(_escaped(pl.lit(name))).item())


def csv_bytes(table: pl.DataFrame, _title: str = "") -> bytes:
    """A table as CSV for spreadsheets: UTF-8 with a byte-order mark, formulas made escape_formulas."""
    buffer = io.BytesIO()
    escape_formulas(table.lazy()).collect().write_csv(buffer, include_bom=True)
    return buffer.getvalue()


def xlsx_bytes(table: pl.DataFrame, title: str) -> bytes:
    """A table as a spreadsheet with real types; text stays text, whatever it looks like.

    A sheet gets `SHEET_ROWS` rows; a second sheet says so where there are more.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, options) as book:
        flat = _for_a_sheet(table).head(SHEET_ROWS)
        flat.write_excel(book, worksheet=_sheet_name(title), autofit=flat.height < AUTOFIT, freeze_panes=(1, 0))
        if table.height > SHEET_ROWS:
            note = f"This sheet has the first {SHEET_ROWS:,} rows; the table has {table.height:,}. The CSV and Parquet files have all."
            book.add_worksheet("Cut off").write_string(0, 0, note)
    return buffer.getvalue()


def _for_a_sheet(table: pl.DataFrame) -> pl.DataFrame:
    """What a spreadsheet cannot hold as it is: zoned times, infinities, numbers beyond 15 digits."""
    changes = []
    for name, dtype in table.schema.items():
        if isinstance(dtype, pl.Datetime) and dtype.time_zone:
            changes.append(pl.col(name).dt.replace_time_zone(None))
        elif dtype.is_float():
            changes.append(pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name))
        elif dtype == pl.UInt64 or (dtype == pl.Int64 and _long(table[name])):
            changes.append(pl.col(name).cast(pl.String))
    return table.with_columns(changes).rename(_once(table.columns))


def _long(numbers: pl.Series) -> bool:
    """Whether any has more digits than a sheet's numbers keep."""
    return bool((numbers.abs() > 10**15).any())


def _once(names: list[str]) -> dict[str, str]:
    """Names of a sheet's columns, which may not differ in case alone."""
    seen: set[str] = set()
    renamed = {}
    for name in names:
        made, number = name, 2
        while made.lower() in seen:
            made, number = f"{name} {number}", number + 1
        seen.add(made.lower())
        renamed[name] = made
    return renamed


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Table"


def parquet_bytes(table: pl.DataFrame, _title: str = "") -> bytes:
    """A table as it is, for programs."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def file_name(*parts: str) -> str:
    """A file name of some words: letters, digits, - and _ alone, whatever the words were."""
    words = [re.sub(r"[^\w-]+", "_", part, flags=re.UNICODE).strip("_")[:60] for part in parts]
    return "_".join(word for word in words if word) or "postlens"


def sink_csv(table: pl.LazyFrame, path: Path) -> None:
    """Write a table of any length as `csv_bytes` does."""
    escape_formulas(table).sink_csv(path, include_bom=True)


def sink_parquet(table: pl.LazyFrame, path: Path) -> None:
    """Write a table of any length as it is."""
    table.sink_parquet(path)
