"""Who does well: ranks that luck could make are wide, those that were planted are found, and hold what is true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats as scipy_stats

from postlens import Chart, Notice, stats
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Refused
from postlens.core.ask.request import Request
from postlens.core.contract.blocks import walk
from postlens.plugins.benchmark.compute import Settings, Standing
from postlens.plugins.benchmark.view import show
from tests.conftest import ask


def posts(levels: list[float], *, per_account: int = 60, seed: int = 1, followers: list[int] | None = None) -> pl.DataFrame:  # fmt: skip
    """Accounts with levels on the log scale, each with a wandering week of its own."""
    rng = np.random.default_rng(seed)
    frames = []
    for number, level in enumerate(levels):
        weeks = rng.normal(0, 0.3, 60)
        day = np.sort(rng.integers(0, 360, per_account))
        likes = np.rint(np.exp(level + weeks[day // 7] + rng.normal(0, 0.7, per_account)))
        frame = pl.DataFrame(
            {
                "Post ID": [f"{number:02}{i:05}" for i in range(per_account)],
                "Account": [f"account {number:02}"] * per_account,
                "Publish time": [f"{datetime(2025, 1, 6, 9, tzinfo=UTC) + timedelta(days=int(d)):%Y-%m-%dT%H:%M:%SZ}" for d in day],
                "Likes": likes,
                "Comments": rng.poisson(3, per_account),
            }
        )  # fmt: skip
        if followers:
            frame = frame.with_columns(pl.lit(followers[number]).alias("Followers at posting"))
        frames.append(frame)
    return pl.concat(frames)


def found(engine: Engine, **settings: str) -> Standing:
    result: Standing = ask(engine, "benchmark", **{"metric": "reactions", **settings}).result
    return result


def test_equal_accounts_have_no_leader(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts([4.0] * 10)))
    told = result.accounts
    assert told.height == 10
    assert told["ahead"].sum() <= 1
    middle = ((told["percentile_low"] <= 50) & (told["percentile_high"] >= 50)).mean()
    assert middle is not None
    assert float(middle) >= 0.8  # type: ignore[arg-type]
    said = next(b for b in walk(show(result, Settings())) if isinstance(b, Notice))
    assert "beyond luck" in str(said.title)


def test_a_planted_leader_is_found_ahead_of_all(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts([4.0] * 8 + [6.0])))
    first = result.accounts.row(0, named=True)
    assert first["account"] == "account 08"
    assert first["ahead"] == first["peers"] == 8
    assert first["percentile_low"] > 90
    blocks = list(walk(show(result, Settings())))
    assert "account 08 is furthest ahead" in str(next(b for b in blocks if isinstance(b, Notice)).title)
    assert [b.table.name for b in blocks if isinstance(b, Chart)] == ["percentiles"]


def test_the_typical_post_is_the_geometric_mean_by_hand(engine_for: Callable[..., Engine]) -> None:
    table = posts([4.0, 5.0, 4.5, 4.2])
    result = found(engine_for(table))
    own = table.filter(pl.col("Account") == "account 01")["Likes"].to_numpy()
    shown = result.accounts.filter(pl.col("account") == "account 01").row(0, named=True)
    assert shown["typical"] == pytest.approx(np.exp(np.log1p(own).mean()) - 1)
    assert shown["low"] < shown["typical"] < shown["high"]


def test_peers_have_about_as_many_followers(engine_for: Callable[..., Engine]) -> None:
    followers = [5_000] * 5 + [500_000] * 5
    result = found(engine_for(posts([3.0] * 5 + [6.0] * 5, followers=followers)))
    assert result.accounts["peers"].unique().to_list() == [4]
    assert result.accounts["ahead"].sum() <= 2, "large accounts are not the peers of small ones"
    assert result.sizes["accounts"].to_list() == [5, 5]
    every = found(engine_for(posts([3.0] * 5 + [6.0] * 5, followers=followers)), peers="all")
    assert every.accounts["ahead"].sum() >= 25


def test_few_posts_have_no_rank_and_are_named(engine_for: Callable[..., Engine]) -> None:
    few = posts([9.0], per_account=3).with_columns(pl.lit("tiny").alias("Account"), pl.col("Post ID") + "x")
    result = found(engine_for(pl.concat([posts([4.0] * 5), few])))
    assert result.few == ("tiny",)
    assert "tiny" not in result.accounts["account"]


def test_one_account_is_guidance(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts([4.0]))
    params = engine.registry.panel("benchmark").params.model_validate({"metric": "reactions"})
    answer = engine.answer(Request(panel="benchmark", params=params))
    assert isinstance(answer, Refused)
    assert "one account" in answer.reason


def test_networks_are_called_by_their_names(engine_for: Callable[..., Engine]) -> None:
    networks = pl.Series("Platform", ["tiktok", "linkedin"] * 60)
    result = found(engine_for(posts([4.0, 4.2]).with_columns(networks)), peers="all")
    assert set(result.accounts["account"]) == {
        f"account {n} ({network})" for n in ("00", "01") for network in ("TikTok", "LinkedIn")
    }


@pytest.mark.slow
def test_percentiles_hold_the_true_one_in_95_of_100() -> None:
    """Levels from a normal distribution, known errors: a generator of the model, so that the arithmetic is what is tested."""
    rng, held, wide = np.random.default_rng(7), [], []
    for _ in range(120):
        truth = rng.normal(0, 0.5, 12)
        errors = rng.uniform(0.05, 0.6, 12)
        seen = truth + rng.normal(0, errors)
        for i, one in enumerate(stats.ranked(list(seen), list(errors**2))):
            share = float((np.delete(truth, i) < truth[i]).mean())
            held.append(one.percentile_low - 1e-9 <= share <= one.percentile_high + 1e-9)
            wide.append(one.percentile_high - one.percentile_low)
    assert 0.93 <= np.mean(held) <= 0.985
    assert np.mean(wide) < 0.75


def test_the_percentile_is_the_chance_to_be_above_as_normals_have_it() -> None:
    """The chance that one normal variable is above another, from scipy, in place of the draws."""
    ranks = stats.ranked([0.9, 0.0, 0.4, 0.3], [0.04, 0.05, 0.02, 0.3])
    spreads = [(one.high - one.low) / 3.92 for one in ranks]
    for i, one in enumerate(ranks):
        chances = [
            scipy_stats.norm.cdf((one.level - other.level) / np.hypot(spreads[i], spreads[j]))
            for j, other in enumerate(ranks)
            if j != i
        ]
        assert one.percentile == pytest.approx(np.mean(chances), abs=0.02)
        assert one.ahead == sum(chance >= 0.975 for chance in chances)
