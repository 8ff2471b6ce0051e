"""The inertia of k = 1, 2, ... with silhouette and time, and what the curve says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from postlens import CannotCompute, Column, Context, Params, Pick, stats


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
        False, title="Compare within accounts", description="Measure each post from its own account's usual level."
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
        curve: one row a k from 1: `k`, `inertia`, `explained` (share), `gain`, `strength`, `silhouette`,
            `silhouette_squared`, `calinski_harabasz`, `davies_bouldin`, `seconds`.
        crowds: one row a k: `k`, `share` (of the inertia of one group, posts), `low`, `high` (95 % of the imitations), `gap`.
        votes: what each rule says: `rule`, `k` (null for none), `note`.
        recommended: how many groups the posts bear, or 0: one crowd, any k is a convenience cut.
        agree: share of ten samples of nine posts in ten that recommend the same.
        accounts: what accounts have to do with the groups; if not None, `recommended`, `agree`, `tested` and `stability` are
            those of posts measured from their account's mean.
        more: further groups are there, but too small, not found again, or beyond the largest k.
        kept: what imitations have in common with the posts.
        crowd_p: the chance that a crowd without groups falls so far below its like.
        tested: `k`, `p`: whether k crowds would leave so little to more groups. stability: `k`, `rand`.
        bend, bend_strength: the sharpest bend in the range.
        knee: the Kneedle knee of the plotted range; `knee_zoomed` that of the first half of it.
        imitated: posts and imitations of the crowds.
    """

    recommended: int
    more: bool
    agree: float
    accounts: stats.OfAccounts | None
    kept: str
    crowd_p: float
    bend: int
    bend_strength: float
    knee: int
    knee_zoomed: int
    best_silhouette: int
    used: int
    imitated: int
    draws: int
    features: tuple[str, ...]
    curve: pl.DataFrame
    crowds: pl.DataFrame
    votes: pl.DataFrame
    tested: pl.DataFrame
    stability: pl.DataFrame
    dropped: pl.DataFrame


def inertia_curve(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Curve:
    """Fit every k, hold the curve against crowds without groups, and read it."""
    ctx.progress(0.02, "Standardising metrics")
    fitted = _fitted(posts, params, ctx)
    features = fitted.features
    matrix = features.matrix(fitted.sample)
    most = _most_k(matrix, params)
    fits = stats.curve(
        matrix,
        most + 1,
        ctx.seed,
        progress=lambda done, label: ctx.progress(0.4 * done, label),
        stop=ctx.stop_if_cancelled,
        sample=not fitted.whole,
    )
    found = _over_all_posts(fitted, {k: fit.centres for k, fit in fits.items()}, ctx)
    table = _table(matrix, fits, found, most, ctx)
    sample = features.to_imitate(fitted.sample)
    crowds, choice = _among_crowds(sample, most, ctx)
    compared = _compared(crowds)
    elbow = stats.elbow({k: one.inertia for k, one in found.items()})
    shown = {k: found[k].inertia for k in range(params.k_min, most + 1)}
    zoomed = {k: v for k, v in shown.items() if k <= params.k_min + max(3, (most - params.k_min) // 2)}
    offered = table.filter(pl.col("k").is_between(max(2, params.k_min), most))
    return Curve(
        recommended=choice.k,
        more=choice.more,
        agree=choice.agree,
        accounts=choice.of_accounts,
        kept=sample.kept,
        crowd_p=crowds.p,
        bend=elbow.k,
        bend_strength=elbow.strength,
        knee=stats.elbow(shown).chord,
        knee_zoomed=stats.elbow(zoomed).chord,
        best_silhouette=_best(offered, "silhouette", highest=True),
        used=fitted.posts,
        imitated=crowds.posts,
        draws=crowds.draws,
        features=tuple(ctx.schema.label(n) if n in ctx.schema else n for n in features.names),
        curve=table,
        crowds=compared,
        votes=_votes(offered, compared, elbow, stats.elbow(shown).chord, stats.elbow(zoomed).chord, choice),
        tested=_pairs(choice.tested, "p"),
        stability=_pairs(choice.stability, "rand"),
        dropped=pl.DataFrame({"reason": ["no value for one of the metrics"], "posts": [fitted.missing]}),
    )


def _fitted(posts: pl.LazyFrame, params: Settings, ctx: Context) -> stats.FeatureFit:
    """The features, with whose each post is where that is known."""
    metrics = params.metrics or stats.usual_metrics(posts, ctx.schema)
    accounts = stats.ACCOUNT in ctx.schema
    return stats.fit_features(
        posts,
        metrics,
        params.categories,
        params.scale,
        rates=_rates(ctx, metrics),
        within=params.relative and accounts,
        by_account=accounts,
        seed=ctx.seed,
    )


def _among_crowds(sample: stats.Sampled, most: int, ctx: Context) -> tuple[stats.NullCurve, stats.Choice]:
    """The posts among data without groups, and how many groups are more than those have."""
    crowds = stats.null_curve(
        sample,
        most,
        seed=ctx.seed,
        progress=lambda done: ctx.progress(0.65 + 0.2 * done, "Comparing with simulated data without groups"),
        stop=ctx.stop_if_cancelled,
    )
    choice = stats.choose(
        sample,
        crowds,
        seed=ctx.seed,
        progress=lambda done: ctx.progress(0.85 + 0.15 * done, "Trying how many groups would do"),
        stop=ctx.stop_if_cancelled,
    )
    return crowds, choice


def _compared(crowds: stats.NullCurve) -> pl.DataFrame:
    columns = {"share": crowds.observed, "low": crowds.low, "high": crowds.high, "gap": crowds.gap}
    k = pl.Series("k", range(1, len(crowds.observed) + 1), dtype=pl.Int64)
    return pl.DataFrame([k, *(pl.Series(name, values) for name, values in columns.items())])


def _pairs(found: dict[int, float], name: str) -> pl.DataFrame:
    return pl.DataFrame({"k": list(found), name: list(found.values())}, schema={"k": pl.Int64, name: pl.Float64}).sort(
        "k"
    )


def _best(table: pl.DataFrame, column: str, *, highest: bool) -> int:
    known = table.filter(pl.col(column).is_finite()).sort(column, "k", descending=[highest, False])
    return int(known["k"][0]) if known.height else int(table["k"][0])


def _votes(
    table: pl.DataFrame, crowds: pl.DataFrame, elbow: stats.Elbow, knee: int, zoomed: int, choice: stats.Choice
) -> pl.DataFrame:
    """What each rule would choose, and what it is known to favour."""
    never = "never says that there are no groups"
    rows: list[tuple[str, int | None, str]] = [
        (
            "Simulated data with 1, 2, ... groups",
            choice.k or None,
            "the recommendation; the only rule here that can say none",
        ),
        ("Silhouette", _best(table, "silhouette", highest=True), f"favours two; {never}"),
        (
            "Calinski-Harabasz",
            _best(table, "calinski_harabasz", highest=True),
            f"favours round groups of one size; {never}",
        ),
        ("Davies-Bouldin", _best(table, "davies_bouldin", highest=False), f"favours few compact groups; {never}"),
        (
            "Gap statistic",
            int(crowds.sort("gap", "k", descending=[True, False])["k"][0]),
            "splits all groups along a metric that has none; 1 means no groups",
        ),
        ("Elbow: sharpest bend", elbow.k, f"data without groups bend at 2; {never}"),
        ("Elbow: Kneedle", knee, f"moves with the plotted range: {zoomed} for the first half of it; {never}"),
    ]
    if choice.stability:
        steady = max((k for k, rand in choice.stability.items() if rand >= 0.8), default=None)
        rows.append(
            ("Stable in a split-half test", steady, "data without groups can be cut the same way every time, too")
        )
    return pl.DataFrame(rows, schema={"rule": pl.String, "k": pl.Int64, "note": pl.String}, orient="row")


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


def _over_all_posts(
    fitted: stats.FeatureFit, centres: dict[int, np.ndarray], ctx: Context
) -> dict[int, stats.Measured]:
    """What each k leaves and separates, counted over all posts, not only those among which centres were looked for."""

    def batches() -> Iterator[np.ndarray]:
        for batch in fitted.batches():
            ctx.stop_if_cancelled()
            yield batch

    if not fitted.whole:
        ctx.progress(0.4, "Finishing on all posts")
        centres = stats.refine_centres(batches, centres, stats.PASSES)
    ctx.progress(0.5, "Measuring all posts")
    return stats.measured(batches, centres)


def _table(
    matrix: np.ndarray,
    fits: dict[int, stats.Clustering],
    found: dict[int, stats.Measured],
    most: int,
    ctx: Context,
) -> pl.DataFrame:
    rows = []
    for k in range(1, most + 1):
        ctx.stop_if_cancelled()
        ctx.progress(0.5 + 0.15 * k / most, f"Silhouette of k = {k}")
        one = found[k]
        sampled = stats.sampled_silhouette(matrix, fits[k].labels, ctx.seed) if k > 1 else None
        separate = stats.calinski_harabasz(found[1].inertia, one.inertia, one.posts, k) if k > 1 else None
        explained = 1 - one.inertia / found[1].inertia
        squared, near = (one.width, one.davies_bouldin) if k > 1 else (None, None)
        rows.append((k, one.inertia, explained, sampled, squared, separate, near, fits[k].seconds))
    table = pl.DataFrame(
        rows,
        schema={
            "k": pl.Int64,
            "inertia": pl.Float64,
            "explained": pl.Float64,
            "silhouette": pl.Float64,
            "silhouette_squared": pl.Float64,
            "calinski_harabasz": pl.Float64,
            "davies_bouldin": pl.Float64,
            "seconds": pl.Float64,
        },
        orient="row",
    )
    after = pl.Series([found[k].inertia for k in range(2, most + 2)])
    gain = pl.col("inertia").shift(1) - pl.col("inertia")
    table = table.with_columns(pl.col("calinski_harabasz", "davies_bouldin").fill_nan(None)).with_columns(
        gain=gain, next_gain=pl.col("inertia") - after
    )
    return table.with_columns(strength=pl.col("gain") / pl.col("next_gain")).select(
        "k",
        "inertia",
        "explained",
        "gain",
        "strength",
        "silhouette",
        "silhouette_squared",
        "calinski_harabasz",
        "davies_bouldin",
        "seconds",
    )
