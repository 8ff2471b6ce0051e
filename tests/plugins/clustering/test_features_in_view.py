"""What one client's groups are made of does not depend on what other clients' networks report."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, OneOf
from postlens.core.ask.outcome import Done
from postlens.core.ask.request import Request


def test_metrics_are_those_that_posts_in_view_know(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(4)
    ours = pl.DataFrame(
        {
            "Permalink": [f"https://www.instagram.com/p/C{i:09}AA/" for i in range(80)],
            "Publish time": [f"2026-03-{1 + i % 28:02} 10:{i % 60:02}" for i in range(80)],
            "Account": ["ours"] * 80,
            **{name: rng.lognormal(3, 1, 80).astype(int) for name in ("Likes", "Comments", "Shares", "Saves")},
        }
    )
    theirs = ours.with_columns(pl.col("Permalink") + "x", pl.lit("theirs").alias("Account")).drop("Shares", "Saves")
    made = []
    for table in (ours, pl.concat([ours, theirs, theirs.with_columns(pl.col("Permalink") + "y")], how="diagonal")):
        engine = engine_for(table)
        params = engine.registry.panels["clustering"].params()
        told = engine.answer(
            Request(panel="clustering", params=params, filters=Filters((OneOf("account_name", ("ours",)),)))
        )
        assert isinstance(told, Done)
        made.append(told.result.features)
    assert made[0] == made[1]
    assert "Saves" in made[0]
