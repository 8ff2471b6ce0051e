"""A panel: one analysis with its page and its compute step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import polars as pl

from postlens.core.contract.blocks import Block
from postlens.core.contract.context import Context
from postlens.core.contract.schema import Schema
from postlens.core.contract.settings import Options, Params
from postlens.core.contract.verdict import Verdict

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
        dated: reads `ctx.today`, so its answers hold for a day; others hold as long as the data do.
        version: part of the cache key; bump it when the numbers change.
        about: Markdown: method, assumptions, how to read it, sources.
        page: own components and callbacks in place of the blocks.
        questions: what the panel asks of any data by itself, as settings; the Brief shows what comes out.
        findings: what a result says as verdicts, for the Brief; without it, the verdicts among its blocks.
        options: what a deployment says in `[plugins.<id>.options]`, and secrets from the environment; see `Options`.
        fresh: seconds for which an answer holds where `compute` fetches data of its own; 0: as long as the posts do.
        moved_from: ids it had before; their links and receipts lead here, and say so. A setting that was renamed says
            `json_schema_extra={"moved_from": ["old_name"]}`.
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
    dated: bool = False
    version: str = "1"
    about: str = ""
    page: CustomPage[R] | None = None
    questions: Callable[[Schema], Sequence[P]] | None = None
    findings: Callable[[R], Sequence[Verdict]] | None = None
    options: type[Options] | None = None
    fresh: int = 0
    moved_from: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CustomPage(Generic[R]):
    """A panel's own components in place of its blocks, for what blocks cannot do. Import Dash inside the functions.

    The host keeps the title, the filters, the form and the answer; `view` still serves downloads and the command line.

    Attributes:
        layout: the page's components. Every id is `page.id(name)`.
        connect: declares the callbacks with `page.callback` and `page.clientside`.
        style: CSS for the page's own components; it reaches nothing else.
    """

    layout: Callable[[PageFrame[R]], Any]
    connect: Callable[[PageFrame[R]], None] | None = None
    style: str = ""


class PageFrame(Protocol[R_co]):
    """What the host gives a custom page."""

    def id(self, name: str, index: Any = None) -> Any:
        """The id of a component, with the panel's prefix; with an index, of one among several, for Dash's `ALL` and `MATCH`.

        Two stores are the host's. `page.id("answer")` changes with the answer. What is written to `page.id("choice")` filters
        every page, as choosing in a chart does: `{"column": "post_type", "levels": ["photo"]}`, or
        `{"column": "reactions", "range": [10, 500]}`; the same levels once more take the filter away.
        """

    def result(self, answer: Any) -> R_co | None:
        """The panel's result for the data of the store `answer`; None while there is none."""

    def settings(self, answer: Any) -> Any:
        """The settings that the answer was computed with, as `view` gets them; None while there is no answer."""

    def callback(
        self, *outputs_and_inputs: Any, prevent_initial_call: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a callback, as Dash's own, on components of this page alone. What it raises is shown on the page."""

    def clientside(self, function: str, *outputs_and_inputs: Any, prevent_initial_call: bool = False) -> None:
        """Declare a callback that runs in the browser: a JavaScript function as text, `"(data) => data.length"`."""
