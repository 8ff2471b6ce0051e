"""The page: whether the clock matters; only then, how much."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from postlens import Block, Chart, Details, Grid, Notice, Table, charts, stats, wording
from postlens.plugins.timing.compute import BAND, Clock, Settings, Timing

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FEW = 5  # Posts of a slot; below, its colour would say more than is known.


def show(result: Timing, _params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    clocks = [clock for clock in (result.weekday, result.hour) if clock is not None]
    blocks: list[Block] = [stats.verdict_of_all(clock.found) for clock in clocks]
    if result.hour is None:
        blocks.append(Notice(text="These posts have days without a time, so hours cannot be compared."))
    mattering = [clock for clock in clocks if clock.matters]
    if not mattering:
        return [*blocks, _no_best_time(result, clocks), *_behind(clocks)]
    blocks.append(Grid(title="How much", blocks=[_effects(result, clock) for clock in mattering]))
    if result.slots.height:
        blocks.append(_week(result))
    return [*blocks, *_behind(clocks)]


def _no_best_time(result: Timing, clocks: Sequence[Clock]) -> Notice:
    """That there is no map, and what is known instead."""
    said = [_bound(result, clock) for clock in clocks]
    text = " ".join(
        [*(s for s in said if s), f"So no map is drawn: it would show luck. The clock is that of {result.timezone}."]
    )
    return Notice(title="No best time can be told from these posts", text=text)


def _bound(result: Timing, clock: Clock) -> str:
    by = clock.found.by.label.lower()
    if clock.most is None:
        return "There are too few posts to say how much they differ at most."
    if not result.raw and clock.most > _LARGE:
        return f"There are too few posts to rule out even large differences by {by}."
    most = wording.number(clock.most) if result.raw else f"{wording.number(100 * math.expm1(clock.most), 2)} %"
    return f"As far as these posts tell, no {by} is more than {most} above the others, nor as far below."


_LARGE = math.log(3)


def _effects(result: Timing, clock: Clock) -> Chart:
    by = clock.found.by.label
    best = clock.levels.sort("effect", descending=True).row(0, named=True)
    write = wording.number if result.raw else wording.ratio
    return Chart(
        figure=charts.effects(clock.levels, label="level", value="effect", axis="other posts", log=not result.raw),
        title=f"By {by.lower()}, drawn towards none",
        takeaway=f"{_named(best['level'])} is highest: {write(best['effect'])} ({write(best['low'])} to {write(best['high'])}, n = {best['posts']:,}). "
        f"Luck is allowed for; the clock is that of {result.timezone}.",
        table=Table(
            title=f"Each {by.lower()}, drawn towards none",
            rows=clock.levels,
            name=f"{clock.found.by.name}_effects",
            labels={"level": by, "posts": "Posts", "effect": "Effect", "low": "95 % from", "high": "to"},
            formats={"posts": "integer"}
            | dict.fromkeys(("effect", "low", "high"), "number" if result.raw else "ratio"),
        ),
        selects=clock.found.by.name,
    )


def _named(level: str) -> str:
    """`Sunday`, `18:00`."""
    return f"{level}:00" if level.isdigit() else wording.name_of(level)


def _week(result: Timing) -> Chart:
    """The week as a map; slots with few posts stay empty."""
    told = {(day, start): (posts, effect) for day, start, posts, effect in result.slots.iter_rows()}
    days = [day for day in _WEEK if any(d == day for d, _ in told)]
    known = {slot: found for slot, found in told.items() if found[0] >= _FEW}
    hours = [start for _, start in known]
    starts = list(range(min(hours, default=0), max(hours, default=21) + 1, BAND))
    value = (lambda e: e) if result.raw else math.log
    limit = max((abs(value(effect)) for _, effect in known.values()), default=1.0) or 1.0
    write = wording.number if result.raw else wording.ratio
    values = [[value(known[day, s][1]) if (day, s) in known else None for s in starts] for day in days]
    words = [[f"{write(known[day, s][1])}" if (day, s) in known else "" for s in starts] for day in days]
    best = max(known.items(), key=lambda item: item[1][1], default=None)
    lead = (
        ""
        if best is None
        else f"{_slot(result, *best[0])} is highest: {write(best[1][1])}, with {best[1][0]:,} posts. "
    )
    return Chart(
        figure=charts.heat(values, x=[f"{s}:00" for s in starts], y=days, limit=limit, words=words),
        title=f"The week in slots of {BAND} hours",
        takeaway=f"{lead}Weekday and hour are taken to add up, each only where it matters. Slots with fewer than {_FEW} posts are empty.",
        table=Table(
            title="Slots of the week",
            rows=result.slots.sort(
                pl.col("weekday").replace_strict({d: i for i, d in enumerate(_WEEK)}, default=9), "from"
            ),
            name="slots",
            labels={"weekday": "Weekday", "from": "From hour", "posts": "Posts", "effect": "Effect"},
            formats={"from": "integer", "posts": "integer", "effect": "number" if result.raw else "ratio"},
        ),
    )


def _slot(result: Timing, day: str, start: int) -> str:
    """The slot, by what matters of it: `Sunday from 18:00`, `18:00 to 20:59 on any day`, `Any hour of Sunday`."""
    if result.weekday is None or not result.weekday.matters:
        return f"{start}:00 to {start + BAND - 1}:59 on any day"
    if result.hour is None or not result.hour.matters:
        return f"Any hour of {wording.name_of(day)}"
    return f"{wording.name_of(day)} from {start}:00"


def _behind(clocks: Sequence[Clock]) -> list[Block]:
    told = [clock for clock in clocks if clock.found.tells]
    tables = [stats.levels_block(clock.found, f"{clock.found.by.name}s") for clock in told]
    return [Details(summary="Every weekday and hour against all others", blocks=tables)] if tables else []
