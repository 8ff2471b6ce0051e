"""Who may ask: names, origins, sizes, headers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postlens.app.clients import Clients
from postlens.app.web import access
from postlens.app.web.server import create_app
from postlens.app.workspace import Workspace
from postlens.core.contract.problems import PostlensError
from postlens.core.host.config import Config, Server


def test_other_names_and_origins_are_refused(workspace_for: Callable[..., Workspace]) -> None:
    app = create_app(Clients(workspace_for('[server]\nhosts = ["lens.example"]\n')))
    client = app.server.test_client()
    for host, status in (("localhost", 200), ("127.0.0.1:8050", 200), ("[::1]:80", 200), ("LENS.example", 200)):
        assert client.get("/healthz", headers={"Host": host}).status_code == status
    for host in ("evil.example", "127.0.0.1.evil.example", "[bad", "lens.example.evil"):
        assert client.get("/healthz", headers={"Host": host}).status_code in {400, 403}
    own = {"Host": "localhost:8050", "Origin": "http://localhost:8050"}
    assert client.get("/healthz", headers=own).status_code == 200
    for origin in ("http://evil.example", "null", "http://localhost:9000"):
        assert client.get("/healthz", headers={**own, "Origin": origin}).status_code == 403


def test_a_body_has_a_largest_size(workspace_for: Callable[..., Workspace]) -> None:
    app = create_app(Clients(workspace_for("")))
    app.server.config["MAX_CONTENT_LENGTH"] = 1_000
    said = app.server.test_client().post("/_dash-update-component", data=b"x" * 5_000, content_type="application/json")
    assert said.status_code == 413


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "agency.example", ""])
def test_other_machines_need_the_token_or_a_login_with_a_name(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(access.token_for(host, Config())) > 20
    assert access.token_for(host, Config()) != access.token_for(host, Config())
    monkeypatch.setenv(access.VARIABLE, "told")
    assert access.token_for(host, Config()) == "told"
    with pytest.raises(PostlensError, match="hosts"):
        access.token_for(host, Config(server=Server(token=False)))
    assert not access.token_for(host, Config(server=Server(token=False, hosts=["agency.example"])))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_needs_no_token(host: str) -> None:
    assert not access.token_for(host, Config())


def test_a_browser_brings_the_token_once(workspace_for: Callable[..., Workspace]) -> None:
    client = create_app(Clients(workspace_for("")), "secret").server.test_client(use_cookies=False)
    for path in ("/", "/healthz", "/eda", "/download/eda/summary.csv", "/?token=wrong", "/assets/postlens.js"):
        assert client.get(path, headers={"Host": "lens.example"}).status_code == 403
    came = client.get("/eda?token=secret&by=platform", headers={"Host": "lens.example"})
    assert (came.status_code, came.headers["Location"]) == (302, "/eda?by=platform")
    assert "HttpOnly" in came.headers["Set-Cookie"]
    assert (
        client.get("/healthz", headers={"Host": "lens.example", "Cookie": "postlens_token_80=secret"}).status_code
        == 200
    )
    assert (
        client.get("/healthz", headers={"Host": "lens.example", "Cookie": "postlens_token_80=secre"}).status_code == 403
    )


@pytest.mark.parametrize("path", ["/%09/evil.example", "//evil.example", "/%09%0a//evil.example", "/%5Cevil.example"])
def test_the_token_leads_nowhere_else(workspace_for: Callable[..., Workspace], path: str) -> None:
    client = create_app(Clients(workspace_for("")), "secret").server.test_client(use_cookies=False)
    came = client.get(f"{path}?token=secret", headers={"Host": "lens.example"})
    assert not came.headers["Location"].startswith(("//", "/\\")), came.headers["Location"]


@pytest.mark.parametrize("path", ["os/os.py", "dash/dash.py", "postlens/x.py"])
def test_files_that_are_no_scripts_are_not_there(workspace_for: Callable[..., Workspace], path: str) -> None:
    client = create_app(Clients(workspace_for(""))).server.test_client()
    assert client.get(f"/_dash-component-suites/{path}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"x"',
        "{}",
        '{"output": "nope.children"}',
        '{"output": [1]}',
        '{"output": "eda-result.children", "inputs": 3}',
    ],
)
def test_what_no_page_asks_is_a_bad_request(workspace_for: Callable[..., Workspace], body: str) -> None:
    client = create_app(Clients(workspace_for(""))).server.test_client()
    assert client.post("/_dash-update-component", data=body, content_type="application/json").status_code == 400


def test_no_text_becomes_code_in_a_browser(workspace_for: Callable[..., Workspace]) -> None:
    said = create_app(Clients(workspace_for(""))).server.test_client().get("/")
    assert "unsafe-eval" not in said.headers["Content-Security-Policy"]


def test_a_brand_is_text_in_the_page(workspace_for: Callable[..., Workspace]) -> None:
    app = create_app(Clients(workspace_for('[brand]\nname = "</title><script>x"\n')))
    said = app.server.test_client().get("/")
    assert "<script>x" not in said.get_data(as_text=True)
    assert "&lt;script&gt;x" in said.get_data(as_text=True)


def test_answers_are_not_kept_by_browsers(workspace_for: Callable[..., Workspace]) -> None:
    said = create_app(Clients(workspace_for(""))).server.test_client().get("/healthz")
    assert said.headers["Cache-Control"] == "no-store"
    assert said.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_no_door_for_machines_is_open(workspace_for: Callable[..., Workspace]) -> None:
    app = create_app(Clients(workspace_for("")))
    assert not [rule.rule for rule in app.server.url_map.iter_rules() if "mcp" in rule.rule]


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [[1]], {"a": 1}])
def test_values_that_no_page_sends_are_a_bad_request_and_no_fault(
    workspace_for: Callable[..., Workspace], value: object
) -> None:
    client = create_app(Clients(workspace_for('[plugins]\nenabled = ["eda"]\n'))).server.test_client()
    for callback in client.get("/_dash-dependencies").get_json():
        output = callback["output"]
        outs = [dict(zip(("id", "property"), o.rsplit(".", 1), strict=True)) for o in output.strip(".").split("...")]
        body = {
            "output": output,
            "outputs": outs if output.startswith("..") else outs[0],
            "inputs": [{**i, "value": value} for i in callback["inputs"]],
            "state": [{**s, "value": value} for s in callback["state"]],
            "changedPropIds": [],
        }
        assert client.post("/_dash-update-component", json=body).status_code in {200, 204, 400}, output


def test_forged_questions_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    said = access._Seldom()
    for n in range(1_000):
        said.of("ValueError", 100.0 + n / 100)
    said.of("KeyError", 105.0)
    said.of("ValueError", 161.0)
    said.of("ValueError", 161.5)
    assert [record.getMessage() for record in caplog.records] == [
        "question not understood: ValueError",
        "question not understood: KeyError",
        "question not understood: ValueError, and 999 more before it",
    ]


def test_a_large_body_of_many_small_parts_is_no_question(
    workspace_for: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """150 MB of `{}` became four gigabytes, and held every other question for a quarter of a minute."""
    client = create_app(Clients(workspace_for(""))).server.test_client()
    parsed: list[int] = []
    monkeypatch.setattr("flask.Request.get_json", lambda self, **_: parsed.append(self.content_length))
    for part in ("{}", "[]", "1"):
        body = '{"output": "x", "inputs": [' + ",".join([part] * 600_000) + "]}"
        answer = client.post("/_dash-update-component", data=body, content_type="application/json")
        assert answer.status_code == 400
    assert not parsed
    upload = '{"output": "x", "inputs": [{"value": "data:text/csv;base64,' + "QUJD" * 600_000 + '"}]}'
    client.post("/_dash-update-component", data=upload, content_type="application/json")
    assert parsed == [len(upload)]
