"""Filters: from words, to words, and on posts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from postlens.core.ask import filters
from postlens.core.ask.filters import Contains, Filter, Filters, OneOf, Period, Range
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
    assert kept(posts, filters.of(Period(since=date(2026, 1, 2), until=date(2026, 1, 3)))) == [3, 4]
    assert kept(posts, filters.of(OneOf("post_type", ("photo",)))) == [2, 5]
    assert kept(posts, filters.of(OneOf("post_type", ("video", filters.MISSING)))) == [3, 4]
    assert kept(posts, filters.of(Range("react_like", 10, None))) == [3, 4]
    assert kept(posts, filters.of(Contains("SALE"))) == [2, 3]
    assert kept(posts, filters.of(Contains("(50 %"))) == [2]


def test_days_are_days_of_the_clients_zone(open_posts: Callable[..., Dataset]) -> None:
    """23:30 UTC on 1 January is the 2nd in Berlin."""
    posts = open_posts(TABLE, timezone="Europe/Berlin")
    assert kept(posts, filters.of(Period(since=date(2026, 1, 2), until=date(2026, 1, 2)))) == [2, 3]


def test_what_cannot_be_read_is_said_and_left_out(open_posts: Callable[..., Dataset]) -> None:
    schema = open_posts(TABLE).schema
    pairs = [("type", "vidoe"), ("from", "tomorrow"), ("react_like", "lots"), ("utm_source", "mail")]
    found, problems = filters.from_pairs(pairs, schema)
    assert not found
    assert len(problems) == 3
    assert any('Did you mean "video"' in str(p) for p in problems)


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
    wanted = filters.of(Period(since=date(2026, 1, 2)), OneOf("post_type", ("photo",)), Range("react_like", None, 9))
    assert filters.describe(wanted, open_posts(TABLE).schema) == ["from 2 Jan 2026", "Type: photo", "Likes: at most 9"]


def test_from_and_to_are_the_period_whatever_columns_there_are(open_posts: Callable[..., Dataset]) -> None:
    """Columns of these names took the words, and the filter was off without a word."""
    schema = open_posts(TABLE.with_columns(pl.lit("Leeds").alias("from"), pl.Series("to", range(TABLE.height)))).schema
    found, problems = filters.from_pairs([("from", "2026-01-02"), ("to", "2026-01-03")], schema)
    assert (found, problems) == (filters.of(Period(since=date(2026, 1, 2), until=date(2026, 1, 3))), [])
    named = [c.name for c in schema.columns if c.name in {"from", "to"}]
    assert named
    for name in named:
        kind = OneOf(name, ("Leeds",)) if schema[name].kind == "category" else Range(name, 1.0, 2.0)
        assert filters.from_pairs(filters.to_pairs(filters.of(kind)), schema)[0] == filters.of(kind)


DAYS = st.dates(date(2000, 1, 1), date(2030, 1, 1))
WORDS = st.text(alphabet="abc &=?\u00fc", min_size=1, max_size=8).map(str.strip).filter(bool)
ONE_OF_EACH = st.tuples(
    st.just(()) | st.builds(lambda s, u: (Period(since=s, until=u),), DAYS, st.none() | DAYS),
    st.sampled_from([(), (OneOf("post_type", ("photo",)),), (OneOf("post_type", ("photo", "video")),)]),
    st.sampled_from([(), (Range("react_like", 1.5, None),), (Range("react_like", None, 1e6),)]),
    st.just(()) | WORDS.map(lambda text: (Contains(text),)),
)


@given(ONE_OF_EACH)
def test_a_link_round_trips(parts: tuple[tuple[Filter, ...], ...]) -> None:
    wanted = filters.of(*(item for part in parts for item in part))
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
    period = wanted.first(Period)
    if period and period.since and period.until and period.since > period.until:
        assert "wrong way round" in str(problems[0])
        wanted = wanted.having(Period(since=period.until, until=period.since))
        problems = []
    assert (found, problems) == (wanted, [])


def test_midnight_of_a_zone_in_utc() -> None:
    assert pl.select(filters.midnight(date(2026, 7, 1), ZoneInfo("America/New_York"))).item().hour == 4


def test_the_words_of_every_kind_are_no_column_s_name(open_posts: Callable[..., Dataset]) -> None:
    """A kind names its own words once: the parser, and the links of columns of the same name, follow."""
    schema = open_posts(TABLE.rename({"Type": "text"})).schema
    for kind in filters.KINDS:
        for key in kind.keys:
            assert filters.is_filter(key, schema)
            assert filters.key_of(key) == f"is.{key}"
            assert filters.column_of(filters.key_of(key)) == key
    assert not filters.is_filter("known", schema)
