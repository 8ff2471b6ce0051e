"""What a deployment says to a panel; secrets; other posts; and panels and settings that were renamed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dash
import pytest

from postlens.app.clients import Clients
from postlens.app.web.server import create_app
from postlens.app.workspace import Workspace
from postlens.core.ask import request as asking
from postlens.core.ask.filters import Period, of
from postlens.core.ask.outcome import Done
from postlens.core.ask.request import Request

ADVERTS = """
from dataclasses import dataclass
import os
import polars as pl
from pydantic import Field, SecretStr
from postlens import Options, Panel, Params, Stat, hookimpl

class Settings(Params):
    groups: int = Field(3, json_schema_extra={"moved_from": ["k"]})

class Setup(Options):
    address: str = "https://adverts.example"
    key: SecretStr
    rows: int = Field(10, ge=1)

@dataclass(frozen=True, kw_only=True)
class Result:
    address: str
    right_key: bool
    posts: int
    before: int
    videos: int

CALLS = []

def compute(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    CALLS.append(params.groups)
    def count(frame):
        return -1 if frame is None else frame.select(pl.len()).collect().item()
    return Result(
        address=ctx.options.address,
        right_key=ctx.options.key.get_secret_value() == "t0p",
        posts=count(posts),
        before=count(ctx.previous),
        videos=count(ctx.select({"type": "video"})),
    )

def view(result: Result, params: Settings):
    return [Stat(label="Address", value=result.address)]

@hookimpl
def postlens_panels():
    return [
        Panel(
            api=2, id="adverts", title="Adverts", summary="Adverts beside posts.", params=Settings, compute=compute,
            view=view, options=Setup, moved_from=("ads",), fresh=FRESH,
        )
    ]
"""
CONFIG = '[plugins]\nenabled = ["eda"]\nfiles = ["adverts.py"]\n'


@pytest.fixture
def deployed(workspace_for: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Workspace]:
    def made(table: str = "", key: str | None = "t0p", fresh: int = 0) -> Workspace:
        if key is None:
            monkeypatch.delenv("POSTLENS_ADVERTS_KEY", raising=False)
        else:
            monkeypatch.setenv("POSTLENS_ADVERTS_KEY", key)
        made: Workspace = workspace_for(CONFIG + table, {"adverts.py": ADVERTS.replace("FRESH", str(fresh))})
        return made

    return made


def asked(workspace: Workspace, *filters: Period) -> Done:
    engine = workspace.engine
    found = engine.answer(Request(panel="adverts", params=engine.panel_params("adverts"), filters=of(*filters)))
    assert isinstance(found, Done), found
    return found


def test_options_reach_compute_and_a_secret_stands_nowhere(
    deployed: Callable[..., Workspace], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = deployed('[plugins.adverts.options]\naddress = "https://other.example"\n')
    done = asked(workspace)
    assert done.result.address == "https://other.example"
    assert done.result.right_key
    receipt = json.dumps(done.receipt.__dict__, default=str)
    assert "t0p" not in receipt + caplog.text + repr(workspace.registry.options)
    written = [p for p in (tmp_path / ".postlens").rglob("*") if p.is_file()]
    assert written
    assert not any(b"t0p" in p.read_bytes() for p in written)
    create_app(Clients(workspace))
    form = str(dash.page_registry["postlens.adverts"]["layout"]())
    assert "adverts-set-groups" in form
    assert "t0p" not in form
    assert "adverts.example" not in form
    link = asking.to_pairs(workspace.engine, Request(panel="adverts", params=workspace.engine.panel_params("adverts")))
    assert link == []


def test_other_options_are_another_question_another_secret_is_the_same(deployed: Callable[..., Workspace]) -> None:
    request = Request(panel="adverts", params=deployed().engine.panel_params("adverts"))
    first = deployed().engine.key(request)
    assert deployed(key="other").engine.key(request) == first
    assert deployed("[plugins.adverts.options]\nrows = 5\n").engine.key(request) != first


@pytest.mark.parametrize(
    ("table", "key", "says"),
    [
        ("", None, "Set the environment variable POSTLENS_ADVERTS_KEY."),
        ('[plugins.adverts.options]\nkey = "t0p"\n', None, "is a secret and does not belong into a file"),
        ("[plugins.adverts.options]\nrow = 5\n", "t0p", 'Did you mean "rows"?'),
        ("[plugins.adverts.options]\nrows = 0\n", "t0p", "config.toml line 5"),
        ("[plugins.eda.options]\nrows = 1\n", "t0p", "has no options"),
    ],
)
def test_what_is_wrong_is_said_and_takes_no_other_panel_down(
    deployed: Callable[..., Workspace], table: str, key: str | None, says: str
) -> None:
    registry = deployed(table, key).registry
    (failed,) = registry.failed
    assert says in failed.reason
    assert "t0p" not in failed.reason
    assert len(registry.panels) == 1


def test_the_period_before_and_other_posts_are_the_same_filters_elsewhere(deployed: Callable[..., Workspace]) -> None:
    workspace = deployed()
    last = workspace.dataset.last_day
    assert last is not None
    assert asked(workspace).result.before == -1
    first = last.replace(month=last.month - 2, day=1)
    chosen = Period(since=first, until=last)
    done = asked(workspace, chosen)
    length = (last - first).days + 1
    before = Period(since=first.fromordinal(first.toordinal() - length), until=first.fromordinal(first.toordinal() - 1))
    assert done.result.before == workspace.engine.count(of(before))
    assert done.result.videos > 0


def test_an_answer_of_fetched_data_holds_so_long(
    deployed: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = deployed(fresh=600)
    request = Request(panel="adverts", params=workspace.engine.panel_params("adverts"))
    keys = []
    for now in (6_000_000.0, 6_000_599.0, 6_000_601.0):
        monkeypatch.setattr("postlens.core.ask.engine.time.time", lambda now=now: now)
        keys.append(workspace.engine.key(request))
    assert keys[0] == keys[1] != keys[2]


def test_links_to_earlier_names_work_and_say_so(deployed: Callable[..., Workspace]) -> None:
    workspace = deployed()
    engine = workspace.engine
    client = create_app(Clients(workspace)).server.test_client()
    answer = client.get("/ads?set.k=5&type=video")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/adverts?set.k=5&type=video&moved=ads"
    pairs = [("set.k", "5"), ("type", "video"), ("moved", "ads")]
    request, problems = asking.read_request(engine, engine.registry.panel("ads"), pairs, "link")
    assert request.panel == "adverts"
    assert request.params.model_dump() == {"groups": 5}
    said = " ".join(map(str, problems))
    assert 'The page "ads" is now "Adverts".' in said
    assert 'The setting "k" is now called "groups".' in said
    assert replace(request, params=engine.panel_params("adverts")).filters == request.filters
