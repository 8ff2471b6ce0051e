"""One look through files that are scanned in place: what the catalogue says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from postlens.core.contract.raw_table import column_letter
from postlens.core.data.convert import custom_columns
from postlens.core.data.convert.ids import MANGLED
from postlens.core.data.convert.quality import ColumnReport, FileReport, Quality
from postlens.core.data.store.catalogue import Catalogue, kind_of, levels, stored_columns
from postlens.core.data.store.in_place import Scanned, ScannedColumn, expression, named, post_key, scan
from postlens.core.data.vocabulary import synonyms
from postlens.core.data.vocabulary.roles import roles

MAX_IDS_CHECKED = 20_000_000  # Posts whose ids are looked through for repeats; beyond, that would not fit in memory.
MAX_ROWS_COMPARED = 2_000_000  # Likewise for whole rows, where posts have no id.
_WORDS = {
    "unix": "Unix time",
    "unix_ms": "Unix time in milliseconds",
    "whole": "whole numbers",
    "float": "numbers",
    "seconds": "durations",
    "utc": "times with a zone",
    "day": "days",
}


_FEW = 5  # Posts.


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """Of every column: how many values are known, the least and the largest, about how many differ."""

    posts: int
    known: Mapping[str, int]
    ends: Mapping[str, tuple[object, object]]
    distinct: Mapping[str, int]


def survey(scanned: Scanned, mark: str, source: str, reader: str) -> Catalogue | None:
    """The catalogue of files scanned in place; None where a post stands more than once, so that rows must be left out."""
    decided = _with_times(scanned)
    if decided is None:
        return None
    scanned = _without_needless_work(decided)
    posts = scan(scanned)
    dtypes = dict(posts.collect_schema())
    facts = _look(posts, dtypes)
    if not facts.posts:
        return None
    if facts.posts > MAX_IDS_CHECKED:
        notes, repeated = ["Duplicates of posts were not looked for: there are too many posts."], 0
    elif _stands_twice(posts, set(dtypes)):
        return None
    else:
        notes, repeated = _equal_rows(posts, dtypes)
    if _needs_reading(facts):
        return None
    ids = [c for c in dtypes if c in roles() and roles()[c].type == "id"]
    if (
        ids
        and posts.select(pl.any_horizontal(pl.col(ids).str.contains(MANGLED).any())).collect(engine="streaming").item()
    ):
        return None
    extra = {c.name: c.header for c in scanned.columns if c.name not in roles()}
    groups = {name for name in extra if name in facts.distinct and _grouping(name, extra[name], facts)}
    dtypes["post_key"] = pl.String()
    columns = stored_columns(dtypes, {**facts.known, "post_key": facts.posts}, partial(levels, posts), groups, extra)
    ends = facts.ends.get("published", ("", ""))
    return Catalogue(
        fingerprint=mark,
        source=source,
        reader=reader,
        posts=facts.posts,
        columns=columns,
        first=str(ends[0] or ""),
        last=str(ends[1] or ""),
        quality=_quality(scanned, facts, dtypes, tuple(notes), repeated),
        scanned=scanned,
    )


def _stands_twice(posts: pl.LazyFrame, columns: set[str]) -> bool:
    """Whether a post that has an id or a link stands more than once."""
    names = posts.filter(named(columns)).select(post_key(columns).alias("key"))
    count, different = names.select(pl.len(), pl.col("key").n_unique()).collect(engine="streaming").row(0)
    return bool(different < count)


def _equal_rows(posts: pl.LazyFrame, dtypes: Mapping[str, pl.DataType]) -> tuple[list[str], int]:
    """Notes, and how many posts without a name equal another in every value."""
    content = [c for c in dtypes if c not in {"source_row", "source_file"}]
    nameless = posts.filter(~named(set(dtypes)))
    count = int(nameless.select(pl.len()).collect(engine="streaming").item())
    if count > MAX_ROWS_COMPARED:
        return ["Whether rows equal each other was not looked for: too many posts have no id."], 0
    return [], count - int(nameless.select(pl.struct(content).n_unique()).collect().item()) if count else 0


def _with_times(scanned: Scanned) -> Scanned | None:
    """What the values say of a column of times: whether each is midnight, so a day; whether Unix time is in seconds.

    None where numbers are no Unix time.
    """
    column = next((c for c in scanned.columns if c.how in {"local", "unix"}), None)
    if column is None:
        return scanned
    values = pl.concat([pl.scan_parquet(file).select(pl.col(column.header)) for file in scanned.files])
    value = pl.col(column.header)
    if column.how == "local":
        timed = values.select(value.dt.time().ne(pl.time(0)).any()).collect(engine="streaming").item()
        how = "local" if timed else "day"
    else:
        low, high = values.select(low=value.min(), high=value.max()).collect(engine="streaming").row(0)
        sizes = {"unix": (10**8, 10**10), "unix_ms": (10**11, 10**13)}
        found = [h for h, (least, most) in sizes.items() if low is not None and least <= low and high < most]
        if not found:
            return None
        how = found[0]
    settled = column.model_copy(update={"how": how})
    return scanned.model_copy(update={"columns": tuple(settled if c is column else c for c in scanned.columns)})


def _without_needless_work(scanned: Scanned) -> Scanned:
    """Text that is clean already need not be cleaned by every question."""
    words = [c for c in scanned.columns if c.how in {"label", "type", "network", "flag"}]
    unlike = []
    for column in words:
        cleaned = expression(column, scanned.zone)
        made = synonyms.usual_types(cleaned) if column.how == "type" else cleaned
        unlike.append(pl.col(column.header).ne_missing(made).any().alias(column.name))
    dtypes = pl.read_parquet_schema(scanned.files[0])
    checked = [u for u, c in zip(unlike, words, strict=True) if dtypes[c.header] == pl.String]
    if not checked:
        return scanned
    files = [pl.scan_parquet(file).select(checked) for file in scanned.files]
    dirty = pl.concat(files).select(pl.all().any()).collect(engine="streaming").row(0, named=True)
    return scanned.model_copy(
        update={
            "columns": tuple(
                c.model_copy(update={"how": "plain"}) if dirty.get(c.name) is False else c for c in scanned.columns
            )
        }
    )


def _needs_reading(facts: _Facts) -> bool:
    """Whether values are not what they say: a count of -1 stands for hidden, one moment for all posts is the export's."""
    counts = [n for n in facts.ends if n in roles() and roles()[n].type == "count" and n != "follows"]
    hidden = any(facts.ends[n][0] == -1 for n in counts)
    low, high = facts.ends.get("published", (None, None))
    return hidden or (low is not None and low == high and facts.posts >= _FEW)


def _look(posts: pl.LazyFrame, dtypes: Mapping[str, pl.DataType]) -> _Facts:
    words = [n for n, t in dtypes.items() if t == pl.String]
    ended = [n for n, t in dtypes.items() if t.is_numeric() or t.is_temporal()]
    row = (
        posts.select(
            pl.len().alias("|posts"),
            *(pl.col(n).count().alias(f"known|{n}") for n in dtypes),
            *(pl.col(n).min().alias(f"min|{n}") for n in ended),
            *(pl.col(n).max().alias(f"max|{n}") for n in ended),
            *(pl.col(n).approx_n_unique().alias(f"distinct|{n}") for n in words),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    return _Facts(
        posts=row["|posts"],
        known={n: row[f"known|{n}"] for n in dtypes},
        ends={n: (row[f"min|{n}"], row[f"max|{n}"]) for n in ended},
        distinct={n: row[f"distinct|{n}"] for n in words},
    )


def _grouping(name: str, header: str, facts: _Facts) -> bool:
    if custom_columns.groups_by_name(header):
        return facts.distinct[name] <= 50
    return custom_columns.few_values(facts.distinct[name], facts.known[name])


def _quality(
    scanned: Scanned, facts: _Facts, dtypes: Mapping[str, pl.DataType], notes: tuple[str, ...], repeated: int
) -> Quality:
    reports = tuple(_report(i, c, scanned.zone, facts) for i, c in enumerate(scanned.columns))
    if scanned.total:
        notes = (*notes, "Reactions are the sum of the reaction kinds; the file has no total.")
    constant = tuple(
        name
        for name, (low, high) in facts.ends.items()
        if low == high and facts.known[name] == facts.posts and facts.posts > 1 and name in dtypes
    )
    counts = [_rows(Path(file)) for file in scanned.files]
    files = tuple(
        FileReport(
            file=Path(file).name,
            rows=rows,
            posts=rows,
            reading=("Parquet, read in place",),
            columns=reports if i == 0 else (),
            notes=notes if i == 0 else (),
        )
        for i, (file, rows) in enumerate(zip(scanned.files, counts, strict=True))
    )
    return Quality(
        rows=facts.posts,
        posts=facts.posts,
        dropped=(),
        duplicates=0,
        repeated=repeated,
        constant=constant,
        notes=notes,
        files=files,
    )


def _rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _report(position: int, column: ScannedColumn, zone: str, facts: _Facts) -> ColumnReport:
    role = roles().get(column.name)
    known = facts.known[column.name]
    low = facts.ends.get(column.name, (None, None))[0]
    below = role is not None and role.type == "count" and column.name != "follows" and isinstance(low, int) and low < 0
    return ColumnReport(
        header=column.header,
        column=column_letter(position),
        role=column.name
        if role
        else f"extra {kind_of(column.name, pl.Int64() if column.how in {'whole', 'float'} else pl.String(), set())}",
        reading=f"times, clock {zone}" if column.how == "local" else _WORDS.get(column.how, "text"),
        known=known,
        missing=facts.posts - known,
        note="some values are below 0" if below else "",
    )
