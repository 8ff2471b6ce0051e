"""Texts that are posted again, and rates of groups that follow success."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from postlens.core import stats
from postlens.core.stats.effect import Effect
from postlens.core.stats.pieces import numbered
from scripts import worlds


def effect_of(posts: worlds.Posts, *, texts: bool = True) -> Effect:
    table, schema = posts.table()
    if not texts:
        table, schema = table.drop("text"), type(schema)(columns=schema.columns[:-1], posts=schema.posts)
    cells = stats.comparison_query(table, posts.metric, posts.by, schema).collect()
    level = stats.compare_groups(cells, posts.metric, posts.by, schema).of(posts.level)
    assert level is not None
    return level.effect


def test_texts_posted_again_are_no_new_evidence() -> None:
    """Of 60 histories without any effect some 25 are called real where texts are not known to stand again."""
    made = [worlds.posted_again(np.random.default_rng([61, i]), 1, 600, 40) for i in range(60)]
    assert sum(effect_of(one).p <= 0.05 for one in made) <= 9
    assert sum(effect_of(one, texts=False).p <= 0.05 for one in made) >= 15


def test_the_estimate_is_the_same_and_its_error_is_by_text() -> None:
    """Only what is believed of the difference changes."""
    posts = worlds.posted_again(np.random.default_rng(62), 1, 600, 40)
    known, unknown = effect_of(posts), effect_of(posts, texts=False)
    assert known.estimate == pytest.approx(unknown.estimate, abs=1e-9)
    assert known.clustered == "piece"
    assert known.se > unknown.se


def test_texts_that_stand_once_change_nothing() -> None:
    """Nor does a short one that many posts have."""
    posts = worlds.half_more(np.random.default_rng(63), 200, 0.4)
    table, schema = posts.table()
    plain = stats.comparison_query(table, "engagements", "post_type", schema).collect()
    texts = [f"a text of its own, number {i}" if i % 3 else "Live now" for i in range(200)]
    from postlens import Column

    schema = schema.with_columns([Column(name="text", label="Text", kind="text")])
    named = table.with_columns(text=pl.Series(texts))
    with_texts = stats.comparison_query(named, "engagements", "post_type", schema).collect()
    one, two = (
        stats.compare_groups(cells, "engagements", "post_type", schema).levels[0].effect
        for cells in (plain, with_texts)
    )
    assert one.log_p == pytest.approx(two.log_p, abs=1e-9)
    assert two.clustered == "period"


def test_cells_are_numbered_by_piece() -> None:
    """Those that stand once are pieces of their own; nothing where hardly any stands again."""
    found = numbered(pl.Series([7, None, 7, None], dtype=pl.UInt64), np.ones(4))
    assert found is not None
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3
    assert numbered(pl.Series([None] * 4, dtype=pl.UInt64), np.ones(4)) is None


@pytest.mark.parametrize("strength", [2, -2])
def test_rates_of_a_type_that_follows_success_or_failure(strength: float) -> None:
    """Some 25 of 40 are called real where posts are not compared with later ones."""
    found = [
        effect_of(worlds.rate_after(np.random.default_rng([64, i]), 10, 80, strength), texts=True) for i in range(40)
    ]
    assert sum(one.p <= 0.05 for one in found) <= 5
    assert sum(one.follows for one in found) >= 30
