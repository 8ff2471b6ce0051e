"""Groups that come after successes, groups that go along with good days, and neither."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from postlens.core import stats
from postlens.core.stats import effect
from postlens.core.stats.effect import Effect
from postlens.core.stats.within import Comparer, _weakest_of
from scripts.worlds import Posts


def comparer(posts: Posts) -> tuple[Comparer, np.ndarray]:
    """How type 1 is compared, and the cells that are of it."""
    table, schema = posts.table()
    cells = stats.read_cells(stats.comparison_query(table, "engagements", "post_type", schema).collect())
    return Comparer(cells, "post_type"), cells.level == cells.levels.index("type 1")


def after_successes(rng: np.random.Generator, accounts: int = 8, posts: int = 80) -> Posts:
    """Type 1 is likelier after a post that did well, and no better."""
    parts = []
    for account in range(accounts):
        day = np.sort(rng.uniform(0, 180, posts))
        y = rng.normal(5, 0.9, posts)
        kind = np.zeros(posts, bool)
        for i in range(1, posts):
            kind[i] = rng.random() < 1 / (1 + math.exp(-2 * (y[i - 1] - 5)))
        parts.append((np.full(posts, float(account)), day, kind.astype(float), y))
    account_of, days, groups, logs = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Posts(account_of, days, groups, logs)


def shared_days(rng: np.random.Generator, posts: int = 1200) -> Posts:
    """Good days have more of type 1 and more reactions for all posts; nobody reacts to anything."""
    state = np.zeros(181)
    for i in range(1, 181):
        state[i] = 0.7 * state[i - 1] + math.sqrt(0.51) * rng.normal()
    day = np.sort(rng.uniform(0, 180, posts))
    at = state[day.astype(int)]
    kind = rng.random(posts) < 1 / (1 + np.exp(-at))
    return Posts(np.zeros(posts), day, kind.astype(float), 5 + 0.5 * at + rng.normal(0, 0.9, posts))


def mixed(rng: np.random.Generator, posts: Posts) -> Posts:
    """The same posts, their types dealt anew."""
    return replace(posts, group=rng.permutation(posts.group))


def goes(posts: Posts) -> str:
    how, one = comparer(posts)
    group = one.astype(float)
    chosen = how._chosen(group)
    assert not isinstance(chosen, str)
    return how._with_later(group, chosen)[1]


def test_a_choice_comes_after_a_shock_goes_along() -> None:
    rng = np.random.default_rng(4)
    choices = [goes(after_successes(rng)) for _ in range(12)]
    shocks = [goes(shared_days(rng)) for _ in range(20)]
    neither = [goes(mixed(rng, shared_days(rng))) for _ in range(20)]
    assert choices.count("after") >= 11
    assert shocks.count("after") <= 5
    assert shocks.count("along") >= 10
    assert neither.count("alone") >= 15


def test_shared_good_days_are_seldom_called_a_difference() -> None:
    rng = np.random.default_rng(6)
    wrong = 0
    for _ in range(60):
        how, one = comparer(shared_days(rng, 4000))
        wrong += how.split(one).log_p <= math.log(0.05)
    assert wrong <= 7  # Taken for choices, all that are suspected made it 29.


def test_of_two_answers_the_weaker_counts_with_all_that_either_allows() -> None:
    strong, weak = effect.tested(0.4, 0.01, 40), effect.tested(0.2, 0.01, 20)
    found = _weakest_of(strong, [weak])
    assert found.log_p == weak.log_p
    assert (found.low, found.high) == (weak.low, strong.high)
    assert _weakest_of(weak, [strong]) == replace(found, effects=weak.effects)
    assert _weakest_of(strong, [effect.tested(-0.4, 0.01, 40)]).log_p == 0.0
    untold = Effect(untold="periods")
    assert _weakest_of(strong, [untold]) is strong
    assert _weakest_of(untold, [strong]) is untold
    assert found.low <= found.estimate <= found.high
    assert found.estimate == pytest.approx(0.2)
