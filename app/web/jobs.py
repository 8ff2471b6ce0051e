"""Work in threads, one job for each question, however many people ask it.

A thread cannot be killed. Work that ignores its cancellation keeps its thread, but gives up its place, so that a
panel in an endless loop never keeps others waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from postlens.core.ask.outcome import Outcome
from postlens.core.contract.problems import Cancelled

log = logging.getLogger(__name__)
_PLACES = 4
_REMEMBER_SECONDS = 120

Work = Callable[[Callable[[float, str], None], Callable[[], bool]], Outcome]


@dataclass
class Job:
    """A question being answered.

    Attributes:
        done, step: how far it is, 0 to 1, and the name of the step.
        watchers: who waits for it; it stops when the last one leaves.
    """

    future: Future[Outcome]
    cancel: threading.Event
    place: _Place
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: float = field(default_factory=time.monotonic)
    done: float = 0.0
    step: str = "Waiting for a free place"
    watchers: set[str] = field(default_factory=set)

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self.started

    def stop(self) -> None:
        """Ask the work to stop, and free its place whether it listens or not."""
        self.cancel.set()
        _settle(self, error=Cancelled())
        self.place.give_back()


class _Place:
    """One of the places to work at; taken once and given back once, by the work or by whoever stops it."""

    def __init__(self, places: threading.Semaphore) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._state = "waiting"

    def take(self, cancelled: Callable[[], bool]) -> bool:
        """Wait in line; False if cancelled meanwhile."""
        while not self._places.acquire(timeout=0.2):
            if cancelled():
                return False
        with self._lock:
            if self._state == "given back":
                self._places.release()
                return False
            self._state = "taken"
        return True

    def give_back(self) -> None:
        """Let the next one work."""
        with self._lock:
            if self._state == "taken":
                self._places.release()
            self._state = "given back"


def _run(job: Job, work: Work) -> None:
    def report(done: float, step: str) -> None:
        job.done, job.step = done, step

    try:
        if not job.place.take(job.cancel.is_set):
            raise Cancelled
        found = work(report, job.cancel.is_set)
    except BaseException as error:  # Whoever waits gets it; nobody else may.
        _settle(job, error=error)
    else:
        _settle(job, found=found)
    finally:
        job.place.give_back()


def _settle(job: Job, *, found: Outcome | None = None, error: BaseException | None = None) -> None:
    with job.lock:
        if job.future.done():
            return
        if error is not None:
            job.future.set_exception(error)
        elif found is not None:
            job.future.set_result(found)


class Jobs:
    """The jobs of one app: at most four at work at the same time, the others wait in line."""

    def __init__(self, places: int = _PLACES) -> None:
        self._places = threading.Semaphore(places)
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def ask(self, key: str, work: Work, watcher: str) -> Job:
        """The job for a question: the running one, a finished one, or a new one."""
        with self._lock:
            self._forget_old()
            job = self._jobs.get(key)
            if job is None or (job.cancel.is_set() and job.future.done()):
                job = self._start(key, work)
            job.watchers.add(watcher)
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
            job.watchers.discard(watcher)
            if not job.watchers and not job.future.done():
                self._jobs.pop(key, None)
                job.stop()

    def drop(self, key: str) -> None:
        """Forget a finished job, so that asking again computes again."""
        with self._lock:
            self._jobs.pop(key, None)

    def _start(self, key: str, work: Work) -> Job:
        job = Job(Future(), threading.Event(), _Place(self._places))
        self._jobs[key] = job
        threading.Thread(target=_run, args=(job, work), name=f"postlens-job-{key}", daemon=True).start()
        return job

    def _forget_old(self) -> None:
        old = [k for k, job in self._jobs.items() if job.future.done() and job.seconds > _REMEMBER_SECONDS]
        for key in old:
            del self._jobs[key]


def outcome(job: Job, seconds: float) -> Outcome | None:
    """The job's outcome if it comes within some time; None if it is still at work.

    Raises:
        Cancelled: somebody stopped it.
    """
    wait([job.future], timeout=seconds)
    if not job.future.done():
        return None
    return job.future.result()
