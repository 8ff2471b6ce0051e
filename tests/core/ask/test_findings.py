"""What the panels ask by themselves, judged together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from postlens.app.web.brief.cards import _nothing
from postlens.core.ask import findings
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.ask.findings import gather
from postlens.core.contract.verdict import Verdict


def posts(gain: float, seed: int = 0, n: int = 1500) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    kinds = rng.choice(["Photo", "Video"], n)
    values = rng.poisson(np.exp(rng.normal(4, 0.7, n)) * np.where(kinds == "Photo", gain, 1.0))
    day = np.sort(rng.integers(0, 360, n))
    when = [f"2025-{1 + d // 30:02}-{1 + d % 28:02} {rng.integers(7, 22):02}:15" for d in day]
    return pl.DataFrame(
        {"Publish time": when, "Type": kinds, "Account": rng.choice(["a", "b"], n), "Reactions": values}
    )


def test_what_is_planted_is_found_and_leads_to_its_page(engine_for: Callable[..., Engine]) -> None:
    found = gather(engine_for(posts(1.6)), Filters())
    assert {f.verdict.level for f in found.found} == {"photo", "video"}
    first = found.found[0]
    assert (first.panel, first.request.params.model_dump()["level"]) == ("hypothesis", first.verdict.level)
    assert 1 / 1.9 < min(f.verdict.estimate for f in found.found if f.verdict.estimate) < 1 / 1.35
    assert found.asked == len(found.found) + len(found.also)


def test_where_nothing_is_real_nothing_stands_out(engine_for: Callable[..., Engine]) -> None:
    assert not gather(engine_for(posts(1.0)), Filters()).found


@pytest.mark.slow
def test_a_panel_that_fails_costs_its_own_answers_only(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts(1.6))
    panels = dict(engine.registry.panels)

    def broken(_schema: object) -> list[object]:
        raise RuntimeError("deliberate")

    panels["eda"] = replace(panels["eda"], questions=broken)
    engine.registry = replace(engine.registry, panels=panels)
    found = gather(engine, Filters())
    assert found.found
    assert found.lost == (panels["eda"].title,)


@pytest.mark.slow
def test_a_panel_that_hangs_costs_its_own_answers_only(
    engine_for: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "_QUESTION_SECONDS", 3.0)
    engine = engine_for(posts(1.6))
    panels = dict(engine.registry.panels)
    asked = panels["hypothesis"]

    def stuck(_result: object) -> list[Verdict]:
        while True:
            pass

    slow = replace(asked, id="slow", title="Slow", findings=stuck)
    engine.registry = replace(engine.registry, panels={"slow": slow, **panels})
    found = gather(engine, Filters())
    assert found.lost == ("Slow",)
    assert found.found


@pytest.mark.slow
def test_false_discoveries_are_counted_over_everything_asked(engine_for: Callable[..., Engine]) -> None:
    found = gather(engine_for(posts(1.12)), Filters())
    for one in (*found.found, *found.also):
        assert one.log_q >= (one.verdict.log_p or 0.0) - 1e-12
    assert all(one.log_q <= math.log(0.05) for one in found.found)


def test_nobody_waiting_stops_it(engine_for: Callable[..., Engine]) -> None:
    from postlens.core.contract.problems import Cancelled

    with pytest.raises(Cancelled):
        gather(engine_for(posts(1.0)), Filters(), cancelled=lambda: True)


@pytest.mark.parametrize("field", ["questions", "findings"])
def test_questions_and_findings_of_another_kind_are_said(
    engine_for: Callable[..., Engine], caplog: pytest.LogCaptureFixture, field: str
) -> None:
    """Settings as dictionaries, or sentences for verdicts, were passed over in silence."""
    engine = engine_for(posts(1.6, n=200))
    panels = dict(engine.registry.panels)
    wrong: dict[str, Any] = {field: lambda _given: [{"metric": "reactions"}]}
    panels["hypothesis"] = replace(panels["hypothesis"], **wrong)
    engine.registry = replace(engine.registry, panels=panels)
    assert panels["hypothesis"].title in gather(engine, Filters()).lost
    assert f"{field} returned a dict" in caplog.text


def test_questions_without_end_are_lost_and_take_no_memory(
    engine_for: Callable[..., Engine], caplog: pytest.LogCaptureFixture
) -> None:
    engine = engine_for(posts(1.6, n=200))
    panels = dict(engine.registry.panels)
    params = panels["hypothesis"].params
    endless: Any = lambda _schema: iter(params, None)  # noqa: E731 - typed, for it breaks the promise
    panels["hypothesis"] = replace(panels["hypothesis"], questions=endless)
    engine.registry = replace(engine.registry, panels=panels)
    assert panels["hypothesis"].title in gather(engine, Filters()).lost
    assert f"more than {findings.MAX_QUESTIONS} settings" in caplog.text


def test_where_no_panel_asks_that_is_no_lack_of_posts(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts(1.0, n=200))
    panels = {n: replace(p, questions=None) for n, p in engine.registry.panels.items()}
    engine.registry = replace(engine.registry, panels=panels)
    found = gather(engine, Filters())
    assert found.questions == 0
    assert _nothing(found) == "No page of this deployment asks anything by itself."
