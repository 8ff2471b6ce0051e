"""The page: what goes with the metric when all else is equal, how much each explains, and what cannot be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from postlens import Block, Chart, Grid, Notice, Row, Stat, Table, Verdict, charts, stats, wording
from postlens.plugins.drivers.compute import Drivers, Settings

_DRAWN = 16  # Levels in the chart; the table has all.
_SAID = 3  # Verdicts; the table has all.
_LEAST = 0.0005  # Of the differences explained; below, a bar would not be seen.


def show(result: Drivers, _params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    rows = _rows(result)
    once = _rows(result, _once(result))
    blocks: list[Block] = [*_verdicts(result), _headline(result), *_notices(result)]
    drawn = once.filter(pl.col("low").is_not_null()).sort("log_p").head(_DRAWN).sort("effect", descending=True)
    if drawn.height:
        blocks.append(Grid(blocks=[_effects(result, drawn, rows), _explains(result)]))
    else:
        blocks.append(_table(result, rows))
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
        return [stats.adjusted_verdict(found, one) for found, one in first[:_SAID]]
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
                note=f"of how posts differ {where}; the rest is in no column",
            ),
            Stat(label="Posts in the model", value=f"{result.posts:,}", note=wording.counted(result.accounts, "account")),
            Stat(label="Asked", value=str(len(result.compared)), note=wording.counted(sum(1 for _ in _levels(result)), "level")),
        ]
    )  # fmt: skip


def _notices(result: Drivers) -> list[Block]:
    said = []
    apart: dict[tuple[str, str], list[str]] = {}
    for found, one, _, tied in _levels(result):
        if tied:
            apart.setdefault((found.by.label, tied), []).append(wording.name_of(one.level))
    for (by, tied), levels in list(apart.items())[:6]:
        said.append(
            f"{by} {wording.listed(levels)} cannot be told from {tied[0].lower()}{tied[1:]}: the same posts have both."
        )
    if result.fixed:
        said.append(
            f"{wording.listed(list(result.fixed))}: no difference can be told, because posts of one account and period have only one."
        )
    if result.circular:
        said.append(f"Left out, because made from {_metric(result)}: {wording.listed(list(result.circular))}.")
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
                one.log_p_adjusted if told else 0.0,
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
    named = drawn.with_columns(pl.format("{}: {}", "factor", "level").alias("name"))
    more = rows.height - drawn.height
    all_others = not any(one.against for found in result.compared for one in found.levels)
    shown = f" The {drawn.height} with the strongest evidence are drawn; the table has {rows.height}." if more else ""
    return Chart(
        figure=charts.dots(
            named,
            label="name",
            value="effect",
            low="low",
            high="high",
            n="posts",
            axis=f"{'Difference from' if raw else 'Ratio to'} {'other posts' if all_others else 'the most frequent'}",
            log=not raw,
            reference=0.0 if raw else 1.0,
            reference_label="no difference",
        ),
        title=f"Each against {'all other posts' if all_others else 'the most frequent of its kind'}, all else equal",
        takeaway=f"{_parted(result)}{shown}",
        table=_table(result, rows),
    )


def _parted(result: Drivers) -> str:
    """The level that alone looks most unlike what it is when all else is equal."""
    told = [(f, o, a) for f, o, a, _ in _levels(result) if not o.effect.untold and math.isfinite(a) and o.effect.se > 0]
    far = max(told, key=lambda t: abs(t[2] - t[1].effect.estimate) / t[1].effect.se, default=None)
    if far is None or abs(far[2] - far[1].effect.estimate) < 2 * far[1].effect.se or result.scale == "raw":
        return "What each looks like alone stands beside it in the table; here the two hardly differ."
    found, one, alone = far
    return (
        f"{found.by.label} {wording.name_of(one.level)} alone is {wording.ratio(math.exp(alone))}; with all else equal "
        f"{wording.ratio(math.exp(one.effect.estimate))}. The rest goes with what else these posts have."
    )


def _table(result: Drivers, rows: pl.DataFrame) -> Table:
    format_ = "number" if result.scale == "raw" else "ratio"
    return Table(
        title="Every level",
        name="effects",
        rows=rows.drop("log_p"),
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
        note="Against all other posts, within the same account and period.",
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
        takeaway=f"{best['factor']} most: {wording.percent(best['share'])}. "
        if best["share"] >= _LEAST
        else "None explains anything to speak of by itself.",
        table=Table(
            title="How much each explains",
            name="explains",
            rows=rows,
            labels={"factor": "What", "share": "Explains alone", "levels": "Levels", "state": "Any level"},
            formats={"share": "percent", "levels": "integer"},
            note="Parts that several explain together are in none of them.",
        ),
    )
