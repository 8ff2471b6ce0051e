"""The posts of several files as one table: of each post its newest export, of each column one kind of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from postlens.core.contract.raw_table import ROW
from postlens.core.data.convert.canonical import Posts
from postlens.core.data.convert.numbers import reader_of
from postlens.core.data.convert.quality import Dropped, Quality
from postlens.core.data.store.catalogue import Catalogue, levels, stored_columns
from postlens.core.data.store.in_place import named, post_key

_PLACE = "_place"
_INNER = {"source_file", "published_precision"}


@dataclass(frozen=True, kw_only=True)
class Joined:
    """The posts of several files, not yet read.

    Attributes:
        again: rows that were left out because the same post stands again further down.
        dropped: what was left out, of every file and in joining them.
        notes: what should be known of the columns.
    """

    lazy: pl.LazyFrame
    again: int
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]


def joined(tables: Sequence[Posts]) -> Joined:
    """All posts, of each its newest export: that of the last table, and there the last row."""
    frames, notes = _of_one_kind(tables)
    posts = pl.concat(frames, how="diagonal_relaxed")
    columns = set(posts.collect_schema())
    posts, again = _newest(posts.with_columns(post_key=post_key(columns)), columns)
    dropped = _by_reason([d for t in tables for d in t.report.dropped])
    if again.height:
        reason = "duplicate of a post, by its id (the last one is kept)"
        dropped.append(Dropped(reason=reason, rows=again.height, examples=tuple(again["source_row"].head(5))))
    told = dict.fromkeys(note for t in tables for note in t.report.notes)
    return Joined(lazy=posts, again=again.height, dropped=tuple(dropped), notes=(*told, *notes))


def _by_reason(dropped: Sequence[Dropped]) -> list[Dropped]:
    """Each reason once, with the rows of all files and examples from the first; every file's report has its own."""
    found: dict[str, Dropped] = {}
    for one in dropped:
        before = found.get(one.reason)
        found[one.reason] = before.model_copy(update={"rows": before.rows + one.rows}) if before else one
    return list(found.values())


def _of_one_kind(tables: Sequence[Posts]) -> tuple[list[pl.LazyFrame], list[str]]:
    """A column that is numbers in one file and text in another becomes what most of its values are."""
    schemas = [t.lazy.collect_schema() for t in tables]
    kinds: dict[str, set[bool]] = {}
    for schema in schemas:
        for name, kind in schema.items():
            kinds.setdefault(name, set()).add(kind.is_numeric())
    frames, notes = [t.lazy for t in tables], []
    for name in [n for n, found in kinds.items() if len(found) > 1]:
        here = [i for i, schema in enumerate(schemas) if name in schema]
        known = {i: int(frames[i].select(pl.col(name).count()).collect().item()) for i in here}
        numeric = {i for i in here if schemas[i][name].is_numeric()}
        numbers = sum(known[i] for i in numeric) >= sum(known[i] for i in here if i not in numeric)
        label = next((t.extra_labels[name] for t in tables if name in t.extra_labels), name)
        for i in here:
            if (i in numeric) == numbers:
                continue
            kept = _as_numbers(frames[i], name) if numbers else pl.col(name).cast(pl.String)
            lost = known[i] - int(frames[i].select(kept.count()).collect().item())
            frames[i] = frames[i].with_columns(kept)
            became = f"{lost:,} of its {known[i]:,} values are missing" if numbers else "it is text everywhere"
            is_here, elsewhere = ("text", "numbers") if numbers else ("numbers", "text")
            notes.append(f'"{label}" is {is_here} in {tables[i].report.file} and {elsewhere} in other files; {became}.')
    return frames, notes


def _as_numbers(posts: pl.LazyFrame, name: str) -> pl.Expr:
    read = reader_of(posts.select(name).collect().to_series())
    return pl.col(name).map_batches(read, return_dtype=pl.Float64(), is_elementwise=True)


def _newest(posts: pl.LazyFrame, columns: set[str]) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """The posts without those that stand again further down, and these."""
    place, own = pl.col(_PLACE), posts.with_row_index(_PLACE).filter(named(columns))
    # Only keys with an equal hash can be equal; the keys themselves would be held in memory for every post.
    hashes = own.select(_PLACE, hash=pl.col("post_key").hash(seed=0)).collect(engine="streaming")
    suspects = hashes.filter(pl.col("hash").is_duplicated())[_PLACE]
    if suspects.is_empty():
        return posts, pl.DataFrame(schema={"source_row": pl.Int64})
    alike = own.filter(place.is_in(suspects.implode())).select(_PLACE, "post_key", "source_row")
    again = alike.collect(engine="streaming").sort(_PLACE).filter(~pl.col("post_key").is_last_distinct())
    kept = posts.with_row_index(_PLACE).filter(~place.is_in(again[_PLACE].implode())).drop(_PLACE)
    return kept, again


def catalogue_of(
    posts: pl.LazyFrame, tables: Sequence[Posts], made: Joined, mark: str, source: str, reader: str
) -> Catalogue:
    """What the catalogue says of joined posts, once they are written."""
    schema = dict(posts.collect_schema())
    time = pl.col("published") if "published" in schema else pl.lit(None, dtype=pl.Datetime)
    facts = (
        posts.select(
            pl.len().alias("|posts"),
            *(pl.col(n).count().alias(f"known|{n}") for n in schema),
            *((pl.col(n).min() == pl.col(n).max()).alias(f"one|{n}") for n in schema),
            time.min().alias("|first"),
            time.max().alias("|last"),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    count, known = facts["|posts"], {n: facts[f"known|{n}"] for n in schema}
    constant = [n for n in schema if n not in _INNER and facts[f"one|{n}"] and known[n] == count and count > 1]
    columns = stored_columns(
        schema,
        known,
        partial(levels, posts),
        {name for t in tables for name in t.categories},
        {name: label for t in tables for name, label in t.extra_labels.items()},
    )
    quality = Quality(
        rows=sum(t.report.rows for t in tables),
        posts=count,
        dropped=made.dropped,
        duplicates=made.again,
        repeated=_repeated(posts, schema),
        constant=tuple(constant),
        notes=made.notes,
        files=tuple(t.report for t in tables),
    )
    return Catalogue(
        fingerprint=mark,
        source=source,
        reader=reader,
        posts=count,
        columns=columns,
        first=str(facts["|first"] or ""),
        last=str(facts["|last"] or ""),
        quality=quality,
    )


def _repeated(posts: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> int:
    """How many posts without an id equal another in every value."""
    content = [c for c in schema if c not in {"source_row", "source_file", "post_key", ROW}]
    nameless = posts.filter(~named(set(schema))).select(hash=pl.struct(content).hash(seed=0))
    count, different = nameless.select(pl.len(), pl.col("hash").n_unique()).collect(engine="streaming").row(0)
    return int(count - different)
