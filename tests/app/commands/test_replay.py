"""A receipt is enough to get the same numbers again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postlens.app.commands.cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(store / "cache"))

    def ran(*arguments: str) -> tuple[int, str]:
        code = 0
        try:
            main(arguments)
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        return code, said.out + said.err

    return ran


@pytest.mark.parametrize(
    "question",
    [
        ("eda", "--filter", "type=photo", "--filter", "from=2026-01-01"),
        pytest.param(
            ("hypothesis", "--set", "group=cluster", "--set", "cluster.k=3", "--filter", "reactions=1..5000"),
            marks=pytest.mark.slow,
        ),
    ],
)
@pytest.mark.slow
def test_the_same_posts_give_identical_numbers(run: Any, question: tuple[str, ...]) -> None:
    panel, *rest = question
    assert run("run", panel, "sample", *rest, "--out", "out")[0] == 0
    code, said = run("replay", "out/receipt.json", "--data", "sample")
    assert code == 0, said
    assert "Identical" in said


@pytest.mark.slow
def test_what_changed_is_said(run: Any, tmp_path: Path) -> None:
    assert run("run", "eda", "sample", "--out", "out")[0] == 0
    receipt = json.loads((tmp_path / "out/receipt.json").read_text())
    receipt["digests"]["summary"] = "something else"
    receipt["postlens"] = "0.0.1"
    (tmp_path / "old.json").write_text(json.dumps(receipt))
    code, said = run("replay", "old.json", "--data", "sample")
    assert code == 1
    assert "Postlens has changed: 0.0.1 then" in said
    assert '"summary" has other values.' in said
    rows = "\n".join(f"p{i},{i}" for i in range(50))
    (tmp_path / "other.csv").write_text(f"Post ID,Reactions\n{rows}\n")
    code, said = run("replay", "out/receipt.json", "--data", "other.csv")
    assert code == 1
    assert "The posts have changed" in said
    assert "Rows posts: 6,000 then, 50 now." in said


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '{"panel": "eda"}'])
def test_what_is_no_receipt_is_said(run: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    code, said = run("replay", "bad.json")
    assert code == 1
    assert "is not a receipt" in said
    assert "There is no file" in run("replay", "gone.json")[1]
