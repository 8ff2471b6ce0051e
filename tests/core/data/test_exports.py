"""Every network's export read value by value: what stands in the file, by a plain reader and a mapping written by hand."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers
from tests.conftest import SHARED

pytestmark = pytest.mark.slow

EXPORTS = SHARED / "exports"
FACEBOOK = {
    "Post ID": "post_id", "Page ID": "account_id", "Page name": "account_name", "Reactions": "reactions",
    "Comments": "comments", "Shares": "shares", "Reach": "reach", "Views": "views", "Impressions": "impressions",
    "Total clicks": "clicks", "Link Clicks": "link_clicks", "Permalink": "url",
}  # fmt: skip
INSTAGRAM = {
    "Post ID": "post_id", "Account username": "account_name", "Likes": "reactions", "Comments": "comments",
    "Shares": "shares", "Saves": "saves", "Follows": "follows", "Reach": "reach", "Views": "views",
    "Impressions": "impressions", "Description": "text", "Permalink": "url",
}  # fmt: skip
SPANISH = {
    "Identificador de la publicación": "post_id", "Nombre de usuario de la cuenta": "account_name",
    "Visualizaciones": "views", "Alcance": "reach", "Me gusta": "reactions", "Veces que se compartió": "shares",
    "Veces que se ha compartido": "shares", "Seguimientos": "follows", "Seguidores": "follows",
    "Comentarios": "comments", "Veces que se guardó": "saves", "Veces guardado": "saves",
}  # fmt: skip
GERMAN = {
    "Beitrags-ID": "post_id", "Konto-Benutzername": "account_name", "Aufrufe": "views", "Reichweite": "reach",
    "„Gefällt mir“-Angaben": "reactions", "Geteilte Inhalte": "shares", "Kommentare": "comments",
    "Gespeicherte Beiträge": "saves", "Follows": "follows",
}  # fmt: skip
X_OLD = {
    "Tweet id": "post_id", "Tweet text": "text", "impressions": "impressions", "engagements": "engagements_reported",
    "retweets": "shares", "replies": "comments", "likes": "reactions", "favorites": "reactions",
    "url clicks": "link_clicks", "media views": "views",
}  # fmt: skip
X_NEW = {
    "Post id": "post_id", "Post text": "text", "Impressions": "impressions", "Likes": "reactions", "Bookmarks": "saves",
    "Replies": "comments", "Reposts": "shares", "Profile visits": "profile_visits", "New follows": "follows",
}  # fmt: skip
LEGACY = {
    "Post ID": "post_id", "Lifetime Post Total Reach": "reach", "Lifetime Post Total Impressions": "impressions",
    "Lifetime Post Consumptions": "clicks",
}  # fmt: skip
CROWDTANGLE = {
    "Page Name": "account_name", "Likes": "react_like", "Love": "react_love", "Angry": "react_angry",
    "Comments": "comments", "Shares": "shares", "Followers at Posting": "followers_at_post",
    "Total Interactions": "engagements_reported", "URL": "url",
}  # fmt: skip
SPROUT = {
    "Post ID": "post_id", "Profile": "account_name", "Impressions": "impressions", "Reach": "reach",
    "Reactions": "reactions", "Comments": "comments", "Shares": "shares", "Saves": "saves", "Post": "text",
    "Organic Impressions": "organic_impressions",
}  # fmt: skip
TIKTOK = {
    "Video title": "title", "Video link": "url", "Total likes": "reactions", "Total comments": "comments",
    "Total shares": "shares", "Total views": "views",
}  # fmt: skip
YOUTUBE = {
    "Content": "post_id", "Video": "post_id", "Contenido": "post_id", "Contenu": "post_id", "Views": "views",
    "Aufrufe": "views", "Visualizaciones": "views", "Vues": "views", "Subscribers": "follows", "Abonnenten": "follows",
    "Suscriptores": "follows", "Impressions": "impressions", "Impressionen": "impressions",
    "Impresiones": "impressions", "Duration": "duration_s", "Video title": "title", "Videotitel": "title",
}  # fmt: skip
# File; the format it is of; header to column; rows that are no posts; the first post's time in UTC, worked out by hand.
FILES: list[tuple[str, str, dict[str, str], int, datetime]] = [
    # 1 July 2026, 18:12 in Los Angeles, seven hours behind.
    ("meta_facebook/fb_posts_en_34cols.csv", "facebook", FACEBOOK, 0, datetime(2026, 7, 2, 1, 12, tzinfo=UTC)),
    ("meta_facebook/fb_posts_en_26cols_photo_page.csv", "facebook", FACEBOOK, 0, datetime(2026, 7, 2, 1, 12, tzinfo=UTC)),
    ("meta_facebook/fb_posts_en_impressions_until_2025.csv", "facebook", FACEBOOK, 0, datetime(2026, 7, 2, 1, 12, tzinfo=UTC)),
    ("meta_instagram/ig_posts_en.csv", "instagram", INSTAGRAM, 0, datetime(2026, 7, 3, 16, 5, tzinfo=UTC)),
    ("meta_instagram/ig_posts_en_other_column_order.csv", "instagram", INSTAGRAM, 0, datetime(2026, 7, 3, 16, 5, tzinfo=UTC)),
    ("meta_instagram/ig_posts_en_impressions_until_2025.csv", "instagram", INSTAGRAM, 0, datetime(2026, 7, 3, 16, 5, tzinfo=UTC)),
    ("meta_instagram/ig_posts_es_419.csv", "instagram", SPANISH, 0, datetime(2026, 7, 3, 16, 5, tzinfo=UTC)),
    ("meta_instagram/ig_posts_es_ES.csv", "instagram", SPANISH, 0, datetime(2026, 7, 3, 16, 5, tzinfo=UTC)),
    # 03.07.2026: in German the day comes first.
    ("meta_instagram/ig_posts_de_RECONSTRUCTED_header.csv", "instagram", GERMAN, 0, datetime(2026, 7, 3, 16, 5, tzinfo=UTC)),
    ("facebook_insights_legacy/post_level.csv", "facebook", LEGACY, 1, datetime(2016, 1, 10, 9, 15, tzinfo=UTC)),
    ("crowdtangle/facebook_historical.csv", "facebook", CROWDTANGLE, 0, datetime(2021, 7, 1, 20, 45, 20, tzinfo=UTC)),
    ("sprout_social/post_performance_order_partly_inferred.csv", "", SPROUT, 0, datetime(2021, 1, 12, 1, 5, tzinfo=UTC)),
    # 7574853431328768000 // 2**32 = 1763658000: 20 November 2025.
    ("tiktok/Content.csv", "tiktok", TIKTOK, 0, datetime(2025, 11, 20, 17, 0, tzinfo=UTC)),
    # (2073768861496246272 // 2**22 + 1288834974657) ms: 5 July 2026.
    ("x_twitter/account_analytics_content_2026-07-01_2026-07-31.csv", "x", X_NEW, 0, datetime(2026, 7, 5, 14, 0, tzinfo=UTC)),
    ("x_twitter/tweet_activity_metrics_demo_20220101_20220201_en.csv", "x", X_OLD, 0, datetime(2022, 1, 3, 12, 15, tzinfo=UTC)),
    ("x_twitter/tweet_activity_metrics_2015_favorites_header.csv", "x", X_OLD, 0, datetime(2022, 1, 3, 12, 15, tzinfo=UTC)),
    ("youtube/Table data.csv", "youtube", YOUTUBE, 1, datetime(2023, 2, 7, tzinfo=UTC)),
    ("youtube/Tabellendaten.csv", "youtube", YOUTUBE, 1, datetime(2023, 2, 7, tzinfo=UTC)),
    ("youtube/Datos de la tabla.csv", "youtube", YOUTUBE, 1, datetime(2023, 2, 7, tzinfo=UTC)),
    ("youtube/Informations relatives aux tableaux.csv", "youtube", YOUTUBE, 1, datetime(2023, 2, 7, tzinfo=UTC)),
]  # fmt: skip


def read(path: Path, **settings: Any) -> Posts:
    return to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings(**settings))


def plain(text: str, column: str) -> object:
    """A cell as the column should have it: numbers without marks, blanks as null."""
    text = text.strip()
    if text in {"", "-"}:
        return None
    if column in {"post_id", "account_id", "account_name", "url", "text", "title"}:
        return text
    return int(float(text.replace(",", "")))


@pytest.mark.skipif(not EXPORTS.exists(), reason="the shared sample exports are not beside the project")
@pytest.mark.parametrize(("name", "platform", "mapping", "others", "first"), FILES, ids=[f[0] for f in FILES])
def test_every_value_of_an_export(
    name: str, platform: str, mapping: dict[str, str], others: int, first: datetime
) -> None:
    posts = read(EXPORTS / name)
    text = (EXPORTS / name).read_text("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    rows = [r for r in rows if any(c.strip() for c in r)][others:]
    assert (posts.frame.height, posts.report.rows) == (len(rows), len(rows) + others)
    used = {h: c for h, c in mapping.items() if h in header}
    assert len(used) >= 3
    for head, column in used.items():
        cells = [plain(r[header.index(head)], column) for r in rows]
        assert posts.frame[column].to_list() == cells, head
    assert posts.frame["published"].to_list()[0] == first
    if platform:
        assert posts.frame["platform"].unique().to_list() == [platform]
    assert not posts.report.bad_values


@pytest.mark.skipif(not EXPORTS.exists(), reason="the shared sample exports are not beside the project")
def test_exports_that_are_no_text() -> None:
    for name in ("demo_content_2025.xls", "demo_content_2025.xlsx"):
        page = read(EXPORTS / "linkedin" / name)
        first = page.frame.row(0, named=True)
        assert (first["impressions"], first["views"], first["clicks"], first["reactions"]) == (659, 197, 13, 9)
        assert (first["post_type"], first["shares"], first["published"]) == (
            "video",
            1,
            datetime(2025, 1, 10, tzinfo=UTC),
        )
    tiktok = read(EXPORTS / "tiktok" / "TikTok_business_content.xlsx").frame.row(1, named=True)
    assert (tiktok["views"], tiktok["reactions"], tiktok["saves"], tiktok["account_name"]) == (5191, 567, 3, "demo")
    download = read(EXPORTS / "instagram_data_download_json" / "posts.json").frame
    first = download.row(0, named=True)
    assert (first["impressions"], first["reach"], first["reactions"], first["profile_visits"]) == (1234, 987, 45, 12)
    assert first["text"] == "Café — caption 0", "bytes written as characters are characters again"
    assert first["published"] == datetime.fromtimestamp(1_720_000_000, UTC)


@pytest.mark.skipif(not EXPORTS.exists(), reason="the shared sample exports are not beside the project")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("meta_daily_series_utf16/Follows.csv", "a daily series from Meta"),
        ("youtube/NOT_post_level_traffic_source.csv", "by traffic source"),
    ],
)
def test_look_alikes_are_refused_by_name(name: str, said: str) -> None:
    with pytest.raises(PostlensError, match=said) as refused:
        read(EXPORTS / name)
    assert "one row for each" in str(refused.value), "it says what to export instead"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not beside the project")
def test_the_three_copies_of_one_data_set_are_the_same_posts() -> None:
    """Dashes and slashes in one column, day and month swapped by a spreadsheet, date and time split into two columns."""
    folder = SHARED / "real" / "fb_live_sellers"
    tables = [read(folder / n).frame for n in ("Live.csv", "Live_20210128.csv", "Live_20210128_resaved_split_time.csv")]
    assert [t.height for t in tables] == [7050] * 3
    minutes = [t["published"].dt.truncate("1m").to_list() for t in tables]
    assert minutes[0] == minutes[1] == minutes[2]
    for column in ("reactions", "comments", "shares", "react_angry"):
        assert tables[0][column].to_list() == tables[1][column].to_list() == tables[2][column].to_list()


# -- what no sample has, in files of our own ------------------------------------------------------------


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_row_for_each_post_and_day_is_refused(tmp_path: Path) -> None:
    head = "Post ID,Page ID,Page name,Publish time,Post type,Date,Reach,Reactions\n"
    rows = "".join(f"1{i},9,Page,07/0{i}/2026 10:00,Photos,2026-07-0{d},10,1\n" for i in (1, 2) for d in (3, 4))
    with pytest.raises(PostlensError, match="a row for each post and day"):
        read(written(tmp_path, "daily.csv", head + rows))


def test_the_table_of_an_archive(tmp_path: Path) -> None:
    table = 'Content,Video title,Video publish time,Duration,Views\nTotal,,,,30\na1,One,"Feb 7, 2023",20,10\nb2,Two,"Feb 9, 2023",400,20\n'
    path = tmp_path / "inner" / "export.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Chart data.csv", "Date,Views\n2023-02-07,10\n2023-02-08,20\n")
        archive.writestr("Totals.csv", "Date,Views\n2023-02-07,10\n")
        archive.writestr("../../escape.csv", table)
        archive.writestr("Table data.csv", table)
    posts = read(path).frame
    assert posts["views"].to_list() == [10, 20]
    assert posts["post_type"].to_list() == ["short", "video"]
    assert [p.name for p in tmp_path.rglob("*")] == ["inner", "export.zip"], "nothing is unpacked beside"


def test_two_tables_side_by_side(tmp_path: Path) -> None:
    """LinkedIn's top posts: five by engagements, five by impressions, not the same five."""
    import xlsxwriter

    path = tmp_path / "Content.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("DISCOVERY").write_row(0, 0, ["Overall", "9/30/2025"])
        sheet = book.add_worksheet("TOP POSTS")
        sheet.write_row(0, 0, ["Maximum of 50 posts available to include in this list"])
        sheet.write_row(
            2, 0, ["Post URL", "Post publish date", "Engagements", "", "Post URL", "Post publish date", "Impressions"]
        )
        sheet.write_row(3, 0, ["https://l/a", "9/30/2025", "12", "", "https://l/b", "9/14/2025", "900"])
        sheet.write_row(4, 0, ["https://l/b", "9/14/2025", "7", "", "https://l/c", "9/20/2025", "800"])
    posts = {r["url"]: r for r in read(path).frame.iter_rows(named=True)}
    assert set(posts) == {"https://l/a", "https://l/b", "https://l/c"}
    assert (posts["https://l/b"]["engagements_reported"], posts["https://l/b"]["impressions"]) == (7, 900)
    assert posts["https://l/a"]["impressions"] is None
    assert posts["https://l/c"]["published"] == datetime(2025, 9, 20, tzinfo=UTC)


def test_ids_that_a_spreadsheet_rounded_are_said_and_not_used(tmp_path: Path) -> None:
    rows = "".join(f"6.49E+17,https://x.com/a/status/{i},t,{i},{i},2026-07-0{i} 10:00\n" for i in range(1, 6))
    posts = read(written(tmp_path, "x.csv", "Tweet id,Tweet permalink,Tweet text,impressions,likes,time\n" + rows))
    assert posts.frame["post_id"].null_count() == 5
    assert any("has rounded ids" in note for note in posts.report.notes)


def test_two_long_ids_with_zeros_at_the_end_are_ids(tmp_path: Path) -> None:
    ids = ["17900000000000000", "17900000000007919", "17900000000015838", "17900000000023757"]
    rows = "".join(f"{i},9,u,07/0{n}/2026 10:00,{n}\n" for n, i in enumerate(ids, start=1))
    posts = read(written(tmp_path, "ig.csv", "Post ID,Account ID,Account username,Publish time,Likes\n" + rows))
    assert posts.frame["post_id"].to_list() == ids


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("28 sept. 2026", datetime(2026, 9, 28, tzinfo=UTC)),
        ("3 de março de 2025", datetime(2025, 3, 3, tzinfo=UTC)),
        ("19 août 2024", datetime(2024, 8, 19, tzinfo=UTC)),
        ("5. März 2026", datetime(2026, 3, 5, tzinfo=UTC)),
        ("dic 31, 2025", datetime(2025, 12, 31, tzinfo=UTC)),
    ],
)
def test_months_in_the_languages_of_the_exports(text: str, wanted: datetime) -> None:
    from postlens.core.data.convert.dates import read_times

    assert read_times(pl.Series([text])).values.to_list() == [wanted]


def test_a_day_stays_that_day_whatever_the_clock() -> None:
    from postlens.core.data.convert.dates import read_times

    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        found = read_times(pl.Series(["Feb 7, 2023"]), zone=zone)
        assert found.values.to_list() == [datetime(2023, 2, 7, tzinfo=UTC)]


def test_what_nothing_decides_is_asked_where_one_should_ask(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "id,date,likes,comments\na,04/05/2026,1,2\nb,06/07/2026,2,3\n")
    with pytest.raises(PostlensError) as asked:
        read(path, ask=True)
    assert "04/05/2026 is 5 Apr 2026 or 4 May 2026" in str(asked.value)
    assert "--date-order dmy" in str(asked.value)
    assert read(path, ask=True, date_order="dmy").frame["published"].to_list()[0] == datetime(2026, 5, 4, tzinfo=UTC)


def test_a_lone_ambiguous_number_follows_the_rest_of_the_file(tmp_path: Path) -> None:
    posts = read(written(tmp_path, "t.csv", 'likes,comments,Paid reach\n"1,234",2,"4,865"\n"1,050.0",3,"3,892"\n'))
    assert posts.frame["paid_reach"].to_list() == [4865, 3892]


def test_a_mark_that_could_be_either_is_asked_where_one_should_ask(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "t.csv",
        "id;date;comments;likes;mood\na;2026-01-02;4;1;1.234\nb;2026-01-05;4;2;12.345\nc;2026-01-06;4;3;2.000\n",
    )
    with pytest.raises(PostlensError) as asked:
        read(path, ask=True)
    assert "1.234 is 1.234 or 1234; 12.345 is 12.345 or 12345" in str(asked.value)
    assert "column E" in str(asked.value)
    assert "--decimal comma" in str(asked.value)
    assert read(path, ask=True, decimal="comma").frame["mood"].to_list() == [1234, 12345, 2000]
    assert read(path, ask=True, decimal="point").frame["mood"].to_list() == [1.234, 12.345, 2.0]
    assert read(path).frame["mood"].to_list() == [1.234, 12.345, 2.0], "without asking, a mark is decimal"


@pytest.mark.parametrize("mood", ["0.123", "1.23", "1.2345", "text 1.234", "1.234.567"])
def test_a_mark_that_only_one_reading_fits_is_not_asked(tmp_path: Path, mood: str) -> None:
    rows = "".join(f"{i};2026-01-0{i};4;{i};{m}\n" for i, m in enumerate(("1.234", mood, "2.000"), start=2))
    assert read(written(tmp_path, "t.csv", "id;date;comments;likes;mood\n" + rows), ask=True).report.posts == 3


DAYS = (
    "Post ID,Page ID,Page name,Title,Publish time,Date,Reach,Reactions,Comments\n"
    "11,9,Demo,One,03/13/2026 10:00,03/13/2026,50,5,\n"
    "12,9,Demo,Two,03/14/2026 10:00,03/14/2026,40,1,0\n"
    "11,9,Demo,One,03/13/2026 10:00,03/14/2026,20,2,\n"
    "12,9,Demo,Two,03/14/2026 10:00,03/15/2026,10,,3\n"
)


def test_one_row_for_each_post_and_day_is_refused_or_added_up_as_asked(tmp_path: Path) -> None:
    path = written(tmp_path, "days.csv", DAYS)
    with pytest.raises(PostlensError, match="row for each post and day") as refused:
        read(path)
    assert "row 2, column F" in str(refused.value)
    assert "--add-days" in str(refused.value)
    posts = read(path, add_days=True)
    assert posts.frame.select("post_id", "reactions", "comments").rows() == [("11", 7, None), ("12", 1, 3)]
    assert "reach" not in posts.frame.columns
    assert any("Reach cannot be added" in note for note in posts.report.notes)
    assert posts.report.rows == posts.report.posts + sum(d.rows for d in posts.report.dropped) == 4


def test_videos_of_a_page_are_videos(tmp_path: Path) -> None:
    text = "Video asset ID,Page ID,Page name,Title,Publish time,Views,Reactions\n"
    rows = "".join(f"1{n},9,Demo,t,03/1{n}/2026 10:00,{n},1\n" for n in range(3, 6))
    posts = read(written(tmp_path, "videos.csv", text + rows))
    assert posts.report.reading[0].startswith("Meta Business Suite, Facebook videos")
    assert posts.frame["post_type"].unique().to_list() == ["video"]


def test_the_report_says_which_format_and_why(tmp_path: Path) -> None:
    rows = "".join(f"1{n},9,u,07/0{n}/2026 10:00,{n}\n" for n in range(1, 5))
    path = written(tmp_path, "ig.csv", "Post ID,Account ID,Account username,Publish time,Likes\n" + rows)
    assert read(path).report.reading[0] == "Meta Business Suite, Instagram posts (100% of the columns known)"


def test_a_download_without_posts_is_no_crash(tmp_path: Path) -> None:
    path = written(tmp_path, "posts.json", json.dumps({"organic_insights_posts": []}))
    with pytest.raises(PostlensError):
        read(path)
