"""What each number counts, or how it is made, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from postlens.core.contract import Measure, wording
from postlens.core.contract.schema import Column, Schema
from postlens.core.data.vocabulary.metrics import ENGAGEMENTS
from postlens.core.data.vocabulary.roles import roles


def meaning(column: Column, schema: Schema, measures: Mapping[str, Measure]) -> str:
    """What a metric counts or how it is made; empty for columns that are no numbers.

    Args:
        column: the metric or rate.
        schema: all columns, for the names of the parts.
        measures: the deployment's own measures, by id.
    """
    if column.kind not in {"metric", "rate"}:
        return ""
    if column.name in measures:
        return _of_measure(measures[column.name], schema)
    if column.fraction:
        above, below = (schema.label(name).lower() for name in column.fraction)
        return f"{above.capitalize()} divided by {below}, of posts that know both."
    if column.name == ENGAGEMENTS:
        parts = [n for n in column.made_of if n in schema and not n.startswith("react_")]
        return f"{_sum([schema.label(n).lower() for n in parts])}, as far as a network reports them."
    told = roles()[column.name].meaning if column.name in roles() else "A column of the files, as it is there."
    kinds = [schema.label(name).lower() for name in column.made_of if name in schema]
    return f"{told} Known here: {wording.listed(kinds)}." if kinds else told


def _sum(labels: list[str]) -> str:
    return " + ".join([labels[0].capitalize(), *labels[1:]])


def _of_measure(measure: Measure, schema: Schema) -> str:
    parts = [measure.value, *([] if measure.denominator is None else [measure.denominator])]
    names = dict.fromkeys(name for part in parts for name in part.meta.root_names())
    made = f"{measure.formula}, " if measure.formula else ""
    used = wording.listed([schema.label(n).lower() if n in schema else n for n in names])
    return f"{made}a measure of this deployment, from {used}." if used else f"{made}a measure of this deployment."
