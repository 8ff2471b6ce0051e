"""What the panel asks by itself: did the same kinds of posts get more or less than usual lately?"""

from __future__ import annotations

from collections.abc import Sequence

from postlens import Schema, Verdict
from postlens.plugins.change.compute import Change
from postlens.plugins.change.settings import Settings
from postlens.plugins.change.verdicts import of_part


def questions(schema: Schema) -> Sequence[Settings]:
    """The last weeks against those before."""
    return [Settings()] if schema.time is not None else []


def findings(result: Change) -> Sequence[Verdict]:
    """What each kind of post got; that there were more posts, or others, is no finding but a plan carried out."""
    return [of_part(result, "within")] if result.within.log_p is not None else []
