"""Which posts a view speaks of: period, values of categories, ranges of metrics, words in the text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from postlens.core.contract.problems import Problem, nearest
from postlens.core.contract.schema import MOST_LEVELS, Schema

MISSING = "(missing)"
SEARCHED = ("text", "title", "url")
# Short names in links and on the command line for the columns everybody filters by.
ALIASES = {"type": "post_type", "account": "account_name"}
_SHORT = {column: alias for alias, column in ALIASES.items()}
FIRST_YEAR, LAST_YEAR = 1900, 2200
RESERVED = frozenset({"from", "to", "text", "data", *ALIASES, "platform", "weekday", "hour", "month", "maturity"})
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_RANGE = re.compile(rf"^({_NUMBER})?\.\.({_NUMBER})?$")


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The posts to keep. Empty keeps all.

    Attributes:
        since: first day, in the client's time zone.
        until: last day, included.
        values: category column to the values to keep; `(missing)` stands for null.
        ranges: metric to lowest and highest value, both included, either None.
        text: words that the caption, title or link must contain, case ignored.
    """

    since: date | None = None
    until: date | None = None
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ranges: tuple[tuple[str, float | None, float | None], ...] = ()
    text: str = ""

    def __bool__(self) -> bool:
        return self != Filters()

    def columns(self) -> set[str]:
        """The columns filtered by."""
        named = {column for column, _ in self.values} | {column for column, _, _ in self.ranges}
        return named | ({"published"} if self.since or self.until else set())

    def without(self, columns: Iterable[str]) -> Filters:
        """These filters, less those on some columns."""
        gone = set(columns)
        return replace(
            self,
            values=tuple(v for v in self.values if v[0] not in gone),
            ranges=tuple(r for r in self.ranges if r[0] not in gone),
        )

    def only(self, columns: Iterable[str]) -> Filters:
        """The filters on some columns alone."""
        kept = set(columns)
        return Filters(
            values=tuple(v for v in self.values if v[0] in kept), ranges=tuple(r for r in self.ranges if r[0] in kept)
        )


def apply(posts: pl.LazyFrame, filters: Filters, timezone: ZoneInfo) -> pl.LazyFrame:
    """The posts that pass the filters."""
    for keep in _conditions(filters, timezone, set(posts.collect_schema().names())):
        posts = posts.filter(keep)
    return posts


def _conditions(filters: Filters, timezone: ZoneInfo, have: set[str]) -> list[pl.Expr]:
    found = []
    if filters.since:
        found.append(pl.col("published") >= midnight(filters.since, timezone))
    if filters.until:
        found.append(pl.col("published") < midnight(filters.until + timedelta(days=1), timezone))
    for column, values in filters.values:
        named = [v for v in values if v != MISSING]
        keep = pl.col(column).cast(pl.String).is_in(named)
        found.append((keep | pl.col(column).is_null()) if MISSING in values else keep)
    for column, low, high in filters.ranges:
        if low is not None:
            found.append(pl.col(column) >= low)
        if high is not None:
            found.append(pl.col(column) <= high)
    searched = [c for c in SEARCHED if c in have]
    if filters.text:
        wanted = re.escape(filters.text)
        found.append(pl.any_horizontal(pl.col(c).str.contains(f"(?i){wanted}").fill_null(False) for c in searched))
    return found


def midnight(day: date, timezone: ZoneInfo) -> pl.Expr:
    """The start of a day of a zone, in UTC."""
    start = datetime.combine(day, time(), tzinfo=timezone).astimezone(ZoneInfo("UTC"))
    return pl.lit(start.replace(tzinfo=None)).dt.replace_time_zone("UTC").cast(pl.Datetime("us", "UTC"))


def key_of(column: str) -> str:
    """What a column is called in a link."""
    return _SHORT.get(column, column)


def to_pairs(filters: Filters) -> list[tuple[str, str]]:
    """The filters as key and value, as in a link: `type=video`, `from=2026-01-01`, `reactions=10..`."""
    pairs = [("from", str(filters.since))] if filters.since else []
    pairs += [("to", str(filters.until))] if filters.until else []
    pairs += [(key_of(column), value) for column, values in filters.values for value in values]
    pairs += [(column, f"{_number(low)}..{_number(high)}") for column, low, high in filters.ranges]
    return pairs + ([("text", filters.text)] if filters.text else [])


def _number(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")


def from_pairs(
    pairs: Iterable[tuple[str, str]], schema: Schema, where: str = "the link"
) -> tuple[Filters, list[Problem]]:
    """Read filters from keys and values; what cannot be read is left out and said.

    Keys that name no column are not filters and are passed over: whoever calls knows what else they may be.
    """
    filters, problems = Filters(), []
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        column = ALIASES.get(key, key)
        if key in {"from", "to"}:
            day = _day(value)
            if day is None:
                problems.append(Problem(what=f'{key} = "{value}" is not a day.', where=where, hint="Write 2026-01-31."))
            elif schema.time is None:
                problems.append(Problem(what="These posts have no date, so the period is ignored.", where=where))
            else:
                filters = replace(filters, **{"since" if key == "from" else "until": day})  # type: ignore[arg-type]
        elif key == "text":
            if any(c in schema for c in SEARCHED):
                filters = replace(filters, text=value.strip()[:200])
            else:
                problems.append(Problem(what="These posts have no text, so it cannot be searched.", where=where))
        elif column in schema and schema[column].kind == "category":
            values.setdefault(column, []).append(value)
        elif column in schema and schema[column].kind in {"metric", "rate"}:
            filters, wrong = _with_range(filters, column, value, where)
            problems += wrong
        elif column in schema:
            kind = {"time": "a time; filter by from and to"}.get(schema[column].kind, "no category and no number")
            problems.append(Problem(what=f'"{key}" is {kind}, so it is not filtered by.', where=where))
    filters, reversed_ = _in_order(filters, where)
    problems += reversed_
    kept, wrong = _known_values(values, schema, where)
    return replace(filters, values=kept), problems + wrong


def _in_order(filters: Filters, where: str) -> tuple[Filters, list[Problem]]:
    if filters.since is None or filters.until is None or filters.since <= filters.until:
        return filters, []
    said = (
        f"The period from {filters.since} to {filters.until} has its ends the wrong way round; they are taken in order."
    )
    return replace(filters, since=filters.until, until=filters.since), [Problem(what=said, where=where)]


def _with_range(filters: Filters, column: str, value: str, where: str) -> tuple[Filters, list[Problem]]:
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
        problem = Problem(what=f'{column} = "{value}" {wrong}.', where=where, hint="Write 10..500, 10.. or ..500.")
        return filters, [problem]
    for named_already, lower, upper in filters.ranges:
        if named_already == column:  # Two ranges of one metric mean both.
            low = max((v for v in (low, lower) if v is not None), default=None)
            high = min((v for v in (high, upper) if v is not None), default=None)
    return between(filters, column, low, high), []


def _known_values(
    values: Mapping[str, Sequence[str]], schema: Schema, where: str
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], list[Problem]]:
    kept, problems = [], []
    for column, wanted in values.items():
        levels = schema[column].levels
        open_end = len(levels) >= MOST_LEVELS  # The schema names only the most frequent ones.
        good = tuple(dict.fromkeys(v for v in wanted if not levels or open_end or v in levels or v == MISSING))
        problems += [
            Problem(
                what=f'{schema.label(column)} has no "{value[:60]}" in this data, so it is not filtered by.',
                where=where,
                hint=nearest(value, levels),
            )
            for value in dict.fromkeys(wanted)
            if value not in good
        ]
        if good:
            kept.append((column, good))
    return tuple(sorted(kept)), problems


def _day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def describe(filters: Filters, schema: Schema) -> list[str]:
    """The filters in words, one each."""
    return list(named(filters, schema).values())


def named(filters: Filters, schema: Schema) -> dict[str, str]:
    """Each filter's name, by which `dropped` takes it away, and its words: `period`, `text`, or the column."""
    words = {}
    if filters.since and filters.until:
        words["period"] = f"{filters.since:%-d %b %Y} to {filters.until:%-d %b %Y}"
    elif filters.since or filters.until:
        words["period"] = f"from {filters.since:%-d %b %Y}" if filters.since else f"until {filters.until:%-d %b %Y}"
    words |= {column: f"{schema.label(column)}: {', '.join(values)}" for column, values in filters.values}
    words |= {column: f"{schema.label(column)}: {_between(low, high)}" for column, low, high in filters.ranges}
    return words | ({"text": f'text contains "{filters.text}"'} if filters.text else {})


def _between(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:,.10g} to {high:,.10g}"
    return f"at least {low:,.10g}" if low is not None else f"at most {high:,.10g}"


def dropped(filters: Filters, name: str) -> Filters:
    """These filters without the one of a name."""
    match name:
        case "period":
            return replace(filters, since=None, until=None)
        case "text":
            return replace(filters, text="")
    return filters.without([name])


def toggled(filters: Filters, column: str, values: Sequence[str]) -> Filters:
    """These filters with a category set to some values; without it where it was set to just these."""
    before = dict(filters.values).get(column, ())
    rest = filters.without([column])
    if set(before) == set(values) or not values:
        return rest
    return replace(rest, values=tuple(sorted([*rest.values, (column, tuple(dict.fromkeys(values)))])))


def between(filters: Filters, column: str, low: float | None, high: float | None) -> Filters:
    """These filters with a metric kept inside a range, in place of an earlier one."""
    rest = filters.without([column])
    return rest if low is None and high is None else replace(rest, ranges=(*rest.ranges, (column, low, high)))
