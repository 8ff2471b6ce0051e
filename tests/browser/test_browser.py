"""A person at the dashboard: Chromium on every page, wide and narrow, light and dark."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from waitress.server import create_server

from app.server import create_app
from app.workspace import open_workspace
from core.config import PANELS
from scripts.browser import chromium, find_chromium

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; where there is none the tests say so, and in CI that is a failure."""
    if find_chromium() is None:
        reason = "No Chromium is installed. On Debian: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on the bundled sample, with one plugin that does not load."""
    folder = tmp_path_factory.mktemp("deployment")
    (folder / "bad.py").write_text("raise RuntimeError('deliberate')")
    (folder / "config.toml").write_text(
        '[data]\ntimezone = "Europe/London"\n[plugins]\nenabled = ["eda", "clustering", "elbow", "hypothesis", "tier", "crossfilter"]\n'
        'files = ["bad.py"]\n'
    )
    workspace = open_workspace(folder / "config.toml")
    server = create_server(create_app(workspace).server, host="127.0.0.1", port=0, threads=8)

    def run() -> None:
        with contextlib.suppress(OSError):  # Closing the server takes its socket away from its loop.
            server.run()

    threading.Thread(target=run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails its test on any error in the console and any request to elsewhere."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda m: errors.append(m.text[:500]) if m.type == "error" else None)
    opened.on("pageerror", lambda e: errors.append(str(e)[:500]))
    opened.on("request", lambda r: errors.append(f"left the machine: {r.url}") if _elsewhere(r.url) else None)
    yield opened
    context.close()
    assert not errors


def _elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"


def ready(page: Any, panel: str) -> None:
    page.wait_for_selector(f"#{panel}-result >> text=Receipt", timeout=60_000)


def choose(page: Any, control: str, option: str) -> None:
    """Pick an option of a select or multi-select."""
    page.click(f"#{control}")
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("width", [1400, 390])
def test_every_page_fits_and_draws(page: Any, url: str, panel: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 850})
    page.goto(f"{url}/{panel}")
    ready(page, panel)
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=20_000)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 1, f"the page is {overflow} px wider than the screen"
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("panel", PANELS)
def test_every_chart_has_its_sentence_and_its_table(page: Any, url: str, panel: str) -> None:
    page.goto(f"{url}/{panel}")
    ready(page, panel)
    charts = page.locator("figure.pl-chart")
    assert charts.count() >= 2
    for i in range(charts.count()):
        chart = charts.nth(i)
        assert len(chart.locator("[role=img]").get_attribute("aria-label")) > 20
        assert chart.locator("table tbody tr").count() > 0


def test_changing_a_control_answers_without_a_button_and_writes_the_link(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    choose(page, "eda-set-metric", "Comments")
    page.wait_for_selector("text=Median comments", timeout=20_000)
    page.wait_for_function("window.location.search.includes('metric=comments')")
    choose(page, "eda-filter-platform", "facebook")
    page.wait_for_selector("text=2,400 of 6,000 posts")
    page.wait_for_function("window.location.search.includes('platform=facebook')")
    assert parse_qs(urlsplit(page.url).query) == {"metric": ["comments"], "platform": ["facebook"]}


def test_a_link_opens_the_same_view_in_a_fresh_browser(browser: Any, page: Any, url: str) -> None:
    page.goto(f"{url}/clustering?k=3&type=photo")
    ready(page, "clustering")
    here = page.inner_text("#clustering-result .pl-row")
    context = browser.new_context()
    other = context.new_page()
    other.goto(page.url)
    ready(other, "clustering")
    assert other.inner_text("#clustering-result .pl-row") == here
    assert other.input_value("#clustering-set-k") == "3"
    context.close()


def test_filters_go_along_to_other_pages_and_reset(page: Any, url: str) -> None:
    page.goto(f"{url}/eda?type=photo")
    ready(page, "eda")
    page.wait_for_function("document.querySelector('#nav-hypothesis').getAttribute('href').includes('type=photo')")
    page.click("#nav-hypothesis")
    page.wait_for_selector("#hypothesis-count >> text=of 6,000 posts")
    assert "type=photo" in page.url
    page.click("#hypothesis-reset")
    page.wait_for_selector("#hypothesis-count >> text='6,000 posts'")
    page.wait_for_function("!window.location.search.includes('type')")


def test_a_slow_page_waits_for_run_after_the_first_time(page: Any, url: str) -> None:
    page.goto(f"{url}/elbow")
    ready(page, "elbow")
    page.fill("#elbow-set-k_max", "7")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=Press Run", timeout=10_000)
    page.click("#elbow-run")
    page.wait_for_selector("#elbow-result >> text=Seen up to k = 5", timeout=60_000)
    assert page.locator("text=Press Run").count() == 0
    assert urlsplit(page.url).query == "k_max=7"


def test_the_theme_follows_the_switch_and_stays(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    page.click("#scheme-choice >> text=Dark")
    page.wait_for_selector("html[data-mantine-color-scheme=dark]")
    fill = page.evaluate("getComputedStyle(document.querySelector('.js-plotly-plot .xtick text')).fill")
    assert min(map(int, fill.removeprefix("rgb(").removesuffix(")").split(","))) > 150, "axis text is dark on dark"
    page.reload()
    page.wait_for_selector("html[data-mantine-color-scheme=dark]")


def test_the_navigation_opens_and_closes_on_a_phone(page: Any, url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(url)
    page.wait_for_selector(".pl-home")
    off_screen = "document.querySelector('#nav-elbow').getBoundingClientRect().right <= 0"
    page.wait_for_function(off_screen)
    page.click("#burger")
    page.wait_for_function("document.querySelector('#nav-elbow').getBoundingClientRect().left >= 0")
    page.click("#nav-elbow")
    page.wait_for_selector("h1 >> text=Elbow")
    page.wait_for_function(off_screen)
    assert urlsplit(page.url).path == "/elbow"


def test_a_plugin_that_did_not_load_keeps_its_place(page: Any, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("text=bad did not load")
    page.click("#nav-failed-bad")
    page.wait_for_selector("text=This page is not available")
    assert "RuntimeError: deliberate" in page.inner_text("#content")


def test_a_table_can_be_downloaded(page: Any, url: str) -> None:
    page.goto(f"{url}/hypothesis")
    ready(page, "hypothesis")
    with page.expect_download() as waiting:
        page.locator("section.pl-card >> text=Download 2 rows as CSV").first.click()
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith("level,posts")


def test_the_keyboard_reaches_the_content(page: Any, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(".pl-home")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "pl-skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_custom_page_filters_its_own_charts(page: Any, url: str) -> None:
    page.goto(f"{url}/crossfilter")
    ready(page, "crossfilter")
    page.wait_for_selector("#crossfilter-own >> text=Weekdays of all posts")
    page.locator("#crossfilter-own-types .bars .point path").first.click(force=True)
    page.wait_for_selector("#crossfilter-own >> text=Weekdays of photo posts")
    choose(page, "crossfilter-filter-platform", "facebook")
    page.wait_for_selector("text=2,400 of 6,000 posts")
    page.wait_for_selector("#crossfilter-own >> text=Weekdays of photo posts")
