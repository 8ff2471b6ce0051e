"""The level of each account, and where it stands among its peers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from postlens import CannotCompute, Column, Context, Params, Pick, Schema, stats, wording

RATES = ("er_reach", "er_followers", "er_impressions", "er_views")
_FEWEST_PEERS = 3  # An account with fewer others beside it has no rank.
_NETWORK, _UNIT, _SIZE = "platform", "|unit", "followers_at_post"
_BANDS = ((10_000, "under 10,000"), (100_000, "10,000 to 100,000"), (1_000_000, "100,000 to 1 million"))
_LARGEST = "above 1 million"


class Settings(Params):
    """Of what, and among whom."""

    metric: Annotated[str, Pick(kind="metric", prefer=(*RATES, *stats.MAIN_METRICS))] = Field("", title="Metric")
    peers: Literal["size", "network", "all"] = Field(
        "size",
        title="Peers",
        json_schema_extra={
            "labels": {"size": "Same network and size", "network": "Same network", "all": "All accounts"}
        },
    )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Accounts among their peers.

    Attributes:
        accounts: `account`, `network`, `size`, `group` (the peers' name), `posts`, `typical`, `low`, `high` in the
            metric's own unit, `percentile`, `percentile_low`, `percentile_high` (0 to 100), `ahead`, `behind`, `peers` (others);
            the best first within its group. Percentiles are null where there are fewer than three peers.
        few: accounts whose level cannot be told: too few posts or weeks. unknown: those of which no post has the metric.
        sizes: `size`, `accounts`, `typical`, `low`, `high` by bands of followers; empty where followers are not known.
    """

    metric: Column
    accounts: pl.DataFrame
    few: tuple[str, ...]
    unknown: tuple[str, ...]
    sizes: pl.DataFrame
    by: tuple[str, ...]


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Standing:
    """Levels first, then ranks within each group of peers."""
    if not params.metric:
        raise CannotCompute("There is no metric.", "Use an export with reactions, comments, views or reach.")
    schema, metric = ctx.schema, ctx.schema[params.metric]
    least = posts.select(pl.col(params.metric).min()).collect(engine="streaming").item()
    if least is not None and least < 0:
        raise CannotCompute(f"{metric.label} goes below 0, so accounts have no typical post.", "Choose another metric.")
    ctx.progress(0.1, "Reading the accounts")
    units = posts.with_columns(_unit(schema).alias(_UNIT))
    about = _about(units, schema).collect(engine="streaming")
    if about.height < 2:
        raise CannotCompute("There is one account, and nobody to compare it with.", "Widen the filters, or import more accounts.")  # fmt: skip
    table = stats.comparison_query(units, params.metric, _UNIT, schema).collect(engine="streaming")
    ctx.stop_if_cancelled()
    ctx.progress(0.6, "Ranking them")
    levels, few = _levels(table)
    ranked = {*levels[_UNIT], *few}
    if levels.height < 2:
        raise CannotCompute(
            f"Of fewer than two accounts the typical post can be told: it takes {stats.MIN_POSTS} posts in several weeks.",
            "Widen the filters.",
        )
    named = levels.join(about, on=_UNIT, how="left")
    by = _peers(named, params.peers)
    return Standing(
        metric=metric,
        accounts=_ranked(named, by, metric),
        few=tuple(few),
        unknown=tuple(sorted(name for name in about[_UNIT] if name not in ranked)),
        sizes=_sizes(named, metric),
        by=tuple(by),
    )


def _peers(named: pl.DataFrame, wanted: str) -> list[str]:
    """What peers have in common: as much of what is wanted as leaves anybody with peers."""
    every: dict[str, list[list[str]]] = {"size": [["network", "size"], ["network"], []], "network": [["network"], []]}
    steps: list[list[str]] = every.get(wanted, [[]])
    for step in steps:
        known = [c for c in step if named[c].null_count() < named.height]
        largest = named.group_by(known).len()["len"].max() if known else named.height
        if isinstance(largest, int) and largest > _FEWEST_PEERS:
            return known
    return []


def _unit(schema: Schema) -> pl.Expr:
    """An account; on each network one of its own."""
    account = pl.col("account_name").cast(pl.String)
    if _NETWORK not in schema or len(schema[_NETWORK].levels) < 2:
        return account
    network = _named(schema)
    return pl.when(network.is_null()).then(account).otherwise(pl.format("{} ({})", account, network))


def _named(schema: Schema) -> pl.Expr:
    """The network of a post as people write it."""
    names = {level: wording.name_of(level) for level in schema[_NETWORK].levels}
    return pl.col(_NETWORK).cast(pl.String).replace(names)


def _about(units: pl.LazyFrame, schema: Schema) -> pl.LazyFrame:
    """The network and the band of followers of each account."""
    several = _NETWORK in schema and len(schema[_NETWORK].levels) > 1
    network = _named(schema).drop_nulls().mode().first() if several else pl.lit(None, dtype=pl.String)
    size = pl.col(_SIZE).median() if _SIZE in schema else pl.lit(None, dtype=pl.Float64)
    found = units.group_by(_UNIT).agg(network=network, followers=size).filter(pl.col(_UNIT).is_not_null())
    band = pl.lit(_LARGEST)
    for most, name in reversed(_BANDS):
        band = pl.when(pl.col("followers") < most).then(pl.lit(name)).otherwise(band)
    return found.with_columns(size=pl.when(pl.col("followers").is_not_null()).then(band))


def _levels(table: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The level of each account on the scale, with its variance; and the accounts of which too little is known."""
    cells = stats.read_cells(table)
    rows, few = [], []
    for name in cells.levels:
        one = stats.typical(cells, [name])
        reach = one.high - one.mean
        if one.posts < stats.MIN_POSTS or not math.isfinite(reach):
            few.append(name)
            continue
        rows.append((name, one.posts, one.mean, max(reach, 1e-6)))
    schema = {_UNIT: pl.String, "posts": pl.Int64, "level": pl.Float64, "reach": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row"), few


def _ranked(named: pl.DataFrame, by: list[str], metric: Column) -> pl.DataFrame:
    label = (
        pl.concat_str([pl.col(c).fill_null("not known") for c in by], separator=", ") if by else pl.lit("all accounts")
    )
    rows = []
    for (group,), part in sorted(named.with_columns(group=label).group_by("group"), key=lambda pair: str(pair[0])):
        levels, reaches = part["level"].to_list(), part["reach"].to_list()
        enough = part.height > _FEWEST_PEERS
        places = stats.ranked(levels, [stats.variance_of(r) for r in reaches]) if enough else [None] * part.height
        for own, level, reach, place in zip(part.iter_rows(named=True), levels, reaches, places, strict=True):
            ends = [max(stats.from_scale(v, "log", metric), 0.0) for v in (level, level - reach, level + reach)]
            ranks = (
                [
                    100 * place.percentile,
                    100 * place.percentile_low,
                    100 * place.percentile_high,
                    place.ahead,
                    place.behind,
                ]
                if place
                else [None] * 5
            )
            rows.append((own[_UNIT], own["network"], own["size"], group, own["posts"], *ends, *ranks, part.height - 1))
    floats, counts = pl.Float64, pl.Int64
    schema = {
        **dict.fromkeys(("account", "network", "size", "group"), pl.String),
        "posts": counts,
        **dict.fromkeys(("typical", "low", "high", "percentile", "percentile_low", "percentile_high"), floats),
        **dict.fromkeys(("ahead", "behind", "peers"), counts),
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.sort(
        ["group", "percentile", "typical", "account"], descending=[False, True, True, False], nulls_last=True
    )


def _sizes(named: pl.DataFrame, metric: Column) -> pl.DataFrame:
    """The typical account of each band of followers, with its interval over accounts."""
    schema = {"size": pl.String, "accounts": pl.Int64, **dict.fromkeys(("typical", "low", "high"), pl.Float64)}
    rows = []
    for band in (*(name for _, name in _BANDS), _LARGEST):
        levels = named.filter(pl.col("size") == band)["level"]
        if not len(levels):
            continue
        mean, ends = float(levels.mean() or 0.0), (None, None)  # type: ignore[arg-type]
        if len(levels) > 2:
            reach = stats.half_width(float(levels.std() or 0.0), len(levels))  # type: ignore[arg-type]
            ends = (mean - reach, mean + reach)  # type: ignore[assignment]
        values = [None if v is None else max(stats.from_scale(v, "log", metric), 0.0) for v in (mean, *ends)]
        rows.append((band, len(levels), *values))
    return pl.DataFrame(rows, schema=schema, orient="row")


def leader(result: Standing) -> str:
    """One sentence: who leads, and how surely."""
    told = result.accounts.filter(pl.col("percentile").is_not_null())
    if told.is_empty():
        return "No account has three peers, so none has a rank."
    first = told.sort(["ahead", "percentile"], descending=True).row(0, named=True)
    metric = result.metric.label[0].lower() + result.metric.label[1:]
    if not first["ahead"]:
        return f"No account is ahead of another beyond luck by its {metric}."
    return (
        f"{first['account']} is furthest ahead by its {metric}: above {first['ahead']} of its {wording.counted(first['peers'], 'peer')} "
        "beyond luck."
    )
