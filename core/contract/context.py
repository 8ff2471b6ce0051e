"""What a panel may know beside the posts and its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from postlens.core.contract.columns import FittedColumn, StructureTest
from postlens.core.contract.problems import Cancelled, CannotCompute
from postlens.core.contract.schema import Schema


def _no_progress(done: float, label: str) -> None:
    """Report to nobody."""


def _never() -> bool:
    return False


def _no_refit(_posts: pl.LazyFrame, column: str, _leave_out: tuple[str, ...]) -> FittedColumn:
    raise CannotCompute(f'"{column}" cannot be made again without some of its metrics.')


def _no_structure_test(_posts: pl.LazyFrame, column: str, _metric: str) -> StructureTest:
    raise CannotCompute(f'"{column}" cannot be tested against data without structure.')


def _no_selection(_filters: Mapping[str, str]) -> pl.LazyFrame:
    raise CannotCompute("No other posts can be selected here.")


def _no_further() -> pl.LazyFrame | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a panel may know beside the posts and its settings.

    Attributes:
        seed: for every random number; the same seed gives the same result.
        day: the client's day, for panels that are `dated`; read it as `today`.
        timezone: the client's zone; `weekday`, `hour`, `date` and `month` are in it.
        schema: which columns are metrics, categories, time.
        progress: report the share done (0 to 1) and the step's name.
        refit: posts, a derived column's name, and metrics: the column made again from the posts without those metrics.
        structure_test: posts, a derived column's name, and a metric: its groups against simulated data without structure.
        options: the panel's `Options`, as the deployment says; None where the panel has none.
        select: further posts by filters as in a link, in place of those of the page: `ctx.select({"type": "video"})`.
        earlier: how the host finds `previous`.
        whole: how the host finds `of_any_time`.
        since: first day of the page's period; None where it is open.
        until: its last day; None where it is open.
        first_day: day of the first of all posts, whatever the filters; None without dates.
        last_day: day of the last one.
    """

    schema: Schema
    seed: int = 0
    day: date | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    progress: Callable[[float, str], None] = _no_progress
    cancelled: Callable[[], bool] = _never
    refit: Callable[[pl.LazyFrame, str, tuple[str, ...]], FittedColumn] = _no_refit
    structure_test: Callable[[pl.LazyFrame, str, str], StructureTest] = _no_structure_test
    options: Any = None
    select: Callable[[Mapping[str, str]], pl.LazyFrame] = _no_selection
    earlier: Callable[[], pl.LazyFrame | None] = _no_further
    whole: Callable[[], pl.LazyFrame | None] = _no_further
    since: date | None = None
    until: date | None = None
    first_day: date | None = None
    last_day: date | None = None

    @property
    def previous(self) -> pl.LazyFrame | None:
        """The posts of the equally long period before the chosen one, under the same other filters; None without a period."""
        return self.earlier()

    @property
    def of_any_time(self) -> pl.LazyFrame | None:
        """The posts of any time under the same other filters; None where a panel is computed without a page."""
        return self.whole()

    @property
    def today(self) -> date:
        """The client's day. Only for panels with `dated=True`, whose answers are new every day; never ask the clock."""
        if self.day is None:
            raise RuntimeError("ctx.today is for panels that say dated=True")
        return self.day

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` if the user no longer wants the result. Call it between steps."""
        if self.cancelled():
            raise Cancelled
