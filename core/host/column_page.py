"""A page for a derived column: its settings in a form, and how the posts fall into its groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from postlens.core import charts
from postlens.core.contract import Context, DerivedColumn, Panel, Params, wording
from postlens.core.contract.blocks import Block, Chart, Table
from postlens.core.contract.problems import CannotCompute

_NONE = "in no group"


@dataclass(frozen=True)
class Groups:
    """How many posts each group has.

    Attributes:
        rows: `group` in the column's order, those in no group last, and `posts`.
    """

    rows: pl.DataFrame


def column_page(column: DerivedColumn[Any], *, summary: str, title: str = "", about: str = "") -> Panel[Any, Groups]:
    """The panel on which a derived column's settings are chosen: a form for them, and the posts in each group.

    Give it out from `postlens_panels`; its id is the column's `panel`, which must be named.

    Args:
        column: the column; its `params` become the form.
        summary: one sentence under the title.
        title: name in the navigation; the column's label by default.
        about: Markdown: how the groups are made.

    Raises:
        ValueError: the column names no panel.
    """
    if not column.panel:
        raise ValueError(f'The column "{column.id}" names no panel. Write panel="{column.id}_groups".')

    def compute(posts: pl.LazyFrame, params: Params, ctx: Context) -> Groups:
        fitted = column.fit(posts, params, ctx)
        counted = posts.group_by(fitted.expression.alias("group")).agg(pl.len().alias("posts"))
        found = dict(counted.collect(engine="streaming").iter_rows())
        levels = [level for level in column.levels(params) if level in found]
        if not levels:
            raise CannotCompute(f"No post is in any group of {column.label.lower()}.")
        order = [*levels, None] if None in found else levels
        rows = {"group": [level or _NONE for level in order], "posts": [found[level] for level in order]}
        return Groups(rows=pl.DataFrame(rows, schema={"group": pl.String, "posts": pl.Int64}))

    def view(result: Groups, _params: Params) -> Sequence[Block]:
        return [_chart(result.rows, column)]

    return Panel(
        api=column.api,
        id=column.panel,
        title=title or column.label,
        summary=summary,
        params=column.params,
        compute=compute,
        view=view,
        version=column.version,
        about=about,
    )


def _chart(rows: pl.DataFrame, column: DerivedColumn[Any]) -> Chart:
    largest = rows.sort("posts", descending=True, maintain_order=True).row(0, named=True)
    total = int(rows["posts"].sum())
    takeaway = f"{wording.count(largest['posts'])} of {wording.count(total)} posts are {largest['group']}."
    table = Table(
        title=column.label,
        rows=rows,
        name="groups",
        labels={"group": column.label, "posts": "Posts"},
        formats={"posts": "integer"},
    )
    return Chart(
        figure=charts.bars(rows, label="group", value="posts", axis="Posts"),
        title=f"Posts by {column.label.lower()}",
        takeaway=takeaway,
        table=table,
        selects=column.id,
    )
