"""Roles from values: what a column is where its name says nothing, in a language or a tool that nobody knows."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.dates import looks_like_times
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched
from postlens.core.data.vocabulary.synonyms import type_of
from postlens.core.data.vocabulary.tables import not_posts

_LOOK = 1_000
_ROUNDED = r"[eE]\+\d+$|\d0{3,}(?:\.0)?$"
LINK = r"(?i)^https?://(?:[\w-]+\.)*(?:instagram|facebook|fb|tiktok|youtube|youtu|twitter|x|linkedin|threads|pinterest|reddit|mastodon|bsky|vk|t)\.[a-z.]{2,10}/\S"
_ANY_LINK = r"(?i)^https?://\S+$"
_ID = r"^(?:\d{8,25}(?:_\d{5,25})?|[A-Za-z0-9_-]{11}|[0-9a-f]{8}-[0-9a-f-]{27}|t3_[a-z0-9]{5,8}|urn:li:\w+:\d+)$"


def with_value_roles(raw: RawTable, matched: Matched) -> Matched:
    """The columns with further roles: links of networks, ids, times, captions and types that no name told."""
    rows = raw.lazy.head(_LOOK).collect()
    free = {h: _words(rows, h) for h in matched.extra if h in rows.columns and h not in matched.contested}
    free = {h: text for h, text in free.items() if text.count() >= max(1, rows.height // 3)}
    found = dict(matched.roles)
    found = {r: h for r, h in found.items() if r not in {"text", "title"} or not _flags(_words(rows, h))}
    if "post_id" in found and _captions(
        _words(rows, found["post_id"])
    ):  # "Content" is an id to YouTube, a text to others.
        del found["post_id"]
        free |= {h: _words(rows, h) for h, r in matched.contested.items() if r == "post_id" and h in rows.columns}
    free |= {h: _words(rows, h) for r, h in matched.roles.items() if r not in found}
    if "url" not in found and (header := _post_links(rows, matched)):
        found = {r: h for r, h in found.items() if h != header} | {"url": header}
    for role, fits in (
        ("url", _links),
        ("post_id", _ids),
        ("published", looks_like_times),
        ("text", _captions),
        ("post_type", _types),
    ):
        if (
            role in found
            or (role == "published" and "published_date" in found)
            or (role == "text" and "title" in found)
        ):
            continue
        header = next((h for h in free if fits(free[h])), None)
        if header is not None:
            found[role] = header
            del free[header]
    taken = set(found.values())
    left = [h for h in matched.roles.values() if h not in taken]
    return replace(matched, roles=found, extra=(*(h for h in matched.extra if h not in taken), *left))


def _post_links(rows: pl.DataFrame, matched: Matched) -> str | None:
    """Of columns with some link, the one with a network's link in most rows: the post's own."""
    claiming = [matched.roles.get("link"), *(h for h, r in matched.contested.items() if r == "link")]
    words = {h: _words(rows, h) for h in claiming if h in rows.columns}
    own = [h for h, text in words.items() if h is not None and _of_a_network(text)]
    return max(own, key=lambda h: words[h].count(), default=None)


def better_type(raw: RawTable, matched: Matched) -> Matched:
    """Of several columns that claim the type, the one whose words are types; one that never varies gives way."""
    claiming = [h for h, r in matched.contested.items() if r == "post_type"]
    if "post_type" not in matched.roles or not claiming:
        return matched
    rows = raw.lazy.head(_LOOK).collect()

    def worth(header: str) -> tuple[float, bool]:
        text = _words(rows, header)
        known = pl.Series([type_of(v) is not None for v in text.unique()], dtype=pl.Boolean).mean() or 0.0
        return float(known), text.n_unique() > 1  # type: ignore[arg-type]

    now = matched.roles["post_type"]
    best = max([now, *claiming], key=worth)
    if best == now:
        return matched
    contested = {h: r for h, r in matched.contested.items() if h != best} | {now: "post_type"}
    extra = tuple(now if h == best else h for h in matched.extra)
    return replace(matched, roles={**matched.roles, "post_type": best}, contested=contested, extra=extra)


def shared(raw: RawTable, matched: Matched, role: str) -> bool:
    """Whether ids or links are not the posts' own: posts of different times have the same one."""
    header, when = matched.roles.get(role), matched.roles.get("published")
    if header is None or when is None:
        return False
    rows = raw.lazy.select(id=header, when=when).head(_LOOK).drop_nulls().collect()
    rows = rows.filter(~pl.col("id").str.contains(_ROUNDED))  # Those are another matter, and said as such.
    repeated = rows.group_by("id").agg(n=pl.len(), times=pl.col("when").n_unique()).filter(pl.col("n") > 1)
    return repeated.height > 0 and bool((repeated["times"] > 1).mean() > 0.5)  # type: ignore[operator]


def without(matched: Matched, role: str) -> Matched:
    """The roles without one."""
    header = matched.roles[role]
    roles = {r: h for r, h in matched.roles.items() if r != role}
    return replace(matched, roles=roles, contested={**matched.contested, header: role}, extra=(*matched.extra, header))


def looks_headless(raw: RawTable) -> bool:
    """Whether the first row is a post, not names: numbers and dates stand where names should."""
    names = [h for h in raw.headers if h.strip() and not h.startswith("column ")]
    if len(names) < 4:
        return False
    values = sum(bool(pl.Series([h.split(" (")[0]]).str.contains(r"^[-+]?\d[\d.,:/\s-]*$")[0]) for h in names)
    return values >= 0.5 * len(names)


def _words(rows: pl.DataFrame, header: str) -> pl.Series:
    text = rows[header].cast(pl.String).str.strip_chars()
    return text.set(text == "", None).drop_nulls()


def _share(text: pl.Series, pattern: str) -> float:
    return float(text.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]


def _of_a_network(text: pl.Series) -> bool:
    return text.count() > 0 and _share(text, LINK) > 0.8 and text.n_unique() > 0.9 * text.count()


def _links(text: pl.Series) -> bool:
    return _share(text, LINK) > 0.8 or (_share(text, _ANY_LINK) > 0.9 and text.n_unique() > 0.9 * text.count() > 4)


def _ids(text: pl.Series) -> bool:
    bare = text.str.replace(r'^="?(.*?)"?$', "$1").str.strip_prefix("'")
    return text.count() >= 2 and _share(bare, _ID) > 0.95 and text.n_unique() >= 0.95 * text.count()


def _captions(text: pl.Series) -> bool:
    if text.n_unique() < 0.6 * text.count():
        return False
    spaced = _share(text, r"\S+\s+\S+\s+\S+|[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{5,}")
    return spaced > 0.5 and float(text.str.len_chars().mean() or 0) >= 15 and _share(text, _ANY_LINK) < 0.5  # type: ignore[arg-type]


def _types(text: pl.Series) -> bool:
    values = text.unique()
    return 1 < len(values) <= 15 and all(type_of(v) is not None for v in values)


def flag(text: pl.Series) -> bool:
    """Only 0 and 1: a flag, not a metric."""
    return text.count() > 0 and set(text.str.strip_chars().unique().drop_nulls().head(5)) <= {"0", "1", "0.0", "1.0"}


def _flags(text: pl.Series) -> bool:
    """A column of flags, not some captions that happen to be a digit."""
    return text.count() >= 5 and flag(text)


def part_of_time(values: pl.Series, header: str) -> bool:
    """A year, month, weekday or hour: a group of posts, not a metric."""
    words = set(normal(header).replace(".", " ").split())
    named = words & {
        "year",
        "month",
        "weekday",
        "hour",
        "day",
        "mes",
        "hora",
        "jahr",
        "monat",
        "stunde",
        "tahun",
        "bulan",
        "jam",
        "ano",
        "week",
        "time",
    }
    known = values.drop_nulls()
    if not len(known):
        return False
    low, high = float(known.min() or 0), float(known.max() or 0)  # type: ignore[arg-type]
    whole = bool((known == known.round()).all())
    years = whole and low >= 1990 and high <= 2100 and known.n_unique() <= 40
    return years or (bool(named) and whole and low >= 0 and high <= 60)


def number_of_something(text: pl.Series) -> bool:
    """Ids and phone numbers: long numbers, nearly all different."""
    if text.count() < 3 or text.n_unique() < 0.9 * text.count():
        return False
    return _share(text, r"^\+?\d{9,25}$") > 0.9 and float(text.str.len_chars().std() or 0) < 1.5  # type: ignore[arg-type]


def said_elsewhere(header: str) -> bool:
    """A name that other kinds of tables have: such a number is of the account or the audience, not of a post."""
    return bool(not_posts().get(normal(header), frozenset()) & {"follower"})
