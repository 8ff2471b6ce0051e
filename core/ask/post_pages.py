"""Posts to look at: a page of them at a time, sorted, each with where it stands among its peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.contract import Context, Params
from postlens.core.contract.schema import Column, Schema
from postlens.core.stats.percentiles import MIN_PEERS, Peers, fit_peers, peer_key
from postlens.core.stats.scale import on_scale

PERCENTILE, AMONG, ABOVE = "__percentile", "__among", "__above"
_JUDGED = 20_000
MAX_ROWS_OF_PAGE = 500
_SHARES = tuple(i / 100 for i in range(1, 100))
_MEDIAN = 49  # Its place among the shares.
_FIRST = ("published", "account_name", "platform", "post_type", "text", "title", "url")


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which posts, in which order.

    Attributes:
        sort: column and whether the largest come first, the most important first.
        start: how many to pass over.
        rows: how many at most.
        columns: derived columns to show.
        metric: the metric whose percentile among peers is shown; empty for none.
    """

    sort: tuple[tuple[str, bool], ...] = ()
    start: int = 0
    rows: int = 100
    columns: tuple[str, ...] = ()
    metric: str = ""


def shown(schema: Schema, derived: Sequence[str]) -> list[Column]:
    """The columns worth a place in a table of posts, in reading order."""
    named = [schema[name] for name in _FIRST if name in schema]
    made = [schema[name] for name in derived if name in schema]
    return [*named, *made, *(c for c in schema.metrics if c.known != 0)]


def _hidden(schema: Schema) -> list[str]:
    """What is not shown, but says which post it is, which picture is its own, and how exact its time is."""
    return ["post_key", *(name for name in ("post_id", "published_precision") if name in schema)]


class Browser:
    """Pages of the posts of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._peers: dict[str, Peers] = {}

    def page(self, filters: Filters, columns: Mapping[str, Params], window: Window) -> pl.DataFrame:
        """Some posts, with `post_key`, `post_id`, `published_precision`, the columns of `shown`, and the percentile of the metric where one is asked for.

        Raises:
            CannotCompute: a derived column cannot be made.
            ColumnCrash: a bug in a derived column.
        """
        engine = self._engine
        derived = [name for name in window.columns if name in engine.derived()]
        context = Context(schema=engine.dataset.schema, seed=engine.seed, timezone=engine.dataset.timezone)
        posts, schema = engine.columns.posts(filters, filters.columns() | set(derived), columns, context)
        names = [c.name for c in shown(schema, derived)]
        by = [(name, down) for name, down in window.sort if name in names]
        if by:
            posts = posts.sort([n for n, _ in by], descending=[d for _, d in by], nulls_last=True, maintain_order=True)
        hidden = _hidden(schema)
        kept = {*hidden, *names, *_peer_columns(schema), *([window.metric] if window.metric in schema else [])}
        rows = (
            posts.select(sorted(kept))
            .slice(window.start, min(window.rows, MAX_ROWS_OF_PAGE))
            .collect(engine="streaming")
        )
        if window.metric in schema:
            rows = _with_percentile(rows, schema[window.metric], self._fitted(schema[window.metric]))
        extra = [c for c in (PERCENTILE, AMONG) if c in rows.columns]
        return rows.select(*hidden, *names, *extra)

    def listed(self, filters: Filters, columns: Mapping[str, Params], derived: Sequence[str]) -> pl.LazyFrame:
        """All posts that pass, the newest first, with the columns of `shown` under their labels; nothing is read yet.

        Raises:
            CannotCompute: a derived column cannot be made.
            ColumnCrash: a bug in a derived column.
        """
        engine = self._engine
        made = [name for name in derived if name in engine.derived()]
        context = Context(schema=engine.dataset.schema, seed=engine.seed, timezone=engine.dataset.timezone)
        posts, schema = engine.columns.posts(filters, filters.columns() | set(made), columns, context)
        named = shown(schema, made)
        labels = [c.label for c in named]
        called = [c.label if labels.count(c.label) == 1 else c.name for c in named]
        if "published" in schema:
            posts = posts.sort("published", descending=True, nulls_last=True, maintain_order=True)
        return posts.select(pl.col(c.name).alias(name) for c, name in zip(named, called, strict=True))

    def standouts(self, filters: Filters, metric: str, most: int) -> pl.DataFrame:
        """The posts that did best and worst among their peers, the best first, with the columns of `page`.

        Of posts with the same percentile the ones farther from their peers' median come first.

        Args:
            filters: which posts; of more than 20,000 the newest.
            metric: by which number.
            most: how many of each.
        """
        engine = self._engine
        schema = engine.dataset.schema
        context = Context(schema=schema, seed=engine.seed, timezone=engine.dataset.timezone)
        posts, _ = engine.columns.posts(filters, filters.columns() | {metric}, {}, context)
        names = [c.name for c in shown(schema, [])]
        hidden = _hidden(schema)
        kept = sorted({*hidden, *names, *_peer_columns(schema), metric})
        rows = posts.select(kept).sort("published", descending=True).head(_JUDGED).collect(engine="streaming")
        rows = _with_percentile(rows, schema[metric], self._fitted(schema[metric]))
        known = rows.filter(pl.col(PERCENTILE).is_not_null()).sort(
            [PERCENTILE, ABOVE, "post_key"], descending=[True, True, False]
        )
        ends = known if known.height <= 2 * most else pl.concat([known.head(most), known.tail(most)])
        return ends.select(*hidden, *names, PERCENTILE, AMONG, ABOVE)

    def _fitted(self, metric: Column) -> Peers:
        """The peers are all posts of the data set, whatever the filters: a filter must not change a post's rank."""
        if metric.name not in self._peers:
            dataset = self._engine.dataset
            columns = [c.name for c in dataset.schema.columns]
            self._peers[metric.name] = fit_peers(dataset.scan(), on_scale(metric, "log"), columns, _SHARES)
        return self._peers[metric.name]


def _peer_columns(schema: Schema) -> list[str]:
    return [name for name in ("account_name", "platform", "post_type") if name in schema]


def _with_percentile(rows: pl.DataFrame, metric: Column, peers: Peers) -> pl.DataFrame:
    """How many percent of its peers a post beats, 0 to 99, who they are, and how far it is above their median on the log scale.

    Null where nobody can be compared with.
    """
    values = rows.select(on_scale(metric, "log").alias("v"))["v"]
    keys = [rows.select(peer_key(level).alias("k"))["k"] if level else None for level in peers.levels]
    tables = [{row[0]: row for row in table.iter_rows()} for table in peers.tables]
    found: list[int | None] = []
    among: list[str | None] = []
    above: list[float | None] = []
    for i, value in enumerate(values):
        place = next(
            (
                (level, tables[n]["" if keys[n] is None else keys[n][i]])  # type: ignore[index]
                for n, level in enumerate(peers.levels)
                if ("" if keys[n] is None else keys[n][i]) in tables[n]  # type: ignore[index]
            ),
            None,
        )
        if value is None or place is None:
            found.append(None)
            among.append(None)
            above.append(None)
            continue
        level, row = place
        found.append(sum(quantile < value for quantile in row[2:]))
        among.append(f"{_named(level)} (n = {row[1]:,})")
        above.append(value - row[2 + _MEDIAN])
    return rows.with_columns(
        pl.Series(PERCENTILE, found, dtype=pl.Int64),
        pl.Series(AMONG, among, dtype=pl.String),
        pl.Series(ABOVE, above, dtype=pl.Float64),
    )


def _named(level: Sequence[str]) -> str:
    words = {"account_name": "account", "platform": "network", "post_type": "type"}
    return "same " + ", ".join(words[name] for name in level) if level else "all posts"


__all__ = ["ABOVE", "AMONG", "MIN_PEERS", "PERCENTILE", "Browser", "Window", "shown"]
