"""Measures against the data at hand: which can be had, as columns and as expressions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import polars as pl

from postlens.core.contract import Measure
from postlens.core.contract.problems import Problem, message_of, nearest, reraise_fatal
from postlens.core.contract.schema import Column, Schema
from postlens.core.data.vocabulary.roles import roles


def usable(measures: Iterable[Measure], posts: pl.LazyFrame, schema: Schema) -> tuple[list[Measure], list[Problem]]:
    """The measures this data can give; for each other one, what it lacks. Nothing is read but column names and types."""
    kept: list[Measure] = []
    waiting = list(measures)
    while True:  # A measure may be made of another, in whatever order they are named.
        obstacles = {m.id: _obstacle(m, posts, schema) for m in waiting}
        free = [m for m in waiting if not obstacles[m.id]]
        if not free:
            return kept, [
                Problem(
                    what=f'The measure "{m.label}" is not offered.', why=obstacles[m.id][0], hint=obstacles[m.id][1]
                )
                for m in waiting
            ]
        posts = posts.with_columns(free[0].expression)
        kept.append(free[0])
        waiting.remove(free[0])


def _obstacle(measure: Measure, posts: pl.LazyFrame, schema: Schema) -> tuple[str, ...]:
    have = posts.collect_schema()
    if measure.id in have:
        return f'The data have a column "{measure.id}" of their own.', "Give the measure another name."
    missing = [name for name in columns_of(measure) if name not in have]
    if missing:
        listed = ", ".join(f'"{name}"' for name in missing)
        # A name that columns have is no mistake; these posts are just without it.
        hint = (
            "Import files that have it."
            if missing[0] in roles()
            else nearest(missing[0], [c.name for c in schema.metrics])
        )
        return f"It needs {listed}, which these data do not have.", hint
    try:
        # A cast of text to a number succeeds on paper, so the columns themselves must be numbers.
        words = [name for name in columns_of(measure) if not _numeric(have[name])]
        parts = [measure.value.alias("value")]
        parts += [measure.denominator.alias("denominator")] if measure.denominator is not None else []
        empty = pl.DataFrame(schema=have)
        empty.select(measure.expression)
        other = [f"its {name} is {kind}" for name, kind in empty.select(parts).schema.items() if not _numeric(kind)]
    except BaseException as error:
        reraise_fatal(error)
        return f"{message_of(error)}.", "Correct its expression."
    if words and measure.formula:
        return f'"{words[0]}" is not a number.', "Use metrics in a formula."
    if other:
        return f"A measure is a number; {other[0]}.", "Correct its expression."
    return ()


def _numeric(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind in {pl.Boolean, pl.Null}


def columns_of(measure: Measure) -> tuple[str, ...]:
    """The columns a measure is made of, each once."""
    parts = [measure.value, *([measure.denominator] if measure.denominator is not None else [])]
    return tuple(dict.fromkeys(name for part in parts for name in part.meta.root_names()))


def column(measure: Measure, schema: Schema) -> Column:
    """A measure as panels see it."""
    parts = columns_of(measure)
    deeper = (name for part in parts if part in schema for name in schema[part].made_of)
    return Column(
        name=measure.id,
        label=measure.label,
        kind="metric" if measure.denominator is None else "rate",
        unit=measure.unit,
        percent=measure.format == "percent",
        computed=True,
        made_of=tuple(dict.fromkeys([*parts, *deeper])),
        fraction=above_and_below(measure.id) if measure.denominator is not None else (),
    )


def above_and_below(name: str) -> tuple[str, str]:
    """The columns that hold what stands above and below a measure's fraction line."""
    return f"__{name}_above", f"__{name}_below"


def expressions(measure: Measure) -> list[pl.Expr]:
    """The measure of each post, and its numerator and denominator where it has them."""
    if measure.denominator is None:
        return [measure.expression]
    above, below = above_and_below(measure.id)
    known = measure.expression.is_not_null()
    return [
        measure.expression,
        pl.when(known).then(measure.value.cast(pl.Float64)).alias(above),
        pl.when(known).then(measure.denominator.cast(pl.Float64)).alias(below),
    ]


def digest(measures: Iterable[Measure]) -> str:
    """Changes when a measure does; part of the name of every answer."""
    mark = hashlib.blake2b(digest_size=8)
    for measure in measures:
        mark.update(f"{measure.id}|{measure.version}|".encode())
        for part in expressions(measure):
            mark.update(part.meta.serialize())
    return mark.hexdigest()
