"""Filters: from words, to words, and on posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from postlens.core.ask import filters
from postlens.core.ask.filters import Filters
from postlens.core.data.dataset import Dataset

TABLE = pl.DataFrame(
    {
        "Date": ["2026-01-01 23:30:00", "2026-01-02 12:00:00", "2026-01-03 12:00:00", "2026-01-04 12:00:00"],
        "Type": ["photo", "video", None, "photo"],
        "Likes": [5, 50, 500, None],
        "Caption": ["Sale (50 % off)", "sale", "other", "none"],
    }
)


def kept(dataset: Dataset, wanted: Filters) -> list[int]:
    return filters.apply(dataset.scan(), wanted, dataset.timezone).collect()["source_row"].to_list()


def test_each_filter_keeps_what_it_says(open_posts: Callable[..., Dataset]) -> None:
    posts = open_posts(TABLE)
    assert kept(posts, Filters()) == [2, 3, 4, 5]
    assert kept(posts, Filters(since=date(2026, 1, 2), until=date(2026, 1, 3))) == [3, 4]
    assert kept(posts, Filters(values=(("post_type", ("photo",)),))) == [2, 5]
    assert kept(posts, Filters(values=(("post_type", ("video", filters.MISSING)),))) == [3, 4]
    assert kept(posts, Filters(ranges=(("react_like", 10, None),))) == [3, 4]
    assert kept(posts, Filters(text="SALE")) == [2, 3]
    assert kept(posts, Filters(text="(50 %")) == [2]


def test_days_are_days_of_the_clients_zone(open_posts: Callable[..., Dataset]) -> None:
    """23:30 UTC on 1 January is the 2nd in Berlin."""
    posts = open_posts(TABLE, timezone="Europe/Berlin")
    assert kept(posts, Filters(since=date(2026, 1, 2), until=date(2026, 1, 2))) == [2, 3]


def test_what_cannot_be_read_is_said_and_left_out(open_posts: Callable[..., Dataset]) -> None:
    schema = open_posts(TABLE).schema
    pairs = [("type", "vidoe"), ("from", "tomorrow"), ("react_like", "lots"), ("utm_source", "mail")]
    found, problems = filters.from_pairs(pairs, schema)
    assert not found
    assert len(problems) == 3
    assert 'Did you mean "video"' in str(problems[2])


def test_a_filter_that_cannot_work_is_said(open_posts: Callable[..., Dataset]) -> None:
    schema = open_posts(TABLE.drop("Caption")).schema
    for pair, says in (
        (("text", "sale"), "no text"),
        (("published", "2026-01-01"), "from and to"),
        (("react_like", "500..10"), "wrong way round"),
    ):
        found, problems = filters.from_pairs([pair], schema)
        assert not found
        assert says in str(problems[0])


def test_described_in_words(open_posts: Callable[..., Dataset]) -> None:
    wanted = Filters(since=date(2026, 1, 2), values=(("post_type", ("photo",)),), ranges=(("react_like", None, 9),))
    assert filters.describe(wanted, open_posts(TABLE).schema) == ["from 2 Jan 2026", "Type: photo", "Likes: at most 9"]


@given(
    st.builds(
        Filters,
        since=st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1)),
        until=st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1)),
        values=st.sampled_from([(), (("post_type", ("photo",)),), (("post_type", ("photo", "video")),)]),
        ranges=st.sampled_from([(), (("react_like", 1.5, None),), (("react_like", None, 1e6),)]),
        text=st.text(alphabet="abc &=?\u00fc", max_size=8).map(str.strip),
    )
)
def test_a_link_round_trips(wanted: Filters) -> None:
    from postlens.core.contract.schema import Column, Schema

    schema = Schema(
        columns=(
            Column(name="published", label="Published", kind="time"),
            Column(name="post_type", label="Type", kind="category", levels=("photo", "video")),
            Column(name="react_like", label="Likes", kind="metric"),
            Column(name="text", label="Caption", kind="text"),
        ),
        posts=4,
    )
    found, problems = filters.from_pairs(filters.to_pairs(wanted), schema)
    if wanted.since and wanted.until and wanted.since > wanted.until:
        assert "wrong way round" in str(problems[0])
        wanted = replace(wanted, since=wanted.until, until=wanted.since)
        problems = []
    assert (found, problems) == (wanted, [])


def test_midnight_of_a_zone_in_utc() -> None:
    assert pl.select(filters.midnight(date(2026, 7, 1), ZoneInfo("America/New_York"))).item().hour == 4
