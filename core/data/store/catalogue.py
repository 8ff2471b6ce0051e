"""What is known of a data set without looking at the posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from pydantic import BaseModel, ConfigDict

from postlens.core.contract.schema import MAX_LEVELS
from postlens.core.data.convert.quality import Quality
from postlens.core.data.store.in_place import Scanned
from postlens.core.data.vocabulary.metrics import SUMMED
from postlens.core.data.vocabulary.roles import roles

_INNER = {"post_key", "source_file", "source_row", "post_type_raw", "published_precision"}


class StoredColumn(BaseModel):
    """What the catalogue knows about a column without looking at the posts."""

    model_config = ConfigDict(frozen=True)
    name: str
    label: str
    kind: str
    unit: str = ""
    known: int
    levels: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()


class Catalogue(BaseModel):
    """Everything about a data set but the posts.

    Attributes:
        scanned: how the source's own files are read in place; None where the posts are stored beside this.
    """

    model_config = ConfigDict(frozen=True)
    fingerprint: str
    source: str
    reader: str
    posts: int
    columns: tuple[StoredColumn, ...]
    first: str = ""
    last: str = ""
    quality: Quality
    scanned: Scanned | None = None


def stored_columns(
    dtypes: Mapping[str, pl.DataType],
    known: Mapping[str, int],
    levels: Callable[[str], tuple[str, ...]],
    categories: set[str],
    extra: Mapping[str, str],
) -> tuple[StoredColumn, ...]:
    """The columns in display order.

    Args:
        dtypes: of every column.
        known: how many values of each are not null.
        levels: the values of a category, the most frequent first.
        categories: columns without a role whose values are groups.
        extra: labels of columns without a role.
    """
    order = {name: i for i, name in enumerate(roles())}
    columns = []
    for name in sorted(dtypes, key=lambda c: order.get(c, len(order))):
        role = roles().get(name)
        kind = kind_of(name, dtypes[name], categories)
        columns.append(
            StoredColumn(
                name=name,
                label=role.label if role else extra.get(name, name.replace("_", " ").capitalize()),
                kind=kind,
                unit=role.unit if role else "",
                known=known[name],
                levels=levels(name) if kind == "category" or name == "published_precision" else (),
                made_of=tuple(k for k in SUMMED if k in dtypes) if name == "reactions" else (),
            )
        )
    return tuple(_with_unique_labels(columns))


def kind_of(name: str, dtype: pl.DataType, categories: set[str]) -> str:
    """What a column is good for."""
    role = roles().get(name)
    if name in _INNER or (role and role.type == "id"):
        return "id"
    if dtype.is_temporal():
        return "time"
    if role and role.type == "rate":
        return "rate"
    if dtype.is_numeric():
        return "metric"
    if role and role.type == "text":
        return "text"
    return "category" if role or name in categories else "text"


def levels(posts: pl.LazyFrame, name: str) -> tuple[str, ...]:
    """A column's values, the most frequent first, then by name; at most `MAX_LEVELS`."""
    counts = posts.select(name).drop_nulls().group_by(name).agg(n=pl.len()).collect(engine="streaming")
    return tuple(counts.sort(["n", name], descending=[True, False])[name].head(MAX_LEVELS))


def _with_unique_labels(columns: list[StoredColumn]) -> list[StoredColumn]:
    """Two columns with one label get their names beside it."""
    seen = [c.label for c in columns]
    return [c if seen.count(c.label) == 1 else c.model_copy(update={"label": f"{c.label} ({c.name})"}) for c in columns]
