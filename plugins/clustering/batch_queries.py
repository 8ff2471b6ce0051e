"""Several questions about the groups in one pass over the posts, some posts at a time, so that any number of them fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

AT_A_TIME = 500_000


@dataclass(frozen=True)
class Question:
    """What is asked of posts, and how the answers for some posts become the answer for all.

    Attributes:
        ask: from posts to a small table.
        merge: from the tables of several lots of posts, one below the other, to one such table.
    """

    ask: Callable[[pl.LazyFrame], pl.LazyFrame]
    merge: Callable[[pl.LazyFrame], pl.LazyFrame] = lambda tables: tables


def counted(ask: Callable[[pl.LazyFrame], pl.LazyFrame]) -> Question:
    """A question that counts `posts` by all its other columns."""
    return Question(
        ask, lambda tables: tables.group_by(pl.exclude("posts"), maintain_order=True).agg(pl.col("posts").sum())
    )


def answered(
    posts: pl.LazyFrame, columns: Sequence[str], asked: Mapping[str, Question], stop: Callable[[], None]
) -> dict[str, pl.DataFrame]:
    """The answers, as if each had been asked of all posts.

    Args:
        posts: what is asked about.
        columns: those that any question needs.
        asked: the questions by name.
        stop: raises when nobody wants the answers any more.
    """
    wanted = posts.select(columns)
    told = _asked(wanted.head(0), asked)
    for lot in wanted.collect_batches(chunk_size=AT_A_TIME, maintain_order=True, engine="streaming"):
        stop()
        for name, table in _asked(lot.lazy(), asked).items():
            told[name] = asked[name].merge(pl.concat([told[name], table]).lazy()).collect()
    return told


def _asked(posts: pl.LazyFrame, asked: Mapping[str, Question]) -> dict[str, pl.DataFrame]:
    return dict(zip(asked, pl.collect_all([question.ask(posts) for question in asked.values()]), strict=True))
