"""Converted posts that were changed on disk are made again: a changed byte is no number."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import open_dataset
from postlens.core.data.store import converted

OWN = "Link,When,Reactions,Comments\n" + "".join(
    f"https://www.instagram.com/p/abcdefghi{n:02}/,2026-03-{n + 13} 10:00,{100 + n},{2 * n}\n" for n in range(9)
)


@pytest.mark.parametrize("name", ["posts.parquet", "catalogue.json", "digests.json"])
def test_what_was_changed_is_made_again(tmp_path: Path, name: str) -> None:
    file = tmp_path / "own.csv"
    file.write_text(OWN, "utf-8")
    home = converted.import_posts(str(file), tmp_path / "store", ReadSettings())
    assert converted.whole(home)
    content = bytearray((home / name).read_bytes())
    content[len(content) // 2] ^= 1
    (home / name).write_bytes(content)
    assert not converted.whole(home)
    dataset = open_dataset(str(file), store=tmp_path / "store", settings=ReadSettings())
    assert converted.whole(home)
    assert dataset.scan().select(pl.col("reactions").sum()).collect().item() == sum(range(100, 109))
