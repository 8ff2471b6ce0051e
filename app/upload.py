"""The Import page: files dropped on it are read, shown, corrected where needed, and added to the library."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from app import importing
from app.aria import aria, data
from app.importing import Outcome, Told
from app.workspace import Workspace, read_settings
from core.data import library as shelf
from core.data import templates
from core.data.quality import ColumnReport
from core.data.roles import roles
from core.problems import PostlensError, let_go

log = logging.getLogger(__name__)
_STAGING, _KEPT_SECONDS = ".staging", 24 * 3600
_MAP = {"role": "map", "file": ALL, "column": ALL}
NOT_USED = "(further column)"
_NOTHING = (no_update,) * 4
_TICK = 700  # Milliseconds between two looks at how far the reading is.
_HIDDEN = {"display": "none"}


def import_page(workspace: Workspace) -> Any:
    """Where files go, what is known of them beforehand, and what became of them."""
    most = workspace.deployment.config.data.upload_mb
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Import"),
                    html.P(
                        "Add the files you downloaded from the networks. Each is read and shown first; nothing is kept "
                        "before you say so, and every import can be undone."
                    ),
                ],
                className="pl-title",
            ),
            html.Section(
                [
                    _questions(),
                    dcc.Upload(
                        html.Div(
                            [
                                html.Strong("Drop files here"),
                                html.Span(" or "),
                                html.Span("choose them", className="pl-link"),
                            ]
                        ),
                        id="up-files",
                        multiple=True,
                        max_size=most * 1_000_000,
                        className="pl-drop",
                        className_active="pl-drop pl-drop-on",
                    ),
                    html.P(
                        f"CSV, Excel, JSON, Parquet or ZIP, up to {most} MB each. Nothing leaves this machine.",
                        className="pl-table-note",
                    ),
                ],
                className="pl-card",
            ),
            dcc.Store(id="up-staged", data=[]),
            dcc.Store(id="up-who", data=secrets.token_hex(8)),
            dcc.Interval(id="up-tick", interval=_TICK, disabled=True),
            html.P(id="up-step", className="pl-table-note", style=_HIDDEN, role="status"),
            dcc.Loading(html.Div(id="up-result", className="pl-stack", role="status"), type="dot"),
            html.Div(_shelf(workspace), id="up-shelf"),
        ],
        className="pl-stack",
    )


def _questions() -> Any:
    """What a person may know of the files better than the files say."""
    return html.Div(
        [
            dmc.TextInput(id="up-client", label="Client", description="Whose posts they are."),
            dmc.TextInput(
                id="up-zone",
                label="Clock of the file",
                description="Where a file names none, e.g. Europe/Berlin. Empty: the network's own.",
            ),
            _reading(
                "up-order", "Dates such as 04/05/2026", {"mdy": "Month first: 5 April", "dmy": "Day first: 4 May"}
            ),
            _reading(
                "up-decimal",
                "Numbers such as 1.234",
                {"point": "Decimal point: 1.234 and 1,234", "comma": "Decimal comma: 1,234 and 1.234"},
            ),
            dmc.Checkbox(
                id="up-days",
                label="Add up the days",
                description="Of files with one row for each post and day.",
                checked=False,
            ),
        ],
        className="pl-form pl-import-form",
    )


def _reading(name: str, label: str, readings: Mapping[str, str]) -> Any:
    """How to read what a column leaves open."""
    return dmc.Select(
        id=name,
        label=label,
        description="Where a column does not tell.",
        data=[{"value": v, "label": words} for v, words in {"": "As the file shows", **readings}.items()],
        value="",
        allowDeselect=False,
    )


def _shelf(workspace: Workspace) -> list[Any]:
    """What is in the library, with a way to take each import out."""
    found = shelf.imports(_library(workspace))
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


def _library(workspace: Workspace) -> Path:
    return workspace.deployment.store / shelf.NAME


def connect(app: Dash, workspace: Workspace, reload: Callable[[], None] | None) -> None:
    """Declare what happens when files are dropped, corrected, imported or undone."""
    desk = _Desk(workspace, reload)
    app.callback(
        Output("up-staged", "data"),
        Output("up-result", "children"),
        Output("up-shelf", "children"),
        Output("up-files", "contents"),
        Input("up-files", "contents"),
        Input("up-again", "n_clicks", allow_optional=True),
        Input("up-keep", "n_clicks", allow_optional=True),
        Input({"role": "undo", "import": ALL}, "n_clicks"),
        State("up-files", "filename"),
        State("up-files", "last_modified"),
        State("up-staged", "data"),
        State("up-client", "value"),
        State("up-zone", "value"),
        State("up-order", "value"),
        State("up-decimal", "value"),
        State("up-days", "checked"),
        State(_MAP, "value"),
        State(_MAP, "id"),
        State("up-who", "data"),
        running=[(Output("up-tick", "disabled"), False, True), (Output("up-step", "style"), {}, _HIDDEN)],
        prevent_initial_call=True,
    )(desk.act)
    app.callback(
        Output("up-step", "children"),
        Input("up-tick", "n_intervals"),
        State("up-who", "data"),
        prevent_initial_call=True,
    )(desk.step)


class _Desk:
    """What the page's one callback does."""

    def __init__(self, workspace: Workspace, reload: Callable[[], None] | None) -> None:
        self.workspace, self.reload = workspace, reload
        self.library = _library(workspace)
        self._steps: dict[str, str] = {}

    def step(self, _tick: int | None, who: str) -> str:
        """What is being done for a page at this moment."""
        return self._steps.get(who, "")

    def act(
        self,
        contents: list[str] | None,
        _again: int | None,
        _keep: int | None,
        undone: list[int | None],
        names: list[str] | None,
        modified: list[float] | None,
        staged: list[dict[str, str]],
        client: str | None,
        zone: str | None,
        order: str | None,
        decimal: str | None,
        add_days: bool | None,  # noqa: FBT001 - Dash passes values by position
        chosen: list[str],
        places: list[dict[str, str]],
        who: str,
    ) -> tuple[Any, Any, Any, Any]:
        """Stage, read again, import or undo, whichever was asked for."""
        told = Told(
            client=(client or "").strip()[:80],
            zone=(zone or "").strip(),
            date_order=order or None,
            decimal=decimal or None,
            add_days=bool(add_days),
        )

        asked = ctx.triggered_id
        try:
            if isinstance(asked, dict):
                return self._undo(asked["import"], undone)
            if asked == "up-files":
                if not contents:  # Taken off after an import, so that the same file may be dropped again.
                    return _NOTHING
                staged = self._stage(contents, names or [], modified or [])
                return staged, self._read(staged, told, {}, who), no_update, no_update
            columns = _mapped(chosen, places)
            if asked == "up-keep" and _keep:
                return [], self._keep(staged, told, columns, who), _shelf(self.workspace), None
            read = self._read(staged, told, columns, who) if _again else no_update
            return no_update, read, no_update, no_update
        except PostlensError as error:
            return no_update, _said(str(error)), no_update, no_update
        except BaseException as error:
            let_go(error)
            log.exception("import failed")
            return no_update, _said("This could not be done. The log has the details."), no_update, no_update
        finally:
            self._steps.pop(who, None)

    def _note(self, who: str, which: str, done: float, label: str) -> None:
        if who:
            self._steps[who] = f"{which}, {done:.0%}: {label}"

    def _stage(self, contents: Sequence[str], names: Sequence[str], modified: Sequence[float]) -> list[dict[str, str]]:
        """Put each file aside in a folder of our own: what a browser calls a file says nothing about where it goes."""
        folder = self.library / _STAGING
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        staged = []
        most = self.workspace.deployment.config.data.upload_mb * 1_000_000
        for number, (content, name) in enumerate(zip(contents, names, strict=True)):
            try:
                body = base64.b64decode(content.partition(",")[2], validate=True)
            except binascii.Error:
                continue
            if len(body) > most:
                continue
            mark = secrets.token_hex(8)
            file = folder / mark / _harmless(name)
            file.parent.mkdir()
            file.write_bytes(body)
            _touch(file, float(modified[number]) if number < len(modified) else time.time())
            staged.append({"mark": mark, "name": file.name})
        return staged

    def _staged_file(self, one: Mapping[str, str]) -> Path:
        mark = one.get("mark", "")
        place = self.library / _STAGING / mark
        if not re.fullmatch(r"[0-9a-f]{16}", mark) or not place.is_dir():
            raise importing.gone(one.get("name", "?"))
        return next(place.iterdir())

    def _outcomes(
        self,
        staged: Sequence[Mapping[str, str]],
        told: Told,
        columns: Mapping[int, dict[str, str]],
        who: str = "",
        *,
        keep: bool,
    ) -> list[Outcome]:
        settings = told.over(read_settings(self.workspace.deployment))
        outcomes = []
        for number, one in enumerate(staged):
            own = replace(settings, columns=columns[number]) if columns.get(number) else settings
            readers = self.workspace.registry.readers
            file = self._staged_file(one)
            progress = partial(self._note, who, f"File {number + 1} of {len(staged)}")
            outcomes.append(
                importing.import_one(
                    self.library, file, own, readers, told.client, keep=keep, name=one["name"], progress=progress
                )
            )
        return outcomes

    def _read(
        self, staged: Sequence[Mapping[str, str]], told: Told, columns: Mapping[int, dict[str, str]], who: str = ""
    ) -> list[Any]:
        outcomes = self._outcomes(staged, told, columns, who, keep=False)
        if not outcomes:
            return _said("No file could be taken. It may be larger than the page allows.")
        cards = [_card(number, one, columns.get(number, {})) for number, one in enumerate(outcomes)]
        good = sum(o.problem is None for o in outcomes)
        buttons = dmc.Group(
            [
                dmc.Button("Read again", id="up-again", variant="default", n_clicks=0),
                dmc.Button(
                    f"Import {good} file" + ("" if good == 1 else "s"), id="up-keep", n_clicks=0, disabled=not good
                ),
            ]
        )
        return [*cards, buttons]

    def _keep(
        self, staged: Sequence[Mapping[str, str]], told: Told, columns: Mapping[int, dict[str, str]], who: str = ""
    ) -> list[Any]:
        outcomes = self._outcomes(staged, told, columns, who, keep=True)
        for number, one in enumerate(outcomes):
            if one.problem is None and columns.get(number):
                settings = told.over(read_settings(self.workspace.deployment))
                saved = templates.Template(
                    name=one.file,
                    columns=columns[number],
                    date_order=settings.date_order,
                    decimal=settings.decimal,
                )
                templates.save(self.library, one.headers, saved)
        kept = [o for o in outcomes if o.kept]
        said = [_said(f"{o.file}: not imported. {o.problem}")[0] for o in outcomes if o.problem is not None]
        if not kept:
            return said
        posts = sum(o.report.posts for o in kept if o.report)
        return [*said, *self._shown(f"{len(kept)} file(s) with {posts:,} posts are in the library.")]

    def _undo(self, wanted: str, clicks: Sequence[int | None]) -> tuple[Any, Any, Any, Any]:
        if not any(clicks):  # The buttons were drawn, not pressed.
            return _NOTHING
        gone = shelf.undo(self.library, wanted)
        return no_update, self._shown(f"{gone.file} is out of the library."), _shelf(self.workspace), no_update

    def _shown(self, words: str) -> list[Any]:
        """What was done, and the way to the posts."""
        link = html.A("Show the library", href="/", className="pl-button pl-next")
        if self.reload is None or not shelf.imports(self.library):
            return _said(f"{words} Start Postlens with --data library to see it.", kind="info")
        self.reload()
        note = f'{words} To begin with it next time, set source = "{shelf.NAME}" under [data] in config.toml.'
        return [*_said(note, kind="info"), html.P(link)]


def _harmless(name: str) -> str:
    """A file's name without anything that could lead elsewhere."""
    kept = re.sub(r"[^\w .()-]", "_", name.replace("\\", "/").rpartition("/")[2]).lstrip(". ")[-100:]
    return kept or "file"


def _touch(file: Path, milliseconds: float) -> None:
    """The time the file was exported, as the browser tells it: later exports are newer."""
    import os

    seconds = milliseconds / 1000 if milliseconds > 1e11 else milliseconds
    os.utime(file, (seconds, seconds))


def _said(words: str, kind: str = "caution") -> list[Any]:
    return [html.Div(html.P(words), className=f"pl-notice pl-notice-{kind}", role="alert")]


def _mapped(chosen: Sequence[str | None], places: Sequence[Mapping[str, str]]) -> dict[int, dict[str, str]]:
    """What the selects say, as role to column by file; only where somebody changed one."""
    found: dict[int, dict[str, str]] = {}
    for value, place in zip(chosen, places, strict=True):
        number, _, proposed = place["file"].partition(":")
        if (value or "") == proposed:
            continue
        own = found.setdefault(int(number), {})
        if proposed:
            own.setdefault(proposed, "")
        if value:
            own[value] = place["column"]
    return found


def _card(number: int, one: Outcome, columns: Mapping[str, str]) -> Any:
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
