"""The optional doors: derived columns that fail, readers, observers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.contract import FileStart, Reader, Run
from core.data import raw, readers
from core.data.canonical import ReadSettings
from core.data.dataset import open_dataset
from core.engine import Engine, Request
from core.filters import Filters
from core.observing import Observers
from core.outcome import Crashed, Done
from core.problems import PostlensError
from tests.broken import plugin

COLUMN = """
from postlens import DerivedColumn, FittedColumn
def fit(posts, params, ctx):
    {body}
@hookimpl
def postlens_columns():
    return [DerivedColumn(api=1, id="odd", label="Odd", params=Settings, fit=fit, levels=lambda p: ("yes", "no"))]
"""


def with_column(workspace_for: Callable[..., Any], body: str) -> Engine:
    files = {"mine.py": plugin("mine", extra=COLUMN.format(body=body))}
    engine: Engine = workspace_for('[plugins]\nfiles = ["mine.py"]\n', files).engine
    return engine


@pytest.mark.parametrize("body", ["1 / 0", "return 42", "return FittedColumn(expression=pl.col('reactions'))"])
def test_a_bug_in_a_column_is_named_and_hurts_only_who_needs_it(workspace_for: Callable[..., Any], body: str) -> None:
    engine = with_column(workspace_for, body)
    params = engine.panel_params("eda")
    found = engine.answer(Request(panel="eda", params=params, filters=Filters(values=(("odd", ("yes",)),))))
    assert isinstance(found, Crashed)
    assert 'The column "Odd" could not be made.' in str(found.problem)
    assert isinstance(engine.answer(Request(panel="eda", params=params)), Done)
    assert engine.count(Filters(values=(("odd", ("yes",)),))) is None


def test_a_fit_is_kept_and_reported(workspace_for: Callable[..., Any]) -> None:
    engine = with_column(workspace_for, "return FittedColumn(expression=pl.lit('yes'))")
    told: list[Run] = []
    engine.columns._report = told.append
    only = Filters(values=(("odd", ("yes",)),))
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
        "read": lambda path: raw.raw_table(path.name, table, reading=["by mine"]),
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
    assert [r.id for r in registry.readers] == ["delimited", "spreadsheet", "json", "parquet"]
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
