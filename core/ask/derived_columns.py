"""Derived columns: fitted when a question needs them, kept, and never the end of a panel that did not ask for them."""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, Literal, TypeVar

import polars as pl

from postlens.core.ask import filters as filtering
from postlens.core.ask import settings
from postlens.core.ask.cache import remember
from postlens.core.ask.filters import Filters
from postlens.core.ask.outcome import Crashed, crashed
from postlens.core.contract import Context, DerivedColumn, FittedColumn, Params, Run, StructureTest
from postlens.core.contract.limits import limited
from postlens.core.contract.problems import Cancelled, CannotCompute, reraise_fatal
from postlens.core.contract.schema import Column, Schema
from postlens.core.data.dataset import Dataset
from postlens.core.host.registry import Registry

log = logging.getLogger(__name__)
Chosen = Mapping[str, Params]
T = TypeVar("T")
_LEVELS_SECONDS = 5.0


class ColumnCrash(Exception):
    """A bug in a derived column, on the way to the panel that needed it."""

    def __init__(self, crash: Crashed) -> None:
        super().__init__(str(crash.problem))
        self.crash = crash


class DerivedColumns:
    """The derived columns of one data set. Safe to share between threads."""

    def __init__(self, registry: Registry, dataset: Dataset, report: Callable[[Run], None] = lambda _run: None) -> None:
        self.registry, self.dataset, self._report = registry, dataset, report
        self._fits: OrderedDict[str, FittedColumn] = OrderedDict()
        self._known_levels: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = Lock()

    def offered(self) -> dict[str, DerivedColumn[Any]]:
        """Those that plugins offer and the file does not have itself."""
        return {name: c for name, c in self.registry.columns.items() if name not in self.dataset.schema}

    def schema(self, chosen: Chosen | None = None) -> Schema:
        """The columns of the data and the derived ones. A column of the file wins over one of a plugin."""
        return self.dataset.schema.with_columns(
            [
                Column(
                    name=c.id,
                    label=c.label,
                    kind="category",
                    levels=self._levels(c, chosen),
                    ordered=True,
                    computed=True,
                    offered=True,
                )
                for c in self.offered().values()
            ]
        )

    def _levels(self, column: DerivedColumn[Any], chosen: Chosen | None) -> tuple[str, ...]:
        """A column whose levels cannot be told has none; that must not be the end of pages that do not use it."""
        params = self.params(column.id, chosen)
        key = f"{column.id} {params.model_dump_json()}"
        with self._lock:
            if key in self._known_levels:
                return self._known_levels[key]
        try:
            levels = tuple(limited(lambda: column.levels(params), _LEVELS_SECONDS))
        except BaseException as error:
            reraise_fatal(error)
            log.exception("levels failed column=%s", column.id)
            levels = ()
        with self._lock:
            remember(self._known_levels, key, levels, 256)
        return levels

    def params(self, column: str, chosen: Chosen | None = None) -> Params:
        """The settings of a derived column: those chosen, else the house's."""
        if chosen and column in chosen:
            return chosen[column]
        offered = self.registry.columns[column]
        params: Params = settings.defaults(
            offered.params, self.registry.deployment_defaults.get(offered.panel or column)
        )
        return params

    def all_params(self, chosen: Chosen) -> dict[str, Params]:
        """The settings of every derived column."""
        return {name: self.params(name, chosen) for name in self.offered()}

    def can_be_made(self, name: str, filters: Filters, chosen: Chosen, context: Context) -> bool:
        """Whether these posts and settings have the column."""
        try:
            self.posts(filters, {name}, chosen, context)
        except (CannotCompute, ColumnCrash):
            return False
        return True

    def posts(
        self, filters: Filters, needed: set[str], chosen: Chosen, context: Context
    ) -> tuple[pl.LazyFrame, Schema]:
        """Filter by the file's columns, fit the derived ones that are needed on what is left, then filter by those.

        Raises:
            CannotCompute: the posts do not allow a fit.
            ColumnCrash: a bug in a column.
            Cancelled: nobody wants the answer any more.
        """
        params = self.all_params(chosen)
        base = filters.without(params)
        posts = filtering.apply(self.dataset.scan(), base, self.dataset.timezone)
        schema = self.schema(chosen)
        for name in sorted(needed & set(params)):
            fitted = self._fit(name, posts, base, params[name], context)
            posts = posts.with_columns(fitted.expression.alias(name))
            schema = schema.with_columns([replace(schema[name], made_of=fitted.made_of)])
        return filtering.apply(posts, filters.only(params), self.dataset.timezone), schema

    def tools(self, chosen: Chosen, context: Context) -> Context:
        """A context whose holder may make derived columns again, and test them against data without structure."""

        def parts(name: str) -> tuple[DerivedColumn[Any], Params, Context]:
            column = self.registry.columns[name]
            params, _ = settings.resolve(self.params(name, chosen), self.dataset.schema)
            return column, params, replace(context, schema=self.dataset.schema, progress=lambda _done, _label: None)

        def refit(posts: pl.LazyFrame, name: str, leave_out: tuple[str, ...]) -> FittedColumn:
            if name not in self.offered() or self.registry.columns[name].refit is None:
                return Context(schema=context.schema).refit(posts, name, leave_out)
            column, params, own = parts(name)
            assert column.refit is not None
            again = column.refit
            return self._walled(column, "refit", lambda: again(posts, params, own, leave_out))

        def structure(posts: pl.LazyFrame, name: str, metric: str) -> StructureTest:
            if name not in self.offered() or self.registry.columns[name].structure_test is None:
                return Context(schema=context.schema).structure_test(posts, name, metric)
            column, params, own = parts(name)
            assert column.structure_test is not None
            test, telling = column.structure_test, replace(own, progress=context.progress)
            return self._walled(column, "structure_test", lambda: test(posts, params, telling, metric))

        return replace(context, refit=refit, structure_test=structure)

    def _fit(self, name: str, posts: pl.LazyFrame, filters: Filters, params: Params, context: Context) -> FittedColumn:
        column = self.registry.columns[name]
        parts = [name, column.version, params.model_dump(mode="json"), filtering.to_pairs(filters), context.seed]
        key = json.dumps(parts, sort_keys=True, default=str)
        with self._lock:
            if key in self._fits:
                return self._fits[key]
        started = time.perf_counter()
        outcome: Literal["done", "refused", "crashed", "cancelled"] = "crashed"
        try:
            fitted = self._walled(column, "fit", lambda: self._fitted(column, posts, params, context))
            outcome = "done"
        except Cancelled:
            outcome = "cancelled"
            raise
        except CannotCompute as error:
            outcome = "refused"
            raise CannotCompute(f'"{column.label}" cannot be made: {error.reason}', error.hint) from error
        finally:
            seconds = time.perf_counter() - started
            self._report(Run(panel=name, outcome=outcome, cached=False, seconds=seconds, posts=None, key=key))
        with self._lock:
            remember(self._fits, key, fitted, 64)
        return fitted

    @staticmethod
    def _walled(column: DerivedColumn[Any], step: str, work: Callable[[], T]) -> T:
        """A step of a derived column; a bug in it is that column's, whichever panel asked."""
        try:
            return work()
        except (CannotCompute, Cancelled):
            raise
        except BaseException as error:
            reraise_fatal(error)
            what = f'The column "{column.label}" could not be made.'
            raise ColumnCrash(crashed(what, column.id, step, error)) from error

    def _fitted(
        self, column: DerivedColumn[Any], posts: pl.LazyFrame, params: Params, context: Context
    ) -> FittedColumn:
        context.stop_if_cancelled()
        context.progress(0.0, f"Making {column.label.lower()}")
        resolved, _ = settings.resolve(params, self.dataset.schema)
        context = replace(context, schema=self.dataset.schema, timezone=self.dataset.timezone)
        fitted = column.fit(posts, resolved, context)
        if not isinstance(fitted, FittedColumn):
            raise TypeError(f"fit returned a {type(fitted).__name__}, not a FittedColumn")
        kind = posts.head(5).select(fitted.expression.alias(column.id)).collect().schema[column.id]
        if kind not in {pl.String, pl.Categorical, pl.Enum, pl.Null}:
            raise TypeError(f"the expression of {column.id} gives {kind}, not text")
        return fitted
