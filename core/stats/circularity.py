"""Whether groups were made from the metric they are compared on: such groups must differ, real or not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from postlens.core.contract.schema import Schema
from postlens.core.stats.cells import Cells
from postlens.core.stats.collinearity import nearly_made_of

_MIN_POSTS, _MIN_RANGES = 20, 3
_CALLED = ("cluster", "segment", "tier", "quartile", "decile", "percentile", "bucket", "performance")


def shared_parts(posts: pl.LazyFrame, schema: Schema, metric: str, by: str) -> tuple[str, ...]:
    """The columns that the groups were made from and of which the metric is made, shares a part with, or is nearly made.

    Nearly: R squared of 0.9 on ln(1 + x). Empty where the groups were made from none, or nobody knows what they were made from.
    """
    of_metric = closure((metric,), schema)
    made_from = [name for name in schema[by].made_of if name in schema]
    named = [name for name in made_from if closure((name,), schema) & of_metric]
    rest = [schema[n] for n in made_from if n not in named and schema[n].kind in {"metric", "rate"}]
    nearly = nearly_made_of(posts, schema[metric], rest) if rest else ()
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


def unknown_origin(schema: Schema, by: str) -> bool:
    """A column of the file that is called a cluster or tier may have been made from the metrics; nobody can tell here."""
    column = schema[by]
    return not column.computed and any(word in column.name for word in _CALLED)


def cut_by_metric(cells: Cells) -> bool:
    """Whether the groups are ranges of the metric: within each account, no group's values overlap another's.

    Groups that have nothing to do with the metric overlap; a column that an agency made by cutting the metric does not. Two
    groups may be apart by a large effect; three or more, in every account, are not by chance.
    """
    counted = 0.0
    for account in np.unique(cells.account):
        own = cells.kept(cells.account == account)
        levels = np.unique(own.level)
        if len(levels) < 2:
            continue
        ends = sorted((own.low[own.level == v].min(), own.high[own.level == v].max()) for v in levels)
        if any(low <= before for (_, before), (low, _) in pairwise(ends)):
            return False
        counted += own.n.sum()
    return counted >= _MIN_POSTS and len(cells.levels) >= _MIN_RANGES
