"""A promise to the host, kept or broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from postlens.core.contract.limits import limited
from postlens.core.contract.problems import reraise_fatal

CHECK_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One thing the host expects of a panel.

    Attributes:
        name: the promise in words.
        kept: whether the panel keeps it.
        why: how it was broken, on which data; empty if kept.
        fix: what its author can do.
    """

    name: str
    kept: bool
    why: str = ""
    fix: str = ""

    def __str__(self) -> str:
        return f"kept: {self.name}" if self.kept else f"BROKEN: {self.name}. {self.why} {self.fix}"


def promise(name: str, check: Callable[[], Iterator[str]], fix: str) -> Promise:
    """Check one promise: `check` gives how it was broken, first of all the first way; it may take ten minutes."""
    try:
        why = limited(lambda: next(check(), ""), CHECK_SECONDS)
    except BaseException as error:  # noqa: BLE001 - a kit that crashes on a panel has found something
        reraise_fatal(error)
        why = f"{type(error).__name__}: {error}."
    return Promise(name=name, kept=not why, why=why, fix=fix if why else "")
