"""The contract between the host and a plugin: what a plugin contributes and what it is given.

Contract number 1. It grows by attributes of `Context` and by optional hooks, never by arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

import pluggy
import polars as pl
from pydantic import BaseModel, ConfigDict

from postlens.core.contract.blocks import Block
from postlens.core.contract.formula import fraction
from postlens.core.contract.problems import Cancelled, CannotCompute
from postlens.core.contract.raw_table import RawTable
from postlens.core.contract.schema import Schema
from postlens.core.stats.clusters.cluster_test import OneCrowd

API = 1
PROJECT = "postlens"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Params(BaseModel):
    """The settings of a panel. Every field has a default; the host makes the form from them.

    A field that names a column is annotated with `Pick`; its default `""` means "the host chooses", and the host
    replaces it before `compute` sees it. A field with several columns stays `()` where none is chosen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, kw_only=True)
class Pick:
    """A settings field that holds the name of a column, or of a value of a column.

    Attributes:
        kind: `metric`, `category`, or `level` (a value of the category named by another field).
        of: for `level`, the field that names the category.
        prefer: column names to choose first when the host chooses.
        apart: for `level`, other fields whose values the host does not choose again.
        none: label of the choice "none"; empty if something must be chosen.
        counts: offer only metrics as the file gave them, nothing computed.
    """

    kind: Literal["metric", "category", "level"]
    of: str = ""
    prefer: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    none: str = ""
    counts: bool = False


P = TypeVar("P", bound=Params)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a panel needs before its `compute` is worth calling.

    Attributes:
        columns: columns that must exist.
        metrics: how many numeric metrics must exist.
        categories: how many category columns must exist.
        posts: how many posts must remain after the filters.
        ignores: filters on these columns are not applied to this panel; the page says so.
    """

    columns: tuple[str, ...] = ()
    metrics: int = 1
    categories: int = 0
    posts: int = 1
    ignores: tuple[str, ...] = ()


def _no_progress(done: float, label: str) -> None:
    """Report to nobody."""


def _never() -> bool:
    return False


def _no_refit(_posts: pl.LazyFrame, column: str, _leave_out: tuple[str, ...]) -> FittedColumn:
    raise CannotCompute(f'"{column}" cannot be made again without some of its metrics.')


def _no_crowd(_posts: pl.LazyFrame, column: str, _metric: str) -> OneCrowd:
    raise CannotCompute(f'"{column}" cannot be compared with crowds without groups.')


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a panel may know beside the posts and its settings.

    Attributes:
        seed: for every random number; the same seed gives the same result.
        today: the day of the run; never ask the clock.
        timezone: the client's zone; `weekday`, `hour`, `date` and `month` are in it.
        schema: which columns are metrics, categories, time.
        progress: report the share done (0 to 1) and the step's name.
        refit: posts, a derived column's name, and metrics: the column made again from the posts without those metrics.
        one_crowd: posts, a derived column's name, and a metric: its groups against imitations without groups.
    """

    schema: Schema
    seed: int = 0
    today: date = date(2026, 1, 1)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    progress: Callable[[float, str], None] = _no_progress
    cancelled: Callable[[], bool] = _never
    refit: Callable[[pl.LazyFrame, str, tuple[str, ...]], FittedColumn] = _no_refit
    one_crowd: Callable[[pl.LazyFrame, str, str], OneCrowd] = _no_crowd

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` if the user no longer wants the result. Call it between steps."""
        if self.cancelled():
            raise Cancelled


@dataclass(frozen=True, kw_only=True)
class PostColumns:
    """Columns for every post, as expressions over the posts: a result without storing a row.

    Attributes:
        columns: name to expression, e.g. `{"cluster": expr}`.
        keep: an expression that is true for the posts the columns speak of, or None for all.
    """

    columns: dict[str, pl.Expr]
    keep: pl.Expr | None = None


@dataclass(frozen=True, kw_only=True)
class Panel(Generic[P, R]):
    """One analysis: a page and a compute step.

    Attributes:
        api: the contract number the author wrote against.
        id: `[a-z][a-z0-9_]*`; page path, id prefix, config table and cache key.
        title: name in the navigation.
        summary: one sentence under the title.
        params: the settings, a `Params` subclass.
        compute: posts in, small result out. Pure. Returns a frozen dataclass whose fields are
            `pl.DataFrame`, plain scalars, or one `PostColumns`.
        view: result in, blocks out. Pure.
        needs: what must be there before `compute` is called.
        group: navigation heading.
        slow: run as a job on request, with progress and cancel.
        version: part of the cache key; bump it when the numbers change.
        about: Markdown: method, assumptions, how to read it, sources.
        page: own components and callbacks in place of the blocks.
    """

    api: int
    id: str
    title: str
    summary: str
    params: type[P]
    compute: Callable[[pl.LazyFrame, P, Context], R]
    view: Callable[[R, P], Sequence[Block]]
    needs: Needs = field(default_factory=Needs)
    group: str = "Explore"
    slow: bool = False
    version: str = "1"
    about: str = ""
    page: CustomPage[R] | None = None


@dataclass(frozen=True, kw_only=True)
class CustomPage(Generic[R]):
    """A panel's own components in place of its blocks, for what blocks cannot do. Import Dash inside the functions.

    The host keeps the title, the filters, the form and the answer; `view` still serves downloads and the command line.

    Attributes:
        layout: the page's components. Every id is `page.id(name)`.
        connect: declares the callbacks with `page.callback`.
    """

    layout: Callable[[PageFrame[R]], Any]
    connect: Callable[[PageFrame[R]], None] | None = None


class PageFrame(Protocol[R_co]):
    """What the host gives a custom page."""

    def id(self, name: str) -> str:
        """The id of a component, with the panel's prefix. `page.id("answer")` is a store that changes with the answer."""

    def result(self, answer: Any) -> R_co | None:
        """The panel's result for the data of the store `answer`; None while there is none."""

    def callback(
        self, *outputs_and_inputs: Any, prevent_initial_call: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a callback, as Dash's own, on components of this page alone. What it raises is shown on the page."""


@dataclass(frozen=True, kw_only=True)
class FittedColumn:
    """A derived column, fitted: the expression that gives every post its level, and what it was made from."""

    expression: pl.Expr
    made_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DerivedColumn(Generic[P]):
    """A category made by a plugin, offered to every panel as a fitted Polars expression.

    Attributes:
        id: the column's name, `[a-z][a-z0-9_]*`.
        label: what people call it.
        params: its settings.
        fit: posts in, an expression that gives every post its level (String, null where unknown) out.
        levels: the levels a fit with these settings has, in order; known without a fit.
        panel: the panel on which its settings are chosen, if any; that panel has the same params.
        without: as `fit`, made without some metrics, so that these can be tested honestly.
        one_crowd: its groups against imitations without groups, and a metric's share in them.
        version: bump it when the levels change.
    """

    api: int
    id: str
    label: str
    params: type[P]
    fit: Callable[[pl.LazyFrame, P, Context], FittedColumn]
    levels: Callable[[P], tuple[str, ...]]
    panel: str = ""
    without: Callable[[pl.LazyFrame, P, Context, tuple[str, ...]], FittedColumn] | None = None
    one_crowd: Callable[[pl.LazyFrame, P, Context, str], OneCrowd] | None = None
    version: str = "1"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A number for every post that an agency names once: its KPI. Every panel can pick it.

    Attributes:
        id: the column's name, `[a-z][a-z0-9_]*`.
        label: what people call it.
        value: the number itself or, with a denominator, what is divided.
        denominator: what it is divided by; the measure is null where that is null, 0 or below 0.
        unit: its unit, e.g. `EUR`; empty for plain numbers.
        format: `number` or `percent`: how it is written.
        formula: the text it was read from, if any; its columns must be numbers.
        version: bump it when the numbers change.
    """

    api: int
    id: str
    label: str
    value: pl.Expr
    denominator: pl.Expr | None = None
    unit: str = ""
    format: Literal["number", "percent"] = "number"
    formula: str = ""
    version: str = "1"

    @property
    def expression(self) -> pl.Expr:
        """The measure of each post."""
        value = self.value.cast(pl.Float64)
        whole = value if self.denominator is None else fraction(value, self.denominator)
        return pl.when(whole.is_finite()).then(whole).alias(self.id)


@dataclass(frozen=True, kw_only=True)
class FileStart:
    """What is known of a file before it is read.

    Attributes:
        name: file name.
        ending: the name's ending in lower case, `.csv`.
        start: the first 64 kB.
    """

    name: str
    ending: str
    start: bytes


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A file format: whether a file is one of its kind, and the file's table of text.

    Attributes:
        id: `[a-z][a-z0-9_]*`.
        label: what people call the format.
        recognise: how sure the reader is of a file: 0 not mine, up to 1. The surest reads it.
        read: the file as a table before any value is interpreted.
        endings: of the files it reads; a folder is searched for these.
        version: bump it when the same file would be read differently.
    """

    api: int
    id: str
    label: str
    recognise: Callable[[FileStart], float]
    read: Callable[[Path], RawTable]
    endings: tuple[str, ...]
    version: str = "1"


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
