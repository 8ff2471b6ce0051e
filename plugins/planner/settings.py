"""What is to be tested, and how."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated

from pydantic import Field

from postlens import Params, Pick, stats


class Settings(Params):
    """The plan."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field("", title="Metric")
    group: Annotated[str, Pick(kind="category", prefer=("post_type",))] = Field("", title="What differs")
    level: Annotated[str, Pick(kind="level", of="group", apart=("against",))] = Field("", title="Try")
    against: Annotated[str, Pick(kind="level", of="group", apart=("level",))] = Field("", title="Against")
    more: int = Field(30, ge=5, le=900, title="More by, in %", description="The smallest difference worth knowing of.")
    weeks: int = Field(8, ge=1, le=52, title="Weeks")
    per_week: int = Field(0, ge=0, le=200, title="Posts a week", description="0: as many as in the last twelve weeks.")
    looks: stats.Looks = Field(
        "once",
        title="Read it",
        description="At every look: from the twentieth pair on, the result holds however often it is read; it takes more posts.",
        json_schema_extra={"labels": {"once": "Once, at the end", "repeated": "At every look"}},
    )
    start: date | None = Field(
        None, title="First day", description="Empty: the next Monday after the newest post and after today."
    )

    @property
    def effect(self) -> float:
        """The smallest difference worth knowing of, on the log scale."""
        return math.log1p(self.more / 100)

    @property
    def looked_for(self) -> float:
        """The spread of effects that each look asks for; 0 where the result is read once."""
        return self.effect if self.looks == "repeated" else 0.0
