"""The Dash app of a workspace: pages, callbacks, downloads, health."""

from __future__ import annotations

import contextlib
import html
import importlib
import logging
import mimetypes
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import dash
import flask
from dash import Dash

from postlens.app.blocks.render import card
from postlens.app.clients import Clients
from postlens.app.imports import import_page
from postlens.app.web import access, downloads, jump_targets, pictures, scripts
from postlens.app.web.brief import page as brief
from postlens.app.web.glossary import GLOSSARY, glossary_page
from postlens.app.web.jobs import Jobs
from postlens.app.web.panel import callbacks, custom_page, layout
from postlens.app.web.posts import drawer, posts_page
from postlens.app.web.shell import DATA, HOME, IMPORT, POSTS, path_of, shell
from postlens.core.ask.request import MOVED
from postlens.core.contract import Panel
from postlens.core.contract.problems import reraise_fatal

log = logging.getLogger(__name__)
_LOGO_TYPES = {".svg", ".png", ".jpg", ".jpeg"}


def create_app(clients: Clients, token: str = "", host: str = "localhost") -> Dash:
    """Assemble the app of a deployment: its panels, for whichever workspace a request is about.

    Scans posts, never collects them, so a server may fork afterwards.

    Args:
        clients: the posts of whoever asks.
        token: what a browser must have brought once; empty asks for none.
        host: the address that is listened on.
    """
    workspace = clients.workspace()
    brand = workspace.deployment.config.brand
    scripts.leave_for_later()
    dash.page_registry.clear()  # Dash keeps pages in a global; another app in this process must not leak into this one.
    app = _App(
        __name__,
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        title=brand.name,
        update_title="",
        assets_folder=str(Path(__file__).parents[1] / "assets"),
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        assets_path_ignore=scripts.LATER,
        index_string=_INDEX.replace("{addresses}", scripts.addresses()),
        include_pages_meta=False,
        enable_mcp=False,
    )
    frames = custom_page.connect(app, clients)
    _register_pages(clients, frames)
    app.layout = lambda: shell(clients.workspace(), drawer.drawer())
    jobs = Jobs(limit=workspace.deployment.config.server.seconds)
    draws = Jobs(limit=min(180, workspace.deployment.config.server.seconds))
    callbacks.connect(app, clients, jobs, draws)
    brief.connect(app, clients, jobs, draws)
    if workspace.deployment.config.data.upload_mb:
        import_page.connect(app, clients)
    access.guard(app.server, workspace.deployment.config, token, host)
    access.check_questions(app)
    _add_routes(app, clients, jobs, draws)
    _add_styles(app.server, frames)
    scripts.send_small(app.server)
    _set_up(app)
    return app


def _set_up(app: Dash) -> None:
    """What Dash leaves for the first question: of two at once, the second would meet callbacks that are half there."""
    with app.server.test_request_context():
        app.server.preprocess_request()


class _App(Dash):
    """Dash, with the title of the page as text: it writes what it is given into the page."""

    def interpolate_index(self, **parts: Any) -> Any:  # type: ignore[override]
        return super().interpolate_index(**{**parts, "title": html.escape(parts["title"])})  # type: ignore[no-untyped-call]


@cache
def _import_pandas_if_installed() -> None:
    """Import pandas before threads share it; every question waits for it, the start does not.

    Postlens does not need it, but scikit-learn imports it where it is installed, and Plotly takes it from `sys.modules`
    also while another thread is half-way through that import.
    """
    with contextlib.suppress(ImportError):
        importlib.import_module("pandas")


_INDEX = """<!DOCTYPE html>
<html lang="en" {addresses}>
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""


def _register_pages(clients: Clients, frames: Mapping[str, custom_page.CustomFrame]) -> None:
    workspace = clients.workspace()
    name = workspace.deployment.config.brand.name
    taken = {HOME, POSTS, DATA, IMPORT, GLOSSARY}
    dash.register_page(
        "postlens.posts",
        path=POSTS,
        name="Posts",
        title=f"Posts - {name}",
        layout=_safe("posts", lambda query: posts_page.posts_page(clients.workspace(), query)),
    )
    if workspace.deployment.config.data.upload_mb:
        dash.register_page(
            "postlens.import",
            path=IMPORT,
            name="Import",
            title=f"Import - {name}",
            layout=_safe("import", lambda _query: import_page.import_page(clients.workspace())),
        )
    dash.register_page(
        "postlens.home",
        path=HOME,
        name="Brief",
        title=name,
        layout=_safe("home", lambda query: brief.brief_page(clients.workspace(), query)),
    )
    dash.register_page(
        "postlens.data",
        path=DATA,
        name="Data",
        title=f"Data - {name}",
        layout=_safe("data", lambda _query: layout.data_page(clients.workspace())),
    )
    dash.register_page(
        "postlens.glossary",
        path=GLOSSARY,
        name="Glossary",
        title=f"Glossary - {name}",
        layout=_safe("glossary", lambda _query: glossary_page(clients.workspace())),
    )
    for record in workspace.registry.records:
        for panel in record.offer.panels:
            taken.add(path_of(panel.id))
            made = _safe(panel.id, _panel_layout(clients, panel, frames.get(panel.id)))
            dash.register_page(
                f"postlens.{panel.id}",
                path=path_of(panel.id),
                name=panel.title,
                title=f"{panel.title} - {name}",
                layout=made,
            )
        if record.state == "failed" and path_of(record.name) not in taken:
            taken.add(path_of(record.name))
            made = _safe(record.name, lambda _query, record=record: layout.failed_page(record))  # type: ignore[misc]
            dash.register_page(
                f"postlens.failed.{record.name}",
                path=path_of(record.name),
                name=record.name,
                title=f"{record.name} - {name}",
                layout=made,
            )
    dash.register_page(
        "not_found_404", title=name, layout=_safe("missing", lambda _query: layout.missing_page(clients.workspace()))
    )


def opens(clients: Clients, panel: str) -> bool:
    """Whether the page of a panel is made, and its callbacks connected, without a card that says what went wrong."""
    create_app(clients)
    return "pl-empty-crash" not in str(dash.page_registry[f"postlens.{panel}"]["layout"]())


def _panel_layout(
    clients: Clients, panel: Panel[Any, Any], frame: custom_page.CustomFrame | None
) -> Callable[[dict[str, Any]], Any]:
    return lambda query: layout.panel_page(clients.workspace(), panel, query, frame)


def _safe(name: str, layout: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    """A layout that takes any query and never raises: one page's bug is not another page's."""

    def page(**query: Any) -> Any:
        try:
            return layout(query)
        except BaseException as error:
            reraise_fatal(error)
            log.exception("page failed page=%s", name)
            return card(
                "This page has a problem",
                ["It could not be shown. The other pages work.", "The log has the details."],
                kind="crash",
            )

    return page


def _add_leave(server: flask.Flask, *jobs: Jobs) -> None:
    @server.post("/leave")
    def leave() -> flask.Response:
        """A page was closed: nobody waits for what it asked."""
        watcher = flask.request.args.get("watcher", "")
        for each in jobs:
            each.gone(watcher)
        return flask.Response(status=204)


def _add_routes(app: Dash, clients: Clients, jobs: Jobs, draws: Jobs) -> None:
    server: flask.Flask = app.server

    @server.get("/healthz")
    def healthz() -> flask.Response:
        workspace = clients.workspace()
        state = {
            "status": "ok",
            "posts": workspace.dataset.posts,
            "panels": list(workspace.registry.panels),
            "failed": [r.name for r in workspace.registry.failed],
        }
        return flask.jsonify(state)

    @server.get("/jump.json")
    def jump() -> flask.Response:
        return flask.jsonify(jump_targets.places(clients.workspace()))

    @server.get("/brand-logo")
    def brand_logo() -> Any:
        workspace = clients.workspace()
        logo = workspace.deployment.folder / workspace.deployment.config.brand.logo
        if logo.suffix.lower() not in _LOGO_TYPES or not logo.is_file():
            flask.abort(404)
        return flask.send_file(logo.resolve(), mimetype=mimetypes.guess_type(logo.name)[0])

    @server.get(f"{pictures.ADDRESS}<name>")
    def picture(name: str) -> flask.Response:
        return pictures.answer(clients.workspace(), name)

    for old, new in clients.workspace().registry.moved.items():
        _add_moved(server, old, new)
    _add_leave(server, jobs, draws)
    downloads.connect(server, clients, jobs)
    _add_headers(server)


def _add_moved(server: flask.Flask, old: str, new: str) -> None:
    """Links to a panel's earlier address lead to where it is now, which says so."""

    def moved() -> Any:
        query = [*flask.request.args.items(multi=True), (MOVED, old)]
        return flask.redirect(f"{path_of(new)}?{urlencode(query)}")

    server.add_url_rule(path_of(old), f"moved {old}", moved)


def _add_styles(server: flask.Flask, frames: Mapping[str, custom_page.CustomFrame]) -> None:
    """The CSS of custom pages."""

    @server.get(f"{custom_page.STYLES}<panel>.css")
    def style(panel: str) -> flask.Response:
        if panel not in frames or not frames[panel].style:
            flask.abort(404)
        return flask.Response(frames[panel].style, mimetype="text/css")


def _add_headers(server: flask.Flask) -> None:
    @server.before_request
    def pandas_first() -> None:
        if flask.request.method == "POST" or flask.request.path != "/":
            _import_pandas_if_installed()

    @server.after_request
    def secure(response: flask.Response) -> flask.Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if flask.request.path.startswith(("/download/", "/_dash-update-component", "/healthz", "/jump.json")):
            response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'"
        )
        return response
