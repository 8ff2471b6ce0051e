"""`postlens serve`: the app in a browser."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from postlens.app.commands._console import (
    config_option,
    err,
    ids_of,
    only_option,
    progress_shown,
    verbose_option,
    without_option,
)
from postlens.app.commands._dev import dev_option
from postlens.app.traces import Traces


@click.command()
@config_option
@click.option(
    "--data", metavar="SOURCE", help='"sample", "library", a file, a folder or a glob, in place of the config\'s.'
)
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes any free one.")
@click.option("--open", "open_browser", is_flag=True, help="Open the browser.")
@click.option("--strict", is_flag=True, help="Refuse to start when a plugin fails.")
@only_option
@without_option
@dev_option
@verbose_option
def command(
    config_path: Path | None,
    data: str | None,
    host: str | None,
    port: int | None,
    open_browser: bool,
    strict: bool,
    only: str,
    without: str,
    dev: bool,
) -> None:
    """Serve the app."""
    if dev:
        sys.exit(_developing(config_path))
    Traces.shown = True
    os.umask(0o077)  # What the server writes is the posts of clients: for its own user alone.
    with _collecting_later():
        from postlens.app.web import server, serving  # noqa: F401

    with progress_shown() as progress:
        ready = serving.prepare(config_path, data, ids_of(only), ids_of(without), progress, strict=strict)
    _say_plugins(ready.registry)
    for problem in ready.problems:
        err().print(f"Left out: {problem}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    settings = ready.deployment.config.server
    serving.serve(
        ready, host or settings.host, settings.port if port is None else port, open_browser=open_browser, say=_say_url
    )


def _developing(config_path: Path | None) -> int:
    """The same command without `--dev`, in a process that starts again."""
    from postlens.app.commands._dev import again, serve_again, watched
    from postlens.core.contract.problems import PostlensError
    from postlens.core.host.config import load

    first = load(config_path, lenient=True)
    files = [first.folder / name for name in first.config.plugins.files]

    def look() -> dict[Path, int]:
        with suppress(PostlensError):  # Half-typed: the server says so, and the files are those from before.
            deployment = load(config_path, lenient=True)
            files[:] = [deployment.folder / name for name in deployment.config.plugins.files]
        return watched(first.path, files)

    return serve_again(again(click.get_current_context()), look, click.echo)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Import without garbage collections, which would look through the same new classes again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _say_url(url: str) -> None:
    click.echo(f"Postlens is at {click.style(url, bold=True)}   (Ctrl-C stops it)")


def _say_plugins(registry: Any) -> None:
    loaded = [r.name for r in registry.records if r.state == "loaded"]
    click.echo(f"Loaded: {', '.join(loaded) or 'no panel'}")
    for record in registry.failed:
        err().print(f"Failed: {record.reason}", style="yellow", markup=False, highlight=False)
