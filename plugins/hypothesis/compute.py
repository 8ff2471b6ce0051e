"""Groups of posts compared: the effect in several honest ways, each with interval, n and p."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from postlens import CannotCompute, Column, Context, Params, Pick, Schema, stats

Mode = Literal["rest", "pair", "all"]
MOST_LEVELS = 12
SMALL = 10
ACCOUNT = "account_name"


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
        two_sided_low, two_sided_high: the two-sided 95 % interval of the estimate, whatever the alternative.
        ratio_low, ratio_high: 95 % interval of the ratio of plain means (Welch, first order).
        small_counts: typical posts have fewer than 10, so a ratio of 1 + x is far from one of x.
        shared: columns the groups were made from and the metric is part of; the comparison is circular if any.
        tests: `method`, `estimate`, `low`, `high`, `statistic`, `df`, `p`, `log_p`, `posts`, `accounts`.
        groups: `level`, `posts`, `accounts`, `mean`, `sd`, `typical`, `typical_low`, `typical_high`, `median`, `skew`.
        deciles: `decile`, `first`, `second`: the metric's deciles in the two groups.
        pairs: for all groups: `first`, `second`, `estimate`, `low`, `high`, `p`, `p_holm`, `log_p`.
        dropped: posts without a value for the metric or the group.
    """

    mode: str
    metric_label: str
    group_label: str
    first_name: str
    second_name: str
    scale: str
    method: str
    estimate: float
    low: float
    high: float
    se: float
    log_p: float
    welch_statistic: float
    welch_df: float
    welch_p: float
    welch_low: float
    welch_high: float
    g: float
    g_low: float
    g_high: float
    superiority: float
    superiority_low: float
    superiority_high: float
    detectable: float
    posts_needed: int
    posts: int
    accounts: int
    account_aware: bool
    two_sided_low: float
    two_sided_high: float
    ratio_low: float
    ratio_high: float
    small_counts: bool
    shared: tuple[str, ...]
    unknown_origin: bool
    left_out_levels: int
    tests: pl.DataFrame
    groups: pl.DataFrame
    deciles: pl.DataFrame
    pairs: pl.DataFrame
    dropped: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """The posts as summaries: by account and level on both scales, and the value counts by level."""

    log: pl.DataFrame
    raw: pl.DataFrame
    counts: pl.DataFrame
    by_account: bool
    below_zero: bool
    missing: int
    metric: Column

    def on(self, scale: str) -> pl.DataFrame:
        return self.log if scale == "log" else self.raw

    def moments(self, scale: str, levels: set[str] | None = None) -> stats.Moments:
        table = self.on(scale)
        return stats.moments(table if levels is None else table.filter(pl.col("level").is_in(list(levels))))


def compare(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Comparison:
    """Compare the groups.

    Raises:
        CannotCompute: fewer than two groups, or a group with fewer than two posts.
    """
    schema = ctx.schema
    _check_scale(posts, params, schema)
    ctx.progress(0.2, "Summarising groups")
    cells = _summarise(posts, params, schema)
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
    if params.mode == "all":
        return _all_groups(cells, levels, params, schema)
    return _two_groups(cells, levels, params, schema)


def _check_scale(posts: pl.LazyFrame, params: Settings, schema: Schema) -> None:
    if params.scale == "raw":
        return
    below = int(posts.select((pl.col(params.metric) < 0).sum()).collect(engine="streaming").item() or 0)
    if below:
        raise CannotCompute(
            f"{schema.label(params.metric)} is below 0 in {below:,} posts, which have no logarithm.",
            "Choose the raw scale.",
        )


def _summarise(posts: pl.LazyFrame, params: Settings, schema: Schema) -> _Cells:
    by_account = ACCOUNT in schema and len(schema[ACCOUNT].levels) > 1 and params.group != ACCOUNT
    account = pl.col(ACCOUNT).fill_null("(missing)") if by_account else pl.lit("all")
    named = posts.with_columns(account=account, level=pl.col(params.group).cast(pl.String))
    metric = schema[params.metric]
    values = {"log": stats.on_scale(metric, "log"), "raw": stats.on_scale(metric, "raw")}
    tables = stats.summarise_many(named, values, ["account", "level"])
    counts = (
        named.select("level", value=stats.on_scale(metric, "raw"))
        .drop_nulls()
        .group_by("level", "value")
        .agg(posts=pl.len().cast(pl.Int64))
        .sort("level", "value")
        .collect(engine="streaming")
    )
    total = int(posts.select(pl.len()).collect(engine="streaming").item())
    return _Cells(
        log=tables["log"],
        raw=tables["raw"],
        counts=counts,
        by_account=by_account,
        below_zero=bool((counts["value"] < 0).any()),
        missing=total - int(counts["posts"].sum()),
        metric=metric,
    )


# -- two groups ---------------------------------------------------------------------------------------


def _two_groups(cells: _Cells, levels: pl.DataFrame, params: Settings, schema: Schema) -> Comparison:
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
    sides = stats.sides(cells.on(params.scale), "level", first, second)
    one, two = cells.moments(params.scale, first), cells.moments(params.scale, second)
    for name, group in ((level, one), (second_name, two)):
        if group.n < 2:
            raise CannotCompute(f'"{name}" has {group.n} post(s); a comparison needs two.', "Choose another group.")
    tests = _tests(cells, params, one, two, sides, first, second)
    method = _method(tests, inside=params.inside)
    answer = tests.filter(pl.col("method") == method).row(0, named=True)
    welch = tests.filter(pl.col("method") == f"Welch, {params.scale} scale").row(0, named=True)
    effect = stats.hedges(one, two)
    chance = stats.superiority(_value_counts(cells, first, second))
    se = answer["se"]
    ratio = _ratio_of_means(cells.moments("raw", first), cells.moments("raw", second))
    return Comparison(
        mode=params.mode,
        metric_label=schema.label(params.metric),
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
        shared=_shared(schema, params),
        unknown_origin=_unknown_origin(schema, params),
        left_out_levels=0,
        tests=tests,
        groups=_groups(cells, {level: first, second_name: second}),
        deciles=_deciles(cells, first, second),
        pairs=_no_pairs(),
        dropped=_dropped(cells, schema, params),
    )


def _method(tests: pl.DataFrame, *, inside: bool) -> str:
    """The test that answers: inside accounts if wanted, else the one that allows for the most."""
    methods = set(tests["method"])
    wanted = (["inside accounts"] if inside else []) + ["pooled, clustered by account", "Student, one variance"]
    return next((m for m in wanted if m in methods), str(tests["method"][0]))


def _tests(
    cells: _Cells,
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


def _hardly_varies(cells: _Cells, levels: set[str]) -> bool:
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


def _ratio_of_means(one: stats.Moments, two: stats.Moments) -> tuple[float, float]:
    """95 % interval of the ratio of two means by the delta method on the logarithm; nan where a mean is not above 0."""
    if min(one.mean, two.mean) <= 0 or min(one.n, two.n) < 2:
        return math.nan, math.nan
    spread = math.sqrt(one.variance / one.n / one.mean**2 + two.variance / two.n / two.mean**2)
    half = stats.t_quantile(0.975, one.n + two.n - 2) * spread
    ratio = one.mean / two.mean
    return ratio * math.exp(-half), ratio * math.exp(half)


def _value_counts(cells: _Cells, first: set[str], second: set[str]) -> pl.DataFrame:
    """How many posts of each side have each value."""

    def side(levels: set[str], name: str) -> pl.DataFrame:
        kept = cells.counts.filter(pl.col("level").is_in(list(levels)))
        return kept.group_by("value").agg(pl.col("posts").sum().alias(name))

    joined = side(first, "first").join(side(second, "second"), on="value", how="full", coalesce=True)
    return joined.fill_null(0).sort("value")


def _deciles(cells: _Cells, first: set[str], second: set[str]) -> pl.DataFrame:
    values = _value_counts(cells, first, second)
    rows = []
    for decile in range(1, 10):
        row = {"decile": decile}
        for name in ("first", "second"):
            reached = pl.col(name).cum_sum() >= decile / 10 * pl.col(name).sum()
            row[name] = values.filter(reached)["value"][0]
        rows.append(row)
    return pl.DataFrame(rows)


def _groups(cells: _Cells, named: dict[str, set[str]]) -> pl.DataFrame:
    rows = []
    for name, levels in named.items():
        log, raw = cells.moments("log", levels), cells.moments("raw", levels)
        part = cells.raw.filter(pl.col("level").is_in(list(levels)))
        counts = (
            cells.counts.filter(pl.col("level").is_in(list(levels)))
            .group_by("value")
            .agg(pl.col("posts").sum())
            .sort("value")
        )
        low, high = log.interval()
        known = not cells.below_zero
        ends = [
            stats.back(v, "log", cells.metric) if known and math.isfinite(v) else None for v in (log.mean, low, high)
        ]
        rows.append(
            (
                name,
                raw.n,
                part["account"].n_unique() if cells.by_account else None,
                raw.mean,
                raw.sd,
                *ends,
                *_median_and_skew(counts, raw),
            )
        )
    floats = ("mean", "sd", "typical", "typical_low", "typical_high", "median", "skew")
    schema = {"level": pl.String, "posts": pl.Int64, "accounts": pl.Int64} | dict.fromkeys(floats, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col(floats).fill_nan(None))


def _median_and_skew(counts: pl.DataFrame, raw: stats.Moments) -> tuple[float, float]:
    """From value counts: the middle value (mean of the middle two) and the third standardised moment."""
    total = int(counts["posts"].sum())
    before = counts["posts"].cum_sum()
    middle = [counts["value"][int((before > rank).arg_max() or 0)] for rank in ((total - 1) // 2, total // 2)]
    if raw.m2 <= 0:
        return sum(middle) / 2, math.nan
    third = float((counts["posts"] * (counts["value"] - raw.mean) ** 3).sum()) / total
    return sum(middle) / 2, third / (raw.m2 / total) ** 1.5


# -- all groups ---------------------------------------------------------------------------------------


def _all_groups(cells: _Cells, levels: pl.DataFrame, params: Settings, schema: Schema) -> Comparison:
    usable = levels.filter(pl.col("n") >= 2)["level"].head(MOST_LEVELS).to_list()
    moments = {level: cells.moments(params.scale, {level}) for level in usable}
    varying = [m for m in moments.values() if m.m2 > 0]
    if len(varying) < 2:
        raise CannotCompute("Fewer than two groups have posts that differ.", "Choose another grouping or metric.")
    anova = stats.welch_anova(varying)
    pairs, inside = _pairs(cells, moments, params)
    widest = pairs.row(0, named=True)
    corrected = math.log(widest["p_holm"]) if widest["p_holm"] > 0 else widest["log_p"] + math.log(pairs.height)
    log_p = corrected if inside else anova.log_p
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
    nan = math.nan
    return Comparison(
        mode="all",
        metric_label=schema.label(params.metric),
        group_label=schema.label(params.group),
        first_name=widest["first"],
        second_name=widest["second"],
        scale=params.scale,
        method="inside accounts" if inside else "Welch's one-way test",
        estimate=widest["estimate"],
        low=widest["low"],
        high=widest["high"],
        se=nan,
        log_p=log_p,
        welch_statistic=anova.statistic,
        welch_df=anova.df_within,
        welch_p=math.exp(anova.log_p),
        welch_low=nan,
        welch_high=nan,
        g=nan,
        g_low=nan,
        g_high=nan,
        superiority=nan,
        superiority_low=nan,
        superiority_high=nan,
        detectable=nan,
        posts_needed=0,
        posts=posts,
        accounts=cells.log["account"].n_unique() if inside else 0,
        account_aware=inside or not cells.by_account,
        two_sided_low=min(pairs["low"].to_list()),
        two_sided_high=max(pairs["high"].to_list()),
        ratio_low=nan,
        ratio_high=nan,
        small_counts=params.scale == "log" and min(m.mean for m in moments.values()) < math.log1p(SMALL),
        shared=_shared(schema, params),
        unknown_origin=_unknown_origin(schema, params),
        left_out_levels=levels.height - len(moments),
        tests=pl.DataFrame([test], schema_overrides={**floats, "accounts": pl.Int64}),
        groups=_groups(cells, {level: {level} for level in moments}),
        deciles=pl.DataFrame(schema={"decile": pl.Int64, "first": pl.Float64, "second": pl.Float64}),
        pairs=pairs,
        dropped=_dropped(cells, schema, params),
    )


def _pairs(cells: _Cells, moments: dict[str, stats.Moments], params: Settings) -> tuple[pl.DataFrame, bool]:
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
    table = table.with_columns(p_holm=pl.Series(stats.holm(table["p"].to_list())))
    return table.sort("p_holm", "log_p", "first", "second"), inside


def _pair_within(cells: _Cells, pair: tuple[str, str], params: Settings) -> stats.Stratified | None:
    return stats.within_accounts(stats.sides(cells.on(params.scale), "level", {pair[0]}, {pair[1]}))


def _no_pairs() -> pl.DataFrame:
    floats = ("estimate", "low", "high", "p", "log_p", "p_holm")
    return pl.DataFrame(schema={"first": pl.String, "second": pl.String} | dict.fromkeys(floats, pl.Float64))


# -- where the groups come from -----------------------------------------------------------------------


def _shared(schema: Schema, params: Settings) -> tuple[str, ...]:
    """The columns that both the groups and the metric are made of; the comparison is circular if there are any."""
    common = _closure(schema[params.group].made_of, schema) & _closure((params.metric,), schema)
    return tuple(sorted(schema.label(name) for name in common if name in schema))


def _closure(names: Sequence[str], schema: Schema) -> set[str]:
    """Columns with everything they are made of. What a network reports as engagements is made of the same parts."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name == "engagements_reported":
            waiting.append("engagements")
        if name in schema:
            waiting += schema[name].made_of
    return found


def _unknown_origin(schema: Schema, params: Settings) -> bool:
    """A column of the file that is called a cluster may have been made from the metrics; nobody can tell here."""
    column = schema[params.group]
    return not column.computed and any(word in column.name for word in ("cluster", "segment"))


def _dropped(cells: _Cells, schema: Schema, params: Settings) -> pl.DataFrame:
    reason = f"no value for {schema.label(params.metric).lower()} or {schema.label(params.group).lower()}"
    return pl.DataFrame({"reason": [reason], "posts": [cells.missing]})
