"""Data that hurt: what some panel has failed on, each made from ordinary posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset


def _ordinary(posts: int = 240) -> pl.DataFrame:
    """Posts like an agency's, made without chance: three types, four accounts, a quarter of a year."""
    number = pl.int_range(posts)
    wave = (number * 37 % 101).cast(pl.Float64)
    return pl.select(
        pl.concat_str([pl.lit("9000000000000000"), number.cast(pl.String).str.zfill(4)]).alias("Post ID"),
        (pl.lit("2026-01-01").str.to_datetime() + pl.duration(hours=number * 9)).dt.to_string("%Y-%m-%d %H:%M:%S").alias("Published"),
        pl.concat_str([pl.lit("account "), (number % 4).cast(pl.String)]).alias("Account"),
        pl.when(number % 3 == 0).then(pl.lit("photo")).when(number % 3 == 1).then(pl.lit("video")).otherwise(pl.lit("link")).alias("Type"),
        pl.concat_str([pl.lit("caption "), number.cast(pl.String)]).alias("Caption"),
        (wave * wave / 10 + number % 7).cast(pl.Int64).alias("Reactions"),
        (wave / 9 + number % 5).cast(pl.Int64).alias("Comments"),
        (number * 53 % 29).alias("Shares"),
        (wave * 40 + 100 + number % 11).cast(pl.Int64).alias("Reach"),
    )  # fmt: skip


_EVIL = ("=SUM(A1)", "@SUM(A1)", "\u05e9\u05dc\u05d5\u05dd", "\U0001f600\U0001f3fd", "<b>bold</b>", "a|b.c", "", "NULL")

# What hurts, by name: a function from ordinary posts to posts that some panel has failed on.
HURTFUL: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "ordinary posts": lambda t: t,
    "one row": lambda t: t.head(1),
    "two rows": lambda t: t.head(2),
    "a metric without a value": lambda t: t.with_columns(Shares=pl.lit(None, dtype=pl.Int64)),
    "a metric that is mostly missing": lambda t: t.with_columns(Reach=pl.when(pl.int_range(pl.len()) % 9 == 0).then("Reach")),
    "every metric constant": lambda t: t.with_columns(Reactions=7, Comments=7, Shares=7, Reach=7),
    "one category with 10,000 values": lambda t: pl.concat([t] * 42).head(10_000).with_columns(
        pl.int_range(10_000).cast(pl.String).alias("Post ID"), pl.concat_str([pl.lit("a"), pl.int_range(10_000)]).alias("Account")
    ),
    "huge numbers": lambda t: t.with_columns(Reactions=pl.col("Reactions") * 10**14),
    "negative numbers": lambda t: t.with_columns(Reactions=pl.col("Reactions") - 300, Comments=-pl.col("Comments")),
    "emoji, right-to-left and formula-like text": lambda t: t.with_columns(
        Type=pl.Series([_EVIL[i % len(_EVIL)] for i in range(t.height)]), Caption=pl.Series([_EVIL[i % 8] for i in range(t.height)])
    ),
    "words where numbers should be": lambda t: t.with_columns(
        Shares=pl.when(pl.int_range(pl.len()) % 4 == 0).then(pl.lit("many")).otherwise(pl.col("Shares").cast(pl.String))
    ),
    "no time": lambda t: t.drop("Published"),
    "no accounts and no types": lambda t: t.drop("Account", "Type"),
    "one account, one type": lambda t: t.with_columns(Account=pl.lit("only"), Type=pl.lit("photo")),
    "one metric": lambda t: t.drop("Comments", "Shares", "Reach"),
    "another metric": lambda t: t.drop("Reactions", "Comments", "Shares"),
    "the same posts twice": lambda t: pl.concat([t, t]),
    "days without a clock": lambda t: t.with_columns(pl.col("Published").str.slice(0, 10)),
    "a clock change": lambda t: t.with_columns(
        (pl.lit("2026-03-29").str.to_datetime() + pl.duration(minutes=pl.int_range(t.height))).dt.to_string("%Y-%m-%d %H:%M:%S").alias("Published")
    ),
}  # fmt: skip


def hurtful_posts(name: str, folder: Path) -> Dataset | None:
    """One of the data sets, read as any file is; None where reading it is refused, which is no panel's matter."""
    path = folder / f"{name.replace(' ', '_').replace(',', '')}.csv"
    HURTFUL[name](_ordinary()).write_csv(path)
    try:
        return open_dataset(
            str(path), store=folder / "store", settings=ReadSettings(), timezone="Europe/Berlin", name=name
        )
    except PostlensError:
        return None
