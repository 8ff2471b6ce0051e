"""For groups made from the tested metric: the two questions that can be asked honestly."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import polars as pl

from postlens import CannotCompute, Context, stats
from postlens.plugins.hypothesis.cells import summarise
from postlens.plugins.hypothesis.circularity import overlapping
from postlens.plugins.hypothesis.settings import Comparison, Settings
from postlens.plugins.hypothesis.two import two_groups

HELD = (
    "method", "estimate", "low", "high", "se", "log_p", "detectable", "posts_needed", "posts", "accounts", "account_aware",
    "two_sided_low", "two_sided_high", "ratio_low", "ratio_high", "small_counts",
)  # fmt: skip
AGAIN = "__postlens_again"


def honest_questions(posts: pl.LazyFrame, params: Settings, ctx: Context, result: Comparison) -> Comparison:
    """The comparison with what can be said honestly of circular groups; why not, where it cannot."""
    reasons = []
    try:
        held, sizes = _held_out(posts, params, ctx, result)
        result = replace(result, held=held, held_sizes=sizes)
    except CannotCompute as error:
        reasons.append(f"Groups without the metric: {error}")
    ctx.stop_if_cancelled()
    ctx.progress(0.5, "Clustering imitations without groups")
    try:
        found = ctx.structure_test(posts, params.group, params.metric)
        result = replace(result, crowd=pl.DataFrame([asdict(found)], infer_schema_length=None))
    except CannotCompute as error:
        reasons.append(f"One crowd or several: {error}")
    return replace(result, not_asked=tuple(reasons))


def _held_out(
    posts: pl.LazyFrame, params: Settings, ctx: Context, result: Comparison
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The groups made again without the metric and what it is nearly made of, and the same comparison of those."""
    schema = ctx.schema
    leave_out = overlapping(posts, schema, params)
    ctx.progress(0.2, "Grouping again without the metric")
    again = ctx.refit(posts, params.group, leave_out).expression
    both = posts.with_columns(again.alias(AGAIN))
    table = (
        both.group_by(old=pl.col(params.group).cast(pl.String), new=pl.col(AGAIN).cast(pl.String))
        .agg(posts=pl.len().cast(pl.Int64))
        .drop_nulls()
        .sort("old", "new")
        .collect(engine="streaming")
    )
    name_of, rand = _matched(table)
    renamed = both.with_columns(pl.col(AGAIN).replace(name_of)).drop(params.group).rename({AGAIN: params.group})
    plain = schema.with_columns([replace(schema[params.group], made_of=())])
    cells = summarise(renamed, params, plain)
    levels = (
        cells.on(params.scale).group_by("level").agg(n=pl.col("n").sum()).sort(["n", "level"], descending=[True, False])
    )
    chosen = params.model_copy(update={"level": result.first_name})
    found = two_groups(cells, levels, chosen, plain)
    if found.first_name != result.first_name:
        raise CannotCompute(f"no group made without it corresponds to {result.first_name}.")
    row = {name: getattr(found, name) for name in HELD}
    row |= {"rand": rand, "left_out": ", ".join(schema.label(n).lower() for n in leave_out)}
    return pl.DataFrame([row], infer_schema_length=None), _sizes(table, name_of)


def _matched(table: pl.DataFrame) -> tuple[dict[str, str], float]:
    """The old name of each new group, by the most posts in common, and how alike the groupings are."""
    from scipy.optimize import linear_sum_assignment

    old, new = table["old"].unique().sort().to_list(), table["new"].unique().sort().to_list()
    counts = np.zeros((len(old), len(new)))
    for a, b, n in table.iter_rows():
        counts[old.index(a), new.index(b)] = n
    rows, columns = linear_sum_assignment(-counts)
    named = {new[c]: old[r] for r, c in zip(rows, columns, strict=True)}
    free = iter(f"new {n}" for n in new if n not in named)
    return {n: named.get(n) or next(free) for n in new}, stats.rand_of_table(counts)


def _sizes(table: pl.DataFrame, name_of: dict[str, str]) -> pl.DataFrame:
    before = table.group_by(level="old").agg(before=pl.col("posts").sum())
    after = table.group_by(level=pl.col("new").replace(name_of)).agg(after=pl.col("posts").sum())
    return before.join(after, on="level", how="full", coalesce=True).fill_null(0).sort("level")
