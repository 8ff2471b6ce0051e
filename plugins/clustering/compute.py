"""The groups: features, centres, sizes, profiles, what each over-represents, and the maps of metric pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import Annotated, Self

import numpy as np
import polars as pl
from pydantic import Field, field_validator, model_validator

from postlens import (
    CannotCompute,
    Column,
    Context,
    FittedColumn,
    Params,
    Pick,
    Schema,
    StructureTest,
    stats,
)
from postlens.plugins.clustering import explain, maps, numbering
from postlens.plugins.clustering.batch_queries import Question, answered, counted

PASSES = 3  # Steps over all posts after the search among 20,000.
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
        title="Compare within accounts",
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
            numbering.read(value)
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
    """Groups of posts: how a post becomes a point, the centres and their names, the groups of the sample."""

    fitted: stats.FeatureFit
    centres: np.ndarray
    names: tuple[str, ...]

    @property
    def label(self) -> pl.Expr:
        """The name of each post's cluster."""
        return self.fitted.features.label(self.centres, self.names)

    @property
    def sampled_labels(self) -> np.ndarray:
        """The cluster of each post of the sample, 0 to k - 1."""
        points = self.fitted.features.matrix(self.fitted.sample)
        squares = np.square(self.centres).sum(axis=1)[None] - 2 * points @ self.centres.T
        nearest: np.ndarray = squares.argmin(axis=1)
        return nearest

    def near_enough(self, posts: int) -> float:
        """A squared distance within which every cluster has so many posts, by the sample."""
        points = self.fitted.features.matrix(self.fitted.sample)
        labels = self.sampled_labels
        own = np.square(points - self.centres[labels]).sum(axis=1)
        each = [np.sort(own[labels == c])[:posts] for c in range(len(self.centres))]
        if any(len(d) < posts for d in each):
            return float("inf")
        return max(float(d[-1]) for d in each) * (1 + 1e-9) + 1e-9


def levels(params: Settings) -> tuple[str, ...]:
    """The names of the clusters there may be. Of kept ones, those that have no posts now are among them."""
    return numbering.names(params.k, params.names, params.keep)


def fit_column(posts: pl.LazyFrame, params: Settings, ctx: Context) -> FittedColumn:
    """The cluster of each post as an expression."""
    fit = _fit(posts, params, ctx)
    features = fit.fitted.features
    made_of = (*features.metrics, *(name for name, _ in features.categories))
    return FittedColumn(expression=fit.label, made_of=made_of)


def fit_without(posts: pl.LazyFrame, params: Settings, ctx: Context, leave_out: tuple[str, ...]) -> FittedColumn:
    """The clusters made again without some metrics."""
    metrics = tuple(m for m in params.metrics or stats.usual_metrics(posts, ctx.schema) if m not in leave_out)
    if not metrics:
        raise CannotCompute(
            "Without that metric and what it is made of, nothing is left to group posts by.",
            "Test a metric with fewer parts, such as comments, or add other metrics to the clusters.",
        )
    return fit_column(posts, params.model_copy(update={"metrics": metrics, "names": (), "keep": ""}), ctx)


def structure_of_groups(posts: pl.LazyFrame, params: Settings, ctx: Context, metric: str) -> StructureTest:
    """The clusters against imitations without groups, with the share of one metric in them."""
    fitted = _features(posts, params, ctx)
    features = fitted.features
    tested = features.metrics.index(metric) if metric in features.metrics else None
    return stats.structure_test(
        features.to_imitate(fitted.sample),
        params.k,
        tested,
        seed=ctx.seed,
        progress=lambda done: ctx.progress(done, "Clustering simulated data without groups"),
        stop=ctx.stop_if_cancelled,
    )


def _features(posts: pl.LazyFrame, params: Settings, ctx: Context) -> stats.FeatureFit:
    metrics = params.metrics or stats.usual_metrics(posts, ctx.schema)
    within = params.relative and "account_name" in ctx.schema
    rates = [ctx.schema[m] for m in metrics if m in ctx.schema and ctx.schema[m].kind == "rate"]
    return stats.fit_features(
        posts, metrics, params.categories, params.scale, rates=rates, within=within, seed=ctx.seed
    )


def _fit(posts: pl.LazyFrame, params: Settings, ctx: Context) -> _Fit:
    fitted = _features(posts, params, ctx)
    ctx.stop_if_cancelled()
    ctx.progress(0.3, "Looking for groups")
    centres = stats.cluster(fitted.features.matrix(fitted.sample), params.k, ctx.seed).centres
    if not fitted.whole:
        centres = stats.refine_centres(fitted.batches, {params.k: centres}, PASSES)[params.k]
        centres = centres[stats.stable_order(centres)]
    called = levels(params)
    if params.keep:
        number = numbering.numbers(numbering.read(params.keep), fitted.features, centres)
        centres = centres[np.argsort(number)]
        called = tuple(called[i] for i in sorted(number))
    return _Fit(fitted=fitted, centres=centres, names=called)


def group_posts(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Grouping:
    """Group the posts and describe the groups."""
    ctx.progress(0.1, "Standardising metrics")
    fit = _fit(posts, params, ctx)
    fitted, features, names = fit.fitted, fit.fitted.features, fit.names
    if fitted.posts < 2 * params.k:
        raise CannotCompute(
            f"{params.k} clusters need at least {2 * params.k} posts with a value for every metric; there are {fitted.posts}.",
            "Choose fewer clusters, fewer metrics, or widen the filters.",
        )
    ctx.stop_if_cancelled()
    ctx.progress(0.5, "Measuring the groups")
    found = stats.measured(fitted.batches, {params.k: fit.centres})[params.k]
    ctx.stop_if_cancelled()
    ctx.progress(0.6, "Comparing posts with their peers")
    complete = posts.filter(features.complete)
    plots = maps.pairs(ctx.schema, params.x, params.y)
    spans = maps.spans(complete, plots, params.scale)
    usual = _usual_levels(complete, ctx.schema) if features.usual else {}
    outcome, high = explain.top_tenth(complete, ctx.schema)
    rules, fidelity = explain.rules(fitted.sample, fit.sampled_labels, features.metrics, names, ctx)
    ctx.stop_if_cancelled()
    ctx.progress(0.7, "Describing the groups")
    labelled = posts.with_columns(fit.label.alias(GROUP)).filter(pl.col(GROUP).is_not_null())
    values = _described(ctx.schema, usual)
    described_by = [c for c in DESCRIBED_BY if c in ctx.schema]
    asked = {
        "profile": Question(partial(_summaries, values=values)),
        "near": explain.nearest(GROUP, features.distance(fit.centres), fit.near_enough(explain.EXEMPLARS)),
        "cells": counted(partial(_cells, categories=described_by, high=high)),
    }
    asked |= {
        f"map {i}": counted(partial(maps.cells, group=GROUP, span=span, scale=params.scale))
        for i, span in enumerate(spans)
    }
    told = answered(labelled, _needed(ctx.schema, params), asked, ctx.stop_if_cancelled)
    typical = explain.exemplars(posts, told["near"], ctx.schema, features.metrics)
    tables = stats.summary_tables(told["profile"], values, ["cluster"])
    drawn = [maps.main_groups(told[f"map {i}"], i) for i in range(len(plots))]
    return Grouping(
        k=params.k,
        keep=params.keep or numbering.write(features, fit.centres),
        scale=params.scale,
        features=tuple(ctx.schema.label(n) if n in ctx.schema else n for n in features.names),
        left_out=tuple(ctx.schema.label(n) for n in features.left_out),
        explained=_explained(fitted, found),
        used=fitted.posts,
        sizes=_sizes(found, names),
        profile=_profile(tables, ctx.schema, names, relative=bool(usual)),
        relative=bool(features.usual),
        over=_over_represented(told["cells"], described_by, ctx.schema, names),
        centres=pl.DataFrame({"cluster": list(names)}).hstack(
            pl.DataFrame(fit.centres, schema=features.names, orient="row")
        ),
        maps=pl.concat(drawn) if drawn else maps.none(),
        plots=maps.listed(plots, drawn),
        dropped=pl.DataFrame({"reason": ["no value for one of the metrics"], "posts": [fitted.missing]}),
        rules=rules,
        fidelity=fidelity,
        between=_between(found, names),
        exemplars=typical,
        exemplar_columns=tuple(part for c in typical.columns[1:] for part in (c, ctx.schema.label(c))),
        outcome=ctx.schema.label(outcome) if outcome else "",
        outcome_shared=bool(outcome and {outcome, *ctx.schema[outcome].made_of} & set(features.metrics)),
        performers=explain.high_performers(told["cells"], names),
    )


def _between(found: stats.Measured, names: Sequence[str]) -> pl.DataFrame:
    shares = [float(share) if n else None for share, n in zip(found.between, found.size, strict=True)]
    return pl.DataFrame(
        {"cluster": list(names), "between": shares}, schema={"cluster": pl.String, "between": pl.Float64}
    )


def _explained(fitted: stats.FeatureFit, found: stats.Measured) -> float:
    """The share of all variation: each standardised metric has 1 a post, a level p (1 - p)."""
    points = fitted.features.matrix(fitted.sample)
    total = float(np.square(points - points.mean(axis=0)).mean(axis=0).sum()) * found.posts
    return 1 - found.inertia / total if total else 0.0


def _sizes(found: stats.Measured, names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame({"cluster": list(names), "posts": found.size, "share": found.size / found.posts})


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


def _described(schema: Schema, usual: dict[str, dict[str, float]]) -> dict[str, pl.Expr]:
    """The values that profiles are made of: each metric on the log scale and as counted."""
    logs = {f"log {c.name}": _from_usual(c, usual) for c in schema.metrics}
    return logs | {f"raw {c.name}": stats.on_scale(c, "raw") for c in schema.metrics}


def _profile(tables: dict[str, pl.DataFrame], schema: Schema, names: Sequence[str], *, relative: bool) -> pl.DataFrame:
    """Each metric in each cluster against all other posts, on the log scale where the metric allows it."""
    rows = []
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
            typical = None if relative else stats.from_scale(own, "log", column)
            average = stats.from_scale(overall, "log", column)
            lift = math.exp(own - overall) if typical is None else typical / average if average > 0 else None
            rows.append((name, column.name, groups[name].n, means[name].mean, typical, lift, g.g, g.low, g.high))
    floats = dict.fromkeys(("mean", "typical", "lift", "g", "g_low", "g_high"), pl.Float64)
    schema_out = {"cluster": pl.String, "metric": pl.String, "posts": pl.Int64, **floats}
    made = pl.DataFrame(rows, schema=schema_out, orient="row").with_columns(pl.col(list(floats)).fill_nan(None))
    return made.with_columns(label=pl.col("metric").replace({c.name: c.label for c in schema.metrics}))


def _needed(schema: Schema, params: Settings) -> list[str]:
    """What the questions about groups are made of."""
    words = (*DESCRIBED_BY, *params.categories)
    return list(
        dict.fromkeys([GROUP, *explain.PLACE, *(c.name for c in schema.metrics), *(c for c in words if c in schema)])
    )


def _summaries(labelled: pl.LazyFrame, values: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    return stats.summary_query(labelled.with_columns(cluster=GROUP), values, ["cluster"])


def _cells(labelled: pl.LazyFrame, categories: Sequence[str], high: pl.Expr | None) -> pl.LazyFrame:
    """`cluster`, the categories, `high` (in the top tenth of its peers; null where nobody can tell), `posts`."""
    parts = [pl.col(c).cast(pl.String) for c in categories]
    judged = (pl.lit(None, dtype=pl.Boolean) if high is None else high).alias("high")
    return labelled.group_by(pl.col(GROUP).alias("cluster"), *parts, judged).agg(posts=pl.len().cast(pl.Int64))


def _over_represented(
    cells: pl.DataFrame, categories: Sequence[str], schema: Schema, names: Sequence[str]
) -> pl.DataFrame:
    tables = []
    for category in categories:
        counts = cells.group_by("cluster", level=category).agg(pl.col("posts").sum()).drop_nulls()
        tables.append(_category_table(counts, schema.label(category), names))
    made = [t for t in tables if t is not None]
    return pl.concat(made) if made else pl.DataFrame(schema=_OVER)


def _category_table(counts: pl.DataFrame, category: str, names: Sequence[str]) -> pl.DataFrame | None:
    """Shares, lift, adjusted residuals of each cluster and level, and the whole table's Cramér's V."""
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
            category=pl.lit(category),
            marked=(pl.col("residual").abs() > limit).fill_null(False),
            v=pl.lit(found.v),
        )
        .select(*_OVER)
        .sort(["cluster", "residual", "level"], descending=[False, True, False], nulls_last=True)
    )
