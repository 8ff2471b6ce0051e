"""The Brief as a file: what the page says, without the server."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from postlens.app.clients import Clients
from postlens.app.web.server import create_app
from postlens.app.workspace import Workspace


class Links(HTMLParser):
    """The addresses a page leads to, and the text of its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where a tag leads."""
        self.found += [value or "" for name, value in attrs if name == "href" or (name == "src" and tag != "img")]


@pytest.fixture
def client(workspace_for: Callable[..., Workspace]) -> Any:
    """Who asks the app on the sample."""
    return create_app(Clients(workspace_for('[data]\nclient = "Fish & <b>Chips</b>"\n'))).server.test_client()


@pytest.mark.slow
def test_the_file_says_what_the_page_says_and_leads_nowhere_on_the_server(client: Any) -> None:
    answer = client.get("/download/brief/report.html?platform=facebook")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "brief" in answer.headers["Content-Disposition"]
    for words in ("How did we do", "What works here", "Also asked", "Best and weakest posts", "Can I trust the data"):
        assert words in page
    assert "Fish &amp; &lt;b&gt;Chips" in page
    assert "Filters: " in page
    assert "How the files were read" not in page
    links = Links()
    links.feed(page)
    assert all(address.startswith("https://") for address in links.found)


@pytest.mark.slow
def test_a_filter_that_is_not_understood_makes_no_file(client: Any) -> None:
    answer = client.get("/download/brief/report.html?type=zzz")
    assert answer.status_code == 409
    assert 'no "zzz"' in answer.get_data(as_text=True)
    assert client.get("/download/brief/other.html").status_code == 404
