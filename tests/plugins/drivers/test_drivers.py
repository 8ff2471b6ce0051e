"""What drives it: what was planted and only that, what goes together, and what is said where nothing can be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from postlens import Chart, Column, Notice, Schema, Table, Verdict, caption_features
from postlens.core.ask.engine import Engine
from postlens.core.ask.outcome import Refused
from postlens.core.ask.request import Request
from postlens.core.contract.blocks import walk
from postlens.plugins.drivers.compute import Drivers, Settings
from postlens.plugins.drivers.view import show
from tests.conftest import ask


def posts(question: float = 1.0, video: float = 1.0, seed: int = 1, number: int = 1600) -> pl.DataFrame:
    """Videos ask more often; what a question and a video gain is planted."""
    rng = np.random.default_rng([72, seed])
    day, is_video = rng.integers(0, 280, number), rng.random(number) < 0.5
    asks = rng.random(number) < np.where(is_video, 0.7, 0.2)
    gain = np.where(asks, question, 1.0) * np.where(is_video, video, 1.0)
    start = datetime(2025, 1, 6, 9, tzinfo=UTC)
    return pl.DataFrame(
        {
            "Post ID": [str(10_000 + i) for i in range(number)],
            "Account": [f"a{i % 3}" for i in range(number)],
            "Type": np.where(is_video, "Video", "Photo"),
            "Caption": [f"A text about number {i}{'?' if ask else '.'}" for i, ask in enumerate(asks)],
            "Publish time": [(start + timedelta(days=int(d))).strftime("%Y-%m-%dT%H:%M:%SZ") for d in day],
            "Likes": rng.poisson(np.exp(rng.normal(5, 0.6, number)) * gain),
        }
    )


def found(engine: Engine, **settings: object) -> Drivers:
    result: Drivers = ask(engine, "drivers", **settings).result
    return result


def states(result: Drivers) -> dict[str, str]:
    return {compared.by.name: compared.state for compared in result.compared}


def test_a_type_that_only_looks_better_is_told_from_what_is_behind_it(engine_for: Callable[..., Engine]) -> None:
    """Questions get 60 % more and videos nothing; videos ask more often, so that alone they look better."""
    result = found(engine_for(posts(question=1.6)))
    at = {c.by.name: i for i, c in enumerate(result.compared)}
    types = result.compared[at["post_type"]]
    video = next(i for i, one in enumerate(types.levels) if one.level == "video")
    assert result.alone[at["post_type"]][video] > 0.12
    assert abs(types.levels[video].effect.estimate) < 0.1
    assert states(result)["caption_question"] == "likely real"
    assert states(result)["post_type"] != "likely real"
    first = show(result, Settings())[0]
    assert isinstance(first, Verdict)
    assert first.by == "caption_question, all else equal"
    assert first.claim.startswith("All else here equal, ")
    assert first.estimate == pytest.approx(1.6, rel=0.15)
    (chart,) = [b for b in walk(show(result, Settings())) if isinstance(b, Chart) and "against" in b.title]
    assert "alone is" in chart.takeaway


def test_where_nothing_is_planted_nothing_is_found_and_it_is_said(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts(seed=3)))
    assert "likely real" not in states(result).values()
    (verdict,) = [b for b in show(result, Settings()) if isinstance(b, Verdict)]
    assert verdict.claim.startswith("None of what is known")
    assert "Question in the caption" in verdict.detail


def test_two_levels_are_one_question(engine_for: Callable[..., Engine]) -> None:
    """The first is drawn and said, the second stands in the table alone."""
    blocks = list(walk(show(found(engine_for(posts(question=1.6))), Settings())))
    said = [b for b in blocks if isinstance(b, Verdict)]
    assert [v.level for v in said if v.by.startswith("caption_question")] == ["with a question"]
    (chart,) = [b for b in blocks if isinstance(b, Chart) and "against" in b.title]
    assert chart.table.rows.filter(pl.col("factor") == "Question in the caption").height == 1
    (table,) = [b for b in blocks if isinstance(b, Table)]
    assert table.rows.filter(pl.col("factor") == "Question in the caption").height == 2


def test_what_always_goes_together_is_said(engine_for: Callable[..., Engine]) -> None:
    table = posts().with_columns(
        Campaign=pl.when(pl.col("Type") == "Video").then(pl.lit("Spring")).otherwise(pl.lit("None"))
    )
    result = found(engine_for(table))
    (said,) = [b.text for b in show(result, Settings()) if isinstance(b, Notice)]
    assert "cannot be told apart" in said
    assert states(result)["post_type"].startswith("too few")


def test_a_metric_below_zero_is_compared_as_counted(engine_for: Callable[..., Engine]) -> None:
    table = posts(video=3.0).with_columns(Follows=pl.col("Likes").cast(pl.Int64) - 60)
    result = found(engine_for(table), metric="follows")
    assert result.scale == "raw"
    first = show(result, Settings())[0]
    assert isinstance(first, Verdict)
    assert first.scale == "difference"


def test_posts_that_differ_in_nothing_are_refused_with_a_sentence(engine_for: Callable[..., Engine]) -> None:
    table = posts().with_columns(Type=pl.lit("Photo")).drop("Caption")
    table = table.with_columns(pl.col("Publish time").str.slice(0, 10).str.replace(".*", "2025-03-03"))
    engine = engine_for(table)
    request = Request(panel="drivers", params=Settings(metric="reactions"))
    done = engine.answer(request)
    assert isinstance(done, Refused)
    assert done.reason.startswith("Of nothing that is known of these posts")


def test_against_the_most_frequent_which_is_no_row_itself(engine_for: Callable[..., Engine]) -> None:
    table = posts(video=1.5).with_columns(
        Type=pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.lit("Link")).otherwise(pl.col("Type"))
    )
    result = found(engine_for(table), against="usual")
    types = next(c for c in result.compared if c.by.name == "post_type")
    assert len(types.levels) == 2
    assert len({one.against for one in types.levels}) == 1
    assert {one.level for one in types.levels} | {types.levels[0].against} == {"photo", "video", "link"}
    (chart,) = [b for b in walk(list(show(result, Settings()))) if isinstance(b, Chart) and "against" in b.title]
    assert "the most frequent of its kind" in chart.title


def test_the_strongest_are_drawn_whatever_the_order_of_the_file(engine_for: Callable[..., Engine]) -> None:
    """Adjusted p-values are mostly 1 and say nothing of an order."""
    table = posts(question=1.5).with_columns(
        Campaign=pl.Series([f"wave {i % 11}" for i in range(1600)]),
        Series=pl.Series([f"s{i % 9}" for i in range(1600)]),
    )
    (chart,) = [
        b
        for b in walk(list(show(found(engine_for(table)), Settings())))
        if isinstance(b, Chart) and "against" in b.title
    ]
    assert "Question in the caption" in chart.table.rows["factor"].to_list()


def test_few_posts_are_said_to_be_few(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts().head(8))
    done = engine.answer(Request(panel="drivers", params=Settings(metric="reactions")))
    assert isinstance(done, Refused)
    assert done.reason == "8 posts with reactions: it takes 12."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Do you like it? https://x.example/?a=1#b and more",
            [
                "41 to 125 characters",
                "no hashtags",
                "with a question",
                "without emoji",
                "without a mention",
                "with a link in the text",
            ],
        ),
        (
            "See https://x.example/?q=2",
            [
                "1 to 40 characters",
                "no hashtags",
                "without a question",
                "without emoji",
                "without a mention",
                "with a link in the text",
            ],
        ),
        (
            "#one #2 #drei ＃四 text",
            [
                "1 to 40 characters",
                "3 to 5 hashtags",
                "without a question",
                "without emoji",
                "without a mention",
                "without a link in the text",
            ],
        ),
        (
            "Mail a@b.example or ask @us ❤️",
            [
                "1 to 40 characters",
                "no hashtags",
                "without a question",
                "with emoji",
                "with a mention",
                "without a link in the text",
            ],
        ),
        (
            "何時ですか？",
            [
                "1 to 40 characters",
                "no hashtags",
                "with a question",
                "without emoji",
                "without a mention",
                "without a link in the text",
            ],
        ),
        (
            "5 © 2025 ™",
            [
                "1 to 40 characters",
                "no hashtags",
                "without a question",
                "without emoji",
                "without a mention",
                "without a link in the text",
            ],
        ),
        (
            "🎉" * 301,
            [
                "over 300 characters",
                "no hashtags",
                "without a question",
                "with emoji",
                "without a mention",
                "without a link in the text",
            ],
        ),
        (
            "",
            [
                "no text",
                "no hashtags",
                "without a question",
                "without emoji",
                "without a mention",
                "without a link in the text",
            ],
        ),
        (None, [None] * 6),
    ],
)
def test_what_a_caption_is_like(text: str | None, told: list[str | None]) -> None:
    schema = Schema(columns=(Column(name="text", label="Text", kind="text"),), posts=1)
    features = caption_features(schema)
    row = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(
        feature.expression.alias(feature.column.name) for feature in features
    )
    assert list(row.row(0)) == told
    for feature, level in zip(features, told, strict=True):
        assert level is None or level in feature.column.levels
