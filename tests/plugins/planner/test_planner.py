"""What a test takes, its calendar, and what came of it: nothing before it is over."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from postlens import Link, Notice, Plan, Text, Verdict
from postlens.core.ask.engine import Engine
from postlens.core.contract.blocks import walk
from postlens.core.stats.usual import YOUNG_DAYS
from postlens.plugins.planner.calendar import calendar, fingerprint
from postlens.plugins.planner.compute import Planned
from postlens.plugins.planner.history import Pace
from postlens.plugins.planner.settings import Settings
from postlens.plugins.planner.view import show
from tests.conftest import ask

START = date(2025, 9, 1)
PLAN = {"metric": "reactions", "group": "post_type", "level": "video", "against": "photo", "start": START}


def history(rng: np.random.Generator, accounts: int = 2, per_day: int = 1) -> list[tuple[str, datetime, str, float]]:
    """Half a year of posts whose level wanders; neighbours differ by ln-normal luck of 0.6."""
    rows = []
    for account in range(accounts):
        level = 5 + account + np.cumsum(rng.normal(0, 0.05, 190))
        for day in range(183 * per_day):
            at = datetime(2025, 3, 1, 10 + day % per_day, tzinfo=UTC) + timedelta(days=day // per_day)
            rows.append(
                (f"a{account}", at, str(rng.choice(["Video", "Photo"])), level[day // per_day] + rng.normal(0, 0.6))
            )
    return rows


def as_posts(rows: list[tuple[str, datetime, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Post ID": [str(10_000 + i) for i in range(len(rows))],
            "Account": [row[0] for row in rows],
            "Type": [row[2] for row in rows],
            "Publish time": [row[1].strftime("%Y-%m-%dT%H:%M:%SZ") for row in rows],
            "Likes": [round(math.exp(row[3])) for row in rows],
        }
    )


def planned(engine: Engine, **settings: object) -> Planned:
    result: Planned = ask(engine, "planner", **(PLAN | settings)).result
    return result


def followed(
    rng: np.random.Generator, slots: pl.DataFrame, gain: float, *, swapped: float = 0.0
) -> list[tuple[str, datetime, str, float]]:
    """Posts as the calendar says, some of the other kind."""
    rows = []
    for slot in slots.iter_rows(named=True):
        kind = slot["post"]
        if rng.random() < swapped:
            kind = "photo" if kind == "video" else "video"
        value = 5 + int(slot["account"][1]) + math.log(gain) * (kind == "video") + rng.normal(0, 0.6)
        rows.append((slot["account"], slot["starts"], kind.title(), value))
    return rows


def test_what_it_takes_is_what_the_spread_of_neighbours_says(engine_for: Callable[..., Engine]) -> None:
    result = planned(engine_for(as_posts(history(np.random.default_rng(1)))))
    assert result.sd == pytest.approx(0.6 * math.sqrt(2), rel=0.08)
    assert result.pace == pytest.approx(14, abs=0.5)
    by_rule = (1.96 + 0.84) ** 2 * result.sd**2 / math.log(1.3) ** 2
    assert result.needed == pytest.approx(by_rule, rel=0.05)
    assert result.pairs == 8 * 14 // 2
    text = next(b for b in show(result, Settings(**PLAN)) if isinstance(b, Text))
    assert text.title.startswith("To see 30 % more takes about ")
    assert text.title.endswith(" at 14 a week.")


def test_the_calendar_is_balanced_and_holds_when_posts_come_in(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(2)
    before = history(rng)
    first = planned(engine_for(as_posts(before)))
    slots = first.slots
    assert slots.group_by("pair").agg(pl.col("post").n_unique(), pl.col("account").n_unique()).select(
        pl.col("post").min(), pl.col("account").max()
    ).row(0) == (2, 1)
    assert (slots["post"] == "video").sum() * 2 == slots.height
    firsts = slots.sort("starts").group_by("pair", maintain_order=True).first()["post"]
    assert 0.3 < (firsts == "video").mean() < 0.7  # type: ignore[operator]
    assert slots["day"].min() == START
    later = planned(engine_for(as_posts(before + followed(rng, slots.head(30), 1.0))))
    assert later.slots.equals(slots)
    assert later.fingerprint == first.fingerprint
    assert later.sd == first.sd


def test_while_it_runs_only_the_number_of_posts_is_said(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(3)
    before = history(rng)
    slots = planned(engine_for(as_posts(before))).slots
    result = planned(engine_for(as_posts(before + followed(rng, slots.head(60), 3.0))))
    assert result.outcome is not None
    assert (result.outcome.kept, result.outcome.as_said, result.outcome.over) == (60, 60, False)
    assert result.outcome.planned is None
    blocks = show(result, Settings(**PLAN))
    assert not [b for b in walk(list(blocks)) if isinstance(b, Verdict)]
    assert isinstance(blocks[0], Notice)
    assert blocks[0].title == "The test is running"


def test_when_it_is_over_it_is_read_as_planned_and_as_done(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(4)
    before = history(rng)
    slots = planned(engine_for(as_posts(before))).slots
    late = [("a0", datetime(2025, 12, 20, 10, tzinfo=UTC), "Photo", 5.0)]
    kept = planned(engine_for(as_posts(before + followed(rng, slots, 1.6) + late)))
    assert kept.outcome is not None
    assert kept.outcome.planned is not None
    assert math.exp(kept.outcome.planned.estimate) == pytest.approx(1.6, rel=0.25)
    (verdict,) = [b for b in show(kept, Settings(**PLAN)) if isinstance(b, Verdict)]
    assert verdict.state == "likely real"
    assert verdict.claim.startswith("As planned, typical video posts got ")
    mixed = planned(engine_for(as_posts(before + followed(rng, slots, 1.6, swapped=0.3) + late)))
    both = [b for b in show(mixed, Settings(**PLAN)) if isinstance(b, Verdict)]
    assert [b.by for b in both] == ["post_type, as planned", "post_type, as done"]
    assert mixed.outcome is not None
    assert mixed.outcome.done is not None
    assert mixed.outcome.done.first < kept.outcome.planned.first


@pytest.mark.parametrize(
    ("gain", "swapped", "came"),
    [(1.8, 0.0, "confirmed"), (0.5, 0.0, "refuted"), (1.0, 0.0, "open"), (1.8, 0.7, "open")],
)
def test_the_register_is_told_what_came_of_it(
    engine_for: Callable[..., Engine], gain: float, swapped: float, came: str
) -> None:
    """A calendar of which most slots have the other kind tests nothing, whatever the numbers say."""
    rng = np.random.default_rng(8)
    before = history(rng)
    slots = planned(engine_for(as_posts(before))).slots
    late = [("a0", datetime(2025, 12, 20, 10, tzinfo=UTC), "Photo", 5.0)]
    result = planned(engine_for(as_posts(before + followed(rng, slots, gain, swapped=swapped) + late)))
    blocks = list(show(result, Settings(**PLAN)))
    (plan,) = [b for b in blocks if isinstance(b, Plan)]
    assert (plan.first, plan.mark, plan.outcome) == (START, result.fingerprint, came)
    assert any(isinstance(b, Notice) and b.title == "The calendar was not kept" for b in blocks) is (swapped > 0.5)


def test_the_promised_power_is_reached() -> None:
    """Eight weeks of one account at nine posts a week, on another level each day: luck of 0.7, 40 % more."""
    from postlens import stats

    sd = 0.7 * math.sqrt(2)
    promised = stats.paired_power(36, sd, math.log(1.4))
    seen = 0
    for i in range(600):
        rng = np.random.default_rng([82, i])
        level = np.cumsum(rng.normal(0, 0.05, 36))
        first, second = (np.rint(np.exp(5 + level + gain + rng.normal(0, 0.7, 36))) for gain in (math.log(1.4), 0.0))
        seen += stats.paired(np.log1p(first) - np.log1p(second)).p <= 0.05
    assert seen / 600 == pytest.approx(promised, abs=0.05)


def looks(rng: np.random.Generator, pairs: int, gain: float, tail: float) -> int:
    """After how many pairs a test that is read every five pairs finds something; 0 for never. Luck of 0.9, with heavy tails."""
    from postlens import stats

    found = math.log(gain) + 0.9 * rng.standard_t(tail, pairs) / math.sqrt(tail / (tail - 2))
    for n in (*range(10, pairs, 5), pairs):
        if stats.at_every_look(stats.paired(found[:n]), math.log(1.4)).log_p <= math.log(0.05):
            return n
    return 0


@pytest.mark.parametrize("tail", [4.0, 40.0])
def test_a_test_that_is_read_at_every_look_keeps_its_promises(tail: float) -> None:
    from postlens import stats

    gain = math.log(1.4)
    once, pairs = stats.pairs_needed(0.9, gain), stats.pairs_needed(0.9, gain, looked_for=gain)
    assert once is not None
    assert pairs is not None
    assert once < pairs < 2.2 * once
    by_chance = [looks(np.random.default_rng([83, i]), pairs, 1.0, tail) for i in range(400)]
    assert np.mean(np.array(by_chance) > 0) <= 0.05
    real = [looks(np.random.default_rng([84, i]), pairs, 1.4, tail) for i in range(200)]
    assert np.mean(np.array(real) > 0) >= 0.8
    assert np.median([n for n in real if n]) < once


def test_at_every_look_a_running_test_is_read_and_may_be_decided(engine_for: Callable[..., Engine]) -> None:
    rng = np.random.default_rng(3)
    before = history(rng)
    plan = PLAN | {"looks": "repeated"}
    slots = planned(engine_for(as_posts(before)), looks="repeated").slots
    early = planned(engine_for(as_posts(before + followed(rng, slots.head(60), 3.0))), looks="repeated")
    assert early.outcome is not None
    assert early.outcome.planned is not None
    assert not early.outcome.over
    young = slots.head(60)["day"].max() - timedelta(days=YOUNG_DAYS - 1)  # type: ignore[operator]
    assert early.outcome.planned.posts <= slots.head(60).filter(pl.col("day") < young).height
    blocks = list(show(early, Settings(**plan)))
    (verdict,) = [b for b in walk(blocks) if isinstance(b, Verdict)]
    assert verdict.state == "likely real"
    assert "Holds at every look" in verdict.detail
    (kept,) = [b for b in blocks if isinstance(b, Plan)]
    assert kept.outcome == "confirmed"
    assert "read at every look" in kept.title
    undecided = planned(engine_for(as_posts(before + followed(rng, slots.head(30), 1.0))), looks="repeated")
    (open_,) = [b for b in show(undecided, Settings(**plan)) if isinstance(b, Plan)]
    assert open_.outcome == ""
    assert planned(engine_for(as_posts(before))).fingerprint != early.fingerprint


def test_times_are_the_clients_when_the_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    made = calendar(
        Settings(**(PLAN | {"weeks": 8})), date(2025, 10, 6), [Pace(account="a", week=2, slots=((0, 9), (3, 18)))], zone
    )
    assert set(made["time"]) == {"09:00", "18:00"}
    assert {at.hour for at in made.filter(pl.col("time") == "09:00")["starts"]} == {7, 8}


def test_a_registered_plan_keeps_its_sign_when_settings_are_added() -> None:
    """A new setting at its usual value would part plans from their calendars and from the register."""
    plan = Settings(metric="reactions", group="post_type", level="video", against="photo", start=START)
    assert fingerprint(plan, START, ["a", "b"]) == "3f75255121985dc4"


def test_anything_of_the_plan_changes_its_sign() -> None:
    base = Settings(**PLAN)
    signs = {fingerprint(base, START, ["us"]), fingerprint(base, START + timedelta(days=7), ["us"])}
    changes: tuple[dict[str, object], ...] = (
        {"metric": "likes"},
        {"level": "link"},
        {"more": 31},
        {"weeks": 9},
        {"per_week": 5},
    )
    for change in changes:
        signs.add(fingerprint(Settings(**(PLAN | change)), START, ["us"]))
    signs.add(fingerprint(base, START, ["them"]))  # Two clients' plans had one sign.
    assert len(signs) == 8


def test_a_plan_without_a_first_day_offers_to_fix_it(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(as_posts(history(np.random.default_rng(5))))
    result = planned(engine, start=None)
    # The posts end in August 2025; a calendar of days that are over is of no use.
    assert timedelta(days=1) <= result.start - datetime.now(UTC).date() <= timedelta(days=8)
    assert result.start.weekday() == 0
    (link,) = [b for b in show(result, Settings(**(PLAN | {"start": None}))) if isinstance(b, Link)]
    assert link.settings["start"] == result.start.isoformat()
    assert Settings.model_validate(dict(link.settings)).start == result.start


def test_what_takes_too_long_is_said(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(as_posts(history(np.random.default_rng(6))))
    result = planned(engine, more=5, per_week=1)
    text = next(b for b in show(result, Settings(**(PLAN | {"more": 5, "per_week": 1}))) if isinstance(b, Text))
    assert "takes longer than a year" in text.title
    assert "Plan more weeks" in text.body
