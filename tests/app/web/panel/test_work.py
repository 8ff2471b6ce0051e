"""What a page's work counts as, and what it says where a part of it fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from postlens.app.clients import Clients
from postlens.app.web.brief import cards
from postlens.app.web.panel import callbacks
from postlens.app.web.server import create_app
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, OneOf
from postlens.core.ask.findings import Finding, Findings
from postlens.core.ask.request import Request
from postlens.core.contract.problems import Cancelled
from postlens.core.contract.verdict import Settle, Verdict
from tests.app.web.test_pages import update


def test_work_for_a_derived_column_is_counted_as_its_own(sample_engine: Engine) -> None:
    """Five questions by a column that hangs would else take every place of Explore."""
    params = sample_engine.registry.panel("eda").params()
    filtered = Request(panel="eda", params=params, filters=Filters((OneOf("cluster", ("x",)),)))
    assert callbacks._kind(sample_engine, Request(panel="eda", params=params)) == "eda"
    assert callbacks._kind(sample_engine, filtered) == "eda cluster"


@pytest.mark.slow
def test_posts_that_cannot_be_counted_are_a_sentence(
    workspace_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Posts damaged while they were served made every page answer 500."""

    def damaged(*_: Any) -> str:
        raise OSError("a damaged file")

    monkeypatch.setattr(callbacks, "count_words", damaged)
    told = update(create_app(Clients(workspace_for('[plugins]\nenabled = ["eda"]\n'))), "eda")
    assert told["eda-count"]["children"] == "Posts could not be counted"
    assert "typical" in json.dumps(told["eda-result"]).lower()


def test_what_a_browser_says_went_wrong_is_kept_short(workspace_for: Callable[..., Any]) -> None:
    """Ten such questions took 800 MB for good."""
    app = create_app(Clients(workspace_for('[plugins]\nenabled = ["eda"]\n')))
    said: dict[str, Any] = {"eda-link": {"problems": ["x" * 100_000] * 100}}
    told = json.dumps(update(app, "eda", **said))
    assert 500 <= told.count("x" * 500) * 500 <= 20 * 500
    assert "x" * 501 not in told


@pytest.mark.parametrize("part", ["_draw", "count_words"])
def test_what_is_stopped_while_it_is_drawn_is_no_error(
    workspace_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """A reader who left in that moment filled the log with tracebacks, and another got status 500."""

    def stopped(*_: Any) -> str:
        raise Cancelled

    monkeypatch.setattr(callbacks if part == "count_words" else callbacks._Updater, part, stopped)
    told = json.dumps(update(create_app(Clients(workspace_for('[plugins]\nenabled = ["eda"]\n'))), "eda"))
    assert ("The computation was stopped" if part == "_draw" else "Counting was stopped") in told


def finding(engine: Engine, by: str) -> Finding:
    verdict = Verdict(
        claim="Open.", state="too few posts to tell", metric="engagements", by=by, level="video", estimate=1.2, low=0.9, high=1.6,
        log_p=-1.0, posts=100, settle=Settle(posts=50),
    )  # fmt: skip
    params = engine.registry.panel("hypothesis").params()
    return Finding(
        verdict=verdict, panel="hypothesis", request=Request(panel="hypothesis", params=params), log_q=0.0, weight=0.1
    )


def said(engine: Engine, *opened: Finding) -> str:
    return json.dumps(
        cards.to_try(engine, Findings(found=(), open=opened, also=(), asked=3)).to_plotly_json(),
        default=lambda c: c.to_plotly_json(),
    )


def test_the_brief_leads_to_a_plan(sample_engine: Engine) -> None:
    assert "/planner?" in said(sample_engine, finding(sample_engine, "post_type"))
    assert "set.level=video" in said(sample_engine, finding(sample_engine, "post_type"))
    assert "/planner" not in said(sample_engine, finding(sample_engine, "caption_question, all else equal"))
    assert '"/planner"' in said(sample_engine), "where nothing is open, to a test of one's own"
