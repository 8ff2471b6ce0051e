"""Pictures beside the posts: found by ids and links, and nothing else is ever read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from postlens.core.data.pictures import MAX_BYTES, Pictures

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def folder(tmp_path: Path, **files: bytes) -> Path:
    (tmp_path / "pictures").mkdir()
    for name, content in files.items():
        (tmp_path / "pictures" / name.replace("_", ".")).write_bytes(content)
    return tmp_path / "pictures"


@pytest.mark.parametrize(
    "post",
    [
        {"post_id": "C123abc"},
        {"post_id": "9", "url": "https://www.instagram.com/p/C123abc/?img_index=1"},
        {"post_id": None, "url": "https://www.instagram.com/us/reel/C123abc"},
        {"url": "https://www.youtube.com/watch?v=C123abc&t=4"},
    ],
)
def test_a_picture_is_found_by_id_or_link(tmp_path: Path, post: dict[str, str]) -> None:
    pictures = Pictures(folder(tmp_path, C123abc_png=PNG))
    assert pictures.of(post) == "C123abc.png"
    assert pictures.read("C123abc.png") == (PNG, "image/png")


def test_posts_without_a_picture_have_none(tmp_path: Path) -> None:
    pictures = Pictures(folder(tmp_path, C123abc_png=PNG, watch_png=PNG))
    for post in (
        {"post_id": "C124"},
        {"post_id": None, "url": None},
        {"url": "https://www.youtube.com/watch?v=zzzzzzz"},
    ):
        assert pictures.of(post) == ""
    assert Pictures(None).of({"post_id": "C123abc"}) == ""
    assert Pictures(tmp_path / "none").of({"post_id": "C123abc"}) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/bakery/status/1790000000000000001/photo/1",
        "https://t.me/bakerychannel/41",
        "https://www.reddit.com/r/bakery/comments/1abcde/our_new_photo/",
        "https://www.facebook.com/bakery/",
    ],
)
def test_no_other_word_of_a_link_is_the_name_of_a_picture(tmp_path: Path, url: str) -> None:
    """A picture called photo was that of every post of X."""
    words = folder(
        tmp_path, photo_png=PNG, bakery_png=PNG, bakerychannel_png=PNG, our_new_photo_png=PNG, comments_png=PNG
    )
    (words / "1790000000000000001.png").write_bytes(PNG)
    assert Pictures(words).of({"url": url}) == ("1790000000000000001.png" if "status" in url else "")


def test_only_pictures_of_the_folder_are_read(tmp_path: Path) -> None:
    place = folder(tmp_path, page_png=b"<script>alert(1)</script>", large_png=PNG + b"\0" * MAX_BYTES, notes_txt=PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (place / "link.png").symlink_to(tmp_path / "secret.png")
    pictures = Pictures(place)
    for name in ("page.png", "large.png", "notes.txt", "link.png", "../secret.png", str(tmp_path / "secret.png"), ""):
        assert pictures.read(name) is None, name


def test_pictures_that_are_added_are_found(tmp_path: Path) -> None:
    place = folder(tmp_path)
    pictures = Pictures(place)
    assert pictures.of({"post_id": "later1"}) == ""
    (place / "later1.JPG").write_bytes(b"\xff\xd8\xff" + b"\0" * 20)
    os.utime(place, ns=(1, 1))  # However coarse the clock of the disk is.
    assert pictures.of({"post_id": "later1"}) == "later1.JPG"
    assert pictures.read("later1.JPG")[1] == "image/jpeg"  # type: ignore[index]
