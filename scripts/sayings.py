"""How often the page What to say finds a word where words do not matter, and whether it finds one that does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from postlens.core.contract import Context
from postlens.core.contract.schema import Column
from postlens.plugins.content.compute import Said, compute
from postlens.plugins.content.settings import Settings
from scripts.measured import Line
from scripts.schemas import schema_of

_SCHEMA = schema_of(Column(name="text", label="Caption", kind="text"), types=("0", "1"))
_WORDS = tuple(f"{a}{b}" for a in ("mar", "sal", "tin", "ver", "lop", "gan", "rud", "pes") for b in ("ning", "tower", "bread", "lake", "song"))  # fmt: skip


def _posts(rng: np.random.Generator, number: int, accounts: int, more: float, *, drifting: bool) -> pl.DataFrame:
    """Posts of 40 weeks with three to nine words of forty; levels wander by weeks, and where words drift, those of today do too."""
    day = np.sort(rng.integers(0, 280, number))
    account, kind = rng.integers(0, accounts, number), rng.integers(0, 2, number)
    liking = np.cumsum(rng.normal(0, 0.35, (len(_WORDS), 40)), axis=1) if drifting else np.zeros((len(_WORDS), 40))
    has = np.zeros((number, len(_WORDS)), bool)
    for i in range(number):
        share = np.exp(liking[:, day[i] // 7])
        several = rng.integers(3, 10)  # As many in each post would make the last word follow from the others.
        has[i, rng.choice(len(_WORDS), several, replace=False, p=share / share.sum())] = True
    wander = np.cumsum(rng.normal(0, 0.12, (accounts, 40)), axis=1)
    level = rng.normal(5, 1, accounts)[account] + wander[account, day // 7] + 0.3 * kind
    values = np.exp(level + math.log(more) * has[:, 0] + rng.normal(0, 0.8, number))
    start = date(2025, 1, 6)
    return pl.DataFrame(
        {
            "date": [start + timedelta(days=int(d)) for d in day],
            "account_name": account.astype(str),
            "post_type": kind.astype(str),
            "text": [f"{i} " + " ".join(w for w, there in zip(_WORDS, row, strict=True) if there) for i, row in enumerate(has)],
            "reactions": rng.poisson(values),
        }
    ).with_columns(published=pl.col("date").cast(pl.Datetime("us", "UTC")))  # fmt: skip


def posted_again(rng: np.random.Generator, number: int, accounts: int, texts: int) -> pl.DataFrame:
    """Posts of a few texts, each with a quality of its own, posted again and again at any time."""
    posts = _posts(rng, number, accounts, 1.0, drifting=False)
    said = [" ".join(rng.choice(_WORDS, rng.integers(3, 10), replace=False)) for _ in range(texts)]
    quality, text = rng.normal(0, 0.6, texts), rng.integers(0, texts, number)
    better = pl.Series(np.rint(posts["reactions"].to_numpy() * np.exp(quality[text]))).cast(pl.Int64)
    return posts.with_columns(text=pl.Series([said[i] for i in text]), reactions=better)


def asked(posts: pl.DataFrame) -> Said:
    """What the page finds in posts."""
    return compute(posts.lazy(), Settings(metric="reactions"), Context(schema=_SCHEMA))


def sayings(repetitions: int) -> Iterator[Line]:
    """Whether any word is likely real where none matters, and one that gets half more."""
    for number, (posts, accounts, drifting) in enumerate(((600, 1, False), (600, 1, True), (1_500, 6, True))):
        rng = np.random.default_rng([31, number])
        told = [asked(_posts(rng, posts, accounts, 1.0, drifting=drifting)) for _ in range(repetitions)]
        false = sum("likely real" in one.words["state"].to_list() for one in told) / repetitions
        name = f"{posts:,} posts of {accounts} account{'s' * (accounts > 1)}, forty words" + ", which drift" * drifting
        yield Line("any word likely real, none matters", name, repetitions, false, "at most 0.065")
    for number, (posts, accounts, texts) in enumerate(((600, 1, 40), (1_500, 4, 100), (1_500, 4, 400))):
        rng = np.random.default_rng([33, number])
        told = [asked(posted_again(rng, posts, accounts, texts)) for _ in range(repetitions)]
        false = sum("likely real" in one.words["state"].to_list() for one in told) / repetitions
        name = f"{texts} texts posted again and again, {posts:,} posts of {accounts} account{'s' * (accounts > 1)}"
        yield Line("any word likely real, none matters", name, repetitions, false, "at most 0.065")
    rng = np.random.default_rng(32)
    seen = 0
    for _ in range(repetitions):
        found = asked(_posts(rng, 1_500, 4, 1.5, drifting=True)).words.filter(pl.col("word") == _WORDS[0])
        seen += found["state"].to_list() == ["likely real"]
    name = "1,500 posts of 4 accounts, forty words, one gets half more"
    yield Line("that word is likely real", name, repetitions, seen / repetitions, "at least 0.75")
