"""The register on a page: the button that registers a plan, what is said of one that is registered, and the list of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from dash import MATCH, Dash, Input, Output, State, ctx, html, no_update

from postlens.app.clients import Clients
from postlens.app.web import links
from postlens.app.web.filters.filter_bar import part_id
from postlens.app.workspace import Workspace
from postlens.core.ask import request as asking
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Crashed
from postlens.core.ask.register import NAME, Entry, Register
from postlens.core.ask.request import Request
from postlens.core.contract.blocks import Plan, walk
from postlens.core.contract.problems import PostlensError

_CAME = {"open": "not told"}


def register_of(workspace: Workspace) -> Register:
    """The register of a deployment."""
    return Register(workspace.deployment.store / NAME)


def whole_link(engine: Engine, request: Request) -> str:
    """The address of a plan, which stays the same where the deployment's defaults change."""
    return links.query(asking.spelled_out(engine, request))


def card(workspace: Workspace, panel: str, link: str) -> Callable[[Plan], Any]:
    """What a page shows of its plan; where its result is there for the first time, the register keeps it."""
    register, open_ = register_of(workspace), bool(workspace.deployment.config.data.upload_mb)

    def shown(plan: Plan) -> Any:
        register.tell(panel, link, plan)
        entry = register.of(panel, link, plan.mark)
        if entry is None and not open_:
            return html.Div(html.P(f"Plan {plan.mark}: {plan.title}"), className="pl-notice", role="note")
        inner = _offer(panel, plan) if entry is None else [html.P(_said(entry))]
        return html.Div(inner, id=part_id("plan", panel, plan.mark), className="pl-notice", role="status")

    return shown


def listing(workspace: Workspace, panel: str) -> list[Any]:
    """All registered plans of a panel, the newest first; nothing where there are none."""
    entries, intact = register_of(workspace).entries()
    own = [entry for entry in entries if entry.panel == panel]
    if not own:
        return []
    changed = [] if intact else [html.P("The file of the register was changed by hand: what it says is not sure.")]
    items = [
        html.Li(
            [
                html.A(entry.title, href=f"/{panel}{entry.link}"),
                html.P(f"{_when(entry)} First day {entry.first:%-d %B %Y}.{_read(entry)}"),
            ]
        )
        for entry in own
    ]
    return [
        html.Section([html.H2("Registered plans"), *changed, html.Ul(items, className="pl-list")], className="pl-card")
    ]


def connect(app: Dash, clients: Clients) -> None:
    """The button's callback, one for all panels."""
    app.callback(
        Output({"role": "plan", "panel": MATCH, "name": MATCH}, "children"),
        Input({"role": "register", "panel": MATCH, "name": MATCH}, "n_clicks"),
        State("query", "data"),
        prevent_initial_call=True,
    )(_Registering(clients))


class _Registering:
    __name__ = "register"

    def __init__(self, clients: Clients) -> None:
        self.clients = clients

    def __call__(self, clicks: int | None, query: str | None) -> Any:
        pressed = ctx.triggered_id
        if not clicks or not pressed:
            return no_update
        workspace = self.clients.workspace()
        found = _plan(workspace, str(pressed["panel"]), str(pressed["name"]), str(query or ""))
        if found is None or not workspace.deployment.config.data.upload_mb:
            return [html.P("This plan is no longer here. Open its page again.")]
        plan, link = found
        try:
            return [html.P(_said(register_of(workspace).add(str(pressed["panel"]), link, plan)))]
        except PostlensError as error:
            return [html.P(str(error))]


def _plan(workspace: Workspace, panel_id: str, mark: str, query: str) -> tuple[Plan, str] | None:
    """The plan that the page of a link shows, with that link; None where its answer is not there: nobody registers other words."""
    engine = workspace.engine
    panel = engine.registry.panels.get(panel_id)
    if panel is None:
        return None
    asked: Mapping[str, Any] = parse_qs(query.removeprefix("?"), keep_blank_values=True)
    request, _ = links.request_of(engine, panel, asked)
    done = engine.cached(request)
    blocks = None if done is None else engine.blocks(panel, done)
    if blocks is None or isinstance(blocks, Crashed):
        return None
    plan = next((b for b in walk(blocks) if isinstance(b, Plan) and b.mark == mark), None)
    return None if plan is None else (plan, whole_link(engine, request))


def _offer(panel: str, plan: Plan) -> list[Any]:
    return [
        html.P(
            f"Plan {plan.mark}: {plan.title} Register it before its first post on {plan.first:%-d %B %Y}: then nobody can say later "
            "that something else was meant."
        ),
        html.Button(
            "Register this plan",
            id=part_id("register", panel, plan.mark),
            type="button",
            n_clicks=0,
            className="pl-button",
        ),
    ]


def _said(entry: Entry) -> str:
    return f"Plan {entry.mark}: {entry.title} {_when(entry)}{_read(entry)}"


def _when(entry: Entry) -> str:
    late = "" if entry.in_time else ", after its first day: what comes of it explains, it does not confirm"
    return f"Registered on {entry.registered:%-d %B %Y, %H:%M} UTC{late}."


def _read(entry: Entry) -> str:
    if entry.outcome_on is None:
        return f" Open: its result is read from {entry.read:%-d %B %Y}."
    return f" First read on {entry.outcome_on:%-d %B %Y}: {_CAME.get(entry.outcome, entry.outcome)}."
