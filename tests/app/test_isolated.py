"""A panel in a process of its own: the same answer, and whatever ends that process is a sentence."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from postlens.app.workspace import Workspace
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Crashed, Done, Refused
from postlens.core.ask.request import Request, read_request
from postlens.core.contract.problems import Cancelled
from tests.broken import plugin

OWN = """
from postlens import CannotCompute
def own(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    {body}
    return Result(posts=posts.select(pl.len()).collect().item() + params.size)
"""
CONFIG = '[plugins]\nenabled = ["eda"]\nfiles = ["mine.py"]\nisolate = ["mine"]\n'


@pytest.fixture
def engine_with(workspace_for: Callable[..., Workspace]) -> Callable[..., Engine]:
    def made(body: str = "pass", config: str = CONFIG) -> Engine:
        return workspace_for(config, {"mine.py": plugin("mine", "panel(compute=own)", OWN.format(body=body))}).engine

    return made


def asked(engine: Engine, *pairs: tuple[str, str]) -> Request:
    return read_request(engine, engine.registry.panel("mine"), pairs, "test")[0]


@pytest.mark.slow
def test_the_answer_is_that_of_the_same_process(engine_with: Callable[..., Engine]) -> None:
    engine = engine_with()
    request = asked(engine, ("set.size", "7"), ("type", "photo"))
    steps: list[str] = []
    done = engine.answer(request, progress=lambda _share, step: steps.append(step))
    assert isinstance(done, Done)
    posts = engine.count(request.filters)
    assert posts is not None
    assert done.result.posts == posts + 7
    assert "Selecting posts" in steps
    assert engine.cached(request) is done


def test_it_was_computed_elsewhere(engine_with: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_with()
    monkeypatch.setattr(engine, "_computed", lambda *_: pytest.fail("computed in this process"))
    assert isinstance(engine.answer(asked(engine)), Done)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "exit code -11"),
        ("bytearray(3_000_000_000)", "MemoryError"),
    ],
)
def test_what_ends_the_process_is_a_sentence(engine_with: Callable[..., Engine], body: str, says: str) -> None:
    engine = engine_with(body, CONFIG + "isolate_memory_mb = 2000\n")
    found = engine.answer(asked(engine))
    assert isinstance(found, Crashed)
    assert says in f"{found.problem.what} {found.problem.why}"


def test_a_process_that_cannot_begin_says_why(engine_with: Callable[..., Engine], tmp_path: Path) -> None:
    engine = engine_with()
    (tmp_path / "mine.py").write_text("raise RuntimeError('deliberate')", "utf-8")
    found = engine.answer(asked(engine))
    assert isinstance(found, Crashed)
    assert "could not begin" in found.problem.what


def test_what_it_refuses_is_refused_here(engine_with: Callable[..., Engine]) -> None:
    engine = engine_with('raise CannotCompute("No adverts.", "Import some.")')
    found = engine.answer(asked(engine))
    assert isinstance(found, Refused)
    assert (found.reason, found.hint) == ("No adverts.", "Import some.")


@pytest.mark.slow
def test_a_loop_that_never_lets_go_of_the_interpreter_ends_with_its_cancellation(
    engine_with: Callable[..., Engine],
) -> None:
    engine = engine_with("import re; re.match('(a+)+$', 'a' * 60 + 'b')")  # Holds the interpreter for hours, in C.
    stop = threading.Event()
    threading.Timer(3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        engine.answer(asked(engine), cancelled=stop.is_set)
    assert time.monotonic() - began < 30


def test_an_answer_about_other_posts_is_none(engine_with: Callable[..., Engine], tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "Post ID,Published,Reactions\n" + "\n".join(f"p{i},2026-01-01,{i}" for i in range(9))
    )
    engine = engine_with(config=f'[data]\nsource = "p.csv"\n{CONFIG}')
    (tmp_path / "p.csv").write_text(
        "Post ID,Published,Reactions\n" + "\n".join(f"p{i},2026-01-01,{i}" for i in range(8))
    )
    found = engine.answer(asked(engine))
    assert isinstance(found, Crashed)
    assert found.problem.hint == "Start the server again."


def test_an_isolated_panel_that_there_is_not_is_said(workspace_for: Callable[..., Workspace]) -> None:
    problems = workspace_for('[plugins]\nenabled = ["eda"]\nisolate = ["edda"]\n').problems
    assert [(p.what, p.where, p.hint) for p in problems] == [
        ('[plugins] isolate names "edda", which is no panel.', "config.toml line 3", 'Did you mean "eda"?')
    ]
