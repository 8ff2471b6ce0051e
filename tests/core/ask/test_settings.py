"""Settings of every kind that a form has, through links and back."""

from __future__ import annotations

from datetime import date
from enum import Enum, StrEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from postlens import Params
from postlens.core.ask import settings
from postlens.core.contract.settings import in_a_form


class Tone(Enum):
    WARM = "warm"
    COLD = "cold"


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Every(Params):
    tone: Tone = Tone.WARM
    size: Size = Size.SMALL
    since: date = date(2026, 1, 1)
    until: date | None = None
    level: Literal[1, 2] = 1
    tags: tuple[str, ...] = ()
    low: int | None = None


CHANGED = Every(
    tone=Tone.COLD, size=Size.LARGE, since=date(2026, 2, 3), until=date(2026, 5, 6), level=2, tags=("a", "b"), low=4
)


def through_a_link(params: Every, start: Every) -> Every:
    pairs: dict[str, Any] = {}
    for key, value in settings.to_pairs(params, start):
        pairs.setdefault(key, []).append(value)
    read, problems = settings.read(Every, pairs, start, "link")
    assert problems == []
    return read


def test_every_kind_of_setting_survives_a_link() -> None:
    assert settings.to_pairs(CHANGED, Every())[:4] == [
        ("tone", "cold"),
        ("size", "large"),
        ("since", "2026-02-03"),
        ("until", "2026-05-06"),
    ]
    assert through_a_link(CHANGED, Every()) == CHANGED
    assert through_a_link(Every(), CHANGED) == Every()


def test_what_is_no_choice_and_no_day_keeps_the_start_value_and_is_said() -> None:
    read, problems = settings.read(Every, {"tone": "loud", "since": "31.02.2026", "level": "3"}, Every(), "link")
    assert read == Every()
    assert [p.what.partition(" =")[0] for p in problems] == ["tone", "since", "level"]


class Inner(BaseModel):
    a: int = 1


@pytest.mark.parametrize(
    "annotation", [Tone, Size, date, date | None, tuple[str, ...], bool, Literal["a"], float | None]
)
def test_kinds_with_a_control(annotation: Any) -> None:
    assert in_a_form(annotation)


@pytest.mark.parametrize(
    "annotation", [Inner, SecretStr, dict[str, int], tuple[Inner, ...], bytes, Enum("Number", {"ONE": 1})]
)
def test_kinds_without_one(annotation: Any) -> None:
    assert not in_a_form(annotation)


def test_choices_are_those_of_a_literal_and_of_an_enumeration() -> None:
    fields = Every.model_fields
    assert settings.closed_choices(fields["tone"]) == {"warm": Tone.WARM, "cold": Tone.COLD}
    assert settings.closed_choices(fields["level"]) == {"1": 1, "2": 2}
    assert settings.closed_choices(fields["tags"]) == {}


class Words(Params):
    """A text of some length."""

    text: str = Field("", max_length=10)


def test_a_value_that_is_refused_is_shown_in_part() -> None:
    """Twenty megabytes of it came back, and were kept with the page."""
    kept, (problem,) = settings.read(Words, {"text": "x" * 1_000_000}, Words(), "link")
    assert kept == Words()
    assert len(str(problem)) < 300
