"""How did we do: a period against the equal one before it, and whether the change is more than usual here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, Period
from postlens.core.contract import Context
from postlens.core.contract.schema import Column, Schema
from postlens.core.stats.multiple import MAIN_METRICS
from postlens.core.stats.usual import YOUNG_DAYS, Periods, earlier, newest_in_view, periods, stand_alone, usual

_SPARK = 26  # Weeks.


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One number of a period.

    Attributes:
        name: what it is, for links; a column, or `posts`.
        value, before: of the period and of the one before; None where not known.
        change: value / before - 1; None where one of them is unknown or before is 0.
        low, high: between what such changes lie here in 95 of 100 cases by chance; None where there is too little history.
        percent: the value is a share.
        weeks: the value of each week up to the end of the period; None where nothing is known.
        note: what it is made of.
    """

    name: str
    label: str
    value: float | None
    before: float | None
    percent: bool = False
    change: float | None = None
    low: float | None = None
    high: float | None = None
    weeks: tuple[float | None, ...] = ()
    note: str = ""

    @property
    def unusual(self) -> bool | None:
        """Whether the change is beyond what is usual; None where nobody can say."""
        if self.change is None or self.low is None or self.high is None:
            return None
        return not self.low <= self.change <= self.high


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A period beside the one before.

    Attributes:
        since, until: the period, both days included. before: the first day of the equal period before it.
        left_out: posts too recent to judge, which neither period has.
    """

    since: date
    until: date
    before: date
    tiles: tuple[Tile, ...]
    left_out: int = 0

    @property
    def days(self) -> int:
        """How long the period is."""
        return (self.until - self.since).days + 1


@dataclass(frozen=True, kw_only=True)
class _Days:
    """Sums of each day, from the first to the last, days without posts among them."""

    first: date
    columns: dict[str, np.ndarray]

    @property
    def last(self) -> date:
        """The last day with a post that can be judged."""
        return self.first + timedelta(days=int(np.flatnonzero(self.columns["posts"])[-1]))

    def sum(self, name: str, since: date, until: date) -> float:
        start, stop = (since - self.first).days, (until - self.first).days + 1
        return float(self.columns[name][max(start, 0) : max(stop, 0)].sum())


Value = Callable[[date, date], float | None]


def standing(engine: Engine, filters: Filters) -> Standing | None:
    """The chosen period, or the last 28 days that can be judged, against the equal period before; None without dates.

    The days are those of the posts that the other filters let through: an account whose export is older has its own last days.
    Posts of the newest days still collect engagement, so neither period has them: both sides are equally old when counted.
    """
    dataset = engine.dataset
    if dataset.first_day is None or dataset.last_day is None or "published" not in dataset.schema:
        return None
    chosen = filters.first(Period)
    others = filters.dropped("period")
    young = YOUNG_DAYS if "maturity" in dataset.schema else 0
    newest = dataset.last_day - timedelta(days=young)
    since, until = (chosen.since, chosen.until) if chosen else (None, None)
    table, left_out = _daily(engine, others, newest)
    if table is None:
        return None
    both = periods(table.first, newest_in_view(table.last, newest), since, until, young=0)
    if both is None:
        return None
    tiles = tuple(_tile(tile, value, table, both) for tile, value in _values(table, engine, both.days))
    return Standing(since=both.since, until=both.until, before=both.before, tiles=tiles, left_out=left_out)


def _daily(engine: Engine, filters: Filters, newest: date) -> tuple[_Days | None, int]:
    dataset = engine.dataset
    context = Context(schema=dataset.schema, seed=engine.seed, timezone=dataset.timezone)
    main = usual_metric(dataset.schema)
    wanted = list(dict.fromkeys(n for n in (main, "reach", "views", "impressions") if n in dataset.schema))
    posts, _ = engine.columns.posts(filters, filters.columns() | set(wanted), {}, context)
    sums = [pl.col(n).sum().cast(pl.Float64).alias(n) for n in wanted] + [
        pl.col(n).count().cast(pl.Float64).alias(f"n_{n}") for n in wanted
    ]
    if main:
        sums += [pl.col(main).cast(pl.Float64).clip(lower_bound=0).log1p().sum().alias("log")]
    if main in {"engagements", "reactions"}:
        for base in ("reach", "impressions"):
            if base in wanted:
                both = (pl.col(base) > 0) & pl.col(main).is_not_null()
                sums += [
                    pl.col(main).filter(both).sum().cast(pl.Float64).alias(f"e_{base}"),
                    pl.col(base).filter(both).sum().cast(pl.Float64).alias(f"b_{base}"),
                ]
    found = (
        posts.group_by("date").agg(pl.len().cast(pl.Float64).alias("posts"), *sums).collect(engine="streaming")
    ).drop_nulls("date")
    left_out = int(found.filter(pl.col("date") > newest)["posts"].sum() or 0)
    found = found.filter(pl.col("date") <= newest).sort("date")
    if not found.height:
        return None, left_out
    first = found["date"][0]
    place = np.array([(day - first).days for day in found["date"]])
    columns = {}
    for name in found.columns[1:]:
        columns[name] = np.zeros((newest - first).days + 1)
        columns[name][place] = found[name].fill_null(0).to_numpy()
    return _Days(first=first, columns=columns), left_out


def _values(table: _Days, engine: Engine, length: int) -> list[tuple[Tile, Value]]:
    """The tiles there can be, each with how its value of any days is found."""
    have = table.columns
    schema = engine.dataset.schema
    made: list[tuple[Tile, Value]] = [
        (Tile(name="posts", label="Posts", value=None, before=None, note=f"in {length} days"), _total(table, "posts"))
    ]
    main = usual_metric(schema)
    if main and have[f"n_{main}"].sum():
        made += [
            (
                Tile(name=main, label=schema.label(main), value=None, before=None, note=_made_of(schema[main], schema)),
                _total(table, main),
            ),
            (
                Tile(
                    name=main,
                    label=f"{schema.label(main)} of a typical post",
                    value=None,
                    before=None,
                    note="geometric mean",
                ),
                _typical(table, main),
            ),
        ]
    base = next((b for b in ("reach", "impressions") if f"b_{b}" in have and have[f"b_{b}"].sum()), "")
    if base:
        note = f"{schema.label(main).lower()} by {base}, of the posts that know both"
        tile = Tile(name=main, label="Engagement rate", value=None, before=None, percent=True, note=note)
        made.append((tile, _share(table, f"e_{base}", f"b_{base}")))
    shown = [n for n in ("reach", "views", "impressions") if n in have and n != main and have[f"n_{n}"].sum()]
    made += [
        (
            Tile(name=n, label=schema.label(n), value=None, before=None, note="of the posts that know it"),
            _total(table, n),
        )
        for n in shown[:1]
    ]
    return made


def usual_metric(schema: Schema) -> str:
    """The number that speaks for a post; empty where none of the usual ones is known."""
    names = (*MAIN_METRICS, "reach", "impressions")
    return next((n for n in names if n in schema and schema[n].known != 0), "")


def _made_of(column: Column, schema: Schema) -> str:
    own = [n for n in column.made_of if not n.startswith("react_")]
    return ", ".join(schema.label(n).lower() for n in own) or "of the posts that know it"


def _total(table: _Days, name: str) -> Value:
    return lambda since, until: table.sum(name, since, until)


def _typical(table: _Days, main: str) -> Value:
    def value(since: date, until: date) -> float | None:
        n = table.sum(f"n_{main}", since, until)
        return math.expm1(table.sum("log", since, until) / n) if n else None

    return value


def _share(table: _Days, part: str, whole: str) -> Value:
    def value(since: date, until: date) -> float | None:
        base = table.sum(whole, since, until)
        return table.sum(part, since, until) / base if base else None

    return value


def _tile(tile: Tile, value: Value, table: _Days, both: Periods) -> Tile:
    now = value(both.since, both.until)
    past = value(both.before, both.before_until) if both.before >= table.first else None
    weeks = [both.until - timedelta(days=7 * k) for k in range(_SPARK)]
    spark = [value(end - timedelta(days=6), end) for end in reversed(weeks) if end - timedelta(days=6) >= table.first]
    change = now / past - 1 if now is not None and past else None
    changes = [c for pair in earlier(both, table.first) if (c := _change(value, pair)) is not None]
    found = usual(changes, stand_alone(len(changes), both.days))
    low, high = (None, None) if found is None else (math.expm1(-found.reach), math.expm1(found.reach))
    return replace(tile, value=now, before=past, change=change, low=low, high=high, weeks=tuple(spark))


def _change(value: Value, pair: Periods) -> float | None:
    """The change from a period to the next, as a logarithm."""
    now, past = value(pair.since, pair.until), value(pair.before, pair.before_until)
    return math.log(now / past) if now and past and now > 0 and past > 0 else None
