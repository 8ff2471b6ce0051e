"""The promises of a panel, checked over data that hurt."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import polars as pl
from pydantic import SecretStr, ValidationError

from postlens.core.ask import filters, results, settings
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Contains
from postlens.core.ask.outcome import Crashed, Done, Outcome
from postlens.core.ask.request import Request
from postlens.core.contract import DerivedColumn, Options, Panel, Params
from postlens.core.contract.blocks import Block, Chart, Verdict, walk
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.core.host.registry import Registry
from postlens.testing.hurtful import HURTFUL, hurtful_posts
from postlens.testing.promises import Promise, promise


def assert_panel(panel: Panel[Any, Any], columns: Sequence[DerivedColumn[Any]] = ()) -> None:
    """Fail with every broken promise, for a plugin's own tests."""
    broken = [str(p) for p in check_panel(panel, columns) if not p.kept]
    if broken:
        raise AssertionError("\n".join(broken))


def check_panel(
    panel: Panel[Any, Any],
    columns: Sequence[DerivedColumn[Any]] = (),
    names: Sequence[str] = (),
) -> list[Promise]:
    """Check every promise.

    Args:
        panel: the panel.
        columns: derived columns of the same plugin.
        names: which of `HURTFUL`; all otherwise.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        posts = {n: d for n in names or HURTFUL if (d := hurtful_posts(n, folder)) is not None}
        kit = _Kit(panel, tuple(columns), posts, folder)
        return [
            promise("settings survive JSON and a link", kit.settings, "Use plain types in Params: text, numbers, Literal, tuples of those."),
            promise("no data makes it crash", kit.never_crashes, "Raise CannotCompute(reason, hint) for what the data cannot answer; anything else is to be mended in compute or view."),
            promise("the same posts and settings give the identical result", kit.repeatable, "Take every random number from ctx.seed and every date from ctx.today."),
            promise("the order of the rows does not matter", kit.order, "Sort before .collect(), or group with an order of its own."),
            promise("results survive storing", kit.storing, "Give Result only DataFrames with plain columns, scalars and tuples."),
            promise("every chart has its sentence and its table", kit.charts, "Give each Chart a takeaway and a table with rows."),
            promise("no posts are refused politely", kit.no_rows, "Say Needs(posts=1) or more."),
            promise("its needs are named", kit.needs, "Name the columns that compute uses in Needs(columns=...)."),
            promise("every choice of its form works", kit.choices, "Make compute and view work for it, or take the choice out of the form."),
            promise("its questions are settings, and its findings verdicts", kit.asks, "Return [Settings(...)] from questions, and [Verdict(...)] from findings."),
            promise("its pickers can pick", kit.pickers, 'Write Pick(kind="level", of="group"), where group is a field with Pick(kind="category").'),
        ]  # fmt: skip


# What ordinary posts have.
_ORDINARY = (
    "published",
    "weekday",
    "hour",
    "account_name",
    "post_type",
    "text",
    "reactions",
    "comments",
    "shares",
    "reach",
)


class _Kit:
    """The checks, each an iterator of what is wrong, so that the first finding ends it."""

    def __init__(
        self,
        panel: Panel[Any, Any],
        columns: tuple[DerivedColumn[Any], ...],
        posts: Mapping[str, Dataset],
        folder: Path,
    ) -> None:
        self.panel, self.posts, self.folder = panel, posts, folder
        told = _options(panel)
        self.registry = Registry(
            (), {panel.id: panel}, {c.id: c for c in columns}, options={panel.id: told} if told is not None else {}
        )
        self.engines = {name: Engine(self.registry, d, store=folder / name) for name, d in posts.items()}
        self.outcomes: dict[str, Outcome] = {}

    def request(self, **changes: Any) -> Request:
        return Request(panel=self.panel.id, params=self.panel.params(), **changes)

    def outcome(self, name: str) -> Outcome:
        if name not in self.outcomes:
            self.outcomes[name] = self.engines[name].answer(self.request())
        return self.outcomes[name]

    def done(self) -> Iterator[tuple[str, Done]]:
        for name in self.posts:
            found = self.outcome(name)
            if isinstance(found, Done):
                yield name, found

    def settings(self) -> Iterator[str]:
        start = self.panel.params()
        if self.panel.params.model_validate_json(start.model_dump_json()) != start:
            yield "The defaults come back from JSON as something else."
        for name, engine in self.engines.items():
            resolved, _ = settings.resolve(start, engine.schema())
            pairs: dict[str, Any] = {}
            for key, value in settings.to_pairs(resolved, start):
                pairs[key] = (
                    value
                    if key not in pairs
                    else [*(pairs[key] if isinstance(pairs[key], list) else [pairs[key]]), value]
                )
            again, problems = settings.read(self.panel.params, pairs, start, "link")
            if problems or again != resolved:
                yield f'On "{name}" a link does not restore the settings: {"; ".join(map(str, problems))}'

    def never_crashes(self) -> Iterator[str]:
        for name in self.posts:
            found = self.outcome(name)
            page: Any = self.engines[name].blocks(self.panel, found) if isinstance(found, Done) else found
            if isinstance(page, Crashed):
                yield f'On "{name}": {page.cause.rstrip(".")}.'

    def repeatable(self) -> Iterator[str]:
        if self.panel.fresh:
            return  # What it fetches may have changed.
        for name, first in self.done():
            again = Engine(self.registry, self.posts[name], store=self.folder / f"again {name}").answer(self.request())
            if not isinstance(again, Done):
                yield f'On "{name}" the second run gives no result.'
            elif difference := _difference(first.result, again.result, exact=True):
                yield f'On "{name}" {difference} differs between two runs.'

    def order(self) -> Iterator[str]:
        name = "ordinary posts" if "ordinary posts" in self.posts else next(iter(self.posts))
        first = self.outcome(name)
        if not isinstance(first, Done):
            return
        table = (
            self.posts[name].scan().select("post_id", *_RAW).collect()
            if set(_RAW) <= set(self.posts[name].scan().collect_schema())
            else None
        )
        if table is None:
            return
        shuffled = table.sample(fraction=1.0, shuffle=True, seed=1).rename(_RAW | {"post_id": "Post ID"})
        path = self.folder / "shuffled.csv"
        shuffled.with_columns(pl.col("Published").dt.to_string("%Y-%m-%d %H:%M:%S")).write_csv(path)
        dataset = open_dataset(
            str(path), store=self.folder / "store", settings=ReadSettings(), timezone="Europe/Berlin", name=name
        )
        again = Engine(self.registry, dataset, store=self.folder / "shuffled").answer(self.request())
        if not isinstance(again, Done):
            yield "Shuffled posts give no result."
        elif difference := _difference(first.result, again.result, exact=False):
            yield f"{difference} differs when the rows come in another order."

    def storing(self) -> Iterator[str]:
        kind = get_type_hints(self.panel.compute)["return"]
        for name, found in self.done():
            home = self.folder / "stored" / name
            results.write(found.result, home)
            if difference := _difference(found.result, results.read(kind, home), exact=True):
                yield f'On "{name}" {difference} comes back from storage as something else.'

    def charts(self) -> Iterator[str]:
        for name, found in self.done():
            page = self.engines[name].blocks(self.panel, found)
            for block in walk(page) if isinstance(page, list) else ():
                yield from _chart_faults(block, name)

    def no_rows(self) -> Iterator[str]:
        nobody = filters.of(Contains("no caption says this"))
        for name, engine in self.engines.items():
            if "text" in engine.dataset.schema:
                found = engine.answer(self.request(filters=nobody))
                if isinstance(found, Crashed):
                    yield f'On "{name}" without posts: {found.cause.rstrip(".")}.'

    def needs(self) -> Iterator[str]:
        for name, engine in self.engines.items():
            found = self.outcome(name)
            if isinstance(found, Crashed) and "ColumnNotFound" in found.trace:
                missing = [c for c in _ORDINARY if c not in engine.dataset.schema]
                if missing:
                    yield f'"{name}" has no {", ".join(missing)}, and it crashes instead of being refused.'

    def choices(self) -> Iterator[str]:
        name = "ordinary posts" if "ordinary posts" in self.posts else next(iter(self.posts))
        engine = self.engines[name]
        for field, value in _choices(self.panel.params):
            try:
                params = self.panel.params.model_validate({field: value})
            except ValidationError:
                continue  # It may only fit beside another.
            found = engine.answer(Request(panel=self.panel.id, params=params))
            page: Any = engine.blocks(self.panel, found) if isinstance(found, Done) else found
            if isinstance(page, Crashed):
                yield f'With {field} = {value!r} on "{name}": {page.cause.rstrip(".")}.'

    def asks(self) -> Iterator[str]:
        for name, engine in self.engines.items():
            asked = self.panel.questions(engine.schema()) if self.panel.questions is not None else []
            for strange in (q for q in asked if not isinstance(q, self.panel.params)):
                yield f'On "{name}" questions returned a {type(strange).__name__}, not {self.panel.params.__name__}.'
        for name, found in self.done():
            said = self.panel.findings(found.result) if self.panel.findings is not None else []
            for strange in (v for v in said if not isinstance(v, Verdict)):
                yield f'On "{name}" findings returned a {type(strange).__name__}, not a Verdict.'

    def pickers(self) -> Iterator[str]:
        fields = self.panel.params.model_fields
        picks = {name: pick for name, field in fields.items() if (pick := settings.pick_of(field)) is not None}
        for name, pick in picks.items():
            if pick.kind == "level" and (pick.of not in picks or picks[pick.of].kind != "category"):
                yield f'The setting "{name}" picks a value of "{pick.of}", which is no setting that picks a category.'
            if gone := [other for other in pick.apart if other not in fields]:
                yield f'The setting "{name}" stays apart from "{gone[0]}", which is no setting.'


_MOST_CHOICES, _SHORTEST = 60, 10


def _choices(params: type[Params]) -> list[tuple[str, Any]]:
    """Each choice of a `Literal`, an enumeration or a switch, and the bounds of numbers."""
    found: list[tuple[str, Any]] = []
    for name, field in params.model_fields.items():
        if choices := settings.closed_choices(field):
            found += [(name, choice) for choice in choices.values()]
        elif field.annotation is bool:
            found += [(name, True), (name, False)]
        else:
            bounds = (getattr(item, end, None) for item in field.metadata for end in ("ge", "le"))
            found += [(name, bound) for bound in bounds if bound is not None]
    return found[:_MOST_CHOICES]


def _options(panel: Panel[Any, Any]) -> Options | None:
    """Options as a deployment might say them; None where there are none, or they cannot be made up."""
    if panel.options is None:
        return None
    made_up = {name: "made up" for name, field in panel.options.model_fields.items() if field.annotation is SecretStr}
    try:
        return panel.options.model_validate(made_up)
    except ValidationError:
        return None


_RAW = {"published": "Published", "account_name": "Account", "post_type": "Type", "text": "Caption",
        "reactions": "Reactions", "comments": "Comments", "shares": "Shares", "reach": "Reach"}  # fmt: skip


def _chart_faults(block: Block, name: str) -> Iterator[str]:
    if not isinstance(block, Chart):
        return
    if len(block.takeaway.strip()) < _SHORTEST:
        yield f'On "{name}" the takeaway of the chart "{block.title}" is no sentence: it has fewer than {_SHORTEST} characters.'
    if not block.table.rows.width:
        yield f'On "{name}" the chart "{block.title}" has no table.'


def _difference(first: Any, second: Any, *, exact: bool) -> str:
    """The first field in which two results differ; seconds and orders of rows may, if not exact."""
    for name, table in results.tables(first).items():
        if not _same(table, results.tables(second)[name], exact=exact):
            return f"the table {name}"
    for name, value in results.scalars(first).items():
        if not nearly_equal(value, results.scalars(second)[name], exact=exact):
            return f"{name} ({value} and {results.scalars(second)[name]})"
    return ""


def _same(one: pl.DataFrame, other: pl.DataFrame, *, exact: bool) -> bool:
    timed = [c for c in one.columns if c == "seconds"]
    one, other = one.drop(timed), other.drop([c for c in timed if c in other.columns])
    if one.schema != other.schema or one.height != other.height:
        return False
    return all(
        nearly_equal(a, b, exact=exact)
        for x, y in zip(one.iter_rows(), other.iter_rows(), strict=True)
        for a, b in zip(x, y, strict=True)
    )


def nearly_equal(a: Any, b: Any, *, exact: bool) -> bool:
    """Whether two values, lists or dicts of them are the same up to the order of sums; NaN equals NaN."""
    if isinstance(a, float) and isinstance(b, float):
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return (
            a == b
            or (not exact and math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9))
            or math.isclose(a, b, rel_tol=1e-12)
        )
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(nearly_equal(a[k], b[k], exact=exact) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(nearly_equal(x, y, exact=exact) for x, y in zip(a, b, strict=True))
    return bool(a == b)
