"""Rates compared by their counts: so many engagements of so much reach, never the logarithm of tiny rates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from postlens.core.stats.cells import Cells
from postlens.core.stats.effect import FEW_ACCOUNTS, Clusters, Effect, tested
from postlens.core.stats.lasting import by_longer
from postlens.core.stats.pieces import by_piece
from postlens.core.stats.t import t_quantile
from postlens.core.stats.time import (
    MIN_DF,
    MIN_PERIODS,
    UNITS,
    Design,
    Numbers,
    Strata,
    Values,
    choose,
    clustered_variance,
    dense,
    design,
    leverage,
    strata,
)

_STEPS, _NEAR = 30, 1e-8


@dataclass(frozen=True)
class _Fit:
    """A fitted Poisson model: the log rate ratio, and each cell's expected count."""

    estimate: float
    expected: Values


def rate_ratio(cells: Cells, group: Values, adjusting: Values) -> Effect:
    """The log ratio of two rates within account and period: counts with their exposure, quasi-Poisson.

    A post with ten times the reach weighs ten times as much; a post without reach says nothing. Errors are clustered as those
    of `within`, so the counts may vary more than Poisson's.

    Source: Liang and Zeger (1986), Biometrika 73, 13-22; Hausman, Hall and Griliches (1984), Econometrica 52, for fixed
    effects of strata.
    """
    assert cells.count is not None
    assert cells.exposure is not None
    posts = int(cells.n.sum())
    known = cells.exposure > 0
    cells, group, adjusting = cells.kept(known), group[known], adjusting[known]
    if not len(cells.n) or cells.count is None or cells.exposure is None or not cells.count.sum() > 0:
        return Effect(untold="posts", posts=posts)
    expected = cells.exposure * cells.count.sum() / cells.exposure.sum()
    chosen = _chosen(cells, group, adjusting, expected)
    if isinstance(chosen, str):
        return Effect(untold=chosen, posts=posts)  # type: ignore[arg-type]
    fit = _fitted(cells, group, adjusting, chosen.strata.stratum)
    return (
        Effect(untold="periods", posts=posts) if fit is None else _judged(cells, group, adjusting, chosen.strata, fit)
    )


def log_rates(cells: Cells) -> Cells:
    """The logarithms of rates, half an event added, so that a model with fixed effects can be solved at once."""
    assert cells.count is not None
    assert cells.exposure is not None
    rate = np.log(cells.count + 0.5) - np.log(cells.exposure)
    return replace(cells, mean=rate, m2=np.zeros(len(rate)), low=rate, high=rate, count=None, exposure=None)


def _chosen(cells: Cells, group: Values, adjusting: Values, expected: Values) -> Design | str:
    day = np.zeros(len(cells.n), np.int64) if cells.day is None else cells.day
    alone = design(strata(cells.account, day, expected, adjusting[:, :0], 0), group)
    if alone is None:
        return "accounts"
    if cells.day is None:
        return alone
    made = choose((strata(cells.account, day, expected, adjusting, unit) for unit in UNITS), group, alone.info)
    return "periods" if made is None else made


def _fitted(cells: Cells, group: Values, adjusting: Values, stratum: Numbers) -> _Fit | None:
    """Newton's steps with one level for each stratum, which are solved for exactly at each step."""
    count, exposure = cells.count, cells.exposure
    assert count is not None
    assert exposure is not None
    total = np.bincount(stratum, count)
    columns = np.column_stack([group, adjusting])
    means = (
        np.column_stack([np.bincount(stratum, exposure * c) for c in columns.T])
        / np.bincount(stratum, exposure)[:, None]
    )
    varies = np.abs(columns - means[stratum]).max(axis=0) > 1e-9
    if not varies[0]:
        return None
    columns = columns[:, varies]
    beta = np.zeros(columns.shape[1])
    expected = np.zeros(len(count))
    for _ in range(_STEPS):
        base = exposure * np.exp(np.clip(columns @ beta, -20, 20))
        expected = base * (total / np.bincount(stratum, base))[stratum]
        live = expected > 0
        weight = expected[live]
        at = dense(stratum[live])
        sums = np.bincount(at, weight)
        inner = (
            columns[live]
            - (np.column_stack([np.bincount(at, weight * c) for c in columns[live].T]) / sums[:, None])[at]
        )
        curved = (inner * weight[:, None]).T @ inner
        ridge = 1e-8 * max(float(np.trace(curved)), 1e-12) * np.eye(len(curved))
        step = np.linalg.lstsq(curved + ridge, inner.T @ (count - expected)[live], rcond=None)[0]
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < _NEAR:
            break
    return _Fit(float(beta[0]), expected)


def _judged(cells: Cells, group: Values, adjusting: Values, inside: Strata, fit: _Fit) -> Effect:
    live = fit.expected > 0
    kept, weight = cells.kept(live), fit.expected[live]
    assert kept.count is not None
    day = np.zeros(len(weight), np.int64) if kept.day is None else kept.day
    again = strata(kept.account, day, weight, adjusting[live], inside.unit)
    made = design(again, group[live])
    free = float(kept.n.sum()) - again.count - 1
    spare = free - again.basis.shape[1]
    if made is None or spare < MIN_DF:
        return Effect(untold="periods", posts=int(cells.n.sum()))
    rest = (kept.count - weight) / weight
    cluster = again.period if kept.day is not None else dense(kept.band)
    lever = leverage(made.left, made.info, weight, cluster)
    if lever.df < MIN_DF or lever.clusters < MIN_PERIODS:
        return Effect(untold="periods" if kept.day is not None else "posts", posts=int(cells.n.sum()))
    factor = free / spare
    by_period = factor * clustered_variance(lever, made.left, made.info, weight, rest)
    answers: list[tuple[float, float, Clusters]] = [(by_period, lever.df, "period")]
    if kept.day is not None:
        score = lever.sums.sum(weight * made.left * rest)
        answers += [
            (factor * squares / made.info**2, df, "stretch")
            for squares, df in by_longer(again.start, score, lever.share, again.unit)
        ]
    if kept.piece is not None:
        answers += [(v, df, "piece") for v, df in by_piece(kept.piece, made, weight, rest, factor, by_period)]
    if len(cells.accounts) > FEW_ACCOUNTS:
        account = leverage(made.left, made.info, weight, kept.account)
        answers.append(
            (factor * clustered_variance(account, made.left, made.info, weight, rest), account.df, "account")
        )
    variance, df, clustered = max(answers, key=lambda a: math.sqrt(max(a[0], 0)) * _quantile(a[1]))
    if not variance > 0 or df < 1:
        return Effect(untold="posts" if clustered == "piece" else "periods", posts=int(cells.n.sum()))
    found = tested(fit.estimate, variance, df)
    both = np.bincount(kept.account, weight * made.left * made.left) > 1e-9
    spread = math.sqrt(max(float((weight * rest * rest).sum()) / max(spare, 1.0), 1e-12))
    return replace(
        found,
        posts=int(kept.n[both[kept.account]].sum()),
        accounts=int(both.sum()),
        unit=again.unit,
        periods=lever.clusters,
        clustered=clustered,
        spread=spread,
        info=made.info,
        weakest=_without_any_cell(weight, made, rest, lever.cluster, lever.share, found, factor),
    )


def _quantile(df: float) -> float:
    return t_quantile(0.975, df) if df >= 1 else math.inf


def _without_any_cell(
    weight: Values, made: Design, rest: Values, cluster: Numbers, share: Values, found: Effect, factor: float
) -> float:
    """The highest log p-value after leaving out any one cell, which holds at least one post; by one step."""
    if found.log_p > math.log(0.05):
        return math.nan
    left, info = made.left, made.info
    sign = 1.0 if found.estimate > 0 else -1.0
    without = np.maximum(info - weight * left * left, 1e-9)
    shift = weight * left * rest / without
    worst = found.log_p
    for i in np.argsort(-sign * shift)[:2]:
        moved = found.estimate - float(shift[i])
        if moved * sign <= 0:
            return 0.0
        left_over = rest + (found.estimate - moved) * left
        score = np.bincount(cluster, weight * left * left_over)
        score[cluster[i]] -= weight[i] * left[i] * left_over[i]
        variance = factor * float((score * score / np.maximum(1 - share, 1e-9)).sum()) / float(without[i]) ** 2
        worst = max(worst, tested(moved, max(variance, found.se**2 / 4), found.df).log_p)
    return worst
