"""Which file is read how: text, spreadsheets, JSON, Parquet, and archives of them."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from postlens.core.contract.problems import PostlensError, fail, message_of, reraise_fatal
from postlens.core.contract.raw_table import ROW, RawTable, Refused, table_of, unique_headers
from postlens.core.data.files import json_envelopes, sniff
from postlens.core.data.files.delimited import read_delimited
from postlens.core.data.files.spreadsheet_size import MAX_COLUMNS, check_size
from postlens.core.data.vocabulary.formats import recognise
from postlens.core.data.vocabulary.roles import role_of

TEXT = (".csv", ".tsv", ".txt")
ZIP = (".zip",)
MAX_MEMBERS = 200
MAX_UNPACKED_BYTES = 500_000_000  # Bytes of all files in an archive; what claims more is not unpacked.
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
JSON = (".json", ".ndjson", ".jsonl", ".js")
_ASSIGNED = re.compile(
    r"\s*[\w.$\[\]\"' ]{1,80}=\s*(?=[\[{])"
)  # As archives of X begin: `window.YTD.tweets.part0 = [`.
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
    readers = {TEXT: read_delimited, EXCEL: _read_excel, JSON: _read_json, PARQUET: _read_parquet, ZIP: _read_zip}
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
    raise _too_wide(raw.name, len(raw.letters))


def _too_wide(name: str, columns: int) -> PostlensError:
    return fail(
        f'"{name}" has {columns:,} columns; Postlens reads up to {MAX_COLUMNS:,}.',
        hint="Leave out the columns that are not about posts. Each row should be one post.",
    )


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
        if names == headers and (name in hidden) == (sheet in hidden):
            frames.append(rest)
            alike.append(name)
        elif rest.height:
            why = "is hidden" if name in hidden else "has other columns"
            others.append(Refused(reason=f'on the sheet "{name}", which {why}', rows=rest.height))
    frames, repeated = _without_repeated(frames, alike)
    others += repeated
    reading = [f'{"hidden sheet" if name in hidden else "sheet"} "{name}"' for name in alike]
    reading += [f"{header} row(s) above the header skipped"] if header else []
    table = table_of(path.name, pl.concat(frames), headers, reading, "point")
    over = [[cell or "" for cell in row] for row in sheets[sheet].head(header).rows()]
    above = "\n".join(map(" ".join, over))
    others += [other] if (other := sniff.table_above(over, header)) else []
    lost = sum(r.rows for r in others)
    return replace(table, rows=table.rows + lost, refused=(*table.refused, *others), above=above)


_REPEATED = 0.8  # Share of a sheet's rows that stand on another one, too.


def _without_repeated(frames: list[pl.DataFrame], names: list[str]) -> tuple[list[pl.DataFrame], list[Refused]]:
    """Sheets without the rows of another sheet, as where one has the year and others its months."""
    kept, left_out = list(frames), []
    rows = [frame.drop(ROW).hash_rows() for frame in frames]
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


def _read_json(path: Path) -> RawTable:
    text = "".join(sniff.chunks(path, sniff.encoding_of(path)))
    try:
        found, refused = _json_records(text, path.name)
    except RecursionError:
        raise fail(f'"{path.name}" is nested too deeply for a list of posts.', hint="Export the posts again.") from None
    if not found:
        raise fail(
            f'"{path.name}" holds no list of posts.', hint="It should be a list of objects, or one object a line."
        )
    keys = list(dict.fromkeys(key for _, record in found for key in record))
    keys.sort(key=lambda key: key.count("."))  # The post's own before its author's or its sound's.
    if not keys:
        raise fail(f'"{path.name}" holds objects without values.', hint="Export the posts again.")
    if len(keys) > MAX_COLUMNS:
        raise _too_wide(path.name, len(keys))
    headers = unique_headers(keys)
    data = {
        h: pl.Series([record.get(k) for _, record in found], dtype=pl.String)
        for h, k in zip(headers, keys, strict=True)
    }
    frame = pl.DataFrame(data | {ROW: pl.Series([number for number, _ in found], dtype=pl.Int64)})
    table = table_of(path.name, frame, headers, ["JSON"], "point")
    return replace(table, rows=table.rows + sum(r.rows for r in refused), refused=tuple(refused))


def _json_records(text: str, name: str) -> tuple[list[tuple[int, dict[str, str | None]]], list[Refused]]:
    if (assigned := _ASSIGNED.match(text[:_FIRST])) is not None:
        text = text[assigned.end() :].rstrip().removesuffix(";")
    try:
        whole = json.loads(text)
    except ValueError:
        return _json_lines(text, name)
    refused: list[Refused] = []
    if isinstance(whole, dict):
        listed = json_envelopes.keyed(whole)
        whole, refused = (listed, []) if listed is not None else _lists_of(json_envelopes.opened(whole))
    if not isinstance(whole, list):
        return [], []
    objects = [(i, item) for i, item in enumerate(whole, start=1) if isinstance(item, dict)]
    services = [i for i, item in objects if item.get("type") == "service" and "action" in item]
    found = [
        (i, _flat(json_envelopes.post_of(_instagram(item))))
        for i, item in objects
        if not (item.get("type") == "service" and "action" in item)
    ]
    others = [i for i, item in enumerate(whole, start=1) if not isinstance(item, dict)]
    if services:
        reason = "a message of the service, such as a new picture of the channel"
        refused = [*refused, Refused(reason=reason, rows=len(services), examples=tuple(services[:5]))]
    return found, [*_no_objects(others), *refused]


_FIRST = 200  # Letters.


def _lists_of(whole: dict[str, Any]) -> tuple[list[Any], list[Refused]]:
    """The longest list of objects with those of the same kind; others are named, not lost in silence."""
    lists = {k: v for k, v in whole.items() if isinstance(v, list) and any(isinstance(item, dict) for item in v)}
    if not lists:
        inner = [
            listed for v in whole.values() if isinstance(v, dict) and (listed := json_envelopes.keyed(v)) is not None
        ]
        return max(inner, key=len, default=[whole]), []
    named = [
        k
        for k in lists
        if re.fullmatch(r"(?i)(?:posts?|media|items|data|videos|tweets|reels|statuses|publications)", k)
    ]
    longest = max(named or lists, key=lambda k: len(lists[k]))
    keys = _keys(lists[longest])
    alike = [k for k in lists if len(keys & _keys(lists[k])) >= _ALIKE * len(keys | _keys(lists[k]))]
    rest = [
        Refused(reason=f'in the list "{k}", whose objects are of another kind', rows=len(lists[k]))
        for k in lists
        if k not in alike
    ]
    first, further = lists[longest], [item for k in alike if k != longest for item in lists[k]]
    name = next((n for n in _IDS if _tells_apart(first, n)), "")
    have = {str(item[name]) for item in first} if name else set()
    own = [item for item in further if not (isinstance(item, dict) and str(item.get(name)) in have)]
    if len(own) < len(further):
        reason = "in a second list of the file, with the id of a post of the first"
        rest.append(Refused(reason=reason, rows=len(further) - len(own)))
    return [*first, *own], rest


def _tells_apart(items: list[Any], name: str) -> bool:
    """Whether each object has a value of that name, and all have different ones: an id, not the account's address."""
    values = [item.get(name) if isinstance(item, dict) else None for item in items]
    return all(isinstance(v, str | int) for v in values) and len(set(values)) == len(values)


_IDS = ("id", "video_id", "videoId", "post_id", "tweet_id", "pk", "shortcode", "permalink", "url")


def _keys(items: list[Any]) -> set[str]:
    return {key for item in items if isinstance(item, dict) for key in item}


_ALIKE = 0.8  # Of the keys of two lists, the share that both have.


def _json_lines(text: str, name: str) -> tuple[list[tuple[int, dict[str, str | None]]], list[Refused]]:
    found, broken = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        if isinstance(item, dict):
            found.append((number, _flat(json_envelopes.post_of(item))))
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
            # A caption that was cut inside an emoji holds half of it.
            flat[f"{prefix}{key}"] = value and value.encode("utf-8", errors="replace").decode("utf-8")
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
