"""What a hostile reader found: nothing merged that differs, nothing multiplied, nothing of an account called a metric."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers

CAPTIONS = [
    "Spring is here at last and so are we",
    "New menu from today on",
    "Meet the team behind the bar",
    "Our cups are compostable",
]


def read(folder: Path, name: str, text: str) -> Posts:
    file = folder / name
    file.write_text(text, "utf-8")
    return to_posts(readers.read(file, readers.choose(file, readers.TABLES)), ReadSettings(ask=True))


def table(heads: str, rows: list[str], separator: str = ",") -> str:
    return "\n".join([heads.replace(",", separator), *rows]) + "\n"


@pytest.mark.parametrize("rounded", ["1,22108E+17", "1.22108e17", "1.22108E+17"])
def test_rounded_ids_merge_nothing(tmp_path: Path, rounded: str) -> None:
    rows = [f"{rounded};{i + 13}.03.2026 09:15;{CAPTIONS[i]};{120 + i};{i}" for i in range(4)]
    posts = read(tmp_path, "x.csv", table("Beitrags-ID;Veröffentlicht am;Text;Reaktionen;Kommentare", rows))
    assert posts.frame["post_id"].null_count() == 4


def test_one_id_in_several_places_is_several_posts(tmp_path: Path) -> None:
    rows = [
        f"2026-03-0{i // 2 + 2} 09:15,65f1aa9912a00{i // 2},{place},{CAPTIONS[i // 2]},{120 + i},{i}"
        for i in range(8)
        for place in [("FB - Alder", "IG - Alder")[i % 2]]
    ]
    posts = read(tmp_path, "x.csv", table("Publish Date,Post ID,Destination,Message,Likes,Comments", rows))
    assert "post_id" not in posts.frame.columns
    assert posts.frame.height == 8


def test_a_breakdown_of_posts_is_refused_by_what_it_is(tmp_path: Path) -> None:
    rows = [
        f"{1000 + i // 2},{CAPTIONS[i // 2]},2026-03-0{i // 2 + 2},{('SE', 'NO')[i % 2]},{50 + i},{i}" for i in range(8)
    ]
    with pytest.raises(PostlensError, match='one for each value of "Country"'):
        read(tmp_path, "x.csv", table("Video ID,Title,Published,Country,Views,Likes", rows))


def test_two_lists_of_posts_are_both_read_and_another_is_named(tmp_path: Path) -> None:
    def post(i: int) -> dict[str, object]:
        return {
            "id": f"18{i:015}",
            "created_at": f"2026-03-0{i + 1}T10:00:00Z",
            "caption": CAPTIONS[i % 4],
            "likes": i,
            "comments": i,
        }

    whole = {
        "posts": [post(i) for i in range(5)],
        "reels": [post(i) for i in range(5, 8)],
        "ads": [{"ad": 1, "cost": 2}],
    }
    posts = read(tmp_path, "x.json", json.dumps(whole))
    assert posts.frame.height == 8
    assert [(d.reason, d.rows) for d in posts.report.dropped] == [
        ('in the list "ads", whose objects are of another kind', 1)
    ]


@pytest.mark.parametrize("word", ["Summa", "Celkem", "합계", "Total:", "Total (4)", "Durchschnitt", "Итого"])
def test_totals_in_any_language_are_no_posts(tmp_path: Path, word: str) -> None:
    rows = [
        f"2026-03-0{i + 2},{CAPTIONS[i]},https://www.instagram.com/p/abcdefghij{i}/,{100 + i},{i}" for i in range(4)
    ]
    posts = read(tmp_path, "x.csv", table("Date,Caption,Permalink,Likes,Comments", [*rows, f"{word},,,406,6"]))
    assert posts.frame.height == 4
    assert posts.frame["published"].null_count() == 0


def test_the_audience_of_an_account_is_no_metric_of_a_post(tmp_path: Path) -> None:
    rows = [
        f"2026-03-0{i + 2},{CAPTIONS[i % 4]},https://www.instagram.com/p/abcdefghij{i}/,{10 + i},{i},{48210 + i},{48210 + i},46701234567"
        for i in range(6)
    ]
    posts = read(tmp_path, "x.csv", table("Date,Caption,Permalink,Likes,Comments,Subscribers,Följare,Telefon", rows))
    numbers = [n for n, kind in posts.frame.schema.items() if kind.is_numeric()]
    assert set(numbers) == {"react_like", "reactions", "comments", "source_row"}


def test_units_and_marks_multiply_nothing(tmp_path: Path) -> None:
    head = "Published;Title;Link;Average watch time (ms);Video length (ms);Beğeni;Yorum"
    rows = [
        f"2026-03-0{i + 2};{CAPTIONS[i]};https://www.youtube.com/watch?v=abcdefghij{i};{8000 + i};15000;1,5 B;{i}"
        for i in range(4)
    ]
    frame = read(tmp_path, "x.csv", table(head, rows)).frame
    assert frame["avg_watch_seconds"].to_list() == [8.0, 8.001, 8.002, 8.003]
    assert frame["duration_s"].to_list() == [15.0] * 4
    assert "react_like" not in frame.columns or frame["react_like"].null_count() == 4


def test_the_clock_that_a_column_names_is_its_clock(tmp_path: Path) -> None:
    rows = [
        f"2026-03-0{i + 2} 09:15,{CAPTIONS[i]},https://www.instagram.com/p/abcdefghij{i}/,{i},{i}" for i in range(4)
    ]
    frame = read(tmp_path, "x.csv", table("Posted At (America/New_York),Caption,Permalink,Likes,Comments", rows)).frame
    assert frame["published"][0] == datetime(2026, 3, 2, 14, 15, tzinfo=UTC)


def test_the_time_of_publishing_beats_that_of_planning(tmp_path: Path) -> None:
    rows = [
        f"2026-02-01 10:00,2026-03-0{i + 2} 09:15,{CAPTIONS[i]},https://www.instagram.com/p/abcdefghij{i}/,{i},{i}"
        for i in range(4)
    ]
    frame = read(tmp_path, "x.csv", table("Created At,Published At,Caption,Permalink,Likes,Comments", rows)).frame
    assert frame["published"].dt.day().to_list() == [2, 3, 4, 5]


def test_sheets_alike_are_read_together_and_others_are_named(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(tmp_path / "x.xlsx") as book:
        for month in (3, 4):
            own = pl.DataFrame(
                {
                    "Date": [f"2026-0{month}-0{i + 2} 09:15" for i in range(4)],
                    "Caption": CAPTIONS,
                    "Permalink": [f"https://www.instagram.com/p/abcdefgh{month}j{i}/" for i in range(4)],
                    "Likes": [10, 20, 30, 40],
                    "Comments": [1, 2, 3, 4],
                }
            )
            own.write_excel(book, worksheet=f"Month {month}")
        pl.DataFrame({"Word": ["Reach"], "Meaning": ["People"]}).write_excel(book, worksheet="Glossary")
    file = tmp_path / "x.xlsx"
    posts = to_posts(readers.read(file, readers.choose(file, readers.TABLES)), ReadSettings(ask=True))
    assert posts.frame.height == 8
    assert any('"Glossary"' in d.reason for d in posts.report.dropped)
