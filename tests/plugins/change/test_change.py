"""What changed: periods, parts, verdicts, and what cannot be compared."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from postlens import CannotCompute, Chart, Context, Notice, Verdict
from postlens.core.ask import filters
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, OneOf, Period
from postlens.core.ask.outcome import Done
from postlens.core.ask.periods import standing
from postlens.core.ask.request import Request
from postlens.core.contract.blocks import walk
from postlens.core.contract.schema import Column, Schema
from postlens.plugins.change.compute import Change, compute
from postlens.plugins.change.settings import Settings
from postlens.plugins.change.verdicts import of_part, of_total
from postlens.plugins.change.view import show
from tests.conftest import ask

FIRST = date(2025, 1, 6)
SCHEMA = Schema(
    columns=(
        Column(name="account_name", label="Account", kind="category"),
        Column(name="platform", label="Network", kind="category"),
        Column(name="post_type", label="Type", kind="category"),
        Column(name="reactions", label="Reactions", kind="metric"),
        Column(name="rate", label="Rate", kind="rate"),
    ),
    posts=1,
)


def posts(days: int = 364, gain: float = 1.0, seed: int = 1, spread: float = 0.9) -> pl.DataFrame:
    """Some posts a day of two accounts; each gets `gain` times as much in the last 28 days."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), rng.poisson(3, days))
    account, kind = rng.integers(0, 2, len(day)), rng.integers(0, 2, len(day))
    mean = 5 + account + 0.5 * kind + math.log(gain) * (day >= days - 28)
    moments = [FIRST + timedelta(days=int(d)) for d in day]
    return pl.DataFrame(
        {
            "date": moments,
            "account_name": account.astype(str),
            "platform": np.where(account == 0, "facebook", "instagram"),
            "post_type": kind.astype(str),
            "text": [f"post {i}" for i in range(len(day))],
            "reactions": rng.poisson(np.exp(mean + spread * rng.normal(size=len(day)))),
        }
    ).with_columns(published=pl.col("date").cast(pl.Datetime("us", "UTC")))


def asked(frame: pl.DataFrame, settings: Settings | None = None, **more: Any) -> Change:
    ends = {"first_day": frame["date"].min(), "last_day": frame["date"].max()}
    context = Context(schema=SCHEMA, **{**ends, **more})
    return compute(frame.lazy(), settings or Settings(metric="reactions"), context)


def test_the_totals_are_those_of_the_days_and_the_parts_sum_to_the_change() -> None:
    frame = posts()
    found = asked(frame)
    last = max(frame["date"].to_list())
    assert (found.since, found.until) == (last - timedelta(days=27), last)
    now = int(frame.filter(pl.col("date") >= found.since)["reactions"].sum())
    before = int(frame.filter(pl.col("date").is_between(found.before, found.before_until))["reactions"].sum())
    assert (found.total_now, found.total_before) == (now, before)
    amounts = found.volume.amount + found.mix.amount + found.within.amount
    assert amounts == pytest.approx(now - before, abs=1e-9)
    for by in ("account_name", "platform", "post_type"):
        assert found.levels.filter(pl.col("by") == by)["change"].sum() == pytest.approx(now - before, abs=1e-9)


def test_what_each_kind_got_more_is_found_and_named() -> None:
    found = asked(posts(gain=2.0))
    verdict = of_part(found, "within")
    assert verdict.state == "likely real"
    assert verdict.estimate is not None
    assert 1.5 < verdict.estimate < 2.7
    assert verdict.claim.startswith("Posts of the same kinds got")
    assert " in the 28 days before." in verdict.claim
    assert of_part(found, "volume").state != "likely real"
    assert of_total(found).state == "likely real"


def test_one_viral_post_is_no_change() -> None:
    frame = posts(spread=0.3)
    last = frame.with_row_index().filter(pl.col("date") == frame["date"].max())["index"][0]
    viral = frame.with_row_index().with_columns(
        reactions=pl.when(pl.col("index") == last).then(300_000).otherwise(pl.col("reactions"))
    )
    verdict = of_total(asked(viral.drop("index")))
    assert verdict.log_p is not None
    assert verdict.log_p < math.log(0.01)
    assert verdict.state == "could be chance"
    assert "rests on one post" in verdict.detail


def test_with_little_history_nobody_can_say() -> None:
    found = asked(posts(days=80))
    assert found.total.usual is None
    assert {of_part(found, name).state for name in ("volume", "mix", "within")} == {"too few periods to tell"}
    assert show(found, Settings(metric="reactions"))


def test_the_period_of_the_page_last_year_and_another() -> None:
    frame = posts(days=800)
    since = date(2026, 6, 1)
    chosen: dict[str, Any] = {"since": since, "until": since + timedelta(days=13)}
    before = asked(frame, **chosen)
    assert (before.before, before.before_until) == (since - timedelta(days=14), since - timedelta(days=1))
    year = asked(frame, Settings(metric="reactions", against="year"), **chosen)
    assert year.before == since - timedelta(days=364)
    assert year.before.weekday() == since.weekday()
    assert " from 2 Jun 2025 to 15 Jun 2025." in of_total(year).claim
    own = asked(frame, Settings(metric="reactions", against="own", start=date(2025, 3, 3)), **chosen)
    assert own.before == date(2025, 3, 3)
    for settings, words in (
        (Settings(metric="reactions", against="own"), "no first day"),
        (Settings(metric="reactions", against="own", start=since), "reaches into"),
        (Settings(metric="reactions", against="own", start=date(2024, 1, 1)), "before the first post"),
        (Settings(metric="rate"), "do not add up"),
    ):
        with pytest.raises(CannotCompute, match=words):
            asked(frame, settings, **chosen)


def test_a_network_that_counts_something_else_since_is_left_out() -> None:
    frame = posts()
    cut = frame["date"].max() - timedelta(days=27)  # type: ignore[operator]
    anew = (pl.col("platform") == "instagram") & (pl.col("date") >= cut)
    found = asked(frame.with_columns(reactions=pl.when(anew).then(None).otherwise(pl.col("reactions"))))
    assert found.left_out == ("instagram",)
    assert (
        found.total_now == frame.filter((pl.col("date") >= cut) & (pl.col("platform") == "facebook"))["reactions"].sum()
    )
    assert set(found.carriers["platform"]) == {"facebook"}
    assert found.unknown == 0
    said = [b.text for b in show(found, Settings(metric="reactions")) if isinstance(b, Notice)]
    assert said
    assert "Without Instagram" in said[0]


def test_the_brief_and_the_page_say_the_same(sample_engine: Engine) -> None:
    told = standing(sample_engine, Filters())
    assert told is not None
    tile = next(t for t in told.tiles if t.name == "engagements" and "typical" not in t.label)
    found: Change = ask(sample_engine, "change").result
    assert (found.since, found.until, found.before) == (told.since, told.until, told.before)
    assert (found.total_now, found.total_before) == (tile.value, tile.before)
    assert found.total.usual is not None
    assert tile.high == pytest.approx(math.expm1(found.total.usual.reach), rel=1e-9)


def test_a_period_of_the_page_reaches_back_beyond_itself(sample_engine: Engine) -> None:
    """The filter is on the posts of the page; the posts before them and the days chosen come through the context."""
    panel = sample_engine.registry.panel("change")
    chosen = filters.of(Period(since=date(2026, 6, 1), until=date(2026, 6, 14)), OneOf("platform", ("facebook",)))
    done = sample_engine.answer(Request(panel="change", params=panel.params(), filters=chosen))
    assert isinstance(done, Done)
    found: Change = done.result
    assert (found.since, found.until, found.before) == (date(2026, 6, 1), date(2026, 6, 14), date(2026, 5, 18))
    posts = sample_engine.dataset.scan().filter(pl.col("platform") == "facebook")
    for first, last, total in (
        (found.since, found.until, found.total_now),
        (found.before, found.before_until, found.total_before),
    ):
        day = pl.col("published").dt.convert_time_zone("Europe/London").dt.date().is_between(first, last)
        sums = posts.filter(day).select(pl.sum_horizontal("reactions", "comments", "shares").sum()).collect().item()
        assert total == sums
    assert found.total.usual is not None


def test_other_weekdays_are_said() -> None:
    found = asked(posts(days=200), Settings(metric="reactions", against="own", start=date(2025, 3, 4)))
    said = " ".join(b.text for b in show(found, Settings()) if isinstance(b, Notice))
    assert ("same weekday" in said) == (found.since.weekday() != 1)


def test_the_page_has_its_verdict_first_and_a_table_for_each_chart() -> None:
    blocks = list(walk(show(asked(posts()), Settings(metric="reactions"))))
    assert isinstance(blocks[0], Verdict)
    charts = [b for b in blocks if isinstance(b, Chart)]
    assert [c.table.name for c in charts] == ["parts", "by_account_name", "by_platform", "by_post_type"]
    parts = charts[0].table.rows
    assert parts["amount"][:3].sum() == pytest.approx(parts["amount"][3])


def test_no_level_or_no_metric_is_no_crash() -> None:
    frame = posts().drop("account_name", "platform", "post_type", "text")
    schema = Schema(columns=(Column(name="reactions", label="Reactions", kind="metric"),), posts=1)
    context = Context(schema=schema, first_day=frame["date"].min(), last_day=frame["date"].max())  # type: ignore[arg-type]
    found = compute(frame.lazy(), Settings(metric="reactions"), context)
    assert found.mix.amount == pytest.approx(0, abs=1e-6)
    assert found.levels.is_empty()
    assert found.accounts == 0
    assert show(replace(found, unknown=1), Settings(metric="reactions"))
    with pytest.raises(CannotCompute, match="no metric"):
        compute(frame.lazy(), Settings(), context)
