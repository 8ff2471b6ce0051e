"""The page: the change and its verdict, what it is made of, who had it, and the posts that carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from postlens import Block, Chart, Grid, Notice, Row, Stat, Table, Verdict, charts, wording
from postlens.plugins.change.compute import Change, Part
from postlens.plugins.change.settings import Settings
from postlens.plugins.change.verdicts import TITLES, Name, of_part, of_total, share, span, usual_words

_PARTS: tuple[Name, ...] = ("volume", "mix", "within")
_SHOWN = 12  # Levels in a chart; the table has all.


def show(result: Change, _params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    blocks: list[Block] = [of_total(result), _headline(result), *_notices(result), _waterfall(result)]
    blocks.append(Grid(title="Is each part more than usual?", blocks=[of_part(result, name) for name in _PARTS]))
    charts_of = [_levels(result, by) for by in dict.fromkeys(result.levels["by"].to_list())]
    if charts_of:
        blocks.append(Grid(title="Who had it", blocks=charts_of))
    if result.carriers.height:
        blocks.append(_carriers(result))
    return blocks


def _headline(result: Change) -> Row:
    amount = wording.number
    return Row(
        blocks=[
            Stat(
                label=f"{result.metric_label}, {span(result.since, result.until)}",
                value=amount(result.total_now),
                note=f"n = {result.posts:,}",
            ),
            Stat(
                label=f"{result.metric_label}, {span(result.before, result.before_until)}",
                value=amount(result.total_before),
                note=f"n = {result.posts_before:,}",
            ),
            Stat(label="Change", value=share(result.total.log), note=f"usual: {usual_words(result.total)}"),
        ]
    )


def _notices(result: Change) -> list[Block]:
    said = []
    if result.left_out:
        names = wording.listed([wording.name_of(name) for name in result.left_out])
        said.append(
            f"Without {names}: {result.metric_label.lower()} {'are' if len(result.left_out) > 1 else 'is'} known there for the posts of one period and for few of the "
            "other, so the two cannot be compared."
        )
    if result.unknown:
        posts = wording.counted(result.unknown, "post")
        said.append(
            f"{posts} of the two periods {'does' if result.unknown == 1 else 'do'} not know {result.metric_label.lower()} and do not count."
        )
    if (result.since - result.before).days % 7:
        said.append("The two periods do not begin on the same weekday; weekdays may explain a part of the change.")
    if result.young is not None and result.young > result.until:
        said.append(f"Posts since {result.young:%-d %B} are too recent to judge; neither period has them.")
    return [Notice(text=" ".join(said))] if said else []


def _waterfall(result: Change) -> Chart:
    """From one total to the other, part by part."""
    rows = pl.DataFrame(
        {
            "part": [TITLES[name] for name in _PARTS] + ["Change"],
            "amount": [*(getattr(result, name).amount for name in _PARTS), result.total.amount],
            "share": [share(part.log) for part in _all(result)],
            "usual": [usual_words(part) for part in _all(result)],
            "verdict": [verdict.state for verdict in _verdicts(result)],
        }
    )
    volume, mix, within = (getattr(result, name).amount for name in _PARTS)
    sentence = (
        f"{_signed(volume)} with {'more' if result.posts >= result.posts_before else 'fewer'} posts; "
        f"{_signed(mix)} with other kinds of posts; {_signed(within)} with each kind getting {'more' if within >= 0 else 'less'}"
    )
    return Chart(
        figure=_steps(result),
        title="What the change is made of",
        takeaway=f"{_signed(result.total.amount)} {result.metric_label.lower()} in all: {sentence}. The three parts sum to the change.",
        table=Table(
            title="Parts of the change",
            rows=rows,
            name="parts",
            labels={
                "part": "Part",
                "amount": result.metric_label,
                "share": "Of the change, as a ratio",
                "usual": "Usual range",
                "verdict": "Verdict",
            },
            formats={"amount": "number"},
            note="Ratios multiply to that of the totals.",
        ),
    )


def _all(result: Change) -> list[Part]:
    return [result.volume, result.mix, result.within, result.total]


def _verdicts(result: Change) -> list[Verdict]:
    return [*(of_part(result, name) for name in _PARTS), of_total(result)]


def _signed(amount: float) -> str:
    return f"{'+' if amount >= 0 else '−'}{wording.number(abs(amount))}"


def _steps(result: Change) -> Any:
    import plotly.graph_objects as go

    amounts = [getattr(result, name).amount for name in _PARTS]
    names = ["Before", "Number of posts", "Kinds of posts", "Each kind", "Now"]
    starts, level = [0.0], result.total_before
    for amount in amounts:
        starts.append(level)
        level += amount
    starts.append(0.0)
    heights = [result.total_before, *amounts, result.total_now]
    plain = charts.MUTED
    colors = [plain, *(charts.PALETTE[2] if a >= 0 else charts.WARN for a in amounts), plain]
    words = [wording.number(heights[0]), *map(_signed, amounts), wording.number(heights[-1])]
    made = charts.figure(290, margin={"l": 8, "r": 56, "t": 10, "b": 8})  # Room for the words beside the bars.
    made.add_trace(
        go.Bar(
            y=names,
            x=heights,
            base=starts,
            orientation="h",
            marker={"color": colors},
            text=words,
            textposition="auto",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    made.update_yaxes(autorange="reversed", showgrid=False, type="category")
    most = max(start + max(height, 0.0) for start, height in zip(starts, heights, strict=True))
    made.update_xaxes(title_text=charts.titled(result.metric_label), range=[0, most], nticks=5, tickangle=0)
    return made


def _levels(result: Change, by: str) -> Chart:
    rows = result.levels.filter(pl.col("by") == by)
    label = rows["label"][0]
    top = rows.row(0, named=True)
    shown = rows.head(_SHOWN)
    colors = [charts.PALETTE[2] if change >= 0 else charts.WARN for change in shown["change"]]
    figure = charts.bars(
        shown, label="level", value="change", axis=f"Change of {result.metric_label.lower()}", colors=colors
    )
    more = f" The chart has the {_SHOWN} largest changes of {rows.height:,}." if rows.height > _SHOWN else ""
    return Chart(
        figure=figure,
        title=f"By {label.lower()}",
        takeaway=f"{wording.name_of(top['level'])} changed most: {_signed(top['change'])}, with {top['posts']:,} posts instead of {top['posts_before']:,}.{more}",
        table=Table(
            title=f"Both periods by {label.lower()}",
            rows=rows.select("level", "posts_before", "posts", "before", "now", "change"),
            name=f"by_{by}",
            labels={
                "level": label,
                "posts_before": "Posts before",
                "posts": "Posts",
                "before": f"{result.metric_label} before",
                "now": result.metric_label,
                "change": "Change",
            },
            formats={
                "posts_before": "integer",
                "posts": "integer",
                "before": "number",
                "now": "number",
                "change": "number",
            },
        ),
        selects=by,
    )


def _carriers(result: Change) -> Table:
    labels = {
        "published": "Published",
        "account_name": "Account",
        "platform": "Network",
        "post_type": "Type",
        "text": "Text",
        "title": "Title",
        "url": "Link",
        "value": result.metric_label,
        "usual": "Average of its kind before",
    }
    alone = ""
    if result.without_largest is not None:
        alone = f" Without the largest post of either period the change would be {share(result.without_largest)}."
    return Table(
        title="The posts with most of it",
        rows=result.carriers.select("published", "value", "usual", pl.exclude("published", "value", "usual")),
        name="carriers",
        labels={name: words for name, words in labels.items() if name in result.carriers.columns},
        formats={"value": "number", "usual": "number"},
        note=f"A kind is an account, network and type together.{alone}",
    )
