"""What an agency adds to Postlens without writing a page: a KPI, a column, a file format and a log of runs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import Field

from postlens import (
    Context,
    DerivedColumn,
    FileStart,
    FittedColumn,
    Measure,
    Panel,
    Params,
    RawTable,
    Reader,
    Run,
    column_page,
    hookimpl,
    raw_table,
)

log = logging.getLogger(__name__)


# -- start measure --
CONVERSATION = Measure(
    api=2,
    id="conversation_rate",
    label="Conversation rate",
    value=pl.col("comments"),
    denominator=pl.col("reactions"),
    format="percent",
)


@hookimpl
def postlens_measures() -> Sequence[Measure]:
    """The KPIs of the house."""
    return [CONVERSATION]


# -- end measure --


# -- start column --
class Office(Params):
    """Office hours, in the client's time zone."""

    opens: int = Field(9, ge=0, le=23, title="Opens")
    closes: int = Field(17, ge=1, le=24, title="Closes")


def fit(posts: pl.LazyFrame, params: Office, ctx: Context) -> FittedColumn:
    """Whether a post was published while the office was open. Nothing to learn from the posts here."""
    if "hour" not in ctx.schema:
        return FittedColumn(expression=pl.lit(None, dtype=pl.String))
    hour = pl.col("hour").cast(pl.Int8)
    return FittedColumn(
        expression=pl.when(hour.is_between(params.opens, params.closes - 1))
        .then(pl.lit("office hours"))
        .when(hour.is_not_null())
        .then(pl.lit("out of hours")),
    )


OFFICE = DerivedColumn(
    api=2,
    id="office",
    label="Office hours",
    params=Office,
    fit=fit,
    levels=lambda _params: ("office hours", "out of hours"),
    panel="office_hours",
)


@hookimpl
def postlens_columns() -> Sequence[DerivedColumn[Any]]:
    """Office hours, for every panel to group and filter by."""
    return [OFFICE]


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The page on which the hours are set."""
    return [column_page(OFFICE, summary="How many posts go out while the office is open.")]


# -- end column --


# -- start reader --
MARK = b"# Buzzwatch report"


def recognise(file: FileStart) -> float:
    """Every report of this tool begins with its name."""
    return 1.0 if file.start.startswith(MARK) else 0.0


def read(path: Path) -> RawTable:
    """A line for each post, `key=value` pairs between tildes."""
    lines = [line for line in path.read_text("utf-8").splitlines()[1:] if line.strip()]
    posts = [dict(pair.split("=", 1) for pair in line.split("~")) for line in lines]
    return raw_table(path.name, pl.DataFrame(posts, infer_schema_length=None), reading=["Buzzwatch report"])


@hookimpl
def postlens_readers() -> Sequence[Reader]:
    """The reports of a tool that only this agency uses."""
    return [Reader(api=2, id="buzzwatch", label="Buzzwatch", recognise=recognise, read=read, endings=(".bw",))]


# -- end reader --


# -- start observer --
@hookimpl
def postlens_run_finished(run: Run) -> None:
    """A line for each question, for the agency's own log."""
    log.info("run panel=%s outcome=%s cached=%s seconds=%.2f", run.panel, run.outcome, run.cached, run.seconds)


# -- end observer --
