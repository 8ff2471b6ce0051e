"""Metrics that others tell exactly: copies and sums, which imitations must keep, or they would only nearly be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from postlens.core.stats.clusters.margins import Matrix

Told = Callable[[Matrix], Matrix]


def redundant_metrics(scaled: Matrix, *, log: bool, sums: bool) -> dict[int, Told]:
    """Columns that are the copy or the sum of others, with how those tell them.

    Args:
        scaled: metrics on the scale.
        log: the scale is ln(1 + x).
        sums: look for sums, too.
    """
    told: dict[int, Told] = {}
    q = scaled.shape[1]
    for j in range(q):
        source = next((i for i in range(j) if i not in told and _same_order(scaled[:, i], scaled[:, j])), None)
        if source is not None:
            told[j] = _mapped(source, scaled[:, source], scaled[:, j])
    if sums:
        counted = np.expm1(scaled) if log else scaled
        for j in range(q):
            parts = _parts(counted, j, [i for i in range(q) if i != j and i not in told]) if j not in told else []
            if parts:
                told[j] = _summed(parts, log=log)
    return told


def _same_order(one: Matrix, other: Matrix) -> bool:
    """Whether each value of one stands for one value of the other, in the same order."""
    order = np.lexsort((other, one))
    steps, moves = np.diff(one[order]), np.diff(other[order])
    return bool((moves >= -1e-12).all() and ((steps > 1e-12) == (moves > 1e-12)).all())


def _mapped(source: int, one: Matrix, other: Matrix) -> Told:
    at, first = np.unique(one, return_index=True)
    values = other[first]
    return lambda made: np.interp(made[:, source], at, values)


def _parts(counted: Matrix, j: int, others: list[int]) -> list[int]:
    """The columns whose sum a column is, for at least 99.9 % of the posts; none if it is no sum of two or more."""
    if len(others) < 2:
        return []
    weights = np.linalg.lstsq(counted[:, others], counted[:, j], rcond=None)[0]
    parts = [i for i, w in zip(others, weights, strict=True) if abs(w - 1) < 0.05]
    if len(parts) < 2:
        return []
    exact = np.abs(counted[:, parts].sum(axis=1) - counted[:, j]) < 1e-6 * np.maximum(counted[:, j], 1)
    return parts if exact.mean() >= 0.999 else []


def _summed(parts: list[int], *, log: bool) -> Told:
    if log:
        return lambda made: np.log1p(np.expm1(made[:, parts]).sum(axis=1))
    return lambda made: made[:, parts].sum(axis=1)
