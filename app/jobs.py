"""Work in a thread pool, one job for each question, however many people ask it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from core.engine import Outcome
from core.problems import Cancelled

log = logging.getLogger(__name__)
_WORKERS = 4
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
    started: float = field(default_factory=time.monotonic)
    done: float = 0.0
    step: str = "Waiting for a free place"
    watchers: set[str] = field(default_factory=set)

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self.started


class Jobs:
    """The jobs of one app."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="postlens-job")
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
                job.cancel.set()
                job.future.cancel()
                self._jobs.pop(key, None)

    def drop(self, key: str) -> None:
        """Forget a finished job, so that asking again computes again."""
        with self._lock:
            self._jobs.pop(key, None)

    def _start(self, key: str, work: Work) -> Job:
        cancel = threading.Event()
        job: Job

        def report(done: float, step: str) -> None:
            job.done, job.step = done, step

        def run() -> Outcome:
            return work(report, cancel.is_set)

        ready = threading.Event()

        def begin() -> Outcome:
            ready.wait()
            return run()

        job = Job(self._pool.submit(begin), cancel)
        ready.set()
        self._jobs[key] = job
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
    if job.future.cancelled():
        raise Cancelled
    return job.future.result()
