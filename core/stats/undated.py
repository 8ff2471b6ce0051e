"""One group against another within accounts, posts taken as independent in time: for posts without dates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.stats.cells import Cells
from postlens.core.stats.t import t_quantile
from postlens.core.stats.time import clustered_variance, design, leverage, satterthwaite, strata

Values = NDArray[np.float64]

MANY_ACCOUNTS = 20


@dataclass(frozen=True, kw_only=True)
class Stratified:
    """A difference of means with its standard error and how it was found.

    Attributes:
        accounts: accounts that tell something: for `within`, those with posts in both groups.
        posts: posts of those accounts in the two groups.
        clustered: the standard error allows for posts of one account being alike.
        spread: of posts within account and group.
        effects: by account, by its place in the table: number, difference, variance of the difference.
    """

    estimate: float
    se: float
    df: float
    accounts: int
    posts: int
    clustered: bool
    spread: float = math.nan
    effects: tuple[tuple[int, float, float], ...] = ()


def sides(cells: Cells, one: NDArray[np.bool_]) -> pl.DataFrame:
    """Cells as one row an account, as `split_groups` gives: the cells of a group, and all others."""
    table = pl.DataFrame(
        {
            "account": cells.account,
            "level": np.where(one, "1", "0"),
            "n": cells.n,
            "mean": cells.mean,
            "m2": cells.m2,
        }
    )
    return split_groups(table, "level", {"1"}, None)


def by_text(cells: Cells, one: NDArray[np.bool_]) -> tuple[float, float] | None:
    """The variance within accounts by texts posted again, with its degrees of freedom; None where none is."""
    if cells.piece is None or cells.once is None:
        return None
    zeros = np.zeros(len(cells.n), np.int64)
    made = design(strata(cells.account, zeros, cells.n, np.zeros((len(cells.n), 0)), 0), one.astype(float))
    if made is None:
        return None
    y = made.strata.inside(cells.mean)
    rest = y - float((cells.n * made.left * y).sum() / made.info) * made.left
    again = ~cells.once
    lever = leverage(made.left[again], made.info, cells.n[again], cells.piece[again])
    of_texts = clustered_variance(lever, made.left[again], made.info, cells.n[again], rest[again])
    singles = made.left**2 * (cells.m2 + cells.n * rest**2)
    counts = cells.n[cells.once].astype(int)
    each = np.repeat(made.left[cells.once] ** 2 / made.info, counts)
    share = np.concatenate([lever.share, each])
    df = satterthwaite(share / share.sum()) if share.sum() > 0 else 0.0
    return of_texts + float(singles[cells.once].sum()) / made.info**2, df


def split_groups(summary: pl.DataFrame, group: str, first: set[str], second: set[str] | None) -> pl.DataFrame:
    """A (account, group) summary as one row an account: `n1, mean1, m21, n0, mean0, m20`, zero where absent.

    Args:
        summary: `account`, the group column, `n`, `mean`, `m2`.
        group: name of the group column.
        first: levels of the first side.
        second: levels of the other side; None for all the others.
    """
    level = pl.col(group).cast(pl.String)
    other = ~level.is_in(list(first)) if second is None else level.is_in(list(second))
    marked = summary.with_columns(side=pl.when(level.is_in(list(first))).then(1).when(other).then(0)).drop_nulls("side")
    cell = ["account", "side"]
    centre = (pl.col("n") * pl.col("mean")).sum().over(cell) / pl.col("n").sum().over(cell)
    merged = (
        marked.with_columns(centre=centre)
        .group_by(cell)
        .agg(
            n=pl.col("n").sum(),
            mean=pl.col("centre").first(),
            m2=(pl.col("m2") + pl.col("n") * (pl.col("mean") - pl.col("centre")) ** 2).sum(),
        )
    )
    parts = [
        merged.filter(pl.col("side") == s)
        .select("account", n=pl.col("n"), mean=pl.col("mean"), m2=pl.col("m2"))
        .rename({"n": f"n{s}", "mean": f"mean{s}", "m2": f"m2{s}"})
        for s in (1, 0)
    ]
    return parts[0].join(parts[1], on="account", how="full", coalesce=True).fill_null(0).sort("account")


def within_accounts(table: pl.DataFrame) -> Stratified | None:
    """The difference between two groups of posts of the same account, averaged over accounts.

    The weights n1 n0 / (n1 + n0) make it the estimate of a regression with one level for each account. Its error is
    the larger of two: that of posts inside accounts, each group with its own variance (as in Welch's test), and that
    between accounts, whose differences may differ (leverage-corrected, with effective degrees of freedom).

    Args:
        table: from `split_groups`.

    Returns:
        None where no account has posts in both groups, or there is no spread to judge by.

    Source: Bell and McCaffrey (2002), Surv. Methodol. 28, 169-181, for the second.
    """
    both = table.filter((pl.col("n1") > 0) & (pl.col("n0") > 0))
    if both.is_empty():
        return None
    n1, n0 = both["n1"].to_numpy().astype(float), both["n0"].to_numpy().astype(float)
    difference = both["mean1"].to_numpy() - both["mean0"].to_numpy()
    weight = n1 * n0 / (n1 + n0)
    share = weight / weight.sum()
    estimate = float((share * difference).sum())
    errors = [_between(share, difference - estimate), _inside(both, share, n1, n0)]
    known = [e for e in errors if e is not None]
    if not known or (both.height > 1 and errors[0] is None):
        return None
    clustered = len(known) > 1 and _reach(known[0]) >= _reach(known[1])
    variance, df = max(known, key=_reach)
    squares, free = (float((both[f"{c}1"] + both[f"{c}0"]).sum()) for c in ("m2", "n"))
    spread = math.sqrt(squares / max(free - 2 * both.height, 1.0))
    own = spread * spread * (1 / n1 + 1 / n0)
    effects = zip(both["account"].to_list(), difference.tolist(), own.tolist(), strict=True)
    return Stratified(
        estimate=estimate,
        se=math.sqrt(variance),
        df=df,
        accounts=both.height,
        posts=int((n1 + n0).sum()),
        clustered=clustered,
        spread=spread,
        effects=tuple((a if isinstance(a, int) else i, d, v) for i, (a, d, v) in enumerate(effects)),
    )


def _reach(error: tuple[float, float]) -> float:
    """Half the width of the 95 % interval that a variance and its degrees of freedom make."""
    return t_quantile(0.975, error[1]) * math.sqrt(error[0])


def _between(share: Values, deviation: Values) -> tuple[float, float] | None:
    """Variance and degrees of freedom from how the accounts' differences spread; None for a single account."""
    if len(share) < 2:
        return None
    df = 1 / float(np.square(share).sum()) - 1
    variance = float((np.square(share * deviation) / (1 - share)).sum())
    return (variance, df) if df >= 1 and variance > 0 else (variance, 1.0) if variance > 0 else None


def _inside(both: pl.DataFrame, share: Values, n1: Values, n0: Values) -> tuple[float, float] | None:
    """Variance and Satterthwaite's degrees of freedom from the spread of posts in each account and group."""
    parts: list[tuple[float, float]] = []
    for n, m2 in ((n1, both["m21"].to_numpy()), (n0, both["m20"].to_numpy())):
        df = float((n - 1).sum())
        if df < 1:
            return None
        parts.append((float(m2.sum()) / df * float((np.square(share) / n).sum()), df))
    (first, first_df), (second, second_df) = parts
    variance = first + second
    if not variance > 0:
        return None
    return variance, variance * variance / (first * first / first_df + second * second / second_df)


def clustered_by_account(table: pl.DataFrame) -> Stratified | None:
    """The plain difference of two means, with a standard error that allows for posts of one account being alike.

    Each account's pull on the two means, corrected for its leverage; t with the effective number of accounts of the
    side that has fewer, less one.

    Returns:
        None for fewer than 20 accounts, or where fewer than two accounts carry a side.

    Source: Liang and Zeger (1986), Biometrika 73, 13-22; Bell and McCaffrey (2002) for the correction.
    """
    if table.height < MANY_ACCOUNTS:
        return None
    pull = np.zeros(table.height)
    means, effective = [], []
    for side, sign in (("1", 1), ("0", -1)):
        n, mean = table[f"n{side}"].to_numpy().astype(float), table[f"mean{side}"].to_numpy()
        if n.sum() == 0:
            return None
        share = n / n.sum()
        effective.append(1 / float(np.square(share).sum()))
        means.append(float((share * mean).sum()))
        pull += sign * share * (mean - means[-1]) / np.sqrt(np.maximum(1 - share, 1e-12))
    variance = float(np.square(pull).sum())
    if not variance > 0 or min(effective) < 2:
        return None
    return Stratified(
        estimate=means[0] - means[1],
        se=math.sqrt(variance),
        df=min(effective) - 1,
        accounts=table.height,
        posts=int(table["n1"].sum()) + int(table["n0"].sum()),
        clustered=True,
    )
