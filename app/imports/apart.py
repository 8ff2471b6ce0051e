"""A file read in a process of its own, with a limit on memory and time: the worst file is a sentence, not an outage."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from postlens.app import child
from postlens.app.imports.importing import Outcome, import_one
from postlens.app.workspace import load_plugins
from postlens.core.contract.problems import fail, message_of
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.progress import Progress
from postlens.core.host.config import Data, Deployment

log = logging.getLogger(__name__)
_NO_MEMORY = 12
_TICK = 0.5  # Seconds between two looks at the clock.
_PLACES = threading.BoundedSemaphore(2)  # Each may take `read_memory_mb`.


def reader_of(deployment: Deployment) -> Callable[..., Outcome]:
    """`importing.import_one` for a deployment: in a process of its own, unless `[data] read_seconds` is 0."""
    limits = deployment.config.data
    if not limits.read_seconds:
        return import_one

    def read(library: Path, file: Path, settings: ReadSettings, _readers: Any, client: str, **options: Any) -> Outcome:
        return import_apart(deployment.path, limits, file, library=library, settings=settings, client=client, **options)

    return read


def import_apart(
    config: Path | None, limits: Data, file: Path, progress: Progress = lambda _done, _label: None, **options: Any
) -> Outcome:
    """As `importing.import_one`, in a process of its own.

    Args:
        config: the config whose plugins read files.
        limits: how much memory and time reading may take.
        file: the file.
        progress: told what the process says, again and again; what it raises ends the reading.
        options: the further arguments of `import_one`.
    """
    called = str(options.get("name") or file.name)
    while not _PLACES.acquire(timeout=_TICK):
        progress(0.0, f"Waiting to read {called}")
    try:
        progress(0.0, f"Reading {called}")
        return _apart(called, config, limits, file, progress, options)
    finally:
        _PLACES.release()


def _apart(
    called: str, config: Path | None, limits: Data, file: Path, progress: Progress, options: dict[str, Any]
) -> Outcome:
    seconds = _seconds_for(file, limits.read_seconds)
    _sweep()
    scratch = tempfile.TemporaryDirectory(prefix=f"{_SCRATCH}{os.getpid()}-", ignore_cleanup_errors=True)
    worker, here = child.start(_read, config, limits, file, scratch.name, options, name="postlens-reader")
    try:
        if (said := _wait(here, time.monotonic() + seconds, progress)) is not None:
            return said
        worker.join(_TICK)
        return _ended(called, limits, worker.exitcode)
    except TimeoutError:
        return Outcome(
            file=called,
            problem=fail(
                f'Reading "{called}" was stopped after {seconds:,} seconds.',
                why="Files of its size take a small part of that.",
                hint="Export it again, or split it. Where the machine is slow, raise read_seconds under [data] in config.toml.",
            ),
        )
    finally:
        worker.kill()
        worker.join()
        here.close()
        scratch.cleanup()  # Whoever was stopped could not clear away what it had unpacked.


_SCRATCH = "postlens-reader-"


def _sweep() -> None:
    """Remove what readers of servers left behind that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}[0-9]*-*"):
        with contextlib.suppress(ValueError, PermissionError):
            try:
                os.kill(int(folder.name.split("-")[2]), 0)
            except ProcessLookupError:
                shutil.rmtree(folder, ignore_errors=True)


_BASE, _EACH = 120, 5  # Seconds: what a file may take at least, and for each megabyte.


def _seconds_for(file: Path, most: int) -> int:
    """How long a file may take: two small ones that are made to take long must not keep others waiting for a quarter of an hour."""
    size = file.stat().st_size if file.is_file() else 0
    with contextlib.suppress(OSError, zipfile.BadZipFile, ValueError):
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                size = max(size, sum(member.file_size for member in archive.infolist()))
    return min(most, _BASE + _EACH * size // 1_000_000)


def _wait(here: Connection, until: float, progress: Progress) -> Outcome | None:
    """What the process says at last; None if it ended without a word.

    Raises:
        TimeoutError: it has said nothing final when its time was over.
    """
    last = (0.0, "Reading")
    while True:
        if time.monotonic() > until:
            raise TimeoutError
        if not here.poll(_TICK):
            progress(*last)
            continue
        try:
            said = here.recv()
        except EOFError:
            return None
        if isinstance(said, Outcome):
            return said
        last = said
        progress(*said)


def _ended(called: str, limits: Data, code: int | None) -> Outcome:
    if code == 1:  # An error before the reading began; a lack of memory has another number.
        problem = fail(
            f'"{called}" was not read: the process for it could not begin.',
            hint="What stopped it stands in the log of the server. Start the server again, or tell whoever runs it.",
        )
        return Outcome(file=called, problem=problem)
    return Outcome(
        file=called,
        problem=fail(
            f'"{called}" cannot be read within {limits.read_memory_mb:,} MB of memory.',
            why="The process that read it came to its end.",
            hint="Split the file, take CSV in place of a spreadsheet, or raise read_memory_mb under [data] in config.toml.",
        ),
    )


def _read(
    there: Connection, config: Path | None, limits: Data, file: Path, scratch: str, options: dict[str, Any]
) -> None:
    """In the process of the file; what it writes meanwhile stands in a folder that is removed after it."""
    tempfile.tempdir = scratch
    child.limit(limits.read_memory_mb, 2 * limits.read_seconds)
    _, plugins = load_plugins(config)
    say: Callable[[Any], None] = there.send
    library = options.pop("library")
    settings, client = options.pop("settings"), options.pop("client", "")
    try:
        done = import_one(
            library,
            file,
            settings,
            plugins.readers,
            client,
            progress=lambda share, label: say((share, label)),
            **options,
        )
    except MemoryError:
        os._exit(_NO_MEMORY)  # Whoever waits says how much memory there was.
    except BaseException as error:
        log.exception("reading failed file=%s", file.name)
        done = Outcome(
            file=file.name,
            problem=fail(
                f'"{file.name}" could not be read.',
                why=f"This is a bug in Postlens ({type(error).__name__}: {message_of(error)[:200]}).",
                hint="Send the file's first lines to whoever runs Postlens; the other files are read without it.",
            ),
        )
    say(done)
    there.close()
