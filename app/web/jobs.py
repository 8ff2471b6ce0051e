"""Work in threads, one job for each question, however many people ask it.

Work that ignores its cancellation gives up its place at once, so that a panel in an endless loop never keeps others waiting;
after some seconds it is interrupted, so that it does not keep the interpreter from them either. What loops outside of Python
keeps its thread. A page says when it is closed, and asks again while it waits: where
others wait for a place, one that has not asked for some seconds loses its own.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from postlens.core.contract.limits import Worker, end_within
from postlens.core.contract.problems import Cancelled

log = logging.getLogger(__name__)
_PLACES = 4
_REMEMBER_SECONDS = 120
_WITHIN = 8.0  # Seconds a request waits at most for what a plugin may hold up.
_DEAF_SECONDS = 5.0  # How long work may ignore that it was cancelled.
_GONE_SECONDS = 90  # Without a word for so long nobody is there, whether others wait or not.
_SILENT_SECONDS = 10  # A page asks every half second; one in the background, every second.

Work = Callable[[Callable[[float, str], None], Callable[[], bool]], Any]


class TooLong(Exception):
    """The work took longer than the deployment allows."""


@dataclass
class Job:
    """A question being answered.

    Attributes:
        done, step: how far it is, 0 to 1, and the name of the step.
        watchers: who waits for it, and when each was last heard of; it stops when the last one leaves.
    """

    future: Future[Any]
    cancel: threading.Event
    place: _Place
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: float = field(default_factory=time.monotonic)
    done: float = 0.0
    step: str = "Waiting for a free place"
    began: float | None = None
    worker: Worker | None = None
    watchers: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self.started

    def stop(self, error: BaseException | None = None) -> None:
        """Ask the work to stop, and free its place whether it listens or not."""
        self.cancel.set()
        _settle(self, None, error or Cancelled())
        self.place.give_back()
        if self.worker is not None:
            end_within(self.worker, _DEAF_SECONDS, Cancelled)


class _Place:
    """One of the places to work at; taken once and given back once, by the work or by whoever stops it.

    Args:
        places: all that have to be free: of its own kind first, then of all.
    """

    def __init__(self, *places: threading.Semaphore) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._state = "waiting"

    def take(self, cancelled: Callable[[], bool], meanwhile: Callable[[], None]) -> bool:
        """Wait in line; False if cancelled meanwhile."""
        for taken, places in enumerate(self._places):
            while not places.acquire(timeout=0.2):
                meanwhile()
                if cancelled():
                    self._release(taken)
                    return False
        with self._lock:
            if self._state == "given back":
                self._release(len(self._places))
                return False
            self._state = "taken"
        return True

    def give_back(self) -> None:
        """Let the next one work."""
        with self._lock:
            if self._state == "taken":
                self._release(len(self._places))
            self._state = "given back"

    def _release(self, taken: int) -> None:
        for places in self._places[:taken]:
            places.release()


def _run(job: Job, work: Work, meanwhile: Callable[[], None]) -> Any:
    def report(done: float, step: str) -> None:
        job.done, job.step = done, step

    if not job.place.take(job.cancel.is_set, meanwhile):
        raise Cancelled
    job.began = time.monotonic()
    return work(report, job.cancel.is_set)


def _finish(job: Job, found: Any, error: BaseException | None) -> None:
    _settle(job, found, error)
    job.place.give_back()


def _settle(job: Job, found: Any, error: BaseException | None) -> None:
    with job.lock:
        if job.future.done():
            return
        if error is not None:
            job.future.set_exception(error)
        else:
            job.future.set_result(found)


def _was_cancelled(job: Job) -> bool:
    return job.cancel.is_set() and job.future.done() and isinstance(job.future.exception(), Cancelled)


class Jobs:
    """The jobs of one app: at most four at work at the same time, of one kind one fewer; the others wait in line.

    Args:
        places: how many are at work at the same time.
        limit: seconds that one may take.
        silent: seconds after which whoever has not asked again is gone.
    """

    def __init__(self, places: int = _PLACES, limit: float = math.inf, silent: float = _SILENT_SECONDS) -> None:
        self._limit, self._silent = limit, silent
        self._places = threading.Semaphore(places)
        self._of_kind: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(max(places - 1, 1)))
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def ask(self, key: str, work: Work, watcher: str, kind: str = "") -> Job:
        """The job for a question: the running one, a finished one, or a new one.

        Args:
            key: the question.
            work: how to answer it.
            watcher: who waits.
            kind: jobs of one kind never take the last place, so that a panel that hangs leaves one to the others.
        """
        with self._lock:
            self._forget_old()
            job = self._jobs.get(key)
            if job is None or _was_cancelled(job):
                job = self._start(key, work, kind)
            job.watchers[watcher] = time.monotonic()
        self._stop_long()
        return job

    def find(self, key: str) -> Job | None:
        """The job for a question, if there is one."""
        return self._jobs.get(key)

    def leave(self, key: str, watcher: str) -> None:
        """Somebody no longer waits. Without anybody waiting the work stops."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return
            job.watchers.pop(watcher, None)
            if not job.watchers and not job.future.done():
                self._jobs.pop(key, None)
                job.stop()

    def gone(self, watcher: str) -> None:
        """A page was closed: it waits for nothing any more."""
        for key in [k for k, job in list(self._jobs.items()) if watcher in job.watchers]:
            self.leave(key, watcher)

    def _stop_long(self) -> None:
        now = time.monotonic()
        for job in list(self._jobs.values()):
            if not job.future.done() and job.began is not None and now - job.began > self._limit:
                job.stop(TooLong())
        self._notice_silent(_GONE_SECONDS)

    def _notice_gone(self) -> None:
        """Somebody waits for a place: whoever has not asked again for some time does not need theirs."""
        self._stop_long()
        self._notice_silent(self._silent)

    def _notice_silent(self, seconds: float) -> None:
        now = time.monotonic()
        for key, job in list(self._jobs.items()):
            for watcher, heard in list(job.watchers.items()):
                if not job.future.done() and now - heard > seconds:
                    self.leave(key, watcher)

    def drop(self, key: str) -> None:
        """Forget a finished job, so that asking again computes again."""
        with self._lock:
            self._jobs.pop(key, None)

    def _start(self, key: str, work: Work, kind: str) -> Job:
        own = (self._of_kind[kind],) if kind else ()
        job = Job(Future(), threading.Event(), _Place(*own, self._places))
        self._jobs[key] = job
        job.worker = Worker(
            lambda: _run(job, work, self._notice_gone),
            lambda found, error: _finish(job, found, error),
            name=f"postlens-job-{key}",
        )
        job.worker.start()
        return job

    def _forget_old(self) -> None:
        old = [k for k, job in self._jobs.items() if job.future.done() and job.seconds > _REMEMBER_SECONDS]
        for key in old:
            del self._jobs[key]


def outcome(job: Job, seconds: float) -> Any:
    """The job's outcome if it comes within some time; None if it is still at work.

    Raises:
        Cancelled: somebody stopped it.
        TooLong: it took longer than allowed.
    """
    wait([job.future], timeout=seconds)
    if not job.future.done():
        return None
    return job.future.result()


def within(jobs: Jobs, key: str, work: Callable[[], Any], late: Any, seconds: float = _WITHIN) -> Any:
    """What some work finds, if it comes within some seconds; `late` otherwise. The work goes on for who asks again."""
    watcher = f"within {uuid4().hex}"
    try:
        found = outcome(jobs.ask(key, lambda _said, _stop: work(), watcher), seconds)
    except (Cancelled, TooLong):
        return late
    if found is None:
        return late
    jobs.drop(key)
    return found
