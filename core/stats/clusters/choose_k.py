"""How many groups the posts bear: as many crowds as it takes to leave nothing more to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats.clusters import of_accounts as accounts
from postlens.core.stats.clusters import quick_kmeans as quick
from postlens.core.stats.clusters.cluster_test import POSTS, REAL, NullCurve, Progress, gate, null_curve, quiet, ranked
from postlens.core.stats.clusters.margins import FAMILIES, Family, Matrix
from postlens.core.stats.clusters.null_model import Imitation, Sampled
from postlens.core.stats.clusters.of_accounts import OfAccounts

STABLE, SMALLEST_SHARE, SMALLEST_POSTS = 0.8, 0.02, 10
STEP_DRAWS, AHEAD, TRIES = 19, 3, 4
AGAIN, AGAIN_SHARE = 10, 0.9


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How many groups the posts bear.

    Attributes:
        k: the number; 0 where the posts look like one crowd, so that any k is a convenience cut.
        tested: for each k that was tried, the chance that k groups leave as little to explain to k + 1, k + 2 or k + 3 groups.
        stability: adjusted Rand index of two halves of the posts, by k, for those that were looked at.
        agree: share of ten samples of nine posts in ten that choose the same k.
        of_accounts: what accounts have to do with the groups; None where that is too little to matter. If not None, `k` and
            the rest are those of posts measured from their account's mean.
    """

    k: int
    tested: dict[int, float]
    stability: dict[int, float]
    agree: float = 1.0
    of_accounts: OfAccounts | None = None

    @property
    def more(self) -> bool:
        """Whether further groups are there: too small, not found again, or beyond the largest k."""
        return self.k > 0 and self.tested.get(self.k, 0.0) <= REAL


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
    or whose smallest is tiny, is passed over for the next smaller one. Ten samples of nine posts in ten are put to the same
    test, against the same imitations. Where the groups tell the accounts, or there are none and accounts differ in level, the
    same is asked again of posts measured from their account's mean: accounts are no kinds of posts, and may hide some.

    Source: the sequential use of SigClust by Kimes et al. (2017), Biometrics 73, 811-821, with k-means.
    """
    sample = sample.at_most(POSTS, seed)
    found = _choice(sample, curve, seed, progress, stop)
    if sample.whose is None:
        return found
    alike = accounts.alike(_start(sample.features, found.k, seed)[1], sample.whose) if found.k else 0.0
    eta2 = accounts.between(sample.features[:, : sample.scaled.shape[1]], sample.whose)
    if (alike if found.k else eta2) < accounts.NAMED:
        return found
    own = accounts.inside(sample, sample.whose)
    left = _choice(own, null_curve(own, len(curve.observed), seed=seed, stop=stop), seed, quiet, stop)
    if found.k == left.k == 0:
        return found
    return replace(left, of_accounts=OfAccounts(groups=found.k, alike=alike, eta2=eta2, inside=left.k))


def _choice(sample: Sampled, curve: NullCurve, seed: int, progress: Progress, stop: Callable[[], None]) -> Choice:
    crowds = _Crowds(sample.features, seed, stop)
    most = len(curve.observed)
    tested, stability = _tried(sample.features, np.log(curve.observed), curve, crowds, seed, 5, progress)
    k = _chosen(stability)
    rng = np.random.default_rng([seed, 8])
    same = 0
    for again in range(AGAIN):
        stop()
        part = sample.only(np.sort(rng.permutation(len(sample.scaled))[: round(AGAIN_SHARE * len(sample.scaled))]))
        seen = np.log(quick.quick_curve(part.features, most, np.random.default_rng([seed, 9, again])))
        same += _chosen(_tried(part.features, seen, curve, crowds, seed + again, 1, quiet)[1]) == k
    return Choice(k=k, tested=tested, stability=stability, agree=same / AGAIN)


def _tried(
    features: Matrix, seen: Matrix, curve: NullCurve, crowds: _Crowds, seed: int, splits: int, progress: Progress
) -> tuple[dict[int, float], dict[int, float]]:
    """The chance of each k that was tried, and how well the groups of those that serve are found again."""
    tested = {1: max(gate(seen, kind) for kind in curve.kinds)}
    most = len(seen)
    k = 1
    while tested[k] <= REAL and k + 1 < most:
        k += 1
        progress((k - 2) / max(most - 2, 1))
        tested[k] = crowds.enough(features, k)
    stability: dict[int, float] = {}
    for tried in range(k, 1, -1):
        stability[tried] = split_half(features, tried, seed, splits) if _smallest(features, tried, seed) else 0.0
        if stability[tried] >= STABLE:
            break
    return tested, stability


def _chosen(stability: dict[int, float]) -> int:
    """The first of these k whose groups are found again."""
    return next((k for k, rand in stability.items() if rand >= STABLE), 0)


class _Crowds:
    """What more groups find in k crowds, for each k: imitated once, from all posts."""

    def __init__(self, features: Matrix, seed: int, stop: Callable[[], None]) -> None:
        self._features, self._seed, self._stop = features, seed, stop
        self._known: dict[int, list[Matrix]] = {}

    def enough(self, features: Matrix, k: int) -> float:
        """The chance that k crowds leave so little to a few more groups; the larger of two kinds of crowd."""
        if k not in self._known:
            self._known[k] = self._imitated(k)
        centres, _ = _start(features, k, self._seed)
        seen = _beyond(features, centres, np.random.default_rng([self._seed, 6, k]))
        return max(ranked(np.vstack([seen, kind])) for kind in self._known[k])

    def _imitated(self, k: int) -> list[Matrix]:
        centres, labels = _start(self._features, k, self._seed)
        crowds = [np.flatnonzero(labels == c) for c in range(k)]
        kinds = []
        for number, family in enumerate(FAMILIES):
            imitations = [_plain_imitation(self._features[rows], family, self._seed) for rows in crowds]
            rng = np.random.default_rng([self._seed, 7, k, number])
            curves = []
            for _ in range(STEP_DRAWS):
                self._stop()
                drawn = np.vstack([imitation.draw_plain(rng) for imitation in imitations])
                curves.append(_beyond(drawn, centres, rng))
            kinds.append(np.array(curves))
        return kinds


def _start(features: Matrix, k: int, seed: int) -> tuple[Matrix, NDArray[np.int64]]:
    labels, _ = _best_fit(features, k, np.random.default_rng([seed, 5, k]))
    return quick.means(features, labels, k), labels


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
