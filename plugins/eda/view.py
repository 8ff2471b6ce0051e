"""The explore page: numbers first, then quality, distribution, comparisons, relations and time."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from postlens import Block, Details, Grid, Link, Notice, Row, Stat, Table, wording
from postlens.plugins.eda.compared import amounts, comparison
from postlens.plugins.eda.compute import Exploration, Settings
from postlens.plugins.eda.spread import counts, distribution, related
from postlens.plugins.eda.when import by_time


def show(result: Exploration, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    blocks: list[Block] = [_headline(result, params)]
    if result.distribution.is_empty():
        text = f"No post in view has a value for {result.metric_label.lower()}. Choose another metric, or see what is known below."
        return [*blocks, Notice(title="Nothing to show", text=text), _summary(result), _quality(result)]
    blocks += _collecting(result, params)
    blocks += comparison(result, params)
    blocks.append(
        Grid(title=f"Distribution of {result.metric_label.lower()}", blocks=[distribution(result)], columns=1)
    )
    blocks.append(Grid(title="How many posts", blocks=counts(result)))
    if result.has_period:
        blocks.append(Grid(title="When", blocks=by_time(result)))
    blocks.append(Grid(title="How metrics go together", blocks=related(result), columns=1))
    blocks += [_summary(result), _quality(result)]
    return blocks


def _headline(result: Exploration, params: Settings) -> Row:
    chosen = result.summary.filter(pl.col("metric") == params.metric).row(0, named=True)
    amount = amounts(result)
    numbers = [Stat(label="Posts", value=wording.count(result.posts), note=_period(result))]
    if result.accounts > 1:
        numbers.append(Stat(label="Accounts", value=wording.count(result.accounts)))
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
        numbers.insert(-1, Stat(label="Rate of all posts together", value=amount(result.pooled), note=note))
    return Row(blocks=numbers)


def _period(result: Exploration) -> str:
    return f"{result.first} to {result.last}" if result.has_period else ""


def _collecting(result: Exploration, params: Settings) -> list[Block]:
    """Young posts have not got what they will get, so they pull down whatever was posted lately."""
    if not result.collecting or result.collecting == result.posts:
        return []
    posts = "1 post" if result.collecting == 1 else f"{result.collecting:,} posts"
    text = f"{posts} since {result.collecting_from} are too recent to judge: their numbers are not final."
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
