"""When to post: no map of noise, and what was planted where something was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from postlens import Chart, Notice, Verdict
from postlens.core.ask.engine import Engine
from postlens.core.contract.blocks import walk
from postlens.plugins.timing.compute import Settings, Timing
from postlens.plugins.timing.view import show
from tests.conftest import ask


def posts(weekend: float = 1.0, evening: float = 1.0, seed: int = 1, per_day: int = 4, days: int = 280) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    number = per_day * days
    hour = rng.choice([8, 12, 18, 20], number)
    moments = [
        datetime(2025, 1, 6, tzinfo=UTC) + timedelta(days=i // per_day, hours=int(h)) for i, h in enumerate(hour)
    ]
    gain = np.array([weekend if m.weekday() >= 5 else 1.0 for m in moments]) * np.where(hour >= 18, evening, 1.0)
    return pl.DataFrame(
        {
            "Post ID": [str(10_000 + i) for i in range(number)],
            "Account": [f"a{i % 2}" for i in range(number)],
            "Type": rng.choice(["Photo", "Video"], number),
            "Publish time": [m.strftime("%Y-%m-%dT%H:%M:%SZ") for m in moments],
            "Likes": rng.poisson(np.exp(rng.normal(5, 0.7, number)) * gain),
        }
    )


def found(engine: Engine) -> Timing:
    result: Timing = ask(engine, "timing").result
    return result


def test_where_nothing_matters_there_is_no_map_and_a_bound_instead(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts()))
    assert result.weekday is not None
    assert result.hour is not None
    assert not result.weekday.matters
    assert not result.hour.matters
    assert result.slots.is_empty()
    blocks = list(walk(show(result, Settings())))
    assert not [b for b in blocks if isinstance(b, Chart)]
    (said,) = [b for b in blocks if isinstance(b, Notice)]
    assert "no weekday is more than" in said.text
    assert "would show luck" in said.text
    assert result.weekday.most is not None
    assert 0 < result.weekday.most < 0.5


def test_a_planted_weekend_is_found_drawn_and_mapped(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts(weekend=1.6)))
    assert result.weekday is not None
    assert result.weekday.matters
    assert result.weekday.levels["level"].to_list() == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    effects = dict(result.weekday.levels.select("level", "effect").iter_rows())
    assert min(effects["Sat"], effects["Sun"]) > 1.2
    raw = {one.level: one.effect.estimate for one in result.weekday.found.levels}
    assert all(abs(np.log(effects[day])) <= abs(raw[day]) for day in effects)
    best = result.slots.sort("effect", descending=True).row(0, named=True)
    assert best["weekday"] in {"Sat", "Sun"}
    assert result.slots["posts"].sum() == 1120
    blocks = list(walk(show(result, Settings())))
    assert isinstance(blocks[0], Verdict)
    assert [b.table.name for b in blocks if isinstance(b, Chart)] == ["weekday_effects", "slots"]


def test_an_hour_that_matters_alone_leaves_the_days_alike(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts(evening=1.7, seed=4)))
    assert result.hour is not None
    assert result.hour.matters
    assert result.weekday is not None
    assert not result.weekday.matters
    of_evening = result.slots.filter(pl.col("from") == 18)["effect"]
    assert of_evening.n_unique() <= 7
    assert of_evening.min() > 1.1  # type: ignore[operator]


def test_days_without_times_have_no_hours(engine_for: Callable[..., Engine]) -> None:
    days = posts().with_columns(pl.col("Publish time").str.slice(0, 10))
    result = found(engine_for(days))
    assert result.hour is None
    assert any("without a time" in b.text for b in show(result, Settings()) if isinstance(b, Notice))


def test_the_verdicts_are_those_of_explore(sample_engine: Engine) -> None:
    result = found(sample_engine)
    of_explore = {c.by.name: c for c in ask(sample_engine, "eda").result.compared}
    for clock in (result.weekday, result.hour):
        assert clock is not None
        same = of_explore[clock.found.by.name]
        assert clock.found.state == same.state
        assert clock.found.log_p == pytest.approx(same.log_p)


def test_a_slot_is_the_average_of_its_hours_and_its_day_together(engine_for: Callable[..., Engine]) -> None:
    """Hours 18 and 20 make one slot: its effect is that of the day times the geometric mean of theirs, post by post."""
    result = found(engine_for(posts(weekend=1.6, evening=1.6)))
    assert result.weekday is not None
    assert result.hour is not None
    day = dict(result.weekday.levels.select("level", "effect").iter_rows())
    hour = dict(result.hour.levels.select("level", "effect").iter_rows())
    written = posts(weekend=1.6, evening=1.6)["Publish time"].to_list()
    moments = [datetime.fromisoformat(m) for m in written]
    mine = [m for m in moments if m.weekday() == 5 and m.hour in {18, 20}]
    by_hand = np.exp(np.mean([np.log(day["Sat"] * hour[f"{m.hour:02d}"]) for m in mine]))
    slot = result.slots.filter((pl.col("weekday") == "Sat") & (pl.col("from") == 18)).row(0, named=True)
    assert slot["posts"] == len(mine)
    assert slot["effect"] == pytest.approx(by_hand)
