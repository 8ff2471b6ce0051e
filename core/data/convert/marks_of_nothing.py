"""What programs write where there is nothing: `NA` of R, and the errors of spreadsheets."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from postlens.core.contract.raw_table import RawTable

_ERRORS = ("#NAME?", "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!")
# With the letters NA, before they are R's, or rows of a column that has nothing else: they may be a continent or initials.
_COLUMNS, _ROWS = 3, 5


def without_marks(raw: RawTable) -> RawTable:
    """The table with nulls where a cell has a spreadsheet's error, or `NA` as R writes it into several columns."""
    headers = raw.headers
    found = raw.lazy.select(
        *(pl.col(h).is_in(_ERRORS).any().alias(f"e{i}") for i, h in enumerate(headers)),
        *((pl.col(h) == "NA").any().alias(f"n{i}") for i, h in enumerate(headers)),
        *((pl.col(h) == "NA").all().alias(f"a{i}") for i, h in enumerate(headers)),
    ).collect(engine="streaming")
    wrong = [h for i, h in enumerate(headers) if found[f"e{i}"][0]]
    none = [h for i, h in enumerate(headers) if found[f"n{i}"][0]]
    throughout = raw.height >= _ROWS and any(found[f"a{headers.index(h)}"][0] for h in none)
    none = none if len(none) >= _COLUMNS or throughout else []
    if not wrong and not none:
        return raw
    said = {h: [*(_ERRORS if h in wrong else ()), *(("NA",) if h in none else ())] for h in {*wrong, *none}}
    return replace(
        raw, lazy=raw.lazy.with_columns(pl.when(~pl.col(h).is_in(marks)).then(pl.col(h)) for h, marks in said.items())
    )
