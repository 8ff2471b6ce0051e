"""What a fifth count of strangers' tables taught, most of them written by scrapers: each mistake in a small table of our own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.files import readers
from postlens.core.data.vocabulary.roles import match, role_by_core
from tests.core.data.convert.test_outside_files import CAPTIONS, frame, posts_of

X_BEGAN = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)


def id_of_x(moment: datetime) -> int:
    """An id as X makes it: milliseconds since its beginning, then 22 bits."""
    return int((moment - X_BEGAN).total_seconds() * 1000) << 22 | 12_345


def id_of_tiktok(moment: datetime) -> int:
    """An id as TikTok makes it: the second above 32 bits."""
    return int(moment.timestamp()) << 32 | 987_654


def moments(number: int, hours: int = 31) -> list[datetime]:
    return [datetime(2025, 9, 1, 9, 15, 27, tzinfo=UTC) + timedelta(hours=hours * i) for i in range(number)]


def tweets(told: list[datetime], made: list[datetime], link: str = "https://x.com/ours/status/{id}") -> list[str]:
    return [
        f"{link.format(id=id_of_x(m))},{t:%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]} {i},{20 + 3 * i},{i % 7}"
        for i, (t, m) in enumerate(zip(told, made, strict=True))
    ]


HEADER = "Link,Date,Text,Likes,Replies"


def test_a_clock_with_summer_time_is_told_by_the_ids_in_links(tmp_path: Path) -> None:
    """Two hours ahead until the last Sunday of October, then one: it was read as UTC."""
    made = moments(80)
    told = [m.astimezone(ZoneInfo("Europe/Amsterdam")) for m in made]
    posts = posts_of(tmp_path, "t.csv", "\n".join([HEADER, *tweets(told, made)]))
    assert posts.frame["published"].to_list() == made
    assert any("1 hour ahead of UTC and 2 hours ahead of UTC" in note for note in posts.report.notes)


def test_planned_posts_do_not_hide_the_clock(tmp_path: Path) -> None:
    """One in five was made hours before it was published: those are moved by the same clock as the others."""
    made = moments(60)
    published = [m + timedelta(hours=7 * (i % 5 == 0), minutes=11 * (i % 5 == 0)) for i, m in enumerate(made)]
    told = [p + timedelta(hours=7) for p in published]
    posts = posts_of(tmp_path, "t.csv", "\n".join([HEADER, *tweets(told, made)]))
    assert posts.frame["published"].to_list() == published


def test_ids_younger_than_their_posts_tell_no_clock(tmp_path: Path) -> None:
    """Where a third of the posts would have been published before they were made, the clock is another matter."""
    made = moments(60)
    told = [m + timedelta(hours=7 - 5 * (i % 3 == 0), minutes=11 * (i % 3 == 0)) for i, m in enumerate(made)]
    posts = posts_of(tmp_path, "t.csv", "\n".join([HEADER, *tweets(told, made)]))
    assert posts.frame["published"].to_list() == told


def test_tables_without_times_have_those_of_their_links(tmp_path: Path) -> None:
    made = moments(12)
    rows = [
        f"https://www.tiktok.com/@ours/video/{id_of_tiktok(m)},{CAPTIONS[i % 8]} {i},{9 * i},{i}"
        for i, m in enumerate(made)
    ]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["video_link,video_desc,n_likes,n_comments", *rows]))
    assert posts.frame["published"].to_list() == made
    assert posts.frame["text"].to_list()[0] == f"{CAPTIONS[0]} 0"
    assert any("no times of publishing" in note for note in posts.report.notes)


def test_whether_a_video_has_subtitles_is_no_caption(tmp_path: Path) -> None:
    """YouTube's interface calls that `caption`; where a description was empty, the post said "false"."""
    rows = [
        f"vid{i:08},Title {i},{'' if i % 3 == 0 else CAPTIONS[i % 8]},{100 + i},{i},{str(i % 2 == 0).lower()},2026-03-0{1 + i % 9}T10:00:00Z"
        for i in range(18)
    ]
    table = frame(tmp_path, "video_id,title,description,viewCount,likeCount,caption,publishedAt", *rows)
    assert table["text"].null_count() == 6
    assert not table["text"].is_in(["true", "false"]).any()


def test_the_second_beats_the_day(tmp_path: Path) -> None:
    rows = [
        f"https://www.instagram.com/p/ABC{i:08}/,2026-03-0{1 + i} 1{i}:15:27+00:00,{CAPTIONS[i]},{i},{2 * i},2026-03-0{1 + i}"
        for i in range(8)
    ]
    table = frame(tmp_path, "url,timestamp,caption,likesCount,commentsCount,post_date", *rows)
    assert table["published"][1] == datetime(2026, 3, 2, 11, 15, 27, tzinfo=UTC)


@pytest.mark.parametrize("lacking", ["timestamp", "post_date"])
def test_a_moment_that_some_rows_lack_is_compared_row_by_row(tmp_path: Path, lacking: str) -> None:
    rows = [
        f"https://www.instagram.com/p/ABC{i:08}/,{'' if lacking == 'timestamp' and i == 3 else f'2026-03-0{1 + i} 1{i}:15:27+00:00'},{CAPTIONS[i]},{i},{2 * i},{'' if lacking == 'post_date' and i == 3 else f'2026-03-0{1 + i}'}"
        for i in range(8)
    ]
    table = frame(tmp_path, "url,timestamp,caption,likesCount,commentsCount,post_date", *rows)
    hours = table["published"].dt.hour().to_list()
    assert hours[1] == (0 if lacking == "timestamp" else 11)
    assert table["published"].null_count() == 0


def test_the_posts_links_are_taken_where_url_is_the_authors(tmp_path: Path) -> None:
    """As the package rtweet writes them, which puts an x before ids, too."""
    made = moments(24)
    rows = [
        f"x{id_of_x(m)},{m:%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]} {i},{i},{2 * i},https://t.co/ours{i % 2},https://twitter.com/ours/status/{id_of_x(m)}"
        for i, m in enumerate(made)
    ]
    header = "status_id,created_at,text,favorite_count,retweet_count,url,status_url"
    table = frame(tmp_path, header, *rows)
    assert table["url"].to_list() == [f"https://twitter.com/ours/status/{id_of_x(m)}" for m in made]
    assert table["post_id"].to_list() == [str(id_of_x(m)) for m in made]


def test_a_list_of_channels_is_no_table_of_posts(tmp_path: Path) -> None:
    """Its ids count the rows; the ids of channels were taken for captions."""
    rows = [
        f"{i},UC{'aBcDeFgH' * 2}{i:06},{9_000 + 7 * i},{300 + i},{i},{i % 9},2015-09-28 15:{i:02}:40"
        for i in range(1, 31)
    ]
    text = "\n".join(["id,channel_id,view_count,subscriber_count,comment_count,video_count,created_at", *rows])
    with pytest.raises(PostlensError, match="which column is the post's id, link or caption"):
        posts_of(tmp_path, "t.csv", text, platform="")


def test_periods_are_not_called_days(tmp_path: Path) -> None:
    rows = [f"2025-{m:02}-01 - 2025-{m:02}-28,0.0{m:03}" for m in range(1, 13)]
    with pytest.raises(PostlensError, match="a row for each day or other period") as caught:
        posts_of(tmp_path, "t.csv", "\n".join(["Date Range,Engagement Rate", *rows]))
    assert "even steps" not in str(caught.value)


def test_objects_by_their_ids_within_an_object_are_rows(tmp_path: Path) -> None:
    """Each value became a column of one row, and looking through them took minutes."""
    items = {
        f"toot-{i}": {
            "id": f"{i}",
            "date": f"2026-03-0{1 + i % 9}T10:0{i % 9}:00Z",
            "url": f"https://mastodon.example/@ours/1140000000000000{i:02}",
            "content_text": CAPTIONS[i % 8],
            "favs": 3 * i,
            "boosts": i,
        }
        for i in range(30)
    }
    (tmp_path / "a.json").write_text(json.dumps({"items": items}))
    raw = readers.read(tmp_path / "a.json", readers.choose(tmp_path / "a.json", readers.TABLES))
    assert (raw.height, len(raw.headers)) == (30, 6)


def test_what_is_left_of_floating_numbers_is_a_whole_number(tmp_path: Path) -> None:
    rows = [
        f"https://www.tiktok.com/@ours/video/{id_of_tiktok(m)},2026-03-0{1 + i % 9},{CAPTIONS[i % 8]},515200.00000000006,{i}"
        for i, m in enumerate(moments(9))
    ]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["link,date,caption,likes,comments", *rows]))
    assert posts.frame["react_like"].to_list() == [515_200] * 9
    assert not any("whole numbers" in note for note in posts.report.notes)


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("up_num", "react_like"),
        ("videolikeCount", "react_like"),
        ("video_share_count", "shares"),
        ("comms_num", "comments"),
        ("play_count_numeric", "views"),
        ("playCountRounded", "views"),
        ("Количество лайков", "react_like"),
        ("dislikeCount", "react_dislike"),
        ("comment_like_count", None),
        ("channel_view_count", None),
        ("followers_count", None),
        ("updated_num", None),
        ("upvote_ratio", None),
    ],
)
def test_counts_by_the_names_that_scrapers_give_them(header: str, role: str | None) -> None:
    assert role_by_core(header) == role


def test_a_post_link_by_a_shorter_name_is_still_the_networks_export(tmp_path: Path) -> None:
    """Reposts are X's shares; a column `Share` beside them counts another thing."""
    header = "Post id,Date,Post text,Link,Impressions,Likes,Engagements,Bookmarks,Share,New follows,Replies,Reposts,Profile visits,Detail expands,Url clicks,Hashtag clicks,Permalink clicks"
    rows = [
        f"{id_of_x(m)},{m:%Y-%m-%d},{CAPTIONS[i % 8]},https://x.com/ours/status/{id_of_x(m)},{90 + i},{i},{2 * i},0,7,0,1,{i},0,0,0,0,0"
        for i, m in enumerate(moments(10))
    ]
    table = frame(tmp_path, header, *rows)
    assert table["shares"].to_list() == list(range(10))
    assert table["published"].to_list() == moments(10)


def test_hashtags_and_signatures_are_no_captions(tmp_path: Path) -> None:
    rows = [
        f"https://www.tiktok.com/@ours/video/{id_of_tiktok(m)},2026-03-0{1 + i % 9},#one{i} #two #three #four{i},Write to us {i} for more of it,{i},{2 * i}"
        for i, m in enumerate(moments(9))
    ]
    table = frame(tmp_path, "video_url,date,Hashtags,author_signature,likes,comments", *rows)
    assert "text" not in table.columns


def test_numbers_of_the_author_and_of_quoted_posts_are_no_metrics() -> None:
    from postlens.core.data.convert.names_of_numbers import of_the_account

    names = ["author_followingCount", "author_heart", "quoted_favorite_count", "retweet_friends_count"]
    assert all(of_the_account(name) for name in names)
    assert not any(of_the_account(name) for name in ["retweet_count", "quote_count", "likes", "author likes ratio"])
    assert match(["retweet_count", "favorite_count"], {}).roles == {
        "shares": "retweet_count",
        "react_like": "favorite_count",
    }


def test_titles_of_trending_videos_are_titles() -> None:
    found = match(["video_id", "title", "channelTitle", "trending_date", "likes", "dislikes", "comment_count"], {})
    assert found.roles["title"] == "title"


def test_ids_alone_of_x(tmp_path: Path) -> None:
    """A table of ids and times in UTC stays as it is."""
    made = moments(40)
    rows = [f"{id_of_x(m)},{m:%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]} {i},{i},{2 * i}" for i, m in enumerate(made)]
    posts = posts_of(tmp_path, "t.csv", "\n".join(["tweet_id,created_at,text,likes,retweets", *rows]))
    assert posts.frame["published"].to_list() == made
    assert isinstance(posts.frame, pl.DataFrame)


def test_the_next_link_is_tried_where_the_first_holds_others(tmp_path: Path) -> None:
    """Links within the tweets hid the tweets' own, and with them their ids and the clock."""
    made = moments(24)
    rows = [
        f"{id_of_x(m):.15e},{m + timedelta(hours=8):%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]} {i},{i},{2 * i},[],https://twitter.com/a{i % 3}/status/{id_of_x(m)}"
        for i, m in enumerate(made)
    ]
    table = frame(tmp_path, "id,date,tweet,likes_count,retweets_count,urls,link", *rows)
    assert table["url"][0] == f"https://twitter.com/a0/status/{id_of_x(made[0])}"
    assert table["published"].to_list() == made
    assert table["account_name"].to_list()[:3] == ["a0", "a1", "a2"]


def test_what_r_writes_for_nothing_is_nothing(tmp_path: Path) -> None:
    """Every caption was "NA", every post answered another, and boosts counted as posts."""
    rows = [
        f"11688888{i:010},2026-03-0{1 + i % 9}T10:0{i % 9}:00Z,{'' if i % 4 == 0 else CAPTIONS[i % 8]},{i},{2 * i},{'5' if i % 6 == 1 else 'NA'},NA,{'list(id = 1)' if i % 4 == 0 else 'list()'}"
        for i in range(24)
    ]
    header = "id,created_at,content,reblogs_count,favourites_count,in_reply_to_id,text,reblog"
    posts = posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="mastodon")
    assert posts.frame.height == 18
    assert posts.frame["text"].to_list()[0] == CAPTIONS[1]
    assert any(note.startswith("4 of 18 posts answer others") for note in posts.report.notes)


def test_na_in_one_column_is_a_word(tmp_path: Path) -> None:
    rows = [
        f"https://www.instagram.com/p/ABC{i:08}/,2026-03-0{1 + i},{CAPTIONS[i]},{i},{2 * i},{'NA' if i % 2 else 'EU'}"
        for i in range(8)
    ]
    table = frame(tmp_path, "url,date,caption,likes,comments,Region", *rows)
    assert "NA" in table.select(pl.col("^.*egion.*$")).to_series().to_list()


def test_errors_of_a_spreadsheet_are_no_ids(tmp_path: Path) -> None:
    rows = [
        f"{'#NAME?' if i % 5 == 0 else f'Vv2ElYr{i:02}fc'},2026-03-0{1 + i % 9},{CAPTIONS[i % 8]},{100 + i},{i}"
        for i in range(20)
    ]
    table = frame(tmp_path, "video_id,date,title,view_count,like_count", *rows)
    assert table["post_id"].null_count() == 4


def karma(number: int, likes_hold_kinds: bool, more: int) -> list[str]:
    rows = []
    for i in range(number):
        kinds = (3 + i % 4, i % 3, i % 2)
        likes = 40 + 5 * i + (sum(kinds) if likes_hold_kinds else 0)
        total = likes + 7 * i % 11 + 1 + i % 5 + (more if i % 2 else 0)
        rows.append(
            f"{7_000 + 13 * i},{CAPTIONS[i % 8]} {i},2026-03-0{1 + i % 9},{total},{likes},{7 * i % 11 + 1},{i % 5},{kinds[0]},{kinds[1]},{kinds[2]}"
        )
    return rows


KARMA = "Post_Id,Message,Date,Reactions,Likes,Comments,Shares,Love,Sorry,Anger"


def test_kinds_within_likes_do_not_count_twice(tmp_path: Path) -> None:
    """All interactions are likes, comments and shares: then the likes have the other reactions among them."""
    table = frame(tmp_path, KARMA, *karma(20, likes_hold_kinds=True, more=0))
    assert table["reactions"].to_list() == [40 + 5 * i + 3 + i % 4 + i % 3 + i % 2 for i in range(20)]
    assert table["react_sad"].to_list() == [i % 3 for i in range(20)]


def test_interactions_that_are_more_than_likes_comments_and_shares_are_no_reactions(tmp_path: Path) -> None:
    header = ",".join(KARMA.split(",")[:7])
    rows = [",".join(row.split(",")[:7]) for row in karma(20, likes_hold_kinds=False, more=4)]
    table = frame(tmp_path, header, *rows)
    assert table["reactions"].to_list() == [40 + 5 * i for i in range(20)]


@pytest.mark.parametrize("name", ["twitter", "user", "i/web", "anyuser"])
def test_a_placeholder_in_links_is_no_account(tmp_path: Path, name: str) -> None:
    made = moments(12)
    rows = [
        f"https://twitter.com/{name}/status/{id_of_x(m)},{m:%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]} {i},{i},{2 * i}"
        for i, m in enumerate(made)
    ]
    table = frame(tmp_path, "tweet_url,created_at,tweet_text,rt_count,fav_count", *rows)
    assert "account_name" not in table.columns or table["account_name"].null_count() == 12


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Column1.retweet_count", "shares"),
        ("M4_like_count", "react_like"),
        ("M5_view_count", "views"),
        ("Anger", "react_angry"),
    ],
)
def test_names_behind_the_codes_of_tools(header: str, role: str) -> None:
    assert match([header], {}).roles == {role: header}
