"""Imitation posts: a crowd without groups, with the zeros, averages, spreads and correlations of the posts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats.clusters.margins import FAMILIES, Family, Matrix, by_account, margin
from postlens.core.stats.clusters.redundancy import redundant_metrics

_CALIBRATION, _ROUNDS = 4000, 4
_TOO_ALIKE = 0.995


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """Posts to imitate: their metrics on the scale that is clustered, and what else k-means sees.

    Attributes:
        scaled: metrics, shape (posts, metrics), not standardised: ln(1 + x), or x.
        extra: one column for each level of a category; none where there is no category.
        log: `scaled` is ln(1 + x) of what was counted; False for x itself, or distances from an account's usual.
        accounts: a number for each post's account where `scaled` are distances from the account's usual; None otherwise.
        whose: a number for each post's account where its level is still in `scaled`; None where nobody knows.
    """

    scaled: Matrix
    extra: Matrix
    log: bool
    accounts: NDArray[np.int64] | None = None
    whose: NDArray[np.int64] | None = None

    def at_most(self, posts: int, seed: int) -> Sampled:
        """These posts, or a random sample of them."""
        if len(self.scaled) <= posts:
            return self
        return self.only(np.sort(np.random.default_rng(seed).choice(len(self.scaled), posts, replace=False)))

    def only(self, rows: NDArray[np.int64]) -> Sampled:
        """Some of these posts."""
        accounts, whose = (None if a is None else a[rows] for a in (self.accounts, self.whose))
        return Sampled(scaled=self.scaled[rows], extra=self.extra[rows], log=self.log, accounts=accounts, whose=whose)

    @property
    def features(self) -> Matrix:
        """What k-means sees."""
        return np.hstack([standardise(self.scaled), self.extra])

    @property
    def kept(self) -> str:
        """What imitations have in common with the posts, in words."""
        values = "the values of each account" if self.accounts is not None else "zeros, averages, spreads"
        return f"{values} and correlations" + (", categories dealt by chance" if self.extra.shape[1] else "")


class Imitation:
    """A crowd without groups: a Gaussian copula with the margins of the posts, its correlations calibrated."""

    def __init__(self, sample: Sampled, family: Family, seed: int, centre: Matrix | None = None) -> None:
        self._sample = sample
        self._told = redundant_metrics(sample.scaled, log=sample.log, sums=sample.accounts is None)
        self._free = [j for j in range(sample.scaled.shape[1]) if j not in self._told]
        if sample.accounts is None:
            self._draws_from = [margin(sample.scaled[:, j], family, log=sample.log) for j in self._free]
        else:
            self._draws_from = [by_account(sample.scaled[:, j], sample.accounts) for j in self._free]
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
        wanted = correlations(self._sample.scaled[:, self._free])
        current = wanted.copy()
        normal = rng.standard_normal((_CALIBRATION, len(wanted)))
        for _ in range(_ROUNDS):
            found = correlations(self._margins(normal @ cholesky(current).T)[:, self._free])
            current = np.clip(current + wanted - found, -_TOO_ALIKE, _TOO_ALIKE)
            np.fill_diagonal(current, 1.0)
        return cholesky(current)


def standardise(values: Matrix) -> Matrix:
    """Mean 0 and standard deviation 1 for each column; one that does not vary becomes 0."""
    spread = values.std(axis=0)
    varies = spread > 1e-12
    centred: Matrix = np.where(varies, (values - values.mean(axis=0)) / np.where(varies, spread, 1.0), 0.0)
    return centred


def correlations(values: Matrix) -> Matrix:
    """The correlation of each pair of columns; 0 for one that does not vary."""
    z = standardise(values)
    found: Matrix = z.T @ z / len(z)
    np.fill_diagonal(found, 1.0)
    return found


def cholesky(correlation: Matrix) -> Matrix:
    """A square root of the nearest correlation that there can be."""
    weights, vectors = np.linalg.eigh(correlation)
    made = (vectors * np.maximum(weights, 1e-4)) @ vectors.T
    spread = np.sqrt(np.diag(made))
    root: Matrix = np.linalg.cholesky(made / np.outer(spread, spread))
    return root
