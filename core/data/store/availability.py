"""Which metrics are known, network by network and month by month, and where one replaced another."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from postlens.core.contract.schema import Schema

ALL_POSTS = "all posts"
# Networks dropped the first for the second; the two count different things, so no series runs over the change.
REPLACED = (("impressions", "views"),)
_MOSTLY, _HARDLY = 0.5, 0.1


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """A metric that a network gave up for another.

    Attributes:
        platform: the network.
        old, new: the two metrics.
        until: last month in which the old one is known for most posts.
        since: first month after it in which the new one is.
    """

    platform: str
    old: str
    new: str
    until: str
    since: str


def availability(posts: pl.LazyFrame, schema: Schema) -> pl.DataFrame:
    """For each network and month: `platform`, `month` (null without a date), `posts`, and how many know each count."""
    platform = pl.col("platform").fill_null("(missing)") if "platform" in schema else pl.lit(ALL_POSTS)
    month = pl.col("month") if "month" in schema else pl.lit(None, dtype=pl.String)
    known = [pl.col(c.name).count().cast(pl.Int64) for c in schema.counts]
    table = posts.group_by(platform.alias("platform"), month.alias("month")).agg(
        pl.len().cast(pl.Int64).alias("posts"), *known
    )
    return table.sort("platform", "month").collect(engine="streaming")


def replaced(table: pl.DataFrame) -> list[Replaced]:
    """Where, on one network, a metric ends and the one that took its place begins."""
    found = []
    for (platform,), part in table.drop_nulls("month").group_by("platform", maintain_order=True):
        for old, new in REPLACED:
            if {old, new} <= set(part.columns):
                one = _change(str(platform), part, old, new)
                found += [one] if one else []
    return found


def _change(platform: str, part: pl.DataFrame, old: str, new: str) -> Replaced | None:
    share = {m: pl.col(m) / pl.col("posts") for m in (old, new)}
    before = part.filter((share[old] >= _MOSTLY) & (share[new] <= _HARDLY))["month"].to_list()
    after = part.filter((share[new] >= _MOSTLY) & (share[old] <= _HARDLY))["month"].to_list()
    if not before or not after or max(before) > min(after):
        return None
    return Replaced(platform=platform, old=old, new=new, until=max(before), since=min(after))
