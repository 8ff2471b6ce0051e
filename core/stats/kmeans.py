"""k-means that gives the same groups for the same posts, in whatever order they come."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.problems import CannotCompute

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

SEARCH = 20_000
_CANDIDATES = 12
_ROUNDS = 2
_POLISH = 10  # Steps on all posts after the search; more change the inertia by less than 1e-4.


@dataclass(frozen=True, kw_only=True)
class Clustering:
    """A solution for one k.

    Attributes:
        centres: shape (k, features), in their stable order.
        labels: for each row of the matrix, 0 to k - 1.
        inertia: sum of squared distances to the own centre.
        seconds: how long it took.
    """

    centres: Matrix
    labels: Labels
    inertia: float
    seconds: float = 0.0

    @property
    def k(self) -> int:
        """How many groups."""
        return len(self.centres)

    def in_order(self, order: Sequence[int]) -> Clustering:
        """The same groups, the one at `order[0]` first."""
        rank = np.argsort(np.asarray(order))
        return replace(self, centres=self.centres[list(order)], labels=rank[self.labels].astype(np.int64))


def check_k(matrix: Matrix, k: int) -> None:
    """Refuse more groups than there are different posts.

    Raises:
        CannotCompute: with how many there are.
    """
    distinct = count_distinct(matrix, k)
    if distinct < k:
        raise CannotCompute(
            f"{k} groups need at least {k} different posts; there are {distinct}.",
            "Choose fewer groups or widen the filters.",
        )


def count_distinct(matrix: Matrix, enough: int) -> int:
    """How many different rows there are; stops counting once there are enough."""
    for size in (50 * enough, len(matrix)):
        found = len(np.unique(matrix[:: max(1, len(matrix) // size)], axis=0))
        if found >= enough or size >= len(matrix):
            return found
    return found


def cluster(matrix: Matrix, k: int, seed: int = 0, starts: int = 10) -> Clustering:
    """The best of several k-means fits, searched on at most 20,000 posts and finished on all.

    Args:
        matrix: shape (posts, features); sort the rows first, and the result is that of the set of posts.
        k: number of groups.
        seed: of the starts.
        starts: how many times to start.

    Returns:
        Groups in stable order: by the mean of the centre over all features, highest first.
    """
    check_k(matrix, k)
    began = time.perf_counter()
    sample = _sample(matrix, seed)
    best = _kmeans(sample, k, n_init=starts, seed=seed)
    if len(sample) < len(matrix):
        best = _kmeans(matrix, k, init=best.cluster_centers_)
    centres = np.asarray(best.cluster_centers_, dtype=float)
    order = stable_order(centres)
    rank = np.argsort(order)
    return Clustering(
        centres=centres[order],
        labels=rank[best.labels_].astype(np.int64),
        inertia=float(best.inertia_),
        seconds=time.perf_counter() - began,
    )


def stable_order(centres: Matrix) -> NDArray[np.int64]:
    """Centres by their mean over all features, highest first; equal ones by their coordinates."""
    keys = np.round(centres, 9)
    return np.lexsort((*(-keys[:, j] for j in reversed(range(keys.shape[1]))), -keys.mean(axis=1)))


def _sample(matrix: Matrix, seed: int) -> Matrix:
    if len(matrix) <= SEARCH:
        return matrix
    rows = np.sort(np.random.default_rng(seed).choice(len(matrix), SEARCH, replace=False))
    return matrix[rows]


def _kmeans(
    matrix: Matrix, k: int, *, init: object = "k-means++", n_init: int = 1, seed: int = 0, steps: int = 300
) -> Any:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # Fewer different posts than k was checked before.
        return KMeans(k, init=init, n_init=n_init, random_state=seed, max_iter=steps).fit(matrix)


def curve(
    matrix: Matrix,
    most: int,
    seed: int = 0,
    progress: Callable[[float, str], None] = lambda _done, _label: None,
    stop: Callable[[], None] = lambda: None,
) -> dict[int, Clustering]:
    """A good solution for every k from 1 to `most`, each made from its neighbours.

    Forward, a centre is added where posts are far from theirs (greedy k-means++); backward, the pair of centres
    is merged that costs least (Ward). The best solution of each k is kept and finished on all posts, so the
    inertia falls with every k. `make bench` says how long it takes against ten random starts for each k.
    """
    check_k(matrix, most)
    sample = _sample(matrix, seed)
    rng = np.random.default_rng(seed)
    best: dict[int, Clustering] = {1: _single(sample)}
    total = 2 * (most - 1) * _ROUNDS
    done = 0
    for _ in range(_ROUNDS):
        changed = False
        for k in (*range(2, most + 1), *range(most - 1, 1, -1)):
            stop()
            forward = k - 1 in best and (k not in best or done % (2 * (most - 1)) < most - 1)
            starts = _with_one_more(sample, best[k - 1], rng) if forward else _with_one_less(best[k + 1])
            changed |= _offer(sample, k, starts, best)
            done += 1
            progress(min(0.8, 0.8 * done / total), f"Fitting k = {k}")
        if not changed:
            break
    return _finish(matrix, sample, best, progress, stop)


def _single(matrix: Matrix) -> Clustering:
    centre = matrix.mean(axis=0, keepdims=True)
    return Clustering(
        centres=centre, labels=np.zeros(len(matrix), dtype=np.int64), inertia=float(np.square(matrix - centre).sum())
    )


def _with_one_more(matrix: Matrix, current: Clustering, rng: np.random.Generator) -> list[Matrix]:
    nearest = np.square(matrix - current.centres[current.labels]).sum(axis=1)
    if nearest.sum() <= 0:
        return [np.vstack([current.centres, matrix[:1]])]
    rows = rng.choice(len(matrix), min(_CANDIDATES, int((nearest > 0).sum())), replace=False, p=nearest / nearest.sum())
    squares = np.square(matrix).sum(axis=1)
    distance = squares[:, None] - 2 * matrix @ matrix[rows].T + squares[rows][None]
    left = np.minimum(np.maximum(distance, 0), nearest[:, None]).sum(axis=0)
    return [np.vstack([current.centres, matrix[rows[i]]]) for i in np.argsort(left)[:3]]


def _with_one_less(current: Clustering) -> list[Matrix]:
    size = np.bincount(current.labels, minlength=current.k).astype(float)
    a, b = np.triu_indices(current.k, 1)
    cost = (
        size[a]
        * size[b]
        / np.maximum(size[a] + size[b], 1)
        * np.square(current.centres[a] - current.centres[b]).sum(axis=1)
    )
    starts = []
    for i in np.argsort(cost)[:3]:
        weight = max(size[a[i]] + size[b[i]], 1)
        joined = (current.centres[a[i]] * size[a[i]] + current.centres[b[i]] * size[b[i]]) / weight
        starts.append(np.vstack([np.delete(current.centres, [a[i], b[i]], axis=0), joined]))
    return starts


def _offer(matrix: Matrix, k: int, starts: list[Matrix], best: dict[int, Clustering]) -> bool:
    """Finish the most promising start; keep it if it beats what is known for this k."""
    began = time.perf_counter()
    tried = [_kmeans(matrix, k, init=start, steps=4) for start in starts]
    promising = min(tried, key=lambda fit: float(fit.inertia_))
    fit = _kmeans(matrix, k, init=promising.cluster_centers_)
    spent = time.perf_counter() - began
    known = best.get(k)
    better = known is None or float(fit.inertia_) < known.inertia * (1 - 1e-7)
    seconds = spent + (known.seconds if known else 0.0)
    if better:
        best[k] = Clustering(
            centres=fit.cluster_centers_,
            labels=fit.labels_.astype(np.int64),
            inertia=float(fit.inertia_),
            seconds=seconds,
        )
    elif known is not None:
        best[k] = Clustering(centres=known.centres, labels=known.labels, inertia=known.inertia, seconds=seconds)
    return better


def _finish(
    matrix: Matrix,
    sample: Matrix,
    best: dict[int, Clustering],
    progress: Callable[[float, str], None],
    stop: Callable[[], None],
) -> dict[int, Clustering]:
    if len(sample) == len(matrix):
        return dict(sorted(best.items()))
    finished = {1: _single(matrix)}
    for k in sorted(best)[1:]:
        stop()
        progress(0.8 + 0.2 * k / max(best), f"Finishing k = {k} on all posts")
        began = time.perf_counter()
        fit = _kmeans(matrix, k, init=best[k].centres, steps=_POLISH)
        seconds = best[k].seconds + time.perf_counter() - began
        finished[k] = Clustering(
            centres=fit.cluster_centers_,
            labels=fit.labels_.astype(np.int64),
            inertia=float(fit.inertia_),
            seconds=seconds,
        )
    return finished


def squared_silhouette(matrix: Matrix, labels: Labels) -> NDArray[np.float64]:
    """The silhouette of every post with squared distances, exactly, in one pass over the posts.

    The mean squared distance of a point to a group is its squared distance to the centre plus the group's mean
    squared radius. A post alone in its group has 0.

    Source: Rousseeuw (1987), J. Comput. Appl. Math. 20, 53-65, with squared Euclidean distance.
    """
    k = int(labels.max()) + 1
    size = np.bincount(labels, minlength=k).astype(float)
    centres = np.stack([matrix[labels == c].mean(axis=0) if size[c] else np.zeros(matrix.shape[1]) for c in range(k)])
    own = np.square(matrix - centres[labels]).sum(axis=1)
    radius = np.bincount(labels, weights=own, minlength=k) / np.maximum(size, 1)
    squares = np.square(matrix).sum(axis=1)[:, None] - 2 * matrix @ centres.T + np.square(centres).sum(axis=1)[None]
    mean_squared = np.maximum(squares, 0) + radius[None]
    mean_squared[:, size == 0] = np.inf
    rows = np.arange(len(matrix))
    inside = mean_squared[rows, labels] * size[labels] / np.maximum(size[labels] - 1, 1)
    mean_squared[rows, labels] = np.inf
    outside = mean_squared.min(axis=1)
    width = (outside - inside) / np.maximum(np.maximum(outside, inside), 1e-300)
    return np.where(size[labels] > 1, width, 0.0)


def calinski_harabasz(total: float, inertia: float, posts: int, k: int) -> float:
    """Variation between groups over variation inside, each by its degrees of freedom; higher separates better.

    Source: Calinski and Harabasz (1974), Commun. Stat. 3, 1-27.
    """
    if k < 2 or posts <= k or inertia <= 0:
        return float("nan")
    return ((total - inertia) / (k - 1)) / (inertia / (posts - k))


def davies_bouldin(matrix: Matrix, labels: Labels) -> float:
    """How wide groups are against how far apart, for each group its worst neighbour; lower separates better.

    Source: Davies and Bouldin (1979), IEEE Trans. Pattern Anal. 1, 224-227.
    """
    k = int(labels.max()) + 1
    size = np.bincount(labels, minlength=k)
    if k < 2 or (size == 0).any():
        return float("nan")
    centres = (
        np.stack([np.bincount(labels, weights=column, minlength=k) for column in matrix.T], axis=1) / size[:, None]
    )
    width = np.bincount(labels, weights=np.sqrt(np.square(matrix - centres[labels]).sum(axis=1)), minlength=k) / size
    apart = np.sqrt(np.square(centres[:, None] - centres[None]).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    return float(((width[:, None] + width[None]) / np.maximum(apart, 1e-300)).max(axis=1).mean())


def sampled_silhouette(matrix: Matrix, labels: Labels, seed: int = 0, most: int = 3000) -> float:
    """The mean silhouette width with plain distances, on a sample that keeps every group's share."""
    from sklearn.metrics import silhouette_score

    if len(matrix) > most:
        rng = np.random.default_rng(seed)
        groups = [np.flatnonzero(labels == c) for c in np.unique(labels)]
        rows = np.concatenate(
            [
                rng.choice(g, max(2, round(most * len(g) / len(matrix))), replace=False) if len(g) > 2 else g
                for g in groups
            ]
        )
        matrix, labels = matrix[rows], labels[rows]
    if len(np.unique(labels)) < 2 or len(np.unique(labels)) >= len(labels):
        return float("nan")
    return float(silhouette_score(matrix, labels))
