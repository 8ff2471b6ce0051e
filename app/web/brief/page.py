"""The page Brief: what is quick at once, the findings when they are there."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html

from postlens.app.blocks.aria import aria, data
from postlens.app.blocks.render import card
from postlens.app.clients import Clients
from postlens.app.export.report import brief_report
from postlens.app.web import links
from postlens.app.web.brief import cards, registered
from postlens.app.web.filters import edits, filter_bar
from postlens.app.web.filters.controls import control_id
from postlens.app.web.jobs import Jobs, TooLong, outcome
from postlens.app.web.posts.counting import count_words
from postlens.app.web.shell import IMPORT
from postlens.app.workspace import Workspace
from postlens.core.ask.cache import remember
from postlens.core.ask.filters import Filters, Period, describe
from postlens.core.ask.findings import gather
from postlens.core.ask.periods import standing, usual_metric
from postlens.core.ask.request import Selection, column_pairs, selection_pairs
from postlens.core.contract.problems import Cancelled, CannotCompute, Problem, reraise_fatal

log = logging.getLogger(__name__)
PAGE = "brief"
_QUICK = 2.0  # Seconds the page waits for its first part.
_KEPT = 32  # Parts, as drawn.
_SHOWN = 4  # Of the best posts, and of the weakest.


def brief_page(workspace: Workspace, query: Mapping[str, Any]) -> Any:
    """The page with the filters of the link; its parts come by a callback."""
    if workspace.waiting:
        return dcc.Location(id=f"{PAGE}-import", pathname=IMPORT)
    engine, dataset = workspace.engine, workspace.dataset
    selection, problems = links.selection_of(engine, query)
    client = workspace.deployment.config.data.client
    return html.Div(
        [
            dcc.Store(id=f"{PAGE}-link", data={"hidden": [list(p) for p in column_pairs(engine, selection.columns)]}),
            dcc.Store(id=f"{PAGE}-poll"),
            dcc.Store(id=f"{PAGE}-tick"),
            html.Header(
                [
                    html.Div([html.H1(client or dataset.name), html.P(_what_is_here(workspace))]),
                    html.Div(id=f"{PAGE}-actions", className="pl-actions"),
                ],
                className="pl-title pl-title-row",
            ),
            *[_caution("Something in the config could not be used", str(p)) for p in workspace.problems],
            *[_caution(f"{r.name} did not load", r.reason) for r in workspace.registry.failed],
            *[html.Div(html.P(str(p)), className="pl-notice pl-notice-caution", role="note") for p in problems],
            filter_bar.bar(PAGE, engine, selection),
            html.Div(id=f"{PAGE}-status", className="pl-status", **aria(live="polite")),
            html.Div(_waiting(), id=f"{PAGE}-result", className="pl-stack pl-brief"),
        ],
        className="pl-stack pl-home",
        id=f"{PAGE}-page",
    )


def _what_is_here(workspace: Workspace) -> str:
    dataset, schema = workspace.dataset, workspace.dataset.schema
    parts = [f"{dataset.posts:,} posts"]
    for name, one, many in (("account_name", "account", "accounts"), ("platform", "network", "networks")):
        if name in schema and schema[name].levels:
            count = len(schema[name].levels)
            parts.append(f"{count:,} {one if count == 1 else many}")
    text = parts[0] if len(parts) == 1 else f"{parts[0]} of {' on '.join(parts[1:])}"
    period = f", {dataset.first_day:%-d %b %Y} to {dataset.last_day:%-d %b %Y}" if dataset.first_day else ""
    if not dataset.sample:
        return f"{text}{period}."
    drop = "drop your exports on the page Import, or " if workspace.deployment.config.data.upload_mb else ""
    made_up = (
        f" These posts are made up, to try Postlens with. To see your own, {drop}set [data] source in config.toml."
    )
    return f"{text}{period}.{made_up}"


def _caution(title: str, text: str) -> Any:
    return html.Div([html.Strong(title), html.P(text)], className="pl-notice pl-notice-caution", role="note")


def report(
    workspace: Workspace, query: Mapping[str, Any], say: Callable[[float, str], None], stop: Callable[[], bool]
) -> tuple[str, list[Problem]]:
    """The page as one file, for the filters of a link; and what of the link could not be used."""
    selection, problems = links.selection_of(workspace.engine, query)
    active = selection.filters
    how, posts, count = _quick_parts(workspace, active)
    what, trying = _findings(workspace, active, say, stop)
    told = describe(active, workspace.engine.schema(selection.columns))
    return brief_report(
        workspace, count, told, [how, what, posts, trying, registered.section(workspace), cards.trust(workspace)]
    ), problems


def _actions(query: str) -> list[Any]:
    """Share the page, or take it along."""
    return [
        html.Button("Share", type="button", className="pl-button", **data(share="yes")),
        html.A("Download", href=f"/download/{PAGE}/report.html{query}", download="", className="pl-button"),
    ]


def _waiting() -> Any:
    return html.Div([html.Div(className="pl-skeleton") for _ in range(3)], className="pl-stack", **aria(hidden="true"))


def connect(app: Dash, clients: Clients, jobs: Jobs, draws: Jobs) -> None:
    """The callbacks of the page."""
    edits.connect(app, clients, PAGE)
    bar = {**control_id(PAGE, ""), "name": ALL}
    app.callback(
        output={
            "result": Output(f"{PAGE}-result", "children"),
            "status": Output(f"{PAGE}-status", "children"),
            "poll": Output(f"{PAGE}-poll", "data"),
            "count": Output(f"{PAGE}-count", "children"),
            "chips": Output(f"{PAGE}-chips", "children"),
            "actions": Output(f"{PAGE}-actions", "children"),
            "reset": Output(f"{PAGE}-reset", "style"),
            "query": Output("query", "data", allow_duplicate=True),
            "shared": Output("shared", "data", allow_duplicate=True),
        },
        inputs={
            "bar": Input(bar, "value"),
            "extra": Input(f"{PAGE}-extra", "data"),
            "tick": Input(f"{PAGE}-tick", "data"),
        },
        state={"ids": State(bar, "id"), "link": State(f"{PAGE}-link", "data"), "watcher": State("watcher", "data")},
        prevent_initial_call="initial_duplicate",
    )(_Brief(clients, jobs, draws))
    app.clientside_callback(
        ClientsideFunction("postlens", "poll"),
        Output(f"{PAGE}-poll", "id"),
        Input(f"{PAGE}-poll", "data"),
        State(f"{PAGE}-tick", "id"),
        prevent_initial_call=True,
    )


class _Brief:
    """Reads the filters, asks for the parts, and shows those there are."""

    __name__ = "brief"

    def __init__(self, clients: Clients, jobs: Jobs, draws: Jobs) -> None:
        self.clients, self.jobs, self.draws = clients, jobs, draws
        self._drawn: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def __call__(
        self,
        bar: list[Any],
        extra: Any,
        tick: int | None,
        ids: list[dict[str, str]],
        link: dict[str, Any] | None,
        watcher: str | None,
    ) -> dict[str, Any]:
        workspace = self.clients.workspace()
        engine = workspace.engine
        columns = links.columns_of_store(engine, link)
        schema = engine.schema(columns)
        active = filter_bar.read(filter_bar.values_of(ids, bar), extra or [], engine, schema)
        pairs = selection_pairs(engine, Selection(filters=active, columns=columns))
        name = f"{workspace.dataset.fingerprint} {workspace.dataset.measured} {pairs}"
        who = watcher or ""
        first = self._part(self.draws, f"how {name}", lambda _s, _c: _quick_parts(workspace, active), who, _QUICK)
        rest = self._part(
            self.jobs, f"what {name}", lambda say, stop: _findings(workspace, active, say, stop), who, 0.2
        )
        chips = filter_bar.chips(PAGE, active, schema, ())
        running = first is None or rest is None
        how, posts, count = first or (_waiting(), "", "Counting ...")
        what, trying = rest[:2] if rest else (self._asking(f"what {name}"), "")
        return {
            "result": [how, what, posts, trying, registered.section(workspace), cards.trust(workspace)],
            "status": "",
            "poll": (tick or 0) + 1 if running else None,
            "count": count,
            "chips": chips,
            "actions": _actions(links.query(pairs)),
            "reset": {} if chips else {"display": "none"},
            "query": links.query(pairs),
            "shared": links.query(pairs),
        }

    def _part(self, jobs: Jobs, key: str, work: Callable[..., Any], watcher: str, seconds: float) -> Any:
        """A part of the page; None while it is made."""
        with self._lock:
            if key in self._drawn:
                return self._drawn[key]
        try:
            found = outcome(jobs.ask(key, work, watcher), seconds)
        except (Cancelled, TooLong):
            jobs.drop(key)
            return _apology(
                "It was stopped, so that others can go on. Choose fewer posts by the filters, or reload the page."
            )
        except BaseException as error:
            reraise_fatal(error)
            log.exception("brief failed part=%s", key[:5])
            jobs.drop(key)
            return _apology("It could not be made; the log has the details. The other pages may say more.")
        if found is not None:
            jobs.drop(key)
            with self._lock:
                remember(self._drawn, key, found, _KEPT)
        return found

    def _asking(self, key: str) -> Any:
        job = self.jobs.find(key)
        step = job.step if job else ""
        return html.Section(
            [html.H2("What works here"), html.P(f"{step} ...", className="pl-hint"), _waiting()], className="pl-section"
        )


def _apology(why: str) -> tuple[Any, Any, str]:
    return card("This part is not available", [why]), "", ""


def _quick_parts(workspace: Workspace, active: Filters) -> tuple[Any, Any, str]:
    """How we did, the posts that stood out, and how many posts there are."""
    engine = workspace.engine
    count = count_words(engine, active, {})
    if count.startswith("0 of"):
        return card("No post passes the filters", ["Widen or reset the filters."]), "", count
    try:
        found = standing(engine, active)
        how = cards.how_we_did(engine, active, found)
        metric = usual_metric(engine.dataset.schema)
        if not metric or "published" not in engine.dataset.schema:
            return how, "", count
        period = active.having(Period(since=found.since, until=found.until)) if found else active
        rows = workspace.browser.standouts(period, metric, _SHOWN)
        return how, cards.stood_out(workspace, rows, metric), count
    except CannotCompute as error:
        return card("These posts cannot be summed up", [error.reason, error.hint]), "", count


def _findings(
    workspace: Workspace, active: Filters, say: Callable[[float, str], None], stop: Callable[[], bool]
) -> tuple[Any, Any]:
    """What works, and what to try next."""
    engine = workspace.engine
    found = gather(engine, active, say, stop)
    return cards.what_works(engine, found), cards.to_try(engine, found)
