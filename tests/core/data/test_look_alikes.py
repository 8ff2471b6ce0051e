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
