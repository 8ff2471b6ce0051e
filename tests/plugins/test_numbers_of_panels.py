"""The numbers of each panel against an independent computation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats as scipy_stats
from sklearn.metrics import adjusted_rand_score

from postlens.core import stats
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.contract import Context
from postlens.core.contract.blocks import Chart, walk
from postlens.core.contract.schema import Column, Schema
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.plugins.eda import compute as eda
from postlens.testing.panels import nearly_equal
from tests.conftest import ask

pytestmark = pytest.mark.slow

SIX = pl.DataFrame(
    {
        "Date": [
            "2026-01-05 08:00:00",
            "2026-01-05 09:00:00",
            "2026-01-06 08:00:00",
            "2026-01-06 10:00:00",
            "2026-01-07 10:00:00",
            "2026-01-08 10:00:00",
        ],
        "Account": ["A", "A", "B", "B", "A", "B"],
        "Type": ["photo", "photo", "photo", "video", "video", "video"],
        "Reactions": [1, 2, 3, 10, 20, 60],
        "Comments": [0, 1, 2, None, 4, 5],
    }
)


# -- explore, by hand ---------------------------------------------------------------------------------


def test_summary_of_six_posts_by_hand(engine_for: Callable[..., Engine]) -> None:
    """Reactions 1 2 3 10 20 60: mean 16, median 6.5, quartiles 2.25 and 17.5, fences -20.625 and 40.375, one outlier."""
    row = (
        ask(engine_for(SIX), "eda", metric="reactions")
        .result.summary.filter(pl.col("metric") == "reactions")
        .row(0, named=True)
    )
    assert (row["n"], row["mean"], row["median"], row["min"], row["max"]) == (6, 16.0, 6.5, 1.0, 60.0)
    assert (row["q1"], row["q3"], row["low_fence"], row["high_fence"], row["outliers"]) == (
        2.25,
        17.5,
        -20.625,
        40.375,
        1,
    )
    assert row["sd"] == pytest.approx(np.std([1, 2, 3, 10, 20, 60], ddof=1))
    assert row["skew"] == pytest.approx(scipy_stats.skew([1, 2, 3, 10, 20, 60]))
    comments = (
        ask(engine_for(SIX), "eda", metric="reactions")
        .result.summary.filter(pl.col("metric") == "comments")
        .row(0, named=True)
    )
    assert (comments["n"], comments["zeros"]) == (5, 0.2)


def test_averages_of_six_posts_by_hand(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(SIX)
    geometric = ask(engine, "eda", metric="reactions", by="post_type").result.averages
    assert dict(geometric.select("level", "value").iter_rows()) == pytest.approx(
        {"photo": (2 * 3 * 4) ** (1 / 3) - 1, "video": (11 * 21 * 61) ** (1 / 3) - 1}
    )
    plain = ask(engine, "eda", metric="reactions", by="post_type", average="mean").result.averages
    photo = plain.filter(pl.col("level") == "photo").row(0, named=True)
    assert (photo["posts"], photo["value"], photo["low"], photo["high"]) == (3, 2.0, None, None), (
        "too few for an interval"
    )
    twice = pl.concat([SIX, SIX.with_columns(Date=pl.col("Date").str.replace("2026", "2025"))])
    again = ask(engine_for(twice), "eda", metric="reactions", by="post_type", average="mean").result.averages
    photo = again.filter(pl.col("level") == "photo").row(0, named=True)
    values = [1, 2, 3, 1, 2, 3]
    interval = scipy_stats.t.interval(0.95, 5, loc=2, scale=scipy_stats.sem(values))
    assert (photo["low"], photo["high"]) == pytest.approx(interval, rel=1e-4)
    median = ask(engine, "eda", metric="reactions", by="post_type", average="median").result.averages
    assert dict(median.select("level", "value").iter_rows()) == {"photo": 2.0, "video": 20.0}


def test_counts_quality_and_missing_by_hand(engine_for: Callable[..., Engine]) -> None:
    result = ask(engine_for(SIX), "eda", metric="comments").result
    quality = {r["column"]: r for r in result.columns.iter_rows(named=True)}
    assert (quality["comments"]["known"], quality["comments"]["missing"], quality["comments"]["distinct"]) == (5, 1, 5)
    assert result.counts.filter(pl.col("category") == "Type")["posts"].to_list() == [3, 3]
    assert result.dropped["posts"].to_list() == [1]
    assert int(result.distribution["posts"].sum()) == 5


def test_correlations_are_numpys(sample: Dataset, sample_engine: Engine) -> None:
    found = ask(sample_engine, "eda").result.correlations
    row = found.filter((pl.col("first") == "reactions") & (pl.col("second") == "reach")).row(0, named=True)
    posts = sample.scan().select("reactions", "reach").drop_nulls().collect()
    wanted = np.corrcoef(np.log1p(posts["reactions"]), np.log1p(posts["reach"]))[0, 1]
    assert row["r"] == pytest.approx(wanted)
    assert row["posts"] == posts.height


def test_density_cells_hold_every_post_once(sample_engine: Engine) -> None:
    result = ask(sample_engine, "eda").result
    pair = result.cells.filter((pl.col("x") == "reactions") & (pl.col("y") == "comments"))
    assert int(pair["posts"].sum()) == 6000


@pytest.mark.slow
def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


@pytest.mark.parametrize(
    "settings", [{}, {"metric": "er_reach", "by": "cluster"}, {"metric": "saves", "average": "median", "by": "month"}]
)
def test_explore_says_the_same_whether_posts_fit_in_memory_or_not(
    sample: Dataset, sample_engine: Engine, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    params = eda.Settings.model_validate({"metric": "engagements", "by": "post_type", **settings})
    needed = {params.by, params.metric}
    posts, schema = sample_engine.columns.posts(Filters(), needed, {}, Context(schema=sample.schema))
    context = Context(schema=schema)
    held = eda.explore(posts, params, context)
    monkeypatch.setattr(eda, "_HELD", 0)
    scanned = eda.explore(posts, params, context)
    for field in fields(eda.Exploration):
        one, other = getattr(held, field.name), getattr(scanned, field.name)
        if isinstance(one, pl.DataFrame):
            assert_frame_equal(one, other, abs_tol=1e-9, rel_tol=1e-9)
        else:
            assert nearly_equal(_plain(one), _plain(other), exact=False), field.name


def test_median_intervals_cover() -> None:
    """The 95 % interval of a median of 60 log-normal posts holds the true one about 95 times in 100."""
    from postlens.plugins.eda.averages import averages, questions

    rng = np.random.default_rng(0)
    table = pl.DataFrame({"g": np.repeat(np.arange(2000), 60).astype(str), "x": rng.lognormal(3, 1.3, 120_000)})
    columns = (Column(name="x", label="X", kind="metric"), Column(name="g", label="G", kind="category"))
    schema = Schema(columns=columns, posts=table.height)
    asked = questions(table.lazy(), "x", "g", "median", "day", schema, log=True)
    found = averages(asked["by"].collect(), columns[0], "median")
    inside = ((found["low"] <= math.exp(3)) & (found["high"] >= math.exp(3))).mean()
    assert inside == pytest.approx(0.95, abs=0.02)


# -- clustering ---------------------------------------------------------------------------------------


def test_profile_is_a_plain_computation_over_the_labels(sample_engine: Engine, sample: Dataset) -> None:
    from postlens.core.ask.request import Request

    done = ask(sample_engine, "clustering", k=3)
    request = Request(panel="clustering", params=done.params)
    labelled = sample_engine.posts_table(request, done)
    assert labelled is not None
    posts = labelled.collect()
    assert posts.height == 6000
    row = done.result.profile.filter((pl.col("cluster") == "2") & (pl.col("metric") == "comments")).row(0, named=True)
    inside = posts.filter(pl.col("cluster") == "2")["comments"].to_numpy()
    outside = posts.filter(pl.col("cluster") != "2")["comments"].to_numpy()
    assert row["mean"] == pytest.approx(inside.mean())
    assert row["typical"] == pytest.approx(np.expm1(np.log1p(inside).mean()))
    pooled = math.sqrt(
        (np.log1p(inside).var(ddof=1) * (len(inside) - 1) + np.log1p(outside).var(ddof=1) * (len(outside) - 1)) / (5998)
    )
    assert row["g"] == pytest.approx((np.log1p(inside).mean() - np.log1p(outside).mean()) / pooled, rel=1e-3)


def test_over_representation_is_rs_adjusted_residual() -> None:
    """Agresti, party by gender: chisq.test(...)$stdres is 4.50205 .69945 -5.31595 for the first row."""
    from postlens.plugins.clustering.compute import _category_table

    counts = {
        ("1", "dem"): 762,
        ("1", "ind"): 327,
        ("1", "rep"): 468,
        ("2", "dem"): 484,
        ("2", "ind"): 239,
        ("2", "rep"): 477,
    }
    rows = [(cluster, party, n) for (cluster, party), n in counts.items()]
    table = _category_table(pl.DataFrame(rows, schema=["cluster", "level", "posts"], orient="row"), "Party", ["1", "2"])
    assert table is not None
    found = dict(table.filter(pl.col("cluster") == "1").select("level", "residual").iter_rows())
    assert found == pytest.approx({"dem": 4.50205, "ind": 0.69945, "rep": -5.31595}, abs=1e-5)


def test_maps_stay_small_whatever_the_number_of_posts(sample_engine: Engine) -> None:
    maps = ask(sample_engine, "clustering").result.maps
    assert maps.group_by("plot").len()["len"].max() <= 32 * 32
    assert maps.filter(pl.col("plot") == 0)["posts"].sum() == 6000


# -- hypothesis ---------------------------------------------------------------------------------------


def numbers_of(result: Any, method: str) -> tuple[float, float, float]:
    """Statistic, degrees of freedom and p-value of one of the tests."""
    row = result.tests.filter(pl.col("method") == method).row(0, named=True)
    return row["statistic"], row["df"], row["p"]


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_welch_of_the_page_is_scipys(sample_engine: Engine, sample: Dataset, alternative: stats.Alternative) -> None:
    result = ask(
        sample_engine,
        "hypothesis",
        metric="reactions",
        group="post_type",
        level="video",
        alternative=alternative,
        scale="raw",
    ).result
    posts = sample.scan().select("post_type", "reactions").collect()
    one, rest = (
        posts.filter(pl.col("post_type") == "video")["reactions"].to_numpy(),
        posts.filter(pl.col("post_type") != "video")["reactions"].to_numpy(),
    )
    wanted = scipy_stats.ttest_ind(one, rest, equal_var=False, alternative=alternative)
    assert numbers_of(result, "Welch, raw scale") == pytest.approx(
        (wanted.statistic, wanted.df, wanted.pvalue), rel=1e-9
    )
    log = ask(
        sample_engine, "hypothesis", metric="reactions", group="post_type", level="video", alternative=alternative
    ).result
    wanted = scipy_stats.ttest_ind(np.log1p(one), np.log1p(rest), equal_var=False, alternative=alternative)
    assert numbers_of(log, "Welch, log scale")[2] == pytest.approx(wanted.pvalue, rel=1e-9)


def test_group_table_by_hand(engine_for: Callable[..., Engine]) -> None:
    groups = ask(engine_for(SIX), "hypothesis", metric="reactions", group="post_type", level="video").result.groups
    video = groups.row(0, named=True)
    assert (video["level"], video["posts"], video["accounts"], video["mean"], video["median"]) == (
        "video",
        3,
        2,
        30.0,
        20.0,
    )
    assert video["skew"] == pytest.approx(scipy_stats.skew([10, 20, 60]))


def test_all_against_all_is_scipys_welch_anova_with_holm(sample_engine: Engine, sample: Dataset) -> None:
    result = ask(sample_engine, "hypothesis", metric="comments", group="weekday", mode="all").result
    posts = sample.scan().select("weekday", "comments").collect()
    groups = [np.log1p(part["comments"].to_numpy()) for _, part in posts.group_by("weekday")]
    wanted = scipy_stats.f_oneway(*groups, equal_var=False)
    assert numbers_of(result, "Welch's one-way test, all posts together")[2] == pytest.approx(wanted.pvalue, rel=1e-8)
    assert result.pairs.height == 21
    assert (result.pairs["p_holm"] >= result.pairs["p"]).all()


@pytest.mark.slow
def test_clusters_are_circular_on_what_they_were_made_from_and_only_there(sample_engine: Engine) -> None:
    for metric, circular in (("reactions", True), ("engagements", True), ("react_like", True), ("reach", False)):
        assert bool(ask(sample_engine, "hypothesis", metric=metric, group="cluster").result.shared) == circular


@pytest.mark.slow
def test_the_page_names_the_features_that_make_it_circular(sample_engine: Engine) -> None:
    """Clusters of the sample are made of reactions, comments, shares and likes; reactions have likes as a part."""
    shared = ask(sample_engine, "hypothesis", metric="reactions", group="cluster").result.shared
    assert set(shared) == {"Reactions", "Likes"}


@pytest.mark.slow
def test_a_circular_comparison_shows_no_p_outside_the_disclosure(sample_engine: Engine) -> None:
    from postlens.core.contract.blocks import Details, Table, Verdict, walk

    done = ask(sample_engine, "hypothesis", metric="reactions", group="cluster")
    blocks = sample_engine.blocks(sample_engine.registry.panel("hypothesis"), done)
    assert isinstance(blocks, list)
    claims = [b.claim for b in walk(blocks) if isinstance(b, Verdict)]
    assert [
        c.startswith(("Made again without reactions, likes", "Simulated data", "These look like")) for c in claims
    ] == [True, True]
    open_tables = [b for b in walk([b for b in blocks if not isinstance(b, Details)]) if isinstance(b, Table)]
    assert not [t for t in open_tables if "p_text" in t.rows.columns]


# -- verdicts ----------------------------------------------------------------------------------------


def verdict(engine: Engine, **settings: object) -> tuple[str, str]:
    """State and claim of the hypothesis page."""
    from postlens.core.contract.blocks import Verdict, walk

    done = ask(engine, "hypothesis", **settings)
    blocks = engine.blocks(engine.registry.panel("hypothesis"), done)
    assert isinstance(blocks, list)
    found = next(b for b in walk(blocks) if isinstance(b, Verdict))
    return found.state, found.claim + " " + found.detail


def rows_of(rng: np.random.Generator, accounts: int, posts: int, own_group: bool = False) -> pl.DataFrame:
    """Accounts of very different level; the group has no effect, or belongs to the account."""
    account = np.repeat(np.arange(accounts), posts)
    group = (account % 2 if own_group else rng.integers(0, 2, len(account))).astype(int)
    likes = np.rint(np.exp(5 + rng.normal(0, 1.5, accounts)[account] + rng.normal(0, 1, len(account)))).astype(int)
    return pl.DataFrame(
        {"Account": [f"acc {a}" for a in account], "Type": np.where(group, "photo", "video"), "Likes": likes}
    )


@pytest.mark.slow
@pytest.mark.parametrize(("accounts", "own_group"), [(1, False), (4, False), (25, False), (6, True), (25, True)])
@pytest.mark.parametrize("mode", ["rest", "all"])
def test_chance_is_seldom_called_real(
    open_posts: Callable[..., Dataset], registry: object, tmp_path: Path, accounts: int, own_group: bool, mode: str
) -> None:
    """60 data sets without an effect: at 5 % nominal, 8 or more false alarms have a chance below 1 in 200."""
    rng = np.random.default_rng(accounts)
    alarms = 0
    for i in range(60):
        posts = open_posts(rows_of(rng, accounts, 240 // accounts, own_group))
        engine = Engine(registry, posts, store=tmp_path / str(i))  # type: ignore[arg-type]
        alarms += verdict(engine, metric="react_like", group="post_type", mode=mode)[0] == "likely real"
    assert alarms < 8


def test_groups_that_are_accounts_cannot_be_told_apart(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(rows_of(np.random.default_rng(1), 4, 60, own_group=True))
    state, said = verdict(engine, metric="react_like", group="post_type")
    assert state == "too few posts to tell"
    assert "cannot be told from the account" in said


def test_a_group_of_zeros_is_not_certain(engine_for: Callable[..., Engine]) -> None:
    """Five zeros among posts of which 60 % are zero: Welch alone is sure, because one group does not vary."""
    likes = [0] * 5 + [0] * 30 + [1, 2, 1, 3, 1, 1, 2, 5, 1, 2, 1, 1, 4, 1, 1, 2, 1, 1, 1, 2]
    engine = engine_for(pl.DataFrame({"Type": ["photo"] * 5 + ["video"] * 50, "Likes": likes}))
    done = ask(engine, "hypothesis", metric="react_like", group="post_type", level="photo")
    assert numbers_of(done.result, "Welch, log scale")[2] < 0.001
    assert verdict(engine, metric="react_like", group="post_type", level="photo")[0] != "likely real"


def test_a_rate_twice_as_high_is_said_to_be(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(2)
    reach = np.full(400, 10_000)
    rate = np.where(np.arange(400) < 200, 0.04, 0.02) * rng.lognormal(0, 0.3, 400)
    likes = np.rint(reach * rate).astype(int)
    table = pl.DataFrame({"Type": ["photo"] * 200 + ["video"] * 200, "Likes": likes, "Comments": 0, "Reach": reach})
    engine = engine_for(table)
    result = ask(engine, "hypothesis", metric="er_reach", group="post_type", level="photo").result
    assert math.exp(result.estimate) == pytest.approx(2, rel=0.1)
    state, said = verdict(engine, metric="er_reach", group="post_type", level="photo")
    assert (state, "times the" in said or "9" in said) == ("likely real", True)


def test_a_one_sided_question_can_end_in_chance(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(3)
    likes = np.rint(np.exp(rng.normal(5, 1, 4000))).astype(int)
    engine = engine_for(pl.DataFrame({"Type": ["photo", "video"] * 2000, "Likes": likes}))
    state, said = verdict(engine, metric="react_like", group="post_type", level="photo", alternative="greater")
    assert state == "no difference of 20 % or more"
    assert "do not get as much as 20 % more" in said


def test_circularity_follows_what_metrics_are_made_of() -> None:
    from postlens.core.contract.schema import Column, Schema

    schema = Schema(
        columns=(
            Column(name="reactions", label="Reactions", kind="metric"),
            Column(name="engagements", label="Engagements", kind="metric", made_of=("reactions",)),
            Column(name="er_reach", label="Rate by reach", kind="rate", made_of=("reach", "engagements")),
            Column(name="er_views", label="Rate by views", kind="rate", made_of=("views", "engagements")),
            Column(name="engagements_reported", label="Reported", kind="metric"),
            Column(name="reach", label="Reach", kind="metric"),
            Column(name="cluster", label="Cluster", kind="category", made_of=("er_reach",)),
        ),
        posts=10,
    )
    names = ("reactions", "engagements", "er_reach", "er_views", "engagements_reported", "reach", "views")
    nobody = pl.LazyFrame(schema=dict.fromkeys(names, pl.Float64))  # Names alone decide here.
    for metric, circular in (("er_views", True), ("engagements_reported", True), ("reactions", True), ("reach", True)):
        found = stats.shared_parts(nobody, schema, metric, "cluster")
        assert bool(found) == circular, metric


def test_relative_clusters_are_described_from_the_usual_level(engine_for: Callable[..., Engine]) -> None:
    """A small account's best posts and a large account's best posts are one group: high, though its counts are mixed."""
    rng = np.random.default_rng(0)
    high = np.tile([True, False], 120)
    level = np.repeat([3.0, 9.0], 120)
    likes, comments = (np.rint(np.exp(level + 2 * high + rng.normal(0, 0.3, 240))).astype(int) for _ in range(2))
    table = pl.DataFrame({"Account": ["small"] * 120 + ["large"] * 120, "Likes": likes, "Comments": comments})
    profile = ask(
        engine_for(table), "clustering", k=2, relative=True, metrics=("react_like", "comments")
    ).result.profile
    first = profile.filter((pl.col("cluster") == "1") & (pl.col("metric") == "react_like")).row(0, named=True)
    assert first["g"] > 3
    assert first["lift"] == pytest.approx(math.e, rel=0.1)


# -- shapes that crashed a page ------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame({"post_id": [f"p{i}" for i in range(60)], "likes": range(60), "comments": range(60, 120)}),
        pl.DataFrame({"likes": [None] * 60, "comments": range(60), "type": ["photo", "video"] * 30}),
        pl.DataFrame(
            {
                "likes": [-i for i in range(60)],
                "comments": [-1] * 60,
                "shares": [-i * i for i in range(60)],
                "type": ["photo", "video"] * 30,
            }
        ),
        pl.DataFrame({"likes": [1, 2] * 30, "comments": [3] * 60, "type": ["photo"] * 60}),
        pl.DataFrame({"num_likes": range(60), "Likes": range(60, 120), "type": ["photo", "video"] * 30}),
        pl.DataFrame(
            {
                "cluster": ["a", "b"] * 30,
                "_reason": ["x"] * 60,
                "likes": range(60),
                "comments": [i % 7 for i in range(60)],
            }
        ),
        pl.DataFrame(
            {
                "metric": ["a", "b"] * 30,
                "level": ["u", "v", "w"] * 20,
                "posts": range(60),
                "value": range(60),
                "n": range(60),
                "likes": range(60),
            }
        ),
    ],
    ids=[
        "no category, no date",
        "a metric without a value",
        "below zero",
        "two values",
        "one label twice",
        "own cluster column",
        "names used inside",
    ],
)
def test_no_page_crashes_on(engine_for: Callable[..., Engine], table: pl.DataFrame) -> None:
    from postlens.core.ask.outcome import Crashed, Done
    from postlens.core.ask.request import Request

    engine = engine_for(table)
    for panel in engine.registry.panels.values():
        quick = {"k_max": 4} if "k_max" in panel.params.model_fields else {}
        for changes in ({}, {"scale": "raw"}, {"relative": True}, {"mode": "all"}, {"average": "mean"}):
            if set(changes) <= set(panel.params.model_fields):
                found = engine.answer(Request(panel=panel.id, params=panel.params(**changes, **quick)))
                assert not isinstance(found, Crashed), f"{panel.id} {changes}: {found.trace}"
                page = engine.blocks(panel, found) if isinstance(found, Done) else None
                assert not isinstance(page, Crashed), f"{panel.id} {changes}: {page.trace}"


# -- the seed data and real posts ---------------------------------------------------------------------


@pytest.fixture
def seed(shared: Path, store: Path) -> Callable[[str], Dataset]:
    return lambda name: open_dataset(str(shared / "seed" / name), store=store / "posts", settings=ReadSettings())


def test_the_founding_clusters_are_found_exactly(
    seed: Callable[[str], Dataset], registry: object, tmp_path: Path, shared: Path
) -> None:
    from postlens.core.ask.request import Request

    engine = Engine(registry, seed("clusterdata.csv"), store=tmp_path)  # type: ignore[arg-type]
    done = ask(engine, "clustering", k=4, scale="raw")
    table = engine.posts_table(Request(panel="clustering", params=done.params), done)
    assert table is not None
    wanted = pl.read_csv(shared / "seed" / "cluster_results.csv")["cluster"]
    assert adjusted_rand_score(wanted, table.collect()["cluster"]) == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["log", "raw"])
def test_the_founding_elbow_is_at_four(
    seed: Callable[[str], Dataset], registry: object, tmp_path: Path, scale: str
) -> None:
    result = ask(Engine(registry, seed("clusterdata.csv"), store=tmp_path), "elbow", scale=scale).result  # type: ignore[arg-type]
    assert result.recommended == 4


def test_the_founding_t_test_is_scipys(
    seed: Callable[[str], Dataset], registry: object, tmp_path: Path, shared: Path
) -> None:
    engine = Engine(registry, seed("cluster_results.csv"), store=tmp_path)  # type: ignore[arg-type]
    result = ask(
        engine, "hypothesis", metric="reactions", group="cluster", level="1", alternative="greater", scale="raw"
    ).result
    table = pl.read_csv(shared / "seed" / "cluster_results.csv")
    one, rest = (table.filter(pl.col("cluster").eq(1) == side)["num_reactions"] for side in (True, False))
    wanted = scipy_stats.ttest_ind(one, rest, equal_var=False, alternative="greater")
    assert numbers_of(result, "Welch, raw scale") == pytest.approx(
        (wanted.statistic, wanted.df, wanted.pvalue), rel=1e-9
    )
    assert result.unknown_origin


@pytest.mark.slow
def test_no_clear_elbow_in_one_crowd(engine_for: Callable[..., Engine]) -> None:
    """Log-normal counts around one shared popularity: no groups, so no elbow."""
    rng = np.random.default_rng(4)
    popularity = rng.normal(0, 0.8, (1500, 1))
    counts = np.rint(np.exp(3 + popularity + rng.normal(0, 0.6, (1500, 4)))).astype(int)
    engine = engine_for(pl.DataFrame(counts, schema=["Likes", "Comments", "Shares", "Saves"]))
    result = ask(engine, "elbow", k_max=10).result
    assert result.recommended == 0
    assert result.crowd_p > 0.05
    assert (
        result.votes.filter(pl.col("rule") == "Silhouette")["k"].item() >= 2
    )  # The other rules find some in any crowd.
    blocks = engine.blocks(engine.registry.panel("elbow"), ask(engine, "elbow", k_max=10))
    assert "No separate groups: any number is an arbitrary cut." in str(blocks)


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3, 5])
def test_separate_groups_are_counted(engine_for: Callable[..., Engine], k: int) -> None:
    rng = np.random.default_rng(k)
    centres = rng.permutation(np.eye(6)[:k] * 5)
    counts = np.rint(np.exp(2 + np.repeat(centres, 150, axis=0) + rng.normal(0, 0.35, (150 * k, 6)))).astype(int)
    names = ["Likes", "Comments", "Shares", "Saves", "Loves", "Wows"]
    assert ask(engine_for(pl.DataFrame(counts, schema=names)), "elbow", k_max=9).result.recommended == k


@pytest.mark.slow
def test_the_founding_data_are_four_separate_groups_and_the_founding_test_is_answered_honestly(
    seed: Callable[[str], Dataset], registry: object, tmp_path: Path
) -> None:
    """Reactions are the sum of their kinds, so the groups are made again from comments and shares."""
    engine = Engine(registry, seed("clusterdata.csv"), store=tmp_path)  # type: ignore[arg-type]
    found = ask(engine, "hypothesis", metric="reactions", group="cluster").result
    held, structure = found.held, found.structure
    kinds = ["love", "wow", "haha", "sad", "angry"]
    assert [name.lower() for name in held.left_out] == ["reactions", "likes", *kinds]
    assert 0.2 < held.rand < 0.7
    assert held.sizes["before"].sum() == held.sizes["after"].sum() == 7047
    effect = held.found.of(held.level).effect
    assert math.log(1.02) < effect.estimate < math.log(1.25) < found.estimate
    assert structure.structure_p == 0.01
    assert structure.structure > structure.structure_high


@pytest.mark.slow
def test_the_matched_pair_is_told_apart() -> None:
    """Both reject with p below 1e-100 when clusters are tested on what they were made from; only one has groups."""
    from scripts.validate import four_regimes, nine_metric_crowd, sampled

    clear, crowd = (
        stats.structure_test(sampled(draw(np.random.default_rng(5), 7047)), 4, 0)
        for draw in (four_regimes, nine_metric_crowd)
    )
    assert (clear.structure_p, clear.eta2_p) == (0.01, 0.01)
    assert crowd.structure_p > 0.2


def test_what_a_metric_is_nearly_made_of_is_found() -> None:
    """A total of two parts and a bystander, by the R squared of least squares on ln(1 + x)."""
    rng = np.random.default_rng(1)
    likes, loves, shares = rng.poisson(200, 3000), rng.poisson(90, 3000), rng.poisson(40, 3000)
    posts = pl.LazyFrame({"total": likes + loves, "likes": likes, "loves": loves, "shares": shares})
    columns = {n: Column(name=n, label=n, kind="metric") for n in ("total", "likes", "loves", "shares")}
    others = [columns[n] for n in ("likes", "loves", "shares")]
    assert stats.nearly_made_of(posts, columns["total"], others) == ("likes",)
    assert stats.nearly_made_of(posts, columns["shares"], [columns["likes"], columns["loves"]]) == ()
    same = posts.with_columns(copy=pl.col("total") * 2)
    twice = Column(name="copy", label="Copy", kind="metric")
    assert stats.nearly_made_of(same, columns["total"], [twice, columns["shares"]]) == ("copy",)


def test_only_metrics_that_tell_the_clusters_are_left_out(engine_for: Callable[..., Engine]) -> None:
    """Comments of the sample-like posts are not part of shares: clusters are made again from what is left."""
    rng = np.random.default_rng(3)
    base = rng.lognormal(3, 1, 400)
    counts = {n: rng.poisson(base * m) for n, m in (("Reactions", 5), ("Comments", 2), ("Shares", 1), ("Saves", 1))}
    engine = engine_for(pl.DataFrame(counts).with_columns(Account=pl.Series([f"a{i % 30}" for i in range(400)])))
    found = ask(engine, "hypothesis", metric="comments", group="cluster").result
    assert found.held.left_out[0] == "Comments"
    assert found.not_asked == ()


@pytest.mark.slow
def test_the_published_trap_of_the_facebook_pages_is_found_and_explained(
    shared: Path, store: Path, registry: object, tmp_path: Path
) -> None:
    """Photo against link: pooled the celebrities' photos make it look far larger than it is on any page."""
    from postlens.core.contract.blocks import Notice, walk

    path = shared / "real" / "facebook_pages_242k.parquet"
    if not path.is_file():
        pytest.skip("the Facebook pages are not beside the project")
    posts = open_dataset(str(path), store=store / "posts", settings=ReadSettings())
    engine = Engine(registry, posts, store=tmp_path)  # type: ignore[arg-type]
    done = ask(engine, "hypothesis", metric="reactions", group="post_type", mode="pair", level="photo", against="link")
    tests = {
        r["scale"] or "within": math.exp(r["estimate"])
        for r in done.result.tests.iter_rows(named=True)
        if r["scale"] != "raw"
    }
    assert 1.5 < tests["within"] < 3.5 < tests["log"]
    blocks = engine.blocks(engine.registry.panel("hypothesis"), done)
    assert isinstance(blocks, list)
    assert any("All posts together" in b.title for b in walk(blocks) if isinstance(b, Notice))


def test_a_metric_that_the_groups_tell_under_another_name_is_circular(engine_for: Callable[..., Engine]) -> None:
    """Views are ten times the likes: clusters made of likes say all about views, though no name does."""
    rng = np.random.default_rng(1)
    likes = rng.poisson(rng.gamma(1, 60, 600))
    engine = engine_for(
        pl.DataFrame(
            {"Type": ["photo", "link"] * 300, "Likes": likes, "Comments": rng.poisson(9, 600), "Views": 10 * likes}
        )
    )
    assert ask(engine, "hypothesis", metric="views", group="cluster").result.shared
    by_reactions = {"tier": engine.registry.columns["tier"].params(metric="reactions")}
    assert ask(engine, "hypothesis", metric="views", group="tier", columns=by_reactions).result.shared


def test_a_constant_group_is_not_left_out_of_the_verdict(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(2)
    kinds = np.repeat(["photo", "video", "link"], [100, 60, 60])
    comments = np.where(kinds == "photo", 0, rng.poisson(50, 220))
    engine = engine_for(pl.DataFrame({"Type": kinds, "Comments": comments, "Likes": rng.poisson(20, 220)}))
    state, said = verdict(engine, metric="comments", group="post_type", mode="all")
    assert state == "likely real", said


def test_the_held_out_verdict_speaks_of_the_comparison_that_was_made(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(3)
    heavy = rng.integers(0, 2, 500)

    def drawn(few: int, many: int) -> np.ndarray:
        return rng.poisson(rng.gamma(2, 0.5, 500) * np.where(heavy, many, few))

    counts = {"Likes": drawn(60, 600), "Shares": drawn(9, 90), "Comments": drawn(100, 300)}
    engine = engine_for(pl.DataFrame(counts).with_columns(Type=pl.Series(["photo", "link"] * 250)))
    from postlens.core.contract.blocks import Verdict, walk

    done = ask(
        engine,
        "hypothesis",
        metric="comments",
        group="cluster",
        level="2",
        alternative="greater",
        columns={"cluster": engine.registry.columns["cluster"].params(k=2)},
    )
    blocks = engine.blocks(engine.registry.panel("hypothesis"), done)
    assert isinstance(blocks, list)
    claims = [b.claim for b in walk(blocks) if isinstance(b, Verdict)]
    # Two-sided, whatever was asked: the group is matched with one that saw the metric.
    assert claims[0].startswith("Made again without comments"), claims


def test_posts_of_several_networks_are_grouped_by_what_most_have_in_common(engine_for: Callable[..., Engine]) -> None:
    """Reactions and comments are known for one network, reactions and shares for a smaller one: shares join too few posts."""
    rng = np.random.default_rng(4)
    counts = {name: rng.poisson(50, 120).tolist() for name in ("Reactions", "Comments", "Shares")}
    counts["Comments"][80:] = [None] * 40
    counts["Shares"][:80] = [None] * 80
    when = [f"2026-03-{1 + i % 28:02} 10:{i % 60:02}" for i in range(120)]
    links = [f"https://www.instagram.com/p/{i:05}abcdef/" for i in range(120)]
    engine = engine_for(pl.DataFrame({**counts, "Publish time": when, "Permalink": links}))
    dataset = engine.dataset
    assert stats.usual_metrics(dataset.scan(), dataset.schema) == ("reactions", "comments")
    assert ask(engine, "clustering").result.sizes["posts"].sum() == 80
    assert ask(engine, "elbow").result.used == 80


def test_groups_whose_average_has_no_interval_are_said(sample_engine: Engine) -> None:
    """On the sample some types are posted by one or two accounts: a dot without a line looked like a sure one."""
    done = ask(sample_engine, "eda", by="post_type")
    bare = done.result.averages.filter(pl.col("low").is_null()).height
    assert 0 < bare < done.result.averages.height
    blocks = sample_engine.blocks(sample_engine.registry.panel("eda"), done)
    assert isinstance(blocks, list)
    drawn = next(b for b in walk(blocks) if isinstance(b, Chart) and b.title == "Geometric mean, all posts together")
    assert f"{bare} groups without a line: too few posts or accounts" in drawn.takeaway
