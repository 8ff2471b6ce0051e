"""A command in a process of its own, so that a plugin that ends or holds its process is a sentence, not a green light."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer

import click

from postlens.app.commands._console import FAILED

_MARK = "POSTLENS_CHECK_MARK"


def inside() -> bool:
    """Whether this is such a process."""
    return _MARK in os.environ


@contextmanager
def through() -> Iterator[None]:
    """Leave a mark at the end, whatever is raised; a process that is ended leaves none."""
    try:
        yield
    finally:
        Path(os.environ[_MARK]).write_text("through", "utf-8")


def run(arguments: Sequence[str], seconds: int) -> tuple[int, str]:
    """Run `postlens` with arguments, passing on what it prints.

    Returns:
        The exit code, and why it did not come to its end; empty where it did.
    """
    with tempfile.TemporaryDirectory(prefix="postlens-") as folder, tempfile.TemporaryFile() as errors:
        mark = Path(folder) / "mark"
        child = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
            [sys.executable, "-P", "-m", "postlens", *arguments],
            env={**os.environ, _MARK: str(mark), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        )
        stopped = Event()

        def stop() -> None:
            stopped.set()
            child.kill()

        timer = Timer(seconds, stop)
        timer.start()
        try:
            with child:  # Closes what it prints to, and waits.
                assert child.stdout is not None
                for line in child.stdout:
                    click.echo(line, nl=False)
        finally:
            timer.cancel()
            child.kill()
        code = child.returncode
        errors.seek(0)
        click.echo(errors.read().decode("utf-8", "replace"), nl=False, err=True)
        if mark.exists():
            return code, ""
    if stopped.is_set():
        return (
            FAILED,
            f"It took longer than {seconds} seconds. Something of the plugin does not return; say --seconds for more time.",
        )
    return (
        FAILED,
        f"The process ended before, with exit code {code}: the plugin ends it, with os._exit or by a fault of a library.",
    )
