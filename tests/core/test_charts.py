"""Figures that panels share: what is drawn is what is known."""

from __future__ import annotations

import polars as pl

from postlens.core import charts


def test_a_band_ends_where_an_interval_is_not_known() -> None:
    """Over gaps it had become triangles, with most points outside."""
    weeks = pl.DataFrame(
        {
            "week": ["a", "b", "c", "d", "e"],
            "value": [1.0, 2.0, 3.0, 4.0, 5.0],
            "low": [0.5, 1.5, None, None, 4.5],
            "high": [1.5, 2.5, None, None, 5.5],
        }
    )
    band, line = charts.line(weeks, x="week", value="value", low="low", high="high", axis="Engagements").data
    assert list(line.y) == weeks["value"].to_list()
    assert list(band.x) == ["a", "b", "b", "a", "a", None, "e", "e", "e", None]
    assert list(band.y) == [1.5, 2.5, 1.5, 0.5, 1.5, None, 5.5, 4.5, 5.5, None]


def test_things_against_each_other_have_numbers_across() -> None:
    made = charts.heat([[1.0, 0.5], [0.5, 1.0]], x=["Reach", "Views"], y=["Reach", "Views"], numbered=True).data[0]
    assert list(made.x) == ["1", "2"]
    assert list(made.y) == ["Reach  1", "Views  2"]
    assert made.customdata[0][1] == "Reach and Views"
