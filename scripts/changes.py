"""How often the page What changed is wrong: accounts over time whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from postlens.core.contract import Context
from postlens.core.contract.schema import Column, Schema
from postlens.plugins.change.compute import Change, compute
from postlens.plugins.change.settings import Settings
from postlens.plugins.change.verdicts import of_part, of_total
from scripts.measured import Line

_FIRST = date(2025, 1, 6)
_SCHEMA = Schema(
    columns=(
        Column(name="account_name", label="Account", kind="category"),
        Column(name="post_type", label="Type", kind="category"),
        Column(name="reactions", label="Reactions", kind="metric"),
    ),
    posts=1,
)


@dataclass(frozen=True, kw_only=True)
class World:
    """Accounts that post two types.

    Attributes:
        wander, drift, bursts: weekly steps of levels, of the mix of types, and of how often accounts post (log scale).
        heavy: noise with three degrees of freedom instead of normal noise.
        unequal: accounts' levels differ widely, and one posts six times as often.
        gain: what each post gets more in the last 28 days (log scale).
    """

    days: int = 364
    accounts: int = 3
    wander: float = 0.15
    drift: float = 0.0
    bursts: float = 0.0
    heavy: bool = False
    unequal: bool = False
    gain: float = 0.0

    def posts(self, rng: np.random.Generator) -> pl.DataFrame:
        """Posts of about a year."""
        weeks = self.days // 7 + 1
        common = _wandering(rng, weeks, self.wander, 0.9)
        parts = [self._account(rng, a, common) for a in range(self.accounts)]
        day, account, kind, count = (np.concatenate(p) for p in zip(*parts, strict=True))
        start = np.datetime64(_FIRST)
        dates = pl.Series("date", start + day.astype("timedelta64[D]")).cast(pl.Date)
        return pl.DataFrame([dates, pl.Series("reactions", count)]).with_columns(
            pl.Series("account_name", account.astype(str)),
            pl.Series("post_type", kind.astype(str)),
            published=pl.col("date").cast(pl.Datetime("us", "UTC")),
        )

    def _account(self, rng: np.random.Generator, number: int, common: np.ndarray) -> tuple[np.ndarray, ...]:
        weeks = len(common)
        level = rng.normal(5, 1.5 if self.unequal else 0.8)
        own = _wandering(rng, weeks, self.wander, 0.9)
        active = np.exp(_wandering(rng, weeks, self.bursts, 0.8))
        share = 1 / (1 + np.exp(-_wandering(rng, weeks, self.drift, 0.97)))
        often = 0.6 * (6 if self.unequal and number == 0 else 1)
        day = np.repeat(np.arange(self.days), rng.poisson(often * active[np.arange(self.days) // 7]))
        week = day // 7
        kind = rng.random(len(day)) < share[week]
        noise = 0.6 * rng.standard_t(3, len(day)) if self.heavy else rng.normal(0, 0.9, len(day))
        mean = level + 0.5 * kind + common[week] + own[week] + noise + self.gain * (day >= self.days - 28)
        count = rng.poisson(np.exp(np.minimum(mean, 16)))
        return day, np.full(len(day), number), kind.astype(int), count


def _wandering(rng: np.random.Generator, weeks: int, step: float, memory: float) -> np.ndarray:
    found = rng.normal(0, step, weeks) if step else np.zeros(weeks)
    for week in range(1, weeks):
        found[week] += memory * found[week - 1]
    return found


_NULL = {
    "3 accounts, a year": World(),
    "one account, a year": World(accounts=1),
    "8 accounts, two years": World(days=728, accounts=8),
    "3 accounts, mix drifts": World(drift=0.4),
    "3 accounts, bursts of posts": World(bursts=0.25),
    "3 accounts, very unequal": World(unequal=True),
    "3 accounts, noise with 3 degrees of freedom": World(heavy=True),
    "8 accounts, two years, noise with 3 degrees of freedom": World(days=728, accounts=8, heavy=True),
}


def changes(repetitions: int) -> Iterator[Line]:
    """Verdicts of the total, and of any of its three parts, where nothing happens; and a planted change."""
    for number, (name, world) in enumerate(_NULL.items()):
        rng = np.random.default_rng([23, number])
        total = parts = 0
        for _ in range(repetitions):
            found = _asked(world.posts(rng))
            total += of_total(found).state == "likely real"
            parts += any(of_part(found, part).state == "likely real" for part in ("volume", "mix", "within"))
        yield Line("change of a total, no change", name, repetitions, total / repetitions, "at most 0.065")
        yield Line("any part of a change, no change", name, repetitions, parts / repetitions, "at most 0.065")
    # A month is one change among some ten that stand alone: only large ones can be told from the usual.
    for gain, wanted in ((1.5, "at least 0.05"), (2.0, "at least 0.3")):
        rng = np.random.default_rng([24, round(10 * gain)])
        seen = held = 0
        for _ in range(repetitions):
            verdict = of_part(_asked(World(wander=0.05, gain=math.log(gain)).posts(rng)), "within")
            seen += verdict.state == "likely real"
            held += (verdict.low or 0) <= gain <= (verdict.high or math.inf)
        name = f"3 accounts, each kind gets {gain:.1f} times as much"
        yield Line("each kind getting more is seen", name, repetitions, seen / repetitions, wanted)
        yield Line("interval of the part within holds it", name, repetitions, held / repetitions, "0.93 to 0.97")


def _asked(posts: pl.DataFrame) -> Change:
    first, last = _FIRST, _FIRST + timedelta(days=int((posts["date"].max() - _FIRST).days))  # type: ignore[operator,union-attr]
    return compute(posts.lazy(), Settings(metric="reactions"), Context(schema=_SCHEMA, first_day=first, last_day=last))
