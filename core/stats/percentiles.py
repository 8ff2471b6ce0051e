"""A post among its peers: the quantiles of its own account, network and type, or of a wider group where those are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

MIN_PEERS = 20
MAX_POSTS = 2_000_000  # Posts whose quantiles are taken; of more, a sample that size says as much.
_SEPARATOR = "\x1f"
_WIDER = (("account_name", "platform", "post_type"), ("account_name", "platform"), ("platform", "post_type"), ())


@dataclass(frozen=True, kw_only=True)
class Peers:
    """The quantiles of every peer group that has enough posts, the narrowest groups first.

    Attributes:
        levels: the columns that make the groups, narrowest first; the last is everybody.
        tables: for each level, `key`, `posts` and `q0`, `q1`, ... in the order of `shares`.
        shares: which quantiles, 0 to 1.
    """

    levels: tuple[tuple[str, ...], ...]
    tables: tuple[pl.DataFrame, ...]
    shares: tuple[float, ...]

    def quantile(self, number: int) -> pl.Expr:
        """The quantile `shares[number]` of each post's peers; null where not even everybody together is enough."""
        everybody = int(self.tables[-1]["posts"].sum())
        found = []
        for columns, table in zip(self.levels, self.tables, strict=True):
            if table.height:
                found.append(self._looked_up(columns, table, f"q{number}"))
            if everybody and int(table["posts"].sum()) == everybody:
                break  # Every post has its peers at this level.
        return pl.coalesce(found)

    @staticmethod
    def _looked_up(columns: tuple[str, ...], table: pl.DataFrame, name: str) -> pl.Expr:
        if not columns:
            return pl.lit(table[name][0], dtype=pl.Float64)
        return peer_key(columns).replace_strict(table["key"], table[name], default=None, return_dtype=pl.Float64)

    @property
    def enough(self) -> bool:
        """Whether any group has enough posts."""
        return any(table.height for table in self.tables)


def peer_levels(columns: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The peer groups that the columns allow, narrowest first, everybody last."""
    have = set(columns)
    found = (tuple(c for c in level if c in have) for level in _WIDER)
    return tuple(dict.fromkeys(found))


def peer_key(columns: Sequence[str]) -> pl.Expr:
    """The name of a post's group; null where one of the columns is."""
    return pl.concat_str([pl.col(c).cast(pl.String) for c in columns], separator=_SEPARATOR)


def fit_peers(
    posts: pl.LazyFrame, value: pl.Expr, columns: Sequence[str], shares: Sequence[float], fewest: int = MIN_PEERS
) -> Peers:
    """The quantiles of a value in every peer group of at least `fewest` posts.

    Args:
        posts: the posts; of more than two million, a sample by `post_id` or `post_key`.
        value: what is compared, on the scale on which quantiles are interpolated; nulls do not count.
        columns: those the posts have; account, network and type are used.
        shares: which quantiles, 0 to 1.
        fewest: smallest group that may speak for itself.
    """
    levels = peer_levels(columns)
    wanted = [value.quantile(share, "linear").alias(f"q{i}") for i, share in enumerate(shares)]
    known = _at_most(posts.filter(value.is_not_null()))
    tables = []
    for level in levels:
        grouped = known.group_by(level or [pl.lit("").alias("all")]).agg(
            pl.len().cast(pl.Int64).alias("posts"), *wanted
        )
        named = grouped.with_columns(key=peer_key(level) if level else pl.col("all")).select(
            "key", "posts", pl.col("^q\\d+$")
        )
        tables.append(named.filter(pl.col("key").is_not_null(), pl.col("posts") >= fewest).sort("key"))
    return Peers(levels=levels, tables=tuple(pl.collect_all(tables, engine="streaming")), shares=tuple(shares))


def _at_most(posts: pl.LazyFrame) -> pl.LazyFrame:
    """About two million posts of more, the same ones every time."""
    many = int(posts.select(pl.len()).collect(engine="streaming").item())
    key = next((c for c in ("post_id", "post_key") if c in posts.collect_schema()), "")
    if many <= MAX_POSTS or not key:
        return posts
    return posts.filter(pl.col(key).hash(0) <= int(MAX_POSTS / many * (2**64 - 1)))
