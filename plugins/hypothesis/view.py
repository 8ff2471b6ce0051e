"""The page: the answer in one sentence, then the effect, then what is behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import polars as pl

from postlens import Block, Chart, Details, Grid, Notice, Row, Stat, Table, Text, charts, stats, wording
from postlens.plugins.hypothesis.result import Answer
from postlens.plugins.hypothesis.settings import Settings
from postlens.plugins.hypothesis.wording import (
    assumptions,
    cautions,
    circular,
    general,
    held_out,
    how,
    hypotheses,
    second,
    structure,
    verdict,
    writer,
)


def show(result: Answer, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    params = params.model_copy(update={"scale": result.scale})  # A metric below 0 has no logarithm.
    blocks: list[Block] = []
    if result.shared:
        blocks.append(circular(result))
        blocks += _answerable(result)
    else:
        blocks.append(verdict(result, params))
        blocks += cautions(result)
        if math.isfinite(result.estimate):
            blocks.append(_headline(result))
    blocks.append(Grid(blocks=_charts(result, params)))
    if result.mode == "all":
        blocks += _pairs_table(result)
    return [*blocks, *_behind(result, params)]


def _answerable(result: Answer) -> list[Block]:
    """The two questions that can be asked of groups made from the metric."""
    blocks: list[Block] = []
    if result.held is not None:
        blocks += [Text(title="A. Do posts that are alike in other ways also differ?", body=""), held_out(result.held)]
        table = Table(
            title="Posts in each group",
            name="held_sizes",
            rows=result.held.sizes,
            labels={"level": result.group_label, "before": "As they are", "after": "Made again"},
            formats={"before": "integer", "after": "integer"},
        )
        blocks.append(Details(summary="How the groups changed", blocks=[table]))
    if result.structure is not None:
        blocks += [Text(title="B. Separate groups, or an arbitrary cut?", body=""), structure(result)]
    return [*blocks, *(Notice(title="Not available", text=reason) for reason in result.not_asked)]


_DRAWN = 24  # Accounts in a chart.


def _within(result: Answer) -> str:
    return stats.compared_within(result.found, "" if result.mode == "all" else result.first_name)


def _posts_of(result: Answer) -> str:
    return stats.posts_named(result.found, result.first_name)


def _headline(result: Answer) -> Row:
    write, within = writer(result), _within(result)
    numbers = [
        Stat(
            label=f"Effect, within the same {within}" if within else "Effect",
            value=write(result.estimate),
            note=f"95 % interval {wording.interval(result.low, result.high, write)}",
        )
    ]
    if math.isfinite(result.superiority) and result.scale == "log":
        ends = f"{wording.percent(result.superiority_low)} to {wording.percent(result.superiority_high)}"
        numbers.append(
            Stat(
                label=f"Probability that a random one of {_posts_of(result)} beats a random other one",
                value=wording.percent(result.superiority),
                note=f"within the same {within} ({ends})" if within else ends,
            )
        )
    if math.isfinite(result.detectable):
        ratio = wording.ratio(math.exp(result.detectable)) if result.scale == "log" else write(result.detectable)
        numbers.append(
            Stat(label="Smallest effect these posts could detect", value=ratio, note="in 4 of 5 such studies, at 5 %")
        )
    return Row(blocks=numbers)


def _charts(result: Answer, params: Settings) -> list[Chart]:
    """What the answer is about; where accounts are told apart, averages of all posts are behind the details."""
    levels = result.found.tells and not result.shared and result.mode != "pair"
    made = [_levels_chart(result)] if levels else []
    if result.accounts_effects.height > 1 and not result.shared:
        made.append(_accounts_chart(result))
    return made or _together(result, params)


def _together(result: Answer, params: Settings) -> list[Chart]:
    """Averages of all posts, accounts and weeks mixed."""
    return [_groups_chart(result, params), *([] if result.mode == "all" else [_deciles_chart(result)])]


def _levels_chart(result: Answer) -> Chart:
    """Every group against all others, as every page shows it."""
    log = result.scale == "log"
    rows = stats.levels_table(result.found)
    found = stats.verdict_of_all(result.found)
    return Chart(
        figure=charts.effects(rows, label="level", value="effect", axis="other posts", log=log),
        title=f"Each {result.group_label.lower()} against all others",
        takeaway=found.claim,
        table=stats.levels_block(result.found, "levels"),
        verdict=found,
    )


def _accounts_chart(result: Answer) -> Chart:
    """The effect in each account, with what the next one may see."""
    every = result.accounts_effects
    rows = every if every.height <= _DRAWN else pl.concat([every.head(_DRAWN // 2), every.tail(_DRAWN // 2)])
    drawn = rows.with_columns(pl.col("estimate", "low", "high").exp()) if result.scale == "log" else rows
    more = every.filter(pl.col("estimate") > 0).height
    shown = "" if every.height <= _DRAWN else f" The {_DRAWN // 2} highest and lowest of {every.height} are drawn."
    return Chart(
        figure=charts.effects(drawn, label="account", value="estimate", axis="", log=result.scale == "log"),
        title="The effect in each account",
        takeaway=f"In {more} of {every.height} accounts {_posts_of(result)} have more. {general(result)}{shown}",
        table=Table(
            title="The effect in each account",
            name="accounts",
            rows=result.accounts_effects.with_columns(pl.col("estimate", "low", "high").exp())
            if result.scale == "log"
            else result.accounts_effects,
            labels={"account": "Account", "posts": "Posts", "estimate": "Effect", "low": "95 % from", "high": "to"},
            formats=dict.fromkeys(("estimate", "low", "high"), "ratio" if result.scale == "log" else "number")
            | {"posts": "integer"},
        ),
        # Of a name on several networks, the name alone would lead to the posts of all.
        selects="" if every["account"].str.contains(stats.ON, literal=True).any() else "account_name",
    )


def _amount(result: Answer) -> Callable[[float | None], str]:
    return lambda value: wording.amount(value, as_percent=result.found.metric.percent)


def _groups_chart(result: Answer, params: Settings) -> Chart:
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
    amount = _amount(result)
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
        title="Typical posts, all posts together",
        takeaway=f"A typical {top['level']} post has {amount(top['typical'])} ({average}{_between(top, amount)}; n = {top['posts']:,}).",
        table=_groups_table(result),
        selects=params.group,
    )


def _between(row: dict[str, float | None], amount: Callable[[float | None], str]) -> str:
    if row["typical_low"] is None or row["typical_high"] is None:
        return ""
    return f", 95 % interval {amount(row['typical_low'])} to {amount(row['typical_high'])}"


def _groups_table(result: Answer) -> Table:
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


def _tests_table(result: Answer) -> Table:
    return Table(
        title="Every test",
        name="tests",
        rows=result.tests.with_columns(p_text=pl.Series([wording.p_value(v) for v in result.tests["log_p"]])).drop(
            "p", "log_p", "se", "scale"
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


def _deciles_chart(result: Answer) -> Chart:
    rows = result.deciles
    middle = rows.filter(pl.col("decile") == 5).row(0, named=True)
    return Chart(
        figure=charts.two_lines(
            rows,
            x="decile",
            first="first",
            second="second",
            names=(result.first_name, second(result)),
            axis=result.metric_label,
            x_axis="Decile (5 is the median)",
        ),
        title="Deciles, all posts together",
        takeaway=f"The median post of {result.first_name} has {_amount(result)(middle['first'])} {result.metric_label.lower()}, "
        f"of {second(result)} {_amount(result)(middle['second'])}.",
        table=Table(
            title="Deciles",
            name="deciles",
            rows=rows,
            labels={"decile": "Decile", "first": result.first_name, "second": second(result)},
            formats={"decile": "integer", "first": "number", "second": "number"},
        ),
    )


def _pairs_table(result: Answer) -> list[Block]:
    if result.pairs.is_empty():
        return []
    rows = result.pairs.with_columns(
        p_text=pl.Series([wording.p_value(v) for v in result.pairs["log_p"]], dtype=pl.String)
    )
    if result.scale == "log":
        rows = rows.with_columns(pl.col("estimate", "low", "high").exp())
    columns = ["first", "second", "estimate", "low", "high"] + ([] if result.shared else ["p_text", "p_holm"])
    table = Table(
        title="Every pair",
        name="pairs",
        rows=rows.select(columns),
        labels={
            "first": "Group",
            "second": "Against",
            "estimate": "Ratio" if result.scale == "log" else "Difference",
            "low": "95 % from",
            "high": "to",
            "p_text": "p",
            "p_holm": "p, Holm",
        },
        formats=dict.fromkeys(("estimate", "low", "high"), "ratio" if result.scale == "log" else "number")
        | {"p_holm": "p"},
        note=f"Each pair as the groups above. p, Holm allows for {result.pairs.height} comparisons.",
        limit=70,
    )
    return [Details(summary="Every pair of groups", blocks=[table])]


def _further(result: Answer) -> list[Block]:
    """The same question put in other ways."""
    if result.further.is_empty():
        return []
    p = pl.Series([wording.p_value(v) if v is not None else "" for v in result.further["log_p"]], dtype=pl.String)
    return [
        Table(
            title="Other ways to ask",
            name="further",
            rows=result.further.select("method", "value", p=p),
            labels={"method": "Test", "value": "Found", "p": "p"},
            note="Posts are taken as independent here, which posts of one account are not; the answer above allows for that.",
        )
    ]


def _behind(result: Answer, params: Settings) -> list[Block]:
    """Everything behind the answer, out of the way of who does not ask."""
    tests = [_tests_table(result), *_further(result)] if result.tests.height else []
    if result.shared:
        why = Notice(
            kind="caution",
            text="The groups were made from this metric or its parts: these p-values are small whatever the truth. Do not report them.",
        )
        return [
            Details(
                summary="The classical tests, and why they mean nothing here",
                blocks=[why, *tests, _groups_table(result)],
            )
        ]
    method = how(result)
    return [
        Details(
            summary="Details: method, hypotheses, tests and groups",
            blocks=[
                *([Text(title="How it was found", body=method)] if method else []),
                *([Text(title="Accounts in general", body=general(result))] if result.accounts > 1 else []),
                Text(title="Hypotheses", body=hypotheses(result, params)),
                *_standardised(result),
                *_all_together(result, params),
                *tests,
                _groups_table(result),
                assumptions(result),
            ],
        )
    ]


def _all_together(result: Answer, params: Settings) -> list[Block]:
    """The averages of all posts, with why they may say something else."""
    if not result.found.within:
        return []
    text = (
        "Averages of all posts mix accounts of different size and times of different level; where they say something else than "
        "the answer above, that is why."
    )
    return [Text(title="All posts together", body=text), Grid(blocks=_together(result, params))]


def _standardised(result: Answer) -> list[Block]:
    if not math.isfinite(result.g):
        return []
    low, high = wording.number(result.g_low, 2), wording.number(result.g_high, 2)
    within = _within(result)
    unit = f"standard deviations of posts within {within}" if within else "standard deviations of posts"
    body = f"{wording.number(result.g, 2)} (95 % interval {low} to {high}), in {unit}."
    return [Text(title="Hedges' g", body=body)]
