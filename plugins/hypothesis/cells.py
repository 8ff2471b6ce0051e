"""The posts as small tables: the cells that comparisons share, and value counts by group."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from postlens import Column, Schema, stats
from postlens.plugins.hypothesis.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The posts as summaries.

    Attributes:
        cells: the answer to `stats.comparison_query` on the chosen scale. parts: the same, read.
        log, raw: n, mean and M2 by account and level. counts: how many posts of each level have each value.
        levels: the levels with posts, the most frequent first.
        missing: posts without the metric or the group. below_zero: some values are below 0.
    """

    cells: pl.DataFrame
    parts: stats.Cells
    log: pl.DataFrame
    raw: pl.DataFrame
    counts: pl.DataFrame
    levels: tuple[str, ...]
    missing: int
    below_zero: bool
    metric: Column

    def on(self, scale: str) -> pl.DataFrame:
        """The moments on one of the scales."""
        return self.log if scale == "log" else self.raw

    def moments(self, scale: str, levels: Collection[str]) -> stats.Moments:
        """The posts of some groups as one summary."""
        return stats.moments(self.on(scale).filter(pl.col("level").is_in(list(levels))))


def without_logarithm(posts: pl.LazyFrame, params: Settings) -> int:
    """How many posts have a metric below 0, where the log scale is asked for: then all pages compare as counted."""
    if params.scale == "raw":
        return 0
    return int(posts.select((pl.col(params.metric) < 0).sum()).collect(engine="streaming").item() or 0)


def summarise(posts: pl.LazyFrame, params: Settings, schema: Schema) -> Groups:
    """Reduce the posts to what the tests need."""
    metric = schema[params.metric]
    cells = stats.comparison_query(posts, params.metric, params.group, schema, params.scale).collect(engine="streaming")
    named = posts.with_columns(level=pl.col(params.group).cast(pl.String))
    values = {"log": stats.on_scale(metric, "log"), "raw": stats.on_scale(metric, "raw")}
    tables = stats.summarise_many(named, values, ["level"])
    counts = (
        named.select("level", value=stats.on_scale(metric, "raw"))
        .drop_nulls()
        .group_by("level", "value")
        .agg(posts=pl.len().cast(pl.Int64))
        .sort("level", "value")
        .collect(engine="streaming")
    )
    total = int(posts.select(pl.len()).collect(engine="streaming").item())
    by_size = cells.group_by("level").agg(n=pl.col("n").sum()).sort(["n", "level"], descending=[True, False])
    return Groups(
        cells=cells,
        parts=stats.read_cells(cells),
        log=tables["log"],
        raw=tables["raw"],
        counts=counts,
        levels=tuple(by_size["level"]),
        missing=total - int(counts["posts"].sum()),
        below_zero=bool((counts["value"] < 0).any()),
        metric=metric,
    )


def value_counts(groups: Groups, first: Collection[str], second: Collection[str]) -> pl.DataFrame:
    """How many posts of each side have each value."""

    def side(levels: Collection[str], name: str) -> pl.DataFrame:
        kept = groups.counts.filter(pl.col("level").is_in(list(levels)))
        return kept.group_by("value").agg(pl.col("posts").sum().alias(name))

    joined = side(first, "first").join(side(second, "second"), on="value", how="full", coalesce=True)
    return joined.fill_null(0).sort("value")


def deciles(groups: Groups, first: Collection[str], second: Collection[str]) -> pl.DataFrame:
    """The nine deciles of the metric in two sets of groups."""
    values = value_counts(groups, first, second)
    rows = []
    for decile in range(1, 10):
        row: dict[str, float] = {"decile": decile}
        for name in ("first", "second"):
            reached = pl.col(name).cum_sum() >= decile / 10 * pl.col(name).sum()
            row[name] = values.filter(reached)["value"][0]
        rows.append(row)
    return pl.DataFrame(rows).with_columns(pl.col("decile").cast(pl.Int64))


def group_table(groups: Groups, named: dict[str, Collection[str]]) -> pl.DataFrame:
    """n, accounts, averages and skew of named sets of groups; the interval of the typical post allows for accounts and weeks."""
    rows = []
    for name, levels in named.items():
        raw = groups.moments("raw", levels)
        counts = (
            groups.counts.filter(pl.col("level").is_in(list(levels)))
            .group_by("value")
            .agg(pl.col("posts").sum())
            .sort("value")
        )
        rows.append((name, raw.n, *_typical(groups, levels), raw.mean, raw.sd, *_median_and_skew(counts, raw)))
    floats = ("typical", "typical_low", "typical_high", "mean", "sd", "median", "skew")
    schema = {"level": pl.String, "posts": pl.Int64, "accounts": pl.Int64} | dict.fromkeys(floats, pl.Float64)
    table = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col(floats).fill_nan(None))
    return table.select(
        "level", "posts", "accounts", "mean", "sd", "typical", "typical_low", "typical_high", "median", "skew"
    )


def _typical(groups: Groups, levels: Collection[str]) -> tuple[int | None, float | None, float | None, float | None]:
    """Accounts, geometric mean of 1 + x and its interval; null where the scale has none."""
    if groups.below_zero or not set(levels) & set(groups.parts.levels):
        return None, None, None, None
    found = stats.typical(groups.parts, levels)
    if groups.parts.scale != "log":
        return found.accounts or None, None, None, None
    ends = [
        stats.from_scale(v, "log", groups.metric) if math.isfinite(v) else None
        for v in (found.mean, found.low, found.high)
    ]
    low = max(ends[1], 0.0) if ends[1] is not None else None
    return found.accounts or None, ends[0], low, ends[2]


def _median_and_skew(counts: pl.DataFrame, raw: stats.Moments) -> tuple[float, float]:
    """From value counts: the middle value (mean of the middle two) and the third standardised moment."""
    total = int(counts["posts"].sum())
    if not total:
        return math.nan, math.nan
    before = counts["posts"].cum_sum()
    middle = [counts["value"][int((before > rank).arg_max() or 0)] for rank in ((total - 1) // 2, total // 2)]
    if not raw.m2 > 0:
        return sum(middle) / 2, math.nan
    third = float((counts["posts"] * (counts["value"] - raw.mean) ** 3).sum()) / total
    return sum(middle) / 2, third / (raw.m2 / total) ** 1.5


def dropped(groups: Groups, schema: Schema, params: Settings) -> pl.DataFrame:
    """Posts without a value, for the receipt."""
    reason = f"no value for {schema.label(params.metric).lower()} or {schema.label(params.group).lower()}"
    return pl.DataFrame({"reason": [reason], "posts": [groups.missing]})
