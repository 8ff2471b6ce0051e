"""False discoveries against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from postlens.core.stats.multiple import false_discovery_log


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_are_scipys(seed: int) -> None:
    p = np.random.default_rng(seed).uniform(1e-9, 1, 23) ** 2
    ours = np.exp(false_discovery_log(np.log(p).tolist()))
    np.testing.assert_allclose(ours, scipy_stats.false_discovery_control(p), rtol=1e-12)


def test_nothing_asked_is_nothing_adjusted() -> None:
    assert false_discovery_log([]) == []
