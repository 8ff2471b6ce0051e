"""The closed set of things a page can show. A plugin returns blocks; the app decides how they look."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

State = Literal["likely real", "could be chance", "too few posts to tell"]
Format = Literal["number", "integer", "percent", "ratio", "p", "text", "seconds"]
FORMATS: tuple[str, ...] = get_args(Format)


MAX_ROWS = 1000


def _must_be(block: Any, kind: type[Any], *names: str) -> None:
    """A block says at once what is wrong with it, where its author can see it."""
    for name in names:
        value = getattr(block, name)
        if not isinstance(value, kind):
            raise TypeError(f"{name} of a {type(block).__name__} is a {type(value).__name__}, not a {kind.__name__}")


def _check_state(state: str | None) -> None:
    if state is not None and state not in get_args(State):
        raise ValueError(f'"{state}" is no state of a verdict. Known: {", ".join(get_args(State))}.')


@dataclass(frozen=True, kw_only=True)
class Text:
    """A paragraph of plain text, under an optional heading. Never parsed as markup."""

    body: str
    title: str = ""

    def __post_init__(self) -> None:
        _must_be(self, str, "body", "title")


@dataclass(frozen=True, kw_only=True)
class Stat:
    """One number with its name, and a note that says its n, unit or interval."""

    label: str
    value: str
    note: str = ""

    def __post_init__(self) -> None:
        _must_be(self, str, "label", "value", "note")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A claim with its effect, interval and n, in one of three states."""

    claim: str
    state: State
    effect: str
    interval: str
    n: str
    detail: str = ""

    def __post_init__(self) -> None:
        _must_be(self, str, "claim", "effect", "interval", "n", "detail")
        _check_state(self.state)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something the reader should know before believing the page."""

    text: str
    title: str = ""
    kind: Literal["info", "caution"] = "info"

    def __post_init__(self) -> None:
        _must_be(self, str, "text", "title")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table for reading.

    Attributes:
        name: file name of its download; without one there is none.
        formats: column to how it is written, one of `FORMATS`; text stays as it is.
        limit: how many rows the page shows before it says so.
    """

    title: str
    rows: pl.DataFrame
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    limit: int = 200

    def __post_init__(self) -> None:
        _must_be(self, str, "title", "name", "note")
        _must_be(self, pl.DataFrame, "rows")
        if self.name and not re.fullmatch(r"\w[\w-]*", self.name):
            raise ValueError(f'"{self.name}" cannot be the name of a download. Use letters, digits, _ and -.')
        if not 0 < self.limit <= MAX_ROWS:
            raise ValueError(f"a page shows 1 to {MAX_ROWS} rows of a table, not {self.limit}; the download has all")
        for column, style in self.formats.items():
            if style not in FORMATS:
                raise ValueError(f'"{style}" is no format for column "{column}". Known: {", ".join(FORMATS)}.')


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A figure with its title, a one-sentence takeaway (its accessible name) and the table behind it.

    Attributes:
        selects: the column whose values the points or bars stand for; choosing some filters every page by them. Works
            with `charts.bars`, `dots`, `line` and `histogram`.
        state: the verdict on the comparison it shows, if it shows one; all its groups allowed for.
    """

    figure: Figure
    title: str
    takeaway: str
    table: Table
    selects: str = ""
    state: State | None = None

    def __post_init__(self) -> None:
        _must_be(self, str, "title", "takeaway", "selects")
        _check_state(self.state)
        _must_be(self, Table, "table")


@dataclass(frozen=True, kw_only=True)
class Details:
    """Blocks behind a disclosure: there for who asks, out of the way of who does not."""

    summary: str
    blocks: Sequence[Block]

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))


@dataclass(frozen=True, kw_only=True)
class Row:
    """Small blocks side by side."""

    blocks: Sequence[Block]

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Blocks in columns that fold into one on a narrow screen, under an optional heading."""

    blocks: Sequence[Block]
    title: str = ""
    columns: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way to another panel with settings chosen; filters go along.

    Attributes:
        panel: its id; where the deployment does not have it, nothing is shown.
        settings: of that panel, as in a link.
        keep: category to the values whose posts to keep, added to the filters.
    """

    text: str
    panel: str
    settings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _must_be(self, str, "text", "panel")


Block = Text | Stat | Verdict | Notice | Table | Chart | Details | Link | Row | Grid


def walk(blocks: Sequence[Block]) -> list[Block]:
    """Every block, containers before what they contain, in reading order."""
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, Row | Grid | Details):
            found.extend(walk(block.blocks))
    return found
