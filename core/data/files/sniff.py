"""What the bytes of a text file say: encoding, separator, line ends, and where the header is."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from postlens.core.contract.problems import fail
from postlens.core.contract.raw_table import Refused
from postlens.core.data.files.encodings import likeliest
from postlens.core.data.vocabulary.roles import role_by_core, role_of

SEPARATORS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOK = 200_000
_CHUNK = 1_000_000
_COLUMNS = 300  # Of a row, looked at for known names.
_HEADER_ROWS = 25


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How bytes become text.

    Attributes:
        name: Python's name of the encoding.
        guessed: it was not certain; the report says so.
        skip: bytes before the text, which name the encoding.
    """

    name: str
    guessed: bool = False
    skip: int = 0


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a text table is written.

    Attributes:
        separator: one character.
        header_row: index of the header among the records, from 0; what precedes it is preamble.
        header: its cells.
        above: lines of the file through the header, a spreadsheet's `sep=` line among them.
        other: rows of another table above the header.
    """

    separator: str
    header_row: int
    header: tuple[str, ...]
    above: int
    other: Refused | None = None


def encoding_of(path: Path) -> Encoding:
    """The encoding of a file, from all of its bytes.

    Raises:
        PostlensError: the bytes are no text.
    """
    with path.open("rb") as stream:
        head = stream.read(4000)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name=name, skip=len(bom))
    if head.count(0) > len(head) // 4:
        return Encoding(name="utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be", guessed=True)
    if 0 in head:
        raise fail(
            f'"{path.name}" is not a text table: it holds binary data.',
            hint="Export the posts as CSV, XLSX, JSON or Parquet.",
        )
    if _fits(path, "utf-8"):
        return Encoding(name="utf-8")
    if _mostly_utf8(path):
        return Encoding(name="utf-8", guessed=True)
    return Encoding(name=_likely(path), guessed=True)


_BY_NAMES = (
    *("cp1252", "cp1250", "cp1255", "cp1251", "cp1254", "cp1253", "cp1256", "cp1257", "cp1258"),
    *("cp932", "cp949", "gb18030", "big5", "cp874", "euc_jp", "koi8_r", "cp866", "iso8859_2", "mac_roman", "cp850"),
)


def _by_names(path: Path) -> tuple[str, ...]:
    """The encodings under which the most columns have names that are known; none where no one knows two."""
    with path.open("rb") as stream:
        head = b"".join(stream.readline() for _ in range(_HEADER_ROWS))
    known = {}
    for name in _BY_NAMES:
        try:
            text = head.decode(name)
        except UnicodeDecodeError:
            continue
        cells = {cell.strip(' "') for line in text.splitlines() for cell in re.split(r"[,;\t|]", line)}
        known[name] = sum(
            (role_of(cell) or role_by_core(cell)) is not None for cell in cells if cell and not cell.isascii()
        )
    most = max(known.values(), default=0)
    return tuple(name for name, count in known.items() if count == most) if most > 1 else ()


def _fits(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_HIGH = re.compile(rb"[\x80-\xff]{2,}")


def _mostly_utf8(path: Path) -> bool:
    """Whether bytes beyond ASCII that stand together are letters as UTF-8 writes them, nearly all and some at least.

    Single ones say nothing: a stray byte among UTF-8, or a letter of Western Europe.
    """
    whole = broken = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            for run in _HIGH.findall(chunk):
                letters = run.decode("utf-8", "ignore")
                if len(letters.encode()) < len(run) - 1:
                    broken += 1
                elif len(run) > _PAIR or letters <= _LATIN:  # An apostrophe and a letter of a Mac are a pair by chance.
                    whole += 1
    return whole >= _SOME and broken * 10 <= whole


_SOME = 3  # Letters of UTF-8 in a file that is not all of it.
_PAIR, _LATIN = 2, "\u024f"


def _stray(error: UnicodeError) -> tuple[str, int]:
    """A single byte that Windows writes for a sign, as the dots of a text that was cut; what else is no UTF-8 becomes U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    around = error.object[max(error.start - 1, 0) : error.start] + error.object[error.end : error.end + 1]
    sign = error.object[error.start] < 0xA0
    alone = sign and error.end - error.start == 1 and all(byte < 0x80 for byte in around)
    return (error.object[error.start : error.end].decode("cp1252", "replace") if alone else "\ufffd"), error.end


codecs.register_error("postlens-stray", _stray)


def _likely(path: Path) -> str:
    """The encoding under which the text is likeliest a text, of those under which all of it can be read."""
    with path.open("rb") as stream:
        start = stream.read(_LOOK)
    named = _by_names(path)
    likely = [*(likeliest(start, named) if named else ()), *likeliest(start)]
    return next((name for name in likely if _fits(path, name)), "latin-1")


def chunks(path: Path, encoding: Encoding) -> Iterator[str]:
    r"""The text of a file, piece by piece; every line end is `\n`, and bytes that are no text become U+FFFD."""
    with path.open("rb") as stream:
        stream.seek(encoding.skip)
        text = io.TextIOWrapper(
            stream,
            encoding=encoding.name,
            errors="postlens-stray" if encoding.name == "utf-8" else "replace",
            newline=None,
        )
        while chunk := text.read(_CHUNK):
            yield chunk


def start_of(path: Path, encoding: Encoding) -> str:
    """The first piece of the text."""
    return next(chunks(path, encoding), "")


def dialect(text: str) -> Dialect:
    """How the table that a text begins is written."""
    first, _, rest = text.partition("\n")
    told = re.match(r"""\ufeff?["']?sep=["']?([,;|\t])""", first, re.IGNORECASE)
    line = told is not None and len(first.strip("\ufeff \r")) <= 10
    if line:
        text = rest
    separator = told[1] if line and told else _separator(text[:_LOOK])
    first_rows = records(text[:_LOOK], separator, _HEADER_ROWS)
    row = header_row(first_rows)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    header = tuple(next(islice(reader, row, None), []))
    return Dialect(
        separator=separator,
        header_row=row,
        header=header,
        above=reader.line_num + line,
        other=table_above(first_rows, row),
    )


def records(text: str, separator: str, most: int) -> list[list[str]]:
    """The first records of a delimited text."""
    found: list[list[str]] = []
    # A quote the look-ahead cut open, or a field beyond csv's limit: what was read so far will do.
    with contextlib.suppress(csv.Error):
        found.extend(islice(csv.reader(io.StringIO(text), delimiter=separator), most))
    return found


def _separator(text: str) -> str:
    """The separator whose header names the most known columns; else the one that cuts the most records alike."""

    def score(separator: str) -> tuple[int, int, int]:
        rows = [r for r in records(text, separator, 60) if r]
        known = max(
            (sum(role_of(cell) is not None for cell in row[:_COLUMNS]) for row in rows[:_HEADER_ROWS]), default=0
        )
        widths = Counter(len(r) for r in rows)
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        return (known if known > 1 else 0, times if width > 1 else 0, width)

    return max(SEPARATORS, key=score)


def table_above(rows: list[list[str]], header: int) -> Refused | None:
    """The rows of another table that stands above the header; None where there is none."""
    names = next((i for i, row in enumerate(rows[:header]) if names_columns(row)), None)
    if names is None:
        return _posts_above(rows, header)
    below = [i for i in range(names + 1, header) if sum(bool(cell.strip()) for cell in rows[i]) > 1]
    if not below:
        return None
    reason = f"above the names of the columns: {another_table(rows[names])}"
    return Refused(reason=reason, rows=len(below), examples=tuple(i + 1 for i in below[:5]))


def _posts_above(rows: list[list[str]], header: int) -> Refused | None:
    """Rows above the header that are as full as it is: posts under names that nobody knows, in a file put together of two."""
    full = sum(bool(cell.strip()) for cell in rows[header]) if header < len(rows) else 0
    alike = [i for i in range(header) if sum(bool(c.strip()) for c in rows[i]) >= max(_FULL, _NEARLY * full)]
    if len(alike) < _NAMED + 1:  # Names of groups may stand above the names.
        return None
    reason = (
        "above the names of the columns, as full as the rows below: perhaps posts; save them as a file of their own"
    )
    return Refused(reason=reason, rows=len(alike), examples=tuple(i + 1 for i in alike[:5]))


_FULL, _NEARLY = 3, 0.8


def names_columns(row: list[str]) -> bool:
    """Whether a row has the names of a table: two that are known, and no number."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return sum(role_of(cell) is not None for cell in cells) >= _NAMED and not any(cell[0].isdigit() for cell in cells)


_NAMED = 2


def another_table(row: list[str]) -> str:
    """What to do about a table that is beside the one that is read."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return f"another table, with {', '.join(cells[:6])}; save it as a file of its own"


def header_row(rows: list[list[str]]) -> int:
    """The row that names the most known columns; of equals the first; the first full row if none does. Rows may end early."""
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0
    usual = max(widths, key=lambda width: (widths[width], width))
    known = [sum(role_of(cell) is not None for cell in row) for row in rows]
    if max(known) >= 2:
        return known.index(max(known))
    return next((i for i, row in enumerate(rows) if len(row) >= usual), 0)
