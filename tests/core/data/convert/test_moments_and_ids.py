"""What a seventh count of strangers' tables taught: which moment, which id, which clock; each mistake in a small table of our own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert import id_clocks, ids
from postlens.core.data.files.encodings import likeliest
from tests.core.data.convert.test_outside_files import CAPTIONS, frame, posts_of
from tests.core.data.convert.test_scraped_files import id_of_tiktok, id_of_x, moments

_INSTAGRAM_BEGAN = datetime(2011, 8, 24, 21, 7, 1, 721_000, UTC)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def code_of_instagram(moment: datetime) -> str:
    """The letters in a link, as Instagram makes them: milliseconds since its beginning, then 23 bits, in digits of 64."""
    number, letters = int((moment - _INSTAGRAM_BEGAN).total_seconds() * 1000) << 23 | 4_321, ""
    while number:
        number, digit = divmod(number, 64)
        letters = _LETTERS[digit] + letters
    return letters


def test_the_moment_of_collecting_is_not_that_of_publishing(tmp_path: Path) -> None:
    """All posts stood on the day of the scrape, seven months late."""
    made = moments(12)
    rows = [
        {"post_id": str(id_of_tiktok(m)), "url": f"https://www.tiktok.com/@us/video/{id_of_tiktok(m)}", "description": CAPTIONS[i % 8],
         "create_time": m.isoformat(), "timestamp": f"2026-03-26T09:{i:02}:07Z", "digg_count": i, "play_count": 9 * i}
        for i, m in enumerate(made)
    ]  # fmt: skip
    posts = posts_of(tmp_path, "t.json", json.dumps(rows))
    assert [m.replace(microsecond=0) for m in posts.frame["published"]] == made


def test_without_ids_the_moment_after_all_others_is_that_of_collecting(tmp_path: Path) -> None:
    rows = [
        f"https://www.facebook.com/us/posts/{10**9 + i},2025-0{1 + i % 9}-11T10:00:00Z,2026-03-26T09:{i:02}:07Z,{CAPTIONS[i % 8]},{i},{2 * i}"
        for i in range(12)
    ]
    found = frame(tmp_path, "url,create_time,timestamp,text,likes,comments", *rows)
    assert set(found["published"].dt.year()) == {2025}


def test_seconds_since_1970_tell_the_clock_of_the_same_moment_in_figures(tmp_path: Path) -> None:
    made = moments(12)
    rows = [
        f"https://www.threads.net/@us/post/C{i:010},{m + timedelta(hours=8):%Y-%m-%d %H:%M:%S},{int(m.timestamp())},{CAPTIONS[i % 8]},{i},{2 * i}"
        for i, m in enumerate(made)
    ]
    assert frame(tmp_path, "url,posted_at,published_on,text,likes,replies", *rows)["published"].to_list() == made


def test_links_of_instagram_tell_the_clock_and_days_stay_days(tmp_path: Path) -> None:
    """Hours of a French clock were read as UTC; posts whose hour nobody wrote down keep their day."""
    made = moments(30, hours=29)
    rows = [
        f"{m + timedelta(hours=2):%Y-%m-%d},{'' if i % 5 == 4 else f'{m + timedelta(hours=2):%H:%M}'},https://www.instagram.com/p/{code_of_instagram(m)}/,{CAPTIONS[i % 8]},{i},{2 * i}"
        for i, m in enumerate(made)
    ]
    found = frame(tmp_path, "Date,Heure,Lien,Titre,Likes,Commentaires", *rows)
    timed = found.filter(pl.col("published_precision") != "day")["published"].to_list()
    assert timed == [m.replace(second=0) for i, m in enumerate(made) if i % 5 != 4]
    days = found.filter(pl.col("published_precision") == "day")["published"].dt.date().to_list()
    assert days == [(m + timedelta(hours=2)).date() for i, m in enumerate(made) if i % 5 == 4]


def test_some_wrong_days_do_not_hide_the_clock() -> None:
    made = pl.Series(moments(40))
    told = (made + timedelta(hours=2)).set(pl.Series([i == 3 for i in range(40)]), made[3] - timedelta(days=4))
    codes = pl.Series([code_of_instagram(m) for m in made])
    found = id_clocks.shifts(codes, told, "instagram")
    assert found is not None
    assert set(found) == {-7200}


def test_milliseconds_are_no_ids_and_the_networks_own_is(tmp_path: Path) -> None:
    """The moment of the crawl became the id, likes and saves were further columns."""
    rows = [
        f"611bab76000000002103{i:04x},{CAPTIONS[i % 8]},{1_629_203_318_000 + 86_400_000 * i},{i},{2 * i},{3 * i},{1_728_973_989_648 + i},us"
        for i in range(20)
    ]
    header = "note_id,desc,time,liked_count,collected_count,comment_count,last_modify_ts,nickname"
    found = posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="xiaohongshu").frame
    assert found["post_id"][0] == "611bab760000000021030000"
    assert found["react_like"].to_list() == list(range(20))
    assert found["saves"].sum() == 2 * found["react_like"].sum()
    assert set(found["account_name"]) == {"us"}


def test_ids_that_were_floating_numbers_are_said_and_not_used() -> None:
    true = [7_000_600_622_420_544_795 + 7 * 10**15 * i + i**3 for i in range(30)]
    lost = ids.rounded(pl.Series([str(int(float(i))) for i in true]))
    assert lost is not None
    assert lost.all()
    assert ids.rounded(pl.Series(map(str, true))) is None


def test_ids_of_x_that_end_in_many_zeros_by_nature_are_kept() -> None:
    """Their last twelve bits count what a machine made in one millisecond, which is usually one."""
    made = pl.Series([str(id_of_x(m) >> 22 << 22 | (i % 32) << 12) for i, m in enumerate(moments(30))])
    assert ids.rounded(made) is None


def test_exact_ids_stand_in_for_rounded_ones(tmp_path: Path) -> None:
    made = [id_of_x(m) for m in moments(12)]
    rows = [f"{float(i):.15e},{i},2025-09-0{1 + n % 9} 10:00,{CAPTIONS[n % 8]},{n},{2 * n}" for n, i in enumerate(made)]
    found = frame(tmp_path, "id,id_str,created_at,text,favorite_count,retweet_count", *rows)
    assert found["post_id"].to_list() == [str(i) for i in made]


def test_a_dictionary_in_a_cell_is_no_account(tmp_path: Path) -> None:
    rows = [f"https://www.tiktok.com/@us/video/{id_of_tiktok(m)},{m:%Y-%m-%d %H:%M:%S},{CAPTIONS[i % 8]},{i},{2 * i},\"{{'id': {i}, 'nick': 'x'}}\"" for i, m in enumerate(moments(8))]  # fmt: skip
    found = frame(tmp_path, "url,date,text,likes,comments,author name", *rows)
    assert "{" not in "".join(found["account_name"].drop_nulls())


def test_post_is_the_name_of_no_kind(tmp_path: Path) -> None:
    """Posts with pictures were counted as texts."""
    rows = [f"https://www.facebook.com/us/posts/{10**9 + i},2026-03-0{1 + i} 10:00,{'Post' if i % 2 else 'Reel'},{CAPTIONS[i % 8]},{i},{2 * i}" for i in range(8)]  # fmt: skip
    assert set(frame(tmp_path, "url,date,post_type,text,likes,comments", *rows)["post_type"]) == {"post", "short"}


def test_what_a_post_gained_and_who_saw_it_is_the_posts(tmp_path: Path) -> None:
    rows = [
        f"https://www.instagram.com/p/C{i:010}/,2026-03-0{1 + i} 10:00,{CAPTIONS[i]},{i},{2 * i},{i},{10 + i},5000"
        for i in range(8)
    ]
    header = "enlace,fecha,descripcion,me gusta,comentarios,seguidores_ganados,Vues Followers,seguidores"
    posts = posts_of(tmp_path, "t.csv", "\n".join([header, *rows]))
    said = {c.header: c.role for c in posts.report.columns}
    assert said["seguidores_ganados"] != "not used"
    assert said["Vues Followers"] != "not used"
    assert "5000" not in {str(v) for v in posts.frame.select(pl.col(pl.Int64, pl.Float64)).row(0)}


def test_a_table_without_numbers_is_refused_at_once(tmp_path: Path) -> None:
    """It asked for columns of metrics, which there are none of."""
    rows = [f"2026-03-0{1 + i} 10:00,https://www.linkedin.com/feed/update/urn:li:share:{7 * 10**18 + i},{CAPTIONS[i]},MEMBER_NETWORK" for i in range(8)]  # fmt: skip
    with pytest.raises(PostlensError, match="has no reactions, comments, views or other numbers") as refused:
        posts_of(tmp_path, "t.csv", "\n".join(["Date,ShareLink,ShareCommentary,Visibility", *rows]))
    assert not refused.value.asks


def test_comments_that_repeat_each_other_are_comments(tmp_path: Path) -> None:
    words = ["first", "so good", "love it", "first"]
    rows = [f"vid{i // 20:08},Ugx{i:020},user{i},{words[i % 4] if i % 9 == 0 else CAPTIONS[i % 8] + str(i)},{i % 3},2026-03-0{1 + i % 9} 10:0{i % 10},2026-04-0{1 + i % 9} 11:0{i % 10}" for i in range(100)]  # fmt: skip
    header = "video_id,comment_id,author,text,like_count,published_at,updated_at"
    with pytest.raises(PostlensError, match="a row for each comment"):
        posts_of(tmp_path, "t.csv", "\n".join([header, *rows]), platform="youtube")


def test_times_as_twitter_wrote_them(tmp_path: Path) -> None:
    rows = [f"https://twitter.com/us/status/{10**18 + i},3:0{i} AM - 30 Jan 2019,{CAPTIONS[i]},{i},{2 * i}" for i in range(8)]  # fmt: skip
    found = frame(tmp_path, "Link,Date,Text,Likes,Retweets", *rows)
    assert str(found["published"][4]) == "2019-01-30 03:04:00+00:00"


def test_a_first_row_with_a_link_is_no_row_of_names(tmp_path: Path) -> None:
    rows = [f"10uxe{i},{i},{CAPTIONS[i]},https://www.reddit.com/r/us/comments/10uxe{i}/" for i in range(6)]
    with pytest.raises(PostlensError, match="no names over its columns"):
        posts_of(tmp_path, "t.csv", "\n".join(rows))


def test_some_times_that_name_their_clock_say_nothing_of_the_others(tmp_path: Path) -> None:
    rows = [f"https://www.instagram.com/p/C{i:010}/,{f'2026-03-0{1 + i % 9}T10:00:00.000Z' if i % 2 else f'2026-03-0{1 + i % 9} 11:00:00'},{CAPTIONS[i % 8]},{i},{2 * i}" for i in range(24)]  # fmt: skip
    text = "\n".join(["postUrl,postTimeStamp,postCaption,likes,comments", *rows])
    with pytest.raises(PostlensError, match="some times name their clock"):
        posts_of(tmp_path, "t.csv", text)
    assert posts_of(tmp_path, "t.csv", text, timezone="Europe/Rome").frame.height == 24


def test_lengths_of_videos_are_no_times_of_day(tmp_path: Path) -> None:
    rows = [f"K,{CAPTIONS[i % 8]} {i},2026-03-0{1 + i % 9},{9 * i},{i},{i},00:{i:02}:0{i % 9}" for i in range(20)]
    found = posts_of(
        tmp_path, "t.csv", "\n".join(["Channel Name,Title,Published Date,Views,Likes,Comments,Time", *rows]), platform="youtube"
    ).frame  # fmt: skip
    assert set(found["published_precision"]) == {"day"}


def test_words_that_are_no_times_of_day_are_said(tmp_path: Path) -> None:
    rows = [f"https://www.instagram.com/p/C{i:010}/,2026-03-0{1 + i % 9},{'+21:54:08' if i == 5 else f'1{i % 9}:30:00'},{CAPTIONS[i % 8]},{i},{2 * i}" for i in range(20)]  # fmt: skip
    posts = posts_of(tmp_path, "t.csv", "\n".join(["url,date,time,text,likes,comments", *rows]))
    assert any('1 values are no times of day, such as "+21:54:08"' in note for note in posts.report.notes)


def test_facebooks_kinds_of_reactions_and_blueskys_names_tell_the_network(tmp_path: Path) -> None:
    kinds = "num_loves,num_wows,num_hahas,num_sads,num_angrys"
    rows = [f"{7331091005}_{10**16 + i},2026-03-0{1 + i} 10:00,{CAPTIONS[i]},{i},{i},{i},1,2,3,4,5" for i in range(8)]
    found = frame(tmp_path, f"status_id,status_published,status_message,num_reactions,num_comments,num_shares,{kinds}", *rows)  # fmt: skip
    assert set(found["platform"]) == {"facebook"}
    rows = [f"did:plc:abc{i},us{i}.bsky.social,2026-03-0{1 + i}T10:00:00Z,{CAPTIONS[i]},{i},{i},{i}" for i in range(8)]
    found = frame(tmp_path, "DID,Handle,CreatedAt,Text,ReplyCount,RepostCount,LikeCount", *rows)
    assert set(found["platform"]) == {"bluesky"}


def test_curly_apostrophes_and_ends_of_sentences_speak_for_windows() -> None:
    """`HereÆs` and `https://t.coà` stood in one text of eight."""
    text = "Here\u2019s what one long-distance home taught us\u2026 \u201cSold\u201d in a day, it\u2019s true. More: https://t.co\u2026 and we\u2019re on\u2026"
    assert likeliest(text.encode("cp1252"))[0] == "cp1252"
    french = "D\u00e9j\u00e0 l\u00e0, \u00e0 c\u00f4t\u00e9 de l'\u00e9glise, o\u00f9 \u00e7a pla\u00eet"
    assert likeliest(french.encode("cp850"), ("cp1252", "cp850"))[0] == "cp850"


def test_shares_under_a_counts_name_are_a_metric_of_their_own(tmp_path: Path) -> None:
    rows = [f"https://www.youtube.com/watch?v=abcdefgh{i:03},2026-03-0{1 + i} 10:00,{CAPTIONS[i]},{100 + i},{0.002 * (i + 1):.4f},{i}" for i in range(8)]  # fmt: skip
    posts = posts_of(tmp_path, "t.csv", "\n".join(["url,date,title,views,engagement,comments", *rows]))
    assert "engagements_reported" not in posts.frame.columns
    assert any("shares below 1" in note for note in posts.report.notes)


def test_codes_of_instagrams_kinds_are_read(tmp_path: Path) -> None:
    rows = [f"https://www.instagram.com/p/C{i:010}/,2026-03-0{1 + i} 10:00,{(1, 2, 8)[i % 3]},{CAPTIONS[i]},{i},{2 * i}" for i in range(8)]  # fmt: skip
    assert set(frame(tmp_path, "url,date,media_type,text,likes,comments", *rows)["post_type"]) == {"photo", "video", "carousel"}  # fmt: skip


def test_somebodys_own_codes_are_not_instagrams(tmp_path: Path) -> None:
    """The header says what they are, or nobody does."""

    def kinds(header: str) -> set[str]:
        rows = [f"https://www.facebook.com/us/posts/{10**9 + i},2026-03-0{1 + i} 10:00,{1 + i % 2},{CAPTIONS[i]},{i},{2 * i}" for i in range(8)]  # fmt: skip
        return set(frame(tmp_path, f"url,date,{header},text,likes,comments", *rows)["post_type"])

    assert kinds("Type (1 = link; 2 = photo)") == {"link", "photo"}
    assert kinds("type") == {"1", "2"}


def test_planned_posts_keep_the_moment_that_is_called_their_publication(tmp_path: Path) -> None:
    """Their ids hold when they were made, weeks before; all were published within one."""
    made = moments(12)
    rows = [
        f"https://www.tiktok.com/@us/video/{id_of_tiktok(m)},{m:%Y-%m-%dT%H:%M:%SZ},2025-11-0{1 + i % 4}T18:00:00Z,{CAPTIONS[i % 8]},{i},{2 * i}"
        for i, m in enumerate(made)
    ]
    found = frame(tmp_path, "url,created_at,published_at,text,likes,comments", *rows)
    assert {(m.month, m.hour) for m in found["published"]} == {(11, 18)}
