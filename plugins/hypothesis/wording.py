"""What the hypothesis page says: verdict, cautions and hypotheses as sentences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import polars as pl

from postlens import Block, Notice, Text, Verdict, wording
from postlens.plugins.hypothesis.settings import Comparison, Settings

FAR = 1.5


def writer(result: Comparison) -> Callable[[float], str]:
    """An effect on the scale in words: a ratio on the log scale, a difference on the raw one."""
    if result.scale == "log":
        return lambda value: wording.ratio(math.exp(value)) if value < 700 else "unbounded"
    return lambda value: f"{'+' if value > 0 else ''}{wording.number(value)}"


def circular(result: Comparison) -> Notice:
    """Why there is no test of groups on what they were made from."""
    write = writer(result)
    size = f"Size of the difference: {write(result.estimate)} for {result.first_name} against {result.second_name}."
    asked = not (result.held.is_empty() and result.crowd.is_empty())
    advice = (
        "What can be asked honestly is answered below; or group by type, account or weekday."
        if asked
        else "Compare one group with the rest to see what can be asked honestly; or group by type, account or weekday."
        if result.mode == "all"
        else "Group by type, account or weekday instead, or test a metric they were not made from."
    )
    return Notice(
        kind="caution",
        title="Circular: no test is possible",
        text=f"These groups were built using {', '.join(name.lower() for name in result.shared)}, so they must differ on "
        f"{result.metric_label.lower()}, also where there are no real groups. {size} A p-value would be meaningless. "
        f"{advice}",
    )


def verdict(result: Comparison, params: Settings) -> Verdict:
    """The answer: claim, state, effect, interval, n and what would settle it."""
    write = writer(result)
    if result.mode == "all":
        return _verdict_all(result)
    state = _state(result, params)
    return Verdict(
        claim=_claim(result, params, state),
        state=state,
        effect=write(result.estimate) + (" on 1 + x" if result.small_counts else ""),
        interval=wording.interval(result.low, result.high, write),
        n=f"{result.posts:,} posts" + (f" of {_accounts(result.accounts)}" if result.accounts else ""),
        detail=_settle(result, params, state),
    )


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count:,} accounts"


def _claim(result: Comparison, params: Settings, state: wording.State) -> str:
    subject, metric = _subject(result), result.metric_label.lower()
    inside = result.method == "inside accounts"
    other = "their account's other posts" if inside and result.mode == "rest" else _other(result)
    lower = subject[0].lower() + subject[1:]
    if state == "likely real":
        return f"{subject} earn {_size(result)} {metric} {'of' if _size(result).endswith('the') else 'than'} {other}."
    if state == "too few posts to tell":
        return f"Whether {lower} earn more or fewer {metric} than {other} cannot be told yet."
    if params.alternative != "two-sided":
        return f"{subject} do not earn {'more' if params.alternative == 'greater' else 'fewer'} {metric} than {other}."
    return f"{subject} earn about as many {metric} as {other}."


def _size(result: Comparison) -> str:
    """How much more, in words that the scale bears."""
    more = "more" if result.estimate >= 0 else "fewer"
    if result.scale == "raw":
        return f"{wording.number(abs(result.estimate))} {more}"
    ratio = math.exp(min(result.estimate, 700))
    if result.small_counts:
        return more
    if ratio >= 2:
        return f"{ratio:.1f} times the"
    share = abs(ratio - 1)
    return f"less than 1 % {more}" if share < 0.01 else f"{wording.percent(round(share, 2))} {more}"


def _verdict_all(result: Comparison) -> Verdict:
    write = writer(result)
    state = wording.state(result.log_p, result.two_sided_low, result.two_sided_high, matters=_matters(result))
    if not result.account_aware or (result.small_counts and state == "could be chance"):
        state = "too few posts to tell"
    sure = result.pairs.filter(pl.col("p_holm") <= 0.05).height
    where = " inside accounts" if result.method == "inside accounts" else ""
    metric, group = result.metric_label.lower(), result.group_label.lower()
    claim = {
        "likely real": f"Posts of different {group} earn different {metric}{where}.",
        "could be chance": f"Posts of every {group} earn about as many {metric}{where}.",
        "too few posts to tell": f"Whether {metric} differ between the groups of {group} cannot be told yet.",
    }[state]
    detail = f"{wording.p_value(result.log_p)}. Of {result.pairs.height} pairs, {sure} differ after Holm's correction."
    return Verdict(
        claim=claim,
        state=state,
        effect=f"most surely {result.first_name} against {result.second_name}: {write(result.estimate)}",
        interval=wording.interval(result.low, result.high, write),
        n=f"{result.posts:,} posts in {result.groups.height} groups",
        detail=f"{detail} The interval allows for all pairs.{_unaware(result)}",
    )


def _unaware(result: Comparison) -> str:
    """Why posts of too few accounts say little, however many they are."""
    if result.account_aware:
        return ""
    return (
        " Posts of one account are alike, and here the groups come from too few different accounts to tell the group from "
        "the account. More accounts would settle it, not more posts."
    )


def _state(result: Comparison, params: Settings) -> wording.State:
    if not result.account_aware:
        return "too few posts to tell"
    found = wording.state(
        result.log_p,
        result.two_sided_low,
        result.two_sided_high,
        alternative=params.alternative,
        matters=_matters(result),
    )
    if found == "could be chance" and result.small_counts and not _means_alike(result):
        return "too few posts to tell"
    return found


def _means_alike(result: Comparison) -> bool:
    """Whether the ratio of plain means is within a fifth, which small counts must show beside the log scale."""
    return result.ratio_low > 1 / wording.MATTERS and result.ratio_high < wording.MATTERS


def _matters(result: Comparison) -> float:
    if result.scale == "log":
        return math.log(wording.MATTERS)
    typical = max((abs(m) for m in result.groups["mean"].to_list() if m is not None), default=0.0)
    return (wording.MATTERS - 1) * typical


def _subject(result: Comparison) -> str:
    name = result.first_name
    return (
        f"Posts of {result.group_label.lower()} {name}"
        if len(name) < 3 or name[0].isdigit()
        else f"{name[0].upper()}{name[1:]} posts"
    )


def _other(result: Comparison) -> str:
    return "the others" if result.mode == "rest" else f"{result.second_name} posts"


def _settle(result: Comparison, params: Settings, state: wording.State) -> str:
    p = wording.p_value(result.log_p)
    if not result.account_aware:
        return f"{p} for posts taken as independent, which they are not.{_unaware(result)}"
    found = f"An effect of {smallest(result)} or more would have been found 4 times in 5."
    if state == "likely real":
        small = max(abs(result.two_sided_low), abs(result.two_sided_high)) < _matters(result)
        return f"{p}. {found}" + (
            " The difference is too small to matter much." if small and not result.small_counts else ""
        )
    wrong_way = (params.alternative == "greater" and result.estimate <= 0) or (
        params.alternative == "less" and result.estimate >= 0
    )
    if wrong_way:
        return f"{p}. The difference seen points the other way. {found}"
    if result.posts_needed >= 10**8:
        return f"{p}. The difference seen is next to nothing; no number of posts would make it matter."
    more = wording.number(max(result.posts_needed - result.posts, 1))
    what = "posts in the same mix and accounts" if result.accounts else "posts in the same mix"
    return f"{p}. {found} If the true effect is the one seen, about {more} more {what} would settle it."


def smallest(result: Comparison) -> str:
    """The smallest effect that would have been found, in words."""
    return wording.ratio(math.exp(result.detectable)) if result.scale == "log" else wording.number(result.detectable)


def cautions(result: Comparison) -> list[Block]:
    """What the reader should know before believing the verdict."""
    blocks: list[Block] = []
    if result.unknown_origin:
        blocks.append(
            Notice(
                kind="caution",
                title=f"Where does {result.group_label} come from?",
                text=f"The file has a column {result.group_label}. If it was made from {result.metric_label.lower()} or its parts, this "
                "comparison is circular: the groups must differ, and the p-value says nothing.",
            )
        )
    signs = {r["method"]: r for r in result.tests.iter_rows(named=True)}
    inside = signs.get("inside accounts")
    pooled = signs.get("pooled, clustered by account") or signs.get(f"Welch, {result.scale} scale")
    if (
        inside
        and pooled
        and inside["estimate"] * pooled["estimate"] < 0
        and min(abs(inside["statistic"]), abs(pooled["statistic"])) > 1
    ):
        write = writer(result)
        blocks.append(
            Notice(
                kind="caution",
                title="Pooled and inside accounts disagree",
                text=f"Pooled over accounts the effect is {write(pooled['estimate'])}, inside the same account {write(inside['estimate'])}. "
                "The groups are posted by accounts of different size (Simpson's paradox). Trust the comparison inside accounts.",
            )
        )
    elif inside and pooled and result.scale == "log" and _far_apart(inside, pooled):
        write = writer(result)
        blocks.append(
            Notice(
                kind="caution",
                title="Pooled over accounts the effect looks quite different",
                text=f"Pooled it is {write(pooled['estimate'])}, inside the same account {write(inside['estimate'])}. The difference is "
                "who posts what: accounts of different size post these groups in different shares. An average over all posts "
                "would mislead; trust the comparison inside accounts.",
            )
        )
    return blocks


def _far_apart(inside: dict[str, float], pooled: dict[str, float]) -> bool:
    """Half as much again, and more than the interval inside accounts allows."""
    outside = not inside["low"] <= pooled["estimate"] <= inside["high"]
    return outside and abs(pooled["estimate"] - inside["estimate"]) > math.log(FAR)


def hypotheses(result: Comparison, params: Settings) -> str:
    """H0 and H1 in words."""
    average = "geometric means (of 1 + x)" if result.scale == "log" else "means"
    if result.mode == "all":
        return f"H0: all groups of {result.group_label.lower()} have equal {average} of {result.metric_label.lower()}. H1: at least one differs."
    sign = {
        "two-sided": "differ",
        "greater": f"are higher for {result.first_name}",
        "less": f"are lower for {result.first_name}",
    }[params.alternative]
    where = "inside the same account" if result.method == "inside accounts" else "over all accounts together"
    return (
        f"H0: {average} of {result.metric_label.lower()} are equal for {result.first_name} and {result.second_name}, {where}. "
        f"H1: they {sign}."
    )


def assumptions(result: Comparison) -> Text:
    """Tails and sizes, as information, never as a gate."""
    small = result.groups.sort("posts").row(0, named=True)
    skew = max((abs(s) for s in result.groups["skew"].to_list() if s is not None), default=0.0)
    enough = small["posts"] >= 25 * skew * skew
    tail = (
        "enough for means on the raw scale to be nearly normal"
        if enough
        else f"fewer than 25 x skewness^2 = {wording.number(25 * skew * skew)}, so raw-scale means are not to be trusted; use the log scale"
    )
    return Text(
        title="Assumptions, for information",
        body=f"The smaller group, {small['level']}, has {small['posts']:,} posts: {tail}. Variances may differ (Welch). "
        "Posts are taken as independent unless the row says clustered or inside accounts.",
    )


# -- circular groups: what can be asked honestly -------------------------------------------------------


def held_out(result: Comparison, params: Settings) -> Verdict:
    """The comparison for groups made again without the metric."""
    row = result.held.row(0, named=True)
    rand, left_out = row.pop("rand"), row.pop("left_out")
    base = verdict(replace(result, shared=(), **row), params)
    return Verdict(
        claim=f"Made again without {left_out}: {base.claim[0].lower()}{base.claim[1:]}",
        state=base.state,
        effect=base.effect,
        interval=base.interval,
        n=base.n,
        detail=f"{base.detail} The groups change: the adjusted Rand index of both groupings is {rand:.2f}, where 1 is the same and 0 "
        "is chance. This shows which behaviours go together; it does not show that the groups are separate.",
    )


def structure_test(result: Comparison) -> Verdict:
    """Whether the groups are more than slices of one crowd."""
    row = result.crowd.row(0, named=True)
    separate = row["structure_p"] <= 0.05
    p = wording.p_value(math.log(row["structure_p"]))
    metric = result.metric_label.lower()
    share = (
        f" They explain {wording.percent(row['eta2'])} of {metric}; imitations reach {wording.percent(row['eta2_low'])}, at most "
        f"{wording.percent(row['eta2_high'])}."
        if separate and math.isfinite(row["eta2"] if row["eta2"] is not None else math.nan)
        else ""
    )
    claim = (
        "These look like separate groups, not slices of one crowd."
        if separate
        else "Imitation posts without groups look just as clustered."
    )
    advice = "" if separate else " Treat the groups as convenient slices of one continuous crowd."
    return Verdict(
        claim=claim,
        state="likely real" if separate else "could be chance",
        effect=f"the groups explain {wording.percent(row['structure'])} of the variation; imitations reach "
        f"{wording.percent(row['structure_low'])}, at most {wording.percent(row['structure_high'])}",
        interval="",
        n=f"{row['posts']:,} posts, {row['draws']} imitations of each of two kinds",
        detail=f"{p}.{share}{advice} Imitations have these posts' {row['kept']}, and no groups.",
    )
