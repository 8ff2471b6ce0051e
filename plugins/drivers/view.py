"""The page: what goes with the metric when all else is equal, how much each explains, and what cannot be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from postlens import Block, Chart, Grid, Notice, Row, Stat, Table, Verdict, charts, stats, wording
from postlens.plugins.drivers.compute import Drivers, Settings

_DRAWN = 16  # Levels in the chart; the table has all.
_SAID = 3  # Verdicts; the table has all.
_LEAST = 0.0005  # Of the differences explained; below, a bar would not be seen.


def show(result: Drivers, _params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    once = _rows(result, _once(result))
    blocks: list[Block] = [*_verdicts(result), _headline(result), *_notices(result)]
    drawn = once.filter(pl.col("low").is_not_null()).sort("log_p").head(_DRAWN).sort("effect", descending=True)
    if drawn.height:
        blocks.append(Grid(blocks=[_effects(result, drawn, once), _explains(result)]))
    blocks.append(_table(result, _rows(result), "Every level", "effects"))
    return blocks


def _levels(result: Drivers) -> Iterator[tuple[stats.Comparison, stats.Level, float, str]]:
    for found, alone, tied in zip(result.compared, result.alone, result.tied, strict=True):
        yield from ((found, *rest) for rest in zip(found.levels, alone, tied, strict=True))


def _once(result: Drivers) -> Iterator[tuple[stats.Comparison, stats.Level, float, str]]:
    """Of two levels only the first: both are one question."""
    return (row for row in _levels(result) if len(row[0].levels) != 2 or row[1] is row[0].levels[0])


def _verdicts(result: Drivers) -> list[Verdict]:
    """The strongest of what is likely real; else that nothing is."""
    real = [(found, one) for found, one, _, _ in _once(result) if one.state == "likely real"]
    if real:
        first = sorted(real, key=lambda pair: (pair[1].log_p_adjusted, pair[0].by.name, pair[1].level))
        return [
            replace(stats.adjusted_verdict(found, one), detail=_equal(result, found)) for found, one in first[:_SAID]
        ]
    told = [one for _, one, _, _ in _levels(result) if not one.effect.untold]
    names = wording.listed([found.by.label for found in result.compared])
    excluded = bool(told) and all(one.state == "no difference of 20 % or more" for one in told)
    return [
        Verdict(
            claim=f"None of what is known of these posts clearly goes with {_metric(result)} when all else is equal.",
            state="no difference of 20 % or more"
            if excluded
            else "too few posts to tell"
            if told
            else "too few periods to tell",
            effect="none told",
            n=f"{result.posts:,} posts",
            detail=f"Asked: {names}.",
        )
    ]


def _equal(result: Drivers, found: stats.Comparison) -> str:
    """What was held equal, and what was not."""
    others = [one.by.label for one in result.compared if one.by.name != found.by.name]
    equal = wording.listed([name[0].lower() + name[1:] for name in (*others, *result.held)])
    return f"Held equal: account and period{', ' if equal else ''}{equal}. What is in no column, as budget or topic, may still explain it."


def _metric(result: Drivers) -> str:
    return result.metric_label[0].lower() + result.metric_label[1:]


def _headline(result: Drivers) -> Row:
    within = next((w for found in result.compared if (w := stats.compared_within(found))), "")
    where = f"within {within}" if within else "between posts"
    return Row(
        blocks=[
            Stat(
                label="Explained by all of it together",
                value=wording.percent(result.explained),
                note=f"of how posts differ {where}, luck allowed for; the rest is in no column",
            ),
            Stat(label="Posts", value=f"{result.posts:,}", note=wording.counted(result.accounts, "account")),
            Stat(label="Asked about", value=str(len(result.compared)), note=f"in {wording.counted(sum(1 for _ in _levels(result)), 'kind')} of posts"),
        ]
    )  # fmt: skip


def _notices(result: Drivers) -> list[Block]:
    said = []
    apart = dict.fromkeys(tuple(sorted((found.by.label, tied))) for found, _, _, tied in _levels(result) if tied)
    for one, other in list(apart)[:_SAID]:
        said.append(f"{one} and {other[0].lower()}{other[1:]} cannot be told apart: mostly the same posts have them.")
    if result.held:
        said.append(
            f"{wording.listed(list(result.held))}: held equal, but not asked about, because posts are compared within periods of "
            f"{wording.counted(result.unit, 'day')}. The page When to post asks."
        )
    if result.fixed:
        said.append(
            f"{wording.listed(list(result.fixed))}: no difference can be told, because posts of one account and period have only one."
        )
    if result.circular:
        said.append(f"Left out, because made from {_metric(result)}: {wording.listed(list(result.circular))}.")
    if not result.unit:
        said.append("These posts have no dates, so nothing is allowed for that changes over time.")
    if not result.has_text:
        said.append("These posts have no captions, so nothing is said of them.")
    return [Notice(text=" ".join(said))] if said else []


def _rows(
    result: Drivers, levels: Iterable[tuple[stats.Comparison, stats.Level, float, str]] | None = None
) -> pl.DataFrame:
    write = (lambda v: v) if result.scale == "raw" else (lambda v: math.exp(min(v, 700.0)))
    rows = []
    for found, one, alone, tied in _levels(result) if levels is None else levels:
        effect = one.effect
        told = not effect.untold
        ends = [write(v) for v in (effect.estimate, effect.low, effect.high)] if told else [None] * 3
        rows.append(
            (
                found.by.label,
                wording.name_of(one.level),
                effect.first,
                write(alone) if math.isfinite(alone) else None,
                *ends,
                f"cannot be told from {tied}" if tied else one.state,
                effect.log_p if told else 0.0,
            )
        )
    floats = dict.fromkeys(("alone", "effect", "low", "high"), pl.Float64)
    schema = {
        "factor": pl.String,
        "level": pl.String,
        "posts": pl.Int64,
        **floats,
        "verdict": pl.String,
        "log_p": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")  # fmt: skip


def _effects(result: Drivers, drawn: pl.DataFrame, rows: pl.DataFrame) -> Chart:
    raw = result.scale == "raw"
    whole = [found.by.label for found in result.compared if found.by.made_of == ("text",)]  # Their levels say it all.
    named = drawn.with_columns(
        pl.when(pl.col("factor").is_in(whole))
        .then("level")
        .otherwise(pl.format("{}: {}", "factor", "level"))
        .alias("name")
    )
    more = rows.height - drawn.height
    shown = f" The {drawn.height} with the strongest evidence are drawn; the table below has all." if more else ""
    return Chart(
        figure=charts.effects(named, label="name", value="effect", axis="", log=not raw),
        title=f"Each against {_against(result)}, all else equal",
        takeaway=f"{_parted(result)}{shown}",
        table=_table(result, drawn, "What is drawn", "drawn"),
    )


def _against(result: Drivers) -> str:
    usual = any(one.against for found in result.compared for one in found.levels)
    return "the most frequent of its kind" if usual else "all other posts"


def _parted(result: Drivers) -> str:
    """The level that alone looks most unlike what it is when all else is equal."""
    told = [(f, o, a) for f, o, a, _ in _levels(result) if not o.effect.untold and math.isfinite(a) and o.effect.se > 0]
    far = max(told, key=lambda t: abs(t[2] - t[1].effect.estimate) / t[1].effect.se, default=None)
    if far is None or abs(far[2] - far[1].effect.estimate) < 2 * far[1].effect.se or result.scale == "raw":
        return "Alone, each looks much the same as with all else equal."
    found, one, alone = far
    return (
        f"{found.by.label} {wording.name_of(one.level)} alone is {wording.ratio(math.exp(alone))}; with all else equal "
        f"{wording.ratio(math.exp(one.effect.estimate))}. The rest goes with what else these posts have."
    )


def _table(result: Drivers, rows: pl.DataFrame, title: str, name: str) -> Table:
    format_ = "number" if result.scale == "raw" else "ratio"
    return Table(
        title=title,
        name=name,
        rows=rows.select(
            "factor", "level", "verdict", "posts", "alone", "effect", "low", "high"
        ),  # The answer before its numbers.
        labels={
            "factor": "What",
            "level": "Level",
            "posts": "Posts",
            "alone": "Alone",
            "effect": "All else equal",
            "low": "95 % from",
            "high": "to",
            "verdict": "Verdict",
        },
        formats={"posts": "integer"} | dict.fromkeys(("alone", "effect", "low", "high"), format_),
        note=f"Against {_against(result)}, within the same account and period.",
    )


def _explains(result: Drivers) -> Chart:
    rows = pl.DataFrame(
        {
            "factor": [found.by.label for found in result.compared],
            "share": list(result.explains),
            "levels": [len(found.levels) for found in result.compared],
            "state": [found.state for found in result.compared],
        }
    ).sort("share", "factor", descending=[True, False])
    best = rows.row(0, named=True)
    shown = rows.with_columns((pl.col("share") * 100).round(2))
    return Chart(
        figure=charts.bars(shown, label="factor", value="share", axis="% of the differences"),
        title="How much each explains that no other does",
        takeaway=f"{best['factor']} explains most: {wording.percent(best['share'])} of how posts differ."
        if best["share"] >= _LEAST
        else "None explains anything to speak of that the others do not.",
        table=Table(
            title="How much each explains",
            name="explains",
            rows=rows,
            labels={"factor": "What", "share": "Lost without it", "levels": "Kinds", "state": "Does any differ?"},
            formats={"share": "percent", "levels": "integer"},
            note="Parts that several explain together are in none of them.",
        ),
    )
