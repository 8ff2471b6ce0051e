"""Sheets and tables of a size that no export has are refused before they are unpacked."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError, nearest
from postlens.core.contract.raw_table import MAX_NAME, unique_headers
from postlens.core.data.files.kinds import read_raw
from postlens.core.data.files.spreadsheet_size import MAX_COLUMNS
from postlens.core.data.vocabulary.roles import role_by_core, role_of


def test_two_cells_far_apart_are_no_table(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(tmp_path / "far.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Likes")
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(PostlensError, match=r"1,048,576 rows and 16,384 columns"):
        read_raw(tmp_path / "far.xlsx")


def test_a_table_of_very_many_columns_is_refused(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(MAX_COLUMNS + 1))
    (tmp_path / "wide.csv").write_text(f"{names}\n{names}\n")
    with pytest.raises(PostlensError, match="columns"):
        read_raw(tmp_path / "wide.csv")
    with zipfile.ZipFile(tmp_path / "wide.zip", "w") as archive:
        archive.write(tmp_path / "wide.csv", "wide.csv")
    with pytest.raises(PostlensError, match="columns"):
        read_raw(tmp_path / "wide.zip")


def test_a_hint_for_a_very_long_word_costs_nothing() -> None:
    known = ["reactions", "a" * 1_000_000]
    assert nearest("b" * 1_000_000, known).startswith("Known: reactions, ")
    assert len(nearest("b" * 1_000_000, known)) < 200
    assert "reactions" in nearest("reactons", known)


def written(path: Path, rows: str) -> Path:
    """A workbook with a sheet of these rows."""
    from xlsxwriter import Workbook

    with Workbook(path) as book:
        book.add_worksheet().write(0, 0, "Likes")
    with zipfile.ZipFile(path) as whole:
        parts = {m.filename: whole.read(m) for m in whole.infolist()}
    sheet = "xl/worksheets/sheet1.xml"
    head, _, rest = parts[sheet].decode().partition("<sheetData>")
    parts[sheet] = f"{head}<sheetData>{rows}{rest[rest.index('</sheetData>') :]}".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return path


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("<row>" + "<c><v>1</v></c>" * 2_001 + "</row>", "1 rows and 2,001 columns"),
        ("<row>" + "<c/>" * 1_500 + "</row>" + "<row><c/></row>" * 20_000, "20,001 rows and 1,500 columns"),
        ('<row r="9"><c r="BXX9"/><c/></row>', "9 rows and 2,001 columns"),
        ('<row r="1000000"><c/></row><row><c r="B3"/>' + "<c/>" * 40 + "</row>", "1,000,000 rows and 42 columns"),
    ],
)
def test_cells_without_an_address_count_as_well(tmp_path: Path, rows: str, said: str) -> None:
    """They stand beside the one before; a bomb of them was told as a lack of memory."""
    with pytest.raises(PostlensError, match=said):
        read_raw(written(tmp_path / "bare.xlsx", rows))


def test_tags_that_are_never_closed_are_passed_once(tmp_path: Path) -> None:
    """Each was looked for to the end of the sheet: 300,000 took a quarter of an hour."""
    sheet = written(tmp_path / "open.xlsx", "<row><c " + "<c " * 3_000_000 + "</row>")
    with pytest.raises(PostlensError, match="1 rows and 3,000,001 columns"):
        read_raw(sheet)


@pytest.mark.parametrize("piece", ["(", "[a", "aB", "(paid "])
def test_names_without_end_are_cut(tmp_path: Path, piece: str) -> None:
    """What looks for brackets in a name looked from each of 400,000 to the end."""
    name = piece * (400_000 // len(piece))
    (tmp_path / "long.csv").write_text(f"Link,Date,{name}\n" + "https://x.com/a/status/1,2026-01-02,3\n" * 9)
    assert read_raw(tmp_path / "long.csv").headers[2] == f"{name[: MAX_NAME - 1]}…"
    assert role_of(name) is role_by_core(name) is None


def test_two_long_names_that_begin_alike_stay_apart() -> None:
    assert len({*unique_headers(["a" * 400, "a" * 500])}) == 2


def test_very_many_columns_of_one_name_are_counted_at_once() -> None:
    """Each was compared with all before it, and with all numbers before its own."""
    names = unique_headers(["x", "x (2)"] * 50_000)
    assert len({*names}) == 100_000
    assert names[:4] == ["x", "x (2)", "x (3)", "x (2) (2)"]


def test_json_of_very_many_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wide.json").write_text(json.dumps([{f"k{i}": i for i in range(150_000)}]))
    with pytest.raises(PostlensError, match="150,000 columns"):
        read_raw(tmp_path / "wide.json")
