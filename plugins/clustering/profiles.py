"""Each cluster explained: its rule, how sure its posts are, its top posts and its typical ones."""

from __future__ import annotations

import math

import polars as pl

from postlens import Block, Chart, Details, Notice, Table, charts, wording
from postlens.plugins.clustering.compute import Grouping
from postlens.plugins.clustering.describe import Description

FAITHFUL = 0.8


def portraits(result: Grouping, described: list[Description]) -> list[Block]:
    """Blocks in reading order."""
    blocks: list[Block] = [_rules(result, described)]
    if result.performers.height:
        blocks.append(_performers(result, described))
    if result.exemplars.height:
        blocks.append(Details(summary="Three typical posts of each group", blocks=[_exemplars(result)]))
    return blocks


def _rules(result: Grouping, described: list[Description]) -> Block:
    names = pl.DataFrame({"cluster": [d.cluster for d in described], "name": [d.name for d in described]})
    rows = names.join(result.between, on="cluster", how="left", maintain_order="left")
    faithful = math.isfinite(result.fidelity) and result.fidelity >= FAITHFUL
    if faithful:
        rows = rows.join(result.rules, on="cluster", how="left", maintain_order="left")
    if not rows.width:
        return Notice(text="There is nothing to say about these groups.")
    note = (
        f"Read off a small decision tree, which names the group of {wording.percent(result.fidelity)} of posts it has not seen."
        if faithful
        else "No short rule describes these groups"
        + (
            f": a small decision tree names the group of only {wording.percent(result.fidelity)} of posts it has not seen."
            if math.isfinite(result.fidelity)
            else "."
        )
    )
    return Table(
        title="Each group in a sentence",
        name="rules",
        rows=rows,
        labels={
            "cluster": "Cluster",
            "name": "Name",
            "rule": "Rule",
            "purity": "Posts under the rule that are in it",
            "covers": "Posts of it under the rule",
            "between": "Posts that lie between groups",
        },
        formats={"purity": "percent", "covers": "percent", "between": "percent"},
        note=note,
    )


def _performers(result: Grouping, described: list[Description]) -> Chart:
    name = {d.cluster: f"{d.cluster}: {d.name}" for d in described}
    rows = result.performers.with_columns(name=pl.col("cluster").replace(name))
    best = rows.sort("share", descending=True).row(0, named=True)
    circular = (
        " These groups were made from that metric or its parts, so they must differ; this says which one, not that it is real."
        if result.outcome_shared
        else ""
    )
    return Chart(
        figure=charts.standing_for(
            charts.dots(
                rows,
                label="name",
                value="share",
                low="low",
                high="high_end",
                n="posts",
                axis="Share of posts among the top tenth of their peers",
                reference=0.1,
                reference_label="10 %",
            ),
            rows["cluster"].to_list(),
        ),
        title="Top posts in each group",
        takeaway=f"{wording.percent(best['share'])} of cluster {best['cluster']} ({wording.percent(best['low'])} to "
        f"{wording.percent(best['high_end'])}) are among the top tenth of their own account, network and type in "
        f"{result.outcome.lower()}.{circular}",
        table=Table(
            title="Top posts in each group",
            name="performers",
            rows=rows.select("cluster", "posts", "high", "share", "low", "high_end"),
            labels={
                "cluster": "Cluster",
                "posts": "n",
                "high": "Top posts",
                "share": "Share",
                "low": "95 % from",
                "high_end": "to",
            },
            formats={
                "posts": "integer",
                "high": "integer",
                "share": "percent",
                "low": "percent",
                "high_end": "percent",
            },
        ),
        selects="cluster",
    )


def _exemplars(result: Grouping) -> Table:
    return Table(
        title="The posts nearest each group's centre",
        name="exemplars",
        rows=result.exemplars,
        labels={"cluster": "Cluster"}
        | dict(zip(result.exemplar_columns[::2], result.exemplar_columns[1::2], strict=True)),
    )
