"""The two scales on which posts are compared: as counted, and logarithmic."""

from __future__ import annotations

import math
from typing import Literal

import polars as pl

Scale = Literal["log", "raw"]


def on_scale(metric: str, scale: Scale) -> pl.Expr:
    """A metric on the chosen scale: ln(1 + x), or x itself. Null where the metric is null or below 0 on the log scale."""
    value = pl.col(metric).cast(pl.Float64)
    if scale == "raw":
        return value
    return pl.when(value >= 0).then(value.log1p())


def back(value: float, scale: Scale) -> float:
    """A location on the scale in the metric's own unit: the geometric mean of 1 + x, less 1, for `log`."""
    return math.expm1(value) if scale == "log" else value
