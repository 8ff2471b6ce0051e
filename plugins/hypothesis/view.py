"""The hypothesis page: the answer in one sentence, then the effect, then p and everything behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import polars as pl

from postlens import Block, Chart, Details, Grid, Notice, Row, Stat, Table, Text, charts, wording
from postlens.plugins.hypothesis.settings import Comparison, Settings
from postlens.plugins.hypothesis.wording import (
    assumptions,
    cautions,
    circular,
    held_out,
    hypotheses,
    smallest,
    structure_test,
    verdict,
    writer,
)


def show(result: Comparison, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    blocks: list[Block] = []
    if result.shared:
        blocks.append(circular(result))
        blocks += _honest(result, params)
    else:
        blocks.append(verdict(result, params))
        blocks += cautions(result)
    if result.mode == "all":
        blocks += [Grid(blocks=[_groups_chart(result, params)], columns=1), _pairs_table(result)]
    else:
        blocks += [_headline(result), Grid(blocks=_two_group_charts(result, params))]
    blocks.append(Text(title="Hypotheses", body=hypotheses(result, params)))
    blocks += _tables(result)
    return blocks


def _honest(result: Comparison, params: Settings) -> list[Block]:
    """The two questions that can be asked of groups made from the metric."""
    blocks: list[Block] = []
    if not result.held.is_empty():
        blocks += [
            Text(title="A. Do posts that are alike in other ways also differ?", body=""),
            held_out(result, params),
        ]
        blocks.append(
            Details(
                summary="How the groups changed",
                blocks=[
                    Table(
                        title="Posts in each group",
                        name="held_sizes",
                        rows=result.held_sizes,
                        labels={"level": result.group_label, "before": "As they are", "after": "Made again"},
                        formats={"before": "integer", "after": "integer"},
                    )
                ],
            )
        )
    if not result.crowd.is_empty():
        blocks += [Text(title="B. Separate groups, or one crowd cut in slices?", body=""), structure_test(result)]
    blocks += [Notice(title="Not to be had here", text=reason) for reason in result.not_asked]
    return blocks


def _headline(result: Comparison) -> Row:
    write = writer(result)
    low, high = result.g_low, result.g_high
    return Row(
        blocks=[
            Stat(
                label="Effect" + (", inside accounts" if result.method == "inside accounts" else ""),
                value=write(result.estimate),
                note=f"95 % interval {wording.interval(result.low, result.high, write)}",
            ),
            Stat(
                label="Chance to beat",
                value=wording.percent(result.superiority),
                note=f"a random post of {result.first_name} against one of {result.second_name}, all accounts pooled"
                + _ends(result),
            ),
            Stat(
                label="Hedges' g",
                value=wording.number(result.g, 2),
                note=f"{wording.number(low, 2)} to {wording.number(high, 2)}, {result.scale} scale, pooled",
            ),
            Stat(label="Could have detected", value=smallest(result), note="with 80 % power at 5 %"),
        ]
    )


def _ends(result: Comparison) -> str:
    """The interval of the chance to beat; none where one group beats the other throughout."""
    if not math.isfinite(result.superiority_low):
        return ""
    return f" ({wording.percent(result.superiority_low)} to {wording.percent(result.superiority_high)})"


def _two_group_charts(result: Comparison, params: Settings) -> list[Chart]:
    return [_groups_chart(result, params), _methods_chart(result), _deciles_chart(result)]


def _amount(result: Comparison) -> Callable[[float | None], str]:
    return lambda value: wording.amount(value, as_percent=result.percent)


def _groups_chart(result: Comparison, params: Settings) -> Chart:
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
        title="What typical posts earn",
        takeaway=f"Typical posts of {top['level']} earn {amount(top['typical'])} ({average}, "
        f"{amount(top['typical_low'])} to {amount(top['typical_high'])}, n = {top['posts']:,}), all accounts pooled.",
        table=_groups_table(result),
        selects=params.group,
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
        f"Welch, {result.scale} scale": "Pooled",
        "pooled, clustered by account": "Pooled, by account",
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
            axis="Ratio" if result.scale == "log" else "Difference",
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
        rows=result.tests.with_columns(p_text=pl.Series([wording.p_value(v) for v in result.tests["log_p"]])).drop(
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
        takeaway=f"The median post of {result.first_name} has {_amount(result)(middle['first'])} {result.metric_label.lower()}, "
        f"of {result.second_name} {_amount(result)(middle['second'])}.",
        table=Table(
            title="Deciles",
            name="deciles",
            rows=rows,
            labels={"decile": "Decile", "first": result.first_name, "second": result.second_name},
            formats={"decile": "integer", "first": "number", "second": "number"},
        ),
    )


def _howell(result: Comparison) -> list[str]:
    """Games and Howell's p is for groups pooled over accounts."""
    return [] if result.pairs["p_games_howell"].null_count() == result.pairs.height else ["p_games_howell"]


def _pairs_table(result: Comparison) -> Table:
    rows = result.pairs.with_columns(
        p_text=pl.Series([wording.p_value(v) for v in result.pairs["log_p"]], dtype=pl.String)
    )
    if result.scale == "log":
        rows = rows.with_columns(pl.col("estimate", "low", "high").exp())
    effect = "Ratio" if result.scale == "log" else "Difference"
    columns = ["first", "second", "estimate", "low", "high"] + (
        [] if result.shared else ["p_text", "p_holm", "p_bh", *_howell(result)]
    )
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
            "p_bh": "p, Benjamini-Hochberg",
            "p_games_howell": "p, Games-Howell",
        },
        formats=dict.fromkeys(("estimate", "low", "high"), "ratio" if result.scale == "log" else "number")
        | {"p_holm": "p", "p_bh": "p", "p_games_howell": "p"},
        note=f"p, Holm allows for {result.pairs.height} comparisons. {independent}{left}",
        limit=70,
    )


def _further(result: Comparison) -> list[Block]:
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


def _tables(result: Comparison) -> list[Block]:
    blocks: list[Block] = [_groups_table(result)]
    if result.shared:
        why = Notice(
            kind="caution",
            text="The groups were made from this metric or its parts: these p-values are small whatever the truth. Do not report them.",
        )
        return [
            *blocks,
            Details(
                summary="The classical tests, and why they mean nothing here",
                blocks=[why, _tests_table(result), *_further(result)],
            ),
        ]
    return [
        *blocks,
        Details(
            summary="Tests, p-values and assumptions",
            blocks=[_tests_table(result), *_further(result), assumptions(result)],
        ),
    ]
