"""Effects drawn towards none: by hand, and better than the raw ones on average."""

from __future__ import annotations

import math

import numpy as np
import pytest

from postlens.core.stats.shrink import shrunken


def test_by_hand() -> None:
    """Effects -1, 0, 0, 0, 1 of variance 0.25: Q = 8, tau^2 = (8 - 4) / (20 - 4) = 0.25; 2/4 x 1/2 = 1/4 is lost."""
    found = shrunken([-1.0, 0.0, 0.0, 0.0, 1.0], [0.25] * 5)
    assert [s.estimate for s in found] == pytest.approx([-0.75, 0.0, 0.0, 0.0, 0.75])
    variance = 0.25 * 0.75 + 2 / 2 * 0.25**2
    assert found[4].high - found[4].estimate == pytest.approx(1.96 * math.sqrt(variance))


def test_what_does_not_differ_beyond_luck_is_nearly_none() -> None:
    """Seven days: two thirds are lost at most, for tau is not known to be 0."""
    found = shrunken([0.1, -0.1, 0.05, 0.0, 0.02, -0.04, 0.01], [1.0] * 7)
    assert found[0].estimate == pytest.approx(0.1 / 3)


def test_drawn_effects_are_nearer_to_the_truth_and_their_intervals_hold_it() -> None:
    rng = np.random.default_rng(3)
    raw = drawn = held = 0.0
    for _ in range(300):
        truth = rng.normal(0, 0.2, 24)
        variance = rng.uniform(0.01, 0.1, 24)
        seen = truth + np.sqrt(variance) * rng.normal(size=24)
        found = shrunken(seen.tolist(), variance.tolist())
        raw += float(((seen - truth) ** 2).sum())
        drawn += float(sum((s.estimate - t) ** 2 for s, t in zip(found, truth, strict=True)))
        held += sum(s.low <= t <= s.high for s, t in zip(found, truth, strict=True)) / 24
    assert drawn < 0.7 * raw
    assert 0.93 < held / 300 < 0.97
