"""A question about the posts, and what can come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.contract import Params
from core.filters import Filters
from core.problems import Problem

Empty = Literal["no data", "filtered away", "column missing", "too few posts", "cannot tell"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One question: which panel, with which settings, about which posts.

    Attributes:
        columns: settings of derived columns that differ from the house's, by column id.
    """

    panel: str
    params: Params
    filters: Filters = field(default_factory=Filters)
    columns: Mapping[str, Params] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What it takes to get the same numbers again.

    Attributes:
        rows: `read` from the files, `posts` in the data set, `matched` by the filters, `used` by the panel.
        dropped: reason and number for every row between `read` and `used`.
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
    """A bug in a panel. Users see the problem and the reference; `trace` is in the log under that reference."""

    problem: Problem
    reference: str
    trace: str


Outcome = Done | Refused | Crashed
