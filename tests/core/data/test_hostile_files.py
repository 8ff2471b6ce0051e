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
from postlens.core.data.dataset import open_dataset
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


def test_two_marks_for_thousands_in_one_file_are_asked_about_and_told(tmp_path: Path) -> None:
    numbers = [("1.125", '"2,950"'), ("2.375", '"12,033"'), ("3.250", '"5,100"'), ("1.875", '"7,400"')]
    rows = [
        f"2026-03-0{i + 2} 09:15,{CAPTIONS[i]},{likes},{views},{10 + i}" for i, (likes, views) in enumerate(numbers)
    ]
    text = table("Date,Caption,Likes,Views,Comments", rows)
    with pytest.raises(PostlensError, match="with one mark and"):
        read(tmp_path, "x.csv", text)
    told = to_posts(readers.read(tmp_path / "x.csv", readers.TABLES[0]), ReadSettings(ask=True, decimal="point"))
    assert told.frame["views"].to_list() == [2950, 12033, 5100, 7400]
    assert told.frame["react_like"].to_list() == [1.125, 2.375, 3.25, 1.875]


def twins(first: list[int], second: list[int]) -> str:
    rows = [
        f"2026-03-0{i + 2} 09:15,{CAPTIONS[i]},https://www.instagram.com/p/C{i}9xQz0Lm0k/,{a},{b},{10 + i}"
        for i, (a, b) in enumerate(zip(first, second, strict=True))
    ]
    return table("Date,Caption,Permalink,Likes,Likes,Comments", rows)


def test_of_two_columns_of_one_name_the_filled_one_is_taken(tmp_path: Path) -> None:
    posts = read(tmp_path, "x.csv", twins([0, 0, 0, 0], [120, 30, 41, 9]))
    assert posts.frame["react_like"].to_list() == [120, 30, 41, 9]
    assert any('"Likes (2)" was taken' in note for note in posts.report.notes)


def test_two_columns_of_one_name_that_differ_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match=r"columns D and E.*called") as asked:
        read(tmp_path, "x.csv", twins([1, 2, 3, 4], [120, 30, 41, 9]))
    assert '--map "Likes (2)=react_like"' in str(asked.value)


def workbook(path: Path, sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> None:
    from xlsxwriter import Workbook

    with Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name in hidden:
                sheet.hide()


def posts_on(days: list[object]) -> list[list[object]]:
    heads: list[object] = ["Date", "Caption", "Permalink", "Likes", "Comments"]
    links = [f"https://www.instagram.com/p/C{i}9xQz0Lm0k/" for i in range(len(days))]
    return [heads, *([day, CAPTIONS[i % 4] + str(i), links[i], 10 + i, i] for i, day in enumerate(days))]


def test_a_hidden_sheet_does_not_win_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    days: list[object] = [f"2026-03-{d:02}" for d in range(2, 10)]
    workbook(path, {"Posts": posts_on(days[:5]), "Old copy": posts_on(days)}, hidden=("Old copy",))
    posts = to_posts(readers.read(path, readers.TABLES[1]), ReadSettings(ask=True))
    assert posts.frame.height == 5
    assert any('"Old copy", which is hidden' in d.reason for d in posts.report.dropped)


def test_dates_that_another_countrys_spreadsheet_exchanged_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    true = [datetime(2026, 3, d, 9, 15, tzinfo=UTC) for d in (2, 5, 9, 14, 18, 23)]
    days: list[object] = [
        datetime(t.year, t.day, t.month, 9, 15) if t.day <= 12 else t.strftime("%d/%m/%Y %H:%M")  # noqa: DTZ001 - a cell has no zone
        for t in true
    ]
    workbook(path, {"Posts": posts_on(days)})
    raw = readers.read(path, readers.TABLES[1])
    with pytest.raises(PostlensError, match="dates of a spreadsheet and others are text"):
        to_posts(raw, ReadSettings(ask=True))
    told = to_posts(raw, ReadSettings(ask=True, date_order="dmy"))
    assert told.frame["published"].to_list() == true
    kept = to_posts(raw, ReadSettings(ask=True, date_order="mdy")).frame["published"].to_list()
    assert kept[3:] == true[3:]
    assert kept[0] == datetime(2026, 2, 3, 9, 15, tzinfo=UTC)


def test_a_table_of_ones_own_in_italian_is_no_export_of_meta(tmp_path: Path) -> None:
    rows = [
        f"0{i + 2}/03/2026 09.15;{CAPTIONS[i]};https://www.facebook.com/alderfinch/posts/12210000000{i};{120 + i};{i};1;{2150 + i}"
        for i in range(3)
    ]
    rows += [
        f"2{i}/03/2026 18.40;{CAPTIONS[i]} again;https://www.facebook.com/alderfinch/posts/12210000001{i};{40 + i};{i};2;{950 + i}"
        for i in range(3)
    ]
    posts = read(
        tmp_path,
        "x.csv",
        table("Data;Testo;Link al post;Mi piace;Commenti;Condivisioni;Copertura", rows),
    )
    assert posts.frame["published"][0] == datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


def test_rounded_ids_of_one_day_are_no_ids(tmp_path: Path) -> None:
    rows = [
        f"12210000000000{i // 3}0,2026-02-01,{CAPTIONS[i % 4]} part {i},{100 + i},{i},{2000 + i}" for i in range(12)
    ]
    posts = read(tmp_path, "x.csv", table("Post ID,Date,Message,Likes,Comments,Reach", rows))
    assert posts.frame.height == 12
    assert "post_id" not in posts.frame.columns
    assert any("different posts have the same" in note for note in posts.report.notes)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"id": 1}\n' + "[" * 100_000 + "\n"], ids=["a list", "a line"])
def test_json_nested_without_end_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deep.json"
    path.write_text(text)
    with pytest.raises(PostlensError, match="nested too deeply"):
        readers.read(path, readers.choose(path, readers.TABLES))


def counted(first: int, likes: int) -> str:
    rows = [f"{first + i},2026-03-0{i + 1} 09:15,{('photo', 'video')[i % 2]},{likes + i},{i},{2 * i}" for i in range(8)]
    return table("id,published,type,reactions,comments,shares", rows)


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_of_rows_make_no_posts_of_two_files_one(tmp_path: Path, first: int) -> None:
    for name, likes in (("a.csv", 10), ("b.csv", 500)):
        (tmp_path / name).write_text(counted(first, likes), "utf-8")
    posts = open_dataset(str(tmp_path / "*.csv"), store=tmp_path / "store", settings=ReadSettings())
    assert posts.posts == 16
    assert "counts the rows" in " ".join(note for f in posts.quality.files for note in f.notes)


def test_ids_that_are_told_or_leave_gaps_are_ids(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(counted(1, 10), "utf-8")
    told = to_posts(readers.read(tmp_path / "a.csv", readers.TABLES[0]), ReadSettings(columns={"post_id": "id"}))
    assert told.frame["post_id"].to_list() == [str(i) for i in range(1, 9)]
    gaps = counted(1, 10).replace("\n8,", "\n80,")
    assert read(tmp_path, "gaps.csv", gaps).frame["post_id"].to_list()[-1] == "80"
