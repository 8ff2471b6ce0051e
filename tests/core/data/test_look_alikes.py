"""What is no table of posts is refused by what it is; what is one is read, in languages and forms of these tests' own."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers

Table = tuple[list[str], list[list[str]]]
SEEDS = range(12)
DAY_WORDS = ("Date", "Datum", "Fecha", "Data", "Tarih", "日付", "날짜", "Ngày", "วันที่", "Tanggal", "Päivä")
METRIC_WORDS = (
    ("Reach", "Impressions", "Likes"),
    ("Reichweite", "Aufrufe", "Kommentare"),
    ("Alcance", "Visualizaciones", "Me gusta"),
    ("リーチ", "閲覧数", "いいね"),
    ("Kattavuus", "Näyttökerrat", "Tykkäykset"),
)


def _days(rng: random.Random, n: int) -> list[date]:
    first = date(2025, 1, 1) + timedelta(days=rng.randrange(300))
    return [first + timedelta(days=i) for i in range(n)]


def daily(rng: random.Random) -> Table:
    form = rng.choice(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"])
    metrics = list(rng.choice(METRIC_WORDS))[: rng.randint(1, 3)]
    rows = [[d.strftime(form), *(str(rng.randrange(5000)) for _ in metrics)] for d in _days(rng, rng.randint(28, 90))]
    return [rng.choice(DAY_WORDS), *metrics], rows


def audience(rng: random.Random) -> Table:
    ages = ["13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"]
    heads = rng.choice([("Age", "Women", "Men"), ("Altersgruppe", "Frauen", "Männer"), ("Edad", "Mujeres", "Hombres")])
    return list(heads), [[a, f"{rng.random():.4f}", f"{rng.random():.4f}"] for a in ages]


def ads(rng: random.Random) -> Table:
    heads = rng.choice(
        [
            ["Campaign name", "Ad set name", "Amount spent (USD)", "Impressions", "Results"],
            ["Kampagnenname", "Anzeigenname", "Ausgegebener Betrag (EUR)", "Impressionen", "Ergebnisse"],
            ["Nom de la campagne", "Nom de l'annonce", "Montant dépensé (EUR)", "Impressions", "Résultats"],
        ]
    )
    return heads, [
        [f"Summer {i}", f"Ad {i}", f"{rng.random() * 90:.2f}", str(rng.randrange(9000)), str(i)] for i in range(25)
    ]


def followers(rng: random.Random) -> Table:
    total = rng.randrange(1000, 9000)
    heads = [rng.choice(DAY_WORDS), *rng.choice([("Followers", "New followers"), ("Follower", "Neue Follower")])]
    return heads, [[d.isoformat(), str(total + i), str(rng.randrange(9))] for i, d in enumerate(_days(rng, 40))]


def over_time(rng: random.Random) -> Table:
    post = str(rng.randrange(10**16, 10**17))
    rows = [[post, f"{d} 10:00", str(100 * i), str(3 * i)] for i, d in enumerate(_days(rng, 20))]
    return ["Post ID", "Checked at", "Views", "Likes"], rows


def posts(rng: random.Random) -> Table:
    """True posts: irregular times, a network's links, and what else a language has."""
    link, when, kind, text, likes, comments = rng.choice(
        [
            ("Permalink", "Publish time", "Post type", "Description", "Likes", "Comments"),
            (
                "Permalink",
                "Veröffentlichungszeit",
                "Beitragsart",
                "Beschreibung",
                "„Gefällt mir“-Angaben",
                "Kommentare",
            ),
            ("Lien", "Date de publication", "Type", "Texte", "Mentions J’aime", "Commentaires"),
            ("Ссылка", "Дата публикации", "Тип", "Текст", "Лайки", "Комментарии"),
            ("링크", "게시일", "유형", "내용", "좋아요", "댓글"),
            ("ბმული", "როდის", "სახე", "სათაური", "Likes", "Comments"),
        ]
    )
    kinds = ["Photo", "Reel", "Carousel"]
    rows = [
        [
            f"https://www.instagram.com/p/{''.join(rng.choices('abcdefghijkXYZ0123456789', k=11))}/",
            f"{d} {rng.randrange(24):02}:{rng.randrange(60):02}",
            rng.choice(kinds),
            f"What we saw on day {i}, and why it matters to us",
            str(rng.randrange(900)),
            str(rng.randrange(90)),
        ]
        for i, d in enumerate(_days(rng, 40))
    ]
    order = list(range(6))
    rng.shuffle(order)
    heads = [link, when, kind, text, likes, comments]
    return [heads[i] for i in order], [[row[i] for i in order] for row in rows]


def _read(folder: Path, table: Table) -> int:
    heads, rows = table
    file = folder / "table.csv"
    lines = [";".join(f'"{cell}"' for cell in row) for row in (heads, *rows)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    raw = readers.read(file, readers.choose(file, readers.TABLES))
    return to_posts(raw, ReadSettings(ask=True)).report.posts


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (daily, "row for each day"),
        (audience, "audience"),
        (ads, "ads|advertising"),
        (followers, "row for each day|followers"),
        (over_time, "one post at many times"),
    ],
)
def test_look_alikes_are_refused_by_what_they_are(
    tmp_path: Path, make: Callable[[random.Random], Table], said: str, seed: int
) -> None:
    with pytest.raises(PostlensError, match=said):
        _read(tmp_path, make(random.Random(seed)))


@pytest.mark.parametrize("seed", SEEDS)
def test_true_posts_are_read_in_any_order_of_columns(tmp_path: Path, seed: int) -> None:
    assert _read(tmp_path, posts(random.Random(seed))) == 40


def read_text(folder: Path, text: str) -> None:
    (folder / "x.csv").write_text(text, "utf-8")
    to_posts(readers.read(folder / "x.csv", readers.TABLES[0]), ReadSettings(ask=True))


def test_comments_under_posts_are_no_posts(tmp_path: Path) -> None:
    rows = "".join(
        f"179{i:010},2026-03-{1 + i // 4:02} 1{i % 10}:02,user_{i},This looks great where is it {i},https://www.instagram.com/p/Ca{i // 5}xQz0Lm0k/,{i % 7},{i % 2}\n"
        for i in range(20)
    )
    with pytest.raises(PostlensError, match="for each comment or reply"):
        read_text(tmp_path, "Comment ID,Date,Author,Comment,Post link,Likes,Replies\n" + rows)


def test_articles_of_a_site_are_asked_about(tmp_path: Path) -> None:
    rows = "".join(
        f"What we learned from batch {i},https://alder.example/blog/{i}-batch,Anna,2026-03-{2 + i:02} 09:15,{900 + 7 * i},{i}\n"
        for i in range(12)
    )
    with pytest.raises(PostlensError, match="posts of a network"):
        read_text(tmp_path, "Title,URL,Author,Publish date,Views,Comments\n" + rows)


def test_ads_in_korean_are_ads(tmp_path: Path) -> None:
    rows = "".join(
        f"봄 {i},드디어 봄이 왔습니다 놀러 오세요 {i},2026-03-{2 + i:02},{68439 + i},{2150 + i},{3011 + i},{i}\n"
        for i in range(8)
    )
    with pytest.raises(PostlensError, match="report of ads"):
        read_text(tmp_path, "캠페인 이름,광고 이름,시작일,지출 금액 (KRW),도달,노출,링크 클릭\n" + rows)


def test_two_days_of_each_post_are_several_rows_of_a_post(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-02-{1 + i + d:02},12210000000{i:04},2026-02-{1 + i:02} 09:15,What we learned from batch {i},{3000 + i + d},{120 + i},{i}\n"
        for i in range(20)
        for d in (0, 1)
    )
    with pytest.raises(PostlensError, match='one for each value of "Day"'):
        read_text(tmp_path, "Day,Post ID,Post created,Message,Impressions,Likes,Comments\n" + rows)


def test_one_post_at_many_times_is_known_by_the_names_of_its_columns(tmp_path: Path) -> None:
    rows = "".join(
        f"8123456789012345\t,2025-07-05 {20 - i}:55:29,{36 - i},{900 - 9 * i},{300 - i},\n" for i in range(8)
    )
    with pytest.raises(PostlensError, match="one post at many times"):
        read_text(tmp_path, "ID,Score Date (GMT),Timestep,Likes,Average Likes,Post Date (GMT)\n" + rows)


@pytest.mark.parametrize("times", ["created_at", "collected_at", "published_at,snapshot_date"])
def test_posts_recorded_again_and_again_are_refused_with_the_column_that_says_when(tmp_path: Path, times: str) -> None:
    own = times.count(",")
    rows = [
        f"v{i:010},Video about topic {i} and more,{'2026-02-01 10:00:00,' * own}2026-03-{day + 1:02} 06:00:{i:02},{900 * i + 40 * day},{40 + i}"
        for day in range(9)
        for i in range(12)
    ]
    with pytest.raises(PostlensError, match=f'one for each value of "{times.rpartition(",")[2]}"'):
        read_text(tmp_path, "\n".join([f"video_id,title,{times},views,likes", *rows]))


def test_posts_with_nothing_but_the_time_they_were_recorded_are_asked_about(tmp_path: Path) -> None:
    rows = [f"17{i:015},A fine day number {i} at sea,2026-03-02 08:00:{i:02},{40 + i},{i}" for i in range(30)]
    with pytest.raises(PostlensError, match="which column is the time of publishing"):
        read_text(tmp_path, "\n".join(["post_id,caption,captured_at,likes,comments", *rows]))
