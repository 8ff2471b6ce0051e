"""The command line: what it prints, writes and returns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from postlens.app.commands.cli import main
from postlens.app.export.formats import FORMATS
from tests.broken import AT_START, IN_USE


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Path) -> Any:
    """Run a command in an empty folder; give exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(store / "cache"))
    monkeypatch.setenv("COLUMNS", "300")

    def ran(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            main(arguments)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


@pytest.mark.slow
@pytest.mark.parametrize(
    "panel", ["eda", "change", "drivers", "content", "timing", "clustering", "elbow", "hypothesis", "planner"]
)
def test_run_json_has_params_receipt_scalars_and_tables(run: Any, panel: str) -> None:
    code, out, err = run("run", panel, "sample", "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert set(answer) == {"verdicts", "panel", "params", "receipt", "scalars", "tables"}
    assert answer["receipt"]["rows"]["read"] == 6014
    assert answer["receipt"]["dropped"][0]["rows"] == 14
    assert all(set(t) == {"rows", "columns"} for t in answer["tables"].values())


def test_run_writes_every_table_and_the_receipt(run: Any, tmp_path: Path) -> None:
    code, out, _ = run(
        "run", "clustering", "sample", "--set", "k=3", "--filter", "type=link", "--out", "made", "--json"
    )
    assert code == 0
    answer = json.loads(out)
    names = {p.stem for p in (tmp_path / "made").iterdir()}
    assert names == {*answer["tables"], "receipt"}
    posts = pl.read_csv(tmp_path / "made" / "posts.csv", infer_schema_length=None)
    assert posts.height == answer["receipt"]["rows"]["matched"] == answer["tables"]["posts"]["rows"]
    assert set(posts["post_type"]) == {"link"}
    assert sorted(set(posts["cluster"])) == [1, 2, 3]
    assert json.loads((tmp_path / "made" / "receipt.json").read_text())["filters"] == [["type", "link"]]


@pytest.mark.parametrize("ending", list(FORMATS))
@pytest.mark.slow
def test_a_panel_writes_its_tables_in_every_format(run: Any, tmp_path: Path, ending: str) -> None:
    code, _, err = run("run", "clustering", "sample", "--set", "k=2", "--out", "made", "--format", ending)
    assert code == 0, err
    path = tmp_path / "made" / f"posts.{ending}"
    match ending:
        case "csv":
            table = pl.read_csv(path, infer_schema_length=None)
        case "xlsx":
            table = pl.read_excel(path)
        case _:
            table = pl.read_parquet(path)
    assert table.height == 6000
    assert set(table["cluster"].cast(pl.String)) == {"1", "2"}


def test_run_for_people(run: Any) -> None:
    code, out, _ = run("run", "hypothesis", "sample", "--set", "level=photo")
    assert code == 0
    assert "likely real" in out
    assert "Typical photo posts get" in out


def test_settings_of_a_derived_column(run: Any) -> None:
    code, out, _ = run("run", "eda", "sample", "--set", "by=cluster", "--set", "cluster.k=2", "--json")
    assert code == 0
    assert json.loads(out)["receipt"]["columns"]["cluster"]["k"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("run", "hypotesis", "sample"), 1, 'Did you mean "hypothesis"?'),
        (("run", "eda", "gone.csv"), 1, 'There is no file "gone.csv".'),
        (("run", "eda", "sample", "--set", "metrc=x"), 1, 'Did you mean "metric"?'),
        (("run", "eda", "sample", "--set", "metric=xyz"), 1, "no such choice"),
        (("run", "clustering", "sample", "--set", "k=1"), 1, "greater than or equal to 2"),
        (("run", "eda", "sample", "--filter", "typ=video"), 1, 'no column "typ"'),
        (("run", "eda", "sample", "--filter", "type=vidoe"), 1, 'Did you mean "video"?'),
        (("run", "clustering", "sample", "--filter", "text=nothing says this"), 3, "No post matches the filter"),
        (("run", "eda", "sample", "--set", "metric"), 2, "is not KEY=VALUE"),
        (("serve", "--config", "gone.toml"), 1, 'no config file "gone.toml"'),
        (("sample", "posts.docx"), 1, ".csv, .parquet or .ndjson"),
    ],
)
def test_every_error_is_a_sentence_and_an_exit_code(run: Any, arguments: tuple[str, ...], code: int, says: str) -> None:
    found, out, err = run(*arguments)
    assert found == code
    assert says in err
    assert "Traceback" not in out + err


def test_v_shows_the_traceback(run: Any) -> None:
    assert "Traceback" in run("-v", "run", "eda", "gone.csv")[2]
    assert "Traceback" in run("run", "eda", "gone.csv", "-v")[2]


def test_plugins_lists_all_and_why_one_failed(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(AT_START["raises_at_import"][0])
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = ["eda"]\nfiles = ["bad.py"]\n')
    code, out, _ = run("plugins", "--json")
    assert code == 0
    rows = {r["id"]: r for r in json.loads(out)}
    assert set(rows["eda"]) == {
        "id",
        "title",
        "package",
        "version",
        "source",
        "state",
        "reason",
        "import_ms",
        "panels",
        "columns",
        "measures",
        "readers",
        "observers",
    }
    assert (rows["eda"]["state"], rows["bad"]["state"], rows["elbow"]["state"]) == ("loaded", "failed", "disabled")
    assert "deliberate" in rows["bad"]["reason"]
    assert rows["elbow"]["import_ms"] is None
    assert "deliberate" in run("plugins")[1]


def test_config_check(run: Any, tmp_path: Path) -> None:
    assert run("config", "check")[0] == 0
    (tmp_path / "config.toml").write_text('[data]\nsorce = "x"\n[plugins]\nenabled = ["eda", "elbwo"]\n')
    code, _, err = run("config", "check")
    assert code == 2
    assert "config.toml line 2" in err
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = ["eda", "elbwo"]\n[plugins.edda]\nmetric = "x"\n')
    code, _, err = run("config", "check")
    assert code == 2
    assert 'no plugin "elbwo"' in err
    assert "[plugins.edda] belongs to no panel" in err


def test_sample_and_version(run: Any, tmp_path: Path) -> None:
    assert run("sample", "posts.csv")[0] == 0
    assert (tmp_path / "posts.csv").stat().st_size > 100_000
    assert "postlens, version" in run("--version")[1]


@pytest.mark.slow
def test_a_new_plugin_runs_at_once_and_keeps_its_promises(run: Any, tmp_path: Path) -> None:
    assert run("plugins", "new", "top_types")[0] == 0
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["top_types.py"]\n')
    code, out, err = run("run", "top_types", "sample")
    assert code == 0, err
    assert "has the highest median" in out
    code, out, _ = run("plugins", "check", "top_types.py")
    assert code == 0, out
    assert len([line for line in out.splitlines() if line.startswith("ok")]) == 14


def test_a_new_package_has_what_a_package_needs(run: Any, tmp_path: Path) -> None:
    import tomllib

    assert run("plugins", "new", "top_types", "--package")[0] == 0
    folder = tmp_path / "postlens-top-types"
    assert {p.name for p in folder.rglob("*.*")} == {
        "postlens_top_types.py",
        "pyproject.toml",
        "README.md",
        "test_top_types.py",
    }
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["postlens.plugins"] == {"top_types": "postlens_top_types"}


@pytest.mark.slow
def test_check_says_what_is_wrong_and_how_to_mend_it(run: Any, tmp_path: Path) -> None:
    from tests.broken import plugin

    (tmp_path / "bad.py").write_text("raise RuntimeError('deliberate')")
    code, out, _ = run("plugins", "check", "bad.py")
    assert code == 1
    assert "FAIL bad loads" in out
    assert "deliberate" in out
    (tmp_path / "heavy.py").write_text(
        plugin("heavy").replace("import polars as pl", "import polars as pl\nimport scipy")
    )
    code, out, _ = run("plugins", "check", "heavy.py")
    assert code == 1
    assert "It imports scipy. Import heavy packages inside functions." in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("does", "seconds", "says"),
    [
        ("import os; os._exit(0)", "300", "ended before, with exit code 0"),
        ("\n    while True: pass", "30", "longer than 30 seconds"),
    ],
)
def test_a_plugin_that_ends_or_holds_the_check_fails_it(
    run: Any, tmp_path: Path, does: str, seconds: str, says: str
) -> None:
    from tests.broken import plugin

    extra = f"\ndef bad(posts: pl.LazyFrame, params: Settings, ctx) -> Result:\n    {does.strip()}\n"
    (tmp_path / "bad.py").write_text(plugin("bad", "panel(compute=bad)", extra))
    code, out, _ = run("plugins", "check", "bad.py", "--seconds", seconds)
    assert code == 1
    assert "ok   bad loads" in out
    assert "FAIL the check comes to its end" in out
    assert says in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("plugins", "new", "Bad Name"), "cannot be the name"), (("plugins", "check", "gone"), "no plugin")],
)
@pytest.mark.slow
def test_authoring_errors_are_sentences(run: Any, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = run(*arguments)
    assert code == 1
    assert says in out + err


@pytest.mark.slow
def test_check_opens_a_page_of_its_own_and_finds_ids_that_are_taken(run: Any, tmp_path: Path) -> None:
    from tests.broken import plugin

    layout = "\ndef layout(page):\n    raise KeyError('deliberate')\n"
    extra = f"from postlens import CustomPage\n{layout}"
    (tmp_path / "mine.py").write_text(
        plugin("tier", "panel(page=CustomPage(layout=layout))", extra).replace("id='mine'", "id='tier'")
    )
    code, out, _err = run("plugins", "check", "mine.py")
    assert code == 1
    assert "FAIL its ids are free" in out
    assert "Postlens has tier itself." in out
    (tmp_path / "other.py").write_text(plugin("other", "panel(page=CustomPage(layout=layout))", extra))
    code, out, _err = run("plugins", "check", "other.py")
    assert code == 1
    assert "FAIL other: its own page opens" in out


BROKEN_READER = """
from postlens import Reader, hookimpl

def read(path):
    raise ZeroDivisionError("deliberate")

@hookimpl
def postlens_readers():
    return [Reader(api=2, id="broken", label="Broken", recognise=lambda file: 1.0, read=read, endings=(".csv",))]
"""


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.slow
def test_a_bug_in_a_reader_shows_its_traceback_to_who_asks_for_it(tmp_path: Path, *, verbose: bool) -> None:
    (tmp_path / "broken.py").write_text(BROKEN_READER)
    (tmp_path / "posts.csv").write_text("Date,Likes,Comments\n2026-01-01,1,2\n")
    (tmp_path / "config.toml").write_text('[plugins]\nfiles = ["broken.py"]\n')
    command = [sys.executable, "-m", "postlens", "run", "eda", "posts.csv", *(["-v"] if verbose else [])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'The reader "Broken" failed' in done.stderr
    assert ("Traceback" in done.stderr) is verbose


@pytest.mark.slow
def test_erasing_a_client_leaves_nothing_of_it(run: Any, tmp_path: Path) -> None:
    secret = "Zanzibar-4711"
    for client, day in ((secret, 1), ("Birch", 2)):
        rows = "".join(f"{client}-{i},page,2026-03-{day + i:02d} 10:00,{client} caption {i},{i}\n" for i in range(9))
        (tmp_path / f"{day}.csv").write_text("Post ID,Account username,Publish time,Caption,Likes\n" + rows)
    (tmp_path / "config.toml").write_text("")
    for day, client in ((1, secret), (2, "Birch")):
        code, _, err = run("import", f"{day}.csv", "--client", client, "--tz", "UTC", "--map", "Likes=likes")
        assert code == 0, err
    assert run("run", "eda", "library")[0] == 0
    before = [pl.read_parquet(p) for p in tmp_path.rglob("*.parquet")]
    assert any(secret in str(table.rows()) for table in before)
    assert run("imports", "--erase", "Nobody", "--yes")[0] != 0
    assert run("imports", "--erase", secret, "--purge")[0] != 0
    code, said, _ = run("imports", "--erase", secret, "--yes")
    assert code == 0
    assert "1 import " in said
    (tmp_path / "1.csv").unlink()
    assert [p for p in tmp_path.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()] == []
    tables = [pl.read_parquet(p) for p in tmp_path.rglob("*.parquet")]  # Compressed: their bytes would not show it.
    assert tables
    assert not any(secret in str(table.rows()) for table in tables)
    assert "Birch" in run("imports")[1]


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.slow
def test_a_traceback_of_a_plugin_is_for_who_asks(tmp_path: Path, *, verbose: bool) -> None:
    """It was printed to everybody who ran a panel with a bug."""
    (tmp_path / "bad.py").write_text(IN_USE["raises_in_view"][0].replace("raises_in_view", "bad"), "utf-8")
    (tmp_path / "neighbour.py").write_text("1 / 0", "utf-8")
    (tmp_path / "config.toml").write_text('[plugins]\nenabled = []\nfiles = ["bad.py", "neighbour.py"]\n')
    command = [sys.executable, "-m", "postlens", "run", "bad", "sample", *(["-v"] if verbose else [])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "could not show its result" in done.stderr
    assert ("Traceback" in done.stderr) == verbose
    assert ("neighbour" in done.stderr) == verbose  # Another plugin's failure is nothing to who runs this one.


@pytest.mark.slow
def test_check_says_what_was_wrong_with_a_block_and_imports_siblings(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "page.py").write_text("NAME = 'mine'\n", "utf-8")
    text = IN_USE["view_wrong_block"][0].replace("view_wrong_block", "mine")
    (tmp_path / "mine" / "plugin.py").write_text(f"from page import NAME\n{text}", "utf-8")
    code, out, err = run("plugins", "check", "mine/plugin.py")
    assert code == 1
    assert "ok   imports within" in out
    assert "Stat: label: Input should be a valid string" in out
    assert "Traceback" not in err


def test_text_of_files_is_text_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A name in square brackets ended the command, and one with an escape sequence cleared the screen."""
    from rich.table import Table

    from postlens.app.commands import _console

    console = _console._console(stderr=False)
    table = Table()
    table.add_column("[/x]Mood")
    table.add_row("[bold]\x1b[2Jhidden\x1b]52;c;eA==\x07 \u202egnp.exe")
    console.print(table)
    console.print("[/y] \x9b2J")
    console.print(_console._said("[/z] Reading \x1b[2J"))
    said = capsys.readouterr().out
    assert all(part in said for part in ("[/x]Mood", "[bold]", "[/y]", "[/z] Reading", "gnp.exe"))
    assert not any(order in said for order in ("\x1b[2J", "\x1b]52", "\x07", "\x9b", "\u202e"))
