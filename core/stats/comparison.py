"""The comparison that every page shows: the levels of a grouping, each with its effect and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from postlens.core.contract import wording
from postlens.core.contract.schema import Column, Schema
from postlens.core.contract.sentences import Alternative
from postlens.core.contract.verdict import Settle, State
from postlens.core.stats.allowed import CLOCKS
from postlens.core.stats.always_valid import USUAL, at_every_look
from postlens.core.stats.cells import ACCOUNT, Cells, cells, cells_query
from postlens.core.stats.effect import MIN_POSTS, Effect
from postlens.core.stats.multiple import VISIT, holm_log, share_of_visit
from postlens.core.stats.scale import Scale
from postlens.core.stats.settle import settle
from postlens.core.stats.within import Comparer

Looks = Literal["once", "repeated"]
MAX_LEVELS = 25
SMALL = 10


@dataclass(frozen=True, kw_only=True)
class Level:
    """One group against others.

    Attributes:
        level: the group. against: the other one; empty for all other posts.
        effect: what was found.
        log_p: of the claim, after allowing for all levels of the grouping (Holm) and one-sided where that was asked.
        log_p_adjusted: the same, adjusted for what else a visit shows; `likely real` at ln 0.05 or below.
        state: how sure it is.
        settle: what it would take to tell.
        small_counts: typical posts have fewer than 10.
    """

    level: str
    against: str
    effect: Effect
    log_p: float
    log_p_adjusted: float
    state: State
    settle: Settle | None
    small_counts: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All levels of a grouping, and whether any differs.

    Attributes:
        metric, by: the columns. scale: `log`, `raw`, or `rate` where counts were compared with their exposure.
        levels: those with enough posts first, by their number of posts.
        log_p, log_p_adjusted, state: of "any level differs".
        posts, accounts: in the comparison.
        accounts_named: the accounts, by the number that `Effect.effects` has.
        undated: posts left out because they have no date.
        within: accounts are compared with themselves.
        hours: posts' time of day is known, and was allowed for.
    """

    metric: Column
    by: Column
    scale: Literal["log", "raw", "rate"]
    levels: tuple[Level, ...]
    log_p: float
    log_p_adjusted: float
    state: State
    posts: int
    accounts: int
    accounts_named: tuple[str, ...]
    undated: int
    within: bool
    hours: bool = False

    @property
    def tells(self) -> bool:
        """Whether there is any effect to show."""
        return any(not one.effect.untold for one in self.levels)

    def of(self, level: str) -> Level | None:
        """The answer about one level against all others."""
        return next((one for one in self.levels if one.level == level), None)


def query(posts: pl.LazyFrame, metric: str, by: str, schema: Schema, scale: Scale = "log") -> pl.LazyFrame:
    """What `compare` needs of the posts, not yet computed: a small table."""
    other = "post_type" if by in CLOCKS and "post_type" in schema else ""
    return cells_query(posts, schema[metric], scale, by, schema, other)


def compare(
    table: pl.DataFrame,
    metric: str,
    by: str,
    schema: Schema,
    scale: Scale = "log",
    *,
    alternative: Alternative = "two-sided",
    pair: tuple[str, str] | None = None,
    only: Sequence[str] | None = None,
    looks: Looks = "once",
) -> Comparison:
    """Compare the levels of a grouping, each with all other posts.

    Args:
        table: the answer to `query`.
        metric: what is compared.
        by: the grouping.
        schema: of the posts.
        scale: `log` or `raw`; a rate on the log scale is compared by its counts where both are known.
        alternative: the direction of each claim.
        pair: compare these two levels alone.
        only: levels to look at in place of the 25 most frequent.
        looks: `repeated` for answers that hold however often they are looked at while posts come in.
    """
    parts = cells(table)
    if scale == "raw" and parts.count is not None:
        parts = replace(parts, count=None, exposure=None)
    asked, choices = _asked_for(parts, pair, only)
    comparer = Comparer(parts, by)
    named = [(one, against, comparer.compare([one], [against] if against else None)) for one, against in asked]
    if looks == "repeated":
        usual = USUAL if scale == "log" or parts.count is not None else USUAL * abs(_mean(parts))
        named = [(level, against, at_every_look(effect, usual)) for level, against, effect in named]
    small = scale == "log" and parts.count is None and _small(parts)
    share = share_of_visit(metric, by, schema) / choices
    levels = _judged(named, share, alternative, parts, small_counts=small, scale=scale)
    told = [one for one in levels if not one.effect.untold]
    # Two levels are one question, asked from both sides.
    log_p = min((one.log_p for one in told), default=0.0)
    log_adjusted = min((one.log_p_adjusted for one in told), default=0.0)
    return Comparison(
        metric=schema[metric],
        by=schema[by],
        scale="rate" if parts.count is not None else scale,
        levels=tuple(levels),
        log_p=log_p,
        log_p_adjusted=log_adjusted,
        state=state_of_all(levels),
        posts=int(parts.n.sum()),
        accounts=len(parts.accounts) if ACCOUNT in schema and by != ACCOUNT else 0,
        accounts_named=parts.accounts,
        undated=parts.undated,
        within=len(parts.accounts) > 1,
        hours=bool((parts.band > 0).any()),
    )


def _asked_for(
    parts: Cells, pair: tuple[str, str] | None, only: Sequence[str] | None
) -> tuple[list[tuple[str, str]], int]:
    """What is compared with what, empty for all others; and among how many like it that could be chosen."""
    by_size = sorted(parts.levels, key=lambda level: (-parts.posts_of(level), level))
    enough = max(sum(parts.posts_of(level) >= MIN_POSTS for level in by_size), 1)
    if pair is not None:  # Any pair can be chosen, and the most striking one is.
        return [pair], max(enough * (enough - 1) // 2, 1)
    wanted = by_size[:MAX_LEVELS] if only is None else list(only)
    return [(level, "") for level in wanted if len(by_size) > 1], 1 if only is None else enough


def _mean(parts: Cells) -> float:
    return float((parts.n * parts.mean).sum() / parts.n.sum()) if len(parts.n) else math.nan


def _small(parts: Cells) -> bool:
    """Whether typical posts of a level have fewer than 10."""
    sums = np.bincount(parts.level, parts.n * parts.mean, len(parts.levels))
    n = np.bincount(parts.level, parts.n, len(parts.levels))
    means = sums[n >= MIN_POSTS] / n[n >= MIN_POSTS]
    return bool(len(means) and means.min() < math.log1p(SMALL))


def _judged(
    named: list[tuple[str, str, Effect]],
    share: float,
    alternative: Alternative,
    parts: Cells,
    *,
    small_counts: bool,
    scale: Scale,
) -> list[Level]:
    told = [i for i, (_, _, effect) in enumerate(named) if not effect.untold]
    single = [_directed(named[i][2], alternative) for i in told]
    both_sides = len(parts.levels) == 2 and len(told) == 2
    corrected = single if both_sides or len(single) < 2 else holm_log(single)
    at = dict(zip(told, corrected, strict=True))
    matters = (
        math.log(wording.MATTERS)
        if scale == "log" or parts.count is not None
        else (wording.MATTERS - 1) * abs(_mean(parts))
    )
    found = []
    for i, (level, against, effect) in enumerate(named):
        log_p = at.get(i, 0.0)
        adjusted = min(log_p + math.log(VISIT / share), 0.0)
        state = state_of(effect, adjusted, alternative, matters, small_counts=small_counts)
        found.append(
            Level(
                level=level,
                against=against,
                effect=effect,
                log_p=log_p,
                log_p_adjusted=adjusted,
                state=state,
                settle=None
                if state in {"likely real", "no difference of 20 % or more"}
                else settle(effect, parts, share / (1 if both_sides else max(len(told), 1))),
                small_counts=small_counts,
            )
        )
    return found


def _directed(effect: Effect, alternative: Alternative) -> float:
    """The log p-value in the direction asked about."""
    if alternative == "two-sided":
        return effect.log_p
    if effect.looked_for:
        return effect.log_p if (effect.estimate > 0) == (alternative == "greater") else 0.0
    from scipy import stats

    sign = 1 if alternative == "greater" else -1
    return min(float(stats.t.logsf(sign * effect.estimate / effect.se, effect.df)), 0.0)


def state_of(effect: Effect, adjusted: float, alternative: Alternative, matters: float, *, small_counts: bool) -> State:
    """How sure an effect is, from its p-value adjusted for what else is asked."""
    if effect.untold:
        lacks_weeks = effect.untold in {"periods", "weekday", "hour"}
        return "too few periods to tell" if lacks_weeks else "too few posts to tell"
    if adjusted <= math.log(VISIT) + 1e-12:
        return "too few posts to tell" if effect.rests_on_one_post else "likely real"
    excluded = (alternative == "less" or effect.high < matters) and (alternative == "greater" or effect.low > -matters)
    if excluded and not small_counts:
        return "no difference of 20 % or more"
    return "too few posts to tell"


def state_of_all(levels: Sequence[Level]) -> State:
    """How sure it is that any level differs."""
    states = {one.state for one in levels}
    if "likely real" in states:
        return "likely real"
    if states == {"no difference of 20 % or more"}:
        return "no difference of 20 % or more"
    if states and states <= {"too few periods to tell"}:
        return "too few periods to tell"
    return "too few posts to tell"
