"""Which posts are young, and what the explore page says of what it compares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from postlens.core.contract import Context
from postlens.core.contract.blocks import Chart, Verdict, walk
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.plugins.eda import compute as eda
from postlens.plugins.eda import view as eda_view


def _dated(days: int, **columns: list[object]) -> pl.DataFrame:
    """One post a day from 1 March 2026."""
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    texts = [f"What we saw on day {d}" for d in range(days)]
    table = pl.DataFrame({"published": [start + timedelta(days=d) for d in range(days)], "text": texts, **columns})
    return table.with_columns(pl.col("published").dt.strftime("%Y-%m-%d %H:%M"))


def _opened(folder: Path, table: pl.DataFrame) -> Dataset:
    table.write_csv(folder / "posts.csv")
    return open_dataset(str(folder / "posts.csv"), store=folder / "store", settings=ReadSettings())


def test_the_newest_posts_are_marked_as_still_collecting(tmp_path: Path) -> None:
    dataset = _opened(tmp_path, _dated(40, Reactions=list(range(40))))
    assert "maturity" in dataset.schema
    young = dataset.scan().filter(pl.col("maturity") == "too recent to judge").collect()
    assert young["reactions"].to_list() == [36, 37, 38, 39], "the day of the newest post and three before it"
    assert dataset.scan().filter(pl.col("maturity") == "settled").collect().height == 36


def test_a_short_period_has_no_exceptions(tmp_path: Path) -> None:
    assert "maturity" not in _opened(tmp_path, _dated(20, Reactions=list(range(20)))).schema


@pytest.mark.parametrize(
    ("gain", "posts", "wanted"),
    [(3.0, 200, "likely real"), (1.0, 4000, "no difference of 20 % or more"), (1.0, 20, "too few periods to tell")],
)
def test_a_compared_average_carries_its_verdict(tmp_path: Path, gain: float, posts: int, wanted: str) -> None:
    rng = np.random.default_rng(8)
    kinds = np.where(np.arange(posts) % 2 == 0, "Photo", "Video")
    values = np.rint(np.exp(rng.normal(4, 0.6, posts)) * np.where(kinds == "Photo", gain, 1.0)).astype(int)
    dataset = _opened(tmp_path, _dated(posts, Reactions=values.tolist(), Type=kinds.tolist()))
    params = eda.Settings(metric="reactions", by="post_type")
    blocks = list(walk(eda_view.show(eda.explore(dataset.scan(), params, Context(schema=dataset.schema)), params)))
    found = {b.table.name: b.verdict for b in blocks if isinstance(b, Chart)}
    alone = [b for b in blocks if isinstance(b, Verdict)]
    compared = found.get("compared") or alone[0]
    assert compared.state == wanted
    assert ("compared" in found) == (compared.state != "too few periods to tell")
    assert found["weekdays"] is None or found["weekdays"].state != "likely real"


def test_the_highest_average_is_named_with_or_without_an_interval(tmp_path: Path) -> None:
    """The sentence named the highest of those with an interval, beside a chart with a higher dot."""
    params = eda.Settings(metric="reactions", by="post_type")
    dataset = _opened(tmp_path, _dated(60, Reactions=list(range(60)), Type=["Photo", "Video", "Link"] * 20))
    result = eda.explore(dataset.scan(), params, Context(schema=dataset.schema))
    rows = pl.DataFrame(
        {"level": ["a", "b"], "posts": [400, 40], "value": [300.0, 450.0], "low": [250.0, None], "high": [350.0, None]}
    )
    chart = next(
        b
        for b in walk(eda_view.show(replace(result, averages=rows), params))
        if isinstance(b, Chart) and b.table.name == "averages"
    )
    assert chart.takeaway.startswith("b has the highest")
    assert "n = 40" in chart.takeaway


def test_a_weekday_of_the_larger_network_is_no_better_weekday(tmp_path: Path) -> None:
    """One name on two networks, of which the larger one is posted to at weekends."""
    rng = np.random.default_rng(7)
    table = _dated(400, Account=["Alder"] * 400)
    weekend = np.array([(6 + d) % 7 >= 5 for d in range(400)])  # 1 March 2026 is a Sunday.
    large = rng.random(400) < np.where(weekend, 0.8, 0.2)
    reactions = rng.lognormal(5 + 2 * large, 0.3).round().astype(int)
    table = table.with_columns(Platform=np.where(large, "Instagram", "Facebook"), Reactions=reactions)
    dataset = _opened(tmp_path, table)
    found = eda.explore(dataset.scan(), eda.Settings(metric="reactions"), Context(schema=dataset.schema))
    assert found.weekdays is not None
    assert found.clock_relative
    values = dict(zip(found.weekdays["level"], found.weekdays["value"], strict=True))
    assert all(0.8 < value < 1.25 for value in values.values()), values
