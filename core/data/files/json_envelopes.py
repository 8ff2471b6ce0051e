"""What networks' interfaces wrap around posts: lists within objects, numbers within objects of their own."""

from __future__ import annotations

import re
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
    if len(item) == 1 and isinstance(only := next(iter(item.values())), dict):  # As an archive of X: {"tweet": {...}}.
        item = only
    found: dict[str, Any] = {}
    for key, value in item.items():
        if key in _WRAPPED and isinstance(value, dict):
            found |= {name: inner for name, inner in value.items() if name not in item}
        elif key == "insights" and (numbers := _insights(value)) is not None:
            found |= {name: number for name, number in numbers.items() if name not in item}
        else:
            found[key] = _rich(value) if key in _TEXTS else _counted(value)
    return found


_TEXTS = frozenset({"text", "caption", "message", "content"})


def _rich(value: Any) -> Any:
    """A text in parts, some of which are bold or links: `["See ", {"type": "bold", "text": "this"}]`."""
    if not isinstance(value, list) or not all(
        isinstance(v, str) or (isinstance(v, dict) and "text" in v) for v in value
    ):
        return value
    return "".join(v if isinstance(v, str) else str(v["text"]) for v in value)


_PAGE = re.compile(r"(?i)(?:page|part|batch|chunk|response|result|request|offset)?[\s_-]?\d+")


def paged(whole: dict[str, Any]) -> list[Any] | None:
    """The posts of several answers of an interface, kept under `page_0`, `page_1`; None for anything else."""
    if not whole or not all(_PAGE.fullmatch(key) and isinstance(value, dict) for key, value in whole.items()):
        return None
    pages = [
        [v for v in page.values() if isinstance(v, list) and any(isinstance(i, dict) for i in v)]
        for page in whole.values()
    ]
    return [item for (listed,) in pages for item in listed] if all(len(lists) == 1 for lists in pages) else None


def spread(items: list[Any]) -> list[Any]:
    """The posts of several accounts, each with its list of them, with what is told of the account; other lists as they are."""
    names = {
        k
        for item in items
        if isinstance(item, dict)
        for k, v in item.items()
        if _LIST_OF_POSTS.fullmatch(k) and _objects(v)
    }
    if len(names) != 1 or not all(isinstance(item, dict) for item in items):
        return items
    (name,) = names
    plain = [{key for key in item if key != name} for item in items]
    if any(_OWN.search(key) for keys in plain for key in keys) or not all(map(_named, plain)):
        return items  # A post with something within.
    return [post | _account_of(item) for item in items for post in item.get(name) or [] if isinstance(post, dict)]


def _account_of(item: dict[str, Any]) -> dict[str, Any]:
    """What is told of an account beside its posts; its name is that of each post's account."""
    told = {f"owner.{k}": v for k, v in item.items() if isinstance(v, str | int | float)}
    name = next((v for k, v in item.items() if _NAME.fullmatch(k) and isinstance(v, str)), None)
    return told if name is None else told | {"account_name": name}


_NAME = re.compile(
    r"(?i)(?:company|page|account|channel|user|profile|author)?_?(?:name|username|handle)|company|page|account|channel|author|user"
)
_LIST_OF_POSTS = re.compile(r"(?i)(?:posts|items|videos|tweets|reels|statuses|publications|latest_?posts)")
# What only a post has, or its numbers.
_OWN = re.compile(
    r"(?i)text|caption|message|title|desc|creat|publish|post|date|time|permalink|shortcode|like|digg|comment|repl|share|view|play|reach|impress|retweet|"
    r"favou?rite|^_?id$|^pk$"
)


def _named(keys: set[str]) -> bool:
    return any(_NAME.fullmatch(key) for key in keys)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) and len(item) > 1 for item in value)


def activities(objects: list[tuple[int, dict[str, Any]]]) -> tuple[list[tuple[int, dict[str, Any]]], list[int]]:
    """The posts of an outbox of Mastodon and its kin, each with its counts, and the numbers of other activities; others as they are."""
    if not objects or not all(isinstance(item.get("actor"), str) and "object" in item for _, item in objects):
        return objects, []
    posts = [(i, item) for i, item in objects if item.get("type") == "Create" and isinstance(item["object"], dict)]
    others = sorted({i for i, _ in objects} - {i for i, _ in posts})
    return [(i, _activity(item["object"])) for i, item in posts], others


def _activity(post: dict[str, Any]) -> dict[str, Any]:
    counts = {
        name: post[key]["totalItems"]
        for name, key in _COUNTS
        if isinstance(post.get(key), dict) and "totalItems" in post[key]
    }
    kept = ("id", "url", "published", "content", "attributedTo")
    return {key: post[key] for key in kept if isinstance(post.get(key), str)} | {
        "reblogs_count" if k == "shares" else k: v for k, v in counts.items()
    }


_COUNTS = (("likes", "likes"), ("shares", "shares"), ("replies_count", "replies"))


def keyed(whole: dict[str, Any]) -> list[Any] | None:
    """Posts by their ids as a list, each with its id; None where an object is no such thing."""
    values = list(whole.values())
    if len(values) < _FEW or not all(isinstance(v, dict) for v in values):
        return None
    first = set(values[0])
    alike = all(len(first & set(v)) >= 0.5 * len(first | set(v)) for v in values)
    return [{"id": key, **v} for key, v in whole.items()] if alike and first else None


_FEW = 3


def _counted(value: Any) -> Any:
    """The number of a list that is only counted: `{"summary": {"total_count": 5}}`, `{"count": 5}`."""
    if (
        isinstance(value, list)
        and value
        and all(isinstance(v, dict) and isinstance(v.get("count"), int) for v in value)
    ):
        return sum(v["count"] for v in value)  # Reactions by their kind.
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
