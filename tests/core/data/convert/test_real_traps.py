"""Traps of real exports, each alone in a small table: read right, or asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import to_posts
from postlens.core.data.convert.dates import read_times
from postlens.core.data.convert.numbers import read_numbers
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers

CAPTIONS = ("Spring sale starts today", "New team member joins us", "Behind the scenes here", "Tips for your garden",
            "Thank you for five orders", "Our hours this holiday")  # fmt: skip


def read(tmp_path: Path, text: str, **settings: Any) -> pl.DataFrame:
    file = tmp_path / "t.csv"
    file.write_text(text, "utf-8")
    return to_posts(readers.read(file, readers.choose(file, readers.TABLES)), ReadSettings(**settings)).frame


def table(names: str, *cells: str) -> str:
    """Six posts with captions and dates; further columns as given, `{i}` for the row."""
    rows = [
        ",".join([caption, f"2026-03-0{i} 09:05:00", *(c.format(i=i, k=10 * i) for c in cells)])
        for i, caption in enumerate(CAPTIONS, start=1)
    ]
    return "\n".join([f"Caption,Published,{names}", *rows, ""])


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["2,1 B", "1,2 Mn", "900"], [2_100, 1_200_000, 900]),
        (["2.1B", "3M"], [2_100_000_000, 3_000_000]),
        (["12,2 mil.", "84,0 tis."], [12_200_000, 84_000]),
        (["12,5 mil", "84"], [12_500, 84]),
        (["12.5 mil", "84"], [None, 84]),
        (["12.5K", "2.099", "3.100"], [12_500, None, None]),
        (["10\u4e07+", "1.3\u4e07"], [100_000, 13_000]),
    ],
)  # fmt: skip
def test_letters_and_words_for_thousands(texts: list[str], values: list[float | None]) -> None:
    assert read_numbers(pl.Series(texts), "count").values.to_list() == values


@pytest.mark.parametrize(
    "text",
    [
        "March 28, 2026 at 09:05 AM", "28 mars 2026 \u00e0 09:05", "28 de mar. de 2026 \u00e0s 09:05", "28 mar 2026 9:05 a. m.",
        "28 mars 2026 kl. 9.05", "2026. 3. 28. \uc624\uc804 9:05", "2026\u5e743\u670828\u65e5 9\u664205\u5206", "28. 3. 2026 9:05",
        "28 \u043c\u0430\u0440\u0442\u0430 2026 \u0433. \u0432 9:05", "28 th\u00e1ng 3, 2026 09:05", "28 \u0e21\u0e35.\u0e04. 2569 09:05", "28 \u041c\u0410\u0420 2026 09:05",
        "28 Maret 2026 pukul 09.05", "2026. m\u00e1rcius 28. 9:05", "46109.378472222", "1774688700000000",
    ],
)  # fmt: skip
def test_dates_as_languages_and_spreadsheets_write_them(text: str) -> None:
    found = read_times(pl.Series([text, text])).values[0]
    assert str(found)[:16] == "2026-03-28 09:05"


@pytest.mark.parametrize(
    ("header", "hour"),
    [("Published (GMT+2)", 7), ("Published (UTC-05:00)", 14), ("Published (JST)", 0), ("Published GMT+1", 8), ("Published (MEZ)", 8)],
)  # fmt: skip
def test_a_clock_that_the_column_names(tmp_path: Path, header: str, hour: int) -> None:
    text = table("Likes,Comments", "{i}", "{k}").replace("Published", header)
    assert set(read(tmp_path, text)["published"].dt.hour()) == {hour}


def test_a_clock_that_two_places_share_is_asked(tmp_path: Path) -> None:
    text = table("Likes,Comments", "{i}", "{k}").replace("Published", "Published (IST)")
    with pytest.raises(PostlensError, match="Asia/Kolkata"):
        read(tmp_path, text, ask=True)


def test_how_long_a_video_is_is_no_time_of_day(tmp_path: Path) -> None:
    text = table("Length,Likes,Comments", "0:15", "{i}", "{k}").replace(" 09:05:00", "")
    found = read(tmp_path, text)
    assert set(found["published"].dt.hour()) == {0}
    assert set(found["published_precision"]) == {"day"}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("Watch time (h)", 7200), ("Watch time (hours)", 7200), ("Watch time (days)", 172_800), ("Watch time (min)", 120)],
)
def test_how_long_by_the_unit_of_its_name(tmp_path: Path, header: str, seconds: float) -> None:
    found = read(tmp_path, table(f"{header},Likes,Comments", "2", "{i}", "{k}"))
    assert set(found["watch_seconds"]) == {seconds}


def test_the_time_of_the_export_is_not_that_of_the_post(tmp_path: Path) -> None:
    text = table("Likes,Comments", "{i}", "{k}").replace("Published", "First published on")
    text = "\n".join(
        f"{row},{'Retrieved at' if i == 0 else '2026-04-01 10:00:00'}" for i, row in enumerate(text.splitlines())
    )
    assert read(tmp_path, text)["published"].n_unique() == 6


@pytest.mark.parametrize("header", ["Likes (change)", "Likes (average)", "Likes (first 24 h)", "Likes (paid)"])
def test_a_part_in_brackets_is_not_the_metric(tmp_path: Path, header: str) -> None:
    found = read(tmp_path, table(f"{header},Comments,Shares", "{i}", "{k}", "{i}"))
    assert "react_like" not in found.columns


@pytest.mark.parametrize(
    ("names", "role"),
    [("Replies,Comments", "comments"), ("Reposts,Shares", "shares"), ("Plays,Views", "views"), ("Impressions (Organic),Impressions (Total)", "impressions")],
)  # fmt: skip
def test_the_plain_name_wins_over_the_narrower_one(tmp_path: Path, names: str, role: str) -> None:
    found = read(tmp_path, table(f"{names},Likes", "0", "{k}", "{i}"))
    assert found.sort("published")[role].to_list() == [10, 20, 30, 40, 50, 60]


def test_a_hidden_count_is_not_known(tmp_path: Path) -> None:
    text = table("Likes,Comments", "{i}", "{k}").replace(",1,10", ",-1,10")
    assert read(tmp_path, text)["react_like"].null_count() == 1


@pytest.mark.parametrize(
    "row",
    ["Totalsumma,,21,210", "Og\u00f3\u0142em,,21,210", "Total (6 posts),,21,210", "Max,,6,60", "Median,,3,30", ",,21,210", "Exported on,2026-04-01,,", "Filters,Network: all,,"],
)  # fmt: skip
def test_what_stands_below_the_posts_is_none(tmp_path: Path, row: str) -> None:
    text = table("Likes,Comments,Shares", "{i}", "{k}", "{i}") + row + ",\n"
    assert read(tmp_path, text).height == 6


def test_another_table_below_the_posts_is_left_out(tmp_path: Path) -> None:
    text = table("Likes,Comments", "{i}", "{k}") + ",,,\nHashtag,Used,,\n#spring,3,,\n#team,2,,\n"
    assert read(tmp_path, text).height == 6


def test_parts_with_titles_of_their_own_are_one_table(tmp_path: Path) -> None:
    text = table("Likes,Comments", "{i}", "{k}")
    posts = read(tmp_path, f"Top posts\n{text}\nRecent posts\n{text.replace('2026-03', '2026-02')}")
    assert posts.height == 12
    assert posts["published"].null_count() == 0


@pytest.mark.parametrize(("times", "posts", "rows"), [(1, 6, 6), (5, 30, 7)])
def test_a_table_with_other_columns_beside_the_posts_is_said_to_be_one(
    tmp_path: Path, times: int, posts: int, rows: int
) -> None:
    first, *others = table("Likes,Comments", "{i}", "{k}").splitlines()
    below = table("Likes,Comments,Saves", "{i}", "{k}", "{i}")
    file = tmp_path / "t.csv"
    file.write_text(
        "\n".join([first, *(f"{n} {row}" for n in range(times) for row in others), "", "Instagram", below]), "utf-8"
    )
    report = to_posts(readers.read(file, readers.choose(file, readers.TABLES)), ReadSettings()).report
    assert report.posts == posts
    assert any("another table, with Caption, Published, Likes" in d.reason and d.rows == rows for d in report.dropped)


def test_a_row_of_units_is_no_post(tmp_path: Path) -> None:
    first, *rest = table("Likes,Comments", "{i}", "{k}").splitlines()
    assert read(tmp_path, "\n".join([first, "text,date,count,count", *rest])).height == 6


@pytest.mark.parametrize(
    "names",
    [
        "Comment ID,Comment text,Date,Likes,Replies", "Texto del comentario,Autor,Fecha,Me gusta,Respuestas", "Ad name,Ad set name,Starts,Impressions,Reach",
        "Anzeigenname,Anzeigen-ID,Beginn,Impressionen,Reichweite", "Betreff,Empf\u00e4nger,Versendet am,Klicks,Weiterleitungen", "Folge,Titel,Ver\u00f6ffentlicht am,Abrufe,Kommentare",
        "Hashtag,Posts,Last used,Likes,Comments", "Product,Title,Created,Views,Likes", "Ticket ID,Title,Created,Replies,Views", "Page,Posts,Last post,Reactions,Comments",
    ],
)  # fmt: skip
def test_tables_with_texts_dates_and_counts_that_are_no_posts_are_refused_or_asked(tmp_path: Path, names: str) -> None:
    rows = [
        f"1{i}0{i}{i},{caption} number {i},2026-03-0{i},{i},{10 * i}" for i, caption in enumerate(CAPTIONS, start=1)
    ]
    told = "whether its rows are posts of a network|is a report of ads|has a row for each comment|is about|which columns are reactions"
    with pytest.raises(PostlensError, match=told):
        read(tmp_path, "\n".join([names, *rows, ""]), ask=True)


def test_the_same_with_the_names_of_posts_is_read(tmp_path: Path) -> None:
    """What the tables above have in common is not what is refused."""
    rows = [
        f"1{i}0{i}{i},{caption} number {i},2026-03-0{i},{i},{10 * i}" for i, caption in enumerate(CAPTIONS, start=1)
    ]
    assert read(tmp_path, "\n".join(["Post ID,Caption,Date,Likes,Comments", *rows, ""]), ask=True).height == 6


def test_days_with_a_remark_are_days(tmp_path: Path) -> None:
    rows = [f"2026-03-{i:02d},{100 * i},{i},{'A quiet day without campaigns' if i == 9 else ''}" for i in range(1, 29)]
    with pytest.raises(PostlensError, match="row for each day"):
        read(tmp_path, "\n".join(["Date,Reach,Likes,Notes", *rows, ""]), ask=True)
