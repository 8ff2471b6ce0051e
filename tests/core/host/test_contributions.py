"""The optional doors: derived columns that fail, readers, observers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import OneOf
from postlens.core.ask.outcome import Crashed, Done
from postlens.core.ask.request import Request
from postlens.core.contract import FileStart, Reader, Run, raw_table
from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import open_dataset
from postlens.core.data.files import readers
from postlens.core.host.observers import Observers
from tests.broken import plugin

COLUMN = """
from postlens import DerivedColumn, FittedColumn
def fit(posts, params, ctx):
    {body}
@hookimpl
def postlens_columns():
    return [DerivedColumn(api=2, id="odd", label="Odd", params=Settings, fit=fit, levels=lambda p: ("yes", "no"))]
"""


def with_column(workspace_for: Callable[..., Any], body: str) -> Engine:
    files = {"mine.py": plugin("mine", extra=COLUMN.format(body=body))}
    engine: Engine = workspace_for('[plugins]\nfiles = ["mine.py"]\n', files).engine
    return engine


@pytest.mark.parametrize("body", ["1 / 0", "return 42", "return FittedColumn(expression=pl.col('reactions'))"])
def test_a_bug_in_a_column_is_named_and_hurts_only_who_needs_it(workspace_for: Callable[..., Any], body: str) -> None:
    engine = with_column(workspace_for, body)
    params = engine.panel_params("eda")
    found = engine.answer(Request(panel="eda", params=params, filters=filters.of(OneOf("odd", ("yes",)))))
    assert isinstance(found, Crashed)
    assert 'The column "Odd" could not be made.' in str(found.problem)
    assert isinstance(engine.answer(Request(panel="eda", params=params)), Done)
    assert engine.count(filters.of(OneOf("odd", ("yes",)))) is None


def test_a_fit_is_kept_and_reported(workspace_for: Callable[..., Any]) -> None:
    engine = with_column(workspace_for, "return FittedColumn(expression=pl.lit('yes'))")
    told: list[Run] = []
    engine.columns._report = told.append
    only = filters.of(OneOf("odd", ("yes",)))
    assert engine.count(only) == 6000
    engine.answer(Request(panel="eda", params=engine.panel_params("eda"), filters=only))
    assert [(run.panel, run.outcome) for run in told] == [("odd", "done")]


# -- readers ------------------------------------------------------------------------------------------


def reader(sure: float, frame: pl.DataFrame | None = None, **changes: Any) -> Reader:
    table = frame if frame is not None else pl.DataFrame({"Post ID": ["1", "2"], "Reactions": ["3", "4"]})
    given: dict[str, Any] = {
        "api": 1,
        "id": "mine",
        "label": "Mine",
        "recognise": lambda _file: sure,
        "read": lambda path: raw_table.raw_table(path.name, table, reading=["by mine"]),
        "endings": (".mine", ".csv"),
    }
    return Reader(**{**given, **changes})


def test_the_surest_reader_reads(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("Post ID,Reactions\n1,7\n")
    assert readers.choose(path, [*readers.TABLES, reader(0.9)]).id == "mine"
    assert readers.choose(path, [*readers.TABLES, reader(0.1)]).id == "delimited"
    opened = open_dataset(
        str(path), store=tmp_path / "s", settings=ReadSettings(), readers=[*readers.TABLES, reader(0.9)]
    )
    assert opened.scan().select("reactions").collect()["reactions"].to_list() == [3, 4]
    assert opened.quality.files[0].reading == ("by mine",)
    again = open_dataset(str(path), store=tmp_path / "s", settings=ReadSettings())
    assert again.fingerprint != opened.fingerprint


def test_a_folder_is_searched_for_what_readers_read(tmp_path: Path) -> None:
    (tmp_path / "a.mine").write_text("anything")
    opened = open_dataset(str(tmp_path), store=tmp_path / "s", settings=ReadSettings(), readers=[reader(1)])
    assert opened.posts == 2


def _raises(*_: Any) -> Any:
    raise KeyError("deliberate")


def test_a_reader_that_fails_is_named(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("Post ID,Reactions\n1,7\n")
    for bad in (reader(1, read=_raises), reader(1, read=lambda _path: pl.DataFrame())):
        with pytest.raises(PostlensError, match=r'The reader "Mine" failed on "posts\.csv"'):
            open_dataset(str(path), store=tmp_path / "s", settings=ReadSettings(), readers=[bad])
    assert readers.choose(path, [reader(1, recognise=_raises), *readers.TABLES]).id == "delimited"


def test_nothing_reads_it_says_what_would(tmp_path: Path) -> None:
    (tmp_path / "a.pages").write_text("x")
    with pytest.raises(PostlensError, match=r"no reader here knows.*\.csv"):
        readers.choose(tmp_path / "a.pages", readers.TABLES)
    with pytest.raises(PostlensError, match="no reader is enabled"):
        readers.choose(tmp_path / "a.pages", [])


def test_the_built_in_readers_come_through_the_same_door(registry: Any) -> None:
    assert [r.id for r in registry.readers] == ["delimited", "spreadsheet", "json", "parquet", "archive"]
    assert FileStart(name="a.csv", ending=".csv", start=b"").ending == ".csv"


# -- observers ----------------------------------------------------------------------------------------


def run(panel: str) -> Run:
    return Run(panel=panel, outcome="done", cached=False, seconds=0.1, posts=3, key="k")


def test_observers_are_told_and_what_they_raise_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    observers = Observers([("bad", _raises), ("good", lambda r: told.append(r.panel))])
    with caplog.at_level(logging.ERROR):
        observers.tell(run("eda"))
        observers.tell(run("elbow"))
        assert observers.finish(5)
    assert told == ["eda", "elbow"]
    assert caplog.text.count("observer failed plugin=bad") == 2


def test_an_observer_that_hangs_keeps_nobody_waiting() -> None:
    gate = threading.Event()
    observers = Observers([("slow", lambda _run: gate.wait(30))])  # type: ignore[list-item]
    for _ in range(2000):
        observers.tell(run("eda"))
    assert not observers.finish(0.05)
    gate.set()


def test_every_answer_is_told(workspace_for: Callable[..., Any]) -> None:
    extra = """
TOLD = []
@hookimpl
def postlens_run_finished(run):
    TOLD.append((run.panel, run.outcome, run.cached, run.posts))
def bad_compute(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    raise KeyError("deliberate")
"""
    text = plugin("mine", "panel(compute=bad_compute), panel(id='fine')", extra)
    engine = workspace_for('[plugins]\nfiles = ["mine.py"]\n', {"mine.py": text}).engine
    for panel in ("fine", "fine", "mine"):
        engine.answer(Request(panel=panel, params=engine.panel_params(panel)))
    assert engine.observers.finish(5)
    told = engine.registry.observers[0][1].__globals__["TOLD"]
    assert told == [("fine", "done", False, 6000), ("fine", "done", True, 6000), ("mine", "crashed", False, None)]


# -- what an outside reviewer found --------------------------------------------------------------------


@pytest.mark.parametrize("exit_", ["import sys; sys.exit(0)", "raise KeyboardInterrupt", "raise BaseException('odd')"])
def test_what_is_no_exception_is_a_bug_of_the_plugin_too(workspace_for: Callable[..., Any], exit_: str) -> None:
    extra = f"def leaves(posts: pl.LazyFrame, params: Settings, ctx) -> Result:\n    {exit_}\n"
    engine = workspace_for(
        '[plugins]\nenabled = ["eda"]\nfiles = ["mine.py"]\n',
        {"mine.py": plugin("mine", "panel(compute=leaves)", extra)},
    ).engine
    found: list[Any] = []
    asking = threading.Thread(
        target=lambda: found.append(engine.answer(Request(panel="mine", params=engine.panel_params("mine"))))
    )
    asking.start()
    asking.join(20)
    assert isinstance(found[0], Crashed)


def test_a_local_file_that_changes_is_computed_again(workspace_for: Callable[..., Any]) -> None:
    config = '[plugins]\nfiles = ["mine.py"]\n'
    before = workspace_for(config, {"mine.py": plugin("mine")}).engine
    assert before.answer(Request(panel="mine", params=before.panel_params("mine"))).result.posts == 6000
    changed = plugin("mine").replace("pl.len()).collect().item())", "pl.len()).collect().item() + 1)")
    after = workspace_for(config, {"mine.py": changed}).engine
    assert after.answer(Request(panel="mine", params=after.panel_params("mine"))).result.posts == 6001


def test_another_house_default_of_a_column_is_another_answer(workspace_for: Callable[..., Any]) -> None:
    only = filters.of(OneOf("tier", ("Top quarter",)))
    keys = set()
    for metric in ("reactions", "shares"):
        engine = workspace_for(f'[plugins.tier]\nmetric = "{metric}"\n').engine
        keys.add(engine.key(Request(panel="eda", params=engine.panel_params("eda"), filters=only)))
    assert len(keys) == 2


def test_a_view_that_changes_its_tables_changes_no_others(workspace_for: Callable[..., Any]) -> None:
    extra = """
@dataclass(frozen=True)
class Counted:
    t: pl.DataFrame
def count(posts: pl.LazyFrame, params: Settings, ctx) -> Counted:
    return Counted(t=pl.DataFrame({"a": [1]}))
def spoil(result: Counted, params: Settings):
    result.t[0, "a"] += 1
    return [Stat(label="A", value=str(result.t["a"][0]))]
"""
    engine = workspace_for(
        '[plugins]\nfiles = ["mine.py"]\n', {"mine.py": plugin("mine", "panel(compute=count, view=spoil)", extra)}
    ).engine
    done = engine.answer(Request(panel="mine", params=engine.panel_params("mine")))
    for _ in range(3):
        assert engine.blocks(engine.registry.panels["mine"], done)[0].value == "2"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('[plugins.tier]\nmetrik = "reach"\n', "has no setting metrik"),
        ('[plugins]\nfiles = ["mine.py"]\n', "is the name of something"),
    ],
)
def test_a_bad_column_is_found_at_start(workspace_for: Callable[..., Any], config: str, says: str) -> None:
    text = plugin("mine", extra=COLUMN.format(body="pass").replace('id="odd"', 'id="date"'))
    workspace = workspace_for(config, {"mine.py": text})
    assert says in workspace.registry.failed[0].reason
    assert isinstance(workspace.engine.answer(Request(panel="eda", params=workspace.engine.panel_params("eda"))), Done)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("title={'a'}", "The title of"),
        ("needs=Needs(columns='post_type')", "not a tuple of texts"),
        ("needs=None", "are no Needs"),
        ("id='posts'", "is the name of something"),
        ("id='mine\\n'", "cannot be the id"),
    ],
)
def test_wrong_fields_are_found_at_start(workspace_for: Callable[..., Any], change: str, says: str) -> None:
    workspace = workspace_for('[plugins]\nfiles = ["mine.py"]\n', {"mine.py": plugin("mine", f"panel({change})")})
    assert says in workspace.registry.failed[0].reason


def test_an_unmarked_hook_is_said(workspace_for: Callable[..., Any]) -> None:
    text = plugin("mine", extra="def postlens_columns():\n    return []\n")
    workspace = workspace_for('[plugins]\nfiles = ["mine.py"]\n', {"mine.py": text})
    assert "postlens_columns is not marked as a hook" in workspace.registry.failed[0].reason


def test_settings_that_depend_on_each_other_can_be_set_together() -> None:
    from pydantic import model_validator

    from postlens.core.ask import settings
    from postlens.core.contract import Params

    class Span(Params):
        low: int = 1
        high: int = 10

        @model_validator(mode="after")
        def _ordered(self) -> Any:
            if self.low >= self.high:
                raise ValueError("low must be below high")
            return self

    found, problems = settings.read(Span, {"low": "200", "high": "300"}, Span(), "link")
    assert (found.low, found.high, problems) == (200, 300, [])
    found, problems = settings.read(Span, {"low": "200"}, Span(), "link")
    assert (found.low, len(problems)) == (1, 1)


@pytest.mark.slow
def test_the_kit_finds_measures_and_columns_that_look_at_other_posts() -> None:
    from postlens.core.contract import Context, DerivedColumn, FittedColumn, Measure, Params
    from postlens.testing import check_column, check_measure

    value = pl.col("reactions")
    for bad in (value.mean(), value.rank(), value.shift(), value.cum_sum(), value.str.len_chars()):
        assert not check_measure(Measure(api=2, id="m", label="M", value=bad))[0].kept, bad
    assert check_measure(Measure(api=2, id="m", label="M", value=value / pl.col("shares")))[0].kept
    rows = pl.int_range(pl.len()) % 2

    def fit(posts: pl.LazyFrame, params: Params, ctx: Context) -> FittedColumn:
        return FittedColumn(expression=rows.cast(pl.String))

    column = DerivedColumn(api=2, id="odd", label="Odd", params=Params, fit=fit, levels=lambda _p: ("0", "1"))
    assert [p.name for p in check_column(column) if not p.kept] == ["the order of the posts does not matter"]


def test_infinite_measures_are_missing(workspace_for: Callable[..., Any]) -> None:
    extra = """
from postlens import Measure
@hookimpl
def postlens_measures():
    return [Measure(api=2, id="per_share", label="Per share", value=pl.col("reactions") / pl.col("shares"))]
"""
    engine = workspace_for('[plugins]\nfiles = ["mine.py"]\n', {"mine.py": plugin("mine", extra=extra)}).engine
    values = engine.dataset.scan().select("per_share", "shares").collect()
    assert values.filter(pl.col("shares") == 0)["per_share"].null_count() > 0
    assert values["per_share"].is_infinite().sum() == 0


def test_a_bug_in_making_a_column_again_is_the_columns_not_the_panels(workspace_for: Callable[..., Any]) -> None:
    text = plugin(
        "mine",
        extra=COLUMN.format(
            body="return FittedColumn(expression=pl.when(pl.col('reactions') > 256).then(pl.lit('yes')).otherwise(pl.lit('no')), made_of=('reactions',))"
        ),
    )
    text = text.replace("fit=fit,", "fit=fit, refit=lambda *_: 1 / 0,")
    engine = workspace_for('[plugins]\nfiles = ["mine.py"]\n', {"mine.py": text}).engine
    params = engine.registry.panel("hypothesis").params(metric="reactions", group="odd")
    found = engine.answer(Request(panel="hypothesis", params=params))
    assert isinstance(found, Crashed)
    assert 'The column "Odd" could not be made.' in str(found.problem)
