"""The two scales on which posts are compared: as counted, and logarithmic."""

from __future__ import annotations

import math
from typing import Literal

import polars as pl

from postlens.core.contract.schema import Column

Scale = Literal["log", "raw"]
RATE_UNITS = 10_000


def unit(metric: str | Column) -> float:
    """What a metric is multiplied by before 1 is added: a rate counts in ten-thousandths, or 1 would drown it."""
    return float(RATE_UNITS) if isinstance(metric, Column) and metric.kind == "rate" else 1.0


def on_scale(metric: str | Column, scale: Scale) -> pl.Expr:
    """A metric on the chosen scale: ln(1 + x), or x itself.

    For a rate, given as its `Column`, x on the log scale is in ten-thousandths. Null where the metric is null, not a
    number, or, on the log scale, below 0.
    """
    value = pl.col(metric.name if isinstance(metric, Column) else metric).cast(pl.Float64).fill_nan(None)
    if scale == "raw":
        return value
    return pl.when(value >= 0).then((value * unit(metric)).log1p())


def log_value(metric: Column) -> pl.Expr:
    """A metric's logarithm, each post alike: ln(1 + x), or of a rate ln((events + 1/2) / exposure); null where it is not known."""
    if not metric.fraction:
        return on_scale(metric, "log")
    above, below = (pl.col(name).cast(pl.Float64) for name in metric.fraction)
    return pl.when((above >= 0) & (below > 0)).then((above + 0.5).log() - below.log())


def value_of(posts: pl.LazyFrame, metric: Column) -> tuple[pl.Expr, Scale]:
    """`log_value`, or the metric as counted where some posts have it below 0; and which of the two."""
    least = posts.select(pl.col(metric.name).min()).collect(engine="streaming").item()
    if not metric.fraction and least is not None and least < 0:
        return on_scale(metric, "raw"), "raw"
    return log_value(metric), "log"


def from_scale(value: float, scale: Scale, metric: str | Column = "") -> float:
    """A location on the scale in the metric's own unit: the geometric mean of 1 + x, less 1, for `log`."""
    return math.expm1(value) / unit(metric) if scale == "log" else value
