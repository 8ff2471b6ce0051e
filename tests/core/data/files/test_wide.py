"""A table that is far too wide is refused at once, and a wide one takes what its size takes."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.files import delimited


def wide(path: Path, columns: int) -> Path:
    names = ["Post ID", "Likes", *(f"c{i}" for i in range(columns))]
    rows = [f"{i},{i % 7}" + "," * columns for i in range(12)]
    path.write_text("\n".join([",".join(names), *rows]) + "\n", "utf-8")
    return path


def test_more_columns_than_any_export_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_rows", lambda *_: pytest.fail("its rows were read"))
    with pytest.raises(PostlensError, match=r"has 6,002 columns"):
        delimited.read_delimited(wide(tmp_path / "w.csv", 6000))


@pytest.mark.slow
def test_looking_for_an_open_quote_grows_with_the_columns_alone(tmp_path: Path) -> None:
    """A pattern as long as the header for each column of it took six gigabytes for 35 kB."""
    table = delimited.read_delimited(wide(tmp_path / "w.csv", 1900))
    assert table.height == 12
    tracemalloc.start()
    delimited._swallowed("w.csv", table.lazy, list(table.letters), ",")
    assert tracemalloc.get_traced_memory()[1] < 300e6
    tracemalloc.stop()
