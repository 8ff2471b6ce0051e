"""Registering a plan from its page: what the page shows, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from dash import Dash

from postlens.app.clients import Clients
from postlens.app.web.panel.registering import register_of
from postlens.app.web.server import create_app
from postlens.app.workspace import Workspace
from tests.app.web.test_pages import update

START, OVER = "2026-10-05", "2026-06-01"


def press(app: Dash, mark: str, query: str, panel: str = "planner") -> str:
    """What the page shows in place of its plan when the button is pressed."""
    client = app.server.test_client()
    spec = next(d for d in client.get("/_dash-dependencies").get_json() if '"role":"plan"' in d["output"])
    ids = {role: {"name": mark, "panel": panel, "role": role} for role in ("plan", "register")}
    told = {
        "output": spec["output"],
        "outputs": {"id": ids["plan"], "property": "children"},
        "inputs": [{"id": ids["register"], "property": "n_clicks", "value": 1}],
        "changedPropIds": [json.dumps(ids["register"], separators=(",", ":")) + ".n_clicks"],
        "state": [{"id": "query", "property": "data", "value": query}],
    }
    response = client.post("/_dash-update-component", json=told)
    assert response.status_code == 200, response.data[:300]
    return response.get_data(as_text=True)


def shown(app: Dash, start: str) -> tuple[str, str]:
    """The planner's page with that first day, and the mark of its plan."""
    text = json.dumps(update(app, "planner", f"?set.start={start}"))
    return text, text.partition("Plan ")[2][:16]


@pytest.fixture
def workspace(workspace_for: Callable[..., Workspace]) -> Workspace:
    return workspace_for('[plugins]\nenabled = ["planner"]\n')


def test_a_plan_is_registered_by_its_button(workspace: Workspace) -> None:
    app = create_app(Clients(workspace))
    text, mark = shown(app, START)
    assert "Register this plan" in text
    assert "Registered plans" not in text
    assert "Registered on" in press(app, mark, f"?set.start={START}")
    ((entry,), intact) = register_of(workspace).entries()
    assert intact
    assert entry.mark == mark
    assert "set.metric=engagements" in entry.link
    assert f"set.start={START}" in entry.link
    text, _ = shown(app, START)
    assert "Register this plan" not in text
    assert "Registered plans" in text
    assert f"Plan {mark}" in text


@pytest.mark.parametrize(
    ("mark", "query", "panel"),
    [
        ("0" * 16, f"?set.start={START}", "planner"),
        ("", "", "planner"),
        ("x", "?set.start=nonsense", "planner"),
        ("x", "?" + "a=b&" * 5_000, "planner"),
        ("x", "", "nobody"),
    ],
)
def test_only_what_a_page_shows_is_registered(workspace: Workspace, mark: str, query: str, panel: str) -> None:
    app = create_app(Clients(workspace))
    shown(app, START)
    assert "no longer here" in press(app, mark, query, panel)
    assert register_of(workspace).entries()[0] == []


def test_what_came_of_a_plan_is_kept_when_it_is_read_first(workspace: Workspace) -> None:
    app = create_app(Clients(workspace))
    text, mark = shown(app, OVER)
    assert "The calendar was not kept" in text
    press(app, mark, f"?set.start={OVER}")
    text, _ = shown(app, OVER)
    assert "First read on" in text
    assert "it does not confirm" in text
    ((entry,), _) = register_of(workspace).entries()
    assert (entry.outcome, entry.in_time) == ("open", False)


def test_a_deployment_without_uploads_registers_nothing(workspace_for: Callable[..., Workspace]) -> None:
    workspace = workspace_for('[data]\nupload_mb = 0\n[plugins]\nenabled = ["planner"]\n')
    app = create_app(Clients(workspace))
    text, mark = shown(app, START)
    assert "Register this plan" not in text
    assert "no longer here" in press(app, mark, f"?set.start={START}")


def test_a_registered_plan_stays_the_same_where_defaults_change(workspace_for: Callable[..., Workspace]) -> None:
    workspace = workspace_for('[plugins]\nenabled = ["planner"]\n')
    app = create_app(Clients(workspace))
    _, mark = shown(app, START)
    press(app, mark, f"?set.start={START}")
    ((entry,), _) = register_of(workspace).entries()
    other = workspace_for('[plugins]\nenabled = ["planner"]\n[plugins.planner]\nweeks = 3\nmore = 90\n')
    opened: dict[str, Any] = update(create_app(Clients(other)), "planner", entry.link)
    assert f"Plan {mark}" in json.dumps(opened)
