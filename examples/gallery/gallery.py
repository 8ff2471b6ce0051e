"""Every block that a page can show, in every state: what a panel may be made of, and how it looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from postlens import (
    Block,
    Chart,
    Context,
    Details,
    Grid,
    Link,
    Needs,
    Notice,
    Panel,
    Params,
    Plan,
    Row,
    Settle,
    Stat,
    Table,
    Text,
    Verdict,
    charts,
    hookimpl,
)

_LONG = "A name that is far longer than anybody would give to a campaign, Donaudampfschifffahrtsgesellschaft included"


class Settings(Params):
    """Nothing to choose."""


@dataclass(frozen=True)
class Result:
    """Nothing of the posts: what is shown is made up."""

    posts: int


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    """Look at no post."""
    return Result(posts=0)


def verdicts() -> list[Block]:
    """A verdict in each state, and the ways of saying what would settle it."""
    common: dict[str, Any] = {"metric": "engagements", "by": "post_type", "level": "photo"}
    sure: dict[str, Any] = {"log_p": math.log(0.0001), "log_p_adjusted": math.log(0.002)}
    told = [
        Verdict(
            claim="A typical photo post earns more engagements than other posts of the same account and week.",
            state="likely real",
            estimate=1.34,
            low=1.18,
            high=1.53,
            posts=1_250,
            accounts=3,
            group_posts=420,
            detail="Not explained by luck, week and weekday; campaign and budget may still explain it.",
            **sure,
            **common,
        ),
        Verdict(
            claim="Photo posts earn neither 20 % more nor 20 % less.",
            state="no difference of 20 % or more",
            estimate=1.02,
            low=0.91,
            high=1.14,
            log_p=math.log(0.7),
            posts=3_400,
            accounts=3,
            **common,
        ),
        Verdict(
            claim="Whether accounts differ could be chance.",
            state="could be chance",
            effect="V 0.08",
            interval="0.02 to 0.2",
            n="240 posts",
        ),
        Verdict(
            claim="Too few posts to tell whether photo posts earn more.",
            state="too few posts to tell",
            estimate=1.21,
            low=0.86,
            high=1.7,
            log_p=math.log(0.26),
            posts=96,
            accounts=1,
            settle=Settle(weeks=26, posts=310),
            **common,
        ),
        Verdict(
            claim="Too few weeks with both kinds to tell whether photo posts earn more.",
            state="too few periods to tell",
            posts=96,
            settle=Settle(why="More weeks in which both kinds are posted would settle it."),
            **common,
        ),
        Verdict(
            claim="A question in the caption goes with a higher engagement rate.",
            state="likely real",
            scale="difference",
            percent=True,
            estimate=0.012,
            low=0.004,
            high=0.02,
            posts=800,
            **sure,
        ),
        Verdict(
            claim="A post of the first kind beats one of the second more often than not.",
            state="too few posts to tell",
            scale="probability",
            estimate=0.58,
            low=0.47,
            high=0.68,
            posts=88,
            settle=Settle(accounts=4),
        ),
    ]
    return [Grid(title="Verdicts", blocks=told)]


def small() -> list[Block]:
    """Numbers, notices, text, links."""
    return [
        Row(
            blocks=[
                Stat(label="Posts", value="12,408"),
                Stat(label="Engagement rate by reach", value="3.4 %", note="3.1 to 3.7 %, n = 4,400"),
                Stat(label=_LONG, value="42,108,221", note="since 1 January"),
                Stat(label="Followers", value="not known"),
            ]
        ),
        Notice(title="Something to know", text="Posts of the last seven days are still collecting engagement."),
        Notice(title="Something to beware of", text="Impressions became views on 21 April.", kind="caution"),
        Text(title="A paragraph", body="Plain text is never markup: <b>this</b> stays as it is. " * 4),
        Link(text="A way to another page", panel="gallery"),
        Details(summary="More behind a disclosure", blocks=[Text(body="There for who asks.")]),
    ]


def plans() -> list[Block]:
    """A plan, before and after it was read."""
    days: dict[str, Any] = {"first": date(2026, 1, 5), "read": date(2026, 3, 2)}
    outcomes: list[Any] = ["", "confirmed", "refuted", "open"]
    return [
        Plan(
            title=f"Reels against photos, four weeks; {word or 'not read yet'}.",
            mark=f"made-up-{word}",
            outcome=word,
            **days,
        )
        for word in outcomes
    ]


def tables() -> list[Block]:
    """A table, a wide one, an empty one."""
    rows = pl.DataFrame(
        {
            "type": ["photo", "video", _LONG, None],
            "posts": [1_250, 96, 3, 1],
            "share": [0.926, 0.071, 0.002, 0.001],
            "ratio": [1.34, 0.86, None, None],
        }
    )
    wide = pl.DataFrame({f"number_{n}": [n * 1_234.5, None] for n in range(14)})
    styles = {"posts": "integer", "share": "percent", "ratio": "ratio"}
    return [
        Table(title="Types", rows=rows, name="types", formats=styles, note="The last two have no effect to show."),
        Table(title="Many columns", rows=wide, name="wide"),
        Table(title="No rows", rows=rows.clear(), name="none"),
    ]


def drawn() -> list[Block]:
    """A chart of each kind."""
    effects = pl.DataFrame(
        {
            "kind": ["photo", "video", _LONG],
            "effect": [1.34, 0.86, 1.1],
            "low": [1.18, 0.7, 0.4],
            "high": [1.53, 1.06, 3.0],
            "posts": [1_250, 96, 8],
        }
    )
    weeks = pl.DataFrame(
        {
            "week": [f"2026-03-{day:02}" for day in range(1, 29, 3)],
            "value": [100.0 + 12 * math.sin(n) for n in range(10)],
        }
    ).with_columns(low=pl.col("value") - 15, high=pl.col("value") + 15, posts=pl.lit(40))
    bins = pl.DataFrame({"left": [float(n) for n in range(8)], "posts": [2, 9, 30, 64, 51, 22, 6, 1]})
    bins = bins.with_columns(right=pl.col("left") + 1)
    groups = pl.DataFrame({"k": list(range(2, 9)), "score": [0.31, 0.44, 0.52, 0.41, 0.38, 0.33, 0.3]})
    both = groups.with_columns(null=pl.col("score") * 0.6)
    cells = pl.DataFrame(
        {
            "x": [1.0, 2.0, 3.0, 4.0] * 3,
            "y": [1.0] * 4 + [2.0] * 4 + [3.0] * 4,
            "group": ["a", "a", "b", "b"] * 3,
            "posts": [4, 30, 8, 60, 12, 2, 40, 9, 5, 20, 3, 15],
            "share": [0.9] * 12,
        }
    )
    names = ["Reactions", "Comments", "Shares", "Saves", "Reach", "Impressions", "Views", "Followers"]
    near = [
        [math.exp(-abs(i - j) / 3) * (-1 if (i + j) % 5 == 4 and i != j else 1) for j in range(8)] for i in range(8)
    ]
    said = [[f"{value:.2f}".replace("0.", ".") for value in row] for row in near]
    days = ["Mon", "Tue", "Wed"]
    slots = [[0.1 * ((i * 5 + j * 3) % 7 - 3) for j in range(6)] for i in range(3)]
    made = {
        "Effects": charts.effects(effects, label="kind", value="effect", axis="other posts", log=True),
        "Bars": charts.bars(effects, label="kind", value="posts", axis="Posts"),
        "Columns": charts.bars(effects.head(2), label="kind", value="posts", axis="Posts", horizontal=False),
        "A line": charts.line(weeks, x="week", value="value", low="low", high="high", axis="Engagements", dates=True),
        "A histogram": charts.histogram(bins, axis="Reactions", log=True, marks=[(40.0, "median")]),
        "Steps": charts.steps(
            groups, x="k", y="score", axis="Silhouette", x_axis="Groups", mark=4, mark_label="chosen"
        ),
        "Two lines": charts.two_lines(
            both, x="k", first="score", second="null", names=("posts", "no groups"), axis="Silhouette", x_axis="Groups"
        ),
        "Things against each other": charts.heat(near, x=names, y=names, words=said, numbered=True),
        "A coloured table": charts.heat(slots, x=[f"{3 * n}:00" for n in range(6)], y=days, limit=0.3),
        "Bubbles": charts.bubbles(cells, x_axis="x", y_axis="y", groups=["a", "b"], column="group", log=False),
    }
    behind = Table(title="Behind it", rows=effects, name="behind")
    return [
        Grid(
            title="Charts",
            blocks=[Chart(figure=f, title=t, takeaway="Made up.", table=behind) for t, f in made.items()],
        )
    ]


def view(result: Result, params: Settings) -> Sequence[Block]:
    """All of it."""
    return [*verdicts(), *small(), *plans(), *tables(), *drawn()]


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [
        Panel(
            api=2,
            id="gallery",
            title="Gallery",
            summary="Every block in every state, with made-up numbers.",
            params=Settings,
            compute=compute,
            view=view,
            needs=Needs(posts=0),
        )
    ]
