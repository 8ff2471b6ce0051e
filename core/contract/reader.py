"""Readers: file formats that a plugin can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from postlens.core.contract.raw_table import RawTable


@dataclass(frozen=True, kw_only=True)
class FileStart:
    """What is known of a file before it is read.

    Attributes:
        name: file name.
        ending: the name's ending in lower case, `.csv`.
        start: the first 64 kB.
    """

    name: str
    ending: str
    start: bytes


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A file format: whether a file is one of its kind, and the file's table of text.

    Attributes:
        id: `[a-z][a-z0-9_]*`.
        label: what people call the format.
        recognise: how sure the reader is of a file: 0 not mine, up to 1. The surest reads it.
        read: the file as a table before any value is interpreted.
        endings: of the files it reads; a folder is searched for these.
        version: bump it when the same file would be read differently.
    """

    api: int
    id: str
    label: str
    recognise: Callable[[FileStart], float]
    read: Callable[[Path], RawTable]
    endings: tuple[str, ...]
    version: str = "1"
