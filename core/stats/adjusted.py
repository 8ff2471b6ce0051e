"""One model for everything at once: what goes with a metric when all else that is known is held equal.

The metric on its scale is explained by one level for each account and period and by all factors together, each a set of levels.
Posts are read once: all answers come from sums of products within accounts and periods, kept for each period and each account, so
that ten million posts take no more memory than their columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from postlens.core.stats.effect import FEW_ACCOUNTS, MIN_POSTS, Clusters, Effect, tested
from postlens.core.stats.lasting import by_longer
from postlens.core.stats.sums import Numbers, Values, sums_over
from postlens.core.stats.t import t_quantile
from postlens.core.stats.time import MIN_DF, MIN_PERIODS, UNITS, dense, first_days, satterthwaite

_COMPANY = 0.7  # Of the posts' differences, to be left within accounts and periods.
_CHUNK = 100_000  # Posts whose levels are spelled out at a time.
_CLUSTERS = 2_000  # Of accounts; more are put together.
_SHARDS = 400  # Of undated posts.
_OWN = 0.02  # Of what a level tells, to be left by the other factors.
_FEW_PERIODS = 15.0
_TINY = 1e-9


@dataclass(frozen=True)
class Factor:
    """Something that posts differ in.

    Attributes:
        name: its name. levels: how many of its levels are asked about; a further code stands for all others.
        unknown: of some posts it is not known: one more code stands for those, which no level is compared with.
    """

    name: str
    levels: int
    unknown: bool = False

    @property
    def columns(self) -> int:
        """How many codes there are."""
        return self.levels + 1 + self.unknown


@dataclass(frozen=True, kw_only=True)
class AdjustedLevel:
    """A level against all other posts, or against the usual level, all other factors held equal.

    Attributes:
        effect: the difference. alone: the estimate within accounts and periods with nothing else held equal; nan where none.
        against: number of the level it is compared with; None for all other posts.
        tied: number of the factor that it cannot be told from; None where it can.
    """

    effect: Effect
    alone: float
    against: int | None = None
    tied: int | None = None


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """The answer.

    Attributes:
        levels: of each factor, its levels.
        explains: of each factor, the share of the differences within accounts and periods that is lost without it (0 to 1).
        explained: the share that all factors explain together; both without what as many levels explain by luck.
        posts, accounts, unit: in the model; days of a period, 0 where posts have no dates.
    """

    levels: tuple[tuple[AdjustedLevel, ...], ...]
    explains: tuple[float, ...]
    explained: float
    posts: int
    accounts: int
    unit: int


@dataclass(frozen=True)
class _Products:
    """Sums of products within strata: of indicators with each other and with the metric, over each cluster."""

    each: Values  # (clusters, columns, columns)
    metric: Values  # (clusters, columns)


@dataclass(frozen=True)
class _Read:
    """All that is kept of the posts."""

    start: Numbers  # First day of each period.
    period: _Products
    account: _Products | None
    square: float
    posts: int
    strata: int
    accounts: int
    unit: int
    of_level: Values


def fit_adjusted(
    account: Numbers,
    day: Numbers | None,
    metric: Values,
    codes: Numbers,
    factors: Sequence[Factor],
    stop: Callable[[], None] = lambda: None,
    *,
    usual: bool = False,
) -> Adjusted:
    """Fit the model.

    Errors are clustered by period, and by account where there are more than twelve; the one that reaches farther counts (CR2 with
    Satterthwaite's degrees of freedom for one coefficient with all others taken out).

    Args:
        account: each post's account, from 0.
        day: days since a Monday; None where posts have no dates.
        metric: on its scale, never null.
        codes: each post's level of each factor, shape (posts, factors); the number of levels for others, one more for unknown.
        factors: what the codes are of.
        stop: raises where nobody waits any more.
        usual: compare each level with the most frequent one of its factor in place of all other posts.

    Source: Frisch and Waugh (1933), Econometrica 1, 387-401; Bell and McCaffrey (2002), Surv. Methodol. 28, 169-181.
    """
    columns = _columns(factors)
    read = _read(account, day, metric, codes, columns, stop)
    whole, with_metric = read.period.each.sum(axis=0), read.period.metric.sum(axis=0)
    parts = [np.arange(columns[i], columns[i + 1]) for i in range(len(factors))]
    beta = _pseudo_inverse(whole) @ with_metric
    unexplained = max(read.square - float(with_metric @ beta), 0.0)
    rank = _rank(whole)
    spare = read.posts - read.strata - rank
    factor = max(read.posts - read.strata - 1, 1) / max(spare, 1)
    fit = _Fit(read, whole, with_metric, beta, spare, factor, unexplained, rank)
    levels = tuple(
        tuple(
            fit.level(parts, factors, i, k, _base(read, parts[i][: factor.levels], k) if usual else None)
            for k in range(factor.levels)
        )
        for i, factor in enumerate(factors)
    )
    return Adjusted(
        levels=levels,
        explains=tuple(fit.lost_without(part) for part in parts),
        explained=max(fit.explained(unexplained, rank), 0.0),
        posts=read.posts,
        accounts=read.accounts,
        unit=read.unit,
    )


@dataclass(frozen=True)
class _Fit:
    read: _Read
    whole: Values
    with_metric: Values
    beta: Values
    spare: int
    factor: float
    unexplained: float
    rank: int

    def lost_without(self, part: Numbers) -> float:
        """The share of all differences that the model explains no longer without a factor."""
        kept = np.setdiff1d(np.arange(len(self.whole)), part)
        inverse = _pseudo_inverse(self.whole[np.ix_(kept, kept)])
        rest = self.read.square - float(self.with_metric[kept] @ inverse @ self.with_metric[kept])
        return max(
            self.explained(self.unexplained, self.rank) - self.explained(rest, _rank(self.whole[np.ix_(kept, kept)])),
            0.0,
        )

    def explained(self, unexplained: float, rank: int) -> float:
        """The share of differences that some columns explain, without what as many columns explain by luck (Theil 1961)."""
        free = self.read.posts - self.read.strata
        if not self.read.square > 0 or free <= rank:
            return 0.0
        return 1 - unexplained / (free - rank) / (self.read.square / free)

    def level(
        self, parts: Sequence[Numbers], factors: Sequence[Factor], factor: int, number: int, base: int | None
    ) -> AdjustedLevel:
        """A level against all other posts of which it is known, or a base level; the other factors' levels taken out of both."""
        own = parts[factor]
        not_known = own[-1:] if factors[factor].unknown else own[:0]
        known = self.read.posts - int(self.read.of_level[not_known].sum())
        column, posts = int(own[number]), int(self.read.of_level[own[number]])
        second = known - posts if base is None else int(self.read.of_level[own[base]])
        nothing = Effect(untold="posts", posts=known, first=posts, second=second)
        untold = AdjustedLevel(effect=nothing, alone=math.nan, against=base)
        if min(posts, second) < MIN_POSTS:
            return untold
        siblings = not_known if base is None else np.delete(own, [number, base])
        alone = self._taken_out(column, siblings)
        inside = float(alone @ self.whole @ alone)
        if inside < 0.5:
            return replace(untold, effect=replace(nothing, untold="accounts"))
        untold = replace(untold, alone=float(alone @ self.with_metric) / inside)
        pull = self._taken_out(column, np.concatenate([siblings, *(p for i, p in enumerate(parts) if i != factor)]))
        info = float(pull @ self.whole @ pull)
        if info < max(0.5, _OWN * inside):
            tied = self._nearest([p[: f.levels + 1] for p, f in zip(parts, factors, strict=True)], factor, column)
            return replace(untold, effect=replace(nothing, untold="periods"), tied=tied)
        return replace(untold, effect=replace(self._judged(pull, info), posts=known, first=posts, second=second))

    def _taken_out(self, column: int, others: Numbers) -> Values:
        """How the columns add up to the level with the other factors taken out."""
        pull = np.zeros(len(self.whole))
        pull[column] = 1.0
        if len(others):
            inverse = _pseudo_inverse(self.whole[np.ix_(others, others)])
            pull[others] = -(inverse @ self.whole[others, column])
        return pull

    def _nearest(self, parts: Sequence[Numbers], factor: int, column: int) -> int | None:
        """The factor that tells most of a level by itself."""
        told = {
            i: float(self.whole[column, p] @ _pseudo_inverse(self.whole[np.ix_(p, p)]) @ self.whole[p, column])
            for i, p in enumerate(parts)
            if i != factor
        }
        return max(told, key=lambda i: told[i], default=None)

    def _judged(self, pull: Values, info: float) -> Effect:
        read = self.read
        estimate = float(pull @ self.with_metric) / info
        share, score = self._over(read.period, pull, info)
        periods, told = float(1 / (share * share).sum()), [self._judge(share, score, info, "period")]
        if told[0][1] < MIN_DF or periods < MIN_PERIODS or self.spare < MIN_DF:
            return Effect(untold="periods", posts=read.posts)
        told += [
            (self.factor * squares / info**2, df, "stretch")
            for squares, df in by_longer(read.start, score, share, read.unit)
        ]
        if read.account is not None:
            told.append(self._judge(*self._over(read.account, pull, info), info, "account"))
        spread = math.sqrt(self.unexplained / max(self.spare, 1))
        if periods < _FEW_PERIODS:  # A handful of periods may agree by luck; the spread of all posts is known.
            told.append((self.factor * spread * spread / info, float(self.spare), "posts"))
        variance, df, clustered = max(told, key=lambda one: _reach(one[0], one[1]))
        if not variance > 0 or df < 1:
            return Effect(untold="periods", posts=read.posts)
        return replace(
            tested(estimate, variance, df),
            posts=read.posts,
            accounts=read.accounts,
            unit=read.unit,
            periods=periods,
            clustered=clustered,
            spread=spread,
            info=info,
        )

    def _over(self, products: _Products, pull: Values, info: float) -> tuple[Values, Values]:
        """Each cluster's share of the information, and what it adds to the estimate times the information."""
        share = np.maximum(products.each @ pull @ pull, 0.0) / info
        return share, (products.metric - products.each @ self.beta) @ pull

    def _judge(self, share: Values, score: Values, info: float, by: Clusters) -> tuple[float, float, Clusters]:
        """The variance by some clusters, and its degrees of freedom."""
        variance = self.factor * float((score * score / np.maximum(1 - share, _TINY)).sum()) / info**2
        return variance, satterthwaite(share), by


def _base(read: _Read, columns: Numbers, number: int) -> int | None:
    """The most frequent level of a factor; None for that level itself, which is compared with all others."""
    base = int(np.argmax(read.of_level[columns]))
    return None if base == number else base


def _reach(variance: float, df: float) -> float:
    return math.inf if df < 1 else t_quantile(0.975, df) * math.sqrt(max(variance, 0.0))


def _columns(factors: Sequence[Factor]) -> Numbers:
    """Where the columns of each factor begin, and their number at the end."""
    return np.cumsum([0, *(factor.columns for factor in factors)])


def _rank(matrix: Values) -> int:
    return int(np.linalg.matrix_rank(matrix, hermitian=True, tol=1e-8 * max(float(matrix.max(initial=0)), _TINY)))


def _pseudo_inverse(matrix: Values) -> Values:
    return np.asarray(np.linalg.pinv(matrix, rcond=1e-9, hermitian=True), np.float64) if len(matrix) else matrix


def period_of(account: Numbers, day: Numbers) -> int:
    """The shortest period within which seven tenths of the posts' differences are left; of those that comparisons use."""
    for unit in UNITS:
        strata = len(np.unique(account * (int(day.max()) // unit + 1) + day // unit))
        if len(day) - strata >= _COMPANY * (len(day) - 1):
            return unit
    return UNITS[-1]


def _read(
    account: Numbers,
    day: Numbers | None,
    metric: Values,
    codes: Numbers,
    columns: Numbers,
    stop: Callable[[], None],
) -> _Read:
    account = dense(account)
    unit = 0 if day is None else period_of(account, day)
    period = np.arange(len(account)) % _SHARDS if day is None else dense(day // unit)
    within = np.zeros(len(account), np.int64) if day is None else period
    stratum = dense(account * (int(within.max()) + 1) + within)
    start = np.zeros(0, np.int64) if day is None else first_days(day, period, unit)
    order = np.argsort(stratum, kind="stable")
    stratum, period, account = stratum[order], period[order], account[order]
    metric, at = metric[order], codes[order] + columns[:-1]
    size, accounts = int(columns[-1]), int(account.max()) + 1
    by_period = _empty(int(period.max()) + 1, size)
    by_account = _empty(min(accounts, _CLUSTERS), size) if accounts > FEW_ACCOUNTS else None
    square, of_level = 0.0, np.zeros(size)
    for first, last in _chunks(stratum):
        stop()
        rows = slice(first, last)
        x = np.zeros((last - first, size))
        np.put_along_axis(x, at[rows], 1.0, axis=1)
        of_level += x.sum(axis=0)
        starts = np.flatnonzero(np.diff(stratum[rows], prepend=-1))
        lengths = np.diff(starts, append=last - first)
        x -= np.repeat(np.add.reduceat(x, starts, axis=0) / lengths[:, None], lengths, axis=0)
        y = metric[rows] - np.repeat(np.add.reduceat(metric[rows], starts) / lengths, lengths)
        square += float(y @ y)
        _add(by_period, period[rows], x, y)
        if by_account is not None:
            _add(by_account, account[rows] % _CLUSTERS, x, y)
    return _Read(
        start=start,
        period=by_period,
        account=by_account,
        square=square,
        posts=len(metric),
        strata=int(stratum[-1]) + 1,
        accounts=accounts,
        unit=unit,
        of_level=of_level,
    )


def _chunks(stratum: Numbers) -> list[tuple[int, int]]:
    """Stretches of whole strata."""
    starts = np.flatnonzero(np.diff(stratum, prepend=-1))
    ends = [0]
    for start in starts[1:]:
        if start - ends[-1] >= _CHUNK:
            ends.append(int(start))
    return list(zip(ends, [*ends[1:], len(stratum)], strict=True))


def _empty(clusters: int, size: int) -> _Products:
    return _Products(np.zeros((clusters, size, size)), np.zeros((clusters, size)))


def _add(products: _Products, cluster: Numbers, x: Values, y: Values) -> None:
    order = np.argsort(cluster, kind="stable")
    sums = sums_over(cluster[order])
    assert sums.starts is not None
    assert sums.there is not None
    for number, start, end in zip(sums.there, sums.starts, [*sums.starts[1:], len(order)], strict=True):
        own = x[order[start:end]]
        products.each[number] += own.T @ own
        products.metric[number] += own.T @ y[order[start:end]]
