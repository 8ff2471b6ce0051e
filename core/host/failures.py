"""The start-up walls: whatever a plugin raises becomes a record, never the end of the app."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import importlib
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import pluggy

from postlens.core import contract, host
from postlens.core.contract.limits import START_SECONDS, limited
from postlens.core.contract.problems import Problem, message_of, nearest, reraise_fatal
from postlens.core.host.discovery import Found, NotFound

Stage = Literal["find", "import", "register", "offer"]
T = TypeVar("T")
_HOSTS = tuple(
    str(Path(str(m.__file__)).resolve().parent) for m in (contract, host, pluggy, importlib, concurrent.futures)
)
OFFERED = frozenset({"Panel", "DerivedColumn", "Measure", "Reader", "Needs", "CustomPage"})


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a plugin, or one thing it offers, is not there. `trace` is for developers."""

    stage: Stage
    problem: Problem
    trace: str = ""


class PluginFailed(Exception):
    """A plugin ran into one of the start-up walls."""

    def __init__(self, stage: Stage, problem: Problem, trace: str = "") -> None:
        super().__init__(str(problem))
        self.failure = Failure(stage=stage, problem=problem, trace=trace)


def guarded(stage: Stage, found: Found, step: Callable[[], T]) -> T:
    """Run one step of loading; whatever it raises becomes a record, except what the user pressed. Only so long is waited for it."""
    try:
        return step() if found.source == "built-in" else limited(step, START_SECONDS)
    except PluginFailed:
        raise
    except NotFound as error:
        raise PluginFailed("find", error.problems[0]) from error
    except BaseException as error:  # A plugin may call sys.exit; that must not end the app either.
        reraise_fatal(error)
        raise PluginFailed(stage, blame(stage, found, error), traceback.format_exc()) from error


def blame(stage: Stage, found: Found, error: BaseException) -> Problem:
    """What a plugin raised, as a problem of that plugin."""
    words = {"find": "could not be found", "import": "could not be imported", "register": "could not be registered"}
    origin = f" ({found.package} {found.version})" if found.package and found.source != "built-in" else ""
    hint = "Ask its author, or take it out of [plugins] in config.toml."
    if wrong := re.search(r"^(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'", message_of(error)):
        hint = nearest(wrong[2], _fields(wrong[1])) or hint
    if isinstance(error, ModuleNotFoundError):
        hint = f'Install "{error.name}" in the same environment, or take the plugin out of config.toml.'
    return Problem(
        what=f'The plugin "{found.name}"{origin} {words.get(stage, "offers something unusable")}.',
        where=_place(error),
        why=f"{type(error).__name__}: {message_of(error)}.",
        hint=hint,
    )


def _place(error: BaseException) -> str:
    """The last line outside the host and what carries its calls: the plugin's own, or a package's that it used."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith(_HOSTS) and Path(f.filename).is_file()]
    return f"{Path(own[-1].filename).name} line {own[-1].lineno}" if own else ""


def _fields(kind: str) -> list[str]:
    """What a kind of thing that plugins offer may be told."""
    return [f.name for f in dataclasses.fields(getattr(contract, kind))] if kind in OFFERED else []
