"""What the explore page says of groups: averages of all posts, and inside the same account."""

from __future__ import annotations

import math
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
    """The averages by group of all posts together and inside accounts, and whether the two disagree."""
    if result.averages.is_empty():
        return []
    blocks: list[Block] = []
    if notice := _disagreement(result):
        blocks.append(notice)
    charts_of = [_averages_chart(result, params)]
    if not result.within.is_empty():
        charts_of.append(_within_chart(result, params))
    blocks.append(Grid(title=f"{result.metric_label} by {result.by_label.lower()}", blocks=charts_of))
    return blocks


def _averages_chart(result: Exploration, params: Settings) -> Chart:
    rows = result.averages
    ranked = rows.drop_nulls("low") if rows["low"].count() else rows
    best = ranked.sort("value", descending=True, nulls_last=True).row(0, named=True)
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
        title="All accounts pooled"
        if not result.within.is_empty()
        else f"{result.average.capitalize()} with 95 % interval",
        takeaway=f"{_lead(best, rows.height, result.average)} {amount(best['value'])} "
        f"({amount(best['low'])} to {amount(best['high'])}, n = {best['posts']:,}).",
        table=table,
        selects=params.by,
        state=state(rows, log=result.average != "mean") if result.within.is_empty() else None,
    )


def state(rows: pl.DataFrame, *, log: bool) -> wording.State | None:
    """The verdict on the highest against the lowest of some averages, all pairs allowed for."""
    ranked = rows.drop_nulls("low").filter(pl.col("posts") >= 5).sort("value", descending=True)
    if ranked.height < 2:
        return None
    best, worst = ranked.row(0, named=True), ranked.row(-1, named=True)
    log = log and min(best["low"], worst["low"]) > 0
    found = stats.apart(best, worst, ranked.height * (ranked.height - 1) // 2, log=log)
    matters = math.log(wording.MATTERS) if log else (wording.MATTERS - 1) * abs(worst["value"])
    return wording.state(found.log_p, found.low, found.high, matters=matters)


def _lead(best: dict[str, Any], groups: int, average: str) -> str:
    """Only one of several can be the highest."""
    return f"{best['level']} has the highest {average}," if groups > 1 else f"{best['level']} has a {average} of"


def spans(values: pl.Series) -> bool:
    """Whether positive values lie so far apart that only a log axis shows them all."""
    good = values.drop_nulls()
    return len(good) > 1 and bool((good > 0).all()) and max(good.to_list()) > 8 * min(good.to_list())


def _within_chart(result: Exploration, params: Settings) -> Chart:
    rows = result.within
    surely = rows.filter(pl.col("low") > 1)
    takeaway = f"Inside the same account no {result.by_label.lower()} clearly earns more than the others."
    if surely.height:
        best = surely.row(0, named=True)
        accounts = "1 account" if best["accounts"] == 1 else f"{best['accounts']} accounts"
        takeaway = (
            f"Inside the same account, {best['level']} posts earn {wording.ratio(best['ratio'])} what its other posts do "
            f"({wording.ratio(best['low'])} to {wording.ratio(best['high'])}, {accounts}; the intervals allow for {rows.height} groups)."
        )
    return Chart(
        figure=charts.dots(
            rows,
            label="level",
            value="ratio",
            low="low",
            high="high",
            n="posts",
            axis="Ratio",
            log=True,
            reference=1.0,
            reference_label="same",
        ),
        title="Inside the same account",
        takeaway=takeaway,
        table=Table(
            title="Ratio to the same account's other posts",
            rows=rows,
            name="within",
            labels={
                "level": result.by_label,
                "posts": "Posts",
                "accounts": "Accounts",
                "ratio": "Ratio",
                "low": "95 % from",
                "high": "to",
            },
            formats={"posts": "integer", "accounts": "integer", "ratio": "ratio", "low": "ratio", "high": "ratio"},
        ),
        selects=params.by,
        state=_within_state(rows),
    )


def _within_state(rows: pl.DataFrame) -> wording.State:
    """The intervals hold for all groups together."""
    known = rows.drop_nulls(["low", "high"])
    if known.filter((pl.col("low") > 1) | (pl.col("high") < 1)).height:
        return "likely real"
    excluded = known.filter((pl.col("low") > 1 / wording.MATTERS) & (pl.col("high") < wording.MATTERS))
    return "could be chance" if known.height and excluded.height == rows.height else "too few posts to tell"


def _disagreement(result: Exploration) -> Notice | None:
    """Say so where pooled and inside-account comparisons order two levels in opposite ways, both surely."""
    both = result.averages.join(result.within, on="level", suffix="_in")
    for a in both.iter_rows(named=True):
        for b in both.iter_rows(named=True):
            pooled = a["low"] is not None and b["high"] is not None and a["low"] > b["high"]
            if pooled and a["high_in"] < b["low_in"]:
                return Notice(
                    kind="caution",
                    title="Pooled and inside accounts disagree",
                    text=f"Pooled, {a['level']} beats {b['level']}; inside the same account it is the other way round. "
                    f"The accounts that post {a['level']} most are larger to begin with (Simpson's paradox). "
                    "Trust the comparison inside accounts.",
                )
    return None
