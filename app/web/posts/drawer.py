"""The first posts of a view, in a drawer over every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import polars as pl
from dash import ctx, dcc, html, no_update

from postlens.app.blocks.aria import aria, data
from postlens.app.blocks.cells import cell
from postlens.app.blocks.render import card
from postlens.app.clients import Clients
from postlens.app.web import links, pictures
from postlens.app.web.jobs import Jobs, within
from postlens.app.web.posts.counting import LATE, count_words, usual
from postlens.app.web.shell import POSTS
from postlens.app.workspace import Workspace
from postlens.core.ask.derived_columns import ColumnCrash
from postlens.core.ask.post_pages import AMONG, PERCENTILE, Window
from postlens.core.contract import wording
from postlens.core.contract.problems import CannotCompute
from postlens.core.contract.schema import Schema
from postlens.core.data.store.library import NAME as LIBRARY
from postlens.core.data.store.library import history

_IN_DRAWER = 25
_EXPORTS_SHOWN = 4  # Of a post; of more the first and the last three.


def drawer() -> Any:
    """The drawer, empty; part of every page."""
    return html.Dialog(
        [
            html.Div(
                [html.H2("Posts"), html.Button("Close", type="button", className="pl-button", **data(close="yes"))],
                className="pl-title-row pl-drawer-head",
            ),
            html.Div(id="posts-drawer-content"),
        ],
        id="posts-drawer",
        className="pl-drawer",
        **aria(label="Posts of this view"),
    )


class Drawer:
    """The first posts of the view, in a drawer over the page."""

    __name__ = "drawer"

    def __init__(self, clients: Clients, draws: Jobs) -> None:
        self.clients, self.draws = clients, draws

    def __call__(self, clicks: int | None, shared: str | None) -> Any:
        """The posts of the filters that all pages share, once somebody asks."""
        if not clicks or ctx.triggered_id is None:
            return no_update
        workspace = self.clients.workspace()
        key = f"drawer {workspace.dataset.fingerprint} {shared}"
        return within(
            self.draws, key, lambda: self._content(workspace, shared), card("These posts take too long", [LATE])
        )

    def _content(self, workspace: Workspace, shared: str | None) -> Any:
        engine = workspace.engine
        selection, _ = links.selection_of(engine, parse_qs((shared or "").removeprefix("?")))
        columns, active = selection.columns, selection.filters
        schema = engine.schema(columns)
        metric = usual(schema)
        try:
            window = Window(sort=((metric, True),), rows=_IN_DRAWER, metric=metric)
            rows = workspace.browser.page(active, columns, window)
        except (CannotCompute, ColumnCrash) as error:
            return card("These posts cannot be shown", [str(error)])
        head = f"{count_words(engine, active, columns)}; those with the most {schema.label(metric).lower()} first."
        more = dcc.Link("Open in Posts", href=f"{POSTS}{shared or ''}", className="pl-more")
        earlier = _earlier(workspace, rows, metric, schema)
        return html.Div(
            [html.P(head), html.P(more), _list(workspace, rows, schema, metric, earlier)],
            className="pl-stack",
        )


def _earlier(workspace: Workspace, rows: pl.DataFrame, metric: str, schema: Schema) -> dict[str, str]:
    """By post, the metric in earlier exports of the library, where the post was exported more than once."""
    if workspace.engine.dataset.catalogue.source != LIBRARY or not metric or not rows.height:
        return {}
    told = history(workspace.deployment.store / LIBRARY, rows["post_key"].to_list())
    if metric not in told.columns:
        return {}
    said: dict[str, list[str]] = {}
    for key, day, value in told.drop_nulls(metric).select("post_key", "exported", metric).iter_rows():
        said.setdefault(key, []).append(f"{wording.number(value)} on {day:%-d %b %Y}")
    label = schema.label(metric).lower()
    return {
        key: f"Exported {len(times)} times: {label} {', '.join(_first_and_last(times))}."
        for key, times in said.items()
        if times[1:]
    }


def _first_and_last(times: list[str]) -> list[str]:
    return times if len(times) <= _EXPORTS_SHOWN else [times[0], "...", *times[1 - _EXPORTS_SHOWN :]]


def _local_day(row: Mapping[str, Any], zone: ZoneInfo) -> str:
    moment = row["published"]
    if row.get("published_precision") != "day" and moment.tzinfo:
        moment = moment.astimezone(zone)
    return f"{moment:%-d %b %Y}"


def _list(workspace: Workspace, rows: Any, schema: Schema, metric: str, earlier: Mapping[str, str]) -> Any:
    items, zone = [], workspace.dataset.timezone
    for row in rows.iter_rows(named=True):
        about = [row.get(n) for n in ("account_name", "platform", "post_type") if row.get(n)]
        day = [_local_day(row, zone)] if row.get("published") else []
        rank = [f"beats {row[PERCENTILE]} % of its peers ({row[AMONG]})"] if row.get(PERCENTILE) is not None else []
        text = str(row.get("text") or row.get("title") or "(no text)")
        url = str(row.get("url") or "")
        safe = url.startswith(("https://", "http://"))
        link = [html.A("Open", href=url, target="_blank", rel="noopener noreferrer")] if safe else []
        numbers = f"{wording.number(row[metric])} {schema.label(metric).lower()}" if row.get(metric) is not None else ""
        items.append(
            html.Li(
                [
                    *pictures.shown(workspace, row),
                    html.P(text[:240] + ("\u2026" if len(text) > 240 else ""), className="pl-post-text"),
                    html.P(
                        [cell(" \u00b7 ".join([numbers, *rank, *day, *about])), " ", *link], className="pl-post-facts"
                    ),
                    *(
                        [html.P(earlier[row["post_key"]], className="pl-post-facts")]
                        if row["post_key"] in earlier
                        else []
                    ),
                ]
            )
        )
    return html.Ol(items, className="pl-posts")
