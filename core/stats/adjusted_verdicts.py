"""The levels of a model as comparisons, so that they are judged, written and drawn like any other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from postlens.core.contract import wording
from postlens.core.contract.schema import Column, Schema
from postlens.core.contract.verdict import State, Verdict
from postlens.core.stats.adjusted import Adjusted, AdjustedLevel
from postlens.core.stats.comparison import SMALL, Comparison, Level, state_of, state_of_all
from postlens.core.stats.effect import Effect, holding_for_both
from postlens.core.stats.multiple import OTHERS, VISIT, false_discovery_log, holm_log, share_of_metric, share_of_visit
from postlens.core.stats.verdicts import verdict_of


def adjusted_comparisons(
    found: Adjusted,
    factors: Sequence[Column],
    metric: str,
    schema: Schema,
    scale: Literal["log", "raw"],
    mean: float,
    *,
    hours: bool,
) -> tuple[Comparison, ...]:
    """One comparison for each factor: each level against all other posts, all other factors held equal.

    A factor that the posts have as a column takes the share of a visit's false verdicts that the same question has on other pages; those
    that are made here, as of captions, share what all further groupings may take.

    Args:
        found: the model.
        factors: its factors, with the levels asked about.
        metric: what was explained.
        schema: of the posts.
        scale: of the metric.
        mean: of the metric on its scale.
        hours: posts' time of day is known.
    """
    made = sum(column.name not in schema for column in factors)
    said = []
    for column, levels in zip(factors, found.levels, strict=True):
        own = column.name in schema
        share = share_of_visit(metric, column.name, schema) if own else OTHERS * share_of_metric(metric, schema) / made
        judged = _judged(column, levels, share, scale, mean)
        told = [one for one in judged if not one.effect.untold]
        said.append(
            Comparison(
                metric=schema[metric],
                by=column,
                scale=scale,
                levels=judged,
                log_p=min((one.log_p for one in told), default=0.0),
                log_p_adjusted=min((one.log_p_adjusted for one in told), default=0.0),
                state=state_of_all(judged),
                posts=found.posts,
                accounts=found.accounts,
                accounts_named=(),
                undated=0,
                within=found.accounts > 1,
                hours=hours,
            )
        )
    return tuple(said)


def _judged(
    column: Column, levels: Sequence[AdjustedLevel], share: float, scale: Literal["log", "raw"], mean: float
) -> tuple[Level, ...]:
    told = [i for i, one in enumerate(levels) if not one.effect.untold]
    single = [levels[i].effect.log_p for i in told]
    corrected = single if len(levels) == len(told) == 2 else holm_log(single)
    at = dict(zip(told, corrected, strict=True))
    matters = math.log(wording.MATTERS) if scale == "log" else (wording.MATTERS - 1) * abs(mean)
    small = scale == "log" and mean < math.log1p(SMALL)
    made = []
    for i, (name, one) in enumerate(zip(column.levels, levels, strict=True)):
        adjusted = min(at.get(i, 0.0) + math.log(VISIT / share), 0.0)
        made.append(
            Level(
                level=name,
                against="" if one.against is None else column.levels[one.against],
                effect=one.effect,
                log_p=at.get(i, 0.0),
                log_p_adjusted=adjusted,
                state=state_of(one.effect, adjusted, "two-sided", matters, small_counts=small),
                settle=None,
                small_counts=small,
            )
        )
    return tuple(made)


def adjusted_together(log_p: Sequence[float], metric: str, schema: Schema) -> list[float]:
    """Log p-values of many levels of one kind, false discoveries controlled over all, within the share of further groupings."""
    share = OTHERS * share_of_metric(metric, schema)
    return false_discovery_log([min(one + math.log(VISIT / share), 0.0) for one in log_p])


def state_alone(effect: Effect, log_p_adjusted: float, scale: Literal["log", "raw"], mean: float) -> State:
    """How sure one effect of a model is.

    Args:
        effect: on the scale.
        log_p_adjusted: its log p-value, adjusted for what else is asked.
        scale: of the metric.
        mean: of the metric on its scale.
    """
    matters = math.log(wording.MATTERS) if scale == "log" else (wording.MATTERS - 1) * abs(mean)
    small = scale == "log" and mean < math.log1p(SMALL)
    return state_of(effect, log_p_adjusted, "two-sided", matters, small_counts=small)


def weaker(effect: Effect, shared: Effect) -> Effect:
    """What holds in the model and in the shared comparison alike, where that knows of success followed or of texts posted again."""
    if effect.untold:
        return effect
    if shared.untold == "texts":
        return replace(shared, first=effect.first, second=effect.second, posts=effect.posts)
    if shared.untold or not (shared.follows or shared.clustered == "piece"):
        return effect
    return holding_for_both(effect, shared, replace(effect, follows=shared.follows))


def adjusted_verdict(found: Comparison, one: Level) -> Verdict:
    """The verdict on a level with all else held equal: another question than the same level alone."""
    told = verdict_of(found, one)
    claim = (
        f"All else here equal, {told.claim[0].lower()}{told.claim[1:]}" if one.state == "likely real" else told.claim
    )
    return replace(told, claim=claim, by=f"{told.by}, all else equal")
