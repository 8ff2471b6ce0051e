"""A visit's chance of a false verdict is shared among everything that pages offer."""

from __future__ import annotations

import pytest

from postlens.core.ask.settings import resolve
from postlens.core.contract.schema import Column, Schema
from postlens.core.stats import MAIN_METRICS, main_metric, share_of_visit
from postlens.plugins.eda.compute import Settings as Explore
from postlens.plugins.hypothesis.settings import Settings as Hypothesis

GROUPINGS = ("post_type", "weekday", "hour", "campaign", "has_link")


def schema(*metrics: str, unknown: tuple[str, ...] = ()) -> Schema:
    columns = [Column(name=m, label=m, kind="metric", known=0 if m in unknown else 9) for m in metrics]
    columns += [Column(name=g, label=g, kind="category", levels=("a", "b")) for g in GROUPINGS]
    return Schema(columns=tuple(columns), posts=9)


@pytest.mark.parametrize("count", [1, 2, 6, 12])
def test_all_questions_together_take_no_more_than_six_in_a_hundred(count: int) -> None:
    metrics = ("reactions", *(f"m{i}" for i in range(count - 1)))
    asked = schema(*metrics)
    shares = [share_of_visit(m, g, asked) for m in metrics for g in GROUPINGS]
    assert sum(shares) == pytest.approx(0.06)
    assert min(shares) > 0


def test_the_metric_that_pages_open_with_takes_most() -> None:
    asked = schema("comments", "reactions", "shares")
    assert main_metric(asked) == "reactions"
    assert share_of_visit("reactions", "post_type", asked) > 3 * share_of_visit("comments", "post_type", asked)
    assert share_of_visit("reactions", "post_type", asked) > 3 * share_of_visit("reactions", "weekday", asked)


@pytest.mark.parametrize(
    "metrics", [("comments", "reactions"), ("comments", "views", "engagements"), ("saves", "shares")]
)
def test_pages_open_with_the_metric_that_has_the_largest_share(metrics: tuple[str, ...]) -> None:
    asked = schema(*metrics)
    for settings in (Explore(), Hypothesis()):
        opened, _ = resolve(settings, asked)
        assert opened.model_dump()["metric"] == main_metric(asked)


def test_a_metric_that_no_post_has_is_not_the_main_one() -> None:
    asked = schema("reactions", "views", unknown=("reactions",))
    assert main_metric(asked) == "views"
    assert set(MAIN_METRICS) >= {"reactions", "views"}
