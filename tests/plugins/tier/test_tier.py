"""The performance tier: quarters among peers, with wider groups where peers are few."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import OneOf
from postlens.core.ask.outcome import Done
from postlens.core.ask.request import Request
from postlens.core.contract import Context
from postlens.core.data.dataset import Dataset
from postlens.plugins.tier import LEVELS, Settings, fit
from tests.conftest import ask


def rows(account: str, kind: str, values: list[int]) -> pl.DataFrame:
    n = len(values)
    return pl.DataFrame({"Account": [account] * n, "Type": [kind] * n, "Reactions": values})


def tiers(posts: Dataset, metric: str = "reactions") -> list[str | None]:
    made = fit(posts.scan(), Settings(metric=metric), Context(schema=posts.schema))
    return posts.scan().select(made.expression.alias("tier")).collect()["tier"].to_list()


def test_each_account_and_type_has_its_own_quarters(open_posts: Callable[..., Dataset]) -> None:
    """A hundred posts each, one account a thousand times larger: both have 25 posts in every tier."""
    table = pl.concat(
        [rows("small", "photo", list(range(1, 101))), rows("large", "photo", [1000 * i for i in range(1, 101)])]
    )
    posts = open_posts(table)
    table = table.with_columns(tier=pl.Series(tiers(posts)))
    counted = table.group_by("Account", "tier").len()
    assert counted["len"].to_list() == [25] * 8


def test_quartiles_are_numpys_on_the_log_scale(open_posts: Callable[..., Dataset]) -> None:
    values = [int(v) for v in np.random.default_rng(1).lognormal(3, 1.5, 203)]
    found = tiers(open_posts(rows("a", "photo", values)))
    low, middle, high = np.quantile(np.log1p(values), [0.25, 0.5, 0.75])
    expected = [LEVELS[0] if math.log1p(v) > high else LEVELS[1] if math.log1p(v) > middle else LEVELS[2] if math.log1p(v) > low else LEVELS[3] for v in values]  # fmt: skip
    assert found == expected


def test_few_peers_are_judged_among_the_accounts_posts(open_posts: Callable[..., Dataset]) -> None:
    """Five videos of an account with 100 photos from 1 to 100: a video with 90 stands in the account's top quarter."""
    table = pl.concat([rows("a", "photo", list(range(1, 101))), rows("a", "video", [1, 30, 60, 90, 200])])
    found = tiers(open_posts(table))[-5:]
    assert found == [LEVELS[3], LEVELS[2], LEVELS[1], LEVELS[0], LEVELS[0]]


def test_a_post_without_a_value_has_no_tier(open_posts: Callable[..., Dataset]) -> None:
    table = rows("a", "photo", list(range(40))).with_columns(Comments=pl.Series([None, *range(39)], dtype=pl.Int64))
    assert tiers(open_posts(table), "comments")[0] is None


def test_too_few_posts_are_refused_politely_and_the_page_stays(
    open_posts: Callable[..., Dataset], registry: Any, tmp_path: Any
) -> None:
    engine = Engine(registry, open_posts(rows("a", "photo", list(range(1, 15)))), store=tmp_path)
    only_top = filters.of(OneOf("tier", (LEVELS[0],)))
    found = engine.answer(Request(panel="eda", params=engine.panel_params("eda"), filters=only_top))
    assert '"Performance tier" cannot be made' in getattr(found, "reason", "")
    assert engine.count(only_top) is None


@pytest.mark.slow
def test_every_panel_can_group_and_filter_by_it(sample_engine: Engine) -> None:
    averages = ask(sample_engine, "eda", metric="engagements", by="tier").result.averages
    assert averages["level"].to_list() == list(LEVELS)
    assert averages["value"].is_sorted(descending=True)
    top = ask(sample_engine, "eda", filters=filters.of(OneOf("tier", (LEVELS[0],))))
    assert isinstance(top, Done)
    assert 1400 < top.receipt.rows["matched"] < 1600
    found = ask(sample_engine, "hypothesis", metric="engagements", group="tier")
    assert found.result.shared == ("Engagements",)
