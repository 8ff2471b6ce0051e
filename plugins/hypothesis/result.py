"""What the page finds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import polars as pl

from postlens import StructureTest, stats


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Groups made again without the metric, compared on it.

    Attributes:
        found: the comparison. level: the group that corresponds to the one asked about.
        rand: how alike both groupings are (adjusted Rand index). left_out: labels of the metrics left out.
        sizes: `level`, `before`, `after`: posts in the groups as they are and made again.
    """

    found: stats.Comparison
    level: str
    rand: float
    left_out: tuple[str, ...]
    sizes: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything the page shows.

    Attributes:
        found: every level against the others, or the pair: the comparison that all pages share.
        first_name, second_name: the groups; `second_name` is empty for all others.
        estimate, low, high, se, log_p, posts, accounts: of the answer, on the scale.
        general: the effect for accounts in general; None for fewer than three.
        detectable: the smallest effect these posts could detect with 80 % power, on the scale.
        g, g_low, g_high: the effect in standard deviations of posts within account and week (Hedges' g).
        superiority, superiority_low, superiority_high: probability that a random post of the group has more than a random
            other one of the same account and week, were posts log-normal around their level.
        accounts_effects: `account`, `posts`, `estimate`, `low`, `high`, on the scale.
        groups: `level`, `posts`, `accounts`, `mean`, `sd`, `typical`, `typical_low`, `typical_high`, `median`, `skew`.
        tests: `method`, `estimate`, `low`, `high`, `statistic`, `df`, `p`, `log_p`, `posts`, `accounts`.
        further: `method`, `value` (words), `log_p`: tests that look at the posts in other ways, taken as independent.
        deciles: `decile`, `first`, `second`: the metric's deciles in the two groups.
        pairs: `first`, `second`, `estimate`, `low`, `high`, `p`, `p_holm`, `log_p`: for all groups.
        shared: what the groups were made from and the metric is part of; the comparison is circular if any.
        unknown_origin: the file calls the column a cluster or segment, so it may have been made from the metric.
        filtered: the posts were chosen by the metric itself.
        held, structure: for circular groups, the two questions that can be asked; None where they cannot.
        not_asked: why one of the two is not available.
        dropped: posts without a value for the metric or the group.
        below_zero: posts with a metric below 0, because of which the raw scale was taken in place of the log scale.
    """

    mode: str
    metric_label: str
    group_label: str
    first_name: str
    second_name: str
    scale: str
    found: stats.Comparison
    estimate: float = math.nan
    low: float = -math.inf
    high: float = math.inf
    se: float = math.nan
    log_p: float = 0.0
    posts: int = 0
    accounts: int = 0
    general: stats.General | None = None
    detectable: float = math.nan
    g: float = math.nan
    g_low: float = math.nan
    g_high: float = math.nan
    superiority: float = math.nan
    superiority_low: float = math.nan
    superiority_high: float = math.nan
    accounts_effects: pl.DataFrame = field(default_factory=pl.DataFrame)
    groups: pl.DataFrame = field(default_factory=pl.DataFrame)
    tests: pl.DataFrame = field(default_factory=pl.DataFrame)
    further: pl.DataFrame = field(default_factory=pl.DataFrame)
    deciles: pl.DataFrame = field(default_factory=pl.DataFrame)
    pairs: pl.DataFrame = field(default_factory=pl.DataFrame)
    shared: tuple[str, ...] = ()
    unknown_origin: bool = False
    held: HeldOut | None = None
    structure: StructureTest | None = None
    not_asked: tuple[str, ...] = ()
    dropped: pl.DataFrame = field(default_factory=pl.DataFrame)
    below_zero: int = 0
