"""The controls of the filter bar, one or several for each kind of filter: made, read and filled in alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import dash_mantine_components as dmc

from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Contains, Filter, Filters, OneOf, Period
from postlens.core.contract.schema import Column, Schema

_OFFERED = ("platform", "account_name", "post_type", "client")
MAX_LEVELS = 60
Pairs = list[tuple[str, str]]


def control_id(panel: str, name: str) -> dict[str, str]:
    """The id of a control of the bar."""
    return {"role": "filter", "panel": panel, "name": name}


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control.

    Attributes:
        name: its own among those of a bar.
        make: the component, from the panel and the control's value.
        pairs: what a value stands for, as in a link.
        value: what the control says for some filters.
        speaks_for: whether a filter is this control's.
        folded: behind "More filters".
    """

    name: str
    make: Callable[[str, Any], Any]
    pairs: Callable[[Any], Pairs]
    value: Callable[[Filters], Any]
    speaks_for: Callable[[Filter], bool]
    folded: bool = False


def controls(engine: Engine, schema: Schema) -> list[Control]:
    """The controls for some data, in order."""
    return [control for kind in _KINDS for control in kind(engine, schema)]


def _period(engine: Engine, schema: Schema) -> list[Control]:
    if schema.time is None:
        return []
    first, last = engine.dataset.first_day, engine.dataset.last_day

    def make(panel: str, value: Any) -> Any:
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

    def value(active: Filters) -> list[str | None]:
        period = active.first(Period) or Period()
        return [str(day) if day else None for day in (period.since, period.until)]

    return [
        Control(
            name="period", make=make, pairs=_days, value=value, speaks_for=lambda filter_: isinstance(filter_, Period)
        )
    ]


def _days(value: Any) -> Pairs:
    since, until = ([as_date(v) for v in value or []] + [None, None])[:2]
    return [(key, str(day)) for key, day in (("from", since), ("to", until)) if day]


def as_date(value: Any) -> date | None:
    """A day as a control or a chart says it."""
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _levels(engine: Engine, schema: Schema) -> list[Control]:
    """A control for each of the usual categories with more than one value and each derived column that has any, one for all others."""
    own = [name for name in _OFFERED if name in schema and len(schema[name].levels) > 1]
    own += [name for name in engine.derived() if schema[name].levels]
    others = [c for c in engine.dataset.schema.categories if c.name not in own and 1 < len(c.levels) <= MAX_LEVELS]
    return [_category(schema, name) for name in own] + ([_any_other(others, schema)] if others else [])


_FITS = 10  # Letters of a name beside "Any".


def _category(schema: Schema, name: str) -> Control:
    levels, label = choices(schema, name), schema.label(name)

    def make(panel: str, value: Any) -> Any:
        return dmc.MultiSelect(
            id=control_id(panel, f"column {name}"),
            label=label,
            placeholder="" if value else f"Any {label.lower()}" if len(label) <= _FITS else "Any",
            data=levels,
            value=value,
            searchable=len(levels) > 8,
            size="sm",
            limit=100,
            comboboxProps={"shadow": "md", "withinPortal": True},
        )

    return Control(
        name=f"column {name}",
        make=make,
        pairs=lambda value: [(filters.key_of(name), str(item)) for item in value or ()],
        value=lambda active: list(next((f.values for f in active.all_of(OneOf) if f.column == name), ())),
        speaks_for=lambda filter_: isinstance(filter_, OneOf) and filter_.column == name,
    )


def _any_other(others: Sequence[Column], schema: Schema) -> Control:
    names = {c.name for c in others}
    grouped = [
        {"group": c.label, "items": [{"value": f"{c.name}={v}", "label": v} for v in choices(schema, c.name)]}
        for c in others
    ]

    def make(panel: str, value: Any) -> Any:
        return dmc.MultiSelect(
            id=control_id(panel, "more"),
            label="Any other group",
            data=grouped,
            value=value,
            searchable=True,
            clearable=True,
            limit=200,
            size="sm",
            comboboxProps={"withinPortal": False},
        )

    def pairs(value: Any) -> Pairs:
        chosen = (str(item).partition("=") for item in value or ())
        return [(filters.key_of(column), level) for column, _, level in chosen]

    return Control(
        name="more",
        make=make,
        pairs=pairs,
        value=lambda active: [f"{f.column}={v}" for f in active.all_of(OneOf) if f.column in names for v in f.values],
        speaks_for=lambda filter_: isinstance(filter_, OneOf) and filter_.column in names,
        folded=True,
    )


def choices(schema: Schema, name: str) -> list[str]:
    """The values of a category that can be chosen; "(missing)" where some posts have none."""
    column = schema[name]
    missing = column.known is not None and column.known < schema.posts
    return [*column.levels, *([filters.MISSING] if missing else [])]


def _text(engine: Engine, schema: Schema) -> list[Control]:
    del engine
    if not any(name in schema for name in filters.SEARCHED):
        return []

    def make(panel: str, value: Any) -> Any:
        return dmc.TextInput(
            id=control_id(panel, "text"),
            label="Text",
            placeholder="Words",
            value=value,
            debounce=500,
            size="sm",
        )

    def value(active: Filters) -> str:
        found = active.first(Contains)
        return found.text if found else ""

    return [
        Control(
            name="text",
            make=make,
            pairs=lambda text: [("text", str(text))] if text else [],
            value=value,
            speaks_for=lambda filter_: isinstance(filter_, Contains),
        )
    ]


_KINDS: tuple[Callable[[Engine, Schema], list[Control]], ...] = (_period, _levels, _text)
