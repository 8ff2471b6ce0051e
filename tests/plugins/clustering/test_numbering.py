"""Clusters that keep their number, name and colour when they are made again."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from postlens.core.contract import Context
from postlens.core.contract.problems import CannotCompute
from postlens.core.contract.schema import Column, Schema
from postlens.plugins.clustering.compute import Settings, fit_column, group_posts, levels

SCHEMA = Schema(
    columns=(
        Column(name="reactions", label="Reactions", kind="metric"),
        Column(name="comments", label="Comments", kind="metric"),
    ),
    posts=300,
)
LEVELS = {"quiet": (2.0, 1.0), "discussed": (3.0, 5.0), "loved": (6.0, 2.0)}


def posts(*, kinds: tuple[str, ...] = tuple(LEVELS), seed: int = 0) -> pl.LazyFrame:
    """A hundred posts of each kind, far apart."""
    rng = np.random.default_rng(seed)
    tables = [
        pl.DataFrame(
            {
                name: np.rint(np.exp(rng.normal(level, 0.15, 100))).astype(np.int64)
                for name, level in zip(("reactions", "comments"), LEVELS[kind], strict=True)
            }
        ).with_columns(kind=pl.lit(kind))
        for kind in kinds
    ]
    whole = pl.concat(tables)
    return whole.with_columns(source_row=pl.int_range(whole.height), source_file=pl.lit("posts.csv")).lazy()


def kinds_of(table: pl.LazyFrame, **settings: Any) -> dict[str, str]:
    """The cluster of each kind of post."""
    fitted = fit_column(table, Settings(**settings), Context(schema=SCHEMA))
    pairs = table.select("kind", fitted.expression.alias("cluster")).unique().collect()
    assert pairs.height == pairs["kind"].n_unique(), "each kind of post is in one cluster"
    return dict(pairs.iter_rows())


def test_names_are_the_levels_on_every_page() -> None:
    params = Settings(k=3, names=("Talked about", "Loved"))
    assert levels(params) == ("Talked about", "Loved", "3")
    assert set(kinds_of(posts(), k=3, names=params.names).values()) == set(levels(params))


def test_kept_groups_keep_number_and_name_with_other_posts_and_another_k() -> None:
    first = group_posts(posts(), Settings(k=3), Context(schema=SCHEMA))
    plain = kinds_of(posts(), k=3)
    names = tuple(f"the {kind}" for kind, _ in sorted(plain.items(), key=lambda pair: pair[1]))
    later = kinds_of(posts(seed=1), k=3, names=names, keep=first.keep)
    assert later == {kind: f"the {kind}" for kind in LEVELS}
    two = ("quiet", "loved")
    assert kinds_of(posts(kinds=two, seed=2), k=2, names=names, keep=first.keep) == {k: f"the {k}" for k in two}


def test_without_keeping_the_numbers_move() -> None:
    """The control of the test above: with one kind of posts less, another group is the second."""
    assert kinds_of(posts(), k=3)["quiet"] == "3"
    assert kinds_of(posts(kinds=("quiet", "loved")), k=2)["quiet"] == "2"


def test_a_new_group_beside_kept_ones_takes_the_next_number() -> None:
    first = group_posts(posts(kinds=("quiet", "loved")), Settings(k=2), Context(schema=SCHEMA))
    found = kinds_of(posts(), k=3, keep=first.keep)
    assert found["discussed"] == "3"
    assert {found["quiet"], found["loved"]} == {"1", "2"}


def test_groups_on_another_scale_are_not_matched_in_silence() -> None:
    first = group_posts(posts(), Settings(k=3), Context(schema=SCHEMA))
    with pytest.raises(CannotCompute, match="another scale"):
        group_posts(posts(), Settings(k=3, scale="raw", keep=first.keep), Context(schema=SCHEMA))


@pytest.mark.parametrize("bad", ["log", "log reactions=", "log reactions=1,2 comments=1", "log reactions=nan,1"])
def test_a_damaged_setting_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        Settings(keep=bad)


def test_two_groups_cannot_have_one_name() -> None:
    with pytest.raises(ValidationError, match="same name"):
        Settings(names=("2",))
