"""Groups of posts compared: the effect in several honest ways, each with interval, n and p."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from postlens import CannotCompute, Context
from postlens.plugins.hypothesis.cells import check_scale, summarise
from postlens.plugins.hypothesis.circular_tests import honest_questions
from postlens.plugins.hypothesis.circularity import shared_parts
from postlens.plugins.hypothesis.settings import Comparison, Settings
from postlens.plugins.hypothesis.several import all_groups
from postlens.plugins.hypothesis.two import further_tests, two_groups


def compare(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Comparison:
    """Compare the groups.

    Raises:
        CannotCompute: fewer than two groups, or a group with fewer than two posts.
    """
    schema = ctx.schema
    check_scale(posts, params, schema)
    ctx.progress(0.2, "Summarising groups")
    cells = summarise(posts, params, schema)
    ctx.stop_if_cancelled()
    levels = (
        cells.on(params.scale).group_by("level").agg(n=pl.col("n").sum()).sort(["n", "level"], descending=[True, False])
    )
    if levels.height < 2:
        raise CannotCompute(
            f'A test needs two groups; "{schema.label(params.group)}" has {levels.height} with a value for {schema.label(params.metric).lower()}.',
            "Choose another grouping or widen the filters.",
        )
    ctx.progress(0.6, "Testing")
    shared = shared_parts(posts, schema, params)
    if params.mode == "all":
        return replace(all_groups(cells, levels, params, schema), shared=shared)
    result = two_groups(cells, levels, params, schema)
    result = replace(result, shared=shared, further=further_tests(cells, levels, params, result, ctx.seed))
    if result.shared and schema[params.group].offered:
        return honest_questions(posts, params, ctx, result)
    return result
