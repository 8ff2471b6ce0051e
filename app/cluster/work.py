"""What a worker does: it opens the deployment once, answers the question, and hands over the answer as it is stored."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

from postlens.app.cluster.asked import CONFIG, DATA, PROGRESS, Asked, Differs, Kept, differing, versions
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Done, Outcome
from postlens.core.ask.request import read_request

_opened: dict[str, Engine] = {}
_lock = threading.Lock()
_LOOK_SECONDS = 0.3  # Between two looks whether anybody still waits, and two words about progress.


def answer(asked: Asked) -> Kept | Outcome | None:
    """The answer to a question; None where it cannot be stored, so that it has to be computed where it is asked.

    Raises:
        Differs: this worker has other versions, posts or plugins than who asks.
    """
    if words := differing(asked.versions, versions()):
        raise Differs(f"the versions: {words}")
    engine = _engine(asked)
    request, _ = read_request(engine, engine.registry.panel(asked.panel), list(asked.pairs), "link")
    request = replace(request, seed=asked.seed)
    if asked.key and engine.key(request) != asked.key:
        raise Differs("the settings, such as the time zone")
    turn = _Turn(asked.task)
    outcome = engine.answer(request, progress=turn.progress, cancelled=turn.left)
    if not isinstance(outcome, Done):
        return outcome
    files = engine.stored(request)
    return Kept(files=files) if files else None


def _engine(asked: Asked) -> Engine:
    """The deployment's engine, opened again where its posts have changed since."""
    from postlens.app.workspace import open_workspace

    with _lock:
        for again in (False, True):
            if again or "engine" not in _opened:
                config = os.environ.get(CONFIG)
                data = os.environ.get(DATA) or None
                opened = open_workspace(
                    Path(config) if config else None, data=data, lenient=True, here=True, served=True
                )
                _opened["engine"] = opened.engine
            engine = _opened["engine"]
            if asked.panel in engine.registry.panels and tuple(engine.made_of(asked.panel)) == asked.made_of:
                return engine
    raise Differs(f'the posts, or the plugins, of "{asked.panel}"')


class _Turn:
    """One task on this worker: who asked is told how far it is, and leaves when it likes."""

    def __init__(self, task: str) -> None:
        from distributed import get_worker

        self._worker = get_worker()
        self._task = task
        self._said = self._looked = 0.0
        self._gone = False

    def progress(self, done: float, step: str) -> None:
        if time.monotonic() - self._said > _LOOK_SECONDS:
            self._said = time.monotonic()
            self._worker.log_event(PROGRESS, (self._task, done, step))

    def left(self) -> bool:
        """Whether nobody waits any more: then the scheduler has taken the task back."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            task = self._worker.state.tasks.get(self._task)
            self._gone = task is None or task.state == "cancelled"
        return self._gone
