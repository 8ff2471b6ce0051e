"""Weekdays and hours against each other, and the slots of the week, as far as there are differences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import polars as pl
from pydantic import Field

from postlens import CannotCompute, Context, Params, Pick, Schema, stats

CLOCKS = ("weekday", "hour")
BAND = 3  # Hours of a slot.


class Settings(Params):
    """Of what."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field("", title="Metric")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Weekdays, or hours.

    Attributes:
        found: the comparison that every page has of them.
        levels: `level`, `posts`, `effect`, `low`, `high` drawn towards none, as ratios or differences; in the order of the
            week or day; empty where no difference is likely real.
        most: no level differs by more than this, either way, as far as its 95 % interval reaches; None where none is told.
    """

    found: stats.Comparison
    levels: pl.DataFrame
    most: float | None

    @property
    def matters(self) -> bool:
        """Whether any of them differs."""
        return self.found.state == "likely real"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What the clock has to do with a metric.

    Attributes:
        weekday, hour: None where the posts do not know them.
        slots: `weekday`, `from` (hour), `posts`, `effect` (ratio or difference that weekday and hour make together); empty
            where neither matters.
        timezone: whose clock it is.
    """

    metric_label: str
    raw: bool
    weekday: Clock | None
    hour: Clock | None
    slots: pl.DataFrame
    timezone: str


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Timing:
    """Compare, and look closer where something differs."""
    if not params.metric:
        raise CannotCompute("There is no metric.", "Use an export with reactions, comments, views or reach.")
    schema, metric = ctx.schema, ctx.schema[params.metric]
    least = posts.select(pl.col(params.metric).min()).collect(engine="streaming").item()
    raw = least is not None and least < 0
    clocks: dict[str, Clock] = {}
    for number, by in enumerate(c for c in CLOCKS if c in schema):
        ctx.stop_if_cancelled()
        ctx.progress(0.1 + 0.4 * number, f"Comparing {schema.label(by).lower()}s")
        scale: stats.Scale = "raw" if raw else "log"
        table = stats.comparison_query(posts, params.metric, by, schema, scale).collect(engine="streaming")
        if table.height:
            clocks[by] = _clock(stats.compare_groups(table, params.metric, by, schema, scale), schema, raw=raw)
    slots = _slots(posts, params.metric, clocks, raw=raw)
    return Timing(
        metric_label=metric.label,
        raw=raw,
        weekday=clocks.get("weekday"),
        hour=clocks.get("hour"),
        slots=slots,
        timezone=ctx.timezone.key,
    )


def _clock(found: stats.Comparison, schema: Schema, *, raw: bool) -> Clock:
    told = [one for one in found.levels if not one.effect.untold and one.effect.se > 0]
    reach = [max(abs(one.effect.low), abs(one.effect.high)) for one in told]
    finite = [r for r in reach if math.isfinite(r)]
    rows = []
    if found.state == "likely real":
        drawn = stats.shrunken([o.effect.estimate for o in told], [o.effect.se**2 for o in told])
        order = {level: i for i, level in enumerate(schema[found.by.name].levels)}
        for one, s in sorted(zip(told, drawn, strict=True), key=lambda pair: order.get(pair[0].level, len(order))):
            ends = (s.estimate, s.low, s.high)
            rows.append((one.level, one.effect.first, *(ends if raw else map(math.exp, ends))))
    floats = dict.fromkeys(("effect", "low", "high"), pl.Float64)
    levels = pl.DataFrame(rows, schema={"level": pl.String, "posts": pl.Int64, **floats}, orient="row")
    return Clock(found=found, levels=levels, most=max(finite) if finite and len(finite) == len(reach) else None)


def _slots(posts: pl.LazyFrame, metric: str, clocks: dict[str, Clock], *, raw: bool) -> pl.DataFrame:
    """The slots of the week with their posts, where weekday or hour matters."""
    schema = {"weekday": pl.String, "from": pl.Int64, "posts": pl.Int64, "effect": pl.Float64}
    if len(clocks) < len(CLOCKS) or not any(clock.matters for clock in clocks.values()):
        return pl.DataFrame(schema=schema)
    counted = (
        posts.filter(pl.col(metric).is_not_null() & pl.col("hour").is_not_null())
        .group_by(pl.col("weekday").cast(pl.String), pl.col("hour").cast(pl.String).cast(pl.Int64))
        .agg(pl.len().cast(pl.Int64).alias("posts"))
        .collect(engine="streaming")
    )
    none = 0.0 if raw else 1.0
    day, hour = (dict(clocks[by].levels.select("level", "effect").iter_rows()) for by in CLOCKS)
    of_hour = {int(level): effect for level, effect in hour.items()}
    joined = counted.with_columns(
        pl.col("weekday").replace_strict(day, default=none, return_dtype=pl.Float64).alias("a"),
        pl.col("hour").replace_strict(of_hour, default=none, return_dtype=pl.Float64).alias("b"),
    ).with_columns((pl.col("a") + pl.col("b") if raw else (pl.col("a").log() + pl.col("b").log())).alias("both"))
    weighted = (pl.col("both") * pl.col("posts")).sum() / pl.col("posts").sum()
    slots = joined.group_by("weekday", (pl.col("hour") // BAND * BAND).alias("from")).agg(
        pl.col("posts").sum(), (weighted if raw else weighted.exp()).alias("effect")
    )
    return slots.select(*schema).sort("weekday", "from")
