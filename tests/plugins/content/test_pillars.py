"""An agency's own pillars: told by words, compared as everywhere else, kept in the link and the config; topics to name them from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from postlens import CannotCompute, Chart, Context, Verdict, stats
from postlens.app.web.filters.controls import controls
from postlens.core.ask.engine import Engine
from postlens.core.ask.request import Request
from postlens.core.contract.blocks import walk
from postlens.core.contract.problems import PostlensError
from postlens.core.host.config import load
from postlens.plugins import content
from postlens.plugins.content.compute import compute
from postlens.plugins.content.model import Model
from postlens.plugins.content.pillars import pillar_of, pillars_of
from postlens.plugins.content.settings import Settings
from postlens.plugins.content.topics import topics
from postlens.plugins.content.view import show
from tests.conftest import ask
from tests.plugins.content.test_content import WORDS, found, posts

RULES = "Gifts: #giveaway\n# what we do most\nTrees: alder, birch, cedar tree, map*\n"


@pytest.mark.parametrize(
    ("caption", "pillar"),
    [
        ("Our GIVEAWAY", "Gifts"),
        ("＃giveaway of an alder", "Gifts"),
        ("giveaways", "other"),
        ("Alder, at last", "Trees"),
        ("balder", "other"),
        ("the cedar  tree", "Trees"),
        ("cedar", "other"),
        ("Maples", "Trees"),
        ("see https://x.example/alder", "other"),
        ("", "other"),
        (None, None),
    ],
)
def test_the_first_line_that_fits_counts(caption: str | None, pillar: str | None) -> None:
    table = pl.DataFrame({"text": [caption]}, schema={"text": pl.String})
    pillars = pillars_of("Gifts: giveaway\n" + RULES.splitlines()[2])
    assert table.select(pillar_of(pillars).alias("p"))["p"].to_list() == [pillar]


def test_signs_are_words_and_no_patterns() -> None:
    table = pl.DataFrame({"text": ["20 % off", "a.b", "axb", "c++ (new)", "今日のレシピです", "20 % offer"]})
    pillars = pillars_of("Sale: 20 % off\nDot: a.b\nSigns: c++, (new)\n料理: レシピ")
    assert table.select(pillar_of(pillars).alias("p"))["p"].to_list() == [
        "Sale",
        "Dot",
        "other",
        "Signs",
        "料理",
        "other",
    ]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("Recipes", 'line 1, "Recipes", is no pillar'),
        ("A: a\n: b", "line 2"),
        ("A: , *", "line 1"),
        ("Other: a", "line 1"),
        ("\n".join(f"P{i}: w{i}" for i in range(21)), "21 pillars are too many"),
    ],
)
def test_what_is_no_pillar_is_said_with_its_line(rules: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        pillars_of(rules)
    assert pillars_of("") == pillars_of("# nothing yet\n\n") == {}


def test_very_many_words_are_one_search() -> None:
    pillars = pillars_of("\n".join(f"P{i}: " + ", ".join(f"word{i}x{j}" for j in range(20)) for i in range(20)))
    table = pl.DataFrame({"text": ["a word19x19 here"]})
    assert table.select(pillar_of(pillars).alias("p"))["p"].to_list() == ["P19"]


def test_of_pillars_that_do_not_matter_none_is_real(engine_for: Callable[..., Engine]) -> None:
    result = found(engine_for(posts(1.0, seed=5)), pillars=RULES)
    assert result.pillars is not None
    assert "likely real" not in {one.state for one in result.pillars.levels}
    (first, *_) = show(result, Settings())
    assert isinstance(first, Verdict)
    assert first.claim == "No pillar clearly goes with more or less reactions."


def test_a_planted_pillar_is_found(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts(1.7))
    result = found(engine, pillars=RULES)
    assert result.pillars is not None
    gifts = result.pillars.levels[0]
    assert (gifts.level, gifts.state) == ("Gifts", "likely real")
    assert np.exp(gifts.effect.estimate) == pytest.approx(1.7, rel=0.12)
    blocks = list(show(result, Settings()))
    first = blocks[0]
    assert isinstance(first, Verdict)
    assert "Gifts" in first.claim
    assert first.level == "Gifts"
    table = next(b for b in blocks if isinstance(b, Chart)).table
    assert table is not None
    assert table.rows["posts"].sum() <= result.posts


def test_by_itself_a_pillar_has_the_answer_of_other_pages(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts(1.7))
    result = found(engine, pillars=RULES)
    asked = ask(engine, "hypothesis", group="pillar", level="Gifts", columns={"pillar": Settings(pillars=RULES)})
    blocks = engine.blocks(engine.registry.panel("hypothesis"), asked)
    assert isinstance(blocks, list)
    verdict = next(b for b in walk(blocks) if isinstance(b, Verdict))
    assert verdict.estimate == pytest.approx(np.exp(result.alone[0]), rel=1e-9)


def test_pillars_alone_are_enough(engine_for: Callable[..., Engine]) -> None:
    table = posts().with_columns(Caption=pl.format("one{} of a kind", pl.int_range(pl.len())))
    engine = engine_for(table.with_columns(Caption=pl.col("Caption").str.replace("one7", "gift one7")))
    with pytest.raises(CannotCompute, match="No word"):
        compute(*_asked(engine_for(table.with_columns(Caption=pl.lit("the same")))))
    result = found(engine, pillars="Gifts: gift", what="hashtags")
    assert result.words.is_empty()
    assert result.pillars is not None
    blocks = list(show(result, Settings()))
    assert [type(b) for b in blocks][:2] == [Verdict, Chart]


def _asked(engine: Engine) -> tuple[pl.LazyFrame, Settings, Context]:
    schema = engine.dataset.schema
    return engine.dataset.scan(), Settings(metric="reactions"), Context(schema=schema)


def test_the_column_is_offered_once_pillars_are_named(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts())
    assert engine.columns.schema()["pillar"].levels == ()
    chosen = {"pillar": Settings(pillars=RULES)}
    assert engine.columns.schema(chosen)["pillar"].levels == ("Gifts", "Trees", "other")
    said = content.fit(engine.dataset.scan(), Settings(pillars=RULES), Context(schema=engine.dataset.schema))
    assert said.made_of == ("text",)
    with pytest.raises(CannotCompute, match="no pillars"):
        content.fit(engine.dataset.scan(), Settings(), Context(schema=engine.dataset.schema))


def test_a_mistake_in_the_config_is_said(tmp_path: Path) -> None:
    from postlens.app.workspace import open_workspace

    path = tmp_path / "config.toml"
    path.write_text('[plugins.content]\npillars = """\nRecipes\n"""\n')
    with pytest.raises(PostlensError, match="is no pillar"):
        open_workspace(path, strict=True)
    assert load(path).config.plugins is not None


def captions(kinds: int, seed: int = 3, number: int = 800) -> pl.DataFrame:
    """Texts of four words: of one of so many kinds of four words each, or, of one kind, of any."""
    rng = np.random.default_rng([92, seed])
    words = [[f"{word}{kind}" for word in WORDS[:4]] for kind in range(kinds)]
    of = rng.integers(0, kinds, number)
    own = [list(rng.choice(words[k], 3, replace=False)) for k in of]
    noise = [f"noise{n}" for n in range(60)]
    told = [[*w, *rng.choice(noise, 4, replace=False)] for w in own]
    return pl.DataFrame({"text": np.arange(number), "words": told})


def test_topics_are_those_that_are_there() -> None:
    told = topics(captions(12), 0)
    assert told.height >= 6
    assert told["stable"].min() >= 0.5  # type: ignore[operator]
    for line in told.filter(pl.col("stable") > 0.8)["topic"]:
        kinds = {word.strip("abcdefghijklmnopqrstuvwxyz") for word in line.split(", ") if not word.startswith("noise")}
        assert len(kinds) == 1
    assert pillars_of("\n".join(told["line"])).keys()


def test_words_at_random_have_no_stable_topic() -> None:
    rng = np.random.default_rng([93, 1])
    noise = [f"noise{n}" for n in range(300)]
    table = pl.DataFrame(
        {"text": np.arange(900), "words": [list(rng.choice(noise, 6, replace=False)) for _ in range(900)]}
    )
    assert topics(table, 0).filter(pl.col("stable") >= 0.5).is_empty()


def test_few_texts_have_no_topics() -> None:
    assert topics(captions(4, number=100), 0).is_empty()
    same = captions(4, number=600).with_columns(text=pl.lit(1))
    assert topics(same, 0).is_empty()
    assert topics(replace_words(600), 0).is_empty()


def replace_words(number: int) -> pl.DataFrame:
    """Texts of one short word each."""
    return pl.DataFrame({"text": np.arange(number), "words": [["abc"]] * number})


def test_the_page_without_pillars_offers_no_column_to_download(engine_for: Callable[..., Engine]) -> None:
    """Its own column could not be made, and the page was told as broken."""
    engine = engine_for(posts())
    for rules, there in (("", False), (RULES, True)):
        done = ask(engine, "content", pillars=rules)
        table = engine.posts_table(Request(panel="content", params=done.params), done)
        assert (table is not None) is there
        assert table is None or set(table.collect()["pillar"].unique()) == {"Gifts", "Trees", "other"}


def test_a_column_without_levels_is_no_filter(engine_for: Callable[..., Engine]) -> None:
    engine = engine_for(posts())
    for chosen, there in (({}, False), ({"pillar": Settings(pillars=RULES)}, True)):
        names = [control.name for control in controls(engine, engine.schema(chosen))]
        assert ("column pillar" in names) is there
        assert "column cluster" in names


def test_the_effect_of_a_pillar_is_that_of_least_squares() -> None:
    """With a column of zeros and ones for each account and period, type and weekday, written out."""
    rng = np.random.default_rng([94, 1])
    rows = 600
    table = pl.DataFrame(
        {
            "account": rng.integers(0, 2, rows),
            "day": np.sort(rng.integers(0, 140, rows)),
            "piece": np.arange(rows),
            "held 0": rng.integers(0, 3, rows),
            "held 1": rng.integers(0, 7, rows),
            "value": rng.normal(0, 1, rows),
        }
    ).with_columns(pl.col("account").cast(pl.String).cast(pl.Categorical))
    has = rng.random(rows) < 0.3
    model = Model(table, [stats.Factor("type", 3), stats.Factor("weekday", 7)], dated=True, stop=lambda: None)
    codes, factors = np.where(has, 0, 1)[:, None], [stats.Factor("pillar", 1)]
    found = model.fit(codes, factors)
    (effect,) = model.between_texts(found, codes, factors)
    stratum = table["account"].to_physical().to_numpy().astype(int) * 1_000 + table["day"].to_numpy() // found.unit
    parts = [stratum, table["held 0"].to_numpy(), table["held 1"].to_numpy()]
    columns = [has.astype(float), *(p == k for p in parts for k in np.unique(p))]
    solved = np.linalg.lstsq(np.column_stack(columns).astype(float), table["value"].to_numpy(), rcond=None)[0]
    assert effect.estimate == pytest.approx(solved[0], abs=1e-9)
    assert found.unit > 0


@pytest.mark.parametrize(
    ("caption", "labels", "pillar"),
    [
        ("nothing of it", "Dinner ideas; Summer", "Recipes"),
        ("nothing of it", "dinner IDEAS", "Recipes"),
        (None, "Dinner ideas", "Recipes"),
        ("a recipe", None, "Recipes"),
        ("dinner ideas in words alone", None, "other"),
        ("nothing of it", "No dinner ideas", "other"),
        ("nothing of it", "Summer|Offer", "Offers"),
        (None, None, None),
    ],
)
def test_labels_of_the_network_tell_pillars_too(caption: str | None, labels: str | None, pillar: str | None) -> None:
    table = pl.DataFrame({"text": [caption], "labels": [labels]}, schema={"text": pl.String, "labels": pl.String})
    pillars = pillars_of("Recipes: recipe, [Dinner ideas]\nOffers: [offer]")
    assert table.select(pillar_of(pillars, labelled=True).alias("p"))["p"].to_list() == [pillar]
    without = table.select(pillar_of(pillars).alias("p"))["p"].to_list()
    assert without == [None if caption is None else "Recipes" if "recipe" in caption else "other"]


def test_the_column_of_pillars_reads_the_labels_of_an_export(engine_for: Callable[..., Engine]) -> None:
    table = posts()
    table = table.with_columns(
        pl.Series("Labels", ["Offer, Summer" if i % 3 else "Winter" for i in range(table.height)])
    )
    engine = engine_for(table)
    assert "labels" in engine.dataset.schema
    result = found(engine, pillars="Offers: [offer]")
    assert result.pillars is not None
    assert result.pillars.levels[0].effect.first == sum(1 for i in range(table.height) if i % 3)
