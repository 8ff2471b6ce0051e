"""Totals of two periods, what their difference is made of, and how much such periods usually differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from postlens import CannotCompute, Column, Context, stats
from postlens.plugins.change.settings import Settings

KINDS = ("account_name", "platform", "post_type")
_YEAR = 52 * 7
_CARRIERS = 5
_SURVIVES = 0.1  # The p-value that a verdict may rise to without the largest posts.
_MIN_KNOWN = 5  # Posts of a network in a period, before their not knowing the metric says something.
_TOLD = ("account_name", "platform", "post_type", "text", "title", "url")


@dataclass(frozen=True, kw_only=True)
class Part:
    """The total, or a part of its change.

    Attributes:
        amount: the change, in units of the metric.
        log: its part of ln(now / before); None where a total is not above 0.
        usual: how much it changes where nothing happens; None with too little history.
        log_p, log_p_adjusted: logarithm of the chance of a change so large; the second for the parts together.
        weakest: log_p without the largest post of either period.
    """

    amount: float
    log: float | None
    usual: stats.Usual | None
    log_p: float | None = None
    log_p_adjusted: float | None = None
    weakest: float | None = None

    @property
    def rests_on_one_post(self) -> bool:
        """Whether the change is no longer more than usual without the largest post of either period."""
        return self.weakest is not None and self.weakest > math.log(_SURVIVES)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A period against another.

    Attributes:
        since, until, before, before_until: both periods, last days included.
        adjacent: the other is just before.
        total, volume, mix, within: the change and its parts.
        posts_before, posts: those that know the metric.
        pairs: earlier pairs of periods that show what is usual.
        levels: by account, network and type: `by`, `label`, `level`, `posts_before`, `posts`, `before`, `now`, `change`.
        carriers: the posts with most of the metric: `published`, what is known of them, `value`, `usual` (the average of
            their kind in the other period; null for a new kind).
        without_largest: ln(now / before) without the largest post of either period.
        left_out: networks that know the metric in one of the periods only. unknown: posts of both that do not know it.
        young: the first day whose posts are too recent to judge; None where all can be judged.
    """

    metric: str
    metric_label: str
    timezone: str
    since: date
    until: date
    before: date
    before_until: date
    adjacent: bool
    total_before: float
    total_now: float
    total: Part
    volume: Part
    mix: Part
    within: Part
    posts_before: int
    posts: int
    accounts: int
    pairs: int
    levels: pl.DataFrame
    carriers: pl.DataFrame
    without_largest: float | None
    left_out: tuple[str, ...]
    unknown: int
    young: date | None


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Change:
    """Compare the periods."""
    metric = _metric(params, ctx)
    every = ctx.of_any_time if ctx.of_any_time is not None else posts
    days, young = _periods(every, params, ctx)
    ctx.progress(0.1, "Adding up days")
    kinds = [name for name in KINDS if name in ctx.schema]
    until = days.until
    every = every.filter(pl.col("date").is_not_null() & (pl.col("date") <= until))
    table = _daily(every, metric.name, kinds)
    left_out = _incomparable(table, days)
    if left_out:
        table = table.filter(~pl.col("platform").is_in(left_out))
    ctx.stop_if_cancelled()
    cells = _Cells(table, kinds)
    now = cells.parts(days)
    if now is None:
        raise CannotCompute(
            f"In one of the periods, {days.before} to {days.before_until} and {days.since} to {days.until}, no post knows {metric.label.lower()}.",
            "Choose another period or metric.",
        )
    ctx.progress(0.5, "Looking at earlier periods")
    history = [h for pair in _earlier(days, cells) if (h := cells.parts(pair)) is not None and h.logs is not None]
    ctx.progress(0.8, "Finding the posts that carry it")
    if left_out:
        every = every.filter(~pl.col("platform").is_in(left_out))
    before, present = cells.window(days.before, days.before_until), cells.window(days.since, days.until)
    zone = ctx.timezone.key
    carriers = _largest(_between(every, days.since, days.until), metric.name, kinds, zone)
    carried = _largest(_between(every, days.before, days.before_until), metric.name, kinds, zone)
    without = stats.change_parts(*cells.without(before, carried), *cells.without(present, carriers))
    judged = _judged(now, without, history, days.days)
    return Change(
        metric=metric.name,
        metric_label=metric.label,
        timezone=ctx.timezone.key,
        since=days.since,
        until=days.until,
        before=days.before,
        before_until=days.before_until,
        adjacent=days.since - days.before == timedelta(days=days.days),
        total_before=now.before,
        total_now=now.now,
        total=judged[0],
        volume=judged[1],
        mix=judged[2],
        within=judged[3],
        posts_before=int(before[0].sum()),
        posts=int(present[0].sum()),
        accounts=cells.accounts(days),
        pairs=len(history),
        levels=cells.levels(days, ctx),
        carriers=_beside_usual(carriers, kinds, cells.usual(days)),
        without_largest=None if without is None or without.logs is None else sum(without.logs),
        left_out=tuple(left_out),
        unknown=_unknown(table, days),
        young=young,
    )


def _metric(params: Settings, ctx: Context) -> Column:
    if not params.metric:
        raise CannotCompute("There is no metric.", "Use an export with reactions, comments, views or reach.")
    metric = ctx.schema[params.metric]
    if metric.kind == "rate":
        raise CannotCompute(
            f"{metric.label} is a rate, and rates do not add up to a total.", "Choose one of the metrics it is made of."
        )
    return metric


def _periods(every: pl.LazyFrame, params: Settings, ctx: Context) -> tuple[stats.Periods, date | None]:
    """The periods, and the first day that is too recent to judge."""
    ends = every.select(pl.col("date").min().alias("first"), pl.col("date").max().alias("last"))
    first, last = ends.collect(engine="streaming").row(0)
    young = stats.YOUNG_DAYS if "maturity" in ctx.schema else 0
    if last is not None and ctx.last_day is not None:
        over = timedelta(days=young)
        last = stats.newest_in_view(last, ctx.last_day - over) + over
    other: date | None = None
    if params.against == "own" and params.start is None:
        raise CannotCompute("The other period has no first day.", "Choose its first day in the settings.")
    found = None if first is None else stats.periods(first, last, ctx.since, ctx.until, young=young)
    if found is None:
        raise CannotCompute(
            f"The period has fewer than {stats.MIN_DAYS} days whose posts can be judged.",
            "Choose a longer period; the newest days are left out, since their posts still collect.",
        )
    if params.against == "year":
        other = found.since - timedelta(days=_YEAR)
    elif params.against == "own":
        other = params.start
    if other is not None:
        found = stats.Periods(since=found.since, until=found.until, before=other)
    if found.before_until >= found.since:
        raise CannotCompute(
            f"The other period, {found.before} to {found.before_until}, reaches into the chosen one, which begins {found.since}.",
            "Choose an earlier first day.",
        )
    if found.before < first:
        raise CannotCompute(
            f"The other period begins {found.before}, before the first post of {first}.",
            "Choose a shorter or later period, or compare with the period before.",
        )
    return found, last - timedelta(days=young - 1) if young else None


def _daily(every: pl.LazyFrame, metric: str, kinds: list[str]) -> pl.DataFrame:
    """Posts and totals of each day and kind."""
    value = pl.col(metric).cast(pl.Float64)
    return (
        every.group_by("date", *(pl.col(k).cast(pl.String) for k in kinds))
        .agg(pl.len().alias("posts"), value.count().alias("n"), value.sum().alias("total"))
        .collect(engine="streaming")
        .sort("date", *kinds)
    )


def _incomparable(table: pl.DataFrame, days: stats.Periods) -> list[str]:
    """Networks that know the metric for most posts of one period and for few of the other: they count something else."""
    if "platform" not in table.columns:
        return []
    ends = {"before": (days.before, days.before_until), "now": (days.since, days.until)}
    known = {}
    for name, (first, last) in ends.items():
        sums = table.filter(pl.col("date").is_between(first, last)).group_by("platform").agg(pl.col("posts", "n").sum())
        known[name] = {p: n / posts for p, posts, n in sums.iter_rows() if posts >= _MIN_KNOWN and p is not None}
    both = known["before"].keys() & known["now"].keys()
    return sorted(p for p in both if abs(known["before"][p] - known["now"][p]) > 0.5)


def _unknown(table: pl.DataFrame, days: stats.Periods) -> int:
    within = pl.col("date").is_between(days.since, days.until) | pl.col("date").is_between(
        days.before, days.before_until
    )
    return int(table.filter(within).select((pl.col("posts") - pl.col("n")).sum()).item())


class _Cells:
    """Posts and totals by day and kind, to be added up over any period."""

    def __init__(self, table: pl.DataFrame, kinds: list[str]) -> None:
        self._table = table.filter(pl.col("n") > 0).with_columns(
            pl.lit(0).alias("_")
        )  # A key where there are no kinds.
        self._kinds = kinds
        numbered = self._table.select(*kinds, "_").unique(maintain_order=True).with_row_index("kind")
        joined = self._table.join(numbered, on=[*kinds, "_"], how="left", nulls_equal=True, maintain_order="left")
        self.names = numbered
        self._kind = joined["kind"].to_numpy()
        self._n = joined["n"].to_numpy().astype(float)
        self._total = joined["total"].to_numpy().astype(float)
        self._date = self._table["date"].to_numpy().astype("datetime64[D]")

    @property
    def first(self) -> date | None:
        """The first day with a post that knows the metric."""
        first: date | None = self._table["date"].min()  # type: ignore[assignment]
        return first

    def window(self, first: date, last: date) -> tuple[np.ndarray, np.ndarray]:
        """Posts and totals of each kind."""
        start = np.searchsorted(self._date, np.datetime64(first), "left")
        stop = np.searchsorted(self._date, np.datetime64(last), "right")
        part = slice(int(start), int(stop))
        count = self.names.height
        return tuple(np.bincount(self._kind[part], values[part], count) for values in (self._n, self._total))  # type: ignore[return-value]

    def without(self, window: tuple[np.ndarray, np.ndarray], largest: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Posts and totals without the largest post."""
        n, total = window[0].copy(), window[1].copy()
        top = largest.head(1).with_columns(pl.lit(0).alias("_"))
        place = top.join(self.names, on=[*self._kinds, "_"], how="inner", nulls_equal=True)
        for kind, value in place.select("kind", "value").iter_rows():
            n[kind] -= 1
            total[kind] -= value
        return n, total

    def parts(self, days: stats.Periods) -> stats.ChangeParts | None:
        """What the change between two periods is made of."""
        before, now = self.window(days.before, days.before_until), self.window(days.since, days.until)
        return stats.change_parts(*before, *now)

    def usual(self, days: stats.Periods) -> pl.DataFrame:
        """The average of each kind in the other period; null for kinds that had no posts."""
        n, total = self.window(days.before, days.before_until)
        mean = pl.Series("usual", np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)).fill_nan(None)
        return self.names.with_columns(mean).select(*self._kinds, "usual")

    def accounts(self, days: stats.Periods) -> int:
        """Accounts with posts in either period."""
        n = self.window(days.before, days.before_until)[0] + self.window(days.since, days.until)[0]
        if "account_name" not in self._kinds:
            return 0
        return self.names.filter(pl.Series(n > 0))["account_name"].n_unique()

    def levels(self, days: stats.Periods, ctx: Context) -> pl.DataFrame:
        """Both periods by account, network and type; the largest change first."""
        before, now = self.window(days.before, days.before_until), self.window(days.since, days.until)
        columns = {"posts_before": before[0], "posts": now[0], "before": before[1], "now": now[1]}
        table = self.names.with_columns(pl.Series(name, values) for name, values in columns.items())
        found = []
        for by in self._kinds:
            sums = table.group_by(pl.col(by).fill_null("not known").alias("level")).agg(pl.col(*columns).sum())
            if sums.filter(pl.col("posts_before") + pl.col("posts") > 0).height < 2:
                continue
            told = [pl.lit(by).alias("by"), pl.lit(ctx.schema.label(by)).alias("label"), pl.col("level")]
            counts = [pl.col("posts_before", "posts").cast(pl.Int64), pl.col("before", "now")]
            change = (pl.col("now") - pl.col("before")).alias("change")
            some = pl.col("posts_before") + pl.col("posts") > 0
            found.append(
                sums.select(*told, *counts, change)
                .filter(some)
                .sort(pl.col("change").abs(), "level", descending=[True, False])
            )
        schema = {"by": pl.String, "label": pl.String, "level": pl.String, "posts_before": pl.Int64, "posts": pl.Int64}
        numbers = dict.fromkeys(("before", "now", "change"), pl.Float64)
        return pl.concat(found) if found else pl.DataFrame(schema={**schema, **numbers})


def _earlier(days: stats.Periods, cells: _Cells) -> Iterator[stats.Periods]:
    first = cells.first
    return stats.earlier(days, first) if first is not None else iter(())


def _judged(
    now: stats.ChangeParts, without: stats.ChangeParts | None, history: list[stats.ChangeParts], length: int
) -> list[Part]:
    """The total and its parts, each against what is usual; the parts together by Holm."""
    logs = now.logs
    amounts = (now.now - now.before, now.volume, now.mix, now.within)
    values = _with_sum(logs)
    weaker = _with_sum(None if without is None else without.logs)
    earlier = [(sum(h.logs), *h.logs) for h in history if h.logs is not None]
    alone = stats.stand_alone(len(earlier), length)
    found = [stats.usual([e[i] for e in earlier], alone) for i in range(4)]
    p = [None if v is None or u is None else u.log_p(v) for v, u in zip(values, found, strict=True)]
    known = [one for one in p[1:] if one is not None]
    adjusted = [p[0], *(stats.holm_log(known) if len(known) == 3 else p[1:])]
    return [
        Part(amount=a, log=v, usual=u, log_p=one, log_p_adjusted=both, weakest=_weakest(v, w, u))
        for a, v, u, one, both, w in zip(amounts, values, found, p, adjusted, weaker, strict=True)
    ]


def _with_sum(logs: tuple[float, float, float] | None) -> tuple[float | None, ...]:
    return (None, None, None, None) if logs is None else (sum(logs), *logs)


def _weakest(log: float | None, without: float | None, usual: stats.Usual | None) -> float | None:
    """The chance of what is left without the largest posts; certain where it turns round."""
    if log is None or usual is None:
        return None
    return 0.0 if without is None or without * log <= 0 else usual.log_p(without)


def _between(every: pl.LazyFrame, first: date, last: date) -> pl.LazyFrame:
    return every.filter(pl.col("date").is_between(first, last))


def _largest(posts: pl.LazyFrame, metric: str, kinds: list[str], timezone: str) -> pl.DataFrame:
    """The posts with the most, the largest first."""
    names = posts.collect_schema().names()
    told = list(dict.fromkeys([*kinds, *(name for name in _TOLD if name in names)]))
    value = pl.col(metric).cast(pl.Float64).alias("value")
    written = pl.col("published").dt.convert_time_zone(timezone).dt.to_string("%Y-%m-%d")
    return (
        posts.filter(pl.col(metric).is_not_null())
        .select(written, *(pl.col(n).cast(pl.String) for n in told), value)
        .top_k(_CARRIERS, by=["value", "published", *told])
        .collect(engine="streaming")
        .sort("value", "published", *told, descending=True, nulls_last=True)
    )


def _beside_usual(largest: pl.DataFrame, kinds: list[str], usual: pl.DataFrame) -> pl.DataFrame:
    """Beside each post what its kind got on average in the other period."""
    if not kinds:
        return largest.with_columns(pl.lit(usual["usual"][0] if usual.height else None, pl.Float64).alias("usual"))
    return largest.join(usual, on=kinds, how="left", nulls_equal=True, maintain_order="left")
