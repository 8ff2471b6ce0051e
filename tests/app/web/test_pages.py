"""The app over HTTP, without a browser: pages, callbacks, downloads, and what is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import dash
import pytest
from dash import Dash

from bench.web import filled, found
from postlens.app.clients import Clients
from postlens.app.web.filters.controls import control_id
from postlens.app.web.links import link, request_of
from postlens.app.web.server import create_app
from postlens.app.workspace import Workspace
from postlens.core.ask import filters, settings
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Contains, Filters, OneOf, Period, Range
from postlens.core.host.config import PANELS, Config, Deployment
from postlens.core.host.validation import PAGES
from tests.broken import AT_START, IN_USE, RAISES, plugin


@pytest.fixture
def workspace(sample_engine: Engine, deployment: Deployment) -> Workspace:
    return Workspace(deployment, sample_engine.registry, sample_engine.dataset, sample_engine)


@pytest.fixture
def app(workspace: Workspace) -> Dash:
    return create_app(Clients(workspace))


def test_the_brief_shows_the_pictures_of_its_posts_and_a_report_holds_them(
    workspace: Workspace, deployment: Deployment, tmp_path: Path
) -> None:
    config = deployment.config.model_copy(
        update={"data": deployment.config.data.model_copy(update={"pictures": str(tmp_path)})}
    )
    with_folder = replace(workspace, deployment=replace(deployment, config=config))
    ids = workspace.dataset.scan().select("post_id").collect()["post_id"]
    for name in ids:
        (tmp_path / f"{name}.gif").write_bytes(b"GIF89a" + b"\0" * 20)
    client = create_app(Clients(with_folder)).server.test_client()
    answer = client.get(f"/pictures/{ids[0]}.gif")
    assert (answer.status_code, answer.mimetype) == (200, "image/gif")
    assert client.get("/pictures/config.toml").status_code == 404
    report = client.get("/download/brief/report.html").get_data(as_text=True)
    assert report.count('src="data:image/gif;base64,') > 2
    assert "/pictures/" not in report


def page(app: Dash, path: str, search: str = "") -> str:
    """A page's layout as the router sends it."""
    client = app.server.test_client()
    dependencies = client.get("/_dash-dependencies").get_json()
    router = next(d for d in dependencies if "_pages_content.children" in d["output"])
    body = {
        "output": router["output"],
        "outputs": [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}],
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": path},
            {"id": "_pages_location", "property": "search", "value": search},
        ],
        "changedPropIds": ["_pages_location.pathname"],
        "state": [],
    }
    response = client.post("/_dash-update-component", json=body)
    assert response.status_code == 200, response.data[:500]
    return response.get_data(as_text=True)


def update(
    app: Dash, panel: str, search: str = "", times: int = 400, causes: tuple[str, ...] = (), **changed: Any
) -> dict[str, Any]:
    """Load a panel's page and run its callback as the browser would, some controls changed."""
    client = app.server.test_client()
    layout = json.loads(page(app, f"/{panel}", search))
    spec = next(d for d in client.get("/_dash-dependencies").get_json() if f"{panel}-result.children" in d["output"])

    given: dict[str, Any] = {}
    for name, value in changed.items():  # A control of the form, of the bar, or a store.
        given |= {f"{panel}-set-{name}": value, f"{panel}-{name}": value, name: value, f"column {name}": value}
    body = {
        "output": spec["output"],
        "outputs": _grouped(spec["output"]),
        "inputs": [filled(e, layout, given) for e in spec["inputs"]],
        "state": [filled(e, layout, given) for e in spec["state"]],
        "changedPropIds": [f"{panel}-{cause}" for cause in causes]
        or [f"{e['id']}.{e['property']}" for e in spec["inputs"]],
    }
    for _ in range(times):
        response = client.post("/_dash-update-component", json=body)
        assert response.status_code == 200, response.data[:500]
        answer: dict[str, Any] = response.get_json()["response"]
        if f"{panel}-result" in answer or times == 1:
            return answer
    pytest.fail("the page never answered")


def ask_once(app: Dash, panel: str) -> dict[str, Any]:
    """The first thing the page says, be it only that it is at work."""
    return update(app, panel, times=1)


def test_a_click_on_cancel_that_comes_with_a_tick_is_heard(workspace_for: Callable[..., Workspace]) -> None:
    text = plugin("stuck", "panel(compute=endless)", RAISES)
    app = create_app(Clients(workspace_for('[plugins]\nenabled = []\nfiles = ["stuck.py"]\n', {"stuck.py": text})))
    key = ask_once(app, "stuck")["stuck-asked"]["data"]
    said = update(app, "stuck", times=1, causes=("tick.data", "cancel.n_clicks"), asked=key)
    assert "Stopped" in json.dumps(said["stuck-status"])
    assert said["stuck-asked"]["data"]["cancelled"]


@pytest.mark.slow
def test_a_panel_that_ignores_its_cancellation_keeps_nobody_waiting(workspace_for: Callable[..., Workspace]) -> None:
    text, config = (
        plugin("stuck", "panel(compute=endless)", RAISES),
        '[plugins]\nenabled = ["eda"]\nfiles = ["stuck.py"]\n',
    )
    app = create_app(Clients(workspace_for(config, {"stuck.py": text})))
    for _ in range(6):  # More than there are places to work at.
        assert ask_once(app, "stuck")["stuck-poll"]["data"] is not None
    assert "This panel has a problem" not in json.dumps(update(app, "eda"))


def test_a_million_rows_are_shown_in_part_and_said(workspace_for: Callable[..., Workspace]) -> None:
    text = plugin("many", "panel(view=million_rows)", RAISES)
    app = create_app(Clients(workspace_for('[plugins]\nenabled = []\nfiles = ["many.py"]\n', {"many.py": text})))
    answer = json.dumps(update(app, "many"))
    assert len(answer) < 400_000
    assert "of 1,000,000 rows; the download has all" in answer


def _grouped(output: str) -> list[dict[str, str]]:
    parts = output.strip(".").split("...")
    return [{"id": p.rpartition(".")[0], "property": p.rpartition(".")[2]} for p in parts]


def test_every_page_has_its_form_and_filters(app: Dash) -> None:
    for panel in PANELS:
        text = page(app, f"/{panel}")
        assert f"{panel}-result" in text
        assert found(json.loads(text), control_id(panel, "period"))
    assert "6,000 posts" in page(app, "/")
    assert "made up" in page(app, "/")


@pytest.mark.slow
@pytest.mark.parametrize("panel", PANELS)
def test_every_page_answers(app: Dash, panel: str) -> None:
    answer = update(app, panel)
    text = json.dumps(answer)
    assert "This panel has a problem" not in text
    assert answer[f"{panel}-count"]["children"] == "6,000 posts"
    assert "fingerprint" in text


def test_a_filter_is_counted_named_and_kept_in_the_link(app: Dash) -> None:
    answer = update(app, "eda", platform=["facebook"], period=["2026-01-01", "2026-03-31"])
    assert " of 6,000 posts" in answer["eda-count"]["children"]
    assert "Platform: facebook" in json.dumps(answer["eda-chips"])
    assert parse_qs(answer["query"]["data"][1:]) == {
        "from": ["2026-01-01"],
        "to": ["2026-03-31"],
        "platform": ["facebook"],
    }


def test_a_link_restores_settings_and_filters(app: Dash) -> None:
    layout = json.loads(page(app, "/clustering", "?k=3&type=video&type=photo&utm_source=mail&scale=raw"))
    assert found(layout, "clustering-set-k")["value"] == 3
    assert found(layout, "clustering-set-scale")["value"] == "raw"
    assert sorted(found(layout, control_id("clustering", "column post_type"))["value"]) == ["photo", "video"]


def test_an_invalid_value_in_a_link_is_replaced_and_said(app: Dash) -> None:
    text = json.dumps(update(app, "clustering", "?k=99&type=vidoe"))
    assert "less than or equal to 12" in text
    assert 'Did you mean \\"video\\"' in text


@pytest.mark.parametrize(
    ("panel", "query"),
    [
        ("eda", {"metric": "comments", "by": "weekday", "average": "median", "from": "2026-02-01"}),
        ("clustering", {"k": "6", "metrics": ["comments", "shares"], "relative": "yes", "type": "photo"}),
        ("elbow", {"k_max": "9", "text": "coffee & milk"}),
        (
            "hypothesis",
            {"group": "cluster", "level": "2", "cluster.k": "3", "account": ["alderandfinch", "@alderandfinch"]},
        ),
    ],
)
def test_links_round_trip(workspace: Workspace, panel: str, query: dict[str, Any]) -> None:
    engine = workspace.engine
    seen, problems = request_of(engine, engine.registry.panel(panel), query)
    assert not problems
    again, _ = request_of(engine, engine.registry.panel(panel), parse_qs(link(engine, seen)[1:]))
    assert again.filters == seen.filters
    assert again.columns == seen.columns
    schema = engine.schema(seen.columns)
    assert settings.resolve(again.params, schema) == settings.resolve(seen.params, schema)


@pytest.mark.slow
def test_the_k_of_the_clusters_page_travels(app: Dash) -> None:
    answer = update(app, "clustering", k=3)
    assert answer["shared"]["data"] == "?cluster.k=3"
    assert answer["query"]["data"] == "?set.k=3"
    assert "made" not in json.dumps(update(app, "eda", "?cluster.k=3&by=cluster&cluster=4")["eda-count"])


@pytest.mark.slow
def test_choices_follow_the_grouping(app: Dash) -> None:
    answer = update(app, "hypothesis", group="platform", level="photo")
    assert {o["value"] for o in answer["hypothesis-set-level"]["data"]} == {
        "facebook",
        "instagram",
        "linkedin",
        "tiktok",
    }
    assert answer["hypothesis-set-level"]["value"] == "facebook"
    assert answer["hypothesis-set-against-box"]["style"] == {"display": "none"}


def test_the_empty_state_names_the_filter(app: Dash) -> None:
    text = json.dumps(update(app, "eda", platform=["tiktok"], post_type=["link"]))
    assert "No post passes the filters" in text
    assert "together" in text


@pytest.mark.slow
def test_downloads_are_the_tables_on_screen(app: Dash) -> None:
    client = app.server.test_client()
    response = client.get("/download/eda/averages.csv?by=platform")
    assert response.status_code == 200
    lines = response.get_data().decode("utf-8-sig").splitlines()
    assert lines[0] == "Platform,Posts,Geometric mean,95 % from,to"
    assert len(lines) == 5
    posts = client.get("/download/clustering/posts.csv?type=link&k=3").get_data().decode("utf-8-sig")
    assert posts.splitlines()[0].endswith(",cluster")
    for missing in ("eda/nothing.csv", "none/posts.csv", "eda/averages.exe", "eda/nothing.html", "eda/posts.csv"):
        assert client.get(f"/download/{missing}").status_code == 404, missing


def test_a_table_comes_as_csv_spreadsheet_and_parquet_with_the_same_values(app: Dash) -> None:
    import io

    import fastexcel
    import polars as pl

    client = app.server.test_client()
    got = {e: client.get(f"/download/eda/averages.{e}?by=platform").get_data() for e in ("csv", "xlsx", "parquet")}
    csv = pl.read_csv(got["csv"])
    sheet = fastexcel.read_excel(got["xlsx"]).load_sheet(0).to_polars()
    parquet = pl.read_parquet(io.BytesIO(got["parquet"]))
    assert csv.columns == sheet.columns == parquet.columns
    for name in csv.columns[1:]:
        assert csv[name].to_list() == parquet[name].to_list()
        known = parquet[name].is_not_null()
        assert sheet[name].is_not_null().to_list() == known.to_list()
        assert sheet[name].drop_nulls().to_list() == pytest.approx(parquet[name].drop_nulls().to_list(), rel=1e-12)
    assert parquet.schema["Posts"] == pl.Int64


def test_file_names_say_client_panel_part_period_and_day(workspace_for: Callable[..., Workspace]) -> None:
    app = create_app(Clients(workspace_for('[data]\nclient = "Alder & Finch / \\u00dc"\n')))
    said = app.server.test_client().get("/download/eda/summary.csv?from=2026-01-01").headers["Content-Disposition"]
    assert 'filename="Alder_Finch___eda_summary_2026-01-01_2026-09-30_at_' in said
    assert "filename*=UTF-8''Alder_Finch_%C3%9C_eda" in said


def test_the_report_holds_everything_and_asks_for_nothing(app: Dash) -> None:
    text = app.server.test_client().get("/download/hypothesis/report.html?type=photo&type=link").get_data(as_text=True)
    outside = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href)=["'](?!#)""", outside)
    assert "Filters: Type: photo, link" in outside
    assert "fingerprint" in outside
    assert text.count("pl-figure-data") >= 3
    assert "Plotly.newPlot" in text


def test_hostile_text_in_a_report_stays_text(workspace_for: Callable[..., Workspace], tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    rows = "\n".join(f'p{i},"{evil if i % 2 else "photo"}",{i + 1}' for i in range(60))
    (tmp_path / "evil.csv").write_text(f"Post ID,Type,Reactions\n{rows}\n")
    app = create_app(Clients(workspace_for("", data=str(tmp_path / "evil.csv"))))
    text = app.server.test_client().get("/download/eda/report.html").get_data(as_text=True)
    assert "alert(1)" in text
    assert "<script>alert(1)" not in text


def test_everything_comes_in_one_archive(app: Dash) -> None:
    import io
    import zipfile

    got = zipfile.ZipFile(io.BytesIO(app.server.test_client().get("/download/eda/all.zip").get_data()))
    names = set(got.namelist())
    assert {"report.html", "receipt.json", "tables/summary.csv", "tables/summary.xlsx"} <= names
    assert json.loads(got.read("receipt.json"))["panel"] == "eda"


def test_one_chart_comes_alone(app: Dash) -> None:
    text = app.server.test_client().get("/download/eda/distribution.html").get_data(as_text=True)
    assert text.count('class="pl-figure-data"') == 1


def test_a_page_that_is_not_there_explains_itself(app: Dash) -> None:
    assert "There is no page here" in page(app, "/weekday")


def test_health(app: Dash) -> None:
    state = app.server.test_client().get("/healthz").get_json()
    assert state == {"status": "ok", "posts": 6000, "panels": list(PANELS), "failed": []}


def test_nothing_on_a_page_comes_from_elsewhere(app: Dash) -> None:
    client = app.server.test_client()
    index = client.get("/").get_data(as_text=True)
    assert "http://" not in index.replace("http://localhost/", "")
    assert "https://" not in index
    assert "connect-src 'self'" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.slow
def test_broken_plugins_leave_the_app_running(workspace_for: Callable[..., Workspace]) -> None:
    broken = {**AT_START, **IN_USE}
    files = ", ".join(f'"{n}.py"' for n in broken)
    workspace = workspace_for(f"[plugins]\nfiles = [{files}]\n", {f"{n}.py": t for n, (t, _) in broken.items()})
    app = create_app(Clients(workspace))
    for panel in PANELS:
        assert "This panel has a problem" not in json.dumps(update(app, panel))
    for name in ("raises_at_import", "syntax_error", "mistyped_hook", "api_too_new"):
        assert "This page is not available" in page(app, f"/{name}")
        assert "did not load" in page(app, "/")
    for name, (_, says) in IN_USE.items():
        text = json.dumps(update(app, name))
        assert says in text
        assert "Traceback" not in text


@pytest.mark.slow
def test_a_typo_in_the_config_is_said_on_the_home_page(workspace_for: Callable[..., Workspace]) -> None:
    app = create_app(Clients(workspace_for('[data]\ntimezne = "UTC"\n', lenient=True)))
    text = page(app, "/")
    assert "config.toml line 2: data.timezne is not a setting." in text
    assert "This panel has a problem" not in json.dumps(update(app, "eda"))


def test_hostile_text_stays_text(workspace_for: Callable[..., Workspace], tmp_path: Any) -> None:
    """Names of types and accounts are whatever a file says; a figure must not read them as markup."""
    evil = '<img src=x onerror=alert(1)><a href="https://evil.example">x</a>'
    rows = "\n".join(f'"{evil if i % 2 else "photo"}",{i},{2 * i},"=HYPERLINK(1)"' for i in range(40))
    (tmp_path / "evil.csv").write_text(f"Type,Likes,Comments,Caption\n{rows}\n")
    app = create_app(Clients(workspace_for("", data=str(tmp_path / "evil.csv"))))
    answer = update(app, "eda", by="post_type")
    figures = [json.dumps(f) for f in _figures(answer)]
    assert figures
    assert not [f for f in figures if "<img" in f or "<a href" in f]
    posts = app.server.test_client().get("/download/clustering/posts.csv").get_data(as_text=True)
    assert "'=HYPERLINK(1)" in posts


def _figures(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        own = [tree["figure"]] if "figure" in tree else []
        return own + [f for v in tree.values() for f in _figures(v)]
    return [f for v in tree for f in _figures(v)] if isinstance(tree, list) else []


def test_the_config_brand_is_shown(workspace: Workspace) -> None:
    config = Config.model_validate({"brand": {"name": "Harbour Social", "color": "teal"}, "data": {"client": "Alder"}})
    branded = replace(workspace, deployment=Deployment(config, workspace.deployment.folder))
    app = create_app(Clients(branded))
    layout = app.server.test_client().get("/_dash-layout").get_data(as_text=True)
    assert "Harbour Social" in layout
    assert "Alder" in layout


def test_filters_without_a_control_are_kept(workspace: Workspace) -> None:
    from postlens.app.web.filters import filter_bar

    wanted = filters.of(
        Range("reactions", 10, None), Contains("sale"), OneOf("platform", ("facebook",)), OneOf("weekday", ("Mon",))
    )
    schema = workspace.engine.schema()
    controls, extra = filter_bar.show(wanted, workspace.engine, schema)
    assert extra == [("reactions", "10..")]
    assert (controls["text"], controls["more"], controls["column platform"]) == ("sale", ["weekday=Mon"], ["facebook"])
    assert filter_bar.read(controls, extra, workspace.engine, schema) == wanted


def test_chips_take_their_filter_away_and_presets_set_the_period(workspace: Workspace) -> None:
    from postlens.app.web.filters import filter_bar
    from postlens.core.ask import filters

    engine = workspace.engine
    wanted = filters.of(Period(since=date(2026, 1, 1)), OneOf("platform", ("x",)), Range("reach", 1, 2), Contains("a"))
    names = list(filters.named(wanted, engine.schema()))
    assert names == ["period", "platform", "reach", "text"]
    for name in names:
        wanted = wanted.dropped(name)
    assert wanted == Filters()
    assert filter_bar.preset(Filters(), "28", engine) == filters.of(
        Period(since=date(2026, 9, 3), until=date(2026, 9, 30))
    )
    assert filter_bar.preset(filters.of(Period(since=date(2026, 1, 1))), "newest", engine).first(Period) == Period(
        since=date(2026, 1, 1), until=date(2026, 9, 27)
    )
    assert filter_bar.preset(Filters(), "nonsense", engine) == Filters()


def test_what_is_chosen_in_a_chart_becomes_a_filter_and_is_checked(workspace: Workspace) -> None:
    from postlens.app.web.filters import filter_bar

    def picked(**choice: Any) -> Filters:
        return filter_bar.picked(Filters(), choice, workspace.engine.schema())

    assert picked(column="post_type", levels=["photo", "nonsense"]) == filters.of(OneOf("post_type", ("photo",)))
    assert picked(column="reactions", range=[10.00004, 99.99]) == filters.of(Range("reactions", 10.0, 99.99))
    assert picked(column="published", range=["2026-01-05", "2026-01-11"]) == filters.of(
        Period(since=date(2026, 1, 5), until=date(2026, 1, 11))
    )
    for nonsense in (
        {},
        {"column": "nope"},
        {"column": "reactions", "range": ["a", {}]},
        {"column": "text", "levels": ["x"]},
    ):
        assert picked(**nonsense) == Filters()
    chosen = picked(column="post_type", levels=["photo"])
    assert (
        filter_bar.picked(chosen, {"column": "post_type", "levels": ["photo"]}, workspace.engine.schema()) == Filters()
    )


def test_a_link_to_data_that_changed_says_so(app: Dash, workspace: Workspace) -> None:
    mark = workspace.engine.dataset.fingerprint[:8]
    assert "posts have changed" not in page(app, "/eda", f"?data={mark}")
    assert "posts have changed" in page(app, "/eda", "?data=00000000")
    assert "posts have changed" in page(app, "/posts", "?data=00000000")


def rows_of(app: Dash, **request: Any) -> list[dict[str, Any]]:
    """What the grid of the posts page is given."""
    client = app.server.test_client()
    spec = next(d for d in client.get("/_dash-dependencies").get_json() if "posts-grid.getRowsResponse" in d["output"])
    kept = {"pairs": request.pop("pairs", []), "metric": "reactions", "show": request.pop("show", [])}
    body = {
        "output": spec["output"],
        "outputs": _grouped(spec["output"]),
        "inputs": [{**spec["inputs"][0], "value": {"startRow": 0, "endRow": 20, **request}}],
        "state": [{**spec["state"][0], "value": kept}],
        "changedPropIds": ["posts-grid.getRowsRequest"],
    }
    answer = client.post("/_dash-update-component", json=body).get_json()["response"]
    found: list[dict[str, Any]] = answer["posts-grid"]["getRowsResponse"]["rowData"]
    return found


def test_posts_come_in_pages_sorted_and_filtered(app: Dash, workspace: Workspace) -> None:
    import polars as pl

    down = [{"colId": "reactions", "sort": "desc"}]
    first = rows_of(app, sortModel=down, pairs=[["type", "photo"]])
    second = rows_of(app, sortModel=down, pairs=[["type", "photo"]], startRow=20, endRow=40)
    photos = workspace.dataset.scan().filter(pl.col("post_type") == "photo").select("reactions").collect()
    expected = photos["reactions"].sort(descending=True, nulls_last=True).head(40).to_list()
    assert [r["reactions"] for r in [*first, *second]] == expected
    assert {r["post_type"] for r in first} == {"photo"}
    assert len({r["post_key"] for r in [*first, *second]}) == 40
    assert all("cluster" in r for r in rows_of(app, show=["cluster", "tier"]))
    assert len(rows_of(app, endRow=10**9)) == 500
    assert rows_of(app, startRow=10**30, endRow=10**31) == []
    assert rows_of(app, sortModel=[{"colId": "nonsense", "sort": "asc"}])


def test_a_percentile_is_the_share_of_peers_a_post_beats(app: Dash, workspace: Workspace) -> None:
    """Against a count by hand over the peers of the same account, network and type."""
    import polars as pl

    posts = workspace.dataset.scan().collect()
    for row in rows_of(app, startRow=100, endRow=130):
        peers = posts.filter(
            (pl.col("account_name") == row["account_name"])
            & (pl.col("platform") == row["platform"])
            & (pl.col("post_type") == row["post_type"])
        )["reactions"].drop_nulls()
        if row["reactions"] is None or len(peers) < 20:
            continue
        assert row["__among"] == f"same account, network, type (n = {len(peers):,})"
        beaten = 100 * (peers < row["reactions"]).mean()
        assert abs(row["__percentile"] - beaten) <= 100 / len(peers) + 1.5


def test_every_kind_of_setting_survives_the_form(workspace_for: Callable[..., Workspace]) -> None:
    """What the form shows for the defaults is read back as the defaults."""
    extra = """
from typing import Literal
class Every(Params):
    tags: tuple[str, ...] = ("a", "b, c")
    numbers: list[int] = [1, 2]
    maybe: int | None = None
    which: Literal[2, 3, 4] = 2
    word: str = "x"
    on: bool = True
def told(posts: pl.LazyFrame, params: Every, ctx) -> Result:
    assert params == Every(), params
    return Result(posts=1)
def shown(result: Result, params: Every):
    return [Stat(label="Posts", value="all as they were")]
"""
    text = plugin("mine", "panel(params=Every, compute=told, view=shown)", extra)
    app = create_app(Clients(workspace_for('[plugins]\nenabled = []\nfiles = ["mine.py"]\n', {"mine.py": text})))
    assert "all as they were" in json.dumps(update(app, "mine"))


@pytest.mark.parametrize(
    "blocks",
    [
        "Table(title='T', rows=42)",
        "Chart(figure=1, title='C', takeaway='A.', table=None)",
        "Text(body=object())",
        "Stat(label='a', value=3)",
    ],
)
def test_a_block_that_is_wrong_is_a_card(workspace_for: Callable[..., Workspace], blocks: str) -> None:
    extra = f"def wrong(result: Result, params: Settings):\n    return [{blocks}]\n"
    text = plugin("mine", "panel(view=wrong)", extra)
    app = create_app(Clients(workspace_for('[plugins]\nenabled = []\nfiles = ["mine.py"]\n', {"mine.py": text})))
    assert "This panel has a problem" in json.dumps(update(app, "mine"))


def test_a_typed_range_is_kept_as_typed_and_put_in_order(workspace: Workspace) -> None:
    from postlens.app.web.filters import filter_bar

    schema = workspace.engine.schema()
    assert filter_bar.typed(Filters(), "engagements", 1234, 56789, schema) == filters.of(
        Range("engagements", 1234.0, 56789.0)
    )
    assert filter_bar.typed(Filters(), "engagements", 500, 10, schema) == filters.of(Range("engagements", 10.0, 500.0))
    assert filter_bar.typed(Filters(), "engagements", None, None, schema) == Filters()
    assert filter_bar.typed(Filters(), "nope", 1, 2, schema) == Filters()


def test_a_range_chosen_in_a_chart_is_rounded_outwards(workspace: Workspace) -> None:
    from postlens.app.web.filters import filter_bar

    found = filter_bar.picked(Filters(), {"column": "reach", "range": [123456, 234567]}, workspace.engine.schema())
    assert found == filters.of(Range("reach", 123400.0, 234600.0))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1899-12-31", "2026-13-01"])
def test_a_day_that_cannot_be_is_said(app: Dash, day: str) -> None:
    for where in ("eda", "posts"):
        assert "is not a day" in page(app, f"/{where}", f"?to={day}&from={day}")


def test_few_posts_are_shown_without_columns_that_need_more(app: Dash) -> None:
    few = rows_of(app, pairs=[["engagements", "30000.."]], show=["cluster", "tier"])
    assert 1 <= len(few) < 20
    assert "tier" not in few[0]
    assert rows_of(app, pairs=[["text", "a word that nobody uses"]], show=["cluster"]) == []


def test_days_are_the_clients_everywhere(workspace_for: Callable[..., Workspace], tmp_path: Path) -> None:
    """The last post is on 31 March in UTC and on 1 April in Auckland."""
    from postlens.app.web.filters import filter_bar

    rows = "\n".join(f"p{i},2026-03-{i % 28 + 1:02d} 10:00,{i}" for i in range(60)) + "\nlast,2026-03-31 22:00,5"
    (tmp_path / "p.csv").write_text(f"Post ID,Published,Reactions\n{rows}\n")
    workspace = workspace_for('[data]\ntimezone = "Pacific/Auckland"\n', data=str(tmp_path / "p.csv"))
    assert workspace.dataset.last_day == date(2026, 4, 1)
    period = filter_bar.preset(Filters(), "7", workspace.engine).first(Period)
    assert period
    assert period.until == date(2026, 4, 1)
    assert "2026-04" in workspace.engine.schema()["month"].levels


@pytest.mark.slow
@pytest.mark.parametrize("panel", PANELS)
def test_a_page_weighs_little_whatever_the_posts(app: Dash, panel: str) -> None:
    """What a panel sends after the first load; the sample has 6,000 posts, and no chart draws more of more."""
    assert len(json.dumps(update(app, panel))) < 400_000


def test_a_page_asked_for_again_is_not_drawn_again(app: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    first = update(app, "eda")
    monkeypatch.setattr("postlens.core.ask.engine.Engine.blocks", lambda *_: pytest.fail("drawn again"))
    assert update(app, "eda")["eda-result"] == first["eda-result"]


def test_no_plugin_may_have_an_id_of_the_host(app: Dash) -> None:
    """A panel called `data` answered 500 for everybody; the words are looked for where they are used."""
    paths = {re.split(r"[/.]", rule.rule.strip("/"))[0] for rule in app.server.url_map.iter_rules()}
    pages = {p["path"].strip("/") for p in dash.page_registry.values() if not p["module"].startswith("postlens.failed")}
    own = {
        name.partition("-")[0]
        for path in ("/", "/posts", "/data", "/import")
        for name in re.findall(r'"id": ?"(\w+-[\w-]+)"', page(app, path))
    }
    used = {word for word in paths | own | (pages - set(PANELS)) if re.fullmatch(r"[a-z][a-z0-9_]*", word)}
    assert {"posts", "data", "brief", "up", "download"} <= used
    assert used <= PAGES
