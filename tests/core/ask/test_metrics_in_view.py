"""A client whose network does not report a metric: it is said, and what it does report is asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, OneOf
from postlens.core.ask.findings import gather
from postlens.core.ask.outcome import Refused
from postlens.core.ask.request import Request

VIDEOS = Filters((OneOf("platform", ("youtube",)),))


def table() -> pl.DataFrame:
    """Photos and reels with reactions on Instagram, videos and shorts with views alone on YouTube."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(240):
        video = i % 2 == 1
        link = f"https://www.youtube.com/watch?v=abcdefgh{i:03}" if video else f"https://www.instagram.com/p/C{i:09}AA/"
        kind = ("short" if i % 4 == 1 else "video") if video else ("reel" if i % 4 == 0 else "photo")
        counts = (None, None, int(rng.lognormal(7, 1))) if video else (int(rng.lognormal(4, 1)), i % 9, None)
        rows.append((link, f"{date(2026, 1, 1) + timedelta(days=i // 2)} 10:{i % 60:02}", kind, *counts))
    names = ["Permalink", "Publish time", "Post type", "Likes", "Comments", "Views"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def test_a_metric_that_no_post_in_view_has_is_said_with_those_there_are(engine_for: Callable[..., Engine]) -> None:
    """It said that no two posts were within a week of each other, and that more posts would settle it."""
    engine = engine_for(table())
    for panel in ("hypothesis", "eda"):
        params = engine.registry.panels[panel].params()
        told = engine.answer(Request(panel=panel, params=params, filters=VIDEOS))
        assert isinstance(told, Refused)
        assert told.reason.startswith("None of the posts in view has ")
        assert '"Views"' in told.hint


def test_the_brief_asks_about_what_posts_in_view_know(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(table())
    found = gather(engine, VIDEOS)
    assert found.asked > 0
    assert {f.verdict.metric for f in (*found.found, *found.also)} == {"views"}
    everything = gather(engine, Filters())
    assert "views" not in {f.verdict.metric for f in (*everything.found, *everything.also)}
