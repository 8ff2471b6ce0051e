"""How a group of posts differs from others: the answer of every comparison."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from postlens.core.stats.t import t_quantile

MIN_POSTS = 6  # A side.
FEW_ACCOUNTS = (
    12  # Up to here each account has a weekday and hour pattern of its own; above, errors are by account, too.
)
_SURVIVES = 0.1  # The p-value that a verdict may rise to when any one post is left out.
Clusters = Literal["period", "stretch", "account", "posts", "piece"]
Untold = Literal["", "posts", "periods", "accounts", "texts", "weekday", "hour"]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """How a group of posts differs from others.

    Attributes:
        untold: what there is too little of to tell, or, of `weekday` and `hour`, what the group cannot be told from; empty where
            the rest is filled in.
        estimate, se: on the scale: a log ratio, or a difference of means.
        df: degrees of freedom of the error.
        log_p: natural logarithm of the two-sided p-value.
        low, high: 95 % interval.
        posts, first, second: posts that tell something; of the group, of the others.
        accounts: accounts that tell something; those with posts on both sides.
        unit: days of a period; 0 where posts have no dates.
        follows: the group goes with how the posts before it did, so that each post is compared with later ones alone.
        company: the group goes with how many posts a day has, so that the weaker of two answers counts: with that allowed for, and
            without.
        periods: the effective number of periods that carry the difference.
        clustered: what the error is taken from: how periods, longer stretches of them, accounts, posts, or texts that are posted again differ.
        spread: of posts within account and period, on the scale.
        info: what the error is divided by: se ~ spread x design / sqrt(info).
        weakest: log_p without the one post that helps it most; nan where that was not looked for.
        looked_for: spread of the effects that are looked for, where log_p, low and high hold however often they are looked at;
            0 where they hold for one look.
        effects: by account: number among the accounts, estimate, its variance.
    """

    untold: Untold = ""
    estimate: float = math.nan
    se: float = math.nan
    df: float = math.nan
    log_p: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    posts: int = 0
    first: int = 0
    second: int = 0
    accounts: int = 0
    unit: int = 0
    follows: bool = False
    company: bool = False
    periods: float = math.nan
    clustered: Clusters = "posts"
    spread: float = math.nan
    info: float = math.nan
    weakest: float = math.nan
    looked_for: float = 0.0
    effects: tuple[tuple[int, float, float], ...] = ()

    @property
    def p(self) -> float:
        """The two-sided p-value."""
        return math.exp(self.log_p)

    @property
    def rests_on_one_post(self) -> bool:
        """Whether leaving out one post would undo the verdict."""
        return self.weakest > math.log(_SURVIVES)


def tested(estimate: float, variance: float, df: float) -> Effect:
    """An estimate against 0, with its 95 % interval."""
    from scipy import stats

    se = math.sqrt(variance)
    log_p = min(math.log(2) + float(stats.t.logsf(abs(estimate) / se, df)), 0.0)
    half = t_quantile(0.975, df) * se
    return Effect(estimate=estimate, se=se, df=df, log_p=log_p, low=estimate - half, high=estimate + half)


def holding_for_both(one: Effect, other: Effect, shown: Effect) -> Effect:
    """`shown` with what two answers to one question allow alike: the larger p-value, and an interval that holds both.

    Where they point to different sides, nothing is claimed: p is 1.
    """
    log_p = max(one.log_p, other.log_p) if one.estimate * other.estimate > 0 else 0.0
    return replace(shown, log_p=log_p, low=min(one.low, other.low), high=max(one.high, other.high))
