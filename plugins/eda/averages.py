"""The average of a metric by group, by account and group, and over time, each with n and its 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import polars as pl

from postlens import Column, Schema, stats

Average = Literal["geometric mean", "median", "mean"]
MAX_GROUPS = 25
CLOCK = ("weekday", "hour")
_VALUE, _UNKNOWN = "value", ""


def questions(
    posts: pl.LazyFrame, metric: str, by: str, average: Average, step: str, schema: Schema, *, log: bool
) -> dict[str, pl.LazyFrame]:
    """Every summary the page needs, to be collected together.

    Args:
        posts: in view.
        metric: what is averaged.
        by: the category compared, or empty.
        average: which one.
        step: `day`, `week` or `month`, of the course over time.
        schema: of the posts.
        log: the metric has a logarithm.
    """
    column, asked = schema[metric], {}
    value = stats.on_scale(column, "log" if average == "geometric mean" else "raw")
    groups = _groups(by, step, schema)
    relative = log and accounts_differ(schema)
    scale: stats.Scale = "log" if log else "raw"
    for name in dict.fromkeys((by, *(part for part in CLOCK if part in schema))):
        if name:
            asked[f"compared {name}"] = stats.comparison_query(posts, metric, name, schema, scale)
    if relative:
        inside, logs = posts.with_columns(account=stats.account_of(schema)), {_VALUE: stats.on_scale(column, "log")}
        if average == "geometric mean" and (parts := [p for p in CLOCK if groups.pop(p, None) is not None]):
            # A post that says its day but not its hour counts for its weekday.
            timed = inside.with_columns(pl.col(part).fill_null(_UNKNOWN) for part in parts)
            asked["clock"] = stats.summary_query(timed, logs, ["account", *parts])
    for name, group in groups.items():
        if average == "median":
            asked[name] = _medians(posts, group, metric)
        else:
            asked[name] = stats.summary_query(posts.with_columns(level=group), {_VALUE: value}, ["level"])
    if "time" in asked:  # Days become text once they are few.
        asked["time"] = asked["time"].with_columns(pl.col("level").cast(pl.String))
    return asked


def _groups(by: str, step: str, schema: Schema) -> dict[str, pl.Expr]:
    groups = {"by": pl.col(by).cast(pl.String)} if by else {}
    if schema.time is not None:
        every = {"day": "1d", "week": "1w", "month": "1mo"}[step]
        groups["time"] = pl.col("date").dt.truncate(every)
    return groups | {part: pl.col(part).cast(pl.String) for part in CLOCK if part in schema}


def accounts_differ(schema: Schema) -> bool:
    """Whether there are several accounts to compare inside of."""
    return any(c in schema and len(schema[c].levels) > 1 for c in ("account_name", "platform"))


def averages(
    table: pl.DataFrame | None, metric: Column, average: Average, cells: stats.Cells | None = None
) -> pl.DataFrame:
    """The answer to a question about groups: `level`, `posts`, `value`, `low`, `high`, by level.

    Args:
        table: the groups' summaries.
        metric: what is averaged.
        average: which one.
        cells: the same posts by account and day; geometric means then allow for posts of one account and week being alike.
    """
    if table is None:
        return _frame([])
    if average == "median":
        return _frame(
            [
                (r["level"], r["posts"], r["middle"], *((r["low"], r["high"]) if r["posts"] > 5 else (None, None)))
                for r in table.iter_rows(named=True)
            ]
        )
    scale: stats.Scale = "log" if average == "geometric mean" else "raw"
    rows = []
    for level, moments in _by_level(table).items():
        low, high = moments.interval()
        if average == "geometric mean" and cells is not None and cells.scale == "log" and level in cells.levels:
            reach = (found := stats.typical(cells, [level])).high - found.mean
            low, high = moments.mean - reach, moments.mean + reach
        value, *ends = (
            stats.from_scale(v, scale, metric) if math.isfinite(v) else None for v in (moments.mean, low, high)
        )
        if moments.n < stats.MIN_POSTS:  # So few posts have an interval of many powers of ten.
            ends = [None, None]
        rows.append((level, moments.n, value, *(max(v, 0.0) if v is not None and scale == "log" else v for v in ends)))
    return _frame(rows)


def _by_level(table: pl.DataFrame) -> dict[str, stats.Moments]:
    return stats.by_level(stats.summary_tables(table, [_VALUE], ["level"])[_VALUE], "level")


def in_order(table: pl.DataFrame, column: Column) -> pl.DataFrame:
    """Levels with an order of their own in it; others by value, highest first, at most 25."""
    if column.ordered:
        return _ordered(table, column)
    return table.sort(["value", "level"], descending=[True, False]).head(MAX_GROUPS)


def _ordered(table: pl.DataFrame, column: Column) -> pl.DataFrame:
    order = {level: i for i, level in enumerate(column.levels)}
    return table.sort(pl.col("level").replace_strict(order, default=len(order), return_dtype=pl.Int64), "level")


def from_usual(table: pl.DataFrame, column: Column) -> pl.DataFrame:
    """Averages by weekday or hour as ratios to each account's usual level.

    Accounts that post at other hours would otherwise look like an effect of the hour. Everything follows from the
    summaries by account and clock: each is shifted by its account's mean, then those of a part are merged.
    """
    cells = stats.summary_tables(table, [_VALUE], ["account", column.name])[_VALUE].rename({column.name: "level"})
    usual = (pl.col("n") * pl.col("mean")).sum().over("account") / pl.col("n").sum().over("account")
    shifted = cells.filter(pl.col("level") != _UNKNOWN).with_columns(mean=pl.col("mean") - usual)
    rows = [
        (name, m.n, math.exp(m.mean), *(_ends(m) if m.n >= stats.MIN_POSTS else (None, None)))
        for name, m in stats.by_level(shifted, "level").items()
    ]
    return _ordered(_frame(rows), column)


def _ends(moments: stats.Moments) -> tuple[float | None, ...]:
    return tuple(math.exp(v) if math.isfinite(v) else None for v in moments.interval())


def _medians(posts: pl.LazyFrame, group: pl.Expr, metric: str) -> pl.LazyFrame:
    """Medians with the interval between two order statistics (binomial, normal approximation of the ranks)."""
    value = pl.col(metric).cast(pl.Float64)
    half = 0.98 * pl.len().sqrt()
    low = (pl.len() / 2 - half).floor().clip(0).cast(pl.Int64)
    high = pl.min_horizontal((pl.len() / 2 + half).ceil().cast(pl.Int64), pl.len().cast(pl.Int64) - 1)
    return (
        posts.select(level=group, value=value)
        .drop_nulls()
        .group_by("level")
        .agg(
            posts=pl.len().cast(pl.Int64),
            middle=pl.col("value").median(),
            low=pl.col("value").sort().get(low),
            high=pl.col("value").sort().get(high),
        )
    )


def _frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    schema = {"level": pl.String, "posts": pl.Int64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("level")
