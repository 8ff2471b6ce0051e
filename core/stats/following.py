"""Groups that follow success: a post may be a photo because the posts before it did well.

Comparing within short periods needs that no post depends on how an earlier one of its period did. Where people repeat what
went well, a success raises the usual level beneath the posts that follow it, and these look worse than they are (Nickell,
1981, Econometrica 49, 1417-1426). Then each post is compared with the later ones of its period alone, and whether it is of
the group with the share of the group before it, which nothing that comes later has changed.

Source: Arellano and Bover (1995), J. Econometrics 68, 29-51, for forward deviations; Hayakawa (2009), Econometric Theory 25,
873-890, for backward deviations as instruments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from postlens.core.stats.time import Design, Numbers, Values, dense, leverage

CAUSED = 1.5  # Standard errors by which a group goes with what was more than with what comes.
SUSPECTED = (
    2.0  # Standard errors: of innocent groups some five in a hundred come "after", which costs them some precision.
)
LONG_DAYS, MIN_DAYS = 28, 4  # Periods for suspecting, and at least for comparing with later posts.
_REMEMBERED = ((1.0,), (1.0, 1.0, 1.0, 1.0))  # How the last moments count: the last alone, or four alike.


@dataclass(frozen=True)
class Moments:
    """Cells of one stratum, day and quarter of the day are one moment; moments are in their order within strata.

    Attributes:
        of: each cell's moment. stratum: each moment's stratum, rising.
    """

    of: Numbers
    stratum: Numbers

    def sums(self, values: Values) -> Values:
        """The sum of some values of cells over each moment."""
        found: Values = np.bincount(self.of, values, len(self.stratum)).astype(np.float64)
        return found


def moments(stratum: Numbers, day: Numbers, band: Numbers) -> Moments:
    """The moments of cells, from each cell's stratum, day and quarter of the day."""
    time = day * 4 + band
    span = int(time.max()) + 1
    keys, of = np.unique(stratum * span + time, return_inverse=True)
    return Moments(of.astype(np.int64), keys // span)


Goes = Literal["alone", "along", "after"]


def follows(before: Moments, week: Numbers, long: Design, weight: Values, metric: Values) -> Goes:
    """Whether a group goes with how the posts before it did.

    Whatever the levels and the group do over time, it is `alone` where neither depends on the other. Where both follow a
    campaign or a good day, the group goes `along` with the posts after it as with those before it. A choice knows only what
    was: the group comes `after` successes, or failures, where it goes with the posts before it more.

    Args:
        before: moments of accounts.
        week: each cell's week.
        long: the group within long periods, in which one post hardly moves the usual level.
        weight: posts of each cell.
        metric: mean of the metric in each cell.
    """
    y = long.strata.residual(metric)
    rest = y - float((weight * long.left * y).sum() / long.info) * long.mark
    did = before.sums(weight * rest) / before.sums(weight)
    mark = before.sums(weight * long.mark)
    week_of = np.zeros(len(before.stratum), np.int64)
    week_of[before.of] = week
    found: Goes = "alone"
    for counts in _REMEMBERED:
        past = mark * _last(did, before.stratum, counts)
        coming = mark * _last(did[::-1], before.stratum[::-1], counts)[::-1]
        seen, caused = _score(past, week_of), _score(past - coming, week_of)
        if abs(seen) >= SUSPECTED:
            if seen * caused > 0 and abs(caused) >= CAUSED:
                return "after"
            found = "along"
    return found


def _score(products: Values, week: Numbers) -> float:
    of_week = np.bincount(week, products)
    error = math.sqrt(float((of_week * of_week).sum()))
    return float(of_week.sum()) / error if error > 0 else 0.0


def _last(values: Values, stratum: Numbers, counts: tuple[float, ...]) -> Values:
    """How the moments before each did, within strata."""
    found = np.zeros(len(values))
    for lag, count in enumerate(counts, 1):
        same = stratum[lag:] == stratum[:-lag]
        found[lag:] += count * np.where(same, values[:-lag], 0.0)
    return found


def compared_with_later(made: Design, ordered: Moments, group: Values, account: Numbers) -> Design | None:
    """The same comparison with each post against the later ones of its stratum; None where too little is left.

    Args:
        made: the comparison within strata.
        ordered: moments of those strata.
        group: 1 for cells of the group, 0 for others.
        account: each cell's account.
    """
    weight = made.strata.weight
    pull = _pull(ordered, weight, group, _shares(account, weight, group))
    slope, squares = float((weight * pull * made.mark).sum()), float((weight * pull * pull).sum())
    if slope <= 0 or squares <= 0 or slope * slope / squares < 0.5:
        return None
    left, info = pull * slope / squares, slope * slope / squares  # So that sum(left mark) = sum(left left) = info.
    lever = leverage(left, info, weight, made.strata.period)
    return replace(made, left=left, info=info, lever=lever)


def _shares(account: Numbers, weight: Values, group: Values) -> Values:
    share: Values = (np.bincount(account, weight * group) / np.maximum(np.bincount(account, weight), 1.0))[account]
    return share


def _pull(ordered: Moments, weight: Values, group: Values, share: Values) -> Values:
    """What each post's metric counts for, so that posts are compared with later ones and marks with earlier ones."""
    n, of_group = ordered.sums(weight), ordered.sums(weight * group)
    earlier, group_earlier = (_before(v, ordered.stratum) for v in (n, of_group))
    later = _after(n, ordered.stratum)
    usual = (group_earlier[ordered.of] + share) / (earlier[ordered.of] + 1)  # One post's worth of the account's share.
    mark = (group - usual) * (later / (later + 1))[ordered.of]
    against = np.divide(ordered.sums(weight * mark), later, out=np.zeros(len(later)), where=later > 0)
    pull: Values = mark - _before(against, ordered.stratum)[ordered.of]
    return pull


def _before(values: Values, stratum: Numbers) -> Values:
    """The sum of earlier values of the same stratum."""
    running = np.cumsum(values) - values
    first = np.flatnonzero(np.diff(stratum, prepend=-1))
    found: Values = running - running[first][dense(stratum)]
    return found


def _after(values: Values, stratum: Numbers) -> Values:
    total = np.bincount(dense(stratum), values)[dense(stratum)]
    after: Values = np.maximum(total - _before(values, stratum) - values, 0.0)
    return np.where(after < 1e-9, 0.0, after)
