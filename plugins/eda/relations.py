"""How metrics go together: correlations of logarithms, and density maps of every pair."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import polars as pl

from postlens import stats

BINS = 24
_NO_CELL = 255


def correlations(posts: pl.LazyFrame, names: Sequence[str]) -> pl.DataFrame:
    """Pearson's correlation of ln(1 + x) for every pair, over the posts where both are known.

    Returns:
        `first`, `second`, `r` (null where a metric does not vary), `posts`.
    """
    pairs = list(combinations(names, 2))
    value = {name: stats.on_scale(name, "log") for name in names}
    facts = posts.select(
        *(pl.corr(value[a], value[b]).alias(f"{a}|{b}|r") for a, b in pairs),
        *((value[a] + value[b]).count().alias(f"{a}|{b}|n") for a, b in pairs),
    )
    row = facts.collect(engine="streaming").row(0, named=True) if pairs else {}
    return pl.DataFrame(
        [(a, b, row[f"{a}|{b}|r"], row[f"{a}|{b}|n"]) for a, b in pairs],
        schema={"first": pl.String, "second": pl.String, "r": pl.Float64, "posts": pl.Int64},
        orient="row",
    ).with_columns(pl.col("r").fill_nan(None))


def density_cells(posts: pl.LazyFrame, names: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Posts in a grid of 24 by 24 cells for every pair of metrics, on the log scale.

    Returns:
        The cells (`x`, `y`, `i`, `j`, `posts`), and the range of each metric (`metric`, `low`, `high`).
    """
    ranges = _ranges(posts, names)
    usable = [name for name in names if name in set(ranges["metric"])]
    cells: list[pl.DataFrame] = []
    if len(usable) > 1:
        binned = posts.select(_cell(name, ranges) for name in usable).collect(engine="streaming")
        codes = {name: binned[name].to_numpy() for name in usable}
        cells = [_count_cells(codes[x], codes[y], x, y) for x, y in combinations(usable, 2)]
    schema = {"x": pl.String, "y": pl.String, "i": pl.Int64, "j": pl.Int64, "posts": pl.Int64}
    return (pl.concat(cells) if cells else pl.DataFrame(schema=schema)), ranges


def _ranges(posts: pl.LazyFrame, names: Sequence[str]) -> pl.DataFrame:
    if not names:
        return pl.DataFrame(schema={"metric": pl.String, "low": pl.Float64, "high": pl.Float64})
    row = (
        posts.select(
            *(stats.on_scale(n, "log").min().alias(f"{n}|low") for n in names),
            *(stats.on_scale(n, "log").max().alias(f"{n}|high") for n in names),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    table = pl.DataFrame(
        [(n, row[f"{n}|low"], row[f"{n}|high"]) for n in names],
        schema={"metric": pl.String, "low": pl.Float64, "high": pl.Float64},
        orient="row",
    )
    return table.filter(pl.col("high") > pl.col("low"))


def _cell(name: str, ranges: pl.DataFrame) -> pl.Expr:
    found = ranges.filter(pl.col("metric") == name)
    low, high = float(found["low"][0]), float(found["high"][0])
    position = ((stats.on_scale(name, "log") - low) / (high - low) * BINS).floor().clip(0, BINS - 1)
    return position.cast(pl.UInt8).fill_null(_NO_CELL).alias(name)


def _count_cells(x: np.ndarray, y: np.ndarray, x_name: str, y_name: str) -> pl.DataFrame:
    both = (x != _NO_CELL) & (y != _NO_CELL)
    counts = np.bincount(x[both].astype(np.int64) * BINS + y[both], minlength=BINS * BINS)
    full = np.flatnonzero(counts)
    return pl.DataFrame(
        {
            "x": [x_name] * len(full),
            "y": [y_name] * len(full),
            "i": (full // BINS).astype(np.int64),
            "j": (full % BINS).astype(np.int64),
            "posts": counts[full].astype(np.int64),
        },
        schema={"x": pl.String, "y": pl.String, "i": pl.Int64, "j": pl.Int64, "posts": pl.Int64},
    )
