"""What the hypothesis page asks and what it finds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from postlens import Params, Pick, stats

Mode = Literal["rest", "pair", "all"]


class Settings(Params):
    """What to compare."""

    metric: Annotated[str, Pick(kind="metric", prefer=("engagements", "reactions", "views"))] = Field(
        "", title="Metric"
    )
    group: Annotated[str, Pick(kind="category", prefer=("post_type", "platform", "weekday"))] = Field(
        "", title="Groups"
    )
    mode: Mode = Field(
        "rest",
        title="Compare",
        json_schema_extra={
            "labels": {"rest": "One group with the rest", "pair": "One group with another", "all": "All groups"}
        },
    )
    level: Annotated[str, Pick(kind="level", of="group")] = Field(
        "", title="Group", json_schema_extra={"shown_if": {"mode": ["rest", "pair"]}}
    )
    against: Annotated[str, Pick(kind="level", of="group", apart=("level",))] = Field(
        "", title="Against", json_schema_extra={"shown_if": {"mode": ["pair"]}}
    )
    alternative: stats.Alternative = Field(
        "two-sided",
        title="Alternative",
        description="One-sided only if you chose the direction before looking.",
        json_schema_extra={
            "labels": {"two-sided": "different", "greater": "the group earns more", "less": "the group earns less"},
            "shown_if": {"mode": ["rest", "pair"]},
        },
    )
    scale: stats.Scale = Field(
        "log", title="Scale", description="Log compares what typical posts earn, as a ratio; raw compares plain means."
    )
    inside: bool = Field(
        True,
        title="Compare inside accounts",
        description="Compare each account's posts with its own, where there are several accounts.",
        json_schema_extra={"shown_if": {"mode": ["rest", "pair"]}},
    )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything the page shows.

    Attributes:
        method: which row of `tests` answers the question: `inside accounts`, `clustered by account` or `Welch`.
        estimate, low, high, log_p, se: of that row, on the scale; low and high are one-sided where the alternative is.
        welch_*: Welch's t test of the posts on the chosen scale, treating them as independent.
        g, g_low, g_high: Hedges' g on the scale.
        superiority, superiority_low, superiority_high: chance that a post of the group beats one of the others.
        detectable: smallest difference on the scale found with 80 % power. posts_needed: to find the one seen.
        account_aware: the test allows for posts of one account being alike, or there is only one account.
        percent: the metric is a share, written in percent.
        two_sided_low, two_sided_high: the two-sided 95 % interval of the estimate, whatever the alternative.
        ratio_low, ratio_high: 95 % interval of the ratio of plain means (Welch, first order).
        small_counts: typical posts have fewer than 10, so a ratio of 1 + x is far from one of x.
        shared: columns the groups were made from and the metric is part of; the comparison is circular if any.
        tests: `method`, `estimate`, `low`, `high`, `statistic`, `df`, `p`, `log_p`, `posts`, `accounts`.
        groups: `level`, `posts`, `accounts`, `mean`, `sd`, `typical`, `typical_low`, `typical_high`, `median`, `skew`.
        deciles: `decile`, `first`, `second`: the metric's deciles in the two groups.
        pairs: for all groups: `first`, `second`, `estimate`, `low`, `high`, `p`, `p_holm`, `p_bh`, `p_games_howell`
            (pooled only), `log_p`.
        dropped: posts without a value for the metric or the group.
        further: `method`, `value` (words), `log_p`: tests that look at the posts in other ways, posts taken as independent.
        held: for circular groups, one row: the answer (fields of this class) for groups made without the metric, `rand`
            (how alike both groupings are) and `left_out` (which metrics were); empty otherwise.
        held_sizes: `level`, `before`, `after`: posts in the groups as they are and made again.
        crowd: for circular groups, one row: the fields of `stats.StructureTest`; empty otherwise.
        not_asked: why one of the two could not be had.
    """

    mode: str
    metric_label: str
    percent: bool
    group_label: str
    first_name: str
    second_name: str
    scale: str
    method: str
    estimate: float
    low: float
    high: float
    se: float = math.nan
    log_p: float
    welch_statistic: float
    welch_df: float
    welch_p: float
    welch_low: float = math.nan
    welch_high: float = math.nan
    g: float = math.nan
    g_low: float = math.nan
    g_high: float = math.nan
    superiority: float = math.nan
    superiority_low: float = math.nan
    superiority_high: float = math.nan
    detectable: float = math.nan
    posts_needed: int = 0
    posts: int
    accounts: int
    account_aware: bool
    two_sided_low: float
    two_sided_high: float
    ratio_low: float = math.nan
    ratio_high: float = math.nan
    small_counts: bool
    shared: tuple[str, ...]
    unknown_origin: bool
    left_out_levels: int = 0
    tests: pl.DataFrame
    groups: pl.DataFrame
    deciles: pl.DataFrame
    pairs: pl.DataFrame
    dropped: pl.DataFrame
    further: pl.DataFrame = field(default_factory=pl.DataFrame)
    held: pl.DataFrame = field(default_factory=pl.DataFrame)
    held_sizes: pl.DataFrame = field(default_factory=pl.DataFrame)
    crowd: pl.DataFrame = field(default_factory=pl.DataFrame)
    not_asked: tuple[str, ...] = ()
