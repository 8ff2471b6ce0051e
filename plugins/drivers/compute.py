"""The model of all factors, and what is said of each level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field

from postlens import CannotCompute, Context, Params, Pick, Schema, stats, wording
from postlens.plugins.drivers.factors import Asked, factors

_WEEK = 7
_NEAR = math.log(0.1)  # Answers that may be called real are looked at again.


class Settings(Params):
    """Of what."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field("", title="Metric")
    against: Literal["others", "usual"] = Field(
        "others",
        title="Compare each with",
        json_schema_extra={"labels": {"others": "All other posts", "usual": "The most frequent of its kind"}},
    )


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """What goes with a metric.

    Attributes:
        compared: each factor, its levels against all other posts with all other factors held equal.
        alone: of each factor, the estimates of its levels by themselves, on the scale; nan where there is none.
        tied: of each factor, the labels of what its levels cannot be told from; empty where they can.
        explains: of each factor, the share of the differences within accounts and periods that is lost without it.
        explained: the share that all explain together.
        unit: days of a period; 0 where posts have no dates.
        fixed: labels of groupings of which no account has two levels in a period, left out.
        held: labels of groupings that are held equal and not asked about.
        circular: labels of groupings made from the metric, left out.
    """

    metric_label: str
    scale: Literal["log", "raw"]
    compared: tuple[stats.Comparison, ...]
    alone: tuple[tuple[float, ...], ...]
    tied: tuple[tuple[str, ...], ...]
    explains: tuple[float, ...]
    explained: float
    posts: int
    accounts: int
    unit: int
    fixed: tuple[str, ...]
    held: tuple[str, ...]
    circular: tuple[str, ...]
    has_text: bool


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Drivers:
    """Read the posts once, fit the model, judge each level."""
    if not params.metric:
        raise CannotCompute("There is no metric.", "Use an export with reactions, comments, views or reach.")
    schema, metric = ctx.schema, ctx.schema[params.metric]
    value, scale = stats.value_of(posts, metric)
    _enough(posts, schema, value, metric.label)
    ctx.progress(0.1, "Looking at what posts differ in")
    asked, circular = factors(posts, schema, params.metric)
    if not asked:
        raise CannotCompute(
            "Of nothing that is known of these posts are there two kinds with six posts each.",
            "Widen the filters, or use an export with types or captions.",
        )
    ctx.progress(0.3, "Reading the posts")
    table = _table(posts, schema, value, asked).collect(engine="streaming")
    ctx.progress(0.6, "Fitting the model")
    found = stats.fit_adjusted(
        table["account"].to_physical().cast(pl.Int64).to_numpy(),
        table["day"].cast(pl.Int64).to_numpy() if schema.time is not None else None,
        table["value"].to_numpy(),
        np.column_stack([table[str(i)].cast(pl.Int64).to_numpy() for i in range(len(asked))]),
        [_factor(one, table[str(i)]) for i, one in enumerate(asked)],
        ctx.stop_if_cancelled,
        usual=params.against == "usual",
    )
    columns = [one.column for one in asked]
    ctx.progress(0.8, "Judging")
    found = replace(found, levels=_checked(found, asked, posts, params.metric, ctx, scale))
    mean, hours = float(table["value"].mean() or 0.0), "hour" in schema  # type: ignore[arg-type]
    compared = stats.adjusted_comparisons(found, columns, params.metric, schema, scale, mean, hours=hours)
    kept = _kept(found, compared)
    return Drivers(
        metric_label=metric.label,
        scale=scale,
        compared=tuple(replace(compared[i], levels=tuple(compared[i].levels[k] for k in at)) for i, at in kept.items()),
        alone=tuple(tuple(found.levels[i][k].alone for k in at) for i, at in kept.items()),
        tied=tuple(
            tuple("" if (tied := found.levels[i][k].tied) is None else columns[tied].label for k in at)
            for i, at in kept.items()
        ),
        explains=tuple(found.explains[i] for i in kept),
        explained=found.explained,
        posts=found.posts,
        accounts=found.accounts,
        unit=found.unit,
        fixed=tuple(c.label for i, c in enumerate(columns) if i not in kept and not _too_short(c.name, found.unit)),
        held=tuple(c.label for c in columns if _too_short(c.name, found.unit)),
        circular=tuple(circular),
        has_text="text" in schema,
    )


def _factor(one: Asked, codes: pl.Series) -> stats.Factor:
    levels = len(one.column.levels)
    return stats.Factor(one.column.name, levels, unknown=bool((codes == levels + 1).any()))


def _enough(posts: pl.LazyFrame, schema: Schema, value: pl.Expr, label: str) -> None:
    """Refuse where fewer than twelve posts know the metric and their day."""
    known = int(
        posts.select((value.is_not_null() & stats.day_of(schema).is_not_null()).sum())
        .collect(engine="streaming")
        .item()
    )
    if known < 2 * stats.MIN_POSTS:
        raise CannotCompute(
            f"{wording.counted(known, 'post')} with {label.lower()}: it takes {2 * stats.MIN_POSTS}.",
            "Widen the filters or choose another metric.",
        )


def _kept(found: stats.Adjusted, compared: Sequence[stats.Comparison]) -> dict[int, list[int]]:
    """By factor, the levels that are said: not the one that others are compared with, nor what one account and period never has both of."""
    kept = {
        i: [k for k in range(len(one.levels)) if k not in {level.against for level in found.levels[i]}]
        for i, one in enumerate(compared)
        if any(level.effect.untold != "accounts" for level in one.levels) and not _too_short(one.by.name, found.unit)
    }
    if not kept:
        raise CannotCompute(
            "No account has posts of two kinds of anything that is known of them.",
            "Widen the filters, or use an export with types or captions.",
        )
    return kept


def _too_short(name: str, unit: int) -> bool:
    """Within periods shorter than a week weekdays are held equal and not asked about: other pages compare them within weeks."""
    return name == "weekday" and 0 < unit < _WEEK


def _table(posts: pl.LazyFrame, schema: Schema, value: pl.Expr, asked: list[Asked]) -> pl.LazyFrame:
    """`account`, `day`, `value`, and each factor's level as a number, that of others and then of unknown last."""
    codes = [
        pl.when(one.expression.is_null())
        .then(pl.lit(len(one.column.levels) + 1, dtype=pl.UInt8))
        .otherwise(
            one.expression.replace_strict(
                {level: k for k, level in enumerate(one.column.levels)},
                default=len(one.column.levels),
                return_dtype=pl.UInt8,
            )
        )
        .alias(str(i))
        for i, one in enumerate(asked)
    ]
    return posts.select(stats.account_of(schema).cast(pl.Categorical).alias("account"), stats.day_of(schema).alias("day"), value.alias("value"), *codes).drop_nulls(
        ["day", "value"]
    )  # fmt: skip


def _checked(
    found: stats.Adjusted,
    asked: list[Asked],
    posts: pl.LazyFrame,
    metric: str,
    ctx: Context,
    scale: Literal["log", "raw"],
) -> tuple[tuple[stats.AdjustedLevel, ...], ...]:
    """Answers that may be real, asked of the shared comparison, too: a group that follows success is found by it alone."""
    made = []
    for one, levels in zip(asked, found.levels, strict=True):
        ctx.stop_if_cancelled()
        near = [i for i, level in enumerate(levels) if not level.effect.untold and level.effect.log_p <= _NEAR]
        if not near or ctx.schema.time is None or one.column.name in {"weekday", "quarter_of_day"}:
            made.append(levels)
            continue
        named = posts.with_columns(one.expression.alias(one.column.name))
        schema = ctx.schema if one.column.name in ctx.schema else ctx.schema.with_columns([one.column])
        table = stats.comparison_query(named, metric, one.column.name, schema, scale).collect(engine="streaming")
        told: dict[int, stats.Effect] = {}
        for i in near:
            level, base = one.column.levels[i], levels[i].against
            pair = None if base is None else (level, one.column.levels[base])
            only = [level] if pair is None else None
            shared = stats.compare_groups(table, metric, one.column.name, schema, scale, pair=pair, only=only)
            if shared.levels:
                told[i] = stats.weaker(levels[i].effect, shared.levels[0].effect)
        made.append(tuple(replace(level, effect=told.get(i, level.effect)) for i, level in enumerate(levels)))
    return tuple(made)
