"""Answering one question about the posts: filters, needs, cache, compute and the receipt, for every panel alike."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any, get_type_hints

import polars as pl

from postlens.core.ask import filters as filtering
from postlens.core.ask import results, settings
from postlens.core.ask.apart import Apart
from postlens.core.ask.cache import AnswerCache, remember
from postlens.core.ask.derived_columns import ColumnCrash, DerivedColumns
from postlens.core.ask.filters import Filters
from postlens.core.ask.further import with_further
from postlens.core.ask.metrics_in_view import known_of, unknown_in_view
from postlens.core.ask.outcome import Crashed, Done, Empty, Outcome, Receipt, Refused, crashed
from postlens.core.ask.request import Request, follow
from postlens.core.ask.returned import check_result, checked_blocks
from postlens.core.contract import Context, DerivedColumn, Panel, Params, PostColumns, Run
from postlens.core.contract.blocks import Block
from postlens.core.contract.problems import Cancelled, CannotCompute, reraise_fatal
from postlens.core.contract.schema import Schema
from postlens.core.data.dataset import Dataset
from postlens.core.host.observers import Observers
from postlens.core.host.options import options_key
from postlens.core.host.registry import Registry


@dataclass(frozen=True, kw_only=True)
class _Selection:
    """The posts a request speaks of, with the derived columns it needs."""

    posts: pl.LazyFrame
    schema: Schema
    matched: int
    applied: Filters
    ignored: tuple[str, ...]


class Engine:
    """Answers requests about one data set with one registry of plugins. Safe to share between threads."""

    def __init__(
        self, registry: Registry, dataset: Dataset, *, store: Path, seed: int = 0, apart: Apart | None = None
    ) -> None:
        self.registry = registry
        self.dataset = dataset
        self.seed = seed
        self._apart = apart
        self._answers = AnswerCache(store / "results")
        self.observers = Observers(registry.observers)
        self.columns = DerivedColumns(registry, dataset, self.observers.tell)
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    # -- what there is --------------------------------------------------------------------------------

    def schema(self, columns: Mapping[str, Params] | None = None) -> Schema:
        """The columns of the data and those that plugins offer."""
        return self.columns.schema(columns)

    def derived(self) -> dict[str, DerivedColumn[Any]]:
        """The columns that plugins offer and the file does not have itself."""
        return self.columns.offered()

    def column_params(self, column: str, chosen: Mapping[str, Params] | None = None) -> Params:
        """The settings of a derived column: those chosen, else the house's."""
        return self.columns.params(column, chosen)

    def panel_params(self, panel: str) -> Params:
        """The settings a panel opens with."""
        params: Params = settings.defaults(
            self.registry.panel(panel).params, self.registry.deployment_defaults.get(panel)
        )
        return params

    def made_of(self, panel: str) -> list[str]:
        """What an engine elsewhere must have alike to answer for this one: posts and plugins."""
        derived = [f"{n} {c.version} {self.registry.marks.get(n, '')}" for n, c in self.derived().items()]
        own = f"{panel} {self.registry.panel(panel).version} {self.registry.marks.get(panel, '')}"
        return [self.dataset.fingerprint, str(self.dataset.measured), own, *derived]

    def count(self, filters: Filters, columns: Mapping[str, Params] | None = None) -> int | None:
        """How many posts the filters keep; None where a derived column they need cannot be made."""
        key = json.dumps([filtering.to_pairs(filters), _columns_key(columns or {})])
        with self._lock:
            if key in self._counts:
                return self._counts[key]
        context = Context(schema=self.dataset.schema, seed=self.seed, timezone=self.dataset.timezone)
        try:
            posts, _ = self.columns.posts(filters, filters.columns(), columns or {}, context)
        except (CannotCompute, ColumnCrash):
            return None
        counted = int(posts.select(pl.len()).collect(engine="streaming").item())
        with self._lock:
            remember(self._counts, key, counted, 256)
        return counted

    def _seed(self, request: Request) -> int:
        return self.seed if request.seed is None else request.seed

    def _today(self) -> date:
        """The client's day."""
        return datetime.now(self.dataset.timezone).date()

    # -- answering ------------------------------------------------------------------------------------

    def key(self, request: Request) -> str:
        """The name of a request: the same question has the same key, whoever asks, and whether choices of the host are spelled out."""
        panel = self.registry.panel(request.panel)
        asked, replaced = settings.resolve(request.params, self.schema(request.columns))
        asked = request.params if replaced else asked  # That answer says what was replaced.
        made = {
            name: [
                column.version,
                self.registry.marks.get(name, ""),
                _jsonable(self.column_params(name, request.columns)),
            ]
            for name, column in self.derived().items()
        }
        fields = sorted(get_type_hints(get_type_hints(panel.compute)["return"]))
        parts = [
            panel.id,
            panel.version,
            self.registry.marks.get(panel.id, ""),
            fields,
            _jsonable(asked),
            self.dataset.fingerprint,
            self.dataset.measured,
            self.dataset.timezone.key,
            filtering.to_pairs(request.filters),
            made,
            self._seed(request),
            _version(),
            str(self._today()) if panel.dated else "",
            int(time.time() // panel.fresh) if panel.fresh else 0,
            options_key(self.registry.options.get(panel.id)),
        ]
        return hashlib.blake2b(json.dumps(parts, sort_keys=True, default=str).encode(), digest_size=12).hexdigest()

    def cached(self, request: Request) -> Done | None:
        """The answer, if somebody asked before."""
        return self._answers.get(self.registry.panel(request.panel), self.key(request))

    def answered(self, panel: str, key: str) -> Done | None:
        """A stored answer by its key, which may come from anywhere: whatever is no key finds nothing."""
        if panel not in self.registry.panels or not re.fullmatch(r"[0-9a-f]{24}", key):
            return None
        return self._answers.get(self.registry.panels[panel], key)

    def stored(self, request: Request) -> dict[str, bytes]:
        """The files of an answer in the store by name; none where it is not there."""
        return self._answers.stored(self.registry.panel(request.panel), self.key(request))

    def take(self, request: Request, files: Mapping[str, bytes]) -> None:
        """Keep the answer to a request that an engine elsewhere has stored.

        Raises:
            ValueError: the files are not those of an answer.
        """
        self._answers.take(self.registry.panel(request.panel), self.key(request), files)

    def here(self, request: Request, progress: Callable[[float, str], None], cancelled: Callable[[], bool]) -> Outcome:
        """The answer computed in this process, whatever else the engine has."""
        return self._computed(request, progress, cancelled)

    def answer(
        self,
        request: Request,
        *,
        progress: Callable[[float, str], None] = lambda _done, _label: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Outcome:
        """Compute a panel's result, or say why not. Raises only `Cancelled`."""
        started = time.perf_counter()
        found = self.cached(request)
        cached = found is not None
        outcome: Outcome | None = found
        try:
            outcome = outcome or self._found(request, progress, cancelled)
        finally:
            seconds = time.perf_counter() - started
            self.observers.tell(_run(request.panel, outcome, self.key(request), cached=cached, seconds=seconds))
        return outcome

    def _found(
        self, request: Request, progress: Callable[[float, str], None], cancelled: Callable[[], bool]
    ) -> Outcome:
        """The answer computed here, or elsewhere and left in the store."""
        if self._apart is None or request.panel not in self._apart.panels:
            return self._computed(request, progress, cancelled)
        for _ in range(2):  # An answer that holds for a while may have grown old meanwhile.
            found = self._apart(self, request, progress, cancelled) or self.cached(request)
            if found is not None:
                return found
        return _crash(self.registry.panel(request.panel), "compute", OSError("its answer could not be kept"))

    def _computed(
        self, request: Request, progress: Callable[[float, str], None], cancelled: Callable[[], bool]
    ) -> Outcome:
        panel = self.registry.panel(request.panel)
        context = Context(
            schema=self.dataset.schema,
            seed=self._seed(request),
            day=self._today() if panel.dated else None,
            timezone=self.dataset.timezone,
            progress=lambda done, label: progress(min(1.0, max(0.0, float(done or 0))), str(label)),
            cancelled=cancelled,
        )
        try:
            progress(0.0, "Selecting posts")
            selection = self._select(request, panel, context)
            params, notes = settings.resolve(request.params, selection.schema)
            self._check_metrics(params, request, selection, context)
            context = self._further(replace(context, schema=selection.schema), request, panel, selection)
            context = self.columns.tools(request.columns, context)
            result = panel.compute(selection.posts, params, context)
            check_result(panel, result)
            done = Done(
                result=result,
                params=params,
                receipt=self._receipt(request, panel, params, selection, result),
                notes=tuple(notes),
            )
        except CannotCompute as error:
            return Refused(kind=getattr(error, "kind", "cannot tell"), reason=error.reason, hint=error.hint)
        except ColumnCrash as error:
            return error.crash
        except Cancelled:
            raise
        except BaseException as error:
            reraise_fatal(error)
            return _crash(panel, "compute", error)
        self._answers.put(panel, self.key(request), done)
        return done

    def blocks(self, panel: Panel[Any, Any], done: Done) -> list[Block] | Crashed:
        """What the page shows of a result, checked to be blocks."""
        try:
            return checked_blocks(panel.view(results.copied(done.result), done.params))
        except BaseException as error:
            reraise_fatal(error)
            return _crash(panel, "view", error)

    def posts_table(self, request: Request, done: Done) -> pl.LazyFrame | None:
        """Every post that the request speaks of, in file order, with the columns that the panel makes; None if it makes none."""
        panel = self.registry.panel(request.panel)
        made = results.post_columns(done.result) or PostColumns(columns={})
        filters = request.filters.without(panel.needs.ignores)
        context = Context(schema=self.dataset.schema, seed=self._seed(request), timezone=self.dataset.timezone)
        chosen = follow(self, panel, done.params, request.columns)
        own = [name for name, column in self.derived().items() if column.panel == panel.id]
        derived = [name for name in own if self.columns.can_be_made(name, filters, chosen, context)]
        if not made.columns and not derived:
            return None
        needed = filters.columns() | _picked(done.params) | set(derived)
        posts, _ = self.columns.posts(filters, needed, chosen, context)
        expressions = [
            e.alias(n) if made.keep is None else pl.when(made.keep).then(e).alias(n) for n, e in made.columns.items()
        ]
        hidden = {"post_key", "published_precision", *made.columns, *derived}
        kept = [c.name for c in self.dataset.schema.columns if c.name not in hidden]
        return posts.with_columns(expressions).select(*kept, *derived, *made.columns)

    def made_for(self, request: Request) -> tuple[str, ...]:
        """The derived columns that a question needs, by name: their work is their own, not the panel's."""
        panel = self.registry.panel(request.panel)
        named = request.filters.columns() | _picked(request.params) | set(panel.needs.columns)
        return tuple(sorted(named & set(self.columns.offered())))

    # -- steps ----------------------------------------------------------------------------------------

    def _further(self, context: Context, request: Request, panel: Panel[Any, Any], selection: _Selection) -> Context:
        def posts(wanted: Filters) -> pl.LazyFrame:
            needed = wanted.columns() | _picked(request.params) | set(panel.needs.columns)
            return self.columns.posts(wanted, needed, request.columns, context)[0]

        options = self.registry.options.get(panel.id)
        days = self.dataset.first_day, self.dataset.last_day
        return with_further(context, selection.applied, posts, options, days)

    def _select(self, request: Request, panel: Panel[Any, Any], context: Context) -> _Selection:
        ignored = tuple(sorted(request.filters.columns() & set(panel.needs.ignores)))
        applied = request.filters.without(ignored)
        resolved, _ = settings.resolve(request.params, self.schema(request.columns))
        needed = applied.columns() | _picked(resolved) | set(panel.needs.columns)
        posts, schema = self.columns.posts(applied, needed, request.columns, context)
        matched = int(posts.select(pl.len()).collect(engine="streaming").item())
        self._check_needs(panel, schema, matched, applied, request)
        return _Selection(posts=posts, schema=schema, matched=matched, applied=applied, ignored=ignored)

    def _check_needs(
        self, panel: Panel[Any, Any], schema: Schema, matched: int, applied: Filters, request: Request
    ) -> None:
        needs = panel.needs
        missing = [c for c in needs.columns if c not in schema]
        if missing:
            raise _empty(
                "column missing",
                f"{panel.title} needs {_listed(missing)}, which this data does not have.",
                "Use an export with that column, or name it under [data.columns] in config.toml.",
            )
        if len(schema.metrics) < needs.metrics:
            raise _empty(
                "column missing",
                f"{panel.title} needs {needs.metrics} metric(s); this data has {len(schema.metrics)}.",
                "Use an export with reactions, comments, shares or reach.",
            )
        if len([c for c in self.dataset.schema.categories if len(c.levels) > 1]) < needs.categories:
            raise _empty(
                "column missing",
                f"{panel.title} needs a column that groups posts, such as type or account.",
                "Use an export with one, or name a column under [data] categories in config.toml.",
            )
        if self.dataset.posts == 0:
            raise _empty("no data", "There are no posts in this data set.", "Open another file.")
        if matched == 0:
            raise _empty("filtered away", self._who_emptied(applied, schema, request), "Widen or reset the filters.")
        if matched < needs.posts:
            raise _empty(
                "too few posts",
                f"{panel.title} needs at least {needs.posts} posts; {matched} remain.",
                "Widen the filters or load a longer period.",
            )

    def known_in_view(self, filters: Filters) -> dict[str, int]:
        """How many of the posts that pass filters know each metric."""
        schema = self.dataset.schema
        context = Context(schema=schema, seed=self.seed, timezone=self.dataset.timezone)
        names = [c.name for c in schema.metrics]
        return known_of(self.columns.posts(filters, filters.columns() | set(names), {}, context)[0], names)

    def _check_metrics(self, params: Params, request: Request, selection: _Selection, context: Context) -> None:
        if not selection.applied.items:
            return

        def more(names: set[str]) -> pl.LazyFrame:
            wanted = names | selection.applied.columns()
            return self.columns.posts(selection.applied, wanted, request.columns, context)[0]

        said = unknown_in_view(params, selection.schema, selection.posts, more)
        if said is not None:
            raise _empty("column missing", *said)

    def _who_emptied(self, filters: Filters, schema: Schema, request: Request) -> str:
        single = [filtering.of(item) for item in filters.items]
        guilty = next((f for f in single if self.count(f, request.columns) == 0), None)
        if guilty is None:
            return "No post passes all the filters together, though each alone matches some."
        return f"No post matches the filter {filtering.describe(guilty, schema)[0]}."

    def _receipt(
        self, request: Request, panel: Panel[Any, Any], params: Params, selection: _Selection, result: object
    ) -> Receipt:
        quality = self.dataset.quality
        dropped = [{"reason": d.reason, "rows": d.rows, "where": "import"} for d in quality.dropped]
        if self.dataset.posts > selection.matched:
            dropped.append(
                {"reason": "outside the filters", "rows": self.dataset.posts - selection.matched, "where": "filters"}
            )
        in_panel = results.tables(result).get("dropped", pl.DataFrame())
        left_out = in_panel.to_dicts() if {"reason", "posts"} <= set(in_panel.columns) else []
        dropped += [{"reason": d["reason"], "rows": d["posts"], "where": "panel"} for d in left_out if d["posts"]]
        used = selection.matched - sum(d["posts"] for d in left_out)
        return Receipt(
            panel=panel.id,
            panel_version=panel.version,
            postlens=_version(),
            data=self.dataset.name,
            fingerprint=self.dataset.fingerprint,
            params=_jsonable(params),
            filters=filtering.to_pairs(selection.applied),
            columns=_columns_key(request.columns),
            ignored=list(selection.ignored),
            seed=self._seed(request),
            timezone=self.dataset.timezone.key,
            rows={"read": quality.rows, "posts": self.dataset.posts, "matched": selection.matched, "used": used},
            dropped=dropped,
            computed=datetime.now(UTC).isoformat(timespec="seconds"),
            digests=results.digests(result),
        )


class _Empty(CannotCompute):
    """A need that is not met, with the empty state it is."""

    def __init__(self, kind: Empty, reason: str, hint: str) -> None:
        super().__init__(reason, hint)
        self.kind = kind


def _empty(kind: Empty, reason: str, hint: str) -> _Empty:
    return _Empty(kind, reason, hint)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{n}"' for n in names)


def _run(panel: str, outcome: Outcome | None, key: str, *, cached: bool, seconds: float) -> Run:
    match outcome:
        case Done():
            posts = outcome.receipt.rows["matched"]
            return Run(panel=panel, outcome="done", cached=cached, seconds=seconds, posts=posts, key=key)
        case Refused():
            return Run(panel=panel, outcome="refused", cached=cached, seconds=seconds, posts=None, key=key)
        case Crashed():
            return Run(panel=panel, outcome="crashed", cached=cached, seconds=seconds, posts=None, key=key)
    return Run(panel=panel, outcome="cancelled", cached=cached, seconds=seconds, posts=None, key=key)


def _picked(params: Params) -> set[str]:
    """The columns that settings name."""
    names: set[str] = set()
    for name, info in type(params).model_fields.items():
        if settings.pick_of(info):
            value = getattr(params, name)
            names |= set(value) if isinstance(value, tuple | list) else {value}
    return names


def _crash(panel: Panel[Any, Any], step: str, error: BaseException) -> Crashed:
    words = {"compute": "could not compute its result", "view": "could not show its result"}
    return crashed(f'The panel "{panel.title}" {words[step]}.', panel.id, step, error)


def _jsonable(params: Params) -> dict[str, Any]:
    return params.model_dump(mode="json")


def _columns_key(columns: Mapping[str, Params]) -> dict[str, dict[str, Any]]:
    return {name: _jsonable(params) for name, params in sorted(columns.items())}


def _version() -> str:
    try:
        return version("postlens")
    except PackageNotFoundError:
        return "0"
