"""What is asked of captions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from postlens import Params, Pick, stats
from postlens.plugins.content.pillars import pillars_of


class Settings(Params):
    """Of what, and by which metric."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field("", title="Metric")
    what: Literal["both", "hashtags", "words"] = Field(
        "both",
        title="Look at",
        json_schema_extra={"labels": {"both": "Words and hashtags", "hashtags": "Hashtags", "words": "Words"}},
    )
    pillars: str = Field(
        "",
        title="Pillars",
        description="What your posts are about, a line each: Recipes: recipe, cook*, #bakeoff, [a label]. The first that fits counts.",
        max_length=2_000,  # What a link carries of one setting.
        json_schema_extra={"lines": 3},
    )

    @field_validator("pillars")
    @classmethod
    def _understood(cls, rules: str) -> str:
        pillars_of(rules)
        return rules
