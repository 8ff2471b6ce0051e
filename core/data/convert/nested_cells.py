"""Cells that hold a post's numbers as an object, as scripts write them: `{'like_count': 3, 'reply_count': 0}`."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from postlens.core.contract.raw_table import ROW, RawTable
from postlens.core.data.vocabulary.names import WRAPPED_WORDS, normal

_FIRST_ROWS, _MOST_KEYS = 200, 40
_NUMBERS = r"""^\s*\{(?:\s*['"][\w.]+['"]\s*:\s*(?:-?\d+(?:\.\d+)?|None|null|True|False|true|false)\s*,?)+\s*\}\s*$"""


def numbers_in_cells(raw: RawTable) -> RawTable:
    """The table with the numbers of such columns in columns of their own; others stay as they are."""
    first = raw.lazy.head(_FIRST_ROWS).collect()
    lazy, letters, order = raw.lazy, dict(raw.letters), list(raw.headers)
    for header in raw.headers:
        if normal(header) not in WRAPPED_WORDS:
            continue
        cells = first[header].cast(pl.String).drop_nulls()
        if not len(cells) or not bool(cells.str.contains(_NUMBERS).all()):
            continue
        keys = dict.fromkeys(key for cell in cells for key in re.findall(r"""['"]([\w.]+)['"]\s*:""", cell))
        named = {key: f"{header}.{key}" for key in list(keys)[:_MOST_KEYS]}
        lazy = lazy.with_columns(
            pl.col(header).str.extract(rf"""['"]{re.escape(key)}['"]\s*:\s*(-?\d+(?:\.\d+)?)""").alias(name)
            for key, name in named.items()
            if name not in order
        ).drop(header)
        letters |= dict.fromkeys(named.values(), letters.get(header, "?"))
        at = order.index(header)
        order[at : at + 1] = [name for name in named.values() if name not in order]
    if order == raw.headers:
        return raw
    kept = [name for name in lazy.collect_schema().names() if name.startswith(ROW)]
    return replace(raw, lazy=lazy.select(*order, *kept), letters=letters)
