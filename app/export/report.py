"""A page as one file: to print, to send, to keep. No server, no network, the same numbers with their receipt."""

from __future__ import annotations

import base64
import html as escaping
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from postlens.app.blocks.render import Page, escape_markup, render
from postlens.app.export.charts_script import script_for
from postlens.app.export.static_html import FIGURES, kinds_drawn, to_html
from postlens.app.workspace import Workspace
from postlens.core.ask import filters as filtering
from postlens.core.ask.outcome import Done
from postlens.core.ask.request import Request
from postlens.core.contract import Panel
from postlens.core.contract.blocks import Block, Chart
from postlens.core.data.pictures import Pictures

_STYLE = Path(__file__).parents[1] / "assets" / "postlens.css"
_ALONE = """
:root { --mantine-color-gray-3: #dee2e6; --mantine-primary-color-filled: #4263eb; --mantine-color-anchor: #364fc7; }
body { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #1d1f23; margin: 0 auto; max-width: 1100px; padding: 1.5rem; background: #fff; }
.pl-report-head { margin-bottom: 1.2rem; } .pl-report-head p { color: #5a6069; margin-top: .3rem; }
.pl-figure { width: 100%; }
@media print { body { max-width: none; padding: 0; } .pl-card, .pl-chart, .pl-stat { break-inside: avoid; } @page { margin: 14mm; } }
"""


def page_report(workspace: Workspace, panel: Panel[Any, Any], request: Request, done: Done, blocks: list[Block]) -> str:
    """The whole page as self-contained HTML."""
    engine = workspace.engine
    schema = engine.schema(request.columns)
    page = Page(panel=panel.id, download=lambda _name, _ending: "", schema=schema)
    config = workspace.deployment.config
    posts = f"{done.receipt.rows['matched']:,} of {done.receipt.rows['posts']:,} posts"
    head = _head(
        workspace,
        panel.title,
        panel.summary,
        posts,
        filtering.describe(request.filters, schema),
        computed=datetime.fromisoformat(done.receipt.computed),
    )
    receipt = json.dumps(asdict(done.receipt), indent=1, ensure_ascii=False, default=str)
    tail = (
        "<details class='pl-details'><summary>Reproducibility details: what it takes to get the same numbers again</summary>"
        f"<pre style='white-space:pre-wrap'>{_text(receipt)}</pre></details>"
    )
    body = f"{head}<main class='pl-stack'>{to_html(render(blocks, page))}{tail}</main>"
    return document(f"{panel.title} - {config.brand.name}", body)


def brief_report(workspace: Workspace, count: str, filters: Sequence[str], parts: Sequence[Any]) -> str:
    """The Brief as self-contained HTML; it links to nothing on the server."""
    config = workspace.deployment.config
    title = config.data.client or workspace.dataset.name
    head = _head(workspace, title, "Brief", count, filters, computed=datetime.now(UTC))
    body = _with_pictures(to_html(parts), workspace.pictures)
    return document(f"{title} - {config.brand.name}", f"{head}<main class='pl-stack pl-brief'>{body}</main>")


_PICTURE = re.compile(r'<img [^>]*src="/pictures/([^"]+)"[^>]*>')


def _with_pictures(body: str, pictures: Pictures) -> str:
    """The page with the pictures themselves in place of their addresses; large ones are left out, which is said."""
    room = _ALL_PICTURES

    def inside(found: re.Match[str]) -> str:
        read = pictures.read(unquote(escaping.unescape(found[1])))
        if read is None:
            return ""
        nonlocal room
        if len(read[0]) > min(_LARGEST_PICTURE, room):
            return f'<span class="pl-hint">(Its picture of {len(read[0]) / 1e6:.1f} MB is left out.) </span>'
        room -= len(read[0])
        data = f"data:{read[1]};base64,{base64.b64encode(read[0]).decode()}"
        return f'<img class="pl-picture" alt="" src="{data}">'

    return _PICTURE.sub(inside, body)


_LARGEST_PICTURE, _ALL_PICTURES = 2_000_000, 10_000_000  # Bytes; a report is sent by mail.


def _head(
    workspace: Workspace, title: str, summary: str, posts: str, filters: Sequence[str], *, computed: datetime
) -> str:
    client = workspace.deployment.config.data.client
    facts = [
        client if client != title else "",
        f"{workspace.dataset.name}, {posts}" if workspace.dataset.name != title else posts,
        f"Filters: {'; '.join(filters)}" if filters else "No filters",
        f"Time zone {workspace.dataset.timezone.key}",
        f"Computed {computed:%Y-%m-%d %H:%M} UTC",
    ]
    return (
        f"<header class='pl-report-head'><h1>{_text(title)}</h1><p>{_text(summary)}</p>"
        f"<p>{_text('. '.join(f for f in facts if f))}.</p></header>"
    )


def chart_file(chart: Chart) -> str:
    """One chart, with its sentence, as self-contained HTML."""
    from dash import dcc

    figure = to_html(dcc.Graph(figure=escape_markup(chart.figure.to_plotly_json())))
    return document(chart.title, f"<main><h1>{_text(chart.title)}</h1><p>{_text(chart.takeaway)}</p>{figure}</main>")


def document(title: str, body: str) -> str:
    """A page with everything it needs inside."""
    kinds = kinds_drawn(body)
    drawn = f"<script>{script_for(kinds)}</script><script>{FIGURES}</script>" if kinds else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE.read_text('utf-8')}{_ALONE}</style></head><body>{body}{drawn}</body></html>"
    )


def _text(text: str) -> str:
    return escaping.escape(text, quote=False)
