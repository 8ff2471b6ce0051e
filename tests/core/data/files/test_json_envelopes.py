"""Posts as networks' interfaces give them: lists within objects, numbers within objects of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from postlens.core.data.convert.canonical import to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import json_envelopes, readers

CAPTIONS = ("Spring sale starts today", "New team member joins us", "Behind the scenes here", "Tips for your garden")


def read(tmp_path: Path, whole: Any) -> Any:
    path = tmp_path / "posts.json"
    path.write_text(json.dumps(whole), "utf-8")
    return to_posts(readers.read(path, readers.choose(path, readers.TABLES)), ReadSettings(ask=True)).frame


def test_a_list_two_levels_down_beside_an_error(tmp_path: Path) -> None:
    videos = [
        {
            "id": f"761699788501288268{i}",
            "create_time": 1773470520 + 86400 * i,
            "share_url": f"https://www.tiktok.com/@shop/video/761699788501288268{i}",
            "video_description": text,
            "like_count": 10 * i,
            "comment_count": i,
            "view_count": 100 * i,
        }
        for i, text in enumerate(CAPTIONS, 1)
    ]
    posts = read(tmp_path, {"data": {"videos": videos, "cursor": 1}, "error": {"code": "ok", "message": ""}})
    assert posts["views"].to_list() == [100, 200, 300, 400]
    assert posts["react_like"].to_list() == [10, 20, 30, 40]


def test_numbers_in_insights_and_summaries(tmp_path: Path) -> None:
    rows = [
        {
            "id": f"61550000001_12216653579531{i}",
            "created_time": f"2026-03-1{i}T20:25:00+0000",
            "message": text,
            "permalink_url": f"https://www.facebook.com/61550000001/posts/12216653579531{i}",
            "shares": {"count": i},
            "likes": {"data": [], "summary": {"total_count": 20 + i}},
            "comments": {"data": [{"id": "1"}], "summary": {"total_count": 30 + i, "order": "ranked"}},
            "insights": {"data": [{"name": "post_impressions_unique", "values": [{"value": 1000 + i}]}], "paging": {}},
        }
        for i, text in enumerate(CAPTIONS, 1)
    ]
    posts = read(tmp_path, {"data": rows, "paging": {"cursors": {"after": "x"}}})
    assert posts["shares"].to_list() == [1, 2, 3, 4]
    assert posts["comments"].to_list() == [31, 32, 33, 34]
    assert posts["reach"].to_list() == [1001, 1002, 1003, 1004]


def test_a_name_that_is_there_keeps_its_value_and_days_are_no_number_of_a_post() -> None:
    found = json_envelopes.post_of(
        {"views": 5, "statistics": {"views": 9, "likes": 3}, "location": {"count": 2, "x": 1}}
    )
    assert found == {"views": 5, "likes": 3, "location": {"count": 2, "x": 1}}
    days = {"data": [{"name": "reach", "values": [{"value": 1}, {"value": 2}]}]}
    assert json_envelopes.post_of({"id": "1", "insights": days}) == {"id": "1"}


def test_several_lists_stay_where_they_are() -> None:
    whole = {"a": {"x": [{"id": 1}]}, "b": {"y": [{"id": 2}]}}
    assert json_envelopes.opened(whole) == whole
