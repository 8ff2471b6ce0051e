"""What the change of a total is made of: more posts, other kinds of posts, or more for each kind."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ChangeParts:
    """The parts of the change of a total; they sum to it.

    Attributes:
        volume: from more or fewer posts. mix: from other kinds of posts. within: from each kind getting more or less.
        before, now: the totals.
    """

    volume: float
    mix: float
    within: float
    before: float
    now: float

    @property
    def logs(self) -> tuple[float, float, float] | None:
        """The parts of ln(now / before), in the same proportions; None where a total is not above 0.

        Source: the logarithmic mean, as in Ang (2004), Energy Policy 32, 1131-1139.
        """
        if not (self.before > 0 and self.now > 0):
            return None
        change = math.log(self.now / self.before)
        mean = self.before if change == 0 else (self.now - self.before) / change
        return self.volume / mean, self.mix / mean, self.within / mean


def change_parts(n_before: Values, before: Values, n_now: Values, now: Values) -> ChangeParts | None:
    """Split the change of a total by Shapley values over its three factors; None where a period has no posts.

    A total is posts x sum over kinds of (share of the kind x mean of the kind). Each factor counts by what it changes on
    average over all orders in which the three may change. A kind that has posts in one period only is taken to get in the
    other what it gets in its own, so that its coming or going is mix.

    Args:
        n_before: posts of each kind before.
        before: their totals of the metric.
        n_now: posts of each kind now.
        now: their totals.

    Source: Shapley (1953), in Contributions to the Theory of Games II, 307-317; Shorrocks (2013), J. Econ. Inequal. 11,
    99-126, for decompositions.
    """
    posts = float(n_before.sum()), float(n_now.sum())
    if min(posts) <= 0:
        return None
    shares = n_before / posts[0], n_now / posts[1]
    own = [np.divide(t, n, out=np.zeros_like(t), where=n > 0) for t, n in ((before, n_before), (now, n_now))]
    means = np.where(n_before > 0, own[0], own[1]), np.where(n_now > 0, own[1], own[0])

    def total(volume: int, mix: int, within: int) -> float:
        return posts[volume] * float(shares[mix] @ means[within])

    def shapley(factor: int) -> float:
        found = 0.0
        for first in (0, 1):
            for second in (0, 1):
                others = [first, second]
                weight = 1 / 6 if first != second else 1 / 3
                without, with_it = ([*others[:factor], at, *others[factor:]] for at in (0, 1))
                found += weight * (total(*with_it) - total(*without))
        return found

    volume, mix, within = (shapley(factor) for factor in range(3))
    return ChangeParts(volume=volume, mix=mix, within=within, before=float(before.sum()), now=float(now.sum()))
