"""What stands on a panel's page beside its blocks: progress, what went wrong, and what it takes to get the numbers again."""

from __future__ import annotations

from typing import Any

from dash import html
from dash_mantine_components import Progress

from postlens.app.blocks.aria import aria
from postlens.app.blocks.render import Page, card
from postlens.app.traces import developing
from postlens.app.web.jobs import Busy, TooLong
from postlens.core.ask.outcome import Crashed, Done

PATIENCE = 1.5  # Seconds before a progress bar and Cancel appear.


def stale(text: str) -> Any:
    """A line that says that what is below is of an earlier question."""
    return html.Div(text, className="pl-notice pl-notice-info")


def progress(done: float, step: str, seconds: float) -> Any:
    """How far the work is; after a moment with a bar."""
    if seconds < PATIENCE:
        return html.Div("Working ...", className="pl-working")
    return html.Div(
        [
            html.Div([html.Span(step), html.Span(f"{seconds:.0f} s")], className="pl-progress-line"),
            Progress(value=max(4, round(100 * done)), size="sm", **aria(label="Progress")),
        ],
        className="pl-working",
    )


def changed() -> Any:
    """Filters and settings of a page are those of the posts it was opened with."""
    link = html.A("Reload the page", href="")
    return html.Div(
        ["The posts have changed since this page was opened. ", link, "."], className="pl-notice pl-notice-caution"
    )


def too_long(error: TooLong) -> Any:
    """Work that was stopped for its length, or not begun because too many questions wait."""
    if isinstance(error, Busy):
        return card("Many questions wait", ["This one was not begun.", "Press Run or reload the page in a moment."])
    return card(
        "This takes too long",
        [
            "It was stopped, so that others can go on.",
            "Choose fewer posts or smaller settings, or raise [server] seconds.",
        ],
    )


def crash(found: Crashed) -> Any:
    """A bug of a panel, with its traceback for developers."""
    problem = found.problem
    trace = [html.Pre(found.trace, className="pl-trace", tabIndex="0")] if developing() and found.trace else []
    return card("This panel has a problem", [problem.what, problem.why, problem.hint], kind="crash", more=trace)


def receipt(done: Done, page: Page, *, labelled: bool) -> Any:
    """What it takes to get the same numbers again."""
    receipt = done.receipt
    rows = receipt.rows
    dropped = [html.Li(f"{d['rows']:,} left out: {d['reason']}") for d in receipt.dropped]
    facts = [
        f"Data {receipt.data}, fingerprint {receipt.fingerprint}",
        f"{rows['used']:,} posts used of {rows['read']:,} rows read",
        f"Panel {receipt.panel} {receipt.panel_version}, Postlens {receipt.postlens}, seed {receipt.seed}, time zone {receipt.timezone}",
        "Settings: " + ", ".join(f"{k} = {v}" for k, v in receipt.params.items()),
        "Filters: " + (", ".join(f"{k} = {v}" for k, v in receipt.filters) or "none"),
    ]
    posts_page = (
        [html.P(html.A("Download every post with its cluster as CSV", href=page.download("posts", "csv"), download=""))]
        if labelled
        else []
    )
    return html.Details(
        [
            html.Summary("Reproducibility details"),
            *posts_page,
            html.Ul([html.Li(f) for f in facts] + dropped),
        ],
        className="pl-details",
    )
