"""Custom pages: a panel's own components and callbacks, kept to its own ids."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import dash
from dash import Dash, Input, Output, State, _callback
from dash.development.base_component import Component
from plotly.basedatatypes import BaseFigure
from plotly.io.json import to_json_plotly

from postlens.app.blocks.render import card, escape_markup
from postlens.app.clients import Clients
from postlens.core.ask.outcome import Done, crashed
from postlens.core.contract import Panel
from postlens.core.contract.limits import START_SECONDS, TookTooLong, limited
from postlens.core.contract.problems import Problem, fail, message_of, reraise_fatal

log = logging.getLogger(__name__)
Key = tuple[str, str]
STYLES = "/styles/"
_LAYOUT_SECONDS, _REST_SECONDS = 5.0, 60.0
_PLACES, _PATIENCE = 3, 2.0  # Callbacks of one page at the same time, and seconds one more waits.

_EVERYWHERE, _WAITING = threading.BoundedSemaphore(6), threading.BoundedSemaphore(3)  # Of the threads of a server.


class CustomFrame:
    """What the host gives a custom page: ids with its prefix, its result, and a checked way to declare callbacks."""

    def __init__(self, app: Dash, clients: Clients, panel: Panel[Any, Any], claimed: set[Key]) -> None:
        self._app, self._clients, self._panel, self._claimed = app, clients, panel, claimed
        self._places = threading.BoundedSemaphore(_PLACES)
        self.rests_until = 0.0  # A layout that hung is not asked again before.

    @property
    def style(self) -> str:
        """The page's CSS, within its own components: a rule for `p` is one for the paragraphs of this page."""
        own = self._panel.page.style if self._panel.page else ""
        return f"#{self._panel.id}-own {{\n{own}\n}}\n" if own else ""

    def id(self, name: str, index: Any = None) -> Any:
        """The id of a component of this page, or of one among several."""
        own = f"{self._panel.id}-own"
        return f"{own}-{name}" if index is None else {"page": own, "name": name, "index": index}

    def result(self, answer: Any) -> Any:
        """The panel's result for the data of the store `answer`; None while there is none."""
        done = self._done(answer)
        return None if done is None else done.result

    def settings(self, answer: Any) -> Any:
        """The settings of that answer; None while there is none."""
        done = self._done(answer)
        return None if done is None else done.params

    def _done(self, answer: Any) -> Done | None:
        key = (answer or {}).get("key") if isinstance(answer, dict) else None
        return self._clients.workspace().engine.answered(self._panel.id, key) if isinstance(key, str) else None

    def owns(self, component: Any) -> bool:
        """Whether an id is one of this page's."""
        if isinstance(component, dict):
            return component.get("page") == f"{self._panel.id}-own"
        return str(component).startswith(self.id(""))

    def callback(
        self, *parts: Any, prevent_initial_call: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a callback on components of this page alone.

        Raises:
            PostlensError: a component belongs to somebody else, or an output is claimed twice.
        """
        outputs = self._claim(parts)

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._app.callback(*parts, prevent_initial_call=prevent_initial_call)(self._guarded(function, outputs))
            return function

        return register

    def clientside(self, function: str, *parts: Any, prevent_initial_call: bool = False) -> None:
        """Declare a callback that runs in the browser.

        Raises:
            PostlensError: as `callback`.
        """
        self._claim(parts)
        self._app.clientside_callback(function, *parts, prevent_initial_call=prevent_initial_call)

    def _claim(self, parts: tuple[Any, ...]) -> int:
        """Check the parts of a callback; how many outputs it has."""
        flat = [item for part in parts for item in (part if isinstance(part, list | tuple) else [part])]
        outputs = sum(isinstance(item, Output) for item in flat)
        if not outputs:
            raise fail("A callback of a custom page has no Output.", hint='Write Output(page.id("chart"), "figure").')
        for item in flat:
            self._check(item)
        return outputs

    def _check(self, item: Any) -> None:
        if not isinstance(item, Input | Output | State):
            raise fail(
                f"A callback of a custom page has a {type(item).__name__} in it.", hint="Use Output, Input, State."
            )
        name, prop = str(item.component_id), item.component_property
        if not self.owns(item.component_id):
            raise fail(
                f'A callback of a custom page uses "{name}", which belongs to somebody else.',
                hint='Make the ids of your components with page.id("name").',
            )
        if isinstance(item, Output):
            if name == self.id("answer"):
                raise fail("A callback of a custom page writes the answer, which the host writes.")
            if (name, prop) in self._claimed:
                raise fail(f'Two callbacks write "{prop}" of "{name}".', hint="Write each output in one callback.")
            self._claimed.add((name, prop))

    def _place(self) -> bool:
        """A place for a callback: of this page, and of all pages together, so that most threads stay with the host."""
        free = self._places.acquire(blocking=False)
        if not free and _WAITING.acquire(blocking=False):
            try:
                free = self._places.acquire(timeout=_PATIENCE)
            finally:
                _WAITING.release()
        if free and not _EVERYWHERE.acquire(blocking=False):
            self._places.release()
            return False
        return free

    def _guarded(self, function: Callable[..., Any], outputs: int) -> Callable[..., Any]:
        """What the callback raises is said on the page; the components keep what they had."""

        def guarded(*values: Any) -> Any:
            if not self._place():
                said = f'The page "{self._panel.title}" is still busy with what was asked before.'
                dash.set_props(f"{self._panel.id}-trouble", {"children": card(said, ["Try again in a while."])})
                return dash.no_update if outputs == 1 else (dash.no_update,) * outputs
            try:
                return answered(*values)
            finally:
                _EVERYWHERE.release()
                self._places.release()

        def answered(*values: Any) -> Any:
            try:
                found = function(*values)
                found = _shown(found)
                one_for_all = found is dash.no_update
                if outputs > 1 and not one_for_all and not (isinstance(found, list | tuple) and len(found) == outputs):
                    raise TypeError(f"the callback has {outputs} outputs and returned {type(found).__name__}")
                to_json_plotly(found)
            except dash.exceptions.PreventUpdate:
                raise
            except BaseException as error:
                reraise_fatal(error)
                said = crashed(
                    f'The page "{self._panel.title}" could not react to that.', self._panel.id, "callback", error
                )
                dash.set_props(f"{self._panel.id}-trouble", {"children": problem_card(said.problem)})
                return dash.no_update if outputs == 1 else (dash.no_update,) * outputs
            dash.set_props(f"{self._panel.id}-trouble", {"children": ""})
            return found

        guarded.__name__ = getattr(function, "__name__", "callback")
        return guarded


def _shown(value: Any) -> Any:
    """Figures as the host shows them, wherever they are: posts' text in their labels is text, whatever it looks like."""
    if isinstance(value, BaseFigure):
        return escape_markup(value.to_plotly_json())
    if isinstance(value, list | tuple):
        return type(value)([_shown(item) for item in value])
    if isinstance(value, Component):
        for component in (value, *value._traverse()):  # noqa: SLF001 - Dash has no public walk over a layout
            if isinstance(getattr(component, "figure", None), BaseFigure):
                component.figure = _shown(component.figure)
    return value


def problem_card(problem: Problem) -> Any:
    """A problem as a card."""
    return card(problem.what, [problem.why, problem.hint], kind="crash")


def connect(app: Dash, clients: Clients) -> dict[str, CustomFrame]:
    """Declare the callbacks of every custom page. One whose declaration fails keeps its page, with what is wrong on it."""
    frames: dict[str, CustomFrame] = {}
    claimed: set[Key] = set()
    for panel in clients.workspace().registry.panels.values():
        if panel.page is None:
            continue
        frame = CustomFrame(app, clients, panel, claimed)
        try:
            if panel.page.connect is not None:
                _declared(panel.page.connect, frame)
        except BaseException as error:
            reraise_fatal(error)
            crashed(f'The callbacks of "{panel.title}" cannot be used.', panel.id, "connect", error)
            frames[panel.id] = _Broken(app, clients, panel, error)
        else:
            frames[panel.id] = frame
    return frames


def _declared(declare: Callable[[Any], Any], frame: CustomFrame) -> None:
    """Run a page's declarations for so long, and take back what it declares past its frame: it may write what is the host's.

    Raises:
        PostlensError: it declared something past its frame.
        TookTooLong: it did not end.
    """
    known, listed = set(_callback.GLOBAL_CALLBACK_MAP), len(_callback.GLOBAL_CALLBACK_LIST)
    try:
        limited(lambda: declare(frame), START_SECONDS)
    finally:
        strange = [name for name in _callback.GLOBAL_CALLBACK_MAP if name not in known]
        added = len(_callback.GLOBAL_CALLBACK_LIST) > listed
        for name in strange:
            del _callback.GLOBAL_CALLBACK_MAP[name]
        del _callback.GLOBAL_CALLBACK_LIST[listed:]
    if strange or added:
        raise fail(
            "It declares callbacks with dash.callback or dash.clientside_callback, past its own page.",
            hint="Use page.callback and page.clientside, which keep a page to its own components.",
        )


class _Broken(CustomFrame):
    """The frame of a page whose callbacks could not be declared."""

    def __init__(self, app: Dash, clients: Clients, panel: Panel[Any, Any], error: BaseException) -> None:
        super().__init__(app, clients, panel, set())
        self.error = error


def layout(panel: Panel[Any, Any], frame: CustomFrame) -> Any:
    """The components of a custom page, checked to keep to their ids; what is wrong with them otherwise."""
    assert panel.page is not None
    if isinstance(frame, _Broken):
        return problem_card(_problem_of(panel, frame.error))
    make = panel.page.layout
    try:
        if time.monotonic() < frame.rests_until:
            raise TookTooLong(_LAYOUT_SECONDS)
        try:
            content = _shown(limited(lambda: make(frame), _LAYOUT_SECONDS))
        except TookTooLong:
            frame.rests_until = time.monotonic() + _REST_SECONDS
            raise
        if not isinstance(content, Component | list | tuple | str):
            raise fail(f"layout returned a {type(content).__name__}.", hint="Return a component or a list of them.")
        to_json_plotly(content)
        strangers = [name for name in _ids(content) if not frame.owns(name)]
        if strangers:
            raise fail(
                f'The page uses the id "{strangers[0]}", which is not its own.',
                hint='Make the ids of your components with page.id("name").',
            )
    except BaseException as error:
        reraise_fatal(error)
        crashed(f'The page "{panel.title}" could not be laid out.', panel.id, "layout", error)
        return problem_card(_problem_of(panel, error))
    return content


def _problem_of(panel: Panel[Any, Any], error: BaseException) -> Problem:
    said = message_of(error)
    return Problem(
        what=f'The own page of "{panel.title}" cannot be used.',
        why=f"{type(error).__name__}: {said}",
        hint="The other pages work. Its author must fix it; the log has the details.",
    )


def _ids(content: Any) -> Iterable[Any]:
    for part in content if isinstance(content, list | tuple) else [content]:
        if isinstance(part, Component):
            inner = part._traverse()  # noqa: SLF001 - Dash has no public walk over a layout
            for component in (part, *inner):
                name = getattr(component, "id", None)
                if name is not None:
                    yield name
