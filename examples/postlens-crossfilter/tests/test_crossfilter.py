"""The panel keeps what the host expects of it, and its second chart follows the first."""

import polars as pl
from postlens_crossfilter import PANEL, Result, weekdays

from postlens.testing import assert_panel


def test_the_panel_keeps_its_promises() -> None:
    assert_panel(PANEL)


def test_the_weekdays_of_one_type() -> None:
    cells = pl.DataFrame({"post_type": ["photo", "video"], "weekday": ["Mon", "Tue"], "posts": [2, 3]})
    result = Result(cells=cells, days=("Mon", "Tue"))
    assert weekdays(result, None)["posts"].to_list() == [2, 3]
    assert weekdays(result, "photo")["posts"].to_list() == [2, 0]
