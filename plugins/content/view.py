"""The page: the pillars, whether words matter beyond luck, the ones that do, all of them in a table, and topics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from postlens import Block, Chart, Notice, Table, Verdict, charts, stats, wording
from postlens.plugins.content.compute import Said
from postlens.plugins.content.settings import Settings

_ENDS = 10  # Words drawn at each end.


_PILLARS = 3  # Verdicts; the table has all.


def show(result: Said, _params: Settings) -> Sequence[Block]:
    """Blocks in reading order."""
    pillars = [] if result.pillars is None else _pillars(result, result.pillars)
    words = _words(result) if result.words.height else []
    return [*pillars, *words, *([_topics(result)] if result.topics.height else [])]


def _words(result: Said) -> list[Block]:
    told = result.words.filter(pl.col("effect").is_not_null())
    real = told.filter(pl.col("state") == "likely real").sort(["log_p", "word"])
    blocks: list[Block] = [_of_word(result, row) for row in real.head(3).iter_rows(named=True)]
    if not blocks:
        blocks.append(_none(result, told))
    if result.differ and told.height:
        blocks.append(_chart(result, told))
    else:
        if told.height:
            text = "They differ by no more than luck makes them, so none is drawn. The table has what each looks like."
            blocks.append(Notice(title="No ranking of words can be told from these posts", text=text))
        blocks.append(_table(result))
    return blocks


def _pillars(result: Said, found: stats.Comparison) -> list[Block]:
    """What is likely real of the pillars, or that nothing is; the chart and the table of all."""
    real = sorted(
        (one for one in found.levels if one.state == "likely real"), key=lambda one: (one.log_p_adjusted, one.level)
    )
    held = wording.listed(["account", "period", *(h.lower() for h in result.held)])
    said: list[Block] = [
        replace(stats.adjusted_verdict(found, one), detail=f"Held equal: {held}.") for one in real[:_PILLARS]
    ]
    if not said:
        said.append(
            Verdict(
                claim=f"No pillar clearly goes with more or less {_metric(result)}.",
                state=found.state if found.state != "likely real" else "too few posts to tell",
                effect="none told",
                n=f"{result.posts:,} posts",
                detail=f"Held equal: {held}. Asked: {wording.listed([one.level for one in found.levels])}.",
            )
        )
    rows = _pillar_rows(result, found)
    drawn = rows.filter(pl.col("low").is_not_null()).sort(["effect", "pillar"], descending=[True, False])
    table = _pillar_table(result, rows)
    if not drawn.height:
        return [*said, table]
    log = result.scale == "log"
    return [
        *said,
        Chart(
            figure=charts.effects(drawn, label="pillar", value="effect", axis="all other posts", log=log),
            title="Pillars against all other posts",
            takeaway=f"Held equal: {held}.",
            table=table,
        ),
    ]


def _pillar_rows(result: Said, found: stats.Comparison) -> pl.DataFrame:
    write = (lambda v: v) if result.scale == "raw" else (lambda v: math.exp(min(v, 700.0)))
    rows = []
    for one, by_itself in zip(found.levels, result.alone, strict=True):
        told = not one.effect.untold
        ends = [write(v) for v in (one.effect.estimate, one.effect.low, one.effect.high)] if told else [None] * 3
        rows.append(
            (one.level, one.state, one.effect.first, write(by_itself) if math.isfinite(by_itself) else None, *ends)
        )
    floats = dict.fromkeys(("alone", "effect", "low", "high"), pl.Float64)
    return pl.DataFrame(
        rows, schema={"pillar": pl.String, "state": pl.String, "posts": pl.Int64, **floats}, orient="row"
    )


def _pillar_table(result: Said, rows: pl.DataFrame) -> Table:
    format_ = "ratio" if result.scale == "log" else "number"
    return Table(
        title="Every pillar",
        name="pillars",
        rows=rows,
        labels={
            "pillar": "Pillar",
            "state": "Verdict",
            "posts": "Posts",
            "alone": "By itself",
            "effect": "All else equal",
            "low": "95 % from",
            "high": "to",
        },
        formats={"posts": "integer"} | dict.fromkeys(("alone", "effect", "low", "high"), format_),
        note="Each against all other posts of the same account and period. By itself: nothing else held equal, as on the other pages.",
    )


def _topics(result: Said) -> Table:
    return Table(
        title="Topics of these captions, to name pillars from",
        name="topics",
        rows=result.topics.select("topic", "posts", "stable", "line"),
        labels={"topic": "Words that stand together", "posts": "Posts", "stable": "Stable", "line": "As a pillar"},
        formats={"posts": "integer", "stable": "percent"},
        note="Suggestions, not findings. Copy a line into Pillars under Settings and mend it; named so, it stays as it is.",
    )


def _metric(result: Said) -> str:
    return result.metric_label[0].lower() + result.metric_label[1:]


def _of_word(result: Said, row: dict[str, float]) -> Verdict:
    ratio = result.scale == "log"
    more = row["effect"] > (1 if ratio else 0)
    size = (
        f"{wording.number(abs(row['effect'] - 1) * 100, 2)} % {'more' if more else 'fewer'}"
        if ratio
        else f"{wording.number(abs(row['effect']))} {'more' if more else 'fewer'}"
    )
    low, high = min(row["low"], row["effect"]), max(row["high"], row["effect"])
    return Verdict(
        claim=f"Posts with “{row['word']}” get {size} {_metric(result)} than posts of the same account and period without it.",
        state="likely real",
        metric=result.metric,
        by=f"word {row['word']}",
        estimate=row["effect"],
        low=low,
        high=high,
        scale="ratio" if ratio else "difference",
        log_p=row["log_p"],
        log_p_adjusted=row["log_p_adjusted"],
        posts=result.posts,
        accounts=result.accounts if result.accounts > 1 else 0,
        group_posts=int(row["posts"]),
        detail="Drawn towards none by what luck makes of the best of many words. What the posts are about may explain it.",
    )


def _none(result: Said, told: pl.DataFrame) -> Verdict:
    excluded = told.height > 0 and (told["state"] == "no difference of 20 % or more").all()
    return Verdict(
        claim=f"No word or hashtag clearly goes with more or less {_metric(result)}.",
        state="no difference of 20 % or more" if excluded else "too few posts to tell",
        effect="none told",
        n=f"{result.posts:,} posts",
        detail=f"{wording.counted(result.words.height, 'word')} of at least twenty posts were asked about, luck among so many allowed for.",
    )


def _chart(result: Said, told: pl.DataFrame) -> Chart:
    ordered = told.sort(["effect", "word"], descending=[True, False])
    drawn = ordered if ordered.height <= 2 * _ENDS else pl.concat([ordered.head(_ENDS), ordered.tail(_ENDS)])
    best = ordered.row(0, named=True)
    log = result.scale == "log"
    write = wording.ratio if log else wording.number
    return Chart(
        figure=charts.effects(drawn, label="word", value="effect", axis="posts without it", log=log),
        title="Words and hashtags, drawn towards none",
        takeaway=f"“{best['word']}” is highest: {write(best['effect'])} ({write(best['low'])} to {write(best['high'])}, n = {best['posts']:,}). "
        f"Held equal: {wording.listed([*(h.lower() for h in result.held), 'all other words here'])}.",
        table=_table(result),
    )


def _table(result: Said) -> Table:
    format_ = "ratio" if result.scale == "log" else "number"
    return Table(
        title="Every word asked about",
        name="words",
        rows=result.words.select("word", "state", "posts", "texts", "alone", "effect", "low", "high"),
        labels={
            "word": "Word",
            "posts": "Posts",
            "texts": "Texts",
            "alone": "As seen",
            "effect": "Luck taken out",
            "low": "95 % from",
            "high": "to",
            "state": "Verdict",
        },
        formats={"posts": "integer", "texts": "integer"} | dict.fromkeys(("alone", "effect", "low", "high"), format_),
        note="Against posts of the same account and period without the word. What always stands together cannot be told apart.",
    )
