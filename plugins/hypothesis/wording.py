"""What the page says beside its verdict: cautions, questions about circular groups, assumptions."""

from __future__ import annotations

import math
from collections.abc import Callable

import polars as pl

from postlens import Block, Notice, Text, Verdict, stats, wording
from postlens.plugins.hypothesis.result import Answer, HeldOut
from postlens.plugins.hypothesis.settings import Settings

_FAR = 1.5
_OTHERS = "all others"


def writer(answer: Answer) -> Callable[[float], str]:
    """An effect on the scale in words: a ratio on the log scale, a difference on the raw one."""
    if answer.scale == "log":
        return lambda value: wording.ratio(math.exp(value)) if value < 700 else "unbounded"
    percent = answer.found.metric.percent
    return lambda value: f"{'+' if value > 0 else ''}{wording.amount(value, as_percent=percent)}"


def second(answer: Answer) -> str:
    """What the group is compared with."""
    return answer.second_name or _OTHERS


def verdict(answer: Answer, params: Settings) -> Verdict:
    """The answer, as every page says it."""
    if answer.mode == "all":
        return stats.verdict_of_all(answer.found)
    level = answer.found.of(answer.first_name)
    assert level is not None
    return stats.verdict_of(answer.found, level, params.alternative)


def circular(answer: Answer) -> Notice:
    """Why there is no test of groups on what they were made from."""
    write = writer(answer)
    size = (
        f" Size of the difference: {write(answer.estimate)} for {answer.first_name} against {second(answer)}."
        if math.isfinite(answer.estimate)
        else ""
    )
    asked = answer.held is not None or answer.structure is not None
    advice = (
        "What can be asked is answered below; or group by type, account or weekday."
        if asked
        else "Compare one group with all others to see what can be asked; or group by type, account or weekday."
        if answer.mode == "all"
        else "Group by type, account or weekday instead, or test a metric they were not made from."
    )
    return Notice(
        kind="caution",
        title="Circular: no test is possible",
        text=f"These groups were made from {', '.join(name.lower() for name in answer.shared)}, so they must differ in "
        f"{answer.metric_label.lower()}, also where there are no real groups.{size} A p-value would be meaningless. {advice}",
    )


def cautions(answer: Answer) -> list[Block]:
    """What the reader should know before believing the verdict."""
    blocks: list[Block] = []
    if answer.unknown_origin:
        blocks.append(
            Notice(
                kind="caution",
                title=f"Where does {answer.group_label} come from?",
                text=f"The file has a column {answer.group_label}. If it was made from {answer.metric_label.lower()} or its parts, "
                "this comparison is circular: the groups must differ, and the p-value says nothing.",
            )
        )
    if answer.below_zero:
        blocks.append(
            Notice(
                title="Compared as counted",
                text=f"{answer.metric_label} is below 0 in {answer.below_zero:,} posts, which have no logarithm, so plain means are "
                "compared. The luckiest posts decide these.",
            )
        )
    pooled = answer.tests.filter(pl.col("scale") == answer.scale)
    if pooled.height and math.isfinite(answer.estimate):
        blocks += _pooled_differs(answer, pooled.row(0, named=True))
    return blocks


def _pooled_differs(answer: Answer, pooled: dict[str, float]) -> list[Block]:
    """All posts together may say something else: who posts what, and when, is mixed into it."""
    write = writer(answer)
    within, together = answer.estimate, pooled["estimate"]
    opposite = within * together < 0 and min(abs(within) / answer.se, abs(pooled["statistic"])) > 1
    far = (
        answer.scale == "log" and not answer.low <= together <= answer.high and abs(together - within) > math.log(_FAR)
    )
    where = stats.compared_within(answer.found, answer.first_name)
    if not where or (not opposite and not far):
        return []
    text = (
        f"All posts together, {answer.first_name} against {second(answer)} is {write(together)}; within the same {where} "
        f"it is {write(within)}. "
    )
    why = (
        "The accounts that post more of one kind are larger to begin with (Simpson's paradox). "
        if opposite
        else "The difference is who posts what, and when. "
    )
    return [
        Notice(
            kind="caution",
            title="All posts together say something else",
            text=f"{text}{why}The answer above compares like with like; an average over all posts would mislead.",
        )
    ]


def general(answer: Answer) -> str:
    """The effect for accounts in general, and for the next account."""
    found = answer.general
    if found is None and answer.scale == "rate":
        return "Rates are compared for these accounts; what holds for accounts in general is not estimated."
    if found is None:
        return "Fewer than three accounts have posts of both kinds, so nothing can be said of accounts in general."
    write = writer(answer)
    return (
        f"For accounts in general {write(found.estimate)} (95 % interval {wording.interval(found.low, found.high, write)}, from "
        f"{found.accounts} accounts). The next account may see {write(found.next_low)} to {write(found.next_high)}."
    )


def hypotheses(answer: Answer, params: Settings) -> str:
    """H0 and H1 in words."""
    average = {"log": "geometric means (of 1 + x)", "raw": "means", "rate": "mean rates"}[answer.scale]
    metric = answer.metric_label.lower()
    within = stats.compared_within(answer.found, answer.first_name if answer.mode != "all" else "")
    where = f" within {within}" if within else ""
    if answer.mode == "all":
        return (
            f"H0: all groups of {answer.group_label.lower()} have equal {average} of {metric}{where}. H1: one differs."
        )
    sign = {
        "two-sided": "differ",
        "greater": f"are higher for {answer.first_name}",
        "less": f"are lower for {answer.first_name}",
    }[params.alternative]
    return f"H0: {average} of {metric} are equal for {answer.first_name} and {second(answer)}{where}. H1: they {sign}."


def how(answer: Answer) -> str:
    """How the answer was found, in sentences."""
    level = answer.found.of(answer.first_name)
    if level is None or level.effect.untold:
        return ""
    effect = level.effect
    within = stats.compared_within(answer.found, answer.first_name)
    allowed = stats.allowed_for(answer.found)
    what = f"Posts are compared within the same {within}"
    if effect.unit and allowed:
        what = f"Posts are compared within the same {within}, {wording.listed(allowed)} allowed for"
    elif not effect.unit:
        what = f"Posts are compared within the same {within}" if within else "All posts are compared with each other"
    error = {
        "period": "between periods",
        "stretch": "between stretches of one to four weeks, because what is posted in one of them does well or badly together",
        "account": "between accounts",
        "posts": "between posts",
        "piece": "between texts, some of which were posted again",
    }[effect.clustered]
    share = stats.share_text(level)
    looks = " The interval and p hold however often you look as posts come in." if effect.looked_for else ""
    follows = f" {stats.follows_text(answer.found, level)}" if effect.follows else ""
    company = f" {stats.company_text(answer.found, level)}" if effect.company else ""
    undated = f" {answer.found.undated:,} posts without a date are left out." if answer.found.undated else ""
    return (
        f"{what}; the error is taken from how the difference varies {error} ({wording.number(effect.df)} degrees of freedom). "
        f"{wording.p_value(level.log_p)}"
        f"{share}.{looks}{undated}{follows}{company}"
    )


def assumptions(answer: Answer) -> Text:
    """Tails and sizes, as information, never as a gate."""
    small = answer.groups.sort("posts").row(0, named=True)
    skew = max((abs(s) for s in answer.groups["skew"].to_list() if s is not None), default=0.0)
    enough = small["posts"] >= 25 * skew * skew
    tail = (
        "enough for means on the raw scale to be nearly normal"
        if enough
        else f"fewer than 25 x skewness^2 = {wording.number(25 * skew * skew)}, so raw-scale means are not to be trusted; use the log scale"
    )
    return Text(
        title="Assumptions, for information",
        body=f"The smaller group, {small['level']}, has {small['posts']:,} posts: {tail}. Variances may differ. Tests of all posts "
        "together take posts as independent, which posts of one account are not.",
    )


# -- circular groups: what can be asked ----------------------------------------------------------------


def held_out(held: HeldOut) -> Verdict:
    """The comparison of groups made again without the metric."""
    level = held.found.of(held.level)
    assert level is not None
    base = stats.verdict_of(held.found, level)
    left_out = ", ".join(name.lower() for name in held.left_out)
    return stats.reworded(
        base,
        claim=f"Made again without {left_out}: {base.claim[0].lower()}{base.claim[1:]}",
        by=f"{base.by} without {left_out}",
        detail=f"{base.detail} The groups change: the adjusted Rand index of both groupings is {held.rand:.2f}, where 1 is the same "
        "and 0 is chance. This shows which behaviours go together; it does not show that the groups are separate.".strip(),
    )


def structure(answer: Answer) -> Verdict:
    """Whether the groups are more than an arbitrary cut."""
    row = answer.structure
    assert row is not None
    separate = row.structure_p <= 0.05
    metric = answer.metric_label.lower()
    share = (
        f" They explain {wording.percent(row.eta2)} of {metric}; simulated data reach {wording.percent(row.eta2_low)}, at most "
        f"{wording.percent(row.eta2_high)}."
        if separate and math.isfinite(row.eta2)
        else ""
    )
    claim = (
        "These look like separate groups."
        if separate
        else "Simulated data without groups look just as clustered: no separate groups."
    )
    advice = "" if separate else " Treat the groups as an arbitrary cut of posts that differ by degrees."
    return Verdict(
        claim=claim,
        state="likely real" if separate else "could be chance",
        by=answer.found.by.name,
        estimate=row.structure,
        scale="probability",
        log_p=math.log(row.structure_p),
        log_p_adjusted=math.log(row.structure_p),
        posts=row.posts,
        effect=f"the groups explain {wording.percent(row.structure)} of the variation; simulated data without groups "
        f"{wording.percent(row.structure_low)}, at most {wording.percent(row.structure_high)}",
        n=f"{row.posts:,} posts, {row.draws} simulated data sets of each kind",
        detail=f"{wording.p_value(math.log(row.structure_p))}.{share}{advice} Simulated data have these posts' {row.kept}, and no groups.",
    )
