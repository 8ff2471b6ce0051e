"""Small data made in the test, the bundled sample, and real files where they are there."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dash
import hypothesis
import polars as pl
import pytest

from postlens.app.workspace import Workspace, open_workspace
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Crashed, Done
from postlens.core.ask.request import Request
from postlens.core.contract import Context
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.core.data.sources.sample import sample_file
from postlens.core.host.config import Deployment, load
from postlens.core.host.registry import build

# How long a test takes says how busy the machine is.
hypothesis.settings.register_profile("postlens", deadline=None)
hypothesis.settings.load_profile("postlens")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _fresh_pages() -> Iterator[None]:
    """Dash keeps pages in a global; leave it as it was found."""
    before = dash.page_registry.copy()
    yield
    dash.page_registry.clear()
    dash.page_registry.update(before)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the whole run shares."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    """The built-in defaults."""
    return Deployment(load(None).config, Path.cwd())


@pytest.fixture(scope="session")
def sample(store: Path) -> Dataset:
    """The bundled sample in the client's time zone."""
    return open_dataset(
        str(sample_file(store)), store=store / "posts", settings=ReadSettings(), timezone="Europe/London", sample=True
    )


@pytest.fixture(scope="session")
def registry() -> Any:
    """The four founding panels."""
    return build(Deployment(load(None).config.model_copy(), Path.cwd()))


@pytest.fixture(scope="session")
def sample_engine(sample: Dataset, registry: Any, store: Path) -> Engine:
    """The four panels on the sample."""
    return Engine(registry, sample, store=store)


@pytest.fixture
def open_posts(tmp_path: Path) -> Callable[..., Dataset]:
    """A data set from a table, through the same door as any file."""

    def opened(table: pl.DataFrame, timezone: str = "UTC", **settings: Any) -> Dataset:
        path = tmp_path / "posts.csv"
        table.write_csv(path)
        return open_dataset(str(path), store=tmp_path / "store", settings=ReadSettings(**settings), timezone=timezone)

    return opened


@pytest.fixture
def engine_for(open_posts: Callable[..., Dataset], registry: Any, tmp_path: Path) -> Callable[..., Engine]:
    """The four panels on a table."""
    return lambda table, **kw: Engine(registry, open_posts(table, **kw), store=tmp_path)


@pytest.fixture
def context(sample: Dataset) -> Context:
    """A context for calling compute directly."""
    return Context(schema=sample.schema)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real and seed data beside the project."""
    if not SHARED.is_dir():
        pytest.skip("shared/data is not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def _converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the sample stands converted."""
    folder = tmp_path_factory.mktemp("converted")
    (folder / "config.toml").write_text("", "utf-8")
    open_workspace(folder / "config.toml")
    return folder / ".postlens"


@pytest.fixture
def workspace_for(tmp_path: Path, _converted: Path) -> Callable[..., Workspace]:
    """A whole workspace from the text of a config and, optionally, files beside it. The sample is not converted again."""
    shutil.copytree(_converted, tmp_path / ".postlens")

    def made(config: str = "", files: dict[str, str] | None = None, data: str | None = None, **kw: Any) -> Workspace:
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text, "utf-8")
        path = tmp_path / "config.toml"
        path.write_text(config, "utf-8")
        return open_workspace(path, data=data, **kw)

    return made


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Install a plugin as a package: a module, its metadata and its entry point, on a path of this test's own."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)

    def installed(name: str, text: str) -> None:
        (folder / f"pkg_{name}.py").write_text(text, "utf-8")
        info = folder / f"pkg_{name}-2.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pkg-{name}\nVersion: 2.3\n")
        (info / "entry_points.txt").write_text(f"[postlens.plugins]\n{name} = pkg_{name}\n")
        importlib.invalidate_caches()

    yield installed
    for name in set(sys.modules) - before:
        if name.startswith("pkg_"):
            del sys.modules[name]


def ask(engine: Engine, panel: str, **settings: Any) -> Done:
    """The result of a panel; anything else fails the test with its reason."""
    filters = settings.pop("filters", None)
    columns = settings.pop("columns", {})
    params = engine.registry.panel(panel).params.model_validate(settings)
    request = Request(panel=panel, params=params, columns=columns, **({"filters": filters} if filters else {}))
    found = engine.answer(request)
    if isinstance(found, Crashed):
        pytest.fail(found.trace)
    assert isinstance(found, Done), found
    return found
