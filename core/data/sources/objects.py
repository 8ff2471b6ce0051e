"""Posts from object storage or a web address: the files are copied once, and again only where they have changed."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from postlens.core.contract.problems import PostlensError, Problem, fail, message_of, reraise_fatal

_SCHEMES = ("s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss", "https", "http")
_WEB = ("https", "http")
_MANIFEST, _STALE = ".objects.json", ".stale"
log = logging.getLogger(__name__)
MAX_FILES = 10_000
_WHERE = "[data] source"


@dataclass(frozen=True)
class _Object:
    """A file where it is kept: its path below the root, what changes with its content, and when it was written."""

    path: str
    mark: str
    size: int
    written: datetime


def is_address(source: str) -> bool:
    """Whether a source is in object storage or on the web: `s3://`, `gs://`, `az://`, `https://`."""
    scheme, there, _ = source.partition("://")
    return bool(there) and scheme.lower() in _SCHEMES


def name_of(source: str) -> str:
    """What people call it: the last part of the address that is no pattern."""
    parts = [part for part in source.partition("://")[2].split("/") if part and not set(part) & set("*?[")]
    return parts[-1] if parts else source


def fetch(
    source: str, folder: Path, endings: Sequence[str], most_mb: int, progress: Callable[[float, str], None]
) -> Path:
    """Copy the files of an address into a folder of their own.

    Args:
        source: a file, a folder ending in `/`, or a pattern such as `s3://bucket/exports/2026-*.csv`. Credentials are those of
            the environment, as the tools of each cloud read them.
        folder: where copies are kept.
        endings: of files that can be read, in lower case.
        most_mb: all files together may have so much.
        progress: told what is copied.

    Returns:
        The folder with the copies: changed files are copied again, those that are gone are deleted.

    Raises:
        PostlensError: the package for it is missing, the address holds a secret or no files, is too large, or does not answer.
    """
    _check(source)
    home = folder / hashlib.blake2b(source.encode(), digest_size=8).hexdigest()
    try:
        _bring(source, home, endings, most_mb, progress)
    except PostlensError as error:
        if not _manifest(home):
            raise
        log.warning("%s The copies of an earlier start are used.", error)
        (home / _STALE).write_text(str(error), "utf-8")
    except OSError as error:
        raise fail(f'The copies of "{source}" cannot be kept.', where=_WHERE, why=message_of(error)[:200]) from error
    return home


def stale(source: str, folder: Path) -> Problem | None:
    """That the copies of an address are those of an earlier start, for it did not answer at this one; None where they are new."""
    home = folder / hashlib.blake2b(source.encode(), digest_size=8).hexdigest()
    try:
        why, since = (home / _STALE).read_text("utf-8"), (home / _MANIFEST).stat().st_mtime
    except OSError:
        return None
    day = datetime.fromtimestamp(since, UTC)
    return Problem(
        what=f"The posts are those of {day:%-d %B %Y}: their source could not be read at this start.",
        where=_WHERE,
        why=why,
    )


def _bring(
    source: str, home: Path, endings: Sequence[str], most_mb: int, progress: Callable[[float, str], None]
) -> None:
    """Copy what is new or has changed, and delete what is gone there."""
    root, pattern = _parted(source)
    try:
        store = _store(root)
        objects = _listed(store, source, pattern, endings)
    except PostlensError:
        raise
    except BaseException as error:
        reraise_fatal(error)
        raise _silent(source, error) from error
    _check_size(source, objects, most_mb)
    home.mkdir(parents=True, exist_ok=True)
    known, names = _manifest(home), _names(objects)
    copied: list[tuple[Path, Path]] = []
    for number, one in enumerate(objects):
        local = home / names[one.path]
        if known.get(local.name) == one.mark and local.exists():
            continue
        progress(number / len(objects), f"Copying {one.path.rpartition('/')[2]}")
        try:
            copied.append((_copy(store, one, local), local))
        except (PostlensError, OSError):
            raise
        except BaseException as error:
            reraise_fatal(error)
            raise _silent(source, error) from error
    for part, local in copied:  # Once all are there: of a start that fails half-way nothing is changed.
        os.replace(part, local)
    now = {names[one.path]: one.mark for one in objects}
    for there in home.iterdir():
        if there.name not in now and there.name != _MANIFEST and not _being_made(there):
            there.unlink(missing_ok=True)
    (home / _MANIFEST).write_text(json.dumps(now), "utf-8")


# Behind a question mark or in a fragment stand signatures; a question mark alone is a sign of patterns.
_SIGNED = re.compile(r"[?&#;][\w.%-]*=")


def _being_made(file: Path) -> bool:
    """Whether another process may be copying it now, as a worker does."""
    return file.name.startswith(_PART) and time.time() - file.stat().st_mtime < _LONGEST_COPY


_PART, _LONGEST_COPY = ".part-", 3600.0  # Seconds.


def _check(source: str) -> None:
    """Refuse an address that holds what belongs into the environment."""
    if "@" in source.partition("://")[2].partition("/")[0] or _SIGNED.search(source):
        raise fail(
            "An address with a password or a signature does not belong into the config, which is copied and shared.",
            where=_WHERE,
            hint="Take it out, and set the credentials in the environment: AWS_ACCESS_KEY_ID and the like.",
        )


def _parted(source: str) -> tuple[str, str]:
    """The root that is listed, and what its files are called; of a web address its folder and one file."""
    scheme, _, place = source.partition("://")
    parts = place.split("/")
    if scheme.lower() in _WEB:  # The client writes signs for the web itself.
        return f"{scheme}://{unquote('/'.join(parts[:-1]))}", unquote(parts[-1])
    fixed = next((i for i, part in enumerate(parts) if set(part) & set("*?[")), len(parts) - 1)
    fixed = max(fixed, 1)
    return f"{scheme}://{'/'.join(parts[:fixed])}", "/".join(parts[fixed:])


def _store(root: str) -> Any:
    try:
        from obstore.store import from_url
    except ImportError:
        raise fail(
            "Reading object storage or a web address needs a package that is not installed.",
            where=_WHERE,
            hint='pip install "postlens[cloud]"',
        ) from None
    return from_url(root, client_options={"allow_http": True}) if root.lower().startswith("http://") else from_url(root)


def _listed(store: Any, source: str, pattern: str, endings: Sequence[str]) -> list[_Object]:
    import obstore

    if source.lower().startswith(("http://", "https://")):
        if not pattern or set(pattern) & set("*["):
            raise fail(
                "A web address has to be that of one file.", where=_WHERE, hint="https://example.org/posts.parquet"
            )
        return [_object(_meta(store, pattern))]
    if pattern and not pattern.endswith("/") and not set(pattern) & set("*?["):
        try:
            return [_object(obstore.head(store, pattern))]
        except FileNotFoundError:
            pattern += "/"  # A folder without its stroke.
    wanted = pattern if set(pattern) & set("*?[") else f"{pattern}*"
    found = [
        _object(meta)
        for meta in _all(obstore.list(store))
        if fnmatch.fnmatchcase(meta["path"], wanted)
        and meta["path"].lower().endswith(tuple(endings))
        and meta["size"]  # Marks of folders, and uploads that were broken off.
    ]
    if not found:
        raise fail(
            f'"{source}" has no file that Postlens reads.',
            where=_WHERE,
            why=f"It reads {', '.join(endings)}; a folder ends in /.",
            hint="Check the address.",
        )
    return sorted(found, key=lambda one: one.path)


def _meta(store: Any, path: str) -> Any:
    """What a web server says of a file; some answer only who takes it."""
    import obstore
    from obstore.exceptions import BaseError

    try:
        return obstore.head(store, path)
    except BaseError:
        return obstore.get(store, path).meta


def _all(pages: Iterable[Sequence[Any]]) -> Iterator[Any]:
    count = 0
    for page in pages:
        for meta in page:
            count += 1
            if count > 100 * MAX_FILES:
                return
            yield meta


def _object(meta: Any) -> _Object:
    written = meta["last_modified"]
    if not meta.get("e_tag") and written.year < _KNOWN_SINCE:  # Nothing says whether it changed.
        written = datetime.now(UTC)
    mark = str(meta.get("e_tag") or written.isoformat())
    return _Object(meta["path"], f"{mark} {meta['size']}", int(meta["size"]), written)


_KNOWN_SINCE = 1990


def _check_size(source: str, objects: Sequence[_Object], most_mb: int) -> None:
    much = sum(one.size for one in objects) / 1e6
    if len(objects) > MAX_FILES or much > most_mb:
        raise fail(
            f'"{source}" has {len(objects):,} files of {much:,.0f} MB together.',
            where=_WHERE,
            why=f"At most {MAX_FILES:,} files and {most_mb:,} MB are copied.",
            hint='Name fewer of them, as in "s3://bucket/posts/2026-*.parquet", or raise [data] fetch_mb.',
        )


def _names(objects: Sequence[_Object]) -> dict[str, str]:
    """Of each path the name of its copy: never a place that the object's name says, and no two alike."""
    plain = {
        one.path: re.sub(r"[^\w.() -]", "_", one.path.rpartition("/")[2])[-120:].lstrip(".") or "posts"
        for one in objects
    }
    times = Counter(name.lower() for name in plain.values())
    return {
        path: name
        if times[name.lower()] == 1
        else f"{hashlib.blake2b(path.encode(), digest_size=4).hexdigest()}-{name}"
        for path, name in plain.items()
    }


def _manifest(home: Path) -> dict[str, str]:
    try:
        found = json.loads((home / _MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _copy(store: Any, one: _Object, local: Path) -> Path:
    """The copy under a name of its own, whole."""
    import obstore

    part, much = local.with_name(f"{_PART}{os.getpid()}-{local.name}"), 0
    with part.open("wb") as out:
        for chunk in obstore.get(store, one.path).stream():
            much += len(chunk)
            if much > one.size:
                break
            out.write(chunk)
    if much != one.size:
        part.unlink()
        raise fail(
            f'"{one.path}" changed while it was copied.',
            where=_WHERE,
            why=f"It was said to have {one.size:,} bytes.",
            hint="Start Postlens again when it is whole.",
        )
    written = one.written.timestamp()
    os.utime(part, (written, written))  # Of two exports of one post the later one counts.
    return part


def _silent(source: str, error: BaseException) -> PostlensError:
    told = message_of(error).splitlines()[0]
    if (named := re.search(r'Path "([^"]*)" contained', told)) is not None:
        return fail(
            f'"{source}" holds an object with a name that cannot be read: "{named[1][:200]}".',
            where=_WHERE,
            why="A part of its name is empty, or dots.",
            hint="Give it another name, or name a folder or a file without it.",
        )
    credentials = (
        "Check the address."
        if source.lower().startswith(("http://", "https://"))
        else "Check the address, and the credentials in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION "
        "and AWS_ENDPOINT; GOOGLE_APPLICATION_CREDENTIALS; AZURE_STORAGE_ACCOUNT_NAME and its key."
    )
    return fail(
        f'"{source}" did not answer.', where=_WHERE, why=re.sub(r"\?[\w.%-]+=\S*", "", told)[:300], hint=credentials
    )
