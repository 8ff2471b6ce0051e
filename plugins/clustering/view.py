"""The clusters page: what the groups are, what sets them apart, and the four founding plots."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from postlens import Block, Chart, Grid, Link, Notice, Row, Stat, Table, Text, charts, wording
from postlens.plugins.clustering.compute import Grouping, Settings, levels
from postlens.plugins.clustering.describe import Description, best, describe
from postlens.plugins.clustering.profiles import portraits


def show(result: Grouping, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    described = describe(result.profile, result.sizes, result.over, set(result.features))
    blocks: list[Block] = [_headline(result), _circular(result)]
    blocks += _keeping(result, params)
    blocks.append(Text(title="Which group does best", body=_which_is_best(result, described)))
    blocks.append(
        Grid(
            title="What sets the groups apart",
            blocks=[_profile_chart(result, described), _sizes_chart(result, described, levels(params))],
            columns=1,
        )
    )
    blocks += portraits(result, described)
    plots = _plots(result, levels(params))
    if plots:
        blocks.append(Grid(title="How the groups lie", blocks=plots))
    blocks += _over_blocks(result)
    blocks.append(_profile_table(result))
    return blocks


def _headline(result: Grouping) -> Row:
    left = int(result.dropped["posts"].sum())
    return Row(
        blocks=[
            Stat(label="Clusters", value=str(result.k), note=f"{'log' if result.scale == 'log' else 'raw'} scale"),
            Stat(
                label="Posts grouped",
                value=wording.count(result.used),
                note=f"{left:,} left out: a metric is missing" if left else "all posts in view",
            ),
            Stat(
                label="Variation explained",
                value=wording.percent(result.explained),
                note="by the groups, over all features",
            ),
            Stat(label="Features", value=str(len(result.features)), note=", ".join(result.features[:9])),
        ]
    )


def _keeping(result: Grouping, params: Settings) -> list[Block]:
    """A way to keep numbers and names where further runs would number anew."""
    if params.keep:
        gone = [n for n in levels(params) if n not in set(result.sizes["cluster"])]
        without = f" No group here corresponds to {', '.join(gone)}." if gone else ""
        return [Notice(text=f"The groups are numbered like the earlier ones they are nearest to.{without}")]
    settings = {n: _as_setting(v) for n, v in params.model_dump().items()}
    words_ = "Keep these numbers and names when posts or settings change"
    return [Link(text=words_, panel="clustering", settings={**settings, "keep": result.keep})]


def _as_setting(value: object) -> str | tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(str(v) for v in value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _circular(result: Grouping) -> Notice:
    left = f" {', '.join(result.left_out)} did not vary and took no part." if result.left_out else ""
    return Notice(
        title="Groups differ on what they were made from",
        text="k-means cuts any set of posts into groups, also one that has none, and the groups must differ on the features "
        f"used. The sizes of the differences below describe the cut; they are no evidence that the groups are separate.{left}",
    )


def _which_is_best(result: Grouping, described: list[Description]) -> str:
    by_cluster = {d.cluster: d for d in described}
    sentences = []
    for metric, word in (("engagements", "engagements"), ("reactions", "reactions"), ("comments", "comments")):
        top = best(result.profile, metric)
        if top is None:
            continue
        cluster, typical, lift = top
        group = by_cluster[cluster]
        amount = (
            f"{wording.ratio(lift)} its account's usual"
            if result.relative
            else f"typically {wording.number(typical)}, {lift:.1f} times the typical post"
        )
        sentences.append(
            f"Cluster {cluster} ({group.name.lower()}; {group.posts:,} posts, {wording.percent(group.share)}) earns the most "
            f"{word}: {amount}."
        )
        break
    engaging = [d.cluster for d in described if d.kind == "engaging"]
    angry = [d.cluster for d in described if d.kind == "angry"]
    if engaging:
        sentences.append(f"Many reactions and many comments together: cluster {' and '.join(engaging)}.")
    if angry:
        sentences.append(
            f"Many angry or sad reactions: cluster {' and '.join(angry)}; a high count there is controversy, not success."
        )
    return " ".join(sentences) or "No metric of engagement is known for these posts."


def _profile_chart(result: Grouping, described: list[Description]) -> Block:
    used = result.profile.filter(pl.col("label").is_in(list(result.features)))
    metrics = list(dict.fromkeys(used["label"]))
    value = {(c, m): g for c, m, g in used.select("cluster", "label", "g").iter_rows()}
    grid = [[value.get((d.cluster, m)) for d in described] for m in metrics]
    text = [["" if v is None else f"{v:+.1f}" for v in row] for row in grid]
    ranked = used.drop_nulls("g").sort(pl.col("g").abs(), descending=True)
    if ranked.is_empty():
        return Notice(text="The groups differ on too few values to measure how far apart they are.")
    widest = ranked.row(0, named=True)
    table = Table(
        title="Standardised differences from all other posts",
        name="differences",
        rows=used.select("cluster", "label", "posts", "g", "g_low", "g_high"),
        labels={
            "cluster": "Cluster",
            "label": "Metric",
            "posts": "n",
            "g": "Difference (g)",
            "g_low": "95 % from",
            "g_high": "to",
        },
        formats={"posts": "integer", "g": "number", "g_low": "number", "g_high": "number"},
    )
    return Chart(
        figure=charts.heat(
            grid, x=[d.cluster for d in described], y=metrics, words=text, limit=max(2.0, abs(widest["g"]))
        ),
        title="Difference from the rest, in standard deviations, from each account's usual"
        if result.relative
        else "Difference from the rest, in standard deviations",
        takeaway=f"Across stand the clusters by their numbers. The largest difference: cluster {widest['cluster']} has {'more' if widest['g'] > 0 else 'fewer'} "
        f"{widest['label'].lower()} than the rest (g = {widest['g']:+.1f}, {widest['g_low']:+.1f} to {widest['g_high']:+.1f}).",
        table=table,
    )


def _sizes_chart(result: Grouping, described: list[Description], names: Sequence[str]) -> Chart:
    rows = result.sizes.with_columns(name=pl.Series([f"{d.cluster}: {d.name}" for d in described]))
    largest = result.sizes.sort("posts", descending=True).row(0, named=True)
    return Chart(
        figure=charts.standing_for(
            charts.bars(
                rows,
                label="name",
                value="posts",
                axis="Posts",
                colors=[charts.color("cluster", c, names) for c in rows["cluster"]],
            ),
            rows["cluster"].to_list(),
        ),
        title="Size",
        takeaway=f"Cluster {largest['cluster']} is the largest with {largest['posts']:,} posts ({wording.percent(largest['share'])}).",
        table=Table(
            title="Sizes",
            name="sizes",
            rows=rows.select("cluster", "name", "posts", "share"),
            labels={"cluster": "Cluster", "name": "Name", "posts": "Posts", "share": "Share"},
            formats={"posts": "integer", "share": "percent"},
        ),
        selects="cluster",
    )


def _plots(result: Grouping, names: Sequence[str]) -> list[Chart]:
    label = dict(result.profile.select("metric", "label").unique().iter_rows())
    made = []
    for number, x, y, posts in result.plots.iter_rows():
        rows = result.maps.filter(pl.col("plot") == number).drop("plot")
        if rows.is_empty():
            continue
        x_label, y_label = label.get(x, x), label.get(y, y)
        known = "" if posts == result.used else f" for the {posts:,} posts that have both"
        marks = (
            "each mark is a post"
            if posts <= 2000
            else "a larger mark holds more posts and has the colour of its main cluster"
        )
        made.append(
            Chart(
                figure=charts.bubbles(
                    rows, x_axis=x_label, y_axis=y_label, groups=names, column="cluster", log=result.scale == "log"
                ),
                title=f"{x_label} and {y_label.lower()}",
                takeaway=f"{x_label} against {y_label.lower()} by cluster{known}; {marks}.",
                table=Table(
                    title=f"{x_label} and {y_label.lower()} by cluster",
                    name=f"map_{x}_{y}",
                    rows=rows,
                    labels={
                        "x": x_label,
                        "y": y_label,
                        "group": "Main cluster",
                        "posts": "Posts",
                        "share": "Its share",
                    },
                    formats={"x": "number", "y": "number", "posts": "integer", "share": "percent"},
                    note="Positions are ln(1 + value)." if result.scale == "log" else "",
                ),
            )
        )
    return made


def _over_blocks(result: Grouping) -> list[Block]:
    if result.over.is_empty():
        return []
    marked = result.over.filter(pl.col("marked") & (pl.col("lift") > 1.1))
    rows = (
        marked
        if marked.height
        else result.over.sort(pl.col("residual").abs(), descending=True, nulls_last=True).head(10)
    )
    note = (
        "Only what chance hardly explains (Bonferroni) and is at least 1.1 times as common as among all posts."
        if marked.height
        else "Nothing is over-represented beyond chance; these are the largest deviations."
    )
    table = Table(
        title="What each cluster has more of than its share",
        name="over_represented",
        rows=rows.drop("marked"),
        labels={
            "cluster": "Cluster",
            "category": "Category",
            "level": "Value",
            "posts": "Posts",
            "share": "In the cluster",
            "overall": "Among all",
            "lift": "Lift",
            "residual": "Adjusted residual",
            "v": "Cramér's V of the category",
        },
        formats={
            "posts": "integer",
            "share": "percent",
            "overall": "percent",
            "lift": "ratio",
            "residual": "number",
            "v": "number",
        },
        note=note,
        limit=40,
    )
    return [table]


def _profile_table(result: Grouping) -> Table:
    return Table(
        title="Profiles: every metric in every cluster",
        name="profile",
        rows=result.profile.select("cluster", "label", "posts", "mean", "typical", "lift", "g", "g_low", "g_high"),
        labels={
            "cluster": "Cluster",
            "label": "Metric",
            "posts": "n",
            "mean": "Mean",
            "typical": "Typical (geometric mean)",
            "lift": "Lift",
            "g": "Difference (g)",
            "g_low": "95 % from",
            "g_high": "to",
        },
        formats={
            "posts": "integer",
            "mean": "number",
            "typical": "number",
            "lift": "ratio",
            "g": "number",
            "g_low": "number",
            "g_high": "number",
        },
        limit=60,
    )
