"""Texts that are posted again, and rates of groups that follow success."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from postlens.core import stats
from postlens.core.contract.schema import Column, Schema
from postlens.core.stats.effect import Effect
from postlens.core.stats.pieces import numbered, pieces, texts
from scripts import worlds


def effect_of(posts: worlds.Posts, *, texts: bool = True) -> Effect:
    table, schema = posts.table()
    if not texts:
        table, schema = table.drop("text"), type(schema)(columns=schema.columns[:-1], posts=schema.posts)
    cells = stats.comparison_query(table, posts.metric, posts.by, schema).collect()
    level = stats.compare_groups(cells, posts.metric, posts.by, schema).of(posts.level)
    assert level is not None
    return level.effect


@pytest.mark.slow
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
    """Those that stand once are pieces of their own; nothing where none stands again."""
    found = numbered(pl.Series([7, None, 7, None], dtype=pl.UInt64))
    assert found is not None
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3
    assert numbered(pl.Series([None] * 4, dtype=pl.UInt64)) is None


def test_the_effective_number_of_texts() -> None:
    """By hand: 4 posts of one text, 2 that stand once: 36 / (16 + 2)."""
    posts = np.array([3.0, 1.0, 2.0])
    assert texts(np.array([0, 0, 1]), np.array([False, False, True]), posts) == pytest.approx(36 / 18)


def one_text(rng: np.random.Generator, share: float, kind: int) -> worlds.Posts:
    """One account, 400 posts of two types; a share of the second one's posts have the same text, which has a quality."""
    day, group = worlds.moments(rng, 400), (rng.random(400) < kind / 400).astype(float)
    piece = np.where((group == 1) & (rng.random(400) < share), 0.0, np.arange(1, 401, dtype=float))
    quality = np.where(piece == 0, rng.normal(0, 0.6), 0.0)
    log = 5 + worlds.wandering(rng, 182)[day.astype(int)] + quality + rng.normal(0, 0.8, 400)
    return worlds.Posts(np.zeros(400), day, group, log, piece=piece)


@pytest.mark.parametrize(("share", "kind"), [(0.8, 200), (1.0, 60)])
def test_a_type_that_is_one_text_is_not_told_from_it(share: float, kind: int) -> None:
    """A third was called real: one text has one luck, however often it is posted."""
    found = [effect_of(one_text(np.random.default_rng([65, i]), share, kind)) for i in range(8)]
    assert {one.untold for one in found} == {"texts"}


def test_a_small_type_is_looked_at_for_itself() -> None:
    """18 posts of three texts among 1,000 others that stand once."""
    rng = np.random.default_rng(66)
    day = worlds.moments(rng, 1018)
    group = np.zeros(1018)
    group[rng.choice(1018, 18, replace=False)] = 1
    piece = np.arange(10, 1028, dtype=float)
    piece[group == 1] = np.arange(18) % 3
    posts = worlds.Posts(np.zeros(1018), day, group, 5 + rng.normal(0, 0.8, 1018), piece=piece)
    assert effect_of(posts).untold == "texts"


def test_the_same_words_with_other_signs_are_the_same_piece() -> None:
    text = ["Come to the fair! https://x.example/1", "come to the fair", "Come to the fair!!", "Come to the market"]
    schema = Schema(columns=(Column(name="text", label="Text", kind="text"),), posts=4)
    frame = pl.DataFrame({"text": text})
    piece = pieces(frame.lazy(), schema)
    assert piece is not None
    told = frame.select(piece.alias("p"))["p"].to_list()
    assert told[0] == told[1] == told[2] != told[3]


@pytest.mark.slow
def test_posts_without_dates_that_stand_again() -> None:
    """Of 60 histories some 15 were called real."""
    low = 0
    for i in range(60):
        table, schema = worlds.posted_again(np.random.default_rng([67, i]), 1, 400, 30).table()
        schema = Schema(columns=tuple(c for c in schema.columns if c.kind != "time"), posts=schema.posts)
        cells = stats.comparison_query(table.drop("date"), "engagements", "post_type", schema).collect()
        level = stats.compare_groups(cells, "engagements", "post_type", schema).of("type 1")
        assert level is not None
        low += not level.effect.untold and level.effect.p <= 0.05
    assert low <= 8


@pytest.mark.parametrize("strength", [2, -2])
@pytest.mark.slow
def test_rates_of_a_type_that_follows_success_or_failure(strength: float) -> None:
    """Some 25 of 40 are called real where posts are not compared with later ones."""
    found = [
        effect_of(worlds.rate_after(np.random.default_rng([64, i]), 10, 80, strength), texts=True) for i in range(40)
    ]
    assert sum(one.p <= 0.05 for one in found) <= 5
    assert sum(one.follows for one in found) >= 30


def test_the_variance_by_text_without_dates_is_that_of_clustered_least_squares() -> None:
    """CR2 against the usual sandwich with its correction by the number of clusters: within a tenth for forty texts."""
    from postlens.core.stats.undated import by_text

    rng = np.random.default_rng(68)
    text, kind = rng.integers(0, 40, 400), rng.integers(0, 2, 40)
    y = 5 + 0.6 * rng.normal(size=40)[text] + rng.normal(0, 0.8, 400)
    frame = pl.DataFrame(
        {
            "engagements": np.rint(np.exp(y)).astype(int),
            "post_type": [f"type {kind[t]}" for t in text],
            "text": [f"The text of piece {t}" for t in text],
        }
    )
    columns = (
        Column(name="engagements", label="Engagements", kind="metric"),
        Column(name="post_type", label="Type", kind="category", levels=("type 0", "type 1")),
        Column(name="text", label="Text", kind="text"),
    )
    schema = Schema(columns=columns, posts=400)
    cells = stats.read_cells(stats.comparison_query(frame.lazy(), "engagements", "post_type", schema).collect())
    found = by_text(cells, cells.level == 1)
    assert found is not None
    x = sm.add_constant((kind[text] == 1).astype(float))
    other = sm.OLS(np.log1p(frame["engagements"].to_numpy()), x).fit(cov_type="cluster", cov_kwds={"groups": text})
    assert found[0] == pytest.approx(other.bse[1] ** 2, rel=0.1)
    assert 20 < found[1] < 39


def test_errors_between_texts_are_those_of_a_regression_of_their_means() -> None:
    """Agrees with statsmodels' weighted regression with HC3 errors."""
    rng = np.random.default_rng(64)
    text, stratum = rng.integers(0, 30, 900), rng.integers(0, 40, 900)
    words, kind = rng.random((30, 3)) < 0.4, rng.random(30) < 0.5
    value = rng.normal(0, 0.5, 40)[stratum] + rng.normal(0, 0.6, 30)[text] + rng.normal(0, 0.3, 900)
    own = [Effect(estimate=e, se=1e-9, df=900, log_p=-1e9, low=e, high=e, posts=900) for e in (0.3, -0.1, 0.05)]
    found = stats.between_texts(own, text, stratum, value, words[text], kind[text][:, None].astype(float))

    frame = pl.DataFrame({"text": text, "stratum": stratum, "value": value})
    n = pl.len().over("stratum")
    rest = (pl.col("value") - pl.col("value").mean().over("stratum")) * n / (n - 1)
    means = frame.with_columns(rest=rest).group_by("text").agg(pl.col("rest").mean(), n=pl.len()).sort("text")
    columns = sm.add_constant(np.column_stack([words, kind]).astype(float))
    expected = sm.WLS(means["rest"].to_numpy(), columns, weights=means["n"].to_numpy()).fit(cov_type="HC3")
    assert [one.se for one in found] == pytest.approx(expected.bse[1:4].tolist(), rel=1e-9)
    assert [one.df for one in found] == [25] * 3
    assert [one.estimate for one in found] == [0.3, -0.1, 0.05]


def test_texts_that_stand_once_change_nothing_and_what_they_cannot_tell_apart_is_not_told() -> None:
    rng = np.random.default_rng(65)
    own = [Effect(estimate=0.2, se=0.1, df=80, log_p=-3.0, low=0.0, high=0.4, posts=100)] * 2
    one = rng.random(100) < 0.5
    both, stratum, value = np.column_stack([one, one]), rng.integers(0, 9, 100), rng.normal(0, 1, 100)
    nothing = np.zeros((100, 0))
    assert stats.between_texts(own, np.arange(100), stratum, value, both, nothing) == own
    again = stats.between_texts(
        own, np.where(one, rng.integers(0, 20, 100), rng.integers(20, 40, 100)), stratum, value, both, nothing
    )
    assert [effect.untold for effect in again] == ["posts", "posts"]
