"""Posts on disk: each source converted once into Parquet, found again by the fingerprint of its bytes."""

from __future__ import annotations

import glob
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import polars as pl

from postlens.core.contract import Reader
from postlens.core.contract.problems import PostlensError, fail, reraise_fatal
from postlens.core.data.convert.blocks_on_disk import BLOCK
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers
from postlens.core.data.progress import Progress, part
from postlens.core.data.store import in_place, library
from postlens.core.data.store.catalogue import Catalogue
from postlens.core.data.store.in_place import Scanned
from postlens.core.data.store.merge import catalogue_of, joined
from postlens.core.data.store.profile import survey
from postlens.core.data.vocabulary.roles import check_overrides

log = logging.getLogger(__name__)
_READS = ("files", "convert", "vocabulary")  # Rooms of `core/data` whose code and tables decide how bytes are read.


@cache
def how_read(home: Path = Path(__file__).parents[1]) -> str:
    """What reads the files, by its code and tables: posts that other code has read are read again."""
    mark = hashlib.blake2b(digest_size=8)
    for file in sorted(f for room in _READS for f in (home / room).iterdir() if f.suffix in {".py", ".tsv", ".toml"}):
        mark.update(f"{file.parent.name}/{file.name}\0".encode() + file.read_bytes())
    return mark.hexdigest()


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
    digest.update(json.dumps([how_read(), asdict(settings)], sort_keys=True, default=str).encode())
    for path, reader in zip(files, chosen, strict=True):
        digest.update(f"{reader.id}:{reader.version}".encode())
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
        digest.update(path.name.encode())
    return digest.hexdigest()


_DIGESTS = "digests.json"
_KEPT = ("catalogue.json", "posts.parquet")


def whole(home: Path) -> bool:
    """Whether converted posts are there and as they were written: a changed byte would be a wrong number, not an error."""
    try:
        written = json.loads((home / _DIGESTS).read_text("utf-8"))
        return (home / "catalogue.json").exists() and written == _digests(home)
    except (OSError, ValueError):
        return False


def _digests(home: Path) -> dict[str, str]:
    found = {}
    for name in _KEPT:
        if (home / name).exists():
            with (home / name).open("rb") as stream:
                found[name] = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    return found


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
    if whole(home):
        return home
    if (scanned := in_place.plan(files, settings)) and all(r in readers.TABLES for r in chosen):
        progress(0.5, "Looking through the posts")
        if found := _surveyed(scanned, mark, source):
            _write(home, None, found)
            return home
    tables, headers = [], set()
    for done, (path, reader) in enumerate(zip(files, chosen, strict=True)):
        step = part(progress, done, len(files) + 1)
        step(0.0, f"Reading {path.name}")
        raw = readers.read(path, reader)
        headers |= set(raw.headers)
        if done == len(files) - 1 and (problems := check_overrides(settings.columns, headers)):
            raise PostlensError(*problems)
        tables.append(to_posts(raw, replace(settings, columns=settings.here(raw.headers)), step))
    progress(len(files) / (len(files) + 1), "Writing the posts")
    _store(home, tables, mark, source)
    return home


def _surveyed(scanned: Scanned, mark: str, source: str) -> Catalogue | None:
    """The catalogue of files scanned in place; None where they cannot be, be it that they are damaged."""
    try:
        return survey(scanned, mark, source, how_read())
    except BaseException as error:
        reraise_fatal(error)
        log.exception("not scanned in place source=%s", source)
        return None  # Reading them value by value says what is wrong.


def store_library(folder: Path, store: Path) -> Path:
    """Everything imported so far as one data set, of each post its newest export.

    Returns:
        The folder with `posts.parquet` and `catalogue.json`.

    Raises:
        PostlensError: nothing was imported yet, or an import cannot be read.
    """
    tables, mark = library.tables(folder)
    digest = hashlib.blake2b(f"{how_read()}:{mark}".encode(), digest_size=8).hexdigest()
    home = store / digest
    if not whole(home):
        library.check(folder)
        try:
            _store(home, tables, digest, library.NAME)
        except pl.exceptions.PolarsError as error:
            raise library.damaged(folder) from error
    return home


def _store(home: Path, tables: Sequence[Posts], mark: str, source: str) -> None:
    posts = joined(tables)
    _write(home, posts.lazy, lambda written: catalogue_of(written, tables, posts, mark, source, how_read()))


def _write(home: Path, posts: pl.LazyFrame | None, catalogue: Callable[[pl.LazyFrame], Catalogue] | Catalogue) -> None:
    """Write beside the final place and move: a crash half-way leaves no half data set.

    Args:
        home: the final place.
        posts: what goes into `posts.parquet`; None where the source is scanned in place.
        catalogue: the catalogue, or what makes it of the posts once they are written.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".import-", dir=home.parent))
    try:
        if posts is not None:
            posts.sink_parquet(scratch / "posts.parquet", compression="zstd", row_group_size=BLOCK)
        made = catalogue if isinstance(catalogue, Catalogue) else catalogue(pl.scan_parquet(scratch / "posts.parquet"))
        (scratch / "catalogue.json").write_text(made.model_dump_json(indent=1), "utf-8")
        (scratch / _DIGESTS).write_text(json.dumps(_digests(scratch)), "utf-8")
        if home.exists() and not whole(home):  # Damaged: made again in its place.
            shutil.rmtree(home)
        os.replace(scratch, home)
    except OSError:
        if not whole(home):  # Someone else may have written the same data set meanwhile.
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
