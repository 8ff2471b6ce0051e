"""What the Brief finds on made samples: the planted truths, and nothing where nothing is planted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.ask.findings import Finding, gather
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import open_dataset
from postlens.core.data.sources import sample
from postlens.core.host.config import Deployment, load
from postlens.core.host.registry import Registry, build
from scripts.measured import Line

_NOTHING = {"VIDEO_COMMENTS": 1.0, "WEEKEND": 1.0, "PRICE_SHARE": 0.0}
# Of the types that accounts mix, these earn more, and less, than what else they post: see `TYPE_EFFECT`.
_MORE, _LESS = {"photo"}, {"link", "short"}


def _found(registry: Registry, seed: int) -> tuple[Finding, ...]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample.write_sample(folder / "posts.csv", seed)
        posts = open_dataset(
            str(folder / "posts.csv"), store=folder / "store", settings=ReadSettings(), timezone="Europe/London"
        )
        return gather(Engine(registry, posts, store=folder), Filters()).found


def _planted(one: Finding) -> bool:
    """Whether a finding says what is planted: of types, and of weekends."""
    told = one.verdict
    if told.estimate is None:
        return False
    if told.by == "post_type":
        return told.level in (_MORE if told.estimate > 1 else _LESS)
    return told.by == "weekday" and (told.level in {"Sat", "Sun"}) == (told.estimate > 1)


def briefs(repetitions: int) -> Iterator[Line]:
    """Seeds that no test uses: with what is planted, and with all of it taken out."""
    registry = build(Deployment(load(None).config, Path.cwd()))
    told = [_found(registry, 1_000 + seed) for seed in range(repetitions)]
    for level in ("photo", "link"):
        seen = sum(any(f.verdict.by == "post_type" and f.verdict.level == level for f in found) for found in told)
        yield Line(f"the Brief finds what {level} posts earn", "the sample, other seeds", repetitions, seen / repetitions, "at least 0.8")  # fmt: skip
    weekend = sum(any(f.verdict.by == "weekday" for f in found) for found in told)
    yield Line("the Brief finds the weekend's +10 %", "the sample, other seeds", repetitions, weekend / repetitions, "at least 0.8")  # fmt: skip
    false = sum(not all(map(_planted, found)) for found in told)
    yield Line("a Brief with a finding that was not planted", "the sample, other seeds", repetitions, false / repetitions, "at most 0.06")  # fmt: skip
    same = dict.fromkeys(sample.TYPE_EFFECT, 1.0)
    with ExitStack() as nothing:
        for name, value in {"TYPE_EFFECT": same, **_NOTHING}.items():
            nothing.enter_context(patch.object(sample, name, value))
        shown = sum(bool(_found(registry, 2_000 + seed)) for seed in range(3 * repetitions))
    yield Line("a Brief with any finding", "the sample, nothing planted", 3 * repetitions, shown / (3 * repetitions), "at most 0.06")  # fmt: skip
