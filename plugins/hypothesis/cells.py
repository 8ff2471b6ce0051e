"""The posts as small tables: moments by account and group, and value counts by group."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from postlens import CannotCompute, Column, Schema, stats
from postlens.plugins.hypothesis.settings import Settings

ACCOUNT = "account_name"


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The posts as summaries: by account and level on both scales, and the value counts by level."""

    log: pl.DataFrame
    raw: pl.DataFrame
    counts: pl.DataFrame
    by_account: bool
    below_zero: bool
    missing: int
    metric: Column

    def on(self, scale: str) -> pl.DataFrame:
        """The moments on one of the scales."""
        return self.log if scale == "log" else self.raw

    def moments(self, scale: str, levels: set[str] | None = None) -> stats.Moments:
        """The posts of some groups, or all, as one summary."""
        table = self.on(scale)
        return stats.moments(table if levels is None else table.filter(pl.col("level").is_in(list(levels))))


def check_scale(posts: pl.LazyFrame, params: Settings, schema: Schema) -> None:
    """Refuse the log scale for a metric with values below 0."""
    if params.scale == "raw":
        return
    below = int(posts.select((pl.col(params.metric) < 0).sum()).collect(engine="streaming").item() or 0)
    if below:
        raise CannotCompute(
            f"{schema.label(params.metric)} is below 0 in {below:,} posts, which have no logarithm.",
            "Choose the raw scale.",
        )


def summarise(posts: pl.LazyFrame, params: Settings, schema: Schema) -> Cells:
    """Reduce the posts to what the tests need."""
    by_account = ACCOUNT in schema and len(schema[ACCOUNT].levels) > 1 and params.group != ACCOUNT
    account = pl.col(ACCOUNT).fill_null("(missing)") if by_account else pl.lit("all")
    named = posts.with_columns(account=account, level=pl.col(params.group).cast(pl.String))
    metric = schema[params.metric]
    values = {"log": stats.on_scale(metric, "log"), "raw": stats.on_scale(metric, "raw")}
    tables = stats.summarise_many(named, values, ["account", "level"])
    counts = (
        named.select("level", value=stats.on_scale(metric, "raw"))
        .drop_nulls()
        .group_by("level", "value")
        .agg(posts=pl.len().cast(pl.Int64))
        .sort("level", "value")
        .collect(engine="streaming")
    )
    total = int(posts.select(pl.len()).collect(engine="streaming").item())
    return Cells(
        log=tables["log"],
        raw=tables["raw"],
        counts=counts,
        by_account=by_account,
        below_zero=bool((counts["value"] < 0).any()),
        missing=total - int(counts["posts"].sum()),
        metric=metric,
    )


def value_counts(cells: Cells, first: set[str], second: set[str]) -> pl.DataFrame:
    """How many posts of each side have each value."""

    def side(levels: set[str], name: str) -> pl.DataFrame:
        kept = cells.counts.filter(pl.col("level").is_in(list(levels)))
        return kept.group_by("value").agg(pl.col("posts").sum().alias(name))

    joined = side(first, "first").join(side(second, "second"), on="value", how="full", coalesce=True)
    return joined.fill_null(0).sort("value")


def deciles(cells: Cells, first: set[str], second: set[str]) -> pl.DataFrame:
    """The nine deciles of the metric in two sets of groups."""
    values = value_counts(cells, first, second)
    rows = []
    for decile in range(1, 10):
        row = {"decile": decile}
        for name in ("first", "second"):
            reached = pl.col(name).cum_sum() >= decile / 10 * pl.col(name).sum()
            row[name] = values.filter(reached)["value"][0]
        rows.append(row)
    return pl.DataFrame(rows)


def group_table(cells: Cells, named: dict[str, set[str]]) -> pl.DataFrame:
    """n, accounts, averages and skew of named sets of groups."""
    rows = []
    for name, levels in named.items():
        log, raw = cells.moments("log", levels), cells.moments("raw", levels)
        part = cells.raw.filter(pl.col("level").is_in(list(levels)))
        counts = (
            cells.counts.filter(pl.col("level").is_in(list(levels)))
            .group_by("value")
            .agg(pl.col("posts").sum())
            .sort("value")
        )
        low, high = log.interval()
        known = not cells.below_zero
        ends = [
            stats.from_scale(v, "log", cells.metric) if known and math.isfinite(v) else None
            for v in (log.mean, low, high)
        ]
        rows.append(
            (
                name,
                raw.n,
                part["account"].n_unique() if cells.by_account else None,
                raw.mean,
                raw.sd,
                *ends,
                *_median_and_skew(counts, raw),
            )
        )
    floats = ("mean", "sd", "typical", "typical_low", "typical_high", "median", "skew")
    schema = {"level": pl.String, "posts": pl.Int64, "accounts": pl.Int64} | dict.fromkeys(floats, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col(floats).fill_nan(None))


def _median_and_skew(counts: pl.DataFrame, raw: stats.Moments) -> tuple[float, float]:
    """From value counts: the middle value (mean of the middle two) and the third standardised moment."""
    total = int(counts["posts"].sum())
    before = counts["posts"].cum_sum()
    middle = [counts["value"][int((before > rank).arg_max() or 0)] for rank in ((total - 1) // 2, total // 2)]
    if raw.m2 <= 0:
        return sum(middle) / 2, math.nan
    third = float((counts["posts"] * (counts["value"] - raw.mean) ** 3).sum()) / total
    return sum(middle) / 2, third / (raw.m2 / total) ** 1.5


def dropped(cells: Cells, schema: Schema, params: Settings) -> pl.DataFrame:
    """Posts without a value, for the receipt."""
    reason = f"no value for {schema.label(params.metric).lower()} or {schema.label(params.group).lower()}"
    return pl.DataFrame({"reason": [reason], "posts": [cells.missing]})
