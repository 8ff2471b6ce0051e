"""How many groups the posts bear: as many crowds as it takes to leave nothing more to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats.clusters import quick_kmeans as quick
from postlens.core.stats.clusters.cluster_test import POSTS, NullCurve, Progress, quiet, ranked
from postlens.core.stats.clusters.margins import FAMILIES, Family, Matrix
from postlens.core.stats.clusters.null_model import Imitation, Sampled, standardise

STABLE, SMALLEST_SHARE, SMALLEST_POSTS = 0.8, 0.02, 50
STEP_DRAWS, AHEAD, TRIES = 19, 3, 4


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How many groups the posts bear.

    Attributes:
        k: the number; 0 where the posts look like one crowd, so that any k is a convenience cut.
        tested: for each k that was tried, the chance that k groups leave as little to explain to k + 1, k + 2 or k + 3 groups.
        stability: adjusted Rand index of two halves of the posts, by k, for those that were looked at.
    """

    k: int
    tested: dict[int, float]
    stability: dict[int, float]

    @property
    def more(self) -> bool:
        """Whether further groups are there: too small, not found again, or beyond the largest k."""
        return self.k > 0 and self.tested.get(self.k, 0.0) <= 0.05


def choose(
    sample: Sampled,
    curve: NullCurve,
    *,
    seed: int = 0,
    progress: Progress = quiet,
    stop: Callable[[], None] = lambda: None,
) -> Choice:
    """The smallest k after which more groups find no more than they would in k crowds.

    One group is refused by the curve (its p at most 0.05). Then k = 2, 3, ... each imitate the posts by k crowds, one for each
    group as found, with its averages, spreads and correlations, normal or skewed. Where up to three further groups leave
    less than in 19 imitations of each kind, k is too few. A k whose groups are not found again in both halves of the posts,
    or whose smallest is tiny, is passed over for the next smaller one.

    Source: the sequential use of SigClust by Kimes et al. (2017), Biometrics 73, 811-821, with k-means.
    """
    if curve.p > 0.05:
        return Choice(k=0, tested={1: curve.p}, stability={})
    sample = sample.at_most(POSTS, seed)
    features = np.hstack([standardise(sample.scaled), sample.extra])
    tested = {1: curve.p}
    most = len(curve.observed)
    k = 2
    while k < most:
        stop()
        progress((k - 2) / max(most - 2, 1))
        tested[k] = _enough(features, k, seed, stop)
        if tested[k] > 0.05:
            break
        k += 1
    stability: dict[int, float] = {}
    for tried in range(k, 1, -1):
        stability[tried] = split_half(features, tried, seed)
        if stability[tried] >= STABLE and _smallest(features, tried, seed):
            return Choice(k=tried, tested=tested, stability=stability)
    return Choice(k=0, tested=tested, stability=stability)


def _enough(features: Matrix, k: int, seed: int, stop: Callable[[], None]) -> float:
    """The chance that k crowds leave so little to a few more groups; the larger of two kinds of crowd."""
    labels, _ = _best_fit(features, k, np.random.default_rng([seed, 5, k]))
    centres = quick.means(features, labels, k)
    crowds = [np.flatnonzero(labels == c) for c in range(k)]
    seen = _beyond(features, centres, np.random.default_rng([seed, 6, k]))
    found = []
    for number, family in enumerate(FAMILIES):
        imitations = [_plain_imitation(features[rows], family, seed) for rows in crowds]
        rng = np.random.default_rng([seed, 7, k, number])
        curves = [seen]
        for _ in range(STEP_DRAWS):
            stop()
            drawn = np.vstack([imitation.draw_plain(rng) for imitation in imitations])
            curves.append(_beyond(drawn, centres, rng))
        found.append(ranked(np.array(curves)))
    return max(found)


def _plain_imitation(points: Matrix, family: Family, seed: int) -> Imitation:
    # Points on the scale, of which some lie below 0, whatever was counted: kinds are normal and skewed.
    shifted = points - points.mean(axis=0)
    return Imitation(
        Sampled(scaled=shifted, extra=np.zeros((len(points), 0)), log=False), family, seed, points.mean(axis=0)
    )


def _beyond(features: Matrix, centres: Matrix, rng: np.random.Generator) -> Matrix:
    """Logarithm of what one, two and three more groups leave of what the groups round some centres leave."""
    squares = np.square(features).sum(axis=1)
    labels, inertia = quick.lloyd(features, centres, 30)
    left = [inertia]
    for _ in range(AHEAD):
        nearest = np.square(features - quick.means(features, labels, len(centres))[labels]).sum(axis=1)
        grown = quick.means(features, labels, len(centres))
        starts = [np.vstack([grown, quick.one_more(features, squares, nearest, rng)[0]]) for _ in range(TRIES)]
        labels, inertia = min((quick.lloyd(features, start, 15) for start in starts), key=lambda fit: fit[1])
        centres = np.zeros((len(centres) + 1, features.shape[1]))
        left.append(inertia)
    kept = np.maximum(left, 1e-12 * max(left[0], 1e-12))
    beyond: Matrix = np.log(kept[1:]) - np.log(kept[0])
    return beyond


def _smallest(features: Matrix, k: int, seed: int) -> bool:
    labels, _ = _best_fit(features, k, np.random.default_rng([seed, 3, k]))
    size = np.bincount(labels, minlength=k)
    return bool(size.min() >= max(SMALLEST_SHARE * len(features), min(SMALLEST_POSTS, len(features) / (3 * k))))


def _best_fit(features: Matrix, k: int, rng: np.random.Generator, starts: int = 5) -> tuple[NDArray[np.int64], float]:
    return min((quick.fit(features, k, rng) for _ in range(starts)), key=lambda fit: fit[1])


def split_half(features: Matrix, k: int, seed: int = 0, splits: int = 5) -> float:
    """How alike two clusterings are that saw different halves of the posts: mean adjusted Rand index, 1 is the same.

    Stability alone is no evidence of groups: one long crowd is cut the same way every time.
    """
    rng = np.random.default_rng([seed, 4, k])
    found = []
    for _ in range(splits):
        order = rng.permutation(len(features))
        one, two = features[order[: len(order) // 2]], features[order[len(order) // 2 :]]
        labels, _ = _best_fit(two, k, rng)
        centres = quick.means(one, _best_fit(one, k, rng)[0], k)
        told = (np.square(centres).sum(axis=1)[None] - 2 * two @ centres.T).argmin(axis=1)
        found.append(adjusted_rand(labels, told))
    return float(np.mean(found))


def adjusted_rand(one: NDArray[np.int64], two: NDArray[np.int64]) -> float:
    """How far two ways to group the same posts agree, beyond chance: 1 the same, 0 as chance would.

    Source: Hubert and Arabie (1985), J. Classif. 2, 193-218.
    """
    table = np.zeros((int(one.max()) + 1, int(two.max()) + 1))
    np.add.at(table, (one, two), 1)
    return rand_of_table(table)


def rand_of_table(table: Matrix) -> float:
    """The adjusted Rand index from the counts of posts in each pair of groups."""

    def pairs(counts: Matrix) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = rows * columns / max(pairs(table.sum()[None]), 1)
    most = (rows + columns) / 2
    return (both - expected) / (most - expected) if most > expected else 1.0
