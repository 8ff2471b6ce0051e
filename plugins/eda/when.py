"""The explore page over time, by weekday and by hour."""

from __future__ import annotations

import polars as pl

from postlens import Block, Chart, Table, charts, wording
from postlens.plugins.eda.compared import AVERAGE_FORMATS, spans, state
from postlens.plugins.eda.compute import Exploration


def by_time(result: Exploration) -> list[Block]:
    """The metric over time, by weekday and by hour, as far as posts have them."""
    blocks: list[Block] = [_over_time(result)]
    if result.weekdays.height > 1:
        blocks.append(_clock_chart(result, result.weekdays, "weekday", "Weekday"))
    if result.hours.height > 1:
        blocks.append(_clock_chart(result, result.hours, "hour", "Hour of day"))
    return blocks


def _over_time(result: Exploration) -> Chart:
    rows = result.over_time
    return Chart(
        figure=charts.line(
            rows,
            x="level",
            value="value",
            low="low",
            high="high",
            n="posts",
            axis=f"{result.metric_label}, {result.average}",
            log=spans(rows["value"]),
            dates=True,
            unsettled=result.collecting_from,
        ),
        title=f"By {result.time_step}",
        takeaway=f"{result.metric_label} by {result.time_step} from {result.first} to {result.last}; the band is the 95 % interval."
        + (" The shaded part is still collecting." if result.collecting else ""),
        table=Table(
            title=f"{result.metric_label} by {result.time_step}",
            rows=rows,
            name="over_time",
            labels={
                "level": f"{result.time_step.capitalize()} from",
                "posts": "Posts",
                "value": result.average.capitalize(),
                "low": "95 % from",
                "high": "to",
            },
            formats=AVERAGE_FORMATS,
        ),
        selects="published",
    )


def _clock_chart(result: Exploration, rows: pl.DataFrame, part: str, title: str) -> Chart:
    relative = result.clock_relative
    what = "Ratio to the account's usual" if relative else f"{result.metric_label}, {result.average}"
    log = result.average == "geometric mean"
    return Chart(
        figure=charts.line(
            rows,
            x="level",
            value="value",
            low="low",
            high="high",
            n="posts",
            axis=what,
            x_axis=f"{title} ({result.timezone})",
            log=False,
        ),
        title=f"By {title.lower()}" + (", against each account's usual" if relative else ""),
        takeaway=_clock_takeaway(rows, title, log=log),
        table=Table(
            title=f"{result.metric_label} by {title.lower()}",
            rows=rows,
            name=f"{part}s",
            labels={"level": title, "posts": "Posts", "value": what, "low": "95 % from", "high": "to"},
            formats=AVERAGE_FORMATS,
        ),
        selects=part,
        state=state(rows, log=log),
    )


def _clock_takeaway(rows: pl.DataFrame, title: str, *, log: bool) -> str:
    """The extremes, and whether they differ once all pairs that could have been extreme are allowed for."""
    ranked = rows.drop_nulls("low").filter(pl.col("posts") >= 5).sort("value", descending=True)
    if ranked.height < 2:
        return f"Too few posts to compare {title.lower()}s."
    best, worst = ranked.row(0, named=True), ranked.row(-1, named=True)
    extremes = f"{best['level']} is highest ({wording.number(best['value'])}), {worst['level']} lowest ({wording.number(worst['value'])})"
    pairs = ranked.height * (ranked.height - 1) // 2
    said = {
        "likely real": f"more than chance explains, allowing for {pairs} comparisons.",
        "could be chance": f"among {ranked.height} such a difference is what chance makes.",
        "too few posts to tell": f"among {ranked.height} chance makes such a difference, and posts are too few to rule one out.",
    }
    return f"{extremes}; {said[state(rows, log=log) or 'too few posts to tell']}"
