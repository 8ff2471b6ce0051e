"""The filter bar that every page has: its controls, its chips, and how one becomes the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from postlens.app.web.aria import aria
from postlens.app.web.blocks.render import harmless
from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.contract.contract import Params
from postlens.core.contract.schema import Column, Schema

_OFFERED = ("platform", "account_name", "post_type", "client")
_MOST_LEVELS = 60
_NEWEST = 3  # Days whose posts are still collecting: measured at 60 to 89 % of what they will have.
Pairs = list[tuple[str, str]]


def control_id(panel: str, name: str) -> str:
    """The id of a control of the bar."""
    return f"{panel}-filter-{name}"


def part_id(role: str, panel: str, name: str) -> dict[str, str]:
    """The id of one of many parts of a kind: a chip, a preset, a graph."""
    return {"role": role, "panel": panel, "name": name}


def offered(engine: Engine) -> list[str]:
    """The categories with a control of their own: the usual ones with more than one value, and derived columns."""
    schema = engine.dataset.schema
    usual = [name for name in _OFFERED if name in schema and len(schema[name].levels) > 1]
    return [*usual, *engine.derived()]


def others(engine: Engine) -> list[Column]:
    """The categories behind "More filters"."""
    own = set(offered(engine))
    return [c for c in engine.dataset.schema.categories if c.name not in own and 1 < len(c.levels) <= _MOST_LEVELS]


def controls(engine: Engine) -> list[str]:
    """The names of all controls of the bar."""
    schema = engine.dataset.schema
    period = ["period"] if schema.time is not None else []
    text = ["text"] if any(name in schema for name in filters.SEARCHED) else []
    return [*period, *offered(engine), *text, *(["more"] if others(engine) else [])]


# -- controls and filters -----------------------------------------------------------------------------


def read(values: Mapping[str, Any], extra: Sequence[Sequence[str]], schema: Schema) -> Filters:
    """The filters that the controls and `extra`, the pairs without a control, stand for."""
    pairs: Pairs = [(str(key), str(value)) for key, value in extra]
    for name, value in values.items():
        if name == "period":
            pairs += _period_pairs(value)
        elif name == "text":
            pairs += [("text", value)] if value else []
        elif name == "more":
            pairs += [(column, level) for column, _, level in (str(item).partition("=") for item in value or ())]
        else:
            pairs += [(name, str(item)) for item in value or ()]
    found, _ = filters.from_pairs(pairs, schema)
    return found


def _period_pairs(value: Any) -> Pairs:
    since, until = ([_date(v) for v in value or []] + [None, None])[:2]
    return ([("from", str(since))] if since else []) + ([("to", str(until))] if until else [])


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def show(active: Filters, engine: Engine) -> tuple[dict[str, Any], Pairs]:
    """What the controls say for some filters, and the pairs that none of them can say."""
    chosen = dict(active.values)
    more = {c.name for c in others(engine)}
    values: dict[str, Any] = {}
    for name in controls(engine):
        if name == "period":
            values[name] = [str(day) if day else None for day in (active.since, active.until)]
        elif name == "text":
            values[name] = active.text
        elif name == "more":
            values[name] = [f"{column}={level}" for column in more & set(chosen) for level in chosen[column]]
        else:
            values[name] = list(chosen.get(name, ()))
    rest = active.without({*offered(engine), *more})
    for name in {"period", "text"} & set(values):
        rest = filters.dropped(rest, name)
    return values, filters.to_pairs(rest)


# -- components ---------------------------------------------------------------------------------------


def bar(panel: str, engine: Engine, active: Filters, columns: Mapping[str, Params]) -> html.Div:
    """The bar, filled in from the active filters."""
    schema = engine.schema(columns)
    values, extra = show(active, engine)
    made: list[Any] = []
    if "period" in values:
        made.append(_period(panel, engine, values["period"]))
    made += [_category(panel, name, schema, values[name]) for name in offered(engine)]
    if "text" in values:
        made.append(_text(panel, values["text"]))
    return html.Div(
        [
            dcc.Store(id=f"{panel}-extra", data=extra),
            dcc.Store(id=f"{panel}-picked"),
            html.Div(made, className="pl-filter-controls"),
            html.Div(
                [
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
                        [*([_presets(panel)] if "period" in values else []), _more(panel, engine, schema, values)],
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


def _period(panel: str, engine: Engine, value: list[str | None]) -> Any:
    first, last = engine.dataset.first_day, engine.dataset.last_day
    return dmc.DatePickerInput(
        id=control_id(panel, "period"),
        label="Period",
        type="range",
        placeholder="All dates",
        value=value,
        minDate=str(first) if first else None,
        maxDate=str(last) if last else None,
        allowSingleDateInRange=True,
        clearable=True,
        valueFormat="D MMM YYYY",
        size="sm",
        popoverProps={"withinPortal": True, "shadow": "md"},
    )


def _category(panel: str, name: str, schema: Schema, chosen: Sequence[str]) -> Any:
    levels = _levels(schema, name)
    label = schema.label(name)
    return dmc.MultiSelect(
        id=control_id(panel, name),
        label=label,
        placeholder="" if chosen else f"Any {label.lower()}",
        data=levels,
        value=list(chosen),
        clearable=True,
        searchable=len(levels) > 8,
        size="sm",
        limit=100,
        comboboxProps={"shadow": "md", "withinPortal": True},
    )


def _levels(schema: Schema, name: str) -> list[str]:
    column = schema[name]
    missing = column.known is not None and column.known < schema.posts
    return [*column.levels, *([filters.MISSING] if missing else [])]


def _text(panel: str, value: str) -> Any:
    return dmc.TextInput(
        id=control_id(panel, "text"),
        label="Text",
        placeholder="Words in the caption",
        value=value,
        debounce=500,
        size="sm",
    )


PRESETS = {
    "7": "Last 7 days",
    "28": "Last 28 days",
    "90": "Last 90 days",
    "365": "Last 365 days",
    "newest": f"Without the newest {_NEWEST} days, which are still collecting",
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


def _more(panel: str, engine: Engine, schema: Schema, values: Mapping[str, Any]) -> Any:
    metrics = [{"value": c.name, "label": c.label} for c in schema.metrics]
    grouped = [
        {"group": c.label, "items": [{"value": f"{c.name}={v}", "label": v} for v in _levels(schema, c.name)]}
        for c in others(engine)
    ]
    parts: list[Any] = []
    if grouped:
        parts.append(
            dmc.MultiSelect(
                id=control_id(panel, "more"),
                label="Any other group",
                data=grouped,
                value=values.get("more", []),
                searchable=True,
                clearable=True,
                limit=200,
                size="sm",
                comboboxProps={"withinPortal": False},
            )
        )
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
        return replace(active, until=last - timedelta(days=_NEWEST))
    return replace(active, since=last - timedelta(days=int(key) - 1), until=last)


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
            known = {harmless(level): level for level in schema[column].levels}  # Figures carry levels made harmless.
            return filters.toggled(
                active, column, [known[v] for v in map(str, choice.get("levels") or ()) if v in known]
            )
        case "metric" | "rate":
            low, high = [*(choice.get("range") or ()), None, None][:2]
            return filters.between(active, column, _rounded(low, math.floor), _rounded(high, math.ceil))
        case "time":
            since, until = (_date(v) for v in [*(choice.get("range") or ()), None, None][:2])
            return replace(active, since=since, until=until)
    return active


def _rounded(value: Any, outwards: Callable[[float], float]) -> float | None:
    """Four digits suffice for what a mouse can aim at, and read better in a chip and a link; no chosen post falls out."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 3)
    return float(f"{outwards(round(value / step, 6)) * step:.6g}")
