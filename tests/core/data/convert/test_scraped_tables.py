"""Tables of scrapers and tools, each with one thing that was once read wrongly: found in real files, made anew here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from postlens.app.imports.importing import Told
from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.dates import read_times
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers

N = 24
DAYS = [f"2026-03-{1 + i:02}" for i in range(N)]
WORDS = [f"What we saw on walk {i} and why it matters" for i in range(N)]
BASE: dict[str, list[Any]] = {
    "text": WORDS,
    "created_at": [f"{day} {8 + i % 9:02}:15:20" for i, day in enumerate(DAYS)],
    "likes": [7 * i % 90 for i in range(N)],
    "comments": [3 * i % 20 for i in range(N)],
}


def read(folder: Path, table: Mapping[str, list[Any]], **settings: Any) -> Posts:
    text = {k: [None if v is None else str(v) for v in values] for k, values in table.items()}
    pl.DataFrame(text).write_csv(folder / "t.csv")
    return of_file(folder / "t.csv", **settings)


def of_file(path: Path, **settings: Any) -> Posts:
    raw = readers.read(path, readers.choose(path, readers.TABLES))
    return to_posts(raw, ReadSettings(ask=True, **settings))


def role_of(posts: Posts, header: str) -> str:
    return next(c.role for c in posts.report.columns if c.header == header)


def test_a_title_stays_beside_a_description(tmp_path: Path) -> None:
    titles = [f"Episode {i}" for i in range(N)]
    columns: dict[str, list[Any]] = {
        "id": [f"9-h4dka{i:04}" for i in range(N)],
        "channel": ["Alder"] * N,
        "title": titles,
    }
    posts = read(tmp_path, columns | {"description": WORDS, "publishedAt": BASE["created_at"], "views": BASE["likes"], "likes": BASE["likes"]})  # fmt: skip
    assert posts.frame["title"].to_list() == titles
    assert posts.frame["text"].to_list() == WORDS


def test_content_is_the_caption_where_it_is_words(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {
        "post_id": [10**15 + 7919 * i for i in range(N)],
        "content": WORDS,
        "publish_time": BASE["created_at"],
    }
    posts = read(tmp_path, columns | {"like_num": BASE["likes"], "retweet_num": BASE["comments"], "up_num": BASE["likes"]})  # fmt: skip
    assert posts.frame["text"].to_list() == WORDS
    assert posts.frame["react_like"].to_list() == BASE["likes"]
    assert posts.frame["up_num"].to_list() == BASE["likes"], "a number, not the name of something"


def test_serial_numbers_are_names(tmp_path: Path) -> None:
    posts = read(tmp_path, BASE | {"serial no": [70_211 + 3 * i for i in range(N)], "account_name": ["a"] * N})
    assert not posts.frame["serial_no"].dtype.is_numeric()


def test_uris_of_bluesky_are_ids_and_say_the_network(tmp_path: Path) -> None:
    uris = [f"at://did:plc:abcdefghij/app.bsky.feed.post/3lk{i:02}abcdefgh" for i in range(N)]
    renamed = {"uri": uris, "author": ["alder.bsky.social"] * N, "createdAt": BASE["created_at"], "text": WORDS}
    posts = read(tmp_path, renamed | {"likeCount": BASE["likes"], "repostCount": BASE["comments"]}).frame
    assert posts["post_id"].to_list() == uris
    assert posts["platform"].unique().to_list() == ["bluesky"]
    assert posts["account_name"].unique().to_list() == ["alder.bsky.social"]


def test_a_picture_is_not_the_post_but_shows_the_network(tmp_path: Path) -> None:
    ids = [f"b6d937Z{i:04}" for i in range(N)]
    pictures = [f"https://i.ytimg.com/vi/{i}/default.jpg" for i in ids]
    posts = read(tmp_path, {"video_id": ids, "thumbnail_link": pictures} | BASE).frame
    assert "url" not in posts.columns
    assert posts["platform"].unique().to_list() == ["youtube"]


def test_dislikes_are_no_reactions_upward(tmp_path: Path) -> None:
    posts = read(tmp_path, BASE | {"dislikes": [50] * N, "channel": ["a"] * N}).frame
    assert posts["reactions"].to_list() == BASE["likes"]


def test_one_time_of_day_that_cannot_be_read_costs_only_its_own_hour(tmp_path: Path) -> None:
    columns = {k: v for k, v in BASE.items() if k != "created_at"} | {"channel": ["a"] * N}
    times = [f"{8 + i % 9:02}:15:20" for i in range(N - 1)] + ["late"]
    posts = read(tmp_path, columns | {"Date": [f"{i + 1:02}/03/2026" for i in range(N)], "time": times}).frame
    assert posts["published"].dt.hour().to_list()[:3] == [8, 9, 10]
    assert posts["published"].null_count() == 0


def test_a_day_and_a_clock_named_with_its_zone_are_one_moment(tmp_path: Path) -> None:
    columns = {k: v for k, v in BASE.items() if k != "created_at"} | {"Channel": ["a"] * N}
    days = [f"03/{i + 1:02}/2026" for i in range(N)]
    posts = read(tmp_path, {"Date": days, "Time (PT)": ["11:43 PM"] * N} | columns).frame
    assert str(posts["published"][0]) == "2026-03-02 07:43:00+00:00"


def test_a_column_that_is_none_leaves_its_role_to_another(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {"Moment": BASE["created_at"], "Time of change": BASE["created_at"][::-1]} | {
        "channel": ["a"] * N
    }
    columns |= {k: v for k, v in BASE.items() if k != "created_at"}
    told: dict[str, str] = Told(columns={"Time of change": ""}).mapping(columns)
    posts = read(tmp_path, columns, columns=told)
    assert role_of(posts, "Moment") == "published"
    assert role_of(posts, "Time of change") != "published"


def test_the_moment_of_posting_is_not_that_of_the_crawl(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {
        "timestamp": [f"2026-05-01T10:00:{i:02}Z" for i in range(N)],
        "date_posted": BASE["created_at"],
    }
    columns |= {k: v for k, v in BASE.items() if k != "created_at"} | {"user_id": ["alder"] * N}
    posts = read(tmp_path, columns)
    assert role_of(posts, "date_posted") == "published"


def test_a_column_with_one_value_does_not_win_over_a_full_one(tmp_path: Path) -> None:
    ids = [f"71{i:016}" for i in range(N)]
    columns: dict[str, list[Any]] = {
        "videos": ["https://www.youtube.com/watch?v=abcdefghijk"] + [None] * (N - 1),
        "id": ids,
    }
    assert read(tmp_path, columns | BASE | {"channel": ["a"] * N}).frame["post_id"].to_list() == ids


def test_columns_that_are_filled_in_turn_are_one(tmp_path: Path) -> None:
    half = N // 2
    columns: dict[str, list[Any]] = {k: v for k, v in BASE.items() if k != "likes"} | {"channel": ["a"] * N}
    posts = read(tmp_path, columns | {"Me gusta": [5] * half + [None] * half, "Likes": [None] * half + [9] * half})  # fmt: skip
    assert posts.frame["react_like"].to_list() == [5] * half + [9] * half
    assert any("fills" in c.reading for c in posts.report.columns)


def test_dates_without_steps_are_no_daily_series(tmp_path: Path) -> None:
    moments = [f"2026-03-{1 + i % 17:02} {i % 24:02}:{i % 60:02}:09" for i in range(N)]
    with pytest.raises(PostlensError, match="is no export that Postlens knows"):
        read(tmp_path, {"post_date": moments, "likes": BASE["likes"]})


def test_a_network_can_be_the_answer(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {
        "Title": WORDS,
        "Published At": BASE["created_at"],
        "Keyword": ["a", "b"] * (N // 2),
    }
    columns |= {"Likes": BASE["likes"], "Views": BASE["comments"]}
    with pytest.raises(PostlensError, match="posts of a network") as asked:
        read(tmp_path, columns)
    assert asked.value.asks == "platform"
    assert read(tmp_path, columns, platform="youtube").frame["platform"].unique().to_list() == ["youtube"]


def test_news_among_posts_are_asked_about(tmp_path: Path) -> None:
    links = [f"https://www.facebook.com/alder/posts/12000000{i:04}" for i in range(N)]
    with pytest.raises(PostlensError, match="posts of a network"):
        read(tmp_path, BASE | {"Link": links, "Media type": ["Facebook", "News", "Blogs"] * (N // 3)})


def test_the_list_of_a_pages_reels_is_no_post_with_comments(tmp_path: Path) -> None:
    own = [f"https://www.facebook.com/reel/12000000{i:04}/" for i in range(N)]
    columns = {"inputUrl": ["https://www.facebook.com/alder/reels/"] * N, "shareable_url": own}
    posts = read(tmp_path, {"id": [f"9{i:016}" for i in range(N)]} | columns | BASE)
    assert posts.frame["url"].to_list() == own


def test_ids_in_hexadecimal_are_not_rounded_numbers(tmp_path: Path) -> None:
    ids = [f"5e04{i:02}0000000001007309{i:02}" for i in range(N)]
    posts = read(tmp_path, {"note_id": ids} | BASE | {"channel": ["a"] * N})
    assert posts.frame["post_id"].to_list() == ids
    assert not any("rounded" in note for note in posts.report.notes)


def test_rows_that_end_early_do_not_hide_the_header(tmp_path: Path) -> None:
    names = ["Überschrift x", "Wert a", "Wert b", *(f"Sonst {i}" for i in range(9))]
    lines = [",".join(names)] + [f"What we saw on walk {i},{i},{2 * i},k" for i in range(N)]
    (tmp_path / "short.csv").write_text("\n".join(lines), "utf-8")
    raw = readers.read(tmp_path / "short.csv", readers.TABLES[0])
    assert raw.headers[:3] == names[:3]


def test_an_archive_of_tweets_is_opened(tmp_path: Path) -> None:
    tweets = [
        {"tweet": {"id_str": f"16{i:017}", "created_at": f"Mon Mar {i + 1:02} 10:15:20 +0000 2026", "full_text": WORDS[i],
                   "favorite_count": str(i), "retweet_count": "1"}} for i in range(N)
    ]  # fmt: skip
    (tmp_path / "tweets.js").write_text("window.YTD.tweets.part0 = " + json.dumps(tweets), "utf-8")
    posts = of_file(tmp_path / "tweets.js", platform="x").frame
    assert posts["text"].to_list() == WORDS
    assert posts["react_like"].to_list() == list(range(N))


def test_a_channel_of_telegram_is_opened(tmp_path: Path) -> None:
    messages: list[dict[str, Any]] = [
        {"id": 1, "type": "service", "action": "edit_photo", "date": "2026-03-01T01:00:00"}
    ]
    messages += [
        {"id": 2 + i, "type": "message", "date": f"{DAYS[i]}T13:15:20", "date_unixtime": str(1_772_000_000 + 86_400 * i),
         "text": ["See ", {"type": "bold", "text": WORDS[i]}], "reactions": [{"type": "emoji", "count": i}, {"type": "paid", "count": 2}],
         "views": 10 * i} for i in range(N)
    ]  # fmt: skip
    (tmp_path / "result.json").write_text(json.dumps({"name": "Alder", "messages": messages}), "utf-8")
    posts = of_file(tmp_path / "result.json", platform="telegram")
    assert posts.report.posts == N
    assert posts.frame["text"][0] == f"See {WORDS[0]}"
    assert posts.frame["reactions"].to_list() == [i + 2 for i in range(N)]
    assert posts.frame["published"][0].timestamp() == 1_772_000_000


def test_rows_that_say_nothing_of_a_post_are_named(tmp_path: Path) -> None:
    good = {"url": [f"https://www.linkedin.com/posts/alder_{i}-activity-71{i:017}" for i in range(N)]} | BASE
    some = {k: [*v, *[None] * 9] for k, v in good.items()} | {"error": [None] * N + ["page is gone"] * 9}
    posts = read(tmp_path, some)
    assert posts.report.posts == N
    assert sum(d.rows for d in posts.report.dropped) == 9


@pytest.mark.parametrize("name", ["Unnamed: 0", "rank", "#"])
def test_numbers_of_rows_are_no_metric(tmp_path: Path, name: str) -> None:
    assert role_of(read(tmp_path, {name: list(range(N))} | BASE | {"channel": ["a"] * N}), name) == "row number"


@pytest.mark.parametrize("prefix", ["post_", "Video-", ""])
def test_ids_that_count_rows_make_no_two_posts_one(tmp_path: Path, prefix: str) -> None:
    posts = read(tmp_path, {"post_id": [f"{prefix}{i + 1}" for i in range(N)]} | BASE | {"channel": ["a"] * N})
    assert "post_id" not in posts.frame.columns
    assert any("counts the rows" in note for note in posts.report.notes)


def test_a_title_is_no_id(tmp_path: Path) -> None:
    links = [f"https://www.facebook.com/alder/posts/12000000{i:04}" for i in range(N)]
    columns = {"Odnośnik": links, "Treść": [f"Nowy chleb {i}" for i in range(N)]}
    posts = read(tmp_path, columns | {"Data publikacji": BASE["created_at"], "Polubienia": BASE["likes"], "Komentarze": BASE["comments"]})  # fmt: skip
    assert posts.frame["text"][3] == "Nowy chleb 3"
    assert posts.frame["post_id"][3] == "120000000003"


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("Event name", "https://www.facebook.com/events/12000000{:04}"),
        ("Profile", "https://www.instagram.com/alder_{}"),
        ("Playlist", "https://www.youtube.com/playlist?list=PL{:016}"),
        ("Headline", "https://gazette{}.example/news/1"),
    ],
)
def test_links_that_lead_to_no_post_are_asked_about(tmp_path: Path, name: str, link: str) -> None:
    columns = {name: WORDS, "Link": [link.format(i) for i in range(N)], "Date": BASE["created_at"]}
    with pytest.raises(PostlensError, match="is no export that Postlens knows"):
        read(tmp_path, columns | {"Likes": BASE["likes"], "Shares": BASE["likes"], "Comments": BASE["comments"]})


def test_a_column_of_networks_is_an_answer(tmp_path: Path) -> None:
    networks = ["Instagram", "Twitter", "Facebook"] * (N // 3)
    posts = read(tmp_path, BASE | {"platform": networks, "keyword": ["bread"] * N})
    assert posts.frame["platform"].unique().sort().to_list() == ["facebook", "instagram", "x"]


def test_goals_are_no_results(tmp_path: Path) -> None:
    plan = {"Kanal": ["Instagram"] * N, "Beitragstext": WORDS, "Veröffentlichung am": BASE["created_at"]}
    with pytest.raises(PostlensError, match="cannot be told"):
        read(tmp_path, plan | {"Likes (Ziel)": BASE["likes"], "Reichweite (Ziel)": BASE["likes"]})


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("\u2764\ufe0f", "react_like"),
        ("\U0001f4ac", "comments"),
        ("좋아요 수", "react_like"),
        ("Nb de j’aime", "react_like"),
    ],
)
def test_names_in_signs_and_with_words_for_numbers(tmp_path: Path, header: str, role: str) -> None:
    links = [f"https://www.instagram.com/p/C{i:08}aB/" for i in range(N)]
    table = {"Link": links, "Published": BASE["created_at"], header: BASE["likes"], "Shares": BASE["comments"]}
    assert role_of(read(tmp_path, table), header) == role


def test_a_year_in_which_nobody_posts_is_no_time(tmp_path: Path) -> None:
    moments = ["1970-01-01 00:00:00", *BASE["created_at"][1:]]
    posts = read(tmp_path, BASE | {"created_at": moments, "channel": ["a"] * N})
    assert posts.frame["published"].null_count() == 1
    assert posts.report.bad_values[0].value == "1970-01-01 00:00:00"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("14 mai 2026 à 9h", "2026-05-14 09:00:00"),
        ("2026-05-14 5:8:54", "2026-05-14 05:08:54"),
        ("09:22 PM , Dec 30, 2025", "2025-12-30 21:22:00"),
    ],
)
def test_times_as_people_write_them(written: str, moment: str) -> None:
    assert str(read_times(pl.Series([written]), order="dmy").values[0]) == f"{moment}+00:00"


def test_what_an_account_has_in_all_is_no_metric_of_its_posts(tmp_path: Path) -> None:
    posts = read(tmp_path, BASE | {"authorMeta.likes": [487_800] * N, "channel": ["a"] * N})
    assert role_of(posts, "authorMeta.likes") == "not used"
    assert posts.frame["react_like"].to_list() == BASE["likes"]


def test_tweets_that_answer_others_are_posts(tmp_path: Path) -> None:
    ids = [f"16{i:017}" for i in range(N)]
    columns: dict[str, list[Any]] = {"id": ids, "in_reply_to_user_id": [None] * N, "author_id": ["12345678"] * N}
    posts = read(tmp_path, columns | BASE | {"retweet_count": BASE["likes"], "reply_count": BASE["likes"]})
    assert posts.report.posts == N


@pytest.mark.parametrize(
    "link",
    [
        "https://www.facebook.com/169299103121699_15236138124{:05}",
        "https://www.youtube.com/watch?v=Ab{:09}&list=PLabcdefgh",
        "https://youtu.be/Ab{:09}",
        "https://www.linkedin.com/company/alder/posts/alder_activity-71{:017}",
    ],
)
def test_links_of_posts_are_posts_however_short(tmp_path: Path, link: str) -> None:
    posts = read(tmp_path, BASE | {"Link": [link.format(i) for i in range(N)]})
    assert posts.report.posts == N
    assert "url" in posts.frame.columns
