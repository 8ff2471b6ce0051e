"""Answers kept: the latest in memory, the newest few hundred on disk, so that a link opens at once."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any, get_type_hints

import polars as pl

from postlens.core.ask import results
from postlens.core.ask.outcome import Done, Receipt
from postlens.core.contract import Panel
from postlens.core.contract.problems import Problem, reraise_fatal

log = logging.getLogger(__name__)
_IN_MEMORY, _ON_DISK = 64, 400


class AnswerCache:
    """Answers by key. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory: OrderedDict[str, Done] = OrderedDict()
        self._lock = Lock()

    def get(self, panel: Panel[Any, Any], key: str) -> Done | None:
        """The answer, if somebody asked before."""
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
                return self._memory[key]
        return self._from_disk(panel, key)

    def put(self, panel: Panel[Any, Any], key: str, done: Done) -> None:
        """Keep an answer; one that cannot be stored is kept in memory only."""
        self._remember(key, done)
        home = self._folder / panel.id / key
        try:
            meta = {
                "receipt": done.receipt.__dict__,
                "params": done.params.model_dump(mode="json"),
                "notes": [note.__dict__ for note in done.notes],
            }
            results.write(done.result, home, {"receipt.json": json.dumps(meta)})
            _prune(self._folder / panel.id)
        except (OSError, ValueError, TypeError, pl.exceptions.PolarsError) as error:
            log.warning("result not stored panel=%s reason=%s", panel.id, type(error).__name__)

    def stored(self, panel: Panel[Any, Any], key: str) -> dict[str, bytes]:
        """The files of a stored answer by name; none where it is not stored."""
        home = self._folder / panel.id / key
        return (
            {file.name: file.read_bytes() for file in sorted(home.iterdir())}
            if (home / "receipt.json").exists()
            else {}
        )

    def take(self, panel: Panel[Any, Any], key: str, files: Mapping[str, bytes]) -> None:
        """Keep an answer that was computed and stored elsewhere.

        Raises:
            ValueError: a file would lie elsewhere than in the answer's folder.
        """
        home = self._folder / panel.id / key
        if any(Path(name).name != name or name.startswith(".") for name in files):
            raise ValueError("a file of the answer has no plain name")
        if (home / "receipt.json").exists():
            return
        home.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".result-", dir=home.parent))
        try:
            for name, content in files.items():
                (scratch / name).write_bytes(content)
            with contextlib.suppress(OSError):  # Somebody else stored the same answer first.
                os.replace(scratch, home)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        _prune(self._folder / panel.id)

    def _remember(self, key: str, done: Done) -> None:
        with self._lock:
            remember(self._memory, key, done, _IN_MEMORY)

    def _from_disk(self, panel: Panel[Any, Any], key: str) -> Done | None:
        home = self._folder / panel.id / key
        if not (home / "receipt.json").exists():
            return None
        try:
            meta = json.loads((home / "receipt.json").read_text("utf-8"))
            meta["receipt"]["filters"] = [tuple(pair) for pair in meta["receipt"]["filters"]]
            done = Done(
                result=results.read(get_type_hints(panel.compute)["return"], home),
                params=panel.params.model_validate(meta["params"]),
                receipt=Receipt(**meta["receipt"]),
                notes=tuple(Problem(**note) for note in meta["notes"]),
            )
        except BaseException as error:  # A damaged or outdated entry is computed again, whatever is wrong with it.
            reraise_fatal(error)
            log.warning("stored result unreadable panel=%s reason=%s", panel.id, type(error).__name__)
            shutil.rmtree(home, ignore_errors=True)
            return None
        self._remember(key, done)
        return done


def remember(memory: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    """Put into an ordered memory and forget the oldest beyond `most`."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)


def _prune(folder: Path) -> None:
    """Keep the newest results of a panel; a reader that loses one computes it again."""
    entries = [e for e in folder.iterdir() if not e.name.startswith(".")]
    if len(entries) <= _ON_DISK:
        return
    with contextlib.suppress(OSError):
        for old in sorted(entries, key=lambda e: e.stat().st_mtime)[: len(entries) - _ON_DISK]:
            shutil.rmtree(old, ignore_errors=True)
