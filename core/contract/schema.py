"""Which columns a data set has and what each is good for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

MAX_LEVELS = 1000  # Of a category; the rarer ones are in the data, but not listed.
Kind = Literal["metric", "rate", "category", "time", "text", "id"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the posts.

    Attributes:
        name: the column's name in the data.
        label: what an agency calls it.
        kind: what it is good for. A `rate` is a metric made of two others.
        unit: unit of a metric, e.g. `posts`, `seconds`; empty for plain counts.
        known: number of posts where it is not null, or None if not counted yet.
        levels: the values of a category, in display order; at most 1,000, empty otherwise.
        ordered: the levels have an order of their own, e.g. weekdays.
        computed: made by Postlens from other columns.
        made_of: the columns a computed metric is made of.
        fraction: of a rate, the columns with its numerator and denominator; their sums give the pooled rate.
        percent: a share that is written as a percentage.
        offered: made by a plugin; chosen only by the analyst.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    known: int | None = None
    levels: tuple[str, ...] = ()
    ordered: bool = False
    computed: bool = False
    made_of: tuple[str, ...] = ()
    fraction: tuple[str, ...] = ()
    percent: bool = False
    offered: bool = False


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The columns of a data set, in display order, with the number of posts."""

    columns: tuple[Column, ...]
    posts: int
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def __contains__(self, name: object) -> bool:
        """Whether the posts have a column of that name."""
        return name in self._by_name

    def __getitem__(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return self._by_name[name]

    def label(self, name: str) -> str:
        """What people call the column; its name where it is unknown."""
        column = self._by_name.get(name)
        return column.label if column else name

    @property
    def metrics(self) -> tuple[Column, ...]:
        """Numeric columns, rates included."""
        return tuple(c for c in self.columns if c.kind in {"metric", "rate"})

    @property
    def counts(self) -> tuple[Column, ...]:
        """Metrics as the file gave them: no rate, nothing computed."""
        return tuple(c for c in self.columns if c.kind == "metric" and not c.computed)

    @property
    def categories(self) -> tuple[Column, ...]:
        """Columns that put posts into groups."""
        return tuple(c for c in self.columns if c.kind == "category")

    @property
    def time(self) -> str | None:
        """The column that says when a post was published."""
        return next((c.name for c in self.columns if c.kind == "time"), None)

    def share_known(self, name: str) -> float:
        """Share of the posts (0 to 1) where the column is not null; 1 where nobody counted."""
        known = self[name].known
        return 1.0 if known is None or self.posts == 0 else known / self.posts

    def with_columns(self, columns: Sequence[Column]) -> Schema:
        """This schema with more columns at the end; one of the same name is replaced."""
        names = {c.name for c in columns}
        kept = tuple(c for c in self.columns if c.name not in names)
        return Schema(columns=(*kept, *columns), posts=self.posts)
