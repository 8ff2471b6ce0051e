"""What a plugin does at start is waited for only so long, and what it raises comes through."""

from __future__ import annotations

import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from postlens.core.contract import API, FileStart, Reader, limits
from postlens.core.contract.limits import TookTooLong, Worker, limited
from postlens.core.contract.problems import PostlensError
from postlens.core.data.files import readers
from postlens.core.host import failures


def _busy(before: set[threading.Thread]) -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "postlens-limited" and t not in before]


def ended(before: set[threading.Thread], seconds: float) -> bool:
    """Whether all steps since then end within some seconds."""
    until = time.monotonic() + seconds
    while _busy(before) and time.monotonic() < until:
        time.sleep(0.05)
    return not _busy(before)


def reader(recognise: Any, read: Any) -> Reader:
    return Reader(api=API, id="greedy", label="Greedy", recognise=recognise, read=read, endings=(".csv",))


def forever() -> None:
    while True:
        pass


def test_a_loop_is_ended_and_holds_nothing() -> None:
    before = set(threading.enumerate())
    with pytest.raises(TookTooLong, match=r"longer than 0 seconds"):
        limited(forever, 0.2)
    assert ended(before, 5)


@pytest.mark.slow
def test_whoever_waits_may_be_interrupted_and_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())

    def within() -> None:
        limited(forever, 0.5)

    for _ in range(5):  # The moments of both limits fall together.
        with pytest.raises(TookTooLong):
            limited(within, 0.5)
    assert ended(before, 10)


def test_a_loop_that_catches_what_ends_it_is_ended_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_AGAIN_SECONDS", 0.1)
    before = set(threading.enumerate())

    def stubborn() -> None:
        for _ in range(3):
            with suppress(BaseException):  # What a plugin may do.
                forever()

    with pytest.raises(TookTooLong):
        limited(stubborn, 0.1)
    assert ended(before, 10)


def test_what_ends_in_time_is_as_if_called() -> None:
    assert limited(lambda: 3, 5) == 3
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 / 0, 5)
    with pytest.raises(SystemExit):
        limited(lambda: exit(1), 5)  # noqa: PLR1722 - what a plugin may do


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time\ntime.sleep(60)",
        "from postlens import hookimpl\n@hookimpl\ndef postlens_panels():\n    while True: pass",
    ],
)
@pytest.mark.slow
def test_a_plugin_that_hangs_at_start_is_left_out_by_name(
    workspace_for: Any, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "START_SECONDS", 0.3)
    before = set(threading.enumerate())
    workspace = workspace_for('[plugins]\nenabled = ["eda"]\nfiles = ["stuck.py"]\n', {"stuck.py": body})
    assert [p.id for p in workspace.registry.panels.values()] == ["eda"]
    (record,) = [r for r in workspace.registry.records if r.name == "stuck"]
    assert record.state == "failed"
    assert "it took longer than" in record.reason
    until = time.monotonic() + 5
    while _busy(before) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _busy(before) or "sleep" in body, "a loop does not go on alone"


@pytest.mark.parametrize("answer", ["two", "hangs", "raises"])
def test_a_reader_that_is_too_sure_or_hangs_reads_nothing(
    answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "_RECOGNISE_SECONDS", 0.2)

    def recognise(_file: FileStart) -> Any:
        if answer == "hangs":
            forever()
        return 2 if answer == "two" else 1 / 0

    greedy = reader(recognise, lambda _path: None)
    path = tmp_path / "posts.csv"
    path.write_text("a,b\n1,2\n")
    assert readers.choose(path, [*readers.TABLES, greedy]).id == "delimited"


def test_a_reader_that_hangs_while_reading_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_READ_SECONDS", 0.2)
    stuck = reader(lambda _file: 1.0, lambda _path: forever())
    with pytest.raises(PostlensError, match='The reader "Greedy" failed'):
        readers.read(tmp_path / "posts.csv", stuck)


@pytest.mark.slow
def test_a_step_that_ends_at_its_limit_interrupts_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of a thread that has ended goes to the next one: an interruption that comes too late must not reach that."""
    others: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda hooked: others.append(str(hooked.thread)))
    monkeypatch.setattr(sys, "unraisablehook", lambda hooked: others.append(str(hooked.object)))

    def ends_at_its_limit(seed: int) -> None:
        with suppress(TookTooLong):
            limited(lambda: time.sleep(0.02 + random.Random(seed).uniform(-0.002, 0.003)), 0.02)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(ends_at_its_limit, range(1500)))
    assert not others


def test_what_was_interrupted_before_it_began_never_begins() -> None:
    came: list[object] = []
    worker = Worker(lambda: came.append("work"), lambda _found, error: came.append(type(error)))
    assert worker.interrupt(KeyboardInterrupt)
    worker.start()
    worker.join()
    assert came == [KeyboardInterrupt]
    assert not worker.interrupt(KeyboardInterrupt)
