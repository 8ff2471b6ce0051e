"""The filter bar: period and categories, the same on every page, with what is active and how many posts remain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dash_mantine_components as dmc
from dash import html

from app.aria import aria
from core import filters
from core.contract import Params
from core.engine import Engine
from core.filters import Filters
from core.schema import Schema

_CHIP: dict[str, Any] = {"variant": "light", "tt": "none", "size": "lg", "radius": "sm"}
_OFFERED = ("platform", "account_name", "post_type", "client")


def control_id(panel: str, name: str) -> str:
    """The id of a control of the bar."""
    return f"{panel}-filter-{name}"


def offered(engine: Engine) -> list[str]:
    """The categories in the bar: the usual ones with more than one value, and derived columns."""
    schema = engine.dataset.schema
    usual = [name for name in _OFFERED if name in schema and len(schema[name].levels) > 1]
    return [*usual, *engine.derived()]


def bar(panel: str, engine: Engine, active: Filters, columns: Mapping[str, Params]) -> html.Div:
    """The bar, filled in from the active filters."""
    schema = engine.schema(columns)
    chosen = {column: list(values) for column, values in active.values}
    controls: list[Any] = []
    if schema.time is not None:
        controls.append(_period(panel, engine, active))
    controls += [_category(panel, name, schema, chosen.get(name, [])) for name in offered(engine)]
    return html.Div(
        [
            html.Div(controls, className="pl-filter-controls"),
            html.Div(
                [
                    html.Span(id=f"{panel}-count", className="pl-count", role="status", **aria(live="polite")),
                    html.Div(id=f"{panel}-chips", className="pl-chips"),
                    dmc.Button(
                        "Reset filters",
                        id=f"{panel}-reset",
                        variant="subtle",
                        size="compact-sm",
                        n_clicks=0,
                        style={"display": "none"},
                    ),
                ],
                className="pl-filter-status",
            ),
        ],
        className="pl-filters",
        role="search",
        **aria(label="Filters"),
    )


def _period(panel: str, engine: Engine, active: Filters) -> Any:
    first, last = engine.dataset.catalogue.first[:10], engine.dataset.catalogue.last[:10]
    return dmc.DatePickerInput(
        id=control_id(panel, "period"),
        label="Period",
        type="range",
        placeholder="All dates",
        value=[str(day) if day else None for day in (active.since, active.until)],
        minDate=first or None,
        maxDate=last or None,
        allowSingleDateInRange=True,
        clearable=True,
        valueFormat="D MMM YYYY",
        size="sm",
        popoverProps={"withinPortal": True, "shadow": "md"},
    )


def _category(panel: str, name: str, schema: Schema, chosen: Sequence[str]) -> Any:
    levels = list(schema[name].levels)
    if schema[name].known is not None and schema[name].known < schema.posts:  # type: ignore[operator]
        levels.append(filters.MISSING)
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


def read(values: Mapping[str, Any], hidden: Filters, schema: Schema) -> Filters:
    """The filters of the bar's controls; those it has no control for are kept from the link."""
    period = values.get("period") or []
    since, until = ([_date(v) for v in period] + [None, None])[:2]
    chosen = [(name, tuple(v)) for name, v in values.items() if name != "period" and v]
    kept = hidden.without(values)
    return Filters(
        since=since,
        until=until or (since if period and len(period) > 1 and period[1] else None),
        values=tuple(sorted([*kept.values, *((n, v) for n, v in chosen if n in schema)])),
        ranges=kept.ranges,
        text=kept.text,
    )


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def chips(active: Filters, schema: Schema, ignored: Sequence[str]) -> list[Any]:
    """What is filtered by, in words; what this page cannot honour is marked."""
    made = [dmc.Badge(text, **_CHIP) for text in filters.describe(active.without(ignored), schema)]
    made += [
        dmc.Badge(f"{schema.label(c)}: does not apply here, this page makes it", color="gray", **_CHIP) for c in ignored
    ]
    return made
