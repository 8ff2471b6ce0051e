"""The bundled sample: a year of posts of one fictional client, made from the laws of real engagement.

Planted truths, which the tests look for:

- Accounts differ by orders of magnitude (`ACCOUNTS[*].level`); inside an account engagement is log-normal.
- Inside an account a photo earns `TYPE_EFFECT["photo"] / TYPE_EFFECT["link"]`, about 1.7 times the reactions of a
  link. Pooled over accounts it looks the other way round, because the largest account posts mostly links.
- Videos earn a quarter more comments. Saturday and Sunday earn `WEEKEND` more of everything.
- The hour of the day and the campaign have no effect at all.
- About one Facebook post in eight is about prices: angry and sad reactions times 12, comments times 3.
- The newest four days are immature: `IMMATURE` of what they will have.
- `VIRAL` posts go viral (times 25), and `REPEATED` rows are a second export of posts already there, one share richer.
- Networks report different metrics: what a network does not report is missing, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from postlens.core.contract.problems import fail

VERSION = "2"
NAME = "Sample: Alder & Finch Coffee"
TYPE_EFFECT = {"photo": 1.5, "carousel": 1.35, "video": 1.1, "reel": 1.2, "text": 1.0, "link": 0.87}
VIDEO_COMMENTS = 1.25
WEEKEND = 1.1
IMMATURE = (0.60, 0.66, 0.74, 0.89)
PRICE_SHARE = 0.125
VIRAL = 9
REPEATED = 14
FIRST, LAST = datetime(2025, 10, 1, tzinfo=UTC), datetime(2026, 9, 30, 21, tzinfo=UTC)
CAMPAIGNS = ("Autumn blend", "Slow mornings", "Farm stories", "Always on")


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the client: its size, spread and habits."""

    platform: str
    name: str
    posts: int
    level: float
    followers: int
    types: dict[str, float]
    spread: float = 0.95


ACCOUNTS = (
    Account(
        platform="facebook",
        name="Alder & Finch",
        posts=1500,
        level=900,
        followers=210_000,
        types={"link": 0.62, "photo": 0.14, "video": 0.14, "text": 0.10},
    ),
    Account(
        platform="facebook",
        name="Alder & Finch Roastery",
        posts=900,
        level=55,
        followers=9_400,
        types={"link": 0.10, "photo": 0.55, "video": 0.25, "text": 0.10},
    ),
    Account(
        platform="instagram",
        name="alderandfinch",
        posts=1300,
        level=420,
        followers=96_000,
        types={"photo": 0.40, "carousel": 0.25, "reel": 0.35},
    ),
    Account(
        platform="instagram",
        name="finch.at.home",
        posts=700,
        level=80,
        followers=12_300,
        types={"photo": 0.50, "carousel": 0.20, "reel": 0.30},
    ),
    Account(
        platform="tiktok",
        name="@alderandfinch",
        posts=750,
        level=260,
        followers=41_000,
        types={"video": 1.0},
        spread=1.15,
    ),
    Account(
        platform="linkedin",
        name="Alder & Finch Coffee Ltd",
        posts=850,
        level=34,
        followers=7_800,
        types={"text": 0.35, "link": 0.35, "photo": 0.20, "video": 0.10},
        spread=0.8,
    ),
)

_OPENINGS = (
    "First frost, first flat white",
    "Meet Ana, who roasts our Tuesday batch",
    "Three ways to brew our Kenya AA",
    "What we learned from 400 cuppings",
    "Your kitchen, our beans",
    "New in the shop window",
    "A quiet corner in Leeds",
    "How we pay farmers before the harvest",
    "Behind the bar at seven",
    "Cold brew weather is back",
    "Grind size, explained in a minute",
    "Our paper cups are now fully compostable",
    "Sunday table, set for two",
)
_CLOSINGS = (
    "\u2615",
    "Which one is yours?",
    "Link in bio.",
    "Tell us below \U0001f447",
    "Open until six.",
    "#coffee #slowmornings",
    "Thank you for asking!",
    "\u2728 More on Friday.",
    "See you there.",
    "@finch.at.home has the recipe.",
)
_PRICES = (
    "Why our prices go up in March",
    "Green coffee costs 40 % more than last year",
    "We are raising the price of a flat white by 30p",
    "An honest word about prices",
)


def make_sample(seed: int = 2) -> pl.DataFrame:
    """About 6,000 posts as a table an agency might have exported; the same seed gives the same table.

    Returns:
        Newest first, with header names as in an export and nulls for what a network does not report.
    """
    rng = np.random.default_rng(seed)
    frames = [_posts_of(account, number, rng) for number, account in enumerate(ACCOUNTS)]
    posts = pl.concat(frames, how="diagonal")
    posts = _go_viral(posts, rng)
    repeated = posts[np.sort(rng.choice(posts.height, REPEATED, replace=False))].with_columns(pl.col("Shares") + 1)
    newest_first = posts.sort(["Published", "Post ID"], descending=[True, False])
    return pl.concat([newest_first, repeated]).with_columns(pl.col("Published").dt.to_string("%Y-%m-%d %H:%M:%S"))


def _posts_of(account: Account, number: int, rng: np.random.Generator) -> pl.DataFrame:
    n = account.posts
    when = _moments(n, rng)
    types = rng.choice(list(account.types), n, p=list(account.types.values()))
    price = (rng.random(n) < PRICE_SHARE) & (account.platform == "facebook")
    common = _common_factor(account, when, types, rng)
    counts = _counts(account, common, types, price, rng)
    ids = 10**14 * (number + 1) + rng.choice(10**12, n, replace=False)
    return pl.DataFrame(
        {
            "Post ID": [str(i) for i in ids],
            "Platform": [account.platform] * n,
            "Account": [account.name] * n,
            "Published": when,
            "Type": types.tolist(),
            "Caption": _captions(price, rng),
            "Permalink": [f"https://example.com/{account.platform}/{i}" for i in ids],
            "Campaign": rng.choice(CAMPAIGNS, n, p=(0.2, 0.2, 0.15, 0.45)).tolist(),
            **counts,
            "Followers at posting": np.round(account.followers * np.linspace(0.9, 1.0, n)).astype(np.int64),
        }
    )


def _moments(n: int, rng: np.random.Generator) -> list[datetime]:
    """Times over the year: fewer at weekends and at night, most from 13 to 16 h."""
    days = (LAST - FIRST).days + 1
    weekday = np.array([(FIRST + timedelta(days=d)).weekday() for d in range(days)])
    share = np.where(weekday >= 5, 0.11, 0.156)
    hours = np.concatenate([np.full(6, 0.6), np.linspace(1, 6, 7), np.full(4, 6.0), np.linspace(5, 1.5, 7)])
    day = np.sort(rng.choice(days, n, p=share / share.sum()))
    hour = rng.choice(24, n, p=hours / hours.sum())
    seconds = rng.integers(0, 3600, n)
    moments = [
        FIRST + timedelta(days=int(d), hours=int(h), seconds=int(s)) for d, h, s in zip(day, hour, seconds, strict=True)
    ]
    return [min(m, LAST - timedelta(minutes=i % 240)) for i, m in enumerate(moments)]


def _common_factor(account: Account, when: list[datetime], types: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a post draws overall: account level, format, weekend, age, and chance."""
    effect = np.array([TYPE_EFFECT[t] for t in types])
    weekend = np.array([WEEKEND if m.weekday() >= 5 else 1.0 for m in when])
    age = np.array([(LAST - m).days for m in when])
    mature = np.array([IMMATURE[a] if a < len(IMMATURE) else 1.0 for a in age])
    chance = rng.lognormal(0.0, account.spread, len(when))
    return np.asarray(account.level * effect * weekend * mature * chance)


def _noisy(rate: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(rate * rng.lognormal(-spread * spread / 2, spread, len(rate))).astype(np.int64)


def _counts(
    account: Account, common: np.ndarray, types: np.ndarray, price: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    video = np.isin(types, ["video", "reel"])
    reactions = _noisy(common, 0.25, rng)
    comments = _noisy(common * 0.06 * np.where(video, VIDEO_COMMENTS, 1.0) * np.where(price, 3.0, 1.0), 0.6, rng)
    counts = {
        "Reactions": reactions,
        "Comments": comments,
        "Shares": _noisy(common * 0.07, 0.7, rng),
    }
    if account.platform == "facebook":
        return counts | _kinds(reactions, price, rng) | _audience(common, 28, rng)
    counts["Likes"] = reactions
    if account.platform == "instagram":
        views = {"Views": _noisy(common * 34, 0.4, rng)}
        return counts | {"Saves": _noisy(common * 0.08, 0.7, rng)} | _audience(common, 22, rng) | views
    if account.platform == "tiktok":
        return counts | {"Saves": _noisy(common * 0.05, 0.8, rng), "Views": _noisy(common * 40, 0.5, rng)}
    return counts | {"Impressions": _noisy(common * 45, 0.4, rng)}


def _audience(common: np.ndarray, per_reaction: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    reach = _noisy(common**0.85 * per_reaction, 0.35, rng)
    return {"Reach": reach, "Impressions": np.round(reach * rng.uniform(1.4, 2.1, len(reach))).astype(np.int64)}


def _kinds(reactions: np.ndarray, price: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Reactions split by kind; posts about prices draw anger and sadness."""
    share = {"Likes": 0.91, "Loves": 0.025, "Wows": 0.013, "Hahas": 0.019, "Sads": 0.016, "Angrys": 0.016}
    weights = np.tile(np.array(list(share.values())), (len(reactions), 1))
    weights[price, 4:] *= 12
    weights *= rng.gamma(8.0, 1 / 8.0, weights.shape)
    weights /= weights.sum(axis=1, keepdims=True)
    drawn = rng.multinomial(reactions, weights)
    return {name: drawn[:, i].astype(np.int64) for i, name in enumerate(share)}


def _captions(price: np.ndarray, rng: np.random.Generator) -> list[str]:
    opening, closing = rng.integers(0, len(_OPENINGS), len(price)), rng.integers(0, len(_CLOSINGS), len(price))
    about = rng.integers(0, len(_PRICES), len(price))
    return [
        f"{_PRICES[about[i]] if price[i] else _OPENINGS[opening[i]]}. {_CLOSINGS[closing[i]]}"
        for i in range(len(price))
    ]


def _go_viral(posts: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    chosen = np.zeros(posts.height, dtype=bool)
    chosen[rng.choice(posts.height, VIRAL, replace=False)] = True
    counts = [c for c in posts.columns if posts[c].dtype == pl.Int64 and c != "Followers at posting"]
    viral = pl.Series(chosen)
    return posts.with_columns(pl.when(viral).then(pl.col(c) * 25).otherwise(pl.col(c)).alias(c) for c in counts)


def write_sample(path: Path, seed: int = 2) -> int:
    """Write the sample as CSV, Parquet or NDJSON, by the file's ending; return its rows.

    Raises:
        PostlensError: the ending is another.
    """
    table = make_sample(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        table.write_csv(path, include_bom=True)
    elif path.suffix == ".parquet":
        table.write_parquet(path)
    elif path.suffix in {".ndjson", ".jsonl"}:
        table.write_ndjson(path)
    else:
        raise fail(f'Postlens writes the sample as .csv, .parquet or .ndjson, not "{path.suffix}".', where=str(path))
    return table.height


def sample_file(store: Path) -> Path:
    """The sample in a store, made if it is not there."""
    path = store / f"sample-{VERSION}.csv"
    if not path.exists():
        scratch = path.with_name(f".{path.stem}-{id(path)}.csv")
        write_sample(scratch)
        scratch.replace(path)
    return path
