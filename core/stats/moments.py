"""Groups of posts as mergeable summaries (n, mean, M2), and what follows from them alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from postlens.core.stats.t import half_width


@dataclass(frozen=True, kw_only=True)
class Moments:
    """What is left of a group of numbers: how many, their mean, and the sum of squared deviations from it.

    Source of the merge: Chan, Golub and LeVeque (1983), Am. Stat. 37, 242-247.
    """

    n: int
    mean: float
    m2: float

    @property
    def variance(self) -> float:
        """Sample variance (n - 1); nan for fewer than two values."""
        return self.m2 / (self.n - 1) if self.n > 1 else math.nan

    @property
    def sd(self) -> float:
        """Sample standard deviation; nan for fewer than two values."""
        return math.sqrt(self.variance) if self.n > 1 else math.nan

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Student's interval for the mean; unbounded for fewer than two values."""
        half = half_width(self.sd, self.n, confidence)
        return self.mean - half, self.mean + half


def merge(parts: Sequence[Moments]) -> Moments:
    """The summary of all parts together; independent of their order up to rounding."""
    return _merged([p.n for p in parts], [p.mean for p in parts], [p.m2 for p in parts])


def _merged(counts: Sequence[int], means: Sequence[float], squares: Sequence[float]) -> Moments:
    n = sum(counts)
    if n == 0:
        return Moments(n=0, mean=math.nan, m2=math.nan)
    filled = [part for part in zip(counts, means, squares, strict=True) if part[0]]
    mean = math.fsum(m * at for m, at, _ in filled) / n
    return Moments(n=n, mean=mean, m2=math.fsum(own + m * (at - mean) ** 2 for m, at, own in filled))


def summarise(posts: pl.LazyFrame, value: pl.Expr, by: Sequence[str]) -> pl.DataFrame:
    """n, mean and M2 of a value for every combination of `by`; posts with a null in any of them are left out.

    Returns:
        The columns of `by`, then `n` (Int64), `mean`, `m2` (Float64), sorted by `by`.
    """
    return summarise_many(posts, {"value": value}, by)["value"]


def summarise_many(posts: pl.LazyFrame, values: Mapping[str, pl.Expr], by: Sequence[str]) -> dict[str, pl.DataFrame]:
    """`summarise` for several values in one pass; each value counts the posts where it is known itself."""
    return summary_tables(summary_query(posts, values, by).collect(engine="streaming"), values, by)


def summary_query(posts: pl.LazyFrame, values: Mapping[str, pl.Expr], by: Sequence[str]) -> pl.LazyFrame:
    """What `summarise_many` computes, not yet computed: to be collected together with other questions."""
    known = posts.filter(pl.all_horizontal(pl.col(c).is_not_null() for c in by))
    aggregates = []
    for name, value in values.items():
        aggregates += [
            value.count().cast(pl.Int64).alias(f"{name}|n"),
            value.mean().alias(f"{name}|mean"),
            (value.var(ddof=0).fill_null(0.0) * value.count()).alias(f"{name}|m2"),
        ]
    return known.group_by(by).agg(aggregates).sort(by)


def summary_tables(table: pl.DataFrame, values: Iterable[str], by: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The answers to `summary_query`, value by value."""
    return {
        name: table.select(*by, n=f"{name}|n", mean=f"{name}|mean", m2=f"{name}|m2").filter(pl.col("n") > 0)
        for name in values
    }


def moments(rows: pl.DataFrame) -> Moments:
    """The rows of a `summarise` table as one group."""
    return _merged(rows["n"].to_list(), rows["mean"].to_list(), rows["m2"].to_list())


def by_level(summary: pl.DataFrame, column: str) -> dict[str, Moments]:
    """One group for each level of a column that has any posts."""
    middle = (pl.col("n") * pl.col("mean")).sum() / pl.col("n").sum()
    known = summary.filter(pl.col("n") > 0)
    parts = known.group_by(column, maintain_order=True).agg(
        pl.col("n").sum(), mean=middle, m2=(pl.col("m2") + pl.col("n") * (pl.col("mean") - middle) ** 2).sum()
    )
    return {str(level): Moments(n=n, mean=mean, m2=m2) for level, n, mean, m2 in parts.iter_rows()}
