"""The glossary tells every metric of the posts, and every verdict that pages can say."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from postlens.app.web.glossary import glossary_page
from postlens.app.web.panel.settings_form import form
from postlens.app.workspace import Workspace
from postlens.core.contract.verdict import State


def test_every_metric_and_every_state_is_explained(workspace_for: Callable[..., Workspace]) -> None:
    workspace = workspace_for('[plugins]\nenabled = ["eda"]\n', {})
    page = str(glossary_page(workspace))
    assert all(column.label in page for column in workspace.dataset.schema.metrics)
    assert [state for state in get_args(State) if state.capitalize() not in page] == []
    assert "Engagements" in page
    assert "divided by reach" in page


def test_a_form_leads_to_the_glossary_once(workspace_for: Callable[..., Workspace]) -> None:
    engine = workspace_for('[plugins]\nenabled = ["clustering"]\n', {}).engine
    panel = engine.registry.panel("clustering")
    page = str(form(panel, panel.params(), engine.schema()))
    assert page.count("What each metric counts") == 1
