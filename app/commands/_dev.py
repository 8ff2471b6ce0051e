"""`postlens serve --dev`: the server in a process of its own, started again when a plugin or the config has changed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from postlens.app.traces import DEV

_LOOK_SECONDS = 0.5


def watched(config: Path | None, files: Sequence[Path]) -> dict[Path, int]:
    """What a change of starts the server again: the config, the plugin files, and the modules beside them."""
    found = [config] if config else []
    for file in files:
        found += [file, *file.parent.glob("*.py")] if file.suffix == ".py" else [*file.rglob("*.py")]
    return {path: path.stat().st_mtime_ns for path in found if path.is_file()}


def again(context: click.Context) -> list[str]:
    """What the command was called with, less `--dev`."""
    given = []
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if option.name == "dev" or value is None or value is False or value == "":
            continue
        given += [option.opts[0]] if value is True else [option.opts[0], str(value)]
    return given


def serve_again(arguments: Sequence[str], look: Callable[[], dict[Path, int]], say: Callable[[str], None]) -> int:
    """Serve until stopped, or until the server ends by itself while nothing has changed.

    Args:
        arguments: of `postlens serve`, without `--dev`.
        look: what is watched, with its time of change.
        say: told why it starts again.
    """
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    while True:
        before = look()
        server = subprocess.Popen([sys.executable, "-m", "postlens", "serve", *arguments], env={**os.environ, DEV: "1"})
        try:
            changed = _wait(server, look, before)
        except KeyboardInterrupt:
            return 0
        finally:
            _end(server)
        if changed is None and server.returncode == 0:
            return 0
        if changed is None:
            say("The server ended. It starts again when a file changes.")
            while look() == before:
                time.sleep(_LOOK_SECONDS)
        else:
            say(f"{changed.name} has changed: starting again.")


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _wait(server: subprocess.Popen[bytes], look: Callable[[], dict[Path, int]], before: dict[Path, int]) -> Path | None:
    """The file that changed; None where the server ended first."""
    while server.poll() is None:
        now = look()
        if now != before:
            return next(path for path in {**before, **now} if before.get(path) != now.get(path))
        time.sleep(_LOOK_SECONDS)
    return None


dev_option = click.option(
    "--dev", is_flag=True, help="Start again when a plugin file or the config changes, and show tracebacks on pages."
)
