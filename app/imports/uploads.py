"""Files somebody dropped on the page, put aside until they are imported or a day has passed."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from postlens.app.imports.importing import gone

_STAGING, _KEPT_SECONDS = ".staging", 24 * 3600
_QUOTA = 20  # Files at the limit that may lie there at the same time.


def put_aside(
    library: Path, contents: Sequence[str], names: Sequence[str], modified: Sequence[float], most: int
) -> list[dict[str, str]]:
    """Put each file in a folder of our own: what a browser calls a file says nothing about where it goes.

    Args:
        library: the folder of the library.
        contents: of the files, as data URLs; what is none is left out.
        names: what the browser calls them.
        modified: when they were written, in milliseconds.
        most: bytes; larger files are left out.

    Returns:
        For each file the `mark` of its folder and its `name`.
    """
    folder = library / _STAGING
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    _make_room(folder, _QUOTA * most)
    staged = []
    for number, (content, name) in enumerate(zip(contents, names, strict=True)):
        try:
            body = base64.b64decode(content.partition(",")[2], validate=True)
        except binascii.Error:
            continue
        if len(body) > most:
            continue
        mark = secrets.token_hex(8)
        file = folder / mark / safe_file_name(name)
        file.parent.mkdir()
        file.write_bytes(body)
        _touch(file, modified[number] if number < len(modified) else None)
        staged.append({"mark": mark, "name": file.name})
    return staged


def _make_room(folder: Path, most: int) -> None:
    """Take away what was put aside the longest ago, until the rest is no more than `most` bytes."""
    sizes = {old: sum(f.stat().st_size for f in old.rglob("*") if f.is_file()) for old in folder.iterdir()}
    for old in sorted(sizes, key=lambda o: o.stat().st_mtime):
        if sum(sizes.values()) <= most:
            return
        shutil.rmtree(old, ignore_errors=True)
        del sizes[old]


def find(library: Path, one: Mapping[str, str]) -> Path:
    """The file that was put aside under a mark.

    Raises:
        PostlensError: it is gone, or the mark is none of ours.
    """
    mark = one.get("mark", "")
    place = library / _STAGING / mark
    if not re.fullmatch(r"[0-9a-f]{16}", mark) or not place.is_dir():
        raise gone(one.get("name", "?"))
    return next(place.iterdir())


def safe_file_name(name: str) -> str:
    """A file's name without anything that could lead elsewhere."""
    kept = re.sub(r"[^\w .()-]", "_", name.replace("\\", "/").rpartition("/")[2]).lstrip(". ")
    stem, ending = Path(kept).stem, Path(kept).suffix
    end = ending.encode()[:20].decode(errors="ignore")  # Folders count bytes, not letters.
    short = stem.encode()[-(100 - len(end.encode())) :].decode(errors="ignore") + end
    return short or "file"


def _touch(file: Path, milliseconds: object) -> None:
    """The time the file was exported, as the browser tells it: later exports are newer, none is of a day to come."""
    now = time.time()
    told = float(milliseconds) if isinstance(milliseconds, int | float) else now
    seconds = told / 1000 if told > 1e11 else told
    seconds = seconds if 0 <= seconds <= now else now  # Also of what is no number.
    os.utime(file, (seconds, seconds))
