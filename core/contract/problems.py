"""What went wrong, said in the house form: what, where, why and what to do next."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that went wrong, for people.

    `what` is a full sentence; `why` and `hint` are sentences or empty; `where` is a place such as
    `config.toml line 14` or `posts.csv row 7, column F`. `asks` names the setting whose value would solve it, where
    it is a question rather than an error: `date_order`, `decimal`, `timezone`, `add_days`, `platform` or `columns`.
    """

    what: str
    where: str = ""
    why: str = ""
    hint: str = ""
    asks: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return " ".join(part for part in (f"{place}{self.what}", self.why, self.hint) if part)


class PostlensError(Exception):
    """A problem that stops what the user asked for. Shown as its sentences, never as a traceback."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    @property
    def asks(self) -> str:
        """The first setting that an answer is wanted for; empty where nothing is asked."""
        return next((p.asks for p in self.problems if p.asks), "")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.problems

    @classmethod
    def from_bug(cls, error: BaseException) -> PostlensError:
        """An unexpected error, which is a bug in Postlens."""
        return cls(
            Problem(
                what="Something unexpected went wrong.",
                why=f"{type(error).__name__}: {message_of(error)}.",
                hint="Run it again with -v to see where, and report it.",
            )
        )


class CannotCompute(Exception):
    """The data cannot answer this question: guidance on screen, not a crash.

    Args:
        reason: what the data lacks, as a sentence.
        hint: what the analyst can do about it, as a sentence.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"{reason} {hint}".strip())
        self.reason = reason
        self.hint = hint


class BrokenPromise(Exception):
    """A plugin returned what the contract does not allow; the message says what, and is shown to people."""


class Cancelled(Exception):
    """The run was cancelled by the user or superseded by a newer one."""


def reraise_fatal(error: BaseException) -> None:
    """Raise again what no wall may keep: Ctrl-C of the user, and the end of a generator.

    Everything else a plugin raises is a bug of that plugin, also `SystemExit` and the panics of compiled packages, which
    are no `Exception`.
    """
    pressed = isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread()
    if pressed or isinstance(error, GeneratorExit):
        raise error


def message_of(error: BaseException) -> str:
    """The first line an exception says, without the full stop; some cannot even say that."""
    try:
        lines = str(error).strip().splitlines()
    except BaseException as worse:  # noqa: BLE001 - its own __str__ raises
        reraise_fatal(worse)
        lines = []
    return (lines or ["no message"])[0][:300].rstrip(".")


def cause_of(error: BaseException) -> str:
    """What an exception says in one line, with its kind; of pydantic's, where and what is wrong."""
    if isinstance(error, BrokenPromise):
        return message_of(error)
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{error.title}: {f'{place}: ' if place else ''}{first['msg']}"
    return f"{type(error).__name__}: {message_of(error)}"


def fail(what: str, *, where: str = "", why: str = "", hint: str = "", asks: str = "") -> PostlensError:
    """An error made of one problem, ready to raise."""
    return PostlensError(Problem(what=what, where=where, why=why, hint=hint, asks=asks))


_LONGEST = 80
_COMPARED = 2_000


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that offers the known word nearest to a mistyped one, or lists what is known."""
    names = list(known)
    # Comparing takes time with the square of the length: nobody mistypes a name of hundreds of letters.
    short = [name for name in names[:_COMPARED] if len(name) <= _LONGEST]
    match = difflib.get_close_matches(word, short, n=1, cutoff=0.6) if len(word) <= _LONGEST else []
    if match:
        return f'Did you mean "{match[0]}"?'
    listed = ", ".join(name[:_LONGEST] for name in names[:12]) + (", ..." if len(names) > 12 else "")
    return f"Known: {listed}." if names else ""
