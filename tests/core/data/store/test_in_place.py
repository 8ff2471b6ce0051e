"""Parquet with typed columns is scanned where it lies, and reads as if every value had been converted one by one."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from postlens.core.contract.problems import CannotCompute
from postlens.core.data.convert.canonical import to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.core.data.files.kinds import read_raw
from postlens.core.data.store import converted

START = datetime(2026, 3, 1, 7, 30)  # noqa: DTZ001 - a clock on the wall, as in the file


def typed(rows: int = 60) -> pl.DataFrame:
    """Posts as a data team keeps them."""
    return pl.DataFrame(
        {
            "id": [str(123_456_789_012_345_611 + i) for i in range(rows)],
            "account": ["Alder" if i % 3 else " Finch " for i in range(rows)],
            "type": ["Photos", "Reels", "Videos", "", "Poll"] * (rows // 5),
            "published": [START + timedelta(hours=9 * i) for i in range(rows)],
            "Reactions": [None if i == 4 else 3 * i for i in range(rows)],
            "Comments": pl.Series([i % 7 for i in range(rows)], dtype=pl.UInt16),
            "duration": [None if i % 2 else i / 2 for i in range(rows)],
            "Description": [f"post {i}" for i in range(rows)],
            "Mood": ["calm", "loud", None] * (rows // 3),
            "Spend": [float("nan") if i == 1 else i * 0.25 for i in range(rows)],
            "Is paid": [i % 4 == 0 for i in range(rows)],
        }
    )


def opened(folder: Path, table: pl.DataFrame, **settings: str) -> Dataset:
    table.write_parquet(folder / "posts.parquet")
    return open_dataset(str(folder / "posts.parquet"), store=folder / "store", settings=ReadSettings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles"])
def test_scanned_posts_are_the_converted_ones(tmp_path: Path, zone: str) -> None:
    dataset = opened(tmp_path, typed(), timezone=zone)
    assert dataset.catalogue.scanned is not None
    assert not list((tmp_path / "store").rglob("*.parquet")), "nothing is copied"
    one_by_one = to_posts(read_raw(tmp_path / "posts.parquet"), ReadSettings(timezone=zone)).frame
    columns = [c for c in one_by_one.columns if c != "published_precision"]
    assert_frame_equal(dataset.scan().select(columns).collect(), one_by_one.select(columns), check_dtypes=False)
    kinds = {c.name: (c.kind, c.levels) for c in dataset.catalogue.columns}
    assert kinds["mood"] == ("category", ("calm", "loud"))
    assert kinds["post_type"][0] == "category"
    assert kinds["spend"][0] == "metric"
    assert {c.name: c.known for c in dataset.catalogue.columns}["reactions"] == 59


def test_the_schema_is_that_of_the_same_posts_as_text(tmp_path: Path) -> None:
    scanned = opened(tmp_path, typed().drop("Spend"))
    (tmp_path / "text").mkdir()
    typed().drop("Spend").write_csv(tmp_path / "text" / "posts.csv")
    read = open_dataset(str(tmp_path / "text" / "posts.csv"), store=tmp_path / "text", settings=ReadSettings())
    assert {c.name: (c.kind, c.levels, c.known) for c in scanned.schema.columns} == {
        c.name: (c.kind, c.levels, c.known) for c in read.schema.columns
    }
    assert (scanned.first_day, scanned.last_day) == (read.first_day, read.last_day)


def test_a_column_that_needs_reading_is_read(tmp_path: Path) -> None:
    as_text = typed().with_columns(pl.col("Reactions").cast(pl.String) + pl.lit(" "))
    assert opened(tmp_path, as_text).catalogue.scanned is None


def test_posts_that_stand_twice_are_not_counted_twice(tmp_path: Path) -> None:
    dataset = opened(tmp_path, pl.concat([typed(), typed().head(5)]))
    assert dataset.catalogue.scanned is None
    assert (dataset.posts, dataset.quality.duplicates) == (60, 5)


def test_midnight_throughout_and_dates_are_days(tmp_path: Path) -> None:
    days = [date(2026, 3, 1) + timedelta(days=i) for i in range(60)]
    for column in (pl.Series(days), pl.Series(days).cast(pl.Datetime("ms"))):
        dataset = opened(tmp_path, typed().with_columns(column.alias("published")), timezone="Asia/Tokyo")
        assert dataset.catalogue.scanned is not None
        assert not dataset.has_clock
        assert dataset.scan().select("date").collect()["date"].to_list() == days


@pytest.mark.parametrize("unit", [1, 1000])
def test_unix_time(tmp_path: Path, unit: int) -> None:
    seconds = [1_772_350_200 + 3600 * i for i in range(60)]
    dataset = opened(tmp_path, typed().with_columns(pl.Series("published", [s * unit for s in seconds])))
    assert dataset.catalogue.scanned is not None
    assert dataset.scan().select(pl.col("published").dt.epoch("s")).collect().to_series().to_list() == seconds


def test_moved_files_are_found_where_they_are(tmp_path: Path) -> None:
    opened(tmp_path, typed())
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "posts.parquet").rename(tmp_path / "elsewhere" / "posts.parquet")
    again = open_dataset(
        str(tmp_path / "elsewhere" / "posts.parquet"), store=tmp_path / "store", settings=ReadSettings()
    )
    assert again.scan().collect().height == 60


def test_posts_that_stand_twice_are_found_where_others_have_no_id(tmp_path: Path) -> None:
    half = typed().with_columns(pl.when(pl.col("Reactions") % 2 == 0).then("id").alias("id"))
    dataset = opened(tmp_path, pl.concat([half, half.filter(pl.col("id").is_not_null()).head(3)]))
    assert dataset.catalogue.scanned is None
    assert dataset.quality.duplicates == 3


def test_a_file_that_changes_under_the_pages_is_not_mixed_in(tmp_path: Path) -> None:
    dataset = opened(tmp_path, typed())
    assert dataset.scan().collect().height == 60
    typed(90).write_parquet(tmp_path / "posts.parquet")
    with pytest.raises(CannotCompute, match="has changed since"):
        dataset.scan()
    (tmp_path / "posts.parquet").unlink()
    with pytest.raises(CannotCompute, match="has changed since"):
        dataset.scan()


def test_the_code_and_tables_that_read_are_part_of_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened(tmp_path, typed()).fingerprint
    monkeypatch.setattr("postlens.core.data.store.converted.how_read", lambda: "other")
    assert opened(tmp_path, typed()).fingerprint != before


@pytest.mark.parametrize(
    "changed", ["vocabulary/types.tsv", "vocabulary/formats.toml", "convert/numbers.py", "files/sniff.py"]
)
def test_a_change_of_any_of_them_shows(tmp_path: Path, changed: str) -> None:
    home = Path(converted.__file__).parents[1]
    for room in ("vocabulary", "convert", "files"):
        shutil.copytree(home / room, tmp_path / "before" / room)
        shutil.copytree(home / room, tmp_path / "after" / room)
    assert converted.how_read(tmp_path / "before") == converted.how_read(tmp_path / "after")
    file = tmp_path / "again" / changed
    shutil.copytree(tmp_path / "after", tmp_path / "again")
    file.write_bytes(file.read_bytes() + b"\n# changed\n")
    assert converted.how_read(tmp_path / "again") != converted.how_read(tmp_path / "before")


@pytest.mark.parametrize("change", [{"reactions": [-1] + [5] * 59}, {"published": [START] * 60}])
def test_values_that_are_not_what_they_say_are_read_one_by_one(tmp_path: Path, change: dict[str, list[Any]]) -> None:
    table = typed().with_columns(pl.Series(n, v) for n, v in change.items())
    assert opened(tmp_path, typed()).catalogue.scanned is not None
    assert opened(tmp_path, table).catalogue.scanned is None
