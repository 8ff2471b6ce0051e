"""Hypothesis test: is a difference between groups of posts real, chance, or not to be told yet?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.hypothesis.compute import compare
from postlens.plugins.hypothesis.questions import findings, questions
from postlens.plugins.hypothesis.result import Answer
from postlens.plugins.hypothesis.settings import Settings
from postlens.plugins.hypothesis.view import show

ABOUT = Path(__file__).with_name("about.md").read_text("utf-8")

PANEL: Panel[Settings, Answer] = Panel(
    api=2,
    id="hypothesis",
    title="Is it real?",
    summary="Is a difference between groups of posts real, chance, or not to be told yet?",
    params=Settings,
    compute=compare,
    view=show,
    needs=Needs(metrics=1, categories=1, posts=4),
    group="Evidence",
    about=ABOUT,
    version="2",
    questions=questions,
    findings=findings,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The hypothesis panel."""
    return [PANEL]
