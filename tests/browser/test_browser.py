"""A person at the dashboard: Chromium on every page, wide and narrow, light and dark."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from waitress.server import create_server

from postlens.app.clients import Clients
from postlens.app.web.server import create_app
from postlens.app.workspace import open_workspace
from postlens.core.host.config import PANELS
from scripts.browser import chromium, find_chromium
from tests.broken import plugin

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
    (folder / "slow.py").write_text(plugin("slow", "panel(compute=dawdle, slow=True)", DAWDLE))
    (folder / "long.py").write_text(plugin("long", "panel(compute=dawdle)", DAWDLE))
    (folder / "polar.py").write_text(plugin("polar", "panel(view=clock)", CLOCK))
    (folder / "config.toml").write_text(
        '[data]\ntimezone = "Europe/London"\nupload_mb = 1\n[plugins]\nenabled = ["eda", "change", "drivers", "content", "timing", "clustering", "elbow", "hypothesis", "benchmark", "planner", "tier", "crossfilter"]\n'
        'files = ["bad.py", "slow.py", "long.py", "polar.py"]\n'
    )
    workspace = open_workspace(folder / "config.toml")
    server = create_server(create_app(Clients(workspace)).server, host="127.0.0.1", port=0, threads=8)

    def run() -> None:
        with contextlib.suppress(OSError):  # Closing the server takes its socket away from its loop.
            server.run()

    threading.Thread(target=run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


DAWDLE = """
import time
STOPPED = []
def dawdle(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    try:
        for step in range(600):
            ctx.progress(step / 600, f"Dawdling {step}")
            ctx.stop_if_cancelled()
            time.sleep(0.05)
    except BaseException as error:
        STOPPED.append(type(error).__name__)
        raise
    return Result(posts=1)
"""


CLOCK = """
import plotly.graph_objects as go
def clock(result: Result, params: Settings):
    rows = pl.DataFrame({"hour": [0, 6, 12, 18], "posts": [1, 2, 3, 4]})
    drawn = go.Figure(go.Scatterpolar(r=rows["posts"], theta=rows["hour"] * 15, fill="toself"))
    bars = go.Figure(go.Bar(x=rows["hour"], y=rows["posts"]))
    table = Table(title="Hours", rows=rows, name="hours")
    return [Chart(figure=f, title=t, takeaway="Made up.", table=table) for f, t in ((bars, "Bars"), (drawn, "Clock"))]
"""


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


def until(page: Any, condition: str) -> None:
    """Wait for what a script says; Playwright's own way evaluates text inside the page, which its policy forbids."""
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {condition}")


def ready(page: Any, panel: str) -> None:
    page.wait_for_selector(f"#{panel}-result >> text=Reproducibility details", timeout=60_000)


def filter_of(panel: str, name: str) -> str:
    """The selector of the control of a filter."""
    return f"""[id='{{"name":"{name}","panel":"{panel}","role":"filter"}}']"""


def choose(page: Any, control: str, option: str) -> None:
    """Pick an option of a select or multi-select."""
    page.click(control if control.startswith("[") else f"#{control}")
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


NO_CHART = frozenset({"timing", "content"})  # Of the sample no time is best and no word, so their pages draw nothing.


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("width", [1400, 390])
def test_every_page_fits_and_draws(page: Any, url: str, panel: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 850})
    page.goto(f"{url}/{panel}")
    ready(page, panel)
    if panel not in NO_CHART:
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=20_000)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 1, f"the page is {overflow} px wider than the screen"
    assert page.locator("h1").count() == 1


def test_the_pages_here_need_a_part_of_plotly_and_a_chart_of_another_kind_loads_the_whole(page: Any, url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path.rpartition("/")[2]))
    page.goto(f"{url}/eda")
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    assert "plotly-cartesian.min.js" in asked
    assert not {"plotly.min.js", "dash_ag_grid.min.js"} & set(asked)
    page.goto(f"{url}/polar")
    page.wait_for_selector(".js-plotly-plot .polar", timeout=60_000)
    page.wait_for_selector(".js-plotly-plot .bars .point")
    assert asked.count("plotly.min.js") == 1


@pytest.mark.parametrize("panel", [panel for panel in PANELS if panel not in NO_CHART])
def test_every_chart_has_its_sentence_and_its_table(page: Any, url: str, panel: str) -> None:
    page.goto(f"{url}/{panel}")
    ready(page, panel)
    charts = page.locator("figure.pl-chart")
    assert charts.count() >= 1
    for i in range(charts.count()):
        chart = charts.nth(i)
        assert len(chart.locator("[role=img]").get_attribute("aria-label")) > 20
        assert chart.locator("table tbody tr").count() > 0


def test_changing_a_control_answers_without_a_button_and_writes_the_link(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    choose(page, "eda-set-metric", "Comments")
    page.wait_for_selector("text=Median comments", timeout=20_000)
    until(page, "window.location.search.includes('set.metric=comments')")
    choose(page, filter_of("eda", "column platform"), "facebook")
    page.wait_for_selector("text=2,400 of 6,000 posts")
    until(page, "window.location.search.includes('platform=facebook')")
    assert parse_qs(urlsplit(page.url).query) == {"set.metric": ["comments"], "platform": ["facebook"]}


def test_a_link_opens_the_same_view_in_a_fresh_browser(browser: Any, page: Any, url: str) -> None:
    page.goto(f"{url}/clustering?set.k=3&type=photo")
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
    until(page, "document.querySelector('#nav-hypothesis').getAttribute('href').includes('type=photo')")
    page.click("#nav-hypothesis")
    page.wait_for_selector("#hypothesis-count >> text=of 6,000 posts")
    assert "type=photo" in page.url
    page.click("#hypothesis-reset")
    page.wait_for_selector("#hypothesis-count >> text='6,000 posts'")
    until(page, "!window.location.search.includes('type')")


def test_a_slow_page_waits_for_run_after_the_first_time(page: Any, url: str) -> None:
    page.goto(f"{url}/elbow")
    ready(page, "elbow")
    page.fill("#elbow-set-k_max", "7")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=Press Run", timeout=10_000)
    page.click("#elbow-run")
    page.wait_for_selector("#elbow-result >> text=Seen up to k = 5", timeout=60_000)
    assert page.locator("text=Press Run").count() == 0
    assert urlsplit(page.url).query == "set.k_max=7"


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
    until(page, off_screen)
    page.click("#burger")
    until(page, "document.querySelector('#nav-elbow').getBoundingClientRect().left >= 0")
    page.click("#nav-elbow")
    page.wait_for_selector("h1 >> text=Number of groups")
    until(page, off_screen)
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
    page.locator(".pl-chart >> text=Table and downloads").first.click()
    with page.expect_download() as waiting:
        page.locator(".pl-chart >> text=CSV").locator("visible=true").first.click()
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith("Type,Posts,Accounts,Ratio")


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
    choose(page, filter_of("crossfilter", "column platform"), "facebook")
    page.wait_for_selector("text=2,400 of 6,000 posts")
    page.wait_for_selector("#crossfilter-own >> text=Weekdays of photo posts")
    assert page.locator("#crossfilter-own >> text=Weekdays of photo posts").is_visible()


def test_a_custom_page_reads_its_settings_filters_every_page_and_has_its_own_looks(page: Any, url: str) -> None:
    page.goto(f"{url}/crossfilter?order=by+name")
    ready(page, "crossfilter")
    keep = page.locator("#crossfilter-own-keep")
    keep.wait_for()
    page.wait_for_selector("#crossfilter-own-types .bars .point path")  # Before, the axis is that of an empty chart.
    names = page.locator("#crossfilter-own-types .ytick text").all_text_contents()
    assert names == sorted(names, reverse=True)  # An axis is drawn from its foot.
    assert keep.is_disabled()
    weight = "document.querySelector('#crossfilter-own-chosen').computedStyleMap().get('font-weight').value"
    assert page.evaluate(weight) == 600
    page.locator("#crossfilter-own-types .bars .point path").first.click(force=True)
    page.wait_for_selector("#crossfilter-own-keep:not([disabled])")  # By the callback in the browser.
    keep.click()
    page.wait_for_selector(f"#crossfilter-chips >> text={names[-1]}")
    assert f"type={names[-1]}" in page.url


# -- accessibility ------------------------------------------------------------------------------------


def violations(page: Any) -> list[str]:
    """What axe-core objects to on the page as it is now."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]


@pytest.mark.parametrize("where", ["", "posts", "import", "glossary", "crossfilter", "bad", "nowhere", *PANELS])
def test_axe_finds_nothing(browser: Any, url: str, where: str) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.goto(f"{url}/{where}")
    arrived = {
        "": ".pl-home",
        "posts": ".ag-row .ag-cell",
        "import": "#up-files",
        "glossary": "#metrics",
        "bad": ".pl-empty-crash",
        "nowhere": "h1",
    }
    page.wait_for_selector(arrived.get(where, f"#{where}-result .pl-details"), timeout=60_000)
    page.wait_for_timeout(600)
    light = violations(page)
    page.emulate_media(color_scheme="dark")
    until(page, "document.documentElement.dataset.mantineColorScheme === 'dark'")
    page.wait_for_timeout(300)
    dark = violations(page)
    context.close()
    assert not light
    assert not dark


def test_axe_finds_nothing_in_what_opens_over_a_page(page: Any, url: str) -> None:
    page.goto(f"{url}/eda?type=photo&reactions=10..")
    ready(page, "eda")
    for opening in ("#eda-see", "#eda-page >> text=More filters", "#eda-page >> text=Periods"):
        page.click(opening)
        page.wait_for_timeout(700)
        assert not violations(page), opening
        page.keyboard.press("Escape")
        page.click("h1", force=True)
    page.keyboard.press("/")
    page.wait_for_selector("#pl-jump[open] li")
    assert not violations(page)


def test_the_keyboard_reaches_pages_filters_and_posts(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    page.keyboard.press("/")
    page.wait_for_selector("#pl-jump[open] li")
    page.keyboard.type("type photo")
    page.wait_for_selector("#pl-jump li >> text=Type: photo")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1,752 of 6,000 posts")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pl-jump[open] li")
    page.keyboard.type("elbow")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1 >> text=Number of groups")
    assert "type=photo" in page.url
    page.keyboard.press("?")
    page.wait_for_selector("#pl-keys[open]")
    page.keyboard.press("Escape")
    assert page.locator("#pl-keys[open]").count() == 0
    page.go_back()
    page.wait_for_selector("h1 >> text=Explore")
    page.wait_for_selector("text=1,752 of 6,000 posts")


def test_a_closed_navigation_is_out_of_the_way_of_tab(page: Any, url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{url}/eda")
    ready(page, "eda")
    inert = "document.querySelector('.mantine-AppShell-navbar').inert"
    until(page, f"{inert} === true")
    page.click("#burger")
    until(page, f"{inert} === false")
    page.set_viewport_size({"width": 1400, "height": 900})
    until(page, f"{inert} === false")
    assert page.locator(".mantine-AppShell-navbar").is_visible()


# -- filters, choosing in charts, posts ---------------------------------------------------------------


def test_a_click_on_a_bar_filters_and_its_chip_takes_it_back(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    bar = page.locator("figure.pl-chart", has_text="Posts by platform").locator(".bars .point path").first
    bar.scroll_into_view_if_needed()
    bar.click(force=True)
    page.wait_for_selector("#eda-chips >> text=Platform: facebook")
    page.wait_for_selector("text=2,400 of 6,000 posts")
    until(page, "window.location.search === '?platform=facebook'")
    page.click("#eda-chips button")
    until(page, "document.querySelector('#eda-count').textContent === '6,000 posts'")
    until(page, "window.location.search === ''")
    assert page.inner_text("#eda-count") == "6,000 posts"


def test_a_box_drawn_in_a_histogram_keeps_a_range(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    chart = page.locator("figure.pl-chart", has_text="Posts by engagements").locator(".nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 90, steps=6)
    page.mouse.up()
    page.wait_for_selector("#eda-chips >> text=Engagements:")
    until(page, "window.location.search.includes('engagements=')")
    kept = page.inner_text("#eda-count")
    assert " of 6,000 posts" in kept


def test_periods_ranges_and_text_are_filters(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    page.click("#eda-page >> text=Periods")
    page.click("text=Last 28 days")
    page.wait_for_selector("#eda-chips >> text=3 Sep 2026 to 30 Sep 2026")
    page.click("#eda-page >> text=More filters")
    page.fill("#eda-range-low", "100")
    page.click("#eda-range-apply")
    page.wait_for_selector("#eda-chips >> text=Engagements: at least 100")
    page.fill(filter_of("eda", "text"), "coffee")
    page.wait_for_selector('#eda-chips >> text=text contains "coffee"')
    page.click("#eda-reset")
    until(page, "document.querySelector('#eda-count').textContent === '6,000 posts'")
    assert page.input_value(filter_of("eda", "text")) == ""


def test_every_page_leads_to_its_posts(page: Any, url: str) -> None:
    page.goto(f"{url}/hypothesis?platform=facebook")
    ready(page, "hypothesis")
    page.wait_for_selector("text=2,400 of 6,000 posts")
    page.click("#hypothesis-see")
    page.wait_for_selector("#posts-drawer[open] li")
    assert page.locator("#posts-drawer li").count() == 25
    page.click("#posts-drawer >> text=Open in Posts")
    page.wait_for_selector("h1 >> text=Posts")
    page.wait_for_selector("#posts-count >> text=2,400 of 6,000 posts")
    page.wait_for_selector(".ag-cell[col-id=account_name] >> text=Alder & Finch")
    days = page.locator(".ag-row .ag-cell[col-id=published]").all_inner_texts()[:8]
    assert days == sorted(days, reverse=True), "the newest first"
    page.locator(".ag-header-cell[col-id=account_name]").click()
    page.wait_for_selector(".ag-header-cell[col-id=account_name] .ag-sort-ascending-icon")


# -- jobs and downloads -------------------------------------------------------------------------------


def test_a_change_while_an_answer_is_under_way_is_not_lost(page: Any, url: str) -> None:
    for wait in (0, 100, 200, 300):  # Whether "is it there yet?" overtakes the change depends on the moment.
        page.goto(f"{url}/long?platform=facebook")
        page.wait_for_selector("text=2,400 of 6,000 posts")
        page.wait_for_timeout(wait)
        page.click("#long-chips button")
        until(page, "document.querySelector('#long-count').textContent === '6,000 posts'")
        until(page, "window.location.search === ''")
    page.wait_for_selector("#long-cancel:visible", timeout=20_000)
    page.click("#long-cancel")
    page.wait_for_selector("#long-status >> text=Stopped")
    assert "Stopped" in page.inner_text("#long-status")


def test_cancel_stops_the_work(page: Any, url: str) -> None:
    page.goto(f"{url}/slow")
    page.wait_for_selector("#slow-cancel:visible", timeout=20_000)
    assert "Dawdling" in page.inner_text("#slow-status")
    page.click("#slow-cancel")
    page.wait_for_selector("#slow-status >> text=Stopped")
    loaded = [m for name, m in sys.modules.items() if name.startswith("_postlens_local_slow")]
    module = next(m for m in loaded if hasattr(m, "STOPPED"))  # Other tests of this process load a slow.py, too.
    for _ in range(50):
        if module.STOPPED:
            break
        page.wait_for_timeout(100)
    assert "Cancelled" in module.STOPPED
    page.wait_for_timeout(1500)
    assert "Stopped" in page.inner_text("#slow-status")


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_chart_is_saved_as_a_picture(page: Any, url: str, ending: str) -> None:
    page.goto(f"{url}/eda")
    ready(page, "eda")
    chart = page.locator("figure.pl-chart", has_text="Posts by platform")
    chart.locator("summary").click()
    with page.expect_download() as started:
        chart.locator(f"[data-save={ending}]").click()
    content = Path(started.value.path()).read_bytes()
    assert content.startswith(b"\x89PNG" if ending == "png" else b"<svg")
    assert started.value.suggested_filename.endswith(f".{ending}")


def test_the_report_opens_alone(page: Any, url: str, tmp_path: Path) -> None:
    page.goto(f"{url}/eda?type=photo")
    ready(page, "eda")
    page.click("#eda-actions summary")
    with page.expect_download() as started:
        page.click("#eda-actions >> text=Report")
    assert started.value.suggested_filename.startswith("eda_report_2025-10-01_2026-09-30_at_")
    path = tmp_path / "report.html"
    started.value.save_as(path)
    page.goto(path.as_uri())
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert "Filters: Type: photo" in page.inner_text("body")
    assert page.locator(".pl-figure .main-svg").count() >= 5


def test_the_claims_looked_at_are_counted(page: Any, url: str) -> None:
    page.goto(f"{url}/hypothesis")
    ready(page, "hypothesis")
    assert page.inner_text(".pl-looked") == ""
    choose(page, "hypothesis-set-metric", "Comments")
    page.wait_for_selector(".pl-looked >> text=2 comparisons shown so far")


def test_a_file_that_is_too_large_is_named(page: Any, url: str, tmp_path: Path) -> None:
    (tmp_path / "year.csv").write_text("Date,Likes\n" + "2026-01-01,1\n" * 100_000)
    page.goto(f"{url}/import")
    page.set_input_files("#up-files input[type=file]", str(tmp_path / "year.csv"))
    page.wait_for_selector("#up-refused >> text=year.csv (1.3 MB)")
    assert "year.csv (1.3 MB)" in page.inner_text("#up-refused")


def test_files_dropped_on_the_page_become_the_posts_that_are_shown(browser: Any, tmp_path: Path) -> None:
    """Drop an unknown table, say what its columns mean, import it, see it in place of the sample, undo it."""
    from postlens.app.clients import Clients
    from postlens.app.web.server import create_app as app_of

    (tmp_path / "config.toml").write_text('[plugins]\nenabled = ["eda"]\n')
    rows = "".join(
        f"{d}.{m:02d}.2026;{100 * d + m};{d};{'Brot' if d % 2 else 'Wein'}\n"
        for m in range(1, 7)
        for d in range(13, 28)
    )
    (tmp_path / "eigen.csv").write_text("Tag;Gefaellt;Kommentiert;Thema\n" + rows, "utf-8")
    server = create_server(
        app_of(Clients(open_workspace(tmp_path / "config.toml"))).server, host="127.0.0.1", port=0, threads=4
    )

    def run() -> None:
        with contextlib.suppress(OSError):
            server.run()

    threading.Thread(target=run, daemon=True).start()
    base = f"http://127.0.0.1:{server.effective_port}"
    page = browser.new_page()
    page.goto(f"{base}/import")
    page.set_input_files("#up-files input[type=file]", str(tmp_path / "eigen.csv"))
    page.wait_for_selector("#up-keep")
    for column, meaning in (("Tag", "Published"), ("Gefaellt", "Reactions"), ("Kommentiert", "Comments")):
        control = page.get_by_label(f"What {column} means").first
        control.click()
        control.fill(meaning)
        page.get_by_role("option", name=meaning, exact=True).click()
    page.click("#up-again")
    page.wait_for_selector("text=day first (proved by a day above 12)")
    page.click("#up-keep")
    page.get_by_role("link", name="Show the library").click()
    page.wait_for_selector("text=90 posts")
    page.goto(f"{base}/eda")
    page.wait_for_selector("#eda-result .pl-details")
    assert "90" in page.inner_text("#eda-result .pl-stat")
    page.goto(f"{base}/import")
    undo = page.get_by_role("button", name="Undo the import of eigen.csv")
    asked: list[str] = []

    def take_back(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", take_back)
    undo.click()
    assert "out of the library?" in asked[0]
    assert undo.is_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    undo.click()
    page.wait_for_selector("text=eigen.csv is out of the library")
    page.close()
    server.close()


def test_long_names_of_files_do_not_widen_the_page_of_a_phone(browser: Any, tmp_path: Path) -> None:
    from postlens.app.clients import Clients
    from postlens.app.web.server import create_app as app_of

    rows = "Post ID,Published,Likes,Comments,Type\n" + "".join(
        f"{i},2026-01-{i:02d} 10:00,{i},1,photo\n" for i in range(1, 20)
    )
    for month in ("01", "02"):
        name = f"account_analytics_content_of_the_agency_2026-{month}-01_2026-{month}-28_all_networks.csv"
        (tmp_path / name).write_text(rows.replace("2026-01", f"2026-{month}").replace("\n", f"\n{month}")[:-2], "utf-8")
    (tmp_path / "config.toml").write_text('[data]\nsource = "*.csv"\n[plugins]\nenabled = ["eda"]\n')
    workspace = open_workspace(tmp_path / "config.toml")
    server = create_server(app_of(Clients(workspace)).server, host="127.0.0.1", port=0, threads=4)

    def run() -> None:
        with contextlib.suppress(OSError):
            server.run()

    threading.Thread(target=run, daemon=True).start()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"http://127.0.0.1:{server.effective_port}/data")
    page.wait_for_selector(".pl-details summary >> text=account_analytics")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.close()
    server.close()


# -- the Brief ----------------------------------------------------------------------------------------


def test_the_brief_answers_first_and_every_number_leads_on(page: Any, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(".pl-brief >> text=How did we do")
    found = page.locator(".pl-finding", has_text="Typical photo posts get").first
    found.wait_for()
    said = re.search(r"Typical photo posts get \d+ % more engagements", found.inner_text())
    assert said is not None
    assert page.locator(".pl-tile").count() >= 4
    assert "usual" in page.locator(".pl-tile .pl-change").first.inner_text()
    page.wait_for_selector("text=Also asked")
    page.locator(".pl-finding", has_text="photo").locator("text=Is it real?").click()
    page.wait_for_selector(f"#hypothesis-result >> text={said[0]}")
    page.go_back()
    page.wait_for_selector(".pl-finding")
    page.locator(".pl-finding", has_text="photo").locator("text=See the posts").click()
    page.wait_for_selector("text=1,752 of 6,000 posts")
    page.goto(url)
    page.locator(".pl-tile").first.click()
    page.wait_for_selector("h1 >> text=Posts")
    assert "from=" in page.url
    assert "to=" in page.url


def test_the_brief_is_about_the_posts_that_pass_the_filters(page: Any, url: str) -> None:
    page.goto(f"{url}/?account=finch.at.home")
    page.wait_for_selector("text=700 of 6,000 posts")
    page.wait_for_selector(".pl-brief >> text=What works here")
    page.wait_for_selector("text=Can I trust the data")
    page.click("text=How the files were read")
    page.wait_for_selector("h1 >> text=Data")
    page.wait_for_selector("text=How the data was read")
    assert page.locator("text=How the data was read").first.is_visible()


def test_a_lost_connection_is_said_and_the_page_goes_on_by_itself(page: Any, url: str) -> None:
    page = page.context.new_page()  # One whose errors are wanted.
    page.goto(f"{url}/eda")
    ready(page, "eda")
    page.route("**/*", lambda route: route.abort())
    choose(page, filter_of("eda", "column platform"), "facebook")
    page.wait_for_selector("#pl-lost")
    page.unroute("**/*")
    page.wait_for_selector("#pl-lost", state="detached", timeout=15_000)
    ready(page, "eda")
    assert page.locator("#pl-lost").count() == 0


def test_on_paper_a_chart_is_as_wide_as_its_place(page: Any, url: str) -> None:
    """It was drawn for the screen and filled a third of the sheet."""
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(f"{url}/eda")
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    page.set_viewport_size({"width": 720, "height": 900})
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    widths = page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')].map((p) => [p.clientWidth, p.querySelector('.main-svg').getBoundingClientRect().width])"
    )
    assert widths
    assert all(drawn == pytest.approx(place, abs=3) for place, drawn in widths)
    assert page.locator(".main-svg[viewBox]").count() > 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".main-svg[viewBox]").count() == 0


def test_back_takes_back_what_was_changed_and_forward_brings_it_again(page: Any, url: str) -> None:
    page.goto(f"{url}/eda")
    page.wait_for_selector("#eda-result .pl-card")
    whole = page.inner_text("#eda-count")
    for preset in ("Last 90 days", "Last 28 days"):
        page.wait_for_timeout(1100)  # Changes within a second are one step.
        if not page.locator(f".pl-menu-item >> text={preset}").is_visible():
            page.click("text=Periods")
        before = page.inner_text("#eda-count")
        page.click(f".pl-menu-item >> text={preset}")
        page.wait_for_function("before => document.querySelector('#eda-count').innerText !== before", arg=before)
    counts = [whole, before, page.inner_text("#eda-count")]
    assert len(set(counts)) == 3
    shows = "wanted => (document.querySelector('#eda-count') || {}).innerText === wanted"
    for wanted in (counts[1], counts[0]):
        page.go_back()
        page.wait_for_function(shows, arg=wanted)
    page.go_forward()
    page.wait_for_function(shows, arg=counts[1])
    page.click("#eda-see")
    page.wait_for_selector("#posts-drawer[open]")
    page.go_back()
    page.wait_for_selector("#posts-drawer", state="hidden")
    assert page.inner_text("#eda-count") == counts[1], "Back closed what lay over the page, and no more"


def test_an_answer_to_the_page_before_leaves_forward_as_it_is(page: Any, url: str) -> None:
    """On a busy machine an answer came after Back was pressed; the step made of it took Forward away."""
    page.goto(f"{url}/eda")
    ready(page, "eda")
    whole = page.inner_text("#eda-count")
    page.click("text=Periods")
    page.click(".pl-menu-item >> text=Last 90 days")
    page.wait_for_function("whole => document.querySelector('#eda-count').innerText !== whole", arg=whole)
    ready(page, "eda")
    chosen, address = page.inner_text("#eda-count"), page.url
    page.wait_for_timeout(1100)
    page.go_back()
    until(page, f"(document.querySelector('#eda-count') || {{}}).innerText === {whole!r}")
    ready(page, "eda")
    for late in (address.partition("/eda")[2], ""):
        page.evaluate("late => window.dash_clientside.set_props('query', { data: late })", late)
        page.wait_for_timeout(1100)
    page.go_forward()
    until(page, f"(document.querySelector('#eda-count') || {{}}).innerText === {chosen!r}")
    assert page.url == address


def test_a_view_can_be_saved_found_again_and_removed(page: Any, url: str) -> None:
    page.goto(f"{url}/eda?type=photo")
    ready(page, "eda")
    page.once("dialog", lambda dialog: dialog.accept("Photos of Monday"))
    page.keyboard.press("/")
    page.fill("#pl-jump input", "save this")
    page.keyboard.press("Enter")
    page.goto(f"{url}/data")
    page.wait_for_selector("h1 >> text=Data")
    page.keyboard.press("/")
    page.wait_for_selector("#pl-jump[open] li >> text=Saved: Photos of Monday")
    page.fill("#pl-jump input", "monday")
    page.keyboard.press("Enter")
    page.wait_for_selector("#eda-chips >> text=photo", state="attached")
    assert "type=photo" in page.url
    page.keyboard.press("/")
    page.fill("#pl-jump input", "monday")
    page.keyboard.press("Delete")
    page.wait_for_selector("#pl-jump li >> text=Saved", state="detached")
