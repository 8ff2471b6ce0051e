"""Preparing a workspace and serving its app with waitress: one process, many threads."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer

from postlens.app.clients import Clients
from postlens.app.workspace import Workspace, open_workspace
from postlens.core.contract.problems import fail
from postlens.core.host.config import Config

if TYPE_CHECKING:
    from postlens.app.web.access import Gate


def prepare(
    path: Path | None,
    data: str | None,
    only: Sequence[str],
    without: Sequence[str],
    progress: Callable[[float, str], None],
    *,
    strict: bool = False,
) -> Workspace:
    """Read the config, load the plugins and open the posts.

    Raises:
        PostlensError: one of them cannot be had; or strict, and something would be left out.
    """
    return open_workspace(
        path, data=data, only=only, without=without, lenient=not strict, strict=strict, served=True, progress=progress
    )


def _reachable(host: str) -> str:
    """The address as a browser takes it: of all addresses this machine's name, of an IPv6 one with brackets."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - not listened on here
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


_TURN_SECONDS = (
    0.001  # A panel that computes in Python lets requests have the interpreter five times as often as usual.
)


_DRAIN_SECONDS, _LOOK_SECONDS, _LAST_SECONDS = 10.0, 0.1, 3.0
_ARENAS = -8  # `M_ARENA_MAX` of the C library's `mallopt`.


def _share_memory() -> None:
    """Let threads share two pools of memory: each thread's own keeps what it had, and many threads then hold half a gigabyte."""
    with contextlib.suppress(OSError, AttributeError):  # Where the C library is another, it has pools of its own.
        ctypes.CDLL(None).mallopt(_ARENAS, 2)


def server_options(config: Config) -> dict[str, Any]:
    """How waitress serves: for many browsers at once."""
    from postlens.app.web.access import max_body

    return {
        "threads": config.server.threads,
        "ident": "postlens",
        # A browser keeps six connections open: a hundred, waitress's own limit, are seventeen browsers.
        "connection_limit": 2_000,
        "asyncore_use_poll": True,
        # So that a download notices that its browser has left.
        "channel_request_lookahead": 1,
        "channel_timeout": 30,
        "cleanup_interval": 5,
        "max_request_body_size": max_body(config),
    }


def keep_room(server: Any) -> None:
    """Close connections that keep others out.

    Those that have not read for a while what they asked for: each would keep a thread that waits to send it. And where there are
    many, those that ask for nothing, or take long to say for what or to send it: a browser opens another when it needs one.
    """
    usual = server.maintenance

    def maintenance(now: float) -> None:
        usual(now)
        channels = list(server.active_channels.values())
        for channel in channels:
            if channel.total_outbufs_len and channel.last_activity < now - _TAKES_NOTHING:
                # Closed by the loop itself when the next write fails: a number of a socket closed here, while the loop collects
                # them, would be waited for, or be that of the next visitor.
                with contextlib.suppress(OSError):
                    channel.socket.shutdown(socket.SHUT_RDWR)
        if len(channels) > _CROWDED * server.adj.connection_limit:
            for channel in channels:
                channel.will_close = channel.will_close or _asks_nothing(channel, now) or _sends_slowly(channel, now)

    server.maintenance = maintenance


def refuse_bodies(server: Any, gate: Gate) -> None:
    """Take nothing that a request sends which will not be answered: it would lie on the disk until it is whole."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        body_rcv: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if self.body_rcv is not None and (reason := gate.refusal_of_body(self.headers)):
                self.body_rcv, self.content_length = None, 0
                raise ParsingError(reason)

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser

    server.channel_class = Channel


def listening(server: Any) -> list[Any]:
    """What waitress listens with: several where a name, such as localhost, has several addresses."""
    return (
        [one for one in server.map.values() if isinstance(one, BaseWSGIServer)] if hasattr(server, "map") else [server]
    )


def _asks_nothing(channel: Any, now: float) -> bool:
    begun = channel.request
    if channel.requests or channel.total_outbufs_len or (begun is not None and begun.headers_finished):
        return False
    return bool((channel.last_activity if begun is None else channel.creation_time) < now - _ASKS_NOTHING)


def _sends_slowly(channel: Any, now: float) -> bool:
    """Whether a question that is not whole yet comes at less than a telephone line's pace."""
    begun = channel.request
    if channel.requests or begun is None or not begun.headers_finished:
        return False
    if getattr(channel, "sending", None) is not begun:  # Of a connection that is kept, each question has its own time.
        channel.sending, channel.sending_since = begun, now
    seconds = now - channel.sending_since
    return bool(seconds > _SENDS_FOR and begun.body_bytes_received < _SENDS_AT_LEAST * seconds)


_TAKES_NOTHING, _ASKS_NOTHING, _SENDS_FOR = 20.0, 5.0, 10.0  # Seconds.
_SENDS_AT_LEAST = 5_000  # Bytes a second.
_CROWDED = 0.5  # Of all connections there may be.


def _end_calmly(server: Any) -> None:
    """At SIGTERM finish what is under way, for some seconds; at a second one end at once."""
    asked: list[int] = []

    def end(number: int, _frame: object) -> None:
        if asked:
            raise SystemExit(0)
        asked.append(number)
        threading.Thread(target=drain, daemon=True).start()

    def drain() -> None:
        until = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < until and server.task_dispatcher.active_count:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        # Python waits for threads that read a file, for as long as that takes.
        time.sleep(_LAST_SECONDS)
        os._exit(0)

    with contextlib.suppress(ValueError):  # Not in the main thread: then whoever started it ends it.
        signal.signal(signal.SIGTERM, end)


def serve(workspace: Workspace, host: str, port: int, *, open_browser: bool, say: Callable[[str], None]) -> None:
    """Serve until stopped.

    Raises:
        PostlensError: the address is taken or cannot be listened on.
    """
    from waitress.server import create_server

    sys.setswitchinterval(_TURN_SECONDS)
    _share_memory()
    logging.getLogger("waitress").setLevel(logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from postlens.app.web import access
    from postlens.app.web.server import create_app

    config = workspace.deployment.config
    token = access.token_for(host, config)
    app = create_app(Clients(workspace), token, host).server
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            **server_options(config),
        )
    except (OSError, socket.gaierror) as error:
        raise fail(
            f"Postlens cannot listen on {host}:{port}.",
            why=f"{error.strerror or error}.",
            hint="Choose another port with --port, or 0 for any free one.",
        ) from error
    listeners = listening(server)
    actual = listeners[0].effective_port
    _end_calmly(server)
    for one in listeners:
        keep_room(one)
        refuse_bodies(one, access.Gate(config, token, host))
    url = f"http://{_reachable(host)}:{actual}/" + (f"?token={token}" if token else "")
    say(url)
    if open_browser:
        Timer(0.5, webbrowser.open, [url]).start()
    try:
        server.run()
    finally:
        server.close()
