"""Files that an outside reader found to be read wrongly: each is a row that was lost, a value that was another, or a crash."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from postlens.core.contract.problems import PostlensError
from postlens.core.contract.raw_table import unique_headers
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.numbers import read_numbers
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import open_dataset
from postlens.core.data.files import kinds, readers
from postlens.core.data.store import library


def read(folder: Path, text: str | bytes, name: str = "posts.csv", **told: Any) -> Posts:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    posts = to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings(**told))
    assert posts.report.rows == posts.report.posts + sum(d.rows for d in posts.report.dropped)
    return posts


@pytest.mark.parametrize(
    "above",
    ['Report for 5" screens\nand for 7" screens\n', 'Report for 5" screens\n', "Plain\n", 'sep=,\nOf 5" screens\n'],
)
def test_a_quotation_mark_above_the_header_takes_no_row(tmp_path: Path, above: str) -> None:
    lines = above.removeprefix("sep=,\n").count("\n")
    posts = read(tmp_path, above + 'Post ID,Caption,Likes\n1,a,5\n2,say 7" x,6\n3,c,7\n').frame
    assert posts["reactions"].to_list() == [5, 6, 7]
    assert posts["source_row"].to_list() == [lines + 2, lines + 3, lines + 4]
    assert posts["text"].to_list() == ["a", 'say 7" x', "c"]


META = "Post ID,Page ID,Page name,Publish time,Reactions,Comments,Shares\n"


def test_posts_of_one_hour_are_no_days(tmp_path: Path) -> None:
    posts = read(tmp_path, META + "1,9,P,01/14/2026 16:00,5,1,1\n2,9,P,01/15/2026 16:00,6,1,1\n").frame
    assert posts["published"].to_list() == [datetime(2026, 1, d, tzinfo=UTC) for d in (15, 16)]
    assert posts["published_precision"].unique().to_list() == ["minute"]
    days = read(tmp_path, META + "1,9,P,01/14/2026 00:00,5,1,1\n2,9,P,01/15/2026 00:00,6,1,1\n").frame
    assert days["published"].to_list() == [datetime(2026, 1, d, tzinfo=UTC) for d in (14, 15)]
    assert days["published_precision"].unique().to_list() == ["day"]


def test_seconds_follow_the_marks_of_the_counts(tmp_path: Path) -> None:
    text = 'Post ID,Views,Seconds viewed,Likes\n1,"12,345","1,234",5\n2,"22,345","2,234",5\n'
    assert read(tmp_path, text).frame["watch_seconds"].to_list() == [1234, 2234]
    lone = 'Post ID,Date,Seconds viewed,Likes\n1,2026-01-02,"1,234",5\n2,2026-01-09,"2,234",5\n'
    with pytest.raises(PostlensError, match=r"1,234 is 1\.234 or 1234"):
        read(tmp_path, lone, ask=True)
    assert read(tmp_path, lone, decimal="point").frame["watch_seconds"].to_list() == [1234, 2234]


@pytest.mark.parametrize(
    ("values", "role", "wanted"),
    [
        (["1,2K", "3,4K", "950"], "count", [1200, 3400, 950]),
        (["1.2K", "3.4M", "950"], "count", [1200, 3_400_000, 950]),
        (["1,234", "2,345", "1,234,567"], "number", [1234, 2345, 1_234_567]),
        (["1.234", "1.234.567"], "number", [1234, 1_234_567]),
        (["2m", "15m", "1h 2m", "45s", "1m 5.5s"], "seconds", [120, 900, 3720, 45, 65.5]),
    ],
)
def test_what_the_values_prove(values: list[str], role: Any, wanted: list[float]) -> None:
    found = read_numbers(pl.Series(values), role)
    assert (found.values.to_list(), len(found.bad), found.open) == (wanted, 0, False)


def test_numbers_that_were_typed_are_not_asked_about(tmp_path: Path) -> None:
    records = [
        {"id": str(100 + 7 * i), "date": f"2026-01-0{i + 1}", "likes": i, "comments": i, "rating": 1.234 + i}
        for i in range(4)
    ]
    posts = read(tmp_path, json.dumps(records), "posts.json", ask=True)
    assert posts.frame["rating"].to_list() == pytest.approx([1.234, 2.234, 3.234, 4.234])


@pytest.mark.parametrize(
    "text",
    [
        'date,caption,likes\n2026-01-05,"Hello\nred, blue, green",5\n2026-01-16,x,6\n',
        'date,caption,likes,shares\n2026-01-05,"Hello\nred, blue, green, pink",5,1\n2026-01-16,x,6,1\n',
        'Post ID,Caption,Likes,Note\n0,"",15,5\n1,"end"" ",44,3" x\n2,6;7x,99,"end"" "\n3,"l1\nl2",75,3" x\n4, "sp",4,z\n',
    ],
)
def test_a_caption_of_several_lines_is_no_open_quotation(tmp_path: Path, text: str) -> None:
    assert not read(tmp_path, text).report.bad_values


def test_a_quotation_that_swallows_rows_of_two_columns_is_said(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match="never closed") as refused:
        read(tmp_path, 'caption,likes\nfirst,9\n"hello,3\nworld,4\nfoo,5\nbar,6\n')
    assert "row 3, column A" in str(refused.value)


def test_text_that_joins_numbers_is_read_as_numbers_are(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    for name, moods in {"a.csv": "12345", "b.csv": ["good", "nan", "inf", '"1,234"', '"2,345.5"']}.items():
        path = tmp_path / name
        rows = "".join(f"{name}{i},5,{mood}\n" for i, mood in enumerate(moods))
        path.write_text("Post ID,Likes,Mood\n" + rows)
        library.add(shelf, path, ReadSettings())
    (path := tmp_path / "c.csv").write_text("Post ID,Likes,Mood\nc1,1,1\nc2,1,2\n")
    library.add(shelf, path, ReadSettings())
    dataset = open_dataset(library.NAME, store=tmp_path / "posts", settings=ReadSettings())
    moods = dataset.scan().filter(source_file="b.csv").sort("source_row").collect()["mood"].to_list()
    assert moods == [None, None, None, 1234, 2345.5]


def test_a_library_with_damaged_folders_says_which(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    (path := tmp_path / "a.csv").write_text("Post ID,Likes,Exported\n1,5,7\n2,6,8\n")
    made = library.add(shelf, path, ReadSettings())
    assert library.history(shelf, ["post:1"])["reactions"].to_list() == [5], "a column of that name is in nobody's way"
    (shelf / ".import-half").mkdir()
    (shelf / ".import-half" / "import.json").write_bytes((shelf / made.id / "import.json").read_bytes())
    (shelf / "20200101-000000-00000000").mkdir()
    (shelf / "20200101-000000-00000000" / "import.json").write_bytes(b"\xff")
    assert [i.id for i in library.imports(shelf)] == [made.id]
    posts = shelf / made.id / "posts.parquet"
    body = bytearray(posts.read_bytes())
    body[4 : len(body) // 4] = bytes(len(body) // 4 - 4)
    posts.write_bytes(body)
    with pytest.raises(PostlensError, match=f'import "{made.id}" cannot be read'):
        open_dataset(library.NAME, store=tmp_path / "posts", settings=ReadSettings())


@pytest.mark.parametrize(
    ("text", "posts"),
    [
        ("Caption,Likes,Comments\na,5,6\nb,6,7\nTotal,11,13\n", 2),
        ("Caption,Likes,Comments,Url\na,5,6,http://a\nb,6,7,http://b\nTotal,11,13,\n\n\n\n\n", 2),
        ("Caption,Likes,Comments\na,5,6\nTotal,6,7\n", 2),
        (",Post ID,Likes\n0,1,5\n1,2,6\n,Post ID,Likes\n2,3,7\n", 3),
        ("Post ID,Views,Views\n1,2,5\n2,2,6\nPost ID,Views,Views\n", 2),
    ],
)
def test_totals_and_repeated_headers_are_no_posts(tmp_path: Path, text: str, posts: int) -> None:
    assert read(tmp_path, text).report.posts == posts


def test_two_tables_side_by_side_keep_their_rows(tmp_path: Path) -> None:
    head = "Post URL,Post publish date,Engagements,,Post URL,Post publish date,Impressions\n"
    rows = (
        "http://l/1,9/30/2025,5,,http://l/2,9/29/2025,100\n"
        "http://l/2,9/29/2025,3,,http://l/3,9/28/2025,abc\n"
        ",9/27/2025,7,,http://l/1,9/30/2025,300\n"
        "http://l/5,9/26/2025,1,,,,\n"
    )
    posts = read(tmp_path, head + rows)
    assert [(b.row, b.column, b.value) for b in posts.report.bad_values] == [(3, "G", "abc")]
    assert dict(posts.frame.select("url", "source_row").iter_rows()) == {
        "http://l/1": 2,
        "http://l/2": 3,
        "http://l/3": 3,
        "http://l/5": 5,
    }
    (lost,) = posts.report.dropped
    assert (lost.rows, lost.examples) == (1, (4,))


def test_a_sheet_that_begins_further_down_keeps_its_rows(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "posts.xlsx") as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([["Post ID", "Likes"], ["1", 5], ["2", "oops"], ["3", 6], ["4", 7], ["5", 8]]):
            sheet.write_row(3 + i, 0, row)
    path = tmp_path / "posts.xlsx"
    posts = to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings())
    assert [(b.row, b.column) for b in posts.report.bad_values] == [(6, "B")]


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", "[{},{}]"), ("a.csv", "\n\n;\n"), ("b.csv", '"\n'), ("c.csv", ",\n,\n")]
)
def test_what_holds_nothing_is_refused_in_words(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(PostlensError) as refused:
        read(tmp_path, text, name)
    assert "bug" not in str(refused.value)


def test_repeated_headers_are_all_kept() -> None:
    assert unique_headers(["Views", "Views", "Views (2)", "Views"]) == [
        "Views",
        "Views (2)",
        "Views (2) (2)",
        "Views (3)",
    ]


def test_half_an_emoji_and_a_line_separator_are_text(tmp_path: Path) -> None:
    cut = read(tmp_path, r'[{"id":"1","text":"a \ud83d","likes":3},{"id":"2","text":"b","likes":4}]', "a.json")
    assert cut.frame["text"].to_list() == ["a ?", "b"]
    lines = read(tmp_path, '{"id":"1","text":"a\u2028b","likes":3}\n{"id":"2","text":"c","likes":4}\n', "a.ndjson")
    assert lines.frame["source_row"].to_list() == [1, 2]


def test_one_broken_byte_does_not_change_all_letters(tmp_path: Path) -> None:
    rows = "".join(f"{i},Café über Ørsted {i},5\n" for i in range(20))
    posts = read(tmp_path, ("Post ID,Caption,Likes\n" + rows).encode() + b"99,broken \xff,5\n").frame
    assert posts["text"][0] == "Café über Ørsted 0"
    assert posts["text"][20] == "broken \ufffd"


def test_a_day_column_before_the_time_of_posting_is_not_taken_for_it(tmp_path: Path) -> None:
    text = "Post ID,Page ID,Page name,Date,Publish time,Reactions\n1,9,P,Lifetime,01/14/2026 16:20,5\n2,9,P,Lifetime,01/15/2026 16:10,5\n"
    assert read(tmp_path, text).frame["published"].to_list()[0] == datetime(2026, 1, 15, 0, 20, tzinfo=UTC)


def test_days_without_ids_from_rounded_ids(tmp_path: Path) -> None:
    head = "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,Profile visits,Detail expands,URL Clicks,Hashtag Clicks,Permalink Clicks\n"
    row = '6.49E+17,"Wed, Jul {n}, 2026",t,https://x.com/a/status/{n},9,{n},1,0,0,0,0,0,0,0,0,0,0\n'
    posts = read(tmp_path, head + "".join(row.format(n=n) for n in (1, 8, 15, 22, 29)))
    assert posts.frame["published"].to_list() == [datetime(2026, 7, n, tzinfo=UTC) for n in (1, 8, 15, 22, 29)]


def test_a_total_beside_its_days_is_not_added_to_them(tmp_path: Path) -> None:
    head = "Post ID,Page ID,Page name,Publish time,Date,Reactions\n"
    rows = "11,9,P,03/13/2026 10:00,Lifetime,7\n11,9,P,03/13/2026 10:00,03/13/2026,5\n11,9,P,03/13/2026 10:00,03/14/2026,2\n"
    posts = read(tmp_path, head + rows, add_days=True)
    assert posts.frame["reactions"].to_list() == [7]
    assert {d.reason for d in posts.report.dropped} == {
        "a total of all days, beside the days",
        "further days of the same post, added to it",
    }


def test_an_archive_that_claims_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "Post ID,Likes\n" + "".join(f"{i},5\n" for i in range(100))
    with zipfile.ZipFile(tmp_path / "posts.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", table)
        archive.writestr("b.csv", table)
    path = tmp_path / "posts.zip"
    monkeypatch.setattr(kinds, "MAX_UNPACKED_BYTES", len(table) + 1)
    assert kinds.read_raw(path).height == 100, "one file fits"
    monkeypatch.setattr(kinds, "MAX_UNPACKED_BYTES", len(table) - 1)
    with pytest.raises(PostlensError, match="holds more than"):
        kinds.read_raw(path)


def test_a_sheet_of_mostly_empty_rows_is_read_at_once(tmp_path: Path) -> None:
    posts = read(tmp_path, "Caption,Likes\na,5\nb,6\n" + ",\n" * 200_000 + "Total,11\n")
    assert [(d.reason, d.rows) for d in posts.report.dropped] == [("empty row", 200_000), ("a total, not a post", 1)]


def packed(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def test_an_archive_in_an_archive_is_read_and_what_is_not_is_named(tmp_path: Path) -> None:
    """Archives within were passed over in silence, and so was a file too many beside a good one."""
    rows = "Post ID,Publish time,Likes,Comments\n" + "".join(f"{i},2026-03-{i:02d} 10:00,{i},1\n" for i in range(1, 20))
    inner = packed({"month/posts.csv": rows.encode(), "empty.csv": b""})
    deep = packed({"deeper.zip": packed({"posts.csv": rows.encode()})})
    (tmp_path / "export.zip").write_bytes(packed({"a.zip": inner, "b.zip": deep, "picture.png": b"x"}))
    table = kinds.read_raw(tmp_path / "export.zip")
    assert table.height == 19
    assert '"posts.csv" from the archive' in table.reading
    assert [r for r in table.reading if "not read" in r] == [
        '"empty.csv" not read: "empty.csv" is empty.',
        '"deeper.zip" not read: "deeper.zip" is an archive within an archive within an archive.',
    ]


def test_a_bug_in_reading_a_member_is_not_taken_for_a_damaged_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(_path: Path) -> None:
        raise RuntimeError("deliberate")

    (tmp_path / "posts.zip").write_bytes(packed({"posts.csv": b"a,b\n1,2\n"}))
    monkeypatch.setattr(kinds, "read_delimited", bug)
    with pytest.raises(RuntimeError, match="deliberate"):
        kinds.read_raw(tmp_path / "posts.zip")
