"""The contract is typed: a view that does not fit its compute is found before it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCE = """
from dataclasses import dataclass
import polars as pl
from postlens import Block, Context, Panel, Params, Stat

class Settings(Params):
    size: int = 3

class Others(Params):
    size: int = 3

@dataclass(frozen=True)
class Result:
    posts: int

@dataclass(frozen=True)
class Other:
    posts: int

def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    return Result(posts=1)

def view(result: {result}, params: {params}) -> list[Stat]:
    return [Stat(label="Posts", value=str(result.posts))]

PANEL: Panel[Settings, Result] = Panel(
    api=2, id="a", title="A", summary="A.", params=Settings, compute=compute, view=view
)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("result", "params", "errors"), [("Result", "Settings", 0), ("Other", "Settings", 1), ("Result", "Others", 1)]
)
def test_a_mismatch_of_compute_and_view_is_a_type_error(
    tmp_path: Path, result: str, params: str, errors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mypy import api

    monkeypatch.chdir(ROOT)
    path = tmp_path / "panel.py"
    path.write_text(SOURCE.format(result=result, params=params))
    # The plugin for pydantic would need the project's settings, which name packages of their own.
    arguments = ["--strict", "--config-file=", "--follow-imports=silent", "--cache-dir", str(tmp_path), str(path)]
    out, err, _ = api.run(arguments)
    assert not err
    assert out.count("error:") == errors, out
    assert errors == 0 or '"view"' in out
