"""Which workspace a person may ask: the only place that decides. Today there is one, and everybody may ask it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock

from postlens.app.workspace import Workspace, reopened
from postlens.core.contract.problems import PostlensError


class Clients:
    """The workspaces that are served. Pages, routes and downloads ask here with each request and keep nothing."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()

    def workspace(self) -> Workspace:
        """The workspace of whoever asks. One request asks once, so that it never mixes two."""
        return self._workspace

    def show_source(self) -> None:
        """Show the source that was asked for, from the next request on: the library holds nothing any more.

        Where that is the library itself, the sample is shown until something is imported.
        """
        with self._lock, ThreadPoolExecutor(max_workers=1) as worker, suppress(PostlensError):
            self._workspace = worker.submit(reopened, self._workspace, imported=False).result()

    def show_library(self) -> None:
        """Show the posts of the library from the next request on; requests under way keep what they began with.

        Raises:
            PostlensError: the library cannot be opened; what is shown stays.
        """
        with self._lock, ThreadPoolExecutor(max_workers=1) as worker:
            # In a thread of its own: opening posts must not inherit the context of the callback that asked for it.
            self._workspace = worker.submit(reopened, self._workspace).result()
