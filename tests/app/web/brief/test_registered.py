"""The register on the Brief: running, to be read, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from postlens.app.export.static_html import to_html
from postlens.app.web.brief import registered
from postlens.app.workspace import Workspace
from postlens.core.ask.register import NAME, Register
from postlens.core.contract.blocks import Plan


def plan(first: date, title: str, outcome: str = "") -> Plan:
    return Plan(title=title, mark=title[:8], first=first, read=first + timedelta(days=30), outcome=outcome)  # type: ignore[arg-type]


@pytest.fixture
def workspace(workspace_for: Callable[..., Workspace]) -> Workspace:
    return workspace_for("")


def shown(workspace: Workspace) -> str:
    return to_html(registered.section(workspace))


def test_nothing_is_said_without_a_register(workspace: Workspace) -> None:
    assert shown(workspace) == "<div></div>"


def test_each_test_says_how_far_it_is(workspace: Workspace) -> None:
    newest = workspace.dataset.last_day
    assert newest is not None
    register = Register(workspace.deployment.store / NAME)
    at = datetime(2020, 1, 1, tzinfo=UTC)
    states = [
        (10, "videos or photos", "It begins on "),
        (-10, "links or texts", "It is running, until "),
        (-40, "mornings or evenings", "Its posts are there: open it to read the result."),
    ]
    for days, title, said in states:
        at += timedelta(minutes=1)
        register.add("planner", f"?set.level={title}", plan(newest + timedelta(days=days), title), at)
        assert f"{title}" in shown(workspace)
        assert said in shown(workspace)
    done = plan(newest - timedelta(days=50), "short or long", "confirmed")
    register.add("planner", "?set.level=short", done, at + timedelta(minutes=1))
    register.tell("planner", "?set.level=short", done)
    late = plan(date(2019, 1, 1), "tags or none", "refuted")
    register.add("planner", "?set.level=tags", late, at + timedelta(minutes=2))
    register.tell("planner", "?set.level=tags", late)
    assert "Confirmed." in shown(workspace)
    assert "Refuted. It was registered after its first day, so it explores as well." in shown(workspace)
    assert "The newest 3 of 5." in shown(workspace)
    register.add("gone", "?x=1", plan(newest, "of a page that is no more"), at)
    assert "of a page that is no more" not in shown(workspace)
