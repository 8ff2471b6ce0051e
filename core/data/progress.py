"""How far reading is: the share done, 0 to 1, and the name of the step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

Progress = Callable[[float, str], None]


def part(progress: Progress, before: int, parts: int) -> Progress:
    """What one of several equal parts tells its progress to, `before` of them being done."""
    return partial(_part, progress, before, parts)


def _part(progress: Progress, before: int, parts: int, done: float, label: str) -> None:
    progress((before + done) / parts, label)
