"""The inertia of k = 1, 2, ... with silhouette and time, and what the curve says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from postlens import CannotCompute, Column, Context, Params, Pick, stats

MARGIN = 1.5  # Real posts are no normal crowd; a bend must stand out by more than that could make.


class Settings(Params):
    """Which k to try, and on what."""

    k_min: int = Field(2, ge=2, le=18, title="Smallest k")
    k_max: int = Field(19, ge=4, le=30, title="Largest k")
    scale: stats.Scale = Field(
        "log", title="Scale", description="Log: ratios count, so that one viral post does not get a cluster of its own."
    )
    metrics: Annotated[tuple[str, ...], Pick(kind="metric")] = Field(
        (), title="Metrics", description="Empty: every reaction to a post that is known for at least 9 posts in 10."
    )
    categories: Annotated[tuple[str, ...], Pick(kind="category")] = Field((), title="Categories")
    relative: bool = Field(
        False, title="Compare inside accounts", description="Measure each post from its own account's usual level."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.k_max < self.k_min + 2:
            raise ValueError(f"the largest k must be at least {self.k_min + 2}, two more than the smallest")
        return self


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The curve and its reading.

    Attributes:
        curve: one row a k from 1: `k`, `inertia`, `explained` (share), `gain`, `strength`, `silhouette`, `silhouette_squared`, `seconds`.
        recommended: the k of a clear elbow, or 0.
        bend, bend_strength: the sharpest bend in the range, clear or not.
        imitation_low, imitation_high: smallest and largest strength at that k among the imitation crowds.
        knee: the Kneedle knee of the plotted range; `knee_zoomed` that of the first half of it.
        best_silhouette: k with the highest silhouette in the range.
        reason: why there is, or is not, a recommendation.
    """

    recommended: int
    reason: str
    bend: int
    bend_strength: float
    crowds: int
    imitation_low: float
    imitation_high: float
    knee: int
    knee_zoomed: int
    best_silhouette: int
    used: int
    features: tuple[str, ...]
    curve: pl.DataFrame
    dropped: pl.DataFrame


def inertia_curve(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Curve:
    """Fit every k and read the curve."""
    ctx.progress(0.02, "Standardising metrics")
    metrics = params.metrics or stats.default_metrics(ctx.schema)
    within = params.relative and "account_name" in ctx.schema
    features, used, missing = stats.fit_features(
        posts, metrics, params.categories, params.scale, rates=_rates(ctx, metrics), within=within
    )
    matrix = features.matrix(used)
    most = _most_k(matrix, params)
    fits = stats.curve(
        matrix,
        most + 1,
        ctx.seed,
        progress=lambda done, label: ctx.progress(0.7 * done, label),
        stop=ctx.stop_if_cancelled,
    )
    table = _table(matrix, fits, most, ctx)
    inertia = {k: fit.inertia for k, fit in fits.items()}
    elbow = stats.elbow(inertia)
    ctx.stop_if_cancelled()
    ctx.progress(0.9, "Comparing with crowds without groups")
    imitation = stats.imitation_strengths(matrix, elbow.k, ctx.seed)
    sharpest = max(imitation)
    tied = _tied(matrix, most)
    clear = elbow.clear and elbow.strength >= MARGIN * sharpest and not tied
    shown = {k: inertia[k] for k in range(params.k_min, most + 1)}
    silhouettes = dict(
        table.filter((pl.col("k") >= max(2, params.k_min)) & (pl.col("k") <= most))
        .select("k", "silhouette")
        .iter_rows()
    )
    zoomed = {k: v for k, v in shown.items() if k <= params.k_min + max(3, (most - params.k_min) // 2)}
    return Curve(
        recommended=elbow.k if clear else 0,
        reason=_reason(elbow, imitation, tied=tied),
        bend=elbow.k,
        bend_strength=elbow.strength,
        crowds=len(imitation),
        imitation_low=min(imitation),
        imitation_high=sharpest,
        knee=stats.elbow(shown).chord,
        knee_zoomed=stats.elbow(zoomed).chord,
        best_silhouette=max(silhouettes, key=lambda k: (silhouettes[k] or -1.0, -k)),
        used=used.height,
        features=tuple(ctx.schema.label(n) if n in ctx.schema else n for n in features.names),
        curve=table,
        dropped=pl.DataFrame({"reason": ["no value for one of the metrics"], "posts": [missing]}),
    )


def _rates(ctx: Context, metrics: Sequence[str]) -> list[Column]:
    return [ctx.schema[m] for m in metrics if m in ctx.schema and ctx.schema[m].kind == "rate"]


def _most_k(matrix: np.ndarray, params: Settings) -> int:
    """The largest k that the posts allow; one more is fitted to judge the last step."""
    distinct = stats.count_distinct(matrix, params.k_max + 1)
    most = min(params.k_max, distinct - 1, len(matrix) // 2)
    if most < params.k_min + 2:
        raise CannotCompute(
            f"There are only {distinct} different posts, too few to compare {params.k_min} and more clusters.",
            "Widen the filters or choose other metrics.",
        )
    return most


def _table(matrix: np.ndarray, fits: dict[int, stats.Clustering], most: int, ctx: Context) -> pl.DataFrame:
    rows = []
    for k in range(1, most + 1):
        ctx.stop_if_cancelled()
        ctx.progress(0.7 + 0.2 * k / most, f"Silhouette of k = {k}")
        fit = fits[k]
        sampled = stats.sampled_silhouette(matrix, fit.labels, ctx.seed) if k > 1 else None
        squared = float(stats.squared_silhouette(matrix, fit.labels).mean()) if k > 1 else None
        rows.append((k, fit.inertia, 1 - fit.inertia / fits[1].inertia, sampled, squared, fit.seconds))
    table = pl.DataFrame(
        rows,
        schema={
            "k": pl.Int64,
            "inertia": pl.Float64,
            "explained": pl.Float64,
            "silhouette": pl.Float64,
            "silhouette_squared": pl.Float64,
            "seconds": pl.Float64,
        },
        orient="row",
    )
    after = pl.Series([fits[k].inertia for k in range(2, most + 2)])
    gain = pl.col("inertia").shift(1) - pl.col("inertia")
    table = table.with_columns(gain=gain, next_gain=pl.col("inertia") - after)
    return table.with_columns(strength=pl.col("gain") / pl.col("next_gain")).select(
        "k", "inertia", "explained", "gain", "strength", "silhouette", "silhouette_squared", "seconds"
    )


def _tied(matrix: np.ndarray, most: int) -> bool:
    """Whether so many posts share so few different values that k-means finds the values rather than groups."""
    _, posts = np.unique(matrix, axis=0, return_counts=True)
    return len(posts) < 10 * most or float(np.sort(posts)[-most:].sum()) > 0.5 * len(matrix)


def _reason(elbow: stats.Elbow, imitation: list[float], *, tied: bool) -> str:
    found = f"The step to k = {elbow.k} gains {elbow.strength:.1f} times as much as the step after it"
    crowds = (
        f"{len(imitation)} imitation crowds without groups reach {min(imitation):.1f} to {max(imitation):.1f} there"
    )
    if not elbow.clear:
        return f"{found}, the sharpest bend of the curve, and less than twice is no clear elbow. Any k is a convenient cut."
    if tied:
        return (
            f"{found}, but the posts have only few different values, as rare counts do, and a cluster for each value bends the "
            "curve by itself. Choose metrics with larger counts."
        )
    if elbow.strength < MARGIN * max(imitation):
        return (
            f"{found}, but {crowds}. A bend that is not at least {MARGIN} times the sharpest of theirs is no clear elbow: "
            "a crowd without groups looks much the same. Any k is a convenient cut."
        )
    return f"{found}; {crowds}. So {elbow.k} stands out."
