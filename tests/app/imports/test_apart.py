"""A file is read in a process of its own: whatever it does to it, the rest goes on and a sentence says why."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import tempfile
import time
import zipfile
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from postlens.app import child
from postlens.app.imports import apart
from postlens.app.imports.importing import Outcome
from postlens.core.contract.problems import PostlensError, fail
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.host.config import Data

OWN = "Link,When,Reactions,Comments\n" + "".join(
    f"https://www.instagram.com/p/abcdefghi{n:02}/,2026-03-0{n + 1} 1{n}:00,{n},{2 * n}\n" for n in range(5)
)


def read(folder: Path, limits: Data) -> Outcome:
    file = folder / "own.csv"
    file.write_text(OWN, "utf-8")
    return apart.import_apart(
        None, limits, file, library=folder / "library", settings=ReadSettings(), client="", keep=True
    )


def test_a_good_file_is_read_and_kept(tmp_path: Path) -> None:
    found = read(tmp_path, Data())
    assert found.problem is None
    assert found.report is not None
    assert found.report.posts == 5
    assert (tmp_path / "library" / found.kept / "posts.parquet").exists()


def test_what_is_wrong_comes_back_as_its_sentences(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("Day,Visitors\n2026-01-01,3\n2026-01-02,4\n2026-01-03,4\n", "utf-8")
    found = apart.import_apart(
        None, Data(), file, library=tmp_path / "library", settings=ReadSettings(), client="", keep=True
    )
    assert found.problem is not None
    assert "for each day" in found.problem.problems[0].what


def test_a_file_that_ends_its_process_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_read", _ends)
    found = read(tmp_path, Data())
    assert "cannot be read within 6,000 MB" in str(found.problem)


@pytest.mark.slow
def test_a_file_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_read", _hangs)
    found = read(tmp_path, Data(read_seconds=2))
    assert "stopped after 2 seconds" in str(found.problem)


@pytest.mark.slow
def test_whoever_is_told_how_far_it_is_can_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_read", _hangs)
    beats: list[str] = []

    def told(_done: float, label: str) -> None:
        beats.append(label)
        if len(beats) >= 3:
            raise fail("Stopped.")

    begun = time.monotonic()
    with pytest.raises(PostlensError, match="Stopped"):
        apart.import_apart(None, Data(), tmp_path / "own.csv", told, library=tmp_path, settings=ReadSettings())
    assert time.monotonic() - begun < 20
    assert apart._PLACES._value == 2


def test_a_process_that_cannot_begin_is_not_a_lack_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_read", _fails)
    said = str(read(tmp_path, Data()).problem)
    assert "could not begin" in said
    assert "MB" not in said


def test_a_file_has_the_time_that_its_size_needs(tmp_path: Path) -> None:
    small, large, packed = (tmp_path / name for name in ("small.csv", "large.csv", "packed.zip"))
    small.write_text("x")
    large.write_bytes(b"x" * 40_000_000)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(large)
    assert packed.stat().st_size < 1_000_000
    assert [apart._seconds_for(file, 900) for file in (small, large, packed)] == [120, 320, 320]
    assert apart._seconds_for(large, 60) == 60
    assert apart._seconds_for(tmp_path / "none", 900) == 120


@pytest.mark.slow
def test_what_a_stopped_process_unpacked_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a gigabyte of an archive stayed in the folder for temporary files, each time."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(apart, "_read", _unpacks)
    said = read(tmp_path, Data(read_seconds=3))
    assert "stopped after 3 seconds" in str(said.problem)
    assert (tmp_path / "unpacked.txt").is_file()
    assert not list(tmp_path.glob("postlens-reader-*"))


def test_what_readers_of_servers_that_are_no_more_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen(["true"])
    gone.wait()
    old, own, other = (tmp_path / f"postlens-reader-{name}" for name in (f"{gone.pid}-a", f"{os.getpid()}-b", "x-c"))
    for folder in (old, own, other):
        folder.mkdir()
        (folder / "large").write_text("x")
    apart._sweep()
    assert [folder.exists() for folder in (old, own, other)] == [False, True, True]


def _unpacks(_there: Connection, _config: object, _limits: object, file: Path, scratch: str, *_: object) -> None:
    (Path(scratch) / "large").write_text("x")
    (file.parent / "unpacked.txt").write_text(scratch)
    time.sleep(60)


def _fails(*_arguments: object) -> None:
    raise TypeError("deliberate")


def _ends(*_arguments: object) -> None:
    os._exit(9)


def _hangs(*_arguments: object) -> None:
    time.sleep(600)


def test_a_reader_ends_with_whoever_listens() -> None:
    here, there = multiprocessing.Pipe(duplex=False)
    watching = multiprocessing.get_context("forkserver").Process(target=_watch, args=(there,))
    watching.start()
    there.close()
    here.close()
    watching.join(20)
    assert watching.exitcode == 1


def _watch(there: Connection) -> None:
    child._end_with(there.fileno())


def test_a_bug_on_one_file_is_a_sentence_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_read", _stumbles)
    found = read(tmp_path, Data())
    assert "This is a bug in Postlens (KeyError: 'deliberate')" in str(found.problem)


def _stumbles(*arguments: object) -> None:
    from unittest import mock

    with mock.patch.object(apart, "import_one", side_effect=KeyError("deliberate")):
        _READ(*arguments)  # type: ignore[arg-type]


_READ = apart._read
