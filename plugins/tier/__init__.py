"""Performance tier: how a post did among its peers, as a column that every panel can group and filter by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import polars as pl
from pydantic import Field

from postlens import CannotCompute, Context, DerivedColumn, FittedColumn, Params, Pick, hookimpl, stats

LEVELS = ("Top quarter", "Upper middle", "Lower middle", "Bottom quarter")


class Settings(Params):
    """By which metric posts are ranked."""

    metric: Annotated[str, Pick(kind="metric", prefer=("engagements", "reactions"))] = Field("", title="Metric")


def fit(posts: pl.LazyFrame, params: Settings, ctx: Context) -> FittedColumn:
    """The quarter of its peers in which each post stands.

    Peers are the posts of the same account, network and type; where those are fewer than 20, of the same account, then
    of the same network and type, then all. Quartiles are taken on the log scale; equal values share the lower tier.
    """
    if not params.metric:
        raise CannotCompute("there is no metric to rank posts by.", "Use an export with reactions, comments or reach.")
    metric = ctx.schema[params.metric]
    value = stats.on_scale(metric, "log")
    peers = stats.fit_peers(posts, value, [c.name for c in ctx.schema.columns], (0.25, 0.5, 0.75))
    if not peers.enough:
        raise CannotCompute(
            f"it takes at least {stats.MIN_PEERS} posts with a value of {metric.label}.", "Widen the filters."
        )
    low, middle, high = (peers.quantile(number) for number in range(3))
    tier = (
        pl.when(value > high)
        .then(pl.lit(LEVELS[0]))
        .when(value > middle)
        .then(pl.lit(LEVELS[1]))
        .when(value > low)
        .then(pl.lit(LEVELS[2]))
        .when(value <= low)
        .then(pl.lit(LEVELS[3]))
    )
    return FittedColumn(expression=tier, made_of=(params.metric,))


TIER: DerivedColumn[Settings] = DerivedColumn(
    api=2,
    id="tier",
    label="Performance tier",
    params=Settings,
    fit=fit,
    levels=lambda _params: LEVELS,
)


@hookimpl
def postlens_columns() -> Sequence[DerivedColumn[Any]]:
    """The tier of every post, for every panel."""
    return [TIER]
