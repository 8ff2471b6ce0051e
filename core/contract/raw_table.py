"""Files as tables of text: every value as written, every row with its number in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from postlens.core.contract.problems import fail

ROW = "_row"
_PLACE = "_place"
MAX_NAME = 300  # Characters of a column's name.


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Rows that did not become posts, with the reason and the first few row numbers."""

    reason: str
    rows: int
    examples: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A file's table before any value is interpreted.

    Attributes:
        name: file name, for the report.
        lazy: text columns in file order, and `_row`: the row number a spreadsheet shows. A large file's are on disk.
        height: how many rows it has.
        reading: how the file was read: encoding, separator, sheet, preamble.
        rows: data rows in the file, the refused ones included.
        refused: rows that do not fit the table.
        letters: header to spreadsheet column letter.
        above: the lines above the names of the columns, as written.
        decimal: the decimal mark where values were numbers in the file, not text; None for text.
        rows_of: header to the column with the row numbers of its values, where that is not `_row`.
        held: what must live as long as `lazy` is used, such as a folder that is removed afterwards.
    """

    name: str
    lazy: pl.LazyFrame
    height: int
    reading: tuple[str, ...]
    rows: int
    refused: tuple[Refused, ...] = ()
    letters: dict[str, str] = field(default_factory=dict)
    above: str = ""
    decimal: Literal["point", "comma"] | None = None
    rows_of: dict[str, str] = field(default_factory=dict)
    held: object = None

    @property
    def frame(self) -> pl.DataFrame:
        """The whole table, in memory."""
        return self.lazy.collect()

    @property
    def headers(self) -> list[str]:
        """The names of the columns in order, without row numbers."""
        return [name for name in self.lazy.collect_schema().names() if not name.startswith(ROW)]

    def column(self, header: str) -> pl.Series:
        """The values of a column as written."""
        return self.lazy.select(header).collect().to_series()

    def words(self, header: str) -> pl.Series:
        """The values of a column without blanks around them; null where nothing is left."""
        return self.lazy.select(words(header)).collect().to_series()

    def without(self, places: pl.Series) -> RawTable:
        """The table without some rows, by their position from 0."""
        if not len(places):
            return self
        gone = pl.col(_PLACE).is_in(places.cast(pl.UInt32).implode())
        kept = self.lazy.with_row_index(_PLACE).filter(~gone).drop(_PLACE)
        if self.held is None:
            kept = kept.collect().lazy()
        return replace(self, lazy=kept, height=self.height - len(places))


def words(header: str) -> pl.Expr:
    """A column of text without blanks around its values; null where nothing is left."""
    text = pl.col(header).str.strip_chars()
    return pl.when(text != "").then(text).alias(header)


def raw_table(name: str, frame: pl.DataFrame, *, first_row: int = 2, reading: Sequence[str] = ()) -> RawTable:
    """A table of text from a plugin's reader.

    Args:
        name: file name, for the report.
        frame: columns of text, headers as names, one row for each post; nulls where the file says nothing.
        first_row: the number a spreadsheet shows for its first row.
        reading: how the file was read, in a few words each.

    Raises:
        PostlensError: it has no rows.
    """
    headers = unique_headers(frame.columns)
    text = frame.rename(dict(zip(frame.columns, headers, strict=True))).with_columns(pl.all().cast(pl.String))
    text = text.with_columns(pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias(ROW))
    return table_of(name, text, headers, reading)


def table_of(
    name: str,
    frame: pl.DataFrame,
    headers: Sequence[str],
    reading: Sequence[str],
    decimal: Literal["point", "comma"] | None = None,
) -> RawTable:
    """A table of text that is in memory and has `_row`.

    Raises:
        PostlensError: it has no rows.
    """
    return RawTable(
        name=name,
        lazy=frame.lazy(),
        height=some_rows(name, frame.height),
        reading=tuple(reading),
        rows=frame.height,
        letters=letters_of(headers),
        decimal=decimal,
    )


def some_rows(name: str, height: int) -> int:
    """The number of rows.

    Raises:
        PostlensError: there are none.
    """
    if not height:
        raise fail(f'"{name}" has a header but no rows.', hint="Export a period in which something was posted.")
    return height


def column_letter(position: int) -> str:
    """The letter a spreadsheet gives a column: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def letters_of(headers: Sequence[str]) -> dict[str, str]:
    """Header to the letter of its column."""
    return {header: column_letter(i) for i, header in enumerate(headers)}


def unique_headers(cells: Sequence[str | None]) -> list[str]:
    """Header names without repeats or blanks: `Views`, `Views (2)`, `column C`."""
    names: dict[str, int] = {}  # A name to the number that its next namesake gets.
    for position, cell in enumerate(cells):
        name = shortened((cell or "").replace("\ufeff", "").strip()) or f"column {column_letter(position)}"
        if name.startswith("_"):
            name = f"column {name}"  # Names that begin with _ are used inside.
        plain, number = name, names.get(name, 1)
        while name in names:
            number += 1
            name = f"{plain} ({number})"
        names[plain] = number
        names.setdefault(name, 1)
    return list(names)


def shortened(name: str) -> str:
    """A name as far as names go: no export's is longer, and what looks into names looks at each character of each."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"


def said_as(header: str, letter: str) -> tuple[str | None, ...]:
    """What the cell may have held that became this header: see `unique_headers`."""
    blank = (None,) if header == f"column {letter}" else ()
    return (header, re.sub(r" \(\d+\)$", "", header), *blank)
