"""Posts as cells: account x day x quarter of the day x level, with what a comparison needs of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.contract.schema import Column, Schema
from postlens.core.stats.pieces import PIECE, numbered, pieces
from postlens.core.stats.scale import Scale, on_scale
from postlens.core.stats.time import Numbers, Values

ACCOUNT, NETWORK, TIME = "account_name", "platform", "published"
ON = " on "
_MISSING = "(missing)"
_MONDAY = 3  # 1 January 1970 was a Thursday: day 4 of the count was a Monday.
_QUARTER = 6  # Hours.
_SHARDS = 400  # Of undated posts, whose rates are judged by how parts of them differ.


@dataclass(frozen=True)
class Cells:
    """Posts with the metric, the group and, where posts have dates, a date.

    Attributes:
        accounts, account: the names, and each cell's number among them; one where accounts are not told apart.
        day: days since a Monday, in the client's zone; None where posts have no dates.
        band: quarter of the day, 0 to 3; 0 where the hour is not known. Of undated posts with a rate: a part of them.
        levels, level: the groups, and each cell's number among them.
        n, mean, m2, low, high: posts, mean, sum of squared deviations and extremes of the metric on its scale.
        count, exposure: for a rate, sums of numerator and denominator; else None.
        other: each cell's number among the levels of a further grouping to allow for; else None.
        piece: each cell's piece, where texts are posted again; else None. once: whether its posts have texts that stand once.
        undated: posts left out because they have no date while others have.
        scale: of the metric.
    """

    accounts: tuple[str, ...]
    account: Numbers
    day: Numbers | None
    band: Numbers
    levels: tuple[str, ...]
    level: Numbers
    n: Values
    mean: Values
    m2: Values
    low: Values
    high: Values
    count: Values | None = None
    exposure: Values | None = None
    other: Numbers | None = None
    piece: Numbers | None = None
    once: NDArray[np.bool_] | None = None
    undated: int = 0
    scale: Scale = "log"

    def kept(self, keep: NDArray[np.bool_]) -> Cells:
        """Some of the cells."""

        def part(values: NDArray[np.generic] | None) -> NDArray[np.generic] | None:
            return None if values is None else values[keep]

        fields = {
            n: part(getattr(self, n)) for n in ("account", "day", "band", "level", "n", "mean", "m2", "low", "high")
        }
        fields |= {n: part(getattr(self, n)) for n in ("count", "exposure", "other", "piece", "once")}
        return Cells(accounts=self.accounts, levels=self.levels, undated=self.undated, scale=self.scale, **fields)  # type: ignore[arg-type]

    def numbers(self, names: Sequence[str]) -> Numbers:
        """The numbers of some levels."""
        at = {name: i for i, name in enumerate(self.levels)}
        return np.array([at[n] for n in names if n in at], dtype=np.int64)

    def posts_of(self, level: str) -> int:
        """How many posts a level has."""
        return int(self.n[np.isin(self.level, self.numbers([level]))].sum())


def account_of(schema: Schema) -> pl.Expr:
    """The account of a post as text, of one name on two networks two; `all` where accounts are not told apart."""
    names = [named(c) for c in (ACCOUNT, NETWORK) if c in schema]
    return pl.concat_str(names, separator=ON) if names else pl.lit("all")


def named(column: str) -> pl.Expr:
    """The words of a column; one word for none."""
    return pl.col(column).cast(pl.String).fill_null(_MISSING)


def day_of(schema: Schema) -> pl.Expr:
    """The day of a post, counted from a Monday; 0 where posts have no dates."""
    return pl.col("date").cast(pl.Int32) + _MONDAY if schema.time is not None else pl.lit(0, dtype=pl.Int32)


def cells_query(
    posts: pl.LazyFrame, metric: Column, scale: Scale, by: str, schema: Schema, other: str = ""
) -> pl.LazyFrame:
    """The posts as cells, not yet computed.

    Args:
        posts: in view, with the columns of the schema.
        metric: what is compared.
        scale: `log` or `raw`.
        by: the grouping.
        schema: of the posts.
        other: a further grouping to allow for; empty for none.
    """
    dated = schema.time is not None
    by_account = ACCOUNT in schema and by != ACCOUNT
    # A name on two networks is two accounts, with levels and habits of their own.
    by_network = NETWORK in posts.collect_schema() and by not in {ACCOUNT, NETWORK}
    keys = {
        "account": named(ACCOUNT) if by_account else named(NETWORK) if by_network else pl.lit("all"),
        "network": named(NETWORK) if by_account and by_network else pl.lit(""),
        "day": pl.col("date").cast(pl.Int32) + _MONDAY if dated else pl.lit(None, dtype=pl.Int32),
        "band": (pl.col("hour").cast(pl.String).str.slice(0, 2).cast(pl.Int32, strict=False) // _QUARTER).fill_null(0)
        if "hour" in schema
        else pl.lit(0, dtype=pl.Int32)
        if dated or not metric.fraction
        else (pl.struct(metric.name, *metric.fraction).hash() % _SHARDS).cast(pl.Int32),
        "level": pl.col(by).cast(pl.String),
        "other": pl.col(other).cast(pl.String).fill_null(_MISSING) if other else pl.lit(""),
    }
    value, piece = on_scale(metric, scale), pieces(posts, schema)
    rate = {name: pl.col(c).cast(pl.Float64) for name, c in zip(("count", "exposure"), metric.fraction, strict=False)}
    y = pl.col("value")
    if piece is not None:
        keys[PIECE] = piece
    wanted = posts.select(**keys, value=value, **rate).filter(y.is_not_null() & pl.col("level").is_not_null())
    if piece is not None:
        wanted = wanted.with_columns(pl.when(pl.len().over(PIECE) > 1).then(PIECE).alias(PIECE))
    return (
        wanted.group_by(list(keys))
        .agg(
            n=pl.len().cast(pl.Float64),
            mean=y.mean(),
            m2=y.var(ddof=0).fill_null(0.0) * pl.len(),
            low=y.min(),
            high=y.max(),
            **{name: pl.col(name).sum() for name in rate},
        )
        .sort(list(keys))
        .with_columns(scale=pl.lit(scale))
    )


def cells(table: pl.DataFrame) -> Cells:
    """The answer to `cells_query`."""
    undated = 0
    dated = table["day"].null_count() < table.height
    if dated and table["day"].null_count():
        undated = int(table.filter(pl.col("day").is_null())["n"].sum())
        table = table.filter(pl.col("day").is_not_null())
    account, accounts = _numbered(_named_apart(table))
    level, levels = _numbered(table["level"])
    other, others = _numbered(table["other"])

    n: Values = table["n"].cast(pl.Float64).to_numpy()

    def floats(name: str) -> Values:
        values: Values = table[name].cast(pl.Float64).to_numpy()
        return values

    rate = "exposure" in table.columns
    return Cells(
        accounts=accounts,
        account=account,
        day=table["day"].cast(pl.Int64).to_numpy() if dated else None,
        band=table["band"].cast(pl.Int64).to_numpy(),
        levels=levels,
        level=level,
        n=n,
        mean=floats("mean"),
        m2=np.maximum(floats("m2"), 0.0),
        low=floats("low"),
        high=floats("high"),
        count=floats("count") if rate else None,
        exposure=floats("exposure") if rate else None,
        other=other if len(others) > 1 else None,
        piece=numbered(table[PIECE]) if PIECE in table.columns else None,
        once=table[PIECE].is_null().to_numpy() if PIECE in table.columns else None,
        undated=undated,
        scale="raw" if table.height and table["scale"][0] == "raw" else "log",
    )


def _named_apart(table: pl.DataFrame) -> pl.Series:
    """The accounts' names, with the network behind those that are on several."""
    several = pl.col("network").n_unique().over("account") > 1
    named = pl.when(several).then(pl.concat_str("account", "network", separator=ON)).otherwise("account")
    return table.select(named.alias("account")).to_series()


def _numbered(texts: pl.Series) -> tuple[Numbers, tuple[str, ...]]:
    """Each text's number among the different ones in their order, and those."""
    names = texts.unique().sort().to_list()
    return texts.cast(pl.Enum(names)).to_physical().cast(pl.Int64).to_numpy(), tuple(names)
