"""The explore page over time, by weekday and by hour."""

from __future__ import annotations

import polars as pl

from postlens import Block, Chart, Table, charts, stats
from postlens.plugins.eda.compared import AVERAGE_FORMATS, comparison_of, spans
from postlens.plugins.eda.compute import Exploration


def by_time(result: Exploration) -> list[Block]:
    """The metric over time, by weekday and by hour, as far as posts have them."""
    blocks: list[Block] = [_over_time(result)]
    for part, rows, title in (("weekday", result.weekdays, "Weekday"), ("hour", result.hours, "Hour of day")):
        if rows.height > 1:
            blocks.append(_clock_chart(result, rows, part, title))
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
        + (" Posts in the shaded part are too recent to judge." if result.collecting else ""),
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
    found = comparison_of(result, part)
    verdict = stats.verdict_of_all(found) if found else None
    what = "Ratio to the account's usual" if relative else f"{result.metric_label}, {result.average}"
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
        title=f"By {title.lower()}, against each account's usual" if relative else f"By {title.lower()}",
        takeaway=f"{verdict.claim} {verdict.detail}".strip()
        if verdict
        else f"Too few posts to compare {title.lower()}s.",
        table=Table(
            title=f"{result.metric_label} by {title.lower()}",
            rows=rows,
            name=f"{part}s",
            labels={"level": title, "posts": "Posts", "value": what, "low": "95 % from", "high": "to"},
            formats=AVERAGE_FORMATS,
        ),
        selects=part,
        verdict=verdict,
    )
