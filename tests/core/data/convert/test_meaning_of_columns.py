"""Which column is what, where its name is in another language or beside others that look like it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import Posts, to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers

LINK = "https://www.instagram.com/p/C{i}abcdeFG{i}x/"
CAPTIONS = ("Spring sale starts today", "New team member joins us", "Behind the scenes here", "Tips for your garden",
            "Thank you for five orders", "Our hours this holiday", "A recipe for the weekend", "Meet us at the market")  # fmt: skip


def read(path: Path, **settings: Any) -> Posts:
    return to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings(ask=True, **settings))


def table(tmp_path: Path, header: str, row: str, *, above: str = "", below: str = "") -> Posts:
    """Eight posts; `{i}` is the number of the row, `{text}` its caption, `{link}` its link."""
    rows = [row.format(i=i, d=20 + i, text=text, link=LINK.format(i=i)) for i, text in enumerate(CAPTIONS, 1)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join([*([above] if above else []), header, *rows, *([below] if below else []), ""]), "utf-8")
    return read(path)


# -- Meta's exports by their shape --------------------------------------------------------------------

INSTAGRAM = "Afritunarnr,Reikningsnr,Notandi,Heiti,L\u00fdsing,Lengd,Birt,Sl\u00f3\u00f0,Tegund,Athugasemd,Dags,Views,Reach,Likes,Comments"
ROW = '1799000000000{i},17841400000000001,fjord.bakery,Fjord Bakery,"{text}",{i}2,03/{d}/2026 23:16,{link},IG reel,,\u00c6vi,9{i},8{i},7{i},6{i}'


def test_meta_in_a_language_that_nobody_knows_has_its_clock_and_its_account(tmp_path: Path) -> None:
    found = table(tmp_path, INSTAGRAM, ROW)
    posts = found.frame
    assert posts["published"][0] == datetime(2026, 3, 22, 6, 16, tzinfo=UTC)
    assert set(posts["account_name"]) == {"fjord.bakery"}
    assert posts["text"].to_list() == list(CAPTIONS)
    assert posts["duration_s"][0] == 12
    assert "Meta" in found.report.reading[0]


@pytest.mark.parametrize("when", ["{d}/03/2026 23:16", "2026-03-{d} 23:16", "03/{d}/2026 23:16:05"])
def test_what_meta_does_not_write_has_no_clock_of_meta(tmp_path: Path, when: str) -> None:
    posts = table(tmp_path, INSTAGRAM, ROW.replace("03/{d}/2026 23:16", when)).frame
    assert posts["published"].dt.hour().unique().to_list() == [23]


@pytest.mark.parametrize("when", ["2026-03-{d} 08:15", "{d}/03/2026 08:15"])
def test_a_table_by_hand_in_words_of_meta_has_no_clock_of_meta(tmp_path: Path, when: str) -> None:
    header = (
        "Data publikacji,Tre\u015b\u0107,Link,Polubienia,Komentarze,Udost\u0119pnienia,Zasi\u0119g,Wy\u015bwietlenia"
    )
    posts = table(tmp_path, header, when + ',"{text}",{link},2{i},3{i},4{i},5{i},6{i}').frame
    assert posts["published"].dt.hour().unique().to_list() == [8]


def test_numbers_that_nobody_can_name_are_asked(tmp_path: Path) -> None:
    unknown = INSTAGRAM.replace("Views,Reach,Likes,Comments", "Augu,Breidd,Hjarta,Svaranir")
    with pytest.raises(PostlensError, match="--map"):
        table(tmp_path, unknown, ROW)


# -- which moment -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        "Created at,Scheduled for,Posted at",
        "Briefing date,Approved at,Live date",
        "Aangemaakt op,Gepland op,Gepubliceerd op",
        "Erstellungsdatum,Geplantes Datum,Ver\u00f6ffentlicht am",
        "Fecha de creaci\u00f3n,Programado para,Fecha de publicaci\u00f3n",
        "Data utworzenia,Data aktualizacji,Data publikacji",
        "\u4f5c\u6210\u65e5,\u4e88\u5b9a\u65e5,\u516c\u958b\u65e5",
        "Skapad,Planerad,Publicerad",
    ],
)
def test_the_day_of_publishing_beats_those_of_making_and_planning(tmp_path: Path, names: str) -> None:
    row = '2026-01-{d} 08:00,2026-02-{d} 08:00,2026-03-{d} 10:30,"{text}",{link},2{i},3{i},4{i}'
    posts = table(tmp_path, f"{names},Caption,Permalink,Likes,Comments,Reach", row).frame
    assert posts["published"].dt.month().unique().to_list() == [3]


def test_a_clock_in_utc_beats_one_of_nobody_knows_where(tmp_path: Path) -> None:
    header = "Published (local time),Published (UTC),Caption,Permalink,Likes,Comments,Reach"
    posts = table(tmp_path, header, '2026-03-{d} 10:30,2026-03-{d} 09:30,"{text}",{link},2{i},3{i},4{i}').frame
    assert posts["published"].dt.hour().unique().to_list() == [9]


# -- which clock --------------------------------------------------------------------------------------

PLAIN = "Published,Caption,Permalink,Likes,Comments,Reach"
OF_PLAIN = '2026-03-{d} 10:30,"{text}",{link},2{i},3{i},4{i}'


@pytest.mark.parametrize(
    ("above", "hour"),
    [
        ("Time zone: Europe/Madrid (GMT+01:00)", 9),
        ("Zeitzone;Asia/Tokyo", 1),
        ("Fuso hor\u00e1rio: GMT-3", 13),
        ("\u30bf\u30a4\u30e0\u30be\u30fc\u30f3: Asia/Tokyo", 1),
        ("Report of March", 10),
    ],
)
def test_a_clock_named_above_the_table_counts(tmp_path: Path, above: str, hour: int) -> None:
    posts = table(tmp_path, PLAIN, OF_PLAIN, above=above).frame
    assert posts["published"].dt.hour().unique().to_list() == [hour]


def test_a_clock_named_above_the_table_of_a_sheet_counts(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        rows = [
            OF_PLAIN.format(i=i, d=20 + i, text=t, link=LINK.format(i=i)).split(",") for i, t in enumerate(CAPTIONS, 1)
        ]
        for number, row in enumerate([["Report", "Posts"], ["Time zone", "America/Chicago"], PLAIN.split(","), *rows]):
            sheet.write_row(number, 0, row)
    assert read(path).frame["published"].dt.hour().unique().to_list() == [15]


def test_halves_of_the_day_and_distances_from_utc_in_columns_of_their_own(tmp_path: Path) -> None:
    halves = table(
        tmp_path,
        "Date,Time,AM/PM,Caption,Permalink,Likes,Comments,Reach",
        '2026-03-{d},05:18,PM,"{text}",{link},2{i},3{i},4{i}',
    )
    assert halves.frame["published"].dt.hour().unique().to_list() == [17]
    shifted = table(
        tmp_path,
        "Published,UTC offset,Caption,Permalink,Likes,Comments,Reach",
        '2026-03-{d} 16:27,+02:00,"{text}",{link},2{i},3{i},4{i}',
    )
    assert shifted.frame["published"].dt.hour().unique().to_list() == [14]


# -- which number -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("Reichweite (Vorperiode)", "Reichweite"),
        ("Port\u00e9e (payante)", "Port\u00e9e totale"),
        ("R\u00e4ckvidd (betald)", "R\u00e4ckvidd"),
        ("\u30ea\u30fc\u30c1\uff08\u6709\u6599\uff09", "\u30ea\u30fc\u30c1"),
        ("Reach (of what nobody knows)", "Reach"),
    ],
)
def test_a_part_or_another_period_is_not_the_metric(tmp_path: Path, part: str, whole: str) -> None:
    header = f"Published,Caption,Permalink,Likes,Comments,{part},{whole}"
    posts = table(tmp_path, header, OF_PLAIN.replace(",4{i}", ",11,4{i}")).frame
    assert posts["reach"].to_list() == [40 + i for i in range(1, 9)]


def test_thousands_named_in_the_header_count_and_broken_counts_are_named(tmp_path: Path) -> None:
    header = "Published,Caption,Permalink,Likes,Comments,Reach (thousands),Views"
    found = table(tmp_path, header, OF_PLAIN + ".5,20{i}.81")
    assert found.frame["reach"].to_list() == [1000 * (40 + i) + 500 for i in range(1, 9)]
    assert any("Views" in note and "no whole numbers" in note for note in found.report.notes)


def test_short_captions_of_east_asia_are_no_ids(tmp_path: Path) -> None:
    texts = [f"\u6625\u5b63\u4fc3\u9500\u4eca\u5929\u5f00\u59cb\u6b22\u8fce\u5149\u4e34 {i}" for i in range(8)]
    path = tmp_path / "t.csv"
    rows = [f"2026-03-{20 + i} 09:00,{text},7{i},6{i},5{i},4{i}" for i, text in enumerate(texts)]
    path.write_text(
        "\n".join(
            [
                "\u53d1\u5e03\u65f6\u95f4,\u5185\u5bb9,\u70b9\u8d5e,\u8bc4\u8bba,\u5206\u4eab,\u64ad\u653e\u91cf",
                *rows,
                "",
            ]
        ),
        "utf-8",
    )
    posts = read(path).frame
    assert posts["text"].to_list() == texts


@pytest.mark.parametrize(
    "below", ["Grand sum,14 posts,,9,9,9\n\u00d8 per post,,,1,1,1", "#spring,5,90,,,\n#garden,3,70,,,"]
)
def test_totals_and_tables_below_are_no_posts_however_they_are_named(tmp_path: Path, below: str) -> None:
    found = table(tmp_path, PLAIN, OF_PLAIN, below=below)
    assert found.frame.height == 8
    assert found.report.rows == 10
    assert sum(d.rows for d in found.report.dropped) == 2


def test_a_table_below_that_hides_the_links_is_no_posts_either(tmp_path: Path) -> None:
    below = ",,,,,\nTop hashtags,,,,,\nHashtag,Uses,Likes,,,\n#spring,5,90,,,\n#garden,3,70,,,"
    assert table(tmp_path, PLAIN, OF_PLAIN, below=below).frame.height == 8


def test_years_of_another_calendar_are_asked(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match="of the year 2083"):
        table(tmp_path, PLAIN, OF_PLAIN.replace("2026", "2083"))


def test_a_post_without_a_date_but_with_a_caption_stays(tmp_path: Path) -> None:
    found = table(tmp_path, PLAIN, OF_PLAIN, below="soon,A caption of some words,,9,9,9")
    assert found.frame.height == 9
