"""A deployment made ready: config read, plugins loaded, posts opened, engine built."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from postlens.app.isolated import Isolated
from postlens.core.ask.apart import Apart, OneOfTwo
from postlens.core.ask.engine import Engine
from postlens.core.ask.post_pages import Browser
from postlens.core.contract.problems import PostlensError, Problem, fail, message_of
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.core.data.files.readers import endings
from postlens.core.data.pictures import Pictures
from postlens.core.data.sources import database, objects
from postlens.core.data.sources.sample import NAME as SAMPLE_NAME
from postlens.core.data.sources.sample import sample_file
from postlens.core.data.store import library
from postlens.core.data.store.library import NAME as LIBRARY
from postlens.core.host import config, registry
from postlens.core.host.config import SAMPLE, Deployment
from postlens.core.host.registry import Registry

_FETCHED = "fetched"
_MADE = ("posts", "results", "database", _FETCHED)  # Folders of the store: converted posts, answers, what was fetched.


@dataclass(frozen=True)
class Workspace:
    """Everything the app and the command line work with.

    Attributes:
        problems: what was wrong and left out.
        lacking: measures that these posts lack a column for; another file may have it.
        here: whether every panel is computed in this process, whatever the config says.
        data: the source that was asked for in place of the config's.
        served: to browsers, which can import: an empty library shows the sample until something is there.
        waiting: the library is asked for and empty, so that the posts are those of the sample.
    """

    deployment: Deployment
    registry: Registry
    dataset: Dataset
    engine: Engine
    problems: tuple[Problem, ...] = ()
    here: bool = False
    data: str | None = None
    served: bool = False
    waiting: bool = False
    lacking: tuple[Problem, ...] = ()

    @property
    def source(self) -> str:
        """The source that was asked for."""
        return self.data or self.deployment.config.data.source

    @cached_property
    def pictures(self) -> Pictures:
        """The pictures of its posts, where the config names a folder."""
        folder = self.deployment.config.data.pictures
        return Pictures(self.deployment.folder / folder if folder else None)

    @cached_property
    def browser(self) -> Browser:
        """Pages of its posts, with the peers of each post, which are found once."""
        return Browser(self.engine)


def load_plugins(
    path: Path | None,
    *,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    lenient: bool = False,
    strict: bool = False,
) -> tuple[Deployment, Registry]:
    """The config and its plugins, without opening any posts.

    Raises:
        PostlensError: the config is wrong, or strict and a plugin failed.
    """
    deployment = config.load(path, lenient=lenient)
    if (strict or deployment.config.plugins.strict) and deployment.problems:
        raise PostlensError(*deployment.problems)
    return deployment, registry.build(deployment, only=only, without=without, strict=strict)


def open_workspace(
    path: Path | None,
    *,
    data: str | None = None,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    lenient: bool = False,
    strict: bool = False,
    here: bool = False,
    served: bool = False,
    progress: Callable[[float, str], None] = lambda _done, _label: None,
) -> Workspace:
    """Make a deployment ready.

    Args:
        path: the config file; None for `config.toml` here, or the defaults.
        data: a source in place of the config's.
        only: plugins to load; empty for all enabled.
        without: plugins to leave out.
        lenient: start although something in the config is wrong; the deployment says what.
        strict: refuse when a plugin fails or something is left out, whatever the config says.
        here: compute every panel in this process, whatever the config says.
        served: browsers can import, so an empty library is no error.
        progress: told about long steps.

    Raises:
        PostlensError: the config or the posts cannot be read.
    """
    deployment, plugins = load_plugins(path, only=only, without=without, lenient=lenient, strict=strict)
    return _assembled(deployment, plugins, data, progress, strict=strict, here=here, served=served)


def reopened(workspace: Workspace, *, imported: bool = True) -> Workspace:
    """The same deployment and plugins with the posts of the library, or of the source that was asked for.

    Raises:
        PostlensError: they cannot be opened.
    """
    quiet = lambda _done, _label: None  # noqa: E731
    made = _assembled(
        workspace.deployment,
        workspace.registry,
        LIBRARY if imported else workspace.data,
        quiet,
        strict=False,
        here=workspace.here,
        served=workspace.served,
    )
    return replace(made, data=workspace.data)


def _assembled(
    deployment: Deployment,
    plugins: Registry,
    data: str | None,
    progress: Callable[[float, str], None],
    *,
    strict: bool,
    here: bool,
    served: bool,
) -> Workspace:
    settings = deployment.config.data
    waiting = served and bool(settings.upload_mb) and (data or settings.source) == LIBRARY and not _imported(deployment)
    shown = SAMPLE if waiting else data
    dataset, lacking = open_posts(deployment, plugins, shown, progress).with_measures(plugins.measures.values())
    if lacking and (strict or deployment.config.plugins.strict):
        raise PostlensError(*lacking)
    apart = None if here else _apart(deployment, shown, plugins, served=served)
    engine = Engine(plugins, dataset, store=deployment.store, seed=deployment.config.data.seed, apart=apart)
    strangers = registry.check_tables(deployment, plugins)
    asked = shown if shown is not None else settings.source
    old = objects.stale(asked, deployment.store / _FETCHED) if objects.is_address(asked) else None
    further = [*_without_pictures(deployment), *([old] if old else [])]
    problems = (*deployment.problems, *plugins.problems, *strangers, *further)
    return Workspace(deployment, plugins, dataset, engine, problems, here, data, served, waiting, tuple(lacking))


def _without_pictures(deployment: Deployment) -> list[Problem]:
    folder = deployment.config.data.pictures
    if not folder or (deployment.folder / folder).is_dir():
        return []
    return [
        Problem(
            what=f'There is no folder "{folder}" with pictures.',
            where="[data] pictures",
            hint="Make it beside the config.",
        )
    ]


def _apart(deployment: Deployment, shown: str | None, plugins: Registry, *, served: bool) -> Apart:
    """Where panels are computed that are not computed in this process."""
    isolated = Isolated(deployment, shown)
    if deployment.config.engine.kind == "local":
        return isolated
    from postlens.app.cluster.clustered import Clustered

    clustered = Clustered(deployment, shown, frozenset(plugins.panels) - isolated.panels)
    if served:
        clustered.warm()
    return OneOfTwo(isolated, clustered)


def _imported(deployment: Deployment) -> bool:
    return bool(library.imports(deployment.store / LIBRARY))


def forget_made(store: Path) -> None:
    """Delete all that was made from posts; it is made again when it is asked for.

    Raises:
        PostlensError: something cannot be deleted.
    """
    for made in _MADE:
        try:
            if (store / made).exists():
                shutil.rmtree(store / made)
        except OSError as error:
            raise fail(
                f'"{error.filename}" cannot be deleted.', why=message_of(error)[:200], hint="Try again."
            ) from error


def read_settings(deployment: Deployment) -> ReadSettings:
    """How the deployment's files are to be read."""
    settings = deployment.config.data
    return ReadSettings(
        columns=settings.columns,
        timezone=settings.source_timezone,
        date_order=settings.date_order or None,
        categories=tuple(settings.categories),
        platform=settings.platform,
    )


def open_posts(
    deployment: Deployment, plugins: Registry, data: str | None, progress: Callable[[float, str], None]
) -> Dataset:
    """The posts of a deployment. A relative path on the command line is relative to here, in the config to its folder."""
    settings, read = deployment.config.data, read_settings(deployment)
    source = data if data is not None else settings.source
    sample, called = source == SAMPLE, ""
    if sample:
        progress(0.0, "Making the sample")
        source, read = str(sample_file(deployment.store)), ReadSettings()
    elif objects.is_address(source):
        called = objects.name_of(source)
        places = deployment.store / _FETCHED
        source = str(objects.fetch(source, places, endings(plugins.readers), settings.fetch_mb, progress))
    elif database.is_url(source):
        called = database.name_of(source)
        source = str(database.fetch(source, settings.query, deployment.store / "database", progress))
    elif data is None and source != LIBRARY:
        source = str(deployment.folder / source)
    name = SAMPLE_NAME if sample else called if data is not None else settings.name or called
    return open_dataset(
        source,
        store=deployment.store / "posts",
        settings=read,
        timezone=settings.timezone,
        name=name,
        sample=sample,
        progress=progress,
        readers=plugins.readers,
    )
