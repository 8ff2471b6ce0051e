"""Time limits for a plugin's code: whoever waits goes on, and what does not end by itself is interrupted."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)
START_SECONDS = 20.0
_AGAIN_SECONDS, _TRIES = 5.0, 6


class TookTooLong(Exception):
    """A step took longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it took longer than {seconds:.0f} seconds")


class _Stop(BaseException):
    """Raised inside a thread that nobody waits for any more."""


def end_within(
    thread: threading.Thread, seconds: float, error: type[BaseException], tries: int = _TRIES
) -> threading.Timer:
    """Raise an error in a thread that is still at work after some seconds; what catches even that, a few times more.

    A timer watches, not whoever waits: who waits may be interrupted, too, and must not leave the thread to itself. A loop in
    Python ends; a call that sleeps in C keeps its thread, which keeps nothing waiting. What holds the interpreter itself
    (`os._exit`, a crash in C, a loop in C that never lets go) no process survives from within.
    """

    # `is_alive` is not asked: in a thread whose `join` was interrupted it says no of one that is at work.
    def now() -> None:
        if thread.ident is None or thread not in threading.enumerate():
            return
        log.warning("interrupted thread=%s", thread.name)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(error))
        if tries > 1:
            end_within(thread, _AGAIN_SECONDS, error, tries - 1)

    timer = threading.Timer(seconds, now)
    timer.daemon = True
    timer.start()
    return timer


def limited(step: Callable[[], T], seconds: float) -> T:
    """Run a step in a thread of its own and wait for it only so long; see `end_within` for what becomes of it.

    Raises:
        TookTooLong: it did not end in time.
    """
    found: list[Any] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            found.append(step())
        except _Stop:
            pass  # Nobody waits any more: `TookTooLong` was raised where somebody did.
        except BaseException as error:  # Raised again where somebody waits for it.
            failed.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=run, name="postlens-limited", daemon=True)
    began = time.monotonic()
    watch = end_within(thread, seconds, _Stop)  # Before the thread begins: between the two somebody may interrupt.
    thread.start()
    in_time = done.wait(seconds)
    if not in_time or time.monotonic() - began >= seconds:  # What an interrupted step raises last says nothing.
        raise TookTooLong(seconds)
    watch.cancel()
    if failed:
        raise failed[0]
    return found[0]  # type: ignore[no-any-return]
