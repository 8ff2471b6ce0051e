"""Columns that plugins make for every post: of a result, and offered to every panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import polars as pl

from postlens.core.contract.settings import Params

if TYPE_CHECKING:
    from postlens.core.contract.context import Context

P = TypeVar("P", bound=Params)


@dataclass(frozen=True, kw_only=True)
class PostColumns:
    """Columns for every post, as expressions over the posts: a result without storing a row.

    Attributes:
        columns: name to expression, e.g. `{"cluster": expr}`.
        keep: an expression that is true for the posts the columns speak of, or None for all.
    """

    columns: dict[str, pl.Expr]
    keep: pl.Expr | None = None


@dataclass(frozen=True, kw_only=True)
class FittedColumn:
    """A derived column, fitted: the expression that gives every post its level, and what it was made from."""

    expression: pl.Expr
    made_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StructureTest:
    """What a derived column's groups explain, against simulated data of the same kind without any structure.

    Attributes:
        structure: share of the variation of all features that the groups explain.
        structure_low, structure_high: the same in simulated data of the kind that comes closest: median and highest.
        structure_p: share of simulations at least as structured, (1 + hits) / (1 + draws), of the closer kind.
        eta2: share of the tested metric's variance between the groups; nan if none was named.
        eta2_low, eta2_high, eta2_p: likewise.
        draws: simulated data sets of each kind. posts: how many posts were simulated.
        kept: what the simulated data have in common with the posts, in words.
    """

    structure: float
    structure_low: float
    structure_high: float
    structure_p: float
    eta2: float
    eta2_low: float
    eta2_high: float
    eta2_p: float
    draws: int
    posts: int
    kept: str = ""


@dataclass(frozen=True, kw_only=True)
class DerivedColumn(Generic[P]):
    """A category made by a plugin, offered to every panel as a fitted Polars expression.

    Attributes:
        id: the column's name, `[a-z][a-z0-9_]*`.
        label: what people call it.
        params: its settings.
        fit: posts in, an expression that gives every post its level (String, null where unknown) out.
        levels: the levels a fit with these settings has, in order; known without a fit.
        panel: the panel on which its settings are chosen, if any; that panel has the same params.
        refit: as `fit`, made without some metrics, so that these can be tested; optional.
        structure_test: its groups against simulated data without structure, and a metric's share in them; optional.
        version: bump it when the levels change.
    """

    api: int
    id: str
    label: str
    params: type[P]
    fit: Callable[[pl.LazyFrame, P, Context], FittedColumn]
    levels: Callable[[P], tuple[str, ...]]
    panel: str = ""
    refit: Callable[[pl.LazyFrame, P, Context, tuple[str, ...]], FittedColumn] | None = None
    structure_test: Callable[[pl.LazyFrame, P, Context, str], StructureTest] | None = None
    version: str = "1"
