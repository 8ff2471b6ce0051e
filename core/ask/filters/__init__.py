"""Which posts a view speaks of: period, values of categories, ranges of metrics, words in the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from postlens.core.ask.filters.kinds import (
    KINDS,
    MISSING,
    OF_KINDS,
    SEARCHED,
    Contains,
    Filter,
    OneOf,
    Pairs,
    Period,
    Range,
    column_of,
    is_filter,
    key_of,
    midnight,
)
from postlens.core.contract.problems import Problem
from postlens.core.contract.schema import Schema

F = TypeVar("F", bound=Filter)


@dataclass(frozen=True)
class Filters:
    """The posts to keep: those that pass every filter. Without any, all."""

    items: tuple[Filter, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items)

    def columns(self) -> set[str]:
        """The columns filtered by."""
        return {column for item in self.items for column in item.columns}

    def without(self, columns: Iterable[str]) -> Filters:
        """These filters, less those on some columns; a period is not taken away by its column."""
        gone = set(columns)
        return Filters(tuple(i for i in self.items if isinstance(i, Period) or not i.columns & gone))

    def only(self, columns: Iterable[str]) -> Filters:
        """The filters on some columns alone."""
        kept = set(columns)
        return Filters(tuple(i for i in self.items if i.columns & kept and not isinstance(i, Period)))

    def dropped(self, name: str) -> Filters:
        """These filters without the one of a name."""
        return Filters(tuple(i for i in self.items if i.name != name))

    def having(self, item: Filter) -> Filters:
        """These filters with one more, in place of an earlier one of its name."""
        return Filters(_ordered([*self.dropped(item.name).items, item]))

    def first(self, kind: type[F]) -> F | None:
        """The first filter of a kind."""
        return next((i for i in self.items if isinstance(i, kind)), None)

    def all_of(self, kind: type[F]) -> list[F]:
        """All filters of a kind."""
        return [i for i in self.items if isinstance(i, kind)]


def of(*items: Filter) -> Filters:
    """Filters from single ones, in the order a link has them."""
    return Filters(_ordered(items))


def _ordered(items: Iterable[Filter]) -> tuple[Filter, ...]:
    return tuple(sorted(items, key=lambda i: (KINDS.index(type(i)), i.name)))


def apply(posts: pl.LazyFrame, filters: Filters, timezone: ZoneInfo) -> pl.LazyFrame:
    """The posts that pass the filters."""
    have = set(posts.collect_schema().names()) if filters else set()
    for item in filters.items:
        for keep in item.conditions(have, timezone):
            posts = posts.filter(keep)
    return posts


def to_pairs(filters: Filters) -> Pairs:
    """The filters as key and value, as in a link: `from=2026-01-01`, `type=video`, `reactions=10..`."""
    return [pair for item in filters.items for pair in item.pairs()]


def from_pairs(pairs: Iterable[tuple[str, str]], schema: Schema, where: str = "link") -> tuple[Filters, list[Problem]]:
    """Read filters from keys and values; what cannot be read is left out and said.

    Keys that name no column are not filters and are passed over: whoever calls knows what else they may be.
    """
    own: dict[type[Filter], dict[str, list[str]]] = {}
    problems = []
    for key, value in pairs:
        named = "" if key in OF_KINDS else column_of(key)  # `from` is the period, whatever columns there are.
        column = schema[named] if named in schema else None  # noqa: SIM401 - a Schema is no dict
        kind = next((k for k in KINDS if k.reads(key, column)), None)
        if kind is not None:
            # Two spellings of one column are one key.
            own.setdefault(kind, {}).setdefault(key_of(column.name) if column else key, []).append(value)
        elif column is not None:
            words = {"time": "a time; filter by from and to"}.get(column.kind, "no category and no number")
            problems.append(Problem(what=f'"{key}" is {words}, so it is not filtered by.', where=where))
    items: list[Filter] = []
    for kind in KINDS:
        if kind in own:
            found, wrong = kind.read(own[kind], schema, where)
            items += found
            problems += wrong
    return of(*items), problems


def describe(filters: Filters, schema: Schema) -> list[str]:
    """The filters in words, one each."""
    return list(named(filters, schema).values())


def named(filters: Filters, schema: Schema) -> dict[str, str]:
    """Each filter's name, by which `Filters.dropped` takes it away, and its words."""
    return {item.name: item.words(schema) for item in filters.items}


def toggled(filters: Filters, column: str, values: Sequence[str]) -> Filters:
    """These filters with a category set to some values; without it where it was set to just these."""
    before = next((i.values for i in filters.all_of(OneOf) if i.column == column), ())
    if set(before) == set(values) or not values:
        return filters.dropped(column)
    return filters.having(OneOf(column, tuple(dict.fromkeys(values))))


def between(filters: Filters, column: str, low: float | None, high: float | None) -> Filters:
    """These filters with a metric kept inside a range, in place of an earlier one."""
    return filters.dropped(column) if low is None and high is None else filters.having(Range(column, low, high))


__all__ = [
    "KINDS",
    "MISSING",
    "SEARCHED",
    "Contains",
    "Filter",
    "Filters",
    "OneOf",
    "Pairs",
    "Period",
    "Range",
    "apply",
    "between",
    "column_of",
    "describe",
    "from_pairs",
    "is_filter",
    "key_of",
    "midnight",
    "named",
    "of",
    "to_pairs",
    "toggled",
]
