"""Crowds without groups, to hold a clustering against: what k-means finds where there is nothing to find."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.stats.kmeans import cluster
from core.stats.knee import strength

Matrix = NDArray[np.float64]
CROWDS = 19
POSTS = 1500


def imitation_strengths(matrix: Matrix, k: int, seed: int = 0, crowds: int = CROWDS) -> list[float]:
    """How sharply the inertia bends at `k` in normal crowds with the same means, spreads and correlations.

    Each crowd is one multivariate normal cloud of at most 1,500 posts, so it has no groups; it is clustered with
    k - 1, k and k + 1 as the posts are. With 19 crowds, a bend sharper than all of them has a chance of 1 in 20
    where the posts are such a crowd.

    Source: the parametric bootstrap of SigClust (Liu et al. 2008, JASA 103, 1281-1293).
    """
    rng = np.random.default_rng([seed, k])
    covariance = np.atleast_2d(np.cov(matrix, rowvar=False))
    mean = np.zeros(len(covariance))
    size = min(len(matrix), POSTS)
    return [_strength(rng.multivariate_normal(mean, covariance, size=size, method="eigh"), k) for _ in range(crowds)]


def _strength(crowd: Matrix, k: int) -> float:
    total = float(np.square(crowd - crowd.mean(axis=0)).sum())
    inertia = [total if n == 1 else cluster(crowd, n, starts=2).inertia for n in (k - 1, k, k + 1)]
    return strength(*inertia)
