"""Looking again and again: intervals and p-values that hold at every look, however many there are.

An interval of 95 % misses the truth in one of twenty looks, so who looks at growing posts each week and stops at the first
"real" is wrong far more often. Here the evidence is the ratio of how likely the estimate is under effects of a usual size and
under none; where nothing is real it exceeds 20 at any look, ever, with a chance of 5 %.

Source: Robbins (1970), Ann. Math. Stat. 41, 1397-1409; Johari, Koomen, Pekelis and Walsh (2022), Oper. Res. 70, 1806-1821;
Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Ann. Stat. 52, 2613-2640, for estimates that are normal in the long run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from postlens.core.stats.effect import Effect
from postlens.core.stats.t import t_quantile

USUAL = math.log(1.35)  # Spread of the effects that are looked for, on the log scale; chosen once, so that looks agree.
_NORMAL = 1.959964


def at_every_look(effect: Effect, usual: float = USUAL) -> Effect:
    """The same effect with a p-value and a 95 % interval that hold however often it is looked at.

    Args:
        effect: what this look found.
        usual: spread of the effects that are looked for, on its scale; the same at every look.
    """
    if effect.untold:
        return effect
    se = effect.se * t_quantile(0.975, effect.df) / _NORMAL  # Few degrees of freedom reach farther.
    seen = (usual / se) ** 2
    evidence = 0.5 * ((effect.estimate / se) ** 2 * seen / (1 + seen) - math.log1p(seen))
    half = se * _boundary(seen, 0.05)
    return replace(
        effect,
        log_p=min(-evidence, 0.0),
        low=effect.estimate - half,
        high=effect.estimate + half,
        looked_for=usual,
    )


def over_all_looks(looks: Sequence[Effect]) -> Effect:
    """What some looks say together, in their order: the last estimate, in the interval that all of them leave, with the strongest evidence.

    Each interval holds with all others at once, so what one of them decided stays decided. Where luck has left no common interval, it
    is that of the last look.
    """
    last = looks[-1]
    low, high = max(one.low for one in looks), min(one.high for one in looks)
    whole = (low, high) if low <= high else (last.low, last.high)
    return replace(last, low=whole[0], high=whole[1], log_p=min(one.log_p for one in looks))


def level_of_last_look(se: float, df: float, usual: float, alpha: float = 0.05) -> float:
    """The level of a single look that asks for as much as the last of many looks does, by a t-test of the same estimate.

    Args:
        se: standard error of the estimate at that look.
        df: its degrees of freedom.
        usual: spread of the effects that are looked for, on its scale.
        alpha: the level over all looks.
    """
    wide = t_quantile(0.975, df) / _NORMAL
    limit = wide * _boundary((usual / (se * wide)) ** 2, alpha)
    from scipy import stats

    return float(2 * stats.t.sf(limit, df))


def like_once(effect: Effect, alpha: float) -> float:
    """The level of a single look that asks for as much as some level at every look, with twice the present posts."""
    if effect.untold or not effect.looked_for:
        return alpha
    return math.erfc(_boundary(2 * (effect.looked_for / effect.se) ** 2, alpha) / math.sqrt(2))


def _boundary(seen: float, alpha: float) -> float:
    """How many standard errors it takes, where a usual effect has `seen` squared ones."""
    return math.sqrt((1 + seen) / seen * (math.log1p(seen) - 2 * math.log(alpha)))
