"""Telling observers of finished runs, beside the answer: one that raises or hangs keeps nobody waiting."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence

from postlens.core.contract import Run
from postlens.core.contract.problems import reraise_fatal
from postlens.core.host.validation import Observer

log = logging.getLogger(__name__)
_MAX_WAITING = 1000


class Observers:
    """The observers of one app, told one after the other by a thread of their own."""

    def __init__(self, observers: Sequence[tuple[str, Observer]]) -> None:
        self._observers = observers
        self._waiting: queue.Queue[Run] = queue.Queue(_MAX_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, run: Run) -> None:
        """Tell everybody, soon. Where an observer hangs, later runs are dropped, and that is logged."""
        if not self._observers:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="postlens-observers", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(run)
        except queue.Full:
            log.warning("observers are behind, run not told panel=%s", run.panel)

    def finish(self, seconds: float) -> bool:
        """Wait until everybody was told; False if that took too long."""
        joiner = threading.Thread(target=self._waiting.join, daemon=True)
        joiner.start()
        joiner.join(seconds)
        return not joiner.is_alive()

    def _work(self) -> None:
        while True:
            run = self._waiting.get()
            for plugin, observer in self._observers:
                try:
                    observer(run)
                except BaseException as error:
                    reraise_fatal(error)
                    log.exception("observer failed plugin=%s panel=%s", plugin, run.panel)
            self._waiting.task_done()
