"""What a comparison says: its verdicts, the words for what was compared and allowed for, and its table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import polars as pl

from postlens.core.contract import wording
from postlens.core.contract.blocks import Table
from postlens.core.contract.sentences import Alternative, Asked, claim, claim_of_all, posts_of
from postlens.core.contract.verdict import Scale as VerdictScale
from postlens.core.contract.verdict import Verdict
from postlens.core.stats.allowed import CLOCKS
from postlens.core.stats.comparison import Comparison, Level
from postlens.core.stats.effect import MIN_POSTS
from postlens.core.stats.multiple import VISIT


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
    alike = top is not None and top.state == "no difference of 20 % or more"
    strongest = "" if top is None or untold or alike else f"Strongest evidence: {verdict_of(found, top).claim}"
    if top is not None and untold and len(told) > 1:
        strongest = f"The numbers are those of {posts_named(found, top.level)}, for which the evidence is strongest."
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
    if effect.untold == "texts":
        return (
            "The posts of one side are a few texts posted again and again, so the group cannot be told from its texts."
        )
    if effect.untold == "accounts":
        return "No account has posts of both kinds, so the group cannot be told from the account."
    if effect.untold in {"weekday", "hour"}:
        part, several = ("weekday", "weekdays") if effect.untold == "weekday" else ("time of day", "times of day")
        return f"Each account posts these on {several} of their own, so the group cannot be told from the {part}: ask about that."
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
    told = wording.listed(["the stretch of weeks" if long else "week", *allowed_for(found)])
    clock = "" if found.by.name in CLOCKS and found.hours else "the hour within it" if found.hours else "time of day"
    left = [clock] if clock else []
    left += ["the week"] if long else []
    return f"Not explained by luck, {told}; {wording.listed([*left, 'budget', 'campaign'], 'or')} may still explain it."


def allowed_for(found: Comparison) -> list[str]:
    """What comparisons within periods allow for beside them: weekday, quarter of the day; never what is compared."""
    weekday = [] if found.by.name == "weekday" else ["weekday"]
    return [*weekday, "quarter of the day"] if found.hours and found.by.name != "hour" else weekday


def follows_text(found: Comparison, one: Level) -> str:
    """Said where a group goes with how the posts before it did; empty where not."""
    if not one.effect.follows:
        return ""
    subject = posts_named(found, one.level)
    return (
        f"Whether posts are {subject} seems to go with how the posts before them did, so each post is compared with later ones of "
        "the same period alone."
    )


def company_text(found: Comparison, one: Level) -> str:
    """Said where a group goes with how many posts its account has on the day; empty where not."""
    if not one.effect.company:
        return ""
    subject = posts_named(found, one.level)
    return (
        f"Whether posts are {subject} goes with how many posts the account has on that day, so the comparison is made with and "
        "without allowing for that, and the weaker answer counts."
    )


def share_text(one: Level) -> str:
    """How the p-value is adjusted for what else is shown; empty where it is not."""
    if one.log_p_adjusted <= one.log_p + 1e-9:
        return ""
    return f", {wording.p_value(one.log_p_adjusted)} adjusted for what else pages show"


def reworded(verdict: Verdict, **changes: str) -> Verdict:
    """The same verdict with other words."""
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
    note = "p allows for all groups, the verdict also for what else pages show."
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
        note=f"Compared within the same {within}. {note}" if within else note,
    )
