"""What the panel asks by itself: what in the captions goes with more, all else equal."""

from __future__ import annotations

from collections.abc import Sequence

from postlens import Schema, Verdict, stats
from postlens.plugins.drivers.compute import Drivers, Settings


def questions(schema: Schema) -> Sequence[Settings]:
    """The usual metric, where there are captions: of everything else *Is it real?* asks."""
    return [Settings()] if "text" in schema and schema.time is not None else []


def findings(result: Drivers) -> Sequence[Verdict]:
    """A verdict for each level of what captions are like."""
    return [
        stats.adjusted_verdict(found, one)
        for found in result.compared
        if found.by.made_of == ("text",)
        for one in found.levels
        if not one.effect.untold
    ]
