"""Panels that are computed elsewhere than in the engine's own process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from postlens.core.ask.outcome import Crashed, crashed
from postlens.core.contract.problems import Problem

if TYPE_CHECKING:
    from postlens.core.ask.engine import Engine
    from postlens.core.ask.outcome import Outcome
    from postlens.core.ask.request import Request


class Apart(Protocol):
    """How some panels are computed elsewhere than here.

    Attributes:
        panels: their ids.
    """

    panels: frozenset[str]

    def __call__(
        self,
        engine: Engine,
        request: Request,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> Outcome | None:
        """The answer; None where it is kept in the engine's store by its key."""


class Ended(Exception):
    """A panel that was computed elsewhere came to its end without an answer."""


def given_up(panel: str, problem: Problem) -> Crashed:
    """What a panel is answered with that ended elsewhere, with what is known of why; it is logged as a crash."""
    try:
        raise Ended(f"{problem.what} {problem.why}")
    except Ended as error:
        return replace(crashed(problem.what, panel, "compute", error), problem=problem)


class OneOfTwo:
    """Two places, each for panels of its own."""

    def __init__(self, first: Apart, second: Apart) -> None:
        self.panels = first.panels | second.panels
        self._first, self._second = first, second

    def __call__(
        self,
        engine: Engine,
        request: Request,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> Outcome | None:
        """As the place that has the panel."""
        place = self._first if request.panel in self._first.panels else self._second
        return place(engine, request, progress, cancelled)
