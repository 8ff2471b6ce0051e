"""Custom pages keep to their own ids, and their bugs stay on their own page."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from dash import Dash

from postlens.app.clients import Clients
from postlens.app.web.panel import custom_page
from postlens.app.web.server import create_app
from tests.app.web.test_pages import page, update
from tests.broken import plugin

PAGE = """
from postlens import CustomPage
def layout(frame):
    from dash import html
    return html.Div([html.P(id=frame.id("text")), html.Button(id=frame.id("go")){more}])
def connect(frame):
    from dash import Input, Output
    @frame.callback({callback})
    def react(*values):
        {body}
"""
GOOD = 'Output(frame.id("text"), "children"), Input(frame.id("answer"), "data"), Input(frame.id("go"), "n_clicks")'


def app_with(
    workspace_for: Callable[..., Any],
    callback: str = GOOD,
    body: str = "return str(frame.result(values[0]))",
    more: str = "",
) -> Dash:
    extra = PAGE.format(callback=callback, body=body, more=more)
    text = plugin("mine", "panel(page=CustomPage(layout=layout, connect=connect))", extra)
    return create_app(Clients(workspace_for('[plugins]\nenabled = ["eda"]\nfiles = ["mine.py"]\n', {"mine.py": text})))


def react(app: Dash, answer: Any, clicks: int = 1) -> dict[str, Any]:
    client = app.server.test_client()
    spec = next(d for d in client.get("/_dash-dependencies").get_json() if d["output"] == "mine-own-text.children")
    values = [answer, clicks]
    body = {
        "output": spec["output"],
        "outputs": {"id": "mine-own-text", "property": "children"},
        "inputs": [{**e, "value": v} for e, v in zip(spec["inputs"], values, strict=True)],
        "changedPropIds": ["mine-own-go.n_clicks"],
        "state": [],
    }
    response = client.post("/_dash-update-component", json=body)
    return response.get_json() or {}


def test_the_page_shows_its_own_components_and_reads_its_answer(workspace_for: Callable[..., Any]) -> None:
    app = app_with(workspace_for)
    assert "mine-own-text" in page(app, "/mine")
    told = update(app, "mine")
    assert told["mine-own"]["style"] == {}
    answer = told["mine-own-answer"]["data"]
    assert react(app, answer)["response"]["mine-own-text"]["children"] == "Result(posts=6000)"
    assert "Reproducibility details" in json.dumps(told["mine-result"])


@pytest.mark.parametrize("answer", [None, {}, {"key": "../../secret"}, {"key": 3}, "text", {"key": "0" * 24}])
def test_an_answer_that_is_none_finds_nothing(workspace_for: Callable[..., Any], answer: Any) -> None:
    assert react(app_with(workspace_for), answer)["response"]["mine-own-text"]["children"] == "None"


@pytest.mark.parametrize(
    ("callback", "says"),
    [
        ('Output("eda-result", "children"), Input(frame.id("go"), "n_clicks")', "belongs to somebody else"),
        ('Output(frame.id("text"), "children"), Input("eda-count", "children")', "belongs to somebody else"),
        ('Output(frame.id("answer"), "data"), Input(frame.id("go"), "n_clicks")', "which the host writes"),
        ('Output(frame.id("text"), "children"), Output(frame.id("text"), "children"), Input(frame.id("go"), "n_clicks")', "Two callbacks write"),
        ('Input(frame.id("go"), "n_clicks")', "has no Output"),
        ('Output(frame.id("text"), "children"), "go"', "a str in it"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_a_callback_outside_its_page_is_refused_and_said_there(
    workspace_for: Callable[..., Any], callback: str, says: str
) -> None:
    app = app_with(workspace_for, callback)
    assert says in page(app, "/mine")
    assert "This panel has a problem" not in json.dumps(update(app, "eda"))


def test_a_stranger_among_the_components_is_refused(workspace_for: Callable[..., Any]) -> None:
    app = app_with(workspace_for, more=', html.P(id="eda-result")')
    text = page(app, "/mine")
    assert "is not its own" in text
    assert '"id":"eda-result"' not in text.replace(" ", "")


def test_a_bug_in_a_callback_is_said_on_the_page(workspace_for: Callable[..., Any]) -> None:
    said = react(app_with(workspace_for, body="1 / 0"), None)
    assert "could not react to that" in json.dumps(said)
    assert "Traceback" not in json.dumps(said)


def test_a_figure_of_a_custom_page_cannot_smuggle_markup(workspace_for: Callable[..., Any]) -> None:
    body = "import plotly.graph_objects as go; return go.Figure(go.Bar(x=['<b>x</b>'], y=[1]))"
    assert "<b>" not in json.dumps(react(app_with(workspace_for, body=body), None))


HANGS = """
from postlens import CustomPage
import time
def layout(frame):
    from dash import html
    {layout}
    return html.P(id=frame.id("text"))
def connect(frame):
    import dash
    from dash import Input, Output
    {connect}
"""


def hanging(workspace_for: Callable[..., Any], layout: str = "pass", connect: str = "pass") -> Dash:
    text = plugin(
        "mine", "panel(page=CustomPage(layout=layout, connect=connect))", HANGS.format(layout=layout, connect=connect)
    )
    return create_app(Clients(workspace_for('[plugins]\nenabled = ["eda"]\nfiles = ["mine.py"]\n', {"mine.py": text})))


def test_a_layout_that_hangs_costs_its_page_alone(
    workspace_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each visit kept a thread of the server for good. Asked again within a minute, it is not waited for at all."""
    monkeypatch.setattr(custom_page, "_LAYOUT_SECONDS", 0.3)
    app = hanging(workspace_for, layout="time.sleep(30)")
    for _ in range(2):
        began = time.monotonic()
        assert "cannot be used" in page(app, "/mine")
        assert time.monotonic() - began < 10
    assert "eda-result" in page(app, "/eda")


@pytest.mark.slow
def test_declarations_that_hang_do_not_hold_the_start(
    workspace_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custom_page, "START_SECONDS", 0.3)
    app = hanging(workspace_for, connect="time.sleep(30)")
    assert "cannot be used" in page(app, "/mine")
    assert "This panel has a problem" not in json.dumps(update(app, "eda"))


@pytest.mark.parametrize(
    "declared",
    [
        'dash.clientside_callback("x => x", Output("query", "id"), Input("query", "data"))',
        'dash.callback(Output("query", "title"), Input("query", "data"))(lambda x: x)',
        'dash.callback(Output("_pages_content", "children", allow_duplicate=True), Input("query", "data"), prevent_initial_call=True)(lambda x: x)',
    ],
)
@pytest.mark.slow
def test_what_is_declared_past_the_frame_is_taken_back(workspace_for: Callable[..., Any], declared: str) -> None:
    """The first request was answered 500, whoever asked it."""
    app = hanging(workspace_for, connect=declared)
    assert "past its own page" in page(app, "/mine")
    outputs = [d["output"] for d in app.server.test_client().get("/_dash-dependencies").get_json()]
    assert len(outputs) == len(set(outputs))
    assert "query.title" not in outputs
    assert "This panel has a problem" not in json.dumps(update(app, "eda"))


@pytest.mark.slow
def test_callbacks_that_hang_leave_most_threads_to_the_host(workspace_for: Callable[..., Any]) -> None:
    """Thirty clicks at once: three hang, three wait for a moment, all others are told at once that the page is busy."""
    app = app_with(workspace_for, body="import time; time.sleep(4)")
    app.server.test_client().get("/_dash-dependencies")
    took: list[float] = []

    def click() -> None:
        began = time.monotonic()
        react(app, None)
        took.append(time.monotonic() - began)

    clicks = [threading.Thread(target=click) for _ in range(30)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(60)
    assert sum(seconds >= 3.9 for seconds in took) <= 6
    assert len(took) == 30
