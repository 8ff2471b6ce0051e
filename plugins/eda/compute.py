"""The numbers of the explore page: each a small table of counts, moments or quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import polars as pl
from pydantic import Field

from postlens import Column, Context, Params, Pick, Schema, stats
from postlens.plugins.eda import averages as averaging
from postlens.plugins.eda import relations, summary
from postlens.plugins.eda.averages import Average

_HELD = 40_000_000  # Values, of all columns together: some 300 MB.
_OF_TIME = ("date", "weekday", "hour", "maturity")


class Settings(Params):
    """What to look at."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field(
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
        compared: each level of the chosen category, of weekdays and of hours against all other posts, by grouping.
        circular: groupings made from the metric, which are not compared.
        over_time, weekdays, hours: `level`, `posts`, `value`, `low`, `high`.
        timezone: the client's, of weekdays and hours.
        percent: the metric is a share, written in percent.
        pooled: of a rate, the sum of all numerators over the sum of all denominators, where both are known; else null.
        collecting: posts in view that are too young for their final numbers. collecting_from: the first day of those.
        average: the average used; the median where the metric has values below 0.
        clock_relative: weekdays and hours are ratios to the account's usual level.
        correlations: see `relations.Relations`.
        cells, ranges: the density maps and the range of each of their metrics.
        counted_about: there are so many posts that different values of text and the like are counted about.
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
    counted_about: bool
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
    compared: tuple[stats.Comparison, ...]
    circular: tuple[str, ...]
    over_time: pl.DataFrame
    weekdays: pl.DataFrame
    hours: pl.DataFrame
    correlations: pl.DataFrame
    cells: pl.DataFrame
    ranges: pl.DataFrame
    dropped: pl.DataFrame


def explore(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Exploration:
    """Summarise the posts and the chosen metric."""
    schema, metric = ctx.schema, ctx.schema[params.metric]
    ctx.progress(0.1, "Summarising columns and metrics")
    posts = held(posts, params, schema)
    asked = summary.questions(posts, schema) | {"span": _span(posts, schema), "pooled": _pooled(posts, metric)}
    told = _answers(asked, ctx)
    described = summary.metric_summary(told, schema)
    ctx.progress(0.5, "Comparing groups")
    chosen = described.row(by_predicate=pl.col("metric") == params.metric, named=True)
    has_log = chosen["min"] is None or chosen["min"] >= 0
    average = params.average if has_log else _without_logs(params.average)
    span = told["span"].row(0, named=True)
    first, last = (str(span[end] or "") for end in ("first", "last"))
    step = _time_step(first, last)
    total = int(told["missing"]["|posts"].item())
    compared = _answers(averaging.questions(posts, metric.name, params.by, average, step, schema, log=has_log), ctx)
    relative = average == "geometric mean" and averaging.accounts_differ(schema)
    cells = compared.get(f"compared {params.by}")
    by = averaging.averages(compared.get("by"), metric, average, None if cells is None else stats.read_cells(cells))
    tests, circular = _compared(posts, compared, params, schema, "log" if has_log else "raw")
    ctx.stop_if_cancelled()
    ctx.progress(0.7, "Relating metrics")
    related = relations.relate(
        posts,
        [c.name for c in schema.metrics if c.kind == "metric"],
        _interesting(schema),
        described,
        {c.name: c.made_of for c in schema.metrics},
        stop=ctx.stop_if_cancelled,
    )
    columns = summary.column_quality(told, schema)
    log_bins = has_log and metric.kind != "rate"
    return Exploration(
        metric=metric.name,
        metric_label=metric.label,
        percent=metric.percent,
        timezone=ctx.timezone.key,
        pooled=_rate(told["pooled"]),
        by_label=schema.label(params.by),
        posts=total,
        accounts=int(columns.filter(pl.col("column") == "account_name")["distinct"].sum()),
        counted_about=schema.posts > summary.EXACT,
        first=first,
        last=last,
        collecting=span["collecting"],
        collecting_from=str(span["since"] or ""),
        log_bins=log_bins,
        average=average,
        time_step=step,
        has_period=schema.time is not None and bool(first),
        columns=columns,
        summary=summary.with_outliers(posts, told, described),
        distribution=summary.distribution(posts, told, metric, log=log_bins),
        counts=level_counts(posts, schema, params.by),
        averages=averaging.in_order(by, schema[params.by]) if params.by else by,
        compared=tests,
        circular=circular,
        over_time=averaging.averages(compared.get("time"), metric, average),
        weekdays=_by_clock(compared, "weekday", metric, average, schema, relative=relative),
        hours=_by_clock(compared, "hour", metric, average, schema, relative=relative),
        clock_relative=relative,
        correlations=related.correlations,
        cells=related.cells,
        ranges=related.ranges,
        dropped=pl.DataFrame({"reason": [f"no value for {metric.label.lower()}"], "posts": [total - int(chosen["n"])]}),
    )


def _compared(
    posts: pl.LazyFrame, tables: dict[str, pl.DataFrame], params: Settings, schema: Schema, scale: stats.Scale
) -> tuple[tuple[stats.Comparison, ...], tuple[str, ...]]:
    """The comparisons that every page shares, and the groupings that were made from the metric."""
    found, circular = [], []
    for name, table in tables.items():
        kind, _, by = name.partition(" ")
        if kind != "compared" or table.height == 0:
            continue
        made_from = stats.shared_parts(posts, schema, params.metric, by)
        if made_from or (not schema[by].ordered and stats.cut_by_metric(stats.read_cells(table))):
            circular.append(by)
        else:
            found.append(stats.compare_groups(table, params.metric, by, schema, scale))
    return tuple(found), tuple(circular)


def held(posts: pl.LazyFrame, params: Settings, schema: Schema) -> pl.LazyFrame:
    """The columns the page is about, in memory where they fit: some thirty questions follow, each of which would read them again.

    Of texts, links and ids only whether they are known and differ is asked: a hash of 64 bits is kept (of a million
    different ones some two are the same with a chance of 3 in 100 million).
    """
    shown = [c.name for c in summary.shown_columns(schema)]
    names = dict.fromkeys(
        [*shown, *_OF_TIME, "account_name", "platform", "post_type", *schema[params.metric].fraction, params.by]
    )
    have = posts.collect_schema()
    wanted = [n for n in names if n in have]
    if schema.posts * len(wanted) > _HELD:
        return posts
    long = {n for n in wanted if n in schema and schema[n].kind in {"text", "id"}}
    kept = [
        pl.when(pl.col(n).is_not_null()).then(pl.col(n).hash()).alias(n) if n in long else pl.col(n) for n in wanted
    ]
    piece = stats.pieces(posts, schema)
    if piece is not None:
        kept.append(piece.alias(stats.PIECE))
    return posts.select(kept).collect(engine="streaming").lazy()


def _answers(asked: dict[str, pl.LazyFrame], ctx: Context) -> dict[str, pl.DataFrame]:
    """One question after the other: together they take as long, and several times the memory."""
    told = {}
    for name, question in asked.items():
        ctx.stop_if_cancelled()
        told[name] = question.collect(engine="streaming")
    return told


def _without_logs(average: Average) -> Average:
    """A metric with values below 0, such as follows, has no geometric mean."""
    return "median" if average == "geometric mean" else average


def _interesting(schema: Schema) -> list[str]:
    """Up to six counts for the density maps: the best known, in display order, engagement before audience."""
    counts = [
        c.name for c in schema.counts if c.name not in {"duration_s", "followers_at_post", "engagements_reported"}
    ]
    best = sorted(counts, key=lambda name: (-round(schema.share_known(name), 1), counts.index(name)))[:6]
    return [c for c in counts if c in best]


def _span(posts: pl.LazyFrame, schema: Schema) -> pl.LazyFrame:
    """`first` and `last` day; `collecting`: how many posts are too young for their final numbers, `since` which day."""
    day = pl.col("date") if schema.time is not None else pl.lit(None, dtype=pl.Date)
    young = pl.col("maturity") == schema["maturity"].levels[-1] if "maturity" in schema else pl.lit(False)
    return posts.select(
        first=day.min(), last=day.max(), collecting=young.sum().cast(pl.Int64), since=day.filter(young).min()
    )


def _pooled(posts: pl.LazyFrame, metric: Column) -> pl.LazyFrame:
    """Of a rate, the sums of all numerators and denominators, where both are known; else nothing."""
    if not metric.fraction:
        return posts.select(above=pl.lit(None, dtype=pl.Float64), below=pl.lit(None, dtype=pl.Float64)).head(1)
    above, below = (pl.col(name) for name in metric.fraction)
    return posts.filter(above.is_not_null(), below > 0).select(above=above.sum(), below=below.sum())


def _rate(sums: pl.DataFrame) -> float | None:
    """A rate of all posts together: large posts count for more than in the mean of the posts' own rates."""
    above, below = sums.row(0) if sums.height else (None, None)
    return float(above / below) if above is not None and below else None


def level_counts(posts: pl.LazyFrame, schema: Schema, by: str) -> pl.DataFrame:
    """Posts by type, account, platform and the chosen category, the most first."""
    names = dict.fromkeys(n for n in ("post_type", "account_name", "platform", by) if n and n in schema)
    asked = {
        name: posts.group_by(pl.col(name).cast(pl.String).fill_null("(missing)").alias("level"))
        .agg(posts=pl.len().cast(pl.Int64))
        .with_columns(column=pl.lit(name), category=pl.lit(schema.label(name)))
        .select("column", "category", "level", "posts")
        .sort(["posts", "level"], descending=[True, False])
        for name in names
    }
    tables = [table.collect(engine="streaming") for table in asked.values()]
    schema_out = {"column": pl.String, "category": pl.String, "level": pl.String, "posts": pl.Int64}
    return pl.concat(tables) if tables else pl.DataFrame(schema=schema_out)


def _by_clock(
    compared: dict[str, pl.DataFrame], part: str, metric: Column, average: Average, schema: Schema, *, relative: bool
) -> pl.DataFrame:
    """Averages by weekday or hour; where there are several accounts, as ratios to each account's usual level."""
    if relative and part in schema and "clock" in compared:
        return averaging.from_usual(compared["clock"], schema[part])
    table = compared.get(part)
    if table is None:
        return averaging.averages(None, metric, average)
    return averaging.in_order(averaging.averages(table, metric, average), schema[part])


def _time_step(first: str, last: str) -> str:
    """Days up to ten weeks, weeks up to two years, months beyond: some 10 to 100 points."""
    from datetime import date

    if not first:
        return "week"
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    return "day" if days <= 70 else "week" if days <= 730 else "month"
