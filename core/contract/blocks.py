"""The closed set of things a page can show. A plugin returns blocks; the app decides how they look."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Any, Literal, get_args

import polars as pl
from pydantic.dataclasses import dataclass, rebuild_dataclass

from postlens.core.contract.verdict import CHECKED, Verdict

Format = Literal["number", "integer", "percent", "ratio", "p", "text", "seconds"]
FORMATS: tuple[str, ...] = get_args(Format)


MAX_ROWS = 1000


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Text:
    """A paragraph of plain text, under an optional heading. Never parsed as markup."""

    body: str
    title: str = ""


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Stat:
    """One number with its name, and a note that says its n, unit or interval."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Notice:
    """Something the reader should know before believing the page."""

    text: str
    title: str = ""
    kind: Literal["info", "caution"] = "info"


@dataclass(frozen=True, kw_only=True, config=CHECKED)
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
        if self.name and not re.fullmatch(r"\w[\w-]*", self.name):
            raise ValueError(f'"{self.name}" cannot be the name of a download. Use letters, digits, _ and -.')
        if not 0 < self.limit <= MAX_ROWS:
            raise ValueError(f"a page shows 1 to {MAX_ROWS} rows of a table, not {self.limit}; the download has all")
        for column, style in self.formats.items():
            if style not in FORMATS:
                raise ValueError(f'"{style}" is no format for column "{column}". Known: {", ".join(FORMATS)}.')


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Chart:
    """A figure with its title, a one-sentence takeaway (its accessible name) and the table behind it.

    Attributes:
        selects: the column whose values the points or bars stand for; choosing some filters every page by them. Works
            with `charts.bars`, `dots`, `line` and `histogram`.
        verdict: on the comparison it shows, if it shows one.
    """

    figure: Any
    title: str
    takeaway: str
    table: Table
    selects: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Details:
    """Blocks behind a disclosure: there for who asks, out of the way of who does not."""

    summary: str
    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Row:
    """Small blocks side by side."""

    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Grid:
    """Blocks in columns that fold into one on a narrow screen, under an optional heading."""

    blocks: Sequence[Block]
    title: str = ""
    columns: int = 2


@dataclass(frozen=True, kw_only=True, config=CHECKED)
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


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Plan:
    """A test that is fixed before its data come. The page offers to register it, and keeps what came of it when it is first read.

    Attributes:
        title: what is tested, in a sentence.
        mark: signs that change with anything of the plan.
        first: the day of its first post. read: the day from which its result is read.
        outcome: what came of it; empty until then.
    """

    title: str
    mark: str
    first: date
    read: date
    outcome: Literal["", "confirmed", "refuted", "open"] = ""


Block = Text | Stat | Verdict | Notice | Table | Chart | Details | Link | Plan | Row | Grid


def walk(blocks: Sequence[Block]) -> list[Block]:
    """Every block, containers before what they contain, in reading order."""
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, Row | Grid | Details):
            found.extend(walk(block.blocks))
    return found


for _container in (Details, Row, Grid):  # They may hold what is defined below them.
    rebuild_dataclass(_container)  # type: ignore[arg-type]

__all__ = [
    "FORMATS",
    "MAX_ROWS",
    "Block",
    "Chart",
    "Details",
    "Format",
    "Grid",
    "Link",
    "Notice",
    "Plan",
    "Row",
    "Stat",
    "Table",
    "Text",
    "Verdict",
    "walk",
]
