"""The page that a derived column's settings are chosen on, made by the host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from postlens_agency import OFFICE

from postlens import column_page
from postlens.app.workspace import Workspace
from postlens.core.ask.outcome import Done
from postlens.core.ask.request import read_request

HOURS = "\n".join(f"p{i},2026-01-{1 + i // 24:02d} {i % 24:02d}:30,{i}" for i in range(240))


@pytest.fixture
def workspace(workspace_for: Callable[..., Workspace], tmp_path: Path) -> Workspace:
    (tmp_path / "p.csv").write_text(f"Post ID,Published,Reactions\n{HOURS}\n")
    agency = Path("examples/postlens-agency/postlens_agency.py").read_text("utf-8")
    config = '[plugins]\nenabled = ["eda"]\nfiles = ["agency.py"]\n'
    return workspace_for(config, {"agency.py": agency}, data=str(tmp_path / "p.csv"))


def answer(workspace: Workspace, pairs: list[tuple[str, str]]) -> Any:
    engine = workspace.engine
    request, problems = read_request(engine, engine.registry.panels["office_hours"], pairs, "test")
    assert problems == []
    done = engine.answer(request)
    assert isinstance(done, Done)
    return done.result


def test_the_posts_of_each_group_by_the_settings_of_the_form(workspace: Workspace) -> None:
    assert answer(workspace, []).rows.rows() == [("office hours", 80), ("out of hours", 160)]
    assert answer(workspace, [("opens", "8"), ("closes", "20")]).rows.rows() == [
        ("office hours", 120),
        ("out of hours", 120),
    ]


def test_a_column_without_a_panel_is_told_to_name_one() -> None:
    with pytest.raises(ValueError, match='Write panel="office_groups"'):
        column_page(replace(OFFICE, panel=""), summary="No page.")
