"""The plugins of one app: found, imported, registered and asked, without letting one stop the app."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pluggy

from postlens.core.contract import PROJECT, DerivedColumn, Hooks, Measure, Options, Panel, Reader
from postlens.core.contract.problems import PostlensError, Problem, nearest
from postlens.core.host import discovery, measures, validation
from postlens.core.host.config import ALWAYS, Deployment
from postlens.core.host.discovery import Found
from postlens.core.host.failures import Failure, PluginFailed, guarded
from postlens.core.host.options import read_options
from postlens.core.host.validation import Observer, Offer

log = logging.getLogger(__name__)


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
        offer: what it contributes.
        mark: changes with its code, as far as can be told: its version, or the content of its file.
    """

    name: str
    source: Literal["built-in", "package", "file"]
    package: str = ""
    version: str = ""
    state: Literal["loaded", "failed", "disabled"]
    reason: str = ""
    failure: Failure | None = None
    import_ms: float | None = None
    offer: Offer = field(default_factory=Offer)
    mark: str = ""


@dataclass(frozen=True)
class Registry:
    """The plugins of one app. Nothing here is global: two apps in one process do not meet.

    Attributes:
        records: every plugin, loaded or not.
        panels, columns, measures, readers: what is offered, by id, in the order of the config.
        observers: plugin name and function, for finished runs.
        deployment_defaults: panel id to settings.
        options: panel id to its options.
        moved: an id a panel had before to the one it has.
        marks: panel or column id to what changes with its plugin's code: the package's version, or the file's content.
        problems: what else was wrong and left out.
    """

    records: tuple[PluginRecord, ...]
    panels: dict[str, Panel[Any, Any]] = field(default_factory=dict)
    columns: dict[str, DerivedColumn[Any]] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    readers: tuple[Reader, ...] = ()
    observers: tuple[tuple[str, Observer], ...] = ()
    deployment_defaults: dict[str, dict[str, Any]] = field(default_factory=dict)
    options: dict[str, Options] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def failed(self) -> tuple[PluginRecord, ...]:
        """The plugins that did not load."""
        return tuple(r for r in self.records if r.state == "failed")

    def panel(self, panel_id: str) -> Panel[Any, Any]:
        """A panel by its id.

        Raises:
            PostlensError: there is none, with the reason where its plugin failed.
        """
        panel_id = self.moved.get(panel_id, panel_id)
        if panel_id in self.panels:
            return self.panels[panel_id]
        for record in self.failed:
            if record.name == panel_id and record.failure:
                raise PostlensError(record.failure.problem)
        raise PostlensError(
            Problem(what=f'There is no panel "{panel_id}" in this deployment.', hint=nearest(panel_id, self.panels))
        )


def build(
    deployment: Deployment, *, only: Sequence[str] = (), without: Sequence[str] = (), strict: bool = False
) -> Registry:
    """Load the enabled plugins in the order of the config.

    Args:
        deployment: the config.
        only: if given, just these plugins, and those that read files.
        without: not these plugins.
        strict: refuse when a plugin fails, whatever the config says.

    Raises:
        PostlensError: strict, and a plugin failed or a measure was left out.
    """
    settings = deployment.config.plugins
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    records: list[PluginRecord] = []
    taken: dict[str, str] = {}
    for found in discovery.wanted(deployment):
        if found.name in without or (only and found.name not in {*only, *ALWAYS}):
            records.append(_record(found, state="disabled", reason="switched off for this run"))
            continue
        record = _load(found, manager, deployment, taken)
        taken |= dict.fromkeys(record.offer.ids, found.name)
        records.append(record)
    records += [
        _record(f, state="disabled", reason="not in [plugins] enabled") for f in discovery.not_enabled(deployment)
    ]
    configured, problems = measures.from_config(deployment, taken)
    registry = _registry(records, configured, deployment, problems)
    if (strict or settings.strict) and (registry.failed or problems):
        raise PostlensError(*(r.failure.problem for r in registry.failed if r.failure), *problems)
    return registry


def _registry(
    records: Sequence[PluginRecord], configured: Sequence[Measure], deployment: Deployment, problems: Sequence[Problem]
) -> Registry:
    offered = [r.offer for r in records]
    panels = {p.id: p for offer in offered for p in offer.panels}
    told = {p.id: read_options(p, deployment) for p in panels.values()}
    return Registry(
        tuple(records),
        panels=panels,
        columns={c.id: c for offer in offered for c in offer.columns},
        measures={m.id: m for m in (*(m for offer in offered for m in offer.measures), *configured)},
        readers=tuple(reader for offer in offered for reader in offer.readers),
        observers=tuple((r.name, observer) for r in records for observer in r.offer.observers),
        deployment_defaults=deployment.config.plugins.deployment_defaults,
        options={name: options for name, options in told.items() if options is not None},
        moved={old: p.id for p in panels.values() for old in p.moved_from if old not in panels},
        marks={name: r.mark for r in records for name in r.offer.ids},
        problems=tuple(problems),
    )


def _record(found: Found, **outcome: Any) -> PluginRecord:
    return PluginRecord(name=found.name, source=found.source, package=found.package, version=found.version, **outcome)


def _load(
    found: Found, manager: pluggy.PluginManager, deployment: Deployment, taken: Mapping[str, str]
) -> PluginRecord:
    started = time.perf_counter()
    import_ms: float | None = None
    try:
        module = guarded("import", found, found.load)
        import_ms = round((time.perf_counter() - started) * 1000, 1)
        guarded("register", found, lambda: validation.register(module, manager, found))
        offer = guarded("offer", found, lambda: validation.ask(module, manager, found, deployment, taken))
    except PluginFailed as wall:
        log.info("plugin failed plugin=%s stage=%s reason=%s", found.name, wall.failure.stage, wall.failure.problem)
        return _record(
            found, state="failed", reason=str(wall.failure.problem), failure=wall.failure, import_ms=import_ms
        )
    return _record(found, state="loaded", import_ms=import_ms, offer=offer, mark=discovery.mark(found))


def check_tables(deployment: Deployment, registry: Registry) -> list[Problem]:
    """Tables `[plugins.<id>]` that belong to nothing, and isolated panels that are none.

    A plugin that did not load may have had anything.
    """
    columns = (c.id for c in registry.columns.values() if not c.panel)
    known = {*registry.panels, *columns, *(r.name for r in registry.records if r.state != "loaded")}
    plugins = deployment.config.plugins
    isolated = [
        Problem(
            what=f'[plugins] isolate names "{name}", which is no panel.',
            where=deployment.where("plugins.isolate"),
            hint=nearest(name, sorted(registry.panels)),
        )
        for name in plugins.isolate
        if name not in known
    ]
    return isolated + [
        Problem(
            what=f"[plugins.{name}] belongs to no panel and to no derived column.",
            where=deployment.where(f"plugins.{name}"),
            hint=nearest(name, sorted(known)),
        )
        for name in plugins.deployment_defaults
        if name not in known
    ]
