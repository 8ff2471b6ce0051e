"""The elbow page: the answer first, then the curve, its zoom, the silhouette and the times."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from postlens import Block, Chart, Details, Grid, Link, Row, Stat, Table, Verdict, charts, stats, wording
from postlens.plugins.elbow.compute import Curve, Settings

_LABELS = {
    "k": "k",
    "inertia": "Inertia",
    "explained": "Variation explained",
    "gain": "Gain over k - 1",
    "strength": "Gain over next gain",
    "silhouette": "Silhouette (sample)",
    "silhouette_squared": "Silhouette (squared, all posts)",
    "calinski_harabasz": "Calinski-Harabasz",
    "davies_bouldin": "Davies-Bouldin",
    "seconds": "Seconds",
}
_FORMATS = {
    "k": "integer",
    "inertia": "number",
    "explained": "percent",
    "gain": "number",
    "strength": "number",
    "silhouette": "number",
    "silhouette_squared": "number",
    "calinski_harabasz": "number",
    "davies_bouldin": "number",
    "seconds": "seconds",
}


def show(result: Curve, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    shown = result.curve.filter(pl.col("k") >= params.k_min)
    half = shown.filter(pl.col("k") <= params.k_min + max(3, (shown.height - 1) // 2))
    table = Table(title="Every k", name="curve", rows=result.curve, labels=_LABELS, formats=_FORMATS)
    blocks: list[Block] = [_verdict(result), _headline(result)]
    if result.recommended:
        settings = _same(params) | {"k": str(result.recommended)}
        if result.accounts:
            settings["relative"] = "yes"
        blocks.append(Link(text=f"See the {result.recommended} groups", panel="clustering", settings=settings))
    return [
        *blocks,
        _votes(result),
        Grid(
            title="The curve",
            blocks=[
                _crowds(result),
                _inertia(
                    result,
                    shown,
                    table,
                    "Inertia by k",
                    f"The Kneedle knee of this range is at k = {result.knee}; it moves with the range.",
                ),
                _inertia(
                    result,
                    half,
                    table,
                    "Zoomed in",
                    f"Seen up to k = {max(half['k'].to_list())}, the Kneedle knee is at k = {result.knee_zoomed}.",
                ),
                _silhouette(result, shown, table),
            ],
        ),
        table,
        Details(summary="How long each fit took", blocks=[_seconds(shown, table)]),
    ]


def _same(params: Settings) -> dict[str, str | tuple[str, ...]]:
    """The settings that the clusters page shares."""
    kept: dict[str, str | tuple[str, ...]] = {"scale": params.scale, "metrics": params.metrics}
    return kept | {"categories": params.categories, "relative": "yes" if params.relative else "no"}


def _verdict(result: Curve) -> Verdict:
    simulated = f"compared with {result.draws} simulated data sets of each kind, {result.imitated:,} posts each"
    p = wording.p_value(math.log(result.crowd_p))
    if result.accounts and not result.recommended:
        claim = "These groups are your accounts, not kinds of posts."
        detail = f"{_accounts(result.accounts)} Measured from their own account's usual level, the posts show no separate groups."
    elif result.recommended:
        groups = f"at least {result.recommended}" if result.more else f"{result.recommended}"
        claim = f"The posts fall into {groups} groups."
        further = (
            "There may be more: further groups explain more than in simulated data, but are tiny, are not stable in a split-half "
            "test, or lie beyond the largest k."
            if result.more
            else f"Further groups explain no more than they do in simulated data with {result.recommended} groups."
        )
        detail = f"{p} against data without groups. {further}"
        if result.accounts:
            claim = f"{claim[:-1]} within accounts."
            detail = f"{_accounts(result.accounts)} So each post is measured from its account's usual level. {further}"
    elif result.crowd_p <= 0.05:
        claim = "The posts differ more than data without groups, but no number of groups is stable."
        detail = (
            f"{p} against data without groups. Any number is an arbitrary cut; three or four are easy to talk about."
        )
    else:
        claim = "No separate groups: any number is an arbitrary cut."
        detail = (
            f"{p}: simulated data without groups look just as clustered. Treat groups as an arbitrary cut of one continuous "
            "range of posts; three or four are easy to talk about."
        )
    return Verdict(
        claim=claim,
        state="likely real" if result.recommended else "could be chance",
        estimate=float(result.recommended) if result.recommended else None,
        scale="difference",
        log_p=math.log(result.crowd_p),
        log_p_adjusted=math.log(result.crowd_p),
        posts=result.used,
        effect=f"{result.recommended} groups" if result.recommended else "none",
        n=f"{result.used:,} posts; {simulated}",
        detail=f"{detail} {_steady(result)}",
    )


def _accounts(found: stats.OfAccounts) -> str:
    level = f"Accounts differ in level, which is {wording.percent(found.eta2)} of all variation"
    if not found.groups:
        return f"{level} and hides groups."
    return (
        f"{level} and makes {found.groups} groups (adjusted mutual information with the accounts {found.alike:.2f}, where 1 is "
        "the same)."
    )


def _steady(result: Curve) -> str:
    often = round(10 * result.agree)
    answer = f"{result.recommended} groups" if result.recommended else "none"
    return f"Of ten samples of nine posts in ten, {often} give the same answer ({answer})."


def _headline(result: Curve) -> Row:
    best = result.curve.filter(pl.col("k") == result.best_silhouette).row(0, named=True)
    return Row(
        blocks=[
            Stat(
                label="Groups that fit",
                value=str(result.recommended or "none"),
                note="by comparison with simulated data" if result.recommended else "no separate or no stable groups",
            ),
            Stat(
                label="Sharpest bend",
                value=f"k = {result.bend}",
                note=f"gain {wording.number(result.bend_strength)} times the next",
            ),
            Stat(
                label="Highest silhouette",
                value=f"k = {result.best_silhouette}",
                note=f"{wording.number(best['silhouette'])}; it favours few groups",
            ),
            Stat(label="Posts", value=wording.count(result.used), note=f"{len(result.features)} features"),
        ]
    )


def _votes(result: Curve) -> Table:
    return Table(
        title="What each rule says",
        name="votes",
        rows=result.votes,
        labels={"rule": "Rule", "k": "k", "note": "What to know about it"},
        formats={"k": "integer"},
        note="Only a comparison with data without groups can say that there are none; all other rules always find some.",
    )


def _crowds(result: Curve) -> Chart:
    below = result.crowds.filter(pl.col("share") < pl.col("low")).height
    return Chart(
        figure=charts.line(
            result.crowds.with_columns(pl.col("k").cast(pl.String)),
            x="k",
            value="share",
            low="low",
            high="high",
            axis="Share of variation left",
            x_axis="Number of groups k",
        ),
        title="The posts (line) and simulated data without groups (band)",
        takeaway=f"At {below} of {result.crowds.height} values of k the posts lie below the band in which 95 % of simulated data without groups lie.",
        table=Table(
            title="Share of variation left, posts and simulated data",
            name="crowds",
            rows=result.crowds,
            labels={
                "k": "k",
                "share": "Posts",
                "low": "Simulated, lowest 2.5 %",
                "high": "highest 2.5 %",
                "gap": "Gap (log)",
            },
            formats={"k": "integer", "share": "percent", "low": "percent", "high": "percent", "gap": "number"},
        ),
    )


def _inertia(result: Curve, rows: pl.DataFrame, table: Table, title: str, takeaway: str) -> Chart:
    return Chart(
        figure=charts.steps(
            rows,
            x="k",
            y="inertia",
            axis="Inertia",
            x_axis="Number of groups k",
            mark=result.bend if result.bend in rows["k"] else None,
            mark_label="sharpest bend",
        ),
        title=title,
        takeaway=takeaway,
        table=table,
    )


def _silhouette(result: Curve, rows: pl.DataFrame, table: Table) -> Chart:
    return Chart(
        figure=charts.steps(
            rows,
            x="k",
            y="silhouette",
            axis="Mean silhouette",
            x_axis="Number of groups k",
            mark=result.best_silhouette,
            mark_label="highest",
        ),
        title="Silhouette by k",
        takeaway=f"The silhouette is highest at k = {result.best_silhouette}; higher separates better, and 1 is never reached.",
        table=table,
    )


def _seconds(rows: pl.DataFrame, table: Table) -> Chart:
    return Chart(
        figure=charts.bars(
            rows.with_columns(pl.col("k").cast(pl.String)), label="k", value="seconds", axis="Seconds", horizontal=False
        ),
        title="Time of each fit",
        takeaway=f"All fits together took {rows['seconds'].sum():.1f} s.",
        table=table,
    )
