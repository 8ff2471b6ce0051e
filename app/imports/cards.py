"""What the Import page says: the files in one table, the one that is open with its columns, and the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import html

from postlens.app.blocks.aria import aria, data
from postlens.app.imports import importing
from postlens.app.imports.answers import Answers
from postlens.app.imports.importing import Outcome
from postlens.core.contract import wording
from postlens.core.contract.problems import Problem
from postlens.core.data.convert.quality import ColumnReport
from postlens.core.data.store import library as shelf
from postlens.core.data.vocabulary.roles import match, roles
from postlens.core.data.vocabulary.synonyms import NETWORKS

NOT_USED = "Other"
_READY, _QUESTION, _NOT_POSTS = "Ready", "Question", "Not imported"
_COLORS = {_READY: "teal", _QUESTION: "orange", _NOT_POSTS: "gray"}
_AS_IT_SHOWS = {"": "As the file shows"}
_NETWORKS = {**{name: wording.name_of(name) for name in NETWORKS}, "other": "Another network"}
_READINGS: dict[str, tuple[str, dict[str, str]]] = {
    "date_order": ("What comes first in its dates?", {"mdy": "The month", "dmy": "The day"}),
    "decimal": ("What is its decimal mark?", {"point": "The point", "comma": "The comma"}),
    "add_days": ("One row for each post and day", {"yes": "Add up the days, without reach"}),
    "platform": ("Posts of which network?", _NETWORKS),
}


@dataclass(frozen=True, kw_only=True)
class File:
    """A file on the page: its mark, what became of reading it, and what was answered about it."""

    mark: str
    outcome: Outcome
    answers: Answers

    @property
    def state(self) -> str:
        """Whether it can be imported, or needs an answer first, or cannot be."""
        if self.outcome.problem is None:
            return _READY
        return _QUESTION if self.outcome.problem.asks else _NOT_POSTS


def said(words: str, kind: str = "caution") -> list[Any]:
    """A notice that is read aloud."""
    return [html.Div(html.P(words), className=f"pl-notice pl-notice-{kind}", role="alert")]


def shown(files: Sequence[File], wanted: str) -> tuple[list[Any], str]:
    """The table of files, the open one, and the buttons, which stay in view; with the mark of the file that is open.

    A file that somebody opened stays open; else the first with a question is, one at a time.
    """
    known = {f.mark: f for f in files}
    asking = next((f.mark for f in files if f.state == _QUESTION), "")
    alone = files[0].mark if len(files) == 1 else ""
    opened = wanted if wanted in known else asking or alone
    table = [_table(files, opened)] if len(files) > 1 else []
    card = [_card(known[opened])] if opened else []
    return [*table, *card, _buttons(files)], opened


def _table(files: Sequence[File], opened: str) -> Any:
    head = html.Tr([html.Th(h, scope="col") for h in ("File", "State", "Posts", "What it is", "")])
    first = [_QUESTION, _READY, _NOT_POSTS]
    rows = [_file_row(f, opened=f.mark == opened) for f in sorted(files, key=lambda f: first.index(f.state))]
    counts = {state: sum(f.state == state for f in files) for state in _COLORS}
    words = {_READY: "ready", _QUESTION: "with a question", _NOT_POSTS: "that cannot be imported"}
    summary = ", ".join(f"{n} {words[state]}" for state, n in counts.items() if n)
    return html.Section(
        [
            html.H2(f"{len(files)} files: {summary}"),
            html.Div(html.Table([html.Thead(head), html.Tbody(rows)]), className="pl-table", tabIndex="0"),
        ],
        className="pl-card pl-batch",
    )


def _file_row(file: File, *, opened: bool) -> Any:
    one = file.outcome
    return html.Tr(
        [
            html.Th(_act("open", file, one.file, f"Show how {one.file} is read"), scope="row"),
            html.Td(html.Span(file.state, className=f"pl-state pl-state-{_COLORS[file.state]}")),
            html.Td(f"{one.report.posts:,}" if one.report else "", className="pl-num"),
            html.Td(_what(one), className="pl-long"),
            html.Td(_act("remove", file, "Remove", f"Remove {one.file}")),
        ],
        className="pl-opened" if opened else "",
    )


def _what(one: Outcome) -> str:
    """What a file is, in a line."""
    if one.problem is not None:
        return one.problem.problems[0].what
    assert one.report is not None
    reading = one.report.reading[0]  # What format it is, or where it stands; the rest is told with its columns.
    left = sum(d.rows for d in one.report.dropped)
    bad = sum(c.bad for c in one.report.columns)
    more = (
        wording.counted(left, "row") + " left out" if left else "",
        wording.counted(bad, "value") + " not understood" if bad else "",
    )
    return ". ".join(part for part in (reading, *more) if part)


def _act(do: str, file: File, words: str, label: str) -> Any:
    own = {"role": "file", "do": do, "file": file.mark}
    return html.Button(words, id=own, n_clicks=0, type="button", className="pl-link", **aria(label=label))


def _buttons(files: Sequence[File]) -> Any:
    good = [f.outcome.report.posts for f in files if f.outcome.report is not None and f.state == _READY]
    words = (
        f"Import {wording.counted(len(good), 'file')}, {wording.counted(sum(good), 'post')}"
        if good
        else "Nothing to import yet"
    )
    return html.Div(
        [
            dmc.Button("Read again", id="up-again", variant="default", n_clicks=0),
            dmc.Button(words, id="up-keep", n_clicks=0, disabled=not good),
        ],
        className="pl-import-bar",
    )


def _card(file: File) -> Any:
    """A file: what it is, what is asked, what every column means, and what could not be read."""
    one = file.outcome
    if one.problem is not None:
        words: list[Any] = [
            html.P(_question(p), className="pl-notice pl-notice-caution", role="alert") for p in one.problem.problems
        ]
    else:
        assert one.report is not None
        template = [f"Read by the mapping saved for {one.template}."] if one.template else []
        words = [html.Ul([html.Li(fact) for fact in (*template, *importing.facts(one.report))])]
    return html.Section(
        [html.H2(one.file), *words, *_answers(file), *_columns(file)], className="pl-card", **data(file=file.mark)
    )


def _question(problem: Problem) -> str:
    """A problem without the options of a command line, where the page has a field for the answer."""
    if not problem.asks:
        return str(problem)
    then = (
        "Press Read again, or remove the file." if problem.asks == "again" else "Say it below, then press Read again."
    )
    return str(Problem(what=problem.what, where=problem.where, why=problem.why, hint=then))


def _answers(file: File) -> list[Any]:
    """A field for the reading that is asked for, and for every one that was answered before."""
    asked = file.outcome.problem.asks if file.outcome.problem else ""
    given: Mapping[str, Any] = file.answers
    fields: list[Any] = [
        dmc.Select(
            id=_field(name, file),
            label=label,
            data=[{"value": v, "label": words} for v, words in {**_AS_IT_SHOWS, **options}.items()],
            value=str(given.get(name, "")),
            allowDeselect=False,
        )
        for name, (label, options) in _READINGS.items()
        if asked == name or given.get(name) or (asked, name) == ("columns", "platform")
    ]
    if asked == "timezone" or given.get("timezone"):
        zone = str(given.get("timezone", ""))
        fields.append(dmc.TextInput(id=_field("timezone", file), label="Its time zone, e.g. Asia/Kolkata", value=zone))
    return [html.Div(fields, className="pl-form pl-import-form")] if fields else []


def _field(name: str, file: File) -> dict[str, str]:
    return {"role": "reading", "what": name, "file": file.mark}


def _columns(file: File) -> list[Any]:
    """Every column with its first values, and what it is taken to mean."""
    one = file.outcome
    if not one.headers:
        return []
    # A column that two things were read from, such as a link with the time in its id, is shown as the first.
    reports = {c.header: c for c in reversed(one.report.columns)} if one.report else {}
    chosen = {header: role for role, header in file.answers.get("columns", {}).items() if header}
    named = {} if one.report else {header: role for role, header in match(one.headers).roles.items()}
    rows = [
        _row(file.mark, h, values, reports.get(h), named.get(h, ""), chosen.get(h)) for h, values in one.headers.items()
    ]
    head = html.Tr([html.Th(h, scope="col") for h in ("Column", "First values", "Means", "Read as", "Known")])
    table = html.Table([html.Thead(head), html.Tbody(rows)])
    return [html.Div(table, className="pl-table pl-mapping", tabIndex="0")]


def _row(
    mark: str, header: str, values: Sequence[str], report: ColumnReport | None, named: str, chosen: str | None
) -> Any:
    """One column; of a file that was not read yet, with what its name says."""
    role = report.role if report and report.role in roles() else named
    current = chosen if chosen is not None else role
    # The id remembers what was proposed, so that only what somebody changed becomes a mapping.
    select = dmc.Select(
        id={"role": "map", "file": f"{mark}:{role if chosen is None else ''}", "column": header},
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
                        **data(
                            confirm=f"Take the {i.report.posts:,} posts of {i.file} out of the library? The file is kept aside."
                        ),
                    )
                ),
            ]
        )
        for i in reversed(found)
    ]
    head = html.Tr([html.Th(h, scope="col") for h in ("File", "Client", "Posts", "Exported", "")])
    table = html.Div(html.Table([html.Thead(head), html.Tbody(rows)]), className="pl-table", tabIndex="0")
    return [html.Section([html.H2("In the library"), table], className="pl-card")]
