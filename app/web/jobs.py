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
from collections import Counter
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
_LINE = 500  # Questions that wait at most: what is asked beyond that would not be answered in time anyway.
_LOOK_SECONDS = 0.5

Work = Callable[[Callable[[float, str], None], Callable[[], bool]], Any]


class TooLong(Exception):
    """The work took longer than the deployment allows."""


class Busy(TooLong):
    """So many questions wait that this one was not taken."""


@dataclass(eq=False)
class Job:
    """A question being answered.

    Attributes:
        kind: what it is about: jobs of one kind never take the last place.
        work: how to answer it.
        began: when it got its place; None while it waits. placed: it has one. ended: when it was done.
        done, step: how far it is, 0 to 1, and the name of the step.
        watchers: who waits for it, and when each was last heard of; it stops when the last one leaves.
    """

    key: str
    kind: str
    work: Work
    future: Future[Any] = field(default_factory=Future)
    cancel: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: float = field(default_factory=time.monotonic)
    done: float = 0.0
    step: str = "Waiting for a free place"
    began: float | None = None
    placed: bool = False
    ended: float = math.inf
    worker: Worker | None = None
    watchers: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self.started

    def report(self, done: float, step: str) -> None:
        """How far the work says it is."""
        self.done, self.step = done, step

    def settle(self, found: Any, error: BaseException | None) -> None:
        """What came of it; only the first time counts."""
        with self.lock:
            if self.future.done():
                return
            self.ended = time.monotonic()
            if error is not None:
                self.future.set_exception(error)
            else:
                self.future.set_result(found)

    @property
    def was_cancelled(self) -> bool:
        """Whether somebody stopped it."""
        return self.cancel.is_set() and self.future.done() and isinstance(self.future.exception(), Cancelled)


class Jobs:
    """The jobs of one app: at most four at work at the same time, of one kind one fewer; the others wait in line, without a thread.

    Args:
        places: how many are at work at the same time.
        limit: seconds that one may take.
        silent: seconds after which whoever has not asked again is gone.
    """

    def __init__(self, places: int = _PLACES, limit: float = math.inf, silent: float = _SILENT_SECONDS) -> None:
        self._limit, self._silent, self._places = limit, silent, places
        self._at_work: Counter[str] = Counter()
        self._line: list[Job] = []
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        self._looking = False

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
            if job is None or job.was_cancelled:
                job = Job(key, kind, work)
                if len(self._line) >= _LINE:
                    job.settle(None, Busy())
                    return job
                self._jobs[key] = job
                self._line.append(job)
                self._begin_next()
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
                self._stop(job, Cancelled())

    def gone(self, watcher: str) -> None:
        """A page was closed: it waits for nothing any more."""
        for key in [k for k, job in list(self._jobs.items()) if watcher in job.watchers]:
            self.leave(key, watcher)

    def drop(self, key: str) -> None:
        """Forget a finished job, so that asking again computes again; one at work goes on."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and job.future.done():
                del self._jobs[key]

    def _begin_next(self) -> None:
        """Give free places to the first in line that may have one."""
        for job in list(self._line):
            if self._at_work.total() >= self._places:
                break
            if job.kind and self._at_work[job.kind] >= max(self._places - 1, 1):
                continue
            self._line.remove(job)
            self._at_work[job.kind] += 1
            job.placed, job.began = True, time.monotonic()
            job.worker = self._worker(job)
            job.worker.start()
        if (self._line or self._at_work.total()) and not self._looking:
            self._looking = True
            threading.Thread(target=self._look, name="postlens-line", daemon=True).start()

    def _worker(self, job: Job) -> Worker:
        def finish(found: Any, error: BaseException | None) -> None:
            job.settle(found, error)
            self._give_back(job)

        return Worker(lambda: job.work(job.report, job.cancel.is_set), finish, name=f"postlens-job-{job.key}")

    def _give_back(self, job: Job) -> None:
        with self._lock:
            if job in self._line:
                self._line.remove(job)
            if job.placed:
                job.placed = False
                self._at_work[job.kind] -= 1
            self._begin_next()

    def _stop(self, job: Job, error: BaseException) -> None:
        """Ask the work to stop, and free its place whether it listens or not."""
        job.cancel.set()
        job.settle(None, error)
        self._give_back(job)
        if job.worker is not None:
            end_within(job.worker, _DEAF_SECONDS, Cancelled)

    def _look(self) -> None:
        """While anything is at work: what takes too long is stopped, and what nobody asks about any more.

        Where somebody waits for a place, whoever has not asked again for some time does not need theirs.
        """
        while True:
            time.sleep(min(_LOOK_SECONDS, self._silent, self._limit))
            self._stop_long()
            if self._line:
                self._notice_silent(self._silent)
            with self._lock:
                if not self._line and not self._at_work.total():
                    self._looking = False
                    return

    def _stop_long(self) -> None:
        now = time.monotonic()
        for job in list(self._jobs.values()):
            if not job.future.done() and job.began is not None and now - job.began > self._limit:
                self._stop(job, TooLong())
        self._notice_silent(_GONE_SECONDS)

    def _notice_silent(self, seconds: float) -> None:
        now = time.monotonic()
        for key, job in list(self._jobs.items()):
            for watcher, heard in list(job.watchers.items()):
                if not job.future.done() and now - heard > seconds:
                    self.leave(key, watcher)

    def _forget_old(self) -> None:
        now = time.monotonic()
        old = [k for k, job in self._jobs.items() if now - job.ended > _REMEMBER_SECONDS]
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
