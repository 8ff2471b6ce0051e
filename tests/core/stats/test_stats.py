"""Statistics against scipy, statsmodels, published values and hand calculations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.nonparametric import rank_compare_2indep

from postlens.core import stats
from postlens.core.contract import wording
from postlens.core.stats.clusters.kmeans import stable_order

# R's data set `sleep`; Welch t = -1.8608, df = 17.776, p = .07939, interval -3.3654832 to .2054832 (R: t.test(extra ~ group)).
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# scipy's documentation of ttest_ind_from_stats.
SCIPY_A = [1, 3, 4, 6, 11, 13, 15, 19, 22, 24, 25, 26, 26]
SCIPY_B = [2, 4, 6, 9, 11, 13, 14, 15, 18, 19, 21]


def of(values: Sequence[float]) -> stats.Moments:
    array = np.array(values, dtype=float)
    return stats.Moments(n=len(array), mean=float(array.mean()), m2=float(((array - array.mean()) ** 2).sum()))


def counts_of(first: list[int], second: list[int]) -> pl.DataFrame:
    values = sorted({*first, *second})
    return pl.DataFrame(
        {"value": values, "first": [first.count(v) for v in values], "second": [second.count(v) for v in values]}
    )


def test_welch_is_r_on_sleep() -> None:
    found = stats.welch(of(SLEEP_1), of(SLEEP_2))
    assert found.statistic == pytest.approx(-1.8608134674868526)
    assert found.df == pytest.approx(17.776473516178488)
    assert found.p == pytest.approx(0.0793941401873583)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-7)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_welch_is_scipy(alternative: stats.Alternative) -> None:
    found = stats.welch(of(SCIPY_A), of(SCIPY_B), alternative)
    wanted = scipy_stats.ttest_ind(SCIPY_A, SCIPY_B, equal_var=False, alternative=alternative)
    interval = wanted.confidence_interval()
    assert (found.statistic, found.df, found.p) == pytest.approx(
        (wanted.statistic, wanted.df, wanted.pvalue), rel=1e-12
    )
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-12)


def test_a_tiny_p_is_not_zero_in_logs() -> None:
    found = stats.welch(stats.Moments(n=10_000, mean=5.0, m2=9999.0), stats.Moments(n=10_000, mean=0.0, m2=9999.0))
    assert found.p == 0.0
    assert found.log_p < -5000
    assert wording.p_value(found.log_p) == "p < 1e-300"


def test_hedges_is_cohen_times_the_exact_correction() -> None:
    """Statistics of scipy's example: d = .37080992, exact J = .96545066, g = .35799869."""
    assert stats.hedges(of(SCIPY_A), of(SCIPY_B)).g == pytest.approx(0.35799869, abs=1e-8)


def test_superiority_is_brunner_munzel() -> None:
    """Published: p = .3847626337, interval .35188875 to .86489447; share is U / (n1 n2) = 87 / 143."""
    found = stats.superiority(counts_of(SCIPY_A, SCIPY_B))
    wanted = rank_compare_2indep(SCIPY_A, SCIPY_B)
    assert found.share == pytest.approx(87 / 143)
    assert found.p == pytest.approx(0.3847626337, abs=1e-9)
    assert found.p == pytest.approx(wanted.pvalue)
    assert (found.low, found.high) == pytest.approx(wanted.conf_int())


def test_superiority_of_a_count_table() -> None:
    """Munzel and Hauschke: prob .5442256341789, interval .47006298 to .61838829."""
    table = pl.DataFrame({"value": range(-2, 3), "first": [24, 37, 21, 19, 6], "second": [11, 51, 22, 21, 7]})
    found = stats.superiority(table)
    wanted = (1 - 0.5442256341789, 1 - 0.61838829, 1 - 0.47006298)
    assert (found.share, found.low, found.high) == pytest.approx(wanted, abs=1e-7)


def test_welch_anova_is_scipy_and_r() -> None:
    """R oneway.test: F = .609740409019517, p = .574838941286302."""
    groups = [[-50.42, 40.31, -18.09, 35.58, -6.8, 0.22], [23.44, 4.5, 15.1, 9.66], [11.94, 11.1, 9.87, 9.09, 3.33]]
    found = stats.welch_anova([of(g) for g in groups])
    assert found.statistic == pytest.approx(0.609740409019517)
    assert math.exp(found.log_p) == pytest.approx(0.574838941286302)


def test_holm() -> None:
    assert stats.holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])


@pytest.mark.parametrize("df", [1, 2, 3, 5, 10, 30, 1000])
@pytest.mark.parametrize("probability", [0.6, 0.95, 0.975, 0.999])
def test_t_quantile_without_scipy(probability: float, df: float) -> None:
    assert stats.t_quantile(probability, df) == pytest.approx(scipy_stats.t.ppf(probability, df), rel=1e-3)
    assert stats.t_quantile(1 - probability, df) == pytest.approx(-stats.t_quantile(probability, df))


@pytest.mark.slow
def test_detectable_has_the_power_it_says() -> None:
    """Two groups of 100 with sd 1: with a true difference of the detectable size, about 80 of 100 tests succeed."""
    rng = np.random.default_rng(1)
    size = stats.detectable(math.sqrt(2 / 100))
    hits = [scipy_stats.ttest_ind(rng.normal(size, 1, 100), rng.normal(0, 1, 100)).pvalue < 0.05 for _ in range(2000)]
    assert np.mean(hits) == pytest.approx(0.8, abs=0.03)


def test_posts_needed_grow_with_the_square() -> None:
    needed = stats.posts_needed(100, 0.2, 0.1)
    assert stats.posts_needed(100, 0.2, 0.05) == pytest.approx(4 * needed, abs=4)
    assert stats.detectable(0.2 * math.sqrt(100 / needed)) == pytest.approx(0.1, rel=0.01)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.integers(1, 29))
def test_merged_parts_are_the_whole(values: list[float], cut: int) -> None:
    cut = min(cut, len(values) - 1)
    whole, merged = of(values), stats.merge([of(values[:cut]), of(values[cut:])])
    assert merged.n == whole.n
    assert merged.mean == pytest.approx(whole.mean, rel=1e-9, abs=1e-6)
    assert merged.m2 == pytest.approx(whole.m2, rel=1e-6, abs=1e-3)


def test_summaries_leave_out_nulls_and_count_them_out() -> None:
    table = pl.LazyFrame({"g": ["a", "a", "b", None, "b"], "x": [1.0, None, 3.0, 4.0, 5.0]})
    assert stats.summarise(table, pl.col("x"), ["g"]).rows() == [("a", 1, 1.0, 0.0), ("b", 2, 4.0, 2.0)]


# -- inside accounts ----------------------------------------------------------------------------------


def posts_of_accounts(rng: np.random.Generator, accounts: int, icc: float, effect: float = 0.0) -> pl.LazyFrame:
    """Accounts of different level that differ in how often they post `a`; posts of one account are alike."""
    names = np.repeat(np.arange(accounts), 40)
    level = rng.normal(size=accounts) * math.sqrt(icc)
    chance = rng.beta(1, 1, accounts)
    group = rng.random(len(names)) < chance[names]
    value = level[names] + effect * group + rng.normal(size=len(names)) * math.sqrt(1 - icc)
    return pl.LazyFrame({"account": names.astype(str), "g": np.where(group, "a", "b"), "x": value})


def sides_of(posts: pl.LazyFrame) -> pl.DataFrame:
    return stats.split_groups(stats.summarise(posts, pl.col("x"), ["account", "g"]), "g", {"a"}, None)


def test_within_accounts_is_the_regression_with_account_levels() -> None:
    """The weighted difference equals the coefficient of least squares with one dummy for each account."""
    posts = posts_of_accounts(np.random.default_rng(3), 8, 0.5, 0.4)
    table = posts.collect()
    dummies = table.select("account").to_dummies().to_numpy().astype(float)
    design = np.column_stack([(table["g"] == "a").to_numpy().astype(float), dummies])
    wanted = np.linalg.lstsq(design, table["x"].to_numpy(), rcond=None)[0][0]
    found = stats.within_accounts(sides_of(posts))
    assert found is not None
    assert found.estimate == pytest.approx(wanted)


def test_within_accounts_by_hand() -> None:
    """Account A: 3 - 1 = 2 with weight 1/2; account B: 10 - 6 = 4 with weight 2/3; account C has one group only."""
    table = pl.LazyFrame(
        {
            "account": ["A", "A", "B", "B", "B", "C"],
            "g": ["a", "b", "a", "b", "b", "a"],
            "x": [3.0, 1.0, 10.0, 5.0, 7.0, 99.0],
        }
    )
    found = stats.within_accounts(sides_of(table))
    assert found is not None
    assert found.estimate == pytest.approx((0.5 * 2 + 2 / 3 * 4) / (0.5 + 2 / 3))
    assert (found.accounts, found.posts) == (2, 5)


@pytest.mark.slow
def test_posts_of_one_account_being_alike_does_not_make_false_alarms() -> None:
    """Welch rejects about 40 in 100 at an intra-account correlation of 0.2; both account-aware tests keep to 5."""
    rng = np.random.default_rng(5)
    rejected = {"welch": 0, "clustered": 0, "within": 0}
    runs = 300
    for _ in range(runs):
        posts = posts_of_accounts(rng, 40, 0.2)
        summary = stats.summarise(posts, pl.col("x"), ["account", "g"])
        table = stats.split_groups(summary, "g", {"a"}, None)
        groups = stats.by_level(summary, "g")
        rejected["welch"] += stats.welch(groups["a"], groups["b"]).p < 0.05
        for name, found in (("clustered", stats.clustered_by_account(table)), ("within", stats.within_accounts(table))):
            assert found is not None
            rejected[name] += stats.t_test(found.estimate, found.se, found.df, "two-sided").p < 0.05
    assert rejected["welch"] / runs > 0.2
    assert rejected["clustered"] / runs < 0.09
    assert rejected["within"] / runs < 0.09


# -- k-means ------------------------------------------------------------------------------------------


def blobs(seed: int = 0, per: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.vstack([rng.normal(centre, 0.3, (per, 2)) for centre in ((0, 0), (5, 0), (0, 5))])


def test_kmeans_reaches_the_known_optimum_on_iris() -> None:
    """Du Merle et al. (2000): inertia 78.8514414261460 at k = 3, sizes 38, 50, 62."""
    from sklearn.datasets import load_iris

    found = stats.cluster(load_iris().data, 3)
    assert found.inertia == pytest.approx(78.8514414261460)
    assert sorted(np.bincount(found.labels)) == [38, 50, 62]


def test_the_curve_reaches_the_known_optima_on_iris_and_falls() -> None:
    """Best known inertias of iris, k = 1 to 6."""
    from sklearn.datasets import load_iris

    found = stats.curve(load_iris().data, 6)
    wanted = [681.3706, 152.347951760358, 78.8514414261460, 57.2284732142857, 46.4461820512821, 39.0399872460872]
    assert [found[k].inertia for k in range(1, 7)] == pytest.approx(wanted, rel=3e-3)
    assert all(found[k].inertia > found[k + 1].inertia for k in range(1, 6))


def test_a_search_among_a_sample_is_finished_by_steps_over_all() -> None:
    matrix = np.random.default_rng(3).normal(size=(3000, 4))
    whole = stats.curve(matrix, 6)
    found = stats.curve(matrix[:1500], 6, sample=True)
    centres = stats.refine_centres(lambda: [matrix], {k: fit.centres for k, fit in found.items()}, 30)
    for k, one in stats.measured(lambda: [matrix], centres, widths=False).items():
        assert one.inertia == pytest.approx(whole[k].inertia, rel=0.01)


def test_clusters_are_numbered_by_their_centres() -> None:
    centres = np.array([[0.0, 1.0], [5.0, 5.0], [-1.0, 0.0]])
    assert stable_order(centres).tolist() == [1, 0, 2]


def test_squared_silhouette_is_scikit_learns() -> None:
    from sklearn.metrics import silhouette_samples

    matrix = blobs()
    labels = stats.cluster(matrix, 3).labels
    assert stats.squared_silhouette(matrix, labels) == pytest.approx(
        silhouette_samples(matrix, labels, metric="sqeuclidean")
    )


def test_the_label_expression_is_scikit_learns_predict() -> None:
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(2)
    posts = pl.DataFrame({"a": rng.poisson(20, 300), "b": rng.poisson(3, 300), "t": rng.choice(["x", "y", "z"], 300)})
    fitted = stats.fit_features(posts.lazy(), ["a", "b"], ["t"], "log")
    features, used = fitted.features, fitted.sample
    solution = stats.cluster(features.matrix(used), 4)
    model = KMeans(4, init=solution.centres, n_init=1, max_iter=1).fit(features.matrix(used))
    model.cluster_centers_ = solution.centres
    labels = posts.select(features.label(solution.centres)).to_series()
    assert labels.cast(pl.Int64).to_numpy().tolist() == (model.predict(features.matrix(posts)) + 1).tolist()
    assert (fitted.missing, fitted.whole) == (0, True)


def test_features_from_the_accounts_usual_level_forget_how_large_an_account_is() -> None:
    posts = pl.DataFrame(
        {"account_name": ["big"] * 3 + ["small"] * 3, "a": [100, 1000, 10_000, 1, 10, 100], "b": [1, 2, 3, 3, 2, 1]}
    )
    fitted = stats.fit_features(posts.lazy(), ["a", "b"], [], "log", within=True)
    features, used = fitted.features, fitted.sample
    values = used.select("account_name", *features.standardised()).group_by("account_name").agg(pl.col("a").mean())
    assert values["a"].to_list() == pytest.approx([0.0, 0.0], abs=1e-9)


def test_elbow_by_hand() -> None:
    """Gains 50, 30, 2, 1: the step to k = 3 gains 15 times the next."""
    found = stats.elbow({1: 100.0, 2: 50.0, 3: 20.0, 4: 18.0, 5: 17.0})
    assert (found.k, found.strength, found.clear) == (3, pytest.approx(15.0), True)


# -- words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (1.0, "1"),
        (12.345, "12.3"),
        (999.6, "1000"),
        (1234, "1,234"),
        (12_345, "12.3k"),
        (3_400_000, "3.4M"),
        (math.nan, "-"),
        (-5.5, "-5.5"),
    ],
)
def test_numbers_for_people(value: float, text: str) -> None:
    assert wording.number(value) == text


def test_the_distance_expression_is_that_of_the_points() -> None:
    rng = np.random.default_rng(12)
    table = pl.DataFrame({"a": rng.poisson(20, 300), "b": rng.poisson(5, 300), "c": rng.choice(["x", "y"], 300)})
    fitted = stats.fit_features(table.lazy(), ("a", "b"), ("c",), "log")
    features, used = fitted.features, fitted.sample
    centres = stats.cluster(features.matrix(used), 3).centres
    found = used.select(features.distance(centres).alias("d"))["d"].to_numpy()
    wanted = np.square(features.matrix(used)[:, None] - centres[None]).sum(axis=2).min(axis=1)
    assert found == pytest.approx(wanted, abs=1e-9)
