"""The posts themselves: a page that scrolls through any number of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash_ag_grid import AgGrid

from postlens.app.blocks.aria import aria
from postlens.app.blocks.render import card
from postlens.app.clients import Clients
from postlens.app.export.formats import FORMATS
from postlens.app.web import links
from postlens.app.web.filters import edits, filter_bar
from postlens.app.web.filters.controls import control_id
from postlens.app.web.jobs import Jobs, within
from postlens.app.web.posts.counting import LATE, count_words, usual
from postlens.app.web.posts.drawer import Drawer
from postlens.app.workspace import Workspace
from postlens.core.ask.derived_columns import ColumnCrash
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.ask.post_pages import AMONG, PERCENTILE, Browser, Window, shown
from postlens.core.ask.request import Selection, column_pairs, read_selection, selection_pairs
from postlens.core.contract import Measure, Params
from postlens.core.contract.problems import CannotCompute
from postlens.core.contract.schema import Column, Schema
from postlens.core.data.vocabulary.meanings import meaning
from postlens.core.data.vocabulary.metrics import ENGAGEMENTS

log = logging.getLogger(__name__)
PAGE = "posts"
_BLOCK = 100
MAX_ROWS = 1_000_000_000  # Beyond what a table has.
_SMALL = 100_000  # Up to so many posts derived columns are made without being asked for.
_NUMBER = {"function": "params.value == null ? '' : d3.format(',.4~r')(params.value)"}
_WHOLE = {"function": "params.value == null ? '' : d3.format(',')(params.value)"}
_PERCENT = {"function": "params.value == null ? '' : d3.format('.3~p')(params.value)"}


def posts_page(workspace: Workspace, query: Mapping[str, Any]) -> Any:
    """The page with the filters of the link."""
    engine = workspace.engine
    selection, problems = links.selection_of(engine, query)
    columns = selection.columns
    schema = engine.schema(columns)
    metrics = [{"value": c.name, "label": c.label} for c in schema.metrics]
    derived = [name for name in engine.derived() if schema[name].levels]
    return html.Div(
        [
            dcc.Store(id=f"{PAGE}-link", data={"hidden": [list(p) for p in column_pairs(engine, columns)]}),
            html.Header(
                [html.H1("Posts"), html.P("Every post that passes the filters, and how it did among its peers.")],
                className="pl-title",
            ),
            *[html.Div(html.P(str(p)), className="pl-notice pl-notice-caution", role="note") for p in problems],
            filter_bar.bar(PAGE, engine, selection),
            html.Div(
                [
                    dmc.Select(
                        id=f"{PAGE}-metric",
                        label="Percentile by",
                        data=metrics,
                        value=usual(schema),
                        allowDeselect=False,
                        searchable=len(metrics) > 8,
                        size="sm",
                    ),
                    dmc.MultiSelect(
                        id=f"{PAGE}-columns",
                        label="Also show",
                        data=[{"value": n, "label": schema.label(n)} for n in derived],
                        value=derived if engine.dataset.posts <= _SMALL else [],
                        size="sm",
                        style={} if derived else {"display": "none"},
                    ),
                    html.P(
                        "Percentile: the share of its peers that a post beats, on the log scale. Peers are the posts of the same "
                        "account, network and type; where those are fewer than 20, of a wider group, which is named.",
                        className="pl-hint",
                    ),
                ],
                className="pl-card pl-posts-settings",
            ),
            html.Div(
                "Reading the posts",
                id=f"{PAGE}-status",
                role="status",
                className="pl-table-note",
                **aria(live="polite"),
            ),
            html.Div(id=f"{PAGE}-grid-box", className="pl-grid-box"),
            html.P(id=f"{PAGE}-downloads", className="pl-table-note"),
            dcc.Store(id=f"{PAGE}-query"),
        ],
        id=f"{PAGE}-page",
    )


def connect(app: Dash, clients: Clients, panels: list[str], draws: Jobs) -> None:
    """The callbacks of the posts page and of the drawer that every page opens."""
    edits.connect(app, clients, PAGE)
    bar = {**control_id(PAGE, ""), "name": ALL}
    app.callback(
        output={
            "grid": Output(f"{PAGE}-grid-box", "children"),
            "downloads": Output(f"{PAGE}-downloads", "children"),
            "kept": Output(f"{PAGE}-query", "data"),
            "count": Output(f"{PAGE}-count", "children"),
            "chips": Output(f"{PAGE}-chips", "children"),
            "reset": Output(f"{PAGE}-reset", "style"),
            "query": Output("query", "data", allow_duplicate=True),
            "shared": Output("shared", "data", allow_duplicate=True),
        },
        inputs={
            "bar": Input(bar, "value"),
            "extra": Input(f"{PAGE}-extra", "data"),
            "metric": Input(f"{PAGE}-metric", "value"),
            "show": Input(f"{PAGE}-columns", "value"),
        },
        state={"ids": State(bar, "id"), "link": State(f"{PAGE}-link", "data")},
        prevent_initial_call="initial_duplicate",
    )(_Refresh(clients, draws))
    app.callback(
        Output(f"{PAGE}-grid", "getRowsResponse"),
        Output(f"{PAGE}-status", "children"),
        Input(f"{PAGE}-grid", "getRowsRequest"),
        State(f"{PAGE}-query", "data"),
        prevent_initial_call=True,
    )(_Rows(clients, draws))
    app.clientside_callback(
        ClientsideFunction("postlens", "openDrawer"),
        Output("posts-drawer", "id"),
        Input("posts-drawer-content", "children"),
        prevent_initial_call=True,
    )
    for panel in [*panels, PAGE]:
        app.callback(
            Output("posts-drawer-content", "children", allow_duplicate=True),
            Input(f"{panel}-see", "n_clicks"),
            State("shared", "data"),
            prevent_initial_call=True,
        )(Drawer(clients, draws))


class _Refresh:
    """What changes when a filter of the posts page does: a new grid, which asks for its rows by itself."""

    __name__ = "refresh"

    def __init__(self, clients: Clients, draws: Jobs) -> None:
        self.clients, self.draws = clients, draws

    def __call__(
        self,
        bar: list[Any],
        extra: Any,
        metric: str | None,
        show: list[str] | None,
        ids: list[dict[str, str]],
        link: dict[str, Any] | None,
    ) -> dict[str, Any]:
        engine = self.clients.workspace().engine
        columns = links.columns_of_store(engine, link)
        schema = engine.schema(columns)
        active = filter_bar.read(filter_bar.values_of(ids, bar), extra or [], engine, schema)
        pairs = selection_pairs(engine, Selection(filters=active, columns=columns))
        made = filter_bar.chips(PAGE, active, schema, ())
        return {
            "grid": _grid(schema, engine.registry.measures, show or [], metric or ""),
            "downloads": _downloads(pairs, show or []),
            "kept": {"pairs": [list(p) for p in pairs], "metric": metric or "", "show": show or []},
            "count": within(
                self.draws,
                f"count of {engine.dataset.fingerprint} {pairs}",
                lambda: count_words(engine, active, columns),
                "Counting ...",
            ),
            "chips": made,
            "reset": {} if made else {"display": "none"},
            "query": links.query(pairs),
            "shared": links.query(pairs),
        }


def _downloads(pairs: Sequence[tuple[str, str]], show: Sequence[str]) -> list[Any]:
    """Ways to take the listed posts along."""
    query = links.query([*pairs, *([(SHOW, ",".join(show))] if show else [])])
    made = [html.A(e.upper(), href=f"/download/{PAGE}/posts.{e}{query}", download="") for e in FORMATS]
    return ["All of these posts: ", *(part for link in made for part in (link, " "))]


SHOW = "show"  # In the address of a download: the derived columns that are listed.


def _grid(schema: Schema, measures: Mapping[str, Measure], show: list[str], metric: str) -> Any:
    definitions = [
        _definition(column, meaning(column, schema, measures)) for column in _metric_first(shown(schema, show), metric)
    ]
    if metric in schema:
        percentile = {
            "field": PERCENTILE,
            "headerName": f"Percentile, {schema.label(metric).lower()}",
            "sortable": False,
            "type": "numericColumn",
            "width": 128,
        }
        among = {"field": AMONG, "headerName": "Among", "sortable": False, "tooltipField": AMONG, "width": 230}
        after = next((i + 1 for i, d in enumerate(definitions) if d["field"] == metric), len(definitions))
        definitions[after:after] = [percentile]
        definitions.append(among)
    return AgGrid(
        id=f"{PAGE}-grid",
        columnDefs=definitions,
        rowModelType="infinite",
        defaultColDef={
            "resizable": True,
            "sortable": True,
            "minWidth": 90,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            "theme": {"function": "themeQuartz.withPart(colorSchemeVariable)"},
            "cacheBlockSize": _BLOCK,
            "maxBlocksInCache": 20,
            "infiniteInitialRowCount": 20,
            "tooltipShowDelay": 300,
            "suppressCellFocus": False,
            "ensureDomOrder": True,
        },
        getRowId="params.data.post_key",
        style={"height": "min(720px, 75vh)"},
    )


_LEAD = ("published", "account_name", "post_type", "text")


def _metric_first(columns: list[Column], metric: str) -> list[Column]:
    """What a post is, how it did, and then the rest: the numbers stand on the first screen."""
    by_name = {c.name: c for c in columns}
    lead = [by_name[name] for name in (*_LEAD, metric, "url") if name in by_name]
    numbers = [c for c in columns if c.kind in {"metric", "rate"} and c not in lead]
    return [*lead, *numbers, *(c for c in columns if c not in lead and c not in numbers)]


def _definition(column: Column, said: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "field": column.name,
        "headerName": column.label,
        "headerTooltip": f"{column.label}: {said}" if said else column.label,
        "width": 128,
    }
    if column.name == "url":
        return made | {"headerName": "Link", "sortable": False, "width": 75, "cellRenderer": "PostLink"}
    match column.kind:
        case "metric":
            made |= {
                "type": "numericColumn",
                "valueFormatter": _NUMBER if column.computed and column.name != ENGAGEMENTS else _WHOLE,
            }
        case "rate":
            made |= {"type": "numericColumn", "valueFormatter": _PERCENT if column.percent else _NUMBER}
        case "time":
            made |= {"width": 145, "sort": "desc"}  # The newest first, whatever the order of the file.
        case "text":
            made |= {"sortable": False, "tooltipField": column.name, "width": 230}
        case "id":
            made |= {"sortable": False, "width": 90}
    return made


class _Rows:
    """The grid asks for some rows."""

    __name__ = "rows"

    def __init__(self, clients: Clients, draws: Jobs) -> None:
        self.clients, self.draws = clients, draws

    def __call__(self, request: dict[str, Any] | None, kept: dict[str, Any] | None) -> tuple[Any, Any]:
        if not request or not kept:
            return no_update, no_update
        workspace = self.clients.workspace()
        key = f"rows {workspace.dataset.fingerprint} {json.dumps([request, kept], sort_keys=True, default=str)}"
        late: tuple[Any, Any] = ({"rowData": [], "rowCount": 0}, card("These posts take too long", [LATE]))
        found: tuple[Any, Any] = within(self.draws, key, lambda: self._rows(workspace, request, kept), late)
        return found

    def _rows(self, workspace: Workspace, request: dict[str, Any], kept: dict[str, Any]) -> tuple[Any, Any]:
        engine = workspace.engine
        try:
            selection, _ = read_selection(engine, [(str(k), str(v)) for k, v in kept["pairs"]])
            columns, active = selection.columns, selection.filters
            start, end = (min(int(request.get(k) or d), MAX_ROWS) for k, d in (("startRow", 0), ("endRow", _BLOCK)))
            order = tuple((str(s["colId"]), s["sort"] == "desc") for s in request.get("sortModel") or ())
            window = Window(
                sort=order,
                start=max(0, start),
                rows=max(0, end - start),
                columns=tuple(kept["show"]),
                metric=kept["metric"] if kept["metric"] in {c.name for c in engine.schema(columns).metrics} else "",
            )
            total = engine.count(active, columns)
            if total == 0:
                return {"rowData": [], "rowCount": 0}, card(
                    "No post passes the filters", ["Widen or reset the filters."]
                )
            rows, note = _page(workspace.browser, active, columns, window)
            return {"rowData": _plain(rows, engine), "rowCount": total}, note
        except CannotCompute as error:
            return {"rowData": [], "rowCount": 0}, card("These posts cannot be shown so", [error.reason, error.hint])
        except ColumnCrash as error:
            said = error.crash.problem
            return {"rowData": [], "rowCount": 0}, card(said.what, [said.why, said.hint], kind="crash")


def _page(browser: Browser, active: Filters, columns: Mapping[str, Params], window: Window) -> tuple[pl.DataFrame, Any]:
    """The rows; without the derived columns nobody filters by, where those cannot be made of so few posts."""
    try:
        return browser.page(active, columns, window), ""
    except (CannotCompute, ColumnCrash) as error:
        kept = tuple(c for c in window.columns if c in active.columns())
        if kept == window.columns:
            raise
        said = error.reason if isinstance(error, CannotCompute) else error.crash.problem.what
        note = html.Div(html.P(f"Shown without derived columns. {said}"), className="pl-notice", role="note")
        return browser.page(active, columns, replace(window, columns=kept)), note


def _plain(rows: Any, engine: Engine) -> list[dict[str, Any]]:
    zone = engine.dataset.timezone.key
    if "published" in rows.columns:
        local = pl.col("published").dt.convert_time_zone(zone).dt.to_string("%Y-%m-%d %H:%M")
        day = pl.col("published").dt.to_string("%Y-%m-%d")
        rows = rows.with_columns(published=pl.when(pl.col("published_precision") == "day").then(day).otherwise(local))
    found: list[dict[str, Any]] = rows.to_dicts()
    return found
