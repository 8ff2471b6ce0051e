"""Where groups come from, and whether that makes a comparison circular."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from postlens import Schema, stats
from postlens.plugins.hypothesis.settings import Settings


def shared_parts(posts: pl.LazyFrame, schema: Schema, params: Settings) -> tuple[str, ...]:
    """What the groups were made from and the metric has in common, by name or nearly; the comparison is circular then."""
    return tuple(schema.label(name) for name in overlapping(posts, schema, params))


def overlapping(posts: pl.LazyFrame, schema: Schema, params: Settings) -> tuple[str, ...]:
    """The columns of which a metric is made, shares a part with, or is nearly made (R squared of 0.9), among those of the groups."""
    metric = closure((params.metric,), schema)
    made_from = [name for name in schema[params.group].made_of if name in schema]
    named = [name for name in made_from if closure((name,), schema) & metric]
    rest = [schema[n] for n in made_from if n not in named and schema[n].kind in {"metric", "rate"}]
    nearly = stats.nearly_made_of(posts, schema[params.metric], rest) if rest else ()
    return tuple(dict.fromkeys([*named, *nearly]))


def closure(names: Sequence[str], schema: Schema) -> set[str]:
    """Columns with everything they are made of. What a network reports as engagements is made of the same parts."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name == "engagements_reported":
            waiting.append("engagements")
        if name in schema:
            waiting += schema[name].made_of
    return found


def unknown_origin(schema: Schema, params: Settings) -> bool:
    """A column of the file that is called a cluster may have been made from the metrics; nobody can tell here."""
    column = schema[params.group]
    return not column.computed and any(word in column.name for word in ("cluster", "segment"))
