"""The table of posts: what a post is, how it did, a link that opens, then the rest."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from postlens.app.clients import Clients
from postlens.app.web.posts.posts_page import _grid
from postlens.app.web.server import create_app
from postlens.app.workspace import Workspace
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


def test_what_is_listed_can_be_taken_along(workspace_for: Callable[..., Workspace]) -> None:
    """Every post that passes the filters, under the headers of the page, the newest first; no formula runs in a sheet."""
    rows = [
        f"https://www.instagram.com/p/C{i:09}AA/,2026-03-{i + 1:02} 10:00,{'photo' if i % 2 else 'reel'},{'=1+1' if i == 2 else 'a caption'},{i},{2 * i}"
        for i in range(12)
    ]
    text = "\n".join(["Permalink,Publish time,Post type,Description,Likes,Comments", *rows])
    workspace = workspace_for('[data]\nsource = "own.csv"\n[plugins]\nenabled = ["eda", "tier"]\n', {"own.csv": text})
    client = create_app(Clients(workspace)).server.test_client()
    found = client.get("/download/posts/posts.csv?type=short")
    assert found.status_code == 200
    table = pl.read_csv(found.data, infer_schema_length=None)
    assert table.height == 6
    assert table.columns[0] == "Published"
    assert table["Likes"].to_list() == [10, 8, 6, 4, 2, 0]
    assert not any(str(v).startswith("=") for v in table["Caption"])
    assert "attachment" in found.headers["Content-Disposition"]
    sheet = pl.read_excel(client.get("/download/posts/posts.xlsx").data)
    assert sheet.height == 12
    assert pl.read_parquet(client.get("/download/posts/posts.parquet").data).height == 12
    assert client.get("/download/posts/posts.csv?from=tomorrow").status_code == 409
    assert client.get("/download/posts/posts.exe").status_code == 404
