"""What a spreadsheet would execute is text in a download."""

from __future__ import annotations

import polars as pl
import pytest

from postlens.app.export.spreadsheet import csv_bytes


def cell(text: str) -> str:
    return str(pl.read_csv(csv_bytes(pl.DataFrame({"Caption": [text]})))["Caption"][0])


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        " =1+1",
        "\u00a0=1+1",
        "\t=1",
        "@cmd|'/c calc'!A1",
        "@SUM(A1)",
        "\uff1dcmd()",
        "\uff0b1+cmd",
        "-cmd|x",
        "+A1",
    ],
)
def test_a_formula_is_text(text: str) -> None:
    assert cell(text) == "'" + text


@pytest.mark.parametrize("text", ["a;=1+1", "a; =cmd|x", "a;@SUM(1)", "a;+cmd|x"])
def test_nothing_after_a_semicolon_begins_a_formula(text: str) -> None:
    assert cell(text).split(";")[1].lstrip().startswith("'")


@pytest.mark.parametrize("text", ["@handle says hi", "-20 %", "+44 20 7946", "fun ;-) today", "a = b", "2 + 2"])
def test_words_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_the_name_of_a_column_is_text_too() -> None:
    assert csv_bytes(pl.DataFrame({"=cmd|x": [1]})).decode("utf-8-sig").startswith("'=cmd|x")
