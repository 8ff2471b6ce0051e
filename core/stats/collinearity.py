"""Which metrics another is nearly made of: likes and loves, say, of all reactions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.contract.schema import Column
from postlens.core.stats.scale import on_scale

NEARLY = 0.9


def nearly_made_of(posts: pl.LazyFrame, target: Column, others: Sequence[Column]) -> tuple[str, ...]:
    """The metrics to leave out so that the others tell less than 90 % of the variance of a metric (R squared on ln(1 + x)).

    As long as they tell more, the one that goes most closely with the metric is left out.

    Args:
        posts: those where all are known count.
        target: the metric.
        others: the metrics that might tell it.
    """
    columns = [target, *(c for c in others if c.name != target.name)]
    correlation = _correlations(posts, columns)
    if correlation is None:
        return ()
    left = [i for i in range(1, len(columns)) if np.isfinite(correlation[0, i])]
    out: list[str] = []
    while left and _told(correlation, left) >= NEARLY:
        closest = max(left, key=lambda i: (abs(correlation[0, i]), -i))
        left.remove(closest)
        out.append(columns[closest].name)
    return tuple(out)


def _told(correlation: NDArray[np.float64], left: list[int]) -> float:
    """R squared of the first on some of the others."""
    inner = correlation[np.ix_(left, left)]
    with_target = correlation[0, left]
    return float(with_target @ np.linalg.lstsq(inner, with_target, rcond=None)[0])


def _correlations(posts: pl.LazyFrame, columns: Sequence[Column]) -> NDArray[np.float64] | None:
    values = posts.select(on_scale(c, "log").alias(f"v{i}") for i, c in enumerate(columns))
    known = values.filter(pl.all_horizontal(pl.all().is_not_null()))
    pairs = [(i, j) for i in range(len(columns)) for j in range(i + 1)]
    table = known.select(pl.len().alias("n"), *(pl.cov(f"v{i}", f"v{j}").alias(f"{i},{j}") for i, j in pairs)).collect(
        engine="streaming"
    )
    if table["n"][0] < len(columns) + 2:
        return None
    covariance = np.zeros((len(columns), len(columns)))
    for i, j in pairs:
        covariance[i, j] = covariance[j, i] = table[f"{i},{j}"][0]
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = covariance / np.outer(spread, spread)
    return found if np.isfinite(found[0, 0]) else None
