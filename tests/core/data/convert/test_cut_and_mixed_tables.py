"""What an eighth count of strangers' tables taught: tables that were cut, mixed or put together, each small and our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert import id_clocks
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.languages import usual_languages
from postlens.core.data.convert.markup import without_markup
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers
from postlens.core.data.files.cut_dates import put_together
from postlens.core.data.files.encodings import likeliest
from tests.core.data.convert.test_moments_and_ids import code_of_instagram
from tests.core.data.convert.test_outside_files import CAPTIONS, frame, posts_of
from tests.core.data.convert.test_scraped_files import id_of_tiktok, id_of_x, moments


def id_of_linkedin(moment: datetime) -> int:
    return int(moment.timestamp() * 1000) << 22 | 4_321


@pytest.mark.parametrize(
    ("record", "whole"),
    [
        (["2/19/2025", " 12:26:08 PM", "5", "6"], ["2/19/2025, 12:26:08 PM", "5", "6"]),
        (["5", "Feb 19", " 2025", "6"], ["5", "Feb 19, 2025", "6"]),
        (["Wednesday", " February 19", " 2025", "5", "6"], ["Wednesday, February 19, 2025", "5", "6"]),
        (["5", "12", "6", "7"], None),  # A comma among numbers says nothing.
        (["2/19/2025", "5", "6"], None),
    ],
)
def test_a_date_that_its_own_comma_cut_is_put_together(record: list[str], whole: list[str] | None) -> None:
    assert put_together(record, 3) == whole


def test_dates_without_quotation_marks_and_a_list_below_the_posts(tmp_path: Path) -> None:
    """All rows had a cell too many, and the words below counted as posts."""
    rows = [f'{1 + i}/19/2025, 1{i}:26:08 PM,{50 + i},{i},2,"{CAPTIONS[i]}, and more"' for i in range(3)]
    rows += [f'{1 + i}/19/2025, 0{i}:26:08 PM,{50 + i},{i},2,"{CAPTIONS[i]}, and more"' for i in range(3, 8)]
    text = "\n".join(
        [
            "TikTok User Statistics",
            "",
            "Date,Plays,Likes,Comments,Description",
            *rows,
            "",
            "Mentions",
            "@us,3",
            "@you,2",
        ]
    )
    posts = posts_of(tmp_path, "t.csv", text)
    assert posts.frame["views"].to_list() == list(range(50, 58))
    assert posts.frame["text"][2] == f"{CAPTIONS[2]}, and more"
    assert posts.frame["platform"].unique().to_list() == ["tiktok"]
    assert any(d.reason == "another table below the posts" and d.rows == 3 for d in posts.report.dropped)
    assert any("put together in 8 row(s)" in said for said in posts.report.reading)


def test_posts_found_again_under_other_words_show_their_network(tmp_path: Path) -> None:
    """Xiaohongshu calls posts notes, whose links were taken for those of remarks; and each post stands there twice."""
    ids = [f"611bab76000000002103{i:04x}" for i in range(8)] * 2
    rows = [
        f"{i // 8},{key},{CAPTIONS[i % 8]},2025-03-0{1 + i % 8} 10:00:00,{i},{2 * i},https://www.xiaohongshu.com/explore/{key}?s={i}"
        for i, key in enumerate(ids)
    ]
    found = frame(tmp_path, "keyword,note_id,desc,time,liked_count,comment_count,note_url", *rows)
    assert found["platform"].unique().to_list() == ["xiaohongshu"]


def test_links_to_accounts_are_no_posts(tmp_path: Path) -> None:
    """A table of accounts was refused as one that has each post several times."""
    rows = [
        f"name{i % 6},https://www.instagram.com/name{i % 6},{9 + i},{100 * i},{i},2024-0{1 + i % 7}-{i * i % 28 + 1:02}T12:03:25,2026-0{1 + i % 5}-{i * i % 27 + 1:02}T05:42:10"
        for i in range(18)
    ]
    header = "owner_username,owner_profile_url,posts_count,total_likes,total_comments,first_post_timestamp,last_post_timestamp"
    with pytest.raises(PostlensError, match="cannot be told which column is the post's id, link or caption"):
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="instagram")


def test_mentions_in_news_are_no_posts_of_the_network_that_was_named(tmp_path: Path) -> None:
    """577 mentions of blogs, news and several networks became Facebook posts."""
    media = ("Facebook", "News", "Instagram", "X (Twitter)", "Blogs")
    rows = [
        f"9{i:015},2026-02-{i % 28 + 1:02} 10:00,{CAPTIONS[i % 8]} {i},{media[i % 5]},https://news{i}.example/{i},{i},{3 * i}"
        for i in range(40)
    ]
    text = "\n".join(["id,Publish date,Title,Media type,Link,Reach,Interactions", *rows])
    with pytest.raises(PostlensError, match=r'mentions in news, blogs or forums .* posts of facebook.*"Media type"'):
        posts_of(tmp_path, "t.csv", text, platform="facebook")


def id_of_xiaohongshu(moment: datetime) -> str:
    return f"{int(moment.timestamp()):08x}000000002103{0:04x}"


@pytest.mark.parametrize(
    ("network", "made", "link"),
    [
        ("douyin", id_of_tiktok, "https://www.douyin.com/video/{}"),
        ("xiaohongshu", id_of_xiaohongshu, "https://www.xiaohongshu.com/explore/{}"),
        ("threads", code_of_instagram, "https://www.threads.com/@us/post/{}"),
        ("linkedin", id_of_linkedin, "https://www.linkedin.com/feed/update/urn:li:activity:{}"),
        ("instagram", code_of_instagram, "https://www.instagram.com/p/{}/"),
    ],
)
def test_a_table_without_times_has_those_of_its_links(
    tmp_path: Path, network: str, made: Callable[[datetime], object], link: str
) -> None:
    times = moments(12)
    rows = [f"{link.format(made(m))},{CAPTIONS[i % 8]} {i},2w,{9 * i},{i}" for i, m in enumerate(times)]
    found = frame(tmp_path, "link,caption,age,likes,comments", *rows)
    assert found["published"].dt.truncate("1s").to_list() == times
    assert found["platform"].unique().to_list() == [network]


def test_ids_tell_times_only_with_their_network(tmp_path: Path) -> None:
    """19 digits could be TikTok's or LinkedIn's; the name of the network, or somebody, says which."""
    times = moments(12)
    rows = [f"{id_of_tiktok(m)},{CAPTIONS[i % 8]} {i},{9 * i},{i}" for i, m in enumerate(times)]
    text = "\n".join(["id,caption,likes,comments", *rows])
    with pytest.raises(PostlensError, match="cannot be told when the posts were published"):
        posts_of(tmp_path, "t.csv", text)
    assert posts_of(tmp_path, "t.csv", text, platform="tiktok").frame["published"].to_list() == times
    tweets = [f"{id_of_x(m)},{CAPTIONS[i % 8]} {i},{9 * i},{i}" for i, m in enumerate(times)]
    found = frame(tmp_path, "tweet_id,text,like_count,reply_count", *tweets)
    assert found["published"].dt.truncate("1s").to_list() == times


def test_networks_of_china_show_its_clock_unless_the_ids_say_otherwise(tmp_path: Path) -> None:
    """All posts of a Douyin tool stood eight hours late; most were planned, so that their ids could not tell."""
    times = moments(12)
    link = "https://www.iesdouyin.com/share/video/{}/?region=CN"

    def posts(shown: timedelta, planned: timedelta, **settings: str) -> Posts:
        rows = [
            f"{link.format(id_of_tiktok(m - planned * (i % 3)))},{CAPTIONS[i % 8]} {i},{m + shown:%Y-%m-%d %H:%M:%S},{9 * i},{i}"
            for i, m in enumerate(times)
        ]
        return posts_of(tmp_path, "t.csv", "\n".join(["link,caption,time,likes,comments", *rows]), **settings)

    late = posts(timedelta(hours=8), timedelta(hours=5))
    assert late.frame["published"].to_list() == times
    assert any("Douyin shows that of China" in note for note in late.report.notes)
    assert posts(timedelta(), timedelta()).frame["published"].to_list() == times
    told = posts(timedelta(hours=8), timedelta(hours=5), timezone="UTC")
    assert told.frame["published"].to_list() == [m + timedelta(hours=8) for m in times]


def test_counts_of_the_video_and_favorites_beside_likes(tmp_path: Path) -> None:
    """Comments and saves of 257 posts of Bilibili were lost."""
    rows = [
        f"BV1xx41{i:05},https://www.bilibili.com/video/av{10**6 + i},{CAPTIONS[i % 8]} {i},2025-0{1 + i % 9}-11T10:00:00Z,{i},{2 * i},{3 * i},{4 * i}"
        for i in range(12)
    ]
    header = "video_id,video_url,title,create_time,liked_count,video_comment,video_favorite_count,video_share_count"
    found = frame(tmp_path, header, *rows)
    for column, times in (("react_like", 1), ("comments", 2), ("saves", 3), ("shares", 4)):
        assert found[column].to_list() == [times * i for i in range(12)], column


def test_a_network_before_the_names_of_its_numbers(tmp_path: Path) -> None:
    rows = [
        f"https://www.instagram.com/reel/C{i:010}/,2025-0{1 + i % 9}-11T10:00:00Z,{i},{2 * i},{9 * i}"
        for i in range(12)
    ]
    found = frame(tmp_path, "url,Upload Timestamp,Instagram Likes,Instagram Saves,Instagram Plays", *rows)
    assert found["react_like"].sum() * 2 == found["saves"].sum()
    with pytest.raises(PostlensError, match="which columns are reactions"):  # Of two networks none is the post's.
        frame(tmp_path, "url,Upload Timestamp,Instagram Likes,Facebook Likes,Instagram Plays", *rows)


def test_answers_of_an_interface_kept_page_by_page(tmp_path: Path) -> None:
    def tweet(i: int) -> dict[str, object]:
        numbers = {"like_count": i, "retweet_count": 2 * i}
        return {
            "id": str(id_of_x(times[i])),
            "created_at": times[i].isoformat(),
            "text": CAPTIONS[i % 8],
            "public_metrics": numbers,
        }

    times = moments(12)
    pages = {f"page_{p}": {"data": [tweet(i) for i in range(4 * p, 4 * p + 4)], "meta": {"count": 4}} for p in range(3)}
    assert posts_of(tmp_path, "t.json", json.dumps(pages)).frame["react_like"].to_list() == list(range(12))


@pytest.mark.parametrize("columns", [{}, {"text": "text", "published": "created_at"}])
def test_an_archive_of_ids_places_and_sizes_has_no_numbers(tmp_path: Path, columns: dict[str, str]) -> None:
    """An old archive of X was asked for its metrics, and imported without any after an answer."""
    rows = [
        {"id": str(id_of_x(m)), "created_at": m.isoformat(), "text": CAPTIONS[i % 8], "user": {"id": 740343, "followers": i},
         "in_reply_to_status_id": str(id_of_x(m) - 1), "width": 640 + i, "geo": {"latitude": 51.5 + i}}
        for i, m in enumerate(moments(12))
    ]  # fmt: skip
    with pytest.raises(PostlensError, match="has no reactions, comments, views or other numbers of posts"):
        posts_of(tmp_path, "t.json", json.dumps(rows), columns=columns, platform="x")


def test_few_links_of_instagram_that_agree_tell_the_clock_also_of_uploads_that_took_minutes(tmp_path: Path) -> None:
    """An export without Meta's own columns stood eight hours early: its ids begin with the upload, minutes before the post."""
    rows = [
        f"https://www.instagram.com/p/{code_of_instagram(m - timedelta(minutes=i, seconds=30))}/,{m - timedelta(hours=8):%Y-%m-%d %H:%M},{CAPTIONS[i]},{i},{9 * i}"
        for i, m in enumerate(moments(6))
    ]
    found = frame(tmp_path, "Permalink,Posted,Caption,Likes,Reach", *rows)
    assert found["published"].to_list() == [m.replace(second=0) for m in moments(6)]


def test_ids_of_weibo_hold_seconds() -> None:
    made = pl.DataFrame({"id": [(1_562_241_600 - 515_483_463) << 22]}, schema={"id": pl.UInt64})
    assert made.select(id_clocks.moments(pl.col("id"), "weibo")).item().timestamp() == 1_562_241_600


@pytest.mark.parametrize(
    ("written", "read"),
    [("{}[7{}]", 70), ("{} (7{})", 70), ("7{} {}s", 70)],
)
def test_a_word_and_a_number_in_brackets_are_that_number(tmp_path: Path, written: str, read: int) -> None:
    order = written.index("{}") < written.index("7")
    rows = [
        f"https://www.instagram.com/p/C{i:010}/,2025-0{1 + i % 9}-11T10:00:00Z,{CAPTIONS[i]},{written.format('like', i) if order else written.format(i, 'like')},{i}"
        for i in range(8)
    ]
    assert frame(tmp_path, "url,published,text,likes,comments", *rows)["react_like"].to_list() == [
        read + i for i in range(8)
    ]


def test_captions_that_are_markup_are_read_as_people_read_them(tmp_path: Path) -> None:
    rows = [
        f'https://mastodon.social/@us/11689051034142{i:04},2025-0{1 + i % 9}-11T10:00:00Z,"<p>{CAPTIONS[i]} &amp; more<br />l&#39;autre <a href=""https://x.example"">x</a></p>",{i},{2 * i}'
        for i in range(8)
    ]
    found = frame(tmp_path, "url,created_at,content,favourites_count,reblogs_count", *rows)
    assert found["text"][0] == f"{CAPTIONS[0]} & more\nl'autre x"
    plain = pl.Series(["a < b", "if x <p> then", "R&D", "1 &lt; 2"])
    assert without_markup(plain).to_list() == ["a < b", "if x <p> then", "R&D", "1 < 2"]


def test_of_several_links_in_a_cell_the_posts_own_is_kept(tmp_path: Path) -> None:
    rows = [
        f'{id_of_x(m)},{m.isoformat()},{CAPTIONS[i % 8]},"https://fund.example/{i},https://twitter.com/us/status/{id_of_x(m)}/photo/1",{i},{2 * i}'
        for i, m in enumerate(moments(8))
    ]
    found = frame(tmp_path, "tweet_id,timestamp,text,expanded_urls,favorite_count,retweet_count", *rows)
    assert found["url"][3] == f"https://twitter.com/us/status/{id_of_x(moments(8)[3])}/photo/1"


def test_the_moment_of_a_crawl_is_no_id_under_that_name_either(tmp_path: Path) -> None:
    rows = [
        f"17146275657{i:02},us,2025-0{1 + i % 9}-11T10:00:00Z,{CAPTIONS[i]},{i},{2 * i},https://twitter.com/us/status/{9**18 + i}"
        for i in range(8)
    ]
    found = frame(tmp_path, "id,user,timestamp,text,likes,retweets,url", *rows)
    assert found["post_id"][0] == str(9**18)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("title,custom_url,published_at,description,views,subscribers,videos", "Kanal {i},@k{i},2012-02-{d:02}T00:43:50Z,What this channel is about {i},{n}000,{n}00,{n}"),
        ("handle,followers,total_likes,display_name,fetched", "@name{i},{n}00,{n}000,Name {i},2026-03-22"),
        ("rank,Youtuber,subscribers,video views,video count", "{i},Show {i},{n}000,{n}00000,{n}"),
    ],
)  # fmt: skip
def test_tables_of_accounts_are_refused_before_a_network_is_asked_for(tmp_path: Path, header: str, row: str) -> None:
    """A thousand channels became posts by the one answer that was asked for."""
    rows = [row.format(i=i, d=1 + i * i % 28, n=917 + 13 * i) for i in range(1, 20)]
    with pytest.raises(PostlensError, match="has a row for each account"):
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="youtube")


@pytest.mark.parametrize(
    "header",
    ["Creator,Caption,Date,Likes,Views,Subscribers,Videos", "Title,Published,Views,Likes,Subscribers,Videos"],
)
def test_posts_of_creators_with_their_followers_are_posts(tmp_path: Path, header: str) -> None:
    """Posts with likes of their own were refused as accounts, whatever network was named."""
    row = {"Creator": "name{i}", "Caption": "{c} {i}", "Title": "{c} {i}", "Date": "2025-0{m}-{d:02}", "Published": "2025-0{m}-{d:02}",
           "Likes": "{i}", "Views": "{n}", "Subscribers": "{n}00", "Videos": "{n}"}  # fmt: skip
    rows = [
        ",".join(row[h] for h in header.split(",")).format(
            i=i, c=CAPTIONS[i % 8], m=1 + i % 9, d=1 + i * i % 28, n=917 + 13 * i
        )
        for i in range(40)
    ]
    assert posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="instagram").frame.height == 40


def test_posts_with_what_is_known_of_their_account_are_posts(tmp_path: Path) -> None:
    rows = [
        f"https://www.tiktok.com/@us{i}/video/{id_of_tiktok(m)},{m.isoformat()},{CAPTIONS[i % 8]} {i},{i},{9 * i},{917 + 13 * i},{30 + 7 * i}"
        for i, m in enumerate(moments(12))
    ]
    assert frame(tmp_path, "url,createTime,text,diggCount,playCount,followers,video count", *rows).height == 12


def test_the_day_of_a_row_is_not_when_its_video_was_published(tmp_path: Path) -> None:
    """With --add-days all videos stood on the last day of the chart."""
    rows = [
        f'2026-01-{d:02},vid{v:08},"Video {v}: a look inside","Dec {v + 1}, 2025",{40 + v},{3 * v + d}'
        for v in range(4)
        for d in range(1, 9)
    ]
    text = "\n".join(["Date,Content,Video title,Video publish time,Duration,{}", *rows])
    posts = posts_of(tmp_path, "t.csv", text.format("Views"), add_days=True)
    assert posts.frame["published"].dt.day().sort().to_list() == [1, 2, 3, 4]
    assert posts.frame["published"].dt.year().unique().to_list() == [2025]
    with pytest.raises(PostlensError, match="no numbers that are left when the days of each post are added up"):
        posts_of(tmp_path, "t.csv", text.format("Engaged views"), add_days=True)


def test_ages_and_what_is_said_to_be_nothing_are_no_metrics(tmp_path: Path) -> None:
    """A column that was said to be nothing became a metric in which two weeks were twenty thousand."""
    rows = [
        f"https://www.linkedin.com/feed/update/urn:li:activity:{id_of_linkedin(m)},{CAPTIONS[i % 8]},{(1 + i, '2w', f'{i}d', '3m')[i % 4] if i % 4 else '5h'},{i},{2 * i},{7 * i}"
        for i, m in enumerate(moments(12))
    ]
    text = "\n".join(["link,text,age,likes,comments,score", *rows])
    kept = posts_of(tmp_path, "t.csv", text, columns={"-score": ""}).frame
    assert kept["age"].dtype == pl.String
    assert kept["score"].dtype == pl.String


def test_the_posts_of_several_accounts_in_one_file(tmp_path: Path) -> None:
    def post(i: int) -> dict[str, object]:
        return {
            "post_text": CAPTIONS[i % 8],
            "timestamp": f"2025-0{1 + i % 9}-11T10:00:00Z",
            "likes": i,
            "comments": 2 * i,
        }

    accounts = [
        {
            "company_name": name,
            "company_url": f"https://www.linkedin.com/company/{name}/",
            "posts": [post(i) for i in range(6)],
        }
        for name in ("north", "south")
    ]
    found = posts_of(tmp_path, "t.json", json.dumps(accounts), platform="linkedin").frame
    assert found.group_by("account_name").len().sort("account_name").rows() == [("north", 6), ("south", 6)]
    assert found["react_like"].sum() == 30


def test_networks_by_the_names_of_their_sites_and_types_by_their_words(tmp_path: Path) -> None:
    networks = ("TikTok", "X.com", "Instagram", "YouTube.com")
    rows = [
        f"P{i:03},{networks[i % 4]},{('Organic', 'Sponsored')[i % 2]},{('Video', 'Image', 'Text')[i % 3]},{CAPTIONS[i % 8]},{i},{2 * i},2025-0{1 + i % 9}-1{i % 7}"
        for i in range(24)
    ]
    found = frame(tmp_path, "Post_ID,Platform,Content_Type,Post_Type,Caption,Likes,Comments,Post_Published_At", *rows)
    assert set(found["platform"]) == {"tiktok", "x", "instagram", "youtube"}
    assert set(found["post_type"]) == {"video", "photo", "text"}


def test_half_is_no_letter_of_cyrillic() -> None:
    text = "3\u00bd cups and 50\u00a2 for 2\u00bd more, 4\u00bd hours at 20\u00a2; a caf\u00e9 \u2026"
    assert likeliest(text.encode("cp1252"))[0] == "cp1252"


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        (
            "date,member_id,member_name,follower_count,is_live",
            "2026-01-{d:02},{m},Name {m},{n},{b}",
            "is about followers",
        ),
        ("timestamp,followers", "2026-01-{d:02} 10:1{m}:00,{n}", "is about followers"),
        ("Date,Video Views,Profile Views,Likes,Comments,Shares", "{d} de marzo,{n},{m},{d},1,0", "a row for each day"),
    ],
)
def test_what_counts_followers_or_days_is_refused_by_that(tmp_path: Path, header: str, row: str, said: str) -> None:
    rows = [
        row.format(d=d, m=m, n=9000 + 31 * d + m, b=d % 2)
        for d in range(1, 20)
        for m in range(1 if "marzo" in row else 3)
    ]
    with pytest.raises(PostlensError, match=said):
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]))


def test_sheets_of_two_months_with_a_column_more_are_one_list(tmp_path: Path) -> None:
    """Thirteen posts of a second sheet were left out, for it had one column more."""
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    header = ["Permalink", "Publish time", "Description", "Likes", "Comments", "Views"]
    for number, name in enumerate(("February", "March")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, [*header, *(["Saves"] if number else [])])
        for i in range(8):
            day = f"2025-0{2 + number}-1{i}T10:00:00Z"
            code = f"https://www.instagram.com/p/C{number}{i:09}/"
            sheet.write_row(1 + i, 0, [code, day, f"{CAPTIONS[i]} {number}", i, 2 * i, 9 * i, *([7] if number else [])])
    book.close()
    found = to_posts(
        readers.read(tmp_path / "t.xlsx", readers.choose(tmp_path / "t.xlsx", readers.TABLES)), ReadSettings(ask=True)
    ).frame
    assert found.height == 16
    assert found.sort("published")["saves"].to_list() == [None] * 8 + [7] * 8
    assert found.sort("published")["react_like"].to_list() == [*range(8), *range(8)]


TID = "234567abcdefghijklmnopqrstuvwxyz"


def id_of_bluesky(moment: datetime) -> str:
    number, letters = int(moment.timestamp()) * 1_000_000 << 10 | 17, ""
    for _ in range(13):
        number, digit = divmod(number, 32)
        letters = TID[digit] + letters
    return f"at://did:plc:xku5qkj7fgy3goitmoj7wmbx/app.bsky.feed.post/{letters}"


def test_addresses_of_bluesky_are_ids_that_hold_the_time_and_rt_is_a_word_there(tmp_path: Path) -> None:
    times = moments(12)
    rows = [
        f"{id_of_bluesky(m)},{'RT @us: ' if i == 3 else ''}{CAPTIONS[i % 8]} {i},us.bsky.social,{i},{2 * i}"
        for i, m in enumerate(times)
    ]
    found = frame(tmp_path, "uri,text,handle,like_count,repost_count", *rows, rows[5])
    assert found["published"].dt.truncate("1s").to_list()[:12] == times
    assert found["post_id"].n_unique() == 12
    assert found["platform"].unique().to_list() == ["bluesky"]


def test_the_posts_own_id_is_not_that_of_its_video_and_a_cover_is_no_link(tmp_path: Path) -> None:
    rows = [
        {"id": str(id_of_tiktok(m)), "createTime": int(m.timestamp()), "desc": CAPTIONS[i % 8], "author": {"uniqueId": "us", "id": "6824918"},
         "video": {"id": f"v09044530000bqrfmh03rmgkcn{i:06}", "cover": f"https://p16.ibyteimg.com/obj/tos/{i}"}, "stats": {"diggCount": i, "playCount": 9 * i}}
        for i, m in enumerate(moments(12))
    ]  # fmt: skip
    found = posts_of(tmp_path, "t.json", json.dumps({"data": rows})).frame
    assert found["post_id"].to_list() == [row["id"] for row in rows]
    assert "url" not in found.columns


def test_a_long_cell_with_lines_is_no_open_quotation_mark(tmp_path: Path) -> None:
    """A file in which every record has its seven cells was refused for a mark that is never closed."""
    lines = "\n".join(f"{i},Somewhere air,nice,{9 * i},{i},https://x.example" for i in range(40))
    rows = [
        f'2025-0{1 + i % 9}-11,{CAPTIONS[i % 8]},"{lines if i == 4 else "short"}",{i},{2 * i},https://www.reddit.com/r/us/comments/1abc{i:02}/x/'
        for i in range(12)
    ]
    found = frame(tmp_path, "Date,Title,Text,Score,Comments,Link", *rows)
    assert found.height == 12
    assert found["text"][4] == lines


def test_numbers_of_in_chinese_and_names_of_networks_of_china(tmp_path: Path) -> None:
    names = "\u4f5c\u54c1\u540d\u79f0,\u53d1\u5e03\u65f6\u95f4,\u64ad\u653e\u91cf,5s\u5b8c\u64ad\u7387,2s\u8df3\u51fa\u7387,\u70b9\u8d5e\u91cf,\u5206\u4eab\u91cf,\u8bc4\u8bba\u91cf,\u6536\u85cf\u91cf"
    rows = [
        f"{CAPTIONS[i]},2025-03-1{i} 20:00:00,{99 * i},0.{i}1,0.{i}2,{9 * i},{2 * i},{3 * i},{4 * i}" for i in range(8)
    ]
    found = frame(tmp_path, names, *rows)
    assert found["platform"].unique().to_list() == ["douyin"]
    assert (found["shares"] * 3 == found["comments"] * 2).all()
    assert found["saves"].sum() == 4 * 28
    assert found["published"].dt.hour().unique().to_list() == [12]


def test_a_score_beside_likes_is_no_reaction_and_coins_tell_bilibili(tmp_path: Path) -> None:
    rows = [
        f"BV1xx41{i:05},{CAPTIONS[i % 8]} {i},2025-0{1 + i % 9}-11,{i},{2 * i},{3 * i},{900 * i},{4 * i},{5 * i}"
        for i in range(12)
    ]
    text = "\n".join(["id,title,pubdate,coin,danmaku,favorite,score,like,reply", *rows])
    found = posts_of(tmp_path, "t.csv", text, columns={"react_like": "like", "published": "pubdate"}).frame
    assert found["saves"].to_list() == [3 * i for i in range(12)]
    assert found["reactions"].to_list() == [4 * i for i in range(12)]
    assert found["platform"].unique().to_list() == ["bilibili"]


def test_comments_among_submissions_are_left_out_and_said(tmp_path: Path) -> None:
    rows = [
        f"{('submission', 'comment', 'comment')[i % 3]},us{i},{CAPTIONS[i % 8]} {i},2025-0{1 + i % 9}-11 10:00,{i},{2 * i},https://www.reddit.com/r/us/comments/1abc{i:02}/x/"
        for i in range(24)
    ]
    posts = posts_of(
        tmp_path, "t.csv", "\n".join(["type,author,title,created,score,num_comments,url", *rows]), platform="reddit"
    )
    assert posts.frame.height == 8
    assert any(d.reason == "a comment, not a post" and d.rows == 16 for d in posts.report.dropped)


def test_posts_of_campaigns_on_named_networks_are_posts(tmp_path: Path) -> None:
    networks = ("Twitter", "LinkedIn", "Instagram")
    rows = [
        f"P{i:04},C{i % 4},{networks[i % 3]},2025-0{1 + i % 9}-1{i % 7} 10:00,{CAPTIONS[i % 8]} {i},{i},{2 * i}"
        for i in range(24)
    ]
    assert frame(tmp_path, "post_id,campaign_id,platform,post_date,caption,likes,comments", *rows).height == 24


def test_languages_by_their_names_in_small_letters() -> None:
    words = pl.DataFrame({"v": ["english", "GERMAN", "cy", "nb"]})
    assert words.select(usual_languages(pl.col("v"))).to_series().to_list() == [
        "English",
        "German",
        "Welsh",
        "Norwegian",
    ]


@pytest.mark.parametrize("within", ["items", "videos", "posts"])
def test_a_post_with_a_list_within_stays_one_post(tmp_path: Path, within: str) -> None:
    """The members of a list became the posts, and the posts were lost."""
    rows = [
        {"post_id": str(id_of_x(m)), "created_at": m.isoformat(), "text": CAPTIONS[i % 8], "user": "us", "likes": i, "comments": 2 * i,
         within: [{"kind": "photo", "n": 1}, {"kind": "photo", "n": 2}]}
        for i, m in enumerate(moments(12))
    ]  # fmt: skip
    assert posts_of(tmp_path, "t.json", json.dumps(rows), platform="x").frame["react_like"].to_list() == list(range(12))


@pytest.mark.parametrize("values", ["en 60%", "go", "512", "out"])
def test_a_column_called_language_that_has_none_is_none(tmp_path: Path, values: str) -> None:
    rows = [
        f"{10**15 + i},2025-0{1 + i % 9}-11T09:00:00Z,{CAPTIONS[i % 8]} {i},{i},{i % 7},{values if i % 2 else 'c' if values == 'go' else '7' + values}"
        for i in range(12)
    ]
    found = frame(tmp_path, "tweet_id,created_at,text,likes,replies,Language", *rows)
    assert "language" not in found.columns or found["language"].drop_nulls().is_in(["English"]).all()


@pytest.mark.parametrize("names", ["Clicks on,Saves per day", "Likes in first hour,Average video page"])
def test_metrics_with_odd_names_are_asked_about_and_not_refused(tmp_path: Path, names: str) -> None:
    rows = [f"{CAPTIONS[i % 8]} {i},2025-0{1 + i % 9}-11 10:00,{3 * i},{17 * i}" for i in range(12)]
    with pytest.raises(PostlensError) as asked:
        posts_of(tmp_path, "t.csv", "\n".join([f"Caption,Published,{names}", *rows]), platform="instagram")
    assert asked.value.problems[0].asks == "columns"


def test_further_posts_below_a_title_stay_posts(tmp_path: Path) -> None:
    rows = [f"{CAPTIONS[i % 8]} {i},2025-0{1 + i % 9}-11 10:00,{i},{2 * i},{3 * i},{9 * i}" for i in range(12)]
    reels = [f"{CAPTIONS[i % 8]} again {i},,,,,{90 * i}" for i in range(6)]
    text = "\n".join(["Caption,Published,Likes,Comments,Shares,Views", *rows, "", "Reels", *reels])
    assert posts_of(tmp_path, "t.csv", text, platform="instagram").frame["views"].sum() == 9 * 66 + 90 * 15


def test_only_entities_are_read_as_signs() -> None:
    said = pl.Series(
        ["3 &lt 5 &copy2026 &lt; 4", "https://x.example/?a=1&copy=2 &amp; more", "&#0; &#x110000; &quot;so&quot;"]
    )
    assert without_markup(said).to_list() == [
        "3 &lt 5 &copy2026 < 4",
        "https://x.example/?a=1&copy=2 & more",
        '&#0; &#x110000; "so"',
    ]


def bid_of_weibo(moment: datetime) -> str:
    """Weibo's number in its letters: each seven digits from the end are four of them."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number, code = str((int(moment.timestamp()) - 515_483_463) << 22 | 4_321), ""
    while number:
        number, part = number[:-7], int(number[-7:])
        letters = ""
        for _ in range(4 if number else 1):
            part, digit = divmod(part, 62)
            letters = digits[digit] + letters
        code = letters + code
    return code


def test_weibos_letters_are_its_ids_and_hold_its_clock(tmp_path: Path) -> None:
    """7,249 posts of a tool's table stood eight hours late, with no id, under the number of their account."""
    names = "id,bid,user_id,\u7528\u6237\u6635\u79f0,\u5fae\u535a\u6b63\u6587,\u8f6c\u53d1\u6570,\u8bc4\u8bba\u6570,\u70b9\u8d5e\u6570,\u53d1\u5e03\u65f6\u95f4"
    times = moments(12)
    rows = [
        f"4.81292E+15,{bid_of_weibo(m)},7306650050,north,{CAPTIONS[i % 8]} {i},{i},{2 * i},{3 * i},{m + timedelta(hours=8):%Y/%m/%d %H:%M:%S}"
        for i, m in enumerate(times)
    ]
    found = frame(tmp_path, names, *rows)
    assert found["platform"].unique().to_list() == ["weibo"]
    assert found["account_name"].unique().to_list() == ["north"]
    assert found["post_id"].to_list() == [bid_of_weibo(m) for m in times]
    assert found["published"].to_list() == times
    assert found["react_like"].sum() == 3 * 66


def test_names_that_r_marked_in_a_merge(tmp_path: Path) -> None:
    rows = [f"{id_of_tiktok(m)},{int(m.timestamp())},us,{i},{2 * i},9,9" for i, m in enumerate(moments(12))]
    found = frame(tmp_path, "id.x,create_time.x,user_name,n_likes.x,n_comments.x,id.y,create_time.y", *rows)
    assert found["react_like"].to_list() == list(range(12))
    assert found["published"].to_list() == moments(12)


def test_what_pandas_writes_for_nothing_is_nothing_and_reddit_is_told_by_its_names(tmp_path: Path) -> None:
    rows = [
        f'{{"id": "1abc{i:02}", "title": "{CAPTIONS[i % 8]}", "selftext": {"NaN" if i % 3 else chr(34) + "A text of its own" + chr(34)}, "score": {i}, "num_comments": {2 * i}, '
        f'"created_utc": 17000{i:05}, "subreddit": "us", "url": "https://{"youtube.com/watch?v=" if i % 2 else "paper.example/"}{i}", "permalink": "/r/us/comments/1abc{i:02}/x/"}}'
        for i in range(12)
    ]
    found = posts_of(tmp_path, "t.json", f"[{','.join(rows)}]").frame
    assert "NaN" not in {value for column in found.select(pl.col(pl.String)) for value in column}
    assert found["platform"].unique().to_list() == ["reddit"]
    assert found["url"].str.contains("/r/us/comments/").all()


def test_an_outbox_of_mastodon_has_its_counts_and_no_boosts(tmp_path: Path) -> None:
    def activity(i: int) -> dict[str, object]:
        link = f"https://mastodon.social/users/us/statuses/1130{i:014}"
        note = {"id": link, "url": link, "published": f"2025-0{1 + i % 9}-11T10:00:00Z", "content": f"<p>{CAPTIONS[i % 8]}</p>",
                "likes": {"totalItems": i}, "shares": {"totalItems": 2 * i}, "replies": {"totalItems": 1}}  # fmt: skip
        boost = i % 4 == 3
        return {
            "id": f"{link}/activity",
            "type": "Announce" if boost else "Create",
            "actor": "https://mastodon.social/users/us",
            "object": link if boost else note,
        }

    posts = posts_of(
        tmp_path,
        "outbox.json",
        json.dumps({"type": "OrderedCollection", "orderedItems": [activity(i) for i in range(12)]}),
    )
    assert posts.frame["react_like"].to_list() == [i for i in range(12) if i % 4 != 3]
    assert posts.frame["text"][1] == CAPTIONS[1]
    assert posts.frame["platform"].unique().to_list() == ["mastodon"]
    assert any("boost" in d.reason and d.rows == 3 for d in posts.report.dropped)


@pytest.mark.parametrize(
    "header",
    [
        "id,post_id,author,body,score,created_utc,parent_id,subreddit",
        "comment_id,note_id,nickname,content,like_count,create_time,parent_comment_id,sub_comment_count",
    ],
)
def test_ids_of_parents_tell_comments(tmp_path: Path, header: str) -> None:
    rows = [f"k{i:06},p{i % 5:06},us{i},{CAPTIONS[i % 8]} {i},{i},17000{i:05},p{i % 5:06},{i % 3}" for i in range(24)]
    with pytest.raises(PostlensError, match="a row for each comment or reply"):
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="reddit")


def test_some_counts_with_what_they_count_are_counts(tmp_path: Path) -> None:
    rows = [
        f'https://www.linkedin.com/feed/update/urn:li:activity:{id_of_linkedin(m)},{CAPTIONS[i % 8]} {i},"{f"1,{i:03} reactions" if i % 4 == 0 else i}",{i}'
        for i, m in enumerate(moments(24))
    ]
    found = frame(tmp_path, "link,text,reactions,comments", *rows)
    assert found["reactions"].to_list() == [1_000 + i if i % 4 == 0 else i for i in range(24)]


def test_where_people_came_from_is_no_medium(tmp_path: Path) -> None:
    sources = ("Instagram", "Facebook", "Website", "Blog")
    rows = [
        f"https://www.instagram.com/p/C{i:010}/,2025-0{1 + i % 9}-11 10:00,{CAPTIONS[i % 8]} {i},{i},{2 * i},{sources[i % 4]}"
        for i in range(24)
    ]
    assert frame(tmp_path, "Permalink,Published,Caption,Likes,Comments,Lead source", *rows).height == 24


def test_hours_and_minutes_in_russian_are_letters_of_cyrillic() -> None:
    text = "10\u0447 5\u043c 3\u0440, 20\u0447 7\u043c 9\u0440"
    assert likeliest(text.encode("cp1251"), ("cp1251", "cp1252"))[0] == "cp1251"


def test_what_an_account_had_day_by_day_is_no_table_of_accounts(tmp_path: Path) -> None:
    rows = [f"2026-01-{d:02},{9000 + 31 * d},{100 + d},{d % 5}" for d in range(1, 25)]
    with pytest.raises(PostlensError, match="a row for each day"):
        posts_of(tmp_path, "t.csv", "\n".join(["Date,Followers,Posts,Profile visits", *rows]))


def test_a_name_that_a_page_shows_twice_is_one_and_two_names_stay_two(tmp_path: Path) -> None:
    rows = [
        f'https://www.instagram.com/p/C{i:010}/,2025-0{1 + i % 9}-11 10:00,{CAPTIONS[i % 8]} {i},{i},{2 * i},"{("north", "Anna")[i % 2]}\n{("north", "Miller")[i % 2]}"'
        for i in range(12)
    ]
    found = frame(tmp_path, "Permalink,Published,Caption,Likes,Comments,Account", *rows)
    assert set(found["account_name"]) == {"north", "Anna\nMiller"}
