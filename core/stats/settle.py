"""How much more it takes to tell: weeks at the same pace, posts, or accounts where more posts of these would not do."""

from __future__ import annotations

import math

from postlens.core.contract.verdict import Settle
from postlens.core.stats.always_valid import USUAL, like_once
from postlens.core.stats.cells import Cells
from postlens.core.stats.effect import FEW_ACCOUNTS, Effect
from postlens.core.stats.t import t_quantile

POWER = 0.8
MAX_WEEKS, MAX_POSTS, MAX_ACCOUNTS = 520, 10_000_000, 10_000
_NEXT_TO_NOTHING = 0.01
_AFFORDABLE = "Allowing for luck in the effect seen, nothing affordable would settle it."


def settle(effect: Effect, cells: Cells, alpha: float) -> Settle | None:
    """What it would take to find the effect seen with 80 % power.

    The variance is that of the accounts' differing effects over the number of accounts, plus the rest over time; t quantiles
    take the degrees of freedom that the longer time would have.

    Args:
        effect: what was found; not told yet.
        cells: the posts it was found in.
        alpha: what the question may take of the chance of a false verdict.
    """
    if effect.untold == "periods":
        return Settle(
            why="More weeks in which both kinds are posted would settle it; more posts in these weeks would not."
        )
    if effect.untold:
        return None
    alpha = like_once(effect, alpha)
    seen = _likely(effect, cells)
    if seen < _NEXT_TO_NOTHING:
        return Settle(why="The difference seen is next to nothing; no number of posts would make it matter.")
    between = _between(effect) if len(cells.accounts) > FEW_ACCOUNTS else 0.0
    if between and _quantiles(alpha, effect.accounts - 1) * math.sqrt(between) >= seen:
        return _more_accounts(effect, seen, alpha)
    times = _times(effect, seen, alpha, between)
    if times is None:
        return Settle(why=_AFFORDABLE)
    return _more_time(effect, cells, times)


def _likely(effect: Effect, cells: Cells) -> float:
    """The effect seen, drawn towards none by as much as luck makes such effects too large (Gelman and Carlin, 2014)."""
    usual = USUAL
    if cells.scale == "raw" and cells.count is None:
        usual *= abs(float((cells.n * cells.mean).sum() / cells.n.sum()))
    return abs(effect.estimate) * usual**2 / (usual**2 + effect.se**2)


def _more_time(effect: Effect, cells: Cells, times: float) -> Settle:
    posts = math.ceil(max((times - 1) * effect.posts, 1))
    if posts > MAX_POSTS:
        return Settle(why=_AFFORDABLE)
    if cells.day is None or not effect.unit:
        return Settle(posts=posts)
    weeks = math.ceil(max((times - 1) * (float(cells.day.max() - cells.day.min()) + 1) / 7, 1))
    return Settle(why=_AFFORDABLE) if weeks > MAX_WEEKS else Settle(weeks=weeks, posts=posts)


def _more_accounts(effect: Effect, seen: float, alpha: float) -> Settle:
    times = _times(effect, seen, alpha, 0.0)
    if times is None:
        return Settle(why=_AFFORDABLE)
    accounts = math.ceil(max((times - 1) * effect.accounts, 1))
    return Settle(why=_AFFORDABLE) if accounts > MAX_ACCOUNTS else Settle(accounts=accounts)


def _times(effect: Effect, seen: float, alpha: float, between: float) -> float | None:
    """How many times the present information it takes; None where none suffices."""
    rest = max(effect.se**2 - between, effect.se**2 / 20)
    times = 1.0
    for _ in range(60):
        reach = _quantiles(alpha, effect.df * times)
        room = (seen / reach) ** 2 - between
        if room <= 0:
            return None
        wanted = max(rest / room, 1.0)
        if abs(wanted - times) < 1e-6 * times:
            break
        times = (times + wanted) / 2
    return times if math.isfinite(times) and times < 1e9 else None


def _quantiles(alpha: float, df: float) -> float:
    df = max(df, 1.0)
    return t_quantile(1 - alpha / 2, df) + t_quantile(POWER, df)


def detectable(effect: Effect, alpha: float = 0.05) -> float:
    """The smallest effect that the posts could detect with 80 % power, on the scale."""
    return math.nan if effect.untold else _quantiles(like_once(effect, alpha), effect.df) * effect.se


def _between(effect: Effect) -> float:
    """What accounts' differing effects add to the variance (DerSimonian and Laird 1986), for the weights of the estimate."""
    from postlens.core.stats.accounts import tau_squared

    if len(effect.effects) < 3:
        return 0.0
    variances = [variance for _, _, variance in effect.effects]
    tau = tau_squared([estimate for _, estimate, _ in effect.effects], variances)
    weights = [1 / variance for variance in variances]
    return tau * sum(w * w for w in weights) / sum(weights) ** 2
