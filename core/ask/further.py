"""What a panel may ask beyond the posts of its page: its options, other posts, the period before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from postlens.core.ask import filters as filtering
from postlens.core.ask.filters import Filters, Period
from postlens.core.contract import Context
from postlens.core.contract.problems import CannotCompute


def with_further(
    context: Context,
    applied: Filters,
    posts: Callable[[Filters], pl.LazyFrame],
    options: Any,
    days: tuple[date | None, date | None],
) -> Context:
    """The context of a panel with what it may ask.

    Args:
        context: so far.
        applied: the filters of the page.
        posts: those of any filters.
        options: the panel's, as the deployment says.
        days: of the first and the last of all posts.
    """

    def select(pairs: Mapping[str, str]) -> pl.LazyFrame:
        wanted, problems = filtering.from_pairs(list(pairs.items()), context.schema, "ctx.select")
        if problems:
            raise CannotCompute(" ".join(map(str, problems)))
        return posts(wanted)

    def earlier() -> pl.LazyFrame | None:
        before = period_before(applied, days[1])
        return None if before is None else posts(before)

    period = applied.first(Period) or Period()
    return replace(
        context,
        options=options,
        select=select,
        earlier=earlier,
        whole=lambda: posts(applied.dropped("period")),
        since=period.since,
        until=period.until,
        first_day=days[0],
        last_day=days[1],
    )


def period_before(filters: Filters, last_day: date | None) -> Filters | None:
    """These filters for the equally long period before; None where no period is chosen."""
    period = filters.first(Period)
    first, last = (period.since, period.until) if period else (None, None)
    if first is None:
        return None
    last = last or last_day or first
    return filters.having(Period(since=first - (last - first) - timedelta(days=1), until=first - timedelta(days=1)))
