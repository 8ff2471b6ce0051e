"""A table of moments as a calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from postlens.app.blocks.cells import moments_of
from postlens.app.export.events import ics_bytes


def rows(post: str = "Photo") -> pl.DataFrame:
    at = [datetime(2025, 9, 1, 8, 30, tzinfo=UTC), None]
    return pl.DataFrame({"Slot": [1, 2], "Starts": pl.Series(at, dtype=pl.Datetime("us", "UTC")), "Post": [post, post]})


def unfolded(rows: pl.DataFrame) -> list[str]:
    text = ics_bytes(rows, "A plan; of two, posts").decode()
    assert text.count("\n") == text.count("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


def test_each_moment_is_an_event() -> None:
    lines = unfolded(rows())
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert "DTSTART:20250901T083000Z" in lines
    assert "SUMMARY:Slot: 1\\, Post: Photo" in lines
    assert "X-WR-CALNAME:A plan\\; of two\\, posts" in lines


def test_text_of_users_makes_no_lines_of_its_own() -> None:
    hostile = 'a\r\nEND:VEVENT\r\nATTACH:x;,\\"' + "ü" * 200
    lines = unfolded(rows(hostile))
    assert lines.count("END:VEVENT") == 1
    assert not [line for line in lines if line.startswith("ATTACH")]
    (said,) = [line for line in lines if line.startswith("SUMMARY")]
    assert said.endswith("ü" * 200)


def test_the_same_row_is_the_same_event() -> None:
    assert ics_bytes(rows(), "x") == ics_bytes(rows(), "x")
    assert moments_of(rows()) == "Starts"
    assert moments_of(rows().drop("Starts")) is None
