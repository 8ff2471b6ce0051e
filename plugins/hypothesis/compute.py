"""Groups of posts compared: the answer that all pages share, and behind it the same question put in other ways."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl

from postlens import CannotCompute, Context, Schema, stats
from postlens.plugins.hypothesis.cells import Groups, deciles, dropped, group_table, summarise, without_logarithm
from postlens.plugins.hypothesis.circular_tests import answerable_questions
from postlens.plugins.hypothesis.classical import classical_tests, further_tests, pair_table, tests_of_all
from postlens.plugins.hypothesis.result import Answer
from postlens.plugins.hypothesis.settings import Settings


def compare(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Answer:
    """Compare the groups.

    Raises:
        CannotCompute: fewer than two groups, or the one asked about has no posts.
    """
    schema = ctx.schema
    if below := without_logarithm(posts, params):
        return replace(compare(posts, params.model_copy(update={"scale": "raw"}), ctx), below_zero=below)
    ctx.progress(0.2, "Summarising groups")
    groups = summarise(posts, params, schema)
    ctx.stop_if_cancelled()
    if len(groups.levels) < 2:
        raise CannotCompute(
            f'A comparison needs two groups; "{schema.label(params.group)}" has {len(groups.levels)} with a value for '
            f"{schema.label(params.metric).lower()}.",
            "Choose another grouping or widen the filters.",
        )
    ctx.progress(0.5, "Comparing")
    answer = replace(
        _answered(groups, params, schema, ctx.seed),
        shared=_shared(posts, groups, params, schema),
        unknown_origin=stats.unknown_origin(schema, params.group),
        dropped=dropped(groups, schema, params),
    )
    if answer.shared and params.mode != "all" and schema[params.group].offered:
        return answerable_questions(posts, params, ctx, answer)
    return answer


def _shared(posts: pl.LazyFrame, groups: Groups, params: Settings, schema: Schema) -> tuple[str, ...]:
    """What makes the comparison circular, by label; empty where nothing does."""
    known = stats.shared_parts(posts, schema, params.metric, params.group)
    if not known and not schema[params.group].ordered and stats.cut_by_metric(groups.parts):
        known = (params.metric,)
    return tuple(schema.label(name) for name in known)


def _answered(groups: Groups, params: Settings, schema: Schema, seed: int) -> Answer:
    if params.mode == "all":
        return _all_groups(groups, params, schema)
    first, second = chosen(groups, params, schema)
    found = compared(groups, params, schema, (first, second) if second else None)
    level = found.of(first)
    if level is None:  # Beyond the 25 most frequent.
        found = compared(groups, params, schema, None, only=first)
        level = found.of(first)
    assert level is not None
    one, two = {first}, {second} if second else set(groups.levels) - {first}
    answer = Answer(
        mode=params.mode,
        metric_label=schema.label(params.metric),
        group_label=schema.label(params.group),
        first_name=first,
        second_name=second,
        scale=params.scale,
        found=found,
        groups=group_table(groups, {first: one, second or "all others": two}),
        deciles=deciles(groups, one, two),
        tests=classical_tests(groups, params, found, one, two),
        further=further_tests(groups, params, one, two, seed),
    )
    return _with_numbers(answer, level, groups)


def _with_numbers(answer: Answer, level: stats.Level, groups: Groups) -> Answer:
    found = answer.found
    effect = level.effect
    if effect.untold:
        return replace(answer, posts=effect.posts, log_p=0.0)
    return replace(
        _standardised(answer, effect),
        estimate=effect.estimate,
        low=effect.low,
        high=effect.high,
        se=effect.se,
        log_p=level.log_p,
        posts=effect.posts,
        accounts=effect.accounts if found.within else 0,
        general=stats.in_general(effect),
        detectable=stats.smallest_detectable(effect),
        accounts_effects=_by_account(effect, found, groups),
    )


def _standardised(answer: Answer, effect: stats.Effect) -> Answer:
    """The effect in standard deviations of posts within account and period, and the probability that follows from it."""
    if not effect.spread > 0 or answer.found.scale == "rate":
        return answer
    g, low, high = (v / effect.spread for v in (effect.estimate, effect.low, effect.high))
    chance, least, most = (0.5 * (1 + math.erf(v / 2)) for v in (g, low, high))  # Phi(g / sqrt 2)
    return replace(
        answer, g=g, g_low=low, g_high=high, superiority=chance, superiority_low=least, superiority_high=most
    )


def _by_account(effect: stats.Effect, found: stats.Comparison, groups: Groups) -> pl.DataFrame:
    """Each account's own effect with its 95 % interval, the largest first."""
    cells, reach = groups.parts, stats.t_quantile(0.975, effect.df)
    rows = [
        (
            found.accounts_named[i],
            int(cells.n[cells.account == i].sum()),
            e,
            e - reach * math.sqrt(v),
            e + reach * math.sqrt(v),
        )
        for i, e, v in effect.effects
        if i < len(found.accounts_named)
    ]
    floats = dict.fromkeys(("estimate", "low", "high"), pl.Float64)
    table = pl.DataFrame(rows, schema={"account": pl.String, "posts": pl.Int64, **floats}, orient="row")
    return table.sort(["estimate", "account"], descending=[True, False])


def _all_groups(groups: Groups, params: Settings, schema: Schema) -> Answer:
    found = compared(groups, params, schema, None)
    told = [one for one in found.levels if not one.effect.untold]
    top = min(told, key=lambda one: (one.log_p, one.level), default=None)
    levels = [one.level for one in found.levels][:12]
    answer = Answer(
        mode="all",
        metric_label=schema.label(params.metric),
        group_label=schema.label(params.group),
        first_name=top.level if top else levels[0],
        second_name="",
        scale=params.scale,
        found=found,
        groups=group_table(groups, {level: {level} for level in levels}),
        pairs=pair_table(groups, params, levels, schema),
        tests=tests_of_all(groups, params, levels),
        deciles=pl.DataFrame(schema={"decile": pl.Int64, "first": pl.Float64, "second": pl.Float64}),
    )
    return answer if top is None else _with_numbers(answer, top, groups)


def compared(
    groups: Groups, params: Settings, schema: Schema, pair: tuple[str, str] | None, only: str = ""
) -> stats.Comparison:
    """The comparison that all pages share."""
    return stats.compare_groups(
        groups.cells,
        params.metric,
        params.group,
        schema,
        params.scale,
        alternative=params.alternative if params.mode != "all" else "two-sided",
        pair=pair,
        only=[only] if only else None,
        looks=params.looks,
    )


def chosen(groups: Groups, params: Settings, schema: Schema) -> tuple[str, str]:
    """The group and the one it is compared with; empty for all others."""
    level = params.level if params.level in groups.levels else ""
    if not level and params.mode == "rest" and params.level == next(iter(schema[params.group].levels), ""):
        level = groups.levels[0]  # The host's own choice has no posts in view; the most frequent group has.
    if not level:
        raise CannotCompute(
            f'No post in view is "{params.level}" and has a value for {schema.label(params.metric).lower()}.',
            "Choose another group or widen the filters.",
        )
    if params.mode != "pair":
        return level, ""
    if params.against == level:
        raise CannotCompute(f'"{level}" cannot be compared with itself.', "Choose another group to compare with.")
    others = [name for name in groups.levels if name != level]
    return level, params.against if params.against in others else min(others)
