"""What a large table needs to become posts without being in memory whole: values in blocks, columns put aside on disk."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import polars as pl

BLOCK = 250_000  # Rows that are converted, written and read at a time.
_Given = TypeVar("_Given", pl.Series, pl.DataFrame)
_Made = TypeVar("_Made", pl.Series, pl.DataFrame)


def in_blocks(work: Callable[[_Given], _Made], values: _Given) -> _Made:
    """What `work` makes of the values, where it treats each value by itself: the copies it makes on the way stay small."""
    if len(values) <= BLOCK:
        return work(values)
    made = [work(values.slice(start, BLOCK)) for start in range(0, len(values), BLOCK)]
    return pl.concat(made, rechunk=True)


class Scratch:
    """A folder that goes away with this object, or with the process."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="postlens-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Columns:
    """The columns of a table that is being made, all of one length; a long one's are on disk until they are asked for.

    Attributes:
        folder: where they are; to be held as long as the table is used. None for a short one.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.folder = Scratch() if rows > BLOCK else None
        self._values: dict[str, pl.Series] = {}
        self.schema: dict[str, pl.DataType] = {}
        self.known: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.schema

    def put(self, name: str, values: pl.Series) -> None:
        """Add a column, or put another in its place."""
        self.schema[name], self.known[name] = values.dtype, values.count()
        if self.folder is None:
            self._values[name] = values.rename(name)
        else:
            values.to_frame(name).write_parquet(self._path(name), compression="lz4", row_group_size=BLOCK)

    def table(self) -> pl.LazyFrame:
        """All columns side by side."""
        if self.folder is None:
            return pl.DataFrame(list(self._values.values())).lazy()
        columns = [pl.scan_parquet(self._path(name)) for name in self.schema]
        parts = []
        for start in range(0, self.rows, BLOCK):
            block = pl.concat(pl.collect_all([c.slice(start, BLOCK) for c in columns]), how="horizontal")
            parts.append(self.folder.path / f"rows-{start:012d}.parquet")
            block.write_parquet(parts[-1], compression="lz4")
        return pl.scan_parquet(parts)

    def _path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder.path / f"column-{list(self.schema).index(name)}.parquet"
