"""The same question put in other ways: classical tests of all posts together, taken as independent."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection

import polars as pl

from postlens import Schema, stats, wording
from postlens.plugins.hypothesis.cells import Groups, value_counts
from postlens.plugins.hypothesis.settings import Settings

MAX_PAIRS_OF = 12


def classical_tests(
    groups: Groups, params: Settings, compared: stats.Comparison, first: Collection[str], second: Collection[str]
) -> pl.DataFrame:
    """The answer, and Welch's tests of all posts together on both scales; `scale` is null for the answer itself."""
    rows = []
    level = compared.of(*first)
    if level is not None and not level.effect.untold:
        effect = level.effect
        within = stats.compared_within(compared, level.level)
        name = f"within {within}" if within else "all posts together"
        found = stats.t_test(effect.estimate, effect.se, effect.df, params.alternative)
        row = _test_row(name, found, effect.posts, effect.accounts)
        if effect.looked_for:
            p = math.exp(effect.log_p)
            row |= {
                "low": effect.low,
                "high": effect.high,
                "p": p,
                "log_p": effect.log_p,
                "method": f"{name}, at every look",
            }
        rows.append(row)
    for scale in (params.scale, "raw" if params.scale == "log" else "log"):
        if scale == "log" and groups.below_zero:
            continue
        one, two = groups.moments(scale, first), groups.moments(scale, second)
        with contextlib.suppress(ValueError):
            rows.append(
                _test_row(f"Welch, {scale} scale", stats.welch(one, two, params.alternative), one.n + two.n, None)
                | {"scale": scale}
            )
    return _test_frame(rows)


def tests_of_all(groups: Groups, params: Settings, levels: Collection[str]) -> pl.DataFrame:
    """Welch's one-way test of all posts together."""
    moments = [m for m in (groups.moments(params.scale, {level}) for level in levels) if m.n >= 2 and m.m2 > 0]
    if len(moments) < 2:
        return _test_frame([])
    anova = stats.welch_anova(moments)
    row: dict[str, object] = {
        "method": "Welch's one-way test, all posts together", "scale": None,
        "estimate": None, "low": None, "high": None, "se": None,
        "statistic": anova.statistic, "df": anova.df_within, "p": math.exp(anova.log_p), "log_p": anova.log_p,
        "posts": sum(m.n for m in moments), "accounts": None,
    }  # fmt: skip
    return _test_frame([row])


def pair_table(groups: Groups, params: Settings, levels: list[str], schema: Schema) -> pl.DataFrame:
    """Every pair, within accounts and periods; p corrected by Holm."""
    rows = []
    for i, first in enumerate(levels):
        for second in levels[i + 1 :]:
            found = stats.compare_groups(
                groups.cells,
                params.metric,
                params.group,
                schema,
                params.scale,
                pair=(first, second),
                looks=params.looks,
            ).levels[0]
            effect = found.effect
            if not effect.untold:
                rows.append((first, second, effect.estimate, effect.low, effect.high, effect.p, effect.log_p))
    floats = dict.fromkeys(("estimate", "low", "high", "p", "log_p"), pl.Float64)
    table = pl.DataFrame(rows, schema={"first": pl.String, "second": pl.String, **floats}, orient="row")
    corrected = stats.holm(table["p"].to_list())
    return table.with_columns(p_holm=pl.Series(corrected, dtype=pl.Float64)).sort("log_p", "first", "second")


def _test_frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    floats = ("estimate", "low", "high", "se", "statistic", "df", "p", "log_p")
    schema = (
        {"method": pl.String, "scale": pl.String}
        | dict.fromkeys(floats, pl.Float64)
        | {"posts": pl.Int64, "accounts": pl.Int64}
    )
    return pl.DataFrame(rows, schema=schema)


def further_tests(
    groups: Groups, params: Settings, first: Collection[str], second: Collection[str], seed: int
) -> pl.DataFrame:
    """The same question put to ranks, to chance itself, and the other way round; posts taken as independent."""
    one, two = groups.moments(params.scale, first), groups.moments(params.scale, second)
    counted = value_counts(groups, first, second)
    rows: list[tuple[str, str, float]] = []
    with contextlib.suppress(ValueError):
        rank = stats.mann_whitney(counted)
        rows.append(("Mann-Whitney: the ranks differ", f"U = {rank.statistic:,.0f}", rank.log_p))
    munzel = stats.superiority(counted)
    rows.append(
        (
            "Brunner-Munzel: the probability of superiority differs from a half",
            wording.percent(munzel.share),
            munzel.log_p,
        )
    )
    on_scale = counted.with_columns(value=_scaled(groups, params))
    dealt = stats.permutation(on_scale, seed)
    rows.append((f"Permutation of the posts, {params.scale} scale", f"{stats.RESAMPLES:,} times", math.log(dealt)))
    low, high = stats.bootstrap_ratio(counted, seed)
    if math.isfinite(low):
        ends = f"{wording.ratio(low)} to {wording.ratio(high)}"
        rows.append(("Bootstrap: ratio of plain means, 95 % interval", ends, math.nan))
    with contextlib.suppress(ValueError):
        trimmed = stats.yuen(on_scale)
        found = f"{wording.number(trimmed.first)} and {wording.number(trimmed.second)}, {params.scale} scale"
        rows.append(("Yuen: the means without the top and bottom fifth differ", found, trimmed.log_p))
    with contextlib.suppress(ValueError):
        t = stats.student(one, two).statistic
        rows.append(
            (
                "Bayes factor (JZS): for a difference against none",
                _times(stats.log_bayes_factor(t, one.n, two.n)),
                math.nan,
            )
        )
    with contextlib.suppress(ValueError):
        margin = math.log(wording.MATTERS) if params.scale == "log" else (wording.MATTERS - 1) * abs(two.mean)
        if margin > 0:
            same = stats.tost(one, two, margin)
            rows.append((f"Equivalence (TOST): the difference is below {wording.MATTERS - 1:.0%}", "", same))
    spread = stats.brown_forsythe(on_scale, ["first", "second"])
    rows.append(
        (
            "Brown-Forsythe: the spreads differ (for information)",
            f"F = {wording.number(spread.statistic)}",
            spread.log_p,
        )
    )
    schema = {"method": pl.String, "value": pl.String, "log_p": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("log_p").fill_nan(None))


def _times(log_factor: float) -> str:
    """A Bayes factor in words: which side it is on, and how strongly."""
    strength = math.exp(min(abs(log_factor), 700))
    times = f"{wording.number(strength)} times" if strength < 1e6 else "over a million times"
    return f"{times} likelier {'with' if log_factor > 0 else 'without'} a difference"


def _scaled(groups: Groups, params: Settings) -> pl.Expr:
    value = pl.col("value")
    return (value * stats.unit(groups.metric)).log1p() if params.scale == "log" else value


def _test_row(method: str, found: stats.Difference, posts: int, accounts: int | None) -> dict[str, object]:
    return {
        "method": method,
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "se": found.se,
        "statistic": found.statistic,
        "df": found.df,
        "p": found.p,
        "log_p": found.log_p,
        "posts": posts,
        "accounts": accounts,
    }
