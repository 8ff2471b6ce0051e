"""What a plugin offers, asked and checked piece by piece."""

from __future__ import annotations

import dataclasses
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pluggy
import polars as pl
from pydantic import ValidationError

from core.config import Deployment, complaint
from core.contract import API, CustomPage, DerivedColumn, Hooks, Measure, Panel, Params, PostColumns, Reader, Run
from core.data.canonical import MADE
from core.data.roles import roles
from core.filters import RESERVED
from core.finding import Found
from core.problems import Problem, nearest
from core.walls import Wall, one_line, walled

Observer = Callable[[Run], None]
ID = re.compile(r"^[a-z][a-z0-9_]*$")


def register(module: ModuleType, manager: pluggy.PluginManager, found: Found) -> None:
    """Register a module; a hook that does not exist is an error, where pluggy alone would ignore it."""
    manager.register(module, name=found.name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        manager.unregister(module)
        hooks = [name for name in dir(Hooks) if name.startswith("postlens_")]
        wrong = next((n for n in dir(module) if n.startswith("postlens_") and n not in hooks), "")
        raise Wall(
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
        """The ids it takes: of pages and of columns. Readers have names of their own."""
        return {p.id for p in self.panels} | {c.id for c in self.columns} | {m.id for m in self.measures}


_VALUES: dict[str, type[Any]] = {
    "panels": Panel,
    "columns": DerivedColumn,
    "measures": Measure,
    "readers": Reader,
}


def ask(
    module: ModuleType, manager: pluggy.PluginManager, found: Found, deployment: Deployment, taken: set[str]
) -> Offer:
    """Ask a registered plugin what it offers and check every piece.

    Raises:
        Wall: it raises, or offers something that cannot be used.
    """
    try:
        offered = {
            kind: tuple(walled("offer", found, lambda kind=kind: _drained(module, manager, f"postlens_{kind}")))  # type: ignore[misc]
            for kind in _VALUES
        }
        observers = tuple(_implementations(module, manager, "postlens_run_finished"))
        if not any(offered.values()) and not observers:
            _refuse(
                f'The plugin "{found.name}" offers nothing.',
                "Implement postlens_panels, marked with @hookimpl, and return a list of panels.",
            )
        _check_offer(offered, taken)
        for panel in offered["panels"]:
            _check_house_defaults(panel, deployment)
    except Wall:
        manager.unregister(module)
        raise
    return Offer(**offered, observers=observers)


def _implementations(module: ModuleType, manager: pluggy.PluginManager, hook: str) -> list[Any]:
    return [i.function for i in getattr(manager.hook, hook).get_hookimpls() if i.plugin is module]


def _drained(module: ModuleType, manager: pluggy.PluginManager, hook: str) -> list[Any]:
    """What one plugin returns from one hook, drained here so that a generator fails inside the wall."""
    return [value for function in _implementations(module, manager, hook) for value in function()]


def _check_offer(offered: dict[str, tuple[Any, ...]], taken: set[str]) -> None:
    ids = set(taken)
    for kind, values in offered.items():
        expected = _VALUES[kind]
        names = ids if kind != "readers" else set()
        for item in values:
            if not isinstance(item, expected):
                said = f"{type(item).__name__} instead of a {expected.__name__}"
                _refuse(f"It offers a {said}.", f"Return {expected.__name__}(...) from postlens_{kind}.")
            _check_identity(kind.removesuffix("s"), item, names)
            names.add(item.id)
    for settled in (*offered["panels"], *offered["columns"]):
        _check_settings(settled)
    for panel in offered["panels"]:
        _check_panel(panel)
    for measure in offered["measures"]:
        _check_measure(measure)
    for reader in offered["readers"]:
        _check_functions(reader, "recognise", "read")


def _refuse(what: str, hint: str = "") -> None:
    raise Wall("offer", Problem(what=what, hint=hint))


def _check_identity(kind: str, item: Any, taken: set[str]) -> None:
    if not isinstance(item.id, str) or not ID.match(item.id):
        _refuse(f'"{item.id}" cannot be the id of a {kind}.', "Use lower-case letters, digits and _, a letter first.")
    if item.id in taken:
        _refuse(f'The id "{item.id}" is already taken by another plugin.', "Choose another id.")
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
        if name in RESERVED:
            _refuse(f'The setting "{name}" of "{item.id}" is the name of a filter.', "Call it something else.")


def _check_panel(panel: Any) -> None:
    _check_functions(panel, "compute", "view")
    if panel.page is not None and not isinstance(panel.page, CustomPage):
        _refuse(f'The page of "{panel.id}" is not a CustomPage.', "Write page=CustomPage(layout=..., connect=...).")
    try:
        result = get_type_hints(panel.compute).get("return")
    except Exception as error:
        raise Wall(
            "offer",
            Problem(what=f'The annotations of compute of "{panel.id}" cannot be read.', why=f"{one_line(error)}."),
            traceback.format_exc(),
        ) from error
    if not (isinstance(result, type) and dataclasses.is_dataclass(result)):
        _refuse(
            f'compute of "{panel.id}" does not say that it returns a dataclass.',
            "Annotate it: `-> Result`, where Result is a frozen dataclass of DataFrames and scalars.",
        )
    for name, annotation in get_type_hints(result).items():
        if not storable(annotation):
            _refuse(
                f'The result of "{panel.id}" has a field "{name}" of a type that cannot be stored.',
                "Use pl.DataFrame, str, int, float, bool, a tuple of those, or PostColumns.",
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
    if measure.id in roles() or measure.id in MADE:
        _refuse(f'The id "{measure.id}" is the name of a column that Postlens knows.', "Choose another id.")


def storable(annotation: Any) -> bool:
    """Whether a field of a result can be written as Arrow or JSON."""
    if annotation in {pl.DataFrame, PostColumns, str, int, float, bool, type(None)}:
        return True
    arguments = [a for a in get_args(annotation) if a is not Ellipsis]
    return bool(arguments) and all(isinstance(a, str | int) or storable(a) for a in arguments)


def _check_house_defaults(panel: Panel[Any, Any], deployment: Deployment) -> None:
    chosen = deployment.config.plugins.house_defaults.get(panel.id, {})
    for key, value in chosen.items():
        place = deployment.where(f"plugins.{panel.id}.{key}")
        if key not in panel.params.model_fields:
            hint = nearest(key, panel.params.model_fields)
            raise Wall("offer", Problem(what=f"[plugins.{panel.id}] has no setting {key}.", where=place, hint=hint))
        try:
            panel.params.model_validate({key: value})
        except ValidationError as error:
            said = complaint(error.errors()[0])
            raise Wall("offer", Problem(what=f"[plugins.{panel.id}] {key} = {value}: {said}", where=place)) from error
