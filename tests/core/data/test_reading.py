"""Files in any dialect become the same posts, and nothing is lost without a word."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset

ROWS = [
    ("900000000000000001", "2026-03-02 09:30:00", "photo", "1,200", "7", "ünïcode, with comma"),
    ("900000000000000002", "2026-03-03 10:00:00", "Reel", "80", "", "two\nlines"),
    ("900000000000000003", "2026-03-04 23:59:00", "video", "0", "3", "=SUM(A1)"),
]
HEADER = ("Post ID", "Publish time", "Post type", "Reactions", "Comments", "Caption")


def text(separator: str = ",", newline: str = "\n", rows: Sequence[tuple[str, ...]] | None = None) -> str:
    def quoted(value: str) -> str:
        return '"' + value.replace('"', '""') + '"' if any(c in value for c in ',;|\t\n"') else value

    return newline.join(separator.join(map(quoted, row)) for row in (HEADER, *(rows or ROWS))) + newline


def opened(tmp_path: Path, name: str, data: bytes, **settings: Any) -> Dataset:
    (tmp_path / name).write_bytes(data)
    return open_dataset(str(tmp_path / name), store=tmp_path / "store", settings=ReadSettings(**settings))


def check_is_the_table(dataset: Dataset) -> None:
    posts = dataset.scan().collect()
    assert posts["post_id"].to_list() == [r[0] for r in ROWS]
    assert posts["reactions"].to_list() == [1200, 80, 0]
    assert posts["comments"].to_list() == [7, None, 3]
    assert posts["post_type"].to_list() == ["photo", "short", "video"]
    assert posts["text"].to_list() == [r[5] for r in ROWS]
    assert posts["weekday"].to_list() == ["Mon", "Tue", "Wed"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings(tmp_path: Path, separator: str, encoding: str) -> None:
    check_is_the_table(opened(tmp_path, "posts.csv", text(separator).encode(encoding)))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends(tmp_path: Path, newline: str) -> None:
    check_is_the_table(opened(tmp_path, "posts.csv", text(newline=newline).encode()))


def test_bare_carriage_returns(tmp_path: Path) -> None:
    check_is_the_table(opened(tmp_path, "posts.csv", text().replace("\n", "\r").encode()))


def test_a_note_above_the_header_and_a_total_below_are_no_posts(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", ("Exported on 5 March\n" + text() + "Total,,,1280,10,\n,,,,,\n").encode())
    check_is_the_table(dataset)
    assert {d.reason: d.rows for d in dataset.quality.dropped} == {"a total, not a post": 1, "empty row": 1}
    assert dataset.quality.rows == dataset.posts + 2


def test_xlsx_takes_the_sheet_with_the_posts(tmp_path: Path) -> None:
    path = tmp_path / "posts.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        book.add_worksheet("Metrics").write_row(0, 0, ["Day", "Something"])
        sheet = book.add_worksheet("All posts")
        for i, row in enumerate((("a note",), HEADER, *ROWS)):
            sheet.write_row(i, 0, row)
    check_is_the_table(open_dataset(str(path), store=tmp_path / "store", settings=ReadSettings()))


@pytest.mark.parametrize("name", ["posts.json", "posts.ndjson"])
def test_json(tmp_path: Path, name: str) -> None:
    records = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    body = json.dumps({"data": records}) if name.endswith(".json") else "\n".join(map(json.dumps, records))
    check_is_the_table(opened(tmp_path, name, body.encode()))


def test_parquet(tmp_path: Path) -> None:
    table = pl.DataFrame(ROWS, schema=list(HEADER), orient="row").with_columns(
        pl.col("Reactions").str.replace(",", "").cast(pl.Int64), pl.col("Publish time").str.to_datetime()
    )
    table.write_parquet(tmp_path / "posts.parquet")
    check_is_the_table(open_dataset(str(tmp_path / "posts.parquet"), store=tmp_path / "store", settings=ReadSettings()))


def test_a_glob_of_files_with_other_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Post ID,Likes\n1,5\n2,6\n")
    (tmp_path / "b.csv").write_text("Post ID,Reactions,Reach\n3,7,100\n")
    dataset = open_dataset(str(tmp_path / "*.csv"), store=tmp_path / "store", settings=ReadSettings())
    posts = dataset.scan().sort("post_id").collect()
    assert posts["reactions"].to_list() == [5, 6, 7]
    assert posts["reach"].to_list() == [None, None, 100]
    assert [f.file for f in dataset.quality.files] == ["a.csv", "b.csv"]


def test_a_value_that_does_not_convert_is_named_by_row_and_column(tmp_path: Path) -> None:
    rows = [*ROWS[:1], ("900000000000000009", "2026-03-05", "photo", "many", "1", "x")]
    dataset = opened(tmp_path, "posts.csv", text(rows=rows).encode())
    assert [str(b) for b in dataset.quality.files[0].bad_values] == ['row 3, column D: "many"']
    assert dataset.scan().collect()["reactions"].to_list() == [1200, None]


def test_rows_with_too_many_values_are_refused_and_counted(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"Post ID,Likes\n1,5\n2,6,7,8\n3,9\n")
    assert dataset.scan().collect()["reactions"].to_list() == [5, 9]
    assert dataset.quality.dropped[0].examples == (3,)
    assert dataset.quality.rows == 3


def test_the_same_post_again_keeps_the_last_and_counts_the_others(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"Post ID,Likes\n1,5\n2,6\n1,8\n")
    assert dict(dataset.scan().select("post_id", "reactions").collect().iter_rows()) == {"1": 8, "2": 6}
    assert dataset.quality.duplicates == 1
    assert dataset.quality.rows == dataset.posts + 1


def test_equal_rows_without_an_id_are_kept_and_counted(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"Type,Likes\nphoto,5\nphoto,5\nvideo,6\n")
    assert dataset.posts == 3
    assert dataset.quality.repeated == 1


def test_ids_that_excel_damaged_are_said_and_not_used(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"Tweet id,likes\n6.49E+17,5\n6.49E+17,6\n")
    assert dataset.posts == 2
    assert any("powers of ten" in note for note in dataset.quality.notes)


def test_missing_stays_null_and_engagements_need_reactions(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"Reactions,Comments,Shares\n5,,1\n,2,3\n0,0,0\n")
    assert dataset.scan().collect()["engagements"].to_list() == [6, None, 0]


def test_rates_are_null_without_a_denominator(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"Reactions,Comments,Reach\n5,5,100\n5,5,0\n5,5,\n")
    assert dataset.scan().collect()["er_reach"].to_list() == [0.1, None, None]


def test_columns_can_be_named_in_the_config(tmp_path: Path) -> None:
    dataset = opened(
        tmp_path, "posts.csv", b"Ref,Daumen,Wave\n1,5,1\n2,6,2\n", columns={"reactions": "daumen"}, categories=("Wave",)
    )
    assert dataset.scan().collect()["reactions"].to_list() == [5, 6]
    assert dataset.schema["wave"].kind == "category"


def test_a_column_named_in_the_config_that_is_not_there_is_said_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match='Did you mean "Daumen"'):
        opened(tmp_path, "posts.csv", b"Ref,Daumen\n1,5\n", columns={"reactions": "Daumn"})


def test_any_table_with_a_number_works(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"thing,height\na,1.5\nb,2.5\n")
    assert [c.name for c in dataset.schema.metrics] == ["height"]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"  \n \n", "is empty"),
        ("header.csv", b"Post ID,Likes\n", "a header but no rows"),
        ("words.csv", b"name,pet\nann,cat\nbob,dog\n", "no column with numbers"),
        ("one.csv", b"just words\nno table\n", "only one column"),
        ("picture.csv", b"\x89PNG\r\n\x00\x01\x02" * 50, "binary data"),
        ("posts.pdf", b"%PDF", "no reader here knows"),
        ("broken.parquet", b"PAR1 not really", "not a readable Parquet"),
        ("broken.xlsx", b"PK not really", "cannot be opened as a spreadsheet"),
        ("broken.json", b"{not json", "is not JSON"),
        ("list.json", b"[1, 2, 3]", "no list of posts"),
        ("daily.csv", b"Date,Primary\n2026-01-01,5\n2026-01-02,6\n", "daily series"),
    ],
)
def test_what_is_not_posts_gets_a_sentence(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    with pytest.raises(PostlensError, match=says) as caught:
        opened(tmp_path, name, data)
    assert "Traceback" not in str(caught.value)


def test_the_store_reads_a_source_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(tmp_path, "posts.csv", text().encode())
    monkeypatch.setattr("postlens.core.data.store.converted.readers.read", lambda *_: pytest.fail("read again"))
    again = open_dataset(str(tmp_path / "posts.csv"), store=tmp_path / "store", settings=ReadSettings())
    assert again.fingerprint == first.fingerprint


def test_other_bytes_or_other_settings_are_another_data_set(tmp_path: Path) -> None:
    one = opened(tmp_path, "posts.csv", text().encode())
    other_zone = opened(tmp_path, "posts.csv", text().encode(), timezone="Europe/Berlin")
    other_bytes = opened(tmp_path, "posts.csv", text(rows=ROWS[:2]).encode())
    assert len({one.fingerprint, other_zone.fingerprint, other_bytes.fingerprint}) == 3


def test_days_without_a_clock_keep_their_day_and_have_no_hour(open_posts: Callable[..., Dataset]) -> None:
    dataset = open_posts(
        pl.DataFrame({"Date": ["2026-01-05", "2026-01-06"], "Likes": [1, 2]}), timezone="America/Los_Angeles"
    )
    assert dataset.scan().collect()["weekday"].to_list() == ["Mon", "Tue"]
    assert "hour" not in dataset.schema


def test_local_time_parts_follow_the_clients_zone(open_posts: Callable[..., Dataset]) -> None:
    dataset = open_posts(
        pl.DataFrame({"Date": ["2026-01-05 02:00:00", "2026-01-05 12:30:00"], "Likes": [1, 2]}),
        timezone="America/New_York",
    )
    posts = dataset.scan().collect()
    assert posts["weekday"].to_list() == ["Sun", "Mon"]
    assert posts["hour"].to_list() == ["21", "07"]


def test_a_quote_that_is_never_closed_is_said_instead_of_losing_posts(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match=r"row 3, column B.*never closed"):
        opened(
            tmp_path,
            "posts.csv",
            b'post_id,text,likes,comments\na,x,5,3\nb,"never closed,6,4\nc,fine,7,5\nd,fine,8,5\n',
        )


def test_ids_that_a_spreadsheet_rounded_do_not_merge_posts(tmp_path: Path) -> None:
    rows = "\n".join(f"17841400000000000,{i}" for i in range(4))
    dataset = opened(tmp_path, "posts.csv", f"Post ID,Likes\n{rows}\n".encode())
    assert dataset.posts == 4
    assert any("rounded" in note for note in dataset.quality.notes)


def test_an_account_called_total_is_an_account(tmp_path: Path) -> None:
    data = b"Account,Caption,Likes,Comments\nTotal,a nice day,5,\nOther,another,6,1\nTotal,more words,7,2\n"
    assert opened(tmp_path, "posts.csv", data).posts == 3


def test_items_of_a_json_list_that_are_no_posts_are_counted(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.json", b'[1, 2, {"id": "a", "likes": 3}, "x", {"id": "b", "likes": 4}]')
    assert (dataset.posts, dataset.quality.rows, dataset.quality.dropped[0].rows) == (2, 5, 3)


def test_columns_that_parquet_has_and_a_table_has_not(tmp_path: Path) -> None:
    table = pl.DataFrame({"id": ["a", "b"], "likes": [1, 2], "tags": [["x"], []], "_row": [1, 2]})
    table = table.with_columns(took=pl.duration(seconds=pl.col("likes")))
    table.write_parquet(tmp_path / "p.parquet")
    dataset = open_dataset(str(tmp_path / "p.parquet"), store=tmp_path / "store", settings=ReadSettings())
    assert dataset.posts == 2
    assert "tags" in " ".join(dataset.quality.files[0].reading)
    assert dataset.scan().collect()["took"].to_list() == [1, 2]


def test_ids_and_timestamps_are_no_metrics(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "posts.csv", b"id,campaign_id,likes\n1,77,5\n2,78,6\n3,79,7\n")
    assert {c.name for c in dataset.schema.metrics} == {"react_like", "reactions"}


def test_a_folder_reads_what_it_can(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "README.md").write_text("not posts")
    (folder / "a.csv").write_text("Post ID,Likes\n1,5\n2,6\n")
    assert open_dataset(str(folder), store=tmp_path / "store", settings=ReadSettings()).posts == 2


def test_huge_counts_do_not_wrap_round(tmp_path: Path) -> None:
    dataset = opened(
        tmp_path,
        "posts.csv",
        b"Reactions,Comments,Shares\n1000000000000000000,8000000000000000000,8000000000000000000\n1,2,3\n",
    )
    assert dataset.scan().collect()["engagements"].to_list() == [None, 6]


@pytest.mark.slow
def test_every_variant_of_a_real_file_has_the_same_dates(shared: Path, tmp_path: Path) -> None:
    """UCI Live sellers: 40 % of the dates can be read the wrong way round without an error."""
    found = []
    for name in ("Live.csv", "Live_20210128.csv", "Live_20210128_resaved_split_time.csv"):
        dataset = open_dataset(str(shared / "real/fb_live_sellers" / name), store=tmp_path, settings=ReadSettings())
        assert dataset.quality.rows == 7050
        found.append(set(dataset.scan().collect()["published"].to_list()))
    assert found[1] == found[2]
    assert len(found[1] - found[0]) <= 2  # Two ids stand twice with different times; the last one is kept.
    assert found[0] <= found[1]


def test_known_headers_of_real_exports_find_their_role(shared: Path) -> None:
    """Of the header names that agencies meet, those that name a role of this reader are recognised."""
    from postlens.core.data.vocabulary.roles import role_of, roles

    table = pl.read_csv(shared / "header_roles.csv")
    renamed = {
        "reactions_total": "reactions",
        "clicks_total": "clicks",
        "clicks_link": "link_clicks",
        "engagements_total": "engagements_reported",
    }
    english = table.filter((pl.col("language") == "en") & ~pl.col("role").is_in(["ignore", "report_window"]))
    wanted = [
        (h, renamed.get(r, r)) for h, r in english.select("header", "role").iter_rows() if renamed.get(r, r) in roles()
    ]
    wrong = [(h, r, role_of(h)) for h, r in wanted if role_of(h) != r]
    assert len(wrong) <= 0.15 * len(wanted), wrong
