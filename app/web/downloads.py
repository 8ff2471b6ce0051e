"""Everything that can be taken along: tables, charts, the page as a report, and all of it with its receipt."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tempfile
import threading
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import flask
import polars as pl

from postlens.app.blocks.cells import moments_of
from postlens.app.blocks.render import find_table
from postlens.app.clients import Clients
from postlens.app.export import events, report, spreadsheet
from postlens.app.export.formats import FORMATS, SINKS
from postlens.app.web import links
from postlens.app.web.brief import page as brief
from postlens.app.web.jobs import Jobs, TooLong, Work, outcome
from postlens.app.web.posts import posts_page
from postlens.app.workspace import Workspace
from postlens.core.ask.derived_columns import ColumnCrash
from postlens.core.ask.filters import Period
from postlens.core.ask.outcome import Crashed, Done
from postlens.core.ask.post_pages import Browser
from postlens.core.ask.request import Request
from postlens.core.contract import Panel
from postlens.core.contract.blocks import Block, Chart, Table, walk
from postlens.core.contract.problems import Cancelled, CannotCompute, PostlensError

_WAITING = 4  # Downloads made or waited for at the same time; more would keep the threads that answer browsers.
_PATIENCE = 10  # Seconds.
_IN_LINE = 2  # Others that wait for one of them; whoever comes then is told at once.
TYPES = {name: kind.mimetype for name, kind in FORMATS.items()} | {
    events.ENDING: events.MIMETYPE,
    "html": "text/html",
    "json": "application/json",
    "zip": "application/zip",
}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A page whose parts are asked for."""

    workspace: Workspace
    panel: Panel[Any, Any]
    request: Request
    done: Done
    blocks: list[Block]

    def name(self, part: str, ending: str) -> str:
        """Client, panel, part, period, day of computing."""
        data = self.workspace.dataset
        active = self.request.filters
        chosen = active.first(Period) or Period()
        first, last = chosen.since or data.first_day, chosen.until or data.last_day
        period = f"{first}_{last}" if first else ""
        client = self.workspace.deployment.config.data.client
        words = spreadsheet.file_name(client, self.panel.id, part, period, "at", self.done.receipt.computed[:10])
        return f"{words}.{ending}"


def connect(server: flask.Flask, clients: Clients, jobs: Jobs) -> None:
    """Add the addresses of downloads, which are made among the other jobs: some at a time, and not for who has left."""
    waiting = threading.BoundedSemaphore(_WAITING)
    line = threading.BoundedSemaphore(_WAITING + _IN_LINE)
    of_panel: dict[str, threading.BoundedSemaphore] = defaultdict(lambda: threading.BoundedSemaphore(_WAITING - 1))

    @server.get("/download/<panel_id>/<name>.<ending>")
    def download(panel_id: str, name: str, ending: str) -> flask.Response:
        workspace, query = clients.workspace(), flask.request.args.to_dict(flat=False)
        own = of_panel[panel_id if panel_id in workspace.registry.panels else ""]
        with contextlib.ExitStack() as held:
            for gate, seconds in ((line, 0.0), (own, _PATIENCE), (waiting, _PATIENCE)):
                if not gate.acquire(timeout=seconds):
                    return _refused("Too many downloads are being made at the moment. Try again in a minute.", 503)
                held.callback(gate.release)
            return _made(
                jobs,
                panel_id,
                lambda _said, stop: _download(workspace, panel_id, name, ending, query, stop),
                flask.request.environ.get("waitress.client_disconnected", lambda: False),
            )


def _made(jobs: Jobs, kind: str, work: Work, left: Callable[[], bool]) -> flask.Response:
    """The download as a job of its own; it ends when the browser has left."""
    key = f"download {uuid4().hex}"
    try:
        while (found := outcome(jobs.ask(key, work, key, kind), 0.5)) is None:
            if left():
                break
    except (Cancelled, TooLong):
        found = _refused("This download took too long and was stopped. Choose fewer posts.", 503)
    finally:
        jobs.leave(key, key)
        jobs.drop(key)
    response: flask.Response = found or _refused("The browser has left.", 503)
    return response


def _download(
    workspace: Workspace, panel_id: str, name: str, ending: str, query: dict[str, Any], stop: Callable[[], bool]
) -> flask.Response:
    engine = workspace.engine
    if (panel_id, name, ending) == (brief.PAGE, "report", "html"):
        return _brief(workspace, query, stop)
    if (panel_id, name) == (posts_page.PAGE, "posts") and ending in FORMATS:
        return _listed(workspace, query, ending)
    try:
        panel = engine.registry.panel(panel_id)
    except PostlensError as error:
        return _refused(str(error), 404)
    if ending not in TYPES:
        return _refused(f'There is no download as "{ending[:20]}".', 404)
    request, problems = links.request_of(engine, panel, query)
    if problems:  # A download of other posts than were asked for would carry their name.
        return _refused(" ".join(map(str, problems)), 409)
    done = engine.answer(request, cancelled=stop)
    if not isinstance(done, Done):
        return _refused("These posts cannot answer that; open the page to see why.", 409)
    blocks = engine.blocks(panel, done)
    if isinstance(blocks, Crashed):
        return _refused(str(blocks.problem), 409)
    asked = _Asked(workspace=workspace, panel=panel, request=request, done=done, blocks=blocks)
    return _part(asked, name, ending)


def _brief(workspace: Workspace, query: dict[str, Any], stop: Callable[[], bool]) -> flask.Response:
    made, problems = brief.report(workspace, query, lambda _done, _step: None, stop)
    if problems:
        return _refused(" ".join(map(str, problems)), 409)
    client = workspace.deployment.config.data.client
    return _sent(
        made.encode(), f"{spreadsheet.file_name(client, 'brief', f'{datetime.now(UTC):%Y-%m-%d}')}.html", "html"
    )


def _listed(workspace: Workspace, query: dict[str, Any], ending: str) -> flask.Response:
    """The posts of a link, as the page Posts lists them."""
    engine, derived = workspace.engine, [name for value in query.pop(posts_page.SHOW, []) for name in value.split(",")]
    selection, problems = links.selection_of(engine, query)
    if problems:
        return _refused(" ".join(map(str, problems)), 409)
    try:
        posts = Browser(engine).listed(selection.filters, selection.columns, derived)
    except (CannotCompute, ColumnCrash):
        return _refused("A column cannot be made of these posts; open the page to see why.", 409)
    client = workspace.deployment.config.data.client
    title = f"{spreadsheet.file_name(client, 'posts', f'{datetime.now(UTC):%Y-%m-%d}')}.{ending}"
    if ending in SINKS:
        return _streamed(posts, title, ending)
    rows = posts.head(_SHEET + 1).collect(engine="streaming")
    if rows.height > _SHEET:
        return _refused(f"A spreadsheet takes up to {_SHEET:,} posts. Choose fewer, or take CSV.", 409)
    return _sent(FORMATS[ending].write(rows, "Posts"), title, ending)


_SHEET = 50_000  # Posts.


def _part(asked: _Asked, name: str, ending: str) -> flask.Response:
    match name, ending:
        case "posts", _ if ending in SINKS and (posts := _posts(asked)) is not None:
            return _streamed(posts, asked.name("posts", ending), ending)
        case "report", "html":
            return _sent(_report(asked), asked.name("report", "html"), "html")
        case "receipt", "json":
            return _sent(receipt_text(asked.done).encode(), asked.name("receipt", "json"), "json")
        case "all", "zip":
            return _sent(_archive(asked), asked.name("", "zip"), "zip")
        case _, "html" if (chart := _chart(asked.blocks, name)) is not None:
            return _sent(report.chart_file(chart).encode(), asked.name(name, "html"), "html")
        case _, events.ENDING if (table := find_table(asked.blocks, name)) is not None and moments_of(table.rows):
            return _sent(events.ics_bytes(labelled(table), table.title), asked.name(name, ending), ending)
        case _ if ending in FORMATS and (table := find_table(asked.blocks, name)) is not None:
            return _sent(FORMATS[ending].write(labelled(table), table.title), asked.name(name, ending), ending)
    return _refused(f'The page has no "{name[:60]}" as {ending}.', 404)


def _posts(asked: _Asked) -> pl.LazyFrame | None:
    return asked.workspace.engine.posts_table(asked.request, asked.done)


def _report(asked: _Asked) -> bytes:
    return report.page_report(asked.workspace, asked.panel, asked.request, asked.done, asked.blocks).encode()


def receipt_text(done: Done) -> str:
    """The receipt as `postlens replay` reads it."""
    return json.dumps(asdict(done.receipt), indent=1, ensure_ascii=False, default=str) + "\n"


def labelled(table: Table) -> pl.DataFrame:
    """The table under the headers that the page shows."""
    labels = {n: table.labels[n] for n in table.rows.columns if n in table.labels}
    once = len(set(labels.values()) | (set(table.rows.columns) - set(labels))) == table.rows.width
    return table.rows.rename(labels) if once else table.rows


def _chart(blocks: Sequence[Block], name: str) -> Chart | None:
    return next((b for b in walk(blocks) if isinstance(b, Chart) and b.table.name == name), None)


def _archive(asked: _Asked) -> bytes:
    """Report, receipt, and every table in each format that people open."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.html", _report(asked))
        archive.writestr("receipt.json", receipt_text(asked.done))
        seen: set[str] = set()
        for block in walk(asked.blocks):
            table = block.table if isinstance(block, Chart) else block
            if isinstance(table, Table) and table.name and table.name not in seen:
                seen.add(table.name)
                file = spreadsheet.file_name(table.name)
                for ending in (e for e, kind in FORMATS.items() if kind.archived):
                    content = FORMATS[ending].write(labelled(table), table.title)
                    archive.writestr(f"tables/{file}.{ending}", content)
    return buffer.getvalue()


def _streamed(posts: pl.LazyFrame, name: str, ending: str) -> flask.Response:
    """A table of any length: written to disk in pieces, then sent, then removed."""
    folder = tempfile.TemporaryDirectory(prefix="postlens-")
    path = Path(folder.name) / f"posts.{ending}"
    SINKS[ending](posts, path)
    size = path.stat().st_size

    def pieces() -> Iterator[bytes]:
        with folder, path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                yield piece

    response = flask.Response(pieces(), mimetype=TYPES[ending])
    response.content_length = size
    return _named(response, name)


def _sent(content: bytes, name: str, ending: str) -> flask.Response:
    return _named(flask.Response(content, mimetype=TYPES[ending]), name)


def _named(response: flask.Response, name: str) -> flask.Response:
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return response


def _refused(text: str, status: int) -> flask.Response:
    return flask.Response(text, status, mimetype="text/plain")
