"""The filter bar that every page has: its controls, its chips, and how one becomes the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from postlens.app.blocks.aria import aria, data
from postlens.app.blocks.render import escape_markup
from postlens.app.web.filters.controls import Control, Pairs, as_date, controls
from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, Period
from postlens.core.ask.request import Selection
from postlens.core.contract.schema import Schema

_NEWEST = 3  # Days whose posts are still collecting: measured at 60 to 89 % of what they will have.


def part_id(role: str, panel: str, name: str) -> dict[str, str]:
    """The id of one of many parts of a kind: a chip, a preset, a graph."""
    return {"role": role, "panel": panel, "name": name}


# -- controls and filters -----------------------------------------------------------------------------


def values_of(ids: Sequence[Mapping[str, str]], values: Sequence[Any]) -> dict[str, Any]:
    """The values of all controls of a bar by their names, from what Dash gives."""
    return {str(one["name"]): value for one, value in zip(ids, values, strict=True)}


def read(values: Mapping[str, Any], extra: Sequence[Sequence[str]], engine: Engine, schema: Schema) -> Filters:
    """The filters that the controls and `extra`, the pairs without a control, stand for."""
    pairs: Pairs = [(str(key), str(value)) for key, value in extra]
    for control in controls(engine, schema):
        if control.name in values:
            pairs += control.pairs(values[control.name])
    found, _ = filters.from_pairs(pairs, schema)
    return found


def show(active: Filters, engine: Engine, schema: Schema) -> tuple[dict[str, Any], Pairs]:
    """What the controls say for some filters, and the pairs that none of them can say."""
    made = controls(engine, schema)
    rest = Filters(tuple(f for f in active.items if not any(c.speaks_for(f) for c in made)))
    return {c.name: c.value(active) for c in made}, filters.to_pairs(rest)


# -- components ---------------------------------------------------------------------------------------


def bar(panel: str, engine: Engine, selection: Selection) -> html.Div:
    """The bar, filled in from the active filters."""
    schema = engine.schema(selection.columns)
    values, extra = show(selection.filters, engine, schema)
    made = controls(engine, schema)
    return html.Div(
        [
            dcc.Store(id=f"{panel}-extra", data=extra),
            dcc.Store(id=f"{panel}-picked"),
            html.Div([c.make(panel, values[c.name]) for c in made if not c.folded], className="pl-filter-controls"),
            html.Div(
                [
                    html.Button(
                        "Filters",
                        type="button",
                        className="pl-button pl-phone",
                        **data(opens="filters"),
                        **aria(expanded="false"),
                    ),
                    html.Span(id=f"{panel}-count", className="pl-count", role="status", **aria(live="polite")),
                    dmc.Button("See posts", id=f"{panel}-see", variant="subtle", size="compact-sm", n_clicks=0),
                    html.Div(id=f"{panel}-chips", className="pl-chips"),
                    dmc.Button(
                        "Reset filters",
                        id=f"{panel}-reset",
                        variant="subtle",
                        size="compact-sm",
                        n_clicks=0,
                        style={"display": "none"},
                    ),
                    html.Div(
                        [*([_presets(panel)] if "period" in values else []), _more(panel, schema, made, values)],
                        className="pl-filter-more",
                    ),
                ],
                className="pl-filter-status",
            ),
        ],
        className="pl-filters",
        role="search",
        **aria(label="Filters"),
    )


PRESETS = {
    "7": "Last 7 days",
    "28": "Last 28 days",
    "90": "Last 90 days",
    "365": "Last 365 days",
    "newest": f"Without the newest {_NEWEST} days, which are too recent to judge",
}


def _presets(panel: str) -> Any:
    items = [
        html.Button(label, id=part_id("preset", panel, key), n_clicks=0, type="button", className="pl-menu-item")
        for key, label in PRESETS.items()
    ]
    return _dropdown("Periods", items, "pl-menu")


def _dropdown(label: str, content: list[Any], shape: str) -> Any:
    return html.Details(
        [html.Summary(label, className="pl-button"), html.Div(content, className=shape)], className="pl-dropdown"
    )


def _more(panel: str, schema: Schema, made: Sequence[Control], values: Mapping[str, Any]) -> Any:
    metrics = [{"value": c.name, "label": c.label} for c in schema.metrics]
    parts: list[Any] = [c.make(panel, values[c.name]) for c in made if c.folded]
    parts += [
        dmc.Select(
            id=f"{panel}-range-metric",
            label="Metric between",
            data=metrics,
            value=metrics[0]["value"] if metrics else None,
            searchable=len(metrics) > 8,
            allowDeselect=False,
            size="sm",
            comboboxProps={"withinPortal": False},
        ),
        dmc.Group(
            [
                dmc.NumberInput(id=f"{panel}-range-low", size="sm", placeholder="lowest", **aria(label="Lowest value")),
                dmc.NumberInput(
                    id=f"{panel}-range-high", size="sm", placeholder="highest", **aria(label="Highest value")
                ),
                dmc.Button("Apply", id=f"{panel}-range-apply", size="sm", variant="light", n_clicks=0),
            ],
            grow=True,
            gap="xs",
        ),
    ]
    return _dropdown("More filters", [html.Div(parts, className="pl-form")], "pl-menu pl-menu-wide")


def chips(panel: str, active: Filters, schema: Schema, ignored: Sequence[str]) -> list[Any]:
    """What is filtered by, in words, each with its way out; what this page cannot honour is marked."""
    made: list[Any] = []
    for name, words in filters.named(active, schema).items():
        void = name in ignored
        text = f"{words} (does not apply here, this page makes it)" if void else words
        made.append(
            html.Button(
                [html.Span(text), html.Span("\u00d7", className="pl-chip-x", **aria(hidden="true"))],
                id=part_id("chip", panel, name),
                n_clicks=0,
                className="pl-chip pl-chip-void" if void else "pl-chip",
                type="button",
                **aria(label=f"Remove the filter {words}"),
            )
        )
    return made


# -- changes ------------------------------------------------------------------------------------------


def preset(active: Filters, key: str, engine: Engine) -> Filters:
    """The filters with a named period, counted back from the last post."""
    last = engine.dataset.last_day
    if last is None or key not in PRESETS:
        return active
    if key == "newest":
        since = (active.first(Period) or Period()).since
        return active.having(Period(since=since, until=last - timedelta(days=_NEWEST)))
    return active.having(Period(since=last - timedelta(days=int(key) - 1), until=last))


def typed(active: Filters, metric: Any, low: Any, high: Any, schema: Schema) -> Filters:
    """The filters with a range as it was typed; ends the wrong way round are taken in order."""
    ends = [float(v) if isinstance(v, int | float) and math.isfinite(v) else None for v in (low, high)]
    if metric not in schema or schema[metric].kind not in {"metric", "rate"}:
        return active
    if None not in ends:
        ends.sort(key=float)  # type: ignore[arg-type]
    return filters.between(active, metric, *ends)


def picked(active: Filters, choice: Mapping[str, Any], schema: Schema) -> Filters:
    """The filters with what was chosen in a chart. What comes from the browser is checked against the data."""
    column = str(choice.get("column") or "")
    if column not in schema:
        return active
    match schema[column].kind:
        case "category":
            known = {escape_markup(v): v for v in schema[column].levels}  # As figures carry them.
            return filters.toggled(
                active, column, [known[v] for v in map(str, choice.get("levels") or ()) if v in known]
            )
        case "metric" | "rate":
            low, high = [*(choice.get("range") or ()), None, None][:2]
            return filters.between(active, column, _rounded(low, math.floor), _rounded(high, math.ceil))
        case "time":
            since, until = (as_date(v) for v in [*(choice.get("range") or ()), None, None][:2])
            return active.having(Period(since=since, until=until)) if since or until else active.dropped("period")
    return active


def _rounded(value: Any, outwards: Callable[[float], float]) -> float | None:
    """Four digits suffice for what a mouse can aim at, and read better in a chip and a link; no chosen post falls out."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 3)
    return float(f"{outwards(round(value / step, 6)) * step:.6g}")
