"""What a test takes, its calendar, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from postlens import CannotCompute, Context, Schema, stats, wording
from postlens.plugins.planner.calendar import calendar, fingerprint
from postlens.plugins.planner.history import Pace, paces, spread
from postlens.plugins.planner.outcome import Outcome, outcome
from postlens.plugins.planner.settings import Settings

EFFECTS = (10, 20, 30, 50, 100, 200)  # Per cent more.
_MOST_METRICS = 12
_KNOWN = 0.5
_NO_OUTCOME = frozenset({"followers_at_post", "duration_s", "engagements_reported"})
_MANY = 400  # Posts a week; more slots are not planned.


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan.

    Attributes:
        sd: of differences between neighbouring posts on the log scale. differences: from how many.
        pace: posts a week, all accounts together. pairs: of the plan. power: its chance to see the effect.
        detectable: the smallest effect that it sees in four of five cases, as a ratio.
        needed: pairs that the effect takes; None where nothing affordable does.
        sizes: `more` (per cent), `posts`, `weeks`: what effects take; null where nothing affordable does.
        metrics: `metric`, `sd`, `posts`, `weeks`: what the effect takes by other metrics.
        slots: the calendar. accounts: with slots.
        outcome: what came of it; None before the first day.
    """

    metric_label: str
    group_label: str
    sd: float
    differences: int
    pace: float
    pairs: int
    power: float
    detectable: float
    needed: int | None
    sizes: pl.DataFrame
    metrics: pl.DataFrame
    slots: pl.DataFrame
    accounts: int
    start: date
    fixed: bool
    fingerprint: str
    timezone: str
    outcome: Outcome | None


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Planned:
    """Look back, count, and lay out the slots.

    Raises:
        CannotCompute: two kinds to compare are missing, or too few posts say how much neighbours differ.
    """
    schema = ctx.schema
    if not params.metric or not params.group or not params.level or params.level == params.against:
        raise CannotCompute(
            "A test needs a metric and two kinds of posts.", "Choose what differs, what to try and against what."
        )
    every = ctx.of_any_time if ctx.of_any_time is not None else posts
    if ctx.last_day is None:
        raise CannotCompute("The posts have no days.", "Use an export with the time of each post.")
    start = params.start or _monday_after(max(ctx.last_day, ctx.today))
    before = every.filter(pl.col("date") < start)
    ripe = every.filter(
        pl.col("date") < start - timedelta(days=stats.YOUNG_DAYS)
    )  # Whenever it is looked at: the plan stays.
    ctx.progress(0.2, "Looking at neighbouring posts")
    metric = schema[params.metric]
    sd, differences = spread(ripe, metric, params.group, schema)
    if not sd > 0:
        raise CannotCompute(
            f"Only {wording.counted(differences, 'pair')} of posts of one account are within a week of each other; it takes 20 to "
            "see how much such posts differ by luck."
            if differences
            else "No two posts of one account are within a week of each other, so nobody can say how much they differ by luck.",
            "Widen the filters, or choose a later first day.",
        )
    newest = before.select(pl.col("date").max()).collect(engine="streaming").item()
    usual = paces(before, schema, newest)
    asked = _asked(usual, params.per_week)
    pace = sum(one.week for one in asked)
    effect = params.effect
    slots = calendar(params, start, asked, ctx.timezone)
    pairs = slots.height // 2
    ctx.progress(0.6, "Comparing metrics")
    return Planned(
        metric_label=metric.label,
        group_label=schema.label(params.group),
        sd=sd,
        differences=differences,
        pace=pace,
        pairs=pairs,
        power=stats.paired_power(pairs, sd, effect, looked_for=params.looked_for) if pairs >= stats.MIN_POSTS else 0.0,
        detectable=math.exp(stats.detectable_by_pairs(pairs, sd, looked_for=params.looked_for)),
        needed=stats.pairs_needed(sd, effect, looked_for=params.looked_for),
        sizes=_sizes(sd, pace, params),
        metrics=_metrics(ripe, params, schema, pace, ctx),
        slots=slots,
        accounts=slots["account"].n_unique(),
        start=start,
        fixed=params.start is not None,
        fingerprint=fingerprint(params, start, [one.account for one in asked]),
        timezone=ctx.timezone.key,
        outcome=outcome(every, params, schema, slots, ctx.last_day) if ctx.last_day >= start else None,
    )


def _monday_after(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _asked(usual: list[Pace], per_week: int) -> list[Pace]:
    """The accounts' own pace, or as many posts as were asked for, in the same proportions."""
    total = sum(one.week for one in usual)
    wanted = min(float(per_week) if per_week else total, _MANY)
    return [replace(one, week=one.week * wanted / total) for one in usual] if total > 0 else []


def _weeks(pairs: int | None, pace: float) -> int | None:
    return None if pairs is None or not pace > 0 else math.ceil(2 * pairs / pace)


def _sizes(sd: float, pace: float, params: Settings) -> pl.DataFrame:
    rows = []
    for more in EFFECTS:
        pairs = stats.pairs_needed(sd, math.log1p(more / 100), looked_for=params.looked_for)
        rows.append((more, None if pairs is None else 2 * pairs, _weeks(pairs, pace)))
    return pl.DataFrame(rows, schema={"more": pl.Int64, "posts": pl.Int64, "weeks": pl.Int64}, orient="row")


def _metrics(ripe: pl.LazyFrame, params: Settings, schema: Schema, pace: float, ctx: Context) -> pl.DataFrame:
    """What the same effect takes by each metric that half of these posts know: steadier ones take fewer posts."""
    rows = []
    counted = ripe.select(pl.len().alias("__posts"), *(pl.col(c.name).count() for c in schema.metrics))
    told = counted.collect(engine="streaming").row(0, named=True)
    half = _KNOWN * max(told["__posts"], 1)
    known = [
        c for c in schema.metrics if c.name == params.metric or (told[c.name] >= half and c.name not in _NO_OUTCOME)
    ]
    for column in known[:_MOST_METRICS]:
        ctx.stop_if_cancelled()
        sd, _ = spread(ripe, column, params.group, schema)
        if not sd > 0:
            continue
        pairs = stats.pairs_needed(sd, params.effect, looked_for=params.looked_for)
        rows.append((column.label, sd, None if pairs is None else 2 * pairs, _weeks(pairs, pace)))
    columns = {"metric": pl.String, "sd": pl.Float64, "posts": pl.Int64, "weeks": pl.Int64}
    return pl.DataFrame(rows, schema=columns, orient="row").sort("posts", "metric", nulls_last=True)
