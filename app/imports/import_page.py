"""The Import page: files dropped on it are read, shown, corrected where needed, and added to the library."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, dcc, html

from postlens.app.blocks.aria import data
from postlens.app.clients import Clients
from postlens.app.imports.actions import Desk, library_of
from postlens.app.imports.cards import shelf_of
from postlens.app.workspace import Workspace

_MAP = {"role": "map", "file": ALL, "column": ALL}
_READING = {"role": "reading", "what": ALL, "file": ALL}
_TICK = 700  # Milliseconds between two looks at how far the reading is.
_HIDDEN = {"display": "none"}
_NOTHING_YET = (
    "Nothing was imported yet: until you import something, the other pages show made-up posts, to try Postlens with."
)


def import_page(workspace: Workspace) -> Any:
    """Where files go, what is known of them beforehand, and what became of them."""
    most = workspace.deployment.config.data.upload_mb
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Import"),
                    html.P(
                        "Add the files you downloaded from the networks. Each is read and shown first; nothing is kept "
                        "before you say so, and every import can be undone."
                    ),
                    *([html.P(_NOTHING_YET, className="pl-nothing-yet")] if workspace.waiting else []),
                ],
                className="pl-title",
            ),
            html.Section(
                [
                    *_questions(),
                    dcc.Upload(
                        html.Div(
                            [
                                html.Strong("Drop files here"),
                                html.Span(" or "),
                                html.Span("choose them", className="pl-link"),
                            ]
                        ),
                        id="up-files",
                        multiple=True,
                        max_size=most * 1_000_000,
                        className="pl-drop",
                        className_active="pl-drop pl-drop-on",
                    ),
                    html.P(
                        f"CSV, Excel, JSON, Parquet or ZIP, up to {most} MB each. Nothing leaves this machine.",
                        className="pl-table-note",
                    ),
                ],
                className="pl-card",
            ),
            dcc.Store(id="up-staged", data=[]),
            dcc.Store(id="up-known", data={}),
            dcc.Store(id="up-who", data=secrets.token_hex(8)),
            dcc.Interval(id="up-tick", interval=_TICK, disabled=True),
            html.P(
                id="up-refused",
                className="pl-notice pl-notice-caution",
                style=_HIDDEN,
                role="alert",
                **data(most=str(most)),
            ),
            html.Div(
                [
                    html.P(id="up-step", className="pl-table-note", role="status"),
                    dmc.Button("Stop reading", id="up-stop", variant="default", size="xs", n_clicks=0),
                ],
                id="up-busy",
                className="pl-import-busy",
                style=_HIDDEN,
            ),
            dcc.Loading(html.Div(id="up-result", className="pl-stack", role="status"), type="dot"),
            html.Div(shelf_of(library_of(workspace)), id="up-shelf"),
        ],
        className="pl-stack",
    )


def _questions() -> list[Any]:
    """What a person may know of the files better than the files say."""
    client = dmc.TextInput(id="up-client", label="Client", description="Whose posts they are.")
    readings = html.Div(
        [
            dmc.TextInput(
                id="up-zone",
                label="Their time zone",
                description="Where a file names none, e.g. Europe/Berlin. Empty: the network's own.",
            ),
            _reading(
                "up-order", "Dates such as 04/05/2026", {"mdy": "Month first: 5 April", "dmy": "Day first: 4 May"}
            ),
            _reading(
                "up-decimal",
                "Numbers such as 1.234",
                {"point": "Decimal point: 1.234 and 1,234", "comma": "Decimal comma: 1,234 and 1.234"},
            ),
            dmc.Checkbox(
                id="up-days",
                label="Add up the days",
                description="Of files with one row for each post and day.",
                checked=False,
            ),
        ],
        className="pl-form pl-import-form",
    )
    more = html.Details([html.Summary("How to read what all of these files leave open"), readings])
    return [html.Div([client], className="pl-form pl-import-form"), html.Div([more], className="pl-about")]


def _reading(name: str, label: str, readings: Mapping[str, str]) -> Any:
    """How to read what a column leaves open."""
    return dmc.Select(
        id=name,
        label=label,
        description="Where a column does not tell.",
        data=[{"value": v, "label": words} for v, words in {"": "As the file shows", **readings}.items()],
        value="",
        allowDeselect=False,
    )


def connect(app: Dash, clients: Clients) -> None:
    """Declare what happens when files are dropped, corrected, imported or undone."""
    desk = Desk(clients)
    app.callback(
        Output("up-staged", "data"),
        Output("up-known", "data"),
        Output("up-result", "children"),
        Output("up-shelf", "children"),
        Output("up-files", "contents"),
        Input("up-files", "contents"),
        Input("up-again", "n_clicks", allow_optional=True),
        Input("up-keep", "n_clicks", allow_optional=True),
        Input({"role": "undo", "import": ALL}, "n_clicks"),
        Input({"role": "file", "do": ALL, "file": ALL}, "n_clicks"),
        State("up-files", "filename"),
        State("up-files", "last_modified"),
        State("up-staged", "data"),
        State("up-known", "data"),
        State("up-client", "value"),
        State("up-zone", "value"),
        State("up-order", "value"),
        State("up-decimal", "value"),
        State("up-days", "checked"),
        State(_MAP, "value"),
        State(_MAP, "id"),
        State(_READING, "value"),
        State(_READING, "id"),
        State("up-who", "data"),
        running=[(Output("up-tick", "disabled"), False, True), (Output("up-busy", "style"), {}, _HIDDEN)],
        prevent_initial_call=True,
    )(desk.act)
    app.callback(
        Output("up-step", "children"),
        Input("up-tick", "n_intervals"),
        State("up-who", "data"),
        prevent_initial_call=True,
    )(desk.step)
    app.callback(
        Output("up-step", "children", allow_duplicate=True),
        Input("up-stop", "n_clicks"),
        State("up-who", "data"),
        prevent_initial_call=True,
    )(desk.stop)
