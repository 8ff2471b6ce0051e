"""Each of the agency's pillars against all other posts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import polars as pl

from postlens import Column, Schema, stats
from postlens.plugins.content.model import Model
from postlens.plugins.content.pillars import LABELS, OTHER, Pillars, pillar_of

COLUMN = "pillar"
_NEAR = math.log(0.1)  # Answers that may be called real are looked at again.


def column_of(pillars: Pillars) -> Column:
    """The pillars as a category of posts."""
    levels = (*pillars, OTHER) if pillars else ()
    return Column(
        name=COLUMN, label="Pillar", kind="category", levels=levels, ordered=True, computed=True, made_of=("text",)
    )


def by_pillar(
    model: Model, pillars: Pillars, posts: pl.LazyFrame, schema: Schema, metric: str, scale: Literal["log", "raw"]
) -> tuple[stats.Comparison, tuple[float, ...]]:
    """The pillars' effects, type and weekday held equal, and each one's without that; nan where it cannot be told."""
    column = replace(column_of(pillars), levels=tuple(pillars))
    number = {name: k for k, name in enumerate(pillars)}
    code = model.table[COLUMN].replace_strict(number, default=len(number), return_dtype=pl.Int64).to_numpy()
    factors = [stats.Factor(COLUMN, len(number))]
    found = model.fit(code[:, None], factors)
    effects = model.between_texts(found, code[:, None], factors)
    shared = _shared(posts, pillars, schema, metric, scale)
    levels = tuple(
        replace(level, effect=stats.weaker(effect, shared[name]) if name in shared and _near(effect) else effect)
        for level, effect, name in zip(found.levels[0], effects, pillars, strict=True)
    )
    mean = float(model.table["value"].mean() or 0.0)  # type: ignore[arg-type]
    told = stats.adjusted_comparisons(
        replace(found, levels=(levels,)), [column], metric, schema, scale, mean, hours="hour" in schema
    )
    alone = (shared[name].estimate if name in shared and not shared[name].untold else math.nan for name in pillars)
    return told[0], tuple(alone)


def _near(effect: stats.Effect) -> bool:
    return not effect.untold and effect.log_p <= _NEAR


def _shared(
    posts: pl.LazyFrame, pillars: Pillars, schema: Schema, metric: str, scale: Literal["log", "raw"]
) -> dict[str, stats.Effect]:
    """The same question as every other page answers it: it knows of groups that follow success."""
    named = posts.with_columns(pillar_of(pillars, labelled=LABELS in schema).alias(COLUMN))
    known = schema.with_columns([column_of(pillars)])
    table = stats.comparison_query(named, metric, COLUMN, known, scale).collect(engine="streaming")
    compared = stats.compare_groups(table, metric, COLUMN, known, scale)
    return {one.level: one.effect for one in compared.levels if not one.against}
