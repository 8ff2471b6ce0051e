"""The library of imports: kept whole or not at all, the newest export of each post, and every import can be undone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import Dataset, open_dataset
from postlens.core.data.store import library, mappings

MARCH = "Post ID,Account ID,Account username,Publish time,Likes\n11,9,demo,03/01/2026 10:00,5\n12,9,demo,03/14/2026 10:00,7\n"
APRIL = "Post ID,Account ID,Account username,Publish time,Likes\n12,9,demo,03/14/2026 10:00,70\n13,9,demo,04/15/2026 10:00,9\n"


def file(folder: Path, name: str, text: str, exported: int) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    os.utime(path, (exported, exported))
    return path


def opened(store: Path) -> Dataset:
    return open_dataset(library.NAME, store=store / "posts", settings=ReadSettings())


def likes(store: Path) -> dict[str, int]:
    return dict(opened(store).scan().select("post_id", "reactions").sort("post_id").collect().iter_rows())


def test_the_newest_export_of_a_post_counts_whatever_the_order_of_imports(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    library.add(shelf, file(tmp_path, "april.csv", APRIL, 2_000_000), ReadSettings(), client="Demo")
    library.add(shelf, file(tmp_path, "march.csv", MARCH, 1_000_000), ReadSettings(), client="Demo")
    assert likes(tmp_path) == {"11": 5, "12": 70, "13": 9}
    dataset = opened(tmp_path)
    assert (dataset.quality.rows, dataset.posts, dataset.quality.duplicates) == (4, 3, 1)
    assert dataset.schema["client"].levels == ("Demo",)


def test_earlier_exports_of_a_post_are_its_history(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    day = 24 * 3600
    library.add(shelf, file(tmp_path, "march.csv", MARCH, 30 * day), ReadSettings())
    library.add(shelf, file(tmp_path, "april.csv", APRIL, 60 * day), ReadSettings())
    keys = opened(tmp_path).scan().filter(post_id="12").collect()["post_key"].to_list()
    told = library.history(shelf, keys)
    assert told.select("exported", "reactions").rows() == [(date(1970, 1, 31), 7), (date(1970, 3, 2), 70)]


def test_a_column_that_is_text_in_one_file_is_what_most_of_its_values_are(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    head = "Post ID,Likes,Mood\n"
    library.add(shelf, file(tmp_path, "a.csv", head + "1,5,0.5\n2,6,1.25\n3,6,2.5\n", 1), ReadSettings())
    library.add(shelf, file(tmp_path, "b.csv", head + "4,5,good\n5,6,bad\n", 2), ReadSettings())
    dataset = opened(tmp_path)
    assert dataset.schema["mood"].kind == "metric"
    assert dataset.scan().select("mood").collect().to_series().to_list() == [0.5, 1.25, 2.5, None, None]
    assert '"Mood" is text in b.csv and numbers in other files; 2 of its 2 values are missing.' in dataset.quality.notes


def test_posts_with_ids_and_posts_with_links_are_both_told_apart(tmp_path: Path) -> None:
    tiktok = "Video title,Video link,Post time,Total likes,Total views\na,https://www.tiktok.com/@d/video/7574853431328768000,November 20,{},9\n"
    shelf = tmp_path / library.NAME
    for n, (name, text) in enumerate(
        {"a.csv": MARCH, "b.csv": APRIL, "c.csv": tiktok.format(1), "d.csv": tiktok.format(2)}.items()
    ):
        library.add(shelf, file(tmp_path, name, text, 1000 * (n + 1)), ReadSettings())
    assert opened(tmp_path).posts == 4
    newest = opened(tmp_path).scan().filter(platform="tiktok").collect()
    assert newest["reactions"].to_list() == [2]


def test_an_import_can_be_undone_and_made_again(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    first = library.add(shelf, file(tmp_path, "march.csv", MARCH, 1), ReadSettings())
    second = library.add(shelf, file(tmp_path, "april.csv", APRIL, 2), ReadSettings())
    with pytest.raises(PostlensError, match="imported before"):
        library.add(shelf, tmp_path / "april.csv", ReadSettings())
    library.undo(shelf, second.id)
    assert likes(tmp_path) == {"11": 5, "12": 7}
    assert [i.id for i in library.imports(shelf)] == [first.id]
    library.add(shelf, tmp_path / "april.csv", ReadSettings())
    assert likes(tmp_path)["12"] == 70
    with pytest.raises(PostlensError, match="no import"):
        library.undo(shelf, "../" + first.id)


def test_the_original_file_is_kept(tmp_path: Path) -> None:
    made = library.add(tmp_path / "l", file(tmp_path, "march.csv", MARCH, 1), ReadSettings())
    assert (tmp_path / "l" / made.id / "original.csv").read_text("utf-8") == MARCH


def test_what_cannot_be_read_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    library.add(shelf, file(tmp_path, "march.csv", MARCH, 1), ReadSettings())
    before = sorted(str(p) for p in shelf.rglob("*"))
    with pytest.raises(PostlensError):
        library.add(shelf, file(tmp_path, "daily.csv", "Date,Primary\n2026-01-01,5\n2026-01-02,6\n", 1), ReadSettings())
    assert sorted(str(p) for p in shelf.rglob("*")) == before


def test_an_empty_library_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match="postlens import FILES"):
        opened(tmp_path)


KILLED = """
import sys
from pathlib import Path
from postlens.core.data.store import library, mappings
from postlens.core.data.convert.read_settings import ReadSettings
import polars as pl
write = pl.LazyFrame.sink_parquet
def slow(posts, path, **more):
    write(posts, path, **more)
    if "rows" not in str(path):
        print("half way", flush=True)
        import time; time.sleep(60)
pl.LazyFrame.sink_parquet = slow
library.add(Path(sys.argv[1]), Path(sys.argv[2]), ReadSettings())
"""


@pytest.mark.slow
def test_a_kill_half_way_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    library.add(shelf, file(tmp_path, "march.csv", MARCH, 1), ReadSettings())
    april = file(tmp_path, "april.csv", APRIL, 2)
    command = [sys.executable, "-c", KILLED, str(shelf), str(april)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4]) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half way\n"
        writer.kill()
        writer.wait()
    time.sleep(0.1)
    assert likes(tmp_path) == {"11": 5, "12": 7}
    library.add(shelf, april, ReadSettings())
    assert likes(tmp_path)["12"] == 70


def test_a_damaged_import_is_named(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    made = library.add(shelf, file(tmp_path, "march.csv", MARCH, 1), ReadSettings())
    (shelf / made.id / "posts.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(PostlensError, match=made.id):
        opened(tmp_path)


def test_an_import_whose_posts_were_changed_is_named_and_not_served(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    made = library.add(shelf, file(tmp_path, "march.csv", MARCH, 1_000_000), ReadSettings())
    kept = shelf / made.id / "posts.parquet"
    pl.read_parquet(kept).with_columns(pl.col("^reactions|react_like$") + 1).write_parquet(kept)
    with pytest.raises(PostlensError, match=made.id) as told:
        opened(tmp_path)
    assert "have changed" in str(told.value)
    assert "--undo" in str(told.value)


def test_posts_are_the_same_as_read_directly(tmp_path: Path) -> None:
    path = file(tmp_path, "march.csv", MARCH, 1)
    library.add(tmp_path / library.NAME, path, ReadSettings())
    direct = open_dataset(str(path), store=tmp_path / "direct", settings=ReadSettings())
    assert opened(tmp_path).scan().collect().equals(direct.scan().collect())
    assert isinstance(direct.scan(), pl.LazyFrame)


def test_the_same_file_for_another_client_is_refused_and_moves_nothing(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    march = file(tmp_path, "march.csv", MARCH, 1_000_000)
    first = library.add(shelf, march, ReadSettings(), client="Alder")
    with pytest.raises(PostlensError, match='imported before for client "Alder"') as refused:
        library.add(shelf, march, ReadSettings(), client="Birch")
    assert first.id in str(refused.value)
    assert opened(tmp_path).schema["client"].levels == ("Alder",)


def test_purging_deletes_what_undone_imports_left(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    kept = library.add(shelf, file(tmp_path, "march.csv", MARCH, 1_000_000), ReadSettings())
    gone = library.add(shelf, file(tmp_path, "april.csv", APRIL, 2_000_000), ReadSettings())
    library.undo(shelf, gone.id)
    assert library.purge(shelf) >= len(APRIL)
    assert [p.name for p in shelf.iterdir()] == [kept.id]


def test_purging_leaves_an_import_that_is_still_being_written(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    (shelf / ".import-now").mkdir(parents=True)
    (shelf / ".import-killed").mkdir()
    os.utime(shelf / ".import-killed", (1_000_000, 1_000_000))
    library.purge(shelf)
    assert [p.name for p in shelf.iterdir()] == [".import-now"]


def test_erasing_a_client_takes_its_undone_imports_and_no_one_else_s(tmp_path: Path) -> None:
    shelf = tmp_path / library.NAME
    alder = library.add(shelf, file(tmp_path, "march.csv", MARCH, 1_000_000), ReadSettings(), client="Alder")
    birch = library.add(shelf, file(tmp_path, "april.csv", APRIL, 2_000_000), ReadSettings(), client="Birch")
    library.undo(shelf, alder.id)
    library.undo(shelf, birch.id)
    mappings.save(shelf, ["a"], mappings.Template(name="march.csv", columns={}))
    mappings.save(shelf, ["b"], mappings.Template(name="april.csv", columns={}))
    library.erase(shelf, library.of_client(shelf, "Alder"))
    assert [p.name for p in (shelf / ".undone").iterdir()] == [birch.id]
    assert mappings.find(shelf, ["a"]) is None
    assert mappings.find(shelf, ["b"]) is not None
    with pytest.raises(PostlensError, match='no imports of a client "Alder"'):
        library.of_client(shelf, "Alder")


def test_what_cannot_be_deleted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path / library.NAME
    made = library.add(shelf, file(tmp_path, "march.csv", MARCH, 1_000_000), ReadSettings(), client="Alder")

    def held(path: Path) -> None:
        raise PermissionError(13, "in use", str(path))

    monkeypatch.setattr("shutil.rmtree", held)
    with pytest.raises(PostlensError, match=f'"{shelf / made.id}" cannot be deleted'):
        library.erase(shelf, [made])
