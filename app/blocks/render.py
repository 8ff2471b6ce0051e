"""Blocks as components: the only place that decides how a block looks."""

from __future__ import annotations

import html as escaping
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import dash_mantine_components as dmc
from dash import dcc, html

from postlens.app.blocks.aria import aria, data
from postlens.app.blocks.cells import cell, moments_of
from postlens.core.charts import LINE_END
from postlens.core.contract import sentences
from postlens.core.contract.blocks import (
    Block,
    Chart,
    Details,
    Grid,
    Link,
    Notice,
    Plan,
    Row,
    Stat,
    Table,
    Text,
    Verdict,
    walk,
)
from postlens.core.contract.schema import Schema
from postlens.core.contract.verdict import State

_STATES: dict[State, tuple[str, str]] = {
    "likely real": ("teal", "Likely real"),
    "no difference of 20 % or more": ("gray", "No difference of 20 % or more"),
    "could be chance": ("gray", "Could be chance"),
    "too few posts to tell": ("orange", "Too few posts to tell"),
    "too few periods to tell": ("orange", "Too few periods to tell"),
}
_IN_CHART, LONG = 15, 28


@dataclass(frozen=True)
class Page:
    """What rendering needs to know beside the blocks.

    Attributes:
        panel: the panel's id.
        download: the address of a table, by its name and the ending of the file.
        schema: the columns that charts may select by.
        endings: the formats a table can be taken along in; none where there is no server. moments: further ones for a table of
            moments.
        link: the address a `Link` leads to; empty where there is no such panel.
        plan: what is shown of a `Plan`.
    """

    panel: str
    download: Callable[[str, str], str]
    schema: Schema
    endings: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    link: Callable[[Link], str] = lambda _link: ""
    plan: Callable[[Plan], Any] = lambda plan: html.P(f"Plan {plan.mark}: {plan.title}")


def render(blocks: Sequence[Block], page: Page) -> list[Any]:
    """Components for blocks, in order. Headings follow those of the page: blocks start at level 2."""
    return [_block(block, page, html.H2) for block in blocks]


def _block(block: Block, page: Page, heading: Any) -> Any:
    match block:
        case Text():
            return _text(block)
        case Stat():
            return _stat(block)
        case Verdict():
            return _verdict(block)
        case Notice():
            return _notice(block)
        case Table():
            return html.Section([html.H2(block.title), *_table(block, page, block.limit)], className="pl-card")
        case Chart():
            return _chart(block, page, heading)
        case Details():
            return html.Details(
                [html.Summary(block.summary), html.Div(render(block.blocks, page), className="pl-stack")],
                className="pl-details",
            )
        case Link():
            return _link(block, page)
        case Plan():
            return page.plan(block)
        case Row():
            return html.Div(render(block.blocks, page), className="pl-row")
        case Grid():
            return _grid(block, page)
        case _ as never:
            assert_never(never)


def _text(block: Text) -> Any:
    heading = [html.H2(block.title)] if block.title else []
    return html.Section([*heading, *([html.P(block.body)] if block.body else [])], className="pl-text")


def _stat(block: Stat) -> Any:
    note = [html.Div(block.note, className="pl-stat-note")] if block.note else []
    return html.Div(
        [html.Div(block.label, className="pl-stat-label"), html.Div(block.value, className="pl-stat-value"), *note],
        className="pl-stat",
    )


def _verdict(block: Verdict) -> Any:
    color, word = _STATES[block.state]
    return html.Section(
        [
            html.Span(word, className=f"pl-state pl-state-{color}"),
            html.P(block.claim, className="pl-claim"),
            html.Dl(
                [
                    html.Div([html.Dt(name), html.Dd(value)])
                    for name, value in (
                        ("Effect", sentences.effect_words(block)),
                        ("95 % interval", sentences.interval_words(block)),
                        ("From", sentences.n_words(block)),
                    )
                    if value
                ],
                className="pl-facts",
            ),
            *[
                html.P(part, className="pl-detail")
                for part in (block.detail, sentences.settle_words(block.settle))
                if part
            ],
            html.P("", className="pl-looked pl-no-print"),
        ],
        className="pl-card pl-verdict",
        **aria(label=f"Verdict: {block.claim}"),
        **data(claim=_question(block)),
    )


def _question(verdict: Verdict) -> str:
    """What a verdict is about: every level of one comparison is one question, for Holm counts them together."""
    return f"{verdict.metric} by {verdict.by}" if verdict.metric and verdict.by else verdict.claim


def _notice(block: Notice) -> Any:
    title = [html.Strong(block.title)] if block.title else []
    return html.Div([*title, html.P(block.text)], className=f"pl-notice pl-notice-{block.kind}", role="note")


def _link(block: Link, page: Page) -> Any:
    href = page.link(block)
    return (
        html.P(dcc.Link(block.text, href=href, className="pl-button pl-next"), className="pl-no-print") if href else ""
    )


def _grid(block: Grid, page: Page) -> Any:
    heading = [html.H2(block.title)] if block.title else []
    inner = html.H3 if block.title else html.H2
    blocks = [_block(b, page, inner) for b in block.blocks]
    return html.Section(
        [*heading, html.Div(blocks, className=f"pl-grid pl-grid-{block.columns}")],
        className="pl-section",
    )


def _chart(block: Chart, page: Page, heading: Any) -> Any:
    figure = escape_markup(block.figure.to_plotly_json())
    hint = _selectable(figure, block.selects, page.schema)
    name = block.table.name or block.title
    return html.Figure(
        [
            html.Figcaption([heading(block.title), *_chart_state(block), html.P([block.takeaway, *hint])]),
            html.Div(
                dcc.Graph(
                    id={"role": "graph", "panel": page.panel, "name": name},
                    figure=figure,
                    responsive=True,
                    config=_CONFIG,
                    style={"height": f"{figure['layout'].get('height') or 320}px"},
                ),
                role="img",
                **aria(label=block.takeaway),
            ),
            html.Details(
                [
                    html.Summary("Table and downloads"),
                    *_table(block.table, page, _IN_CHART),
                    *_chart_downloads(block, page),
                ],
                className="pl-chart-table",
            ),
        ],
        className="pl-card pl-chart",
    )


def _chart_state(block: Chart) -> list[Any]:
    if block.verdict is None:
        return []
    color, word = _STATES[block.verdict.state]
    pill = html.Span(word, className=f"pl-state pl-state-{color}", **data(claim=_question(block.verdict)))
    return [html.P(pill, className="pl-chart-state", **aria(label="Verdict"))]


_KINDS = {"category": "level", "metric": "range", "rate": "range", "time": "period"}
_HINTS = {
    "level": "Click to filter by one.",
    "range": "Drag across to filter by a range.",
    "period": "Drag across to filter by a period.",
}


def _selectable(figure: dict[str, Any], column: str, schema: Schema) -> list[Any]:
    """Mark a figure whose points filter posts, and say so beside it."""
    layout = figure["layout"]
    if column not in schema or not layout.get("meta") or schema[column].kind not in _KINDS:
        return []
    kind = _KINDS[schema[column].kind]
    layout["meta"] = {**layout["meta"], "selects": column, "kind": kind}
    layout["clickmode"] = "event"
    if kind != "level":
        layout |= {"dragmode": "select", "selectdirection": "h"}
    return [html.Span(f" {_HINTS[kind]}", className="pl-select-hint")]


def _chart_downloads(block: Chart, page: Page) -> list[Any]:
    buttons = [
        html.Button(
            ending.upper(),
            type="button",
            className="pl-link",
            **data(save=ending, name=block.table.name or "chart"),
            **aria(label=f"Save the chart {block.title} as {ending.upper()}"),
        )
        for ending in ("png", "svg")
    ]
    own = [html.A("HTML", href=page.download(block.table.name, "html"), download="")] if block.table.name else []
    return [html.P(["Chart: ", *_spaced([*buttons, *own])], className="pl-table-note pl-no-print")]


def _spaced(items: Sequence[Any]) -> list[Any]:
    return [part for item in items for part in (item, " ")]


def actions(panel: str, query: str) -> list[Any]:
    """What can be done with a whole page: share it, or take it along."""
    places = (
        ("Report", "report.html", "The page as one file to print or send"),
        ("Everything", "all.zip", "Report, tables and receipt in one archive"),
        ("Reproducibility details", "receipt.json", "What it takes to get the same numbers again"),
    )
    items = [
        html.A([html.Strong(word), html.Span(said)], href=f"/download/{panel}/{name}{query}", download="")
        for word, name, said in places
    ]
    return [
        html.Button("Share", type="button", className="pl-button", **data(share="yes")),
        html.Details(
            [html.Summary("Download", className="pl-button"), html.Div(items, className="pl-menu")],
            className="pl-dropdown",
        ),
    ]


_CONFIG: Any = {
    "displaylogo": False,
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": "reset",
    "showTips": False,
}


# Drawn by WebGL, these make code of text, which the page forbids; the same points are drawn without.
_WITHOUT_EVAL = {"scattergl": "scatter", "scatterpolargl": "scatterpolar"}


def escape_markup(value: Any, key: str = "") -> Any:
    """A figure whose data cannot smuggle markup: plotly reads `<` in labels as tags, and labels are users' text."""
    if key == "type" and value in _WITHOUT_EVAL:
        return _WITHOUT_EVAL[value]
    if isinstance(value, str):
        if key in {"hovertemplate", "texttemplate"}:
            return value
        return (escaping.escape(value, quote=False) if "<" in value else value).replace(LINE_END, "<br>")
    if isinstance(value, dict):
        return {k: escape_markup(v, k) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [escape_markup(v, key) for v in value]
    return value


def _table(block: Table, page: Page, limit: int) -> list[Any]:
    """The rows as a table; what is cut off is said, and the whole can be had."""
    rows = block.rows.head(limit)
    numeric = [block.rows[name].dtype.is_numeric() for name in block.rows.columns]
    head = html.Thead(
        html.Tr(
            [
                html.Th(block.labels.get(n, n), scope="col", className="pl-num" if number else "")
                for n, number in zip(rows.columns, numeric, strict=True)
            ]
        )
    )
    body = html.Tbody(
        [
            html.Tr(
                [
                    _cell(cell(v, block.formats.get(n)), number=number)
                    for n, v, number in zip(rows.columns, row, numeric, strict=True)
                ]
            )
            for row in rows.iter_rows()
        ]
    )
    more = block.rows.height - rows.height
    notes = [html.P(block.note, className="pl-table-note")] if block.note else []
    if more > 0:
        notes.append(
            html.P(
                f"The first {rows.height:,} of {block.rows.height:,} rows; the download has all.",
                className="pl-table-note",
            )
        )
    if block.name and page.endings:
        notes.append(
            html.P(
                [
                    f"{block.rows.height:,} rows: ",
                    *_spaced(
                        [
                            html.A(ending.upper(), href=page.download(block.name, ending), download="")
                            for ending in (*page.endings, *(page.moments if moments_of(block.rows) else ()))
                        ]
                    ),
                ],
                className="pl-table-note pl-no-print",
            )
        )
    scroller = html.Div(
        html.Table([head, body]), className="pl-table", tabIndex="0", role="region", **aria(label=block.title)
    )
    return [scroller, *notes]


def _cell(text: str, *, number: bool) -> Any:
    """A sentence may break; a word or a number may not."""
    return html.Td(text, className="pl-num" if number else "pl-long" if len(text) > LONG else "")


def find_table(blocks: Sequence[Block], name: str) -> Table | None:
    """The table with a download name."""
    for block in walk(blocks):
        table = block.table if isinstance(block, Chart) else block
        if isinstance(table, Table) and table.name == name:
            return table
    return None


def card(
    title: str, lines: Sequence[str], *, kind: str = "info", actions: Sequence[Any] = (), more: Sequence[Any] = ()
) -> Any:
    """A card that says something in place of a result."""
    return html.Section(
        [
            html.H2(title),
            *(html.P(line) for line in lines if line),
            *more,
            *([dmc.Group(list(actions))] if actions else []),
        ],
        className=f"pl-card pl-empty pl-empty-{kind}",
    )
