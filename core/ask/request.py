"""A question about the posts, and the one way to read it from keys and values, whatever door they came through.

In a link, a setting of the panel is `set.level=photo`, one of a derived column `cluster.k=4`; everything else is a filter
(`type=video`, `from=2026-01-01`) or, like `utm_source`, nobody's. So no name of a setting can hide a column of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from postlens.core.ask import filters, settings
from postlens.core.ask.filters import Filters, Pairs
from postlens.core.contract import Panel, Params
from postlens.core.contract.problems import Problem, nearest

if TYPE_CHECKING:
    from postlens.core.ask.engine import Engine

SETTING = "set."
DATA = "data"
MOVED = "moved"  # From a page that has another address now.
MARK_LENGTH = 8
MAX_PAIRS, MAX_VALUE = 500, 4_000


@dataclass(frozen=True, kw_only=True)
class Request:
    """One question: which panel, with which settings, about which posts.

    Attributes:
        columns: settings of derived columns that differ from the deployment's, by column id.
        seed: of everything random; None for the deployment's.
    """

    panel: str
    params: Params
    filters: Filters = field(default_factory=Filters)
    columns: Mapping[str, Params] = field(default_factory=dict)
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The part of a question that every page shares: filters, and the settings of derived columns."""

    filters: Filters = field(default_factory=Filters)
    columns: Mapping[str, Params] = field(default_factory=dict)


def read_request(
    engine: Engine, panel: Panel[Any, Any], pairs: Iterable[tuple[str, str]], where: str, *, strict: bool = False
) -> tuple[Request, list[Problem]]:
    """A question from keys and values; what is wrong is replaced by the default and said.

    Args:
        engine: whose data and plugins the names are looked up in.
        panel: what is asked.
        pairs: as in a link.
        where: the door they came through, for the problems.
        strict: a key that nobody knows is a problem, too; in a link it is passed over.
    """
    own, columns, rest, problems = _sorted(engine, panel, pairs, where)
    own, moved = _by_their_names(panel, own, where)
    problems += [] if strict else moved
    params, wrong = settings.read(panel.params, _gathered(own), engine.panel_params(panel.id), where)
    selection, more = _selection(engine, columns, rest, where, strict=strict)
    _, gone = settings.resolve(params, engine.schema(selection.columns))
    chosen = follow(engine, panel, params, selection.columns)
    request = Request(panel=panel.id, params=params, filters=selection.filters, columns=chosen)
    return request, [*problems, *wrong, *more, *gone]


def read_selection(
    engine: Engine, pairs: Iterable[tuple[str, str]], where: str = "link", *, strict: bool = False
) -> tuple[Selection, list[Problem]]:
    """What a link to any page says about filters and derived columns."""
    _, columns, rest, problems = _sorted(engine, None, pairs, where)
    selection, wrong = _selection(engine, columns, rest, where, strict=strict)
    return selection, [*problems, *wrong]


def read_form(
    engine: Engine, panel: Panel[Any, Any], values: Mapping[str, Any], selection: Selection
) -> tuple[Request, list[Problem]]:
    """A question from the controls of a page."""
    given = {name: _given(value) for name, value in values.items()}
    params, problems = settings.read(panel.params, given, engine.panel_params(panel.id), "form")
    chosen = follow(engine, panel, params, selection.columns)
    return Request(panel=panel.id, params=params, filters=selection.filters, columns=chosen), problems


def follow(engine: Engine, panel: Panel[Any, Any], params: Params, columns: Mapping[str, Params]) -> dict[str, Params]:
    """On the page where a derived column is set, its settings are the page's."""
    chosen = dict(columns)
    for name, column in engine.derived().items():
        if column.panel == panel.id and isinstance(params, column.params):
            chosen.pop(name, None)
            if params != engine.column_params(name):
                chosen[name] = params
    return chosen


def to_pairs(engine: Engine, request: Request) -> Pairs:
    """The whole question as keys and values: what differs from the defaults, choices of the host resolved away."""
    schema = engine.schema(request.columns)
    start, _ = settings.resolve(engine.panel_params(request.panel), schema)
    params, _ = settings.resolve(request.params, schema)
    own = [(f"{SETTING}{key}", value) for key, value in settings.to_pairs(params, start)]
    here = {name for name, c in engine.derived().items() if c.panel == request.panel}
    elsewhere = {name: p for name, p in request.columns.items() if name not in here}
    return [*own, *selection_pairs(engine, Selection(filters=request.filters, columns=elsewhere))]


def spelled_out(engine: Engine, request: Request) -> Pairs:
    """The whole question with every setting, also of the derived columns it is about: it stays the same where defaults change."""
    params, _ = settings.resolve(request.params, engine.schema(request.columns))
    about = {str(v) for v in params.model_dump().values()} | request.filters.columns()
    here = {name for name, c in engine.derived().items() if c.panel == request.panel}
    columns = {n: engine.column_params(n, request.columns) for n in engine.derived() if n in about and n not in here}
    return [
        *((f"{SETTING}{key}", value) for key, value in settings.every_pair(params)),
        *filters.to_pairs(request.filters),
        *((f"{name}.{key}", value) for name, one in columns.items() for key, value in settings.every_pair(one)),
    ]


def selection_pairs(engine: Engine, selection: Selection) -> Pairs:
    """Filters and settings of derived columns as keys and values."""
    return [*filters.to_pairs(selection.filters), *column_pairs(engine, selection.columns)]


def column_pairs(engine: Engine, columns: Mapping[str, Params]) -> Pairs:
    """The settings of derived columns that are not the deployment's."""
    return [
        (f"{name}.{key}", value)
        for name, params in sorted(columns.items())
        for key, value in settings.to_pairs(params, engine.column_params(name))
    ]


def data_mark(engine: Engine) -> str:
    """What a shared link says about its data: the start of their fingerprint."""
    return engine.dataset.fingerprint[:MARK_LENGTH]


def flat(query: Mapping[str, Any]) -> Pairs:
    """The query of a link, where a repeated key has a list, as pairs; at most 500, each value cut at 4,000 characters."""
    pairs = [(k, str(v)) for k, value in query.items() for v in (value if isinstance(value, list) else [value])]
    return [(key[:MAX_VALUE], value[:MAX_VALUE]) for key, value in pairs[:MAX_PAIRS]]


def _sorted(
    engine: Engine, panel: Panel[Any, Any] | None, pairs: Iterable[tuple[str, str]], where: str
) -> tuple[Pairs, Pairs, Pairs, list[Problem]]:
    """The panel's own settings, those of derived columns, and the rest; and whether the data have changed."""
    own: Pairs = []
    columns: Pairs = []
    rest: Pairs = []
    problems: list[Problem] = []
    derived, schema = engine.derived(), engine.schema()
    for key, value in pairs:
        if key.startswith(SETTING):
            own.append((key.removeprefix(SETTING), value))
        elif "." in key and key.partition(".")[0] in derived:
            columns.append((key, value))
        elif key == DATA:
            problems += _changed(engine, value, where)
        elif key == MOVED and panel is not None and engine.registry.moved.get(value) == panel.id:
            problems.append(Problem(what=f'The page "{value}" is now "{panel.title}".', where=where))
        elif (
            panel is not None
            and key in {*panel.params.model_fields, *settings.renamed(panel.params)}
            and not filters.is_filter(key, schema)
        ):
            own.append((key, value))  # Typed by hand, and no column has the name.
        else:
            rest.append((key, value))
    return own, columns, rest, problems


def _by_their_names(panel: Panel[Any, Any], own: Pairs, where: str) -> tuple[Pairs, list[Problem]]:
    """Settings under the names they have now, and which had others."""
    moved = settings.renamed(panel.params)
    said = [
        Problem(what=f'The setting "{old}" is now called "{moved[old]}".', where=where, hint="The link was read so.")
        for old in dict.fromkeys(key for key, _ in own if key in moved)
    ]
    return [(moved.get(key, key), value) for key, value in own], said


def _selection(
    engine: Engine, column_settings: Pairs, rest: Pairs, where: str, *, strict: bool
) -> tuple[Selection, list[Problem]]:
    columns, problems = _columns(engine, column_settings, where)
    schema = engine.schema(columns)
    found, wrong = filters.from_pairs(rest, schema, where)
    problems += wrong
    if strict:
        known = [filters.key_of(c.name) for c in (*schema.categories, *schema.metrics)]
        problems += [
            Problem(what=f'There is no column "{key[:60]}" to filter by.', where=where, hint=nearest(key, known))
            for key in dict.fromkeys(key for key, _ in rest if not filters.is_filter(key, schema))
        ]
    return Selection(filters=found, columns=columns), problems


def _columns(engine: Engine, pairs: Pairs, where: str) -> tuple[dict[str, Params], list[Problem]]:
    """Settings of derived columns from `cluster.k` and `5`."""
    grouped: dict[str, Pairs] = {}
    for key, value in pairs:
        column, _, name = key.partition(".")
        grouped.setdefault(column, []).append((name, value))
    chosen: dict[str, Params] = {}
    problems: list[Problem] = []
    for column, own in grouped.items():
        start = engine.column_params(column)
        params, wrong = settings.read(type(start), _gathered(own), start, where)
        problems += wrong
        if params != start:
            chosen[column] = params
    return chosen, problems


def _gathered(pairs: Pairs) -> dict[str, Any]:
    """A repeated key has a list of values."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        before = found.get(key)
        found[key] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found


def _given(value: Any) -> Any:
    if value is None:
        return ""
    return tuple(value) if isinstance(value, list) else value


def _changed(engine: Engine, mark: str, where: str) -> list[Problem]:
    """A link may say which data it was made from."""
    if not mark or engine.dataset.fingerprint.startswith(mark):
        return []
    return [
        Problem(
            what="The posts have changed since this link was made, so its numbers may differ.",
            where="" if where == "link" else where,
            why=f"It was made from data {mark[:16]}; this is {data_mark(engine)}.",
            hint="Who looks again and again until something is real is wrong more often than 1 time in 20; "
            'the page "Is it real?" can allow for that.',
        )
    ]


__all__ = [
    "Request",
    "Selection",
    "column_pairs",
    "data_mark",
    "flat",
    "follow",
    "read_form",
    "read_request",
    "read_selection",
    "selection_pairs",
    "to_pairs",
]
