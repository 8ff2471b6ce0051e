"""What happens to files on the Import page: put aside, read, corrected, imported, undone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import dash_mantine_components as dmc
from dash import ctx, html, no_update

from postlens.app.clients import Clients
from postlens.app.imports.apart import reader_of
from postlens.app.imports.cards import card, said, shelf_of
from postlens.app.imports.importing import Outcome, Told
from postlens.app.imports.uploads import find, put_aside
from postlens.app.workspace import Workspace, read_settings
from postlens.core.contract.problems import PostlensError, reraise_fatal
from postlens.core.data.store import library as shelf
from postlens.core.data.store import mappings
from postlens.core.host.config import SAMPLE

log = logging.getLogger(__name__)
_NOTHING = (no_update,) * 4
_PLACES, _PATIENCE = 3, 2.0  # Visitors who import at the same time, and seconds one more waits.


def library_of(workspace: Workspace) -> Path:
    """The folder of the library."""
    return workspace.deployment.store / shelf.NAME


class Desk:
    """What the page's one callback does."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self._steps: dict[str, str] = {}
        self._places = BoundedSemaphore(_PLACES)

    @property
    def workspace(self) -> Workspace:
        """That of whoever asks."""
        return self.clients.workspace()

    @property
    def library(self) -> Path:
        """The folder of its library."""
        return library_of(self.workspace)

    def _max_bytes(self) -> int:
        return self.workspace.deployment.config.data.upload_mb * 1_000_000

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
        if not self._places.acquire(timeout=_PATIENCE):
            return no_update, said("Others are importing at the moment. Try again in a minute."), no_update, no_update
        try:
            if isinstance(asked, dict):
                return self._undo(asked["import"], undone)
            if asked == "up-files":
                if not contents:  # Taken off after an import, so that the same file may be dropped again.
                    return _NOTHING
                staged = put_aside(self.library, contents, names or [], modified or [], self._max_bytes())
                return staged, self._read(staged, told, {}, who), no_update, no_update
            columns = mapped(chosen, places)
            if asked == "up-keep" and _keep:
                return [], self._keep(staged, told, columns, who), shelf_of(self.library), None
            read = self._read(staged, told, columns, who) if _again else no_update
            return no_update, read, no_update, no_update
        except PostlensError as error:
            return no_update, said(str(error)), no_update, no_update
        except BaseException as error:
            reraise_fatal(error)
            log.exception("import failed")
            return no_update, said("This could not be done. The log has the details."), no_update, no_update
        finally:
            self._places.release()
            self._steps.pop(who, None)

    def _note(self, who: str, which: str, done: float, label: str) -> None:
        if who:
            self._steps[who] = f"{which}, {done:.0%}: {label}"

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
            file = find(self.library, one)
            progress = partial(self._note, who, f"File {number + 1} of {len(staged)}")
            read = reader_of(self.workspace.deployment)
            outcomes.append(
                read(self.library, file, own, readers, told.client, keep=keep, name=one["name"], progress=progress)
            )
        return outcomes

    def _read(
        self, staged: Sequence[Mapping[str, str]], told: Told, columns: Mapping[int, dict[str, str]], who: str = ""
    ) -> list[Any]:
        outcomes = self._outcomes(staged, told, columns, who, keep=False)
        if not outcomes:
            return said("No file could be taken. It may be larger than the page allows.")
        cards = [card(number, one, columns.get(number, {})) for number, one in enumerate(outcomes)]
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
                saved = mappings.Template(
                    name=one.file,
                    columns=columns[number],
                    date_order=settings.date_order,
                    decimal=settings.decimal,
                )
                mappings.save(self.library, one.headers, saved)
        kept = [o for o in outcomes if o.kept]
        refused = [said(f"{o.file}: not imported. {o.problem}")[0] for o in outcomes if o.problem is not None]
        if not kept:
            return refused
        posts = sum(o.report.posts for o in kept if o.report)
        return [*refused, *self._shown(f"{len(kept)} file(s) with {posts:,} posts are in the library.")]

    def _undo(self, wanted: str, clicks: Sequence[int | None]) -> tuple[Any, Any, Any, Any]:
        if not any(clicks):  # The buttons were drawn, not pressed.
            return _NOTHING
        gone = shelf.undo(self.library, wanted)
        if not shelf.imports(self.library):
            self.clients.show_source()
        return no_update, self._shown(f"{gone.file} is out of the library."), shelf_of(self.library), no_update

    def _shown(self, words: str) -> list[Any]:
        """What was done, and the way to the posts."""
        link = html.A("Show the library", href="/", className="pl-button pl-next")
        if not shelf.imports(self.library):
            return said(words, kind="info")
        source = self.workspace.source
        if source not in {shelf.NAME, SAMPLE}:  # What everybody sees is the deployment's, not a visitor's.
            return said(f"{words} This deployment shows {source}; with --data library it shows these.", kind="info")
        self.clients.show_library()
        next_time = f' To begin with it next time, set source = "{shelf.NAME}" under [data] in config.toml.'
        return [*said(words if source == shelf.NAME else words + next_time, kind="info"), html.P(link)]


def mapped(chosen: Sequence[str | None], places: Sequence[Mapping[str, str]]) -> dict[int, dict[str, str]]:
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
