"""From posts to the numbers that k-means sees: standardised metrics and one column for each level of a category."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.problems import CannotCompute
from core.schema import Column, Schema
from core.stats.imitation import Sampled
from core.stats.scale import Scale, on_scale

Matrix = NDArray[np.float64]
MOST_LEVELS = 50
ACCOUNT = "account_name"


@dataclass(frozen=True, kw_only=True)
class Features:
    """How a post becomes a point.

    Attributes:
        metrics: standardised, in this order.
        means, sds: of the metrics on the scale, population form; one for each metric.
        categories: name and levels; a level is 1 where the post has it, else 0. Not standardised.
        scale: `log` for ln(1 + x), or `raw`.
        left_out: metrics that do not vary.
        usual: for each metric, the mean of each account on the scale; posts are then compared with their own
            account's usual level. Empty: all posts are compared alike.
        rates: the metrics that are rates.
    """

    metrics: tuple[str, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]
    categories: tuple[tuple[str, tuple[str, ...]], ...]
    scale: Scale
    left_out: tuple[str, ...] = ()
    usual: tuple[dict[str, float], ...] = ()
    rates: tuple[Column, ...] = ()

    @property
    def names(self) -> list[str]:
        """One name for each column of the matrix."""
        return [*self.metrics, *(f"{c} = {level}" for c, levels in self.categories for level in levels)]

    @property
    def complete(self) -> pl.Expr:
        """True for posts where every metric and category is known."""
        named = [c for c, _ in self.categories]
        return _known((*self.metrics, *self.left_out), named, self.scale, self.rates, within=bool(self.usual))

    def to_imitate(self, used: pl.DataFrame) -> Sampled:
        """Complete posts as the one-crowd check wants them: metrics on the scale, not standardised, and the levels."""
        matrix = self.matrix(used)
        q = len(self.metrics)
        scaled = matrix[:, :q] * np.array(self.sds) + np.array(self.means)
        accounts = None
        if self.usual:
            names = used[ACCOUNT].cast(pl.String)
            accounts = names.rank("dense").cast(pl.Int64).to_numpy() - 1
        log = self.scale == "log" and not self.usual
        return Sampled(scaled=scaled, extra=matrix[:, q:], log=log, accounts=accounts)

    def standardised(self) -> list[pl.Expr]:
        """An expression for each metric, mean 0 and standard deviation 1."""
        values = _values(self.metrics, self.scale, self.rates, self.usual)
        return [
            ((value - mean) / sd).alias(m)
            for value, m, mean, sd in zip(values, self.metrics, self.means, self.sds, strict=True)
        ]

    def matrix(self, posts: pl.DataFrame) -> Matrix:
        """The points of complete posts, shape (posts, features), rows as given."""
        blocks = [posts.select(self.standardised()).to_numpy()]
        for category, levels in self.categories:
            values = posts[category].cast(pl.String).to_numpy()
            blocks.append((values[:, None] == np.array(levels, dtype=object)[None, :]).astype(float))
        return np.ascontiguousarray(np.hstack(blocks), dtype=np.float64)

    def label(self, centres: Matrix, names: Sequence[str] = ()) -> pl.Expr:
        """The name of each post's nearest centre, "1" for the first unless named; null where a feature is missing.

        |z - c|^2 = |z|^2 - 2 z.c + |c|^2, and |z|^2 is the same for every centre: an affine score for each centre
        and the smallest wins, the earlier one on a tie, as in scikit-learn's `predict`.
        """
        scores = [self._score(centre) for centre in centres]
        least = pl.min_horizontal(scores)
        called = list(names) or [str(number) for number in range(1, len(centres) + 1)]
        label: Any = pl.when(scores[0] == least).then(pl.lit(called[0]))
        for name, score in zip(called[1:], scores[1:], strict=True):
            label = label.when(score == least).then(pl.lit(name))
        return pl.when(self.complete).then(label.otherwise(None))

    def distance(self, centres: Matrix) -> pl.Expr:
        """The squared distance of each post to its nearest centre; null where a feature is missing."""
        length = pl.sum_horizontal(v * v for v in self.standardised()) + float(len(self.categories))
        return pl.when(self.complete).then(length + pl.min_horizontal(self._score(centre) for centre in centres))

    def _score(self, centre: NDArray[np.float64]) -> pl.Expr:
        score = pl.lit(float(centre @ centre))
        for expression, value in zip(self.standardised(), centre, strict=False):
            score = score - expression * (2 * float(value))
        start = len(self.metrics)
        for category, levels in self.categories:
            offsets = {level: -2 * float(v) for level, v in zip(levels, centre[start:], strict=False)}
            score = score + pl.col(category).cast(pl.String).replace_strict(
                offsets, default=0.0, return_dtype=pl.Float64
            )
            start += len(levels)
        return score


def default_metrics(schema: Schema) -> tuple[str, ...]:
    """What clustering uses unless told otherwise: the counts known for at least 9 posts in 10.

    Reach, impressions, views and the like say how many saw a post rather than what they did, so they are left to
    the analyst; where fewer than two reactions to a post are known, every well-known count serves.
    """
    audience = {"reach", "impressions", "views", "followers_at_post", "duration_s", "engagements_reported"}
    known = [c for c in schema.counts if schema.share_known(c.name) >= 0.9]
    responses = [c.name for c in known if c.name not in audience]
    return tuple(responses if len(responses) > 1 else [c.name for c in known])


def fit_features(
    posts: pl.LazyFrame,
    metrics: Sequence[str],
    categories: Sequence[str],
    scale: Scale,
    *,
    rates: Sequence[Column] = (),
    within: bool = False,
) -> tuple[Features, pl.DataFrame, int]:
    """Choose the scaling of the features from the posts.

    Args:
        posts: with the columns named here, and `account_name` if `within`.
        metrics: to be standardised.
        categories: to become one column for each level.
        scale: of the metrics.
        rates: those of the metrics that are rates, as columns.
        within: measure each post from its own account's mean.

    Returns:
        The features; the complete posts in an order that does not depend on the order of the file; and how many
        posts were left out because a feature is missing.

    Raises:
        CannotCompute: fewer than two metrics vary, or a category has too many levels.
    """
    metrics = tuple(metrics)
    if not metrics:
        raise CannotCompute(
            "No metric is known for enough posts to group them by.", "Choose metrics that these posts have in common."
        )
    columns = list(dict.fromkeys([*metrics, *categories, *([ACCOUNT] if within else [])]))
    known = _known(metrics, categories, scale, rates, within=within)
    table = posts.select(*columns, _complete=known).collect(engine="streaming")
    used = table.filter("_complete").drop("_complete").sort(columns)
    if used.is_empty():
        raise CannotCompute(
            "No post has a value for every chosen metric.", "Choose metrics that the same posts have, or one platform."
        )
    usual = _usual(used, metrics, scale, rates) if within else ()
    moments = used.select(
        *(v.mean().alias(f"mean_{m}") for m, v in zip(metrics, _values(metrics, scale, rates, usual), strict=True)),
        *(v.std(ddof=0).alias(f"sd_{m}") for m, v in zip(metrics, _values(metrics, scale, rates, usual), strict=True)),
    ).row(0, named=True)
    varying = [m for m in metrics if moments[f"sd_{m}"] > 1e-12]
    if not varying:
        raise CannotCompute("The chosen metrics are the same for every post.", "Choose other metrics.")
    features = Features(
        metrics=tuple(varying),
        means=tuple(moments[f"mean_{m}"] for m in varying),
        sds=tuple(moments[f"sd_{m}"] for m in varying),
        categories=tuple((c, _levels(used, c)) for c in categories),
        scale=scale,
        left_out=tuple(m for m in metrics if m not in varying),
        usual=tuple(u for u, m in zip(usual, metrics, strict=False) if m in varying),
        rates=tuple(rates),
    )
    return features, used, table.height - used.height


def _known(
    metrics: Sequence[str], categories: Sequence[str], scale: Scale, rates: Sequence[Column], *, within: bool
) -> pl.Expr:
    named = [*categories, *([ACCOUNT] if within else [])]
    return pl.all_horizontal(
        *(v.is_not_null() for v in _plain(metrics, scale, rates)), *(pl.col(c).is_not_null() for c in named)
    )


def _plain(metrics: Sequence[str], scale: Scale, rates: Sequence[Column]) -> list[pl.Expr]:
    columns = {c.name: c for c in rates}
    return [on_scale(columns.get(m, m), scale) for m in metrics]


def _values(
    metrics: Sequence[str], scale: Scale, rates: Sequence[Column], usual: Sequence[dict[str, float]]
) -> list[pl.Expr]:
    """Each metric on the scale, from its account's usual level where that is asked for."""
    values = _plain(metrics, scale, rates)
    if not usual:
        return values
    return [
        v - pl.col(ACCOUNT).replace_strict(u, default=math.fsum(u.values()) / len(u), return_dtype=pl.Float64)
        for v, u in zip(values, usual, strict=True)
    ]


def _usual(
    used: pl.DataFrame, metrics: Sequence[str], scale: Scale, rates: Sequence[Column]
) -> tuple[dict[str, float], ...]:
    means = (
        used.group_by(ACCOUNT)
        .agg(v.mean().alias(m) for m, v in zip(metrics, _plain(metrics, scale, rates), strict=True))
        .sort(ACCOUNT)
    )
    return tuple(dict(zip(means[ACCOUNT], means[m], strict=True)) for m in metrics)


def _levels(used: pl.DataFrame, category: str) -> tuple[str, ...]:
    levels = tuple(sorted(used[category].cast(pl.String).unique()))
    if len(levels) > MOST_LEVELS:
        raise CannotCompute(
            f'"{category}" has {len(levels)} values, too many to group posts by (at most {MOST_LEVELS}).',
            "Choose a category with fewer values.",
        )
    return levels
