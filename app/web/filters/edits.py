"""Changing filters from everywhere but their own controls: chips, reset, periods, ranges, and choosing in a chart."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from postlens.app.clients import Clients
from postlens.app.web import links
from postlens.app.web.filters import filter_bar
from postlens.app.web.filters.controls import control_id
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.contract.schema import Schema

ALL_OF = {"role": "", "panel": "", "name": ALL}


def connect(app: Dash, clients: Clients, panel: str, *, own_page: bool = False) -> None:
    """Add the callbacks of one page's filter bar; an own page may choose posts, too."""

    def parts(role: str) -> dict[str, Any]:
        return {**ALL_OF, "role": role, "panel": panel}

    every = {**control_id(panel, ""), "name": ALL}
    app.callback(
        output={"controls": Output(every, "value"), "extra": Output(f"{panel}-extra", "data")},
        inputs={
            "_clicks": [
                Input(f"{panel}-reset", "n_clicks"),
                Input(f"{panel}-range-apply", "n_clicks"),
                Input(parts("chip"), "n_clicks"),
                Input(parts("preset"), "n_clicks"),
            ],
            "choice": Input(f"{panel}-picked", "data"),
            **({"own_choice": Input(f"{panel}-own-choice", "data")} if own_page else {}),
        },
        state={
            "ids": State(every, "id"),
            "values": State(every, "value"),
            "extra": State(f"{panel}-extra", "data"),
            "link": State(f"{panel}-link", "data"),
            "span": [State(f"{panel}-range-{part}", "value") for part in ("metric", "low", "high")],
        },
        prevent_initial_call=True,
    )(_Editor(clients, panel))
    app.clientside_callback(
        ClientsideFunction("postlens", "pick"),
        Output(f"{panel}-picked", "data"),
        Input(parts("graph"), "clickData"),
        Input(parts("graph"), "selectedData"),
        State(parts("graph"), "figure"),
        State(parts("graph"), "id"),
        prevent_initial_call=True,
    )


class _Editor:
    __name__ = "edit"

    def __init__(self, clients: Clients, panel: str) -> None:
        self.clients, self.panel = clients, panel

    def __call__(
        self,
        _clicks: Any,
        choice: Any,
        ids: list[dict[str, str]],
        values: list[Any],
        extra: list[list[str]] | None,
        link: dict[str, Any] | None,
        span: list[Any],
        own_choice: Any = None,
    ) -> Any:
        pressed = ctx.triggered_id
        # A chip that was just drawn triggers too, with no click to tell of.
        if not any(t["value"] for t in ctx.triggered):
            return {"controls": [no_update] * len(ids), "extra": no_update}
        engine = self.clients.workspace().engine
        schema = engine.schema(links.columns_of_store(engine, link))
        before = filter_bar.read(filter_bar.values_of(ids, values), extra or [], engine, schema)
        chosen = own_choice if pressed == f"{self.panel}-own-choice" else choice
        after = self._edited(before, pressed, chosen, span, engine, schema)
        controls, rest = filter_bar.show(after, engine, schema)
        return {"controls": [controls.get(one["name"], no_update) for one in ids], "extra": rest}

    def _edited(
        self, active: Filters, pressed: Any, choice: Any, span: list[Any], engine: Engine, schema: Schema
    ) -> Filters:
        if pressed == f"{self.panel}-reset":
            return Filters()
        if pressed in (f"{self.panel}-picked", f"{self.panel}-own-choice"):  # An id may be a dictionary.
            return filter_bar.picked(active, choice, schema) if isinstance(choice, dict) else active
        if pressed == f"{self.panel}-range-apply":
            metric, low, high = span
            return filter_bar.typed(active, metric, low, high, schema)
        if isinstance(pressed, dict) and pressed["role"] == "chip":
            return active.dropped(pressed["name"])
        if isinstance(pressed, dict) and pressed["role"] == "preset":
            return filter_bar.preset(active, pressed["name"], engine)
        return active
