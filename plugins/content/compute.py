"""The effect of each pillar and each word, type and weekday held equal; of words, all other words, too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import polars as pl

from postlens import CannotCompute, Column, Context, Schema, stats
from postlens.plugins.content.by_pillar import COLUMN, by_pillar
from postlens.plugins.content.model import Model
from postlens.plugins.content.pillars import LABELS, Pillars, pillar_of, pillars_of
from postlens.plugins.content.settings import Settings
from postlens.plugins.content.topics import topics
from postlens.plugins.content.words import frequent, having, words_of

_HELD_EQUAL = ("post_type", "weekday")
_MOST_LEVELS = 12
_ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class Said:
    """What goes with words.

    Attributes:
        words: `word`, `posts`, `texts`, `effect`, `low`, `high` (drawn towards none, as ratios or differences), `alone` (not
            drawn), `log_p`, `log_p_adjusted`, `state`; null where a word cannot be told from others.
        differ: words differ by more than luck would make them.
        held: labels of what was held equal.
        posts, accounts: in the model.
        pillars: the agency's own, each against all other posts; None where it names none.
        alone: of each of them, its estimate with nothing held equal but account and period; nan where there is none.
        topics: see `topics.topics`.
    """

    metric: str
    metric_label: str
    scale: Literal["log", "raw"]
    words: pl.DataFrame
    differ: bool
    held: tuple[str, ...]
    posts: int
    accounts: int
    pillars: stats.Comparison | None
    alone: tuple[float, ...]
    topics: pl.DataFrame


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Said:
    """Find the words, fit a model of them and one of the pillars, draw the words' effects towards none."""
    if not params.metric:
        raise CannotCompute("There is no metric.", "Use an export with reactions, comments, views or reach.")
    schema, metric = ctx.schema, ctx.schema[params.metric]
    ctx.progress(0.1, "Reading captions")
    value, scale = stats.value_of(posts, metric)
    held = [schema[name] for name in _HELD_EQUAL if name in schema and len(schema[name].levels) > 1]
    pillars = pillars_of(params.pillars)
    table = _table(posts, schema, params, value, held, pillars)
    ctx.stop_if_cancelled()
    ctx.progress(0.3, "Counting words")
    words = frequent(table)
    if words.is_empty() and not pillars:
        raise CannotCompute(
            "No word stands in twenty posts of six different texts.",
            "Widen the filters, wait for more posts, or name pillars.",
        )
    mean = float(table["value"].mean() or 0.0)  # type: ignore[arg-type]
    factors = [stats.Factor(column.name, min(len(column.levels), _MOST_LEVELS)) for column in held]
    model = Model(table, factors, dated=schema.time is not None, stop=ctx.stop_if_cancelled)
    ctx.progress(0.5, "Comparing pillars and words")
    compared, alone = by_pillar(model, pillars, posts, schema, params.metric, scale) if pillars else (None, ())
    codes, asked = having(table, words["word"]), [stats.Factor(word, 1) for word in words["word"]]
    found = model.fit(codes, asked) if asked else None
    effects = [] if found is None else model.between_texts(found, codes, asked)
    judged, differ = _judged(effects, words, schema, params.metric, scale, mean)
    counted = compared if found is None else found
    assert counted is not None
    ctx.progress(0.8, "Looking for topics")
    return Said(
        metric=params.metric,
        metric_label=metric.label,
        scale=scale,
        words=judged,
        differ=differ,
        held=tuple(column.label for column in held),
        posts=counted.posts,
        accounts=counted.accounts,
        pillars=compared,
        alone=alone,
        topics=topics(table, ctx.seed),
    )


def _table(
    posts: pl.LazyFrame, schema: Schema, params: Settings, value: pl.Expr, held: list[Column], pillars: Pillars
) -> pl.DataFrame:
    codes = [
        pl.col(column.name)
        .cast(pl.String)
        .replace_strict(
            {level: k for k, level in enumerate(column.levels[:_MOST_LEVELS])},
            default=min(len(column.levels), _MOST_LEVELS),
            return_dtype=pl.UInt8,
        )
        .alias(f"held {i}")
        for i, column in enumerate(held)
    ]
    piece = stats.pieces(posts, schema)
    wanted = posts.select(
        stats.account_of(schema).cast(pl.Categorical).alias("account"),
        stats.day_of(schema).alias("day"),
        value.alias("value"),
        pl.col("text").hash().alias("text"),
        (pl.col("text").hash() if piece is None else pl.coalesce(piece, pl.col("text").hash())).alias("piece"),
        words_of(pl.col("text").cast(pl.String).fill_null(""), params.what).alias("words"),
        *([pillar_of(pillars, labelled=LABELS in schema).alias(COLUMN)] if pillars else []),
        *codes,
    )
    told = wanted.drop_nulls(["day", "value"]).collect(engine="streaming")
    if told.height < 2 * stats.MIN_POSTS:
        raise CannotCompute(
            f"There are {told.height} posts with a metric and a day; it takes {2 * stats.MIN_POSTS}.",
            "Widen the filters or choose another metric.",
        )
    return told.with_columns(row=pl.int_range(pl.len()))


def _judged(
    effects: list[stats.Effect],
    words: pl.DataFrame,
    schema: Schema,
    metric: str,
    scale: Literal["log", "raw"],
    mean: float,
) -> tuple[pl.DataFrame, bool]:
    """The words with their effects, drawn towards none, and verdicts controlled together; whether they differ beyond luck."""
    told = [i for i, effect in enumerate(effects) if not effect.untold and effect.se > 0]
    drawn = stats.shrunken([effects[i].estimate for i in told], [effects[i].se ** 2 for i in told])
    adjusted = stats.adjusted_together([effects[i].log_p for i in told], metric, schema)
    write = (lambda v: v) if scale == "raw" else math.exp
    rows: list[tuple[float | str | None, ...]] = [(None, None, None, None, None, None, "cannot be told")] * len(effects)
    for i, one, log_p in zip(told, drawn, adjusted, strict=True):
        effect = effects[i]
        state = stats.state_alone(effect, log_p, scale, mean)
        ends = (write(one.estimate), write(one.low), write(one.high), write(effect.estimate))
        rows[i] = (*ends, effect.log_p, log_p, state)
    floats = dict.fromkeys(("effect", "low", "high", "alone", "log_p", "log_p_adjusted"), pl.Float64)
    frame = pl.DataFrame(rows, schema={**floats, "state": pl.String}, orient="row")
    return words.hstack(frame), _differ([effects[i] for i in told]) or "likely real" in frame["state"].to_list()


def _differ(effects: list[stats.Effect]) -> bool:
    """Whether effects differ from none by more than luck would make them (Cochran 1954, Biometrics 10, 101-129)."""
    from scipy.stats import chi2

    squares = sum((one.estimate / one.se) ** 2 for one in effects)
    return bool(effects) and float(chi2.sf(squares, len(effects))) <= _ALPHA
