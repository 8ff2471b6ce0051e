"""From posts to the numbers that k-means sees: standardised metrics and one column for each level of a category."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.contract.problems import CannotCompute
from postlens.core.contract.schema import Column, Schema
from postlens.core.stats.clusters.null_model import Sampled
from postlens.core.stats.scale import Scale, on_scale

Matrix = NDArray[np.float64]
MAX_LEVELS = 50
SEARCH = 20_000  # Posts among which centres are looked for.
_BATCH = 65_536
_IN_MEMORY = 512_000_000  # Bytes of points kept between passes; more are read again.
_LEAST = "least"
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
        return _known((*self.metrics, *self.left_out), named, self.scale, within=bool(self.usual))

    def to_imitate(self, used: pl.DataFrame) -> Sampled:
        """Complete posts as the one-crowd check wants them: metrics on the scale, not standardised, and the levels."""
        matrix = self.matrix(used)
        q = len(self.metrics)
        scaled = matrix[:, :q] * np.array(self.sds) + np.array(self.means)
        accounts = None
        if ACCOUNT in used.columns:
            names = used[ACCOUNT].cast(pl.String).fill_null("")
            accounts = names.rank("dense").cast(pl.Int64).to_numpy() - 1
        if self.usual:
            return Sampled(scaled=scaled, extra=matrix[:, q:], log=False, accounts=accounts)
        return Sampled(scaled=scaled, extra=matrix[:, q:], log=self.scale == "log", whose=accounts)

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

        The smallest score wins, the earlier centre on a tie, as in scikit-learn's `predict`.
        """
        scored, scores = self._scored(centres)
        called = list(names) or [str(number) for number in range(1, len(centres) + 1)]
        label: Any = pl.when(pl.field(scores[0]) == pl.field(_LEAST)).then(pl.lit(called[0]))
        for name, score in zip(called[1:], scores[1:], strict=True):
            label = label.when(pl.field(score) == pl.field(_LEAST)).then(pl.lit(name))
        chosen = scored.struct.with_fields(label.otherwise(None).alias(_LEAST)).struct.field(_LEAST)
        return pl.when(self.complete).then(chosen)

    def distance(self, centres: Matrix) -> pl.Expr:
        """The squared distance of each post to its nearest centre; null where a feature is missing."""
        length = pl.sum_horizontal(v * v for v in self.standardised()) + float(len(self.categories))
        scored, _ = self._scored(centres)
        return pl.when(self.complete).then(length + scored.struct.field(_LEAST))

    def _scored(self, centres: Matrix) -> tuple[pl.Expr, list[str]]:
        """A struct with a score for each centre and the least of them.

        |z - c|^2 = |z|^2 - 2 z.c + |c|^2, and |z|^2 is the same for every centre: an affine score for each. In steps of one
        struct, so that no feature and no score is computed twice.
        """
        features = [v.alias(f"z{i}") for i, v in enumerate(self.standardised())]
        levels = [
            pl.col(category)
            .cast(pl.String)
            .replace_strict({level: i for i, level in enumerate(values)}, default=None, return_dtype=pl.UInt32)
            .alias(f"c{i}")
            for i, (category, values) in enumerate(self.categories)
        ]
        names = [f"s{i}" for i in range(len(centres))]
        scores = [self._score(centre).alias(name) for centre, name in zip(centres, names, strict=True)]
        scored = pl.struct(features + levels).struct.with_fields(scores)
        return scored.struct.with_fields(pl.min_horizontal(pl.field(n) for n in names).alias(_LEAST)), names

    def _score(self, centre: NDArray[np.float64]) -> pl.Expr:
        score = pl.lit(float(centre @ centre))
        for i in range(len(self.metrics)):
            score = score - pl.field(f"z{i}") * (2 * float(centre[i]))
        start = len(self.metrics)
        for i, (_, levels) in enumerate(self.categories):
            offsets = {j: -2 * float(v) for j, v in enumerate(centre[start : start + len(levels)])}
            score = score + pl.field(f"c{i}").replace_strict(offsets, default=0.0, return_dtype=pl.Float64)
            start += len(levels)
        return score


@dataclass(frozen=True, kw_only=True)
class FeatureFit:
    """Features fitted to posts.

    Attributes:
        features: how a post becomes a point.
        sample: all complete posts where they are few, else 20,000 of them; in an order that does not depend on the
            order of the file.
        posts: how many complete posts there are.
        missing: how many posts were left out because a feature is missing.
        source: all posts.
    """

    features: Features
    sample: pl.DataFrame
    posts: int
    missing: int
    source: pl.LazyFrame

    @property
    def whole(self) -> bool:
        """Whether the sample is all complete posts."""
        return self.sample.height == self.posts

    def batches(self) -> Iterable[Matrix]:
        """The points of all complete posts, some at a time; a new pass over the posts with every call."""
        if self.whole:
            yield self.features.matrix(self.sample)
        elif self.posts * len(self.features.names) * 4 <= _IN_MEMORY:
            yield from self._kept
        else:
            yield from self._read()

    @cached_property
    def _kept(self) -> list[Matrix]:
        return list(self._read())

    def _read(self) -> Iterable[Matrix]:
        columns = list(
            dict.fromkeys([*self.features.metrics, *(c for c, _ in self.features.categories), *self._account])
        )
        complete = self.source.filter(self.features.complete).select(columns)
        for batch in complete.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming"):
            yield self.features.matrix(batch).astype(np.float32)

    @property
    def _account(self) -> list[str]:
        return [ACCOUNT] if self.features.usual else []


_AUDIENCE = frozenset({"reach", "impressions", "views", "followers_at_post", "duration_s", "engagements_reported"})


def default_metrics(posts: pl.LazyFrame, schema: Schema) -> tuple[str, ...]:
    """What clustering uses unless told otherwise: the counts known for at least 9 of these posts in 10.

    Reach, impressions, views and the like say how many saw a post rather than what they did, so they are left to
    the analyst; where fewer than two reactions to a post are known, every well-known count serves.
    """
    counted = posts.select(pl.len().alias("__posts"), *(pl.col(c.name).count() for c in schema.counts))
    told = counted.collect(engine="streaming").row(0, named=True)
    known = [c for c in schema.counts if told[c.name] >= 0.9 * max(told["__posts"], 1)]
    responses = [c.name for c in known if c.name not in _AUDIENCE]
    return tuple(responses if len(responses) > 1 else [c.name for c in known])


def usual_metrics(posts: pl.LazyFrame, schema: Schema) -> tuple[str, ...]:
    """`default_metrics`, or where posts of several networks have few in common, the most that many posts know together.

    The response known for the most posts comes first; others join as long as half of its posts know them all.
    """
    usual = default_metrics(posts, schema)
    if len(usual) > 1:
        return usual
    names = [c.name for c in schema.counts if c.name not in _AUDIENCE] or [c.name for c in schema.counts]
    if not names:
        return ()
    patterns = posts.group_by(pl.col(name).is_not_null() for name in names).agg(n=pl.len()).collect(engine="streaming")
    known = {name: int(patterns.filter(pl.col(name))["n"].sum() or 0) for name in names}
    by_known = sorted(names, key=lambda name: (-known[name], names.index(name)))
    chosen = [by_known[0]]
    for name in by_known[1:]:
        together = patterns.filter(pl.all_horizontal(*chosen, name))["n"].sum() or 0
        if together >= 0.5 * known[chosen[0]]:
            chosen.append(name)
    return tuple(name for name in names if name in chosen)


def fit_features(
    posts: pl.LazyFrame,
    metrics: Sequence[str],
    categories: Sequence[str],
    scale: Scale,
    *,
    rates: Sequence[Column] = (),
    within: bool = False,
    by_account: bool = False,
    seed: int = 0,
) -> FeatureFit:
    """Choose the scaling of the features from the posts.

    Args:
        posts: with the columns named here, and `account_name` if `within`.
        metrics: to be standardised.
        categories: to become one column for each level.
        scale: of the metrics.
        rates: those of the metrics that are rates, as columns.
        within: measure each post from its own account's mean.
        by_account: the sample says whose each post is.
        seed: which posts are the sample, where there are more than 20,000.

    Raises:
        CannotCompute: no metric varies, no post is complete, or a category has too many levels.
    """
    metrics = tuple(metrics)
    if not metrics:
        raise CannotCompute(
            "No metric is known for enough posts to group them by.", "Choose metrics that these posts have in common."
        )
    known = _known(metrics, categories, scale, within=within)
    total, complete = _counted(posts, known)
    columns = list(dict.fromkeys([*metrics, *categories, *([ACCOUNT] if within else [])]))
    further = [ACCOUNT] if by_account and not within else []
    sample = _sample(posts.filter(known), columns, complete, seed, further)
    used = sample.lazy() if sample.height == complete else posts.filter(known).select(columns)
    usual = _usual(used, metrics, scale, rates) if within else ()
    values = list(zip(metrics, _values(metrics, scale, rates, usual), strict=True))
    moments = (
        used.select(
            *(v.mean().alias(f"mean_{m}") for m, v in values), *(v.std(ddof=0).alias(f"sd_{m}") for m, v in values)
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
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
    return FeatureFit(features=features, sample=sample, posts=complete, missing=total - complete, source=posts)


def _counted(posts: pl.LazyFrame, known: pl.Expr) -> tuple[int, int]:
    """How many posts there are, and how many of them are complete; refuses to go on without any."""
    total, complete = posts.select(pl.len(), known.sum()).collect(engine="streaming").row(0)
    if not complete:
        raise CannotCompute(
            "No post has a value for every chosen metric.", "Choose metrics that the same posts have, or one platform."
        )
    return total, complete


def _sample(
    complete: pl.LazyFrame, columns: Sequence[str], posts: int, seed: int, further: Sequence[str]
) -> pl.DataFrame:
    """All posts where they are few; else those whose keys have the lowest hashes, so that no order of rows matters.

    Further columns come along; only of posts that are alike otherwise do they settle the order.
    """
    wanted = list(dict.fromkeys([*columns, *further]))
    if posts <= SEARCH:
        return complete.select(wanted).collect(engine="streaming").sort(wanted)
    names = complete.collect_schema().names()
    key = next((pl.col(c) for c in ("post_id", "post_key") if c in names), pl.struct(columns))
    drawn = key.hash(seed)
    # A few more than wanted by a threshold, then exactly the lowest: no pass sorts all posts.
    limit = int(min(1.0, 1.2 * SEARCH / posts) * (2**64 - 1))
    few = complete.select(*wanted, _drawn=drawn).filter(pl.col("_drawn") <= limit).collect(engine="streaming")
    return few.sort("_drawn", *wanted).head(SEARCH).drop("_drawn").sort(wanted)


def _known(metrics: Sequence[str], categories: Sequence[str], scale: Scale, *, within: bool) -> pl.Expr:
    """Whether a post has every feature. As `on_scale` is not null, without computing a logarithm."""
    named = [*categories, *([ACCOUNT] if within else [])]
    numbers = [pl.col(m).is_finite() & (pl.col(m) >= 0 if scale == "log" else True) for m in metrics]
    return pl.all_horizontal(*(n.fill_null(False) for n in numbers), *(pl.col(c).is_not_null() for c in named))


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
    used: pl.LazyFrame, metrics: Sequence[str], scale: Scale, rates: Sequence[Column]
) -> tuple[dict[str, float], ...]:
    means = (
        used.group_by(ACCOUNT)
        .agg(v.mean().alias(m) for m, v in zip(metrics, _plain(metrics, scale, rates), strict=True))
        .sort(ACCOUNT)
        .collect(engine="streaming")
    )
    return tuple(dict(zip(means[ACCOUNT], means[m], strict=True)) for m in metrics)


def _levels(used: pl.LazyFrame, category: str) -> tuple[str, ...]:
    found = used.select(pl.col(category).cast(pl.String)).unique().collect(engine="streaming")
    levels = tuple(sorted(found[category]))
    if len(levels) > MAX_LEVELS:
        raise CannotCompute(
            f'"{category}" has {len(levels)} values, too many to group posts by (at most {MAX_LEVELS}).',
            "Choose a category with fewer values.",
        )
    return levels
