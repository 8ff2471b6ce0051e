"""A question as it travels to a worker, and what has to be alike at both ends."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

PROGRESS = "postlens-progress"  # The topic under which workers tell how far they are.
CONFIG, DATA = "POSTLENS_CONFIG", "POSTLENS_DATA"  # Variables of a worker: the deployment that it opens.


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question.

    Attributes:
        panel, pairs, seed: as in a link.
        made_of: the posts and plugins that the answer is to be made of.
        versions: of what computes it, at the asking end.
        task: its name on the cluster, under which progress is told.
        key: that of the answer; empty where it holds for a while only.
    """

    panel: str
    pairs: tuple[tuple[str, str], ...]
    seed: int | None
    made_of: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]
    task: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer as it is stored: its files by name."""

    files: Mapping[str, bytes]


class Differs(Exception):
    """A worker has other versions, posts or plugins than who asks."""


def versions() -> tuple[tuple[str, str], ...]:
    """What has to be the same at both ends, so that the same question has the same answer."""
    named = ("postlens", "polars", "numpy", "scikit-learn", "scipy")
    return (("Python", ".".join(platform.python_version_tuple()[:2])), *((name, version(name)) for name in named))


def differing(here: tuple[tuple[str, str], ...], there: tuple[tuple[str, str], ...]) -> str:
    """What differs, in words; empty where nothing does."""
    other = dict(there)
    return ", ".join(
        f"{name} {own} here, {other.get(name, 'none')} there" for name, own in here if other.get(name) != own
    )
