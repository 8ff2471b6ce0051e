"""What is said of the change and of each part."""

from __future__ import annotations

import math
from typing import Literal

from postlens import Verdict, wording
from postlens.plugins.change.compute import Change, Part

Name = Literal["volume", "mix", "within"]
TITLES: dict[Name, str] = {
    "volume": "More or fewer posts",
    "mix": "Other kinds of posts",
    "within": "Each kind getting more or less",
}
_ALONE = "But it rests on one post: without the largest of either period it would be usual. "
_NEEDED = "It takes eight earlier changes, a week apart, over at least two further periods."


def of_total(result: Change) -> Verdict:
    """Whether the change of the total is more than usual here."""
    return _verdict(result, result.total, _total_claim(result))


def of_part(result: Change, name: Name) -> Verdict:
    """Whether a part of the change is more than usual here."""
    return _verdict(result, getattr(result, name), _part_claim(result, name))


def _amount(result: Change, log: float, between: str = " ") -> str:
    """`13 % more engagements than in the 28 days before`, `4.5 times as many engagements as ...`; `between` precedes `than`."""
    days = (result.until - result.since).days + 1
    other = f"in the {days} days before" if result.adjacent else f"from {span(result.before, result.before_until)}"
    label = f"{result.metric_label[0].lower()}{result.metric_label[1:]}"
    if log >= math.log(2):
        return f"{wording.number(math.exp(log), 2)} times as many {label}{between}as {other}"
    return f"{share(log)[1:]} {'more' if log >= 0 else 'fewer'} {label}{between}than {other}"


def span(first: object, last: object) -> str:
    """`30 Aug to 26 Sep 2026`."""
    return f"{first:%-d %b %Y} to {last:%-d %b %Y}"


def share(log: float | None) -> str:
    """`+13 %`."""
    if log is None:
        return "-"
    change = math.expm1(log)
    return f"{'+' if change >= 0 else '−'}{wording.number(abs(change) * 100, 2)} %"


def usual_words(part: Part) -> str:
    """`−22 % to +29 %`."""
    return "-" if part.usual is None else f"{share(-part.usual.reach)} to {share(part.usual.reach)}"


def _total_claim(result: Change) -> str:
    log, label = result.total.log, result.metric_label
    if log is None:
        return f"{label} cannot be compared as a ratio: one of the periods has none."
    said = _amount(result, log, " in all ")
    return f"{said[0].upper()}{said[1:]}."


def _part_claim(result: Change, name: Name) -> str:
    log = getattr(result, name).log
    if log is None:
        return f"{result.metric_label} cannot be split as ratios: one of the periods has none."
    if abs(math.expm1(log)) < _NEXT_TO_NOTHING:
        return _UNCHANGED[name].format(label=result.metric_label[0].lower() + result.metric_label[1:])
    if name == "within":
        return f"Posts of the same kinds got {_amount(result, log, ' each ')}."
    if name == "volume":
        return f"{'More' if log >= 0 else 'Fewer'} posts went with {_amount(result, log)}."
    return f"Other kinds of posts went with {_amount(result, log)}."


_NEXT_TO_NOTHING = 0.005
_UNCHANGED: dict[Name, str] = {
    "within": "Posts of the same kinds got as many {label} each as before.",
    "volume": "How many posts there were made next to no difference to {label}.",
    "mix": "Which kinds of posts there were made next to no difference to {label}.",
}


def _verdict(result: Change, part: Part, claim: str) -> Verdict:
    usual, log = part.usual, part.log
    if usual is None or log is None or part.log_p is None:
        return Verdict(
            claim=claim,
            state="too few periods to tell",
            metric=result.metric,
            estimate=None if log is None else math.exp(log),
            posts=result.posts + result.posts_before,
            accounts=result.accounts,
            detail=f"Nobody can say yet how much this changes where nothing happens. {_NEEDED}",
        )
    adjusted = part.log_p_adjusted if part.log_p_adjusted is not None else part.log_p
    beyond = adjusted <= math.log(0.05)
    alone = beyond and part.rests_on_one_post
    small = abs(log) + usual.reach < math.log(1.2)
    where = "beyond" if beyond else "within"
    return Verdict(
        claim=claim,
        state="could be chance"
        if alone
        else "likely real"
        if beyond
        else "no difference of 20 % or more"
        if small
        else "could be chance",
        metric=result.metric,
        estimate=math.exp(log),
        low=math.exp(log - usual.reach),
        high=math.exp(log + usual.reach),
        log_p=part.log_p,
        log_p_adjusted=adjusted,
        posts=result.posts + result.posts_before,
        accounts=result.accounts,
        detail=f"This is {where} the usual range: from one such period to another it changes by {usual_words(part)} in 95 of 100 "
        f"cases where nothing happens, by {result.pairs} earlier changes. {_ALONE if alone else ''}What is behind it the numbers do not say.",
    )
