"""Values that others published, to the digits given. Data sets are R's unless a comment says otherwise."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from postlens.core import stats

SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
# scipy's documentation of ttest_ind_from_stats: n = 13, mean 15, variance 87.5; n = 11, 12, 39.
PAIR = ([1, 3, 4, 6, 11, 13, 15, 19, 22, 24, 25, 26, 26], [2, 4, 6, 9, 11, 13, 14, 15, 18, 19, 21])
PLANTS = (
    [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
)
# Ruspini (1970), Inf. Sci. 2, 319-350; R's cluster::ruspini.
RUSPINI_X = (
    "4 5 10 9 13 13 12 15 18 19 22 27 28 24 27 28 30 31 32 36 28 32 35 33 38 41 38 38 32 34 44 44 44 46 47 49 50 53 52 "
    "55 54 60 63 86 85 85 78 74 97 98 98 99 99 101 108 110 108 111 115 117 70 77 83 61 69 78 66 58 64 69 66 61 76 72 64"
)
RUSPINI_Y = (
    "53 63 59 77 49 69 88 75 61 65 74 72 76 58 55 60 52 60 61 72 147 149 153 154 151 150 145 143 143 141 156 149 143 142 "
    "149 152 142 144 152 155 124 136 139 132 115 96 94 96 122 116 124 119 128 115 111 111 116 126 117 115 4 12 21 15 15 "
    "16 18 13 20 21 23 25 27 31 30"
)
RUSPINI = np.array([RUSPINI_X.split(), RUSPINI_Y.split()], dtype=float).T


def of(values: object) -> stats.Moments:
    array = np.asarray(values, dtype=float)
    return stats.Moments(n=len(array), mean=float(array.mean()), m2=float(np.square(array - array.mean()).sum()))


def counted(*groups: object) -> pl.DataFrame:
    arrays = [np.asarray(g, dtype=float) for g in groups]
    at = np.unique(np.concatenate(arrays))
    names = ["first", "second", "third"]
    return pl.DataFrame(
        {"value": at} | {n: [int((a == v).sum()) for v in at] for n, a in zip(names, arrays, strict=False)}
    )


# -- two groups ---------------------------------------------------------------------------------------


def test_student() -> None:
    """R: t.test(var.equal = TRUE) on sleep, p = .07918671, interval -3.363874 to .203874; scipy's documentation."""
    found = stats.student(of(SLEEP[0]), of(SLEEP[1]))
    assert (found.p, found.low, found.high) == pytest.approx((0.07918671, -3.363874, 0.203874), abs=5e-7)
    found = stats.student(of(PAIR[0]), of(PAIR[1]))
    assert (found.statistic, found.p, found.df) == pytest.approx((0.9051358093310269, 0.3751996797581487, 22))


def test_welch_of_the_documented_pair() -> None:
    found = stats.welch(of(PAIR[0]), of(PAIR[1]))
    wanted = (0.9358461935556048, 20.984611233429924, 0.35999818693244245, -3.6668221444, 9.6668221444)
    assert (found.statistic, found.df, found.p, found.low, found.high) == pytest.approx(wanted, rel=1e-10)


def test_bayes_factors() -> None:
    """JZS BF10 with r = .707: sleep 1.26596, the documented pair .5035898199."""
    for (one, two), wanted, digits in ((SLEEP, 1.26596, 5e-6), (PAIR, 0.5035898199, 5e-10)):
        t = stats.student(of(one), of(two)).statistic
        assert math.exp(stats.log_bayes_factor(t, len(one), len(two))) == pytest.approx(wanted, abs=digits)


def test_a_bayes_factor_beyond_every_float_has_a_logarithm() -> None:
    """At t = 200 and 5,000 posts a side the factor has thousands of digits; at 0 it speaks against a difference."""
    assert 5000 < stats.log_bayes_factor(200, 5000, 5000) < 20_000
    assert stats.log_bayes_factor(0, 10**7, 10**7) < -5


def test_ratio_of_means() -> None:
    """The documented pair: 1.25, by the delta method on the logarithm .7701525 to 2.0288191."""
    assert stats.ratio_of_means(of(PAIR[0]), of(PAIR[1])) == pytest.approx((0.7701525, 2.0288191), abs=2e-4)


def test_standardised_difference() -> None:
    """D = .37080992, exact correction .96545066, g = .35799869; interval by the noncentral t -.42827820 to 1.13633045."""
    found = stats.hedges(of(PAIR[0]), of(PAIR[1]))
    assert found.g == pytest.approx(0.35799869, abs=5e-9)
    assert (found.low, found.high) == pytest.approx((-0.42827820, 1.13633045), abs=0.02)


def test_yuen() -> None:
    """R's PairedData, trim .2, unequal variances: t = -.68649512735573, df = 3.4104431643464, p = .5361949075313."""
    found = stats.yuen(counted([1, 2, 3], [1.1, 2.9, 4.2]))
    assert (found.statistic, found.df, found.p) == pytest.approx((-0.68649512735573, 3.4104431643464, 0.5361949075313))


def test_yuen_is_scipys_on_counts() -> None:
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(5)
    for _ in range(10):
        one, two = rng.negative_binomial(2, 0.1, 57), rng.negative_binomial(2, 0.08, 31)
        wanted = ttest_ind(one.astype(float), two.astype(float), equal_var=False, trim=0.2)
        found = stats.yuen(counted(one, two))
        assert (found.statistic, found.p) == pytest.approx((wanted.statistic, wanted.pvalue), rel=1e-9)


def test_brunner_munzel_of_r() -> None:
    """R's lawstat (in statsmodels' tests): statistic 3.1374674823029505, p = .0057862086661515377."""
    one, two = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1], [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
    assert stats.superiority(counted(one, two)).p == pytest.approx(0.0057862086661515377, rel=1e-9)


def test_probability_of_superiority() -> None:
    """U = 87 of 143: .60839161; Cliff's delta .21678322."""
    share = stats.superiority(counted(*PAIR)).share
    assert (share, 2 * share - 1) == pytest.approx((0.60839161, 0.21678322), abs=5e-9)


def test_mann_whitney_of_the_documented_pair() -> None:
    """P with continuity correction: .38409622532."""
    assert stats.mann_whitney(counted(*PAIR)).p == pytest.approx(0.38409622532, abs=5e-12)


def test_levene_of_the_documented_pair() -> None:
    found = stats.brown_forsythe(counted(*PAIR), ["first", "second"])
    assert (found.statistic, found.p) == pytest.approx((3.4295058, 0.0775092840), abs=5e-8)


def test_what_could_have_been_detected() -> None:
    """R: power.t.test(n = 20, delta = 1): power .8689528; and 22.02110 posts a side for 90 %."""
    assert stats.detectable(math.sqrt(2 / 20), 38, power=0.8689528) == pytest.approx(1, abs=0.005)
    assert stats.detectable(math.sqrt(2 / 22.02110), 2 * 22.02110 - 2, power=0.9) == pytest.approx(1, abs=0.005)
    assert stats.detectable(math.sqrt(2 * 2.5**2 / 100), 198, power=0.8036466) == pytest.approx(1, abs=0.001)


# -- several groups -----------------------------------------------------------------------------------


def test_plant_growth() -> None:
    """R: Welch F = 5.1809724, p = .0173928; Kruskal 7.9882287, p = .0184238; Levene 1.1191857, p = .3412266."""
    welch = stats.welch_anova([of(g) for g in PLANTS])
    assert (welch.statistic, math.exp(welch.log_p)) == pytest.approx((5.1809724, 0.0173928), abs=5e-8)
    table = counted(*PLANTS)
    rank = stats.kruskal(table, ["first", "second", "third"])
    assert (rank.statistic, rank.p) == pytest.approx((7.9882287, 0.0184238), abs=5e-8)
    spread = stats.brown_forsythe(table, ["first", "second", "third"])
    assert (spread.statistic, spread.p) == pytest.approx((1.1191857, 0.3412266), abs=5e-8)


def test_one_way_with_unequal_variances_of_r() -> None:
    """R's oneway.test, in scipy's tests: F = .609740409019517, p = .574838941286302."""
    groups = ([-50.42, 40.31, -18.09, 35.58, -6.8, 0.22], [23.44, 4.5, 15.1, 9.66], [11.94, 11.1, 9.87, 9.09, 3.33])
    found = stats.welch_anova([of(g) for g in groups])
    assert (found.statistic, math.exp(found.log_p)) == pytest.approx((0.609740409019517, 0.574838941286302))


def test_holm_and_benjamini_hochberg() -> None:
    p = [0.01, 0.02, 0.03, 0.04, 0.05]
    assert stats.holm(p) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert stats.benjamini_hochberg(p) == pytest.approx([0.05] * 5)


# -- tables -------------------------------------------------------------------------------------------


def test_table_of_two_columns() -> None:
    """R's chisq.test: X2 = 57.236, df 2, p = 3.727e-13; V = .33533306; stdres 7.551524, -2.663833, -4.296630."""
    found = stats.association(np.array([[100, 23], [44, 65], [119, 158]], dtype=float))
    assert (found.chi2, found.df) == (pytest.approx(57.236, abs=5e-4), 2)
    assert (found.p, found.v) == (pytest.approx(3.727e-13, rel=2e-4), pytest.approx(0.33533306, abs=5e-9))
    assert found.residuals[:, 0] == pytest.approx([7.551524, -2.663833, -4.296630], abs=5e-7)
    assert found.residuals[:, 1] == pytest.approx(-found.residuals[:, 0])


def test_table_of_agresti() -> None:
    """Agresti, party by gender: 30.070149, p = 2.95359e-07, V = .10443580, stdres 4.50205 .69945 -5.31595."""
    found = stats.association(np.array([[762, 327, 468], [484, 239, 477]], dtype=float))
    wanted = (30.070149, 2.95359e-07, 0.10443580)
    assert (found.chi2, found.p, found.v) == pytest.approx(wanted, rel=2e-6)
    assert found.residuals[0] == pytest.approx([4.50205, 0.69945, -5.31595], abs=5e-6)


# -- groups -------------------------------------------------------------------------------------------


def test_best_known_inertias_of_ruspini() -> None:
    """Best known sums of squares, k = 1 to 10 (exact for the first of them: Du Merle et al. 2000)."""
    wanted = [
        244373.866667, 89337.832142857, 51063.4750456705, 12881.0512361466, 10126.7197881828,
        8575.40687645688, 7126.19854312354, 6149.639019314019, 5181.65183982684, 4446.28214285714,
    ]  # fmt: skip
    found = [stats.cluster(RUSPINI, k, starts=50).inertia for k in range(2, 7)]
    assert found == pytest.approx(wanted[1:6], rel=1e-9)
    curve = stats.curve(RUSPINI, 10)
    assert [curve[k].inertia for k in range(1, 5)] == pytest.approx(wanted[:4], rel=1e-9)
    assert [curve[k].inertia for k in range(5, 11)] == pytest.approx(wanted[4:], rel=3e-2)


def test_standardised_iris_is_at_least_as_good_as_many_restarts() -> None:
    """Best of 20 to 300 restarts: 600, 222.361705, 139.820496, 114.092328, 90.807283, 79.998558."""
    from sklearn.datasets import load_iris

    points = load_iris().data
    points = (points - points.mean(axis=0)) / points.std(axis=0)
    wanted = [600, 222.361705, 139.820496, 114.092328, 90.807283, 79.998558]
    curve = stats.curve(points, 6)
    assert all(curve[k].inertia <= wanted[k - 1] * 1.003 for k in range(1, 7))


def test_indices_of_the_species_of_iris() -> None:
    """True labels: silhouette .503477440693296, CH 487.33087637489984, DB .7513707094756737."""
    from sklearn.datasets import load_iris

    iris = load_iris()
    centres = np.stack([iris.data[iris.target == c].mean(axis=0) for c in range(3)])
    inertia = float(np.square(iris.data - centres[iris.target]).sum())
    total = float(np.square(iris.data - iris.data.mean(axis=0)).sum())
    assert stats.calinski_harabasz(total, inertia, 150, 3) == pytest.approx(487.33087637489984)
    assert stats.davies_bouldin(iris.data, iris.target) == pytest.approx(0.7513707094756737)
    assert stats.sampled_silhouette(iris.data, iris.target) == pytest.approx(0.503477440693296)


@pytest.mark.parametrize(("k", "wanted"), [(2, 0.681046), (3, 0.552819), (4, 0.498051)])
def test_silhouettes_of_the_optimum_of_iris(k: int, wanted: float) -> None:
    from sklearn.datasets import load_iris

    points = load_iris().data
    assert stats.sampled_silhouette(points, stats.cluster(points, k).labels) == pytest.approx(wanted, abs=5e-7)


def test_silhouettes_by_hand() -> None:
    """Points 0, 1, 10, 11: (10.5 - 1) / 10.5 and (9.5 - 1) / 9.5. Squared: own 1, other (100 + 121) / 2 and (81 + 100) / 2."""
    points, labels = np.array([[0.0], [1], [10], [11]]), np.array([0, 0, 1, 1])
    wanted = [0.9047619, 0.8947368, 0.8947368, 0.9047619]
    assert stats.sampled_silhouette(points, labels) == pytest.approx(np.mean(wanted), abs=5e-8)
    squared = [1 - 1 / 110.5, 1 - 1 / 90.5, 1 - 1 / 90.5, 1 - 1 / 110.5]
    assert stats.squared_silhouette(points, labels) == pytest.approx(squared)
