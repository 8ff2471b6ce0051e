"""Files as tables of text: every value as written, every row with its number in the file."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from core.data import sniff
from core.data.formats import recognise
from core.data.roles import role_of
from core.problems import PostlensError, fail, let_go, said_by

TEXT = (".csv", ".tsv", ".txt")
ZIP = (".zip",)
MOST_UNPACKED = 500_000_000  # Bytes of one file in an archive; what claims more is not unpacked.
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
JSON = (".json", ".ndjson", ".jsonl")
PARQUET = (".parquet", ".pq")
READABLE = (*TEXT, *EXCEL, *JSON, *PARQUET, *ZIP)
ROW = "_row"


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
        frame: text columns in file order, and `_row`: the row number a spreadsheet shows.
        reading: how the file was read: encoding, separator, sheet, preamble.
        rows: data rows in the file, the refused ones included.
        refused: rows that do not fit the table.
        letters: header to spreadsheet column letter.
    """

    name: str
    frame: pl.DataFrame
    reading: tuple[str, ...]
    rows: int
    refused: tuple[Refused, ...] = ()
    letters: dict[str, str] = field(default_factory=dict)


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
    return _table(name, text, headers, list(reading), [])


def read_raw(path: Path) -> RawTable:
    """Read one file, whatever its format, as text.

    Raises:
        PostlensError: the file is missing, empty, too damaged to read, or of an unknown format.
    """
    if not path.is_file():
        raise fail(f'There is no file "{path}".', hint="Check the name and the folder.")
    if path.stat().st_size == 0:
        raise fail(f'"{path.name}" is empty.', hint="Export the posts again.")
    readers = {TEXT: _read_text, EXCEL: _read_excel, JSON: _read_json, PARQUET: _read_parquet, ZIP: _read_zip}
    for endings, reader in readers.items():
        if path.suffix.lower() in endings:
            return reader(path)
    raise fail(
        f'"{path.name}" has the ending "{path.suffix}", which Postlens does not read.',
        hint=f"It reads {', '.join(READABLE)}.",
    )


def _read_zip(path: Path) -> RawTable:
    """The table in an archive that most looks like posts; YouTube packs its table beside totals and a chart's data."""
    readings: list[tuple[float, RawTable]] = []
    refused: list[PostlensError] = []
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            for number, member in enumerate(archive.infolist()[:200]):
                ending = Path(member.filename).suffix.lower()
                if member.is_dir() or ending not in (*TEXT, *EXCEL, *JSON) or member.file_size > MOST_UNPACKED:
                    continue
                # A name of our own: what the archive calls a file must not say where it is written.
                copy = Path(folder) / f"{number}{ending}"
                with archive.open(member) as packed, copy.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
                try:
                    table = read_raw(copy)
                    readings.append((recognise(table.letters, path.name).score, table))
                except PostlensError as error:
                    refused.append(error)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise fail(
            f'"{path.name}" cannot be unpacked.', why=str(error)[:200], hint="Export it again, or unpack it by hand."
        ) from error
    if not readings:
        raise (
            refused[0]
            if refused
            else fail(
                f'"{path.name}" holds no table.',
                hint=f"It should hold a file with one of {', '.join((*TEXT, *EXCEL, *JSON))}.",
            )
        )
    _, table = max(readings, key=lambda pair: (pair[0], pair[1].frame.height))
    return replace(table, name=path.name, reading=("from the archive", *table.reading))


def column_letter(position: int) -> str:
    """The letter a spreadsheet gives a column: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def unique_headers(cells: Sequence[str | None]) -> list[str]:
    """Header names without repeats or blanks: `Views`, `Views (2)`, `column C`."""
    seen: dict[str, int] = {}
    names = []
    for position, cell in enumerate(cells):
        name = (cell or "").replace("\ufeff", "").strip() or f"column {column_letter(position)}"
        if name.startswith("_"):
            name = f"column {name}"  # Names that begin with _ are used inside.
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _letters(headers: Sequence[str]) -> dict[str, str]:
    return {header: column_letter(i) for i, header in enumerate(headers)}


def _read_text(path: Path) -> RawTable:
    text, encoding, guessed = sniff.decode(path.read_bytes(), path.name)
    if not text.strip():
        raise fail(f'"{path.name}" is empty.', hint="Export the posts again.")
    dialect, text = sniff.dialect(text, encoding, guessed=guessed)
    head = sniff.records(text, dialect.separator, dialect.header_row + 1)
    headers = unique_headers(head[-1])
    if len(headers) < 2:
        raise fail(
            f'"{path.name}" has only one column ("{headers[0][:60]}").',
            why="No comma, semicolon, tab or bar separates its values.",
            hint="A table of posts needs a header and at least one number per post.",
        )
    frame, refused = _body(text, dialect, headers)
    _check_quotes(path.name, frame, headers, dialect.separator)
    reading = [f"encoding {encoding}{' (a guess)' if guessed else ''}", f"separator {_named(dialect.separator)}"]
    if dialect.header_row:
        reading.append(f"{dialect.header_row} row(s) above the header skipped")
    return _table(path.name, frame, headers, reading, refused)


def _check_quotes(name: str, frame: pl.DataFrame, headers: list[str], separator: str) -> None:
    """A quote that is never closed swallows the rows after it into one cell; say so instead of losing posts.

    Raises:
        PostlensError: a cell holds lines that look like rows of the table.
    """
    pattern = rf"\n(?:[^{re.escape(separator)}\n]*{re.escape(separator)}){{{max(len(headers) - 1, 2)},}}"
    for position, header in enumerate(headers):
        hit = frame.filter(pl.col(header).str.contains(pattern))
        if hit.height:
            raise fail(
                "A quotation mark that is never closed swallows the rows after it.",
                where=f"{name} row {hit[ROW][0]}, column {column_letter(position)}",
                why=f'The cell begins "{str(hit[header][0])[:40]}" and holds whole rows of the table.',
                hint="Close the quotation mark, or export the file again.",
            )


def _named(separator: str) -> str:
    return {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}.get(separator, separator)


def _table(name: str, frame: pl.DataFrame, headers: list[str], reading: list[str], refused: list[Refused]) -> RawTable:
    if frame.is_empty():
        raise fail(f'"{name}" has a header but no rows.', hint="Export a period in which something was posted.")
    rows = frame.height + sum(r.rows for r in refused)
    return RawTable(
        name=name, frame=frame, reading=tuple(reading), rows=rows, refused=tuple(refused), letters=_letters(headers)
    )


def _body(text: str, dialect: sniff.Dialect, headers: list[str]) -> tuple[pl.DataFrame, list[Refused]]:
    """The rows below the header: by Polars where every row fits, else row by row, refusing what does not fit."""
    first_row = dialect.header_row + 2
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode("utf-8", errors="replace")),
            separator=dialect.separator,
            has_header=False,
            skip_rows=dialect.header_row + 1,
            new_columns=headers,
            schema=dict.fromkeys(headers, pl.String),
            infer_schema=False,
            truncate_ragged_lines=False,
        )
        return frame.with_columns(pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias(ROW)), []
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema={**dict.fromkeys(headers, pl.String), ROW: pl.Int64}), []
    except pl.exceptions.PolarsError:
        return _body_row_by_row(text, dialect, headers)


def _body_row_by_row(text: str, dialect: sniff.Dialect, headers: list[str]) -> tuple[pl.DataFrame, list[Refused]]:
    csv.field_size_limit(10_000_000)
    kept: list[list[str | None]] = []
    numbers: list[int] = []
    misfits: list[int] = []
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text), delimiter=dialect.separator), start=1):
            if number <= dialect.header_row + 1 or not record:
                continue
            extra = record[len(headers) :]
            if any(cell.strip() for cell in extra):
                misfits.append(number)
                continue
            padded = [cell or None for cell in record[: len(headers)]]
            kept.append(padded + [None] * (len(headers) - len(padded)))
            numbers.append(number)
    except csv.Error as error:
        raise fail(
            "The rows of this file cannot be told apart.",
            why=f"Near row {len(numbers) + 2}: {error}.",
            hint="A quote may be missing; export the file again.",
        ) from error
    columns = [[row[i] for row in kept] for i in range(len(headers))]
    frame = pl.DataFrame(
        {h: pl.Series(c, dtype=pl.String) for h, c in zip(headers, columns, strict=True)}
        | {ROW: pl.Series(numbers, dtype=pl.Int64)}
    )
    reason = f"more values than the header has columns ({len(headers)})"
    refused = [Refused(reason=reason, rows=len(misfits), examples=tuple(misfits[:5]))] if misfits else []
    return frame, refused


def _read_excel(path: Path) -> RawTable:
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        sheets = {name: _sheet_rows(book, name) for name in book.sheet_names}
    except fastexcel.FastExcelError as error:
        raise fail(
            f'"{path.name}" cannot be opened as a spreadsheet.',
            why=str(error).splitlines()[0],
            hint="Open it and save it again, or export CSV.",
        ) from error
    scored = {name: _best_header(rows) for name, rows in sheets.items() if rows.height}
    if not scored:
        raise fail(f'"{path.name}" has no rows on any sheet.', hint="Export the posts again.")
    sheet = max(scored, key=lambda name: (scored[name][1], sheets[name].height))
    rows, header = sheets[sheet], scored[sheet][0]
    headers = unique_headers(rows.row(header))
    frame = rows.slice(header + 1).rename(dict(zip(rows.columns, headers, strict=True)))
    first = header + 2
    frame = frame.with_columns(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(ROW))
    reading = [f'sheet "{sheet}"'] + ([f"{header} row(s) above the header skipped"] if header else [])
    return _table(path.name, frame, headers, reading, [])


def _sheet_rows(book: object, name: str) -> pl.DataFrame:
    sheet = book.load_sheet(name, header_row=None, dtypes="string")  # type: ignore[attr-defined]
    frame: pl.DataFrame = sheet.to_polars()
    return frame.with_columns(pl.all().cast(pl.String))


def _best_header(rows: pl.DataFrame) -> tuple[int, int]:
    """Row index of the header and how many known columns it names."""
    head = [[cell or "" for cell in row] for row in rows.head(25).rows()]
    row = sniff.header_row(head)
    return row, sum(role_of(cell) is not None for cell in head[row])


def _read_json(path: Path) -> RawTable:
    text, _, _ = sniff.decode(path.read_bytes(), path.name)
    found, refused = _json_records(text, path.name)
    if not found:
        raise fail(
            f'"{path.name}" holds no list of posts.', hint="It should be a list of objects, or one object a line."
        )
    keys = list(dict.fromkeys(key for _, record in found for key in record))
    headers = unique_headers(keys)
    data = {
        h: pl.Series([record.get(k) for _, record in found], dtype=pl.String)
        for h, k in zip(headers, keys, strict=True)
    }
    frame = pl.DataFrame(data | {ROW: pl.Series([number for number, _ in found], dtype=pl.Int64)})
    return _table(path.name, frame, headers, ["JSON"], refused)


def _json_records(text: str, name: str) -> tuple[list[tuple[int, dict[str, str | None]]], list[Refused]]:
    try:
        whole = json.loads(text)
    except ValueError:
        return _json_lines(text, name)
    if isinstance(whole, dict):
        lists = [v for v in whole.values() if isinstance(v, list) and any(isinstance(item, dict) for item in v)]
        whole = max(lists, key=len) if lists else [whole]
    if not isinstance(whole, list):
        return [], []
    found = [(i, _flat(_instagram(item))) for i, item in enumerate(whole, start=1) if isinstance(item, dict)]
    others = [i for i, item in enumerate(whole, start=1) if not isinstance(item, dict)]
    return found, _no_objects(others)


def _json_lines(text: str, name: str) -> tuple[list[tuple[int, dict[str, str | None]]], list[Refused]]:
    found, broken = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        if isinstance(item, dict):
            found.append((number, _flat(item)))
        else:
            broken.append(number)
    if not found:
        raise fail(f'"{name}" is not JSON.', hint="Export the posts again.")
    return found, _no_objects(broken)


def _no_objects(numbers: list[int]) -> list[Refused]:
    return [Refused(reason="not a JSON object", rows=len(numbers), examples=tuple(numbers[:5]))] if numbers else []


def _instagram(item: dict[str, object]) -> dict[str, object]:
    """A post of Instagram's data download: what stands in its two maps, its texts as they were meant."""
    said = {k: v.get("value") for k, v in _map_of(item, "string_map_data").items() if isinstance(v, dict)}
    parts = {**_map_of(item, "media_map_data"), **{k: {"value": v} for k, v in said.items()}}
    return _unmangled(parts) if said else item  # type: ignore[return-value]


def _map_of(item: dict[str, object], name: str) -> dict[str, object]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def _unmangled(value: object) -> object:
    """UTF-8 that was written as if each byte were a character."""
    if isinstance(value, dict):
        return {_unmangled(k): _unmangled(v) for k, v in value.items()}
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return value


def _flat(record: dict[str, object], prefix: str = "") -> dict[str, str | None]:
    """Nested objects as dotted names, every value as text; lists as JSON."""
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        elif value is None or isinstance(value, str):
            flat[f"{prefix}{key}"] = value
        else:
            flat[f"{prefix}{key}"] = json.dumps(value, ensure_ascii=False)
    return flat


def _read_parquet(path: Path) -> RawTable:
    frame = _collected(path)
    flat = [n for n, t in frame.schema.items() if not (t.is_nested() or t in {pl.Binary, pl.Object})]
    left_out = [n for n in frame.columns if n not in flat]
    text = frame.select(
        (pl.col(n).dt.total_seconds() if frame.schema[n] == pl.Duration else pl.col(n)).cast(pl.String, strict=False)
        for n in flat
    )
    headers = unique_headers(flat)
    text = text.rename(dict(zip(flat, headers, strict=True)))
    text = text.with_columns(pl.int_range(1, 1 + pl.len(), dtype=pl.Int64).alias(ROW))
    reading = ["Parquet"] + ([f"columns of lists or bytes not read: {', '.join(left_out)}"] if left_out else [])
    return _table(path.name, text, headers, reading, [])


def _collected(path: Path) -> pl.DataFrame:
    """A Parquet file's rows, or why there are none; a damaged one makes Polars raise anything."""
    try:
        return pl.read_parquet(path)
    except BaseException as error:
        let_go(error)
        raise fail(
            f'"{path.name}" is not a readable Parquet file.',
            why=said_by(error).splitlines()[0][:200],
            hint="Write it again, or export CSV.",
        ) from error
