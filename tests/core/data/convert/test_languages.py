"""Languages of captions: told where sure, with few languages for a file, and unknown elsewhere."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from postlens.core.data.convert.languages import languages_of, usual_languages
from tests.core.data.convert.test_outside_files import posts_of

ENGLISH = (
    "We are open again on Saturday morning with fresh bread",
    "Thank you to everybody who came to the workshop yesterday",
    "Which of these two colours would you choose for the kitchen?",
    "Our new opening hours start in the first week of March",
)
GERMAN = (
    "Ab Samstag haben wir wieder ge\u00f6ffnet und backen frisches Brot",
    "Danke an alle, die gestern in den Kurs gekommen sind",
    "Welche dieser beiden Farben w\u00fcrdet ihr f\u00fcr die K\u00fcche nehmen?",
    "Unsere neuen \u00d6ffnungszeiten gelten ab der ersten M\u00e4rzwoche",
)
THAI = (
    "\u0e40\u0e1b\u0e34\u0e14\u0e23\u0e49\u0e32\u0e19\u0e2d\u0e35\u0e01\u0e04\u0e23\u0e31\u0e49\u0e07\u0e40\u0e0a\u0e49\u0e32\u0e27\u0e31\u0e19\u0e40\u0e2a\u0e32\u0e23\u0e4c",
)


def captions(*kinds: tuple[str, ...], each: int = 30) -> list[str]:
    """Different captions of some languages, in turn."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [f"{texts[i % len(texts)]} {letters[i % 26] * (1 + i // 26)}" for i in range(each) for texts in kinds]


def test_each_caption_has_the_language_it_is_written_in() -> None:
    told = languages_of(pl.Series(captions(ENGLISH, GERMAN, THAI)))
    assert told is not None
    truth = ["English", "German", "Thai"] * 30
    assert [t for t, was in zip(told, truth, strict=True) if t not in {was, None}] == []
    assert told.null_count() < 5


def test_one_odd_caption_makes_no_language_of_the_file() -> None:
    told = languages_of(
        pl.Series([*captions(ENGLISH, each=60), "Vi \u00e5bner igen l\u00f8rdag morgen med nybagt br\u00f8d"])
    )
    assert told is not None
    assert set(told.drop_nulls()) == {"English"}


@pytest.mark.parametrize("texts", [[], ["short"] * 90, [None] * 60, ["123456 789"] * 70])
def test_nothing_is_told_of_captions_that_say_nothing(texts: list[str | None]) -> None:
    assert languages_of(pl.Series(texts, dtype=pl.String)) is None


def test_codes_are_names_and_marks_of_none_unknown() -> None:
    codes = pl.DataFrame({"v": ["en", "en-GB", "DE", "pt_br", "in", "und", "zxx", "Klingon", "", None]})
    names = ["English", "English", "German", "Portuguese", "Indonesian", None, None, "Klingon", None, None]
    assert codes.select(usual_languages(pl.col("v"))).to_series().to_list() == names


def test_posts_have_the_language_of_their_captions_and_the_report_says_so(tmp_path: Path) -> None:
    rows = [
        f'{10**15 + i},https://www.instagram.com/p/C{i:010}/,2025-0{1 + i % 9}-{1 + i % 27:02}T09:00:00Z,"{text} #one @two https://x.example",{i},{i % 7}'
        for i, text in enumerate([*captions(ENGLISH, GERMAN), ""])
    ]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["Post ID,Permalink,Publish time,Caption,Likes,Comments", *rows]))
    assert posts.frame["language"].value_counts(sort=True).rows() == [("English", 30), ("German", 30), (None, 1)]
    assert any(
        "captions are in English (30) and German (30); of 1 posts it is not sure" in n for n in posts.report.notes
    )


def test_what_an_export_says_of_the_language_is_kept(tmp_path: Path) -> None:
    rows = [
        f'{10**15 + i},2025-0{1 + i % 9}-{1 + i % 27:02}T09:00:00Z,"{text}",{i},{i % 7},fr'
        for i, text in enumerate(captions(ENGLISH, GERMAN))
    ]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["tweet_id,created_at,text,likes,replies,lang", *rows]))
    assert posts.frame["language"].unique().to_list() == ["French"]


def test_what_is_of_a_rare_language_or_none_is_not_taken_for_the_usual_one() -> None:
    """Japanese, Spanish and lists of shoes among English captions were all English."""
    odd = [
        "\u65b0\u3057\u3044\u30b3\u30fc\u30d2\u30fc\u304c\u4eca\u65e5\u304b\u3089\u304a\u5e97\u306b\u4e26\u3073\u307e\u3059",
        "Ma\u00f1ana abrimos a las ocho con pan reci\u00e9n hecho para todos",
    ]
    told = languages_of(pl.Series([*captions(ENGLISH, each=100), *odd]))
    assert told is not None
    assert told.tail(2).to_list() == [None, None]
    assert set(told.drop_nulls()) == {"English"}
