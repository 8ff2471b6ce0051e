"""The calendar of a test: slots at the accounts' usual times, in pairs, with a coin for each pair."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from postlens.plugins.planner.history import Pace
from postlens.plugins.planner.settings import Settings

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "slot": pl.Int64,
    "day": pl.Date,
    "time": pl.String,
    "account": pl.String,
    "pair": pl.Int64,
    "post": pl.String,
    "starts": pl.Datetime("us", "UTC"),
}


def fingerprint(params: Settings, start: date, accounts: Sequence[str]) -> str:
    """Sixteen signs that change with anything of the plan, and with whose it is."""
    said = {name: value for name, value in params.model_dump(mode="json").items() if (name, value) != ("looks", "once")}
    plan = said | {"start": start.isoformat(), "accounts": sorted(accounts)}
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:16]


def calendar(params: Settings, start: date, paces: Sequence[Pace], zone: ZoneInfo) -> pl.DataFrame:
    """`slot`, `day`, `time`, `account`, `pair`, `post`, `starts` (UTC): in the order of time.

    Args:
        params: the plan.
        start: its first day.
        paces: how often each account is to post, and when it usually does.
        zone: the client's.
    """
    rng = np.random.default_rng(int(fingerprint(params, start, [one.account for one in paces]), 16))
    rows: list[tuple[datetime, str, int, str]] = []
    pair = 0
    for pace in paces:
        moments = _moments(pace, start, params.weeks, zone)
        for first in range(0, len(moments) - 1, 2):
            pair += 1
            kinds = (params.level, params.against) if rng.random() < 0.5 else (params.against, params.level)
            rows += [(moments[first + i], pace.account, pair, kinds[i]) for i in range(2)]
    rows.sort()
    order = {old: number for number, old in enumerate(dict.fromkeys(row[2] for row in rows), 1)}
    made = [
        (number, at.date(), f"{at:%H:%M}", account, order[pair], kind, _utc(at))
        for number, (at, account, pair, kind) in enumerate(rows, 1)
    ]
    plain = SCHEMA | {"starts": pl.Datetime("us")}
    return pl.DataFrame(made, schema=plain, orient="row").with_columns(pl.col("starts").dt.replace_time_zone("UTC"))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _moments(pace: Pace, start: date, weeks: int, zone: ZoneInfo) -> list[datetime]:
    """When an account posts: each week as often as its pace says, at its usual times; whole pairs."""
    made: list[datetime] = []
    for week in range(weeks):
        wanted = round(pace.week * (week + 1)) - len(made)
        for day, hour in _spread(pace.slots, wanted):
            first = start + timedelta(days=7 * week)
            at = first + timedelta(days=(day - first.weekday()) % 7)
            made.append(datetime.combine(at, time(hour), zone))
    made.sort()
    return made[: len(made) // 2 * 2]


def _spread(slots: Sequence[tuple[int, int]], wanted: int) -> list[tuple[int, int]]:
    """The most usual times: first one of each weekday, then further ones; more than there are go to the next hours."""
    if wanted <= 0 or not slots:
        return []
    of_day: dict[int, list[tuple[int, int]]] = {}
    for slot in slots:
        of_day.setdefault(slot[0], []).append(slot)
    ordered = [day[i] for i in range(max(map(len, of_day.values()))) for day in of_day.values() if i < len(day)]
    known = set(ordered)
    ordered += [s for h in range(24) for d in range(7) if (s := (d, (slots[0][1] + h) % 24)) not in known]
    return ordered[: min(wanted, len(ordered))]
