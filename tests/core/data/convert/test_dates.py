"""Text to points in time, one decision per column."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.canonical import to_posts
from postlens.core.data.convert.dates import read_times
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("1648512000", utc(2022, 3, 29), "day"),  # midnight throughout: a day
        ("1648515601", utc(2022, 3, 29, 1, 0, 1), "second"),
        ("1648515601000", utc(2022, 3, 29, 1, 0, 1), "second"),
        ("Feb 19, 2023", utc(2023, 2, 19), "day"),
        ("Tue, Jul 14, 2026", utc(2026, 7, 14), "day"),
        ("19 Apr 2024", utc(2024, 4, 19), "day"),
        ("2022-01-30 12:15 +0000", utc(2022, 1, 30, 12, 15), "minute"),
        ("2021-07-06 16:45:20 EDT", utc(2021, 7, 6, 20, 45, 20), "second"),
        ("2026-01-02T03:04:05.123Z", utc(2026, 1, 2, 3, 4, 5), "second"),
        ("9/14/2021 1:05 pm", utc(2021, 9, 14, 13, 5), "minute"),
        ("12/31/2021 12:05 AM", utc(2021, 12, 31, 0, 5), "minute"),
    ],
)
def test_every_form(text: str, moment: datetime, precision: str) -> None:
    found = read_times(pl.Series([text]))
    assert found.values.to_list() == [moment]
    assert found.precision.to_list() == [precision]


def test_two_spellings_in_one_column_share_one_decision() -> None:
    """Excel in another locale rewrote part of a column; the other part proves month first."""
    found = read_times(pl.Series(["4/22/2018 6:00", "04-11-2018 04:53", "4/11/18 04:53"]))
    assert found.values.to_list()[1:] == [utc(2018, 4, 11, 4, 53)] * 2
    assert "month first (proved" in found.reading


def test_day_first_is_proved_by_a_day_above_12() -> None:
    assert read_times(pl.Series(["22/4/2018", "3/4/2018"])).values.to_list() == [utc(2018, 4, 22), utc(2018, 4, 3)]


def test_the_order_of_the_rows_decides_where_no_day_is_above_12() -> None:
    """Newest first under day-month: 12 Mar, 11 Mar, ... 5 Mar, then 12 Feb."""
    text = [f"{d:02d}/03/2020" for d in range(12, 4, -1)] + [f"{d:02d}/02/2020" for d in range(12, 4, -1)]
    found = read_times(pl.Series(text))
    assert found.values.to_list()[0] == utc(2020, 3, 12)
    assert "by the order of the rows" in found.reading


def test_contradictory_evidence_stops_and_says_which_setting_settles_it() -> None:
    with pytest.raises(PostlensError, match="date_order"):
        read_times(pl.Series(["22/4/2018", "4/22/2018"]), where="posts.csv column B")
    assert read_times(pl.Series(["22/4/2018", "4/22/2018"]), order="dmy").bad.to_list() == [1]


def test_a_naive_clock_is_that_of_the_zone() -> None:
    assert read_times(pl.Series(["2026-07-01 09:00"]), zone="America/Los_Angeles").values.to_list() == [
        utc(2026, 7, 1, 16)
    ]


def test_an_hour_that_a_clock_change_skipped_moves_on() -> None:
    assert read_times(pl.Series(["2026-03-29 02:30"]), zone="Europe/Berlin").values.to_list() == [
        utc(2026, 3, 29, 1, 30)
    ]


def test_what_is_no_date_is_null_and_reported() -> None:
    found = read_times(pl.Series(["2026-01-02", "yesterday", None, "13/13/2020"]))
    assert found.values.null_count() == 3
    assert found.bad.to_list() == [1, 3]


def test_midnight_throughout_means_days_also_when_it_is_written_out() -> None:
    assert set(read_times(pl.Series(["2025-01-01 00:00:00", "2025-01-02 00:00:00"])).precision) == {"day"}


def test_a_zone_nobody_knows_is_reported_not_guessed() -> None:
    assert read_times(pl.Series(["2025-01-01 10:00 XQZT"])).bad.to_list() == [0]


def test_a_year_in_which_nobody_posts_is_not_understood() -> None:
    found = read_times(pl.Series(["0001-01-01", "1404-12-11", "2026-03-02"]))
    assert found.values.to_list() == [None, None, utc(2026, 3, 2)]
    assert found.bad.to_list() == [0, 1]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("02/03/2569 09:15", utc(2026, 3, 2, 9, 15)),
        ("2026/03/02 午前9:15", utc(2026, 3, 2, 9, 15)),
        ("2026-03-02 오후 9:15", utc(2026, 3, 2, 21, 15)),
        ("02/03/2026 09h15", utc(2026, 3, 2, 9, 15)),
        ("2.3.2026 klo 9.15", utc(2026, 3, 2, 9, 15)),
        ("٢٠٢٦/٠٣/٠٢ ٠٩:١٥", utc(2026, 3, 2, 9, 15)),
        ("20260302 09:15", utc(2026, 3, 2, 9, 15)),
        ("09:15 02.03.2026", utc(2026, 3, 2, 9, 15)),
        ("Mon Mar 02 2026 09:15:00 GMT+0100 (CET)", utc(2026, 3, 2, 8, 15)),
        ("02 Mar 2026, 09:15 (UTC+2)", utc(2026, 3, 2, 7, 15)),
        ("Mon Mar 02 09:15:00 EST 2026", utc(2026, 3, 2, 14, 15)),
    ],
)
def test_other_ways_to_write_a_time(text: str, wanted: datetime) -> None:
    assert read_times(pl.Series([text]), order="dmy").values.to_list() == [wanted]


def test_the_year_comes_first_where_the_last_pair_varies_as_days_do() -> None:
    found = read_times(pl.Series(["26.03.02 09:15", "26.03.13 10:00", "26.03.20 10:00"]))
    assert found.values[0] == utc(2026, 3, 2, 9, 15)
    days = read_times(pl.Series(["26.03.26", "27.03.26", "28.03.26"]))
    assert days.values[0] == utc(2026, 3, 26)


def test_dates_that_a_spreadsheet_has_half_converted_are_asked_about() -> None:
    mixed = pl.Series(["08-05-2020", "7-16-2020", "05-08-2020", "8-29-2020", "09-03-2020", "6-20-2020"] * 3)
    with pytest.raises(PostlensError, match="rewritten some dates"):
        read_times(mixed, ask=True)
    told = read_times(mixed, order="dmy").values
    assert (told[0], told[1]) == (utc(2020, 5, 8), utc(2020, 7, 16))


def test_the_order_of_the_rows_tells_what_half_converted_dates_mean() -> None:
    written = [f"{m}-{d}-2026" if d > 12 else f"{m:02}-{d:02}-2026" for m in (3, 4, 5) for d in range(1, 28, 2)]
    found = read_times(pl.Series(written), ask=True).values
    assert found.is_sorted()
    assert found[0] == utc(2026, 3, 1)


def test_random_rows_do_not_decide_the_order() -> None:
    text = [
        "03/01/2025",
        "01/03/2025",
        "07/02/2025",
        "02/07/2025",
        "05/06/2025",
        "06/05/2025",
        "04/01/2025",
        "01/04/2025",
    ]
    assert "assumed" in read_times(pl.Series(text)).reading


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01 24:00", "2026-03-02 00:00"),
        ("31.12.2026 24:00:00", "2027-01-01 00:00"),
        ("令和8年3月28日", "2026-03-28 00:00"),
        ("令和元年5月1日", "2019-05-01 00:00"),
        ("平成31年4月30日", "2019-04-30 00:00"),
    ],
)
def test_the_end_of_a_day_and_years_of_a_reign(text: str, day: str) -> None:
    assert f"{read_times(pl.Series([text]), order='dmy').values[0]:%Y-%m-%d %H:%M}" == day


@pytest.mark.parametrize(("year", "name"), [("1404", "Iranian"), ("1447", "Islamic")])
def test_another_calendar_is_named(tmp_path: Path, year: str, name: str) -> None:
    rows = "".join(f"17{i:015},A fine day number {i},{year}/{1 + i}/{2 + i},{9 * i},{i}\n" for i in range(9))
    file = tmp_path / "t.csv"
    file.write_text("Post ID,Caption,Date,Likes,Comments\n" + rows, "utf-8")
    with pytest.raises(PostlensError, match=f"years of the {name} calendar"):
        to_posts(readers.read(file, readers.choose(file, readers.TABLES)), ReadSettings())
