"""What an eighth count of strangers' tables taught: tables that were cut, mixed or put together, each small and our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.files.cut_dates import put_together
from tests.core.data.convert.test_outside_files import CAPTIONS, frame, posts_of


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
