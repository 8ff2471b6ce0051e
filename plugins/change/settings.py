"""What the page asks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from postlens import Params, Pick, stats

Against = Literal["previous", "year", "own"]


class Settings(Params):
    """What to compare with what. The period itself is the page's filter; without one, the last 28 days that can be judged."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field("", title="Metric")
    against: Against = Field(
        "previous",
        title="Against",
        description="Always as many days. The same weeks are 52 weeks earlier, so that weekdays match.",
        json_schema_extra={
            "labels": {
                "previous": "The period before",
                "year": "The same weeks of last year",
                "own": "Another period",
            }
        },
    )
    start: date | None = Field(None, title="Its first day", json_schema_extra={"shown_if": {"against": ["own"]}})
