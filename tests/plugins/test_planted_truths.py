"""The panels find what was planted in the sample, and do not find what was not."""

from __future__ import annotations

import math

import polars as pl
import pytest

from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import OneOf
from postlens.core.data.dataset import Dataset
from postlens.core.data.sources import sample as made
from postlens.core.data.sources.sample import make_sample, write_sample
from tests.conftest import ask

pytestmark = pytest.mark.slow


def test_the_same_seed_gives_the_same_posts() -> None:
    assert make_sample(3).equals(make_sample(3))
    assert not make_sample(3).equals(make_sample(4))


def test_repeats_are_found(sample: Dataset) -> None:
    assert sample.posts == sum(a.posts for a in made.ACCOUNTS)
    assert sample.quality.duplicates == made.REPEATED


def test_what_a_network_does_not_report_is_missing(sample: Dataset) -> None:
    known = dict(sample.scan().group_by("platform").agg(pl.col("reach").count()).collect().iter_rows())
    assert known["tiktok"] == known["linkedin"] == 0
    assert known["facebook"] == 2400


def test_photos_beat_links_inside_accounts_by_the_planted_factor(sample_engine: Engine) -> None:
    result = ask(
        sample_engine, "hypothesis", metric="reactions", group="post_type", mode="pair", level="photo", against="link"
    ).result
    planted = math.log(made.TYPE_EFFECT["photo"] / made.TYPE_EFFECT["link"])
    assert result.found.within
    assert result.low < planted < result.high
    assert result.log_p < math.log(0.05)


def test_pooled_it_looks_the_other_way_round_and_the_page_says_so(sample_engine: Engine) -> None:
    from postlens.core.contract.blocks import Notice, walk

    done = ask(
        sample_engine, "hypothesis", metric="reactions", group="post_type", mode="pair", level="photo", against="link"
    )
    pooled = done.result.tests.filter(pl.col("method") == "Welch, log scale").row(0, named=True)
    assert pooled["high"] < 0
    blocks = sample_engine.blocks(sample_engine.registry.panel("hypothesis"), done)
    assert isinstance(blocks, list)
    assert any("Simpson" in b.text for b in walk(blocks) if isinstance(b, Notice))


def test_the_weekend_effect_is_found(sample_engine: Engine, sample: Dataset) -> None:
    weekdays = ask(sample_engine, "eda", metric="reactions").result.weekdays
    ratio = {r["level"]: r["value"] for r in weekdays.iter_rows(named=True)}
    assert min(ratio["Sat"], ratio["Sun"]) > max(ratio[d] for d in ("Mon", "Tue", "Wed", "Thu", "Fri")) * 0.98
    assert (ratio["Sat"] + ratio["Sun"]) / 2 == pytest.approx(made.WEEKEND, abs=0.06)


def test_the_hour_has_no_effect_and_none_is_claimed(sample_engine: Engine) -> None:
    compared = ask(sample_engine, "eda", metric="reactions").result.compared
    (hours,) = [c for c in compared if c.by.name == "hour"]
    assert hours.state != "likely real"


@pytest.mark.parametrize("campaign", made.CAMPAIGNS)
def test_campaigns_have_no_effect_and_none_is_claimed(sample_engine: Engine, campaign: str) -> None:
    result = ask(sample_engine, "hypothesis", metric="reactions", group="campaign", level=campaign).result
    assert result.log_p > math.log(0.05 / 4)


def test_posts_about_prices_make_an_angry_cluster(sample_engine: Engine) -> None:
    facebook = filters.of(OneOf("platform", ("facebook",)))
    metrics = ("reactions", "comments", "react_love", "react_angry", "react_sad")
    done = ask(sample_engine, "clustering", k=4, metrics=metrics, relative=True, filters=facebook)
    from postlens.core.ask.request import Request

    table = sample_engine.posts_table(Request(panel="clustering", params=done.params, filters=facebook), done)
    assert table is not None
    posts = table.with_columns(price=pl.col("text").str.contains("(?i)price|costs 40")).collect()
    shares = posts.group_by("cluster").agg(pl.col("price").mean(), pl.len())
    angry = done.result.profile.filter(pl.col("metric") == "react_angry").sort("g", descending=True)["cluster"][0]
    by_cluster = dict(shares.select("cluster", "price").iter_rows())
    assert by_cluster[angry] == max(by_cluster.values())
    assert by_cluster[angry] > 2 * posts["price"].mean()  # type: ignore[operator]


def test_newest_posts_are_immature(sample: Dataset) -> None:
    newest = (
        sample.scan()
        .filter(pl.col("date") >= pl.lit("2026-09-29").str.to_date())
        .select(pl.col("reactions").median())
        .collect()
        .item()
    )
    before = (
        sample.scan()
        .filter(pl.col("date").is_between(pl.lit("2026-08-01").str.to_date(), pl.lit("2026-09-15").str.to_date()))
        .select(pl.col("reactions").median())
        .collect()
        .item()
    )
    assert newest < before


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson"])
def test_the_sample_can_be_written(tmp_path: object, ending: str) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / f"sample.{ending}"
    assert write_sample(path) == 6014
    assert path.stat().st_size > 100_000
