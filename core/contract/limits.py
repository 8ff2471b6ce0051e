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
_HELD_SECONDS = 0.5


class TookTooLong(Exception):
    """A step took longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it took longer than {seconds:.0f} seconds")


class _Stop(BaseException):
    """Raised inside a thread that nobody waits for any more."""


class Worker(threading.Thread):
    """A thread that can be interrupted while it is at work, and not a moment later.

    The moment matters: the interpreter finds the thread to interrupt by a number, and hands the number of one that has ended to
    the next one that begins. Whoever interrupts therefore holds the thread at the end of its work.

    Args:
        work: what it does.
        then: what is done with its result and its error, one of which is None; no interruption reaches it.
    """

    def __init__(
        self, work: Callable[[], Any], then: Callable[[Any, BaseException | None], None], name: str = "postlens-worker"
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._then = work, then
        self._ending = threading.RLock()  # Taken once more where the first taking was interrupted.
        self._began = self._ended = False
        self._refused: type[BaseException] | None = None

    def run(self) -> None:
        """Do the work, end where nothing can interrupt any more, and hand over what came of it."""
        found, error, at_work = None, None, False
        while not self._ended:
            try:
                if not at_work:
                    at_work = True
                    self._begin()
                    found = self._work()
                self._ending.acquire()
                self._ended = True
            except BaseException as raised:  # Whoever waits gets it.
                found, error = None, raised
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.get_ident()), None)
        self._then(found, error)

    def _begin(self) -> None:
        with self._ending:
            if self._refused is not None:
                raise self._refused
            self._began = True

    def interrupt(self, error: type[BaseException]) -> bool:
        """Raise an error in it, before its work where that has not begun; False where it has ended."""
        if not self._ending.acquire(timeout=_HELD_SECONDS):
            return False
        try:
            if self._ended:  # The lock knows its owner by that number, too.
                return False
            if not self._began:
                self._refused = error
                return True
            log.warning("interrupted thread=%s", self.name)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), ctypes.py_object(error))
            return True
        finally:
            self._ending.release()


def end_within(worker: Worker, seconds: float, error: type[BaseException], tries: int = _TRIES) -> threading.Timer:
    """Raise an error in a worker that is still at work after some seconds; what catches even that, a few times more.

    A timer watches, not whoever waits: who waits may be interrupted, too, and must not leave the thread to itself. A loop in
    Python ends; a call that sleeps in C keeps its thread, which keeps nothing waiting. What holds the interpreter itself
    (`os._exit`, a crash in C, a loop in C that never lets go) no process survives from within.
    """

    def now() -> None:
        if worker.interrupt(error) and tries > 1:
            end_within(worker, _AGAIN_SECONDS, error, tries - 1)

    timer = threading.Timer(seconds, now)
    timer.daemon = True
    timer.start()
    return timer


def limited(step: Callable[[], T], seconds: float) -> T:
    """Run a step in a thread of its own and wait for it only so long; see `end_within` for what becomes of it.

    Raises:
        TookTooLong: it did not end in time.
    """
    came: list[tuple[Any, BaseException | None]] = []
    done = threading.Event()

    def tell(found: Any, error: BaseException | None) -> None:
        came.append((found, error))
        done.set()

    worker = Worker(step, tell, name="postlens-limited")
    began = time.monotonic()
    watch = end_within(worker, seconds, _Stop)  # Before the thread begins: between the two somebody may interrupt.
    worker.start()
    in_time = done.wait(seconds)
    if not in_time or time.monotonic() - began >= seconds:  # What an interrupted step raises last says nothing.
        raise TookTooLong(seconds)
    watch.cancel()
    found, error = came[0]
    if error is not None:
        raise error
    return found  # type: ignore[no-any-return]
