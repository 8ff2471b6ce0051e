"""What every command shares: where answers and problems go, progress, common options."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postlens.app.traces import Traces
from postlens.core.contract.problems import PostlensError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status
    from rich.text import Text

FAILED, BAD_CONFIG, CANNOT = 1, 2, 3
config_option = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Config file; config.toml here otherwise."
)
only_option = click.option(
    "--only", default="", metavar="IDS", envvar="POSTLENS_ONLY", help="Load only these plugins, separated by commas."
)
without_option = click.option(
    "--without", default="", metavar="IDS", envvar="POSTLENS_WITHOUT", help="Leave these plugins out."
)
verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, _p, on: _be_verbose(ctx, on),
    help="Show logs and tracebacks.",
)


@cache
def out() -> Console:
    """Where answers go. Rich is loaded once it is needed: serving does without."""
    return _console(stderr=False)


@cache
def err() -> Console:
    """Where progress and problems go."""
    return _console(stderr=True)


# All that a terminal takes for an order, but the ends of lines: names in files may hold it.
_ORDERS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), "�")


def _console(*, stderr: bool) -> Console:
    """A console to which text is text: no markup in brackets, no orders to the terminal."""
    from rich.console import Console

    class Plain(Console):
        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(text.translate(_ORDERS), **options)

    return Plain(stderr=stderr, markup=False, highlight=False)


def _be_verbose(ctx: click.Context, on: bool) -> None:
    if on:
        ctx.ensure_object(dict)["verbose"] = True
        logging.getLogger().setLevel(logging.INFO)
        Traces.shown = True


def ids_of(text: str) -> list[str]:
    """Ids separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def pairs_of(texts: Sequence[str], option: str) -> list[tuple[str, str]]:
    """`KEY=VALUE` as pairs."""
    pairs = []
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise click.UsageError(f'{option} "{text}" is not KEY=VALUE.')
        pairs.append((key.strip(), value))
    return pairs


@contextmanager
def progress_shown() -> Iterator[Callable[[float, str], None]]:
    """A line on stderr that says what is happening; nothing where stderr is no terminal."""
    shown: list[Status] = []

    def show(done: float, label: str) -> None:
        if not shown:
            shown.append(err().status(_said(label)))
            shown[0].start()
        shown[0].update(_said(f"{label} ({done:.0%})"))

    try:
        yield show
    finally:
        for status in shown:
            status.stop()


def _said(label: str) -> Text:
    """Words for a spinner, which takes all other text for markup."""
    from rich.text import Text

    return Text(label.translate(_ORDERS))


def print_problems(error: Exception) -> None:
    """Each problem on a line of its own."""
    lines = [str(p) for p in error.problems] if isinstance(error, PostlensError) else [str(error)]
    for line in lines:
        err().print(line, style="red", markup=False, highlight=False, soft_wrap=True)
