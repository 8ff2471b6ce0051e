"""The elbow page: the answer first, then the curve, its zoom, the silhouette and the times."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from plugins.elbow.compute import Curve, Settings
from postlens import Block, Chart, Grid, Row, Stat, Table, Verdict, charts, words

_LABELS = {
    "k": "k",
    "inertia": "Inertia",
    "explained": "Variation explained",
    "gain": "Gain over k - 1",
    "strength": "Gain over next gain",
    "silhouette": "Silhouette (sample)",
    "silhouette_squared": "Silhouette (squared, all posts)",
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
    "seconds": "seconds",
}


def show(result: Curve, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    shown = result.curve.filter(pl.col("k") >= params.k_min)
    half = shown.filter(pl.col("k") <= params.k_min + max(3, (shown.height - 1) // 2))
    table = Table(title="Every k", name="curve", rows=result.curve, labels=_LABELS, formats=_FORMATS)
    return [
        _verdict(result),
        _headline(result),
        Grid(
            title="The curve",
            blocks=[
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
                _seconds(shown, table),
            ],
        ),
        table,
    ]


def _verdict(result: Curve) -> Verdict:
    if result.recommended:
        claim = f"{result.recommended} clusters stand out."
    else:
        claim = "There is no clear elbow."
    return Verdict(
        claim=claim,
        state="likely real" if result.recommended else "could be chance",
        effect=f"a bend of {result.bend_strength:.1f} at k = {result.bend}; "
        f"crowds without groups bend {result.imitation_low:.1f} to {result.imitation_high:.1f} there",
        interval="",
        n=f"{result.used:,} posts, {result.crowds} crowds",
        detail=result.reason,
    )


def _headline(result: Curve) -> Row:
    best = result.curve.filter(pl.col("k") == result.best_silhouette).row(0, named=True)
    return Row(
        blocks=[
            Stat(
                label="Recommended k",
                value=str(result.recommended or "none"),
                note="clear elbow" if result.recommended else "no clear elbow",
            ),
            Stat(
                label="Sharpest bend",
                value=f"k = {result.bend}",
                note=f"gain {words.number(result.bend_strength)} times the next",
            ),
            Stat(
                label="Highest silhouette",
                value=f"k = {result.best_silhouette}",
                note=f"{words.number(best['silhouette'])}; it favours few clusters",
            ),
            Stat(label="Posts", value=words.count(result.used), note=f"{len(result.features)} features"),
        ]
    )


def _inertia(result: Curve, rows: pl.DataFrame, table: Table, title: str, takeaway: str) -> Chart:
    return Chart(
        figure=charts.steps(
            rows,
            x="k",
            y="inertia",
            axis="Inertia",
            x_axis="Number of clusters k",
            mark=result.bend if result.bend in rows["k"] else None,
            mark_label="clear elbow" if result.recommended else "sharpest bend",
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
            x_axis="Number of clusters k",
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
