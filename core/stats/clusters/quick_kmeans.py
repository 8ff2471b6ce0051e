"""k-means, quick and rough, the same for posts and for their imitations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats.clusters.margins import Matrix

CANDIDATES = 6


def fit(features: Matrix, k: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], float]:
    """Labels and inertia of one fit from a greedy k-means++ start."""
    centres = features[rng.integers(len(features))][None]
    nearest = np.square(features - centres[0]).sum(axis=1)
    squares = np.square(features).sum(axis=1)
    while len(centres) < k:
        centre, nearest = one_more(features, squares, nearest, rng)
        centres = np.vstack([centres, centre])
    return lloyd(features, centres, 100)


def quick_curve(features: Matrix, most: int, rng: np.random.Generator) -> Matrix:
    """Inertia for k = 1 to `most` as a share of that of one group; each solution grown from the one before."""
    squares = np.square(features).sum(axis=1)
    centres = features.mean(axis=0)[None]
    nearest = np.square(features - centres[0]).sum(axis=1)
    total = float(nearest.sum())
    left = [1.0]
    for _ in range(2, most + 1):
        centre, _ = one_more(features, squares, nearest, rng)
        labels, inertia = lloyd(features, np.vstack([centres, centre]), 8)
        centres = means(features, labels, len(centres) + 1)
        nearest = np.square(features - centres[labels]).sum(axis=1)
        left.append(max(min(inertia / total if total > 0 else 0.0, left[-1]), 1e-12))
    return np.array(left)


def one_more(features: Matrix, squares: Matrix, nearest: Matrix, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    """Of a few posts far from their centres, the one that helps most as a new centre (greedy k-means++)."""
    total = float(nearest.sum())
    weights = np.cumsum(nearest) / total if total > 0 else np.linspace(0, 1, len(nearest))
    rows = np.minimum(np.searchsorted(weights, rng.random(CANDIDATES)), len(features) - 1)
    distance = squares[:, None] - 2 * features @ features[rows].T + squares[rows][None]
    left = np.minimum(np.maximum(distance, 0), nearest[:, None])
    best = int(left.sum(axis=0).argmin())
    return features[rows[best]], left[:, best]


def lloyd(features: Matrix, centres: Matrix, steps: int) -> tuple[NDArray[np.int64], float]:
    """Labels and inertia after at most so many steps from these centres."""
    labels = np.full(len(features), -1, dtype=np.int64)
    for moved in _steps(features, centres, labels, steps):
        labels = moved
    own = means(features, labels, len(centres))[labels]
    return labels, float(np.square(features - own).sum())


def _steps(features: Matrix, centres: Matrix, labels: NDArray[np.int64], steps: int) -> Iterator[NDArray[np.int64]]:
    for _ in range(steps):
        # The squared length of the post itself is the same for every centre.
        found = (np.square(centres).sum(axis=1)[None] - 2 * features @ centres.T).argmin(axis=1)
        yield found
        if np.array_equal(found, labels):
            return
        labels = found
        centres = means(features, labels, len(centres), centres)


def means(features: Matrix, labels: NDArray[np.int64], k: int, before: Matrix | None = None) -> Matrix:
    """The mean of each group; of an empty one the centre before, or 0."""
    size = np.bincount(labels, minlength=k)
    sums = np.zeros((k, features.shape[1]))
    for j in range(features.shape[1]):
        sums[:, j] = np.bincount(labels, weights=features[:, j], minlength=k)
    means: Matrix = sums / np.maximum(size, 1)[:, None]
    if before is not None:
        means[size == 0] = before[size == 0]
    return means
