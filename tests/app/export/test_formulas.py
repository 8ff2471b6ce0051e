"""What a spreadsheet would execute is text in a download."""

from __future__ import annotations

import re

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


@pytest.mark.parametrize(
    "text",
    [
        "a;=1+1",
        "a; =cmd|x",
        "a;@SUM(1)",
        "a;+cmd|x",
        "hello ;=cmd|x",
        "a ;@SUM(1)",
        "a; ;=1",
        "a;=;=cmd|x",
        "hi \t=1+1",
    ],
)
def test_nothing_after_a_semicolon_begins_a_formula(text: str) -> None:
    assert not [c for c in re.split("[;\t]", cell(text))[1:] if c.strip() and not c.lstrip().startswith("'")]


def test_a_smile_is_no_formula() -> None:
    assert cell("See you there ;-)") == "See you there ;-)"


@pytest.mark.parametrize(
    "text",
    [
        "a\n=1+1",
        "a\r\n=cmd|x",
        "a\n@SUM(1)",
        "a\t=1",
        "a;-1+cmd|' /C calc'!A0",
        "a;+(cmd|x)",
        "a;-A1",
        'a;"=1+1"',
        "a\n-1+cmd|x",
    ],
)
def test_nothing_after_a_tab_or_a_new_line_begins_a_formula(text: str) -> None:
    """Where another sign separates columns, the quotation mark before it is a sign like any other."""
    begun = next(i for i, sign in enumerate(text[1:], 1) if sign in "=@+-")
    assert cell(text) == f"{text[:begun]}'{text[begun:]}"


@pytest.mark.parametrize("text", ["@A1", "@ SUM(1)", "\x1c=1"])
def test_further_beginnings(text: str) -> None:
    assert cell(text).startswith("'")


def test_the_rest_of_a_column_s_name_is_text_too() -> None:
    assert "'=cmd" in csv_bytes(pl.DataFrame({"a;=cmd|x": [1]})).decode("utf-8-sig").split("\n")[0]
    assert "'=1" in csv_bytes(pl.DataFrame({"a\n=1+1": [1]})).decode("utf-8-sig")


def test_a_sheet_holds_names_that_differ_in_case_and_numbers_without_sign() -> None:
    import io

    from postlens.app.export.spreadsheet import xlsx_bytes

    table = pl.DataFrame({"Type": [1], "type": [2], "TYPE 2": [2**64 - 1]}, schema_overrides={"TYPE 2": pl.UInt64})
    read = pl.read_excel(io.BytesIO(xlsx_bytes(table, "t")))
    assert read.columns == ["Type", "type 2", "TYPE 2 2"]
    assert read.row(0) == (1, 2, str(2**64 - 1))


@pytest.mark.parametrize(
    "text", ["Things:\n- apples\n- pears", "@handle says hi", "-20 %", "+44 20 7946", "fun ;-) today", "a = b", "2 + 2"]
)
def test_words_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_the_name_of_a_column_is_text_too() -> None:
    assert csv_bytes(pl.DataFrame({"=cmd|x": [1]})).decode("utf-8-sig").startswith("'=cmd|x")
