"""One comparison, one answer: does a metric differ by a grouping, within accounts and allowing for time?

Every page asks here. The estimate is that of a regression with one level for each account and period, weekday and quarter of
the day allowed for; its error is clustered by period, and by account where there are many (see `time`). The answer is for
these accounts; `accounts` has the one for accounts in general.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from postlens.core.stats import following, undated
from postlens.core.stats.allowed import CLOCKS, Allowed, allowed, same_as_clock
from postlens.core.stats.cells import Cells
from postlens.core.stats.effect import FEW_ACCOUNTS, MIN_POSTS, Clusters, Effect, Untold, holding_for_both, tested
from postlens.core.stats.lasting import by_longer
from postlens.core.stats.pieces import by_piece, texts
from postlens.core.stats.rates import log_rates, rate_ratio
from postlens.core.stats.sums import sums_over
from postlens.core.stats.t import t_quantile
from postlens.core.stats.time import (
    MIN_DF,
    UNITS,
    Design,
    Strata,
    Values,
    choose,
    clustered_variance,
    design,
    leverage_over,
    strata,
)


class Comparer:
    """Groups of the same posts compared; what does not depend on the group is found once."""

    def __init__(self, cells: Cells, by: str, allow: Allowed | None = None) -> None:
        self.cells = cells
        self._by = by
        self._allowed = allowed(cells, by) if allow is None else allow
        self._of_account = sums_over(cells.account, len(cells.accounts))
        self._strata: dict[tuple[int, bool], Strata] = {}
        self._moments: dict[int, following.Moments] = {}
        self._metric: dict[tuple[int, bool], Values] = {}

    def compare(self, first: Sequence[str], second: Sequence[str] | None = None) -> Effect:
        """Posts of some levels against those of others; None for all other posts."""
        cells = self.cells
        one = np.isin(cells.level, cells.numbers(first))
        two = ~one if second is None else np.isin(cells.level, cells.numbers(second))
        sizes = int(cells.n[one].sum()), int(cells.n[two].sum())
        if min(sizes) < MIN_POSTS:
            return Effect(untold="posts", first=sizes[0], second=sizes[1], posts=sum(sizes))
        if second is not None:
            keep = one | two
            return Comparer(cells.kept(keep), self._by, self._allowed.kept(keep)).split(one[keep])
        return self.split(one)

    def split(self, one: NDArray[np.bool_]) -> Effect:
        """The cells marked against all others."""
        cells = self.cells
        found = self._found(one)
        if found.untold == "periods" and self._by not in CLOCKS:
            found = replace(found, untold=same_as_clock(cells, one) or "periods")
        first, second = int(cells.n[one].sum()), int(cells.n[~one].sum())
        return replace(found, first=first, second=second, posts=found.posts or first + second)

    def _found(self, one: NDArray[np.bool_]) -> Effect:
        cells = self.cells
        if self._few_texts(one):
            return Effect(untold="texts")
        if cells.count is not None and cells.exposure is not None and bool((cells.count >= 0).all()):
            return self._rates(one)
        if cells.day is None:
            return _undated(cells, one)
        group = one.astype(float)
        chosen = self._chosen(group)
        if isinstance(chosen, str):
            return Effect(untold=chosen)
        later, goes = self._with_later(group, chosen)
        if later is not None and goes == "after":
            return replace(self._effect(later, ()), follows=True)
        usual = self._effect(chosen, self._longer(group, chosen))
        company = self._with_company(group, chosen)
        found = _weakest_of(usual, [self._effect(made, ()) for made in (later, company) if made is not None])
        return replace(found, company=company is not None)

    def _few_texts(self, one: NDArray[np.bool_]) -> bool:
        """Whether either side is a few texts posted again and again: then nobody can tell it from its texts."""
        cells = self.cells
        if cells.piece is None or cells.once is None:
            return False
        return min(texts(cells.piece[at], cells.once[at], cells.n[at]) for at in (one, ~one)) < MIN_POSTS - 1e-9

    def _rates(self, one: NDArray[np.bool_]) -> Effect:
        """By counts and exposure; where the group goes with how posts before it did, also each post against later ones."""
        cells = self.cells
        group = one.astype(float)
        found = rate_ratio(cells, group, self._allowed.clock)
        if found.untold or cells.day is None:
            return found
        assert cells.exposure is not None
        known: NDArray[np.bool_] = cells.exposure > 0
        linear = Comparer(log_rates(cells.kept(known)), self._by, self._allowed.kept(known))
        chosen = linear._chosen(group[known])
        if isinstance(chosen, str):
            return found
        if linear._with_company(group[known], chosen) is not None:
            found = replace(_weakest_of(found, [rate_ratio(cells, group, self._allowed.all)]), company=True)
        later, _ = linear._with_later(group[known], chosen)
        after = None if later is None else linear._effect(later, ())
        return found if after is None or after.untold else replace(_weakest_of(found, [after]), follows=True)

    def _with_company(self, group: Values, chosen: Design) -> Design | None:
        """The same with company allowed for; None where the group is posted on busy days and quiet ones alike."""
        inside = chosen.strata
        if not inside.unit or not self._allowed.company.shape[1]:
            return None
        made = design(self._within(inside.unit, company=True), group)
        if made is None or made.lever.df < MIN_DF:
            return None
        told = 1 - made.info / chosen.info
        spare = self.cells.n.sum() - inside.count - made.strata.basis.shape[1] - 1
        columns = made.strata.basis.shape[1] - inside.basis.shape[1]
        return made if told * spare > _GOES * max(columns, 1) * (1 - told) else None

    def _with_later(self, group: Values, chosen: Design) -> tuple[Design | None, following.Goes]:
        """Each post against later ones, where the group seems to go with how the posts before it did."""
        cells = self.cells
        long = None if self._by in CLOCKS else design(self._within(following.LONG_DAYS), group)
        if long is None:
            return None, "alone"
        week = self._within(7).period
        goes = following.follows(self._ordered(0), week, long, cells.n, cells.mean)
        made = design(self._within(max(chosen.strata.unit, following.MIN_DAYS)), group)
        if goes == "alone" or made is None:
            return None, "alone"
        later = following.compared_with_later(made, self._ordered(made.strata.unit), group, cells.account)
        return (later, goes) if later is not None and later.lever.df >= MIN_DF else (None, goes)

    def _ordered(self, unit: int) -> following.Moments:
        if unit not in self._moments:
            cells = self.cells
            assert cells.day is not None
            self._moments[unit] = following.moments(self._within(unit).stratum, cells.day, cells.band)
        return self._moments[unit]

    def _longer(self, group: Values, chosen: Design) -> list[Design]:
        """Longer periods for the effects of accounts that post too rarely to say anything within the chosen one."""
        cells = self.cells
        k = len(cells.accounts)
        if k < 2:
            return []
        alone = self._within(0).inside(group)
        all_of_it, left_of_it = (self._of_account.sum(cells.n * left * left) for left in (alone, chosen.left))
        if not bool(((all_of_it > _SOME) & (left_of_it < all_of_it / 2)).any()):
            return []
        made = (design(self._within(unit), group) for unit in _LONGER if unit > chosen.strata.unit)
        return [one for one in made if one is not None]

    def _chosen(self, group: Values) -> Design | Untold:
        """The periods to compare in; groups that no account has both of are compared between accounts."""
        cells = self.cells
        assert cells.day is not None
        alone = design(self._within(0), group)
        if alone is None:
            return "accounts"
        chosen = choose((self._within(unit) for unit in units(self._by)), group, alone.info)
        return "periods" if chosen is None else chosen

    def _within(self, unit: int, *, company: bool = False) -> Strata:
        if (unit, company) not in self._strata:
            cells = self.cells
            assert cells.day is not None
            columns = self._allowed.all if company else self._allowed.clock
            columns = columns if unit else columns[:, :0]
            self._strata[unit, company] = strata(cells.account, cells.day, cells.n, columns, unit)
        return self._strata[unit, company]

    def _effect(self, chosen: Design, longer: Sequence[Design]) -> Effect:
        cells = self.cells
        weight, left, info = cells.n, chosen.left, chosen.info
        inside = chosen.strata
        y = self._metric_in(inside)
        estimate = float((weight * left * y).sum() / info)
        rest = y - estimate * chosen.mark
        free = weight.sum() - inside.count - 1
        spare = free - inside.basis.shape[1]
        if spare < MIN_DF:
            return Effect(untold="periods", posts=int(weight.sum()))
        factor = free / spare  # Pays for what was adjusted for.
        variance, df, clustered = self._variance(chosen, rest, factor)
        if not variance > 0 or df < 1:
            return Effect(untold="posts" if clustered == "piece" else "periods", posts=int(weight.sum()))
        both = self._of_account.sum(weight * chosen.inner * chosen.inner) > 1e-9
        spread = self._spread(inside, rest, both[cells.account])
        found = tested(estimate, variance, df)
        found = replace(
            found,
            posts=int(self._of_account.sum(weight)[both].sum()),
            accounts=int(both.sum()),
            unit=inside.unit,
            periods=chosen.lever.clusters,
            clustered=clustered,
            spread=spread,
            info=info,
            effects=_by_account(
                [self._own_effects(one) for one in (chosen, *longer)], chosen.info, found, spread, clustered
            ),
        )
        by_period = clustered_variance(chosen.lever, left, info, weight, rest)
        wider = variance / by_period if by_period > 0 else factor  # What counts may be wider than by period.
        return replace(found, weakest=_weakest(cells, chosen, found, rest, wider))

    def _spread(self, inside: Strata, rest: Values, part: NDArray[np.bool_]) -> float:
        """How posts spread within accounts and periods, of the accounts that take part in the comparison."""
        cells = self.cells
        posts, squares = cells.n[part].sum(), (cells.n * rest * rest + cells.m2)[part].sum()
        adjusted = inside.basis.shape[1] * posts / cells.n.sum()
        spare = posts - len(np.unique(inside.stratum[part])) - adjusted - 1
        return math.sqrt(max(float(squares), 0.0) / max(float(spare), 1.0))

    def _variance(self, chosen: Design, rest: Values, factor: float) -> tuple[float, float, Clusters]:
        """The variance that reaches farthest: by period, by longer ones if luck lasts, by account if many, by text if posted again."""
        cells = self.cells
        weight, left, info = cells.n, chosen.left, chosen.info
        lever, inside = chosen.lever, chosen.strata
        score = lever.sums.sum(weight * left * rest)
        by_period = factor * clustered_variance(lever, left, info, weight, rest)
        answers: list[tuple[float, float, Clusters]] = [(by_period, lever.df, "period")]
        answers += [
            (factor * squares / info**2, df, "stretch")
            for squares, df in by_longer(inside.start, score, lever.share, inside.unit)
        ]
        if cells.piece is not None:
            answers += [(v, df, "piece") for v, df in by_piece(cells.piece, chosen, weight, rest, factor, by_period)]
        if len(cells.accounts) > FEW_ACCOUNTS:
            account = leverage_over(left, info, weight, self._of_account)
            single = leverage_over(left, info, weight, chosen.strata.sums)
            by_account = factor * clustered_variance(account, left, info, weight, rest)
            both = by_period + by_account - factor * clustered_variance(single, left, info, weight, rest)
            # Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29, 238-249.
            answers += [(by_account, account.df, "account"), (both, min(account.df, chosen.lever.df), "account")]
        return max(answers, key=lambda a: _reach(a[0], a[1]))

    def _own_effects(self, made: Design) -> tuple[Values, ...]:
        """Of each account: its information, effect, sum of squares about it, and degrees of freedom, within some period."""
        cells, of_account = self.cells, self._of_account
        weight, left = cells.n, made.left
        y, pull = self._metric_in(made.strata), weight * left
        slope, squares = (of_account.sum(pull * v) for v in (made.mark, left))
        both = (of_account.sum(weight * made.inner * made.inner) > 1e-9) & (slope > 0) & (squares > 0)
        info = np.where(both, slope * slope / np.where(both, squares, 1), 0.0)
        own = of_account.sum(pull * y) / np.where(both, slope, 1)
        rest = y - of_account.spread(own) * made.mark
        of_stratum = np.zeros(made.strata.count, np.int64)
        of_stratum[made.strata.stratum] = cells.account
        spare = of_account.sum(weight) - np.bincount(of_stratum, minlength=of_account.count) - 1
        squares = of_account.sum(weight * rest * rest + cells.m2)
        return tuple(np.asarray(part, np.float64) for part in (info, own, squares, spare))

    def _metric_in(self, inside: Strata) -> Values:
        """What strata and adjustment leave of the metric."""
        key = (inside.unit, inside is self._strata.get((inside.unit, True)))
        if key not in self._metric:
            self._metric[key] = inside.residual(self.cells.mean)
        return self._metric[key]


def units(by: str) -> tuple[int, ...]:
    """The periods a grouping may be compared in: weekdays in whole weeks, for in some days a few of them would stand for all."""
    return tuple(unit for unit in UNITS if by != "weekday" or unit % 7 == 0)


_LONGER = (7, 28)  # Days.
_GOES = 4.0  # Mean square of what company tells of the group, by the usual one: two standard errors.
_SOME = 2.0  # Information: that of eight posts, half of them of the group.


def _weakest_of(usual: Effect, others: Sequence[Effect]) -> Effect:
    """What holds however it is compared: the weakest answer, with all that any allows.

    Where level and group follow the same days, each may be wrong: within short periods where a choice is behind it, against
    later posts where a shared shock is, at equal company where a success brings on further posts.
    """
    for other in others:
        if usual.untold or other.untold:
            continue
        weaker = max(usual, other, key=lambda e: e.log_p)
        usual = holding_for_both(usual, other, replace(weaker, effects=usual.effects))
    return usual


def _reach(variance: float, df: float) -> float:
    if df < 1:
        return math.inf
    return t_quantile(0.975, df) * math.sqrt(variance) if variance > 0 else 0.0


def _by_account(
    told: Sequence[tuple[Values, ...]], whole: float, found: Effect, spread: float, clustered: str
) -> tuple[tuple[int, float, float], ...]:
    """Each account's own effect with its variance, from the shortest period that keeps most of what the account can tell."""
    most = np.max([info for info, _, _, _ in told], axis=0)
    at = np.argmax([info >= most / _KEPT for info, _, _, _ in told], axis=0)
    info, own, squares, spare = (np.choose(at, part) for part in zip(*told, strict=True))
    ok = info > 0.5
    pooled = squares.sum() / max(float(spare.sum()), 1.0)
    variance = (squares + 8 * pooled) / (np.maximum(spare, 0) + 8)  # Little spread known: lean on the others.
    extra = 1.0
    if clustered != "account" and spread > 0:
        extra = max(1.0, found.se**2 * whole / spread**2)
    return tuple((int(a), float(own[a]), float(extra * variance[a] / info[a])) for a in np.flatnonzero(ok))


_KEPT = 1.5  # Times less information for a period that allows for more.


def _weakest(cells: Cells, chosen: Design, found: Effect, rest: Values, factor: float) -> float:
    """The highest log p-value after leaving out any one post; by one step, with strata and adjustment held."""
    if found.log_p > math.log(0.05):
        return math.nan
    weight, left, info = cells.n, chosen.left, chosen.info
    sign = 1.0 if found.estimate > 0 else -1.0
    upwards = sign * left > 0
    extreme = np.where(upwards, cells.high, cells.low) - cells.mean + rest
    without = info - left * left
    shift = np.where(without > 1e-9, left * extreme / np.maximum(without, 1e-9), 0.0)
    worst = found.log_p
    for i in np.argsort(-sign * shift)[:2]:
        moved = found.estimate - float(shift[i])
        if moved * sign <= 0:
            return 0.0
        left_over = rest + (found.estimate - moved) * chosen.mark
        score = np.bincount(chosen.lever.cluster, weight * left * left_over)
        score[chosen.lever.cluster[i]] -= left[i] * (extreme[i] + (found.estimate - moved) * chosen.mark[i])
        variance = (
            factor * float((score * score / np.maximum(1 - chosen.lever.share, 1e-9)).sum()) / float(without[i]) ** 2
        )
        variance = max(variance, found.se**2 / 4)  # One post may be the noise, too.
        worst = max(worst, tested(moved, variance, found.df).log_p)
    return worst


def _undated(cells: Cells, one: NDArray[np.bool_]) -> Effect:
    """Posts without dates: within accounts, by the spread of posts or of accounts, whichever reaches farther."""
    table = undated.sides(cells, one)
    found = undated.within_accounts(table)
    if found is None:
        return Effect(untold="accounts" if len(cells.accounts) > 1 else "posts", posts=int(cells.n.sum()))
    variance, df, clustered = found.se**2, found.df, "account" if found.clustered else "posts"
    of_texts = undated.by_text(cells, one)
    if of_texts is not None and _reach(*of_texts) > _reach(variance, df):
        (variance, df), clustered = of_texts, "piece"
    if df < 1:
        return Effect(untold="texts", posts=int(cells.n.sum()))
    return replace(
        tested(found.estimate, variance, df),
        posts=found.posts,
        accounts=found.accounts,
        clustered=clustered,  # type: ignore[arg-type]
        spread=found.spread,
        info=found.spread**2 / variance if found.spread > 0 else math.nan,
        effects=found.effects,
    )
