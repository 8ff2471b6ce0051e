"""The groups: features, centres, sizes, profiles, what each over-represents, and the maps of metric pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Self

import numpy as np
import polars as pl
from pydantic import Field, field_validator, model_validator

from plugins.clustering import explain, kept
from postlens import CannotCompute, Column, Context, FittedColumn, Params, Pick, PostColumns, Schema, stats

PAIRS = (("reactions", "comments"), ("shares", "react_like"), ("react_haha", "react_sad"), ("react_love", "react_wow"))
BINS = 32
FEW = 2000
GROUP = "__postlens_cluster"  # A file may have a column "cluster" of its own.
_OVER = {
    "cluster": pl.String,
    "category": pl.String,
    "level": pl.String,
    "posts": pl.Int64,
    "share": pl.Float64,
    "overall": pl.Float64,
    "lift": pl.Float64,
    "residual": pl.Float64,
    "marked": pl.Boolean,
    "v": pl.Float64,
}
DESCRIBED_BY = ("post_type", "weekday", "account_name", "platform")


class Settings(Params):
    """How to group the posts."""

    k: int = Field(4, ge=2, le=12, title="Number of clusters (k)")
    scale: stats.Scale = Field(
        "log", title="Scale", description="Log: ratios count, so that one viral post does not get a cluster of its own."
    )
    metrics: Annotated[tuple[str, ...], Pick(kind="metric")] = Field(
        (), title="Metrics", description="Empty: every reaction to a post that is known for at least 9 posts in 10."
    )
    categories: Annotated[tuple[str, ...], Pick(kind="category")] = Field(
        (), title="Categories", description="Also group by these, one column for each value."
    )
    relative: bool = Field(
        False,
        title="Compare inside accounts",
        description="Measure each post from its own account's usual level, so that large accounts do not form a cluster.",
    )
    names: tuple[str, ...] = Field(
        (), title="Names of the clusters", description="In the order of their numbers; a name is used on every page."
    )
    x: Annotated[str, Pick(kind="metric", none="(no further plot)")] = Field("", title="Further plot, across")
    y: Annotated[str, Pick(kind="metric", none="(no further plot)")] = Field("", title="Further plot, up")
    keep: str = Field("", title="Numbered like", max_length=4000, json_schema_extra={"shown_if": {"k": []}})

    @field_validator("keep")
    @classmethod
    def _are_centres(cls, value: str) -> str:
        if value:
            kept.read(value)
        return value

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        called = levels(self)
        if len(set(called)) < len(called):
            raise ValueError("two clusters would have the same name")
        return self


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Everything the page shows.

    Attributes:
        sizes: `cluster`, `posts`, `share`.
        profile: `cluster`, `metric`, `posts`, `mean`, `typical` (geometric mean; null if `relative`), `lift`, `g`, `g_low`, `g_high`.
        over: `cluster`, `category`, `level`, `posts`, `share`, `overall`, `lift`, `residual`, `marked`, `v` (Cramér's V of
            the category with the clusters).
        centres: the centres on the standardised scale, a row each: `cluster`, then one column a feature.
        maps: `plot` (number), `x`, `y` (cell centres on the chosen scale), `group`, `posts`, `share`.
        plots: `plot`, `x_metric`, `y_metric`, `posts`.
        posts: every post's cluster; the download `posts` has all posts with it.
        keep: the setting that makes further runs number their groups like these.
        relative: groups and profile are measured from each account's usual level.
        dropped: posts without a value for some feature.
        rules, fidelity, exemplars, performers: see `explain`. between: `cluster`, `between` (share of its posts that lie
            nearer to another group, by the squared silhouette).
        exemplar_columns: names and labels of the columns of `exemplars`, in turn.
        outcome: label of the metric of `performers`. outcome_shared: the groups were made from it or its parts.
    """

    k: int
    keep: str
    scale: str
    features: tuple[str, ...]
    left_out: tuple[str, ...]
    relative: bool
    explained: float
    used: int
    sizes: pl.DataFrame
    profile: pl.DataFrame
    over: pl.DataFrame
    centres: pl.DataFrame
    maps: pl.DataFrame
    plots: pl.DataFrame
    dropped: pl.DataFrame
    posts: PostColumns
    rules: pl.DataFrame
    fidelity: float
    between: pl.DataFrame
    exemplars: pl.DataFrame
    exemplar_columns: tuple[str, ...]
    outcome: str
    outcome_shared: bool
    performers: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """Groups of posts: how a post becomes a point, the complete posts, the groups and their names."""

    features: stats.Features
    used: pl.DataFrame
    solution: stats.Clustering
    names: tuple[str, ...]
    missing: int

    @property
    def label(self) -> pl.Expr:
        """The name of each post's cluster."""
        return self.features.label(self.solution.centres, self.names)


def levels(params: Settings) -> tuple[str, ...]:
    """The names of the clusters there may be. Of kept ones, those that have no posts now are among them."""
    return kept.names(params.k, params.names, params.keep)


def fit_column(posts: pl.LazyFrame, params: Settings, ctx: Context) -> FittedColumn:
    """The cluster of each post as an expression."""
    fit = _fit(posts, params, ctx)
    made_of = (*fit.features.metrics, *(name for name, _ in fit.features.categories))
    return FittedColumn(expression=fit.label, made_of=made_of)


def fit_without(posts: pl.LazyFrame, params: Settings, ctx: Context, leave_out: tuple[str, ...]) -> FittedColumn:
    """The clusters made again without some metrics."""
    metrics = tuple(m for m in params.metrics or stats.default_metrics(ctx.schema) if m not in leave_out)
    if not metrics:
        raise CannotCompute(
            "Without that metric and what it is made of, nothing is left to group posts by.",
            "Test a metric with fewer parts, such as comments, or add other metrics to the clusters.",
        )
    return fit_column(posts, params.model_copy(update={"metrics": metrics, "names": (), "keep": ""}), ctx)


def against_one_crowd(posts: pl.LazyFrame, params: Settings, ctx: Context, metric: str) -> stats.OneCrowd:
    """The clusters against imitations without groups, with the share of one metric in them."""
    features, used, _, _ = _features(posts, params, ctx)
    tested = features.metrics.index(metric) if metric in features.metrics else None
    return stats.one_crowd(
        features.to_imitate(used),
        params.k,
        tested,
        seed=ctx.seed,
        progress=lambda done: ctx.progress(done, "Clustering imitations without groups"),
        stop=ctx.stop_if_cancelled,
    )


def _features(
    posts: pl.LazyFrame, params: Settings, ctx: Context
) -> tuple[stats.Features, pl.DataFrame, int, tuple[str, ...]]:
    metrics = params.metrics or stats.default_metrics(ctx.schema)
    within = params.relative and "account_name" in ctx.schema
    rates = [ctx.schema[m] for m in metrics if m in ctx.schema and ctx.schema[m].kind == "rate"]
    return (
        *stats.fit_features(posts, metrics, params.categories, params.scale, rates=rates, within=within),
        metrics,
    )


def _fit(posts: pl.LazyFrame, params: Settings, ctx: Context) -> _Fit:
    features, used, missing, _ = _features(posts, params, ctx)
    ctx.stop_if_cancelled()
    ctx.progress(0.3, "Looking for groups")
    solution = stats.cluster(features.matrix(used), params.k, ctx.seed)
    called = levels(params)
    if params.keep:
        number = kept.numbers(kept.read(params.keep), features, solution.centres)
        solution = solution.in_order(np.argsort(number).tolist())
        called = tuple(called[i] for i in sorted(number))
    return _Fit(features=features, used=used, solution=solution, names=called, missing=missing)


def group_posts(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Grouping:
    """Group the posts and describe the groups."""
    ctx.progress(0.1, "Standardising metrics")
    fit = _fit(posts, params, ctx)
    features, used, solution, names = fit.features, fit.used, fit.solution, fit.names
    if used.height < 2 * params.k:
        raise CannotCompute(
            f"{params.k} clusters need at least {2 * params.k} posts with a value for every metric; there are {used.height}.",
            "Choose fewer clusters, fewer metrics, or widen the filters.",
        )
    ctx.stop_if_cancelled()
    ctx.progress(0.6, "Describing the groups")
    labelled = posts.with_columns(fit.label.alias(GROUP)).filter(pl.col(GROUP).is_not_null())
    plots = _plots(ctx.schema, params)
    rules, fidelity = explain.rules(used, solution.labels, features.metrics, names, ctx)
    ctx.stop_if_cancelled()
    ctx.progress(0.8, "Looking for typical posts")
    typical = explain.exemplars(labelled, GROUP, features.distance(solution.centres), ctx.schema, features.metrics)
    outcome, performers = explain.high_performers(labelled, GROUP, ctx.schema, names)
    maps = [_map(labelled, number, x, y, params.scale) for number, (x, y) in enumerate(plots)]
    return Grouping(
        k=params.k,
        keep=params.keep or kept.write(features, solution.centres),
        scale=params.scale,
        features=tuple(ctx.schema.label(n) if n in ctx.schema else n for n in features.names),
        left_out=tuple(ctx.schema.label(n) for n in features.left_out),
        explained=_explained(features.matrix(used), solution),
        used=used.height,
        sizes=_sizes(solution, names),
        profile=_profile(labelled, ctx.schema, names, _usual_levels(labelled, ctx.schema) if features.usual else {}),
        relative=bool(features.usual),
        over=_over_represented(labelled, ctx.schema, names),
        centres=pl.DataFrame({"cluster": list(names)}).hstack(
            pl.DataFrame(solution.centres, schema=features.names, orient="row")
        ),
        maps=pl.concat(maps) if maps else _map_schema(),
        plots=_plots_table(plots, maps),
        dropped=pl.DataFrame({"reason": ["no value for one of the metrics"], "posts": [fit.missing]}),
        posts=PostColumns(columns={"cluster": fit.label}),
        rules=rules,
        fidelity=fidelity,
        between=_between(features.matrix(used), solution, names),
        exemplars=typical,
        exemplar_columns=tuple(part for c in typical.columns[1:] for part in (c, ctx.schema.label(c))),
        outcome=ctx.schema.label(outcome) if outcome else "",
        outcome_shared=bool(outcome and {outcome, *ctx.schema[outcome].made_of} & set(features.metrics)),
        performers=performers,
    )


def _between(matrix: np.ndarray, solution: stats.Clustering, names: Sequence[str]) -> pl.DataFrame:
    width = stats.squared_silhouette(matrix, solution.labels)
    shares = [
        float((width[solution.labels == c] < 0).mean()) if (solution.labels == c).any() else None
        for c in range(len(names))
    ]
    return pl.DataFrame(
        {"cluster": list(names), "between": shares}, schema={"cluster": pl.String, "between": pl.Float64}
    )


def _explained(matrix: np.ndarray, solution: stats.Clustering) -> float:
    total = float(np.square(matrix - matrix.mean(axis=0)).sum())
    return 1 - solution.inertia / total if total else 0.0


def _sizes(solution: stats.Clustering, names: Sequence[str]) -> pl.DataFrame:
    counts = np.bincount(solution.labels, minlength=len(names))
    return pl.DataFrame({"cluster": list(names), "posts": counts.astype(np.int64), "share": counts / counts.sum()})


def _usual_levels(labelled: pl.LazyFrame, schema: Schema) -> dict[str, dict[str, float]]:
    """Each metric's mean by account on the log scale."""
    means = labelled.group_by("account_name").agg(stats.on_scale(c, "log").mean().alias(c.name) for c in schema.metrics)
    table = means.drop_nulls("account_name").sort("account_name").collect(engine="streaming")
    return {c.name: dict(zip(table["account_name"], table[c.name], strict=True)) for c in schema.metrics}


def _from_usual(column: Column, usual: dict[str, dict[str, float]]) -> pl.Expr:
    """A metric on the log scale; from its account's usual level where groups were made that way."""
    value = stats.on_scale(column, "log")
    if not usual:
        return value
    level = {a: v for a, v in usual[column.name].items() if v is not None}
    return value - pl.col("account_name").replace_strict(level, default=None, return_dtype=pl.Float64)


def _profile(
    labelled: pl.LazyFrame, schema: Schema, names: Sequence[str], usual: dict[str, dict[str, float]]
) -> pl.DataFrame:
    """Each metric in each cluster against all other posts, on the log scale where the metric allows it."""
    rows = []
    values = {f"log {c.name}": _from_usual(c, usual) for c in schema.metrics}
    values |= {f"raw {c.name}": stats.on_scale(c, "raw") for c in schema.metrics}
    tables = stats.summarise_many(labelled.with_columns(cluster=GROUP), values, ["cluster"])
    for column in schema.metrics:
        groups = stats.by_level(tables[f"log {column.name}"], "cluster")
        means = stats.by_level(tables[f"raw {column.name}"], "cluster")
        everything = stats.merge(list(groups.values()))
        for name in names:
            if name not in groups:
                continue
            rest = stats.merge([g for other, g in groups.items() if other != name])
            g = stats.hedges(groups[name], rest)
            own, overall = groups[name].mean, everything.mean
            typical = None if usual else stats.back(own, "log", column)
            average = stats.back(overall, "log", column)
            lift = math.exp(own - overall) if typical is None else typical / average if average > 0 else None
            rows.append((name, column.name, groups[name].n, means[name].mean, typical, lift, g.g, g.low, g.high))
    floats = dict.fromkeys(("mean", "typical", "lift", "g", "g_low", "g_high"), pl.Float64)
    schema_out = {"cluster": pl.String, "metric": pl.String, "posts": pl.Int64, **floats}
    made = pl.DataFrame(rows, schema=schema_out, orient="row").with_columns(pl.col(list(floats)).fill_nan(None))
    return made.with_columns(label=pl.col("metric").replace({c.name: c.label for c in schema.metrics}))


def _over_represented(labelled: pl.LazyFrame, schema: Schema, names: Sequence[str]) -> pl.DataFrame:
    tables = [_category_table(labelled, schema, name, names) for name in DESCRIBED_BY if name in schema]
    made = [t for t in tables if t is not None]
    return pl.concat(made) if made else pl.DataFrame(schema=_OVER)


def _category_table(labelled: pl.LazyFrame, schema: Schema, category: str, names: Sequence[str]) -> pl.DataFrame | None:
    """Counts by cluster and level with shares, lift, adjusted residuals and the whole table's Cramér's V."""
    counts = (
        labelled.group_by(cluster=GROUP, level=pl.col(category).cast(pl.String))
        .agg(posts=pl.len().cast(pl.Int64))
        .drop_nulls()
        .collect(engine="streaming")
    )
    present = counts["level"].unique().sort()
    if len(present) < 2:
        return None
    grid = pl.DataFrame({"cluster": list(names)}).join(pl.DataFrame({"level": present}), how="cross")
    table = grid.join(counts, on=["cluster", "level"], how="left").with_columns(pl.col("posts").fill_null(0))
    try:
        found = stats.association(table["posts"].to_numpy().reshape(len(names), len(present)).astype(float))
    except ValueError:
        return None  # One cluster has all posts that say.
    limit = NormalDist().inv_cdf(1 - 0.025 / table.height)
    share = pl.col("posts") / pl.col("posts").sum().over("cluster")
    overall = pl.col("posts").sum().over("level") / pl.col("posts").sum()
    return (
        table.with_columns(share=share, overall=overall, residual=pl.Series(found.residuals.ravel()))
        .with_columns(
            pl.col("share", "residual").fill_nan(None), lift=(pl.col("share") / pl.col("overall")).fill_nan(None)
        )
        .with_columns(
            category=pl.lit(schema.label(category)),
            marked=(pl.col("residual").abs() > limit).fill_null(False),
            v=pl.lit(found.v),
        )
        .select(*_OVER)
        .sort(["cluster", "residual", "level"], descending=[False, True, False], nulls_last=True)
    )


def _plots(schema: Schema, params: Settings) -> list[tuple[str, str]]:
    """The four founding pairs, as far as the data has them, and the analyst's own; the first two counts otherwise."""
    pairs = [(x, y) for x, y in PAIRS if x in schema and y in schema]
    if not pairs and len(schema.counts) > 1:
        pairs = [(schema.counts[0].name, schema.counts[1].name)]
    if params.x and params.y and params.x != params.y:
        pairs.insert(0, (params.x, params.y))
    return pairs


def _map(labelled: pl.LazyFrame, number: int, x: str, y: str, scale: stats.Scale) -> pl.DataFrame:
    """Cells of a grid with their posts and main cluster; for few posts, the posts themselves.

    Nothing here grows with the number of posts: at most 2,000 points or 32 by 32 cells.
    """
    points = labelled.select(x=stats.on_scale(x, scale), y=stats.on_scale(y, scale), group=GROUP).drop_nulls()
    facts = (
        points.select(
            pl.len().alias("n"),
            pl.col("x").min().alias("x0"),
            pl.col("x").max().alias("x1"),
            pl.col("y").min().alias("y0"),
            pl.col("y").max().alias("y1"),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    if facts["n"] <= FEW:
        cells = points.group_by("x", "y", "group").agg(posts=pl.len().cast(pl.Int64)).collect(engine="streaming")
    else:
        cells = _cells(points, facts)
    share = pl.col("posts") / pl.col("posts").sum().over("x", "y")
    total = pl.col("posts").sum().over("x", "y")
    return (
        cells.with_columns(share=share, total=total)
        .sort(["x", "y", "posts", "group"], descending=[False, False, True, False])
        .unique(["x", "y"], keep="first", maintain_order=True)
        .select(pl.lit(number, dtype=pl.Int64).alias("plot"), "x", "y", "group", posts="total", share="share")
    )


def _cells(points: pl.LazyFrame, facts: dict[str, float]) -> pl.DataFrame:
    def centre(name: str) -> pl.Expr:
        low, high = facts[f"{name}0"], facts[f"{name}1"]
        width = (high - low) / BINS or 1.0
        return (low + (((pl.col(name) - low) / width).floor().clip(0, BINS - 1) + 0.5) * width).alias(name)

    return (
        points.group_by(centre("x"), centre("y"), "group")
        .agg(posts=pl.len().cast(pl.Int64))
        .collect(engine="streaming")
    )


def _map_schema() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "plot": pl.Int64,
            "x": pl.Float64,
            "y": pl.Float64,
            "group": pl.String,
            "posts": pl.Int64,
            "share": pl.Float64,
        }
    )


def _plots_table(plots: list[tuple[str, str]], maps: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.DataFrame(
        [(i, x, y, int(m["posts"].sum())) for i, ((x, y), m) in enumerate(zip(plots, maps, strict=True))],
        schema={"plot": pl.Int64, "x_metric": pl.String, "y_metric": pl.String, "posts": pl.Int64},
        orient="row",
    )
