"""The tests in the register, on the Brief: which are running, which can be read, and what came of the others."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import html

from postlens.app.web.shell import path_of
from postlens.app.workspace import Workspace
from postlens.core.ask.register import NAME, Entry, Register

_SHOWN = 3
_CAME = {"open": "not told"}


def section(workspace: Workspace) -> Any:
    """The tests in the register, the newest first, and what came of them; nothing where there are none."""
    entries, _ = Register(workspace.deployment.store / NAME).entries()
    own = [entry for entry in entries if entry.panel in workspace.registry.panels]
    if not own:
        return html.Div()
    newest = workspace.dataset.last_day
    items = [
        html.Li(
            [html.A(entry.title, href=f"{path_of(entry.panel)}{entry.link}"), html.Span(f" {_came(entry, newest)}")]
        )
        for entry in own[:_SHOWN]
    ]
    some = f" The newest {_SHOWN} of {len(own)}." if len(own) > _SHOWN else ""
    hint = f"What was planned before its posts can confirm or refute; what stands above explores.{some}"
    return html.Section(
        [
            html.H2("Tests in the register"),
            html.P(hint, className="pl-hint"),
            html.Ul(items, className="pl-card pl-trials"),
        ],
        className="pl-section",
    )


def _came(entry: Entry, newest: date | None) -> str:
    if entry.outcome:
        late = "" if entry.in_time else " It was registered after its first day, so it explores as well."
        return f"{_CAME.get(entry.outcome, entry.outcome).capitalize()}.{late}"
    if newest is not None and newest >= entry.read:
        return "Its posts are there: open it to read the result."
    if newest is not None and newest >= entry.first:
        return f"It is running, until {entry.read:%-d %B %Y}."
    return f"It begins on {entry.first:%-d %B %Y}."
