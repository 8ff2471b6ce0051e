"""JSON as a table: the list of posts, wherever a network or a script keeps it, with nested objects as dotted names."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from postlens.core.contract.problems import fail
from postlens.core.contract.raw_table import ROW, RawTable, Refused, table_of, unique_headers
from postlens.core.data.files import json_envelopes, sniff
from postlens.core.data.files.spreadsheet_size import MAX_COLUMNS, too_wide

_ASSIGNED = re.compile(
    r"\s*[\w.$\[\]\"' ]{1,80}=\s*(?=[\[{])"
)  # As archives of X begin: `window.YTD.tweets.part0 = [`.


def read_json(path: Path) -> RawTable:
    """The list of posts of a JSON file, or one object a line, as a table.

    Raises:
        PostlensError: it holds no list of objects, or one nested or wide beyond reason.
    """
    text = "".join(sniff.chunks(path, sniff.encoding_of(path)))
    try:
        found, refused = _json_records(text, path.name)
    except RecursionError:
        raise fail(f'"{path.name}" is nested too deeply for a list of posts.', hint="Export the posts again.") from None
    if not found:
        raise fail(
            f'"{path.name}" holds no list of posts.', hint="It should be a list of objects, or one object a line."
        )
    keys = list(dict.fromkeys(key for _, record in found for key in record))
    keys.sort(key=lambda key: key.count("."))  # The post's own before its author's or its sound's.
    if not keys:
        raise fail(f'"{path.name}" holds objects without values.', hint="Export the posts again.")
    if len(keys) > MAX_COLUMNS:
        raise too_wide(path.name, len(keys))
    headers = unique_headers(keys)
    data = {
        h: pl.Series([record.get(k) for _, record in found], dtype=pl.String)
        for h, k in zip(headers, keys, strict=True)
    }
    frame = pl.DataFrame(data | {ROW: pl.Series([number for number, _ in found], dtype=pl.Int64)})
    table = table_of(path.name, frame, headers, ["JSON"], "point")
    return replace(table, rows=table.rows + sum(r.rows for r in refused), refused=tuple(refused))


def _json_records(text: str, name: str) -> tuple[list[tuple[int, dict[str, str | None]]], list[Refused]]:
    if (assigned := _ASSIGNED.match(text[:_FIRST])) is not None:
        text = text[assigned.end() :].rstrip().removesuffix(";")
    try:
        whole = json.loads(text)
    except ValueError:
        return _json_lines(text, name)
    refused: list[Refused] = []
    if isinstance(whole, dict):
        listed = json_envelopes.paged(whole)
        listed = json_envelopes.keyed(whole) if listed is None else listed
        whole, refused = (listed, []) if listed is not None else _lists_of(json_envelopes.opened(whole))
    if not isinstance(whole, list):
        return [], []
    whole = json_envelopes.spread(whole)
    objects = [(i, item) for i, item in enumerate(whole, start=1) if isinstance(item, dict)]
    objects, boosts = json_envelopes.activities(objects)
    if boosts:
        reason = "a boost of somebody else's post, or another activity"
        refused = [*refused, Refused(reason=reason, rows=len(boosts), examples=tuple(boosts[:5]))]
    services = [i for i, item in objects if item.get("type") == "service" and "action" in item]
    found = [
        (i, _flat(json_envelopes.post_of(_instagram(item))))
        for i, item in objects
        if not (item.get("type") == "service" and "action" in item)
    ]
    others = [i for i, item in enumerate(whole, start=1) if not isinstance(item, dict)]
    if services:
        reason = "a message of the service, such as a new picture of the channel"
        refused = [*refused, Refused(reason=reason, rows=len(services), examples=tuple(services[:5]))]
    return found, [*_no_objects(others), *refused]


_FIRST = 200  # Letters.


def _lists_of(whole: dict[str, Any]) -> tuple[list[Any], list[Refused]]:
    """The longest list of objects with those of the same kind; others are named, not lost in silence."""
    lists = {k: v for k, v in whole.items() if isinstance(v, list) and any(isinstance(item, dict) for item in v)}
    if not lists:
        inner = [
            listed for v in whole.values() if isinstance(v, dict) and (listed := json_envelopes.keyed(v)) is not None
        ]
        return max(inner, key=len, default=[whole]), []
    named = [
        k
        for k in lists
        if re.fullmatch(r"(?i)(?:posts?|media|items|data|videos|tweets|reels|statuses|publications)", k)
    ]
    longest = max(named or lists, key=lambda k: len(lists[k]))
    keys = _keys(lists[longest])
    alike = [k for k in lists if len(keys & _keys(lists[k])) >= _ALIKE * len(keys | _keys(lists[k]))]
    rest = [
        Refused(reason=f'in the list "{k}", whose objects are of another kind', rows=len(lists[k]))
        for k in lists
        if k not in alike
    ]
    first, further = lists[longest], [item for k in alike if k != longest for item in lists[k]]
    name = next((n for n in _IDS if _tells_apart(first, n)), "")
    have = {str(item[name]) for item in first} if name else set()
    own = [item for item in further if not (isinstance(item, dict) and str(item.get(name)) in have)]
    if len(own) < len(further):
        reason = "in a second list of the file, with the id of a post of the first"
        rest.append(Refused(reason=reason, rows=len(further) - len(own)))
    return [*first, *own], rest


def _tells_apart(items: list[Any], name: str) -> bool:
    """Whether each object has a value of that name, and all have different ones: an id, not the account's address."""
    values = [item.get(name) if isinstance(item, dict) else None for item in items]
    return all(isinstance(v, str | int) for v in values) and len(set(values)) == len(values)


_IDS = ("id", "video_id", "videoId", "post_id", "tweet_id", "pk", "shortcode", "permalink", "url")


def _keys(items: list[Any]) -> set[str]:
    return {key for item in items if isinstance(item, dict) for key in item}


_ALIKE = 0.8  # Of the keys of two lists, the share that both have.


def _json_lines(text: str, name: str) -> tuple[list[tuple[int, dict[str, str | None]]], list[Refused]]:
    found, broken = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        if isinstance(item, dict):
            found.append((number, _flat(json_envelopes.post_of(item))))
        else:
            broken.append(number)
    if not found:
        raise fail(f'"{name}" is not JSON.', hint="Export the posts again.")
    return found, _no_objects(broken)


def _no_objects(numbers: list[int]) -> list[Refused]:
    return [Refused(reason="not a JSON object", rows=len(numbers), examples=tuple(numbers[:5]))] if numbers else []


def _instagram(item: dict[str, object]) -> dict[str, object]:
    """A post of Instagram's data download: what stands in its two maps, its texts as they were meant."""
    told = {k: v for k, v in _map_of(item, "string_map_data").items() if isinstance(v, dict)}
    said = {k: v.get("value") or v.get("timestamp") or v.get("value") for k, v in told.items()}
    parts = {**_map_of(item, "media_map_data"), **{k: {"value": v} for k, v in said.items()}}
    return _unmangled(parts) if said else item  # type: ignore[return-value]


def _map_of(item: dict[str, object], name: str) -> dict[str, object]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def _unmangled(value: object) -> object:
    """UTF-8 that was written as if each byte were a character."""
    if isinstance(value, dict):
        return {_unmangled(k): _unmangled(v) for k, v in value.items()}
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return value


def _flat(record: dict[str, object], prefix: str = "") -> dict[str, str | None]:
    """Nested objects as dotted names, every value as text; lists as JSON."""
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, float) and not math.isfinite(value):
            flat[f"{prefix}{key}"] = None  # What pandas writes for nothing.
        elif value is None or isinstance(value, str):
            # A caption that was cut inside an emoji holds half of it.
            flat[f"{prefix}{key}"] = value and value.encode("utf-8", errors="replace").decode("utf-8")
        else:
            flat[f"{prefix}{key}"] = json.dumps(value, ensure_ascii=False)
    return flat
