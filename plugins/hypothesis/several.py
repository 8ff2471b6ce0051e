"""All groups against each other: whether any differ, and which pairs do."""

from __future__ import annotations

import math

import polars as pl

from postlens import CannotCompute, Schema, stats, wording
from postlens.plugins.hypothesis.cells import Cells, dropped, group_table
from postlens.plugins.hypothesis.circularity import unknown_origin
from postlens.plugins.hypothesis.settings import Comparison, Settings
from postlens.plugins.hypothesis.two import SMALL

MAX_LEVELS = 12


def all_groups(cells: Cells, levels: pl.DataFrame, params: Settings, schema: Schema) -> Comparison:
    """Compare every group with every other."""
    usable = levels.filter(pl.col("n") >= 2)["level"].head(MAX_LEVELS).to_list()
    moments = {level: cells.moments(params.scale, {level}) for level in usable}
    varying = [m for m in moments.values() if m.m2 > 0]
    if len(varying) < 2:
        raise CannotCompute("Fewer than two groups have posts that differ.", "Choose another grouping or metric.")
    anova = stats.welch_anova(varying)
    pairs, inside = _pairs(cells, moments, params)
    widest = pairs.row(0, named=True)
    corrected = math.log(widest["p_holm"]) if widest["p_holm"] > 0 else widest["log_p"] + math.log(pairs.height)
    constant = len(varying) < len(moments)  # Welch's test leaves such a group out; the pairs do not.
    log_p = corrected if inside or constant else anova.log_p
    posts = sum(m.n for m in moments.values())
    floats = dict.fromkeys(("estimate", "low", "high", "se"), pl.Float64)
    test = {
        "method": "Welch's one-way test, pooled",
        "estimate": None,
        "low": None,
        "high": None,
        "se": None,
        "statistic": anova.statistic,
        "df": anova.df_within,
        "p": math.exp(anova.log_p),
        "log_p": anova.log_p,
        "posts": posts,
        "accounts": None,
    }
    return Comparison(
        mode="all",
        metric_label=schema.label(params.metric),
        percent=schema[params.metric].percent,
        group_label=schema.label(params.group),
        first_name=widest["first"],
        second_name=widest["second"],
        scale=params.scale,
        method="inside accounts" if inside else "Welch's one-way test",
        estimate=widest["estimate"],
        low=widest["low"],
        high=widest["high"],
        log_p=log_p,
        welch_statistic=anova.statistic,
        welch_df=anova.df_within,
        welch_p=math.exp(anova.log_p),
        posts=posts,
        accounts=cells.log["account"].n_unique() if inside else 0,
        account_aware=inside or not cells.by_account,
        two_sided_low=min(pairs["low"].to_list()),
        two_sided_high=max(pairs["high"].to_list()),
        small_counts=params.scale == "log" and min(m.mean for m in moments.values()) < math.log1p(SMALL),
        shared=(),
        unknown_origin=unknown_origin(schema, params),
        left_out_levels=levels.height - len(moments),
        tests=pl.DataFrame([test], schema_overrides={**floats, "accounts": pl.Int64}),
        groups=group_table(cells, {level: {level} for level in moments}),
        deciles=pl.DataFrame(schema={"decile": pl.Int64, "first": pl.Float64, "second": pl.Float64}),
        pairs=pairs,
        further=_further(cells, list(moments)),
        dropped=dropped(cells, schema, params),
    )


def _pairs(cells: Cells, moments: dict[str, stats.Moments], params: Settings) -> tuple[pl.DataFrame, bool]:
    """Every pair, inside accounts where any pair can be; p corrected by Holm, intervals for all pairs together.

    Returns:
        The pairs, the surest first, and whether they are inside accounts.
    """
    names = list(moments)
    named = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    confidence = 1 - 0.05 / len(named)
    within = {pair: _pair_within(cells, pair, params) for pair in named} if cells.by_account and params.inside else {}
    inside = any(found is not None for found in within.values())
    rows = []
    for first, second in named:
        if inside:
            found = within[first, second]
            if found is None:
                continue
            test = stats.t_test(found.estimate, found.se, found.df, "two-sided", confidence)
        else:
            one, two = moments[first], moments[second]
            if one.m2 <= 0 and two.m2 <= 0:
                continue
            compare_means = stats.welch if min(one.m2, two.m2) > 0 else stats.student
            test = compare_means(one, two, "two-sided", confidence)
        rows.append((first, second, test.estimate, test.low, test.high, test.p, test.log_p))
    floats = dict.fromkeys(("estimate", "low", "high", "p", "log_p"), pl.Float64)
    table = pl.DataFrame(rows, schema={"first": pl.String, "second": pl.String, **floats}, orient="row")
    p_values = table["p"].to_list()
    howell = {} if inside else _games_howell(moments)
    table = table.with_columns(
        p_holm=pl.Series(stats.holm(p_values), dtype=pl.Float64),
        p_bh=pl.Series(stats.benjamini_hochberg(p_values), dtype=pl.Float64),
        p_games_howell=pl.Series([howell.get((a, b)) for a, b, *_ in rows], dtype=pl.Float64),
    )
    return table.sort("p_holm", "log_p", "first", "second"), inside


def _games_howell(moments: dict[str, stats.Moments]) -> dict[tuple[str, str], float]:
    names = list(moments)
    return {(names[i], names[j]): p for (i, j), p in stats.games_howell(list(moments.values())).items()}


def _further(cells: Cells, usable: list[str]) -> pl.DataFrame:
    """The ranks of all groups, and their spreads; posts taken as independent."""
    wide = cells.counts.filter(pl.col("level").is_in(usable)).pivot("level", index="value", values="posts").fill_null(0)
    present = [level for level in usable if level in wide.columns]
    rank, spread = stats.kruskal(wide, present), stats.brown_forsythe(wide, present)
    rows = [
        ("Kruskal-Wallis: the ranks differ", f"H = {wording.number(rank.statistic)}", rank.log_p),
        (
            "Brown-Forsythe: the spreads differ (for information)",
            f"F = {wording.number(spread.statistic)}",
            spread.log_p,
        ),
    ]
    schema = {"method": pl.String, "value": pl.String, "log_p": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("log_p").fill_nan(None))


def _pair_within(cells: Cells, pair: tuple[str, str], params: Settings) -> stats.Stratified | None:
    return stats.within_accounts(stats.split_groups(cells.on(params.scale), "level", {pair[0]}, {pair[1]}))
