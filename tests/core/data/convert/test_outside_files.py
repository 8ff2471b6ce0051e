"""What tables of strangers taught: each mistake alone in a small table of our own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import delimited, readers

CAPTIONS = ("Spring sale starts today", "New team member joins us", "Behind the scenes here", "Tips for your garden",
            "Thank you for five orders", "Our hours this holiday", "Fresh bread on Friday", "What we learned this week")  # fmt: skip


def posts_of(folder: Path, name: str, text: str, **settings: Any) -> Posts:
    file = folder / name
    file.write_text(text, "utf-8")
    return to_posts(readers.read(file, readers.choose(file, readers.TABLES)), ReadSettings(**{"ask": True, **settings}))


def frame(folder: Path, header: str, *rows: str) -> pl.DataFrame:
    return posts_of(folder, "t.csv", "\n".join([header, *rows, ""])).frame


def days_of_videos(videos: int, days: int) -> str:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        f'{first + timedelta(days=d):%Y-%m-%d},vid{v:08},"Video {v}: a look inside","Dec {v + 1}, 2025",{40 + v},{3 * v + d}'
        for v in range(videos)
        for d in range(days)
    ]
    return "\n".join(["Date,Content,Video title,Video publish time,Duration,Views", *rows])


@pytest.mark.parametrize(("videos", "days"), [(1, 40), (5, 1_100), (20, 30)])
def test_a_row_for_each_video_and_day_is_refused_however_it_is_sorted(tmp_path: Path, videos: int, days: int) -> None:
    with pytest.raises(PostlensError, match="a row for each post and day"):
        posts_of(tmp_path, "t.csv", days_of_videos(videos, days))


def test_a_breakdown_sorted_by_post_is_seen_beyond_the_first_rows(tmp_path: Path) -> None:
    rows = [
        f"1790000000000{p:04},2026-02-{p + 1:02} 09:15,{CAPTIONS[p]} {p},place {c},{c + p},{2 * c}"
        for p in range(6)
        for c in range(1_200)
    ]
    text = "\n".join(["Post ID,Published,Caption,City,Likes,Comments", *rows])
    with pytest.raises(PostlensError, match='one for each value of "City"'):
        posts_of(tmp_path, "t.csv", text)


COMMENTS = {
    "own ids under ids of videos": (
        "id,video_id,author_id,text,created_ts,likes,replies_count",
        "17148631892749{i:05},v{post:08},31{i:06},{caption} {i},2026-03-0{day} 09:15,{i},0",
    ),
    "under links, by the name of the text": (
        "Kommentar;Beitrag-URL;Autor;Datum;Likes;Antworten",
        "{caption} {i};https://www.facebook.com/b/posts/70000000{post};u{i};0{day}.03.2026 09:15;{i};2",
    ),
    "of one post, without a link": (
        "Name,Profile ID,Date,Likes,Comment",
        "user {i},45{i:06},2026-03-0{day} 10:0{day},{i},{caption} {i}",
    ),
}


@pytest.mark.parametrize("kind", COMMENTS)
def test_comments_are_told_by_what_they_belong_to(tmp_path: Path, kind: str) -> None:
    header, row = COMMENTS[kind]
    rows = [row.format(i=i, post=i // 3, day=1 + i % 9, caption=CAPTIONS[i % 8]) for i in range(24)]
    with pytest.raises(PostlensError, match="comment or reply"):
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]))


@pytest.mark.parametrize(
    ("header", "factor"),
    [("watch_time_hours", 3600), ("watchTimeHours", 3600), ("Watch time (hours)", 3600), ("estimatedMinutesWatched", 60),
     ("estimated_minutes_watched", 60)],
)  # fmt: skip
def test_units_are_read_however_a_name_is_written(tmp_path: Path, header: str, factor: int) -> None:
    rows = [f"vid{i:08},{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{100 + i},{i}.25,{i}" for i in range(8)]
    found = frame(tmp_path, f"Video ID,Title,Published,Views,{header},Likes", *rows)
    assert found["watch_seconds"].to_list() == [(i + 0.25) * factor for i in range(8)]


def test_a_total_in_place_of_an_id_is_no_post(tmp_path: Path) -> None:
    rows = [f"vid{i:08},{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{100 + i},{i},Low" for i in range(8)]
    text = "\n".join(["Content,Title,Published,Views,Likes,Tier", "Total,Unknown,,9999,7,Top", *rows])
    assert posts_of(tmp_path, "t.csv", text, platform="youtube").frame.height == 8


def test_an_object_within_a_post_is_not_the_post(tmp_path: Path) -> None:
    items = [
        {
            "author": {"id": "7344525787041350689", "uniqueId": "bakery", "signature": "We bake and sell bread"},
            "contents": [{"desc": CAPTIONS[i]}],
            "createTime": 1_770_000_000 + 90_000 * i,
            "desc": CAPTIONS[i],
            "id": f"74472220081962{i:05}",
            "music": {"id": "7368844856705256198", "title": "a song of the sea"},
            "stats": {"diggCount": 40 + i, "commentCount": i, "playCount": 900 + i},
            "video": {"id": f"74472220081962{i:05}", "playAddr": f"https://v16-webapp.tiktok.com/video/tos/n/{i}/"},
        }
        for i in range(8)
    ]
    found = posts_of(tmp_path, "t.json", json.dumps(items)).frame
    assert found["post_id"].to_list() == [f"74472220081962{i:05}" for i in range(8)]
    assert found["text"].to_list() == list(CAPTIONS)
    assert "url" not in found.columns
    assert set(found["account_name"]) == {"bakery"}


@pytest.mark.parametrize(
    "header",
    ["thumbnail", "top_comment", "music_title", "location", "channel_description", "notes", "transcript", "media", "summary"],
)  # fmt: skip
def test_a_text_beside_the_post_is_not_its_caption(tmp_path: Path, header: str) -> None:
    rows = [f"vid{7 * i:08},2026-03-0{i + 1} 09:15,{100 + i},{i},{CAPTIONS[i]}" for i in range(8)]
    assert "text" not in frame(tmp_path, f"video_id,published_date,views,likes,{header}", *rows).columns


def test_lists_and_objects_are_no_captions(tmp_path: Path) -> None:
    rows = [f"vid{i:08},2026-03-0{i + 1} 09:15,{100 + i},{i},\"{{'default': {{'url': 'a {i}'}}}}\"" for i in range(8)]
    assert "text" not in frame(tmp_path, "video_id,published_date,views,likes,blob", *rows).columns


def test_reactions_that_are_all_interactions_do_not_count_twice(tmp_path: Path) -> None:
    rows = [f"{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{10 + 4 * i},{9 + i},{i},{1 + 2 * i}" for i in range(8)]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["Message,Date,Reactions,Likes,Comments,Shares", *rows]))
    assert posts.frame["reactions"].to_list() == [9 + i for i in range(8)]
    assert any("together, so it is not taken as reactions" in note for note in posts.report.notes)


def test_reactions_of_several_kinds_stay_reactions(tmp_path: Path) -> None:
    rows = [f"{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{12 + 2 * i},{9 + i},{i},{1 + 2 * i}" for i in range(8)]
    found = frame(tmp_path, "Message,Date,Reactions,Likes,Comments,Shares", *rows)
    assert found["reactions"].to_list() == [12 + 2 * i for i in range(8)]


def test_shorts_were_a_minute_until_october_2024(tmp_path: Path) -> None:
    days = ["Oct 4, 2020", "Oct 4, 2020", "Nov 4, 2025", "Nov 4, 2025"]
    rows = [f'vid{i:08},Video {i},"{day}",{seconds},{90 + i},{i}' for i, (day, seconds) in enumerate(zip(days, (59, 170) * 2, strict=True))]  # fmt: skip
    found = frame(tmp_path, "Content,Video title,Video publish time,Duration,Views,Likes", *rows)
    assert found["post_type"].to_list() == ["short", "video", "short", "short"]


def test_retweets_are_another_accounts_posts(tmp_path: Path) -> None:
    said = [("RT @other: " if i % 2 else "") + CAPTIONS[i] for i in range(8)]
    rows = [
        f"17000000000000{i:05},2026-03-0{i + 1} 09:15,{text},{i},{7000 if i % 2 else i}" for i, text in enumerate(said)
    ]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["tweet_id,created_at,text,favorite_count,retweet_count", *rows]))
    assert posts.frame.height == 4
    assert set(posts.frame["platform"]) == {"x"}
    assert ("a retweet: its numbers are those of the post that it repeats", 4) in [
        (d.reason, d.rows) for d in posts.report.dropped
    ]


@pytest.mark.parametrize(
    ("label", "network"),
    [("Instagram Business", "instagram"), ("Facebook Page", "facebook"), ("LinkedIn company page", "linkedin"), ("X (Twitter)", "x"),
     ("fb", "facebook"), ("YouTube Channel", "youtube"), ("Yammer", "yammer")],
)  # fmt: skip
def test_networks_are_told_by_whatever_a_tool_calls_them(tmp_path: Path, label: str, network: str) -> None:
    rows = [f"{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{label},{9 + i},{i}" for i in range(8)]
    assert set(frame(tmp_path, "Message,Date,Network,Reactions,Comments", *rows)["platform"]) == {network}


def test_numbers_that_are_ids_or_days_are_no_metrics(tmp_path: Path) -> None:
    rows = [f"18000000000000{i:05},2026-03-0{i + 1} 09:15,{CAPTIONS[i]},{9 + i},{i},2026030{i + 1},1910000000000000{i % 2:03}" for i in range(8)]  # fmt: skip
    header = "id,created_at,text,likes,replies,numeric day,in_reply_to"
    found = posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="x").frame
    assert not [c for c in ("numeric_day", "in_reply_to") if found.schema[c].is_numeric()]


def test_a_title_stands_for_the_text_that_a_post_lacks(tmp_path: Path) -> None:
    rows = [f"t3_ab{i:04},bread,{CAPTIONS[i]},{'A longer body of text' if i % 2 else ''},{9 + i},{i},177{i}000000" for i in range(8)]  # fmt: skip
    found = frame(tmp_path, "id,subreddit,title,body,score,num_comments,created_utc", *rows)
    assert found["text"].null_count() == 0


def test_times_in_quotation_marks_and_days_in_eight_digits_are_read(tmp_path: Path) -> None:
    rows = [f'vid{i:08},{CAPTIONS[i]},"""2026-03-0{i + 1}T09:15:00.000Z""",{9 + i},{i}' for i in range(8)]
    assert frame(tmp_path, "video_id,title,date_posted,likes,comments", *rows)["published"].null_count() == 0
    rows = [f"vid{i:08},{CAPTIONS[i]},2026030{i + 1},{9 + i},{i}" for i in range(8)]
    assert frame(tmp_path, "id,title,upload_date,like_count,comment_count", *rows)["published"].null_count() == 0


@pytest.mark.parametrize("flag", ["true", "Yes"])
def test_a_flag_is_no_caption_and_no_id(tmp_path: Path, flag: str) -> None:
    rows = [f"17{i:015},{CAPTIONS[i % 8]} {i},2026-03-{i + 1:02} 09:15,{9 + i},{i},{flag},{flag if i % 2 else 'no'}" for i in range(20)]  # fmt: skip
    found = posts_of(
        tmp_path, "t.csv", "\n".join(["id,title,created_at,likes,retweets,caption,video", *rows]), platform="x"
    ).frame
    assert found["post_id"].to_list() == [f"17{i:015}" for i in range(20)]
    assert "text" not in found.columns


@pytest.mark.parametrize("header", ["metric_date", "liked_at", "saved_at", "date_added", "report_date"])
def test_a_day_of_something_else_is_asked_about(tmp_path: Path, header: str) -> None:
    rows = [f"vid{i:08},{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{9 + i},{i}" for i in range(8)]
    with pytest.raises(PostlensError, match="time of publishing"):
        posts_of(tmp_path, "t.csv", "\n".join([f"video_id,title,{header},likes,comments", *rows]))


def test_one_day_for_the_posts_of_several_accounts_is_asked_about(tmp_path: Path) -> None:
    rows = [f"17{i:015},{CAPTIONS[i % 8]} {i},2026-01-12,account{i % 3},{9 + i},{i}" for i in range(20)]
    with pytest.raises(PostlensError, match="time of publishing"):
        posts_of(tmp_path, "t.csv", "\n".join(["post_id,caption,date,username,likes,comments", *rows]))


@pytest.mark.parametrize(("header", "cell"), [("is_retweet", "True"), ("retweeted_status_id", "1700000000000000001")])
def test_retweets_are_told_by_their_flags(tmp_path: Path, header: str, cell: str) -> None:
    rows = [f"18{i:015},2026-03-0{i + 1} 09:15,{CAPTIONS[i]},{i},{i},{cell if i % 2 else ''}" for i in range(8)]
    posts = posts_of(
        tmp_path, "t.csv", "\n".join([f"tweet_id,created_at,text,favorite_count,retweet_count,{header}", *rows])
    )
    assert posts.frame.height == 4


def test_a_word_that_a_post_could_not_be_had_is_no_post(tmp_path: Path) -> None:
    items: list[dict[str, object]] = [
        {"id": f"31{i:09}", "url": f"https://www.instagram.com/p/Cab{i}dE/", "timestamp": f"2026-03-0{i + 1}T09:15:00Z",
         "caption": CAPTIONS[i], "likesCount": 9 + i, "commentsCount": i}
        for i in range(8)
    ]  # fmt: skip
    items.insert(3, {"title": "Restricted Video", "description": "This video is not available in your country."})
    assert posts_of(tmp_path, "t.json", json.dumps(items)).frame.height == 8


def test_rows_above_the_known_names_are_counted(tmp_path: Path) -> None:
    rows = [f"baker{i},{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{9 + i},{i}" for i in range(6)]
    text = "\n".join(["Konto,Tekst,Kiedy,Serca,Odpowiedzi", *rows, "userName,text,createdAt,likes,replies", *rows])
    report = posts_of(tmp_path, "t.csv", text, platform="x").report
    assert report.posts == 6
    assert any("perhaps posts" in d.reason and d.rows == 7 for d in report.dropped)


def test_seconds_beside_a_clock_an_hour_beside_a_day_and_a_month_beside_a_time(tmp_path: Path) -> None:
    rows = [f"18{i:015},17700{i}5595000,15:56:35,{CAPTIONS[i]},{9 + i},{i}" for i in range(8)]
    found = posts_of(tmp_path, "t.csv", "\n".join(["tweet_id,created_at,time,text,likes,retweets", *rows])).frame
    assert found["published"].null_count() == 0
    rows = [f"https://www.instagram.com/p/Cab{i}dE/,2026-02-1{i},1{i},{CAPTIONS[i]},{9 + i},{i}" for i in range(8)]
    found = posts_of(tmp_path, "t.csv", "\n".join(["url,fecha,hora,caption,likes,comments", *rows])).frame
    assert found["published"].null_count() == 0
    rows = [f"vid{i:08},{CAPTIONS[i]},bakery,2026-03-0{i + 1}T09:15:00Z,2026-03-01,{9 + i},{i}" for i in range(8)]
    text = "\n".join(["video_id,title,channel_title,published_at,month,likes,comments", *rows])
    assert posts_of(tmp_path, "t.csv", text).frame.height == 8


def test_a_post_on_several_networks_under_one_id_is_several_posts(tmp_path: Path) -> None:
    rows = [
        f"18{i:015},{network},{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{9 + i},{i}"
        for i in range(8)
        for network in ("instagram", "facebook", "linkedin")
    ]
    assert (
        posts_of(
            tmp_path, "t.csv", "\n".join(["post_id,platform,caption,published,likes,comments", *rows])
        ).frame.height
        == 24
    )


def test_a_count_of_retweets_is_no_flag(tmp_path: Path) -> None:
    rows = [f"18{i:015},2026-03-0{i + 1} 09:15,{CAPTIONS[i]},{i},{i % 3},{i}" for i in range(8)]
    text = "\n".join(["tweet_id,created_at,text,favorite_count,retweets,retweet", *rows])
    assert posts_of(tmp_path, "t.csv", text).frame.height == 8


def test_a_tool_that_counts_retweets_beside_others_names_no_network(tmp_path: Path) -> None:
    rows = [f"{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{9 + i},{i},{i},{i}" for i in range(8)]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["Message,Date,Reactions,Comments,Retweets,Repins", *rows]))
    assert posts.frame.get_column("platform", default=pl.Series([None] * 8)).null_count() == 8


def test_a_network_told_by_names_alone_is_said(tmp_path: Path) -> None:
    rows = [f"18{i:015},2026-03-0{i + 1} 09:15,{CAPTIONS[i]},{i},{i}" for i in range(8)]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["tweet_id,created_at,text,favorite_count,retweet_count", *rows]))
    assert set(posts.frame["platform"]) == {"x"}
    assert any("are those of X" in note for note in posts.report.notes)


def test_a_number_too_large_to_hold_is_named(tmp_path: Path) -> None:
    rows = [f"{CAPTIONS[i]},2026-03-0{i + 1} 09:15,{9_100_000_000_000_000_000 if i == 2 else i},{i}" for i in range(8)]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["Message,Date,Reactions,Comments", *rows]))
    assert posts.frame["reactions"].null_count() == 1
    assert [bad.value for bad in posts.report.bad_values] == ["9100000000000000000"]


def test_a_table_above_is_counted_where_rows_are_read_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([fail("A quotation mark is never closed."), None])  # The first reading is taken back.
    monkeypatch.setattr(delimited, "_swallowed", lambda *_: next(looks))
    above = ["Caption,Published,Likes", *(f"{CAPTIONS[i]},2026-02-0{i + 1} 09:15,{i}" for i in range(3)), ""]
    rows = [f'{CAPTIONS[i]} of 3" each,2026-03-0{i + 1} 09:15,{9 + i},{i},{i}' for i in range(8)]
    rows += ['"Two lines', 'and more",2026-03-09 09:15,5,5,5']
    report = posts_of(tmp_path, "t.csv", "\n".join([*above, "Caption,Published,Likes,Comments,Shares", *rows])).report
    assert any("another table, with Caption" in d.reason and d.rows == 3 for d in report.dropped)
    assert next(looks, "both were made") == "both were made"


@pytest.mark.parametrize(
    "written", ["{h:02}:{m:02} Uhr", "{h:02}:{m:02} hs", "{h}:{m:02} h", "{h:02}{m:02}", "{h}{m:02}"]
)
def test_a_time_of_day_in_a_column_of_its_own_is_read_however_it_is_written(tmp_path: Path, written: str) -> None:
    clocks = [((5 + 3 * i) % 24, (7 + 11 * i) % 60) for i in range(8)]
    rows = [
        f"2026-03-{i + 11},{written.format(h=h, m=m)},{CAPTIONS[i]},https://www.instagram.com/p/Cx{i:03}abQdE/,{i},{40 * i}"
        for i, (h, m) in enumerate(clocks)
    ]
    posts = frame(tmp_path, "date,time,caption,permalink,likes,reach", *rows)
    assert [(t.hour, t.minute) for t in posts["published"]] == clocks


def test_the_first_comment_beside_a_caption_makes_no_table_of_comments(tmp_path: Path) -> None:
    rows = [
        f"Cx{i:03}abQdE,2026-03-{i + 11},{CAPTIONS[i]},{'#a #b' if i % 2 else ''},{i},{2 * i},{40 * i}"
        for i in range(8)
    ]
    assert frame(tmp_path, "shortcode,date,caption,comment_text,likes,comments,reach", *rows)["text"].to_list() == list(
        CAPTIONS
    )


def test_codes_that_a_header_explains_are_read_as_its_words(tmp_path: Path) -> None:
    rows = [
        f"2026-03-{i + 11},{i % 3 + 1},{CAPTIONS[i]},https://www.facebook.com/123/posts/55{i:04},{i},{2 * i}"
        for i in range(8)
    ]
    posts = frame(tmp_path, 'Date,"Type (1=photo, 2=video, 3=link)",Text,Link,Likes,Comments', *rows)
    assert posts["post_type"].to_list()[:3] == ["photo", "video", "link"]


def test_answers_to_others_count_and_are_said(tmp_path: Path) -> None:
    rows = [
        f"19{i:017},2026-03-{i + 11} 10:00,{CAPTIONS[i]},{f'18{i:017}' if i < 3 else ''},{i},{2 * i},{i}"
        for i in range(8)
    ]
    header = "tweet_id,created_at,text,in_reply_to_status_id,favorite_count,retweet_count,reply_count"
    posts = posts_of(tmp_path, "t.csv", "\n".join([header, *rows]))
    assert any(note.startswith("3 of 8 posts answer others") for note in posts.report.notes)


def ids_of(network: str, moment: datetime, rest: int) -> str:
    """An id as the network makes it, by its published scheme."""
    seconds = int(moment.timestamp())
    if network == "tiktok":
        return str((seconds << 32) + rest)
    if network == "x":
        return str((seconds * 1000 - 1_288_834_974_657 << 22) + rest)
    if network == "linkedin":
        return str((seconds * 1000 << 22) + rest)
    number, letters = (seconds * 1000 - 1_314_220_021_721 << 23) + rest, ""
    while number:
        number, place = divmod(number, 64)
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[place] + letters
    return letters


@pytest.mark.parametrize("network", ["tiktok", "x", "linkedin", "instagram"])
@pytest.mark.parametrize("written", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d.%m.%Y %H:%M"])
def test_the_network_is_told_by_the_time_in_its_ids(tmp_path: Path, network: str, written: str) -> None:
    times = [datetime(2025, 9, 13, 21, 40, tzinfo=UTC) + timedelta(days=3 * i) for i in range(8)]
    rows = [
        f"{ids_of(network, t, 77_123 * i + 5)},{t + timedelta(hours=5):{written}},{CAPTIONS[i]},{i},{2 * i}"
        for i, t in enumerate(times)
    ]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["id,date,message,likes,comments", *rows]))
    assert posts.frame["platform"].to_list() == [network] * 8
    assert any("The ids are those of" in note for note in posts.report.notes)


def test_ids_that_do_not_fit_the_dates_tell_no_network_and_that_is_said(tmp_path: Path) -> None:
    rows = [f"{7_400_000_000_000_000_123 + 10**15 * i},2021-03-{i + 11},{CAPTIONS[i]},{i},{2 * i}" for i in range(8)]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["id,date,message,likes,comments", *rows]))
    assert "platform" not in posts.frame.columns or posts.frame["platform"].null_count() == 8
    assert any("does not say of which network" in note for note in posts.report.notes)


def test_ids_that_a_script_has_rounded_are_none(tmp_path: Path) -> None:
    rows = [{"id": 6883135381974437000 + 1_000_000 * i * i, "createTime": 1602604916 + 90_000 * i, "likeCount": i, "commentCount": 2 * i, "text": CAPTIONS[i]} for i in range(6)]  # fmt: skip
    posts = posts_of(tmp_path, "t.json", json.dumps(rows))
    assert posts.frame["post_id"].null_count() == 6
    assert any("rounded" in note for note in posts.report.notes)


@pytest.mark.parametrize(
    ("views", "read"),
    [
        (["165,972 views", "11,051 views", "1 view", "No views"], [165_972, 11_051, 1, None]),
        (["1.2K views", "3M views", "250 views", "40 views"], [1_200, 3_000_000, 250, 40]),
        (["1.234 Aufrufe", "12.345 Aufrufe", "7 Aufrufe", "1.001 Aufrufe"], [1_234, 12_345, 7, 1_001]),
        (["1,2 Mio. Aufrufe", "3 Mio. Aufrufe", "2,5 Mio. Aufrufe", "1 Mio. Aufrufe"], [1_200_000, 3_000_000, 2_500_000, 1_000_000]),
        (["观看 10288", "观看 12", "观看: 7", "观看 3000"], [10_288, 12, 7, 3_000]),
        (["1.2万次观看", "3万次观看", "4.5万次观看", "2万次观看"], [12_000, 30_000, 45_000, 20_000]),
    ],
)  # fmt: skip
def test_counts_with_the_word_for_what_they_count_are_read(tmp_path: Path, views: list[str], read: list[int]) -> None:
    rows = [
        f'https://www.youtube.com/watch?v=abcDEF{i}23_k,2026-03-{i + 11},{CAPTIONS[i]},"{v}",{i}'
        for i, v in enumerate(views)
    ]
    assert frame(tmp_path, "url,published,title,views,likes", *rows)["views"].to_list() == read


def test_words_that_count_different_things_are_no_number_of_one(tmp_path: Path) -> None:
    likes = ["1,578 likes", "2 others", "2 others", "310 likes", "2 others", "4 likes"]
    rows = [
        f'https://www.instagram.com/p/Cx{i:03}abQdE/,2026-03-{i + 11},{CAPTIONS[i]},"{like}",{i},{2 * i}'
        for i, like in enumerate(likes)
    ]
    assert "react_like" not in frame(tmp_path, "url,published,caption,likes,comments,views", *rows).columns


def test_numbers_in_words_are_not_read_without_them(tmp_path: Path) -> None:
    rows = [
        f"https://www.youtube.com/watch?v=abcDEF{i}23_k,2026-03-{i + 11},{CAPTIONS[i]},{i + 3} thousand,{i}"
        for i in range(4)
    ]
    assert (
        "views"
        not in frame(
            tmp_path, "url,published,title,views,likes,comments", *[r + f",{i}" for i, r in enumerate(rows)]
        ).columns
    )


def test_headers_with_soft_hyphens_are_those_without(tmp_path: Path) -> None:
    soft = "\u00ad"
    header = f"Bei{soft}trag,Ver{soft}öf{soft}fent{soft}licht,Kom{soft}men{soft}ta{soft}re,Auf{soft}ru{soft}fe"
    rows = [f"{CAPTIONS[i]},{i + 11}.03.2026,{i},{10 * i}" for i in range(8)]
    assert {"comments", "views"} <= set(
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="facebook").frame.columns
    )


def test_comments_of_one_post_are_told_beside_a_count_of_answers(tmp_path: Path) -> None:
    rows = [f"user {i},2026-03-{i + 11} 12:09:45,{CAPTIONS[i]},{i},{2 * i}" for i in range(8)]
    with pytest.raises(PostlensError, match="a row for each comment"):
        posts_of(tmp_path, "t.csv", "\n".join(["名字,时间,评论,点赞数,回复数", *rows]))


def test_retweets_are_shares_and_quotes_are_none(tmp_path: Path) -> None:
    rows = [
        f"https://x.com/a/status/17278163541648183{i}7,2026-03-{i + 11},{CAPTIONS[i]},{i},{7 * i},{2 * i}"
        for i in range(8)
    ]
    assert frame(tmp_path, "url,date,text,quote_count,retweet_count,likes", *rows)["shares"].to_list() == [
        7 * i for i in range(8)
    ]


def test_lines_that_a_spreadsheet_quoted_whole_are_opened(tmp_path: Path) -> None:
    rows = [f'"2026-03-{i + 11}",{i},{2 * i},"{CAPTIONS[i]}, and ""more"""' for i in range(8)]
    whole = ['"{}"'.format(line.replace('"', '""')) for line in ("date,likes,comments,caption", *rows)]
    posts = posts_of(tmp_path, "t.csv", "\n".join(whole), platform="instagram")
    assert posts.frame["text"][0] == f'{CAPTIONS[0]}, and "more"'
    assert posts.frame["comments"].to_list() == [2 * i for i in range(8)]


@pytest.mark.parametrize(
    ("table", "not_said"),
    [
        ("Rank,Name,Industry,Staff,Head\n" + "".join(f'{i},Firm {i} of the north,"Food, {i}",{i * 10},Town {i}\n' for i in range(1, 9)), "audience"),
        ("survey_id,day,mood,score\n" + "".join(f"SUR{i:05},2026-01-{i % 9 + 1:02},good,{i % 5}\n" for i in range(60)), "each day"),
        ("5.1,3.5,1.4,0.2\n" + "".join(f"{i}.1,3.{i},1.4,0.2\n" for i in range(9)), "a post already"),
    ],
)  # fmt: skip
def test_no_false_sentence_is_said_of_what_is_not_about_posts(tmp_path: Path, table: str, not_said: str) -> None:
    with pytest.raises(PostlensError) as said:
        posts_of(tmp_path, "t.csv", table)
    assert not_said not in str(said.value)


def test_a_file_with_one_metric_is_asked_whether_it_is_enough(tmp_path: Path) -> None:
    rows = [f"https://www.facebook.com/1/posts/55{i:04},2026-03-{i + 11},{CAPTIONS[i]},{i}" for i in range(8)]
    with pytest.raises(PostlensError, match="whether its one metric is enough"):
        posts_of(tmp_path, "t.csv", "\n".join(["link,date,message,likes", *rows]))


def test_the_sheet_with_posts_is_read_not_a_summary_with_more_metrics(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheets: dict[str, list[list[Any]]] = {
        "Overview": [["Month", "Likes", "Comments", "Shares", "Saves", "Reach", "Views"], *([f"2026-0{m}", *range(m, m + 6)] for m in range(1, 7))],
        "Raw": [["Date", "Caption", "Link", "Likes", "Comments"], *([f"2026-03-{i + 11}", CAPTIONS[i], f"https://www.instagram.com/p/Cx{i:03}abQdE/", i, 2 * i] for i in range(8))],
    }  # fmt: skip
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    book.close()
    file = tmp_path / "t.xlsx"
    posts = to_posts(readers.read(file, readers.choose(file, readers.TABLES)), ReadSettings(ask=True))
    assert posts.frame["text"].to_list() == list(CAPTIONS)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("video_id,comment_text,like_count", "-rYdWF9Ky{a}U,{caption},{i}"),
        ("username,comment_content,nb_upvotes", "user{i},{caption},{i}"),
        ("comment_id,post_id,comment_datetime,likes_on_comment", "CMT{i:05},POST01,2026-03-{day} 10:00,{i}"),
        (
            "type,id,created_utc,body,score,permalink",
            "comment,i2x{i}j0g,16487711{i},{caption},{i},/r/a/comments/ts/x/i2x{i}j0g/",
        ),
    ],
)
def test_comments_are_told_by_their_names_where_nothing_else_is_a_caption(
    tmp_path: Path, header: str, row: str
) -> None:
    rows = [row.format(i=i, a=i % 3, caption=CAPTIONS[i], day=i + 11) for i in range(8)]
    with pytest.raises(PostlensError, match="a row for each comment"):
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]))


def test_numbers_below_a_thousand_rows_without_any_are_read(tmp_path: Path) -> None:
    rows = [
        f"https://www.facebook.com/1/posts/55{i:06},2026-03-{i % 28 + 1:02},{CAPTIONS[i % 8]} {i},{i},"
        + ("still pending" if i < 1_100 else f'"{i:,}"')
        for i in range(3_000)
    ]
    views = frame(tmp_path, "link,date,message,likes,views", *rows)["views"]
    assert (views.null_count(), views[2_999]) == (1_100, 2_999)


def x_ids(times: list[datetime]) -> list[int]:
    """Ids as X gives them: milliseconds since its beginning, and 22 bits that say where."""
    return [((int(t.timestamp() * 1000) - 1_288_834_974_657) << 22) + 7 * i for i, t in enumerate(times)]


@pytest.mark.parametrize("away", [3, -5, 0])
def test_ids_tell_the_clock_that_a_file_does_not(tmp_path: Path, away: int) -> None:
    """Of X the id holds the second of publishing; the file has the wall clock of its maker."""
    times = [datetime(2026, 3, 1 + i, tzinfo=UTC) + timedelta(minutes=7 * i, seconds=i) for i in range(24)]
    rows = [
        f"'{own}',{t + timedelta(hours=away):%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]} {i},{i},{2 * i}"
        for i, (own, t) in enumerate(zip(x_ids(times), times, strict=True))
    ]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["tweet_id,created_at,text,favorite_count,retweet_count", *rows]))
    assert posts.frame["published"].to_list() == times
    assert posts.frame["post_id"].to_list() == [str(own) for own in x_ids(times)]
    assert posts.frame["platform"].unique().to_list() == ["x"]
    assert any("does not say its clock" in note for note in posts.report.notes) == (away != 0)


def test_planned_posts_move_no_clock(tmp_path: Path) -> None:
    """Their ids are older than they are, each by another time."""
    times = [datetime(2026, 3, 1 + i, 9, tzinfo=UTC) for i in range(24)]
    made = x_ids([t - timedelta(minutes=37 * i) for i, t in enumerate(times)])
    rows = [f"{own},{t:%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]} {i},{i},{i}" for i, (own, t) in enumerate(zip(made, times, strict=True))]  # fmt: skip
    found = frame(tmp_path, "tweet_id,created_at,text,favorite_count,retweet_count", *rows)
    assert found["published"].to_list() == times


def test_links_within_a_few_posts_are_not_the_posts_own(tmp_path: Path) -> None:
    """Nor do they say the network of the others."""
    times = [datetime(2026, 3, 1 + i, 9, tzinfo=UTC) for i in range(24)]
    rows = [
        f"{own},{t:%Y-%m-%d %H:%M:%S}Z,{CAPTIONS[i % 8]} {i},{i},{i},{'https://t.me/channel/9' if i == 5 else ''}"
        for i, (own, t) in enumerate(zip(x_ids(times), times, strict=True))
    ]
    found = frame(tmp_path, "tweet_id,created_at,text,favorite_count,retweet_count,urls", *rows)
    assert "url" not in found.columns
    assert found["platform"].unique().to_list() == ["x"]


def test_posts_that_pass_on_a_link_are_of_the_file_s_network(tmp_path: Path) -> None:
    links = ["https://www.reddit.com/r/a/comments/1a/x/", "https://news.example/a", "/r/a/comments/1b/y/"]
    rows = [f"t{i},a,{CAPTIONS[i]},{i},{i},{links[i % 3]}?{i},2026-03-0{i + 1}" for i in range(8)]
    found = frame(tmp_path, "post_id,subreddit,title,score,num_comments,url,created_utc", *rows)
    assert found["platform"].to_list() == ["reddit"] * 8


def test_small_numbers_are_no_ids_beside_links_that_hold_them(tmp_path: Path) -> None:
    rows = [f"{i % 3},{CAPTIONS[i]},{i},{i},2026-03-0{i + 1},https://www.youtube.com/watch?v=abcdEFG_{i:03}" for i in range(8)]  # fmt: skip
    found = frame(tmp_path, "id_no,title,views,likes,published,url", *rows)
    assert found["post_id"].to_list() == [f"abcdEFG_{i:03}" for i in range(8)]


def test_lengths_of_texts_are_no_captions(tmp_path: Path) -> None:
    rows = [f"1{i:09},{i},{i},2026-03-0{i + 1},{300 + i}" for i in range(8)]
    found = frame(tmp_path, "id,likes,comments,date,text", *rows)
    assert found.schema.get("text") != pl.String


def test_numbers_within_cells_are_read_as_scripts_write_them(tmp_path: Path) -> None:
    cells = [f"\"{{'retweet_count': {i}, 'like_count': {2 * i}, 'reply_count': 0}}\"" for i in range(8)]
    rows = [f"{own},2026-03-0{i + 1} 10:00:00+00:00,{CAPTIONS[i]},{cells[i]}" for i, own in enumerate(x_ids([datetime(2026, 3, i + 1, 10, tzinfo=UTC) for i in range(8)]))]  # fmt: skip
    found = frame(tmp_path, "id,created_at,text,public_metrics", *rows)
    assert found["shares"].to_list() == list(range(8))
    assert found["react_like"].to_list() == [2 * i for i in range(8)]


def test_the_number_of_a_twin_does_not_hide_the_unit(tmp_path: Path) -> None:
    rows = [f"{CAPTIONS[i]},abcdEFG_{i:03},2026-03-0{i + 1},{i},{i + 1}.5,{i}" for i in range(8)]
    posts = posts_of(
        tmp_path,
        "t.csv",
        "\n".join(["title,video id,published,views,Watch time (hours),Watch time (hours)", *rows]),
        columns={"watch_seconds": "Watch time (hours) (2)"},
        platform="youtube",
    )
    assert posts.frame["watch_seconds"].to_list() == [3600 * i for i in range(8)]


@pytest.mark.parametrize("before", ["Sortie le ", "Estreou em ", "Premiered ", "Streamed live on "])
def test_what_stands_before_the_day_of_a_first_showing_is_no_part_of_it(tmp_path: Path, before: str) -> None:
    rows = [f"https://www.youtube.com/watch?v=abcdEFG_{i:03},{CAPTIONS[i]},{i},{i},{before if i > 4 else ''}2026-03-0{i + 1}" for i in range(8)]  # fmt: skip
    found = frame(tmp_path, "url,title,views,likes,date", *rows)
    assert found["published"].null_count() == 0


def test_a_post_in_two_lists_of_a_file_is_one_post(tmp_path: Path) -> None:
    items = [{"id": f"7{i:09}", "title": CAPTIONS[i], "published_at": f"2026-03-0{i + 1}", "views": i, "likes": i} for i in range(8)]  # fmt: skip
    text = json.dumps({"allVideos": items, "topVideos": items[:3]})
    posts = posts_of(tmp_path, "t.json", text, platform="tiktok")
    assert posts.frame["post_id"].to_list() == [item["id"] for item in items]
    assert any("second list" in dropped.reason for dropped in posts.report.dropped)


def test_a_caption_with_as_many_numbers_as_columns_is_no_row(tmp_path: Path) -> None:
    rows = [f'shop,{i},"{CAPTIONS[i]}\nSize 39,40,41,42,43,44",2026-03-0{i + 1},{i},{i}' for i in range(8)]
    table = "\n".join(["account,id,text,date,likes,comments", *rows])
    assert posts_of(tmp_path, "t.csv", table, platform="telegram").frame.height == 8


def test_an_author_s_gender_makes_no_audience_of_posts(tmp_path: Path) -> None:
    rows = [f"2026-03-0{i + 1} 10:1{i},{'FM'[i % 2]},Spain,{20 + i},{i},{i},{2 * i},https://www.facebook.com/1/posts/55{i:06},{CAPTIONS[i]}" for i in range(8)]  # fmt: skip
    found = frame(tmp_path, "Date,Gender,Location,Age,Likes,Share,Comments,Link,Text", *rows)
    assert found["shares"].to_list() == list(range(8))


@pytest.mark.parametrize(
    ("table", "not_said"),
    [
        ("username,time,city,country,tweet\n" + "".join(f"a{i},13:3{i}:00,Bonn,Germany,{CAPTIONS[i]}\n" for i in range(8)), "audience"),
        (",City,People,share,all\n" + "".join(f"{i},Town {i},{900_000 - i},0.{i},0.{i}\n" for i in range(9)), "audience"),
        ("day,kind,value\n" + "".join(f"2026-03-{d:02},a,{n}\n" for d in range(1, 20) for n in range(40 if d % 4 == 0 else 1)), "each day"),
    ],
)  # fmt: skip
def test_one_word_or_uneven_days_decide_nothing(tmp_path: Path, table: str, not_said: str) -> None:
    with pytest.raises(PostlensError) as said:
        posts_of(tmp_path, "t.csv", table)
    assert not_said not in str(said.value)


def test_russian_counts_are_named_in_the_genitive(tmp_path: Path) -> None:
    rows = [f"https://vk.com/wall-1_{i},2026-03-0{i + 1} 10:00,{CAPTIONS[i]},{i},{i},{i}" for i in range(8)]
    header = "\u0441\u0441\u044b\u043b\u043a\u0430,\u0434\u0430\u0442\u0430,\u0442\u0435\u043a\u0441\u0442,\u041f\u0420\u041e\u0421\u041c\u041e\u0422\u0420\u041e\u0412,\u041b\u0410\u0419\u041a\u041e\u0412,\u0420\u0415\u041f\u041e\u0421\u0422\u041e\u0412"
    assert {"views", "react_like", "shares"} <= set(frame(tmp_path, header, *rows).columns)


def test_a_clock_that_is_none_leaves_the_day(tmp_path: Path) -> None:
    """A part of a day, as a spreadsheet writes it, is a clock; a minute sixty is none, and has no half of a day."""
    clocks = ["07:53", "02:03", "0.5417", "03:60", *(f"09:{i:02}" for i in range(30))]
    rows = [f"https://www.facebook.com/1/posts/55{i:06},2026-03-0{i % 9 + 1},{c},{'' if c == '0.5417' else 'pm'},{CAPTIONS[i % 8]} {i},{i},{i}" for i, c in enumerate(clocks)]  # fmt: skip
    times = frame(tmp_path, "link,date,time,half_day,message,likes,comments", *rows)["published"].to_list()
    assert [f"{t:%d %H:%M}" for t in times[:4]] == ["01 19:53", "02 14:03", "03 13:00", "04 00:00"]
    assert None not in times


def test_days_without_a_year_are_told_by_the_links(tmp_path: Path) -> None:
    """TikTok's ids hold the second; a day without a year is none."""
    times = [datetime(2025, 3, 5 + i, 10, i, tzinfo=UTC) for i in range(8)]
    rows = [f"https://www.tiktok.com/@a/video/{int(t.timestamp()) << 32},{t:%B} {t.day},{CAPTIONS[i]},{i},{i}" for i, t in enumerate(times)]  # fmt: skip
    posts = posts_of(tmp_path, "t.csv", "\n".join(["link,post_time,caption,likes,views", *rows]))
    assert posts.frame["published"].to_list() == times
    assert any("those in the ids" in note for note in posts.report.notes)


def test_costs_by_day_and_channel_are_ads_not_days(tmp_path: Path) -> None:
    rows = [f"2026-03-{d:02},US,wide,{d},{10 * d},{d},{d % 3},{d % 4}" for d in range(1, 25)]
    with pytest.raises(PostlensError, match="ads and what they cost"):
        posts_of(
            tmp_path, "t.csv", "\n".join(["Date,Market,Audience,Cost,Impressions,Clicks,Conversions,Revenue", *rows])
        )


def test_lists_of_one_account_without_ids_stay_whole(tmp_path: Path) -> None:
    """What all have in common, as the account's address, is no id."""
    items = [{"url": "https://www.tiktok.com/@a", "title": CAPTIONS[i], "published_at": f"2026-03-0{i + 1}", "views": i, "likes": i} for i in range(8)]  # fmt: skip
    posts = posts_of(tmp_path, "t.json", json.dumps({"videos": items[:5], "clips": items[5:]}), platform="tiktok")
    assert posts.frame["title"].to_list() == list(CAPTIONS)


def test_what_somebody_says_stays_whatever_the_values_look_like(tmp_path: Path) -> None:
    rows = [f"1{i:09},2026-03-{i + 1:02} 10:00Z,{CAPTIONS[i % 8]} {i},{i},{i},{'https://x.com/a/status/9' if i == 5 else ''}" for i in range(24)]  # fmt: skip
    table = "\n".join(["id,created_at,text,likes,retweets,urls", *rows])
    assert "url" not in posts_of(tmp_path, "t.csv", table, platform="x").frame.columns
    assert posts_of(tmp_path, "t.csv", table, platform="x", columns={"url": "urls"}).frame["url"].count() == 1
