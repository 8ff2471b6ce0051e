"""Are these separate groups, or one crowd cut in slices? The clustering repeated on imitation crowds without groups.

An imitation has the posts' share of zeros, averages, spreads and correlations, and no groups. There are two kinds, because
no single one imitates every crowd: counts that are log-normal above zero, and counts that are negative binomial above zero.
The larger of the two p-values counts.

Source: SigClust (Liu et al. 2008, JASA 103, 1281-1293) and the synthetic null of ClusterDE (Song et al. 2023), as a
parametric bootstrap of the whole pipeline: counts, logarithm, standardising, k-means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Family = Literal["log-normal", "negative binomial"]
FAMILIES: tuple[Family, ...] = ("log-normal", "negative binomial")
POSTS, DRAWS, CURVE_DRAWS = 2000, 99, 39
_CALIBRATION, _ROUNDS = 4000, 4
_TOO_ALIKE = 0.995
_CANDIDATES, _TRIES, _GRID = 6, 4, 4096
GATE_K = 10

Progress = Callable[[float], None]


def _quiet(_done: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """Posts to imitate: their metrics on the scale that is clustered, and what else k-means sees.

    Attributes:
        scaled: metrics, shape (posts, metrics), not standardised: ln(1 + x), or x.
        extra: one column for each level of a category; none where there is no category.
        log: `scaled` is ln(1 + x) of what was counted; False for x itself, or distances from an account's usual.
        accounts: a number for each post's account where `scaled` are distances from the account's usual; None otherwise.
    """

    scaled: Matrix
    extra: Matrix
    log: bool
    accounts: NDArray[np.int64] | None = None

    def at_most(self, posts: int, seed: int) -> Sampled:
        """These posts, or a random sample of them."""
        if len(self.scaled) <= posts:
            return self
        rows = np.sort(np.random.default_rng(seed).choice(len(self.scaled), posts, replace=False))
        accounts = None if self.accounts is None else self.accounts[rows]
        return Sampled(scaled=self.scaled[rows], extra=self.extra[rows], log=self.log, accounts=accounts)

    @property
    def kept(self) -> str:
        """What imitations have in common with the posts, in words."""
        values = "the values of each account" if self.accounts is not None else "zeros, averages, spreads"
        return f"{values} and correlations" + (", categories dealt by chance" if self.extra.shape[1] else "")


@dataclass(frozen=True, kw_only=True)
class OneCrowd:
    """A clustering against imitations without groups.

    Attributes:
        structure: share of the variation of all features that the groups explain.
        structure_low, structure_high: the same in imitations of the kind that comes closest: median and highest.
        structure_p: share of imitations at least as structured, (1 + hits) / (1 + draws), of the closer kind.
        eta2: share of the tested metric's variance between the groups; nan if none was named.
        eta2_low, eta2_high, eta2_p: likewise.
        draws: imitations of each kind. posts: how many posts were imitated.
        kept: what imitations have in common with the posts, in words.
    """

    structure: float
    structure_low: float
    structure_high: float
    structure_p: float
    eta2: float
    eta2_low: float
    eta2_high: float
    eta2_p: float
    draws: int
    posts: int
    kept: str = ""


@dataclass(frozen=True, kw_only=True)
class CrowdCurve:
    """The inertia curve of the posts among those of imitations; each as a share of the inertia of one group.

    Attributes:
        observed: share of inertia left, for k = 1, 2, ...
        low, high: 2.5 % and 97.5 % of the imitations, of both kinds together.
        gap: how far the share lies below the mean of the imitations, as a logarithm; the smaller of both kinds.
        p: chance that a crowd without groups falls so far below its like at its best k up to 10; the larger of both kinds.
        draws, posts: as in `OneCrowd`.
    """

    observed: Matrix
    low: Matrix
    high: Matrix
    gap: Matrix
    p: float
    draws: int
    posts: int


class Imitation:
    """A crowd without groups: a Gaussian copula with the margins of the posts, its correlations calibrated."""

    def __init__(self, sample: Sampled, family: Family, seed: int, centre: Matrix | None = None) -> None:
        self._sample = sample
        self._told = _told_by_others(sample)
        self._free = [j for j in range(sample.scaled.shape[1]) if j not in self._told]
        if sample.accounts is None:
            self._draws_from = [_margin(sample.scaled[:, j], family, log=sample.log) for j in self._free]
        else:
            self._draws_from = [_by_account(sample.scaled[:, j], sample.accounts) for j in self._free]
        self._size = len(sample.scaled)
        self._centre = np.zeros(sample.scaled.shape[1]) if centre is None else centre
        rng = np.random.default_rng([seed, FAMILIES.index(family)])
        self._root = self._calibrated(rng)

    def draw(self, rng: np.random.Generator) -> Matrix:
        """Standardised features of one imitation, as many posts as there are."""
        normal = rng.standard_normal((self._size, len(self._root))) @ self._root.T
        extra = self._sample.extra[rng.permutation(self._size)]
        return np.hstack([standardise(self._margins(normal)), extra])

    def draw_plain(self, rng: np.random.Generator) -> Matrix:
        """One imitation as it is, not standardised, without categories."""
        return self._centre + self._margins(rng.standard_normal((self._size, len(self._root))) @ self._root.T)

    def _margins(self, normal: Matrix) -> Matrix:
        from scipy.special import ndtr

        uniform = np.clip(ndtr(normal), 1e-12, 1 - 1e-12)
        made = np.zeros((len(normal), self._sample.scaled.shape[1]))
        for j, draw, u in zip(self._free, self._draws_from, uniform.T, strict=True):
            made[:, j] = draw(u)
        for j, told in self._told.items():
            made[:, j] = told(made)
        return made

    def _calibrated(self, rng: np.random.Generator) -> Matrix:
        """The root of a correlation that, after rounding and zeros, gives the correlations of the posts."""
        wanted = _correlations(self._sample.scaled[:, self._free])
        current = wanted.copy()
        normal = rng.standard_normal((_CALIBRATION, len(wanted)))
        for _ in range(_ROUNDS):
            found = _correlations(self._margins(normal @ _root(current).T)[:, self._free])
            current = np.clip(current + wanted - found, -_TOO_ALIKE, _TOO_ALIKE)
            np.fill_diagonal(current, 1.0)
        return _root(current)


def one_crowd(
    sample: Sampled,
    k: int,
    tested: int | None = None,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    progress: Progress = _quiet,
    stop: Callable[[], None] = lambda: None,
) -> OneCrowd:
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
    features = np.hstack([standardise(sample.scaled), sample.extra])
    seen = _explained(features, k, tested, np.random.default_rng([seed, k]))
    kinds = []
    for number, family in enumerate(FAMILIES):
        imitation = Imitation(sample, family, seed)
        rng = np.random.default_rng([seed, k, number])
        found = []
        for draw in range(draws):
            stop()
            progress((number * draws + draw) / (draws * len(FAMILIES)))
            found.append(_explained(imitation.draw(rng), k, tested, rng))
        kinds.append(np.array(found))
    structure = max((_against(seen[0], kind[:, 0]) for kind in kinds), key=lambda r: r[2])
    eta2 = (math.nan,) * 3
    if tested is not None:
        eta2 = max((_against(seen[1], kind[:, 1]) for kind in kinds), key=lambda r: r[2])
    return OneCrowd(
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


def crowd_curve(
    sample: Sampled,
    most: int,
    *,
    seed: int = 0,
    draws: int = CURVE_DRAWS,
    progress: Progress = _quiet,
    stop: Callable[[], None] = lambda: None,
) -> CrowdCurve:
    """The inertia curve of the posts and of imitations of them, k = 1 to `most`."""
    sample = sample.at_most(POSTS, seed)
    features = np.hstack([standardise(sample.scaled), sample.extra])
    observed = np.log(quick_curve(features, most, np.random.default_rng([seed, 1])))
    kinds = []
    for number, family in enumerate(FAMILIES):
        imitation = Imitation(sample, family, seed)
        rng = np.random.default_rng([seed, 2, number])
        found = []
        for draw in range(draws):
            stop()
            progress((number * draws + draw) / (draws * len(FAMILIES)))
            found.append(np.log(quick_curve(imitation.draw(rng), most, rng)))
        kinds.append(np.array(found))
    both = np.exp(np.vstack(kinds))
    return CrowdCurve(
        observed=np.exp(observed),
        low=np.quantile(both, 0.025, axis=0),
        high=np.quantile(both, 0.975, axis=0),
        gap=np.min([kind.mean(axis=0) - observed for kind in kinds], axis=0),
        p=max(_gate(observed, kind) for kind in kinds),
        draws=draws,
        posts=len(features),
    )


def _gate(observed: Matrix, kind: Matrix) -> float:
    return _ranked(np.vstack([observed, kind])[:, 1:GATE_K])


def _ranked(curves: Matrix) -> float:
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


def standardise(values: Matrix) -> Matrix:
    """Mean 0 and standard deviation 1 for each column; one that does not vary becomes 0."""
    spread = values.std(axis=0)
    varies = spread > 1e-12
    centred: Matrix = np.where(varies, (values - values.mean(axis=0)) / np.where(varies, spread, 1.0), 0.0)
    return centred


def _correlations(values: Matrix) -> Matrix:
    z = standardise(values)
    found: Matrix = z.T @ z / len(z)
    np.fill_diagonal(found, 1.0)
    return found


def _root(correlation: Matrix) -> Matrix:
    """A square root of the nearest correlation that there can be."""
    weights, vectors = np.linalg.eigh(correlation)
    made = (vectors * np.maximum(weights, 1e-4)) @ vectors.T
    spread = np.sqrt(np.diag(made))
    root: Matrix = np.linalg.cholesky(made / np.outer(spread, spread))
    return root


# -- metrics that others tell exactly --------------------------------------------------------------------

Told = Callable[[Matrix], Matrix]


def _told_by_others(sample: Sampled) -> dict[int, Told]:
    """Columns that are the copy or the sum of earlier found ones: drawn by themselves they would only nearly be."""
    told: dict[int, Told] = {}
    q = sample.scaled.shape[1]
    for j in range(q):
        source = next(
            (i for i in range(j) if i not in told and _same_order(sample.scaled[:, i], sample.scaled[:, j])), None
        )
        if source is not None:
            told[j] = _mapped(source, sample.scaled[:, source], sample.scaled[:, j])
    counted = np.expm1(sample.scaled) if sample.log else sample.scaled
    if sample.accounts is None:
        for j in range(q):
            others = [i for i in range(q) if i != j and i not in told]
            parts = _parts(counted, j, others) if j not in told else []
            if parts and not any(j == i for i in told):
                told[j] = _summed(parts, log=sample.log)
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


# -- margins: from a uniform number to a value on the scale ---------------------------------------------

Margin = Callable[[Matrix], Matrix]


def _margin(column: Matrix, family: Family, *, log: bool) -> Margin:
    counted = np.expm1(column) if log else column
    if (counted < -1e-9).any():
        return _normal(column) if family == "log-normal" else _skewed(column)
    zeros = float((counted < 0.5).mean()) if _whole(counted) else float((counted <= 0).mean())
    above = counted[counted >= 0.5] if _whole(counted) else counted[counted > 0]
    if len(above) < 5 or above.max() - above.min() < 1e-12:
        return _as_seen(column)
    if not _whole(counted):
        return _scaled(_lognormal(above, zeros, whole=False), log=log) if family == "log-normal" else _skewed(column)
    chosen = _lognormal(above, zeros, whole=True) if family == "log-normal" else _negative_binomial(above, zeros)
    return _scaled(chosen, log=log)


def _whole(counted: Matrix) -> bool:
    return bool((np.abs(counted - np.rint(counted)) < 1e-6 * np.maximum(counted, 1)).all())


def _scaled(margin: Margin, *, log: bool) -> Margin:
    return (lambda u: np.log1p(margin(u))) if log else margin


def _above(u: Matrix, zeros: float) -> tuple[NDArray[np.bool_], Matrix]:
    """Which draws are above zero, and their place among those."""
    positive = u > zeros
    return positive, np.clip((u[positive] - zeros) / max(1 - zeros, 1e-12), 1e-12, 1 - 1e-12)


def _lognormal(above: Matrix, zeros: float, *, whole: bool) -> Margin:
    logs = np.log1p(above)
    mean, sd = float(logs.mean()), float(logs.std(ddof=1))

    def draw(u: Matrix) -> Matrix:
        from scipy.special import ndtri

        positive, place = _above(u, zeros)
        values = np.expm1(mean + sd * ndtri(place))
        made = np.zeros(len(u))
        made[positive] = np.maximum(np.rint(values), 1) if whole else np.maximum(values, 0)
        return made

    return draw


def _negative_binomial(above: Matrix, zeros: float) -> Margin:
    """1 + a negative binomial, by moments. Large counts are drawn from the gamma it tends to."""
    rest = above - 1
    mean, variance = float(rest.mean()), float(rest.var(ddof=1))
    shape = mean * mean / (variance - mean) if variance > mean else 1e8
    shape = min(max(shape, 1e-3), 1e8)

    def draw(u: Matrix) -> Matrix:
        from scipy import stats

        positive, place = _above(u, zeros)
        made = np.zeros(len(u))
        if mean > 500:
            made[positive] = 1 + np.rint(stats.gamma.ppf(place, shape, scale=max(mean, 1e-9) / shape))
        else:
            most = int(max(rest.max() * 3 + 50, 50))
            table = stats.nbinom.cdf(np.arange(min(most, 60_000)), shape, shape / (shape + max(mean, 1e-9)))
            made[positive] = 1 + np.searchsorted(table, place)
        return made

    return draw


def _by_account(column: Matrix, accounts: NDArray[np.int64]) -> Margin:
    """The values of each post's own account, in other company; posts come in the order of the sample, over and over."""
    values = [np.sort(column[accounts == a]) for a in range(int(accounts.max()) + 1)]

    def draw(u: Matrix) -> Matrix:
        whose = np.resize(accounts, len(u))
        made = np.zeros(len(u))
        for a, own in enumerate(values):
            mine = whose == a
            made[mine] = own[np.minimum((u[mine] * len(own)).astype(np.int64), len(own) - 1)]
        return made

    return draw


def _normal(column: Matrix) -> Margin:
    mean, sd = float(column.mean()), float(column.std())

    def draw(u: Matrix) -> Matrix:
        from scipy.special import ndtri

        made: Matrix = mean + sd * ndtri(u)
        return made

    return draw


def _skewed(column: Matrix) -> Margin:
    """A shifted gamma with the mean, spread and skewness of the posts (Pearson's type III)."""
    from scipy import stats

    mean, sd = float(column.mean()), float(column.std())
    third = float(((column - mean) ** 3).mean()) / max(sd, 1e-12) ** 3
    skew = min(max(abs(third), 1e-3), 6.0)
    shape = 4 / skew**2
    places = (np.arange(_GRID) + 0.5) / _GRID
    values = mean + sd * math.copysign(1.0, third) * (stats.gamma.ppf(places, shape) - shape) / math.sqrt(shape)
    ordered = np.sort(values)
    return lambda u: np.interp(u, places, ordered)


def _as_seen(column: Matrix) -> Margin:
    """The values of the posts themselves, in other company: never a sign of groups that is not there."""
    ordered = np.sort(column)
    return lambda u: ordered[np.minimum((u * len(ordered)).astype(np.int64), len(ordered) - 1)]


# -- k-means, quick and the same for posts and imitations ---------------------------------------------


def _explained(features: Matrix, k: int, tested: int | None, rng: np.random.Generator) -> tuple[float, float]:
    """The share of all variation, and of the tested metric's, between the groups of the better of two fits."""
    labels, inertia = min((_fit(features, k, rng) for _ in range(2)), key=lambda fit: fit[1])
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


def _fit(features: Matrix, k: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], float]:
    centres = features[rng.integers(len(features))][None]
    nearest = np.square(features - centres[0]).sum(axis=1)
    squares = np.square(features).sum(axis=1)
    while len(centres) < k:
        centre, nearest = _one_more(features, squares, nearest, rng)
        centres = np.vstack([centres, centre])
    return _lloyd(features, centres, 100)


def quick_curve(features: Matrix, most: int, rng: np.random.Generator) -> Matrix:
    """Inertia for k = 1 to `most` as a share of that of one group; each solution grown from the one before."""
    squares = np.square(features).sum(axis=1)
    centres = features.mean(axis=0)[None]
    nearest = np.square(features - centres[0]).sum(axis=1)
    total = float(nearest.sum())
    left = [1.0]
    for _ in range(2, most + 1):
        centre, _ = _one_more(features, squares, nearest, rng)
        labels, inertia = _lloyd(features, np.vstack([centres, centre]), 8)
        centres = _means(features, labels, len(centres) + 1)
        nearest = np.square(features - centres[labels]).sum(axis=1)
        left.append(max(min(inertia / total if total > 0 else 0.0, left[-1]), 1e-12))
    return np.array(left)


def _one_more(features: Matrix, squares: Matrix, nearest: Matrix, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    """Of a few posts far from their centres, the one that helps most as a new centre (greedy k-means++)."""
    total = float(nearest.sum())
    weights = np.cumsum(nearest) / total if total > 0 else np.linspace(0, 1, len(nearest))
    rows = np.minimum(np.searchsorted(weights, rng.random(_CANDIDATES)), len(features) - 1)
    distance = squares[:, None] - 2 * features @ features[rows].T + squares[rows][None]
    left = np.minimum(np.maximum(distance, 0), nearest[:, None])
    best = int(left.sum(axis=0).argmin())
    return features[rows[best]], left[:, best]


def _lloyd(features: Matrix, centres: Matrix, steps: int) -> tuple[NDArray[np.int64], float]:
    labels = np.full(len(features), -1, dtype=np.int64)
    for moved in _steps(features, centres, labels, steps):
        labels = moved
    own = _means(features, labels, len(centres))[labels]
    return labels, float(np.square(features - own).sum())


def _steps(features: Matrix, centres: Matrix, labels: NDArray[np.int64], steps: int) -> Iterator[NDArray[np.int64]]:
    for _ in range(steps):
        # The squared length of the post itself is the same for every centre.
        found = (np.square(centres).sum(axis=1)[None] - 2 * features @ centres.T).argmin(axis=1)
        yield found
        if np.array_equal(found, labels):
            return
        labels = found
        centres = _means(features, labels, len(centres), centres)


def _means(features: Matrix, labels: NDArray[np.int64], k: int, before: Matrix | None = None) -> Matrix:
    size = np.bincount(labels, minlength=k)
    sums = np.zeros((k, features.shape[1]))
    for j in range(features.shape[1]):
        sums[:, j] = np.bincount(labels, weights=features[:, j], minlength=k)
    means: Matrix = sums / np.maximum(size, 1)[:, None]
    if before is not None:
        means[size == 0] = before[size == 0]
    return means


# -- choosing k ---------------------------------------------------------------------------------------

STABLE, SMALLEST_SHARE, SMALLEST_POSTS = 0.8, 0.02, 50
STEP_DRAWS, AHEAD = 19, 3


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
    curve: CrowdCurve,
    *,
    seed: int = 0,
    progress: Progress = _quiet,
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
    centres = _means(features, labels, k)
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
        found.append(_ranked(np.array(curves)))
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
    labels, inertia = _lloyd(features, centres, 30)
    left = [inertia]
    for _ in range(AHEAD):
        nearest = np.square(features - _means(features, labels, len(centres))[labels]).sum(axis=1)
        grown = _means(features, labels, len(centres))
        starts = [np.vstack([grown, _one_more(features, squares, nearest, rng)[0]]) for _ in range(_TRIES)]
        labels, inertia = min((_lloyd(features, start, 15) for start in starts), key=lambda fit: fit[1])
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
    return min((_fit(features, k, rng) for _ in range(starts)), key=lambda fit: fit[1])


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
        centres = _means(one, _best_fit(one, k, rng)[0], k)
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
