"""What the bytes of a text file say: encoding, separator, line ends, and where the header is."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from core.data.roles import role_of
from core.problems import fail

SEPARATORS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOK = 200_000
_HEADER_ROWS = 25


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a text table is written.

    Attributes:
        encoding: Python's name of the encoding.
        guessed: the encoding was not certain; the report says so.
        separator: one character.
        header_row: index of the header among the records, from 0; what precedes it is preamble.
    """

    encoding: str
    guessed: bool
    separator: str
    header_row: int


def decode(data: bytes, name: str) -> tuple[str, str, bool]:
    r"""The text of a file with unknown encoding, line ends made `\\n`.

    Returns:
        The text, the encoding's name, and whether the encoding was a guess.

    Raises:
        PostlensError: the bytes are no text.
    """
    encoding, guessed, data = _encoding(data, name)
    text = data.decode(encoding, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding, guessed


def _encoding(data: bytes, name: str) -> tuple[str, bool, bytes]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding, False, data[len(bom) :]
    head = data[:4000]
    if head.count(0) > len(head) // 4:
        return ("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"), True, data
    if 0 in head:
        raise fail(
            f'"{name}" is not a text table: it holds binary data.',
            hint="Export the posts as CSV, XLSX, JSON or Parquet.",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy_encoding(data), True, data
    return "utf-8", False, data


def _legacy_encoding(data: bytes) -> str:
    from charset_normalizer import from_bytes

    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        best = from_bytes(data[:_LOOK]).best()
        return best.encoding if best else "latin-1"
    return "cp1252"


def dialect(text: str, encoding: str, *, guessed: bool) -> tuple[Dialect, str]:
    """How the table in a text is written, and the text without a spreadsheet's `sep=` line."""
    first, _, rest = text.partition("\n")
    if first.casefold().startswith("sep=") and len(first.strip()) == 5:
        separator, text = first.strip()[4], rest
    else:
        separator = _separator(text[:_LOOK])
    return (
        Dialect(
            encoding=encoding,
            guessed=guessed,
            separator=separator,
            header_row=header_row(records(text[:_LOOK], separator, _HEADER_ROWS)),
        ),
        text,
    )


def records(text: str, separator: str, most: int) -> list[list[str]]:
    """The first records of a delimited text."""
    found: list[list[str]] = []
    # A quote the look-ahead cut open, or a field beyond csv's limit: what was read so far will do.
    with contextlib.suppress(csv.Error):
        found.extend(islice(csv.reader(io.StringIO(text), delimiter=separator), most))
    return found


def _separator(text: str) -> str:
    """The separator that cuts the most records into the same number (two or more) of fields."""

    def score(separator: str) -> tuple[int, int]:
        widths = Counter(len(r) for r in records(text, separator, 60) if r)
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        return (times if width > 1 else 0, width)

    return max(SEPARATORS, key=score)


def header_row(rows: list[list[str]]) -> int:
    """The row that names the most known columns; of equals the first; the first full row if none does."""
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0
    usual = max(widths, key=lambda width: (widths[width], width))
    known = [sum(role_of(cell) is not None for cell in row) for row in rows]
    if max(known) >= 2:
        return known.index(max(known))
    return next((i for i, row in enumerate(rows) if len(row) == usual), 0)
