"""A developer's server: changed files, modules beside a plugin, tracebacks on pages."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import pytest

from postlens.app.commands import serve
from postlens.app.commands._dev import again, watched
from postlens.app.traces import DEV
from postlens.app.web.panel import cards
from postlens.core.ask.outcome import crashed
from postlens.core.host.config import load
from postlens.core.host.registry import build
from tests.broken import plugin

SIBLING = plugin("mine").replace("import polars as pl", "import polars as pl\nfrom beside_mine import WORDS")


def test_a_plugin_file_may_import_the_modules_beside_it_and_their_change_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "beside_mine.py").write_text("WORDS = 1\n")
    (tmp_path / "mine.py").write_text(SIBLING)
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["mine.py"]\n')
    first = build(load(tmp_path / "config.toml"))
    assert list(first.panels) == ["mine"]
    (tmp_path / "beside_mine.py").write_text("WORDS = 22\n")
    assert build(load(tmp_path / "config.toml")).marks["mine"] != first.marks["mine"]


def test_the_server_is_called_as_the_command_was() -> None:
    given = ["--port", "0", "--data", "sample", "--strict", "--only", "eda,elbow"]
    context = serve.command.make_context("serve", ["--dev", *given])
    assert sorted(again(context)) == sorted(given)


def test_what_is_watched_is_the_config_the_plugins_and_what_is_beside_them(tmp_path: Path) -> None:
    for name in ("config.toml", "mine.py", "beside.py", "posts.csv"):
        (tmp_path / name).write_text("x")
    found = watched(tmp_path / "config.toml", [tmp_path / "mine.py"])
    assert {path.name for path in found} == {"config.toml", "mine.py", "beside.py"}


def test_tracebacks_stand_on_pages_for_developers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        raise ZeroDivisionError("deliberate")
    except ZeroDivisionError as error:
        found = crashed("It could not be computed.", "mine", "compute", error)
    assert "ZeroDivisionError" in found.trace
    assert "Traceback" not in str(cards.crash(found))
    monkeypatch.setenv(DEV, "1")
    assert "Traceback" in str(cards.crash(found))


@pytest.mark.slow
def test_a_changed_plugin_starts_the_server_again(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(plugin("mine"))
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["mine.py"]\n')
    command = [sys.executable, "-m", "postlens", "serve", "--dev", "--port", "0"]
    started = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    said: queue.Queue[str] = queue.Queue()
    assert started.stdout is not None
    reader = threading.Thread(target=_tell, args=(started.stdout, said), daemon=True)
    reader.start()

    def until(words: str) -> None:
        end = time.monotonic() + 60
        while words not in said.get(timeout=max(end - time.monotonic(), 0.1)):
            pass

    try:
        until("Postlens is at")
        (tmp_path / "mine.py").write_text(plugin("mine").replace("A panel.", "Another panel."))
        until("mine.py has changed")
        until("Postlens is at")
        whole = (tmp_path / "config.toml").read_text()
        (tmp_path / "config.toml").write_text("[plugins")
        until("starts again when a file changes")
        (tmp_path / "config.toml").write_text(whole)
        until("Postlens is at")
    finally:
        started.terminate()
        started.wait(20)
        reader.join(5)
        started.stdout.close()
        assert not [p for p in Path("/proc").glob("[0-9]*/cwd") if _leads_to(p, tmp_path)], "the server ends with it"


def _tell(lines: IO[str], said: queue.Queue[str]) -> None:
    for line in lines:
        said.put(line)


def _leads_to(link: Path, folder: Path) -> bool:
    try:
        return link.resolve() == folder
    except OSError:
        return False
