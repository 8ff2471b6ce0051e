"""Clusters explained: rules, typical posts and top posts, by hand and against published formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from statsmodels.stats.proportion import proportion_confint

from postlens.core.ask.engine import Engine
from postlens.core.contract import Context
from postlens.core.contract.schema import Column, Schema
from postlens.core.data.dataset import Dataset
from postlens.plugins.clustering import batch_queries
from postlens.plugins.clustering.compute import Grouping, Settings, group_posts
from postlens.plugins.clustering.explain import exemplars, nearest, rules, wilson
from tests.conftest import ask


def test_wilson_is_statsmodels() -> None:
    for hits, n in ((0, 10), (3, 40), (40, 40), (500, 9000)):
        assert wilson(hits, n) == pytest.approx(proportion_confint(hits, n, method="wilson"))


def context(*metrics: str) -> Context:
    columns = tuple(Column(name=m, label=m.capitalize(), kind="metric") for m in metrics)
    return Context(schema=Schema(columns=columns, posts=0))


def test_a_rule_is_found_where_there_is_one() -> None:
    rng = np.random.default_rng(1)
    used = pl.DataFrame({"reactions": rng.integers(0, 400, 2000), "comments": rng.integers(0, 50, 2000)})
    labels = (used["reactions"] <= 210).cast(pl.Int64).to_numpy()
    found, fidelity = rules(used, labels, ("reactions", "comments"), ("1", "2"), context("reactions", "comments"))
    assert fidelity > 0.99
    assert found["rule"].to_list() == ["reactions above 210", "reactions at most 210"]
    assert min(found["purity"].to_list()) > 0.99
    assert min(found["covers"].to_list()) > 0.9


def test_no_rule_is_faithful_where_groups_are_chance() -> None:
    rng = np.random.default_rng(2)
    used = pl.DataFrame({"reactions": rng.integers(0, 400, 2000)})
    _, fidelity = rules(used, rng.integers(0, 3, 2000), ("reactions",), ("1", "2", "3"), context("reactions"))
    assert fidelity < 0.5


def test_typical_posts_are_the_nearest() -> None:
    posts = pl.LazyFrame({"text": list("abcdef"), "reactions": [9, 1, 5, 2, 8, 3], "g": list("112212")})
    posts = posts.with_columns(source_row=pl.int_range(6), source_file=pl.lit("f"))
    schema = Schema(columns=(Column(name="text", label="Text", kind="text"),), posts=6)
    question = nearest("g", pl.col("reactions").cast(pl.Float64))
    found = exemplars(posts, question.ask(posts).collect(), schema, ())
    assert found.rows() == [("1", "b"), ("1", "e"), ("1", "a"), ("2", "d"), ("2", "f"), ("2", "c")]


def test_the_page_explains_the_clusters_of_the_sample(sample_engine: Engine) -> None:
    found: Any = ask(sample_engine, "clustering").result
    assert found.exemplars.group_by("cluster").len()["len"].to_list() == [3] * 4
    assert found.between["between"].is_between(0, 0.5).all()
    assert found.performers["posts"].sum() == found.used
    # A tenth of all posts, or fewer where values are tied.
    assert 0.08 < found.performers["high"].sum() / found.used <= 0.101
    assert found.outcome_shared
    blocks = str(sample_engine.blocks(sample_engine.registry.panel("clustering"), ask(sample_engine, "clustering")))
    assert "among the top tenth of their own account" in blocks


@pytest.mark.slow
def test_groups_are_the_same_however_many_posts_are_looked_at_a_time(
    sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def described() -> Grouping:
        settings = Settings(k=4, categories=("post_type",), relative=True)
        return group_posts(sample.scan(), settings, Context(schema=sample.schema))

    whole = described()
    monkeypatch.setattr(batch_queries, "AT_A_TIME", 97)
    lots = described()
    for name, value in whole.__dict__.items():
        if isinstance(value, pl.DataFrame):
            assert_frame_equal(getattr(lots, name), value, check_row_order=name != "maps")
        elif name != "posts":
            assert getattr(lots, name) == (pytest.approx(value) if isinstance(value, float) else value), name


def test_many_lots_of_posts_make_one_answer() -> None:
    posts = pl.LazyFrame({"n": range(1000)}).with_columns(part=pl.col("n") % 3)
    asked = {"parts": batch_queries.counted(lambda some: some.group_by("part").agg(posts=pl.len().cast(pl.Int64)))}
    seen: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_queries, "AT_A_TIME", 10)
        told = batch_queries.answered(posts, ["n", "part"], asked, lambda: seen.append(1))
    assert sorted(told["parts"].rows()) == [(0, 334), (1, 333), (2, 333)]
    assert len(seen) > 1, "in several lots, with a chance to stop after each"
