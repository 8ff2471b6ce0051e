"""Plugins load, or say why not, and never take another with them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.host.config import PANELS, load
from postlens.core.host.registry import Registry, build, check_tables
from tests.broken import AT_START, plugin


def registry_of(tmp_path: Path, config: str, **files: str) -> Registry:
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    path = tmp_path / "config.toml"
    path.write_text(config, "utf-8")
    return build(load(path))


@pytest.mark.parametrize("name", AT_START)
def test_a_broken_plugin_leaves_the_others_running_and_says_why(tmp_path: Path, name: str) -> None:
    text, says = AT_START[name]
    registry = registry_of(
        tmp_path, f'[plugins]\nenabled = ["eda", "hypothesis"]\nfiles = ["{name}.py"]\n', **{name: text}
    )
    assert list(registry.panels) == ["eda", "hypothesis"]
    (failed,) = registry.failed
    assert failed.name == name
    assert says in failed.reason
    assert "Traceback" not in failed.reason


@pytest.mark.parametrize("name", AT_START)
def test_a_broken_package_leaves_the_others_running_and_says_why(
    tmp_path: Path, install: Callable[[str, str], None], name: str
) -> None:
    text, says = AT_START[name]
    install(name, text)
    config = f'[plugins]\nenabled = ["eda", "{name}", "hypothesis"]\n'
    registry = registry_of(tmp_path, config)
    assert list(registry.panels) == ["eda", "hypothesis"]
    (failed,) = registry.failed
    assert (failed.name, failed.source, failed.package, failed.version) == (name, "package", f"pkg-{name}", "2.3")
    assert says in failed.reason
    with pytest.raises(PostlensError):
        build(load(tmp_path / "config.toml"), strict=True)


def test_many_broken_plugins_at_once(tmp_path: Path) -> None:
    files = ", ".join(f'"{n}.py"' for n in AT_START)
    registry = registry_of(tmp_path, f"[plugins]\nfiles = [{files}]\n", **{n: t for n, (t, _) in AT_START.items()})
    assert list(registry.panels) == list(PANELS)
    assert len(registry.failed) == len(AT_START)


def test_strict_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match="deliberate"):
        registry_of(tmp_path, '[plugins]\nstrict = true\nfiles = ["bad.py"]\n', bad="raise RuntimeError('deliberate')")


def test_a_local_plugin_works(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, '[plugins]\nenabled = []\nfiles = ["mine.py"]\n', mine=plugin("mine"))
    assert registry.panels["mine"].title == "mine"
    assert {r.name: r.source for r in registry.records}["mine"] == "file"


def test_a_missing_plugin_is_said_with_line_and_nearest(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, '\n[plugins]\nenabled = ["eda", "elbwo"]\n')
    assert list(registry.panels) == ["eda"]
    assert 'config.toml line 3: There is no plugin "elbwo".' in registry.failed[0].reason
    assert 'Did you mean "elbow"?' in registry.failed[0].reason


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert 'no plugin file "gone.py"' in registry_of(tmp_path, '[plugins]\nfiles = ["gone.py"]\n').failed[0].reason


@pytest.mark.parametrize(("line", "says"), [("k = 99", "less than or equal to 12"), ("kk = 3", 'Did you mean "k"')])
def test_a_bad_house_default_is_the_plugins_failure_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    registry = registry_of(tmp_path, f"[plugins.clustering]\n{line}\n")
    assert "clustering" not in registry.panels
    assert "config.toml line 2" in registry.failed[0].reason
    assert says in registry.failed[0].reason


def test_a_table_for_no_panel_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[plugins.clusterin]\nk = 3\n")
    deployment = load(tmp_path / "config.toml")
    assert 'Did you mean "clustering"' in str(check_tables(deployment, build(deployment))[0])


def test_order_and_choice_come_from_the_config(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, '[plugins]\nenabled = ["hypothesis", "eda"]\n')
    assert list(registry.panels) == ["hypothesis", "eda"]
    assert {r.name: r.state for r in registry.records}["elbow"] == "disabled"


def test_only_and_without(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    deployment = load(tmp_path / "config.toml")
    assert list(build(deployment, only=["elbow"]).panels) == ["elbow"]
    assert list(build(deployment, without=["elbow"]).panels) == [
        "eda",
        "change",
        "drivers",
        "content",
        "timing",
        "clustering",
        "hypothesis",
        "benchmark",
        "planner",
    ]


SUBSETS = [
    pytest.param(s, id="+".join(s), marks=[] if len(s) == 1 and s != ("elbow",) else [pytest.mark.slow])
    for size in (1, 2, len(PANELS) - 1)  # Alone, each beside each, and each missing.
    for s in combinations(PANELS, size)
]


@pytest.mark.parametrize("subset", SUBSETS)
def test_every_subset_starts_and_works(
    subset: tuple[str, ...], tmp_path: Path, sample_engine: object, store: Path
) -> None:
    from postlens.core.ask.engine import Engine
    from postlens.core.ask.outcome import Done
    from postlens.core.ask.request import Request

    registry = registry_of(tmp_path, f"[plugins]\nenabled = {json.dumps(subset)}\n")
    assert list(registry.panels) == list(subset)
    engine = Engine(registry, sample_engine.dataset, store=store)  # type: ignore[attr-defined]
    assert ("cluster" in engine.schema()) == ("clustering" in subset)
    for name in subset:
        found = engine.answer(Request(panel=name, params=engine.panel_params(name)))
        assert isinstance(found, Done), found
        assert isinstance(engine.blocks(registry.panels[name], found), list)


@pytest.mark.parametrize("subset", [("eda",), PANELS], ids=["eda", "all"])
@pytest.mark.slow
def test_heavy_packages_are_not_imported_at_start(subset: tuple[str, ...], tmp_path: Path) -> None:
    code = (
        "import sys\nfrom postlens.core.host.config import load\nfrom postlens.core.host.registry import build\nfrom pathlib import Path\n"
        "assert not build(load(Path('config.toml'))).failed\n"
        "print([m for m in ('dash', 'sklearn', 'scipy', 'plotly.express', 'pandas') if m in sys.modules])"
    )
    (tmp_path / "config.toml").write_text(f"[plugins]\nenabled = {json.dumps(subset)}\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_two_apps_do_not_share_plugins(tmp_path: Path, workspace_for: Callable[..., object]) -> None:
    one = registry_of(tmp_path, '[plugins]\nenabled = ["eda"]\n')
    other = registry_of(tmp_path, '[plugins]\nenabled = ["elbow"]\n')
    assert (list(one.panels), list(other.panels)) == (["eda"], ["elbow"])


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plugin.py").write_text(plugin(f"from_{folder}"), "utf-8")
    registry = registry_of(tmp_path, '[plugins]\nenabled = []\nfiles = ["a/plugin.py", "b/plugin.py"]\n')
    assert not registry.failed
    assert list(registry.panels) == ["from_a", "from_b"]


def test_a_folder_is_no_plugin_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "picker").mkdir()
    (failed,) = registry_of(tmp_path, '[plugins]\nenabled = []\nfiles = ["picker"]\n').failed
    assert '"picker" is a folder' in failed.reason
    assert "picker/plugin.py" in failed.reason
