"""The hooks a plugin may implement. Each takes nothing, or one record, and returns values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import pluggy

from postlens.core.contract.columns import DerivedColumn
from postlens.core.contract.measures import Measure
from postlens.core.contract.panel import Panel
from postlens.core.contract.reader import Reader

API = 2
PROJECT = "postlens"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One question answered, for observers. It names no post and no value of one.

    Attributes:
        panel: its id; or that of a derived column that was fitted.
        outcome: `done`, `refused`, `crashed` or `cancelled`.
        cached: the answer was there already.
        seconds: how long it took.
        posts: how many posts it was about; None where nothing was computed.
        key: the question's name: the same question has the same key.
    """

    panel: str
    outcome: Literal["done", "refused", "crashed", "cancelled"]
    cached: bool
    seconds: float
    posts: int | None
    key: str


class Hooks:
    """What a plugin may implement. Each takes nothing, or one record, and returns values."""

    @hookspec
    def postlens_panels(self) -> Iterable[Panel[Any, Any]]:
        """The panels of this plugin."""
        return ()

    @hookspec
    def postlens_columns(self) -> Iterable[DerivedColumn[Any]]:
        """Categories this plugin offers to every panel."""
        return ()

    @hookspec
    def postlens_measures(self) -> Iterable[Measure]:
        """Metrics this plugin offers to every panel."""
        return ()

    @hookspec
    def postlens_readers(self) -> Iterable[Reader]:
        """File formats this plugin reads."""
        return ()

    @hookspec
    def postlens_run_finished(self, run: Run) -> None:
        """A question was answered. Called beside the answer, never before it; what it raises is logged."""
