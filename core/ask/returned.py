"""What a panel returned, checked against what the contract promises, before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, get_type_hints

import polars as pl

from postlens.core.contract import Panel, PostColumns
from postlens.core.contract.blocks import (
    Block,
    Chart,
    Details,
    Grid,
    Link,
    Notice,
    Plan,
    Row,
    Stat,
    Table,
    Text,
    Verdict,
    walk,
)
from postlens.core.contract.problems import BrokenPromise

MAX_PAGE_BYTES = 6_000_000  # Bytes of JSON of all figures together.
_NESTED = (pl.List, pl.Array, pl.Struct, pl.Binary, pl.Object)


def check_result(panel: Panel[Any, Any], result: object) -> None:
    """Whether `compute` returned what its annotation says.

    Raises:
        BrokenPromise: it did not.
    """
    expected = get_type_hints(panel.compute)["return"]
    if not isinstance(result, expected):
        raise BrokenPromise(f"compute returned a {type(result).__name__}, not the {expected.__name__} it promises")
    for name, annotation in get_type_hints(expected).items():
        value = getattr(result, name)
        if isinstance(value, PostColumns) and not all(isinstance(e, pl.Expr) for e in dict(value.columns).values()):
            raise BrokenPromise(f"the field {name} of the result has something that is no expression")
        if annotation is pl.DataFrame and not isinstance(value, pl.DataFrame):
            raise BrokenPromise(f"the field {name} of the result is a {type(value).__name__}, not a DataFrame")
        if isinstance(value, pl.DataFrame):
            _check_flat(value, f"the table {name} of the result")


def checked_blocks(returned: Any) -> list[Block]:
    """What `view` returned, if a page can be sent of it that does not make the browser stand still.

    Raises:
        BrokenPromise: it cannot.
    """
    if not isinstance(returned, Iterable) or isinstance(returned, str | bytes):
        raise BrokenPromise(f"view returned a {type(returned).__name__}, not a list of blocks")
    blocks = list(returned)
    named: dict[str, pl.DataFrame] = {}
    weight = 0
    for block in walk(blocks):
        if not isinstance(block, Text | Stat | Verdict | Notice | Table | Chart | Details | Link | Plan | Row | Grid):
            raise BrokenPromise(f"view returned a {type(block).__name__} where a block was expected")
        _check_texts(block)
        table = block.table if isinstance(block, Chart) else block
        if isinstance(table, Table):
            _check_table(table, named)
        weight += len(block.figure.to_json(validate=False)) if isinstance(block, Chart) else _words(block)
    if weight > MAX_PAGE_BYTES:
        raise BrokenPromise(f"the page has {weight / 1e6:.0f} MB; summarise the posts before drawing them")
    return blocks


def _check_texts(block: Block) -> None:
    """Half of a character can be sent to no browser."""
    for field in fields(block):
        value = getattr(block, field.name)
        try:
            str(value if isinstance(value, str) else "").encode()
        except UnicodeEncodeError as error:
            raise BrokenPromise(
                f"the {field.name} of a {type(block).__name__} is no whole text: {error.reason}"
            ) from error


def _check_table(table: Table, named: dict[str, pl.DataFrame]) -> None:
    if table.name and not named.setdefault(table.name, table.rows).equals(table.rows):
        raise BrokenPromise(f'two tables of the page have the name "{table.name}"')
    _check_flat(table.rows, f'the table "{table.title}"')


def _check_flat(rows: pl.DataFrame, what: str) -> None:
    """Nested values can be taken along in no spreadsheet."""
    for column, kind in rows.schema.items():
        if isinstance(kind, _NESTED):
            raise BrokenPromise(
                f'the column "{column}" of {what} is of the type {kind}; a table holds texts, numbers, dates, times and yes or no'
            )


def _words(block: Block) -> int:
    match block:
        case Text():
            return len(block.body)
        case Notice():
            return len(block.text)
    return 0
