"""What a browser loads of scripts: little, compressed, kept; and the rest where a page needs it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import brotli
import pytest

from postlens.app.blocks.render import escape_markup
from postlens.app.clients import Clients
from postlens.app.export import charts_script
from postlens.app.web import scripts
from postlens.app.web.server import create_app
from postlens.app.workspace import Workspace
from postlens.core.charts import titled

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
def client(workspace_for: Callable[..., Workspace]) -> Any:
    """Who asks the app on the sample."""
    return create_app(Clients(workspace_for(""))).server.test_client()


def test_the_charts_are_of_the_version_of_plotly() -> None:
    """Where this fails after `make lock`: `make charts`."""
    assert charts_script.fits()


def test_a_first_visit_with_charts_and_posts_takes_less_than_a_megabyte_and_a_half(client: Any) -> None:
    page = client.get("/eda").get_data(as_text=True)
    addresses = re.findall(r'<script src="([^"]+)"', page) + re.findall(r'data-(?:grid|charts)="([^"]+)"', page)
    assert len(addresses) > 8
    sent = {address: client.get(address, headers=BROWSER, buffered=True) for address in addresses}
    assert {r.status_code for r in sent.values()} == {200}
    assert sum(len(r.data) for r in sent.values()) < 1_500_000
    kept = {a: r.headers.get("Cache-Control", "") for a, r in sent.items()}
    assert all("max-age=31536000" in told for told in kept.values()), kept


def test_no_page_loads_all_of_plotly_or_the_table_of_posts_at_once(client: Any) -> None:
    loaded = re.findall(r'<script src="([^"]+)"', client.get("/").get_data(as_text=True))
    assert not [a for a in loaded if "plotly" in a or "ag_grid" in a]


@pytest.mark.parametrize(("coding", "read"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)])
def test_what_is_sent_is_what_the_browser_reads(client: Any, coding: str, read: Callable[[bytes], bytes]) -> None:
    for address in ("/assets/postlens.js", "/_dash-dependencies", "/jump.json"):
        plain = client.get(address, headers={"Accept-Encoding": "identity"}, buffered=True)
        sent = client.get(address, headers={"Accept-Encoding": coding}, buffered=True)
        assert sent.headers.get("Content-Encoding", "") == coding
        assert read(sent.data) == plain.data
        assert "Accept-Encoding" in sent.headers["Vary"]


def test_another_version_of_plotly_draws_with_its_own_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts_script, "get_plotlyjs_version", lambda: "99.0.0")
    assert "charts" not in scripts.addresses()
    assert "grid" in scripts.addresses()
    assert len(charts_script.script_for({"bar"})) > 3_000_000


def test_a_file_of_charts_holds_the_part_that_draws_them() -> None:
    assert len(charts_script.script_for({"bar", "heatmap"})) < 2_000_000
    assert len(charts_script.script_for({"bar", "sankey"})) > 3_000_000


def test_what_webgl_would_draw_by_code_of_text_is_drawn_without() -> None:
    """`plotly.express.scatter` makes such traces of more than a thousand points; the page's policy forbids them."""
    drawn = escape_markup({"data": [{"type": "scattergl", "x": [1]}, {"type": "scatterpolargl"}, {"type": "bar"}]})
    assert [trace["type"] for trace in drawn["data"]] == ["scatter", "scatterpolar", "bar"]


def test_a_line_of_a_title_ends_where_it_is_said_and_nowhere_else() -> None:
    words = titled("Engagement rate by reach, % of the typical <br>post")
    drawn = escape_markup({"layout": {"xaxis": {"title": {"text": words}}}})["layout"]["xaxis"]["title"]["text"]
    assert drawn == "Engagement rate by<br>reach, % of the<br>typical &lt;br&gt;post"
