"""Exports with one row for each post and day, added up to one row for each post."""

from __future__ import annotations

import polars as pl

from postlens.core.data.vocabulary.roles import roles

# Counts of people, who come back on another day, and of a page, which is the same every day.
_NOT_ADDED = {"reach", "followers_at_post"}


def added_up(posts: pl.LazyFrame, labels: dict[str, str]) -> tuple[pl.LazyFrame, int, str]:
    """One row for each post. Counts are summed; what cannot be summed is left out; all else is of the last row.

    Args:
        posts: canonical columns, in the order of the file.
        labels: of columns without a role.

    Returns:
        The posts, how many there are, and what was left out. Rows without an id or a link stay as they are.
    """
    schema = posts.collect_schema()
    names = [c for c in ("post_id", "url") if c in schema]
    if not names:
        return (
            posts,
            int(posts.select(pl.len()).collect().item()),
            "no column tells posts apart, so no days were added up",
        )
    out = [c for c, kind in schema.items() if kind.is_numeric() and c != "source_row" and not _adds(c)]
    row = pl.concat_str(pl.lit("row "), pl.col("source_row"))
    key = pl.coalesce(*(pl.col(c) for c in names), row)
    kept = [c for c in schema if c not in out]
    sums = [pl.when(pl.col(c).count() > 0).then(pl.col(c).sum()).alias(c) for c in kept if _adds(c)]
    last = [pl.col(c).drop_nulls().last() for c in kept if not _adds(c)]
    whole = posts.group_by(key.alias("_post"), maintain_order=True).agg(*sums, *last).select(kept).collect()
    said = ", ".join(roles()[c].label if c in roles() else labels.get(c, c) for c in out)
    note = f"The days of each post were added up. {said} cannot be added and is left out." if said else ""
    return whole.lazy(), whole.height, note or "The days of each post were added up."


def _adds(name: str) -> bool:
    """Whether the numbers of days make the number of a post: counts of what happened, and time."""
    role = roles().get(name)
    return role is not None and name not in _NOT_ADDED and (role.type == "count" or name == "watch_seconds")
