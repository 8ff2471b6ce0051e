"""The register of plans: lines are only added, what is changed by hand shows, the first reading stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from postlens.core.ask import register as registers
from postlens.core.ask.register import Register
from postlens.core.contract.blocks import Plan
from postlens.core.contract.problems import PostlensError

PLAN = Plan(title="video and photo by reactions.", mark="ab12", first=date(2026, 3, 2), read=date(2026, 4, 1))
NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "store" / "register.jsonl")


def test_a_plan_is_kept_as_it_was_registered_first(register: Register) -> None:
    assert register.entries() == ([], True)
    assert register.version == ""
    entry = register.add("planner", "?set.weeks=4", PLAN, NOW)
    again = register.add("planner", "?set.weeks=4", replace(PLAN, title="another"), datetime(2026, 3, 9, tzinfo=UTC))
    assert again == entry
    assert entry.in_time
    assert register.entries() == ([entry], True)
    other = register.add("planner", "?set.weeks=5", replace(PLAN, mark="cd34"), datetime(2026, 3, 3, tzinfo=UTC))
    assert not other.in_time
    assert [e.mark for e in register.entries()[0]] == ["cd34", "ab12"]


def test_what_came_of_a_plan_is_what_was_read_first(register: Register) -> None:
    register.tell("planner", "?", replace(PLAN, outcome="confirmed"), NOW)
    assert register.entries() == ([], True)
    register.add("planner", "?", PLAN, NOW)
    register.tell("planner", "?", PLAN, NOW)
    version = register.version
    readings = [replace(PLAN, outcome="open"), replace(PLAN, outcome="confirmed"), replace(PLAN, outcome="refuted")]
    for day, reading in enumerate(readings, 2):
        register.tell("planner", "?", reading, datetime(2026, 4, day, tzinfo=UTC))
    (entry,), intact = register.entries()
    assert (entry.outcome, entry.outcome_on) == ("open", datetime(2026, 4, 2, tzinfo=UTC))
    assert intact
    assert register.version != version


@pytest.mark.parametrize("change", ["a day", "a line less", "a line more", "nonsense"])
def test_what_is_changed_by_hand_shows(register: Register, change: str) -> None:
    for number in range(4):
        register.add("planner", f"?set.weeks={number}", PLAN, NOW)
    text = register.path.read_text()
    lines = text.splitlines(keepends=True)
    changed = {
        "a day": text.replace("2026-03-02", "2026-03-20", 1),
        "a line less": "".join(lines[1:]),
        "a line more": text + lines[0].replace("weeks=0", "weeks=9"),
        "nonsense": "[1\n" + text,
    }[change]
    register.path.write_text(changed)
    entries, intact = register.entries()
    assert not intact
    assert len(entries) >= 3


def test_the_register_has_an_end(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "MAX_PLANS", 2)
    for number in range(2):
        register.add("planner", f"?{number}", PLAN, NOW)
    with pytest.raises(PostlensError, match="has 2 plans"):
        register.add("planner", "?3", PLAN, NOW)
    with pytest.raises(PostlensError, match="too long"):
        register.add("planner", "?" + "x" * 9_000, PLAN, NOW)


def test_many_at_once_lose_nothing(register: Register) -> None:
    """Two registers of one file, as two processes have."""
    both = (register, Register(register.path))
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda n: both[n % 2].add("planner", f"?set.weeks={n}", PLAN, NOW), range(150)))
    entries, intact = register.entries()
    assert len(entries) == 150
    assert intact
