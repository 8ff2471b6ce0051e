"""The conformance kit: built-in panels keep every promise, and panels that break one are caught."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import polars as pl
import pytest
from pydantic import Field

from postlens import Chart, Context, Needs, Panel, Params, Pick, Stat, Table, charts
from postlens.core.host.registry import Registry
from postlens.testing import HURTFUL, assert_panel, check_panel

QUICK = (
    "ordinary posts",
    "one row",
    "every metric constant",
    "negative numbers",
    "no accounts and no types",
    "one metric",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["eda", "change", "drivers", "content", "timing", "clustering", "elbow", "hypothesis", "benchmark", "planner"],
)
def test_built_in_panels_keep_every_promise(registry: Registry, name: str) -> None:
    names = QUICK if name == "elbow" else tuple(HURTFUL)
    promises = check_panel(registry.panels[name], list(registry.columns.values()), names)
    assert len(promises) == 11
    assert not [str(p) for p in promises if not p.kept]


def sums_reactions(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    return Result(posts=posts.select(pl.col("reactions").sum()).collect().item(), table=pl.DataFrame({"a": [1]}))


@pytest.mark.slow
def test_a_need_that_is_not_named_is_found() -> None:
    """A panel that sums reactions crashed on posts that have reach alone, and its check said that its needs are named."""
    unnamed = replace(PANEL, compute=sums_reactions, needs=Needs())
    broken = {p.name: p.why for p in check_panel(unnamed, names=["ordinary posts", "another metric"]) if not p.kept}
    assert '"another metric" has no reactions' in broken["its needs are named"]
    named = replace(unnamed, needs=Needs(columns=("reactions",)))
    assert all(p.kept for p in check_panel(named, names=["ordinary posts", "another metric"]) if "needs" in p.name)


class Settings(Params):
    size: int = 3


@dataclass(frozen=True)
class Result:
    posts: int
    table: pl.DataFrame


def good(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    return Result(posts=1, table=posts.select("reactions").sort("reactions").collect())


def show(result: Result, params: Settings) -> list[Any]:
    return [Stat(label="Posts", value="1")]


PANEL: Panel[Settings, Result] = Panel(
    api=2,
    id="kit",
    title="Kit",
    summary="For the test.",
    params=Settings,
    compute=good,
    view=show,
    needs=Needs(columns=("reactions",)),
)


def chance(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    return replace(good(posts, params, ctx), posts=random.randrange(10**9))


def file_order(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    return Result(posts=1, table=posts.select("reactions").collect())


def needs_types(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    return Result(posts=1, table=posts.group_by("post_type").len().sort("post_type").collect())


def first_row(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    return Result(posts=posts.select(pl.col("shares").mean()).collect().item() // 1, table=pl.DataFrame())


def bare_chart(result: Result, params: Settings) -> list[Any]:
    return [Chart(figure=charts.figure(), title="Bare", takeaway="", table=Table(title="None", rows=pl.DataFrame()))]


@pytest.mark.parametrize(
    ("changes", "promise"),
    [
        ({"compute": chance}, "the same posts and settings give the identical result"),
        ({"compute": file_order}, "the order of the rows does not matter"),
        ({"compute": needs_types}, "no data makes it crash"),
        ({"compute": needs_types}, "its needs are named"),
        ({"view": bare_chart}, "every chart has its sentence and its table"),
    ],
)
def test_a_broken_promise_is_caught(changes: dict[str, Any], promise: str) -> None:
    names = ("ordinary posts", "no accounts and no types")
    broken = {p.name for p in check_panel(replace(PANEL, **changes), names=names) if not p.kept}
    assert promise in broken


@pytest.mark.slow
def test_a_good_panel_passes_and_a_bad_one_fails_its_own_test() -> None:
    assert_panel(PANEL)
    with pytest.raises(AssertionError, match="identical result"):
        assert_panel(replace(PANEL, compute=chance))


class Chosen(Params):
    way: Literal["sound", "broken"] = "sound"
    group: Annotated[str, Pick(kind="metric")] = ""
    level: Annotated[str, Pick(kind="level", of="group")] = ""


def picky(posts: pl.LazyFrame, params: Chosen, ctx: Context) -> Result:
    if params.way == "broken":
        raise KeyError("deliberate")
    return Result(posts=1, table=pl.DataFrame({"share": [1.0]}))


def plain(result: Result, params: Chosen) -> list[Any]:
    return [Stat(label="Posts", value=str(result.posts))]


def test_a_choice_that_breaks_and_a_picker_of_nothing_are_found() -> None:
    panel: Panel[Chosen, Result] = Panel(
        api=2, id="picky", title="Picky", summary="Picky.", params=Chosen, compute=picky, view=plain
    )
    broken = {p.name: p.why for p in check_panel(panel, names=("ordinary posts",)) if not p.kept}
    assert "way = 'broken'" in broken["every choice of its form works"]
    assert "picks a value of" in broken["its pickers can pick"]


def share(posts: pl.LazyFrame, params: Bounded, ctx: Context) -> Result:
    return Result(posts=round(1 / params.size), table=pl.DataFrame({"share": [1.0]}))


class Bounded(Params):
    size: int = Field(3, ge=0, le=9)


def test_the_bounds_of_a_number_are_tried() -> None:
    panel: Panel[Bounded, Result] = Panel(
        api=2, id="bounded", title="Bounded", summary="Bounded.", params=Bounded, compute=share, view=lambda _r, _p: []
    )
    broken = {p.name: p.why for p in check_panel(panel, names=("ordinary posts",)) if not p.kept}
    assert "size = 0" in broken["every choice of its form works"]
