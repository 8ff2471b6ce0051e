"""The explore page: numbers first, then quality, distribution, comparisons, relations and time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from plugins.eda import relations
from plugins.eda.compute import Exploration, Settings
from postlens import Block, Chart, Details, Grid, Link, Notice, Row, Stat, Table, charts, stats, words

_AVERAGE_FORMATS = {"posts": "integer", "value": "number", "low": "number", "high": "number"}


def show(result: Exploration, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    blocks: list[Block] = [_headline(result, params)]
    if result.distribution.is_empty():
        text = f"No post in view has a value for {result.metric_label.lower()}. Choose another metric, or see what is known below."
        return [*blocks, Notice(title="Nothing to show", text=text), _summary(result), _quality(result)]
    blocks += _collecting(result, params)
    blocks += _comparison(result, params)
    blocks.append(
        Grid(title=f"How {result.metric_label.lower()} is distributed", blocks=[_distribution(result)], columns=1)
    )
    blocks.append(Grid(title="How many posts", blocks=_counts(result)))
    if result.has_period:
        blocks.append(Grid(title="When", blocks=_time(result)))
    blocks.append(Grid(title="How metrics go together", blocks=_relations(result), columns=1))
    blocks += [_summary(result), _quality(result)]
    return blocks


def _headline(result: Exploration, params: Settings) -> Row:
    chosen = result.summary.filter(pl.col("metric") == params.metric).row(0, named=True)
    amount = _amount(result)
    numbers = [Stat(label="Posts", value=words.count(result.posts), note=_period(result))]
    if result.accounts > 1:
        numbers.append(Stat(label="Accounts", value=words.count(result.accounts)))
    numbers += [
        Stat(
            label=f"Median {result.metric_label.lower()}",
            value=amount(chosen["median"]),
            note=f"half of the posts have {amount(chosen['q1'])} to {amount(chosen['q3'])}",
        ),
        Stat(
            label=f"Mean {result.metric_label.lower()}",
            value=amount(chosen["mean"]),
            note=f"n = {chosen['n']:,}" if result.pooled is None else f"mean of the rates of {chosen['n']:,} posts",
        ),
        Stat(
            label="Largest",
            value=amount(chosen["max"]),
            note=f"{chosen['outliers']:,} posts above or below the outlier fences",
        ),
    ]
    if result.pooled is not None:
        note = "all posts as one: large posts count for more"
        numbers.insert(-1, Stat(label="Pooled rate", value=amount(result.pooled), note=note))
    return Row(blocks=numbers)


def _amount(result: Exploration) -> Callable[[float | None], str]:
    return lambda value: words.amount(value, as_percent=result.percent)


def _period(result: Exploration) -> str:
    return f"{result.first} to {result.last}" if result.has_period else ""


def _collecting(result: Exploration, params: Settings) -> list[Block]:
    """Young posts have not got what they will get, so they pull down whatever was posted lately."""
    if not result.collecting or result.collecting == result.posts:
        return []
    posts = "1 post" if result.collecting == 1 else f"{result.collecting:,} posts"
    text = f"{posts} since {result.collecting_from} still collect engagement: their numbers are not final."
    settled = {"maturity": ("settled",)}
    return [
        Notice(text=text),
        Link(
            text="Leave the newest posts out",
            panel="eda",
            settings={n: str(v) for n, v in params.model_dump().items()},
            keep=settled,
        ),
    ]


def _comparison(result: Exploration, params: Settings) -> list[Block]:
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
        formats=_AVERAGE_FORMATS,
    )
    log = result.average != "mean" and _spans(rows["value"])
    amount = _amount(result)
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
        state=_state(rows, log=result.average != "mean") if result.within.is_empty() else None,
    )


def _state(rows: pl.DataFrame, *, log: bool) -> words.State | None:
    """The verdict on the highest against the lowest of some averages, all pairs allowed for."""
    ranked = rows.drop_nulls("low").filter(pl.col("posts") >= 5).sort("value", descending=True)
    if ranked.height < 2:
        return None
    best, worst = ranked.row(0, named=True), ranked.row(-1, named=True)
    log = log and min(best["low"], worst["low"]) > 0
    found = stats.apart(best, worst, ranked.height * (ranked.height - 1) // 2, log=log)
    matters = math.log(words.MATTERS) if log else (words.MATTERS - 1) * abs(worst["value"])
    return words.state(found.log_p, found.low, found.high, matters=matters)


def _lead(best: dict[str, Any], groups: int, average: str) -> str:
    """Only one of several can be the highest."""
    return f"{best['level']} has the highest {average}," if groups > 1 else f"{best['level']} has a {average} of"


def _spans(values: pl.Series) -> bool:
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
            f"Inside the same account, {best['level']} posts earn {words.ratio(best['ratio'])} what its other posts do "
            f"({words.ratio(best['low'])} to {words.ratio(best['high'])}, {accounts}; the intervals allow for {rows.height} groups)."
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


def _within_state(rows: pl.DataFrame) -> words.State:
    """The intervals hold for all groups together."""
    known = rows.drop_nulls(["low", "high"])
    if known.filter((pl.col("low") > 1) | (pl.col("high") < 1)).height:
        return "likely real"
    excluded = known.filter((pl.col("low") > 1 / words.MATTERS) & (pl.col("high") < words.MATTERS))
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


def _distribution(result: Exploration) -> Chart:
    row = result.summary.filter(pl.col("metric") == result.metric).row(0, named=True)
    label, amount = result.metric_label, _amount(result)
    return Chart(
        figure=charts.histogram(
            result.distribution,
            axis=f"{label} per post{' (log scale)' if result.log_bins else ''}",
            log=result.log_bins,
            marks=[(row["high_fence"], "outlier fence")],
        ),
        title=f"Posts by {label.lower()}",
        takeaway=f"Half of the posts have {amount(row['q1'])} to {amount(row['q3'])} {label.lower()}; "
        f"{words.percent(row['zeros'])} have none; skewness is {words.number(row['skew'])}.",
        table=Table(
            title=f"Posts by {label.lower()}" + (" (ends are ln(1 + value))" if result.log_bins else ""),
            rows=result.distribution,
            name="distribution",
            labels={"left": "From", "right": "to", "posts": "Posts"},
            formats={"left": "number", "right": "number", "posts": "integer"},
        ),
        selects=result.metric,
    )


def _counts(result: Exploration) -> list[Chart]:
    """Posts by type, account, platform and the chosen category."""
    if result.counts.is_empty():
        everything = pl.DataFrame({"category": ["Posts"], "level": ["all"], "posts": [result.posts]})
        return [_count_chart(everything, "Posts", result.posts)]
    columns = result.counts["column"].unique(maintain_order=True)
    return [_count_chart(result.counts.filter(pl.col("column") == c), c, result.posts) for c in columns]


def _count_chart(rows: pl.DataFrame, column: str, total: int) -> Chart:
    top = rows.row(0, named=True)
    category = str(top["category"])
    return Chart(
        figure=charts.bars(_with_rest(rows.select("level", "posts"), 12), label="level", value="posts", axis="Posts"),
        title=f"Posts by {category.lower()}",
        takeaway=f"{top['level']}{' is the most frequent' if rows.height > 1 else ''}: {top['posts']:,} of {total:,} posts "
        f"({words.percent(top['posts'] / total)}).",
        table=Table(
            title=f"Posts by {category.lower()}",
            rows=rows.select("level", "posts"),
            name=f"posts_by_{column}",
            labels={"level": category, "posts": "Posts"},
            formats={"posts": "integer"},
        ),
        selects=column,
    )


def _with_rest(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    if rows.height <= most:
        return rows
    rest = rows.slice(most)
    return pl.concat(
        [rows.head(most), pl.DataFrame({"level": [f"{rest.height} others"], "posts": [int(rest["posts"].sum())]})]
    )


def _time(result: Exploration) -> list[Block]:
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
            log=_spans(rows["value"]),
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
            formats=_AVERAGE_FORMATS,
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
            formats=_AVERAGE_FORMATS,
        ),
        selects=part,
        state=_state(rows, log=log),
    )


def _clock_takeaway(rows: pl.DataFrame, title: str, *, log: bool) -> str:
    """The extremes, and whether they differ once all pairs that could have been extreme are allowed for."""
    ranked = rows.drop_nulls("low").filter(pl.col("posts") >= 5).sort("value", descending=True)
    if ranked.height < 2:
        return f"Too few posts to compare {title.lower()}s."
    best, worst = ranked.row(0, named=True), ranked.row(-1, named=True)
    extremes = f"{best['level']} is highest ({words.number(best['value'])}), {worst['level']} lowest ({words.number(worst['value'])})"
    pairs = ranked.height * (ranked.height - 1) // 2
    said = {
        "likely real": f"more than chance explains, allowing for {pairs} comparisons.",
        "could be chance": f"among {ranked.height} such a difference is what chance makes.",
        "too few posts to tell": f"among {ranked.height} chance makes such a difference, and posts are too few to rule one out.",
    }
    return f"{extremes}; {said[_state(rows, log=log) or 'too few posts to tell']}"


def _relations(result: Exploration) -> list[Block]:
    label = dict(zip(result.summary["metric"], result.summary["label"], strict=True))
    blocks: list[Block] = []
    good = result.correlations.drop_nulls("r")
    if not good.is_empty():
        blocks.append(_correlation_chart(label, good))
    names = list(result.ranges["metric"])
    if len(names) > 1:
        blocks.append(
            Chart(
                figure=charts.density_matrix(result.cells, names, [label[n] for n in names], relations.BINS),
                title="Every pair of metrics",
                takeaway="Where the posts lie, for every pair of metrics, on log scales; darker cells hold more posts.",
                table=Table(
                    title="Posts in each cell",
                    rows=result.cells,
                    name="cells",
                    formats={"posts": "integer"},
                    labels={"x": "Across", "y": "Up", "i": "Cell across", "j": "Cell up", "posts": "Posts"},
                ),
            )
        )
    return blocks or [Notice(text="There is only one metric, so nothing to relate.")]


def _correlation_chart(label: dict[str, str], good: pl.DataFrame) -> Chart:
    names = [m for m in label if m in set(good["first"]) | set(good["second"])]
    r = {(a, b): v for a, b, v, _ in good.iter_rows()}
    grid = [[1.0 if a == b else r.get((a, b), r.get((b, a))) for b in names] for a in names]
    text = [
        ["" if v is None or a == b else f"{v:.2f}" for b, v in zip(names, row, strict=True)]
        for a, row in zip(names, grid, strict=True)
    ]
    strongest = good.sort(pl.col("r").abs(), descending=True).row(0, named=True)
    return Chart(
        figure=charts.heat(
            grid, x=[label[n] for n in names], y=[label[n] for n in names], words=text, shown=len(names) <= 11
        ),
        title="Correlations of log metrics",
        takeaway=f"{label[strongest['first']]} and {label[strongest['second']]} go together most closely "
        f"(r = {strongest['r']:.2f}, n = {strongest['posts']:,}).",
        table=Table(
            title="Correlations",
            rows=good,
            name="correlations",
            formats={"r": "number", "posts": "integer"},
            labels={"first": "Metric", "second": "with", "r": "r", "posts": "Posts"},
        ),
    )


def _summary(result: Exploration) -> Table:
    names = [
        "n",
        "mean",
        "sd",
        "min",
        "q1",
        "median",
        "q3",
        "max",
        "zeros",
        "skew",
        "low_fence",
        "high_fence",
        "outliers",
    ]
    labels = {
        "label": "Metric",
        "n": "n",
        "mean": "Mean",
        "sd": "SD",
        "min": "Min",
        "q1": "Q1",
        "median": "Median",
        "q3": "Q3",
        "max": "Max",
        "zeros": "Zeros",
        "skew": "Skew",
        "low_fence": "Low fence",
        "high_fence": "High fence",
        "outliers": "Outliers",
    }
    formats = dict.fromkeys(names, "number") | {"n": "integer", "outliers": "integer", "zeros": "percent"}
    return Table(
        title="Every metric",
        rows=result.summary.select("label", *names),
        name="summary",
        labels=labels,
        formats=formats,
        note="Outliers lie beyond the fences, 1.5 interquartile ranges from the quartiles. None is removed.",
    )


def _quality(result: Exploration) -> Details:
    table = Table(
        title="Columns of the posts in view",
        rows=result.columns,
        name="columns",
        labels={
            "column": "Column",
            "label": "Name",
            "kind": "Kind",
            "known": "Known",
            "missing": "Missing",
            "distinct": "Different values",
            "constant": "Constant",
        },
        formats={"known": "integer", "missing": "integer", "distinct": "integer"},
        note="Missing is missing, never 0. Rows dropped while reading the files are on the home page."
        + (
            " Different values of texts, ids, times and rates are counted to within about 2 %."
            if result.counted_about
            else ""
        ),
    )
    return Details(summary="Data quality: every column, what is known and what is missing", blocks=[table])
