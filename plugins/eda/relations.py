"""How metrics go together: correlations of logarithms, and density maps of every pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from postlens import stats

BINS = 24
_NO_CELL = BINS * BINS  # Stands beyond all cells, in a pair as in a single metric.
_BATCH = 131_072


@dataclass(frozen=True, kw_only=True)
class Relations:
    """What `relate` finds.

    Attributes:
        correlations: Pearson's of ln(1 + x) for every pair, over the posts where both are known: `first`, `second`, `r`
            (null where a metric does not vary), `posts`, and `part`: one of them is counted in the other.
        cells: posts in a grid of 24 by 24 cells for every pair of the maps, on the log scale: `x`, `y`, `i`, `j`, `posts`.
        ranges: of each metric of the maps on the log scale: `metric`, `low`, `high`.
    """

    correlations: pl.DataFrame
    cells: pl.DataFrame
    ranges: pl.DataFrame


class _Sums:
    """Sums of products over posts where both metrics of a pair are known; mergeable, so batches may come in any order."""

    def __init__(self, count: int) -> None:
        self.n = np.zeros((count, count))
        self.x, self.xx, self.xy = self.n.copy(), self.n.copy(), self.n.copy()
        self._shift: np.ndarray | None = None

    def add(self, values: np.ndarray) -> None:
        if np.isfinite(values.sum()):
            self._add_known(values)
        else:
            self._add_some(values)

    def _add_known(self, values: np.ndarray) -> None:
        """Where every post has every metric, a pair's sums are those of its metrics."""
        if self._shift is None:
            self._shift = values.mean(axis=0)
        here = values - self._shift
        products = here.T @ here
        self.n += len(here)
        self.x += here.sum(axis=0)[:, None]
        self.xx += np.diag(products)[:, None]
        self.xy += products

    def _add_some(self, values: np.ndarray) -> None:
        known = np.isfinite(values)
        if self._shift is None:  # Near the means, so that differences of large sums do not eat the digits.
            many = np.maximum(known.sum(axis=0), 1)
            self._shift = np.where(known, values, 0).sum(axis=0) / many
        here = np.where(known, values - self._shift, 0.0)
        mask = known.astype(float)
        self.n += mask.T @ mask
        self.x += here.T @ mask
        self.xx += np.square(here).T @ mask
        self.xy += here.T @ here

    def correlation(self, i: int, j: int) -> float | None:
        n = self.n[i, j]
        if n < 2:
            return None
        spread = [self.xx[a, b] - self.x[a, b] ** 2 / n for a, b in ((i, j), (j, i))]
        if min(spread) <= 1e-12 * n:
            return None
        shared = self.xy[i, j] - self.x[i, j] * self.x[j, i] / n
        return float(np.clip(shared / np.sqrt(spread[0] * spread[1]), -1, 1))


def relate(
    posts: pl.LazyFrame,
    names: Sequence[str],
    mapped: Sequence[str],
    summary: pl.DataFrame,
    parts: Mapping[str, Sequence[str]],
    stop: Callable[[], None] = lambda: None,
) -> Relations:
    """Correlations of `names` and density maps of `mapped`, in one pass over the posts.

    Args:
        posts: in view.
        names: metrics to correlate.
        mapped: metrics to draw against each other.
        summary: `metric`, `min` and `max` of each.
        parts: by metric, those that it is made of.
        stop: raises when nobody wants the answer any more.
    """
    ranges = _ranges(summary, mapped)
    drawn = [n for n in mapped if n in set(ranges["metric"])]
    columns = list(dict.fromkeys([*names, *drawn]))
    sums, grids = _Sums(len(names)), {pair: np.zeros(_NO_CELL + 1) for pair in combinations(drawn, 2)}
    if len(columns) > 1:
        values = posts.select(stats.on_scale(n, "log").alias(n) for n in columns)
        for batch in values.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming"):
            stop()
            sums.add(batch.select(names).to_numpy())
            _count(batch, ranges, grids)
    rows = [
        (a, b, sums.correlation(i, j), int(sums.n[i, j]), _in_the_other(a, b, parts))
        for (i, a), (j, b) in combinations(list(enumerate(names)), 2)
    ]
    return Relations(
        correlations=pl.DataFrame(
            rows,
            schema={"first": pl.String, "second": pl.String, "r": pl.Float64, "posts": pl.Int64, "part": pl.Boolean},
            orient="row",
        ),
        cells=_cells(grids),
        ranges=ranges,
    )


def _in_the_other(a: str, b: str, parts: Mapping[str, Sequence[str]]) -> bool:
    """Whether one of two metrics is counted in the other, so that they must go together."""
    kinds = any(x == "reactions" and y.startswith("react_") for x, y in ((a, b), (b, a)))
    return kinds or a in parts.get(b, ()) or b in parts.get(a, ())


def _ranges(summary: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The range on the log scale; values below 0 have no logarithm and count for nothing."""
    ends = summary.filter(pl.col("metric").is_in(list(names))).select(
        "metric", low=pl.col("min").clip(0).log1p(), high=pl.col("max").clip(0).log1p()
    )
    order = {name: i for i, name in enumerate(names)}
    known = ends.filter(pl.col("high") > pl.col("low"))
    return known.sort(pl.col("metric").replace_strict(order, default=None, return_dtype=pl.Int64))


def _count(batch: pl.DataFrame, ranges: pl.DataFrame, grids: dict[tuple[str, str], np.ndarray]) -> None:
    codes = {}
    for name, low, high in ranges.iter_rows():
        place = (batch[name].to_numpy() - low) * (BINS / (high - low))
        known = np.isfinite(place)
        cell = np.clip(np.where(known, place, 0) if not known.all() else place, 0, BINS - 1).astype(np.int64)
        codes[name] = cell if known.all() else np.where(known, cell, _NO_CELL)
    for x, y in grids:
        cell = np.minimum(codes[x] * BINS + codes[y], _NO_CELL)
        grids[x, y] += np.bincount(cell, minlength=_NO_CELL + 1)


def _cells(grids: dict[tuple[str, str], np.ndarray]) -> pl.DataFrame:
    rows = [
        (x, y, int(cell // BINS), int(cell % BINS), int(grid[cell]))
        for (x, y), grid in grids.items()
        for cell in np.flatnonzero(grid[:_NO_CELL])
    ]
    schema = {"x": pl.String, "y": pl.String, "i": pl.Int64, "j": pl.Int64, "posts": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
