"""A large file is read block by block, with its columns on disk, to the same posts as one that fits in memory."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert import blocks_on_disk, numbers
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import delimited, readers
from tests.core.data.files.test_dialects import tables, written
from tests.core.data.test_exports import EXPORTS, FILES


def read(path: Path, **told: Any) -> Posts:
    return to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings(**told))


def by_blocks(patch: pytest.MonkeyPatch, rows: int) -> None:
    for module in (blocks_on_disk, delimited, numbers):
        patch.setattr(module, "BLOCK", rows)
    patch.setattr(delimited, "_HELD_UP_TO", 0)


def assert_same(one: Posts, other: Posts) -> None:
    assert_frame_equal(one.frame, other.frame)
    assert one.report == other.report
    assert (one.extra_labels, one.categories) == (other.extra_labels, other.categories)


@pytest.mark.slow
@pytest.mark.skipif(not EXPORTS.exists(), reason="the shared sample exports are not beside the project")
@pytest.mark.parametrize("name", [f[0] for f in FILES])
def test_an_export_reads_the_same_by_blocks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(EXPORTS / name)
    by_blocks(monkeypatch, 2)
    blocks = read(EXPORTS / name)
    assert blocks.held is not None, "its columns were on disk"
    assert_same(blocks, whole)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_a_table_in_any_dialect_reads_the_same_by_blocks(table: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(written(table))

    def answer() -> Posts | str:
        try:
            return read(path, ask=True)
        except PostlensError as error:
            return str(error)

    whole = answer()
    with pytest.MonkeyPatch.context() as patch:
        by_blocks(patch, 2)
        blocks = answer()
        if isinstance(whole, str) or isinstance(blocks, str):
            assert blocks == whole
        else:
            assert_same(blocks, whole)


def test_whole_numbers_and_fractions_in_different_blocks_are_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    by_blocks(monkeypatch, 2)
    found = numbers.read_numbers(pl.Series(["1", "2", "3,5", "4", "x"]), "number")
    assert found.values.to_list() == [1.0, 2.0, 3.5, 4.0, None]
    assert (found.reading, found.bad.to_list()) == ("numbers, decimal comma", [4])


def test_rows_that_do_not_fit_are_refused_in_every_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Post ID", "Likes", "Comments"])
    for i in range(9):
        writer.writerow([f"p{i}", i, 2 * i, *(["stray"] if i in {3, 7} else [])])
    path = tmp_path / "posts.csv"
    path.write_text(out.getvalue())
    by_blocks(monkeypatch, 3)
    posts = read(path)
    assert posts.frame["post_id"].to_list() == [f"p{i}" for i in range(9) if i not in {3, 7}]
    assert posts.frame["source_row"].to_list() == [2, 3, 4, 6, 7, 8, 10]
    (dropped,) = posts.report.dropped
    assert (dropped.rows, dropped.examples) == (2, (5, 9))
