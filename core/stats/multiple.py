"""Many comparisons: corrections, and how the chance of a false verdict is shared among the questions of a visit."""

from __future__ import annotations

from collections.abc import Sequence

from postlens.core.contract.schema import Schema

VISIT = 0.05
_MAIN, _CLOCK, OTHERS = 0.045, 0.0025, 0.01
_MAIN_METRIC = 0.65
_SHOWN = 12  # Metrics that a picker shows first.
_MAIN_FIRST = ("post_type", "platform")
MAIN_METRICS = ("engagements", "reactions", "views")  # Pages open with the first that is known.
_CLOCKS = frozenset({"weekday", "hour"})


def share_of_visit(metric: str, by: str, schema: Schema) -> float:
    """The chance of a false "likely real" that a question may take, where nothing is real.

    The family is what the pages offer: every metric by every grouping. Of the groupings the main one (type, else network, else
    the first the file has) takes most, then all others together, then each clock; of the metrics the one that pages open with
    takes two thirds and the others share the rest. That adds up to 6 %; metrics of the same posts go together, so that about
    5 % of visits that look at everything meet a false verdict. The share depends on the data's columns alone, so the same
    question has the same verdict on every page.

    Source: weighted Bonferroni, Rosenthal and Rubin (1983), J. Educ. Psychol. 75, 888-891.
    """
    return _share_of_grouping(by, schema) * share_of_metric(metric, schema)


def _share_of_grouping(by: str, schema: Schema) -> float:
    if by in _CLOCKS:
        return _CLOCK
    main = main_grouping(schema)
    if by == main:
        return _MAIN
    others = sum(len(c.levels) > 1 and c.name not in _CLOCKS and c.name != main for c in schema.categories)
    return OTHERS / max(others, 1)


def share_of_metric(metric: str, schema: Schema) -> float:
    """The part of a grouping's share that a metric takes."""
    others = len(schema.metrics) - 1
    if others < 1:
        return 1.0
    return _MAIN_METRIC if metric == main_metric(schema) else (1 - _MAIN_METRIC) / min(others, _SHOWN)


def main_metric(schema: Schema) -> str:
    """The metric that pages open with."""
    names = [c.name for c in schema.metrics if c.known != 0]
    return next((name for name in MAIN_METRICS if name in names), names[0] if names else "")


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
