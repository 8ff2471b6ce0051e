"""What networks' interfaces wrap around posts: lists within objects, numbers within objects of their own."""

from __future__ import annotations

from typing import Any

_WRAPPED = frozenset({"public_metrics", "statistics", "snippet", "contentDetails", "metrics", "stats", "node"})
_DEEPEST = 4


def opened(whole: dict[str, Any]) -> dict[str, Any]:
    """The object that holds the list of posts, where it stands within others: `{"data": {"videos": [...]}}`."""
    inner = [whole]
    for _ in range(_DEEPEST):
        with_list = [one for one in inner if _has_list(one)]
        if with_list:
            return with_list[0] if len(with_list) == 1 else whole
        inner = [v for one in inner for v in one.values() if isinstance(v, dict)]
    return whole


def _has_list(value: dict[str, Any]) -> bool:
    return any(isinstance(v, list) and any(isinstance(item, dict) for item in v) for v in value.values())


def post_of(item: dict[str, Any]) -> dict[str, Any]:
    """A post with its numbers under their own names.

    A child of a listing is what it holds; `public_metrics`, `statistics` and the like are opened; `likes` with a summary or a
    count is that number; insights are numbers by their names. A name that is there already keeps its value.
    """
    if set(item) == {"kind", "data"} and isinstance(item["data"], dict):
        item = item["data"]
    found: dict[str, Any] = {}
    for key, value in item.items():
        if key in _WRAPPED and isinstance(value, dict):
            found |= {name: inner for name, inner in value.items() if name not in item}
        elif key == "insights" and (numbers := _insights(value)) is not None:
            found |= {name: number for name, number in numbers.items() if name not in item}
        else:
            found[key] = _counted(value)
    return found


def _counted(value: Any) -> Any:
    """The number of a list that is only counted: `{"summary": {"total_count": 5}}`, `{"count": 5}`."""
    if not isinstance(value, dict):
        return value
    summary = value.get("summary")
    number = (
        summary.get("total_count")
        if isinstance(summary, dict)
        else value.get("count")
        if set(value) == {"count"}
        else None
    )
    return number if isinstance(number, int) else value


def _insights(value: Any) -> dict[str, Any] | None:
    """Numbers by name, of `{"data": [{"name": "reach", "values": [{"value": 5}]}]}`; those of days are none of a post."""
    rows = value.get("data") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        return None
    found = {}
    for row in rows:
        values = row.get("values") if isinstance(row, dict) else None
        if isinstance(values, list) and len(values) == 1 and isinstance(values[0], dict) and "name" in row:
            found[str(row["name"])] = values[0].get("value")
    return found
