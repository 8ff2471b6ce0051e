"""For groups made from the tested metric: the two questions that can be answered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from postlens import CannotCompute, Context, stats
from postlens.plugins.hypothesis.cells import summarise
from postlens.plugins.hypothesis.result import Answer, HeldOut
from postlens.plugins.hypothesis.settings import Settings

AGAIN = "__postlens_again"


def answerable_questions(posts: pl.LazyFrame, params: Settings, ctx: Context, answer: Answer) -> Answer:
    """The answer with what can be told of circular groups; why not, where it cannot."""
    reasons = []
    try:
        answer = replace(answer, held=_held_out(posts, params, ctx, answer))
    except CannotCompute as error:
        reasons.append(f"Groups without the metric: {error}")
    ctx.stop_if_cancelled()
    ctx.progress(0.5, "Grouping simulated data without structure")
    try:
        answer = replace(answer, structure=ctx.structure_test(posts, params.group, params.metric))
    except CannotCompute as error:
        reasons.append(f"Separate groups or an arbitrary cut: {error}")
    return replace(answer, not_asked=tuple(reasons))


def _held_out(posts: pl.LazyFrame, params: Settings, ctx: Context, answer: Answer) -> HeldOut:
    """The groups made again without the metric and what it is nearly made of, and the same comparison of those."""
    schema = ctx.schema
    leave_out = stats.shared_parts(posts, schema, params.metric, params.group)
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
    groups = summarise(renamed, params, plain)
    if answer.first_name not in groups.levels:
        raise CannotCompute(f"no group made without it corresponds to {answer.first_name}.")
    # The group is matched by posts it shares with one that saw the metric, so its direction is not free: two-sided.
    found = stats.compare_groups(groups.cells, params.metric, params.group, plain, params.scale, looks=params.looks)
    if found.of(answer.first_name) is None:
        raise CannotCompute(f"no group made without it corresponds to {answer.first_name}.")
    return HeldOut(
        found=found,
        level=answer.first_name,
        rand=rand,
        left_out=tuple(schema.label(n) for n in leave_out),
        sizes=_sizes(table, name_of),
    )


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
