"""Are the groups kinds of posts, or the accounts? Accounts that differ in level make groups, though each posts one kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats.clusters.margins import Matrix
from postlens.core.stats.clusters.null_model import Sampled

NAMED = 0.1  # Accounts that tell less than this of the groups, or of posts without groups, are not looked at.


@dataclass(frozen=True, kw_only=True)
class OfAccounts:
    """What the accounts have to do with groups.

    Attributes:
        groups: how many groups there were while the accounts' levels counted; 0 if these hid those inside accounts.
        alike: adjusted mutual information of groups and accounts: 0 as by chance, 1 if each tells the other.
        eta2: share of the variation of the metrics that lies between accounts.
        inside: how many groups are left once each post is measured from its account's mean; 0: the groups were the accounts.
    """

    groups: int
    alike: float
    eta2: float
    inside: int


def alike(labels: NDArray[np.int64], accounts: NDArray[np.int64]) -> float:
    """The adjusted mutual information of groups and accounts.

    Source: Vinh, Epps and Bailey (2010), J. Mach. Learn. Res. 11, 2837-2854.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(accounts, labels))


def between(features: Matrix, accounts: NDArray[np.int64]) -> float:
    """The share of the variation of the features that lies between accounts."""
    total = float(np.square(features - features.mean(axis=0)).sum())
    inside = float(np.square(features - _levels(features, accounts)).sum())
    return 1 - inside / total if total > 0 else 0.0


def inside(sample: Sampled, accounts: NDArray[np.int64]) -> Sampled:
    """The posts measured from the mean of their account."""
    return Sampled(scaled=sample.scaled - _levels(sample.scaled, accounts), extra=sample.extra, log=False)


def _levels(values: Matrix, accounts: NDArray[np.int64]) -> Matrix:
    """The mean of each post's account."""
    size = np.maximum(np.bincount(accounts), 1)
    means = np.column_stack([np.bincount(accounts, weights=column) / size for column in values.T])
    return means[accounts]
