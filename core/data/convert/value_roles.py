"""Roles from values: what a column is where its name says nothing, in a language or a tool that nobody knows."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.column_text import (
    ANY_LINK,
    LINK,
    are_links,
    are_media,
    of_a_network,
    of_accounts,
    share_of,
    text_of,
)
from postlens.core.data.convert.contested_columns import MILLISECONDS, beside, better_filled
from postlens.core.data.convert.dates import looks_like_times
from postlens.core.data.convert.ids import PERHAPS_ROUNDED, unquoted
from postlens.core.data.convert.languages import are_languages
from postlens.core.data.convert.names_of_numbers import flag
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, of_another
from postlens.core.data.vocabulary.synonyms import type_of
from postlens.core.data.vocabulary.telling_names import POSTS

_LOOK = 1_000


_ID = r"^(?:\d{8,25}(?:_\d{5,25})?|[A-Za-z0-9_-]{11}|[0-9a-f]{8}-[0-9a-f-]{27}|t3_[a-z0-9]{5,8}|urn:li:\w+:\d+|[0-9a-f]{24}|av\d{6,12}|BV[0-9A-Za-z]{10}|at://did:[\w:.%-]+/[\w.]+/\w+)$"


def with_value_roles(raw: RawTable, matched: Matched) -> Matched:
    """The columns with further roles: links of networks, ids, times, captions and types that no name told."""
    rows = raw.lazy.head(_LOOK).collect()
    matched = better_filled(rows, matched)
    kept = matched.contested.keys() | matched.none
    free = {h: text_of(rows, h) for h in matched.extra if h in rows.columns and h not in kept}
    free = {h: text for h, text in free.items() if text.count() >= max(1, rows.height // 3)}
    found = _believed(rows, matched, free)
    for role, fits in (
        ("url", are_links),
        ("post_id", _ids),
        ("published", looks_like_times),
        ("text", _captions),
        ("post_type", _types),
    ):
        if role in found or _INSTEAD.get(role) in found:
            continue
        fitting = [h for h in free if fits(free[h]) and not beside(role, h, free[h]) and not of_another(h, role)]
        if role == "url" and "post_id" in found:
            fitting = [h for h in fitting if not _in_few_rows(free[h], rows.height)]
        if role == "url":  # A network's before any other, and each post's own before one of many.
            fitting.sort(key=lambda h: (-share_of(free[h], LINK), -free[h].n_unique()))
        if fitting:
            found[role] = fitting[0]
            del free[fitting[0]]
    for role in ("text", "title"):  # An empty one gives way to another, and to no other.
        if role not in found and (empty := matched.roles.get(role)) is not None and not text_of(rows, empty).count():
            found[role] = empty
    taken = set(found.values())
    left = [h for h in matched.roles.values() if h not in taken]
    return replace(matched, roles=found, extra=(*(h for h in matched.extra if h not in taken), *left))


_INSTEAD = {"published": "published_date", "text": "title"}


def _believed(rows: pl.DataFrame, matched: Matched, free: dict[str, pl.Series]) -> dict[str, str]:
    """The roles by name that the values do not refute; columns that lose theirs are added to the free ones."""
    texts = {h: text_of(rows, h) for r, h in matched.roles.items() if r in {"text", "title"}}
    silent = {h for h, text in texts.items() if _no_words(text) or (not text.count() and rows.height >= _FEW_FLAGS)}
    found = {r: h for r, h in matched.roles.items() if h not in silent}
    if "url" in found and "post_id" in found and _in_few_rows(text_of(rows, found["url"]), rows.height):
        del found["url"]
    found = {r: h for r, h in found.items() if r not in _NAMES or not _objects(text_of(rows, h))}
    if "language" in found and not are_languages(text_of(rows, found["language"])):
        del found["language"]
    if "follows" in found and _whole_audience(text_of(rows, found["follows"])):
        del found["follows"]
    now = text_of(rows, found["post_id"]) if "post_id" in found else None
    if now is not None and (
        _titles(now) or _groups(now) or _no_ids(found["post_id"], now)
    ):  # "Content" is an id to YouTube, a text or a type to others.
        header = found.pop("post_id")
        if _titles(now) and not beside("text", header, now):
            found.setdefault("text", header)
        claiming = _claiming(rows, matched, "post_id")
        free |= claiming
        own = [h for h in claiming if _ids(claiming[h])]
        found |= {"post_id": own[0]} if own else {}
    free |= {h: text_of(rows, h) for h in matched.roles.values() if h not in found.values()}
    ids = _claiming(rows, matched, "post_id")
    spaced = [h for h, text in ids.items() if h not in free and "text" not in found and _spaced(text)]
    found |= {"text": spaced[0]} if spaced else {}
    if "url" in found:
        _replace_false_link(rows, matched, found, free)
    for role in ("text", "title"):  # "Post" may be its link.
        if role in found and are_links(text_of(rows, found[role])):
            linked = found.pop(role)
            free |= _claiming(rows, matched, role)
            found.setdefault("url", linked)
    if "url" not in found and (linking := _post_links(rows, matched)):
        found = {r: h for r, h in found.items() if h != linking} | {"url": linking}
    return found


def _replace_false_link(
    rows: pl.DataFrame, matched: Matched, found: dict[str, str], free: dict[str, pl.Series]
) -> None:
    """Pictures, and where the account is, are no links of posts."""
    text = text_of(rows, found["url"])
    if are_media(text):
        free |= _claiming(rows, matched, "url")
        del found["url"]
    elif text.n_unique() == 1 < rows.height:
        single = next((h for h, other in free.items() if of_a_network(other) and not are_media(other)), "")
        found |= {"url": single} if single else {}
    elif of_accounts(text):
        del found["url"]


def _no_ids(header: str, text: pl.Series) -> bool:
    """Moments in milliseconds, or how many posts somebody has: `videos`."""
    counted = POSTS.search(normal(header)) is not None and share_of(text, r"^[\d.,]{1,9}$") > _NEARLY_ALL
    return counted or share_of(text, MILLISECONDS) > _NEARLY_ALL


_NEARLY_ALL = 0.95
_NAMES = frozenset({"account_name", "account_id"})


def _objects(text: pl.Series) -> bool:
    """Lists and objects in cells, as scripts write them."""
    return share_of(text, r"^\s*[\[{].*[\]}]\s*$") > _SHARE


def _claiming(rows: pl.DataFrame, matched: Matched, role: str) -> dict[str, pl.Series]:
    """The columns that claimed a role and lost it to another."""
    return {h: text_of(rows, h) for h, r in matched.contested.items() if r == role and h in rows.columns}


def _post_links(rows: pl.DataFrame, matched: Matched) -> str | None:
    """Of columns with some link, the one with a network's link in most rows: the post's own."""
    claiming = [matched.roles.get("link"), *(h for h, r in matched.contested.items() if r == "link")]
    words = {h: text_of(rows, h) for h in claiming if h in rows.columns}
    few = rows.height if "post_id" in matched.roles else 0
    own = [h for h, text in words.items() if h is not None and of_a_network(text) and not _in_few_rows(text, few)]
    return max(own, key=lambda h: words[h].count(), default=None)


def _ids(text: pl.Series) -> bool:
    bare = unquoted(text)
    if share_of(bare, r"^at://\S+/app\.bsky\.feed\.post/\w+$") > _NEARLY_ALL:
        return True  # Nothing else looks so; some posts stand there twice.
    return text.count() >= 2 and share_of(bare, _ID) > 0.95 and text.n_unique() >= 0.95 * text.count()


def _titles(text: pl.Series) -> bool:
    """Words, which no id has: most have a space between letters."""
    return _captions(text) or (text.count() > 1 and share_of(text, r"\p{L}\s+\S|\S\s+\p{L}|\p{L}:?\s+\d") > 0.5)


def _groups(text: pl.Series) -> bool:
    """A few short words or flags again and again, which are no ids."""
    if share_of(text, PERHAPS_ROUNDED) >= _SHARE:
        return False  # What a spreadsheet left of ids is said as such.
    return text.count() >= _FEW_FLAGS and text.n_unique() <= max(2, 0.1 * text.count()) and share_of(text, _ID) < _SHARE


_SHARE = 0.5


def _spaced(text: pl.Series) -> bool:
    return share_of(text, r"\S\s+\S|[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{5,}") > 0.5 and not are_links(text)


def _captions(text: pl.Series) -> bool:
    if text.n_unique() < 0.6 * text.count():
        return False
    spaced = share_of(text, r"\S+\s+\S+\s+\S+|[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{5,}")
    written = text.str.len_chars() + 2 * text.str.count_matches(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
    return spaced > 0.5 and float(written.mean() or 0) >= 15 and share_of(text, ANY_LINK) < 0.5  # type: ignore[arg-type]


def _types(text: pl.Series) -> bool:
    values = text.unique()
    short = all(len(v or "") <= _LONGEST_TYPE for v in values)
    return 1 < len(values) <= 15 and short and all(type_of(v) is not None for v in values)


_LONGEST_TYPE = 25


def _whole_audience(text: pl.Series) -> bool:
    """Numbers that hardly change from post to post are all followers of the account, not those a post gained."""
    numbers = text.str.replace_all(r"[.,\s\u00a0\u202f'\u2019]", "").cast(pl.Int64, strict=False).drop_nulls()
    if len(numbers) < 5:
        return False
    low, high = int(numbers.min() or 0), int(numbers.max() or 0)  # type: ignore[arg-type]
    return low >= 200 and high - low <= 0.3 * low


def _in_few_rows(links: pl.Series, rows: int) -> bool:
    """Links that some posts have within their text: each post has one of its own."""
    return rows >= _ROWS_THAT_TELL and links.count() < 0.1 * rows


_ROWS_THAT_TELL = 20


def _no_words(text: pl.Series) -> bool:
    """Flags, or numbers such as the length of a caption: no caption and no title."""
    return _flags(text) or (text.count() >= _FEW_FLAGS and share_of(text, r"^-?\d[\d.,]*$") > 0.95)


def _flags(text: pl.Series) -> bool:
    """A column of flags, not some captions that happen to be a digit."""
    if text.count() < _FEW_FLAGS:
        return False
    words = set(text.str.to_lowercase().unique().drop_nulls().to_list())
    return flag(text) or words <= _YES_OR_NO


_FEW_FLAGS = 5
_YES_OR_NO = frozenset({"true", "false", "yes", "no", "y", "n", "0", "1", "ja", "nein", "si", "oui", "non", "none"})
