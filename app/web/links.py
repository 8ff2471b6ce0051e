"""What a page shows, as a link and back: the panel's settings, the filters, the settings of derived columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from postlens.core.ask import filters, settings
from postlens.core.ask.engine import Engine, Request, parse_columns
from postlens.core.ask.filters import Filters
from postlens.core.contract.blocks import Link
from postlens.core.contract.contract import Panel, Params
from postlens.core.contract.problems import Problem

Pairs = list[tuple[str, str]]
MARK = 8


@dataclass(frozen=True, kw_only=True)
class View:
    """A request with what was wrong in the link it came from."""

    request: Request
    problems: tuple[Problem, ...] = field(default=())


def from_query(engine: Engine, panel: Panel[Any, Any], query: Mapping[str, Any]) -> View:
    """Read a link. Keys nobody knows, such as `utm_source`, are ignored; values that do not fit are replaced and said."""
    pairs = _flat(query)
    columns, wrong = parse_columns(engine, [p for p in pairs if _of_column(engine, p[0])], "link")
    own: dict[str, Any] = {}
    for key, value in pairs:
        if key in panel.params.model_fields:
            own[key] = value if key not in own else [*(own[key] if isinstance(own[key], list) else [own[key]]), value]
    params, bad = settings.read(panel.params, own, engine.panel_params(panel.id), "link")
    schema = engine.schema(columns)
    filtered, ugly = filters.from_pairs([(k, v) for k, v in pairs if k not in own and k != "data"], schema, "link")
    _, gone = settings.resolve(params, schema)
    columns = _follow(engine, panel, params, columns)
    return View(
        request=Request(panel=panel.id, params=params, filters=filtered, columns=columns),
        problems=(*_changed(engine, pairs), *wrong, *bad, *ugly, *gone),
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
    return [*filters.to_pairs(request.filters), *column_pairs(engine, request.columns)]


def column_pairs(engine: Engine, columns: Mapping[str, Params]) -> Pairs:
    """The settings of derived columns that are not the house's."""
    pairs: Pairs = []
    for name, params in sorted(columns.items()):
        pairs += [(f"{name}.{k}", v) for k, v in settings.to_pairs(params, engine.column_params(name))]
    return pairs


def shared_from_query(
    engine: Engine, query: Mapping[str, Any]
) -> tuple[dict[str, Params], Filters, tuple[Problem, ...]]:
    """The settings of derived columns, the filters, and what was wrong, of a link to any page."""
    pairs = _flat(query)
    columns, wrong = parse_columns(engine, [p for p in pairs if _of_column(engine, p[0])], "link")
    found, bad = filters.from_pairs([p for p in pairs if p[0] != "data"], engine.schema(columns), "link")
    return columns, found, (*_changed(engine, pairs), *wrong, *bad)


def columns_of_link(engine: Engine, link: Mapping[str, Any] | None) -> dict[str, Params]:
    """The settings of derived columns that a page was opened with, from its store."""
    pairs = [(str(k), str(v)) for k, v in (link or {}).get("hidden", [])]
    columns, _, _ = shared_from_query(engine, {k: [v for key, v in pairs if key == k] for k, _ in pairs})
    return columns


def _flat(query: Mapping[str, Any]) -> Pairs:
    return [(k, str(v)) for k, value in query.items() for v in (value if isinstance(value, list) else [value])]


def _of_column(engine: Engine, key: str) -> bool:
    return "." in key and key.partition(".")[0] in engine.derived()


def _changed(engine: Engine, pairs: Pairs) -> list[Problem]:
    """A link may say which data it was made from: `data=` and the start of their fingerprint."""
    mark = next((v for k, v in pairs if k == "data"), "")
    if not mark or engine.dataset.fingerprint.startswith(mark):
        return []
    return [
        Problem(
            what="The posts have changed since this link was made, so its numbers may differ.",
            why=f"It was made from data {mark[:16]}; this is {engine.dataset.fingerprint[:MARK]}.",
        )
    ]


def data_mark(engine: Engine) -> str:
    """What a shared link says about its data."""
    return engine.dataset.fingerprint[:MARK]


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


def next_link(engine: Engine, request: Request, target: Link) -> str:
    """The address of another panel with some settings; filters and settings of derived columns go along."""
    if target.panel not in engine.registry.panels:
        return ""
    panel = engine.registry.panels[target.panel]
    own = {
        k: v if isinstance(v, str) else list(v) for k, v in target.settings.items() if k in panel.params.model_fields
    }
    params, _ = settings.read(panel.params, own, engine.panel_params(panel.id), "link")
    kept = request.filters.without(target.keep)
    following = Request(
        panel=panel.id,
        params=params,
        filters=replace(kept, values=(*kept.values, *target.keep.items())),
        columns=_follow(engine, panel, params, request.columns),
    )
    return f"/{panel.id}{link(engine, following)}"
