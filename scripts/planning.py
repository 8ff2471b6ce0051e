"""Whether a test has the power that its plan promised, and what it finds where there is nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core import stats
from postlens.core.contract import Context
from postlens.core.contract.schema import Column
from postlens.plugins.planner.compute import Planned, compute
from postlens.plugins.planner.settings import Settings
from scripts.measured import Line
from scripts.schemas import schema_of

_SCHEMA = schema_of(Column(name="hour", label="Hour of day", kind="category"), types=("photo", "link"))
_MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
_WEEKS, _MORE = 60, 30
_Levels = NDArray[np.float64]


def _rows(rng: np.random.Generator, at: list[datetime], account: list[int], kind: list[str], levels: _Levels, more: float) -> pl.DataFrame:  # fmt: skip
    """Posts at some moments: each account's level wanders by weeks, luck is log-normal, and photos get more."""
    weeks = [(moment - _MONDAY).days // 7 for moment in at]
    level = levels[account, weeks] + math.log(more) * (np.array(kind) == "photo")
    return pl.DataFrame(
        {
            "published": at,
            "date": [moment.date() for moment in at],
            "hour": [str(moment.hour) for moment in at],
            "account_name": [str(a) for a in account],
            "post_type": kind,
            "reactions": rng.poisson(np.exp(level + rng.normal(0, 0.8, len(at)))),
        }
    ).with_columns(pl.col("published").cast(pl.Datetime("us", "UTC")))


def _planned(posts: pl.DataFrame, last: date, start: date | None) -> Planned:
    settings = Settings(
        metric="reactions", group="post_type", level="photo", against="link", more=_MORE, weeks=8, start=start
    )
    return compute(posts.lazy(), settings, replace(Context(schema=_SCHEMA), last_day=last))


def _tested(rng: np.random.Generator, number: int, accounts: int, more: float) -> tuple[float, bool]:
    """The power that a plan promises after half a year, and whether the test as planned then sees the effect."""
    levels = rng.normal(5, 1, accounts)[:, None] + np.cumsum(rng.normal(0, 0.1, (accounts, _WEEKS)), axis=1)
    days = rng.integers(0, 182, number)
    before = _rows(
        rng,
        [
            _MONDAY + timedelta(days=int(d), hours=int(h))
            for d, h in zip(days, rng.integers(8, 20, number), strict=True)
        ],
        [int(a) for a in rng.integers(0, accounts, number)],
        [str(k) for k in rng.choice(["photo", "link"], number)],
        levels,
        more,
    )
    plan = _planned(before, before["date"].max(), None)  # type: ignore[arg-type]
    after = _rows(
        rng,
        [at.replace(tzinfo=UTC) for at in plan.slots["starts"].to_list()],
        [int(a) for a in plan.slots["account"]],
        plan.slots["post"].to_list(),
        levels,
        more,
    )
    last = after["date"].max()
    assert isinstance(last, date)
    done = _planned(pl.concat([before, after.select(before.columns)]), last + timedelta(days=30), plan.start)
    assert done.outcome is not None
    assert done.outcome.planned is not None
    effect = done.outcome.planned
    return plan.power, effect.log_p <= math.log(0.05) and effect.estimate > 0


def planning(repetitions: int) -> Iterator[Line]:
    """The power promised beside that reached, and how often a difference is seen where there is none."""
    for seed, number, accounts in ((27, 700, 1), (28, 900, 4)):
        rng = np.random.default_rng(seed)
        name = f"{number} posts of {accounts} account{'s' * (accounts > 1)} in half a year, then 8 weeks as planned"
        told = [_tested(rng, number, accounts, 1 + _MORE / 100) for _ in range(repetitions)]
        promised = sum(power for power, _ in told) / repetitions
        reached = sum(seen for _, seen in told) / repetitions
        wanted = f"{promised - 0.03:.3f} to {promised + 0.03:.3f}"
        yield Line("the planned test sees +30 %", f"{name}; promised {promised:.3f}", repetitions, reached, wanted)
        rng = np.random.default_rng([seed, 1])
        false = sum(_tested(rng, number, accounts, 1.0)[1] for _ in range(repetitions)) / repetitions
        yield Line("the planned test sees more, no effect", name, repetitions, false, "at most 0.035")


def _read_each_week(rng: np.random.Generator, pairs: int, more: float, tail: float) -> bool:
    """Whether a test that is read after every five pairs finds something at any look: counts of posts, heavy-tailed luck."""
    level = 5 + np.cumsum(rng.normal(0, 0.05, pairs))
    luck = 0.7 * rng.standard_t(tail, (2, pairs)) / math.sqrt(tail / (tail - 2))
    first, second = (np.log1p(rng.poisson(np.exp(np.minimum(level + gain + own, 15)))) for gain, own in zip((math.log(more), 0.0), luck, strict=True))  # fmt: skip
    found = first - second
    looks = (stats.at_every_look(stats.paired(found[:n]), math.log(1.4)) for n in (*range(10, pairs, 5), pairs))
    return any(not look.untold and look.log_p <= math.log(0.05) for look in looks)


def looking(repetitions: int) -> Iterator[Line]:
    """Plans that are read at every look: false alarms over all looks, and the power promised, which is that of the last."""
    pairs = stats.pairs_needed(0.7 * math.sqrt(2), math.log(1.4), looked_for=math.log(1.4))
    assert pairs is not None
    for tail, luck in ((30.0, "log-normal luck"), (4.0, "luck with 4 degrees of freedom")):
        data = f"{pairs} pairs, read after every five; {luck}"
        for more, what, wanted in (
            (1.0, "finds a difference, no effect", "at most 0.05"),
            (1.4, "sees +40 %", "at least 0.8"),
        ):
            told = [
                _read_each_week(np.random.default_rng([29, i, int(tail)]), pairs, more, tail)
                for i in range(repetitions)
            ]
            yield Line(
                f"the planned test, read at every look, {what}", data, repetitions, sum(told) / repetitions, wanted
            )
