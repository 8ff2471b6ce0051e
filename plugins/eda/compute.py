"""The numbers of the explore page: each a small table of counts, moments or quantiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from plugins.eda import relations
from postlens import Column, Context, Params, Pick, Schema, stats

Average = Literal["geometric mean", "median", "mean"]
BINS = 40
MOST_GROUPS = 25


class Settings(Params):
    """What to look at."""

    metric: Annotated[str, Pick(kind="metric", prefer=("engagements", "reactions", "views"))] = Field(
        "", title="Metric", description="The metric of the charts below."
    )
    by: Annotated[str, Pick(kind="category", prefer=("post_type", "platform", "account_name"))] = Field(
        "", title="Compare by", description="The groups whose averages are compared."
    )
    average: Average = Field(
        "geometric mean",
        title="Average",
        description="The geometric mean is what a typical post earns; the plain mean follows the luckiest ones.",
    )


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """Everything the page shows.

    Attributes:
        columns: one row a column: `column`, `label`, `kind`, `known`, `missing`, `distinct`, `constant`.
        summary: one row a metric: `n`, `mean`, `sd`, quartiles, `zeros` (share), `skew`, fences and outliers.
        distribution: `left`, `right` (ln(1 + x) where `log_bins`), `posts`.
        counts: `column`, `category` (its label), `level`, `posts`, for type, account, platform and the chosen category.
        averages: by level of the chosen category: `level`, `posts`, `value`, `low`, `high`.
        within: the same levels against the account's other posts: `level`, `posts`, `accounts`, `ratio`, `low`, `high`.
        over_time, weekdays, hours: `level`, `posts`, `value`, `low`, `high`.
        timezone: the client's, of weekdays and hours.
        percent: the metric is a share, written in percent.
        pooled: of a rate, the sum of all numerators over the sum of all denominators, where both are known; else null.
        collecting: posts in view that are too young for their final numbers. collecting_from: the first day of those.
        average: the average used; the median where the metric has values below 0.
        clock_relative: weekdays and hours are ratios to the account's usual level.
        correlations: `first`, `second`, `r`, `posts`.
        cells, ranges: the density maps and the range of each of their metrics.
        dropped: posts without a value for the chosen metric.
    """

    metric: str
    metric_label: str
    percent: bool
    timezone: str
    pooled: float | None
    by_label: str
    posts: int
    accounts: int
    first: str
    last: str
    collecting: int
    collecting_from: str
    log_bins: bool
    average: str
    time_step: str
    has_period: bool
    clock_relative: bool
    columns: pl.DataFrame
    summary: pl.DataFrame
    distribution: pl.DataFrame
    counts: pl.DataFrame
    averages: pl.DataFrame
    within: pl.DataFrame
    over_time: pl.DataFrame
    weekdays: pl.DataFrame
    hours: pl.DataFrame
    correlations: pl.DataFrame
    cells: pl.DataFrame
    ranges: pl.DataFrame
    dropped: pl.DataFrame


def explore(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Exploration:
    """Summarise the posts and the chosen metric."""
    schema = ctx.schema
    ctx.progress(0.1, "Counting columns")
    columns = column_quality(posts, schema)
    total = int(posts.select(pl.len()).collect(engine="streaming").item())
    ctx.stop_if_cancelled()
    ctx.progress(0.3, "Summarising metrics")
    summary = metric_summary(posts, schema)
    ctx.stop_if_cancelled()
    ctx.progress(0.5, "Comparing groups")
    average = params.average if not _has_negatives(summary, params.metric) else _without_logs(params.average)
    log_bins = not _has_negatives(summary, params.metric)
    first, last = _period(posts, schema)
    collecting, collecting_from = _still_collecting(posts, schema)
    step = _time_step(first, last)
    known = int(summary.filter(pl.col("metric") == params.metric)["n"].item())
    ctx.progress(0.7, "Relating metrics")
    cells, ranges = relations.density_cells(posts, _interesting(schema))
    return Exploration(
        metric=params.metric,
        metric_label=schema.label(params.metric),
        percent=schema[params.metric].percent,
        timezone=ctx.timezone.key,
        pooled=pooled_rate(posts, schema[params.metric]),
        by_label=schema.label(params.by),
        posts=total,
        accounts=int(columns.filter(pl.col("column") == "account_name")["distinct"].sum()),
        first=first,
        last=last,
        collecting=collecting,
        collecting_from=collecting_from,
        log_bins=log_bins and schema[params.metric].kind != "rate",
        average=average,
        time_step=step,
        has_period=schema.time is not None and bool(first),
        columns=columns,
        summary=summary,
        distribution=distribution(posts, schema[params.metric], log=log_bins and schema[params.metric].kind != "rate"),
        counts=level_counts(posts, schema, params.by),
        averages=averages(posts, params.metric, params.by, average, schema),
        within=within_levels(posts, params.metric, params.by, schema if log_bins else None),
        over_time=_averages_over_time(posts, params.metric, average, step, schema),
        weekdays=clock_averages(posts, params.metric, "weekday", average, schema),
        hours=clock_averages(posts, params.metric, "hour", average, schema),
        clock_relative=_relative(schema, average),
        correlations=relations.correlations(posts, [c.name for c in schema.metrics if c.kind == "metric"]),
        cells=cells,
        ranges=ranges,
        dropped=pl.DataFrame(
            {"reason": [f"no value for {schema.label(params.metric).lower()}"], "posts": [total - known]}
        ),
    )


def _without_logs(average: Average) -> Average:
    """A metric with values below 0, such as follows, has no geometric mean."""
    return "median" if average == "geometric mean" else average


def _has_negatives(summary: pl.DataFrame, metric: str) -> bool:
    least = summary.filter(pl.col("metric") == metric)["min"].item()
    return least is not None and least < 0


def _interesting(schema: Schema) -> list[str]:
    """Up to six counts for the density maps: the best known, in display order, engagement before audience."""
    counts = [
        c.name for c in schema.counts if c.name not in {"duration_s", "followers_at_post", "engagements_reported"}
    ]
    best = sorted(counts, key=lambda name: (-round(schema.share_known(name), 1), counts.index(name)))[:6]
    return [c for c in counts if c in best]


def column_quality(posts: pl.LazyFrame, schema: Schema) -> pl.DataFrame:
    """How complete and how varied every column is."""
    shown = [c for c in schema.columns if _worth_showing(c) and not (c.computed and c.kind == "category")]
    facts = (
        posts.select(
            pl.len().alias("_posts"),
            *(pl.col(c.name).null_count().alias(f"{c.name}|missing") for c in shown),
            *(pl.col(c.name).drop_nulls().n_unique().alias(f"{c.name}|distinct") for c in shown),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    rows = [
        {
            "column": c.name,
            "label": c.label,
            "kind": "computed metric" if c.computed else c.kind,
            "known": facts["_posts"] - facts[f"{c.name}|missing"],
            "missing": facts[f"{c.name}|missing"],
            "distinct": facts[f"{c.name}|distinct"],
            "constant": "yes" if facts[f"{c.name}|distinct"] == 1 and not facts[f"{c.name}|missing"] else "",
        }
        for c in shown
    ]
    integers = ("known", "missing", "distinct")
    return pl.DataFrame(rows).with_columns(pl.col(integers).cast(pl.Int64))


def _worth_showing(column: Column) -> bool:
    return column.name not in {"source_row", "source_file", "post_key", "post_type_raw", "published_precision"}


def metric_summary(posts: pl.LazyFrame, schema: Schema) -> pl.DataFrame:
    """One row a metric. Quartiles by linear interpolation; `skew` is the third standardised moment."""
    names = [c.name for c in schema.metrics]
    value = {name: pl.col(name).cast(pl.Float64) for name in names}
    aggregates: dict[str, Callable[[pl.Expr], pl.Expr]] = {
        "n": lambda v: v.count(),
        "mean": lambda v: v.mean(),
        "sd": lambda v: v.std(),
        "min": lambda v: v.min(),
        "q1": lambda v: v.quantile(0.25, "linear"),
        "median": lambda v: v.median(),
        "q3": lambda v: v.quantile(0.75, "linear"),
        "max": lambda v: v.max(),
        "zeros": lambda v: (v == 0).mean(),
        "skew": lambda v: v.skew(),
    }
    facts = (
        posts.select(f(value[name]).alias(f"{name}|{key}") for name in names for key, f in aggregates.items())
        .collect(engine="streaming")
        .row(0, named=True)
    )
    rows = [{"metric": n, "label": schema.label(n), **{k: facts[f"{n}|{k}"] for k in aggregates}} for n in names]
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("n").cast(pl.Int64), pl.col([k for k in aggregates if k != "n"]).cast(pl.Float64)
    )
    table = table.with_columns(
        low_fence=pl.col("q1") - 1.5 * (pl.col("q3") - pl.col("q1")),
        high_fence=pl.col("q3") + 1.5 * (pl.col("q3") - pl.col("q1")),
    )
    return table.with_columns(outliers=_outliers(posts, table))


def pooled_rate(posts: pl.LazyFrame, metric: Column) -> float | None:
    """A rate of all posts together: large posts count for more than in the mean of the posts' own rates. None for a count."""
    if not metric.fraction:
        return None
    above, below = (pl.col(name) for name in metric.fraction)
    counted = posts.filter(above.is_not_null(), below > 0).select(above=above.sum(), below=below.sum())
    row = counted.collect(engine="streaming").row(0, named=True)
    return float(row["above"] / row["below"]) if row["below"] else None


def _outliers(posts: pl.LazyFrame, table: pl.DataFrame) -> pl.Series:
    counted = posts.select(
        ((pl.col(row["metric"]) < row["low_fence"]) | (pl.col(row["metric"]) > row["high_fence"]))
        .sum()
        .alias(row["metric"])
        for row in table.iter_rows(named=True)
        if row["q1"] is not None
    ).collect(engine="streaming")
    found = counted.row(0, named=True)
    return pl.Series([found.get(name, 0) for name in table["metric"]], dtype=pl.Int64)


def distribution(posts: pl.LazyFrame, metric: str | Column, *, log: bool) -> pl.DataFrame:
    """Posts in bins of equal width on the chosen scale; whole numbers get bins of whole numbers where few."""
    value = stats.on_scale(metric, "log" if log else "raw").alias("v")
    values = posts.select(value).drop_nulls()
    low, high = (
        values.select(pl.col("v").min().alias("a"), pl.col("v").max().alias("b")).collect(engine="streaming").row(0)
    )
    empty = pl.DataFrame(schema={"left": pl.Float64, "right": pl.Float64, "posts": pl.Int64})
    if low is None:
        return empty
    width = (high - low) / BINS or 1.0
    binned = values.group_by(((pl.col("v") - low) / width).floor().clip(0, BINS - 1).cast(pl.Int64).alias("bin")).agg(
        posts=pl.len().cast(pl.Int64)
    )
    return (
        binned.sort("bin")
        .select(left=low + pl.col("bin") * width, right=low + (pl.col("bin") + 1) * width, posts="posts")
        .collect(engine="streaming")
    )


def level_counts(posts: pl.LazyFrame, schema: Schema, by: str) -> pl.DataFrame:
    """Posts by type, account, platform and the chosen category, the most first."""
    names = dict.fromkeys(n for n in ("post_type", "account_name", "platform", by) if n and n in schema)
    tables = [
        posts.group_by(pl.col(name).cast(pl.String).fill_null("(missing)").alias("level"))
        .agg(posts=pl.len().cast(pl.Int64))
        .with_columns(column=pl.lit(name), category=pl.lit(schema.label(name)))
        .select("column", "category", "level", "posts")
        .collect(engine="streaming")
        .sort(["posts", "level"], descending=[True, False])
        for name in names
    ]
    return (
        pl.concat(tables)
        if tables
        else pl.DataFrame(schema={"column": pl.String, "category": pl.String, "level": pl.String, "posts": pl.Int64})
    )


def averages(posts: pl.LazyFrame, metric: str, by: str, average: Average, schema: Schema) -> pl.DataFrame:
    """The average of a metric for each level, with its 95 % interval and n.

    Returns:
        `level`, `posts`, `value`, `low`, `high`; levels with their own order in it, others by value, highest first.
    """
    if not by:
        return pl.DataFrame(
            schema=dict.fromkeys(("level",), pl.String)
            | {"posts": pl.Int64}
            | dict.fromkeys(("value", "low", "high"), pl.Float64)
        )
    table = group_averages(posts, pl.col(by).cast(pl.String), schema[metric], average)
    column = schema[by]
    if column.ordered:
        order = {level: i for i, level in enumerate(column.levels)}
        return table.sort(pl.col("level").replace_strict(order, default=len(order), return_dtype=pl.Int64), "level")
    return table.sort(["value", "level"], descending=[True, False]).head(MOST_GROUPS)


def group_averages(posts: pl.LazyFrame, group: pl.Expr, metric: str | Column, average: Average) -> pl.DataFrame:
    """`level`, `posts`, `value`, `low`, `high` for each value of an expression."""
    if average == "median":
        return _medians(posts, group, metric if isinstance(metric, str) else metric.name)
    scale: stats.Scale = "log" if average == "geometric mean" else "raw"
    table = stats.summarise(posts.with_columns(level=group), stats.on_scale(metric, scale), ["level"])
    rows = []
    for level, group_moments in stats.by_level(table, "level").items():
        low, high = group_moments.interval()
        ends = [stats.back(v, scale, metric) if math.isfinite(v) else None for v in (group_moments.mean, low, high)]
        rows.append((level, group_moments.n, *ends))
    return _averages_frame(rows)


def _medians(posts: pl.LazyFrame, group: pl.Expr, metric: str) -> pl.DataFrame:
    """Medians with the interval between two order statistics (binomial, normal approximation of the ranks)."""
    value = pl.col(metric).cast(pl.Float64)
    half = 0.98 * pl.len().sqrt()
    low = (pl.len() / 2 - half).floor().clip(0).cast(pl.Int64)
    high = pl.min_horizontal((pl.len() / 2 + half).ceil().cast(pl.Int64), pl.len().cast(pl.Int64) - 1)
    table = (
        posts.select(level=group, value=value)
        .drop_nulls()
        .group_by("level")
        .agg(
            posts=pl.len().cast(pl.Int64),
            middle=pl.col("value").median(),
            low=pl.col("value").sort().get(low),
            high=pl.col("value").sort().get(high),
        )
        .collect()
    )
    return _averages_frame(
        [
            (r["level"], r["posts"], r["middle"], *((r["low"], r["high"]) if r["posts"] > 5 else (None, None)))
            for r in table.iter_rows(named=True)
        ]
    )


def _averages_frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    schema = {"level": pl.String, "posts": pl.Int64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("level")


def within_levels(posts: pl.LazyFrame, metric: str, by: str, schema: Schema | None) -> pl.DataFrame:
    """Each level against the other posts of the same account, as a ratio of geometric means of 1 + x.

    The intervals hold for all levels together (Bonferroni). Without a schema the metric has no logarithm.
    """
    empty = pl.DataFrame(
        schema={
            "level": pl.String,
            "posts": pl.Int64,
            "accounts": pl.Int64,
            "ratio": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
        }
    )
    accounts = schema["account_name"].levels if schema and "account_name" in schema else ()
    if schema is None or not by or by == "account_name" or len(accounts) < 2:
        return empty
    table = stats.summarise(
        posts.with_columns(account=pl.col("account_name"), level=pl.col(by).cast(pl.String)),
        stats.on_scale(schema[metric], "log"),
        ["account", "level"],
    )
    rows = []
    every = table["level"].unique(maintain_order=True)
    for level in every:
        found = stats.within_accounts(stats.sides(table, "level", {level}, None))
        if found:
            half = stats.t_quantile(1 - 0.025 / len(every), found.df) * found.se
            ends = (math.exp(found.estimate + d) for d in (0.0, -half, half))
            posts_of_level = int(table.filter(pl.col("level") == level)["n"].sum())
            rows.append((level, posts_of_level, found.accounts, *ends))
    made = pl.DataFrame(rows, schema=empty.schema, orient="row")
    return made.sort(["ratio", "level"], descending=[True, False]).head(MOST_GROUPS)


def _period(posts: pl.LazyFrame, schema: Schema) -> tuple[str, str]:
    if schema.time is None:
        return "", ""
    first, last = (
        posts.select(pl.col("date").min().alias("a"), pl.col("date").max().alias("b"))
        .collect(engine="streaming")
        .row(0)
    )
    return str(first or ""), str(last or "")


def _still_collecting(posts: pl.LazyFrame, schema: Schema) -> tuple[int, str]:
    """How many posts are too young for their final numbers, and from which day on."""
    if "maturity" not in schema:
        return 0, ""
    young = posts.filter(pl.col("maturity") == schema["maturity"].levels[-1])
    row = young.select(n=pl.len(), since=pl.col("date").min()).collect(engine="streaming").row(0, named=True)
    return row["n"], str(row["since"] or "")


def _time_step(first: str, last: str) -> str:
    """Days up to ten weeks, weeks up to two years, months beyond: some 10 to 100 points."""
    from datetime import date

    if not first:
        return "week"
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    return "day" if days <= 70 else "week" if days <= 730 else "month"


def _averages_over_time(posts: pl.LazyFrame, metric: str, average: Average, step: str, schema: Schema) -> pl.DataFrame:
    if schema.time is None:
        return _averages_frame([])
    every = {"day": "1d", "week": "1w", "month": "1mo"}[step]
    return group_averages(posts, pl.col("date").dt.truncate(every).cast(pl.String), schema[metric], average)


def _relative(schema: Schema, average: Average) -> bool:
    """Whether weekdays and hours can be compared inside accounts: several accounts, and logarithms to do it with."""
    return average == "geometric mean" and "account_name" in schema and len(schema["account_name"].levels) > 1


def clock_averages(posts: pl.LazyFrame, metric: str, part: str, average: Average, schema: Schema) -> pl.DataFrame:
    """Averages by weekday or hour; where there are several accounts, as ratios to each account's usual level.

    Accounts that post at other hours would otherwise look like an effect of the hour.
    """
    if part not in schema:
        return _averages_frame([])
    if not _relative(schema, average):
        return averages(posts, metric, part, average, schema)
    value = stats.on_scale(schema[metric], "log")
    usual = stats.summarise(posts.with_columns(account="account_name"), value, ["account"])
    level = dict(zip(usual["account"], usual["mean"], strict=True))
    centred = value - pl.col("account_name").replace_strict(level, default=None, return_dtype=pl.Float64)
    table = stats.summarise(posts.with_columns(level=pl.col(part).cast(pl.String)), centred, ["level"])
    rows = [
        (name, m.n, *(math.exp(v) if math.isfinite(v) else None for v in (m.mean, *m.interval())))
        for name, m in stats.by_level(table, "level").items()
    ]
    order = {name: i for i, name in enumerate(schema[part].levels)}
    return _averages_frame(rows).sort(pl.col("level").replace_strict(order, default=99, return_dtype=pl.Int64))
