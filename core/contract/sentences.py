"""The sentences of verdicts, all in one place: who, what, how much, how sure, from how many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from postlens.core.contract import wording
from postlens.core.contract.verdict import Settle, State, Verdict

Alternative = Literal["two-sided", "greater", "less"]
NOT_LUCK = "Not explained by luck; "
_PHRASES, _SAID_WHOLE = ("with ", "without "), (" hashtags", " characters", "no text")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a sentence is about.

    Attributes:
        metric: the metric's label. rate: it is a share of something. by: the grouping's label.
        level, against: the group and the other one; empty `against` for all other posts, empty `level` for all groups.
        within: compared within accounts. alternative: the direction asked about. raw: plain means, not typical posts.
    """

    metric: str
    by: str
    level: str = ""
    against: str = ""
    rate: bool = False
    within: bool = True
    alternative: Alternative = "two-sided"
    raw: bool = False


def posts_of(asked: Asked, level: str, *, capital: bool = False) -> str:
    """`photo posts`, or `posts of campaign 7` where the value alone would not read."""
    name = wording.name_of(level)
    if asked.by == "Hour of day" and level.isdigit():
        return f"{'Posts' if capital else 'posts'} published from {level}:00"
    if name.startswith(_PHRASES) or name.endswith(_SAID_WHOLE):  # What a caption is like is said in whole.
        joined = name if name.startswith(_PHRASES) else f"with {name}"
        return f"{'Posts' if capital else 'posts'} {joined}"
    words = f"posts of {asked.by.lower()} {name}" if len(name) < 3 or name[0].isdigit() else f"{name} posts"
    return words[0].upper() + words[1:] if capital else words


def metric_of(asked: Asked) -> str:
    """The metric inside a sentence: `engagements`, `engagement rate (by reach)`."""
    words = asked.metric[0].lower() + asked.metric[1:] if not asked.metric.isupper() else asked.metric
    head, by, tail = words.partition(" by ")
    return f"{head} (by {tail})" if by else words


def others(asked: Asked) -> str:
    """What a group is compared with."""
    if asked.against:
        return posts_of(asked, asked.against)
    return "the same accounts' other posts" if asked.within else "other posts"


def claim(asked: Asked, verdict: State, estimate: float, *, small_counts: bool = False) -> str:
    """The answer about one group.

    Args:
        asked: what was compared.
        verdict: its state.
        estimate: log ratio, or difference where raw.
        small_counts: typical posts have so few that a ratio of 1 + x is not one of x.
    """
    subject, metric = posts_of(asked, asked.level), metric_of(asked)
    than = others(asked)
    if verdict == "likely real":
        return f"{_typical(asked, subject)} {_gets(asked, estimate, metric, small_counts=small_counts)} {than}."
    if verdict == "no difference of 20 % or more":
        if asked.alternative != "two-sided":
            more = "more" if asked.alternative == "greater" else "fewer"
            return f"{_typical(asked, subject)} do not get as much as 20 % {more} {metric} than {than}."
        if asked.rate:
            return f"{_capital(subject)} have about the same {metric} as {than}."
        return f"{_typical(asked, subject)} get about as many {metric} as {than}."
    few = "weeks with both kinds" if verdict == "too few periods to tell" else "posts"
    return f"Not enough {few} to compare the {metric} of {subject} with {than}."


def claim_of_all(asked: Asked, verdict: State) -> str:
    """The answer about all groups of a grouping."""
    metric, by = metric_of(asked), asked.by.lower()
    where = " within accounts" if asked.within else ""
    if verdict == "likely real":
        return f"{_capital(metric)} {'differs' if asked.rate else 'differ'} by {by}{where}."
    if verdict == "no difference of 20 % or more":
        return f"No {by} differs by 20 % or more in {metric}{where}."
    few = "weeks with several of them" if verdict == "too few periods to tell" else "posts"
    return f"Not enough {few} to tell whether {metric} {'differs' if asked.rate else 'differ'} by {by}."


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _typical(asked: Asked, subject: str) -> str:
    return _capital(subject) if asked.raw or asked.rate else f"Typical {subject}"


def _gets(asked: Asked, estimate: float, metric: str, *, small_counts: bool) -> str:
    more, fewer = ("a higher", "a lower") if asked.rate else ("more", "fewer")
    direction = more if estimate >= 0 else fewer
    if asked.raw:
        verb = "have" if asked.rate else "get"
        return (
            f"{verb} {direction} {metric} than"
            if asked.rate
            else f"{verb} {wording.number(abs(estimate))} {direction} {metric} than"
        )
    ratio = math.exp(min(estimate, 700))
    if small_counts:
        return f"get {direction} {metric} than"
    if asked.rate:
        return f"have {_times(ratio)} the {metric} of" if ratio >= 2 else f"have a {metric} {_share(ratio)} than"
    return f"get {_times(ratio)} the {metric} of" if ratio >= 2 else f"get {_share(ratio, plural=True)} {metric} than"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times"


def _share(ratio: float, *, plural: bool = False) -> str:
    more, fewer = ("more", "fewer") if plural else ("higher", "lower")
    direction = more if ratio >= 1 else fewer
    share = abs(ratio - 1)
    return f"less than 1 % {direction}" if share < 0.01 else f"{wording.percent(round(share, 2))} {direction}"


# -- the numbers of a verdict --------------------------------------------------------------------------


def effect_words(verdict: Verdict) -> str:
    """The estimate, as its scale is written."""
    return verdict.effect or ("" if verdict.estimate is None else _written(verdict, verdict.estimate))


def interval_words(verdict: Verdict) -> str:
    """The 95 % interval."""
    if verdict.interval or verdict.low is None or verdict.high is None:
        return verdict.interval
    unbounded = (verdict.low <= 0 if verdict.scale == "ratio" else math.isinf(verdict.low)), math.isinf(verdict.high)
    if all(unbounded):
        return ""
    return wording.interval(
        -math.inf if unbounded[0] else verdict.low, verdict.high, lambda value: _written(verdict, value)
    )


def n_words(verdict: Verdict) -> str:
    """From how many posts and accounts."""
    if verdict.n or not verdict.posts:
        return verdict.n
    accounts = "" if not verdict.accounts else f" of {wording.counted(verdict.accounts, 'account')}"
    return f"{wording.counted(verdict.posts, 'post')}{accounts}"


def settle_words(settle: Settle | None) -> str:
    """What it would take, as a sentence."""
    if settle is None:
        return ""
    if settle.why:
        return settle.why
    start = "Allowing for luck in the effect seen, about"
    if settle.accounts is not None:
        return f"{start} {wording.counted(settle.accounts, 'more account')} would settle it; more posts of these accounts would not."
    if settle.weeks is not None:
        posts = f" ({wording.counted(settle.posts, 'post')})" if settle.posts else ""
        return f"{start} {wording.counted(settle.weeks, 'more week')} at this pace{posts} would settle it."
    return f"{start} {wording.counted(settle.posts or 1, 'more post')} in the same mix would settle it."


def _written(verdict: Verdict, value: float) -> str:
    match verdict.scale:
        case "ratio":
            return wording.ratio(value)
        case "probability":
            return wording.percent(value)
        case "difference":
            sign = "+" if value > 0 else ""
            return f"{sign}{wording.amount(value, as_percent=verdict.percent)}"
