"""What is asked of captions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postlens import Params, Pick, stats


class Settings(Params):
    """Of what, and by which metric."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field("", title="Metric")
    what: Literal["both", "hashtags", "words"] = Field(
        "both",
        title="Look at",
        json_schema_extra={"labels": {"both": "Words and hashtags", "hashtags": "Hashtags", "words": "Words"}},
    )
