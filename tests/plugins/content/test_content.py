"""What to say: words that were planted and only those, luck taken out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from postlens import Chart, Notice, Verdict
from postlens.core.ask.engine import Engine
from postlens.core.contract.blocks import walk
from postlens.plugins.content.compute import Said
from postlens.plugins.content.settings import Settings
from postlens.plugins.content.view import show
from postlens.plugins.content.words import frequent, having, words_of
from scripts import sayings
from tests.conftest import ask

WORDS = ("alder", "birch", "cedar", "maple", "beech", "larch", "hazel", "rowan", "aspen", "linden", "poplar", "willow")


def posts(gain: float = 1.0, seed: int = 1, number: int = 1500) -> pl.DataFrame:
    """Captions of random words; posts with the hashtag #giveaway get more, and mostly say birch, too."""
    rng = np.random.default_rng([91, seed])
    day = rng.integers(0, 250, number)
    gives = rng.random(number) < 0.2
    texts = []
    for i in range(number):
        said = list(rng.choice(WORDS, 3, replace=False))
        if gives[i] and rng.random() < 0.6 and "birch" not in said:
            said.append("birch")
        texts.append(" ".join(said) + (" #Giveaway" if gives[i] else "") + f" {i}")
    start = datetime(2025, 1, 6, 9, tzinfo=UTC)
    return pl.DataFrame(
        {
            "Post ID": [str(10_000 + i) for i in range(number)],
            "Account": [f"a{i % 3}" for i in range(number)],
            "Type": rng.choice(["Photo", "Video"], number),
            "Caption": texts,
            "Publish time": [(start + timedelta(days=int(d))).strftime("%Y-%m-%dT%H:%M:%SZ") for d in day],
            "Likes": rng.poisson(np.exp(rng.normal(5, 0.6, number)) * np.where(gives, gain, 1.0)),
        }
    )


def found(engine: Engine, **settings: object) -> Said:
    result: Said = ask(engine, "content", **settings).result
    return result


def test_the_word_that_matters_is_found_and_not_the_one_beside_it(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts(1.7)))
    real = result.words.filter(pl.col("state") == "likely real")["word"].to_list()
    assert real == ["#giveaway"]
    row = result.words.row(by_predicate=pl.col("word") == "#giveaway", named=True)
    assert row["alone"] == pytest.approx(1.7, rel=0.12)
    assert 1.3 < row["effect"] <= row["alone"]
    first = show(result, Settings())[0]
    assert isinstance(first, Verdict)
    assert "“#giveaway” get" in first.claim
    (chart,) = [b for b in walk(list(show(result, Settings()))) if isinstance(b, Chart)]
    assert chart.takeaway.startswith("“#giveaway” is highest")


def test_of_words_that_do_not_matter_none_is_ranked(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts(1.0, seed=2)))
    blocks = list(show(result, Settings()))
    assert [b.claim for b in blocks if isinstance(b, Verdict)] == [
        "No word or hashtag clearly goes with more or less reactions."
    ]
    assert not [b for b in walk(blocks) if isinstance(b, Chart)]
    assert any(isinstance(b, Notice) and "No ranking" in b.title for b in blocks)


def test_only_hashtags_or_only_words(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts())
    assert found(engine, what="hashtags").words["word"].to_list() == ["#giveaway"]
    assert set(found(engine, what="words").words["word"]) == set(WORDS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("New Coffee, new coffee! https://new.example/coffee", ["new", "coffee"]),
        ("Thanks @coffee.house for #Coffee＃new", ["#coffee", "#new", "thanks", "for"]),
        ("L’été c'est là", ["l’été", "c'est"]),
        ("新しいコーヒー #珈琲", ["#珈琲", "新しいコーヒー"]),
        ("<b>=cmd|x</b> 123 ab", ["cmd"]),
        ("", []),
    ],
)
def test_words_of_a_caption(text: str, words: list[str]) -> None:
    told = pl.DataFrame({"text": [text]}).select(words_of(pl.col("text"), "both").alias("w"))["w"].to_list()[0]
    assert told == words


def test_rare_words_and_those_of_few_texts_are_not_asked_about() -> None:
    rows = [["seldom"]] * 10 + [["again"]] * 40 + [["often"]] * 40
    texts = [f"t{i}" for i in range(10)] + ["the same"] * 40 + [f"u{i}" for i in range(40)]
    table = pl.DataFrame({"row": range(90), "text": texts, "words": rows})
    assert frequent(table)["word"].to_list() == ["often"]
    codes = having(table, pl.Series(["often", "again"]))
    assert (codes[:, 0] == 0).sum() == 40
    assert codes[60].tolist() == [0, 1]


@pytest.mark.slow
def test_words_of_texts_posted_again_are_no_new_evidence() -> None:
    """In nine of ten such histories some word was called real, where errors were taken between posts."""
    made = [sayings.posted_again(np.random.default_rng([34, i]), 600, 1, 40) for i in range(30)]
    assert sum("likely real" in sayings.asked(one).words["state"].to_list() for one in made) <= 3
