"""The one-crowd check and its parts, against scikit-learn, by hand, and on data whose truth is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_iris

from postlens.core.stats import (
    Choice,
    Sampled,
    adjusted_rand,
    calinski_harabasz,
    choose,
    cluster,
    davies_bouldin,
    null_curve,
    split_half,
    structure_test,
)
from postlens.core.stats.clusters.margins import FAMILIES
from postlens.core.stats.clusters.null_model import Imitation, standardise
from postlens.core.stats.clusters.quick_kmeans import quick_curve
from scripts.validate import CROWDS, blobs, crowd, sampled


def test_separation_indices_are_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    points, labels = rng.normal(size=(200, 3)) + np.repeat(np.arange(4), 50)[:, None], np.repeat(np.arange(4), 50)
    centres = np.stack([points[labels == c].mean(axis=0) for c in range(4)])
    inertia = float(np.square(points - centres[labels]).sum())
    total = float(np.square(points - points.mean(axis=0)).sum())
    assert calinski_harabasz(total, inertia, 200, 4) == pytest.approx(metrics.calinski_harabasz_score(points, labels))
    assert davies_bouldin(points, labels) == pytest.approx(metrics.davies_bouldin_score(points, labels))


def test_separation_indices_of_the_published_squares() -> None:
    """scikit-learn's test_unsupervised.py: CH 108, DB 2 sqrt(0.5) / 3."""
    points = np.array(
        [[0, 0], [1, 1]] * 5 + [[3, 3], [4, 4]] * 5 + [[0, 4], [1, 3]] * 5 + [[3, 1], [4, 0]] * 5, dtype=float
    )
    labels = np.repeat(np.arange(4), 10)
    centres = np.stack([points[labels == c].mean(axis=0) for c in range(4)])
    inertia, total = np.square(points - centres[labels]).sum(), np.square(points - points.mean(axis=0)).sum()
    assert calinski_harabasz(total, inertia, 40, 4) == pytest.approx(108)
    assert davies_bouldin(points, labels) == pytest.approx(2 * math.sqrt(0.5) / 3)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_indices_of_iris(k: int) -> None:
    """Published for the optimum: CH 513.924546 / 561.627757 / 530.765808, DB .404293 / .661972 / .780307."""
    points = load_iris().data
    found = cluster(points, k)
    total = float(np.square(points - points.mean(axis=0)).sum())
    wanted = {2: (513.924546, 0.404293), 3: (561.627757, 0.661972), 4: (530.765808, 0.780307)}[k]
    assert calinski_harabasz(total, found.inertia, 150, k) == pytest.approx(wanted[0], abs=1e-5)
    assert davies_bouldin(points, found.labels) == pytest.approx(wanted[1], abs=1e-5)


def test_the_adjusted_rand_index_is_scikit_learns() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        one, two = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
        assert adjusted_rand(one, two) == pytest.approx(metrics.adjusted_rand_score(one, two))
    assert adjusted_rand(one, one) == 1.0


def test_the_quick_curve_falls_and_is_near_the_best() -> None:
    points = standardise(blobs(np.random.default_rng(3), 600, 4))
    curve = quick_curve(points, 8, np.random.default_rng(0))
    total = float(np.square(points).sum())
    assert (np.diff(curve) <= 0).all()
    for k in (2, 4, 8):
        assert curve[k - 1] <= 1.15 * cluster(points, k).inertia / total


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", CROWDS)
def test_an_imitation_has_the_posts_correlations_and_zeros(family: str, kind: str) -> None:
    counts = crowd(kind, np.random.default_rng(4), 2000)
    imitation = Imitation(sampled(counts), family, 0)  # type: ignore[arg-type]
    rng = np.random.default_rng(5)
    drawn = np.vstack([imitation.draw_plain(rng) for _ in range(3)])
    assert np.abs(np.corrcoef(drawn.T) - np.corrcoef(np.log1p(counts).T)).max() < 0.08
    assert np.abs((drawn == 0).mean(axis=0) - (counts == 0).mean(axis=0)).max() < 0.03
    if family == "log-normal" or kind.startswith(
        "negative"
    ):  # The other family keeps the plain mean, not that of the logarithm.
        assert np.abs(drawn.mean(axis=0) - np.log1p(counts).mean(axis=0)).max() < 0.15


def test_the_same_posts_and_seed_give_the_same_answer() -> None:
    sample = sampled(crowd(CROWDS[0], np.random.default_rng(6), 400))
    assert structure_test(sample, 3, 1, draws=19) == structure_test(sample, 3, 1, draws=19)
    one, two = null_curve(sample, 6, draws=9), null_curve(sample, 6, draws=9)
    assert (one.observed == two.observed).all()
    assert (one.p, tuple(one.gap)) == (two.p, tuple(two.gap))


def test_constant_and_few_posts_do_not_break_the_check() -> None:
    rng = np.random.default_rng(7)
    for scaled in (np.ones((40, 2)), np.log1p(rng.poisson(0.1, (60, 3)).astype(float)), rng.normal(size=(30, 2))):
        sample = Sampled(scaled=scaled, extra=np.zeros((len(scaled), 0)), log=bool((scaled >= 0).all()))
        found = structure_test(sample, 2, 0, draws=9)
        assert 0 < found.structure_p <= 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", CROWDS)
def test_one_crowd_is_not_called_groups(kind: str) -> None:
    """Twelve of each kind here; docs/validation.md has the rates of many more."""
    rng = np.random.default_rng(8)
    found = []
    for r in range(12):
        sample = sampled(crowd(kind, rng, 600))
        found.append(choose(sample, null_curve(sample, 8, seed=r), seed=r).k)
    assert found.count(0) >= 11


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 4, 6])
def test_well_separated_groups_are_counted(k: int) -> None:
    rng = np.random.default_rng(9)
    found = []
    for r in range(6):
        sample = sampled(blobs(rng, 800, k))
        found.append(choose(sample, null_curve(sample, 9, seed=r), seed=r).k)
    assert found.count(k) >= 5


def test_halves_agree_on_groups_and_not_on_noise() -> None:
    rng = np.random.default_rng(10)
    assert split_half(standardise(blobs(rng, 600, 3)), 3) > 0.95
    assert split_half(rng.normal(size=(600, 4)), 6) < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("few", [0.5, 5])
def test_copies_and_sums_are_no_sign_of_groups(few: float) -> None:
    """A file with only likes has them as reactions, too; a total is the sum of its parts."""
    rng = np.random.default_rng(11)
    found = []
    for r in range(12):
        a, b = rng.poisson(few, (2, 500)).astype(float)
        both = (np.column_stack([a, a, b]), np.column_stack([a + b, a, b]))
        found += [structure_test(sampled(counts), 3, seed=r, draws=39).structure_p <= 0.05 for counts in both]
    assert sum(found) <= 4


@pytest.mark.slow
def test_rare_counts_from_the_accounts_usual_are_no_sign_of_groups() -> None:
    rng = np.random.default_rng(12)
    found = []
    for r in range(12):
        counts = np.log1p(rng.poisson(0.4, (600, 4)).astype(float))
        accounts = rng.integers(0, 2, 600)
        usual = np.stack([counts[accounts == a].mean(axis=0) for a in (0, 1)])
        sample = Sampled(scaled=counts - usual[accounts], extra=np.zeros((600, 0)), log=False, accounts=accounts)
        found.append(structure_test(sample, 3, seed=r, draws=39).structure_p <= 0.05)
    assert sum(found) <= 3


@pytest.mark.slow
def test_a_choice_says_when_more_groups_are_there() -> None:
    rng = np.random.default_rng(13)
    sample = sampled(blobs(rng, 800, 6))
    found = choose(sample, null_curve(sample, 4, draws=19))
    assert found.k == 0 or found.more


def _counts(scaled: np.ndarray) -> Sampled:
    return sampled(np.rint(np.expm1(5 + scaled)).clip(0))


def _chosen(sample: Sampled, seed: int = 0) -> Choice:
    return choose(sample, null_curve(sample, 10, seed=seed), seed=seed)


@pytest.mark.slow
def test_evenly_filled_and_bent_crowds_are_no_groups() -> None:
    """An ellipse, a box and a bent ridge: tighter slices than a normal crowd has, and no valley."""
    rng = np.random.default_rng(14)
    mixing = np.linalg.cholesky([[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]]).T
    for r in range(4):
        ways = rng.normal(size=(600, 3))
        ball = ways / np.linalg.norm(ways, axis=1, keepdims=True) * rng.random((600, 1)) ** (1 / 3)
        place = rng.uniform(-1.7, 1.7, 600)
        noise = rng.normal(size=(2, 600)) * 0.35
        bent = np.column_stack([place, 0.8 * (place**2 - 1) + noise[0], 0.6 * place + noise[1]])
        for scaled in (2 * ball @ mixing, 3 * (rng.random((600, 3)) - 0.5) @ mixing, bent):
            assert _chosen(_counts(scaled), r).k == 0


@pytest.mark.slow
def test_a_small_clear_group_is_found() -> None:
    rng = np.random.default_rng(15)
    scaled = 0.3 * rng.normal(size=(600, 3))
    scaled[:30] += 0.3 * 8 / np.sqrt(3)
    found = _chosen(_counts(scaled))
    assert found.k == 2
    assert found.agree >= 0.8


@pytest.mark.slow
def test_levels_of_accounts_are_named_and_no_kinds_of_posts() -> None:
    rng = np.random.default_rng(16)
    whose = rng.integers(0, 2, 600)
    levels = _counts(np.array([-1.5, 1.5])[whose][:, None] + 0.4 * rng.normal(size=(600, 3)))
    assert _chosen(levels).k == 2
    found = _chosen(replace(levels, whose=whose))
    assert found.k == 0
    assert found.of_accounts is not None
    assert found.of_accounts.groups == 2
    assert found.of_accounts.alike > 0.9
