"""Text to numbers, one decision per column."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlens.core.data.convert.numbers import read_numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (["1,234", "5", "-"], [1234, 5, None]),
        (["1.234", "12"], [1234, 12]),
        (["1 234", "1\u202f000", "7"], [1234, 1000, 7]),
        (["1.2K", "2.5M", "18,400"], [1200, 2_500_000, 18400]),
        (["12,5", "3,25"], [12.5, 3.25]),
        (["1.234,5", "2"], [1234.5, 2.0]),
        (["106.0", "7.0"], [106, 7]),
        (["", "N/A", "--", "0"], [None, None, None, 0]),
        (["-5", "9007199254740993"], [-5, 9007199254740993]),
        (["$1,200", "\u20ac30"], [1200, 30]),
        (["1,234", "see note, ask Tom", "3,100"], [1234, None, 3100]),  # A text cell decides nothing.
        (["12,345", "1,23,456", "2,345"], [12345, 123456, 2345]),  # Indian grouping
        (["1.234K", "5"], [1234, 5]),
        (["3 4", "5"], [None, 5]),
        (["1e20", "7"], [None, 7]),
        (["3,4K", "3.5K", "9,8K"], [3400, 3500, 9800]),  # Decimal, whatever the others have.
        (["1,2 Tsd.", "1.5K"], [1200, 1500]),
        (["12,34", "10.5", "1,23,4"], [None, 10.5, None]),  # Three digits follow what parts thousands.
        (["120", "45%", "300"], [120, None, 300]),  # A share is no count.
        (["\u0661\u0662\u0663", "\u0661\u066c\u0665\u0660\u0660"], [123, 1500]),
    ],
)
def test_counts_in_every_form(text: list[str], values: list[float | None]) -> None:
    assert read_numbers(pl.Series(text), "count").values.to_list() == values


def test_one_value_decides_for_the_whole_column() -> None:
    """`1.234` alone is ambiguous; `0.5` in the same column proves a decimal point."""
    assert read_numbers(pl.Series(["1.234", "0.5"]), "count").values.to_list() == [1.234, 0.5]


def test_a_value_that_is_no_number_is_null_and_reported() -> None:
    found = read_numbers(pl.Series(["12", "abc", None, "7"]), "count")
    assert found.values.to_list() == [12, None, None, 7]
    assert found.bad.to_list() == [1]


def test_percent_becomes_a_share() -> None:
    assert read_numbers(pl.Series(["12.5%", "4 %"]), "rate").values.to_list() == pytest.approx([0.125, 0.04])
    assert read_numbers(pl.Series(["2.86"]), "rate", percent_header=True).values.to_list() == pytest.approx([0.0286])


def test_a_rate_with_a_decimal_comma_is_not_thousands() -> None:
    assert read_numbers(pl.Series(["2,345%", "1,100%"]), "rate").values.to_list() == pytest.approx([0.02345, 0.011])


def test_clock_times_become_seconds() -> None:
    assert read_numbers(pl.Series(["0:05:12", "12", "0:12", "x"]), "seconds").values.to_list() == [312, 12, 12, None]


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1))
@pytest.mark.slow
def test_integers_survive_thousands_marks(numbers: list[int]) -> None:
    assert read_numbers(pl.Series([f"{n:,}" for n in numbers]), "count").values.to_list() == numbers
