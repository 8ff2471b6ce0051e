"""A panel's settings from any door: link, form, command line or config; and the choices the host makes."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from postlens.core.contract import Params, Pick
from postlens.core.contract.problems import Problem, nearest
from postlens.core.contract.schema import Column, Schema
from postlens.core.host.config import complaint

P = TypeVar("P", bound=Params)


def pick_of(field: FieldInfo) -> Pick | None:
    """The column picker of a settings field, if it is one."""
    return next((m for m in field.metadata if isinstance(m, Pick)), None)


def closed_choices(field: FieldInfo) -> dict[str, Any]:
    """The values of a `Literal` or an enumeration by their text; none for a setting of another kind."""
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return {str(value): value for value in get_args(annotation)}
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {str(member.value): member for member in annotation}
    return {}


def is_day(field: FieldInfo) -> bool:
    """Whether a settings field holds a day."""
    return date in (field.annotation, *_union(field.annotation))


def is_many(field: FieldInfo) -> bool:
    """Whether a settings field holds several values."""
    return any(get_origin(a) in {tuple, list} for a in (field.annotation, *_union(field.annotation)))


def _union(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else ()


def defaults(params: type[P], house: Mapping[str, Any] | None = None) -> P:
    """The settings a panel opens with: its own defaults under the deployment's."""
    return params.model_validate(dict(house or {}))


def renamed(params: type[Params]) -> dict[str, str]:
    """What settings were called before, to what they are called now."""
    found = {}
    for name, field in params.model_fields.items():
        extra = field.json_schema_extra
        before = extra.get("moved_from", []) if isinstance(extra, dict) else []
        found.update({str(old): name for old in (before if isinstance(before, list) else [])})
    return {old: new for old, new in found.items() if old not in params.model_fields}


def read(params: type[P], values: Mapping[str, Any], start: P, where: str) -> tuple[P, list[Problem]]:
    """Settings from text, on top of `start`; what is not valid keeps its start value and is said.

    Args:
        params: the model.
        values: field to text, or list of text for a field with several values.
        start: the settings to begin with.
        where: what the values came from, for the problems.
    """
    shaped = {n: _shaped(params.model_fields[n], v) for n, v in values.items() if n in params.model_fields}
    if len(shaped) == len(values):
        with suppress(ValidationError):  # All together first: one may only fit beside another.
            return params.model_validate({**start.model_dump(), **shaped}), []
    problems = []
    current = start.model_dump()
    for name, value in values.items():
        if name not in params.model_fields:
            problems.append(
                Problem(what=f'There is no setting "{name}".', where=where, hint=nearest(name, params.model_fields))
            )
            continue
        proposal = _shaped(params.model_fields[name], value)
        try:
            current = params.model_validate({**current, name: proposal}).model_dump()
        except ValidationError as error:
            shown = ", ".join(value) if isinstance(value, list | tuple) else str(value)
            shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}\N{HORIZONTAL ELLIPSIS}"
            said = complaint(error.errors()[0])
            problems.append(Problem(what=f'{name} = "{shown}": {said}', where=where, hint=_without(current[name])))
    return params.model_validate(current), problems


_SHOWN = 80  # Letters of a value that is refused.


def _without(value: Any) -> str:
    """What holds where a value cannot be used."""
    said = ", ".join(map(_text, value)) if isinstance(value, tuple | list) else _text(value)
    return f'Without it, it is "{said}".' if said else "Without it, there is none."


def _shaped(field: FieldInfo, value: Any) -> Any:
    if is_many(field):
        items = value if isinstance(value, list | tuple) else str(value).split(",")
        return tuple(item for item in items if item != "")
    if isinstance(value, list | tuple):
        value = value[-1] if value else None
    if (choices_by_text := closed_choices(field)) and not isinstance(value, Enum):
        return choices_by_text.get(str(value), value)
    if value == "" and type(None) in _union(field.annotation):
        return None
    return value


def to_pairs(params: Params, start: Params) -> list[tuple[str, str]]:
    """The settings that differ from `start`, as key and value; several values repeat the key."""
    base = start.model_dump()
    pairs: list[tuple[str, str]] = []
    for name, value in params.model_dump().items():
        if value == base[name]:
            continue
        if isinstance(value, tuple | list):
            pairs += [(name, _text(item)) for item in value] or [(name, "")]
        else:
            pairs.append((name, _text(value)))
    return pairs


def every_pair(params: Params) -> list[tuple[str, str]]:
    """All settings as key and value, whatever the defaults are or will be; of several values the key is repeated."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.model_dump().items():
        pairs += [(name, _text(item)) for item in value] if isinstance(value, tuple | list) else [(name, _text(value))]
    return pairs


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)


def resolve(params: P, schema: Schema) -> tuple[P, list[Problem]]:
    """Fill in what the host chooses and replace columns that are not in the data.

    A metric becomes the preferred one the data has, else the first that is known for any post; a category likewise,
    but never one that a plugin makes; a level that its category does not have becomes the first one. Nothing to choose
    from leaves `""`.
    """
    update: dict[str, Any] = {}
    problems = []
    for name, field in type(params).model_fields.items():
        pick = pick_of(field)
        if pick is None:
            continue
        current = getattr(params, name)
        values = {**params.model_dump(), **update}
        known = choices(pick, schema, values)
        if is_many(field):
            kept = tuple(v for v in current if v in known)
            missing = [v for v in current if v not in known]
            update[name] = kept
        else:
            missing = [current] if current and current not in known else []
            update[name] = current if current in known else _chosen(pick, known, schema, values)
        problems += [_not_there(value, name, known) for value in missing]
    return params.model_copy(update=update), problems


def _not_there(value: str, setting: str, known: Iterable[str]) -> Problem:
    return Problem(what=f'{setting} = "{value}": this data has no such choice.', hint=nearest(value, known))


def choices(pick: Pick, schema: Schema, values: Mapping[str, Any]) -> dict[str, str]:
    """What a picker offers: value to label, in order."""
    if pick.kind == "level":
        category = str(values.get(pick.of) or "")
        levels = schema[category].levels if category in schema else ()
        return ({"": pick.none} if pick.none else {}) | {level: level for level in levels}
    columns: Iterable[Column] = (
        schema.categories if pick.kind == "category" else schema.counts if pick.counts else schema.metrics
    )
    offered = {c.name: c.label for c in columns if c.kind != "category" or len(c.levels) > 1}
    return ({"": pick.none} if pick.none else {}) | offered


def _chosen(pick: Pick, known: Mapping[str, str], schema: Schema, values: Mapping[str, Any]) -> str:
    if pick.none:
        return ""
    if pick.kind == "level":
        taken = {str(values.get(name)) for name in pick.apart}
        return next((level for level in known if level not in taken), "")
    own = [n for n in known if not schema[n].offered and schema[n].known != 0]
    return next((name for name in pick.prefer if name in own), next(iter(own), ""))
