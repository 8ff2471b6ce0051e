"""What can come of a question about the posts."""

from __future__ import annotations

import hashlib
import logging
import traceback
from dataclasses import dataclass
from typing import Any, Literal

from postlens.core.contract import Params
from postlens.core.contract.problems import BrokenPromise, Problem, cause_of

log = logging.getLogger(__name__)
Empty = Literal["no data", "filtered away", "column missing", "too few posts", "cannot tell"]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What it takes to get the same numbers again.

    Attributes:
        rows: `read` from the files, `posts` in the data set, `matched` by the filters, `used` by the panel.
        dropped: reason and number for every row between `read` and `used`.
        digests: for every table and value of the result, a mark that changes when it does.
    """

    panel: str
    panel_version: str
    postlens: str
    data: str
    fingerprint: str
    params: dict[str, Any]
    filters: list[tuple[str, str]]
    columns: dict[str, dict[str, Any]]
    ignored: list[str]
    seed: int
    timezone: str
    rows: dict[str, int]
    dropped: list[dict[str, Any]]
    computed: str
    digests: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Done:
    """A result with its receipt. `notes` say what the host changed in the question."""

    result: Any
    params: Params
    receipt: Receipt
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The data cannot answer: which of the empty states it is, why, and what to do."""

    kind: Empty
    reason: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Crashed:
    """A bug in a panel. Users see the problem and the reference; `trace` is in the log under that reference.

    Attributes:
        cause: what the exception says, in a line.
    """

    problem: Problem
    reference: str
    cause: str
    trace: str


def crashed(what: str, source: str, step: str, error: BaseException) -> Crashed:
    """A bug, logged whole, with a reference to find it by. Call it where the exception is being handled."""
    trace = traceback.format_exc()
    reference = hashlib.blake2b(trace.encode(), digest_size=3).hexdigest()
    log.error("crashed plugin=%s step=%s reference=%s", source, step, reference, exc_info=error)
    cause = cause_of(error)
    kind = cause if isinstance(error, BrokenPromise) else type(error).__name__
    problem = Problem(
        what=what,
        why=f"This is a bug in the plugin ({kind}), not in your data or settings.",
        hint=f"The other panels work. Tell its author the reference {reference}; the log has the details.",
    )
    return Crashed(problem=problem, reference=reference, cause=cause, trace=trace)


Outcome = Done | Refused | Crashed
