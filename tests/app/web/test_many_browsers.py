"""Many browsers at once, over real sockets."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest
from waitress.server import create_server

from postlens.app.clients import Clients
from postlens.app.web import downloads, serving
from postlens.app.web.access import Gate
from postlens.app.web.server import create_app
from postlens.app.web.serving import server_options
from postlens.app.workspace import Workspace
from tests.broken import plugin


def served(app: Any, options: dict[str, Any]) -> Any:
    """The server of an app, at work."""
    server = create_server(app.server, host="127.0.0.1", port=0, **options)
    threading.Thread(target=server.run, daemon=True).start()
    return server


def assert_a_visitor_is_answered(server: Any, others: int, sent: bytes = b"", within: float = 20.0) -> None:
    """Beside so many other connections, each of which sends something and reads nothing."""
    lines = [socket.create_connection(("127.0.0.1", server.effective_port)) for _ in range(others)]
    visitor = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=within)
    try:
        for line in lines:
            line.sendall(sent)
        visitor.request("GET", "/healthz")
        assert b"ok" in visitor.getresponse().read()
    finally:
        visitor.close()
        for line in lines:
            line.close()


@pytest.mark.slow
def test_who_does_not_read_keeps_no_thread(
    workspace_for: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty such connections held every thread for as long as they liked."""
    monkeypatch.setattr(serving, "_TAKES_NOTHING", 1.0)
    app = create_app(Clients(workspace_for("")))
    app.server.add_url_rule("/large", view_func=lambda: b"x" * 30_000_000)
    server = served(app, {"threads": 2, "channel_timeout": 30, "cleanup_interval": 1})
    serving.keep_room(server)
    asking = b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 3
    assert_a_visitor_is_answered(server, 4, asking, within=60)


@pytest.mark.slow
@pytest.mark.parametrize("poll", [False, True])
def test_closing_who_reads_nothing_does_not_end_the_server(
    workspace_for: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch, poll: bool
) -> None:
    """Of an answer that waits to be read nobody computes any more; its socket, closed among the others, ended the loop."""
    monkeypatch.setattr(serving, "_TAKES_NOTHING", 1.0)
    app = create_app(Clients(workspace_for("")))
    app.server.add_url_rule("/large", view_func=lambda: b"x" * 12_000_000)
    server = served(app, {"threads": 2, "cleanup_interval": 1, "asyncore_use_poll": poll})
    serving.keep_room(server)
    with contextlib.ExitStack() as deaf:
        for _ in range(4):
            line = deaf.enter_context(socket.create_connection(("127.0.0.1", server.effective_port)))
            line.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        until = time.monotonic() + 30
        while not server.active_channels and time.monotonic() < until:
            time.sleep(0.05)
        while server.active_channels and time.monotonic() < until:
            time.sleep(0.05)
        assert not server.active_channels
        assert_a_visitor_is_answered(server, 0)


@pytest.mark.slow
@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: "])
def test_a_crowd_that_asks_for_nothing_makes_room(
    workspace_for: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """More idle connections than there may be kept everybody out until they timed out."""
    monkeypatch.setattr(serving, "_ASKS_NOTHING", 1.0)
    options = {"threads": 2, "connection_limit": 40, "channel_timeout": 120, "cleanup_interval": 1}
    server = served(create_app(Clients(workspace_for(""))), options)
    serving.keep_room(server)
    assert_a_visitor_is_answered(server, 60, begun)


@pytest.mark.slow
def test_a_crowd_that_sends_slowly_makes_room(
    workspace_for: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies that come byte by byte counted as questions, and kept everybody out for as long as they liked."""
    monkeypatch.setattr(serving, "_SENDS_FOR", 1.0)
    options = {"threads": 2, "connection_limit": 40, "channel_timeout": 120, "cleanup_interval": 1}
    server = served(create_app(Clients(workspace_for(""))), options)
    serving.keep_room(server)
    begun = b"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n{"
    assert_a_visitor_is_answered(server, 60, begun)


def test_fifty_browsers_with_six_connections_each_keep_nobody_out(workspace_for: Callable[..., Workspace]) -> None:
    """A server that admits a hundred connections would let the next one wait until others time out."""
    workspace = workspace_for("")
    server = served(create_app(Clients(workspace)), server_options(workspace.deployment.config))
    assert_a_visitor_is_answered(server, 300)
    server.close()


def test_questions_that_come_at_once_find_a_server_that_is_ready(workspace_for: Callable[..., Workspace]) -> None:
    """Dash readies itself at its first question: a second one beside it was answered 500, or met half of the callbacks."""
    app = create_app(Clients(workspace_for("")))
    assert len(app.callback_map) > 10, (
        "whoever asks first would make it so, and who asks beside them finds it half done"
    )
    before = set(app.callback_map)
    assert app.server.test_client().get("/").status_code == 200
    assert set(app.callback_map) == before


SLOW = """
import time
def slowly(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    time.sleep(2.5)
    return Result(posts=1)
"""


@pytest.mark.slow
def test_a_server_that_is_ended_finishes_what_is_under_way(tmp_path: Path) -> None:
    """A download of six seconds was cut off after a tenth of one."""
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["mine.py"]\n')
    (tmp_path / "mine.py").write_text(plugin("mine", "panel(compute=slowly)", SLOW), "utf-8")
    command = [sys.executable, "-m", "postlens", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = next(f for line in server.stdout if (f := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
        told: list[int] = []

        def ask() -> None:
            line = http.client.HTTPConnection("127.0.0.1", int(said[1]), timeout=30)
            line.request("GET", "/download/mine/receipt.json")
            told.append(line.getresponse().status)
            line.close()

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(1)
        server.send_signal(signal.SIGTERM)
        asking.join(30)
        assert told == [200]
        assert server.wait(20) == 0


WAITS = """
import time
from concurrent.futures import ThreadPoolExecutor
ThreadPoolExecutor().submit(time.sleep, 300)
"""


@pytest.mark.slow
def test_a_server_that_is_ended_waits_for_no_reading(tmp_path: Path) -> None:
    """A file that was being read kept the process for as long as that took, its address already closed."""
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["mine.py"]\n')
    (tmp_path / "mine.py").write_text(plugin("mine", "panel()", WAITS), "utf-8")
    command = [sys.executable, "-m", "postlens", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert any("http://127.0.0.1:" in line for line in server.stdout)
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def test_a_crowd_of_downloads_is_told_at_once(
    workspace_for: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each used to hold a thread for ten seconds."""
    gate = threading.Event()
    monkeypatch.setattr(downloads, "_made", lambda *_: (gate.wait(60), flask.Response("made"))[1])
    app = create_app(Clients(workspace_for("")))
    codes: list[int] = []

    def ask() -> None:
        codes.append(app.server.test_client().get("/download/eda/averages.csv").status_code)

    asking = [threading.Thread(target=ask) for _ in range(20)]
    for one in asking:
        one.start()
    try:
        for _ in range(100):
            if len(codes) == 14:
                break
            time.sleep(0.05)
        assert codes == [503] * 14, "six are made or wait"
    finally:
        gate.set()
        for one in asking:
            one.join()
    assert codes.count(200) == 6


def _said_to(server: Any, head: str) -> bytes:
    """What a server says to a question of which it has the headers only; nothing where it waits for the rest."""
    port = server.effective_port
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(f"POST /_dash-update-component HTTP/1.1\r\n{head}\r\n\r\n".replace("PORT", str(port)).encode())
        said = b""
        with contextlib.suppress(TimeoutError):
            while part := line.recv(4_000):
                said += part
    return said


def test_a_body_is_not_taken_from_who_will_not_be_answered(workspace_for: Callable[..., Workspace]) -> None:
    """Half a gigabyte lay on the disk before a stranger was told that he is one."""
    workspace = workspace_for("")
    config = workspace.deployment.config
    server = served(create_app(Clients(workspace), "secret"), server_options(config))
    serving.refuse_bodies(server, Gate(config, "secret"))
    large = "Content-Length: 100000000"
    own = f"Host: 127.0.0.1:PORT\r\nCookie: postlens_token_PORT=secret\r\n{large}"
    assert b"token of its start-up link" in _said_to(server, f"Host: 127.0.0.1:PORT\r\n{large}")
    assert b"other sites" in _said_to(server, f"{own}\r\nOrigin: http://evil.example")
    assert b"token" in _said_to(server, "Host: 127.0.0.1:PORT\r\nTransfer-Encoding: chunked")
    assert _said_to(server, own) == b""
    serving.refuse_bodies(server, Gate(config))
    assert b"not known by that name" in _said_to(server, f"Host: evil.example\r\n{large}")
    assert _said_to(server, f"Host: localhost:PORT\r\n{large}") == b""


def test_a_name_with_several_addresses_is_listened_on() -> None:
    """On most machines localhost is 127.0.0.1 and ::1, of which waitress makes a server that has no port of its own."""
    servers = create_server(lambda _environ, _start: [], listen="127.0.0.1:0 127.0.0.1:0")
    try:
        listeners = serving.listening(servers)
        assert len(listeners) == 2
        for one in listeners:
            serving.keep_room(one)
            one.maintenance(time.time())
            assert one.effective_port
    finally:
        servers.close()
