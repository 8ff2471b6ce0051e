"""Delimited text of any size and dialect as a table of text; a large file is never in memory whole."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.contract.raw_table import (
    ROW,
    RawTable,
    Refused,
    column_letter,
    letters_of,
    some_rows,
    unique_headers,
)
from postlens.core.data.convert.blocks_on_disk import BLOCK, Scratch
from postlens.core.data.files import sniff
from postlens.core.data.files.cut_dates import put_together
from postlens.core.data.files.spreadsheet_size import MAX_COLUMNS, too_wide

_HELD_UP_TO = 20_000_000  # Bytes of text that are kept in memory; more stays on disk.
_SUSPECTS = 1000  # Rows that are looked at for what a table's rows are like, and for rows inside cells.
_NUMBER = r"^\s*\"?[+-]?\d[\d.,]*\s*%?\"?\s*$"
csv.field_size_limit(10_000_000)
# A condition on a thousand columns takes minutes while a file is read, and a moment afterwards.
_READ_FIRST = pl.QueryOptFlags(predicate_pushdown=False)


def read_delimited(path: Path) -> RawTable:
    """Read a table of text.

    Raises:
        PostlensError: the file has no text, a single column, no rows, or rows that cannot be told apart.
    """
    encoding = sniff.encoding_of(path)
    head = sniff.start_of(path, encoding)
    if not head.strip():
        raise fail(f'"{path.name}" is empty.', hint="Export the posts again.")
    dialect = sniff.dialect(head)
    if not dialect.header:
        raise fail(f'"{path.name}" holds no table.', hint="Export the posts again.")
    if len(dialect.header) > MAX_COLUMNS:
        raise too_wide(path.name, len(dialect.header))
    headers = unique_headers(dialect.header)
    if len(headers) < 2:
        if (opened := _lines_in_quotes(path, encoding)) is not None:
            return opened
        raise fail(
            f'"{path.name}" has only one column ("{headers[0][:60]}").',
            why="No comma, semicolon, tab or bar separates its values.",
            hint="A table of posts needs a header and at least one number per post.",
        )
    folder = Scratch()
    plain = folder.path / "plain.csv"
    lines = _write_plain(path, encoding, plain, dialect.above)
    table, refused, said = _rows(plain, dialect, headers)
    height = int(table.select(pl.len()).collect().item())
    within = lines > height  # Line ends within cells; looking for them in every cell takes as long as reading it.
    if within and _swallowed(path.name, table, headers, dialect.separator):
        # A quotation mark may stand for itself, as in 3".
        table, refused, said = _row_by_row(plain, dialect, headers)
        problem = _swallowed(path.name, table, headers, dialect.separator)
        if problem and not _all_whole(plain, dialect):
            raise problem
        height = int(table.select(pl.len()).collect().item())
    refused = [*refused, *([dialect.other] if dialect.other else [])]
    small = plain.stat().st_size <= _HELD_UP_TO
    if small:
        table = table.collect().lazy()
        folder.remove()
    else:
        plain.unlink()
    coded = f"encoding {encoding.name}{_example(head) if encoding.guessed else ''}"
    reading = [coded, f"separator {_named(dialect.separator)}", *said]
    if dialect.header_row:
        reading.append(f"{dialect.header_row} row(s) above the header skipped")
    return RawTable(
        name=path.name,
        lazy=table,
        height=some_rows(path.name, height),
        reading=tuple(reading),
        rows=height + sum(r.rows for r in refused),
        refused=tuple(refused),
        letters=letters_of(headers),
        above="\n".join(head.split("\n")[: max(dialect.above - 1, 0)]),
        held=None if small else folder,
    )


def _lines_in_quotes(path: Path, encoding: sniff.Encoding) -> RawTable | None:
    """The table of a file whose whole lines a spreadsheet has quoted, as `"a,""b"",c"`; None for others."""
    first = next(_whole_lines(path, encoding), "").strip()
    if not (first.startswith('"') and first.endswith('"')):
        return None
    with tempfile.TemporaryDirectory() as folder:
        inner = Path(folder) / path.name
        lines = 0
        with inner.open("w", encoding="utf-8", newline="") as out:
            for cells in csv.reader(_whole_lines(path, encoding), delimiter="\x1f"):
                line = cells[0] if cells else ""
                lines += 1
                if lines == 1 and len(sniff.dialect(line).header) < _FEWEST_COLUMNS:
                    return None
                out.write(f"{line}\n")
        table = read_delimited(inner)
    return replace(table, reading=(*table.reading, "each line was one quoted cell"))


_FEWEST_COLUMNS = 3


def _whole_lines(path: Path, encoding: sniff.Encoding) -> Iterator[str]:
    rest = ""
    for chunk in sniff.chunks(path, encoding):
        *whole, rest = (rest + chunk).split("\n")
        yield from (f"{line}\n" for line in whole)
    if rest:
        yield rest


def _example(text: str) -> str:
    """That an encoding was guessed, with words by which a person sees whether rightly."""
    found = re.search(r"[^\s,;\t\"|]*[^\x00-\x7f][^,;\t\"|\n]{0,30}", text)
    return f' (a guess: "{found[0].strip()}")' if found else " (a guess)"


def _write_plain(path: Path, encoding: sniff.Encoding, plain: Path, above: int) -> int:
    r"""The rows alone, without the `above` lines through the header, in UTF-8 with `\\n` as the only line end; how many lines."""
    chunks = sniff.chunks(path, encoding)
    with plain.open("w", encoding="utf-8", errors="replace", newline="") as out:
        first = next(chunks, "").split("\n", above)
        last = first[above] if len(first) > above else ""
        lines = 0
        while last:
            out.write(last)
            lines += last.count("\n")
            open_end = not last.endswith("\n")
            last = next(chunks, "")
            lines += open_end and not last
    return lines


_Rows = tuple[pl.LazyFrame, list[Refused], list[str]]  # With what was done to them.


def _rows(plain: Path, dialect: sniff.Dialect, headers: list[str]) -> _Rows:
    """The rows below the header: by Polars where every row fits, else row by row, refusing what does not fit."""
    first_row = dialect.header_row + 2
    rows = plain.with_name("rows.parquet")
    try:
        pl.scan_csv(
            plain,
            separator=dialect.separator,
            has_header=False,
            schema=dict.fromkeys(headers, pl.String),
            infer_schema=False,
            truncate_ragged_lines=False,
        ).sink_parquet(rows, compression="lz4", row_group_size=BLOCK)
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema={**dict.fromkeys(headers, pl.String), ROW: pl.Int64}).lazy(), [], []
    except pl.exceptions.PolarsError:
        return _row_by_row(plain, dialect, headers)
    numbered = pl.scan_parquet(rows, row_index_name=ROW, row_index_offset=first_row)
    return numbered.select(*headers, pl.col(ROW).cast(pl.Int64)), [], []


def _row_by_row(plain: Path, dialect: sniff.Dialect, headers: list[str]) -> _Rows:
    misfits: list[int] = []
    mended: list[int] = []
    fitting = _fitting(plain, dialect, len(headers), misfits, mended)
    schema = {ROW: pl.Int64, **dict.fromkeys(headers, pl.String)}
    parts: list[Path] = []
    while rows := list(islice(fitting, BLOCK)):
        parts.append(plain.with_name(f"rows-{len(parts):06d}.parquet"))
        pl.DataFrame(rows, schema=schema, orient="row").write_parquet(parts[-1], compression="lz4")
    reason = f"more values than the header has columns ({len(headers)}){_another_table(plain, dialect, misfits)}"
    refused = [Refused(reason=reason, rows=len(misfits), examples=tuple(misfits[:5]))] if misfits else []
    said = (
        [f"dates cut by their own comma put together in {len(mended):,} row(s), as row {mended[0]}"] if mended else []
    )
    table = pl.scan_parquet(parts) if parts else pl.DataFrame(schema=schema).lazy()
    return table.select(*headers, ROW), refused, said


def _another_table(plain: Path, dialect: sniff.Dialect, misfits: list[int]) -> str:
    """That the first row which does not fit has the names of another table, in words; empty where it has none."""
    if not misfits:
        return ""
    with plain.open(encoding="utf-8", newline="\n") as lines:
        rows = csv.reader(lines, delimiter=dialect.separator)
        cells = next(islice(rows, misfits[0] - dialect.header_row - 2, None), [])
    return f": {sniff.another_table(cells)}" if sniff.names_columns(cells) else ""


def _fitting(
    plain: Path, dialect: sniff.Dialect, width: int, misfits: list[int], mended: list[int]
) -> Iterator[tuple[object, ...]]:
    """The rows that fit, each after its number; numbers of others go to `misfits`, of those with a mended date to `mended`."""
    last = dialect.header_row + 1
    blank = (None,) * width
    with plain.open(encoding="utf-8", newline="\n") as lines:
        try:
            for number, record in enumerate(csv.reader(lines, delimiter=dialect.separator), start=last + 1):
                last = number
                if not record:
                    yield (number, *blank)
                    continue
                if any(cell.strip() for cell in record[width:]):
                    whole = put_together(record, width) if dialect.separator == "," else None
                    (misfits if whole is None else mended).append(number)
                    if whole is None:
                        continue
                    record = whole  # noqa: PLW2901
                cells = [cell or None for cell in record[:width]]
                yield (number, *cells, *[None] * (width - len(cells)))
        except csv.Error as error:
            raise fail(
                "The rows of this file cannot be told apart.",
                why=f"Near row {last + 1}: {error}.",
                hint="A quote may be missing; export the file again.",
            ) from error


def _swallowed(name: str, table: pl.LazyFrame, headers: list[str], separator: str) -> PostlensError | None:
    """A quote that is never closed swallows the rows after it into one cell; say so instead of losing posts.

    A cell is taken for one if it holds a line that is a row of the table, with numbers where the table has numbers.
    """
    numeric = _numeric(table, headers)
    swallowing = pl.any_horizontal(
        (
            pl.col(h).str.contains("\n", literal=True)
            & (pl.col(h).str.count_matches(separator, literal=True) >= len(headers) - 1)
        ).fill_null(False)
        for h in headers
    )
    if not numeric:
        return None
    for row in (
        table.filter(swallowing)
        .head(_SUSPECTS)
        .collect(engine="streaming", optimizations=_READ_FIRST)
        .iter_rows(named=True)
    ):
        for position, header in enumerate(headers):
            lines = str(row[header] or "").split("\n")[1:]
            if any(_is_row(line.split(separator), numeric, len(headers)) for line in lines):
                return fail(
                    "A quotation mark that is never closed swallows the rows after it.",
                    where=f"{name} row {row[ROW]}, column {column_letter(position)}",
                    why=f'The cell begins "{str(row[header])[:40]}" and holds whole rows of the table.',
                    hint="Close the quotation mark, or export the file again.",
                )
    return None


def _all_whole(plain: Path, dialect: sniff.Dialect) -> bool:
    """Whether every record has as many cells as there are columns: then a long cell is a long cell."""
    with plain.open(encoding="utf-8", newline="\n") as lines:
        try:
            rows = csv.reader(lines, delimiter=dialect.separator, strict=True)
            return all(len(row) in {0, len(dialect.header)} for row in rows)
        except csv.Error:
            return False


def _numeric(table: pl.LazyFrame, headers: list[str]) -> list[int]:
    """The positions of columns that are numbers in most of the first rows."""
    shares = [pl.col(h).str.contains(_NUMBER).mean().alias(h) for h in headers]
    row = table.head(_SUSPECTS).select(shares).collect().row(0)
    return [i for i, share in enumerate(row) if (share or 0) > 0.5]


def _is_row(cells: list[str], numeric: list[int], width: int) -> bool:
    """Whether a line has numbers where the table has them, and something else in most other places."""
    if len(cells) != width or not all(re.search(_NUMBER, cells[i]) for i in numeric):
        return False
    others = [cell for i, cell in enumerate(cells) if i not in numeric]
    return sum(not re.search(_NUMBER, cell) for cell in others) >= len(others) / 2


def _named(separator: str) -> str:
    return {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}.get(separator, separator)
