"""The agency's posts: every imported file kept as it was, with the posts read from it, until the import is undone.

One folder for each import, written beside and moved into place, so that a crash leaves nothing half and readers never
see a part. There is no list of them beside the folders that could say something else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from postlens.core.contract import Reader
from postlens.core.contract.problems import PostlensError, Problem, fail, message_of, nearest
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.blocks_on_disk import BLOCK
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.quality import FileReport
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers
from postlens.core.data.progress import Progress
from postlens.core.data.store import mappings
from postlens.core.data.store.in_place import post_key
from postlens.core.data.vocabulary import metrics

NAME = "library"  # As a source: everything imported so far.
_UNDONE = ".undone"
_SURELY_OVER = 24 * 3600  # Seconds; no import takes as long.
_RECORD, _POSTS = "import.json", "posts.parquet"


class Import(BaseModel):
    """One imported file.

    Attributes:
        id: name of its folder.
        when: the moment it was imported, UTC.
        exported: when the file was last written: of two imports of one post, the later export is the newer.
        mark: of the file's bytes and how they were read; the same file is not imported twice.
        content: of the file's bytes alone; empty in imports of earlier versions.
        posts: of the bytes of the posts that are kept, so that one that changed is not served as truth.
        client: whose posts they are, if told.
        report: how it was read.
        extra_labels, categories: of columns without a role.
    """

    model_config = ConfigDict(frozen=True)
    id: str
    when: datetime
    exported: datetime
    file: str
    mark: str
    content: str = ""
    posts: str = ""
    client: str = ""
    report: FileReport
    extra_labels: dict[str, str] = {}
    categories: tuple[str, ...] = ()


def imports(library: Path) -> list[Import]:
    """What was imported, the oldest export first. A folder that cannot be read is no import and is left alone."""
    return sorted(_recorded(library), key=lambda i: (i.exported, i.when, i.id))


def _recorded(folder: Path) -> list[Import]:
    found = []
    for record in sorted(folder.glob(f"*/{_RECORD}")):
        try:
            one = Import.model_validate_json(record.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if one.id == record.parent.name:  # A folder half-way to its place, left by a crash, has another name.
            found.append(one)
    return found


def read_file(
    path: Path,
    settings: ReadSettings,
    formats: Sequence[Reader],
    client: str = "",
    progress: Progress = lambda _done, _label: None,
    table: RawTable | None = None,
) -> Posts:
    """The posts of a file, as an import would keep them; of its `table`, where that was read already.

    Raises:
        PostlensError: the file cannot be read, or holds no posts.
    """
    posts = to_posts(table or readers.read(path, readers.choose(path, formats)), settings, progress)
    return replace(posts, lazy=posts.lazy.with_columns(client=pl.lit(client))) if client else posts


def add(
    library: Path,
    path: Path,
    settings: ReadSettings,
    formats: Sequence[Reader] = readers.TABLES,
    client: str = "",
    name: str = "",
    progress: Progress = lambda _done, _label: None,
    table: RawTable | None = None,
) -> Import:
    """Import a file: its posts, the report, and the file itself.

    Args:
        library: the folder of imports.
        path: the file.
        settings: how to read it.
        formats: the readers there are.
        client: whose posts they are.
        name: what to call it, where its own name is not what people know it by.
        progress: told the share of columns converted.
        table: the file's table, where it was read already.

    Raises:
        PostlensError: the file cannot be read, holds no posts, or was imported before in the same way or for another client.
    """
    posts = read_file(path, settings, formats, client, progress, table)
    content = _content(path)
    mark = _mark(content, settings, client)
    before = imports(library)
    again = next((i for i in before if i.mark == mark), None)
    if again is not None:
        raise fail(
            f'"{name or path.name}" was imported before, on {again.when:%Y-%m-%d %H:%M} UTC.',
            hint=f"Nothing was added. To read it in another way, undo that import first: {again.id}.",
        )
    other = next((i for i in before if i.content == content and i.client != client), None)
    if other is not None:
        whose, now_whose = (f'client "{c}"' if c else "no client" for c in (other.client, client))
        raise fail(
            f'"{name or path.name}" was imported before for {whose}; now it would be for {now_whose}.',
            why="Its posts can be one client's only, and would move.",
            hint="Nothing was added. To move them, take the first import out on the page Import, or with "
            f"postlens imports --undo {other.id}, and import the file again.",
        )
    now = datetime.now(UTC)
    made = Import(
        id=f"{now:%Y%m%d-%H%M%S}-{mark[:8]}",
        when=now,
        exported=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        file=name or path.name,
        mark=mark,
        content=content,
        client=client,
        report=posts.report,
        extra_labels=posts.extra_labels,
        categories=tuple(sorted(posts.categories)),
    )
    _keep(library, path, posts, made)
    return made


def _content(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()


def _mark(content: str, settings: ReadSettings, client: str) -> str:
    digest = hashlib.blake2b(digest_size=8)
    digest.update(json.dumps([asdict(settings), client], sort_keys=True, default=str).encode())
    digest.update(bytes.fromhex(content))
    return digest.hexdigest()


def _keep(library: Path, path: Path, posts: Posts, made: Import) -> None:
    library.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".import-", dir=library))
    try:
        posts.lazy.sink_parquet(scratch / _POSTS, compression="zstd", row_group_size=BLOCK)
        shutil.copyfile(path, scratch / f"original{path.suffix.lower()}")
        kept = made.model_copy(update={"posts": _content(scratch / _POSTS)})
        (scratch / _RECORD).write_text(kept.model_dump_json(indent=1), "utf-8")
        os.replace(scratch, library / made.id)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def undo(library: Path, wanted: str) -> Import:
    """Take an import out. Its folder is kept aside, so that nothing is lost.

    Raises:
        PostlensError: there is no such import.
    """
    known = {i.id: i for i in imports(library)}
    if not re.fullmatch(r"[\w-]+", wanted) or wanted not in known:
        raise fail(f'There is no import "{wanted}".', hint=nearest(wanted, known) or "See postlens imports.")
    aside = library / _UNDONE
    aside.mkdir(exist_ok=True)
    shutil.rmtree(aside / wanted, ignore_errors=True)
    os.replace(library / wanted, aside / wanted)
    return known[wanted]


def purge(library: Path) -> int:
    """Delete for good what undone and broken-off imports left behind; how many bytes that were.

    Raises:
        PostlensError: something cannot be deleted.
    """
    broken_off = [f for f in library.glob(".import-*") if time.time() - f.stat().st_mtime > _SURELY_OVER]
    return _delete([*library.glob(_UNDONE), *broken_off])


def of_client(library: Path, client: str) -> list[Import]:
    """A client's imports, undone ones too.

    Raises:
        PostlensError: there are none.
    """
    every = [*imports(library), *_recorded(library / _UNDONE)]
    found = [one for one in every if one.client == client]
    if not found:
        names = {one.client for one in every if one.client}
        raise fail(f'There are no imports of a client "{client}".', hint=nearest(client, names))
    return found


def erase(library: Path, found: Sequence[Import]) -> None:
    """Delete imports for good, undone ones too, with the mappings that were saved from their files.

    Raises:
        PostlensError: something cannot be deleted.
    """
    mappings.forget(library, {one.file for one in found})
    places = (library / aside / one.id for one in found for aside in ("", _UNDONE))
    _delete([place for place in places if place.is_dir()])


def _delete(folders: Sequence[Path]) -> int:
    size = sum(f.stat().st_size for folder in folders for f in folder.rglob("*") if f.is_file())
    try:
        for folder in folders:
            shutil.rmtree(folder)
    except OSError as error:
        raise fail(
            f'"{error.filename}" cannot be deleted.',
            why=message_of(error)[:200],
            hint="Nothing else was lost; try again.",
        ) from error
    return size


def history(library: Path, keys: Sequence[str]) -> pl.DataFrame:
    """What every import says of some posts, the oldest export first.

    Args:
        library: the folder of imports.
        keys: values of `post_key`.

    Returns:
        `post_key`, `exported` (the day), and the numbers of each post in that export, its engagements among them; null
        where it has none.
        Imports that cannot be read are left out.
    """
    found = []
    for one in imports(library):
        try:
            posts = pl.scan_parquet(library / one.id / _POSTS)
            if parts := metrics.engagement_parts(set(posts.collect_schema())):
                posts = posts.with_columns(metrics.engagements(parts))
            schema = posts.collect_schema()
            own = {"source_row", "exported"}
            numbers = [n for n, kind in schema.items() if kind.is_numeric() and n not in own]
            of_keys = posts.with_columns(post_key=post_key(set(schema))).filter(pl.col("post_key").is_in(list(keys)))
            day = pl.lit(one.exported.date()).alias("exported")
            found.append(of_keys.select("post_key", day, *numbers).collect(engine="streaming"))
        except (OSError, pl.exceptions.PolarsError):
            continue
    empty = pl.DataFrame(schema={"post_key": pl.String, "exported": pl.Date})
    return pl.concat([empty, *found], how="diagonal_relaxed")


def check(library: Path) -> None:
    """Check that the posts of every import are as they were written.

    Raises:
        PostlensError: one has changed, or is gone.
    """
    problems = []
    for one in imports(library):
        try:
            if one.posts and _content(library / one.id / _POSTS) != one.posts:
                problems.append(_unreadable(one, ValueError("Its posts have changed since they were written")))
        except OSError as error:
            problems.append(_unreadable(one, error))
    if problems:
        raise PostlensError(*problems)


def damaged(library: Path) -> PostlensError:
    """Which imports cannot be read to the end."""
    problems = []
    for one in imports(library):
        try:
            for _ in pl.scan_parquet(library / one.id / _POSTS).collect_batches(chunk_size=BLOCK, engine="streaming"):
                pass
        except (OSError, pl.exceptions.PolarsError) as error:
            problems.append(_unreadable(one, error))
    return PostlensError(*(problems or [Problem(what="The library could not be put together.", hint="Try again.")]))


def _unreadable(one: Import, error: BaseException) -> Problem:
    hint = f"Undo it and import the original again: postlens imports --undo {one.id}."
    return Problem(what=f'The import "{one.id}" cannot be read.', why=message_of(error)[:200], hint=hint)


def tables(library: Path) -> tuple[list[Posts], str]:
    """Every import's posts, the oldest export first, and a mark that changes with any of them.

    Raises:
        PostlensError: nothing was imported yet, or an import cannot be read.
    """
    found = imports(library)
    if not found:
        raise fail("Nothing was imported yet.", hint="Import the files of the networks first: postlens import FILES.")
    read, problems = [], []
    for one in found:
        try:
            lazy = pl.scan_parquet(library / one.id / _POSTS)
            lazy.collect_schema()
        except (OSError, pl.exceptions.PolarsError) as error:
            problems.append(_unreadable(one, error))
            continue
        read.append(
            Posts(lazy=lazy, report=one.report, extra_labels=one.extra_labels, categories=frozenset(one.categories))
        )
    if problems:
        raise PostlensError(*problems)
    mark = hashlib.blake2b("|".join(i.id for i in found).encode(), digest_size=8).hexdigest()
    return read, mark
