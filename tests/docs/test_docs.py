"""What the documents say is what the code does."""

from __future__ import annotations

import doctest
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

import postlens
from postlens.app.commands._scaffold import check_plugin
from postlens.app.commands.cli import main
from postlens.core.contract import Hooks
from postlens.core.host.config import PANELS, Config, load
from postlens.core.host.registry import build
from scripts import docs
from tests.conftest import ask

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


DOCS = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", [p for p in DOCS if ">>>" in p.read_text("utf-8")], ids=lambda p: p.name)
@pytest.mark.slow
def test_examples_in_the_docs_run(path: Path) -> None:
    found = doctest.testfile(str(path), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_what_the_code_knows_best_stands_in_the_docs() -> None:
    """Settings, hooks, public names and examples; `make docs` writes them."""
    stale = [str(path.relative_to(ROOT)) for path, text in docs.pages().items() if path.read_text("utf-8") != text]
    assert not stale, f"run `make docs`: {stale}"


def test_every_hook_and_public_name_is_told_somewhere_in_words() -> None:
    written = "\n".join(p.read_text("utf-8") for p in DOCS if p.name != "reference.md")
    hooks = [name for name in dir(Hooks) if name.startswith("postlens_")]
    assert len(hooks) == 5
    for name in (*hooks, *(n for n in postlens.__all__ if isinstance(getattr(postlens, n), type))):
        if name not in _TOLD_BY_THEIR_DOCSTRING:
            assert name in written, name


_TOLD_BY_THEIR_DOCSTRING = {"Cancelled", "PostlensError", "Problem"}


@pytest.mark.slow
def test_the_panel_of_the_tutorial_works_as_a_file_and_as_a_package(
    tmp_path: Path, sample_engine: Any, install: Any
) -> None:
    from postlens.core.ask.engine import Engine

    text = (ROOT / "docs/plugins/tutorial.md").read_text("utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "reach_by_type.py").write_text(source, "utf-8")
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["reach_by_type.py"]\n')
    as_file = build(load(tmp_path / "config.toml"))
    install("reach_by_type", source)
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = ["reach_by_type"]\n')
    as_package = build(load(tmp_path / "config.toml"))
    for registry in (as_file, as_package):
        assert not registry.failed
        done = ask(Engine(registry, sample_engine.dataset, store=tmp_path), "reach_by_type", goal=200)
        assert done.result.types.height == 6
    broken = [str(p) for p in check_plugin(str(tmp_path / "reach_by_type.py")) if not p.kept]
    assert not broken


def test_the_config_of_every_page_is_valid() -> None:
    texts = [t for p in DOCS for t in re.findall(r"```toml\n(.*?)```", p.read_text("utf-8"), re.DOTALL)]
    assert len(texts) >= 2
    for text in texts:
        assert Config.model_validate(tomllib.loads(text)) != Config()


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_every_link_of_the_docs_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_the_plugin_of_the_readme_works(tmp_path: Path, sample_engine: Any) -> None:
    from postlens.core.ask.engine import Engine

    (source,) = blocks("python")
    assert len(source.splitlines()) <= 40
    (tmp_path / "weekday.py").write_text(source, "utf-8")
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["weekday.py"]\n')
    registry = build(load(tmp_path / "config.toml"))
    assert not registry.failed
    engine = Engine(registry, sample_engine.dataset, store=tmp_path)
    done = ask(engine, "weekday")
    assert done.result.days["posts"].sum() == 6000
    assert isinstance(engine.blocks(registry.panels["weekday"], done), list)


def test_the_config_of_the_readme_is_valid() -> None:
    config, measures = (Config.model_validate(tomllib.loads(text)) for text in blocks("toml"))
    assert config.plugins.enabled == ["eda", "hypothesis"]
    assert list(measures.measures) == ["engagement_rate"]


@pytest.mark.slow
def test_the_commands_of_the_readme_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(store / "cache"))
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("postlens run")]
    assert len(commands) == 2
    for command in commands:
        main(shlex.split(command)[1:])
    assert (tmp_path / "clusters" / "posts.csv").exists()


def test_the_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make ([\w-]+)", "\n".join(blocks("sh")), re.MULTILINE):
        assert f"\n{target}:" in makefile


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_panels_of_the_readme_are_the_built_ins() -> None:
    assert re.findall(r"^\| .* \(`(\w+)`\)", README, re.MULTILINE) == list(PANELS)


def test_public_names_are_documented() -> None:
    for name in postlens.__all__:
        item = getattr(postlens, name)
        assert name == "API" or name in {"Block", "hookimpl"} or (item.__doc__ or "").strip(), name


def test_no_file_names_a_registry_or_this_machine() -> None:
    """Locks pin versions and hashes, and carry no address."""
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml", "Makefile", "README.md", ".ci/run"):
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"https?://(?!127\.0\.0\.1)", text), name
