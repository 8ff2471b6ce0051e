"""A page of one's own: choose a type in one chart and see its weekdays in the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import polars as pl
from pydantic import Field

from postlens import Chart, Context, CustomPage, Needs, PageFrame, Panel, Params, Table, charts, hookimpl


class Order(Enum):
    """How the types follow each other."""

    POSTS = "most posts first"
    NAME = "by name"


class Settings(Params):
    """How the first chart is sorted."""

    order: Order = Field(Order.POSTS, title="Order of the types")


@dataclass(frozen=True)
class Result:
    """Posts by type and weekday: small enough to answer every click without asking for the posts again."""

    cells: pl.DataFrame
    days: tuple[str, ...]


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    """Count the posts of every type on every weekday."""
    cells = posts.group_by("post_type", "weekday").agg(posts=pl.len().cast(pl.Int64)).drop_nulls()
    return Result(cells=cells.sort("post_type", "weekday").collect(), days=ctx.schema["weekday"].levels)


def types(result: Result, order: Order) -> pl.DataFrame:
    """Posts by type."""
    counted = result.cells.group_by("post_type").agg(pl.col("posts").sum())
    if order is Order.NAME:
        return counted.sort("post_type")
    return counted.sort(["posts", "post_type"], descending=[True, False])


def weekdays(result: Result, post_type: str | None) -> pl.DataFrame:
    """Posts by weekday, of one type or of all."""
    cells = result.cells if post_type is None else result.cells.filter(pl.col("post_type") == post_type)
    counted = cells.group_by("weekday").agg(pl.col("posts").sum())
    every_day = pl.DataFrame({"weekday": result.days}, schema={"weekday": pl.String})
    return every_day.join(counted, on="weekday", how="left", maintain_order="left").with_columns(
        pl.col("posts").fill_null(0)
    )


def view(result: Result, params: Settings) -> list[Chart]:
    """The same as blocks, for downloads and the command line."""
    rows = types(result, params.order)
    return [
        Chart(
            figure=charts.bars(rows, label="post_type", value="posts", axis="Posts"),
            title="Posts by type",
            takeaway=f"{rows.height} types in {int(rows['posts'].sum()):,} posts.",
            table=Table(title="Posts by type", rows=rows, name="types"),
        )
    ]


# -- start page --
def layout(page: PageFrame[Result]) -> list[Any]:
    """Two graphs, a line that says what is chosen, and a button that takes the choice to every page. Dash is imported here, not at the top."""
    from dash import dcc, html

    return [
        html.P("Click a bar to see the weekdays of that type alone.", id=page.id("chosen"), role="status"),
        html.Button("Only these posts, on every page", id=page.id("keep"), disabled=True),
        dcc.Graph(id=page.id("types"), config={"displayModeBar": False}),
        dcc.Graph(id=page.id("days"), config={"displayModeBar": False}),
    ]


def connect(page: PageFrame[Result]) -> None:
    """The callbacks: one draws the types, others follow the click, in the server and in the browser."""
    from dash import Input, Output, State

    @page.callback(Output(page.id("types"), "figure"), Input(page.id("answer"), "data"))
    def draw_types(answer: Any) -> Any:
        result = page.result(answer)
        if result is None:
            return {}
        rows = types(result, page.settings(answer).order)
        return charts.bars(rows, label="post_type", value="posts", axis="Posts")

    @page.callback(
        Output(page.id("days"), "figure"),
        Output(page.id("chosen"), "children"),
        Input(page.id("answer"), "data"),
        Input(page.id("types"), "clickData"),
    )
    def draw_days(answer: Any, clicked: Any) -> Any:
        result = page.result(answer)
        if result is None:
            return {}, ""
        chosen = clicked["points"][0]["y"] if clicked else None
        known = chosen if chosen in set(result.cells["post_type"]) else None
        figure = charts.bars(weekdays(result, known), label="weekday", value="posts", axis="Posts")
        return figure, f"Weekdays of {known} posts." if known else "Weekdays of all posts. Click a type to see its own."

    page.clientside("clicked => !clicked", Output(page.id("keep"), "disabled"), Input(page.id("types"), "clickData"))

    @page.callback(
        Output(page.id("choice"), "data"),
        Input(page.id("keep"), "n_clicks"),
        State(page.id("types"), "clickData"),
        prevent_initial_call=True,
    )
    def keep(_clicks: Any, clicked: Any) -> Any:
        return {"column": "post_type", "levels": [clicked["points"][0]["y"]]}


# -- end page --


PANEL: Panel[Settings, Result] = Panel(
    api=2,
    id="crossfilter",
    title="Types and weekdays",
    summary="Choose a type in one chart and see its weekdays in the other.",
    params=Settings,
    compute=compute,
    view=view,
    needs=Needs(columns=("post_type", "weekday")),
    page=CustomPage(layout=layout, connect=connect, style="p { font-weight: 600 }"),
)


@hookimpl
def postlens_panels() -> list[Panel[Settings, Result]]:
    """The panel with its own page."""
    return [PANEL]
