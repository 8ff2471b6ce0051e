"""What works: the questions that the panels ask by themselves, their verdicts, and false discoveries controlled over all."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.ask.metrics_in_view import instead_of_unknown
from postlens.core.ask.outcome import Crashed, Done, Refused
from postlens.core.ask.request import Request
from postlens.core.contract import Panel, Params
from postlens.core.contract.blocks import walk
from postlens.core.contract.limits import limited
from postlens.core.contract.problems import BrokenPromise, Cancelled, reraise_fatal
from postlens.core.contract.schema import Schema
from postlens.core.contract.verdict import Verdict
from postlens.core.stats.multiple import false_discovery_log

log = logging.getLogger(__name__)
RATE = 0.05  # Of what is shown as found, the share that may be chance.
MOST = 7
MAX_QUESTIONS = 200  # Of one panel; more would take the false discoveries' budget from all others.
_UNDECIDED = frozenset({"could be chance", "too few posts to tell"})
_QUESTION_SECONDS = 120.0  # A panel that takes longer has no findings; its page may still answer.
_PATIENCE = 60  # Weeks; nobody waits longer for an answer.


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A verdict with where it comes from.

    Attributes:
        panel: the panel that computes it. request: its question, for a link to its page.
        log_q: natural logarithm of the p-value adjusted for everything that was asked.
        weight: how much it would change: the effect times the share of posts it is about.
    """

    verdict: Verdict
    panel: str
    request: Request
    log_q: float
    weight: float


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What came out of all questions.

    Attributes:
        found: what stands out beyond chance, the weightiest first.
        open: what could be told with more posts, the largest possible gain first.
        also: everything else that was asked.
        asked: how many claims were looked at.
        questions: how many questions the panels asked by themselves; 0 where none does.
        lost: titles of the panels that failed or took too long to answer.
        refused: what these posts lack for some of the questions, and what to do, each reason once.
    """

    found: tuple[Finding, ...]
    open: tuple[Finding, ...]
    also: tuple[Finding, ...]
    asked: int
    lost: tuple[str, ...] = ()
    questions: int = 0
    refused: tuple[str, ...] = ()


def gather(
    engine: Engine,
    filters: Filters,
    progress: Callable[[float, str], None] = lambda _done, _label: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Findings:
    """Ask everything and judge it together. A panel that fails costs its own answers only.

    Raises:
        Cancelled: nobody waits any more.
    """
    lost: dict[str, None] = {}
    refused: dict[str, None] = {}
    asked = list(_questions(engine, filters, lost))
    every: list[Finding] = []
    for number, (panel, request) in enumerate(asked):
        progress(number / len(asked), f"Asking {panel.title}")
        if cancelled():
            raise Cancelled
        if panel.title in lost:
            continue  # It has had its time.
        verdicts = _verdicts(engine, panel, request, cancelled, refused)
        if verdicts is None:
            lost[panel.title] = None
            continue
        every += [
            Finding(verdict=v, panel=panel.id, request=_of_level(request, v), log_q=0.0, weight=_weight(v))
            for v in verdicts
        ]
    told = [f for f in every if f.verdict.log_p is not None and not math.isnan(f.verdict.log_p)]
    adjusted = false_discovery_log([f.verdict.log_p or 0.0 for f in told])
    judged = [replace(f, log_q=q) for f, q in zip(told, adjusted, strict=True)]
    found = [f for f in judged if f.verdict.state == "likely real" and f.log_q <= math.log(RATE)]
    rest = [f for f in judged if f not in found]
    undecided = [f for f in rest if _possible_gain(f.verdict) > 0]
    return Findings(
        found=tuple(sorted(found, key=lambda f: -f.weight)[:MOST]),
        open=tuple(sorted(undecided, key=lambda f: -_possible_gain(f.verdict))),
        also=tuple(sorted(found, key=lambda f: -f.weight)[MOST:] + rest),
        asked=len(judged),
        lost=tuple(lost),
        questions=len(asked),
        refused=tuple(refused),
    )


def _questions(engine: Engine, filters: Filters, lost: dict[str, None]) -> Iterator[tuple[Panel[Any, Any], Request]]:
    """What each panel asks by itself; a panel that cannot say is `lost`."""
    schema = engine.schema()
    known = engine.known_in_view(filters) if filters.items else None
    for panel in engine.registry.panels.values():
        if panel.questions is None:
            continue
        try:
            ask: Callable[[Schema], Sequence[Params]] = panel.questions
            settings = limited(lambda ask=ask: list(islice(ask(schema), MAX_QUESTIONS + 1)), _QUESTION_SECONDS)  # type: ignore[misc]
            if len(settings) > MAX_QUESTIONS:
                raise BrokenPromise(f"questions returned more than {MAX_QUESTIONS} settings")
            if strange := next((p for p in settings if not isinstance(p, panel.params)), None):
                raise BrokenPromise(f"questions returned a {type(strange).__name__} among the settings")
        except BaseException as error:
            reraise_fatal(error)
            log.exception("questions failed panel=%s", panel.id)
            lost[panel.title] = None
            continue
        for params in settings:
            yield panel, Request(panel=panel.id, params=instead_of_unknown(params, known), filters=filters)


def _verdicts(
    engine: Engine, panel: Panel[Any, Any], request: Request, cancelled: Callable[[], bool], refused: dict[str, None]
) -> Sequence[Verdict] | None:
    """What a panel finds; none where these posts cannot answer, for a reason that is noted; None where it fails or takes too long."""

    def found() -> Sequence[Verdict] | None:
        done = engine.answer(request, cancelled=cancelled)
        if isinstance(done, Refused) and done.kind == "column missing":
            refused[f"{done.reason} {done.hint}".strip()] = None
        if not isinstance(done, Done):
            return None if isinstance(done, Crashed) else []
        if panel.findings is not None:
            every = list(panel.findings(done.result))
            if strange := next((v for v in every if not isinstance(v, Verdict)), None):
                raise BrokenPromise(f"findings returned a {type(strange).__name__} among the verdicts")
            return every
        return [b for b in walk(list(panel.view(done.result, done.params))) if isinstance(b, Verdict)]

    try:
        return limited(found, _QUESTION_SECONDS)
    except Cancelled:
        raise
    except BaseException as error:
        reraise_fatal(error)
        log.exception("findings failed panel=%s", panel.id)
        return None


def _of_level(request: Request, verdict: Verdict) -> Request:
    """The question with the verdict's own group, where the panel has such a setting."""
    if verdict.level and "level" in type(request.params).model_fields:
        return replace(request, params=request.params.model_copy(update={"level": verdict.level}))
    return request


def _weight(verdict: Verdict) -> float:
    """The size of the effect on the log scale times the share of posts that have it."""
    if verdict.estimate is None or verdict.scale != "ratio" or not verdict.estimate > 0 or not verdict.posts:
        return 0.0
    share = (verdict.group_posts or verdict.posts) / verdict.posts
    return abs(math.log(verdict.estimate)) * share


def _possible_gain(verdict: Verdict) -> float:
    """How much more such posts may get, as far as the interval reaches; 0 for what is told, or cannot be."""
    if verdict.state not in _UNDECIDED or verdict.settle is None or verdict.scale != "ratio":
        return 0.0
    posts, weeks = verdict.settle.posts, verdict.settle.weeks
    if (
        (posts is None and weeks is None)
        or (weeks or 0) > _PATIENCE
        or verdict.estimate is None
        or verdict.estimate <= 1
        or verdict.high is None
    ):
        return 0.0
    return math.log(verdict.high)
