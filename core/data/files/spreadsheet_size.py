"""How large the table of a spreadsheet is, before it is unpacked: two cells far apart make a table of billions."""

from __future__ import annotations

import contextlib
import functools
import re
import zipfile
import zlib
from pathlib import Path

from postlens.core.contract.problems import PostlensError, fail

MAX_CELLS = 30_000_000  # Rows times columns between the outermost cells of a sheet.
MAX_COLUMNS = 2_000
# A cell with its address, a row with its number, or either without. No tag is looked for beyond the next "<": where thousands
# are never closed, each would be looked for to the end.
_PLACE = re.compile(
    rb"""<(?:\w+:)?(?:c\s[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']|row\s[^<>]*?\br\s*=\s*["'](\d{1,7})["']|(row|c)[\s/>])"""
)
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError)  # The reader says what is wrong.
_LONGEST = 10_000  # Bytes of a tag that may lie across two chunks.


def too_wide(name: str, columns: int) -> PostlensError:
    """Why a table of more columns than any export is refused."""
    return fail(
        f'"{name}" has {columns:,} columns; Postlens reads up to {MAX_COLUMNS:,}.',
        hint="Leave out the columns that are not about posts. Each row should be one post.",
    )


def check_size(path: Path) -> None:
    """Refuse a workbook with a sheet that no export of posts has; what is no workbook is left to its reader.

    Raises:
        PostlensError: a sheet has more than `MAX_COLUMNS` columns or `MAX_CELLS` cells.
    """
    if not zipfile.is_zipfile(path):
        return
    with contextlib.suppress(*_DAMAGED), zipfile.ZipFile(path) as book:
        for member in book.infolist():
            if member.filename.endswith(".xml") and _is_sheet(book, member):
                rows, columns = _extent(book, member)
                if columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
                    raise fail(
                        f'"{path.name}" has a sheet of {rows:,} rows and {columns:,} columns.',
                        why=f"Postlens reads up to {MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells of a spreadsheet.",
                        hint="Delete what stands far to the right or far below, or export CSV.",
                    )


def _extent(book: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """How many rows and columns a sheet's cells reach; one without an address stands beside the one before it."""
    rows = columns = row = column = 0
    rest = b""
    with book.open(member) as sheet:
        while chunk := sheet.read(_CHUNK):
            text = rest + chunk
            whole = max(text.rfind(b"<"), len(text) - _LONGEST)
            for letters, number, row_number, bare in _PLACE.findall(text[:whole]):
                if row_number or bare == b"row":
                    row, column = int(row_number or row + 1), 0
                    continue
                row, column = (int(number), _number_of(letters)) if letters else (row, column + 1)
                rows, columns = max(rows, row), max(columns, column)
            rest = text[whole:]
    return rows, columns


def _is_sheet(book: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether a part holds cells, wherever a workbook keeps it."""
    with book.open(member) as part:
        return re.search(rb"<(?:\w+:)?worksheet[\s>]", part.read(5_000)) is not None


@functools.cache
def _number_of(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
