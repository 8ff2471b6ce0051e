"""Which file is read how: text, spreadsheets, JSON, Parquet, and archives of them."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from postlens.core.contract.problems import PostlensError, fail, message_of, reraise_fatal
from postlens.core.contract.raw_table import ROW, RawTable, Refused, table_of, unique_headers
from postlens.core.data.files import sniff
from postlens.core.data.files.delimited import read_delimited
from postlens.core.data.files.json_tables import read_json
from postlens.core.data.files.spreadsheet_size import MAX_COLUMNS, check_size, too_wide
from postlens.core.data.vocabulary.formats import recognise
from postlens.core.data.vocabulary.roles import role_of

TEXT = (".csv", ".tsv", ".txt")
ZIP = (".zip",)
MAX_MEMBERS = 200
MAX_UNPACKED_BYTES = 500_000_000  # Bytes of all files in an archive; what claims more is not unpacked.
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
JSON = (".json", ".ndjson", ".jsonl", ".js")
PARQUET = (".parquet", ".pq")
READABLE = (*TEXT, *EXCEL, *JSON, *PARQUET, *ZIP)


def read_raw(path: Path) -> RawTable:
    """Read one file, whatever its format, as text.

    Raises:
        PostlensError: the file is missing, empty, too damaged to read, or of an unknown format.
    """
    if not path.is_file():
        raise fail(f'There is no file "{path}".', hint="Check the name and the folder.")
    if path.stat().st_size == 0:
        raise fail(f'"{path.name}" is empty.', hint="Export the posts again.")
    readers = {TEXT: read_delimited, EXCEL: _read_excel, JSON: read_json, PARQUET: _read_parquet, ZIP: _read_zip}
    for endings, reader in readers.items():
        if path.suffix.lower() in endings:
            return _some_columns(reader(path))
    raise fail(
        f'"{path.name}" has the ending "{path.suffix}", which Postlens does not read.',
        hint=f"It reads {', '.join(READABLE)}.",
    )


def _some_columns(raw: RawTable) -> RawTable:
    """The table, unless it has more columns than any export: each costs work and a line on the page.

    Raises:
        PostlensError: it has more than `MAX_COLUMNS`.
    """
    if len(raw.letters) <= MAX_COLUMNS:
        return raw
    raise too_wide(raw.name, len(raw.letters))


def _read_zip(path: Path) -> RawTable:
    """The table in an archive that most looks like posts; YouTube packs its table beside totals and a chart's data."""
    readings: list[tuple[float, RawTable, str]] = []
    refused: list[tuple[str, PostlensError]] = []
    for name, read in _members(path, path.name, _Budget(size=MAX_UNPACKED_BYTES)):
        if isinstance(read, PostlensError):
            refused.append((name, read))
        else:
            readings.append((recognise(read.letters, path.name).score, read, name))
    if not readings:
        raise (
            refused[0][1]
            if refused
            else fail(
                f'"{path.name}" holds no table.',
                hint=f"It should hold a file with one of {', '.join((*TEXT, *EXCEL, *JSON))}.",
            )
        )
    best = max(readings, key=lambda one: (one[0], one[1].height))
    table = best[1]
    others = [
        Refused(reason=f'in "{Path(name).name}" of the archive, another table', rows=other.height)
        for _, other, name in readings
        if other is not table
    ]
    unread = [f'"{Path(name).name}" not read: {error.problems[0].what}' for name, error in refused]
    return replace(
        table,
        name=path.name,
        reading=(f'"{Path(best[2]).name}" from the archive', *table.reading, *unread),
        rows=table.rows + sum(r.rows for r in others),
        refused=(*table.refused, *others),
    )


@dataclass
class _Budget:
    """What may still be unpacked, of an archive and those within it."""

    size: int
    files: int = MAX_MEMBERS


def _members(
    path: Path, called: str, budget: _Budget, depth: int = 2
) -> Iterator[tuple[str, RawTable | PostlensError]]:
    """Each file of an archive that may hold a table, with the table or why there is none; archives within are opened."""
    with _opened(path) as archive, tempfile.TemporaryDirectory() as folder:
        for number, member in enumerate(archive.infolist()):
            name, ending = member.filename, Path(member.filename).suffix.lower()
            if member.is_dir() or ending not in (*TEXT, *EXCEL, *JSON, *ZIP):
                continue
            if much := _too_much(member, called, budget, depth):
                yield name, fail(much, hint="Unpack it, and import its files.")
                continue
            budget.files -= 1
            budget.size -= member.file_size
            # A name of our own: what the archive calls a file must not say where it is written.
            copy = Path(folder) / f"{number}{ending}"
            _unpack(path, archive, member, copy)
            try:
                if ending in ZIP:
                    yield from _members(copy, Path(name).name, budget, depth - 1)
                else:
                    yield name, read_raw(copy)
            except PostlensError as error:
                yield name, _about(error, copy.name, Path(name).name)
            copy.unlink()


def _too_much(member: zipfile.ZipInfo, called: str, budget: _Budget, depth: int) -> str:
    """Why a member is not unpacked; empty where it is."""
    if depth == 1 and member.filename.lower().endswith(ZIP):
        return f'"{Path(member.filename).name}" is an archive within an archive within an archive.'
    if budget.files < 1:
        return f'"{called}" holds more than {MAX_MEMBERS} files.'
    return f'"{called}" holds more than {MAX_UNPACKED_BYTES // 1_000_000} MB.' if member.file_size > budget.size else ""


def _about(error: PostlensError, copy: str, name: str) -> PostlensError:
    """The same problems of the file as people call it."""
    return PostlensError(*(replace(p, what=p.what.replace(f'"{copy}"', f'"{name}"')) for p in error.problems))


# What an archive raises that is damaged, encrypted (RuntimeError), or packed in a way that Python does not know.
_DAMAGED = (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zlib.error)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise _not_unpacked(path, error) from error


def _unpack(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, copy: Path) -> None:
    try:
        with archive.open(member) as packed, copy.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    except _DAMAGED as error:
        raise _not_unpacked(path, error) from error


def _not_unpacked(path: Path, error: Exception) -> PostlensError:
    return fail(
        f'"{path.name}" cannot be unpacked.', why=str(error)[:200], hint="Export it again, or unpack it by hand."
    )


def _read_excel(path: Path) -> RawTable:
    import fastexcel

    check_size(path)
    try:
        book = fastexcel.read_excel(path)
        read = {name: _sheet_rows(book, name) for name in book.sheet_names}
    except fastexcel.FastExcelError as error:
        raise fail(
            f'"{path.name}" cannot be opened as a spreadsheet.',
            why="It is damaged, not complete, or no spreadsheet.",
            hint="Download it again, or open it and save it again, or export CSV.",
        ) from error
    sheets = {name: rows for name, (rows, _) in read.items()}
    hidden = {name for name, (_, visible) in read.items() if not visible}
    scored = {name: _best_header(rows) for name, rows in sheets.items() if rows.height}
    if not scored:
        raise fail(f'"{path.name}" has no rows on any sheet.', hint="Export the posts again.")
    sheet = max(
        scored, key=lambda n: (scored[n][1] > 0 and n not in hidden, *reversed(scored[n][1:]), sheets[n].height)
    )
    header = scored[sheet][0]
    headers, frame = _below(sheets[sheet], header)
    frames, alike, others = [frame], [sheet], []
    for name in [n for n in scored if n != sheet]:
        names, rest = _below(sheets[name], scored[name][0])
        if (names == headers or _nearly(names, headers)) and (name in hidden) == (sheet in hidden):
            frames.append(rest)
            alike.append(name)
        elif rest.height:
            why = "is hidden" if name in hidden else "has other columns"
            others.append(Refused(reason=f'on the sheet "{name}", which {why}', rows=rest.height))
    frames, repeated = _without_repeated(frames, alike)
    others += repeated
    headers = list(dict.fromkeys(column for frame in frames for column in frame.columns if column != ROW))
    reading = [f'{"hidden sheet" if name in hidden else "sheet"} "{name}"' for name in alike]
    reading += [f"{header} row(s) above the header skipped"] if header else []
    table = table_of(path.name, pl.concat(frames, how="diagonal"), headers, reading, "point")
    over = [[cell or "" for cell in row] for row in sheets[sheet].head(header).rows()]
    above = "\n".join(map(" ".join, over))
    others += [other] if (other := sniff.table_above(over, header)) else []
    lost = sum(r.rows for r in others)
    return replace(table, rows=table.rows + lost, refused=(*table.refused, *others), above=above)


_REPEATED = 0.8  # Share of a sheet's rows that stand on another one, too.


def _without_repeated(frames: list[pl.DataFrame], names: list[str]) -> tuple[list[pl.DataFrame], list[Refused]]:
    """Sheets without the rows of another sheet, as where one has the year and others its months."""
    kept, left_out = list(frames), []
    common = [c for c in frames[0].columns if c != ROW and all(c in frame.columns for frame in frames)]
    rows = [frame.select(common).hash_rows() for frame in frames]
    largest_first = sorted(range(len(frames)), key=lambda i: (-frames[i].height, i))
    for place, i in enumerate(largest_first):
        for j in largest_first[:place]:
            there = rows[i].is_in(rows[j].implode())
            if len(rows[i]) > 1 and there.sum() >= _REPEATED * len(rows[i]):
                reason = f'on the sheet "{names[i]}", which repeats rows of the sheet "{names[j]}"'
                left_out.append(Refused(reason=reason, rows=int(there.sum())))
                kept[i] = frames[i].filter(~there)
                break
    return kept, left_out


def _nearly(names: Sequence[str], headers: Sequence[str]) -> bool:
    """Whether a sheet has nearly the columns of another, what tells posts apart among them: the same list of another month."""
    common = set(names) & set(headers)
    known = {role_of(name) for name in common}
    return len(common) >= max(_SHARED * max(len(names), len(headers)), _FEWEST) and any(
        part & known for part in _OF_A_POST
    )


_SHARED, _FEWEST = 0.8, 5


def _below(rows: pl.DataFrame, header: int) -> tuple[list[str], pl.DataFrame]:
    """The names in a row of a sheet, and what stands below them, with the number of each row."""
    headers = unique_headers(rows.row(header))
    frame = rows.slice(header + 1).rename(dict(zip(rows.columns, headers, strict=True)))
    first = header + 2
    return headers, frame.with_columns(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(ROW))


def _sheet_rows(book: object, name: str) -> tuple[pl.DataFrame, bool]:
    """The cells of a sheet as text, and whether a person who opens the book sees it."""
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")  # type: ignore[attr-defined]
    frame: pl.DataFrame = sheet.to_polars()
    return frame.with_columns(pl.all().cast(pl.String)), sheet.visible == "visible"


def _best_header(rows: pl.DataFrame) -> tuple[int, int, int]:
    """Row index of the header, how many known columns it names, and which of a post's id, text and time: a summary has few."""
    head = [[cell or "" for cell in row] for row in rows.head(25).rows()]
    row = sniff.header_row(head)
    known = [role for cell in head[row] if (role := role_of(cell)) is not None]
    return row, len(known), sum(not one.isdisjoint(known) for one in _OF_A_POST)


_OF_A_POST = ({"post_id", "url"}, {"text", "title"}, {"published", "published_date"})


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
    return table_of(path.name, text, headers, reading, "point")


def _collected(path: Path) -> pl.DataFrame:
    """A Parquet file's rows, or why there are none; a damaged one makes Polars raise anything."""
    try:
        return pl.read_parquet(path)
    except BaseException as error:
        reraise_fatal(error)
        raise fail(
            f'"{path.name}" is not a readable Parquet file.',
            why=message_of(error).splitlines()[0][:200],
            hint="Write it again, or export CSV.",
        ) from error
