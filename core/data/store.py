"""Posts on disk: each source converted once into Parquet, found again by the fingerprint of its bytes."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from core.contract import Reader
from core.data import readers
from core.data.canonical import Posts, ReadSettings, to_posts
from core.data.metrics import REACTION_KINDS
from core.data.quality import Dropped, Quality
from core.data.raw import ROW
from core.data.roles import hash_of_roles, roles
from core.problems import fail
from core.schema import MOST_LEVELS

Progress = Callable[[float, str], None]
READER = "2"  # Bump when the same bytes would be read differently: stored posts are then made again.


def _reader() -> str:
    """What reads the files: the code's version and the table of roles."""
    return f"{READER}:{hash_of_roles()}"


class StoredColumn(BaseModel):
    """What the catalogue knows about a column without looking at the posts."""

    model_config = ConfigDict(frozen=True)
    name: str
    label: str
    kind: str
    unit: str = ""
    known: int
    levels: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()


class Catalogue(BaseModel):
    """Everything about a data set but the posts."""

    model_config = ConfigDict(frozen=True)
    fingerprint: str
    source: str
    reader: str
    posts: int
    columns: tuple[StoredColumn, ...]
    first: str = ""
    last: str = ""
    quality: Quality


def source_files(source: str, endings: Sequence[str] = readers.endings(readers.TABLES)) -> list[Path]:
    """The files a source names: one file, a glob, or a folder of readable files.

    Raises:
        PostlensError: nothing is there.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        found = sorted(
            p for p in path.iterdir() if p.is_file() and p.suffix.lower() in endings and not p.name.startswith(".")
        )
    elif path.exists() or not glob.has_magic(source):
        found = [path]
    else:
        found = sorted(p for p in map(Path, glob.glob(str(path), recursive=True)) if p.is_file())
    if not found or (len(found) == 1 and not found[0].is_file()):
        raise fail(
            f'There is no file "{source}".'
            if not path.is_dir()
            else f'The folder "{source}" holds no file that Postlens reads.',
            hint=f"Postlens looked in {Path.cwd()}. Check the name, or give the whole path.",
        )
    return found


def fingerprint(files: Sequence[Path], chosen: Sequence[Reader], settings: ReadSettings) -> str:
    """16 hex digits that change when a byte of a file, or the way it is read, changes."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(json.dumps([_reader(), asdict(settings)], sort_keys=True, default=str).encode())
    for path, reader in zip(files, chosen, strict=True):
        digest.update(f"{reader.id}:{reader.version}".encode())
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
        digest.update(path.name.encode())
    return digest.hexdigest()


def import_posts(
    source: str,
    store: Path,
    settings: ReadSettings,
    progress: Progress = lambda _done, _label: None,
    formats: Sequence[Reader] = readers.TABLES,
) -> Path:
    """Convert a source into the store, unless it is there already.

    Returns:
        The folder with `posts.parquet` and `catalogue.json`.
    """
    files = source_files(source, readers.endings(formats))
    progress(0.0, "Looking at the file")
    chosen = [readers.choose(path, formats) for path in files]
    mark = fingerprint(files, chosen, settings)
    home = store / mark
    if (home / "catalogue.json").exists():
        return home
    tables = []
    for done, (path, reader) in enumerate(zip(files, chosen, strict=True)):
        progress(done / (len(files) + 1), f"Reading {path.name}")
        tables.append(to_posts(readers.read(path, reader), settings))
    progress(len(files) / (len(files) + 1), "Writing the posts")
    frame, quality = _combine(tables)
    catalogue = _catalogue(frame, quality, mark, source, tables)
    _write(home, frame, catalogue)
    return home


def _combine(tables: list[Posts]) -> tuple[pl.DataFrame, Quality]:
    frame = pl.concat([t.frame for t in tables], how="diagonal_relaxed")
    rows = sum(t.report.rows for t in tables)
    dropped = [d for t in tables for d in t.report.dropped]
    frame = frame.with_columns(post_key=_post_key(set(frame.columns)))
    identified = _has_identity(frame)
    duplicates = 0
    repeated = _repeated(frame)
    if identified:
        newest = frame.filter(pl.col("post_key").is_last_distinct())
        duplicates = frame.height - newest.height
        if duplicates:
            again = frame.filter(~pl.col("post_key").is_last_distinct())["source_row"].head(5)
            dropped.append(
                Dropped(
                    reason="the same post again, by its id (the last one is kept)",
                    rows=duplicates,
                    examples=tuple(again),
                )
            )
        frame, repeated = newest, 0
    constant = tuple(
        c
        for c in frame.columns
        if c not in {"source_file", "published_precision"}
        and frame[c].drop_nulls().n_unique() == 1
        and frame[c].null_count() == 0
        and frame.height > 1
    )
    notes = tuple(dict.fromkeys(note for t in tables for note in t.report.notes))
    quality = Quality(
        rows=rows,
        posts=frame.height,
        dropped=tuple(dropped),
        duplicates=duplicates,
        repeated=repeated,
        constant=constant,
        notes=notes,
        files=tuple(t.report for t in tables),
    )
    return frame, quality


def _repeated(frame: pl.DataFrame) -> int:
    content = [c for c in frame.columns if c not in {"source_row", "source_file", "post_key", ROW}]
    return frame.height - frame.select(pl.struct(content).n_unique()).item() if frame.height else 0


def _has_identity(frame: pl.DataFrame) -> bool:
    return any(c in frame.columns and frame[c].null_count() == 0 for c in ("post_id", "url"))


def _post_key(columns: set[str]) -> pl.Expr:
    """Platform and id; without an id the link; without a link a hash of account, time, text and row."""
    prefix = pl.col("platform").fill_null("post") if "platform" in columns else pl.lit("post")
    made = pl.concat_str(
        [
            pl.col(c).cast(pl.String)
            for c in ("account_name", "published", "text", "source_file", "source_row")
            if c in columns
        ],
        separator="|",
        ignore_nulls=True,
    )
    best = [pl.col(c) for c in ("post_id", "url") if c in columns]
    return pl.concat_str([prefix, pl.coalesce(*best, made.hash(seed=0).cast(pl.String))], separator=":")


def _kind(name: str, dtype: pl.DataType, categories: set[str]) -> str:
    role = roles().get(name)
    if name in {"post_key", "source_file", "source_row", "post_type_raw", "published_precision"} or (
        role and role.type == "id"
    ):
        return "id"
    if dtype.is_temporal():
        return "time"
    if role and role.type == "rate":
        return "rate"
    if dtype.is_numeric():
        return "metric"
    if role and role.type == "text":
        return "text"
    return "category" if role or name in categories else "text"


def _catalogue(frame: pl.DataFrame, quality: Quality, mark: str, source: str, tables: list[Posts]) -> Catalogue:
    categories = {name for t in tables for name in t.categories}
    extra = {name: label for t in tables for name, label in t.extra_labels.items()}
    order = {name: i for i, name in enumerate(roles())}
    columns = []
    for name in sorted(frame.columns, key=lambda c: order.get(c, len(order))):
        role = roles().get(name)
        kind = _kind(name, frame[name].dtype, categories)
        columns.append(
            StoredColumn(
                name=name,
                label=role.label if role else extra.get(name, name.replace("_", " ").capitalize()),
                kind=kind,
                unit=role.unit if role else "",
                known=frame[name].count(),
                levels=_levels(frame[name]) if kind == "category" or name == "published_precision" else (),
                made_of=tuple(k for k in REACTION_KINDS if k in frame.columns) if name == "reactions" else (),
            )
        )
    columns = _with_unique_labels(columns)
    published = frame["published"] if "published" in frame.columns else pl.Series([], dtype=pl.Datetime)
    return Catalogue(
        fingerprint=mark,
        source=source,
        reader=_reader(),
        posts=frame.height,
        columns=tuple(columns),
        first=str(published.min() or ""),
        last=str(published.max() or ""),
        quality=quality,
    )


def _with_unique_labels(columns: list[StoredColumn]) -> list[StoredColumn]:
    """Two columns with one label get their names beside it."""
    seen = [c.label for c in columns]
    return [c if seen.count(c.label) == 1 else c.model_copy(update={"label": f"{c.label} ({c.name})"}) for c in columns]


def _levels(values: pl.Series) -> tuple[str, ...]:
    """The values of a category, the most frequent first, then by name."""
    counts = values.drop_nulls().value_counts(name="n").sort(["n", values.name], descending=[True, False])
    return tuple(counts[values.name].head(MOST_LEVELS))


def _write(home: Path, frame: pl.DataFrame, catalogue: Catalogue) -> None:
    """Write beside the final place and move: a crash half-way leaves no half data set."""
    home.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".import-", dir=home.parent))
    try:
        frame.write_parquet(scratch / "posts.parquet", compression="zstd", row_group_size=250_000)
        (scratch / "catalogue.json").write_text(catalogue.model_dump_json(indent=1), "utf-8")
        os.replace(scratch, home)
    except OSError:
        if not (home / "catalogue.json").exists():  # Someone else may have written the same data set meanwhile.
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
