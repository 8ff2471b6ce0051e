"""Many comparisons: corrections, and how the chance of a false verdict is shared among the questions of a visit."""

from __future__ import annotations

from collections.abc import Sequence

from postlens.core.contract.schema import Schema

VISIT = 0.05
_MAIN, _CLOCK, _OTHER = 0.04, 0.005, 0.01
_MAIN_FIRST = ("post_type", "platform")
_CLOCKS = frozenset({"weekday", "hour"})


def share_of_visit(by: str, schema: Schema) -> float:
    """The chance of a false "likely real" that a question about a grouping may take, where nothing is real.

    A visit shows the main grouping (type, else network, else the first the file has) and the clock beside it; together they
    keep to 5 %. Every other grouping is asked for by somebody and takes 1 %. The share depends on the data's columns alone,
    so the same question has the same verdict on every page.

    Source: weighted Bonferroni, Rosenthal and Rubin (1983), J. Educ. Psychol. 75, 888-891.
    """
    if by in _CLOCKS:
        return _CLOCK
    return _MAIN if by == main_grouping(schema) else _OTHER


def main_grouping(schema: Schema) -> str:
    """The grouping that pages open with."""
    own = [c.name for c in schema.categories if len(c.levels) > 1 and not c.offered and c.name not in _CLOCKS]
    return next((name for name in _MAIN_FIRST if name in own), own[0] if own else "")


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for how many there are, in the order given.

    Source: Holm (1979), Scand. J. Stat. 6, 65-70.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    running = 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = running
    return corrected


def holm_log(log_p_values: Sequence[float]) -> list[float]:
    """`holm` on natural logarithms, for p-values that are too small for a float."""
    import math

    order = sorted(range(len(log_p_values)), key=lambda i: log_p_values[i])
    corrected = [0.0] * len(log_p_values)
    running = -math.inf
    for rank, i in enumerate(order):
        running = max(running, min(0.0, math.log(len(log_p_values) - rank) + log_p_values[i]))
        corrected[i] = running
    return corrected


def false_discovery_log(log_p_values: Sequence[float]) -> list[float]:
    """P-values adjusted so that of those at most q the expected share of false ones is q; as natural logarithms.

    Where nothing is real, the chance that any is at most q is q, for independent and positively dependent tests.

    Source: Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57, 289-300.
    """
    import math

    count = len(log_p_values)
    order = sorted(range(count), key=lambda i: log_p_values[i], reverse=True)
    adjusted = [0.0] * count
    least = 0.0
    for place, i in enumerate(order):
        least = min(least, log_p_values[i] + math.log(count / (count - place)))
        adjusted[i] = least
    return adjusted
