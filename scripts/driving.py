"""How often the page What drives it says of captions what is not so, and how well it finds what was planted."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import polars as pl

from postlens.core.contract import Context
from postlens.core.contract.schema import Column, Schema
from postlens.plugins.drivers.compute import Drivers, Settings, compute
from scripts import worlds
from scripts.measured import Line

_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def with_captions(rng: np.random.Generator, posts: worlds.Posts) -> tuple[pl.DataFrame, Schema, worlds.Numbers]:
    """Captions whose habits drift, as types do; which of them ask a question."""
    table, schema = posts.table()
    day = np.floor(posts.day).astype(int)
    leaning = worlds.wandering(rng, int(day.max()) + 1, 0.3)[day]
    asks = rng.random(len(day)) < 1 / (1 + np.exp(1 - leaning - 0.5 * (posts.group == 1)))
    words = rng.integers(2, 60, len(day))
    texts = [
        " ".join(rng.choice(_WORDS, n)) + ("?" if ask else ".") + (" #tag" if n % 3 else "") + f" {i}"
        for i, (n, ask) in enumerate(zip(words, asks, strict=True))
    ]
    schema = schema.with_columns([Column(name="text", label="Text", kind="text")])
    return table.collect().with_columns(text=pl.Series(texts)), schema, asks.astype(float)


def asked(posts: pl.DataFrame, schema: Schema) -> Drivers:
    """The page's answer."""
    found: Drivers = compute(posts.lazy(), Settings(metric="engagements"), Context(schema=schema))
    return found


def level_of(found: Drivers, by: str, level: str) -> tuple[float, float, float, float]:
    """Estimate, ends of its interval, and p."""
    compared = next(one for one in found.compared if one.by.name == by)
    one = next(one for one in compared.levels if one.level == level)
    effect = one.effect
    return effect.estimate, effect.low, effect.high, effect.p if not effect.untold else 1.0


def driving(repetitions: int) -> Iterator[Line]:
    """Worlds in which nothing matters; then a type and a question that do, and go together."""
    for number, (name, world) in enumerate(worlds.NULLS.items()):
        if "rate" in name or "text" in name or (name.startswith("real") and not worlds.real_pages()):
            continue  # Rates have no total to explain; these posts get captions of their own.
        rng = np.random.default_rng([27, number])
        low = false = 0
        for _ in range(repetitions):
            posts, schema, _ = with_captions(rng, world(rng))
            found = asked(posts, schema)
            low += level_of(found, "caption_question", "with a question")[3] <= 0.05
            false += any(one.state == "likely real" for one in found.compared if one.by.name != "weekday")
        yield Line("p at most 0.05, a question in the caption", name, repetitions, low / repetitions, "at most 0.065")
        yield Line("anything likely real", name, repetitions, false / repetitions, "at most 0.065")
    rng = np.random.default_rng(28)
    real = held = 0
    for _ in range(repetitions):
        made = worlds.half_more(rng, 800, 0.4, accounts=4)
        posts, schema, asks = with_captions(rng, made)
        more = np.exp(0.3 * asks)
        posts = posts.with_columns(engagements=(pl.col("engagements") * pl.Series(more)).round().cast(pl.Int64))
        found = asked(posts, schema)
        estimate, least, most, _ = level_of(found, "caption_question", "with a question")
        held += least <= 0.3 <= most
        real += next(c for c in found.compared if c.by.name == "caption_question").state == "likely real"
        assert math.isfinite(estimate)
    where = "800 posts of each of 4 accounts, a type 1.5 times as much, a question 1.35 times, which go together"
    yield Line("likely real, a question in the caption", where, repetitions, real / repetitions, "at least 0.8")
    yield Line("interval of its effect holds it", where, repetitions, held / repetitions, "0.93 to 0.97")
