"""Posts over time whose truth is known: worlds in which verdicts used to be wrong, and one in which they should be right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.contract.schema import Column, Schema

Numbers = NDArray[np.float64]
Random = np.random.Generator
PAGES = Path(__file__).parents[1].parent / "shared" / "data" / "real" / "facebook_pages_242k.parquet"
HALF_YEAR = 182
SPREAD = 0.8  # Of posts of one account within a week, on the log scale.
WEEKLY_STEP = 0.13  # Of a page's level, on the log scale, as measured on real pages.
_MONDAY = date(2025, 1, 6)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Posts:
    """Posts with what a comparison sees.

    Attributes:
        account, day, group: a number for each post; days count from a Monday.
        log: the metric's logarithm. reach: how many people saw it, where rates are compared.
        by: the grouping that is asked about.
        piece: which text each post has, where texts are posted again. hour: of the day, where it is known.
    """

    account: Numbers
    day: Numbers
    group: Numbers
    log: Numbers
    reach: Numbers | None = None
    by: str = "post_type"
    piece: Numbers | None = None
    hour: Numbers | None = None

    def table(self) -> tuple[pl.LazyFrame, Schema]:
        """As pages see them: engagements, reach if known, account, type, weekday."""
        days = np.floor(self.day).astype(np.int64)
        counts = np.rint(np.exp(self.log.clip(-20, 25))).astype(np.int64)
        posts = pl.DataFrame(
            {
                "account_name": [f"account {a:.0f}" for a in self.account],
                "date": pl.Series(days).cast(pl.Int32) + (_MONDAY - date(1970, 1, 1)).days,
                "post_type": [f"type {g:.0f}" for g in self.group],
                "weekday": [_DAYS[d % 7] for d in days],
                "engagements": counts,
            }
        ).with_columns(pl.col("date").cast(pl.Date))
        columns = [
            Column(name="published", label="Published", kind="time"),
            Column(name="engagements", label="Engagements", kind="metric"),
            *(_category(posts, name) for name in ("post_type", "account_name", "weekday")),
        ]
        if self.reach is not None:
            posts = posts.with_columns(reach=pl.Series(self.reach.astype(np.int64)))
            posts = posts.with_columns(rate=pl.col("engagements") / pl.col("reach"))
            fraction = ("engagements", "reach")
            columns.append(Column(name="rate", label="Rate", kind="rate", fraction=fraction, percent=True))
        if self.hour is not None:
            posts = posts.with_columns(hour=pl.Series([f"{h:02.0f}:00" for h in self.hour]))
            columns.append(_category(posts, "hour"))
        if self.piece is not None:
            posts = posts.with_columns(text=pl.Series([f"The text of piece {p:.0f}" for p in self.piece]))
            columns.append(Column(name="text", label="Text", kind="text"))
        return posts.lazy(), Schema(columns=tuple(columns), posts=posts.height)

    def until(self, day: float) -> Posts:
        """The posts of the first days."""
        seen = self.day < day
        reach = None if self.reach is None else self.reach[seen]
        return Posts(self.account[seen], self.day[seen], self.group[seen], self.log[seen], reach, self.by)

    @property
    def metric(self) -> str:
        """What is compared."""
        return "engagements" if self.reach is None else "rate"

    @property
    def level(self) -> str:
        """The group that is asked about."""
        return "Saturday" if self.by == "weekday" else "type 1"


def _category(posts: pl.DataFrame, name: str) -> Column:
    return Column(name=name, label=name, kind="category", levels=tuple(posts[name].unique().sort()))


# -- pieces --------------------------------------------------------------------------------------------


def wandering(rng: Random, days: int, step: float = WEEKLY_STEP) -> Numbers:
    """A level that wanders from day to day."""
    return np.cumsum(rng.normal(0, step / np.sqrt(7), days + 1))


def drawn(rng: Random, leaning: Numbers) -> Numbers:
    """One type for each post, by how much it leans to each."""
    return (leaning + rng.gumbel(size=leaning.shape)).argmax(axis=1).astype(float)


def moments(rng: Random, posts: int, days: int = HALF_YEAR) -> Numbers:
    """When posts go out."""
    return np.sort(rng.uniform(0, days, posts))


def mixes(rng: Random, days: int = HALF_YEAR, types: int = 3) -> Numbers:
    """How much an account leans to each type, day by day."""
    return np.column_stack([rng.normal(0, 0.5) + wandering(rng, days, 0.35) for _ in range(types)])


def joined(parts: list[Posts]) -> Posts:
    """Posts of several accounts as one data set."""

    def of(name: str) -> Numbers:
        return np.concatenate([getattr(part, name) for part in parts])

    known = {name: None if getattr(parts[0], name) is None else of(name) for name in ("reach", "piece", "hour")}
    return Posts(of("account"), of("day"), of("group"), of("log"), by=parts[0].by, **known)


# -- worlds in which no type matters -------------------------------------------------------------------


def drifting(rng: Random, posts: int) -> Posts:
    """One account: the mix of types drifts while the level wanders."""
    day = moments(rng, posts)
    at = day.astype(int)
    level = 5 + wandering(rng, HALF_YEAR)[at]
    return Posts(np.zeros(posts), day, drawn(rng, mixes(rng)[at]), level + rng.normal(0, 1, posts))


def common(rng: Random, accounts: int) -> Posts:
    """Several accounts whose levels and mixes wander half together."""
    shared, leaning = wandering(rng, HALF_YEAR), mixes(rng)
    half = np.sqrt(0.5)
    parts = []
    for account in range(accounts):
        posts = int(rng.integers(60, 300))
        day = moments(rng, posts)
        at = day.astype(int)
        level = rng.normal(5, 1.5) + half * (shared + wandering(rng, HALF_YEAR))[at]
        group = drawn(rng, half * (leaning + mixes(rng))[at])
        parts.append(Posts(np.full(posts, float(account)), day, group, level + rng.normal(0, 1, posts)))
    return joined(parts)


def bursts(rng: Random, posts: int, *, one_type: bool, times: int = 4, days: int = 4) -> Posts:
    """One account with campaigns of some days that lift every post; each leans to a type, or all to the same."""
    day = moments(rng, posts)
    leaning = np.tile(rng.normal(0, 0.5, 3), (posts, 1))
    lift = np.zeros(posts)
    for start in rng.uniform(0, HALF_YEAR - days, times):
        inside = (day >= start) & (day < start + days)
        lift[inside] = 0.8
        leaning[inside, 1 if one_type else rng.integers(3)] += 2
    level = 5 + wandering(rng, HALF_YEAR)[day.astype(int)] + lift
    return Posts(np.zeros(posts), day, drawn(rng, leaning), level + rng.normal(0, 1, posts))


def one_month(rng: Random, posts: int) -> Posts:
    """One account: a month against the rest."""
    day = moments(rng, posts)
    start = 30.4 * rng.integers(0, 6)
    month = ((day >= start) & (day < start + 30.4)).astype(float)
    return Posts(np.zeros(posts), day, month, 5 + wandering(rng, HALF_YEAR)[day.astype(int)] + rng.normal(0, 1, posts))


def by_weekday(rng: Random, accounts: int) -> Posts:
    """The weekday matters and types go with weekdays; the type itself does not matter."""
    effects, leaning = rng.normal(0, 0.35, 7), rng.normal(0, 1.2, (7, 3))
    parts = []
    for account in range(accounts):
        day = moments(rng, 300)
        at = day.astype(int)
        level = rng.normal(5, 1.5) + wandering(rng, HALF_YEAR)[at] + effects[at % 7]
        parts.append(
            Posts(np.full(300, float(account)), day, drawn(rng, leaning[at % 7]), level + rng.normal(0, 1, 300))
        )
    return joined(parts)


def few_and_wide(rng: Random, few: int) -> Posts:
    """A few posts that differ widely against 2,000 that do not."""
    posts = 2000 + few
    day, group = moments(rng, posts), np.zeros(posts)
    group[rng.choice(posts, few, replace=False)] = 1
    noise = np.where(group > 0, 1.5, 0.4) * rng.normal(size=posts)
    return Posts(np.zeros(posts), day, group, 5 + wandering(rng, HALF_YEAR)[day.astype(int)] + noise)


def one_viral(rng: Random, few: int) -> Posts:
    """One post of a few has a thousand times the usual."""
    posts = 300 + few
    day, group = moments(rng, posts), np.zeros(posts)
    chosen = rng.choice(posts, few, replace=False)
    group[chosen] = 1
    log = 5 + wandering(rng, HALF_YEAR)[day.astype(int)] + rng.normal(0, 0.8, posts)
    log[chosen[0]] += np.log(1000)
    return Posts(np.zeros(posts), day, group, log)


def same_rate(rng: Random, reach: float) -> Posts:
    """Two per cent of those reached engage; posts of one type reach far fewer."""
    day, group = moments(rng, 380), (rng.permutation(380) < 80).astype(float)
    seen = np.rint(rng.lognormal(np.log(np.where(group > 0, reach, 3000)), 0.6)).clip(1)
    rate = 0.02 * np.exp(wandering(rng, HALF_YEAR)[day.astype(int)]) * rng.lognormal(-0.125, 0.5, 380)
    with np.errstate(divide="ignore"):
        return Posts(np.zeros(380), day, group, np.log(rng.poisson(seen * rate.clip(0, 0.9))), reach=seen)


def after_success(rng: Random, accounts: int, posts: int, strength: float, effect: float = 0.0) -> Posts:
    """Type 1 is posted more often after a post that did better than the last twenty; it earns `effect` more, on the log scale."""
    parts = []
    for account in range(accounts):
        day = moments(rng, posts)
        log = 5 + wandering(rng, HALF_YEAR)[day.astype(int)] + rng.normal(0, 1, posts)
        group = np.zeros(posts)
        for i in range(posts):
            last = log[max(0, i - 21) : i]
            success = last[-1] - last.mean() if i else 0.0
            group[i] = rng.random() < 1 / (1 + np.exp(-strength * success))
            log[i] += effect * group[i]
        parts.append(Posts(np.full(posts, float(account)), day, group, rng.normal(0, 1.5) + log))
    return joined(parts)


def rate_after(rng: Random, accounts: int, posts: int, strength: float) -> Posts:
    """Type 1 is posted more often after a post whose rate was good; below 0, after one whose rate was bad."""
    parts = []
    for account in range(accounts):
        day = moments(rng, posts)
        luck, group = rng.normal(0, SPREAD, posts), np.zeros(posts)
        for i in range(1, posts):
            group[i] = rng.random() < 1 / (1 + np.exp(-strength * luck[i - 1]))
        seen = np.rint(rng.lognormal(8, 0.8, posts)).clip(50)
        rate = np.exp(-4 + wandering(rng, HALF_YEAR)[day.astype(int)] + luck).clip(0, 0.9)
        with np.errstate(divide="ignore"):
            log = np.log(rng.poisson(seen * rate))
        parts.append(Posts(np.full(posts, float(account)), day, group, log, reach=seen))
    return joined(parts)


def posted_again(rng: Random, accounts: int, posts: int, texts: int) -> Posts:
    """A few texts, each of one type and with a quality of its own, posted again and again at any time."""
    kind, quality = rng.integers(0, 3, texts).astype(float), rng.normal(0, 0.6, texts)
    parts = []
    for account in range(accounts):
        day, text = moments(rng, posts), rng.integers(0, texts, posts)
        level = 5 + wandering(rng, HALF_YEAR)[day.astype(int)] + quality[text]
        log = level + rng.normal(0, SPREAD, posts)
        parts.append(Posts(np.full(posts, float(account)), day, kind[text], log, piece=text.astype(float)))
    return joined(parts)


def own_habits(rng: Random, accounts: int, largest: int = 200) -> Posts:
    """Each account has its own good weekdays; over accounts in general no weekday matters."""
    parts = []
    for account in range(accounts):
        posts = largest if account == 0 else 200
        day = moments(rng, posts)
        at = day.astype(int)
        level = rng.normal(5, 1.5) + wandering(rng, HALF_YEAR)[at] + rng.normal(0, 0.35, 7)[at % 7]
        parts.append(
            Posts(np.full(posts, float(account)), day, np.zeros(posts), level + rng.normal(0, 1, posts), by="weekday")
        )
    return joined(parts)


@cache
def real_pages() -> tuple[tuple[Numbers, Numbers], ...]:
    """Days and log reactions of each real page with 350 posts or more, in their order; none where the file is not there."""
    if not PAGES.exists():
        return ()
    posts = pl.read_parquet(PAGES).sort("user_id", "published")
    found = []
    for page in posts.partition_by("user_id", maintain_order=True):
        if page.height >= 350:
            day = page["published"].to_numpy() / 86_400 - 4
            found.append((day, np.log1p(page["num_reactions"].to_numpy().astype(float))))
    return tuple(found)


def made_up_types(rng: Random, kind: str) -> Posts:
    """300 posts of one real page in their true order, with types that nobody posted."""
    pages = real_pages()
    day, log = pages[rng.integers(len(pages))]
    start = rng.integers(0, len(day) - 299)
    day, log = day[start : start + 300], log[start : start + 300]
    done = np.arange(300) / 300
    match kind:
        case "drift":
            leaning = rng.normal(0, 0.5, 3) + np.cumsum(rng.normal(0, 1.8 / np.sqrt(300), (300, 3)), axis=0)
            group = drawn(rng, leaning)
        case "launch":
            group = ((done > rng.uniform(0.2, 0.7)) & (rng.random(300) < rng.uniform(0.25, 0.6))).astype(float)
        case "weeks":
            weeks = np.unique(day // 7, return_inverse=True)[1]
            group = rng.integers(0, 2, weeks.max() + 1)[weeks].astype(float)
        case _:
            group = (done >= 0.5).astype(float)
    return Posts(np.zeros(300), day - 7 * (day[0] // 7), group, log)


def noise(rng: Random, accounts: int, posts: int) -> tuple[pl.LazyFrame, Schema]:
    """Six metrics of the same posts by five groupings, none of which matters; mixes drift and levels wander."""
    parts = []
    for account in range(accounts):
        day = np.floor(moments(rng, posts)).astype(int)
        level = rng.normal(5, 1.2) + wandering(rng, HALF_YEAR)[day]
        popular = np.sqrt(0.6) * rng.normal(size=posts)
        counts = {
            name: rng.poisson(np.exp(size + level + 0.8 * (popular + np.sqrt(0.4) * rng.normal(size=posts))))
            for name, size in (("reactions", 0), ("comments", -1.5), ("shares", -2), ("reach", 2.5))
        }
        parts.append(
            pl.DataFrame(
                {
                    "account_name": [f"account {account}"] * posts,
                    "date": pl.Series(day).cast(pl.Int32) + (_MONDAY - date(1970, 1, 1)).days,
                    "post_type": [f"type {g:.0f}" for g in drawn(rng, mixes(rng)[day])],
                    "hour": [f"{h:02.0f}:00" for h in rng.normal(14, 4, posts).clip(0, 23)],
                    "weekday": [_DAYS[d % 7] for d in day],
                    "campaign": rng.choice(["x", "y", "z"], posts),
                    "has_link": rng.choice(["Yes", "No"], posts),
                    **counts,
                }
            )
        )
    table = pl.concat(parts).with_columns(
        pl.col("date").cast(pl.Date), engagements=pl.col("reactions") + pl.col("comments") + pl.col("shares")
    )
    table = table.with_columns(rate=pl.col("engagements") / pl.col("reach").clip(1))
    metrics = ("engagements", "reactions", "comments", "shares", "reach")
    groupings = ("post_type", "account_name", "weekday", "hour", "campaign", "has_link")
    columns = (
        Column(name="published", label="Published", kind="time"),
        *(Column(name=name, label=name, kind="metric") for name in metrics),
        Column(name="rate", label="Rate", kind="rate", fraction=("engagements", "reach"), percent=True),
        *(_category(table, name) for name in groupings),
    )
    return table.lazy(), Schema(columns=columns, posts=table.height)


# -- a world in which a type matters -------------------------------------------------------------------


def half_more(
    rng: Random,
    posts: int,
    effect: float,
    days: int = HALF_YEAR,
    accounts: int = 1,
    differ: float = 0.0,
    kinds: int = 2,
) -> Posts:
    """Type 1 has more, by a factor on the log scale that may differ between accounts; all types have as many posts."""
    parts = []
    for account in range(accounts):
        day, group = moments(rng, posts, days), rng.permutation(np.arange(posts) % kinds).astype(float)
        level = rng.normal(5, 1.5) + wandering(rng, days)[day.astype(int)]
        own = effect + differ * rng.normal()
        parts.append(
            Posts(np.full(posts, float(account)), day, group, level + own * (group == 1) + rng.normal(0, SPREAD, posts))
        )
    return joined(parts)


World = Callable[[Random], Posts]
NULLS: dict[str, World] = {
    "one account, 300 posts: mix drifts, level wanders": lambda rng: drifting(rng, 300),
    "one account, 1,500 posts: mix drifts, level wanders": lambda rng: drifting(rng, 1500),
    "real page, made-up types that drift": lambda rng: made_up_types(rng, "drift"),
    "real page, made-up types launched once": lambda rng: made_up_types(rng, "launch"),
    "real page, made-up types by week": lambda rng: made_up_types(rng, "weeks"),
    "real page, made-up types by half-year": lambda rng: made_up_types(rng, "half-year"),
    "6 accounts, wandering half common": lambda rng: common(rng, 6),
    "30 accounts, wandering half common": lambda rng: common(rng, 30),
    "one account, campaigns of one type": lambda rng: bursts(rng, 300, one_type=True),
    "one account, 8 campaigns of three days of one type": lambda rng: bursts(rng, 300, one_type=True, times=8, days=3),
    "one account, 6 campaigns of five days of one type, 600 posts": lambda rng: bursts(
        rng, 600, one_type=True, times=6, days=5
    ),
    "one account, campaigns of any type": lambda rng: bursts(rng, 300, one_type=False),
    "one month against the rest, 300 posts": lambda rng: one_month(rng, 300),
    "one month against the rest, 1,500 posts": lambda rng: one_month(rng, 1500),
    "weekday and type confounded, one account": lambda rng: by_weekday(rng, 1),
    "weekday and type confounded, 6 accounts": lambda rng: by_weekday(rng, 6),
    "one account, a type posted after successes": lambda rng: after_success(rng, 1, 300, 3),
    "20 accounts, a type posted after successes": lambda rng: after_success(rng, 20, 100, 1),
    "10 accounts, a type posted after good rates": lambda rng: rate_after(rng, 10, 80, 2),
    "10 accounts, a type posted after bad rates": lambda rng: rate_after(rng, 10, 80, -2),
    "one account, 40 texts posted again and again": lambda rng: posted_again(rng, 1, 600, 40),
    "10 accounts, 200 texts posted again and again": lambda rng: posted_again(rng, 10, 200, 200),
    "5 posts (spread 1.5) against 2,000 (0.4)": lambda rng: few_and_wide(rng, 5),
    "8 posts (spread 1.5) against 2,000 (0.4)": lambda rng: few_and_wide(rng, 8),
    "one viral post among 3": lambda rng: one_viral(rng, 3),
    "one viral post among 7": lambda rng: one_viral(rng, 7),
    "the same rate, reach 30 against 3,000": lambda rng: same_rate(rng, 30),
    "the same rate, reach 500 against 3,000": lambda rng: same_rate(rng, 500),
}

# -- crowds and groups for the clusters ----------------------------------------------------------------

_MIXING = np.linalg.cholesky([[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]]).T


def counted(scaled: Numbers) -> Numbers:
    """Counts of a usual size with these distances on the log scale."""
    return np.rint(np.expm1(5 + scaled)).clip(0)


def ellipse(rng: Random, posts: int) -> Numbers:
    """An evenly filled, slanted ball."""
    ways = rng.normal(size=(posts, 3))
    ball = ways / np.linalg.norm(ways, axis=1, keepdims=True) * rng.random((posts, 1)) ** (1 / 3)
    return counted(2 * ball @ _MIXING)


def box(rng: Random, posts: int) -> Numbers:
    """An evenly filled, slanted box."""
    return counted(3 * (rng.random((posts, 3)) - 0.5) @ _MIXING)


def ridge(rng: Random, posts: int) -> Numbers:
    """A bent, evenly filled ridge."""
    place, noise = rng.uniform(-1.7, 1.7, posts), 0.35 * rng.normal(size=(2, posts))
    return counted(np.column_stack([place, 0.8 * (place**2 - 1) + noise[0], 0.6 * place + noise[1]]))


def small_group(rng: Random, posts: int) -> Numbers:
    """One post in twenty lies eight standard deviations from the others."""
    scaled = 0.3 * rng.normal(size=(posts, 3))
    scaled[: posts // 20] += 0.3 * 8 / np.sqrt(3)
    return counted(scaled)


def levels_of(rng: Random, posts: int, accounts: int) -> tuple[Numbers, NDArray[np.int64]]:
    """Accounts that differ in level and post one kind each; the second is whose each post is."""
    whose = rng.integers(0, accounts, posts)
    return counted(rng.normal(0, 1.5, accounts)[whose][:, None] + 0.4 * rng.normal(size=(posts, 3))), whose


UNIFORM_CROWDS: dict[str, Callable[[Random, int], Numbers]] = {
    "evenly filled ellipse": ellipse,
    "evenly filled box": box,
    "bent ridge": ridge,
}
