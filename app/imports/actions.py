"""What happens to files on the Import page: put aside, read, corrected, imported, undone."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore, Event
from typing import Any, TypedDict

from dash import ctx, html, no_update

from postlens.app.clients import Clients
from postlens.app.imports.answers import Answers, mapped, merged, over
from postlens.app.imports.apart import reader_of
from postlens.app.imports.cards import File, said, shelf_of, shown
from postlens.app.imports.importing import Outcome, Told
from postlens.app.imports.uploads import find, put_aside
from postlens.app.workspace import Workspace, read_settings
from postlens.core.ask.cache import remember
from postlens.core.contract import wording
from postlens.core.contract.problems import PostlensError, fail, reraise_fatal
from postlens.core.data.store import library as shelf
from postlens.core.data.store import mappings
from postlens.core.host.config import SAMPLE

log = logging.getLogger(__name__)
_NOTHING = (no_update,) * 5
_PLACES, _PATIENCE = 3, 2.0  # Visitors who import at the same time, and seconds one more waits.
_AT_ONCE, _SEEN = 2, 200  # Files of one visitor read at a time, and looks at files that are remembered.
_MOST = 500  # Files on one page.


class Known(TypedDict, total=False):
    """What a page knows of its files beside where they are: what was answered by mark, and the mark of the open one."""

    answers: dict[str, Answers]
    opened: str


_TOO_MANY = f"A page takes up to {_MOST} files. Import those that are here first, or put many files into one ZIP."
_NOTHING_KNOWN: Known = {"answers": {}, "opened": ""}


def _instead(words: list[Any]) -> tuple[Any, Any, Any, Any, Any]:
    """What is said in place of the files."""
    return no_update, no_update, words, no_update, no_update


def _not_read(one: Mapping[str, str], problem: PostlensError) -> Outcome:
    return Outcome(file=one["name"], problem=problem)


def library_of(workspace: Workspace) -> Path:
    """The folder of the library."""
    return workspace.deployment.store / shelf.NAME


class Desk:
    """What the page's one callback does."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self._steps: dict[str, str] = {}
        self._stops: dict[str, Event] = {}
        self._seen: OrderedDict[tuple[str, str, str], Outcome] = OrderedDict()
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

    def stop(self, clicks: int | None, who: str) -> str:
        """End what is being read for a page; what it says meanwhile."""
        if clicks and (stop := self._stops.get(who)) is not None:
            stop.set()
        return "Stopping ..."

    def act(
        self,
        contents: list[str] | None,
        _again: int | None,
        _keep: int | None,
        undone: list[int | None],
        acted: list[int | None],
        names: list[str] | None,
        modified: list[float] | None,
        staged: list[dict[str, str]],
        known: Known,
        client: str | None,
        zone: str | None,
        order: str | None,
        decimal: str | None,
        add_days: bool | None,  # noqa: FBT001 - Dash passes values by position
        chosen: list[str],
        places: list[dict[str, str]],
        readings: list[str],
        read_places: list[dict[str, str]],
        who: str,
    ) -> tuple[Any, Any, Any, Any, Any]:
        """Stage, read again, open, remove, import or undo, whichever was asked for."""
        told = Told(
            client=(client or "").strip()[:80],
            zone=(zone or "").strip(),
            date_order=order or None,
            decimal=decimal or None,
            add_days=bool(add_days),
        )
        answers = merged(known.get("answers", {}), mapped(chosen, places), readings, read_places)
        asked = ctx.triggered_id
        if not self._places.acquire(timeout=_PATIENCE):
            return _instead(said("Others are importing at the moment. Try again in a minute."))
        self._stops[who] = Event()
        try:
            if isinstance(asked, dict) and asked["role"] == "undo":
                return self._undo(asked["import"], undone, staged, told, {"answers": answers, "opened": ""})
            if isinstance(asked, dict):
                return self._of_one(asked["do"], asked["file"], acted, staged, told, answers, known, who)
            if asked == "up-files":
                if not contents:  # Taken off after an import, so that the same file may be dropped again.
                    return _NOTHING
                if len(staged) + len(contents) > _MOST:
                    return _instead(said(_TOO_MANY))
                staged = staged + put_aside(self.library, contents, names or [], modified or [], self._max_bytes())
                return self._read(staged, told, {"answers": answers, "opened": ""}, who)
            if asked == "up-keep" and _keep:
                return self._keep(staged, told, answers, who)
            return self._read(staged, told, {"answers": answers, "opened": ""}, who) if _again else _NOTHING
        except PostlensError as error:
            return _instead(said(str(error)))
        except BaseException as error:
            reraise_fatal(error)
            log.exception("import failed")
            return _instead(said("This could not be done. The log has the details."))
        finally:
            self._places.release()
            self._steps.pop(who, None)
            self._stops.pop(who, None)

    def _note(self, who: str, which: str, done: float, label: str) -> None:
        if (stop := self._stops.get(who)) is not None and stop.is_set():
            raise fail("This was not read: you stopped it.", hint="Read again, or remove the file.", asks="again")
        if who:
            self._steps[who] = f"{which}, {done:.0%}: {label}"

    def _of_one(
        self,
        do: str,
        mark: str,
        acted: Sequence[int | None],
        staged: list[dict[str, str]],
        told: Told,
        answers: dict[str, Answers],
        known: Known,
        who: str,
    ) -> tuple[Any, Any, Any, Any, Any]:
        """Open a file of the table, or take it off."""
        if not any(acted):  # The buttons were drawn, not pressed.
            return _NOTHING
        if do == "open":
            return self._read(staged, told, {"answers": answers, "opened": mark}, who)
        rest = [one for one in staged if one["mark"] != mark]
        if not rest:
            return [], _NOTHING_KNOWN, [], no_update, None
        return self._read(rest, told, {"answers": answers, "opened": known.get("opened", "")}, who)

    def _outcomes(
        self, staged: Sequence[Mapping[str, str]], told: Told, answers: Mapping[str, Answers], who: str, *, keep: bool
    ) -> list[Outcome]:
        """What becomes of each file, two at a time. A file is not read again for a look where nothing was changed."""
        settings = told.over(read_settings(self.workspace.deployment))
        read, readers = reader_of(self.workspace.deployment), self.workspace.registry.readers

        def outcome(number: int, one: Mapping[str, str]) -> Outcome:
            try:
                own = over(settings, answers.get(one["mark"], {}))
                file = find(self.library, one)
            except PostlensError as problem:
                return _not_read(one, problem)
            key = (one["mark"], repr(own), told.client)
            if not keep and (before := self._seen.get(key)) is not None:
                return before
            progress = partial(self._note, who, f"File {number + 1} of {len(staged)}")
            try:
                made = read(
                    self.library, file, own, readers, told.client, keep=keep, name=one["name"], progress=progress
                )
            except PostlensError as problem:
                return _not_read(one, problem)
            if not keep:
                remember(self._seen, key, made, _SEEN)
            return made

        if keep:  # One after the other: of two files of one post the later one counts.
            return [outcome(number, one) for number, one in enumerate(staged)]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="postlens-import") as pool:
            return list(pool.map(outcome, range(len(staged)), staged))

    def _read(
        self, staged: list[dict[str, str]], told: Told, known: Known, who: str = ""
    ) -> tuple[Any, Any, Any, Any, Any]:
        """The files as they are read."""
        if not staged:
            return _instead(said("No file could be taken. It may be larger than the page allows."))
        page, opened = self._page(staged, told, known, who)
        return staged, {"answers": known.get("answers", {}), "opened": opened}, page, no_update, no_update

    def _page(self, staged: list[dict[str, str]], told: Told, known: Known, who: str) -> tuple[list[Any], str]:
        answers = known.get("answers", {})
        outcomes = self._outcomes(staged, told, answers, who, keep=False)
        files = [
            File(mark=one["mark"], outcome=made, answers=answers.get(one["mark"], {}))
            for one, made in zip(staged, outcomes, strict=True)
        ]
        return shown(files, known.get("opened", ""))

    def _keep(
        self, staged: list[dict[str, str]], told: Told, answers: dict[str, Answers], who: str = ""
    ) -> tuple[Any, Any, Any, Any, Any]:
        """Import what can be; the files with a question stay on the page."""
        outcomes = self._outcomes(staged, told, answers, who, keep=True)
        self._seen.clear()  # A mapping that is saved now changes how other files are read.
        settings = told.over(read_settings(self.workspace.deployment))
        for one, made in zip(staged, outcomes, strict=True):
            own = answers.get(one["mark"], {})
            if made.problem is None and own.get("columns"):
                used = over(settings, own)
                saved = mappings.Template(
                    name=made.file, columns=dict(used.columns), date_order=used.date_order, decimal=used.decimal
                )
                mappings.save(self.library, made.headers, saved)
        kept = [o for o in outcomes if o.kept]
        refused = [
            said(f"{o.file}: not imported. {o.problem}")[0]
            for o in outcomes
            if o.problem is not None and not o.problem.asks
        ]
        asking = [one for one, o in zip(staged, outcomes, strict=True) if o.problem is not None and o.problem.asks]
        posts = sum(o.report.posts for o in kept if o.report)
        files = f"{wording.counted(len(kept), 'file')} with {wording.counted(posts, 'post')}"
        done = self._shown(f"{files} {'is' if len(kept) == 1 else 'are'} in the library.") if kept else []
        rest, opened = self._page(asking, told, {"answers": answers, "opened": ""}, who) if asking else ([], "")
        known = {"answers": answers, "opened": opened} if asking else _NOTHING_KNOWN
        return asking, known, [*done, *refused, *rest], shelf_of(self.library), None

    def _undo(
        self, wanted: str, clicks: Sequence[int | None], staged: list[dict[str, str]], told: Told, known: Known
    ) -> tuple[Any, Any, Any, Any, Any]:
        if not any(clicks):  # The buttons were drawn, not pressed.
            return _NOTHING
        gone = shelf.undo(self.library, wanted)
        if not shelf.imports(self.library):
            self.clients.show_source()
        words = self._shown(f"{gone.file} is out of the library.")
        rest, opened = self._page(staged, told, known, "") if staged else ([], "")
        known = {"answers": known.get("answers", {}), "opened": opened}
        return no_update, known, [*words, *rest], shelf_of(self.library), no_update

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
