"""How an engine has its questions answered by a Dask cluster.

A question is a task under the key of its answer, so hosts that ask the same share one computation. What a worker hands over is
the answer as it is stored: tables and values, no code. A worker that ends is replaced and the question asked once more; a
question that ends a second one is given up, and said to.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from postlens.app.cluster.asked import CONFIG, DATA, PROGRESS, Asked, Differs, Kept, versions
from postlens.core.ask.apart import given_up
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Outcome
from postlens.core.ask.request import Request, to_pairs
from postlens.core.contract.problems import Cancelled, PostlensError, Problem, fail, message_of, reraise_fatal
from postlens.core.host.config import Deployment

_TICK = 0.2  # Seconds between two looks whether anybody still waits.
_LOST_SECONDS = 15.0  # Without the scheduler, after which a question is given up.
_CONNECT_SECONDS = 10.0
_FURTHER_WORKERS = 1  # That a question may end before it is given up.
Progress = Callable[[float, str], None]


class Lost(Exception):
    """A question that the cluster did not answer."""


class Clustered:
    """How questions are computed by the workers of `[engine]`, for an engine.

    Args:
        deployment: whose questions.
        data: the source of the posts in place of the config's, if any.
        panels: which panels.
    """

    def __init__(self, deployment: Deployment, data: str | None, panels: frozenset[str]) -> None:
        self.panels = panels
        self._deployment, self._data = deployment, data

    def warm(self) -> None:
        """Connect, or start the workers, before the first question comes; that one says what went wrong."""

        def connect() -> None:
            with contextlib.suppress(PostlensError):
                connected(self._deployment, self._data)

        threading.Thread(target=connect, daemon=True, name="postlens-cluster").start()

    def __call__(
        self, engine: Engine, request: Request, progress: Progress, cancelled: Callable[[], bool]
    ) -> Outcome | None:
        """The answer to a request; None where it is kept by its key."""
        title = engine.registry.panel(request.panel).title
        progress(0.0, "Waiting for a worker")
        try:
            client = connected(self._deployment, self._data)
        except PostlensError as error:
            return given_up(request.panel, error.problems[0])
        key = f"postlens-{engine.key(request)}"
        asked = Asked(
            panel=request.panel,
            pairs=tuple(to_pairs(engine, request)),
            seed=request.seed,
            made_of=tuple(engine.made_of(request.panel)),
            versions=versions(),
            task=key,
            key=engine.key(request) if not engine.registry.panel(request.panel).fresh else "",
        )
        try:
            said = self._said(client, asked, progress, cancelled, title)
        except Cancelled:
            if cancelled():
                raise
            said = self._said(
                client, asked, progress, cancelled, title
            )  # Somebody else's leaving took it back just now.
        if isinstance(said, Kept):
            with contextlib.suppress(OSError):  # A full disk: then it is computed where memory keeps it.
                engine.take(request, said.files)
                return None
        return engine.here(request, progress, cancelled) if said is None or isinstance(said, Kept) else said

    def _said(
        self, client: Any, asked: Asked, progress: Progress, cancelled: Callable[[], bool], title: str
    ) -> Kept | Outcome | None:
        """What a worker hands over, or why none does."""
        from distributed import KilledWorker

        from postlens.app.cluster.work import answer

        future = None
        try:
            with _told(asked.task, progress):
                future = client.submit(answer, asked, key=asked.task, retries=0, pure=False)
                _wait(client, future, cancelled)
                return future.result(timeout=_CONNECT_SECONDS)  # type: ignore[no-any-return]
        except Cancelled:
            raise
        except KilledWorker:
            what = f'"{title}" ended the workers that it ran on.'
            why = "They ended by themselves, or it needs more memory than they have."
            hint = "The other panels work. Choose fewer posts, give workers more memory_mb under [engine], or tell its author."
            return given_up(asked.panel, Problem(what=what, why=why, hint=hint))
        except Differs as error:
            what = f"The workers are not those of this server; what differs is {error}."
            return given_up(
                asked.panel, Problem(what=what, hint="Update and start the workers again, then the server.")
            )
        except BaseException as error:
            reraise_fatal(error)
            what = f'The cluster did not answer "{title}".'
            said = message_of(error)[:200]
            why = f"{said[:1].upper()}{said[1:]}." if isinstance(error, Lost) else f"{type(error).__name__}: {said}."
            return given_up(
                asked.panel, Problem(what=what, why=why, hint="Look whether its scheduler and workers are running.")
            )
        finally:
            if future is not None:
                future.release()


_listening: dict[str, list[Progress]] = {}  # Who waits for a task in this process, by its name.
_hearing = threading.Lock()


@contextlib.contextmanager
def _told(task: str, progress: Progress) -> Iterator[None]:
    """While a task is waited for, tell how far it is."""
    with _hearing:
        _listening.setdefault(task, []).append(progress)
    try:
        yield
    finally:
        with _hearing:
            _listening[task].remove(progress)
            if not _listening[task]:
                del _listening[task]


def _hear(event: tuple[Any, tuple[str, float, str]]) -> None:
    """A worker told how far it is."""
    task, done, step = event[1]
    with _hearing:
        waiting = tuple(_listening.get(task, ()))
    for progress in waiting:
        progress(done, step)


def _wait(client: Any, future: Any, cancelled: Callable[[], bool]) -> None:
    """Wait until a worker has answered.

    Raises:
        Cancelled: nobody waits any more.
        Lost: the scheduler is gone.
    """
    done = threading.Event()
    future.add_done_callback(lambda _future: done.set())
    reached = time.monotonic()
    while not done.wait(_TICK):
        if cancelled():
            raise Cancelled
        if client.status == "running":
            reached = time.monotonic()
        elif time.monotonic() - reached > _LOST_SECONDS:
            raise Lost("the scheduler cannot be reached")
    if future.status in {"cancelled", "lost"}:
        raise Lost("the scheduler has forgotten the question")


_clients: dict[str, Any] = {}
_clusters: dict[str, Any] = {}
_lock = threading.Lock()


def connected(deployment: Deployment, data: str | None) -> Any:
    """The one client of this process for a deployment's cluster; a cluster of its own is started where the config says so.

    Raises:
        PostlensError: Dask is not installed, or the scheduler cannot be reached.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise fail(
            'Dask is not installed, and [engine] says kind = "dask".',
            hint='Install it with pip install "postlens[dask]", or say kind = "local".',
        ) from error
    settings = deployment.config.engine
    name = f"{settings.scheduler} {deployment.path} {data}"
    with _lock:
        if name in _clients and _clients[name].status in {"running", "connecting"}:
            return _clients[name]
        try:
            address = _own(deployment, data, name) if settings.scheduler == "process" else settings.scheduler
            security = _clusters[name].security if settings.scheduler == "process" else security_of(settings.scheduler)
            _clients[name] = Client(  # type: ignore[no-untyped-call]
                address, timeout=_CONNECT_SECONDS, security=security, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise fail(
                f"The scheduler at {settings.scheduler} cannot be reached.",
                why=f"{type(error).__name__}: {message_of(error)[:200]}.",
                hint="Start it, or say another address under [engine] in config.toml.",
            ) from error
        _clients[name].subscribe_topic(PROGRESS, _hear)
        return _clients[name]


def security_of(scheduler: str) -> Any:
    """The certificates of `tls://` addresses, which Dask's own config or its environment variables name."""
    from distributed import Security

    return Security(require_encryption=True) if scheduler.startswith("tls://") else None  # type: ignore[no-untyped-call]


def _own(deployment: Deployment, data: str | None, name: str) -> str:
    """The address of a cluster of workers on this machine, started now; nobody else can reach it without its certificate."""
    import dask
    from distributed import LocalCluster, Security

    if name not in _clusters:
        settings = deployment.config.engine
        cores = max(1, (os.cpu_count() or 1) // settings.workers)
        told = {
            CONFIG: str(deployment.path.resolve()) if deployment.path else "",
            DATA: data or "",
            "POLARS_MAX_THREADS": str(cores),
        }
        health = ["distributed.http.health"]  # Of the pages about the cluster, which know its questions.
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": _FURTHER_WORKERS,
                "distributed.scheduler.http.routes": health,
                "distributed.worker.http.routes": health,
            }
        )
        _clusters[name] = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=settings.workers,
            threads_per_worker=1,
            memory_limit=settings.memory_mb * 1_000_000,
            # Pages about the cluster would be for anybody on the machine, or beyond: none, and what stays is bound to this machine.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            host="tls://127.0.0.1",
            security=Security.temporary(),  # type: ignore[no-untyped-call]
            env=told,
            silence_logs=50,
        )
        atexit.register(stop)
    return str(_clusters[name].scheduler_address)


def stop() -> None:
    """Leave every cluster, and end those that this process started."""
    for client in [*_clients.values()]:
        client.close(timeout=2)
    for cluster in [*_clusters.values()]:
        cluster.close(timeout=5)
    _clients.clear()
    _clusters.clear()
