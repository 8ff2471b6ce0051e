"""k-means that gives the same groups for the same posts, in whatever order they come."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postlens.core.contract.problems import CannotCompute

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

PASSES = 2  # Steps over all posts after that.
_FEW, _RESTARTS = 1000, 10
_SWEEPS, _SWEEPS_OF_SAMPLE = 4, 5  # Up and down the ks by turns.
_CANDIDATES, _ADDED, _MERGED, _STEPS = 16, 5, 2, 2


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
    """The best of several k-means fits.

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
    best = _kmeans(matrix, k, n_init=starts, seed=seed)
    found = Clustering(
        centres=np.asarray(best.cluster_centers_, dtype=float),
        labels=best.labels_.astype(np.int64),
        inertia=float(best.inertia_),
        seconds=time.perf_counter() - began,
    )
    return found.in_order(stable_order(found.centres).tolist())


def stable_order(centres: Matrix) -> NDArray[np.int64]:
    """Centres by their mean over all features, highest first; equal ones by their coordinates."""
    keys = np.round(centres, 9)
    return np.lexsort((*(-keys[:, j] for j in reversed(range(keys.shape[1]))), -keys.mean(axis=1)))


def _kmeans(
    matrix: Matrix,
    k: int,
    *,
    init: object = "k-means++",
    n_init: int = 1,
    seed: int = 0,
    steps: int = 300,
    tolerance: float = 1e-4,
) -> Any:
    from sklearn import config_context
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    # The matrix is ours and finite; its checks take longer than a few steps on some thousand posts.
    with warnings.catch_warnings(), config_context(assume_finite=True, skip_parameter_validation=True):
        warnings.simplefilter("ignore", ConvergenceWarning)  # Fewer different posts than k was checked before.
        return KMeans(k, init=init, n_init=n_init, random_state=seed, max_iter=steps, tol=tolerance).fit(matrix)


def curve(
    matrix: Matrix,
    most: int,
    seed: int = 0,
    progress: Callable[[float, str], None] = lambda _done, _label: None,
    stop: Callable[[], None] = lambda: None,
    *,
    sample: bool = False,
) -> dict[int, Clustering]:
    """A good solution for every k from 1 to `most`, each made from its neighbours.

    Forward, a centre is added where posts are far from theirs (greedy k-means++); backward, the pair of centres
    is merged that costs least (Ward); then both again. The best solution of each k is kept, so the inertia falls with every k.
    Among few posts, where restarts cost nothing, ten of them are tried first. `make bench` says what this saves against ten random starts for each k.

    Args:
        matrix: shape (posts, features). At most 20,000 rows are worth the time; `refine_centres` and `measured` do the rest.
        most: largest k.
        seed: of the candidates for centres.
        progress: told the share done and the step.
        stop: raises when nobody wants the answer any more.
        sample: the rows stand for many more, over which `refine_centres` will go on: one more sweep, and no last digits.
    """
    check_k(matrix, most)
    light: Any = np.ascontiguousarray(matrix, dtype=np.float32)
    rng = np.random.default_rng(seed)
    best: dict[int, Clustering] = {1: _single(light)}
    if len(matrix) <= _FEW:
        best |= {k: _restarted(light, k, seed) for k in range(2, most + 1)}
    merged: dict[int, Matrix] = {}  # What each k was made of by merging; the same again would give the same.
    sweeps = _SWEEPS_OF_SAMPLE if sample else _SWEEPS
    steps = [k for sweep in range(sweeps) for k in (range(-most + 1, -1) if sweep % 2 else range(2, most + 1))]
    for done, step in enumerate(steps):
        stop()
        k = abs(step)
        if step > 0:
            _offer(light, k, _with_one_more(light, best[k - 1], rng), best)
        elif merged.get(k) is not best[k + 1].centres:
            merged[k] = best[k + 1].centres
            _offer(light, k, _with_one_less(best[k + 1]), best)
        progress(0.9 * done / len(steps), f"Fitting k = {k}")
    return {k: fit if sample else _finished(matrix, fit) for k, fit in sorted(best.items())}


def _restarted(matrix: Matrix, k: int, seed: int) -> Clustering:
    began = time.perf_counter()
    fit = _kmeans(matrix, k, n_init=_RESTARTS, seed=seed)
    return Clustering(
        centres=fit.cluster_centers_,
        labels=fit.labels_.astype(np.int64),
        inertia=float(fit.inertia_),
        seconds=time.perf_counter() - began,
    )


def _single(matrix: Matrix) -> Clustering:
    centre = matrix.mean(axis=0, keepdims=True)
    return Clustering(
        centres=centre, labels=np.zeros(len(matrix), dtype=np.int64), inertia=float(np.square(matrix - centre).sum())
    )


def _with_one_more(matrix: Matrix, current: Clustering, rng: np.random.Generator) -> list[Matrix]:
    nearest = np.square(matrix - current.centres[current.labels]).sum(axis=1)
    if nearest.sum() <= 0:
        return [np.vstack([current.centres, matrix[:1]])]
    rows = rng.choice(
        len(matrix),
        min(_CANDIDATES, int((nearest > 0).sum())),
        replace=False,
        p=nearest.astype(float) / nearest.sum(dtype=float),
    )
    squares = np.square(matrix).sum(axis=1)
    distance = squares[:, None] - 2 * matrix @ matrix[rows].T + squares[rows][None]
    left = np.minimum(np.maximum(distance, 0), nearest[:, None]).sum(axis=0)
    return [np.vstack([current.centres, matrix[rows[i]]]) for i in np.argsort(left)[:_ADDED]]


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
    for i in np.argsort(cost)[:_MERGED]:
        weight = max(size[a[i]] + size[b[i]], 1)
        joined = (current.centres[a[i]] * size[a[i]] + current.centres[b[i]] * size[b[i]]) / weight
        starts.append(np.vstack([np.delete(current.centres, [a[i], b[i]], axis=0), joined]))
    return starts


def _offer(matrix: Matrix, k: int, starts: list[Matrix], best: dict[int, Clustering]) -> None:
    """Finish the most promising start; keep it if it beats what is known for this k."""
    began = time.perf_counter()
    tried = [_kmeans(matrix, k, init=start, steps=_STEPS, tolerance=0) for start in starts]
    promising = min(tried, key=lambda fit: float(fit.inertia_))
    fit = _kmeans(matrix, k, init=promising.cluster_centers_)
    known = best.get(k)
    seconds = time.perf_counter() - began + (known.seconds if known else 0.0)
    if known is not None and float(fit.inertia_) >= known.inertia:
        best[k] = replace(known, seconds=seconds)
    else:
        best[k] = Clustering(
            centres=fit.cluster_centers_,
            labels=fit.labels_.astype(np.int64),
            inertia=float(fit.inertia_),
            seconds=seconds,
        )


def _finished(matrix: Matrix, found: Clustering) -> Clustering:
    """The last digits: until no post changes its group, in double precision."""
    if found.k == 1:
        return replace(_single(matrix), seconds=found.seconds)
    began = time.perf_counter()
    fit = _kmeans(matrix, found.k, init=found.centres.astype(float), tolerance=0)
    return Clustering(
        centres=fit.cluster_centers_,
        labels=fit.labels_.astype(np.int64),
        inertia=float(fit.inertia_),
        seconds=found.seconds + time.perf_counter() - began,
    )
