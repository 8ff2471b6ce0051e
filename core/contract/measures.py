"""Measures: the numbers an agency names once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from postlens.core.contract.formula import fraction


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A number for every post that an agency names once: its KPI. Every panel can pick it.

    Attributes:
        id: the column's name, `[a-z][a-z0-9_]*`.
        label: what people call it.
        value: the number itself or, with a denominator, what is divided.
        denominator: what it is divided by; the measure is null where that is null, 0 or below 0.
        unit: its unit, e.g. `EUR`; empty for plain numbers.
        format: `number` or `percent`: how it is written.
        formula: the text it was read from, if any; its columns must be numbers.
        version: bump it when the numbers change.
    """

    api: int
    id: str
    label: str
    value: pl.Expr
    denominator: pl.Expr | None = None
    unit: str = ""
    format: Literal["number", "percent"] = "number"
    formula: str = ""
    version: str = "1"

    @property
    def expression(self) -> pl.Expr:
        """The measure of each post."""
        value = self.value.cast(pl.Float64)
        whole = value if self.denominator is None else fraction(value, self.denominator)
        return pl.when(whole.is_finite()).then(whole).alias(self.id)
