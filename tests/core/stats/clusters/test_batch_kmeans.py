"""k-means over batches: the same as scikit-learn on all posts at once, however they are cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans

from postlens.core import stats


def points(n: int = 900) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.vstack([rng.normal(c, 1.0, (n // 3, 3)) for c in ((0, 0, 0), (4, 0, 1), (0, 5, 2))])


def cut(matrix: np.ndarray, *sizes: int) -> stats.Batches:
    """The rows in batches of these sizes, the rest in one more."""

    def batches() -> Iterator[np.ndarray]:
        yield from np.split(matrix, np.cumsum(sizes))

    return batches


def test_a_pass_is_a_step_of_lloyds_for_every_k() -> None:
    matrix = points()
    starts = {k: matrix[:: len(matrix) // k][:k] for k in (2, 3, 7)}
    found = stats.refine_centres(cut(matrix, 1, 500, 17), starts, 4)
    for k, start in starts.items():
        wanted = KMeans(k, init=start, n_init=1, max_iter=4, tol=0, algorithm="lloyd").fit(matrix).cluster_centers_
        assert found[k] == pytest.approx(wanted, abs=1e-9)


def test_what_is_measured_is_scikit_learns() -> None:
    matrix = points()
    fits = {k: KMeans(k, n_init=3, random_state=0).fit(matrix) for k in (2, 3, 5)}
    found = stats.measured(cut(matrix, 250, 250), {k: f.cluster_centers_ for k, f in fits.items()})
    for k, fit in fits.items():
        labels = fit.predict(matrix)
        one = found[k]
        assert one.inertia == pytest.approx(fit.inertia_)
        assert one.size.tolist() == np.bincount(labels).tolist()
        widths = metrics.silhouette_samples(matrix, labels, metric="sqeuclidean")
        assert one.width == pytest.approx(widths.mean(), abs=1e-9)
        assert one.between == pytest.approx([(widths[labels == c] < 0).mean() for c in range(k)])
        assert one.davies_bouldin == pytest.approx(metrics.davies_bouldin_score(matrix, labels), rel=1e-3)


def test_empty_and_lonely_groups() -> None:
    matrix = np.array([[0.0], [0.1], [5.0]])
    found = stats.measured(lambda: [matrix], {3: np.array([[0.05], [5.0], [99.0]]), 1: np.array([[1.7]])})
    assert found[3].size.tolist() == [2, 1, 0]
    assert found[3].width == pytest.approx(np.mean([1 - 0.01 / 25, 1 - 0.01 / (4.9**2), 0]), abs=1e-3)
    assert found[1].width == 0
    moved = stats.refine_centres(lambda: [matrix], {3: np.array([[0.0], [5.0], [99.0]])}, 1)[3]
    assert moved.ravel() == pytest.approx([0.05, 5.0, 99.0]), "a centre without posts stays where it was"


def test_single_precision_batches_agree_to_six_digits() -> None:
    matrix = points()
    centres = {3: KMeans(3, n_init=3, random_state=0).fit(matrix).cluster_centers_}
    exact, light = (stats.measured(cut(m, 300), centres)[3] for m in (matrix, matrix.astype(np.float32)))
    assert light.inertia == pytest.approx(exact.inertia, rel=1e-6)
    assert light.width == pytest.approx(exact.width, abs=1e-6)


def test_sums_over_batches_are_the_same_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(3000, 6)).astype(np.float32)
    batches: list[Any] = [matrix[i : i + 128] for i in range(0, len(matrix), 128)]
    centres = {k: rng.normal(size=(k, 6)) for k in (2, 5)}

    def found() -> tuple[list[float], list[float]]:
        moved = stats.refine_centres(lambda: batches, centres, 2)
        return [float(c.sum()) for c in moved.values()], [
            m.inertia for m in stats.measured(lambda: batches, moved).values()
        ]

    each = []
    for cores in (1, 4):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        each.append(found())
    assert each[0] == each[1], "to the last digit"
