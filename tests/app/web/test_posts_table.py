"""The table of posts: what a post is, how it did, a link that opens, then the rest."""

from __future__ import annotations

from postlens.app.web.posts.posts_page import _grid
from postlens.core.contract.schema import Column, Schema

SCHEMA = Schema(
    columns=(
        Column(name="published", label="Published", kind="time"),
        Column(name="account_name", label="Account", kind="category"),
        Column(name="platform", label="Network", kind="category"),
        Column(name="post_type", label="Type", kind="category"),
        Column(name="text", label="Caption", kind="text"),
        Column(name="url", label="Link to the post", kind="text"),
        Column(name="shares", label="Shares", kind="metric"),
        Column(name="views", label="Views", kind="metric"),
    ),
    posts=3,
)


def test_the_chosen_metric_stands_on_the_first_screen_and_links_open() -> None:
    columns = _grid(SCHEMA, {}, [], "views").columnDefs
    fields = [c["field"] for c in columns]
    assert fields[:5] == ["published", "account_name", "post_type", "text", "views"]
    assert sum(c["width"] for c in columns[:6]) < 1000, "beside the navigation of a window of 1,400 pixels"
    assert set(fields) >= {c.name for c in SCHEMA.columns}
    assert next(c for c in columns if c["field"] == "shares")["headerTooltip"].startswith("Shares: How often people")
    assert columns[0]["sort"] == "desc", "the newest first"
    (link,) = [c for c in columns if c["field"] == "url"]
    assert link["cellRenderer"] == "PostLink"
