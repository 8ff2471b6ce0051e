"""The Import page: hostile names, limits, mappings, and what is kept."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from postlens.app.clients import Clients
from postlens.app.imports import actions as desk_of
from postlens.app.imports import cards
from postlens.app.imports.actions import Desk
from postlens.app.imports.answers import Answers, mapped, merged
from postlens.app.imports.apart import reader_of
from postlens.app.imports.importing import Outcome, Told, import_one
from postlens.app.imports.uploads import find, put_aside, safe_file_name
from postlens.app.web.posts.drawer import _earlier
from postlens.app.workspace import Workspace, read_settings
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.ask.post_pages import Browser, Window
from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import open_dataset
from postlens.core.data.files import readers
from postlens.core.data.store import library as shelf
from postlens.core.data.store import mappings

OWN = (
    "Link;Tag;Gefaellt;Likes;Kommentare\n"
    "https://www.instagram.com/p/a;14.05.2026;1.234;3;1\nhttps://www.instagram.com/p/b;16.07.2026;2.345;4;1\nhttps://www.instagram.com/p/c;18.09.2026;999;5;1\n"
)


def staged_on(desk: Desk, contents: list[str], names: list[str], modified: list[float]) -> list[dict[str, str]]:
    """Files put aside as a page with a limit of 1 MB does it."""
    return put_aside(desk.library, contents, names, modified, 1_000_000)


@pytest.fixture
def desk(workspace_for: Callable[..., Workspace]) -> Desk:
    return Desk(Clients(workspace_for('[plugins]\nenabled = ["eda"]\n[data]\nupload_mb = 1\n', {})))


@pytest.fixture
def quick(workspace_for: Callable[..., Workspace]) -> Desk:
    """A desk that reads in its own process."""
    return Desk(Clients(workspace_for('[plugins]\nenabled = ["eda"]\n[data]\nread_seconds = 0\n', {})))


def dropped(text: str | bytes) -> str:
    body = text.encode() if isinstance(text, str) else text
    return "data:text/csv;base64," + base64.b64encode(body).decode()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\posts\\March.csv", "March.csv"),
        (".hidden.csv", "hidden.csv"),
        ("a<b>&\"'.csv", "a_b____.csv"),
        ("..", "file"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
        ("\u6f22" * 96 + ".csv", "\u6f22" * 32 + ".csv"),
    ],
)
def test_a_name_from_a_browser_leads_nowhere(name: str, kept: str) -> None:
    assert safe_file_name(name) == kept


def test_files_are_put_aside_inside_the_library_alone(desk: Desk) -> None:
    staged = staged_on(desk, [dropped(OWN)], ["../../escape.csv"], [1_700_000_000_000.0])
    file = find(desk.library, staged[0])
    assert file.resolve().is_relative_to(desk.library.resolve())
    assert file.read_text("utf-8") == OWN
    assert file.stat().st_mtime == 1_700_000_000
    with pytest.raises(PostlensError, match="no longer at hand"):
        find(desk.library, {"mark": "../../..", "name": "x"})


def test_what_is_too_large_or_no_file_is_not_taken(desk: Desk) -> None:
    assert staged_on(desk, [dropped(b"x" * 1_100_000), "data:;base64,@@@"], ["a.csv", "b.csv"], []) == []


def test_only_what_somebody_changed_becomes_a_mapping() -> None:
    places = [
        {"file": "a:reactions", "column": "Likes"},
        {"file": "a:", "column": "Gefaellt"},
        {"file": "b:comments", "column": "Comments"},
    ]
    assert mapped(["reactions", "", "comments"], places) == {}
    assert mapped(["", "reactions", "comments"], places) == {"a": {"reactions": "Gefaellt", "-Likes": ""}}
    assert mapped(["shares", "", ""], places) == {"a": {"shares": "Likes"}, "b": {"-Comments": ""}}


@pytest.mark.slow
def test_a_mapping_is_saved_and_used_when_the_same_columns_return(desk: Desk) -> None:
    told = Told()
    staged = staged_on(desk, [dropped(OWN)], ["mai.csv"], [1.0])
    columns = {"published": "Tag", "reactions": "Gefaellt", "comments": "Kommentare"}
    assert "1 file with 3 posts is in the library" in str(
        desk._keep(staged, told, {staged[0]["mark"]: {"columns": columns}})
    )
    made = shelf.imports(desk.library)[0]
    assert [c.role for c in made.report.columns if c.role in columns] == ["published", "reactions", "comments"]
    again = "Kommentare;Link;Tag;Gefaellt;Likes\n" + "".join(
        f"{n};https://www.instagram.com/p/{n};{12 + n}.10.2026;{n - 6}.000;3\n" for n in (7, 8)
    )
    second = staged_on(desk, [dropped(again)], ["oktober.csv"], [2.0])
    outcome = desk._outcomes(second, told, {}, "", keep=False)[0]
    assert outcome.template == "mai.csv"
    assert outcome.report is not None
    assert {c.role for c in outcome.report.columns} >= {"reactions", "comments", "published"}


def test_a_damaged_mapping_is_no_mapping(tmp_path: Path) -> None:
    mappings.save(tmp_path, ["a", "b"], mappings.Template(name="t", columns={"reactions": "a"}))
    assert mappings.find(tmp_path, ["B", " a"]) is not None, "order and case of the columns do not matter"
    next((tmp_path / mappings.FOLDER).iterdir()).write_text("{", "utf-8")
    assert mappings.find(tmp_path, ["a", "b"]) is None


def test_what_a_file_says_stays_text(desk: Desk) -> None:
    hostile = '<img src=x onerror=alert(1)>,"=cmd|calc",likes\n1,<script>,5\n2,x,6\n3,x,7\n'
    staged = staged_on(desk, [dropped(hostile)], ["<b>.csv"], [1.0])
    page = str(desk._read(staged, Told(), {}))
    assert "Markdown" not in page
    assert "dangerously" not in page


def test_a_wrong_zone_is_said(desk: Desk) -> None:
    with pytest.raises(PostlensError, match="no time zone"):
        desk._read(staged_on(desk, [dropped(OWN)], ["a.csv"], [1.0]), Told(zone="Berlin/Europe"), {})


def test_the_page_can_be_switched_off(workspace_for: Callable[..., Workspace]) -> None:
    from postlens.app.web.server import create_app

    app = create_app(Clients(workspace_for('[plugins]\nenabled = ["eda"]\n[data]\nupload_mb = 0\n', {})))
    import dash

    assert "postlens.import" not in dash.page_registry
    assert "up-files" not in str(app.callback_map)


@pytest.mark.slow
def test_the_command_line_imports_reports_and_undoes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from postlens.app.commands.cli import cli

    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[data]\nstore = "store"\n', "utf-8")
    (tmp_path / "a.csv").write_text("id,date,likes,comments\nx,04/05/2026,1,2\ny,06/07/2026,2,3\n", "utf-8")
    (tmp_path / "daily.csv").write_text("Date,Primary\n2026-01-01,4\n2026-01-02,5\n", "utf-8")

    def ran(*words: str) -> Any:
        return CliRunner().invoke(cli, list(words), obj={})

    asked = ran("import", "a.csv")
    assert asked.exit_code == 1
    assert "--date-order dmy" in asked.output
    told = ran("import", "a.csv", "--date-order", "dmy", "--client", "Acme", "--json")
    assert told.exit_code == 0
    assert '"posts": 2' in told.output
    mixed = ran("import", "a.csv", "daily.csv", "--date-order", "dmy", "--dry-run")
    assert mixed.exit_code == 1
    assert "2 rows read, 2 posts" in mixed.output
    assert "a daily series" in mixed.output
    [one] = shelf.imports(tmp_path / "store" / shelf.NAME)
    assert (one.client, one.report.posts) == ("Acme", 2)
    assert one.id in ran("imports").output
    assert "out of the library" in ran("imports", "--undo", one.id).output
    assert "Nothing was imported yet" in ran("imports").output
    folder = ran("import", ".", "--date-order", "dmy")
    assert folder.exit_code == 1, "one of the two files of the folder holds no posts"
    assert len(shelf.imports(tmp_path / "store" / shelf.NAME)) == 1


def test_reading_a_file_does_not_touch_the_library(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(OWN, "utf-8")
    settings = Told(decimal="comma").over(read_settings(desk.workspace.deployment))
    assert import_one(desk.library, file, settings, readers.TABLES, "", keep=False).problem is None
    assert shelf.imports(desk.library) == []
    assert isinstance(settings, ReadSettings)
    assert cards.NOT_USED


def test_the_page_asks_for_the_decimal_mark_and_takes_the_answer(desk: Desk) -> None:
    staged = staged_on(desk, [dropped(OWN)], ["own.csv"], [1.0])
    asked = str(desk._read(staged, Told(), {}))
    assert "1.234 is 1.234 or 1234; 2.345 is 2.345 or 2345" in asked
    assert "What Gefaellt means" in asked, "the columns are shown, for a meaning settles it too"
    assert "3 rows read, 3 posts" in str(desk._read(staged, Told(decimal="comma"), {}))


def test_a_page_can_ask_how_far_its_files_are(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    read = reader_of(desk.workspace.deployment)

    def watched(*arguments: Any, progress: Any, **more: Any) -> Any:
        def told(done: float, label: str) -> None:
            progress(done, label)
            seen.append(desk.step(None, "page"))

        return read(*arguments, progress=told, **more)

    monkeypatch.setattr(desk_of, "reader_of", lambda _deployment: watched)
    desk._read(staged_on(desk, [dropped(OWN)], ["own.csv"], [1.0]), Told(decimal="comma"), {}, "page")
    assert seen[0] == "File 1 of 1, 0%: Reading own.csv"
    assert any("Gefaellt" in step for step in seen)
    assert desk.step(None, "another page") == ""


@pytest.mark.slow
def test_posts_that_were_exported_twice_show_what_they_had_before(desk: Desk, registry: Any, tmp_path: Path) -> None:
    head = "Post ID,Account ID,Account username,Publish time,Likes,Comments\n"
    for number, likes in enumerate((5, 70)):
        rows = f"12,9,demo,03/14/2026 10:00,{likes},1\n" + ("13,9,demo,03/15/2026 10:00,3,1\n" if number else "")
        staged = staged_on(desk, [dropped(head + rows)], [f"{number}.csv"], [(30 + 7 * number) * 86_400_000.0 + 1e12])
        desk._keep(staged, Told(), {})
    dataset = open_dataset("library", store=desk.library.parent / "posts", settings=ReadSettings())
    workspace = replace(desk.workspace, engine=Engine(registry, dataset, store=tmp_path))
    engine = workspace.engine
    shown = Browser(engine).page(Filters(), {}, Window(sort=(("engagements", True),), rows=9, metric="engagements"))
    told = _earlier(workspace, shown, "engagements", engine.schema())
    assert list(told.values()) == ["Exported 2 times: engagements 6 on 9 Oct 2001, 71 on 16 Oct 2001."]


DATED = "Post ID,Published,Likes,Comments\n1,04/05/2026,3,1\n2,06/07/2026,4,2\n3,02/03/2026,5,3\n"
DAILY = "Date,Primary\n" + "".join(f"2026-01-{d:02d},{d}\n" for d in range(1, 29))
PLAIN = "Post ID,Published,Likes,Comments\n" + "".join(f"{d},2026-01-{d:02d} 10:00,{d},1\n" for d in range(1, 29))


def batch(quick: Desk) -> list[dict[str, str]]:
    """Files that are read, that ask, and that are no posts."""
    files = {"plain.csv": PLAIN, "dated.csv": DATED, "own.csv": OWN, "daily.csv": DAILY}
    return staged_on(quick, [dropped(text) for text in files.values()], list(files), [1.0] * 4)


def test_many_files_are_one_table_with_one_question_at_a_time(quick: Desk) -> None:
    staged = batch(quick)
    dated, own = staged[1]["mark"], staged[2]["mark"]
    _, known, page, *_ = quick._read(staged, Told(), {})
    words = str(page)
    assert "4 files: 1 ready, 2 with a question, 1 that cannot be imported" in words
    assert "Import 1 file, 28 posts" in words
    assert known["opened"] == dated, "the first question"
    assert "What comes first in its dates?" in words
    assert "What is its decimal mark?" not in words
    answers: dict[str, Answers] = {dated: {"date_order": "dmy"}}
    _, known, page, *_ = quick._read(staged, Told(), {"answers": answers, "opened": ""})
    assert known["opened"] == own, "the next question"
    assert "Import 2 files, 31 posts" in str(page)
    _, known, page, *_ = quick._read(staged, Told(), {"answers": answers, "opened": staged[3]["mark"]})
    assert known["opened"] == staged[3]["mark"], "whatever somebody opens"
    assert "a daily series" in str(page)


def test_files_with_a_question_stay_when_the_others_are_imported(quick: Desk) -> None:
    staged = batch(quick)
    left, known, page, shelf_now, _ = quick._keep(staged, Told(), {staged[1]["mark"]: {"date_order": "dmy"}})
    assert [one["name"] for one in left] == ["own.csv"]
    assert known["opened"] == left[0]["mark"]
    assert "2 files with 31 posts are in the library" in str(page)
    assert "daily.csv: not imported." in str(page)
    assert "dated.csv" in str(shelf_now)
    first = next(i for i in shelf.imports(quick.library) if i.file == "dated.csv")
    assert any("day first" in c.reading for c in first.report.columns)


def test_an_answer_reads_its_own_file_again_and_no_other(quick: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    read, names = reader_of(quick.workspace.deployment), []

    def watched(*arguments: Any, **more: Any) -> Any:
        names.append(more["name"])
        return read(*arguments, **more)

    monkeypatch.setattr(desk_of, "reader_of", lambda _deployment: watched)
    staged = batch(quick)
    quick._read(staged, Told(), {})
    assert sorted(names) == ["daily.csv", "dated.csv", "own.csv", "plain.csv"]
    quick._read(staged, Told(), {"answers": {staged[2]["mark"]: {"decimal": "comma"}}})
    assert names[4:] == ["own.csv"]


def test_a_removed_file_is_gone_and_what_was_answered_for_another_stays(quick: Desk) -> None:
    staged = batch(quick)
    answers: dict[str, Answers] = {staged[1]["mark"]: {"date_order": "dmy"}}
    left, known, page, *_ = quick._of_one("remove", staged[2]["mark"], [1], staged, Told(), answers, {}, "")
    assert [one["name"] for one in left] == ["plain.csv", "dated.csv", "daily.csv"]
    assert known["answers"] == answers
    assert "Import 2 files, 31 posts" in str(page)


def test_answers_of_the_open_file_join_those_of_the_others() -> None:
    before: Any = {"a": {"columns": {"-Views": "", "-Seen": "", "reach": "Hits"}}, "b": {"decimal": "comma"}}
    places = [{"what": "date_order", "file": "c"}, {"what": "timezone", "file": "b"}]
    assert merged(before, {"a": {"reach": "Seen"}}, ["mdy", " Asia/Kolkata "], places) == {
        "a": {"columns": {"-Views": "", "reach": "Seen"}},
        "b": {"decimal": "comma", "timezone": "Asia/Kolkata"},
        "c": {"date_order": "mdy"},
    }
    assert merged(before, {}, [""], [{"what": "decimal", "file": "b"}]) == {"a": before["a"]}, "taken back"


def test_a_wrong_zone_of_one_file_is_asked_again(quick: Desk) -> None:
    staged = batch(quick)[:1]
    _, known, page, *_ = quick._read(staged, Told(), {"answers": {staged[0]["mark"]: {"timezone": "India"}}})
    assert '"India" is no time zone.' in str(page)
    assert "Its time zone" in str(page)
    assert known["opened"] == staged[0]["mark"]


def test_a_file_that_asks_shows_what_the_names_of_its_columns_say(quick: Desk) -> None:
    rows = "".join(f"17{i:015},A fine day number {i},2026-03-02 08:00:{i:02},{40 + i},{i}\n" for i in range(30))
    staged = staged_on(quick, [dropped("post_id,caption,captured_at,likes,comments\n" + rows)], ["own.csv"], [1.0])
    _, _, page, *_ = quick._read(staged, Told(), {})
    selects = {
        one.id["column"]: one.value
        for one in page_parts(page)
        if isinstance(getattr(one, "id", None), dict) and one.id.get("role") == "map"
    }
    assert selects == {
        "post_id": "post_id",
        "caption": "text",
        "captured_at": "",
        "likes": "react_like",
        "comments": "comments",
    }
    told: dict[str, Answers] = {staged[0]["mark"]: {"columns": {"published": "captured_at"}}}
    _, _, page, *_ = quick._read(staged, Told(), {"answers": told, "opened": ""})
    assert "Import 1 file, 30 posts" in str(page)


def page_parts(page: Any) -> list[Any]:
    """Every component of a page."""
    if isinstance(page, list | tuple):
        return [part for one in page for part in page_parts(one)]
    below = getattr(page, "children", None)
    return [page, *page_parts(below)] if below is not None else [page]


def test_no_file_was_exported_on_a_day_to_come(desk: Desk) -> None:
    """It would have stayed the newest, whatever was exported after it."""
    staged = staged_on(desk, [dropped(OWN)], ["own.csv"], [9e13])
    file = find(desk.library, staged[0])
    assert file is not None
    assert file.stat().st_mtime <= time.time()


def test_a_visitor_stops_the_reading_and_the_files_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file that was dropped by mistake kept its visitor, and a place of everybody, for minutes."""

    def endless(*_of: Any, progress: Callable[[float, str], None], **_options: Any) -> Outcome:
        for _ in range(200):
            progress(0.5, "Reading")
            desk.stop(1, "me")
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(desk_of, "reader_of", lambda _deployment: endless)
    desk._stops["me"] = threading.Event()
    staged = staged_on(desk, [dropped(OWN)], ["own.csv"], [1_700_000_000_000.0])
    kept, _known, page, *_ = desk._read(staged, Told(), {"answers": {}, "opened": ""}, "me")
    assert kept == staged
    assert "you stopped it" in str(page)
    assert "Read again" in str(page)


@pytest.mark.parametrize("written", ["yesterday", None, float("nan"), float("inf"), -5.0, [1], 9e15])
def test_a_time_that_is_none_is_now(desk: Desk, written: Any) -> None:
    staged = staged_on(desk, [dropped(OWN)], ["own.csv"], [written])
    file = find(desk.library, staged[0])
    assert abs(file.stat().st_mtime - time.time()) < 60
