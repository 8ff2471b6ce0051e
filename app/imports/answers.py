"""What a person answers about single files on the Import page: what columns mean, and how to read what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, cast

from postlens.core.contract.problems import fail
from postlens.core.data.convert.numbers import Mark
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.convert.zones import zone_hint
from postlens.core.data.vocabulary.formats import Order
from postlens.core.data.vocabulary.roles import NONE

READINGS = ("date_order", "decimal", "timezone", "add_days", "platform")


class Answers(TypedDict, total=False):
    """Of one file: role to column, `NONE` and a column where it has no role; and the `READINGS`, empty as the file shows."""

    columns: dict[str, str]
    date_order: str
    decimal: str
    timezone: str
    add_days: str
    platform: str


def mapped(chosen: Sequence[str | None], places: Sequence[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What the selects say, as role to column by file; only where somebody changed one."""
    found: dict[str, dict[str, str]] = {}
    for value, place in zip(chosen, places, strict=True):
        file, _, proposed = place["file"].partition(":")
        if (value or "") == proposed:
            continue
        own = found.setdefault(file, {})
        if value:
            own[value] = place["column"]
        else:
            own[f"{NONE}{place['column']}"] = ""
    return found


def merged(
    before: Mapping[str, Answers],
    columns: Mapping[str, Mapping[str, str]],
    values: Sequence[str | None],
    places: Sequence[Mapping[str, str]],
) -> dict[str, Answers]:
    """All answers: those of the file that is open as they stand, those of the others as they were.

    Args:
        before: the answers by file.
        columns: what the selects of the open file say, as `mapped` has it.
        values: what is chosen for its readings.
        places: the file and the reading that each of them is of.
    """
    found = {file: cast(Answers, dict(answer)) for file, answer in before.items()}
    for file, own in columns.items():
        answer = found.setdefault(file, {})
        meant = {f"{NONE}{column}" for column in own.values()}
        none = {key: "" for key, column in answer.get("columns", {}).items() if not column and key not in meant}
        answer["columns"] = {**none, **own}
    for value, place in zip(values, places, strict=True):
        if place["what"] in READINGS:
            cast(dict[str, Any], found.setdefault(place["file"], {}))[place["what"]] = (value or "").strip()
    return {file: answer for file, answer in found.items() if any(answer.values())}


def over(settings: ReadSettings, answers: Answers) -> ReadSettings:
    """The settings of a file with what was answered for it alone.

    Raises:
        PostlensError: there is no such time zone.
    """
    zone = answers.get("timezone", "")
    if zone and (hint := zone_hint(zone)) is not None:
        raise fail(f'"{zone}" is no time zone.', hint=hint, asks="timezone")
    return replace(
        settings,
        columns=answers.get("columns") or settings.columns,
        timezone=zone or settings.timezone,
        date_order=cast(Order | None, answers.get("date_order")) or settings.date_order,
        decimal=cast(Mark | None, answers.get("decimal")) or settings.decimal,
        add_days=settings.add_days or bool(answers.get("add_days")),
        platform=answers.get("platform") or settings.platform,
    )
