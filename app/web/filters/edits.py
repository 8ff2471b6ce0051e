"""Changing filters from everywhere but their own controls: chips, reset, periods, ranges, and choosing in a chart."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from postlens.app.web import links
from postlens.app.web.filters import filter_bar
from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.contract.schema import Schema

ALL_OF = {"role": "", "panel": "", "name": ALL}


def connect(app: Dash, engine: Engine, panel: str) -> None:
    """Add the callbacks of one page's filter bar."""
    names = filter_bar.controls(engine)

    def parts(role: str) -> dict[str, Any]:
        return {**ALL_OF, "role": role, "panel": panel}

    app.callback(
        output={
            "controls": {n: Output(filter_bar.control_id(panel, n), "value") for n in names},
            "extra": Output(f"{panel}-extra", "data"),
        },
        inputs={
            "_clicks": [
                Input(f"{panel}-reset", "n_clicks"),
                Input(f"{panel}-range-apply", "n_clicks"),
                Input(parts("chip"), "n_clicks"),
                Input(parts("preset"), "n_clicks"),
            ],
            "choice": Input(f"{panel}-picked", "data"),
        },
        state={
            "values": {n: State(filter_bar.control_id(panel, n), "value") for n in names},
            "extra": State(f"{panel}-extra", "data"),
            "link": State(f"{panel}-link", "data"),
            "span": [State(f"{panel}-range-{part}", "value") for part in ("metric", "low", "high")],
        },
        prevent_initial_call=True,
    )(_Editor(engine, panel))
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

    def __init__(self, engine: Engine, panel: str) -> None:
        self.engine, self.panel = engine, panel

    def __call__(
        self,
        _clicks: Any,
        choice: Any,
        values: dict[str, Any],
        extra: list[list[str]] | None,
        link: dict[str, Any] | None,
        span: list[Any],
    ) -> Any:
        pressed = ctx.triggered_id
        # A chip that was just drawn triggers too, with no click to tell of.
        if not any(t["value"] for t in ctx.triggered):
            return {"controls": dict.fromkeys(values, no_update), "extra": no_update}
        schema = self.engine.schema(links.columns_of_link(self.engine, link))
        before = filter_bar.read(values, extra or [], schema)
        controls, rest = filter_bar.show(self._edited(before, pressed, choice, span, schema), self.engine)
        return {"controls": controls, "extra": rest}

    def _edited(self, active: Filters, pressed: Any, choice: Any, span: list[Any], schema: Schema) -> Filters:
        if pressed == f"{self.panel}-reset":
            return Filters()
        if pressed == f"{self.panel}-picked":
            return filter_bar.picked(active, choice, schema) if isinstance(choice, dict) else active
        if pressed == f"{self.panel}-range-apply":
            metric, low, high = span
            return filter_bar.typed(active, metric, low, high, schema)
        if isinstance(pressed, dict) and pressed["role"] == "chip":
            return filters.dropped(active, pressed["name"])
        if isinstance(pressed, dict) and pressed["role"] == "preset":
            return filter_bar.preset(active, pressed["name"], self.engine)
        return active
