"""Maps of metric pairs: where the posts of each group lie, in at most 2,000 points or 28 by 28 cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from postlens import Schema, stats

PAIRS = (("reactions", "comments"), ("shares", "react_like"), ("react_haha", "react_sad"), ("react_love", "react_wow"))
BINS = 28
FEW = 2000
_MAP = {
    "plot": pl.Int64,
    "x": pl.Float64,
    "y": pl.Float64,
    "group": pl.String,
    "posts": pl.Int64,
    "share": pl.Float64,
}


@dataclass(frozen=True, kw_only=True)
class Span:
    """A pair of metrics, how many posts have both, and the least and largest value of each on the scale."""

    x: str
    y: str
    posts: int
    x_ends: tuple[float, float]
    y_ends: tuple[float, float]


def pairs(schema: Schema, x: str, y: str) -> list[tuple[str, str]]:
    """The four founding pairs, as far as the data has them, and the analyst's own; the first two counts otherwise."""
    found = [(a, b) for a, b in PAIRS if a in schema and b in schema]
    if not found and len(schema.counts) > 1:
        found = [(schema.counts[0].name, schema.counts[1].name)]
    if x and y and x != y:
        found.insert(0, (x, y))
    return found


def spans(complete: pl.LazyFrame, plots: Sequence[tuple[str, str]], scale: stats.Scale) -> list[Span]:
    """What must be known of each pair before its cells can be counted, in one pass."""
    facts = []
    for i, (x, y) in enumerate(plots):
        both = pl.col(x).is_not_null() & pl.col(y).is_not_null()
        if scale == "log":
            both &= (pl.col(x) >= 0) & (pl.col(y) >= 0)
        facts.append(both.sum().alias(f"{i}n"))
        for name, metric in (("x", x), ("y", y)):
            ends = {"0": pl.col(metric).filter(both).min(), "1": pl.col(metric).filter(both).max()}
            facts += [_scaled(end, scale).alias(f"{i}{name}{side}") for side, end in ends.items()]
    row = complete.select(facts).collect(engine="streaming").row(0, named=True) if facts else {}
    return [
        Span(
            x=x,
            y=y,
            posts=row[f"{i}n"],
            x_ends=(row[f"{i}x0"] or 0.0, row[f"{i}x1"] or 0.0),
            y_ends=(row[f"{i}y0"] or 0.0, row[f"{i}y1"] or 0.0),
        )
        for i, (x, y) in enumerate(plots)
    ]


def _scaled(end: pl.Expr, scale: stats.Scale) -> pl.Expr:
    """An end of a range on the scale, which keeps the order of values, so that not every value needs a logarithm."""
    return end.cast(pl.Float64).log1p() if scale == "log" else end.cast(pl.Float64)


def cells(labelled: pl.LazyFrame, group: str, span: Span, scale: stats.Scale) -> pl.LazyFrame:
    """`x`, `y`, `group`, `posts`: the cells of a grid by their middles; for few posts, the posts themselves."""
    values = {"x": (stats.on_scale(span.x, scale), span.x_ends), "y": (stats.on_scale(span.y, scale), span.y_ends)}
    points = labelled.select(**{n: v for n, (v, _) in values.items()}, group=group).drop_nulls()
    places = [pl.col(n) if span.posts <= FEW else _middle(n, *ends) for n, (_, ends) in values.items()]
    return points.group_by(*places, "group").agg(posts=pl.len().cast(pl.Int64))


def _middle(name: str, low: float, high: float) -> pl.Expr:
    width = (high - low) / BINS or 1.0
    return (low + (((pl.col(name) - low) / width).floor().clip(0, BINS - 1) + 0.5) * width).alias(name)


def main_groups(counted: pl.DataFrame, number: int) -> pl.DataFrame:
    """Each cell with all its posts, its main group and that group's share; `plot` is `number`."""
    share = pl.col("posts") / pl.col("posts").sum().over("x", "y")
    total = pl.col("posts").sum().over("x", "y")
    return (
        counted.with_columns(share=share, total=total)
        .sort(["x", "y", "posts", "group"], descending=[False, False, True, False])
        .unique(["x", "y"], keep="first", maintain_order=True)
        .select(pl.lit(number, dtype=pl.Int64).alias("plot"), "x", "y", "group", posts="total", share="share")
    )


def none() -> pl.DataFrame:
    """The table without a map."""
    return pl.DataFrame(schema=_MAP)


def listed(plots: Sequence[tuple[str, str]], drawn: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """`plot`, `x_metric`, `y_metric`, `posts`."""
    return pl.DataFrame(
        [(i, x, y, int(m["posts"].sum())) for i, ((x, y), m) in enumerate(zip(plots, drawn, strict=True))],
        schema={"plot": pl.Int64, "x_metric": pl.String, "y_metric": pl.String, "posts": pl.Int64},
        orient="row",
    )
