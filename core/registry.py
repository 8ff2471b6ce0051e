"""Finding, loading and checking plugins without letting one stop the app."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import pluggy
import polars as pl
from pydantic import ValidationError

from core.config import BUILT_IN, Deployment, complaint
from core.contract import API, PROJECT, DerivedColumn, Hooks, Panel, Params, PostColumns
from core.filters import RESERVED
from core.problems import PostlensError, Problem, nearest

log = logging.getLogger(__name__)

GROUP = "postlens.plugins"
ID = re.compile(r"^[a-z][a-z0-9_]*$")
Stage = Literal["find", "import", "register", "offer"]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a plugin, or one thing it offers, is not there. `trace` is for developers."""

    stage: Stage
    problem: Problem
    trace: str = ""


@dataclass(frozen=True, kw_only=True)
class PluginRecord:
    """What became of one plugin.

    Attributes:
        name: as in `[plugins] enabled`; a local file's stem.
        source: `built-in`, `package` or `file`.
        package, version: where it comes from; empty for a file.
        state: `loaded`, `failed` or `disabled`.
        failure: why it failed.
        import_ms: how long its import took; None if it was not imported.
        panels, columns: what it contributes.
    """

    name: str
    source: Literal["built-in", "package", "file"]
    package: str = ""
    version: str = ""
    state: Literal["loaded", "failed", "disabled"]
    reason: str = ""
    failure: Failure | None = None
    import_ms: float | None = None
    panels: tuple[Panel[Any, Any], ...] = ()
    columns: tuple[DerivedColumn[Any], ...] = ()


@dataclass(frozen=True)
class Registry:
    """The plugins of one app. Nothing here is global: two apps in one process do not meet."""

    records: tuple[PluginRecord, ...]
    panels: dict[str, Panel[Any, Any]] = field(default_factory=dict)
    columns: dict[str, DerivedColumn[Any]] = field(default_factory=dict)
    house_defaults: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[PluginRecord, ...]:
        """The plugins that did not load."""
        return tuple(r for r in self.records if r.state == "failed")

    def panel(self, panel_id: str) -> Panel[Any, Any]:
        """A panel by its id.

        Raises:
            PostlensError: there is none, with the reason where its plugin failed.
        """
        if panel_id in self.panels:
            return self.panels[panel_id]
        for record in self.failed:
            if record.name == panel_id and record.failure:
                raise PostlensError(record.failure.problem)
        raise PostlensError(
            Problem(what=f'There is no panel "{panel_id}" in this deployment.', hint=nearest(panel_id, self.panels))
        )


@dataclass(frozen=True)
class _Found:
    name: str
    source: Literal["built-in", "package", "file"]
    load: Callable[[], ModuleType]
    package: str = ""
    version: str = ""


class _Wall(Exception):
    """A plugin ran into one of the start-up walls."""

    def __init__(self, stage: Stage, problem: Problem, trace: str = "") -> None:
        super().__init__(str(problem))
        self.failure = Failure(stage=stage, problem=problem, trace=trace)


def build(deployment: Deployment, *, only: Sequence[str] = (), without: Sequence[str] = ()) -> Registry:
    """Load the enabled plugins in the order of the config.

    Args:
        deployment: the config.
        only: if given, just these plugins.
        without: not these plugins.

    Raises:
        PostlensError: `strict = true` and a plugin failed.
    """
    settings = deployment.config.plugins
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    records: list[PluginRecord] = []
    taken: set[str] = set()
    for found in _wanted(deployment):
        if found.name in without or (only and found.name not in only):
            records.append(_record(found, state="disabled", reason="switched off for this run"))
            continue
        record = _load(found, manager, deployment, taken)
        taken |= {p.id for p in record.panels} | {c.id for c in record.columns}
        records.append(record)
    records += [_record(f, state="disabled", reason="not in [plugins] enabled") for f in _not_enabled(deployment)]
    registry = Registry(
        tuple(records),
        {p.id: p for r in records for p in r.panels},
        {c.id: c for r in records for c in r.columns},
        settings.house_defaults,
    )
    if settings.strict and registry.failed:
        raise PostlensError(*(r.failure.problem for r in registry.failed if r.failure))
    return registry


def _record(found: _Found, **outcome: Any) -> PluginRecord:
    return PluginRecord(name=found.name, source=found.source, package=found.package, version=found.version, **outcome)


def _wanted(deployment: Deployment) -> list[_Found]:
    offered = _offered()
    enabled = list(dict.fromkeys(deployment.config.plugins.enabled))
    found = [_from_entry_point(name, offered.get(name), deployment, offered) for name in enabled]
    return found + [_from_file(name, deployment) for name in deployment.config.plugins.files]


def _offered() -> dict[str, EntryPoint]:
    """Installed plugins by name, without importing one."""
    return {point.name: point for point in entry_points(group=GROUP)}


def _not_enabled(deployment: Deployment) -> list[_Found]:
    offered = _offered()
    names = [n for n in offered if n not in deployment.config.plugins.enabled]
    return [_from_entry_point(name, offered[name], deployment, offered) for name in sorted(names)]


def _from_entry_point(name: str, point: EntryPoint | None, deployment: Deployment, offered: Iterable[str]) -> _Found:
    if point is None:
        return _Found(name, "package", lambda: _missing(name, deployment, offered))
    package = point.dist.name if point.dist else ""
    version = point.dist.version if point.dist else ""
    source: Literal["built-in", "package"] = "built-in" if name in BUILT_IN and package == "postlens" else "package"
    return _Found(name, source, lambda: importlib.import_module(point.module), package, version)


def _missing(name: str, deployment: Deployment, offered: Iterable[str]) -> ModuleType:
    raise _Wall(
        "find",
        Problem(
            what=f'There is no plugin "{name}".',
            where=deployment.where("plugins.enabled"),
            why="No installed package offers one of that name.",
            hint=nearest(name, offered),
        ),
    )


def _from_file(name: str, deployment: Deployment) -> _Found:
    path = (deployment.folder / name).resolve()
    return _Found(path.stem, "file", lambda: _import_file(path, name, deployment))


def _import_file(path: Path, name: str, deployment: Deployment) -> ModuleType:
    if not path.is_file():
        raise _Wall(
            "find",
            Problem(
                what=f'There is no plugin file "{name}".',
                where=deployment.where("plugins.files"),
                why=f"Postlens looked in {path.parent}.",
                hint="Paths are relative to the config file.",
            ),
        )
    module_name = f"_postlens_local_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise _Wall("import", Problem(what=f'"{name}" is not a Python file.', hint="Its name should end in .py."))
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # Dataclasses and pydantic look their module up by name.
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(module_name, None)
        raise
    return module


def _load(found: _Found, manager: pluggy.PluginManager, deployment: Deployment, taken: set[str]) -> PluginRecord:
    started = time.perf_counter()
    import_ms: float | None = None
    try:
        module = _walled("import", found, found.load)
        import_ms = round((time.perf_counter() - started) * 1000, 1)
        _walled("register", found, lambda: _register(module, manager, found))
        panels, columns = _offer(module, manager, found, deployment, taken)
    except _Wall as wall:
        log.warning("plugin failed plugin=%s stage=%s reason=%s", found.name, wall.failure.stage, wall.failure.problem)
        return _record(
            found, state="failed", reason=str(wall.failure.problem), failure=wall.failure, import_ms=import_ms
        )
    return _record(found, state="loaded", import_ms=import_ms, panels=panels, columns=columns)


def _walled(stage: Stage, found: _Found, step: Callable[[], T]) -> T:
    """Run one step of loading; whatever it raises becomes a record, except what the user pressed."""
    try:
        return step()
    except (_Wall, KeyboardInterrupt):
        raise
    except BaseException as error:  # A plugin may call sys.exit; that must not end the app either.
        raise _Wall(stage, _blame(stage, found, error), traceback.format_exc()) from error


def _blame(stage: Stage, found: _Found, error: BaseException) -> Problem:
    words = {"find": "could not be found", "import": "could not be imported", "register": "could not be registered"}
    origin = f" ({found.package} {found.version})" if found.package and found.source != "built-in" else ""
    hint = "Ask its author, or take it out of [plugins] in config.toml."
    if isinstance(error, ModuleNotFoundError):
        hint = f'Install "{error.name}" in the same environment, or take the plugin out of config.toml.'
    return Problem(
        what=f'The plugin "{found.name}"{origin} {words.get(stage, "offers something unusable")}.',
        why=f"{type(error).__name__}: {_one_line(error)}.",
        hint=hint,
    )


def _one_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:300].rstrip(".")


def _register(module: ModuleType, manager: pluggy.PluginManager, found: _Found) -> None:
    manager.register(module, name=found.name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        manager.unregister(module)
        hooks = [name for name in dir(Hooks) if name.startswith("postlens_")]
        wrong = next((n for n in dir(module) if n.startswith("postlens_") and n not in hooks), "")
        raise _Wall(
            "register",
            Problem(
                what=f'The plugin "{found.name}" implements a hook that does not exist{f": {wrong}" if wrong else ""}.',
                hint=nearest(wrong, hooks),
            ),
            traceback.format_exc(),
        ) from error


def _offer(
    module: ModuleType, manager: pluggy.PluginManager, found: _Found, deployment: Deployment, taken: set[str]
) -> tuple[tuple[Panel[Any, Any], ...], tuple[DerivedColumn[Any], ...]]:
    """Ask a registered plugin what it offers and check every piece."""
    panels = _walled("offer", found, lambda: _ask(module, manager, "postlens_panels"))
    columns = _walled("offer", found, lambda: _ask(module, manager, "postlens_columns"))
    try:
        if not panels and not columns:
            raise _Wall(
                "offer",
                Problem(
                    what=f'The plugin "{found.name}" offers nothing.',
                    hint="Implement postlens_panels, marked with @hookimpl, and return a list of panels.",
                ),
            )
        _check_offer(panels, columns, taken)
        for panel in panels:
            _check_house_defaults(panel, deployment)
    except _Wall:
        manager.unregister(module)
        raise
    return tuple(panels), tuple(columns)


def _ask(module: ModuleType, manager: pluggy.PluginManager, hook: str) -> list[Any]:
    """What one plugin returns from one hook, drained here so that a generator fails inside the wall."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin is module:
            return list(implementation.function())
    return []


def _check_offer(panels: list[Any], columns: list[Any], taken: set[str]) -> None:
    ids: set[str] = set()
    for kind, offered, expected in (("panel", panels, Panel), ("column", columns, DerivedColumn)):
        for item in offered:
            if not isinstance(item, expected):
                said = f"{type(item).__name__} instead of a {expected.__name__}"
                _refuse(f"It offers a {said}.", f"Return {expected.__name__}(...) from postlens_{kind}s.")
            _check_identity(kind, item, taken | ids)
            ids.add(item.id)
    for panel in panels:
        _check_panel(panel)


def _refuse(what: str, hint: str = "") -> None:
    raise _Wall("offer", Problem(what=what, hint=hint))


def _check_identity(kind: str, item: Panel[Any, Any] | DerivedColumn[Any], taken: set[str]) -> None:
    if not isinstance(item.id, str) or not ID.match(item.id):
        _refuse(f'"{item.id}" cannot be the id of a {kind}.', "Use lower-case letters, digits and _, a letter first.")
    if item.id in taken:
        _refuse(f'The id "{item.id}" is already taken by another plugin.', "Choose another id.")
    if item.api != API:
        newer = isinstance(item.api, int) and item.api > API
        hint = "Update Postlens." if newer else f"Check it against contract {API} and set api={API}."
        _refuse(f'"{item.id}" is written for contract {item.api}; this Postlens speaks contract {API}.', hint)
    if not (isinstance(item.params, type) and issubclass(item.params, Params)):
        _refuse(f'The params of "{item.id}" are not a subclass of Params.', "Write `class Settings(Params): ...`.")
    for name, field_info in item.params.model_fields.items():
        if field_info.is_required():
            _refuse(f'The setting "{name}" of "{item.id}" has no default.', "Give every setting a default.")
        if name in RESERVED:
            _refuse(f'The setting "{name}" of "{item.id}" is the name of a filter.', "Call it something else.")


def _check_panel(panel: Panel[Any, Any]) -> None:
    for name in ("compute", "view"):
        if not callable(getattr(panel, name)):
            _refuse(f'The {name} of "{panel.id}" is not a function.', f"Pass the function itself: {name}=my_{name}.")
    try:
        result = get_type_hints(panel.compute).get("return")
    except Exception as error:
        raise _Wall(
            "offer",
            Problem(what=f'The annotations of compute of "{panel.id}" cannot be read.', why=f"{_one_line(error)}."),
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
            raise _Wall("offer", Problem(what=f"[plugins.{panel.id}] has no setting {key}.", where=place, hint=hint))
        try:
            panel.params.model_validate({key: value})
        except ValidationError as error:
            said = complaint(error.errors()[0])
            raise _Wall("offer", Problem(what=f"[plugins.{panel.id}] {key} = {value}: {said}", where=place)) from error


def check_tables(deployment: Deployment, registry: Registry) -> list[Problem]:
    """Tables `[plugins.<id>]` that belong to no panel."""
    known = set(registry.panels) | {r.name for r in registry.records}
    return [
        Problem(
            what=f"[plugins.{name}] belongs to no panel.",
            where=deployment.where(f"plugins.{name}"),
            hint=nearest(name, sorted(known)),
        )
        for name in deployment.config.plugins.house_defaults
        if name not in known
    ]
