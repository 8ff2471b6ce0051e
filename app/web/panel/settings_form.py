"""The form of a panel, made from its settings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import dash_mantine_components as dmc
from annotated_types import Ge, Le
from dash import html
from pydantic.fields import FieldInfo

from postlens.app.blocks.aria import aria
from postlens.app.web.glossary import what_it_counts
from postlens.core.ask import settings
from postlens.core.contract import Panel, Params, Pick
from postlens.core.contract.schema import Schema


def setting_id(panel: str, name: str) -> str:
    """The id of a control."""
    return f"{panel}-set-{name}"


def form(panel: Panel[Any, Any], params: Params, schema: Schema) -> html.Div:
    """One control for each setting, filled in."""
    resolved, _ = settings.resolve(params, schema)
    values = resolved.model_dump(mode="json")
    first = next((name for name, field in panel.params.model_fields.items() if _picks_a_metric(field)), "")
    controls = [
        html.Div(
            [
                _control(panel.id, name, field, values[name], values, schema),
                *([what_it_counts()] if name == first else []),
            ],
            id=f"{setting_id(panel.id, name)}-box",
            style={} if visible(field, values) else {"display": "none"},
        )
        for name, field in panel.params.model_fields.items()
    ]
    return html.Div(controls, className="pl-form", role="group", **aria(label="Settings"))


def _picks_a_metric(field: FieldInfo) -> bool:
    pick = settings.pick_of(field)
    return pick is not None and pick.kind == "metric"


def visible(field: FieldInfo, values: Mapping[str, Any]) -> bool:
    """Whether a setting matters, given the others."""
    rule = _extra(field).get("shown_if", {})
    return all(values.get(name) in [_plain(choice) for choice in allowed] for name, allowed in rule.items())


def options(pick: Pick, schema: Schema, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """The choices of a picker."""
    return [{"value": value, "label": label} for value, label in settings.choices(pick, schema, values).items()]


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _plain(choice: Any) -> Any:
    return choice.value if isinstance(choice, Enum) else choice


def _control(panel: str, name: str, field: FieldInfo, value: Any, values: Mapping[str, Any], schema: Schema) -> Any:
    """The control for a field, by its kind."""
    common: dict[str, Any] = {
        "id": setting_id(panel, name),
        "label": field.title or name.replace("_", " ").capitalize(),
        "description": field.description,
        "size": "sm",
    }
    pick = settings.pick_of(field)
    if pick is not None:
        return _picker(pick, field, value, values, schema, common)
    if settings.closed_choices(field):
        return _choice(field, value, common)
    if settings.is_day(field):
        return _day(value, common)
    return _free(field, value, common)


def _free(field: FieldInfo, value: Any, common: dict[str, Any]) -> Any:
    """The control for a field whose values nobody lists."""
    if field.annotation is bool:
        return dmc.Switch(**common, checked=value, mt=6)
    if field.annotation in {int, float}:
        return _number(field, value, common)
    if settings.is_many(field):
        return dmc.TagsInput(**common, value=[str(item) for item in value], clearable=True)
    text = "" if value is None else str(value)
    if lines := _extra(field).get("lines"):
        return dmc.Textarea(**common, value=text, debounce=800, autosize=True, minRows=lines, maxRows=12)
    return dmc.TextInput(**common, value=text, debounce=500)


def _picker(
    pick: Pick, field: FieldInfo, value: Any, values: Mapping[str, Any], schema: Schema, common: dict[str, Any]
) -> Any:
    data = options(pick, schema, values)
    if settings.is_many(field):
        return dmc.MultiSelect(
            **common, data=data, value=list(value), clearable=True, searchable=len(data) > 8, comboboxProps=_COMBOBOX
        )
    return dmc.Select(
        **common, data=data, value=value, allowDeselect=False, searchable=len(data) > 8, comboboxProps=_COMBOBOX
    )


_COMBOBOX = {"shadow": "md", "withinPortal": True}


def _choice(field: FieldInfo, value: Any, common: dict[str, Any]) -> Any:
    labels = {str(_plain(choice)): label for choice, label in _extra(field).get("labels", {}).items()}
    data = [
        {"value": v, "label": labels.get(v, v.capitalize() if v == v.lower() else v)}
        for v in settings.closed_choices(field)
    ]
    return dmc.Select(**common, data=data, value=str(value), allowDeselect=False, comboboxProps=_COMBOBOX)


def _day(value: str | None, common: dict[str, Any]) -> Any:
    return dmc.DatePickerInput(
        **common,
        value=value,
        valueFormat="D MMM YYYY",
        clearable=True,
        popoverProps={"withinPortal": True, "shadow": "md"},
    )


def _number(field: FieldInfo, value: Any, common: dict[str, Any]) -> Any:
    low = next((m.ge for m in field.metadata if isinstance(m, Ge)), None)
    high = next((m.le for m in field.metadata if isinstance(m, Le)), None)
    step = 1 if field.annotation is int else 0.1
    return dmc.NumberInput(
        **common,
        value=value,
        min=low,
        max=high,
        step=step,
        allowDecimal=field.annotation is float,
        clampBehavior="strict",
        debounce=400,
    )


def value_property(field: FieldInfo) -> str:
    """The property of a control that holds its value."""
    return "checked" if field.annotation is bool and settings.pick_of(field) is None else "value"
