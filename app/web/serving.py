"""Preparing a workspace and serving its app with waitress: one process, many threads."""

from __future__ import annotations

import logging
import socket
import webbrowser
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from threading import Timer
from typing import Any

from postlens.app.workspace import Workspace, open_workspace, reopened
from postlens.core.contract.problems import fail


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
        path, data=data, only=only, without=without, lenient=not strict, strict=strict, progress=progress
    )


class Live:
    """The app that is served now. After an import another takes its place, with the posts of the library."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._app = self._made(workspace)
        self._outside = copy_context()  # Of no callback; Dash looks whether one is running.

    def _made(self, workspace: Workspace) -> Any:
        from postlens.app.web.server import create_app

        return create_app(workspace, self.reload).server

    def reload(self) -> None:
        """Show the library. Requests that are being answered are answered by the app they came to.

        Raises:
            PostlensError: the library cannot be opened; what is served stays.
        """
        # In a thread of its own: Dash makes no app while one of its callbacks runs, and this is called by one.
        with ThreadPoolExecutor(max_workers=1) as worker:
            self._workspace, self._app = worker.submit(self._outside.run, self._again).result()

    def _again(self) -> tuple[Workspace, Any]:
        workspace = reopened(self._workspace)
        return workspace, self._made(workspace)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """A WSGI application."""
        return self._app(environ, start_response)


def serve(workspace: Workspace, host: str, port: int, *, open_browser: bool, say: Callable[[str], None]) -> None:
    """Serve until stopped.

    Raises:
        PostlensError: the address is taken or cannot be listened on.
    """
    from waitress.server import create_server

    logging.getLogger("waitress").setLevel(logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    live = Live(workspace)
    try:
        server = create_server(
            live, host=host, port=port, threads=workspace.deployment.config.server.threads, ident="postlens"
        )
    except (OSError, socket.gaierror) as error:
        raise fail(
            f"Postlens cannot listen on {host}:{port}.",
            why=f"{error.strerror or error}.",
            hint="Choose another port with --port, or 0 for any free one.",
        ) from error
    actual = server.effective_port
    url = f"http://{host or '127.0.0.1'}:{actual}/"
    say(url)
    if open_browser:
        Timer(0.5, webbrowser.open, [url]).start()
    try:
        server.run()
    finally:
        server.close()
