"""One way in: keys and values from any door become the same question, and no name hides another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from postlens.app.workspace import Workspace
from postlens.core.ask import filters
from postlens.core.ask.filters import OneOf, Period
from postlens.core.ask.request import Request, flat, read_request, to_pairs
from tests.broken import plugin

# A panel whose settings have the names of keys and columns.
SETTINGS = plugin(
    "names",
    extra="""
class Names(Params):
    period: str = "all"
    type: int = 1
    k: int = 3
    wave: str = "none"
    platform: str = ""
""",
    panel="panel(params=Names)",
)
ROWS = "\n".join(f"p{i},{'ab'[i % 2]},{'xy'[i % 3 % 2]},{'mn'[i % 2]},{'uv'[i % 2]},{i}" for i in range(60))


@pytest.fixture
def workspace(workspace_for: Callable[..., Workspace], tmp_path: Path) -> Workspace:
    (tmp_path / "p.csv").write_text(f"Post ID,Wave,k,Period,from,Reactions\n{ROWS}\n")
    config = '[plugins]\nenabled = ["eda"]\nfiles = ["names.py"]\n'
    return workspace_for(config, {"names.py": SETTINGS}, data=str(tmp_path / "p.csv"))


def test_settings_and_columns_of_the_same_names_keep_apart_through_a_link(workspace: Workspace) -> None:
    engine = workspace.engine
    panel = engine.registry.panel("names")
    assert {"wave", "k", "period", "from"} <= {c.name for c in engine.schema().categories}
    params = panel.params(period="may", type=2, k=7, wave="third", platform="mine")
    wanted = filters.of(OneOf("wave", ("a",)), OneOf("k", ("x",)), OneOf("period", ("m",)), OneOf("from", ("u",)))
    asked = Request(panel="names", params=params, filters=wanted)
    pairs = to_pairs(engine, asked)
    assert ("set.wave", "third") in pairs
    assert ("wave", "a") in pairs
    assert ("is.from", "u") in pairs
    again, problems = read_request(engine, panel, pairs, "link")
    assert not problems
    assert again == asked
    # The filters go along to a page that has no such settings, and back.
    elsewhere, problems = read_request(engine, engine.registry.panel("eda"), pairs, "link")
    assert elsewhere.filters == wanted


def test_a_setting_typed_by_hand_needs_no_prefix_where_no_column_has_its_name(workspace: Workspace) -> None:
    engine = workspace.engine
    panel = engine.registry.panel("names")
    found, problems = read_request(engine, panel, [("type", "2"), ("wave", "a"), ("utm_source", "mail")], "link")
    assert not problems
    assert found.params == panel.params(type=2)
    assert found.filters == filters.of(OneOf("wave", ("a",)))


def test_what_nobody_knows_is_a_problem_only_on_the_command_line(workspace: Workspace) -> None:
    engine = workspace.engine
    panel = engine.registry.panel("names")
    pairs = [("utm_source", "mail"), ("set.nope", "1")]
    _, of_link = read_request(engine, panel, pairs, "link")
    _, of_command = read_request(engine, panel, pairs, "--filter", strict=True)
    assert [str(p) for p in of_link] == ['link: There is no setting "nope". Known: period, type, k, wave, platform.']
    assert any('There is no column "utm_source"' in str(p) for p in of_command)


def test_a_link_is_read_only_so_far() -> None:
    """A link of any length costs little: 500 pairs, 4,000 characters each."""
    assert len(flat({"type": ["x" * 9_000] * 900})) == 500
    assert len(flat({"type": "x" * 9_000})[0][1]) == 4_000


def test_a_period_and_a_column_called_published(workspace: Workspace) -> None:
    found, problems = read_request(
        workspace.engine, workspace.engine.registry.panel("eda"), [("from", "2026-01-01")], "link"
    )
    assert found.filters.first(Period) is None
    assert "have no date" in str(problems[0])
