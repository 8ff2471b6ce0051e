"""What went wrong, said in the house form: what, where, why and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that went wrong, for people.

    `what` is a full sentence; `why` and `hint` are sentences or empty; `where` is a place such as
    `config.toml line 14` or `posts.csv row 7, column F`.
    """

    what: str
    where: str = ""
    why: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return " ".join(part for part in (f"{place}{self.what}", self.why, self.hint) if part)


class PostlensError(Exception):
    """A problem that stops what the user asked for. Shown as its sentences, never as a traceback."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    @classmethod
    def from_bug(cls, error: Exception) -> PostlensError:
        """An unexpected error, which is a bug in Postlens."""
        return cls(
            Problem(
                what="Something unexpected went wrong.",
                why=f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}.",
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


class Cancelled(Exception):
    """The run was cancelled by the user or superseded by a newer one."""


def fail(what: str, *, where: str = "", why: str = "", hint: str = "") -> PostlensError:
    """An error made of one problem, ready to raise."""
    return PostlensError(Problem(what=what, where=where, why=why, hint=hint))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that offers the known word nearest to a mistyped one, or lists what is known."""
    names = list(known)
    match = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if match:
        return f'Did you mean "{match[0]}"?'
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"Known: {listed}." if names else ""
