"""What a plugin offers, asked and checked piece by piece."""

from __future__ import annotations

import dataclasses
import inspect
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_type_hints

import pluggy
import polars as pl
from pydantic import ValidationError

from postlens.core.contract import (
    API,
    PROJECT,
    CustomPage,
    DerivedColumn,
    Hooks,
    Measure,
    Needs,
    Options,
    Panel,
    Params,
    Pick,
    PostColumns,
    Reader,
    Run,
)
from postlens.core.contract.problems import Problem, message_of, nearest
from postlens.core.contract.settings import in_a_form
from postlens.core.contract.storable import storable
from postlens.core.host.config import Deployment, complaint
from postlens.core.host.discovery import Found
from postlens.core.host.failures import PluginFailed, guarded
from postlens.core.host.measures import known_names
from postlens.core.host.options import read_options

Observer = Callable[[Run], None]
ID = re.compile(r"[a-z][a-z0-9_]*")
# Paths of the host, and what the ids of its components begin with.
PAGES = frozenset(
    {"home", "brief", "posts", "data", "import", "up", "nav", "scheme"}
    | {"download", "assets", "static", "styles", "healthz", "jump", "leave", "glossary", "pictures"}
)


def register(module: ModuleType, manager: pluggy.PluginManager, found: Found) -> None:
    """Register a module; a hook that does not exist is an error, where pluggy alone would ignore it."""
    manager.register(module, name=found.name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        manager.unregister(module)
        hooks = [name for name in dir(Hooks) if name.startswith("postlens_")]
        wrong = next((n for n in dir(module) if n.startswith("postlens_") and n not in hooks), "")
        raise PluginFailed(
            "register",
            Problem(
                what=f'The plugin "{found.name}" implements a hook that does not exist{f": {wrong}" if wrong else ""}.',
                hint=nearest(wrong, hooks),
            ),
            traceback.format_exc(),
        ) from error


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Everything one plugin contributes."""

    panels: tuple[Panel[Any, Any], ...] = ()
    columns: tuple[DerivedColumn[Any], ...] = ()
    measures: tuple[Measure, ...] = ()
    readers: tuple[Reader, ...] = ()
    observers: tuple[Observer, ...] = ()

    @property
    def ids(self) -> set[str]:
        """The ids it takes: of pages, of columns, and of readers, which have names of their own."""
        named = {p.id for p in self.panels} | {c.id for c in self.columns} | {m.id for m in self.measures}
        return named | {_reader_name(r.id) for r in self.readers}


_VALUES: dict[str, type[Any]] = {
    "panels": Panel,
    "columns": DerivedColumn,
    "measures": Measure,
    "readers": Reader,
}


def ask(
    module: ModuleType, manager: pluggy.PluginManager, found: Found, deployment: Deployment, taken: Mapping[str, str]
) -> Offer:
    """Ask a registered plugin what it offers and check every piece; `taken` are ids with the plugins that have them.

    Raises:
        PluginFailed: it raises, or offers something that cannot be used.
    """
    try:
        offered = {
            kind: tuple(guarded("offer", found, lambda kind=kind: _drained(module, manager, f"postlens_{kind}")))  # type: ignore[misc]
            for kind in _VALUES
        }
        observers = tuple(_implementations(module, manager, "postlens_run_finished"))
        if not any(offered.values()) and not observers:
            _refuse(
                f'The plugin "{found.name}" offers nothing.',
                "Implement postlens_panels, marked with @hookimpl, and return a list of panels.",
            )
        _check_unmarked(module)
        _check_offer(offered, taken)
        for observer in observers:
            _check_observer(observer)
        for panel in offered["panels"]:
            read_options(panel, deployment)
        for settled in (*offered["panels"], *(c for c in offered["columns"] if not c.panel)):
            _check_house_defaults(settled, deployment)
        for column in offered["columns"]:
            _check_column(column, deployment)
    except PluginFailed:
        manager.unregister(module)
        raise
    return Offer(**offered, observers=observers)


def _implementations(module: ModuleType, manager: pluggy.PluginManager, hook: str) -> list[Any]:
    return [i.function for i in getattr(manager.hook, hook).get_hookimpls() if i.plugin is module]


def _drained(module: ModuleType, manager: pluggy.PluginManager, hook: str) -> list[Any]:
    """What one plugin returns from one hook, drained here so that a generator fails inside the wall."""
    return [value for function in _implementations(module, manager, hook) for value in function()]


def _check_offer(offered: dict[str, tuple[Any, ...]], taken: Mapping[str, str]) -> None:
    ids = dict(taken)
    for kind, values in offered.items():
        expected = _VALUES[kind]
        for item in values:
            if not isinstance(item, expected):
                said = f"{type(item).__name__} instead of a {expected.__name__}"
                _refuse(f"It offers a {said}.", f"Return {expected.__name__}(...) from postlens_{kind}.")
            _check_identity(kind.removesuffix("s"), item, ids)
            _check_fields(item)
            ids[_reader_name(item.id) if isinstance(item, Reader) else item.id] = "itself"
    for settled in (*offered["panels"], *offered["columns"]):
        _check_settings(settled)
    for panel in offered["panels"]:
        _check_panel(panel)
    for measure in offered["measures"]:
        _check_measure(measure)
    for reader in offered["readers"]:
        _check_functions(reader, "recognise", "read")
        _check_texts(reader.id, "endings", reader.endings)
        if not all(ending.startswith(".") for ending in reader.endings):
            _refuse(f'The endings of "{reader.id}" do not begin with a full stop.', 'Write endings=(".csv",).')


def _reader_name(name: str) -> str:
    return f"reader {name}"


def _check_unmarked(module: ModuleType) -> None:
    """A hook without its mark would do nothing, and nobody would know why."""
    for name in (n for n in dir(Hooks) if n.startswith("postlens_")):
        function = getattr(module, name, None)
        if inspect.isfunction(function) and not hasattr(function, f"{PROJECT}_impl"):
            _refuse(f"{name} is not marked as a hook, so it would do nothing.", "Write @hookimpl above it.")


def _check_observer(observer: Observer) -> None:
    try:
        inspect.signature(observer).bind(None)
    except TypeError:
        _refuse("postlens_run_finished does not take a run.", "Write def postlens_run_finished(run: Run) -> None.")


_PLAIN: dict[str, type[Any]] = {"str": str, "bool": bool, "int": int}


def _check_fields(item: Any) -> None:
    """Texts are texts: a title that is something else would be found out on every page that names it."""
    for field in dataclasses.fields(item):
        wanted = _PLAIN.get(str(field.type))
        value = getattr(item, field.name)
        if wanted and not isinstance(value, wanted):
            _refuse(
                f'The {field.name} of "{item.id}" is a {type(value).__name__}, not a {wanted.__name__}.',
                f"Give {field.name} a {wanted.__name__}.",
            )


def _check_texts(owner: str, name: str, value: Any) -> None:
    if not isinstance(value, tuple | list) or not all(isinstance(part, str) for part in value):
        _refuse(f'The {name} of "{owner}" are not a tuple of texts.', f'Write {name}=("one",).')


def _refuse(what: str, hint: str = "") -> None:
    raise PluginFailed("offer", Problem(what=what, hint=hint))


def _check_identity(kind: str, item: Any, taken: Mapping[str, str]) -> None:
    if not isinstance(item.id, str) or not ID.fullmatch(item.id):
        _refuse(f'"{item.id}" cannot be the id of a {kind}.', "Use lower-case letters, digits and _, a letter first.")
    reserved = PAGES if kind == "panel" else known_names() if kind in {"column", "measure"} else frozenset()
    if item.id in reserved:
        _refuse(f'The id "{item.id}" is the name of something that Postlens knows.', "Choose another id.")
    owner = taken.get(_reader_name(item.id) if kind == "reader" else item.id)
    if owner:
        has = "it offers it twice" if owner == "itself" else f'the plugin "{owner}" has it'
        _refuse(f'The id "{item.id}" is already taken: {has}.', "Choose another id.")
    if item.api != API:
        newer = isinstance(item.api, int) and item.api > API
        hint = "Update Postlens." if newer else f"Check it against contract {API} and set api={API}."
        _refuse(f'"{item.id}" is written for contract {item.api}; this Postlens speaks contract {API}.', hint)


def _check_settings(item: Panel[Any, Any] | DerivedColumn[Any]) -> None:
    if not (isinstance(item.params, type) and issubclass(item.params, Params)):
        _refuse(f'The params of "{item.id}" are not a subclass of Params.', "Write `class Settings(Params): ...`.")
    for name, field_info in item.params.model_fields.items():
        if field_info.is_required():
            _refuse(f'The setting "{name}" of "{item.id}" has no default.', "Give every setting a default.")
        if not in_a_form(field_info.annotation):
            _refuse(
                f'The setting "{name}" of "{item.id}" is of a type for which there is no control.',
                "Use str, int, float, bool, date, a Literal, an enumeration of texts, or a tuple of texts; what a deployment says, "
                "and secrets, belong in Options.",
            )
    _check_defaults(item)
    _check_pickers(item)


def _check_defaults(item: Panel[Any, Any] | DerivedColumn[Any]) -> None:
    """Pydantic takes defaults as they are; a page that opens with them would not."""
    fields = item.params.model_fields
    try:
        item.params.model_validate({name: f.get_default(call_default_factory=True) for name, f in fields.items()})
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0]) if wrong["loc"] else ""
        whose = f'of the setting "{name}" of "{item.id}"' if name else f'settings of "{item.id}"'
        _refuse(
            f"The default {whose} is not allowed by it: {complaint(wrong)}", "Change the default or what is allowed."
        )


def _check_pickers(item: Panel[Any, Any] | DerivedColumn[Any]) -> None:
    picks = {n: m for n, f in item.params.model_fields.items() for m in f.metadata if isinstance(m, Pick)}
    for name, pick in picks.items():
        if pick.kind == "level" and (pick.of not in picks or picks[pick.of].kind != "category"):
            _refuse(
                f'The setting "{name}" of "{item.id}" picks a value of "{pick.of}", which is no setting that picks a category.',
                'Write Pick(kind="level", of="group"), where group is a field with Pick(kind="category").',
            )


def _check_panel(panel: Any) -> None:
    _check_functions(panel, "compute", "view")
    if not isinstance(panel.needs, Needs):
        _refuse(f'The needs of "{panel.id}" are no Needs.', 'Write needs=Needs(columns=("post_type",)).')
    _check_texts(panel.id, "needed columns", panel.needs.columns)
    _check_texts(panel.id, "ignored filters", panel.needs.ignores)
    _check_texts(panel.id, "earlier ids", panel.moved_from)
    if taken := sorted({panel.id, *PAGES} & set(panel.moved_from)):
        _refuse(
            f'"{panel.id}" says that it was "{taken[0]}" earlier, which is {"its own id" if taken[0] == panel.id else "a page of the host"}.',
            'Name ids that the panel itself had: moved_from=("old_name",).',
        )
    if panel.fresh < 0:
        _refuse(
            f'The answers of "{panel.id}" are fresh for {panel.fresh} seconds.', "Write fresh=3600, or leave it out."
        )
    if panel.options is not None and not (isinstance(panel.options, type) and issubclass(panel.options, Options)):
        _refuse(f'The options of "{panel.id}" are not a subclass of Options.', "Write `class Setup(Options): ...`.")
    if panel.page is not None and not isinstance(panel.page, CustomPage):
        _refuse(f'The page of "{panel.id}" is not a CustomPage.', "Write page=CustomPage(layout=..., connect=...).")
    if panel.page is not None and not isinstance(panel.page.style, str):
        _refuse(f'The style of the page of "{panel.id}" is no text.', 'Write style="p { font-size: 1.2em }".')
    _check_result_type(panel)


def _check_result_type(panel: Panel[Any, Any]) -> None:
    try:
        result = get_type_hints(panel.compute).get("return")
    except Exception as error:
        raise PluginFailed(
            "offer",
            Problem(what=f'The annotations of compute of "{panel.id}" cannot be read.', why=f"{message_of(error)}."),
            traceback.format_exc(),
        ) from error
    if not (isinstance(result, type) and dataclasses.is_dataclass(result)):
        _refuse(
            f'compute of "{panel.id}" does not say that it returns a dataclass.',
            "Annotate it: `-> Result`, where Result is a frozen dataclass of DataFrames and scalars.",
        )
    if not result.__dataclass_params__.frozen:  # type: ignore[union-attr]
        _refuse(f'The result of "{panel.id}" can be changed.', "Write @dataclass(frozen=True).")
    for name, annotation in get_type_hints(result).items():
        if annotation is not PostColumns and not storable(annotation):
            _refuse(
                f'The result of "{panel.id}" has a field "{name}" of a type that cannot be stored.',
                "Use pl.DataFrame, str, int, float, bool, a date, an enumeration, a tuple of those, a frozen dataclass of those, or PostColumns.",
            )


def _check_functions(item: Any, *names: str) -> None:
    for name in names:
        if not callable(getattr(item, name)):
            _refuse(f'The {name} of "{item.id}" is not a function.', f"Pass the function itself: {name}=my_{name}.")


def _check_measure(measure: Measure) -> None:
    for name in ("value", "denominator"):
        part = getattr(measure, name)
        if not isinstance(part, pl.Expr) and not (name == "denominator" and part is None):
            _refuse(
                f'The {name} of the measure "{measure.id}" is not a Polars expression.', 'Write pl.col("reactions").'
            )


def _check_house_defaults(item: Panel[Any, Any] | DerivedColumn[Any], deployment: Deployment) -> None:
    """The defaults of `[plugins.<id>]`, all together: one may depend on another."""
    chosen = deployment.config.plugins.deployment_defaults.get(item.id, {})
    for key in chosen:
        if key not in item.params.model_fields:
            place = deployment.where(f"plugins.{item.id}.{key}")
            hint = nearest(key, item.params.model_fields)
            raise PluginFailed(
                "offer", Problem(what=f"[plugins.{item.id}] has no setting {key}.", where=place, hint=hint)
            )
    try:
        item.params.model_validate(chosen)
    except ValidationError as error:
        wrong = error.errors()[0]
        key = str(wrong["loc"][0]) if wrong["loc"] else ""
        place = deployment.where(f"plugins.{item.id}.{key}".rstrip("."))
        shown = f" {key} = {chosen.get(key)}" if key else ""
        raise PluginFailed(
            "offer", Problem(what=f"[plugins.{item.id}]{shown}: {complaint(wrong)}", where=place)
        ) from error


def _check_column(column: DerivedColumn[Any], deployment: Deployment) -> None:
    _check_functions(column, "fit", "levels")
    house = deployment.config.plugins.deployment_defaults.get(column.panel or column.id, {})
    known = {k: v for k, v in house.items() if k in column.params.model_fields}
    levels = column.levels(column.params.model_validate(known))
    _check_texts(column.id, "levels", levels)
