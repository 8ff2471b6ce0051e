"""Questions answered by real worker processes: the same digits as here, and a sentence for whatever ends them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from postlens.app.cluster import asked, clustered
from postlens.app.workspace import Workspace, open_workspace
from postlens.core.ask import results
from postlens.core.ask.filters import Filters
from postlens.core.ask.outcome import Crashed, Done
from postlens.core.ask.request import Request
from postlens.core.contract.problems import Cancelled

pytestmark = pytest.mark.slow  # Each starts processes.

PLUGIN = """
import os, time
from dataclasses import dataclass
from pathlib import Path
import polars as pl
from postlens import Context, Panel, Params, Text, hookimpl
from pydantic import Field

class Settings(Params):
    folder: str = Field("", title="Folder")
    seconds: float = Field(0.0, title="Seconds")
    ends: bool = Field(False, title="Ends its process")

@dataclass(frozen=True)
class Result:
    pid: int
    posts: int

def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    with (Path(params.folder) / "computed.txt").open("a") as log:
        log.write(f"{os.getpid()}\\n")
    if params.ends:
        os._exit(7)
    until = time.monotonic() + params.seconds
    while time.monotonic() < until:
        ctx.progress(0.5, "Waiting")
        try:
            ctx.stop_if_cancelled()
        except BaseException:
            (Path(params.folder) / "left.txt").touch()
            raise
        time.sleep(0.05)
    return Result(os.getpid(), posts.select(pl.len()).collect().item())

PANEL = Panel(api=2, id="slow", title="Slow", summary="Takes its time.", params=Settings, compute=compute,
              view=lambda result, params: [Text(text=str(result.posts))])

@hookimpl
def postlens_panels():
    return [PANEL]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("cluster")
    (home / "slow.py").write_text(PLUGIN, "utf-8")
    (home / "config.toml").write_text(
        '[data]\nsource = "sample"\n[plugins]\nenabled = ["hypothesis", "change"]\nfiles = ["slow.py"]\n'
        '[engine]\nkind = "dask"\nworkers = 2\nmemory_mb = 1500\n',
        "utf-8",
    )
    return home


@pytest.fixture(scope="module")
def workspace(folder: Path) -> Iterator[Workspace]:
    yield open_workspace(folder / "config.toml", lenient=True)
    clustered.stop()


@pytest.fixture
def slow(workspace: Workspace, tmp_path: Path) -> Callable[..., Request]:
    def made(**settings: object) -> Request:
        params = workspace.registry.panel("slow").params(folder=str(tmp_path), **settings)
        return Request(panel="slow", params=params, filters=Filters(), columns={})

    return made


def computed(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "computed.txt").read_text().split()]


def until(folder: Path, name: str, *, seconds: float = 30) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if (folder / name).exists():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("panel", ["hypothesis", "change"])
def test_a_worker_answers_with_the_same_digits(workspace: Workspace, panel: str) -> None:
    engine = workspace.engine
    request = Request(panel=panel, params=engine.panel_params(panel), filters=Filters(), columns={})
    there = engine.answer(request)
    here = engine.here(request, lambda _done, _step: None, lambda: False)
    assert isinstance(there, Done)
    assert isinstance(here, Done)
    assert results.digests(there.result) == results.digests(here.result)


def test_it_is_another_process_that_answers_and_tells_how_far_it_is(
    workspace: Workspace, slow: Callable[..., Request], tmp_path: Path
) -> None:
    said: list[str] = []
    done = workspace.engine.answer(slow(seconds=1.5), progress=lambda _done, step: said.append(step))
    assert isinstance(done, Done)
    assert done.result.posts == workspace.dataset.posts
    assert computed(tmp_path) == [done.result.pid]
    assert done.result.pid != os.getpid()
    assert {"Waiting for a worker", "Waiting"} <= set(said)


def test_two_who_ask_the_same_share_one_computation(
    folder: Path, workspace: Workspace, slow: Callable[..., Request], tmp_path: Path
) -> None:
    other = open_workspace(folder / "config.toml", lenient=True)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda w=w: found.append(w.engine.answer(slow(seconds=1.0))))
        for w in (workspace, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(one) for one in found] == [Done, Done]
    assert len(computed(tmp_path)) == 1


def test_a_question_that_nobody_waits_for_is_left(
    workspace: Workspace, slow: Callable[..., Request], tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        workspace.engine.answer(slow(seconds=60.0), cancelled=(tmp_path / "computed.txt").exists)
    assert until(tmp_path, "left.txt")


def test_a_worker_that_is_killed_is_replaced_and_the_question_answered(
    workspace: Workspace, slow: Callable[..., Request], tmp_path: Path
) -> None:
    def kill() -> None:
        assert until(tmp_path, "computed.txt")
        time.sleep(0.3)
        os.kill(computed(tmp_path)[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    done = workspace.engine.answer(slow(seconds=3.0))
    killer.join()
    assert isinstance(done, Done)
    assert len(computed(tmp_path)) == 2
    assert done.result.pid == computed(tmp_path)[1]


def test_a_question_that_ends_its_workers_is_given_up_and_named(
    workspace: Workspace, slow: Callable[..., Request], tmp_path: Path
) -> None:
    out = workspace.engine.answer(slow(ends=True))
    assert isinstance(out, Crashed)
    assert out.problem.what == '"Slow" ended the workers that it ran on.'
    assert len(computed(tmp_path)) == 2
    (tmp_path / "computed.txt").unlink()
    assert isinstance(workspace.engine.answer(slow()), Done)


def test_a_worker_with_other_versions_refuses_with_what_differs(
    workspace: Workspace, slow: Callable[..., Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clustered, "versions", lambda: (*asked.versions()[1:], ("polars", "0.1")))
    out = workspace.engine.answer(slow(seconds=0.01))
    assert isinstance(out, Crashed)
    assert "polars 0.1 here" in out.problem.what


def test_a_worker_with_other_posts_refuses(workspace: Workspace, slow: Callable[..., Request]) -> None:
    engine = workspace.engine
    changed = replace(engine.dataset, catalogue=engine.dataset.catalogue.model_copy(update={"fingerprint": "other"}))
    other = type(engine)(engine.registry, changed, store=workspace.deployment.store / "other", apart=engine._apart)
    out = other.answer(slow(seconds=0.02))
    assert isinstance(out, Crashed)
    assert "what differs is the posts" in out.problem.what


def test_a_scheduler_that_is_not_there_is_a_sentence(folder: Path, slow: Callable[..., Request]) -> None:
    text = (folder / "config.toml").read_text("utf-8").replace("workers = 2", 'scheduler = "tcp://127.0.0.1:9"')
    (folder / "far.toml").write_text(text, "utf-8")
    far = open_workspace(folder / "far.toml", lenient=True)
    out = far.engine.answer(slow(seconds=0.03))
    assert isinstance(out, Crashed)
    assert out.problem.what == "The scheduler at tcp://127.0.0.1:9 cannot be reached."


def test_an_answer_from_elsewhere_lies_in_its_folder_or_nowhere(
    workspace: Workspace, slow: Callable[..., Request]
) -> None:
    with pytest.raises(ValueError, match="no plain name"):
        workspace.engine.take(slow(seconds=0.04), {"../../away.txt": b"x"})


def test_nothing_of_the_cluster_listens_beyond_this_machine(workspace: Workspace, slow: Callable[..., Request]) -> None:
    import psutil  # type: ignore[import-untyped]

    assert isinstance(workspace.engine.answer(slow(seconds=0.05)), Done)
    here = psutil.Process()
    listening = [
        connection.laddr.ip
        for process in [here, *here.children(recursive=True)]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_what_is_told_of_a_question_is_forgotten_with_it(workspace: Workspace, slow: Callable[..., Request]) -> None:
    for n in range(3):
        assert isinstance(workspace.engine.answer(slow(seconds=0.06 + n / 100)), Done)
    client = clustered.connected(workspace.deployment, None)
    assert clustered._listening == {}
    assert not [topic for topic in client._event_handlers if topic.startswith("postlens-") and topic != asked.PROGRESS]


def test_an_answer_that_the_disk_does_not_take_is_given_all_the_same(
    workspace: Workspace, slow: Callable[..., Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("postlens.core.ask.cache.results.write", full)
    engine = type(workspace.engine)(
        workspace.engine.registry,
        workspace.dataset,
        store=workspace.deployment.store / "full",
        apart=workspace.engine._apart,
    )
    monkeypatch.setattr(engine, "take", full)
    out = engine.answer(slow(seconds=0.07))
    assert isinstance(out, Done)
    assert out.result.pid == os.getpid()


def test_who_asks_while_another_leaves_is_answered(workspace: Workspace, slow: Callable[..., Request], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    waits = iter([Cancelled(), None])
    wait = clustered._wait

    def left_by_another(*given: object) -> None:
        if (error := next(waits)) is not None:
            raise error
        wait(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(clustered, "_wait", left_by_another)
    assert isinstance(workspace.engine.answer(slow(seconds=0.08)), Done)
