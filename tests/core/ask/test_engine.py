"""Questions and answers: cache, needs, derived columns, receipts."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest

from postlens.core.ask import filters, results
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, OneOf, Period, Range
from postlens.core.ask.outcome import Crashed, Done, Refused
from postlens.core.ask.request import Request, read_request, read_selection, to_pairs
from postlens.core.contract import PostColumns
from postlens.core.contract.storable import storable
from postlens.core.host.registry import Registry
from tests.broken import IN_USE
from tests.conftest import ask

SIX = pl.DataFrame(
    {"Type": ["photo"] * 3 + ["video"] * 3, "Likes": [1, 2, 3, 10, 20, None], "Comments": [0, 1, 2, 3, 4, 5]}
)


def request(engine: Engine, panel: str, **kw: Any) -> Request:
    return Request(panel=panel, params=engine.panel_params(panel), **kw)


def test_the_same_question_has_the_same_key_and_other_questions_others(sample_engine: Engine) -> None:
    base = request(sample_engine, "eda")
    filtered = request(sample_engine, "eda", filters=filters.of(Period(since=date(2026, 1, 1))))
    other = request(sample_engine, "elbow")
    keys = [sample_engine.key(r) for r in (base, request(sample_engine, "eda"), filtered, other)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


@pytest.mark.slow
def test_a_result_survives_storing(sample_engine: Engine, registry: Registry, tmp_path: Path) -> None:
    for panel in registry.panels:
        first = Engine(registry, sample_engine.dataset, store=tmp_path)
        done = ask(first, panel)
        again = Engine(registry, sample_engine.dataset, store=tmp_path).cached(request(first, panel))
        assert again is not None
        assert again.receipt == done.receipt
        assert repr(results.scalars(again.result)) == repr(results.scalars(done.result))
        for name, table in results.tables(done.result).items():
            assert results.tables(again.result)[name].equals(table, null_equal=True), name


@pytest.mark.slow
def test_a_damaged_stored_result_is_computed_again(sample_engine: Engine, registry: Registry, tmp_path: Path) -> None:
    engine = Engine(registry, sample_engine.dataset, store=tmp_path)
    ask(engine, "eda")
    (damaged,) = (tmp_path / "results" / "eda").iterdir()
    (damaged / "summary.arrow").write_bytes(b"rubbish")
    assert ask(Engine(registry, sample_engine.dataset, store=tmp_path), "eda").result.posts == 6000


def test_needs_are_checked_and_the_empty_state_is_named(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(SIX)
    few = engine.answer(request(engine, "clustering"))
    assert isinstance(few, Refused)
    assert (few.kind, few.reason) == ("too few posts", "Groups needs at least 20 posts; 6 remain.")
    gone = engine.answer(request(engine, "eda", filters=filters.of(Range("comments", 99, None))))
    assert isinstance(gone, Refused)
    assert gone.kind == "filtered away"
    assert "Comments: at least 99" in gone.reason
    together = filters.of(OneOf("post_type", ("photo",)), Range("comments", 3, None))
    both = engine.answer(request(engine, "eda", filters=together))
    assert isinstance(both, Refused)
    assert "together" in both.reason


def test_a_missing_column_is_said(open_posts: Callable[..., Any], registry: Registry, tmp_path: Path) -> None:
    """Nothing groups these posts once the clustering plugin, which offers a column, is gone."""
    posts = open_posts(pl.DataFrame({"thing": [f"a{i}x" for i in range(900)], "Likes": range(900)}))
    engine = Engine(Registry((), registry.panels), posts, store=tmp_path)
    found = engine.answer(request(engine, "hypothesis"))
    assert isinstance(found, Refused)
    assert found.kind == "column missing"


def test_the_receipt_accounts_for_every_row(engine_for: Callable[..., Engine]) -> None:
    table = pl.concat([SIX, SIX]).with_columns(pl.Series("Post ID", [str(i % 11) for i in range(12)]))
    engine = engine_for(table)
    done = ask(
        engine, "hypothesis", metric="react_like", group="post_type", filters=filters.of(Range("comments", 1, None))
    )
    rows = done.receipt.rows
    assert rows["read"] == 12
    assert rows["used"] + sum(d["rows"] for d in done.receipt.dropped) == rows["read"]
    assert {d["where"] for d in done.receipt.dropped} == {"import", "filters", "panel"}


@pytest.mark.slow
def test_the_order_of_the_rows_does_not_matter(
    open_posts: Callable[..., Any], sample: Any, registry: Registry, tmp_path: Path
) -> None:
    """A shuffled file gives the same clusters to the same posts, and the same explored numbers."""
    posts = sample.scan().select("post_id", "post_type", "reactions", "comments", "shares").collect()
    labels = []
    for seed in (None, 1):
        shuffled = posts if seed is None else posts.sample(fraction=1.0, shuffle=True, seed=seed)
        engine = Engine(registry, open_posts(shuffled), store=tmp_path / str(seed))
        done = ask(engine, "clustering")
        table = engine.posts_table(request(engine, "clustering"), done)
        assert table is not None
        labels.append(dict(table.select("post_id", "cluster").collect().iter_rows()))
    assert labels[0] == labels[1]


# -- derived columns ----------------------------------------------------------------------------------


def test_cluster_is_a_column_for_every_panel(sample_engine: Engine) -> None:
    sizes = dict(ask(sample_engine, "clustering").result.sizes.select("cluster", "posts").iter_rows())
    counted = ask(sample_engine, "eda", by="cluster").result.averages
    assert dict(counted.select("level", "posts").iter_rows()) == sizes
    assert sample_engine.count(filters.of(OneOf("cluster", ("2",)))) == sizes["2"]


def test_other_settings_of_the_column_travel_with_the_request(sample_engine: Engine) -> None:
    selection, problems = read_selection(sample_engine, [("cluster.k", "3")])
    columns = selection.columns
    assert not problems
    assert sample_engine.schema(columns)["cluster"].levels == ("1", "2", "3")
    assert ask(sample_engine, "eda", by="cluster", columns=columns).result.averages.height == 3


def test_base_filters_come_before_the_fit_and_column_filters_after(sample_engine: Engine) -> None:
    facebook = filters.of(OneOf("platform", ("facebook",)))
    sizes = dict(ask(sample_engine, "clustering", filters=facebook).result.sizes.select("cluster", "posts").iter_rows())
    both = filters.of(OneOf("cluster", ("1",)), OneOf("platform", ("facebook",)))
    assert sample_engine.count(both) == sizes["1"]


def test_the_page_that_makes_a_column_does_not_filter_by_it(sample_engine: Engine) -> None:
    done = ask(sample_engine, "clustering", filters=filters.of(OneOf("cluster", ("1",))))
    assert done.result.used == 6000
    assert done.receipt.ignored == ["cluster"]


def test_a_column_of_the_file_wins_over_one_of_a_plugin(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(SIX.with_columns(pl.Series("cluster", [0, 0, 0, 1, 1, 1])))
    assert set(engine.derived()) == {"tier", "pillar"}
    assert ask(engine, "eda", by="cluster", metric="comments").result.averages["posts"].to_list() == [3, 3]


# -- walls 4 and 5 ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_USE)
def test_a_panel_that_fails_in_use_gives_a_card_with_a_reference(name: str, workspace_for: Callable[..., Any]) -> None:
    text, says = IN_USE[name]
    workspace = workspace_for('[plugins]\nfiles = ["bad.py"]\n', {"bad.py": text})
    engine = workspace.engine
    found = engine.answer(request(engine, name))
    if isinstance(found, Done):
        found = engine.blocks(engine.registry.panel(name), found)
    assert isinstance(found, Crashed)
    assert says in str(found.problem)
    assert found.reference in str(found.problem)
    assert "Traceback" not in str(found.problem)
    assert "Traceback" in found.trace
    assert isinstance(engine.answer(request(engine, "eda")), Done)


# -- storing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inner:
    table: pl.DataFrame
    name: str


@dataclass(frozen=True)
class Other:
    number: float


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Outer:
    inner: Inner | Other | None
    several: tuple[Inner, ...]
    colour: Colour
    numbers: tuple[tuple[int, float], ...]
    mode: Literal["a", "b"] = "a"


@pytest.mark.parametrize("inner", [Inner(pl.DataFrame({"x": [1, None]}), "one"), Other(math.inf), None])
def test_results_may_nest_and_come_back_as_they_were(tmp_path: Path, inner: Any) -> None:
    several = (Inner(pl.DataFrame({"y": ["a"]}), "two"), Inner(pl.DataFrame({"z": [2.5]}), "three"))
    made = Outer(inner, several, Colour.RED, ((1, 0.5), (2, math.nan)), "b")
    assert storable(Outer)
    results.write(made, tmp_path / "home")
    again = results.read(Outer, tmp_path / "home")
    assert (again.colour, again.mode, [s.name for s in again.several]) == (Colour.RED, "b", ["two", "three"])
    assert again.several[1].table.equals(several[1].table)
    assert type(again.inner) is type(inner)
    assert set(results.tables(made)) >= {"several.0.table", "several.1.table"}
    assert results.digests(made) == results.digests(again)


def test_a_stored_answer_that_changed_is_never_served(tmp_path: Path) -> None:
    """One bit of any file, a file more, a file less."""
    made = Outer(Other(1.5), (Inner(pl.DataFrame({"y": list(range(50))}), "two"),), Colour.RED, ())
    results.write(made, tmp_path / "home", {"receipt.json": "{}"})
    for file in sorted((tmp_path / "home").iterdir()):
        before = file.read_bytes()
        for at in (0, len(before) // 2, len(before) - 1):
            changed = bytearray(before)
            changed[at] ^= 1
            file.write_bytes(bytes(changed))
            with pytest.raises((ValueError, KeyError, TypeError)):
                results.read(Outer, tmp_path / "home")
        file.write_bytes(before)
    (tmp_path / "home" / "more.arrow").write_bytes(b"x")
    with pytest.raises(results.Damaged):
        results.read(Outer, tmp_path / "home")


def test_an_expression_is_not_stored(tmp_path: Path) -> None:
    """A stored expression could carry code; such an answer stays in memory."""

    @dataclass(frozen=True)
    class Labelled:
        posts: PostColumns

    with pytest.raises(ValueError, match="not stored"):
        results.write(Labelled(PostColumns(columns={"big": pl.col("x") > 2})), tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_question_has_one_key_whether_or_not_choices_are_spelled_out(sample_engine: Engine) -> None:
    for name, panel in sample_engine.registry.panels.items():
        asked = panel.questions(sample_engine.schema()) if panel.questions else ()
        for params in (sample_engine.panel_params(name), *asked):
            request = Request(panel=name, params=params, filters=Filters(), columns={})
            again, _ = read_request(sample_engine, panel, to_pairs(sample_engine, request), "link")
            assert sample_engine.key(again) == sample_engine.key(request), name
