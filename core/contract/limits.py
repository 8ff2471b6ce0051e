"""A time limit for what a plugin does while the app starts."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
START_SECONDS = 20.0
_NAME = "postlens-limited"


class TookTooLong(Exception):
    """A step took longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it took longer than {seconds:.0f} seconds")


class _Stop(BaseException):
    """Raised inside a thread that nobody waits for any more."""


def interrupt(thread: threading.Thread, error: type[BaseException]) -> None:
    """Raise an error in another thread, at its next step in Python."""
    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(error))


def limited(step: Callable[[], T], seconds: float) -> T:
    """Run a step in a thread of its own and wait for it only so long.

    A loop in Python is ended; a call that sleeps in C keeps its thread, which waits for nobody and keeps nothing waiting. What
    holds the interpreter itself (`os._exit`, a crash in C, a loop in C that never lets go) no process survives from within.

    Raises:
        TookTooLong: it did not end in time.
    """
    found: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(step())
        except _Stop:
            pass
        except BaseException as error:  # Raised again where somebody waits for it.
            failed.append(error)

    if threading.current_thread().name == _NAME:
        return step()  # Within a step that is waited for already: of two threads the inner one could go on alone.
    thread = threading.Thread(target=run, name=_NAME, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        interrupt(thread, _Stop)
        raise TookTooLong(seconds)
    if failed:
        raise failed[0]
    return found[0]  # type: ignore[no-any-return]
