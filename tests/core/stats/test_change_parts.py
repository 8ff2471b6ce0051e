"""The change of a total, split: by hand, by brute force over all orders, and exactly."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postlens.core.stats.change_parts import ChangeParts, change_parts

kinds = st.integers(1, 5).flatmap(
    lambda k: st.tuples(*(st.lists(st.integers(0, 40), min_size=k, max_size=k) for _ in range(4)))
)


def split(n0: list[float], t0: list[float], n1: list[float], t1: list[float]) -> ChangeParts:
    found = change_parts(*(np.array(v, float) for v in (n0, t0, n1, t1)))
    assert found is not None
    return found


def test_twice_the_posts_of_the_same_kinds_is_volume_alone() -> None:
    found = split([10, 5], [100, 20], [20, 10], [200, 40])
    assert (found.volume, found.mix, found.within) == pytest.approx((120, 0, 0))


def test_more_for_each_is_within_alone() -> None:
    found = split([10, 5], [100, 20], [10, 5], [150, 30])
    assert (found.volume, found.mix, found.within) == pytest.approx((0, 0, 60))


def test_a_kind_that_comes_and_one_that_goes_are_mix() -> None:
    found = split([10, 0], [100, 0], [0, 10], [0, 400])
    assert (found.volume, found.mix, found.within) == pytest.approx((0, 300, 0))


def test_by_hand() -> None:
    """One kind, 2 posts of 10 and then 3 of 20: volume (10 + 20) / 2, within (20 + 30) / 2."""
    found = split([2], [20], [3], [60])
    assert (found.volume, found.mix, found.within) == pytest.approx((15, 0, 25))
    assert found.logs is not None
    assert sum(found.logs) == pytest.approx(math.log(3))


@settings(deadline=None)
@given(kinds)
def test_the_parts_are_the_average_over_all_orders_and_sum_to_the_change(drawn: tuple[list[int], ...]) -> None:
    n0, t0, n1, t1 = (np.array(v, float) for v in drawn)
    t0, t1 = t0 * (n0 > 0), t1 * (n1 > 0)
    found = change_parts(n0, t0, n1, t1)
    if not n0.sum() or not n1.sum():
        assert found is None
        return
    assert found is not None
    mean0 = [t / n if n else (u / m if m else 0) for t, n, u, m in zip(t0, n0, t1, n1, strict=True)]
    mean1 = [u / m if m else (t / n if n else 0) for t, n, u, m in zip(t0, n0, t1, n1, strict=True)]
    factors = [(n0.sum(), n1.sum()), (n0 / n0.sum(), n1 / n1.sum()), (mean0, mean1)]
    wanted = [0.0, 0.0, 0.0]
    for order in permutations(range(3)):
        at = [0, 0, 0]
        for factor in order:
            levels = []
            for side in (0, 1):
                at[factor] = side
                volume, shares, means = (factors[i][at[i]] for i in range(3))
                levels.append(volume * sum(s * m for s, m in zip(shares, means, strict=True)))
            wanted[factor] += (levels[1] - levels[0]) / 6
    assert (found.volume, found.mix, found.within) == pytest.approx(wanted, abs=1e-9)
    assert found.volume + found.mix + found.within == pytest.approx(t1.sum() - t0.sum(), abs=1e-9)
    if found.logs is not None:
        assert sum(found.logs) == pytest.approx(math.log(t1.sum() / t0.sum()), abs=1e-9)
