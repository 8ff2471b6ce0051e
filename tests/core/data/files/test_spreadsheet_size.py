"""Sheets and tables of a size that no export has are refused before they are unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError, nearest
from postlens.core.data.files.kinds import read_raw
from postlens.core.data.files.spreadsheet_size import MAX_COLUMNS


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
