"""The kinds of filters, a class each: its form in a link, its words, and the posts it keeps.

A new kind is a class here, named in `KINDS`, and its control in `app/web/filters/controls.py`.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import polars as pl

from postlens.core.contract.problems import Problem, nearest
from postlens.core.contract.schema import MAX_LEVELS, Column, Schema

MISSING = "(missing)"
SEARCHED = ("text", "title", "url")
FIRST_YEAR, LAST_YEAR = 1900, 2200
MAX_TEXT = 200
# Short names in links and on the command line for the columns everybody filters by.
ALIASES = {"type": "post_type", "account": "account_name"}
_SHORT = {column: alias for alias, column in ALIASES.items()}
_ESCAPE = "is."
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_RANGE = re.compile(rf"^({_NUMBER})?\.\.({_NUMBER})?$")

Pairs = list[tuple[str, str]]


def key_of(column: str) -> str:
    """What a column is called in a link: itself, unless a link uses that word for something else."""
    if column in _SHORT:
        return _SHORT[column]
    return f"{_ESCAPE}{column}" if column in OWN_KEYS or "." in column else column


def column_of(key: str) -> str:
    """The column that a key of a link names; the other way round of `key_of`."""
    return key.removeprefix(_ESCAPE) if key.startswith(_ESCAPE) else ALIASES.get(key, key)


class Filter(ABC):
    """One filter.

    Attributes:
        keys: words of a link that are this kind's, whatever columns there are.
    """

    keys: ClassVar[frozenset[str]] = frozenset()

    @property
    @abstractmethod
    def name(self) -> str:
        """By which a chip takes it away; one filter of a name at a time."""

    @property
    @abstractmethod
    def columns(self) -> frozenset[str]:
        """The columns it needs by name."""

    @abstractmethod
    def pairs(self) -> Pairs:
        """Its form in a link."""

    @abstractmethod
    def words(self, schema: Schema) -> str:
        """What it keeps, for people."""

    @abstractmethod
    def conditions(self, have: set[str], timezone: ZoneInfo) -> list[pl.Expr]:
        """What is true of the posts it keeps; all of them together."""

    @classmethod
    def reads(cls, key: str, column: Column | None) -> bool:
        """Whether a key of a link is this kind's; `column` is what the key names in the data, if anything."""
        del column
        return key in cls.keys

    @classmethod
    @abstractmethod
    def read(cls, pairs: Mapping[str, Sequence[str]], schema: Schema, where: str) -> tuple[list[Filter], list[Problem]]:
        """The filters of this kind in the pairs that are its own, and what was wrong with them."""


@dataclass(frozen=True, kw_only=True)
class Period(Filter):
    """Posts from a day to a day, both included, in the client's time zone; either may be open."""

    since: date | None = None
    until: date | None = None
    keys: ClassVar[frozenset[str]] = frozenset({"from", "to"})

    @property
    def name(self) -> str:
        """`period`."""
        return "period"

    @property
    def columns(self) -> frozenset[str]:
        """The time of posts."""
        return frozenset({"published"})

    def pairs(self) -> Pairs:
        """`from=2026-01-01`, `to=2026-01-31`."""
        return [(key, str(day)) for key, day in (("from", self.since), ("to", self.until)) if day]

    def words(self, schema: Schema) -> str:
        """Its ends."""
        del schema
        if self.since and self.until:
            return f"{self.since:%-d %b %Y} to {self.until:%-d %b %Y}"
        return f"from {self.since:%-d %b %Y}" if self.since else f"until {self.until:%-d %b %Y}"

    def conditions(self, have: set[str], timezone: ZoneInfo) -> list[pl.Expr]:
        """Compared with midnights of the zone."""
        del have
        since = [pl.col("published") >= midnight(self.since, timezone)] if self.since else []
        until = [pl.col("published") < midnight(self.until + timedelta(days=1), timezone)] if self.until else []
        return since + until

    @classmethod
    def read(cls, pairs: Mapping[str, Sequence[str]], schema: Schema, where: str) -> tuple[list[Filter], list[Problem]]:
        """Ends the wrong way round are taken in order, and that is said."""
        days, problems = {}, []
        for key, values in pairs.items():
            days[key] = _day(values[-1])
            if days[key] is None:
                problems.append(
                    Problem(what=f'{key} = "{values[-1][:40]}" is not a day.', where=where, hint="Write 2026-01-31.")
                )
            elif schema.time is None:
                problems.append(Problem(what="These posts have no date, so the period is ignored.", where=where))
                days[key] = None
        since, until = days.get("from"), days.get("to")
        if since and until and since > until:
            said = f"The period from {since} to {until} has its ends the wrong way round; they are taken in order."
            problems.append(Problem(what=said, where=where))
            since, until = until, since
        return ([cls(since=since, until=until)] if since or until else []), problems


@dataclass(frozen=True)
class OneOf(Filter):
    """Posts with one of some values of a category; `(missing)` stands for none."""

    column: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """The column."""
        return self.column

    @property
    def columns(self) -> frozenset[str]:
        """The column."""
        return frozenset({self.column})

    def pairs(self) -> Pairs:
        """`type=video`, repeated for further values."""
        return [(key_of(self.column), value) for value in self.values]

    def words(self, schema: Schema) -> str:
        """`Type: photo, video`."""
        return f"{schema.label(self.column)}: {', '.join(self.values)}"

    def conditions(self, have: set[str], timezone: ZoneInfo) -> list[pl.Expr]:
        """Compared as text."""
        del have, timezone
        named = [v for v in self.values if v != MISSING]
        keep = pl.col(self.column).cast(pl.String).is_in(named)
        return [(keep | pl.col(self.column).is_null()) if MISSING in self.values else keep]

    @classmethod
    def reads(cls, key: str, column: Column | None) -> bool:
        """A category."""
        del key
        return column is not None and column.kind == "category"

    @classmethod
    def read(cls, pairs: Mapping[str, Sequence[str]], schema: Schema, where: str) -> tuple[list[Filter], list[Problem]]:
        """Values that the data do not have are left out and said."""
        kept: list[Filter] = []
        problems = []
        for key, wanted in pairs.items():
            column = schema[column_of(key)]
            open_end = len(column.levels) >= MAX_LEVELS  # The schema names only the most frequent ones.
            known = {*column.levels, MISSING}
            unique = list(dict.fromkeys(wanted))
            good = tuple(v for v in unique if not column.levels or open_end or v in known)
            problems += [
                Problem(
                    what=f'{column.label} has no "{value[:60]}" in this data, so it is not filtered by.',
                    where=where,
                    hint=nearest(value, column.levels),
                )
                for value in unique
                if value not in good
            ]
            if good:
                kept.append(cls(column.name, good))
        return kept, problems


@dataclass(frozen=True)
class Range(Filter):
    """Posts with a metric between two values, both included; either may be open."""

    column: str
    low: float | None = None
    high: float | None = None

    @property
    def name(self) -> str:
        """The metric."""
        return self.column

    @property
    def columns(self) -> frozenset[str]:
        """The metric."""
        return frozenset({self.column})

    def pairs(self) -> Pairs:
        """`reactions=10..500`."""
        return [(key_of(self.column), f"{_number(self.low)}..{_number(self.high)}")]

    def words(self, schema: Schema) -> str:
        """`Reactions: 10 to 500`."""
        low, high = self.low, self.high
        if low is not None and high is not None:
            ends = f"{low:,.10g} to {high:,.10g}"
        else:
            ends = f"at least {low:,.10g}" if low is not None else f"at most {high:,.10g}"
        return f"{schema.label(self.column)}: {ends}"

    def conditions(self, have: set[str], timezone: ZoneInfo) -> list[pl.Expr]:
        """A missing value is outside."""
        del have, timezone
        low = [pl.col(self.column) >= self.low] if self.low is not None else []
        high = [pl.col(self.column) <= self.high] if self.high is not None else []
        return low + high

    @classmethod
    def reads(cls, key: str, column: Column | None) -> bool:
        """A metric or a rate."""
        del key
        return column is not None and column.kind in {"metric", "rate"}

    @classmethod
    def read(cls, pairs: Mapping[str, Sequence[str]], schema: Schema, where: str) -> tuple[list[Filter], list[Problem]]:
        """Two ranges of one metric mean both."""
        del schema
        kept: list[Filter] = []
        problems = []
        for key, values in pairs.items():
            column = column_of(key)
            ends = []
            for value in values:
                found, wrong = _range(column, value, where)
                ends += [found] if found else []
                problems += wrong
            low = max((e[0] for e in ends if e[0] is not None), default=None)
            high = min((e[1] for e in ends if e[1] is not None), default=None)
            if low is not None or high is not None:
                kept.append(cls(column, low, high))
        return kept, problems


@dataclass(frozen=True)
class Contains(Filter):
    """Posts whose caption, title or link contains some words, case ignored."""

    text: str
    keys: ClassVar[frozenset[str]] = frozenset({"text"})

    @property
    def name(self) -> str:
        """`text`."""
        return "text"

    @property
    def columns(self) -> frozenset[str]:
        """None by name: it looks in those there are."""
        return frozenset()

    def pairs(self) -> Pairs:
        """`text=sale`."""
        return [("text", self.text)]

    def words(self, schema: Schema) -> str:
        """The words in quotes."""
        del schema
        return f'text contains "{self.text}"'

    def conditions(self, have: set[str], timezone: ZoneInfo) -> list[pl.Expr]:
        """In any of the columns with text."""
        del timezone
        wanted = f"(?i){re.escape(self.text)}"
        return [pl.any_horizontal(pl.col(c).str.contains(wanted).fill_null(False) for c in SEARCHED if c in have)]

    @classmethod
    def read(cls, pairs: Mapping[str, Sequence[str]], schema: Schema, where: str) -> tuple[list[Filter], list[Problem]]:
        """At most 200 characters are looked for."""
        text = next(iter(pairs.values()))[-1].strip()[:MAX_TEXT]
        if not any(c in schema for c in SEARCHED):
            return [], [Problem(what="These posts have no text, so it cannot be searched.", where=where)]
        return ([cls(text)] if text else []), []


KINDS: tuple[type[Filter], ...] = (Period, OneOf, Range, Contains)
OF_KINDS: frozenset[str] = frozenset().union(*(kind.keys for kind in KINDS))
OWN_KEYS = frozenset({"data", *ALIASES}) | OF_KINDS


def is_filter(key: str, schema: Schema) -> bool:
    """Whether a key of a link filters these posts."""
    return any(key in kind.keys for kind in KINDS) or column_of(key) in schema


def midnight(day: date, timezone: ZoneInfo) -> pl.Expr:
    """The start of a day of a zone, in UTC."""
    start = datetime.combine(day, time(), tzinfo=timezone).astimezone(ZoneInfo("UTC"))
    return pl.lit(start.replace(tzinfo=None)).dt.replace_time_zone("UTC").cast(pl.Datetime("us", "UTC"))


def _day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _number(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")


def _range(column: str, value: str, where: str) -> tuple[tuple[float | None, float | None] | None, list[Problem]]:
    found = _RANGE.match(value)
    try:
        low, high = (float(part) if part else None for part in found.groups()) if found else (None, None)
    except ValueError:
        low = high = None
    if any(end is not None and not math.isfinite(end) for end in (low, high)):
        low = high = None
    reversed_ends = low is not None and high is not None and low > high
    if (low is None and high is None) or reversed_ends:
        wrong = "has its ends the wrong way round" if reversed_ends else "is not a range"
        what = f'{column} = "{value[:60]}" {wrong}.'
        return None, [Problem(what=what, where=where, hint="Write 10..500, 10.. or ..500.")]
    return (low, high), []
