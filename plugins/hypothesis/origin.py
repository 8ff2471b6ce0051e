"""Where groups come from, and whether that makes a comparison circular."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.hypothesis.settings import Settings
from postlens import Schema


def shared_parts(schema: Schema, params: Settings) -> tuple[str, ...]:
    """The columns the groups were made from that have a part in common with the metric; the comparison is circular then."""
    metric = closure((params.metric,), schema)
    made_from = schema[params.group].made_of
    return tuple(schema.label(name) for name in made_from if name in schema and closure((name,), schema) & metric)


def closure(names: Sequence[str], schema: Schema) -> set[str]:
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


def unknown_origin(schema: Schema, params: Settings) -> bool:
    """A column of the file that is called a cluster may have been made from the metrics; nobody can tell here."""
    column = schema[params.group]
    return not column.computed and any(word in column.name for word in ("cluster", "segment"))
