"""The quality report: every column's reading, every value that did not convert, every row that was dropped."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BadValue(_Record):
    """A value that did not convert, with its place as a spreadsheet shows it."""

    file: str
    row: int
    column: str
    value: str

    def __str__(self) -> str:
        return f'row {self.row}, column {self.column}: "{self.value}"'


class ColumnReport(_Record):
    """How one column of the file was read."""

    header: str
    column: str
    role: str
    reading: str
    known: int
    missing: int
    bad: int = 0
    note: str = ""


class Dropped(_Record):
    """Rows that did not become posts."""

    reason: str
    rows: int
    examples: tuple[int, ...] = ()


class FileReport(_Record):
    """How one file was read. `rows` = posts + the rows of `dropped`."""

    file: str
    rows: int
    posts: int
    reading: tuple[str, ...]
    columns: tuple[ColumnReport, ...]
    dropped: tuple[Dropped, ...] = ()
    bad_values: tuple[BadValue, ...] = ()
    notes: tuple[str, ...] = ()


class Quality(_Record):
    """The report over all files of a data set.

    Attributes:
        rows: data rows read.
        posts: posts in the data set; `rows` minus everything in `dropped`.
        dropped: rows left out, by reason.
        duplicates: posts that stand more than once by their id; all but the last are in `dropped`.
        repeated: rows equal to another row in every value, where no id tells them apart; they are kept.
        constant: columns with one value throughout.
        notes: what else an analyst should know.
    """

    rows: int
    posts: int
    dropped: tuple[Dropped, ...]
    duplicates: int
    repeated: int
    constant: tuple[str, ...]
    notes: tuple[str, ...]
    files: tuple[FileReport, ...]

    @property
    def bad_values(self) -> int:
        """How many values did not convert."""
        return sum(column.bad for file in self.files for column in file.columns)
