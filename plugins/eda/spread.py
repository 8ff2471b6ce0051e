"""How posts lie on the explore page: the distribution of a metric, counts of posts, and metrics against each other."""

from __future__ import annotations

import polars as pl

from postlens import Block, Chart, Notice, Table, charts, wording
from postlens.plugins.eda import relations
from postlens.plugins.eda.compared import amounts
from postlens.plugins.eda.compute import Exploration


def distribution(result: Exploration) -> Chart:
    """The histogram of the metric."""
    row = result.summary.filter(pl.col("metric") == result.metric).row(0, named=True)
    label, amount = result.metric_label, amounts(result)
    return Chart(
        figure=charts.histogram(
            result.distribution,
            axis=f"{label} per post (log scale)" if result.log_bins else f"{label} per post",
            log=result.log_bins,
            marks=[(row["high_fence"], "outlier fence")],
        ),
        title=f"Posts by {label.lower()}",
        takeaway=f"Half of the posts have {amount(row['q1'])} to {amount(row['q3'])} {label.lower()}; "
        f"{wording.percent(row['zeros'])} have none; skewness is {wording.number(row['skew'])}.",
        table=Table(
            title=f"Posts by {label.lower()} (ends are ln(1 + value))"
            if result.log_bins
            else f"Posts by {label.lower()}",
            rows=result.distribution,
            name="distribution",
            labels={"left": "From", "right": "to", "posts": "Posts"},
            formats={"left": "number", "right": "number", "posts": "integer"},
        ),
        selects=result.metric,
    )


def counts(result: Exploration) -> list[Chart]:
    """Posts by type, account, platform and the chosen category."""
    if result.counts.is_empty():
        everything = pl.DataFrame({"category": ["Posts"], "level": ["all"], "posts": [result.posts]})
        return [_count_chart(everything, "Posts", result.posts)]
    columns = result.counts["column"].unique(maintain_order=True)
    return [_count_chart(result.counts.filter(pl.col("column") == c), c, result.posts) for c in columns]


def _most_frequent(rows: pl.DataFrame, total: int) -> str:
    top = rows.row(0, named=True)
    name = wording.network_name(str(top["level"]))
    share = f"{top['posts']:,} of {total:,} posts ({wording.percent(top['posts'] / total)})"
    return f"{name} is the most frequent: {share}." if rows.height > 1 else f"{name}: {share}."


def _count_chart(rows: pl.DataFrame, column: str, total: int) -> Chart:
    top = rows.row(0, named=True)
    category = str(top["category"])
    return Chart(
        figure=charts.bars(_with_rest(rows.select("level", "posts"), 12), label="level", value="posts", axis="Posts"),
        title=f"Posts by {category.lower()}",
        takeaway=_most_frequent(rows, total),
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


def related(result: Exploration) -> list[Block]:
    """Correlations, and the density map of every pair of metrics."""
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


def _brief(r: float) -> str:
    """A correlation in as few signs as a phone has room for."""
    return f"{r:.2f}".replace("0.", ".").replace("1.00", "1")


_MAPPED = 10  # Metrics whose numbers a phone can show.


def _correlation_chart(label: dict[str, str], good: pl.DataFrame) -> Chart:
    names = [m for m in label if m in set(good["first"]) | set(good["second"])][:_MAPPED]
    r = {(a, b): v for a, b, v in good.select("first", "second", "r").iter_rows()}
    grid = [[1.0 if a == b else r.get((a, b), r.get((b, a))) for b in names] for a in names]
    text = [
        ["" if v is None or a == b else _brief(v) for b, v in zip(names, row, strict=True)]
        for a, row in zip(names, grid, strict=True)
    ]
    apart = good.filter(~pl.col("part"))
    strongest = (good if apart.is_empty() else apart).sort(pl.col("r").abs(), descending=True).row(0, named=True)
    left = good["first"].n_unique() + 1 - len(names)
    more = f" {wording.counted(left, 'further metric')} stand in the table." if left > 0 else ""
    return Chart(
        figure=charts.heat(grid, x=[label[n] for n in names], y=[label[n] for n in names], words=text, numbered=True),
        title="Correlations of log metrics",
        takeaway=f"{label[strongest['first']]} and {label[strongest['second']]} go together most closely "
        f"(r = {strongest['r']:.2f}, n = {strongest['posts']:,}), metrics and their own parts left aside.{more}",
        table=Table(
            title="Correlations",
            rows=good.drop("part"),
            name="correlations",
            formats={"r": "number", "posts": "integer"},
            labels={"first": "Metric", "second": "with", "r": "r", "posts": "Posts"},
        ),
    )
