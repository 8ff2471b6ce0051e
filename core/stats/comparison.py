"""The comparison that every page shows: the levels of a grouping, each with its effect, its state and its verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from postlens.core.contract import wording
from postlens.core.contract.blocks import Table
from postlens.core.contract.schema import Column, Schema
from postlens.core.contract.sentences import Alternative, Asked, claim, claim_of_all, posts_of
from postlens.core.contract.verdict import Scale as VerdictScale
from postlens.core.contract.verdict import Settle, State, Verdict
from postlens.core.stats.always_valid import USUAL, at_every_look
from postlens.core.stats.cells import ACCOUNT, Cells, cells, cells_query
from postlens.core.stats.effect import MIN_POSTS, Effect
from postlens.core.stats.multiple import VISIT, holm_log, share_of_visit
from postlens.core.stats.scale import Scale
from postlens.core.stats.settle import settle
from postlens.core.stats.within import CLOCKS, Comparer

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
        parts = _without_counts(parts)
    comparer = Comparer(parts, by)
    share = share_of_visit(metric, by, schema)
    by_size = sorted(parts.levels, key=lambda level: (-parts.posts_of(level), level))
    enough = max(sum(parts.posts_of(level) >= MIN_POSTS for level in by_size), 1)
    choices = 1
    if pair is not None:
        choices = max(enough * (enough - 1) // 2, 1)  # Any pair can be chosen, and the most striking one is.
        named = [(pair[0], pair[1], comparer.compare([pair[0]], [pair[1]]))]
    else:
        choices = enough if only is not None else 1
        wanted = list(only) if only is not None else by_size[:MAX_LEVELS]
        wanted = wanted if len(by_size) > 1 else []
        named = [(level, "", comparer.compare([level])) for level in wanted]
    if looks == "repeated":
        usual = USUAL if scale == "log" or parts.count is not None else USUAL * abs(_mean(parts))
        named = [(level, against, at_every_look(effect, usual)) for level, against, effect in named]
    small = scale == "log" and parts.count is None and _small(parts)
    levels = _judged(named, share / choices, alternative, parts, small_counts=small, scale=scale)
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
        state=_state_of_all(levels),
        posts=int(parts.n.sum()),
        accounts=len(parts.accounts) if ACCOUNT in schema and by != ACCOUNT else 0,
        accounts_named=parts.accounts,
        undated=parts.undated,
        within=len(parts.accounts) > 1,
        hours=bool((parts.band > 0).any()),
    )


def _without_counts(parts: Cells) -> Cells:
    from dataclasses import replace

    return replace(parts, count=None, exposure=None)


def _mean(parts: Cells) -> float:
    return float((parts.n * parts.mean).sum() / parts.n.sum()) if len(parts.n) else math.nan


def _small(parts: Cells) -> bool:
    """Whether typical posts of a level have fewer than 10."""
    import numpy as np

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
        state = _state(effect, adjusted, alternative, matters, small_counts=small_counts)
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


def _state(effect: Effect, adjusted: float, alternative: Alternative, matters: float, *, small_counts: bool) -> State:
    if effect.untold:
        return "too few periods to tell" if effect.untold == "periods" else "too few posts to tell"
    if adjusted <= math.log(VISIT) + 1e-12:
        return "too few posts to tell" if effect.rests_on_one_post else "likely real"
    excluded = (alternative == "less" or effect.high < matters) and (alternative == "greater" or effect.low > -matters)
    if excluded and not small_counts:
        return "no difference of 20 % or more"
    return "too few posts to tell"


def _state_of_all(levels: Sequence[Level]) -> State:
    states = {one.state for one in levels}
    if "likely real" in states:
        return "likely real"
    if states == {"no difference of 20 % or more"}:
        return "no difference of 20 % or more"
    if states and states <= {"too few periods to tell"}:
        return "too few periods to tell"
    return "too few posts to tell"


# -- verdicts ------------------------------------------------------------------------------------------


def verdict_of(found: Comparison, one: Level, alternative: Alternative = "two-sided") -> Verdict:
    """The verdict on one level."""
    asked = _asked(found, one, alternative)
    effect = one.effect
    told = not effect.untold
    scale, write = _scale_of(found)
    return Verdict(
        claim=claim(asked, one.state, effect.estimate if told else 0.0, small_counts=one.small_counts),
        state=one.state,
        metric=found.metric.name,
        by=found.by.name,
        level=one.level,
        against=one.against,
        estimate=write(effect.estimate) if told else None,
        low=write(effect.low) if told else None,
        high=write(effect.high) if told else None,
        scale=scale,
        log_p=one.log_p if told else None,
        log_p_adjusted=one.log_p_adjusted if told else None,
        posts=effect.posts,
        accounts=effect.accounts if found.within else 0,
        group_posts=effect.first,
        settle=one.settle,
        percent=found.metric.percent,
        detail=_detail(found, one),
    )


def verdict_of_all(found: Comparison) -> Verdict:
    """The verdict on "any level differs", with the numbers of the level with the strongest evidence."""
    told = [one for one in found.levels if not one.effect.untold]
    top = min(told, key=lambda one: (one.log_p, one.level), default=None)
    scale, write = _scale_of(found)
    effect = top.effect if top else None
    untold = top is None or top.state.startswith("too few")
    strongest = "" if top is None or untold else f"Strongest evidence: {verdict_of(found, top).claim}"
    told_settle = (
        None if found.state in {"likely real", "no difference of 20 % or more"} else top.settle if top else None
    )
    return Verdict(
        claim=claim_of_all(_asked(found, None), found.state),
        state=found.state,
        metric=found.metric.name,
        by=found.by.name,
        estimate=write(effect.estimate) if effect else None,
        low=write(effect.low) if effect else None,
        high=write(effect.high) if effect else None,
        scale=scale,
        log_p=found.log_p if told else None,
        log_p_adjusted=found.log_p_adjusted if told else None,
        posts=found.posts,
        accounts=found.accounts if found.within else 0,
        settle=told_settle,
        percent=found.metric.percent,
        detail=" ".join(part for part in (strongest, _caution(found)) if part),
    )


def posts_named(found: Comparison, level: str) -> str:
    """The posts of a group as sentences name them: `Saturday posts`, `posts published from 04:00`."""
    return posts_of(Asked(metric=found.metric.label, by=found.by.label), level)


_PERIODS = {
    1: "days",
    2: "periods of two days",
    3: "periods of three days",
    4: "periods of four days",
    7: "weeks",
    14: "periods of two weeks",
    28: "periods of four weeks",
    84: "periods of twelve weeks",
}


def compared_within(found: Comparison, level: str = "") -> str:
    """What compared posts have in common: `accounts and weeks`, `periods of three days`; empty where posts are just posts.

    Args:
        found: the comparison.
        level: the group asked about; the periods of the longest one where it is empty.
    """
    units = {one.effect.unit for one in found.levels if not one.effect.untold and level in {"", one.level}}
    unit = max(units, default=0)
    match found.within, unit:
        case True, 0:
            return "accounts"
        case True, _:
            return f"accounts and {_PERIODS[unit]}"
        case False, 0:
            return ""
        case _:
            return _PERIODS[unit]


def _asked(found: Comparison, one: Level | None, alternative: Alternative = "two-sided") -> Asked:
    return Asked(
        metric=found.metric.label,
        by=found.by.label,
        level=one.level if one else "",
        against=one.against if one else "",
        rate=found.metric.kind == "rate",
        within=found.within,
        alternative=alternative,
        raw=found.scale == "raw",
    )


def _scale_of(found: Comparison) -> tuple[VerdictScale, Callable[[float], float]]:
    if found.scale == "raw":
        return "difference", lambda value: value
    return "ratio", lambda value: math.exp(min(value, 700.0))


def _detail(found: Comparison, one: Level) -> str:
    effect = one.effect
    if effect.untold == "posts":
        smaller = min(effect.first, effect.second)
        return f"A comparison needs {MIN_POSTS} posts on each side; the smaller has {smaller}."
    if effect.untold == "accounts":
        return "No account has posts of both kinds, so the group cannot be told from the account."
    if effect.untold == "periods":
        return (
            "Posts of one account are alike in time, so groups are compared within the same weeks, and too few weeks have both. "
            "A change of level at the same time would look the same."
        )
    parts = []
    if one.state == "likely real":
        parts.append(_caution(found))
    elif effect.rests_on_one_post and one.log_p_adjusted <= math.log(VISIT):
        parts.append("One post makes the difference: without it, it could be chance.")
    elif one.log_p <= math.log(VISIT) < one.log_p_adjusted:
        parts.append(
            "Taken alone it would pass, but pages show several comparisons; adjusted for that it could be chance."
        )
    return " ".join(part for part in parts if part)


_WEEK = 7


def _caution(found: Comparison) -> str:
    """What was allowed for, and what else could explain a difference."""
    if found.state != "likely real":
        return ""
    unit = max((one.effect.unit for one in found.levels if one.state == "likely real"), default=0)
    if not unit:
        return "Not explained by luck; time, weekday, budget or campaign may still explain it."
    long = unit > _WEEK  # Within long stretches, what changes from week to week is not allowed for.
    stretch = "the stretch of weeks" if long else "week"
    if found.by.name == "hour":
        return f"Not explained by luck, {stretch} and weekday; budget or campaign may still explain it."
    if found.by.name == "weekday":
        told, left = (f"{stretch} and quarter of the day", "") if found.hours else (stretch, "time of day, ")
    elif found.hours:
        told, left = f"{stretch}, weekday and quarter of the day", "the hour within it, "
    else:
        told, left = f"{stretch} and weekday", "time of day, "
    return (
        f"Not explained by luck, {told}; {left}{'the week, ' if long else ''}budget or campaign may still explain it."
    )


def follows_text(found: Comparison, one: Level) -> str:
    """Said where a group goes with how the posts before it did; empty where not."""
    if not one.effect.follows:
        return ""
    subject = posts_named(found, one.level)
    return (
        f"Whether posts are {subject} seems to go with how the posts before them did, so each post is compared with later ones of "
        "the same period alone."
    )


def share_text(one: Level) -> str:
    """How the p-value is adjusted for what else is shown; empty where it is not."""
    if one.log_p_adjusted <= one.log_p + 1e-9:
        return ""
    return f", {wording.p_value(one.log_p_adjusted)} adjusted for what else pages show"


def reworded(verdict: Verdict, **changes: str) -> Verdict:
    """The same verdict with other words."""
    from dataclasses import replace

    return replace(verdict, **changes)  # type: ignore[arg-type]


def levels_table(found: Comparison) -> pl.DataFrame:
    """Every level against all others, the highest first.

    Returns:
        `level`, `posts`, `accounts`, `effect`, `low`, `high` (ratios, or differences on the raw scale; null where there is too
        little to tell), `p` (after Holm), `state`.
    """
    _, write = _scale_of(found)
    rows = []
    for one in found.levels:
        effect = one.effect
        ends = [None] * 3 if effect.untold else [write(v) for v in (effect.estimate, effect.low, effect.high)]
        p = None if effect.untold else math.exp(one.log_p)
        rows.append((one.level, effect.first or effect.posts, effect.accounts or None, *ends, p, one.state))
    floats = dict.fromkeys(("effect", "low", "high", "p"), pl.Float64)
    schema = {"level": pl.String, "posts": pl.Int64, "accounts": pl.Int64, **floats, "state": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.sort(["effect", "level"], descending=[True, False], nulls_last=True)


def levels_block(found: Comparison, name: str) -> Table:
    """The same as a table for a page."""
    raw = found.scale == "raw"
    within = compared_within(found)
    adjusted = "p allows for all groups, the verdict also for what else pages show."
    return Table(
        title=f"{found.metric.label}: each {found.by.label.lower()} against all others",
        name=name,
        rows=levels_table(found),
        labels={
            "level": found.by.label,
            "posts": "Posts",
            "accounts": "Accounts",
            "effect": "Difference" if raw else "Ratio",
            "low": "95 % from",
            "high": "to",
            "p": "p, Holm",
            "state": "Verdict",
        },
        formats={"posts": "integer", "accounts": "integer", "p": "p"}
        | dict.fromkeys(("effect", "low", "high"), "number" if raw else "ratio"),
        note=f"Compared within the same {within}; {adjusted}" if within else f"{adjusted[0].upper()}{adjusted[1:]}",
    )
