"""Are these separate groups, or one crowd cut in slices? The clustering repeated on imitation crowds without groups.

An imitation has the posts' share of zeros, averages, spreads and correlations, and no groups. There are three kinds, because
no single one imitates every crowd: counts that are log-normal above zero, counts that are negative binomial above zero, and
the posts themselves, moved so that they lie without a gap (see `long_crowd`). The largest p-value counts; so a kind that
cannot be told from the posts settles it, and the kinds after it are not drawn.

Source: SigClust (Liu et al. 2008, JASA 103, 1281-1293) and the synthetic null of ClusterDE (Song et al. 2023), as a
parametric bootstrap of the whole pipeline: counts, logarithm, standardising, k-means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from postlens.core.contract.columns import StructureTest
from postlens.core.stats.clusters import quick_kmeans as quick
from postlens.core.stats.clusters.long_crowd import Draw, long_crowd
from postlens.core.stats.clusters.margins import FAMILIES, Matrix
from postlens.core.stats.clusters.null_model import Imitation, Sampled

POSTS, DRAWS, CURVE_DRAWS = 2000, 99, 39
GATE_K = 10
KINDS, REAL = len(FAMILIES) + 1, 0.05

Progress = Callable[[float], None]


def quiet(_done: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class NullCurve:
    """The inertia curve of the posts among those of imitations; each as a share of the inertia of one group.

    Attributes:
        observed: share of inertia left, for k = 1, 2, ...
        low, high: 2.5 % and 97.5 % of the imitations, of all kinds drawn together.
        gap: how far the share lies below the mean of the imitations, as a logarithm; the smallest of the kinds.
        p: chance that a crowd without groups falls so far below its like at its best k up to 10; the largest of the kinds.
        kinds: the curves of the imitations, as logarithms: one table for each kind drawn, a row for each imitation.
        draws, posts: as in `StructureTest`.
    """

    observed: Matrix
    low: Matrix
    high: Matrix
    gap: Matrix
    p: float
    kinds: tuple[Matrix, ...]
    draws: int
    posts: int


def imitations(sample: Sampled, seed: int) -> Iterator[Draw]:
    """Each kind of imitation in turn, made when it is asked for."""
    for family in FAMILIES:
        yield Imitation(sample, family, seed).draw
    if (drawn := long_crowd(sample)) is not None:
        yield drawn


def structure_test(
    sample: Sampled,
    k: int,
    tested: int | None = None,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    progress: Progress = quiet,
    stop: Callable[[], None] = lambda: None,
) -> StructureTest:
    """Cluster the posts and imitations of them alike, and compare what comes out.

    Args:
        sample: the posts; at most 2,000 of them are used.
        k: number of groups.
        tested: the metric whose variance between groups is looked at, by its column; None for none.
        seed: of sample and imitations.
        draws: imitations of each kind.
        progress: told the share done.
        stop: called between imitations.
    """
    sample = sample.at_most(POSTS, seed)
    features = sample.features
    seen = _explained(features, k, tested, np.random.default_rng([seed, k]))
    kinds: list[Matrix] = []
    for number, imitate in enumerate(imitations(sample, seed)):
        rng = np.random.default_rng([seed, k, number])
        found = []
        for draw in range(draws):
            stop()
            progress((number * draws + draw) / (draws * KINDS))
            found.append(_explained(imitate(rng), k, tested, rng))
        kinds.append(np.array(found))
        if _against(seen[0], kinds[-1][:, 0])[2] > REAL:
            break
    structure = max((_against(seen[0], kind[:, 0]) for kind in kinds), key=lambda r: r[2])
    eta2 = (math.nan,) * 3
    if tested is not None:
        eta2 = max((_against(seen[1], kind[:, 1]) for kind in kinds), key=lambda r: r[2])
    return StructureTest(
        structure=seen[0],
        structure_low=structure[0],
        structure_high=structure[1],
        structure_p=structure[2],
        eta2=seen[1],
        eta2_low=eta2[0],
        eta2_high=eta2[1],
        eta2_p=eta2[2],
        draws=draws,
        posts=len(features),
        kept=sample.kept,
    )


def null_curve(
    sample: Sampled,
    most: int,
    *,
    seed: int = 0,
    draws: int = CURVE_DRAWS,
    progress: Progress = quiet,
    stop: Callable[[], None] = lambda: None,
) -> NullCurve:
    """The inertia curve of the posts and of imitations of them, k = 1 to `most`."""
    sample = sample.at_most(POSTS, seed)
    features = sample.features
    observed = np.log(quick.quick_curve(features, most, np.random.default_rng([seed, 1])))
    kinds: list[Matrix] = []
    for number, imitate in enumerate(imitations(sample, seed)):
        rng = np.random.default_rng([seed, 2, number])
        found = []
        for draw in range(draws):
            stop()
            progress((number * draws + draw) / (draws * KINDS))
            found.append(np.log(quick.quick_curve(imitate(rng), most, rng)))
        kinds.append(np.array(found))
        if gate(observed, kinds[-1]) > REAL:
            break
    both = np.exp(np.vstack(kinds))
    return NullCurve(
        observed=np.exp(observed),
        low=np.quantile(both, 0.025, axis=0),
        high=np.quantile(both, 0.975, axis=0),
        gap=np.min([kind.mean(axis=0) - observed for kind in kinds], axis=0),
        p=max(gate(observed, kind) for kind in kinds),
        kinds=tuple(kinds),
        draws=draws,
        posts=len(features),
    )


def gate(observed: Matrix, kind: Matrix) -> float:
    """The chance that one crowd of a kind falls as far as the posts at the best k up to 10."""
    return ranked(np.vstack([observed, kind])[:, 1:GATE_K])


def ranked(curves: Matrix) -> float:
    """Each curve's largest fall below the others, in their standard deviations; the rank of the first, as a share."""
    n = len(curves)
    total, squares = curves.sum(axis=0), np.square(curves).sum(axis=0)
    mean = (total - curves) / (n - 1)
    variance = ((squares - np.square(curves)) - (n - 1) * np.square(mean)) / (n - 2)
    falls = ((mean - curves) / np.sqrt(np.maximum(variance, 1e-18))).max(axis=1)
    return float((falls >= falls[0]).sum() / n)


def _against(seen: float, imitations: Matrix) -> tuple[float, float, float]:
    """Median and highest of the imitations, and the share at least as high."""
    hits = int((imitations >= seen - 1e-12).sum())
    return float(np.median(imitations)), float(imitations.max()), (1 + hits) / (1 + len(imitations))


def _explained(features: Matrix, k: int, tested: int | None, rng: np.random.Generator) -> tuple[float, float]:
    """The share of all variation, and of the tested metric's, between the groups of the better of two fits."""
    labels, inertia = min((quick.fit(features, k, rng) for _ in range(2)), key=lambda fit: fit[1])
    total = float(np.square(features - features.mean(axis=0)).sum())
    eta2 = math.nan
    if tested is not None:
        values = features[:, tested]
        size = np.maximum(np.bincount(labels, minlength=k), 1)
        means = np.bincount(labels, weights=values, minlength=k) / size
        inside = float(np.square(values - means[labels]).sum())
        whole = float(np.square(values - values.mean()).sum())
        eta2 = 1 - inside / whole if whole > 0 else 0.0
    return (1 - inertia / total if total > 0 else 0.0), eta2
