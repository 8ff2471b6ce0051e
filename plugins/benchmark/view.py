"""The page: one sentence, the percentiles with their ranges, every account, and what accounts of each size have."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from postlens import Block, Chart, Notice, Row, Stat, Table, charts, wording
from postlens.plugins.benchmark.compute import RATES, Settings, Standing, leader

_DRAWN = 30
_COLUMNS = (
    *("account", "percentile", "percentile_low", "percentile_high", "ahead", "behind", "peers", "posts"),
    *("typical", "low", "high", "size", "network"),
)


def show(result: Standing, params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    told = result.accounts.filter(pl.col("percentile").is_not_null())
    blocks: list[Block] = [Notice(title=leader(result), text=_among(result, params)), _headline(result, told)]
    if told.height:
        blocks.append(_percentiles(result, told))
    blocks.append(_table(result, result.accounts, "Every account", "accounts"))
    if result.sizes.height > 1:
        blocks.append(_sizes(result))
    if result.few:
        few = wording.listed([*result.few[:8], *(["others"] if len(result.few) > 8 else [])])
        blocks.append(Notice(text=f"Too few posts or weeks to tell their level: {few}."))
    if result.unknown:
        label = result.metric.label[0].lower() + result.metric.label[1:]
        names = wording.listed([*result.unknown[:8], *(["others"] if len(result.unknown) > 8 else [])])
        blocks.append(Notice(text=f"Without a rank, for none of their posts has {label}: {names}."))
    return blocks


def _among(result: Standing, params: Settings) -> str:
    """Who the peers are, and what an unfair metric does."""
    said = {
        ("network", "size"): "Peers are the accounts of the same network and about as many followers.",
        ("size",): "Peers are the accounts with about as many followers.",
        ("network",): "Peers are the accounts of the same network.",
        (): "Peers are all accounts of these posts.",
    }[result.by]
    if params.peers == "size" and "size" not in result.by:
        known = result.sizes.height > 0
        said += f" {'Of one size there are too few' if known else 'Followers are not known'}, so accounts of all sizes are peers."
    if result.metric.name not in RATES and result.metric.kind != "rate" and "size" not in result.by:
        said += " Counts follow the number of followers: a rate would be fairer."
    return said


def _headline(result: Standing, told: pl.DataFrame) -> Row:
    pairs = int(told["ahead"].sum() or 0)
    possible = int(told["peers"].sum() or 0) // 2
    return Row(
        blocks=[
            Stat(label="Accounts", value=f"{result.accounts.height:,}", note=f"{wording.counted(told.height, 'account')} with a rank"),
            Stat(
                label="Pairs told apart",
                value=f"{pairs:,} of {possible:,}",
                note="one is above the other with 97.5 % probability",
            ),
        ]
    )  # fmt: skip


def _percentiles(result: Standing, told: pl.DataFrame) -> Chart:
    several = told["group"].n_unique() > 1
    label = pl.format("{} ({})", "account", "group") if several else pl.col("account")
    drawn = told.sort("percentile", descending=True).head(_DRAWN).with_columns(name=label)
    more = f" The first {_DRAWN} are drawn; the table has all." if told.height > _DRAWN else ""
    wide = int(((told["percentile_low"] < 50) & (told["percentile_high"] > 50)).sum())
    return Chart(
        figure=charts.dots(
            drawn,
            label="name",
            value="percentile",
            low="percentile_low",
            high="percentile_high",
            n="posts",
            axis="Percentile among peers",
            log=False,
            reference=50.0,
            reference_label="the middle",
        ),
        title="Where each account stands among its peers",
        takeaway=f"{wide:,} of {wording.counted(told.height, 'account')} could stand on either side of the middle.{more}",
        table=_table(result, drawn.drop("name"), "What is drawn", "percentiles"),
        selects="account_name" if result.accounts["network"].null_count() == result.accounts.height else "",
    )


def _table(result: Standing, rows: pl.DataFrame, title: str, name: str) -> Table:
    write = "percent" if result.metric.kind == "rate" else "number"
    empty = [c for c in ("network", "size") if rows[c].null_count() == rows.height]
    order = [c for c in _COLUMNS if c not in empty]  # The answer first: narrow screens show the first ones.
    return Table(
        title=title,
        name=name,
        rows=rows.select(order),
        labels={
            "account": "Account",
            "network": "Network",
            "size": "Followers",
            "posts": "Posts",
            "typical": "Typical post",
            "low": "95 % from",
            "high": "to",
            "percentile": "Percentile",
            "percentile_low": "from",
            "percentile_high": "to ",
            "ahead": "Ahead of",
            "behind": "Behind",
            "peers": "Peers",
        },
        formats=dict.fromkeys(("posts", "ahead", "behind", "peers"), "integer")
        | dict.fromkeys(("typical", "low", "high"), write)
        | dict.fromkeys(("percentile", "percentile_low", "percentile_high"), "integer"),
        note=f"{result.metric.label} of the typical post; the percentile is the share of its peers that an account is above.",
    )


def _sizes(result: Standing) -> Chart:
    rate = result.metric.kind == "rate"
    rows = result.sizes
    shown = rows.with_columns(pl.col("typical", "low", "high") * (100 if rate else 1))
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    write = wording.percent if rate else wording.number
    return Chart(
        figure=charts.dots(
            shown,
            label="size",
            value="typical",
            low="low",
            high="high",
            n="accounts",
            axis=f"{result.metric.label}{', %' if rate else ''} of the typical account",
            log=False,
        ),
        title="What accounts of each size have",
        takeaway=f"From {write(first['typical'])} with {first['size']} followers to {write(last['typical'])} with {last['size']}.",
        table=Table(
            title="By size",
            name="sizes",
            rows=rows,
            labels={"size": "Followers", "accounts": "Accounts", "typical": "Typical account", "low": "95 % from", "high": "to"},
            formats={"accounts": "integer"} | dict.fromkeys(("typical", "low", "high"), "percent" if rate else "number"),
            note="The interval is over accounts; with fewer than three there is none.",
        ),
    )  # fmt: skip
