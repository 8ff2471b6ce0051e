"""Processes of their own for what must not take the server with it: their start, their limits, and their end with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import select
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from typing import Any

from postlens.app.traces import Traces, log_to_stderr

_LOADED_BEFORE = ["postlens.app.imports.apart", "postlens.plugins.tables"]


def start(work: Callable[..., None], *args: Any, name: str) -> tuple[BaseProcess, Connection]:
    """Start a process that is told where to send what it finds, then `args`; it, and where to listen."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED_BEFORE)
    _start_safely()
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(work, there, Traces.shown, args), daemon=True, name=name)
    child.start()
    there.close()
    return child, here


def _start_safely() -> None:
    """Start the server of processes without the current folder among the places of modules: what lies there is not ours."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def _run(work: Callable[..., None], there: Connection, traces: bool, args: tuple[Any, ...]) -> None:  # noqa: FBT001
    log_to_stderr(shown=traces)
    threading.Thread(target=_end_with, args=(there.fileno(),), daemon=True).start()
    work(there, *args)


def limit(memory_mb: int, seconds: int) -> None:
    """Bound the memory and the processor time of this process."""
    memory = memory_mb * 1_000_000
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _end_with(pipe: int) -> None:
    """End when nobody listens any more: the server was killed, and could not end its children."""
    watched = select.poll()
    watched.register(pipe, select.POLLERR)
    while not watched.poll(1000):
        pass
    os._exit(1)
