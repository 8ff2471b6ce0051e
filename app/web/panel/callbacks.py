"""What happens when a control changes: one callback for each panel, made by the host."""

from __future__ import annotations

import logging
from collections import OrderedDict
from threading import Lock
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from postlens.app.blocks.render import Page, actions, card, render
from postlens.app.clients import Clients
from postlens.app.export import events
from postlens.app.export.formats import FORMATS
from postlens.app.web import links
from postlens.app.web.filters import edits, filter_bar
from postlens.app.web.filters.controls import control_id
from postlens.app.web.jobs import Jobs, TooLong, outcome
from postlens.app.web.panel import registering, settings_form
from postlens.app.web.panel.cards import PATIENCE, changed, crash, progress, receipt, stale, too_long
from postlens.app.web.posts import posts_page
from postlens.app.web.posts.counting import count_words
from postlens.app.workspace import Workspace
from postlens.core.ask import settings
from postlens.core.ask.cache import remember
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Crashed, Done, Outcome, Refused, crashed
from postlens.core.ask.request import Request, Selection, read_form
from postlens.core.contract import Panel
from postlens.core.contract.blocks import Block
from postlens.core.contract.problems import Cancelled, Problem, reraise_fatal

_QUICK = 0.25  # Seconds a request waits for its answer before the page shows progress.
log = logging.getLogger(__name__)
_PAGES = 32  # Of each panel, kept as drawn.
_DRAWING = 5.0  # Seconds for what is quick for every well-behaved panel; longer work is asked for again.
_EMPTY_TITLES = {
    "no data": "There are no posts",
    "filtered away": "No post passes the filters",
    "column missing": "A column is missing",
    "too few posts": "Too few posts",
    "cannot tell": "These posts cannot answer that",
}


def connect(app: Dash, clients: Clients, jobs: Jobs, draws: Jobs) -> None:
    """Add every callback of the app. Which panels there are is the deployment's; whose posts, each request's.

    Args:
        app: the app.
        clients: whose posts there are.
        jobs: where answers are computed.
        draws: where pages are drawn and posts counted: quick work has places of its own, and no panel's code runs in the
            threads that answer browsers.
    """
    panels = clients.workspace().registry.panels
    for panel in panels.values():
        _connect_panel(app, clients, jobs, draws, panel)
        edits.connect(app, clients, panel.id, own_page=panel.page is not None)
    registering.connect(app, clients)
    posts_page.connect(app, clients, ["brief", *panels], draws)
    _connect_shell(app, list(panels))


def _connect_shell(app: Dash, panels: list[str]) -> None:
    own = {"namespace": "postlens"}
    app.clientside_callback(
        ClientsideFunction(**own, function_name="scheme"),
        Output("theme", "forceColorScheme"),
        Output("scheme", "data"),
        Input("scheme-choice", "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(**own, function_name="restoreScheme"),
        Output("scheme-choice", "value"),
        Input("theme", "id"),
        State("scheme", "data"),
    )
    app.clientside_callback(
        ClientsideFunction(**own, function_name="burger"),
        Output("shell", "navbar"),
        Output("burger", "opened"),
        Input("burger", "opened"),
        Input("_pages_location", "pathname"),
        State("shell", "navbar"),
    )
    app.clientside_callback(
        ClientsideFunction(**own, function_name="writeLink"), Output("query", "id"), Input("query", "data")
    )
    links = [f"nav-{panel}" for panel in panels]
    app.clientside_callback(
        ClientsideFunction(**own, function_name="carryFilters"),
        [Output(link, "href") for link in ("nav-home", "nav-posts", *links)],
        Input("shared", "data"),
        Input("_pages_location", "pathname"),
        [State(link, "href") for link in ("nav-home", "nav-posts", *links)],
    )


def _connect_panel(app: Dash, clients: Clients, jobs: Jobs, draws: Jobs, panel: Panel[Any, Any]) -> None:
    pid = panel.id
    fields = panel.params.model_fields
    controls = {n: Input(settings_form.setting_id(pid, n), settings_form.value_property(f)) for n, f in fields.items()}
    bar = {**control_id(pid, ""), "name": ALL}
    picks = {n: settings.pick_of(f) for n, f in fields.items()}
    levels = [n for n, p in picks.items() if p and p.kind == "level"]
    app.callback(
        output={
            "result": Output(f"{pid}-result", "children"),
            "status": Output(f"{pid}-status", "children"),
            "count": Output(f"{pid}-count", "children"),
            "chips": Output(f"{pid}-chips", "children"),
            "reset": Output(f"{pid}-reset", "style"),
            "actions": Output(f"{pid}-actions", "children"),
            "stop": Output(f"{pid}-cancel", "style"),
            "poll": Output(f"{pid}-poll", "data"),
            "asked": Output(f"{pid}-asked", "data"),
            "query": Output("query", "data", allow_duplicate=True),
            "shared": Output("shared", "data", allow_duplicate=True),
            "level_data": {n: Output(settings_form.setting_id(pid, n), "data") for n in levels},
            "level_values": {n: Output(settings_form.setting_id(pid, n), "value") for n in levels},
            "boxes": {n: Output(f"{settings_form.setting_id(pid, n)}-box", "style") for n in fields},
            "own": _own_outputs(panel),
        },
        inputs={
            "values": controls,
            "bar": Input(bar, "value"),
            "extra": Input(f"{pid}-extra", "data"),
            "_cancel": Input(f"{pid}-cancel", "n_clicks"),
            "tick": Input(f"{pid}-tick", "data"),
            "_run": Input(f"{pid}-run", "n_clicks"),
        },
        state={
            "ids": State(bar, "id"),
            "link": State(f"{pid}-link", "data"),
            "asked": State(f"{pid}-asked", "data"),
            "watcher": State("watcher", "data"),
        },
        prevent_initial_call="initial_duplicate",
    )(_Updater(clients, jobs, draws, panel, levels))
    # One question after the other: an interval would ask again while the last answer is still being drawn. The
    # script sets the tick by itself, because Dash refuses two callbacks that feed each other.
    app.clientside_callback(
        ClientsideFunction("postlens", "poll"),
        Output(f"{pid}-poll", "id"),
        Input(f"{pid}-poll", "data"),
        State(f"{pid}-tick", "id"),
        prevent_initial_call=True,
    )


def _own_outputs(panel: Panel[Any, Any]) -> dict[str, Output]:
    """What a custom page is told: which answer there is, and whether to show itself."""
    if panel.page is None:
        return {}
    return {"answer": Output(f"{panel.id}-own-answer", "data"), "style": Output(f"{panel.id}-own", "style")}


def _stopped() -> Any:
    return card("Cancelled", ["The computation was stopped.", "Press Run or change a setting to start again."])


def _kind(engine: Engine, request: Request) -> str:
    """What work counts as: a derived column that hangs takes the places of its own questions, not those of the panel."""
    return " ".join((request.panel, *engine.made_for(request)))


_LONGEST, _MOST_PROBLEMS = 500, 20


class _Updater:
    """The callback of one panel: reads the controls, asks, and shows what there is so far."""

    __name__ = "update"

    def __init__(self, clients: Clients, jobs: Jobs, draws: Jobs, panel: Panel[Any, Any], levels: list[str]) -> None:
        self.clients, self.jobs, self.draws, self.panel, self.levels = clients, jobs, draws, panel, levels
        self._drawn: OrderedDict[tuple[str, ...], Any] = OrderedDict()
        self._lock = Lock()

    def __call__(
        self,
        values: dict[str, Any],
        bar: list[Any],
        extra: list[list[str]] | None,
        _cancel: int | None,
        tick: int | None,
        _run: int | None,
        ids: list[dict[str, str]],
        link: dict[str, Any],
        asked: dict[str, Any] | None,
        watcher: str | None,
    ) -> dict[str, Any]:
        engine = self.clients.workspace().engine
        if link.get("posts", engine.dataset.fingerprint) != engine.dataset.fingerprint:
            return {**self._unchanged(), **self._cancelled(), "status": changed(), "asked": asked}
        request, problems = self._request(engine, values, filter_bar.values_of(ids, bar), extra or [], link)
        key = engine.key(request)
        causes = list(ctx.triggered_prop_ids.values())  # A click and a tick of one moment come together.
        ticked = causes == [f"{self.panel.id}-tick"]
        asked = asked or {}
        if f"{self.panel.id}-cancel" in causes and asked.get("key"):
            self.jobs.leave(asked["key"], watcher or "")
            return {**self._unchanged(), **self._cancelled(), "asked": {**asked, "cancelled": True}}
        if ticked and asked.get("cancelled"):
            return {**self._unchanged(), **self._cancelled(), "asked": asked}
        if asked.get("key") and asked["key"] != key:
            self.jobs.leave(asked["key"], watcher or "")
        told = [str(p)[:_LONGEST] for p in link.get("problems", [])[:_MOST_PROBLEMS]]  # A browser says them.
        said = [str(p) for p in problems] + (told if not asked else [])
        result, status, running = self._answer(
            engine, request, key, first=not asked, ticked=ticked, watcher=watcher or "", problems=said
        )
        job = self.jobs.find(key) if running else None
        seconds = job.seconds if job else 0.0
        # A tick that overtakes the answer to a change is the only one the browser takes.
        if ticked and asked.get("key") == key:
            frame = self._unchanged()
            if not running:
                frame["count"] = self._count(engine, request, watcher or "")
        else:
            frame = self._frame(engine, request, watcher or "")
        return {
            **frame,
            "own": self._own(engine, request, key),
            "result": result,
            "status": status,
            "poll": (tick or 0) + 1 if running else None,
            "stop": {} if running and seconds >= PATIENCE else {"display": "none"},
            "asked": {"key": key},
        }

    def _cancelled(self) -> dict[str, Any]:
        said = (
            "Stopped. What is below is the earlier result, if there is one. Press Run or change a setting to compute."
        )
        own = {} if self.panel.page is None else dict.fromkeys(("answer", "style"), no_update)
        return {
            "own": own,
            "result": no_update,
            "status": stale(said),
            "poll": None,
            "stop": {"display": "none"},
        }

    def _own(self, engine: Engine, request: Request, key: str) -> dict[str, Any]:
        if self.panel.page is None:
            return {}
        there = engine.cached(request) is not None
        return {"answer": {"key": key} if there else None, "style": {} if there else {"display": "none"}}

    def _request(
        self, engine: Engine, values: dict[str, Any], bar: dict[str, Any], extra: list[list[str]], link: dict[str, Any]
    ) -> tuple[Request, list[Problem]]:
        columns = links.columns_of_store(engine, link)
        chosen = filter_bar.read(bar, extra, engine, engine.schema(columns))
        return read_form(engine, self.panel, values, Selection(filters=chosen, columns=columns))

    def _answer(
        self,
        engine: Engine,
        request: Request,
        key: str,
        *,
        first: bool,
        ticked: bool,
        watcher: str,
        problems: list[str],
    ) -> tuple[Any, Any, bool]:
        """Result, status line, and whether the work goes on."""
        if engine.cached(request) is not None:
            return self._show(engine, request, engine.answer(request), problems, watcher)
        pressed = f"{self.panel.id}-run" in ctx.triggered_prop_ids.values()
        if pressed:
            self.jobs.drop(key)
        job = self.jobs.find(key)
        if self.panel.slow and not (first or pressed or job):
            return (
                no_update,
                stale(
                    "Settings have changed. Press Run to compute again; what is below is the earlier result, if there is one."
                ),
                False,
            )
        job = self.jobs.ask(
            key,
            lambda progress, cancelled: engine.answer(request, progress=progress, cancelled=cancelled),
            watcher,
            kind=_kind(engine, request),
        )
        try:
            found = outcome(job, 0 if ticked else _QUICK)
        except Cancelled:
            self.jobs.drop(key)
            return _stopped(), "", False
        except TooLong as error:
            return too_long(error), "", False
        if found is None:
            return no_update, progress(job.done, job.step, job.seconds), True
        self.jobs.drop(key)
        return self._show(engine, request, found, problems, watcher)

    def _show(
        self, engine: Engine, request: Request, found: Outcome, problems: list[str], watcher: str
    ) -> tuple[Any, Any, bool]:
        match found:
            case Refused():
                return card(_EMPTY_TITLES[found.kind], [found.reason, found.hint]), "", False
            case Crashed():
                return crash(found), "", False
            case Done():
                page = self._page(engine, request, found, problems, watcher)
                return (page, "", False) if page is not None else (no_update, progress(1.0, "Drawing", 0.0), True)

    def _page(self, engine: Engine, request: Request, done: Done, problems: list[str], watcher: str) -> Any:
        """The page of an answer; None while it is drawn. That costs more than finding the answer: the latest are kept."""
        workspace = self.clients.workspace()
        registered = registering.register_of(workspace).version
        key = (engine.key(request), links.link(engine, request), registered, *problems)
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        name = "page " + "|".join(key)
        job = self.draws.ask(
            name, lambda _said, _stop: self._draw(workspace, request, done, problems), watcher, self.panel.id
        )
        try:
            page = outcome(job, _DRAWING)
        except Cancelled:
            self.draws.drop(name)
            return _stopped()
        except TooLong as error:
            return too_long(error)
        if page is None:
            return None
        self.draws.drop(name)
        if isinstance(page, list):  # What crashed is tried again.
            with self._lock:
                remember(self._drawn, key, page, _PAGES)
        return page

    def _draw(self, workspace: Workspace, request: Request, done: Done, problems: list[str]) -> Any:
        blocks = workspace.engine.blocks(self.panel, done)
        if isinstance(blocks, Crashed):
            return crash(blocks)
        try:
            return self._shown(workspace, request, done, problems, blocks)
        except BaseException as error:
            reraise_fatal(error)
            return crash(
                crashed(f'The panel "{self.panel.title}" could not show its result.', self.panel.id, "render", error)
            )

    def _shown(
        self, workspace: Workspace, request: Request, done: Done, problems: list[str], blocks: list[Block]
    ) -> Any:
        engine = workspace.engine
        base = links.link(engine, request)
        page = Page(
            panel=self.panel.id,
            download=lambda name, ending: f"/download/{self.panel.id}/{name}.{ending}{base}",
            schema=engine.schema(request.columns),
            endings=tuple(FORMATS),
            moments=(events.ENDING,),
            link=lambda link: links.next_link(engine, request, link),
            plan=registering.card(workspace, self.panel.id, registering.whole_link(engine, request)),
        )
        notes = [
            html.Div(html.P(text), className="pl-notice pl-notice-caution", role="note")
            for text in (*problems, *map(str, done.notes))
        ]
        return [
            *notes,
            *(render(blocks, page) if self.panel.page is None else ()),
            *registering.listing(workspace, self.panel.id),
            receipt(done, page, labelled=engine.posts_table(request, done) is not None),
        ]

    def _count(self, engine: Engine, request: Request, watcher: str) -> str:
        """How many posts there are; a filter on a derived column makes that column, which may take its time."""
        ignored = set(request.filters.columns() & set(self.panel.needs.ignores))
        filters = request.filters.without(ignored)
        name = f"count {engine.key(request)}"
        kind = f"count {_kind(engine, request)}"
        job = self.draws.ask(name, lambda _said, _stop: count_words(engine, filters, request.columns), watcher, kind)
        try:
            said: str | None = outcome(job, _DRAWING)
        except Cancelled:
            self.draws.drop(name)
            return "Counting was stopped"
        except TooLong:
            return "Counting took too long"
        except BaseException as error:
            reraise_fatal(error)
            log.exception("counting failed panel=%s", self.panel.id)
            self.draws.drop(name)
            return "Posts could not be counted"
        if said is None:
            return "Counting ..."
        self.draws.drop(name)
        return said

    def _frame(self, engine: Engine, request: Request, watcher: str) -> dict[str, Any]:
        """Everything around the result: count, chips, link, choices that depend on others."""
        schema = engine.schema(request.columns)
        resolved, _ = settings.resolve(request.params, schema)
        current = resolved.model_dump(mode="json")
        fields = self.panel.params.model_fields
        ignored = sorted(request.filters.columns() & set(self.panel.needs.ignores))
        active = filter_bar.chips(self.panel.id, request.filters, schema, ignored)
        return {
            "count": self._count(engine, request, watcher),
            "actions": actions(self.panel.id, links.link(engine, request)),
            "chips": active,
            "reset": {} if active else {"display": "none"},
            "query": links.link(engine, request),
            "shared": links.shared(engine, request),
            "level_data": {n: settings_form.options(settings.pick_of(fields[n]), schema, current) for n in self.levels},  # type: ignore[arg-type]
            "level_values": {n: current[n] for n in self.levels},
            "boxes": {n: {} if settings_form.visible(f, current) else {"display": "none"} for n, f in fields.items()},
        }

    def _unchanged(self) -> dict[str, Any]:
        keep = dict.fromkeys(self.levels, no_update)
        boxes = dict.fromkeys(self.panel.params.model_fields, no_update)
        names = ("count", "chips", "reset", "actions", "query", "shared")
        return {**dict.fromkeys(names, no_update), "level_data": keep, "level_values": dict(keep), "boxes": boxes}
