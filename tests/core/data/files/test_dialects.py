"""A random table in a random dialect reads back as it was, or asks; a damaged file is refused in words, at once."""

from __future__ import annotations

import csv
import io
import os
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers, sniff

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
ENDS = ("\n", "\r\n", "\r")
SLOWEST = 30.0


def grouped(value: int, style: str) -> str:
    """A whole number as a spreadsheet of some country writes it."""
    mark = {"plain": "", "comma": ",", "point": ".", "space": "\u00a0", "narrow": "\u202f", "quote": "'"}[style]
    return f"{value:,}".replace(",", mark)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Posts, and a way to write them."""
    rows = draw(st.integers(3, 12))
    start = draw(st.datetimes(datetime(2019, 1, 1), datetime(2026, 1, 1)))  # noqa: DTZ001
    step = draw(st.integers(30, 4000))
    encoding = draw(st.sampled_from(ENCODINGS))
    style = draw(st.sampled_from(["plain", "comma", "point", "space", "narrow", "quote"]))
    if (encoding, style) == ("cp1252", "narrow"):
        style = "space"  # That encoding has no narrow space.
    words = st.text(st.sampled_from("abc é,;\t\"'|\n0123"), max_size=12).map(str.strip)
    return {
        "moments": [(start + timedelta(minutes=step * i)).replace(second=0, microsecond=0) for i in range(rows)],
        "likes": draw(st.lists(st.one_of(st.none(), st.integers(0, 5_000_000)), min_size=rows, max_size=rows)),
        "shares": draw(st.lists(st.integers(0, 900), min_size=rows, max_size=rows)),
        "captions": draw(st.lists(words, min_size=rows, max_size=rows)),
        "encoding": encoding,
        "separator": draw(st.sampled_from([",", ";", "\t"])),
        "end": draw(st.sampled_from(ENDS)),
        "order": draw(st.sampled_from(["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"])),
        "style": style,
        "blank": draw(st.sampled_from(["", "-", "N/A"])),
        "preamble": draw(st.integers(0, 2)),
        "quoting": draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
    }


def written(table: dict[str, Any]) -> bytes:
    out = io.StringIO()
    for i in range(table["preamble"]):
        out.write(f"Report {i}{table['end']}")
    writer = csv.writer(out, delimiter=table["separator"], lineterminator=table["end"], quoting=table["quoting"])
    writer.writerow(["Post ID", "Caption", "Published", "Likes", "Shares"])
    for i, moment in enumerate(table["moments"]):
        likes = table["likes"][i]
        number = table["blank"] if likes is None else grouped(likes, table["style"])
        # A bare CR inside a cell would be a row to any reader of such files.
        caption = table["captions"][i].replace("\n", " ") if table["end"] == "\r" else table["captions"][i]
        writer.writerow([f"p{i}", caption, moment.strftime(table["order"]), number, table["shares"][i]])
    return out.getvalue().encode(table["encoding"], errors="replace")


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_a_table_in_any_dialect_reads_back_or_asks(table: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(written(table))
    try:
        posts = to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings(ask=True)).frame
    except PostlensError as error:
        told = str(error)
        assert "--date-order" in told, told
        assert table["order"][1] != "Y", "a year first decides"
        assert all(m.day <= 12 for m in table["moments"]), "a day above 12 decides"
        return
    assert posts["published"].to_list() == [m.replace(tzinfo=UTC) for m in table["moments"]]
    assert posts["shares"].to_list() == table["shares"]
    assert posts["react_like" if "react_like" in posts.columns else "reactions"].to_list() == table["likes"]
    expected = [c.replace("\n", " ") if table["end"] == "\r" else c for c in table["captions"]]
    if table["encoding"] != "cp1252" or all(c.isascii() for c in expected):
        assert posts["text"].fill_null("").to_list() == [" ".join(c.split("\0")).strip() for c in expected]


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A file that went wrong: cut short, with bits flipped, bytes replaced, doubled or shuffled."""
    kind = rng.randrange(5)
    if kind == 0 or not data:
        return data[: rng.randrange(len(data) + 1)]
    broken = bytearray(data)
    for _ in range(rng.randint(1, 1 + len(data) // 40)):
        place = rng.randrange(len(broken))
        if kind == 1:
            broken[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            broken[place] = rng.randrange(256)
        elif kind == 3:
            broken[place:place] = broken[place : place + rng.randrange(20)]
        else:
            del broken[place : place + rng.randrange(20)]
            if not broken:
                break
    return bytes(broken) if rng.random() < 0.95 else rng.randbytes(rng.randrange(2000))


def seeds(folder: Path) -> list[tuple[str, bytes]]:
    """Small files of every kind that is read."""
    import xlsxwriter

    table = pl.DataFrame(
        {
            "Post ID": ["11", "12", "13", "14"],
            "Caption": ["a", 'b "x"', "c\nd", "é"],
            "Publish time": ["01/13/2026 10:00", "01/14/2026 10:00", "01/15/2026 10:00", "01/16/2026 10:00"],
            "Likes": ["1,234", "5", "", "7"],
            "Shares": ["1", "2", "3", "4"],
        }
    )
    with xlsxwriter.Workbook(folder / "s.xlsx") as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([table.columns, *table.rows()]):
            sheet.write_row(i, 0, row)
    table.write_parquet(folder / "s.parquet")
    tiktok = "Video title,Video link,Post time,Total likes,Total views\na,https://www.tiktok.com/@d/video/7574853431328768000,November 20,5,9\n"
    return [
        ("s.csv", table.write_csv().encode()),
        ("s.csv", table.write_csv(separator=";").encode("utf-16")),
        ("s.csv", tiktok.encode()),
        ("s.json", table.write_json().encode()),
        ("s.ndjson", table.write_ndjson().encode()),
        ("s.xlsx", (folder / "s.xlsx").read_bytes()),
        ("s.parquet", (folder / "s.parquet").read_bytes()),
    ]


def fuzz(folder: Path, inputs: int, seed: int) -> int:
    """Read damaged files; return how many were refused. Anything but posts or a refusal in words fails."""
    rng = random.Random(seed)
    kinds = seeds(folder)
    place = folder / "in"
    place.mkdir()
    refused = 0
    for number in range(inputs):
        name, data = kinds[number % len(kinds)]
        path = place / name
        path.write_bytes(damaged(data, rng))
        began = time.perf_counter()
        try:
            posts = to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings())
            report = posts.report
            assert report.rows == report.posts + sum(d.rows for d in report.dropped), "every row is a post or said"
        except PostlensError as error:
            refused += 1
            said = str(error)
            assert "bug in the reader" not in said, said
        assert time.perf_counter() - began < SLOWEST
        path.unlink()
    assert not list(place.iterdir())
    return refused


@pytest.mark.slow
def test_damaged_files_are_refused_in_words(tmp_path: Path) -> None:
    """250 here; POSTLENS_FUZZ=10000 for more."""
    refused = fuzz(tmp_path, int(os.environ.get("POSTLENS_FUZZ", "250")), seed=1)
    assert refused > 0


@pytest.mark.parametrize(
    ("name", "captions"),
    [
        (
            "cp1250",
            [
                "Jaro je konečně tady, přijďte",
                "Děkujeme za deset tisíc přátel",
                "Nové menu ode dneška, příště zase šťastně",
            ],
        ),
        ("cp1250", ["Wiosna wreszcie przyszła", "Dziękujemy za dziesięć tysięcy", "Nowe menu od dziś"]),
        ("cp1251", ["Весна наконец пришла", "Новое меню с сегодняшнего дня", "Спасибо, что вы с нами"]),
        ("cp949", ["드디어 봄이 왔습니다 놀러 오세요", "오늘부터 새로운 메뉴 시작", "우리 주방의 비하인드"]),
        ("cp932", ["ついに春が来ました", "今日から新メニュー", "いつもありがとうございます"]),
        ("gb18030", ["春天终于来了,欢迎光临", "今天开始新菜单", "谢谢大家的支持"]),
        ("cp1252", ["Endlich ist Frühling, kommt vorbei", "Schöne Grüße aus Köln", "Ein neues Menü ab heute"]),
        ("cp1252", ["¡Gracias por diez mil amigos!", "La primavera está aquí", "¿Vienes mañana?"]),
        ("cp1253", ["Η άνοιξη επιτέλους ήρθε", "Νέο μενού από σήμερα", "Ευχαριστούμε πολύ"]),
    ],
)
def test_captions_in_the_letters_of_a_region_are_read_under_english_names(
    name: str, captions: list[str], tmp_path: Path
) -> None:
    rows = "".join(f"2026-03-0{i + 1};{text};{i}\n" for i, text in enumerate(captions))
    path = tmp_path / "posts.csv"
    path.write_bytes(f"Date;Text;Likes\n{rows}".encode(name))
    found = sniff.encoding_of(path)
    assert sniff.start_of(path, found).count("\n") == 4
    assert all(text in sniff.start_of(path, found) for text in captions)
    assert found.guessed


@pytest.mark.parametrize("order", [("All", "January", "February"), ("January", "February", "All")])
def test_a_sheet_that_repeats_another_is_named_and_its_posts_count_once(tmp_path: Path, order: tuple[str, ...]) -> None:
    """A year beside its months: posts without ids counted twice."""
    rows = [[f"Caption number {i}", f"2026-0{1 + i % 2}-{i % 27 + 1:02d} 10:00", 10 + i, 3 * i] for i in range(40)]
    sheets = {"All": rows, "January": rows[::2], "February": [*rows[1::2], ["New", "2026-02-28 11:00", 7, 2]]}
    with Workbook(tmp_path / "year.xlsx") as book:
        for name in order:
            sheet = book.add_worksheet(name)
            for i, row in enumerate([["Caption", "Date", "Likes", "Comments"], *sheets[name]]):
                sheet.write_row(i, 0, row)
    table = readers.read(tmp_path / "year.xlsx", readers.choose(tmp_path / "year.xlsx", readers.TABLES))
    assert table.lazy.collect().height == 41
    assert sum(r.rows for r in table.refused) == 40
    assert all('repeats rows of the sheet "All"' in r.reason for r in table.refused)
