"""Whether the posts in view know the metric that is asked about; where they do not, which they know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import polars as pl

from postlens.core.ask import settings
from postlens.core.contract import Params, wording
from postlens.core.contract.schema import Schema

_OFFERED = 4


def unknown_in_view(
    params: Params, schema: Schema, posts: pl.LazyFrame, more: Callable[[set[str]], pl.LazyFrame]
) -> tuple[str, str] | None:
    """What is to be said, and what to do, where no post in view knows a metric of the settings; None where all are known.

    Networks do not report the same: a client's table of YouTube has no reactions, however many posts it has.

    Args:
        params: the settings.
        schema: of the posts.
        posts: in view, with the columns of the settings.
        more: the same posts with further columns.
    """
    asked = [name for name in _asked(params) if name in schema]
    if not asked:
        return None
    known = known_of(posts, asked)
    lost = next((name for name in asked if known.get(name) == 0), None)
    if lost is None:
        return None
    others = [c for c in schema.metrics if c.name != lost and c.known != 0]
    counts = known_of(more({c.name for c in others}), [c.name for c in others])
    there = [f'"{c.label}"' for c in others if counts.get(c.name)][:_OFFERED]
    hint = f"Choose {wording.listed(there, 'or')} under Metric" if there else "Widen the filters"
    return (
        f"None of the posts in view has {schema.label(lost).lower()}.",
        f"{hint}, or widen the filters." if there else f"{hint}.",
    )


P = TypeVar("P", bound=Params)


def instead_of_unknown(params: P, known: Mapping[str, int] | None) -> P:
    """Settings whose metric the host would choose, with one that posts in view know; unchanged where nothing has to be.

    Args:
        params: as a panel asks by itself.
        known: how many posts know each metric; None where all posts are in view.
    """
    if known is None:
        return params
    for name, field in type(params).model_fields.items():
        pick = settings.pick_of(field)
        if pick is None or pick.kind != "metric" or getattr(params, name) != "":
            continue
        usual = [n for n in (*pick.prefer, *known) if n in known]
        first = next((n for n in usual if known[n]), "")
        if usual and not known[usual[0]] and first:
            params = params.model_copy(update={name: first})
    return params


def _asked(params: Params) -> list[str]:
    picks = ((name, settings.pick_of(field)) for name, field in type(params).model_fields.items())
    chosen = [getattr(params, name) for name, pick in picks if pick is not None and pick.kind == "metric"]
    return [value for value in chosen if isinstance(value, str) and value]


def known_of(posts: pl.LazyFrame, names: Sequence[str]) -> dict[str, int]:
    """How many posts know each of some metrics, of those that the posts have as columns."""
    have = set(posts.collect_schema())
    counted = posts.select(pl.col(n).count() for n in names if n in have).collect(engine="streaming")
    return {} if not counted.height else counted.row(0, named=True)
