"""Measures: an agency's own numbers, from a formula or a plugin, that every panel can pick."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlens.core.contract import Measure
from postlens.core.contract.formula import fraction, parse
from postlens.core.contract.problems import PostlensError
from postlens.core.data.dataset import Dataset
from tests.broken import plugin
from tests.conftest import ask

ROWS = pl.DataFrame(
    {
        "Post ID": [f"p{i}" for i in range(6)],
        "Type": ["photo", "photo", "video", "video", "photo", "video"],
        "Caption": ["one", "two", "three", "four", "five", "six"],
        "Reactions": [10, 20, 30, 40, None, 60],
        "Comments": [1, 2, 3, 4, 5, 6],
        "Reach": [100, 0, 300, None, 500, 600],
    }
)


def value(text: str, **row: float | None) -> float | None:
    read = parse(text)
    whole = read.value if read.denominator is None else fraction(read.value, read.denominator)
    frame = pl.DataFrame(row, schema=dict.fromkeys(row, pl.Float64), orient="row" if not row else None)
    return frame.select(whole.alias("v"))["v"][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a + b) / c", 0.75),
        ("a + b * c", 9.0),
        ("a - b - c", -5.0),
        ("-(a - b)", 1.0),
        ("a / b / c", 0.125),
        ("100 * a / c", 25.0),
        ("total(a, n) / c", 0.25),
        ("a + n", None),
        ("a / n", None),
        ("a / (a - a)", None),
        ("a / (a - b)", None),
        ("least(a, b) + most(b, c)", 5.0),
        ("'b' / c", 0.5),
    ],
)
def test_formulas_are_arithmetic_and_missing_stays_missing(text: str, expected: float | None) -> None:
    """By hand, with a = 1, b = 2, c = 4 and n missing."""
    assert value(text, a=1.0, b=2.0, c=4.0, n=None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.b",
        "a[0]",
        "a ** 2",
        "lambda: a",
        "(a",
        "",
        "1 / 2",
        "a if b else c",
        "sum(a)",
        "'a.b'",
        "a + b  # c",
        f"{'9' * 400} * a",
        "a / (b / (c / (d / (e / (f / (g / h))))))",
        "True + a",
        "a; b",
        "total()",
        "a" * 600,
        "(" * 300 + "a" + ")" * 300,
    ],
)
def test_what_is_no_formula_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(PostlensError, match="not a formula"):
        parse(text)


@given(st.text(max_size=60))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    with suppress(PostlensError):
        read = parse(text)
        assert read.value.meta.root_names() or read.denominator is not None


def test_a_measure_of_the_config_can_be_picked_everywhere(workspace_for: Callable[..., Any], tmp_path: Any) -> None:
    ROWS.write_csv(tmp_path / "posts.csv")
    config = """
[measures]
engagement_rate = "(reactions + comments) / reach"
talk = { formula = "comments / reactions", label = "Talk", format = "percent", unit = "per reaction" }
"""
    workspace = workspace_for(config, data=str(tmp_path / "posts.csv"))
    schema = workspace.engine.schema()
    assert (schema["engagement_rate"].label, schema["engagement_rate"].kind) == ("Engagement rate", "rate")
    assert schema["talk"].percent
    assert set(schema["engagement_rate"].made_of) == {"reactions", "comments", "reach"}
    found = ask(workspace.engine, "eda", metric="engagement_rate").result
    row = found.summary.filter(pl.col("metric") == "engagement_rate").row(0, named=True)
    # By hand: posts 1, 3 and 6 have all three and a reach above 0: 11/100, 33/300, 66/600.
    assert row["n"] == 3
    assert row["mean"] == pytest.approx(0.11)
    # Pooled: (11 + 33 + 66) / (100 + 300 + 600).
    assert found.pooled == pytest.approx(0.11)


def test_pooled_and_mean_of_rates_are_told_apart(open_posts: Callable[..., Dataset]) -> None:
    """One small post at 50 % and one large at 1 %: the mean of the rates is 25.5 %, pooled it is 60 of 1,100."""
    from postlens.plugins.eda.compute import _pooled, _rate

    table = pl.DataFrame({"Post ID": ["a", "b"], "Reactions": [50, 10], "Comments": [0, 0], "Reach": [100, 1000]})
    posts = open_posts(table)
    rate = posts.schema["er_reach"]
    assert posts.scan().select(pl.col("er_reach").mean()).collect().item() == pytest.approx(0.255)
    assert _rate(_pooled(posts.scan(), rate).collect()) == pytest.approx(60 / 1100)
    assert _rate(_pooled(posts.scan(), posts.schema["reactions"]).collect()) is None


def test_measures_that_the_data_cannot_give_are_left_out_and_said(open_posts: Callable[..., Dataset]) -> None:
    made = [
        Measure(api=2, id="a", label="A", value=pl.col("saves")),
        Measure(api=2, id="b", label="B", value=pl.col("text")),
        Measure(api=2, id="c", label="C", value=pl.col("reactions").str.to_lowercase()),
        Measure(api=2, id="d", label="D", value=pl.col("reactions") * 2),
        Measure(api=2, id="e", label="E", value=pl.col("d") + 1),
    ]
    posts, problems = open_posts(ROWS).with_measures(made)
    assert [m.id for m in posts.measures] == ["d", "e"]
    said = [str(p) for p in problems]
    assert 'needs "saves"' in said[0]
    assert "A measure is a number; its value is String" in said[1]
    assert len(said) == 3
    assert posts.scan().select("e").collect()["e"].to_list() == [21, 41, 61, 81, None, 121]


def test_a_wrong_measure_is_said_with_its_line(workspace_for: Callable[..., Any]) -> None:
    with pytest.raises(PostlensError) as caught:
        workspace_for('[measures]\nbad = "reactions +"\n')
    assert "config.toml line 2" in str(caught.value)
    assert "not a formula" in str(caught.value)
    workspace = workspace_for('[measures]\nreach = "reactions"\nno = "nothing_here / 2"\n', lenient=True)
    said = [str(p) for p in (*workspace.problems, *workspace.lacking)]
    assert 'line 2: The measure "reach" has the name of something else.' in said[0]
    assert 'needs "nothing_here"' in said[1]
    with pytest.raises(PostlensError):
        workspace_for('[measures]\nno = "nothing_here / 2"\n', strict=True)


@pytest.mark.slow
def test_another_formula_is_another_answer(workspace_for: Callable[..., Any]) -> None:
    one = workspace_for('[measures]\nkpi = "reactions / 2"\n').engine
    two = workspace_for('[measures]\nkpi = "reactions / 4"\n').engine
    request = ask(one, "eda", metric="kpi")
    assert request.result.metric == "kpi"
    first, second = (
        ask(e, "eda", metric="kpi").result.summary.filter(pl.col("metric") == "kpi")["mean"].item() for e in (one, two)
    )
    assert first == pytest.approx(2 * second)


@pytest.mark.slow
def test_a_measure_of_a_plugin_and_its_circularity(workspace_for: Callable[..., Any]) -> None:
    """Clusters made from reactions against a measure made of reactions: circular, like reactions themselves."""
    extra = """
from postlens import Measure
@hookimpl
def postlens_measures():
    return [Measure(api=2, id="half", label="Half", value=pl.col("reactions") / 2)]
"""
    workspace = workspace_for('[plugins]\nfiles = ["mine.py"]\n', {"mine.py": plugin("mine", extra=extra)})
    found = ask(workspace.engine, "hypothesis", metric="half", group="cluster")
    assert found.result.shared
