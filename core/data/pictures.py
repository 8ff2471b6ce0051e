"""Pictures of posts, which the agency put into a folder: each file is called as its post's id, or as the one in its link."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MAX_FILES, MAX_BYTES = 200_000, 8_000_000
_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp")


class Pictures:
    """The pictures of a folder, found by the ids and links of posts. Only what stood in the folder is ever opened."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._stamp, self._names = -1, dict[str, str]()
        self._lock = threading.Lock()

    def of(self, post: Mapping[str, Any]) -> str:
        """The name of a post's picture; empty where there is none.

        Args:
            post: its `post_id`, `url` and `post_key`, as far as there are any.
        """
        names = self._known()
        return next((names[key] for key in _keys(post) if key in names), "") if names else ""

    def read(self, name: str) -> tuple[bytes, str] | None:
        """A picture and its type; None for what is no picture of the folder, or larger than 8 MB."""
        if self._folder is None or name not in self._known().values():
            return None
        try:
            handle = os.open(self._folder / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(handle, "rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        except OSError:
            return None
        kind = _kind(content[:16])
        return (content, kind) if kind and len(content) <= MAX_BYTES else None

    def _known(self) -> dict[str, str]:
        """Each file's name by the part before its ending; looked at again when the folder has changed."""
        if self._folder is None:
            return {}
        with self._lock:
            try:
                stamp = self._folder.stat().st_mtime_ns
                if stamp != self._stamp:
                    with os.scandir(self._folder) as entries:
                        self._stamp, self._names = stamp, _names(entries)
            except OSError:
                self._stamp, self._names = -1, {}
            return self._names


def _names(entries: Iterable[os.DirEntry[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        name = Path(entry.name)
        if name.suffix.lower() in _ENDINGS and entry.is_file(follow_symlinks=False):
            found[name.stem] = entry.name
            if len(found) >= MAX_FILES:
                break
    return found


# What stands before a post's id in the links of networks; of `/status/179/photo/1` the first counts.
_ID = re.compile(
    r"(?:/(?:status(?:es)?|videos?|photo|posts?|reels?|p|tv|pin|permalink|shorts|explore|item|comments|notes?)/|youtu\.be/|"
    r"(?:activity|share|ugcPost)(?:[:-]|%3A)|[?&](?:v|story_fbid|fbid)=)([\w-]{5,})"
)


def _keys(post: Mapping[str, Any]) -> list[str]:
    """What a post's picture may be called: its id, or the one in its link."""
    found = _ID.search(str(post.get("url") or ""))
    return [key for key in (str(post.get("post_id") or ""), found[1] if found else "") if key]


def _kind(start: bytes) -> str:
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if start.startswith(b"RIFF") and start[8:12] == b"WEBP" else ""
