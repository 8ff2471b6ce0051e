"""The hypothesis page: the answer in one sentence, then the effect, then p and everything behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import polars as pl

from plugins.hypothesis.compute import Comparison, Settings
from postlens import Block, Chart, Details, Grid, Notice, Row, Stat, Table, Text, Verdict, charts, words


def show(result: Comparison, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    blocks: list[Block] = []
    if result.shared:
        blocks.append(_circular(result))
    else:
        blocks.append(_verdict(result, params))
        blocks += _cautions(result)
    if result.mode == "all":
        blocks += [Grid(blocks=[_groups_chart(result)], columns=1), _pairs_table(result)]
    else:
        blocks += [_headline(result), Grid(blocks=_two_group_charts(result))]
    blocks.append(Text(title="Hypotheses", body=_hypotheses(result, params)))
    blocks += _tables(result)
    return blocks


def _write(result: Comparison) -> Callable[[float], str]:
    """An effect on the scale in words: a ratio on the log scale, a difference on the raw one."""
    if result.scale == "log":
        return lambda value: words.ratio(math.exp(value)) if value < 700 else "unbounded"
    return lambda value: f"{'+' if value > 0 else ''}{words.number(value)}"


def _circular(result: Comparison) -> Notice:
    write = _write(result)
    size = f"Size of the difference: {write(result.estimate)}" + (
        "." if result.mode == "all" else f" for {result.first_name} against {result.second_name}."
    )
    return Notice(
        kind="caution",
        title="Circular: no test is possible",
        text=f"These groups were built using {', '.join(name.lower() for name in result.shared)}, so they must differ on "
        f"{result.metric_label.lower()}, also where there are no real groups. {size} A p-value would be meaningless. "
        "Test a metric the clusters were not made from, or group by type, account or weekday.",
    )


def _verdict(result: Comparison, params: Settings) -> Verdict:
    write = _write(result)
    if result.mode == "all":
        return _verdict_all(result)
    state = _state(result, params)
    return Verdict(
        claim=_claim(result, params, state),
        state=state,
        effect=write(result.estimate) + (" on 1 + x" if result.small_counts else ""),
        interval=words.interval(result.low, result.high, write),
        n=f"{result.posts:,} posts" + (f" of {_accounts(result.accounts)}" if result.accounts else ""),
        detail=_settle(result, params, state),
    )


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count:,} accounts"


def _claim(result: Comparison, params: Settings, state: words.State) -> str:
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
        return f"{words.number(abs(result.estimate))} {more}"
    ratio = math.exp(min(result.estimate, 700))
    if result.small_counts:
        return more
    if ratio >= 2:
        return f"{ratio:.1f} times the"
    share = abs(ratio - 1)
    return f"less than 1 % {more}" if share < 0.01 else f"{words.percent(round(share, 2))} {more}"


def _verdict_all(result: Comparison) -> Verdict:
    write = _write(result)
    state = words.state(result.log_p, result.two_sided_low, result.two_sided_high, matters=_matters(result))
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
    detail = f"{words.p_value(result.log_p)}. Of {result.pairs.height} pairs, {sure} differ after Holm's correction."
    return Verdict(
        claim=claim,
        state=state,
        effect=f"most surely {result.first_name} against {result.second_name}: {write(result.estimate)}",
        interval=words.interval(result.low, result.high, write),
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


def _state(result: Comparison, params: Settings) -> words.State:
    if not result.account_aware:
        return "too few posts to tell"
    found = words.state(
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
    return result.ratio_low > 1 / words.MATTERS and result.ratio_high < words.MATTERS


def _matters(result: Comparison) -> float:
    if result.scale == "log":
        return math.log(words.MATTERS)
    typical = max((abs(m) for m in result.groups["mean"].to_list() if m is not None), default=0.0)
    return (words.MATTERS - 1) * typical


def _subject(result: Comparison) -> str:
    name = result.first_name
    return (
        f"Posts of {result.group_label.lower()} {name}"
        if len(name) < 3 or name[0].isdigit()
        else f"{name[0].upper()}{name[1:]} posts"
    )


def _other(result: Comparison) -> str:
    return "the others" if result.mode == "rest" else f"{result.second_name} posts"


def _settle(result: Comparison, params: Settings, state: words.State) -> str:
    p = words.p_value(result.log_p)
    if not result.account_aware:
        return f"{p} for posts taken as independent, which they are not.{_unaware(result)}"
    found = f"An effect of {_smallest(result)} or more would have been found 4 times in 5."
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
    more = words.number(max(result.posts_needed - result.posts, 1))
    what = "posts in the same mix and accounts" if result.accounts else "posts in the same mix"
    return f"{p}. {found} If the true effect is the one seen, about {more} more {what} would settle it."


def _smallest(result: Comparison) -> str:
    return words.ratio(math.exp(result.detectable)) if result.scale == "log" else words.number(result.detectable)


def _cautions(result: Comparison) -> list[Block]:
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
        write = _write(result)
        blocks.append(
            Notice(
                kind="caution",
                title="Pooled and inside accounts disagree",
                text=f"Pooled over accounts the effect is {write(pooled['estimate'])}, inside the same account {write(inside['estimate'])}. "
                "The groups are posted by accounts of different size (Simpson's paradox). Trust the comparison inside accounts.",
            )
        )
    return blocks


def _headline(result: Comparison) -> Row:
    write = _write(result)
    low, high = result.g_low, result.g_high
    return Row(
        blocks=[
            Stat(
                label="Effect" + (", inside accounts" if result.method == "inside accounts" else ""),
                value=write(result.estimate),
                note=f"95 % interval {words.interval(result.low, result.high, write)}",
            ),
            Stat(
                label="Chance to beat",
                value=words.percent(result.superiority),
                note=f"a random post of {result.first_name} against one of {result.second_name}, all accounts pooled "
                f"({words.percent(result.superiority_low)} to {words.percent(result.superiority_high)})",
            ),
            Stat(
                label="Hedges' g",
                value=words.number(result.g, 2),
                note=f"{words.number(low, 2)} to {words.number(high, 2)}, {result.scale} scale, pooled",
            ),
            Stat(label="Could have detected", value=_smallest(result), note="with 80 % power at 5 %"),
        ]
    )


def _two_group_charts(result: Comparison) -> list[Chart]:
    return [_groups_chart(result), _methods_chart(result), _deciles_chart(result)]


def _groups_chart(result: Comparison) -> Chart:
    rows = result.groups
    if rows["typical"].null_count() == rows.height:
        half = 1.96 * pl.col("sd") / pl.col("posts").sqrt()
        rows = rows.with_columns(typical="mean", typical_low=pl.col("mean") - half, typical_high=pl.col("mean") + half)
        average = "mean"
    else:
        average = "geometric mean"
    if result.mode == "all":
        rows = rows.sort(["typical", "level"], descending=[True, False], nulls_last=True)
    top = rows.sort("typical", descending=True, nulls_last=True).row(0, named=True)
    return Chart(
        figure=charts.dots(
            rows,
            label="level",
            value="typical",
            low="typical_low",
            high="typical_high",
            n="posts",
            axis=f"{result.metric_label}, {average}",
            log=True,
        ),
        title="What typical posts earn",
        takeaway=f"Typical posts of {top['level']} earn {words.number(top['typical'])} ({average}, "
        f"{words.number(top['typical_low'])} to {words.number(top['typical_high'])}, n = {top['posts']:,}), all accounts pooled.",
        table=_groups_table(result),
    )


def _groups_table(result: Comparison) -> Table:
    return Table(
        title="The groups",
        name="groups",
        rows=result.groups,
        labels={
            "level": result.group_label,
            "posts": "n",
            "accounts": "Accounts",
            "mean": "Mean",
            "sd": "SD",
            "typical": "Geometric mean",
            "typical_low": "95 % from",
            "typical_high": "to",
            "median": "Median",
            "skew": "Skew",
        },
        formats={"posts": "integer", "accounts": "integer"}
        | dict.fromkeys(("mean", "sd", "typical", "typical_low", "typical_high", "median", "skew"), "number"),
    )


def _methods_chart(result: Comparison) -> Chart:
    """The same question answered in different ways, on the chosen scale."""
    other = "raw" if result.scale == "log" else "log"
    rows = result.tests.filter(pl.col("method") != f"Welch, {other} scale")
    agree = (rows["estimate"] > 0).n_unique() == 1
    same = "They agree on the direction." if agree else "They do not agree on the direction."
    if result.scale == "log":
        rows = rows.with_columns(pl.col("estimate", "low", "high").exp())
    names = {
        f"Welch, {result.scale} scale": "Pooled, posts independent",
        "pooled, clustered by account": "Pooled, clustered by account",
        "inside accounts": "Inside accounts",
    }
    rows = rows.with_columns(
        pl.col("method").replace(names), pl.col("low", "high").replace([math.inf, -math.inf], [None, None])
    )
    return Chart(
        figure=charts.dots(
            rows,
            label="method",
            value="estimate",
            low="low",
            high="high",
            n="posts",
            axis=f"Ratio, {result.first_name} to {result.second_name}"
            if result.scale == "log"
            else f"Difference in {result.metric_label.lower()}",
            log=result.scale == "log",
            reference=1.0 if result.scale == "log" else 0.0,
            reference_label="no difference",
        ),
        title="The effect, found in different ways",
        takeaway=f"{same} The answer above is the one {result.method if result.method == 'inside accounts' else 'pooled'}.",
        table=_tests_table(result),
    )


def _tests_table(result: Comparison) -> Table:
    return Table(
        title="Every test",
        name="tests",
        rows=result.tests.with_columns(p_text=pl.Series([words.p_value(v) for v in result.tests["log_p"]])).drop(
            "p", "log_p", "se"
        ),
        labels={
            "method": "Test",
            "estimate": "Estimate",
            "low": "95 % from",
            "high": "to",
            "statistic": "Statistic",
            "df": "df",
            "p_text": "p",
            "posts": "n",
            "accounts": "Accounts",
        },
        formats=dict.fromkeys(("estimate", "low", "high", "statistic", "df"), "number")
        | {"posts": "integer", "accounts": "integer"},
        note="Estimates are differences of ln(1 + x) on the log scale and of plain means on the raw one.",
    )


def _deciles_chart(result: Comparison) -> Chart:
    rows = result.deciles
    middle = rows.filter(pl.col("decile") == 5).row(0, named=True)
    return Chart(
        figure=charts.two_lines(
            rows,
            x="decile",
            first="first",
            second="second",
            names=(result.first_name, result.second_name),
            axis=result.metric_label,
            x_axis="Decile (5 is the median)",
        ),
        title="All posts, from weak to strong",
        takeaway=f"The median post of {result.first_name} has {words.number(middle['first'])} {result.metric_label.lower()}, "
        f"of {result.second_name} {words.number(middle['second'])}.",
        table=Table(
            title="Deciles",
            name="deciles",
            rows=rows,
            labels={"decile": "Decile", "first": result.first_name, "second": result.second_name},
            formats={"decile": "integer", "first": "number", "second": "number"},
        ),
    )


def _pairs_table(result: Comparison) -> Table:
    rows = result.pairs.with_columns(
        p_text=pl.Series([words.p_value(v) for v in result.pairs["log_p"]], dtype=pl.String)
    )
    if result.scale == "log":
        rows = rows.with_columns(pl.col("estimate", "low", "high").exp())
    effect = "Ratio" if result.scale == "log" else "Difference"
    columns = ["first", "second", "estimate", "low", "high"] + ([] if result.shared else ["p_text", "p_holm"])
    independent = (
        "Each account's posts are compared with its own."
        if result.method == "inside accounts"
        else "Posts are treated as independent."
    )
    left = f" {result.left_out_levels} smaller group(s) are left out." if result.left_out_levels else ""
    return Table(
        title="Every pair",
        name="pairs",
        rows=rows.select(columns),
        labels={
            "first": "Group",
            "second": "Against",
            "estimate": effect,
            "low": "95 % from",
            "high": "to",
            "p_text": "p",
            "p_holm": "p, Holm",
        },
        formats=dict.fromkeys(("estimate", "low", "high"), "ratio" if result.scale == "log" else "number")
        | {"p_holm": "p"},
        note=f"p, Holm allows for {result.pairs.height} comparisons. {independent}{left}",
        limit=70,
    )


def _hypotheses(result: Comparison, params: Settings) -> str:
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


def _tables(result: Comparison) -> list[Block]:
    blocks: list[Block] = [_groups_table(result)]
    if result.shared:
        why = Notice(
            kind="caution",
            text="The groups were made from this metric or its parts: these p-values are small whatever the truth. Do not report them.",
        )
        return [
            *blocks,
            Details(summary="The classical tests, and why they mean nothing here", blocks=[why, _tests_table(result)]),
        ]
    return [
        *blocks,
        Details(summary="Tests, p-values and assumptions", blocks=[_tests_table(result), _assumptions(result)]),
    ]


def _assumptions(result: Comparison) -> Text:
    small = result.groups.sort("posts").row(0, named=True)
    skew = max((abs(s) for s in result.groups["skew"].to_list() if s is not None), default=0.0)
    enough = small["posts"] >= 25 * skew * skew
    tail = (
        "enough for means on the raw scale to be nearly normal"
        if enough
        else f"fewer than 25 x skewness^2 = {words.number(25 * skew * skew)}, so raw-scale means are not to be trusted; use the log scale"
    )
    return Text(
        title="Assumptions, for information",
        body=f"The smaller group, {small['level']}, has {small['posts']:,} posts: {tail}. Variances may differ (Welch). "
        "Posts are taken as independent unless the row says clustered or inside accounts.",
    )
