"""One model for everything at once, against least squares by another library, and where nothing can be told."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats as scipy_stats

from postlens.core.stats import adjusted as module
from postlens.core.stats.adjusted import Adjusted, Factor, fit_adjusted, period_of

Rows = dict[str, np.ndarray]


def rows(seed: int, posts: int = 700, accounts: int = 3) -> Rows:
    """Two factors that go together, accounts and weeks with levels of their own."""
    rng = np.random.default_rng([71, seed])
    account, day = rng.integers(0, accounts, posts), rng.integers(0, 182, posts)
    one = rng.integers(0, 3, posts)
    two = (one + rng.integers(0, 3, posts)) % 4
    y = account + 0.1 * (day // 7) % 3 + 0.3 * (one == 1) + 0.2 * (two == 2) + rng.normal(size=posts)
    return {"account": account, "day": day, "one": one, "two": two, "y": y}


def fitted(r: Rows, *, usual: bool = False) -> Adjusted:
    codes = np.column_stack([r["one"], r["two"]])
    return fit_adjusted(r["account"], r["day"], r["y"], codes, [Factor("one", 3), Factor("two", 4)], usual=usual)


def dummies(values: np.ndarray) -> np.ndarray:
    return (values[:, None] == np.unique(values)[None, :]).astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_least_squares_with_a_level_for_each_account_and_period(seed: int) -> None:
    """Estimate, share explained, and error: CR2 of one regressor, written out here with matrices."""
    r = rows(seed)
    found = fitted(r)
    period = r["day"] // period_of(r["account"], r["day"])
    assert found.unit == period_of(r["account"], r["day"])
    fixed = dummies(r["account"] * 1000 + period)
    x = np.column_stack([r["one"] == 1, dummies(r["two"])[:, 1:]]).astype(float)
    other = sm.OLS(r["y"], np.column_stack([x, fixed])).fit()
    effect = found.levels[0][1].effect
    assert effect.estimate == pytest.approx(other.params[0], rel=1e-9)
    both = sm.OLS(r["y"], np.column_stack([dummies(r["one"])[:, 1:], dummies(r["two"])[:, 1:], fixed])).fit()
    without = sm.OLS(r["y"], np.column_stack([dummies(r["two"])[:, 1:], fixed])).fit()
    plain = sm.OLS(r["y"], fixed).fit()
    usual = plain.ssr / plain.df_resid  # The adjusted R squared of differences within strata.
    assert found.explained == pytest.approx(1 - both.ssr / both.df_resid / usual, rel=1e-9)
    lost = (without.ssr / without.df_resid - both.ssr / both.df_resid) / usual
    assert found.explains[0] == pytest.approx(max(lost, 0), rel=1e-9)
    left = sm.OLS(x[:, 0], np.column_stack([x[:, 1:], fixed])).fit().resid
    info = float(left @ left)
    spare = len(period) - fixed.shape[1] - 5
    factor = (len(period) - fixed.shape[1] - 1) / spare

    def by_hand(cluster: np.ndarray) -> float:
        total = 0.0
        for one in np.unique(cluster):
            at = cluster == one
            total += float(left[at] @ both.resid[at]) ** 2 / (1 - float(left[at] @ left[at]) / info)
        return float(np.sqrt(total * factor) / info)

    longer = [by_hand(period * found.unit // days) for days in (7, 14, 28)]
    if effect.clustered == "period":
        assert effect.se == pytest.approx(by_hand(period), rel=1e-9)
    else:
        assert min(abs(effect.se / one - 1) for one in longer) < 1e-9
        assert effect.se > by_hand(period)
    assert effect.low == pytest.approx(effect.estimate - scipy_stats.t.ppf(0.975, effect.df) * effect.se, rel=1e-9)


def test_against_the_most_frequent_level_it_is_the_usual_coefficient() -> None:
    r = rows(9)
    r["one"] = np.where(np.random.default_rng(3).random(700) < 0.3, 0, r["one"])
    found = fitted(r, usual=True)
    fixed = dummies(r["account"] * 1000 + r["day"] // found.unit)
    x = np.column_stack([dummies(r["one"])[:, 1:], dummies(r["two"])[:, 1:], fixed])
    other = sm.OLS(r["y"], x).fit()
    assert [one.against for one in found.levels[0]] == [None, 0, 0]
    for k in (1, 2):
        assert found.levels[0][k].effect.estimate == pytest.approx(other.params[k - 1], rel=1e-8)


def test_read_in_parts_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    r = rows(5, posts=2000, accounts=20)
    whole = fitted(r)
    monkeypatch.setattr(module, "_CHUNK", 97)
    parts = fitted(r)
    for one, other in zip(whole.levels[1], parts.levels[1], strict=True):
        assert one.effect.estimate == pytest.approx(other.effect.estimate, rel=1e-9)
        assert one.effect.se == pytest.approx(other.effect.se, rel=1e-9)


def test_twenty_accounts_that_differ_have_an_error_by_account() -> None:
    """Each account has an effect of its own, so that weeks tell too little of how it varies."""
    rng = np.random.default_rng(8)
    r = rows(6, posts=4000, accounts=20)
    r["y"] = r["y"] + rng.normal(0, 1, 20)[r["account"]] * (r["one"] == 1)
    assert fitted(r).levels[0][1].effect.clustered == "account"


def test_what_always_goes_together_is_named_and_not_told() -> None:
    r = rows(7)
    r["two"] = np.where(r["one"] == 1, 1, r["two"] * (r["two"] != 1))
    found = fitted(r)
    assert found.levels[0][1].effect.untold == "periods"
    assert found.levels[0][1].tied == 1
    assert not found.levels[0][0].effect.untold or found.levels[0][0].tied == 1


def test_what_no_account_has_both_of_is_not_told() -> None:
    r = rows(8)
    r["two"] = r["account"]
    found = fitted(r)
    assert [one.effect.untold for one in found.levels[1][:3]] == ["accounts"] * 3
    assert not found.levels[0][1].effect.untold


def test_few_posts_of_a_level_are_not_told() -> None:
    r = rows(10)
    r["two"][:] = 0
    r["two"][:5] = 1
    assert fitted(r).levels[1][1].effect.untold == "posts"


def test_posts_without_dates() -> None:
    """Within accounts alone; the estimate of least squares with a level for each account."""
    r = rows(11)
    codes = np.column_stack([r["one"], r["two"]])
    found = fit_adjusted(r["account"], None, r["y"], codes, [Factor("one", 3), Factor("two", 4)])
    x = np.column_stack([r["one"] == 1, dummies(r["two"])[:, 1:], dummies(r["account"])]).astype(float)
    effect = found.levels[0][1].effect
    assert found.unit == 0
    assert effect.estimate == pytest.approx(sm.OLS(r["y"], x).fit().params[0], rel=1e-9)
    assert effect.se == pytest.approx(sm.OLS(r["y"], x).fit(cov_type="HC2").bse[0], rel=0.15)


def test_of_levels_that_do_not_matter_nothing_is_explained() -> None:
    """However many there are: 57 posts with 23 levels explained a third by luck."""
    told = []
    for i in range(40):
        rng = np.random.default_rng([74, i])
        codes = rng.integers(0, 8, (60, 3))
        day = np.sort(rng.integers(0, 12, 60))
        told.append(
            fit_adjusted(np.zeros(60, int), day, rng.normal(size=60), codes, [Factor(n, 8) for n in "abc"]).explained
        )
    assert np.mean(told) < 0.1


def test_accounts_are_counted_that_have_posts() -> None:
    r = rows(12)
    r["account"] = r["account"] * 7 + 3
    assert fitted(r).accounts == 3


def sparse(seed: int, days: int = 200) -> tuple[Adjusted, Adjusted]:
    """A grouping that only a small account has, beside a large one, with and without saying that the rest is not known."""
    rng = np.random.default_rng([72, seed])
    large, small = 3_000, 85
    account = np.r_[np.zeros(large, int), np.ones(small, int)]
    day = np.r_[rng.integers(0, 400, large), rng.integers(0, days, small)]
    codes = np.column_stack([rng.integers(0, 3, large + small), np.r_[np.full(large, 4), rng.integers(0, 3, small)]])
    y = account + rng.normal(size=large + small)
    known = fit_adjusted(account, day, y, codes, [Factor("type", 3), Factor("kind", 3, unknown=True)])
    codes[:, 1] = np.minimum(codes[:, 1], 3)
    return known, fit_adjusted(account, day, y, codes, [Factor("type", 3), Factor("kind", 3)])


def test_posts_of_which_a_grouping_is_not_known_are_no_other_posts() -> None:
    """An answer of 85 posts, of which eleven told something, was "from 7,138 posts"."""
    known, mixed = sparse(1)
    assert all(level.effect.first + level.effect.second == 85 == level.effect.posts for level in known.levels[1])
    assert all(level.effect.posts == 3_085 for level in known.levels[0])
    assert mixed.levels[1][0].effect.second > 3_000


def test_a_handful_of_periods_that_agree_by_luck_is_not_enough() -> None:
    told = [level.effect for seed in range(60) for level in sparse(seed)[0].levels[1] if not level.effect.untold]
    few = [effect for effect in told if effect.periods < 15]
    assert len(few) > 50
    assert np.mean([effect.log_p <= np.log(0.05) for effect in few]) <= 0.065
    assert all(
        effect.se >= 0.99 * effect.spread / np.sqrt(effect.info) or effect.clustered != "posts" for effect in few
    )


def test_a_level_against_posts_of_which_it_is_known_is_least_squares_with_a_column_for_the_rest() -> None:
    """The estimate of one level, the unknown and the other factor held equal, by another solver."""
    r = rows(9)
    unknown = np.random.default_rng(5).random(len(r["y"])) < 0.4
    codes = np.column_stack([r["one"], np.where(unknown, 5, r["two"])])
    found = fit_adjusted(r["account"], r["day"], r["y"], codes, [Factor("one", 3), Factor("two", 4, unknown=True)])
    unit = period_of(r["account"], r["day"])
    stratum = r["account"] * 1_000 + r["day"] // unit
    level = (codes[:, 1] == 2).astype(float)
    x = np.column_stack([level, unknown, dummies(r["one"])[:, 1:], dummies(stratum)])
    beta = np.linalg.lstsq(x, r["y"], rcond=None)[0]
    told = found.levels[1][2].effect
    assert told.estimate == pytest.approx(beta[0], abs=1e-9)
    assert told.posts == int((~unknown).sum())
    assert told.first == int(level.sum())
