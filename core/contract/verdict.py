"""A verdict: a claim with its numbers, in one of few states. The same question has the same verdict wherever it stands."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

State = Literal[
    "likely real",
    "no difference of 20 % or more",
    "could be chance",
    "too few posts to tell",
    "too few periods to tell",
]
STATES: tuple[str, ...] = get_args(State)
Scale = Literal["ratio", "difference", "probability"]
_ROUNDING = 1e-9
CHECKED = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Settle:
    """What it would take to tell, luck in the effect seen allowed for: one of these, or none where nothing affordable would.

    Attributes:
        posts: further posts in the same mix.
        weeks: further weeks at the same pace.
        accounts: further accounts.
        why: a sentence where there is no number.
    """

    posts: int | None = None
    weeks: int | None = None
    accounts: int | None = None
    why: str = ""

    def __post_init__(self) -> None:
        """Nothing is settled by fewer posts than there are."""
        if min(self.posts or 0, self.weeks or 0, self.accounts or 0) < 0:
            raise ValueError("what would settle it is further posts, weeks or accounts: 0 or more")


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Verdict:
    """A claim with its numbers. The host writes and formats them.

    Attributes:
        claim: the answer as a sentence.
        state: how sure it is.
        metric, by: the columns compared and grouped by; empty where the claim is of another kind.
        level, against: the group and what it is compared with; empty for all groups together and for the others.
        estimate, low, high: the effect and its 95 % interval on the scale; None where there is none.
        scale: `ratio` of typical posts (1 is no difference), `difference` (0), or `probability` (0 to 1).
        log_p: natural logarithm of the p-value of the claim, two-sided unless it says otherwise.
        log_p_adjusted: the same, adjusted for what else is asked; at most ln 0.05 where the state is `likely real`.
        posts, accounts: how many tell something.
        group_posts: how many of the posts are of the group; 0 for all groups together.
        settle: what it would take to tell; None where it is told.
        percent: a difference is one of shares, written in percent.
        effect, interval, n: words in place of the numbers, for claims that are no comparison.
        detail: further sentences.
    """

    claim: str
    state: State
    metric: str = ""
    by: str = ""
    level: str = ""
    against: str = ""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    scale: Scale = "ratio"
    log_p: float | None = None
    log_p_adjusted: float | None = None
    posts: int = 0
    accounts: int = 0
    group_posts: int = 0
    settle: Settle | None = None
    percent: bool = False
    effect: str = ""
    interval: str = ""
    n: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        """Numbers that contradict each other, or the state, are a mistake of whoever made them."""
        numbers = {n: getattr(self, n) for n in ("estimate", "low", "high", "log_p", "log_p_adjusted")}
        for name, value in numbers.items():
            if value is not None and math.isnan(value):
                raise ValueError(f"{name} is not a number; say None where there is none")
        self._check_ends()
        for name in ("log_p", "log_p_adjusted"):
            if (numbers[name] or 0.0) > _ROUNDING:
                raise ValueError(f"{name} is {numbers[name]}; the logarithm of a probability is at most 0")
        if min(self.posts, self.accounts, self.group_posts) < 0:
            raise ValueError("posts, accounts and group_posts are numbers of things: 0 or more")
        adjusted = self.log_p if self.log_p_adjusted is None else self.log_p_adjusted
        if self.state == "likely real" and adjusted is not None and adjusted > math.log(0.05) + _ROUNDING:
            raise ValueError(f'"likely real" needs a p of at most 0.05, not {math.exp(adjusted):.3g}')

    def _check_ends(self) -> None:
        """The estimate lies in its interval, and both on the scale."""
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low is {self.low}, which is above high, {self.high}")
        known = [v for v in (self.low, self.estimate, self.high) if v is not None]
        if known != sorted(known):
            raise ValueError(
                f"estimate is {self.estimate}, which is not between low, {self.low}, and high, {self.high}"
            )
        if self.scale == "ratio" and any(v < 0 for v in known):
            raise ValueError('a ratio is never below 0; say scale="difference" for differences')
        if self.scale == "probability" and any(not 0 <= v <= 1 for v in known):
            raise ValueError("a probability lies between 0 and 1")

    @property
    def question(self) -> tuple[str, str, str, str]:
        """What is asked: two verdicts on the same posts with the same question have the same answer."""
        return self.metric, self.by, self.level, self.against


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The numbers for programs: `p` and `p_adjusted` in place of their logarithms, nothing that JSON cannot hold."""

    def finite(value: float | None) -> float | None:
        return value if value is not None and math.isfinite(value) else None

    def p(log: float | None) -> float | None:
        return None if log is None else math.exp(log)

    settle = verdict.settle
    return {
        "claim": verdict.claim,
        "state": verdict.state,
        "metric": verdict.metric,
        "by": verdict.by,
        "level": verdict.level,
        "against": verdict.against,
        "estimate": finite(verdict.estimate),
        "low": finite(verdict.low),
        "high": finite(verdict.high),
        "scale": verdict.scale,
        "p": p(verdict.log_p),
        "p_adjusted": p(verdict.log_p_adjusted),
        "log_p": finite(verdict.log_p),
        "posts": verdict.posts,
        "accounts": verdict.accounts,
        "group_posts": verdict.group_posts,
        "settle": None
        if settle is None
        else {"posts": settle.posts, "weeks": settle.weeks, "accounts": settle.accounts, "why": settle.why},
    }
