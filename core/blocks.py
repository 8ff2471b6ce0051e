"""The closed set of things a page can show. A plugin returns blocks; the app decides how they look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

State = Literal["likely real", "could be chance", "too few posts to tell"]
Format = Literal["number", "integer", "percent", "ratio", "p", "text", "seconds"]
FORMATS: tuple[str, ...] = get_args(Format)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A paragraph of plain text, under an optional heading. Never parsed as markup."""

    body: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Stat:
    """One number with its name, and a note that says its n, unit or interval."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A claim with its effect, interval and n, in one of three states."""

    claim: str
    state: State
    effect: str
    interval: str
    n: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something the reader should know before believing the page."""

    text: str
    title: str = ""
    kind: Literal["info", "caution"] = "info"


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
        for column, style in self.formats.items():
            if style not in FORMATS:
                raise ValueError(f'"{style}" is no format for column "{column}". Known: {", ".join(FORMATS)}.')


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A figure with its title, a one-sentence takeaway (its accessible name) and the table behind it.

    Attributes:
        selects: the column whose values the points or bars stand for; choosing some filters every page by them. Works
            with `charts.bars`, `dots`, `line` and `histogram`.
    """

    figure: Figure
    title: str
    takeaway: str
    table: Table
    selects: str = ""


@dataclass(frozen=True, kw_only=True)
class Details:
    """Blocks behind a disclosure: there for who asks, out of the way of who does not."""

    summary: str
    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Small blocks side by side."""

    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Blocks in columns that fold into one on a narrow screen, under an optional heading."""

    blocks: Sequence[Block]
    title: str = ""
    columns: int = 2


Block = Text | Stat | Verdict | Notice | Table | Chart | Details | Row | Grid


def walk(blocks: Sequence[Block]) -> list[Block]:
    """Every block, containers before what they contain, in reading order."""
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, Row | Grid | Details):
            found.extend(walk(block.blocks))
    return found
