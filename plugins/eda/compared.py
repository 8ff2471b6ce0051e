"""What the explore page says of groups: averages of all posts, and inside the same account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from postlens import Block, Chart, Grid, Notice, Table, charts, stats, wording
from postlens.plugins.eda.compute import Exploration, Settings

AVERAGE_FORMATS = {"posts": "integer", "value": "number", "low": "number", "high": "number"}


def amounts(result: Exploration) -> Callable[[float | None], str]:
    """How values of the metric are written: in percent where it is a share."""
    return lambda value: wording.amount(value, as_percent=result.percent)


def comparison(result: Exploration, params: Settings) -> list[Block]:
    """Each group against all others within accounts and weeks, and the averages of all posts together."""
    if result.averages.is_empty():
        return []
    blocks: list[Block] = []
    charts_of: list[Block] = []
    if params.by in result.circular:
        blocks.append(circular(result.by_label, result.metric_label))
    elif found := comparison_of(result, params.by):
        charts_of.append(effects_chart(found, "compared", params.by) if found.tells else stats.verdict_of_all(found))
    charts_of.append(_averages_chart(result, params))
    blocks.append(Grid(title=f"{result.metric_label} by {result.by_label.lower()}", blocks=charts_of))
    return blocks


def comparison_of(result: Exploration, by: str) -> stats.Comparison | None:
    """The comparison of a grouping, if there is one."""
    return next((c for c in result.compared if c.by.name == by and len(c.levels) > 1), None)


def circular(by: str, metric: str) -> Notice:
    """Why groups made from the metric are not compared on it."""
    return Notice(
        kind="caution",
        title="Circular: no test is possible",
        text=f"{by} was made from {metric.lower()} or its parts, so its groups must differ in it. The averages below describe the "
        "cut; they are no evidence. Group by type, account or weekday to compare.",
    )


def effects_chart(found: stats.Comparison, name: str, selects: str) -> Chart:
    """Each group against all others, with the verdict that every page gives."""
    raw = found.scale == "raw"
    verdict = stats.verdict_of_all(found)
    rows = stats.levels_table(found)
    if found.by.ordered:
        order = {level: i for i, level in enumerate(found.by.levels)}
        rows = rows.sort(pl.col("level").replace_strict(order, default=len(order), return_dtype=pl.Int64))
    return Chart(
        figure=charts.effects(rows, label="level", value="effect", axis="other posts", log=not raw),
        title=_against_others(found),
        takeaway=f"{verdict.claim} {verdict.detail}".strip(),
        table=stats.levels_block(found, name),
        selects=selects,
        verdict=verdict,
    )


def _against_others(found: stats.Comparison) -> str:
    by = found.by.label.lower()
    return f"Each {by} against all others, within accounts" if found.within else f"Each {by} against all others"


def _averages_chart(result: Exploration, params: Settings) -> Chart:
    rows = result.averages
    best = rows.sort("value", descending=True, nulls_last=True).row(0, named=True)
    table = Table(
        title=f"{result.average.capitalize()} of {result.metric_label.lower()}",
        rows=rows,
        name="averages",
        labels={
            "level": result.by_label,
            "posts": "Posts",
            "value": result.average.capitalize(),
            "low": "95 % from",
            "high": "to",
        },
        formats=AVERAGE_FORMATS,
    )
    log = result.average != "mean" and spans(rows["value"])
    amount = amounts(result)
    return Chart(
        figure=charts.dots(
            rows,
            label="level",
            value="value",
            low="low",
            high="high",
            n="posts",
            axis=f"{result.metric_label}, {result.average}",
            log=log,
            colors=[charts.color(params.by, level, rows["level"].to_list()) for level in rows["level"]],
        ),
        title=f"{result.average.capitalize()}, all posts together",
        takeaway=f"{_lead(best, rows.height, result.average)} {amount(best['value'])} "
        f"({_ends(best, amount)}n = {best['posts']:,}).{_without_interval(rows)}",
        table=table,
        selects=params.by,
    )


def _without_interval(rows: pl.DataFrame) -> str:
    """That some groups have no interval, where others have one; nobody should take a dot alone for a sure one."""
    bare = rows.filter(pl.col("low").is_null() & pl.col("value").is_not_null()).height
    if not bare or bare == rows.height:
        return ""
    return f" {wording.counted(bare, 'group')} without a line: too few posts or accounts for an interval."


def _ends(best: dict[str, Any], amount: Callable[[float | None], str]) -> str:
    """The interval, where enough posts have one."""
    return "" if best["low"] is None else f"{amount(best['low'])} to {amount(best['high'])}, "


def _lead(best: dict[str, Any], groups: int, average: str) -> str:
    """Only one of several can be the highest."""
    return f"{best['level']} has the highest {average}," if groups > 1 else f"{best['level']} has a {average} of"


def spans(values: pl.Series) -> bool:
    """Whether positive values lie so far apart that only a log axis shows them all."""
    good = values.drop_nulls()
    return len(good) > 1 and bool((good > 0).all()) and max(good.to_list()) > 8 * min(good.to_list())
