"""What a page shows, as a link and back: the panel's settings, the filters, the settings of derived columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from core import filters, settings
from core.contract import Panel, Params
from core.engine import Engine, Request, parse_columns
from core.filters import Filters
from core.problems import Problem

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class View:
    """A request with what was wrong in the link it came from."""

    request: Request
    problems: tuple[Problem, ...] = field(default=())


def from_query(engine: Engine, panel: Panel[Any, Any], query: Mapping[str, Any]) -> View:
    """Read a link. Keys nobody knows, such as `utm_source`, are ignored; values that do not fit are replaced and said."""
    pairs: Pairs = [(k, str(v)) for k, value in query.items() for v in (value if isinstance(value, list) else [value])]
    columns, wrong = parse_columns(
        engine, [(k, v) for k, v in pairs if k.partition(".")[0] in engine.derived() and "." in k], "link"
    )
    own: dict[str, Any] = {}
    for key, value in pairs:
        if key in panel.params.model_fields:
            own[key] = value if key not in own else [*(own[key] if isinstance(own[key], list) else [own[key]]), value]
    params, bad = settings.read(panel.params, own, engine.panel_params(panel.id), "link")
    schema = engine.schema(columns)
    filtered, ugly = filters.from_pairs([(k, v) for k, v in pairs if k not in own], schema, "link")
    _, gone = settings.resolve(params, schema)
    columns = _follow(engine, panel, params, columns)
    return View(
        request=Request(panel=panel.id, params=params, filters=filtered, columns=columns),
        problems=(*wrong, *bad, *ugly, *gone),
    )


def _follow(engine: Engine, panel: Panel[Any, Any], params: Params, columns: Mapping[str, Params]) -> dict[str, Params]:
    """On the page where a derived column is set, its settings are the page's."""
    chosen = dict(columns)
    for name, column in engine.derived().items():
        if column.panel == panel.id and isinstance(params, column.params):
            chosen.pop(name, None)
            if params != engine.column_params(name):
                chosen[name] = params
    return chosen


def from_controls(
    engine: Engine, panel: Panel[Any, Any], values: Mapping[str, Any], filtered: Filters, columns: Mapping[str, Params]
) -> View:
    """Read a form."""
    start = engine.panel_params(panel.id)
    given = {name: _given(value) for name, value in values.items()}
    params, problems = settings.read(panel.params, given, start, "form")
    return View(
        request=Request(
            panel=panel.id, params=params, filters=filtered, columns=_follow(engine, panel, params, columns)
        ),
        problems=tuple(problems),
    )


def _given(value: Any) -> Any:
    if value is None:
        return ""
    return tuple(value) if isinstance(value, list) else value


def shared_pairs(engine: Engine, request: Request) -> Pairs:
    """What stays when moving to another page: filters and the settings of derived columns."""
    pairs = filters.to_pairs(request.filters)
    for name, params in sorted(request.columns.items()):
        pairs += [(f"{name}.{k}", v) for k, v in settings.to_pairs(params, engine.column_params(name))]
    return pairs


def own_pairs(engine: Engine, request: Request) -> Pairs:
    """The page's own settings that differ from its defaults, choices of the host resolved away."""
    schema = engine.schema(request.columns)
    start, _ = settings.resolve(engine.panel_params(request.panel), schema)
    params, _ = settings.resolve(request.params, schema)
    return settings.to_pairs(params, start)


def query(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs as the part of a link from `?`; empty for none."""
    return f"?{urlencode(pairs)}" if pairs else ""


def link(engine: Engine, request: Request) -> str:
    """The whole query of a page: own settings, filters, derived columns that are not set on this page."""
    own = own_pairs(engine, request)
    here = {name for name, c in engine.derived().items() if c.panel == request.panel}
    shared = [(k, v) for k, v in shared_pairs(engine, request) if k.partition(".")[0] not in here or "." not in k]
    return query([*own, *shared])
