"""Panels that are computed in a process of their own: what ends that process is a sentence on one page.

The process opens the same deployment and posts, answers the question as it came, and leaves the answer where answers are kept;
nothing that a panel made is handed over but tables and values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from postlens.app import child
from postlens.core.ask.apart import given_up
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Crashed, Done, Outcome
from postlens.core.ask.request import Request, read_request, to_pairs
from postlens.core.contract.problems import Cancelled, Problem, message_of, reraise_fatal
from postlens.core.host.config import Deployment

_TICK = 0.2  # Seconds between two looks whether anybody still waits.
Progress = Callable[[float, str], None]


class Isolated:
    """How the panels of `[plugins] isolate` are computed, for an engine.

    Args:
        deployment: whose panels.
        data: the source of the posts in place of the config's, if any.
    """

    def __init__(self, deployment: Deployment, data: str | None) -> None:
        self.panels = frozenset(deployment.config.plugins.isolate)
        self._deployment, self._data = deployment, data

    def __call__(
        self, engine: Engine, request: Request, progress: Progress, cancelled: Callable[[], bool]
    ) -> Outcome | None:
        """The answer to a request; None where it is kept by its key."""
        title = engine.registry.panel(request.panel).title
        progress(0.0, "Starting a process for this panel")
        process, here = child.start(
            _answer,
            self._deployment.path,
            self._data,
            self._deployment.config.plugins.isolate_memory_mb,
            2 * self._deployment.config.server.seconds,
            (request.panel, to_pairs(engine, request), request.seed, engine.made_of(request.panel)),
            name=f"postlens-{request.panel}",
        )
        try:
            return _wait(here, progress, cancelled)
        except EOFError:
            process.join(5)
            return self._died(title, request.panel, process.exitcode)
        finally:
            process.kill()
            process.join()
            here.close()

    def _died(self, title: str, panel: str, code: int | None) -> Crashed:
        memory = self._deployment.config.plugins.isolate_memory_mb
        why = f"It ended by itself, or it needs more than {memory:,} MB of memory (exit code {code})."
        hint = "The other panels work. Choose fewer posts, raise isolate_memory_mb under [plugins] in config.toml, or tell its author."
        what = f'"{title}" ended the process that it runs in.'
        return given_up(panel, Problem(what=what, why=why, hint=hint))


def _wait(here: Any, progress: Progress, cancelled: Callable[[], bool]) -> Outcome | None:
    """What the process says at last.

    Raises:
        EOFError: it ended without a word.
        Cancelled: nobody waits any more.
    """
    while True:
        if cancelled():
            raise Cancelled
        if not here.poll(_TICK):
            continue
        kind, said = here.recv()
        if kind == "progress":
            progress(*said)
        else:
            return said  # type: ignore[no-any-return]


def _answer(
    there: Any,
    config: Path | None,
    data: str | None,
    memory_mb: int,
    seconds: int,
    asked: tuple[str, list[tuple[str, str]], int | None, list[str]],
) -> None:
    """In the process of the panel."""
    child.limit(memory_mb, seconds)
    panel = asked[0]
    try:
        outcome = _outcome(there, config, data, asked)
    except BaseException as error:
        reraise_fatal(error)
        why = f"{type(error).__name__}: {message_of(error)}"
        what = f'The process for "{panel}" could not begin.'
        outcome = given_up(panel, Problem(what=what, why=why, hint="The other panels work."))
    there.send(("done", None if isinstance(outcome, Done) else outcome))


def _outcome(
    there: Any, config: Path | None, data: str | None, asked: tuple[str, list[tuple[str, str]], int | None, list[str]]
) -> Outcome:
    """Open what the server has, and answer."""
    from postlens.app.workspace import open_workspace

    panel, pairs, seed, made_of = asked
    engine = open_workspace(config, data=data, lenient=True, here=True).engine
    request, _ = read_request(engine, engine.registry.panel(panel), pairs, "link")
    request = replace(request, seed=seed)
    if engine.made_of(panel) != made_of:
        what = f'"{engine.registry.panel(panel).title}" was asked about something else than the server has.'
        why = "Its posts, settings or plugins changed since the server was started."
        return given_up(panel, Problem(what=what, why=why, hint="Start the server again."))
    return engine.answer(request, progress=lambda done, step: there.send(("progress", (done, step))))
