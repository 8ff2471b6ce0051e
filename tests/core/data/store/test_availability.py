"""What is known of which posts, network by network and month by month."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.core.data.store.availability import replaced


def opened(folder: Path) -> Dataset:
    """Facebook gives up impressions for views in July 2025; Instagram knows views throughout, reach for some."""
    rows: list[tuple[str, str, int, int | None, int | None, int | None]] = []
    for month in range(1, 13):
        for day in (5, 15, 25):
            new = month >= 7
            when = f"2025-{month:02d}-{day:02d}"
            rows.append(("facebook", when, 10, None if new else 500, 900 if new else None, 300))
            rows.append(("instagram", when, 20, None, 800, 200 if day == 5 else None))
    table = pl.DataFrame(rows, schema=["platform", "date", "reactions", "impressions", "views", "reach"], orient="row")
    table.write_csv(folder / "posts.csv")
    return open_dataset(str(folder / "posts.csv"), store=folder, settings=ReadSettings())


def test_known_by_network_and_month_by_hand(tmp_path: Path) -> None:
    table = opened(tmp_path).availability
    assert table.height == 24
    july = table.filter(platform="facebook", month="2025-07").row(0, named=True)
    assert (july["posts"], july["impressions"], july["views"], july["reach"]) == (3, 0, 3, 3)
    march = table.filter(platform="instagram", month="2025-03").row(0, named=True)
    assert (march["posts"], march["impressions"], march["views"], march["reach"]) == (3, 0, 3, 1)


def test_a_metric_that_took_another_s_place_is_named_and_not_joined(tmp_path: Path) -> None:
    dataset = opened(tmp_path)
    [change] = replaced(dataset.availability)
    assert (change.platform, change.old, change.new) == ("facebook", "impressions", "views")
    assert (change.until, change.since) == ("2025-06", "2025-07")
    assert {"impressions", "views"} <= {c.name for c in dataset.schema.counts}


def test_without_dates_and_networks_there_is_one_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,likes,comments\nx,1,\ny,2,3\n", "utf-8")
    dataset = open_dataset(str(tmp_path / "a.csv"), store=tmp_path, settings=ReadSettings())
    assert dataset.availability.select("platform", "posts", "comments").rows() == [("all posts", 2, 1)]
    assert replaced(dataset.availability) == []
