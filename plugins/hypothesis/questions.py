"""What the panel asks by itself: does the usual metric differ by type, by the clock, and by what else the file has?"""

from __future__ import annotations

from collections.abc import Sequence

from postlens import Column, Schema, Verdict, stats
from postlens.plugins.hypothesis.result import Answer
from postlens.plugins.hypothesis.settings import Settings

_CLOCKS = ("weekday", "hour")
_NOT_ASKED = frozenset({"account_name", "account_id", "client", "month", "maturity", "platform", "author", "link"})
_MOST = 6  # Further groupings; each more makes every one harder to tell.
_MOST_LEVELS = 25


def questions(schema: Schema) -> Sequence[Settings]:
    """The groupings worth asking about, the main one first. Accounts and networks are compared within, never with each other."""
    main = stats.main_grouping(schema)
    further = [c.name for c in schema.categories if _worth_asking(c) and c.name != main][:_MOST]
    clocks = [name for name in _CLOCKS if name in schema]
    groups = [*([main] if main and main not in _NOT_ASKED else []), *clocks, *further]
    return [Settings(group=name) for name in dict.fromkeys(groups)]


def _worth_asking(column: Column) -> bool:
    few = 1 < len(column.levels) <= _MOST_LEVELS
    return few and not column.offered and not column.computed and column.name not in {*_NOT_ASKED, *_CLOCKS}


def findings(result: Answer) -> Sequence[Verdict]:
    """A verdict for each group; none where the answer would be circular."""
    if result.found is None or result.shared:
        return []
    return [stats.verdict_of(result.found, one) for one in result.found.levels]
