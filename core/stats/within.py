"""One group against another inside the same accounts, because accounts differ by orders of magnitude."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

MANY_ACCOUNTS = 20


@dataclass(frozen=True, kw_only=True)
class Stratified:
    """A difference of means with its standard error and how it was found.

    Attributes:
        accounts: accounts that tell something: for `within`, those with posts in both groups.
        posts: posts of those accounts in the two groups.
        clustered: the standard error allows for posts of one account being alike.
    """

    estimate: float
    se: float
    df: float
    accounts: int
    posts: int
    clustered: bool


def sides(summary: pl.DataFrame, group: str, first: set[str], second: set[str] | None) -> pl.DataFrame:
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

    The weights n1 n0 / (n1 + n0) make it the estimate of a regression with one level for each account. With 20
    accounts or more the standard error is the spread between accounts; with fewer it assumes that posts of an
    account are independent given its level.

    Args:
        table: from `sides`.

    Returns:
        None where no account has posts in both groups, or there is no spread to judge by.
    """
    both = table.filter((pl.col("n1") > 0) & (pl.col("n0") > 0))
    if both.is_empty():
        return None
    n1, n0 = both["n1"].to_numpy().astype(float), both["n0"].to_numpy().astype(float)
    difference = both["mean1"].to_numpy() - both["mean0"].to_numpy()
    weight = n1 * n0 / (n1 + n0)
    total = weight.sum()
    estimate = float((weight * difference).sum() / total)
    accounts, posts = both.height, int((n1 + n0).sum())
    if accounts >= MANY_ACCOUNTS:
        spread = (weight**2 * (difference - estimate) ** 2).sum() / total**2
        variance, df = spread * accounts / (accounts - 1), float(accounts - 1)
    else:
        df = float(posts - 2 * accounts)
        if df < 1:
            return None
        residual = float((both["m21"] + both["m20"]).sum()) / df
        variance = residual / total
    if not variance > 0:
        return None
    return Stratified(
        estimate=estimate,
        se=math.sqrt(variance),
        df=df,
        accounts=accounts,
        posts=posts,
        clustered=accounts >= MANY_ACCOUNTS,
    )


def clustered_by_account(table: pl.DataFrame) -> Stratified | None:
    """The plain difference of two means, with a standard error that allows for posts of one account being alike.

    u_a = (S_a1 - n_a1 m_1)/n_1 - (S_a0 - n_a0 m_0)/n_0; Var = A/(A-1) sum u_a^2; t with A-1 degrees of freedom.

    Returns:
        None for fewer than 20 accounts, where the formula is not to be trusted.

    Source: Liang and Zeger (1986), Biometrika 73, 13-22.
    """
    accounts = table.height
    if accounts < MANY_ACCOUNTS:
        return None
    n1, n0 = table["n1"].to_numpy().astype(float), table["n0"].to_numpy().astype(float)
    s1, s0 = n1 * table["mean1"].to_numpy(), n0 * table["mean0"].to_numpy()
    if n1.sum() == 0 or n0.sum() == 0:
        return None
    m1, m0 = s1.sum() / n1.sum(), s0.sum() / n0.sum()
    u = (s1 - n1 * m1) / n1.sum() - (s0 - n0 * m0) / n0.sum()
    variance = float(np.square(u).sum()) * accounts / (accounts - 1)
    if not variance > 0:
        return None
    return Stratified(
        estimate=float(m1 - m0),
        se=math.sqrt(variance),
        df=float(accounts - 1),
        accounts=accounts,
        posts=int(n1.sum() + n0.sum()),
        clustered=True,
    )
