"""The pages: one for each panel, home, and those that explain what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import dcc, html

from postlens.app.blocks.aria import aria, data
from postlens.app.blocks.render import LONG, card
from postlens.app.web import links
from postlens.app.web.filters import filter_bar
from postlens.app.web.glossary import GLOSSARY
from postlens.app.web.panel import custom_page, settings_form
from postlens.app.web.shell import IMPORT, path_of
from postlens.app.workspace import Workspace
from postlens.core.ask.request import Selection, column_pairs
from postlens.core.contract import Panel, Params, wording
from postlens.core.contract.schema import Schema
from postlens.core.data.convert.quality import FileReport, Quality
from postlens.core.data.dataset import Dataset
from postlens.core.data.store.availability import replaced
from postlens.core.host.registry import PluginRecord

_FILES = 200  # Of which the home page tells how they were read.
_MONTHS = 600  # Rows of the table of months on the home page.


def panel_page(
    workspace: Workspace, panel: Panel[Any, Any], query: dict[str, Any], frame: custom_page.CustomFrame | None = None
) -> Any:
    """A panel's page with the settings and filters of the link; `frame` for one with components of its own."""
    engine = workspace.engine
    request, problems = links.request_of(engine, panel, query)
    kept = {
        "hidden": column_pairs(engine, request.columns),
        "problems": [str(p) for p in problems],
        "posts": engine.dataset.fingerprint,
    }
    return html.Div(
        [
            dcc.Store(id=f"{panel.id}-link", data=kept),
            *(dcc.Store(id=f"{panel.id}-{name}") for name in ("asked", "poll", "tick")),
            _head(panel),
            filter_bar.bar(panel.id, engine, Selection(filters=request.filters, columns=request.columns)),
            html.Div(
                [*_side(panel, request.params, engine.schema(request.columns)), _main(panel, frame)],
                className="pl-page" if _has_side(panel) else "pl-page pl-bare",
            ),
        ],
        id=f"{panel.id}-page",
    )


def _head(panel: Panel[Any, Any]) -> Any:
    return html.Header(
        [
            html.Div([html.H1(panel.title), html.P(panel.summary)]),
            html.Div(id=f"{panel.id}-actions", className="pl-actions"),
        ],
        className="pl-title pl-title-row",
    )


def _has_side(panel: Panel[Any, Any]) -> bool:
    """Whether there is anything to choose, to press or to read beside the answer."""
    return bool(panel.params.model_fields) or panel.slow or bool(panel.about)


def _side(panel: Panel[Any, Any], params: Params, schema: Schema) -> list[Any]:
    """The form, and on a phone the button that opens it."""
    opener = html.Button(
        "Settings", type="button", className="pl-button pl-phone", **data(opens="side"), **aria(expanded="false")
    )
    content = [settings_form.form(panel, params, schema), *_run_button(panel), *_about(panel)]
    return [opener, html.Aside(content, className="pl-side", **aria(label="Settings of this page"))]


def _main(panel: Panel[Any, Any], frame: custom_page.CustomFrame | None) -> Any:
    """Where the answer comes, with how far it is."""
    cancel = dmc.Button(
        "Cancel",
        id=f"{panel.id}-cancel",
        variant="default",
        size="compact-sm",
        n_clicks=0,
        className="pl-cancel",
        style={"display": "none"},
    )
    return html.Div(
        [
            html.Div(id=f"{panel.id}-status", className="pl-status", **aria(live="polite")),
            cancel,
            *_own(panel, frame),
            html.Div(id=f"{panel.id}-result", className="pl-stack pl-result", children=_skeleton()),
        ],
        className="pl-main",
    )


def _own(panel: Panel[Any, Any], frame: custom_page.CustomFrame | None) -> list[Any]:
    """The components of a custom page, hidden until there is an answer."""
    if frame is None:
        return []
    content = custom_page.layout(panel, frame)
    return [
        dcc.Store(id=frame.id("answer")),
        dcc.Store(id=frame.id("choice")),
        *([html.Link(rel="stylesheet", href=f"{custom_page.STYLES}{panel.id}.css")] if frame.style else []),
        html.Div(id=f"{panel.id}-trouble", role="alert"),
        html.Div(content, id=f"{panel.id}-own", className="pl-stack pl-own", style={"display": "none"}),
    ]


def _run_button(panel: Panel[Any, Any]) -> list[Any]:
    """Every page has the buttons; only slow ones show Run."""
    return [
        dmc.Button(
            "Run",
            id=f"{panel.id}-run",
            n_clicks=0,
            fullWidth=True,
            mt="sm",
            style={} if panel.slow else {"display": "none"},
        )
    ]


def _about(panel: Panel[Any, Any]) -> list[Any]:
    if not panel.about:
        return []
    return [
        html.Details(
            [html.Summary("Method and how to read it"), dcc.Markdown(panel.about.strip(), link_target="_blank")],
            className="pl-about",
        )
    ]


def _skeleton() -> list[Any]:
    """Shown only after a moment (by CSS), so that a fast answer does not flicker."""
    return [html.Div([dmc.Skeleton(height=90), dmc.Skeleton(height=300)], className="pl-skeleton pl-stack")]


def data_page(workspace: Workspace) -> Any:
    """What was loaded, how well it could be read, and what is known of which posts."""
    dataset = workspace.dataset
    adding = (
        dcc.Link("Import files", href=IMPORT, className="pl-button")
        if workspace.deployment.config.data.upload_mb
        else ""
    )
    return html.Div(
        [
            html.Header(
                [
                    html.Div([html.H1("Data"), html.P("What was read, how well, and what is known of which posts.")]),
                    html.Div(adding, className="pl-actions"),
                ],
                className="pl-title pl-title-row",
            ),
            _numbers(workspace),
            *_known(dataset),
            html.P(dcc.Link("What the metrics and words mean", href=GLOSSARY), className="pl-table-note"),
            *[html.Div(html.P(str(p)), className="pl-notice", role="note") for p in workspace.lacking],
            _quality(dataset.quality),
        ],
        className="pl-stack pl-data",
    )


def _numbers(workspace: Workspace) -> Any:
    dataset, quality = workspace.dataset, workspace.dataset.quality
    missing = [c.label for c in dataset.schema.counts if (c.known or 0) < dataset.posts]
    stats = [
        (
            "Posts",
            wording.count(dataset.posts),
            f"{quality.rows:,} rows read, {quality.rows - quality.posts:,} dropped",
        ),
        (
            "Metrics",
            str(len(dataset.schema.counts)),
            f"{len(missing)} not known for every post" if missing else "all known for every post",
        ),
        (
            "Values that did not convert",
            wording.count(quality.bad_values),
            "listed below" if quality.bad_values else "every value could be read",
        ),
        ("Time zone", dataset.timezone.key, "of days, weekdays and hours"),
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Div(a, className="pl-stat-label"),
                    html.Div(b, className="pl-stat-value"),
                    html.Div(c, className="pl-stat-note"),
                ],
                className="pl-stat",
            )
            for a, b, c in stats
        ],
        className="pl-row",
    )


def _caution(title: str, text: str) -> Any:
    return html.Div([html.Strong(title), html.P(text)], className="pl-notice pl-notice-caution", role="note")


def _known(dataset: Dataset) -> list[Any]:
    """Which metric is known for which posts, by network and month; and where a network replaced one by another."""
    schema, table = dataset.schema, dataset.availability
    partly = [c for c in schema.counts if (c.known or 0) < dataset.posts]
    notes = [
        _caution(
            f"{schema.label(r.old)} became {schema.label(r.new).lower()} on {r.platform}",
            f"{schema.label(r.old)} are known until {r.until}, {schema.label(r.new).lower()} from {r.since}. They do not count "
            "the same, so they are never joined into one series; compare posts from one side of the change.",
        )
        for r in replaced(table)
    ]
    if not partly:
        return notes
    rows = [
        (r["platform"], r["month"] or "no date", f"{r['posts']:,}", *(_share(r[c.name], r["posts"]) for c in partly))
        for r in table.iter_rows(named=True)
    ]
    sums = table.group_by("platform", maintain_order=True).agg(pl.col("posts", *(c.name for c in partly)).sum())
    totals = [
        (r["platform"], "all", f"{r['posts']:,}", *(_share(r[c.name], r["posts"]) for c in partly))
        for r in sums.iter_rows(named=True)
    ]
    heads = ("Network", "Month", "Posts", *(c.label for c in partly))
    months = html.Details([html.Summary("Month by month"), _plain_table(heads, rows[:_MONTHS])], className="pl-details")
    said = html.P(
        "An average speaks of the posts that know the metric, and says how many. Missing is missing, never 0."
    )
    return [
        *notes,
        html.Section([html.H2("Data coverage"), said, _plain_table(heads, totals), months], className="pl-card"),
    ]


def _share(known: int, posts: int) -> str:
    return "all" if known == posts else "-" if known == 0 else f"{known:,} of {posts:,}"


def _quality(quality: Quality) -> Any:
    """The report of how the files were read."""
    parts: list[Any] = [html.H2("How the data was read")]
    parts += [html.P(note) for note in quality.notes]
    if quality.dropped:
        parts.append(
            _plain_table(
                ("Not used, and why", "Rows", "For example rows"),
                [(d.reason, f"{d.rows:,}", ", ".join(map(str, d.examples))) for d in quality.dropped],
            )
        )
    if quality.repeated:
        parts.append(
            html.P(
                f"{quality.repeated:,} rows equal another row in every value. They are kept, because no id tells posts apart."
            )
        )
    for file in quality.files[:_FILES]:
        parts += _file_report(file, alone=len(quality.files) == 1)
    if len(quality.files) > _FILES:
        parts.append(html.P(f"... and {len(quality.files) - _FILES} more files."))
    return html.Section(parts, className="pl-card")


def _file_report(file: FileReport, *, alone: bool) -> list[Any]:
    """How one file was read; of several, behind its name."""
    title = f"{file.file}: {file.posts:,} posts from {file.rows:,} rows ({', '.join(file.reading)})"
    rows = [
        (c.column, c.header, c.role, c.reading, f"{c.known:,}", f"{c.missing:,}", f"{c.bad:,}", c.note)
        for c in file.columns
    ]
    heads = ("Col.", "Column in the file", "Read as", "How", "Known", "Missing", "Not readable", "Note")
    table = [_plain_table(heads, rows)] if rows else []
    bad = "; ".join(str(b) for b in file.bad_values[:12]) + (" ..." if len(file.bad_values) > 12 else "")
    said = [html.P(f"Not readable: {bad}")] if bad else []
    if alone:
        return [html.H3(title), *table, *said]
    return [html.Details([html.Summary(title), *table], className="pl-details"), *said]


def _plain_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Any:
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(h, scope="col") for h in head])),
                html.Tbody(
                    [html.Tr([html.Td(v, className="pl-long" if len(v) > LONG else "") for v in row]) for row in rows]
                ),
            ]
        ),
        className="pl-table",
        tabIndex="0",
        role="region",
        **aria(label=head[0] or head[1]),
    )


def failed_page(record: PluginRecord) -> Any:
    """What became of a plugin that did not load."""
    problem = record.failure.problem if record.failure else None
    stage = {
        "find": "It could not be found.",
        "import": "It failed while being imported.",
        "register": "It failed while being registered.",
        "offer": "What it offers cannot be used.",
    }
    lines = [problem.what, problem.where, problem.why, problem.hint] if problem else [record.reason]
    words_for_stage = stage[record.failure.stage] if record.failure else ""
    return html.Div(
        [
            html.Header(html.H1(record.name), className="pl-title"),
            card("This page is not available", [*lines, words_for_stage, "The other pages work."], kind="crash"),
        ]
    )


def missing_page(workspace: Workspace) -> Any:
    """For a link to a page that is not there."""
    own = (("Brief", "/"), ("Posts", "/posts"), ("Data", "/data"))
    enabled = [html.Li(dcc.Link(title, href=href)) for title, href in own]
    enabled += [html.Li(dcc.Link(p.title, href=path_of(p.id))) for p in workspace.registry.panels.values()]
    return html.Div(
        [
            html.Header(html.H1("There is no page here"), className="pl-title"),
            html.Section(
                [
                    html.P(
                        "The link names a page that this deployment does not have. Panels are switched on in config.toml, under [plugins] enabled."
                    ),
                    html.P("It has these:"),
                    html.Ul(enabled),
                ],
                className="pl-card",
            ),
        ]
    )
