"""What posts are taken to differ in: the file's groupings, the clock, and their captions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from postlens import Column, Schema, caption_features, stats

MOST_LEVELS, MOST_FACTORS = 12, 16
_NOT_ASKED = frozenset({"account_name", "account_id", "client", "month", "maturity", "author", "hour", "link"})
_QUARTERS = ("from midnight", "from 6:00", "from noon", "from 18:00")
_TOO_MANY = 200  # Levels; such a column names posts or people.


@dataclass(frozen=True)
class Asked:
    """A factor: its column with the levels asked about, and each post's level."""

    column: Column
    expression: pl.Expr


def factors(posts: pl.LazyFrame, schema: Schema, metric: str) -> tuple[list[Asked], list[str]]:
    """The factors, and the labels of groupings left out because they were made from the metric."""
    asked, circular = [], []
    for column in schema.categories:
        if column.name in _NOT_ASKED or column.offered or not 1 < len(column.levels) <= _TOO_MANY:
            continue
        if stats.shared_parts(posts, schema, metric, column.name):
            circular.append(column.label)
        else:
            asked.append(Asked(column, pl.col(column.name).cast(pl.String)))
    if "hour" in schema:
        quarter = pl.col("hour").cast(pl.String).str.slice(0, 2).cast(pl.Int64, strict=False) // 6
        column = Column(name="quarter_of_day", label="Time of day", kind="category", levels=_QUARTERS, ordered=True)
        named = quarter.replace_strict(dict(enumerate(_QUARTERS)), default=None, return_dtype=pl.String)
        asked.append(Asked(column, named))
    asked += [Asked(feature.column, feature.expression) for feature in caption_features(schema)]
    return _present(posts, schema, metric, asked)[:MOST_FACTORS], circular


def _present(posts: pl.LazyFrame, schema: Schema, metric: str, asked: list[Asked]) -> list[Asked]:
    """Factors of which these posts have two levels at least; their most frequent levels, in the column's order."""
    known = posts.filter(pl.col(schema[metric].name).is_not_null())
    named = known.select(one.expression.alias(str(i)) for i, one in enumerate(asked))
    counts = named.select(pl.col(str(i)).value_counts(sort=True).implode() for i in range(len(asked)))
    told = counts.collect(engine="streaming").row(0) if asked else ()
    kept = []
    for i, (one, values) in enumerate(zip(asked, told, strict=True)):
        frequent = [v[str(i)] for v in values if v[str(i)] is not None and v["count"] >= stats.MIN_POSTS][:MOST_LEVELS]
        if not frequent or len([v for v in values if v[str(i)] is not None]) < 2:
            continue
        order = {level: place for place, level in enumerate(one.column.levels)}
        levels = sorted(frequent, key=lambda level: order.get(level, len(order)))
        kept.append(replace(one, column=replace(one.column, levels=tuple(levels))))
    return kept
