"""What the Import page says: each file with the meaning of its columns, and what is in the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import html

from postlens.app.blocks.aria import aria, data
from postlens.app.imports import importing
from postlens.app.imports.importing import Outcome
from postlens.core.data.convert.quality import ColumnReport
from postlens.core.data.store import library as shelf
from postlens.core.data.vocabulary.roles import roles

NOT_USED = "Other"


def said(words: str, kind: str = "caution") -> list[Any]:
    """A notice that is read aloud."""
    return [html.Div(html.P(words), className=f"pl-notice pl-notice-{kind}", role="alert")]


def card(number: int, one: Outcome, columns: Mapping[str, str]) -> Any:
    """A file: what it is, what every column means, and what could not be read."""
    if one.problem is not None:
        words: list[Any] = [html.P(str(one.problem), className="pl-notice pl-notice-caution", role="alert")]
    else:
        assert one.report is not None
        template = [f"Read by the mapping saved for {one.template}."] if one.template else []
        words = [html.Ul([html.Li(fact) for fact in (*template, *importing.facts(one.report))])]
    # A column that two things were read from, such as a link with the time in its id, is shown as the first.
    reports = {c.header: c for c in reversed(one.report.columns)} if one.report else {}
    chosen = {header: role for role, header in columns.items() if header}
    rows = [_row(number, h, values, reports.get(h), chosen.get(h)) for h, values in one.headers.items()]
    head = html.Tr([html.Th(h, scope="col") for h in ("Column", "First values", "Means", "Read as", "Known")])
    table = (
        html.Div(html.Table([html.Thead(head), html.Tbody(rows)]), className="pl-table pl-mapping", tabIndex="0")
        if rows
        else ""
    )
    return html.Section([html.H2(one.file), *words, table], className="pl-card", **data(file=str(number)))


def _row(number: int, header: str, values: Sequence[str], report: ColumnReport | None, chosen: str | None) -> Any:
    role = report.role if report and report.role in roles() else ""
    current = chosen if chosen is not None else role
    # The id remembers what was proposed, so that only what somebody changed becomes a mapping.
    select = dmc.Select(
        id={"role": "map", "file": f"{number}:{role if chosen is None else ''}", "column": header},
        data=[{"value": "", "label": NOT_USED}, *({"value": r.name, "label": r.label} for r in roles().values())],
        value=current,
        searchable=True,
        allowDeselect=False,
        size="xs",
        w=170,
        **aria(label=f"What {header} means"),
    )
    known = f"{report.known:,} of {report.known + report.missing:,}" if report else ""
    return html.Tr(
        [
            html.Th(header, scope="row"),
            html.Td(" | ".join(values), className="pl-examples"),
            html.Td(select),
            html.Td(report.reading if report else ""),
            html.Td(known),
        ]
    )


def shelf_of(library: Path) -> list[Any]:
    """What is in the library, with a way to take each import out."""
    found = shelf.imports(library)
    if not found:
        return []
    rows = [
        html.Tr(
            [
                html.Td(i.file),
                html.Td(i.client),
                html.Td(f"{i.report.posts:,}", className="pl-number"),
                html.Td(f"{i.exported:%Y-%m-%d}"),
                html.Td(
                    html.Button(
                        "Undo",
                        id={"role": "undo", "import": i.id},
                        type="button",
                        className="pl-link",
                        **aria(label=f"Undo the import of {i.file}"),
                    )
                ),
            ]
        )
        for i in reversed(found)
    ]
    head = html.Tr([html.Th(h, scope="col") for h in ("File", "Client", "Posts", "Exported", "")])
    table = html.Div(html.Table([html.Thead(head), html.Tbody(rows)]), className="pl-table", tabIndex="0")
    return [html.Section([html.H2("In the library"), table], className="pl-card")]
