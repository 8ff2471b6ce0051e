"""What the page asks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postlens import Params, Pick, stats

Mode = Literal["rest", "pair", "all"]


class Settings(Params):
    """What to compare."""

    metric: Annotated[str, Pick(kind="metric", prefer=stats.MAIN_METRICS)] = Field("", title="Metric")
    group: Annotated[str, Pick(kind="category", prefer=("post_type", "platform", "weekday"))] = Field(
        "", title="Groups"
    )
    mode: Mode = Field(
        "rest",
        title="Compare",
        json_schema_extra={"labels": {"rest": "One with all others", "pair": "One with another", "all": "All groups"}},
    )
    level: Annotated[str, Pick(kind="level", of="group")] = Field(
        "", title="Group", json_schema_extra={"shown_if": {"mode": ["rest", "pair"]}}
    )
    against: Annotated[str, Pick(kind="level", of="group", apart=("level",))] = Field(
        "", title="Against", json_schema_extra={"shown_if": {"mode": ["pair"]}}
    )
    alternative: stats.Alternative = Field(
        "two-sided",
        title="Direction",
        description="One direction only if you chose it before looking.",
        json_schema_extra={
            "labels": {"two-sided": "more or fewer", "greater": "more", "less": "fewer"},
            "shown_if": {"mode": ["rest", "pair"]},
        },
    )
    looks: stats.Looks = Field(
        "once",
        title="Looks",
        description="Again and again, if you will look more than once as posts come in: the verdict then holds at every look.",
        json_schema_extra={"labels": {"once": "Once", "repeated": "Again and again"}},
    )
    scale: stats.Scale = Field(
        "log",
        title="Scale",
        description="Log compares typical posts, as a ratio; raw compares plain means, which the luckiest posts decide.",
        json_schema_extra={"labels": {"log": "Log: typical posts", "raw": "Raw: plain means"}},
    )
