"""The same question on two pages has the same answer: averages with their intervals, and verdicts."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats as scipy_stats

from postlens.core.ask.engine import Engine
from postlens.core.contract.blocks import Chart, Verdict, walk
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import open_dataset
from postlens.core.host.registry import Registry
from tests.conftest import ask

pytestmark = pytest.mark.slow
START = datetime(2025, 1, 6, 9)  # noqa: DTZ001 - a clock on the wall, as in the file


def posts(seed: int, accounts: int) -> pl.DataFrame:
    """Posts of some accounts whose levels differ and wander; types go with accounts and time, and texts are posted again."""
    rng = np.random.default_rng([36, seed])
    parts = []
    for account in range(accounts):
        hours = np.sort(rng.uniform(0, 182 * 24, 120))
        wander = np.cumsum(rng.normal(0, 0.1, 27))[(hours // 168).astype(int)]
        text = rng.integers(0, 50, 120)
        kinds = np.array(["photo", "video", "link"])[(text + account) % 3]
        log = rng.normal(5, 1) + wander + 0.3 * (kinds == "photo") + rng.normal(0, 0.8, 120)
        parts.append(
            pl.DataFrame(
                {
                    "Post ID": [f"a{account}p{i}" for i in range(120)],
                    "Published": [f"{START + timedelta(hours=float(h)):%Y-%m-%d %H:%M:%S}" for h in hours],
                    "Account": [f"account {account}"] * 120,
                    "Caption": [f"A caption that is posted again, {t}" for t in text],
                    "Type": kinds,
                    "Likes": np.rint(np.exp(log)).astype(int),
                    "Comments": rng.poisson(5, 120),
                }
            )
        )
    return pl.concat(parts)


@pytest.fixture(params=[1, 6, 24])
def engine(request: pytest.FixtureRequest, registry: Registry, tmp_path: Path) -> Engine:
    posts(request.param, request.param).write_csv(tmp_path / "p.csv")
    return Engine(
        registry,
        open_dataset(str(tmp_path / "p.csv"), store=tmp_path / "store", settings=ReadSettings()),
        store=tmp_path / "answers",
    )


def test_the_typical_post_has_one_interval(engine: Engine) -> None:
    explored = ask(engine, "eda", metric="reactions", by="post_type").result.averages
    tested = ask(engine, "hypothesis", mode="all", metric="reactions", group="post_type").result.groups
    both = explored.join(tested, on="level")
    assert both.height == 3
    for one, other in (("value", "typical"), ("low", "typical_low"), ("high", "typical_high")):
        assert both[one].to_list() == pytest.approx(both[other].to_list(), rel=1e-9)
    log = pl.col("reactions").cast(pl.Float64).log1p()
    spread = engine.dataset.scan().group_by(level="post_type").agg(spread=log.std(), n=pl.len()).collect()
    for row in both.join(spread, on="level").iter_rows(named=True):
        independent = scipy_stats.t.ppf(0.975, row["n"] - 1) * row["spread"] / math.sqrt(row["n"])
        assert math.log1p(row["high"]) - math.log1p(row["value"]) >= independent * (1 - 1e-9)


def test_the_types_have_one_verdict(engine: Engine) -> None:
    explored = {c.by.name: c for c in ask(engine, "eda", metric="reactions", by="post_type").result.compared}[
        "post_type"
    ]
    for kind in ("photo", "video", "link"):
        found = ask(engine, "hypothesis", mode="rest", metric="reactions", group="post_type", level=kind).result.found
        one, other = explored.of(kind), found.of(kind)
        assert one is not None
        assert other is not None
        assert (one.state, one.log_p_adjusted) == (other.state, pytest.approx(other.log_p_adjusted))
        assert one.effect.estimate == pytest.approx(other.effect.estimate)
        assert one.effect.clustered == other.effect.clustered


def test_where_nothing_can_be_told_no_empty_chart_is_drawn(registry: Registry, tmp_path: Path) -> None:
    """Eight posts: both pages drew an axis from 0 to 2 with nothing on it."""
    posts(3, 1).head(8).write_csv(tmp_path / "p.csv")
    engine = Engine(
        registry,
        open_dataset(str(tmp_path / "p.csv"), store=tmp_path / "store", settings=ReadSettings()),
        store=tmp_path / "answers",
    )
    for panel, settings in (("eda", {"by": "post_type"}), ("hypothesis", {"group": "post_type"})):
        done = ask(engine, panel, metric="reactions", **settings)
        blocks = engine.blocks(engine.registry.panel(panel), done)
        assert isinstance(blocks, list)
        assert not [b.title for b in walk(blocks) if isinstance(b, Chart) and "against all others" in b.title]
        assert next(b.state for b in walk(blocks) if isinstance(b, Verdict) and b.by == "post_type").startswith(
            "too few"
        )
