"""One group against the rest or against another: the effect in several honest ways."""

from __future__ import annotations

import contextlib
import math

import polars as pl

from postlens import CannotCompute, Schema, stats, wording
from postlens.plugins.hypothesis.cells import Cells, deciles, dropped, group_table, value_counts
from postlens.plugins.hypothesis.circularity import unknown_origin
from postlens.plugins.hypothesis.settings import Comparison, Settings

SMALL = 10


def two_groups(cells: Cells, levels: pl.DataFrame, params: Settings, schema: Schema) -> Comparison:
    """Compare one group with the rest or with another."""
    known = levels["level"].to_list()
    level = params.level if params.level in known else ""
    if not level and params.mode == "rest" and params.level == next(iter(schema[params.group].levels), ""):
        level = known[0]  # The host's own choice has no posts in view; the most frequent group has.
    if not level:
        raise CannotCompute(
            f'No post in view is "{params.level}" and has a value for {schema.label(params.metric).lower()}.',
            "Choose another group or widen the filters.",
        )
    first = {level}
    second = set(known) - first
    second_name = "the rest"
    if params.mode == "pair":
        if params.against == level:
            raise CannotCompute(f'"{level}" cannot be compared with itself.', "Choose another group to compare with.")
        other = params.against if params.against in second else min(second)
        second, second_name = {other}, other
    sides = stats.split_groups(cells.on(params.scale), "level", first, second)
    one, two = cells.moments(params.scale, first), cells.moments(params.scale, second)
    for name, group in ((level, one), (second_name, two)):
        if group.n < 2:
            raise CannotCompute(f'"{name}" has {group.n} post(s); a comparison needs two.', "Choose another group.")
    tests = _tests(cells, params, one, two, sides, first, second)
    method = _method(tests, inside=params.inside)
    answer = tests.filter(pl.col("method") == method).row(0, named=True)
    welch = tests.filter(pl.col("method") == f"Welch, {params.scale} scale").row(0, named=True)
    effect = stats.hedges(one, two)
    chance = stats.superiority(value_counts(cells, first, second))
    se = answer["se"]
    ratio = stats.ratio_of_means(cells.moments("raw", first), cells.moments("raw", second))
    return Comparison(
        mode=params.mode,
        metric_label=schema.label(params.metric),
        percent=schema[params.metric].percent,
        group_label=schema.label(params.group),
        first_name=level,
        second_name=second_name,
        scale=params.scale,
        method=method,
        estimate=answer["estimate"],
        low=answer["low"],
        high=answer["high"],
        se=se,
        log_p=answer["log_p"],
        welch_statistic=welch["statistic"],
        welch_df=welch["df"],
        welch_p=welch["p"],
        welch_low=welch["low"],
        welch_high=welch["high"],
        g=effect.g,
        g_low=effect.low,
        g_high=effect.high,
        superiority=chance.share,
        superiority_low=chance.low,
        superiority_high=chance.high,
        detectable=stats.detectable(se, answer["df"]),
        posts_needed=stats.posts_needed(answer["posts"], se, answer["estimate"]),
        posts=answer["posts"],
        accounts=answer["accounts"] or 0,
        account_aware=not cells.by_account or answer["accounts"] is not None,
        two_sided_low=answer["estimate"] - stats.t_quantile(0.975, answer["df"]) * se,
        two_sided_high=answer["estimate"] + stats.t_quantile(0.975, answer["df"]) * se,
        ratio_low=ratio[0],
        ratio_high=ratio[1],
        small_counts=params.scale == "log" and min(one.mean, two.mean) < math.log1p(SMALL),
        shared=(),
        unknown_origin=unknown_origin(schema, params),
        left_out_levels=0,
        tests=tests,
        groups=group_table(cells, {level: first, second_name: second}),
        deciles=deciles(cells, first, second),
        pairs=no_pairs(),
        dropped=dropped(cells, schema, params),
    )


def further_tests(cells: Cells, levels: pl.DataFrame, params: Settings, result: Comparison, seed: int) -> pl.DataFrame:
    """The same question put to ranks, to chance itself, and the other way round; posts taken as independent."""
    first = {result.first_name}
    second = {result.second_name} if params.mode == "pair" else set(levels["level"]) - first
    one, two = cells.moments(params.scale, first), cells.moments(params.scale, second)
    counted = value_counts(cells, first, second)
    rows: list[tuple[str, str, float]] = []
    with contextlib.suppress(ValueError):
        rank = stats.mann_whitney(counted)
        rows.append(("Mann-Whitney: the ranks differ", f"U = {rank.statistic:,.0f}", rank.log_p))
    munzel = stats.superiority(counted)
    rows.append(("Brunner-Munzel: the chance to beat differs from a half", wording.percent(munzel.share), munzel.log_p))
    on_scale = counted.with_columns(value=_scaled(cells, params))
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


def _scaled(cells: Cells, params: Settings) -> pl.Expr:
    value = pl.col("value")
    return (value * stats.unit(cells.metric)).log1p() if params.scale == "log" else value


def _method(tests: pl.DataFrame, *, inside: bool) -> str:
    """The test that answers: inside accounts if wanted, else the one that allows for the most."""
    methods = set(tests["method"])
    wanted = (["inside accounts"] if inside else []) + ["pooled, clustered by account", "Student, one variance"]
    return next((m for m in wanted if m in methods), str(tests["method"][0]))


def _tests(
    cells: Cells,
    params: Settings,
    one: stats.Moments,
    two: stats.Moments,
    sides: pl.DataFrame,
    first: set[str],
    second: set[str],
) -> pl.DataFrame:
    """Every way to answer, the chosen scale first."""
    posts = one.n + two.n
    try:
        rows = [_test_row(f"Welch, {params.scale} scale", stats.welch(one, two, params.alternative), posts, None)]
    except ValueError:
        raise CannotCompute(
            "Neither group varies, so there is nothing to compare with.", "Choose another metric."
        ) from None
    if _hardly_varies(cells, first) or _hardly_varies(cells, second):
        rows.append(_test_row("Student, one variance", stats.student(one, two, params.alternative), posts, None))
    if cells.by_account:
        for name, found in (
            ("pooled, clustered by account", stats.clustered_by_account(sides)),
            ("inside accounts", stats.within_accounts(sides)),
        ):
            if found is not None:
                test = stats.t_test(found.estimate, found.se, found.df, params.alternative)
                rows.append(_test_row(name, test, found.posts, found.accounts))
    other = "raw" if params.scale == "log" else "log"
    if other == "raw" or not cells.below_zero:
        a, b = cells.moments(other, first), cells.moments(other, second)
        with contextlib.suppress(ValueError):
            rows.append(_test_row(f"Welch, {other} scale", stats.welch(a, b, params.alternative), posts, None))
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("accounts").cast(pl.Int64))


def _hardly_varies(cells: Cells, levels: set[str]) -> bool:
    """Whether fewer than five posts of a group differ from its most frequent value: its variance says nothing."""
    counts = cells.counts.filter(pl.col("level").is_in(list(levels))).group_by("value").agg(pl.col("posts").sum())
    return int(counts["posts"].sum()) - max(counts["posts"].to_list(), default=0) < 5


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


def no_pairs() -> pl.DataFrame:
    """The empty table of pairs."""
    floats = ("estimate", "low", "high", "p", "log_p", "p_holm", "p_bh", "p_games_howell")
    return pl.DataFrame(schema={"first": pl.String, "second": pl.String} | dict.fromkeys(floats, pl.Float64))
