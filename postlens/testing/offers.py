"""The promises of derived columns, measures and readers."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from postlens.core.ask import settings
from postlens.core.contract import Context, DerivedColumn, FileStart, FittedColumn, Measure, Reader
from postlens.core.contract.problems import CannotCompute, reraise_fatal
from postlens.core.data.dataset import Dataset
from postlens.core.data.measures import columns_of
from postlens.testing.hurtful import HURTFUL, hurtful_posts
from postlens.testing.promises import Promise, promise

_BYTES = (b"", b"\x00\xff\xfe", b"PK\x03\x04", b"a,b\n1,2\n", b"{", "\u05e9\U0001f600".encode(), b"\n" * 1000)


def check_column(column: DerivedColumn[Any]) -> list[Promise]:
    """Check every promise of a derived column."""
    with tempfile.TemporaryDirectory() as scratch:
        posts = {n: d for n in HURTFUL if (d := hurtful_posts(n, Path(scratch))) is not None}
        fits = {name: _fitted(column, dataset) for name, dataset in posts.items()}
        return [
            promise("no data makes the fit crash", lambda: _crashes(fits), "Raise CannotCompute(reason, hint)."),
            promise("it gives its levels, or null", lambda: _strays(column, posts, fits), "Say every level in levels(params)."),
            promise("the same posts give the same column", lambda: _changes(column, posts, fits), "Take random numbers from ctx.seed."),
            promise("the order of the posts does not matter", lambda: _orders(posts, fits), "Say for each post alone, without row numbers."),
            promise("its expression survives storing", lambda: _unstorable(fits), "Use Polars expressions only, no Python functions."),
        ]  # fmt: skip


Fits = Mapping[str, FittedColumn | BaseException]


def _fitted(column: DerivedColumn[Any], dataset: Dataset) -> FittedColumn | BaseException:
    params, _ = settings.resolve(settings.defaults(column.params), dataset.schema)
    try:
        return column.fit(dataset.scan(), params, Context(schema=dataset.schema))
    except BaseException as error:  # noqa: BLE001 - whatever it raises is what is being looked for
        reraise_fatal(error)
        return error


def _labels(column: DerivedColumn[Any], dataset: Dataset, fit: FittedColumn | BaseException) -> pl.Series:
    assert isinstance(fit, FittedColumn)
    return dataset.scan().select(fit.expression.alias(column.id)).collect()[column.id]


def _crashes(fits: Fits) -> Iterator[str]:
    for name, fit in fits.items():
        if isinstance(fit, BaseException) and not isinstance(fit, CannotCompute):
            yield f'On "{name}": {type(fit).__name__}: {fit}.'


def _strays(column: DerivedColumn[Any], posts: Mapping[str, Dataset], fits: Fits) -> Iterator[str]:
    known = set(column.levels(settings.defaults(column.params)))
    for name, fit in fits.items():
        if isinstance(fit, FittedColumn):
            strays = sorted(set(_labels(column, posts[name], fit).drop_nulls()) - known)
            if strays:
                yield f'On "{name}" a post has "{strays[0]}".'


def _changes(column: DerivedColumn[Any], posts: Mapping[str, Dataset], fits: Fits) -> Iterator[str]:
    for name, fit in fits.items():
        again = _fitted(column, posts[name])
        fitted = isinstance(fit, FittedColumn) and isinstance(again, FittedColumn)
        if fitted and not _labels(column, posts[name], fit).equals(_labels(column, posts[name], again)):
            yield f'On "{name}" two fits differ.'


def _orders(posts: Mapping[str, Dataset], fits: Fits) -> Iterator[str]:
    for name, fit in fits.items():
        if isinstance(fit, FittedColumn):
            table = posts[name].scan().collect()
            labels = table.select(fit.expression.alias("it"))["it"]
            if not labels.reverse().equals(table.reverse().select(fit.expression.alias("it"))["it"]):
                yield f'On "{name}" a post\'s value changes with the order of the posts.'


def _unstorable(fits: Fits) -> Iterator[str]:
    for name, fit in fits.items():
        if isinstance(fit, FittedColumn):
            try:
                pl.Expr.deserialize(io.BytesIO(fit.expression.meta.serialize()))
            except Exception as error:  # noqa: BLE001 - see above
                yield f'On "{name}": {type(error).__name__}.'


def check_measure(measure: Measure) -> list[Promise]:
    """Check every promise of a measure."""
    return [promise("it gives one number for each post, or null", lambda: _no_numbers(measure), "Use no averages or sums over posts.")]  # fmt: skip


def _no_numbers(measure: Measure) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as scratch:
        dataset = hurtful_posts("ordinary posts", Path(scratch))
        assert dataset is not None
        posts = dataset.scan().collect()
        if not set(columns_of(measure)) <= set(posts.columns):
            return  # Columns that only other data have cannot be tried here.
        _, problems = dataset.with_measures([measure])
        yield from map(str, problems)
        whole = posts.select(measure.expression)[measure.id]
        if len(whole) != dataset.posts or not whole.head(7).equals(
            posts.head(7).select(measure.expression)[measure.id]
        ):
            yield "A post's value changes with the other posts."
        elif not whole.reverse().equals(posts.reverse().select(measure.expression)[measure.id]):
            yield "A post's value changes with the order of the posts."


def check_reader(reader: Reader) -> list[Promise]:
    """Check every promise of a reader that needs no file of its format."""
    return [promise("no file makes recognise crash, and it says 0 to 1", lambda: _unsure(reader), "Return 0.0 for what you do not know.")]  # fmt: skip


def _unsure(reader: Reader) -> Iterator[str]:
    for start in _BYTES:
        for ending in (".csv", "", ".xyz"):
            sure = reader.recognise(FileStart(name=f"f{ending}", ending=ending, start=start))
            if not 0 <= sure <= 1:
                yield f"It says {sure}."
