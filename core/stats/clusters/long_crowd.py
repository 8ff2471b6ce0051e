"""A crowd without groups along a line, straight or bent, that imitates counts of no particular kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from postlens.core.stats.clusters import quick_kmeans as quick
from postlens.core.stats.clusters.margins import Matrix
from postlens.core.stats.clusters.null_model import Sampled, standardise

Draw = Callable[[np.random.Generator], Matrix]
_NEAR = 0.05
_NORMAL_TAILS, _ONE_HEAP = 3.0, 189 / 125


def long_crowd(sample: Sampled) -> Draw | None:
    """Posts moved along the parabola that runs through them where two groups lie furthest apart, until there is no gap.

    A crowd that fills an ellipse or a box evenly, or a bent one, is cut into tighter slices than one with normal margins, and
    so looks grouped beside such. Here a post's place along the line is drawn anew, evenly, or from a normal distribution
    where the posts' own places have longer tails than that; how far it lies beside the line is what a post near that place
    has. Of all heaps without a valley the even one is hardest to tell from two, as for the dip of Hartigan and Hartigan
    (1985), Ann. Stat. 13, 70-84.

    None where the posts' places cannot be one heap: then this is no imitation of them. Of one heap the kurtosis is at least
    the squared skewness and 189 / 125 (Klaassen, Mokveld and van Es (2000), Stat. Probab. Lett. 50, 131-135).
    """
    points = standardise(sample.scaled)
    place = standardise((points @ _apart(points))[:, None])[:, 0]
    fourth = float((place**4).mean())
    if fourth - float((place**3).mean()) ** 2 < _ONE_HEAP:
        return None
    order = np.argsort(place, kind="stable")
    line = np.linalg.lstsq(_powers(place), points, rcond=None)[0]
    beside = (points - _powers(place) @ line)[order]
    ordered, near = place[order], round(_NEAR * len(place))
    even = fourth <= _NORMAL_TAILS

    def draw(rng: np.random.Generator) -> Matrix:
        size = len(place)
        new = (rng.random(size) - 0.5) * np.sqrt(12) if even else rng.standard_normal(size)
        at = np.searchsorted(ordered, new) + rng.integers(-near, near + 1, size)
        made = _powers(new) @ line + beside[np.clip(at, 0, size - 1)]
        return np.hstack([standardise(made), sample.extra[rng.permutation(size)]])

    return draw


def _apart(points: Matrix) -> Matrix:
    """The direction in which two groups lie apart, allowing for how each is spread (Fisher's discriminant)."""
    rng = np.random.default_rng(0)
    labels, _ = min((quick.fit(points, 2, rng) for _ in range(5)), key=lambda fit: fit[1])
    centres = quick.means(points, labels, 2)
    inside = points - centres[labels]
    way: Matrix = np.linalg.lstsq(inside.T @ inside, centres[1] - centres[0], rcond=1e-6)[0]
    return way


def _powers(place: Matrix) -> Matrix:
    return np.vander(place, 3, increasing=True)
