"""Accounts in general: how much an effect differs between accounts, its average, and what the next account may see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from postlens.core.stats.effect import Effect
from postlens.core.stats.t import t_quantile

MIN_ACCOUNTS = 3


@dataclass(frozen=True, kw_only=True)
class General:
    """An effect for accounts in general.

    Attributes:
        accounts: how many it is from.
        estimate, se, df, low, high: the average effect over accounts, with its 95 % interval.
        tau: standard deviation of the effect between accounts.
        next_low, next_high: where the effect on the next account lies with 95 %.
    """

    accounts: int
    estimate: float
    se: float
    df: float
    low: float
    high: float
    tau: float
    next_low: float
    next_high: float


def in_general(effect: Effect) -> General | None:
    """Random effects over accounts; None for fewer than three that tell something.

    The error is Hartung and Knapp's, never below the plain one, and never reaches less far than that for these accounts: what
    is common to accounts in a week does not average out over them.

    Source: Sidik and Jonkman (2005), J. R. Stat. Soc. C 54, 367-384, for how effects differ; Hartung and Knapp (2001), Stat.
    Med. 20, 3875-3889; Higgins, Thompson and Spiegelhalter (2009), J. R. Stat. Soc. A 172, 137-159, for the next account.
    """
    k = len(effect.effects)
    if effect.untold or k < MIN_ACCOUNTS:
        return None
    estimates = [e for _, e, _ in effect.effects]
    variances = [v for _, _, v in effect.effects]
    tau2 = between_squared(estimates, variances)
    weights = [1 / (v + tau2) for v in variances]
    total = sum(weights)
    mean = sum(w * e for w, e in zip(weights, estimates, strict=True)) / total
    spread = sum(w * (e - mean) ** 2 for w, e in zip(weights, estimates, strict=True)) / (k - 1) / total
    variance, df = max(spread, 1 / total), float(k - 1)
    if t_quantile(0.975, effect.df) * effect.se > t_quantile(0.975, df) * math.sqrt(variance):
        variance, df = effect.se**2, effect.df
    half = t_quantile(0.975, df) * math.sqrt(variance)
    reach = t_quantile(0.975, max(k - 2, 1)) * math.sqrt(tau2 + variance)
    return General(
        accounts=k,
        estimate=mean,
        se=math.sqrt(variance),
        df=df,
        low=mean - half,
        high=mean + half,
        tau=math.sqrt(tau2),
        next_low=mean - reach,
        next_high=mean + reach,
    )


def between_squared(estimates: Sequence[float], variances: Sequence[float]) -> float:
    """The variance of the effect between accounts; 0 only where all effects are equal.

    The estimator by moments says 0 too often where accounts are few, and the interval is then that of the largest one.

    Source: Sidik and Jonkman (2005), J. R. Stat. Soc. C 54, 367-384.
    """
    k = len(estimates)
    plain = sum(estimates) / k
    crude = sum((e - plain) ** 2 for e in estimates) / k
    if crude <= 0:
        return 0.0
    weights = [1 / (v / crude + 1) for v in variances]
    mean = sum(w * e for w, e in zip(weights, estimates, strict=True)) / sum(weights)
    return sum(w * (e - mean) ** 2 for w, e in zip(weights, estimates, strict=True)) / (k - 1)


def tau_squared(estimates: Sequence[float], variances: Sequence[float]) -> float:
    """The variance of the effect between accounts, by moments; 0 for fewer than two.

    Source: DerSimonian and Laird (1986).
    """
    k = len(estimates)
    if k < 2:
        return 0.0
    weights = [1 / v for v in variances]
    total = sum(weights)
    mean = sum(w * e for w, e in zip(weights, estimates, strict=True)) / total
    q = sum(w * (e - mean) ** 2 for w, e in zip(weights, estimates, strict=True))
    denominator = total - sum(w * w for w in weights) / total
    return max(0.0, (q - (k - 1)) / denominator) if denominator > 0 else 0.0
