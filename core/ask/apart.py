"""Panels that are computed elsewhere than in the engine's own process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

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
