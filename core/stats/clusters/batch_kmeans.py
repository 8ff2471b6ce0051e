"""k-means over posts that do not fit in memory: steps of all solutions at once, and what each leaves and separates."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]
Batches = Callable[[], Iterable[Matrix]]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one solution leaves and separates, over all posts.

    Attributes:
        inertia: sum of squared distances to the nearest centre.
        size: posts of each group.
        radius: mean squared distance of each group's posts to its centre.
        spread: mean distance of each group's posts to its centre.
        width: mean silhouette width with squared distances.
        between: share of each group's posts that lie nearer to another, by that silhouette.
        davies_bouldin: see there.
    """

    inertia: float
    size: Labels
    radius: Matrix
    spread: Matrix
    width: float
    between: Matrix
    davies_bouldin: float

    @property
    def posts(self) -> int:
        """How many posts there are."""
        return int(self.size.sum())


def refine_centres(batches: Batches, centres: Mapping[int, Matrix], passes: int) -> dict[int, Matrix]:
    """The centres of several solutions after some steps of Lloyd's over all posts, each pass a step of all of them.

    Args:
        batches: called once a pass; gives the posts as matrices (posts, features), any number at a time.
        centres: k to centres, shape (k, features).
        passes: how many steps.
    """
    current = {k: np.array(c, dtype=float) for k, c in centres.items()}
    for _ in range(passes):
        parts = _added(
            partial(_step, current), batches(), {k: np.zeros((len(c), c.shape[1] + 1)) for k, c in current.items()}
        )
        current = {
            k: np.where(parts[k][:, -1:] > 0, parts[k][:, :-1] / np.maximum(parts[k][:, -1:], 1), c)
            for k, c in current.items()
        }
    return current


def _step(current: Mapping[int, Matrix], batch: Matrix) -> dict[int, Matrix]:
    """By k and group: the sum of the batch's posts, and in the last column how many."""
    found: dict[int, Matrix] = {}
    for k, squares in _squares(batch, current, whole=False):
        labels, _ = _nearest(squares)
        sizes = np.bincount(labels, minlength=len(squares))
        found[k] = np.column_stack([_sums(batch, labels, len(squares)), sizes])
    return found


def _added(
    work: Callable[[Matrix], dict[int, Matrix]], batches: Iterable[Matrix], total: dict[int, Matrix]
) -> dict[int, Matrix]:
    """The sum of what `work` makes of each batch, in their order, so that it is the same on any number of cores."""
    at_once = min(4, os.cpu_count() or 1)
    under_way: deque[Future[dict[int, Matrix]]] = deque()

    def take() -> None:
        for k, part in under_way.popleft().result().items():
            total[k] += part

    with ThreadPoolExecutor(at_once) as pool:
        for batch in batches:
            if len(under_way) == at_once:
                take()
            under_way.append(pool.submit(work, batch))
        while under_way:
            take()
    return total


def _nearest(squares: Matrix) -> tuple[Labels, Matrix]:
    """The nearest centre of each post, the earlier one on a tie, and its distance. A row at a time: rows lie together."""
    least = squares[0].copy()
    labels = np.zeros(squares.shape[1], dtype=np.intp)
    for number, row in enumerate(squares[1:], start=1):
        closer = row < least
        labels[closer] = number
        np.minimum(least, row, out=least)
    return labels, least


def _sums(batch: Matrix, labels: Labels, k: int) -> Matrix:
    """The sum of the posts of each group."""
    from scipy.sparse import csc_array

    n = len(batch)
    member = csc_array((np.ones(n, dtype=batch.dtype), labels, np.arange(n + 1)), shape=(k, n))
    found: Matrix = np.asarray(member @ batch)
    return found


def measured(batches: Batches, centres: Mapping[int, Matrix], *, widths: bool = True) -> dict[int, Measured]:
    """What several solutions leave and separate, every post with its nearest centre; two passes over the posts.

    Args:
        batches: called once a pass; gives the posts as matrices (posts, features).
        centres: k to centres, shape (k, features).
        widths: whether silhouettes are wanted; without them `width` and `between` are nan, and one pass is enough.
    """
    own = _added(partial(_own, centres), batches(), {k: np.zeros((3, len(c))) for k, c in centres.items()})
    negative = {k: np.full((2, len(c)), np.nan) for k, c in centres.items()}
    if widths:
        negative = _added(
            partial(_widths, centres, own), batches(), {k: np.zeros((2, len(c))) for k, c in centres.items()}
        )
    found = {}
    for k, (size, squared, distance) in own.items():
        many = np.maximum(size, 1)
        total, below = negative[k]
        found[k] = Measured(
            inertia=float(squared.sum()),
            size=size.astype(np.int64),
            radius=squared / many,
            spread=distance / many,
            width=float(total.sum() / max(size.sum(), 1)),
            between=below / many,
            davies_bouldin=_davies_bouldin(np.asarray(centres[k], dtype=float), distance / many, size),
        )
    return found


def _own(centres: Mapping[int, Matrix], batch: Matrix) -> dict[int, Matrix]:
    """By k, for each group: posts, their squared distances to its centre, and their distances."""
    found: dict[int, Matrix] = {}
    for k, squares in _squares(batch, centres):
        labels, least = _nearest(squares)
        nearest = np.maximum(least, 0).astype(float)
        parts = (None, nearest, np.sqrt(nearest))
        found[k] = np.stack([np.bincount(labels, weights=w, minlength=len(squares)) for w in parts])
    return found


def _widths(centres: Mapping[int, Matrix], own: Mapping[int, Matrix], batch: Matrix) -> dict[int, Matrix]:
    """By k, for each group: the sum of the silhouette widths, and how many are below 0."""
    found: dict[int, Matrix] = {}
    for k, squares in _squares(batch, centres):
        labels, _ = _nearest(squares)
        size, squared, _ = own[k]
        width = _width(squares, labels, size, squared / np.maximum(size, 1))
        below = np.bincount(labels[width < 0], minlength=len(size))
        found[k] = np.stack([np.bincount(labels, weights=width, minlength=len(size)), below])
    return found


def _squares(batch: Matrix, centres: Mapping[int, Matrix], *, whole: bool = True) -> Iterable[tuple[int, Matrix]]:
    """For each k, the squared distances of centres to posts, shape (k, posts): all centres in one product.

    Not `whole`, they lack the post's own squared length, which is the same for all centres.
    """
    stacked = np.vstack([np.asarray(c, dtype=batch.dtype) for c in centres.values()])
    squares = stacked @ batch.T
    squares *= -2
    squares += np.square(stacked).sum(axis=1)[:, None]
    if whole:
        squares += np.einsum("ij,ij->i", batch, batch)
    start = 0
    for k, own in centres.items():
        yield k, squares[start : start + len(own)]
        start += len(own)


def squared_silhouette(matrix: Matrix, labels: Labels) -> NDArray[np.float64]:
    """The silhouette of every post with squared distances, exactly.

    The mean squared distance of a point to a group is its squared distance to the centre plus the group's mean
    squared radius. A post alone in its group has 0.

    Source: Rousseeuw (1987), J. Comput. Appl. Math. 20, 53-65, with squared Euclidean distance.
    """
    k = int(labels.max()) + 1
    size = np.bincount(labels, minlength=k).astype(float)
    centres = np.stack([matrix[labels == c].mean(axis=0) if size[c] else np.zeros(matrix.shape[1]) for c in range(k)])
    own = np.square(matrix - centres[labels]).sum(axis=1)
    radius = np.bincount(labels, weights=own, minlength=k) / np.maximum(size, 1)
    squares = np.square(centres).sum(axis=1)[:, None] - 2 * centres @ matrix.T + np.square(matrix).sum(axis=1)
    return _width(np.maximum(squares, 0), labels, size, radius)


def _width(squares: Matrix, labels: Labels, size: Matrix, radius: Matrix) -> NDArray[np.float64]:
    """Silhouette widths from the squared distances, shape (k, posts)."""
    if (size > 0).sum() < 2:
        return np.zeros(squares.shape[1])
    kind = squares.dtype
    inside = np.empty(squares.shape[1], dtype=kind)
    outside = np.full(squares.shape[1], np.inf, dtype=kind)
    for number, row in enumerate(squares):
        if not size[number]:
            continue
        mine = labels == number
        mean_squared = row + kind.type(radius[number])
        # A post's mean distance to its own group leaves itself out.
        inside[mine] = mean_squared[mine] * kind.type(size[number] / max(size[number] - 1, 1))
        mean_squared[mine] = np.inf
        np.minimum(outside, mean_squared, out=outside)
    width: NDArray[np.float64] = (outside - inside) / np.maximum(np.maximum(outside, inside), 1e-30)
    if (size == 1).any():
        width[size[labels] == 1] = 0
    return width


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
    size: Matrix = np.bincount(labels, minlength=k).astype(float)
    many = np.maximum(size, 1)
    centres: Matrix = np.stack([np.bincount(labels, weights=column, minlength=k) for column in matrix.T], axis=1)
    centres = centres / many[:, None]
    distance = np.sqrt(np.square(matrix - centres[labels]).sum(axis=1))
    return _davies_bouldin(centres, np.bincount(labels, weights=distance, minlength=k) / many, size)


def _davies_bouldin(centres: Matrix, spread: Matrix, size: Matrix) -> float:
    if len(centres) < 2 or (size == 0).any():
        return float("nan")
    apart = np.sqrt(np.square(centres[:, None] - centres[None]).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    return float(((spread[:, None] + spread[None]) / np.maximum(apart, 1e-300)).max(axis=1).mean())


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
