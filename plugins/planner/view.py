"""The page: what it takes in one sentence, what came of it where it is over, the calendar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import polars as pl

from postlens import Block, Chart, Grid, Link, Notice, Plan, Row, Stat, Table, Text, Verdict, charts, stats, wording
from postlens.plugins.planner.compute import Planned
from postlens.plugins.planner.outcome import Outcome
from postlens.plugins.planner.settings import Settings

_AFFORDABLE = 52  # Weeks.
_SAID = 0.8
_FOLLOWED = 0.5  # Of the slots.


def show(result: Planned, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    blocks: list[Block] = []
    if result.outcome is not None:
        blocks += _outcome(result, params)
    if result.fixed and result.slots.height:
        blocks.append(_registered(result, params))
    blocks += [Text(title=_answer(result, params), body=_why(result, params)), _numbers(result, params)]
    blocks.append(Grid(title="What it would take", blocks=[_sizes(result), _metrics(result, params)]))
    if result.slots.height:
        blocks += _plan(result, params)
    return blocks


def _kinds(params: Settings) -> str:
    return f"{wording.name_of(params.level)} and {wording.name_of(params.against)}"


def _weeks(result: Planned, pairs: int) -> int:
    return math.ceil(2 * pairs / result.pace) if result.pace > 0 else 0


def _answer(result: Planned, params: Settings) -> str:
    if result.needed is None or _weeks(result, result.needed) > _AFFORDABLE:
        best = _steadier(result)
        instead = f"; {best} is steadier" if best else ""
        return f"To see {params.more} % more here takes longer than a year{instead}."
    weeks = _weeks(result, result.needed)
    return (
        f"To see {params.more} % more takes about {wording.counted(2 * result.needed, 'post')}: "
        f"{wording.counted(weeks, 'week')} at {wording.number(result.pace, 2)} a week."
    )


def _steadier(result: Planned) -> str:
    """A metric by which it takes at most a year; empty where there is none."""
    able = result.metrics.filter((pl.col("weeks") <= _AFFORDABLE) & (pl.col("metric") != result.metric_label))
    return str(able["metric"][0]) if able.height else ""


def _why(result: Planned, params: Settings) -> str:
    typical = wording.ratio(math.exp(result.sd * 0.6745))  # Half of the differences are larger.
    enough = result.power >= _SAID
    said = (
        f"The plan of {wording.counted(params.weeks, 'week')} sees it in {wording.percent(result.power)} of such tests."
        if result.pairs >= _fewest(params)
        else f"A plan of {wording.counted(params.weeks, 'week')} has {wording.counted(result.pairs, 'pair')}; it takes {_fewest(params)} at least."
    )
    other = "" if enough else " Plan more weeks or posts, pool accounts by the filter, or look for a larger difference."
    return (
        f"By luck alone, half of neighbouring posts of one account differ by more than {typical} in {_metric(result)} "
        f"(from {result.differences:,} pairs of posts). {said}{other}"
    )


def _fewest(params: Settings) -> int:
    """Pairs before anything is read."""
    return stats.FIRST_LOOK if params.looked_for else stats.MIN_POSTS


def _metric(result: Planned) -> str:
    return result.metric_label[0].lower() + result.metric_label[1:]


def _numbers(result: Planned, params: Settings) -> Row:
    blocks = [
        Stat(label="Posts in the plan", value=f"{2 * result.pairs:,}", note=f"in {params.weeks} weeks, {wording.counted(result.accounts, 'account')}"),
        Stat(label=f"Chance to see {params.more} % more", value=wording.percent(result.power), note="two-sided, at 5 %" if params.looks == "once" else "at least, two-sided, at 5 % over all looks"),
    ]  # fmt: skip
    if math.isfinite(result.detectable):
        least = wording.ratio(result.detectable)
        blocks.append(Stat(label="Smallest difference it sees", value=least, note="in 4 of 5 such tests"))
    return Row(blocks=blocks)


def _sizes(result: Planned) -> Chart:
    rows = result.sizes.with_columns(pl.format("{} % more", "more").alias("name"))
    drawn = rows.filter(pl.col("weeks").is_not_null() & (pl.col("weeks") <= 5 * _AFFORDABLE))
    shown = drawn if drawn.height else rows.tail(1).with_columns(pl.col("weeks").fill_null(0))
    return Chart(
        figure=charts.bars(shown, label="name", value="weeks", axis="Weeks at this pace"),
        title="Weeks by the size of the difference",
        takeaway="Half the difference takes about four times the posts. What takes longer than five years is not drawn.",
        table=Table(
            title="Posts by the size of the difference",
            name="sizes",
            rows=rows.select("name", "posts", "weeks"),
            labels={"name": "Difference", "posts": "Posts", "weeks": "Weeks"},
            formats={"posts": "integer", "weeks": "integer"},
        ),
    )


def _metrics(result: Planned, params: Settings) -> Table:
    return Table(
        title=f"By which metric {params.more} % more is seen first",
        name="metrics",
        rows=result.metrics.select("metric", "posts", "weeks"),
        labels={"metric": "Metric", "posts": "Posts", "weeks": "Weeks"},
        formats={"posts": "integer", "weeks": "integer"},
        note="Choose the metric before the test, not after it.",
    )


def _plan(result: Planned, params: Settings) -> list[Block]:
    first = result.slots.row(0, named=True)
    table = Table(
        title=f"The calendar, from {result.start:%-d %B %Y}",
        name="calendar",
        rows=result.slots.with_columns(pl.col("post").map_elements(wording.name_of, return_dtype=pl.String)),
        labels={
            "slot": "Slot",
            "starts": "Starts (UTC)",
            "day": "Day",
            "time": "Time",
            "account": "Account",
            "pair": "Pair",
            "post": "Post",
        },
        formats={"slot": "integer", "pair": "integer"},
        note=f"Times are those of {result.timezone}. In each pair a coin decides which kind comes first; keep to it, and move a post "
        "within its day only.",
    )
    said = f"Plan {result.fingerprint}: {_kinds(params)} by {_metric(result)}, first post on {first['day']:%-d %B %Y}."
    if result.fixed:
        return [table]
    link = Link(
        text="Fix this plan",
        panel="planner",
        settings={
            "metric": params.metric,
            "group": params.group,
            "level": params.level,
            "against": params.against,
            "more": str(params.more),
            "weeks": str(params.weeks),
            "per_week": str(params.per_week),
            "looks": params.looks,
            "start": result.start.isoformat(),
        },
    )
    return [
        Notice(text=f"{said} Its first day moves as posts come in; fix it before the first post goes out."),
        link,
        table,
    ]


def _registered(result: Planned, params: Settings) -> Plan:
    """The plan as the register keeps it, with what came of it once it is over."""
    days = result.slots["day"]
    came = result.outcome
    return Plan(
        title=f"{_whose(result)}: {_kinds(params)} by {_metric(result)}, {params.more} % more, {wording.counted(result.pairs, 'pair')} in {wording.counted(params.weeks, 'week')}, {_rule(params)}.",
        mark=result.fingerprint,
        first=result.start,
        read=max(days.to_list()) + timedelta(days=stats.YOUNG_DAYS),
        outcome=_kept_outcome(came),
    )


def _rule(params: Settings) -> str:
    """How it is decided, as the register keeps it."""
    return (
        "read once, two-sided at 5 %"
        if params.looks == "once"
        else "read at every look, two-sided at 5 % over all looks"
    )


def _kept_outcome(came: Outcome | None) -> Literal["", "confirmed", "refuted", "open"]:
    """What came of it, once it is decided: at the end, or at the look that decides it."""
    if came is None or came.planned is None:
        return ""
    if not _followed(came):
        return "open" if came.over else ""
    found = _came_of(came.planned)
    return "" if found == "open" and not came.over else found


def _whose(result: Planned) -> str:
    """The accounts of the plan, the first by name."""
    names = sorted({name.split(" on ")[0] for name in result.slots["account"]})
    return wording.listed([*names[:_NAMED], *([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])])


_NAMED = 2


def _followed(came: Outcome) -> bool:
    """Whether at least half of the slots have a post of the kind that the coin chose: only then the coin says anything."""
    return came.as_said >= _FOLLOWED * came.due


def _came_of(effect: stats.Effect) -> Literal["confirmed", "refuted", "open"]:
    """Confirmed where more is likely real, refuted where less is, or where a fifth either way is excluded."""
    state = _state(effect)
    if state == "likely real":
        return "confirmed" if effect.estimate > 0 else "refuted"
    return "refuted" if state == "no difference of 20 % or more" else "open"


def _state(
    effect: stats.Effect,
) -> Literal["likely real", "no difference of 20 % or more", "too few posts to tell"]:
    if effect.untold:
        return "too few posts to tell"
    if effect.log_p <= math.log(0.05):
        return "likely real"
    excluded = max(abs(effect.low), abs(effect.high)) < math.log(wording.MATTERS)
    return "no difference of 20 % or more" if excluded else "too few posts to tell"


# -- what came of it -------------------------------------------------------------------------------------


def _outcome(result: Planned, params: Settings) -> list[Block]:
    came = result.outcome
    assert came is not None
    kept = (
        f"{came.kept} of {came.due} slots so far have a post, {came.as_said} of them of the planned kind."
        if not came.over
        else f"{came.kept} of {came.due} slots had a post, {came.as_said} of them of the planned kind."
    )
    if not came.over and params.looks == "once":
        return [
            Notice(
                title="The test is running",
                text=f"{kept} The result is read once, from {came.read:%-d %B %Y}: not before.",
            )
        ]
    if not came.over and not _followed(came):
        return [
            Notice(
                title="The test is running",
                text=f"{kept} Nothing is read while fewer than half of them are as planned.",
            )
        ]
    if not _followed(came):
        text = f"{kept} A calendar that was not kept tests nothing, so nothing is read from it."
        return [Notice(title="The calendar was not kept", text=text)]
    blocks: list[Block] = [_verdict(result, params, came.planned, "planned")]
    if came.as_said < came.kept:
        blocks.append(_verdict(result, params, came.done, "done"))
    if not came.over:
        kept += f" It may be read at every look until {came.read:%-d %B %Y}; a look that decides it may end it."
    return [*blocks, Notice(text=kept)]


def _verdict(result: Planned, params: Settings, effect: stats.Effect | None, how: str) -> Verdict:
    assert effect is not None
    one, other = wording.name_of(params.level), wording.name_of(params.against)
    by = f"{params.group}, as {how}"
    if effect.untold:
        return Verdict(
            claim=f"As {how}, {one} and {other} cannot be compared: {effect.first} pairs are complete, and it takes {_fewest(params)}.",
            state="too few posts to tell",
            metric=params.metric,
            by=by,
            posts=effect.posts,
        )
    state = _state(effect)
    real = state == "likely real"
    more = math.expm1(effect.estimate)
    size = f"{wording.number(abs(more) * 100, 2)} % {'more' if more >= 0 else 'fewer'}"
    claim = f"As {how}, typical {one} posts got {size} {_metric(result)} than {other} posts beside them."
    return Verdict(
        claim=claim if real else f"As {how}, {one} and {other} did not clearly differ in {_metric(result)}.",
        state=state,
        metric=params.metric,
        by=by,
        level=params.level,
        against=params.against,
        estimate=math.exp(effect.estimate),
        low=math.exp(effect.low),
        high=math.exp(effect.high),
        log_p=effect.log_p,
        posts=effect.posts,
        group_posts=effect.first,
        detail=f"{effect.first} pairs, planned before they were posted"
        + (". Holds at every look." if effect.looked_for else "."),
    )
