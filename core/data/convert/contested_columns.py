"""Of several columns that claim one meaning, the one that has it by its values."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from postlens.core.contract.problems import fail
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.column_text import share_of, text_of
from postlens.core.data.convert.date_text import TIME_OF_DAY
from postlens.core.data.convert.dates import looks_like_times
from postlens.core.data.vocabulary import telling_names
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, no_caption
from postlens.core.data.vocabulary.synonyms import type_of

_LOOK = 1_000


def better_filled(rows: pl.DataFrame, matched: Matched) -> Matched:
    """Of several columns of one meaning, the one that says something in most rows, where the first hardly does."""
    roles, contested, extra = dict(matched.roles), dict(matched.contested), list(matched.extra)
    for header, role in matched.contested.items():
        first = roles.get(role)
        if first is None or not {first, header} <= set(rows.columns):
            continue
        if text_of(rows, header).count() > _FULLER * max(text_of(rows, first).count(), 1):
            del contested[header]
            roles[role], contested[first] = header, role
            extra = [first if h == header else h for h in extra]
    return replace(matched, roles=roles, contested=contested, extra=tuple(extra))


_FULLER = 4


def complementary(raw: RawTable, matched: Matched) -> tuple[RawTable, Matched, dict[str, str]]:
    """Columns of one meaning that are filled in different rows, as one; with which column went into which."""
    into: dict[str, str] = {}
    for header, role in matched.contested.items():
        first = matched.roles.get(role, "")
        if not first or role in _ALONE:
            continue
        both = raw.lazy.select(first, header).collect()
        one, other = (both[h].cast(pl.String).str.strip_chars().replace("", None) for h in (first, header))
        if not one.count() or not other.count() or bool((one.is_not_null() & other.is_not_null()).any()):
            continue
        into[header] = first
        filled = pl.coalesce(pl.col(first).cast(pl.String).str.strip_chars().replace("", None), pl.col(header))
        raw = replace(raw, lazy=raw.lazy.with_columns(filled.alias(first)))
    extra = tuple(h for h in matched.extra if h not in into)
    contested = {h: r for h, r in matched.contested.items() if h not in into}
    return raw, replace(matched, extra=extra, contested=contested), into


_ALONE = frozenset({"published", "published_date", "published_time", "post_id", "account_id"})


_AFTERWARDS = re.compile(
    r"updat|modif|retriev|export|import|crawl|scrap|snapshot|fetch|collect|captur|geandert|aktualisiert|abgerufen|mis a jour|recuper|actualiz|download|"
    r"\bas of\b|\bstand\b|\blast\b"
)


def beside(role: str, header: str, text: pl.Series) -> bool:
    """Whether a column is about something beside the post: when it was fetched or changed, what its picture shows."""
    if role == "published":
        return _AFTERWARDS.search(normal(header)) is not None or _same(text)
    return role == "text" and no_caption(header)


def _same(text: pl.Series) -> bool:
    """One moment in every row: that of the export."""
    return text.count() >= 5 and text.n_unique() == 1


def better_time(raw: RawTable, matched: Matched) -> Matched:
    """The time of publishing from another column where the one by its name is that of the export or of a change.

    That a post was made, planned or changed then gives way to a column that says when it was published.
    """
    now = matched.roles.get("published") or matched.roles.get("published_date")
    rows = raw.lazy.head(_LOOK).collect()
    if now is None:
        return matched
    afterwards = beside("published", now, text_of(rows, now)) or share_of(text_of(rows, now), TIME_OF_DAY) > 0.9
    if not afterwards and not _of_another_moment(now) and not _is_local(now):
        return matched
    told = [h for h, r in matched.contested.items() if r in {"published", "published_date"}]
    told += [h for r, h in matched.roles.items() if r == "published_date"]
    others = [h for h in (*told, *matched.extra) if h in rows.columns and h != now and h not in matched.none]
    words = {h: text_of(rows, h) for h in others}
    times = [h for h in others if looks_like_times(words[h]) and not beside("published", h, words[h])]
    if not afterwards:
        times = [h for h in times if (_in_utc(h) if _is_local(now) else _says_published(h))]
    best = next(iter(sorted(times, key=_of_another_moment)), None)
    if best is None:
        return matched
    found = {r: h for r, h in matched.roles.items() if h != best} | {"published": best}
    extra = (*(h for h in matched.extra if h != best), now)
    return replace(
        matched, roles=found, extra=extra, contested={h: r for h, r in matched.contested.items() if h != best}
    )


def _of_another_moment(header: str) -> bool:
    return telling_names.OTHER_MOMENT.search(normal(header)) is not None and not _says_published(header)


def _says_published(header: str) -> bool:
    plain = normal(header)
    return telling_names.PUBLICATION.search(plain) is not None and telling_names.OTHER_MOMENT.search(plain) is None


def _is_local(header: str) -> bool:
    """Whether a name says that its clock is that of some place, without saying which."""
    return re.search(r"\blocal\b", normal(header)) is not None


def _in_utc(header: str) -> bool:
    return re.search(r"\b(?:utc|gmt)\b", normal(header)) is not None


def better_type(raw: RawTable, matched: Matched) -> Matched:
    """Of several columns that claim the type, the one whose words are types; one that never varies gives way."""
    claiming = [h for h, r in matched.contested.items() if r == "post_type"]
    if "post_type" not in matched.roles or not claiming:
        return matched
    rows = raw.lazy.head(_LOOK).collect()

    def worth(header: str) -> tuple[float, bool]:
        text = text_of(rows, header)
        known = pl.Series([type_of(v) is not None for v in text.unique()], dtype=pl.Boolean).mean() or 0.0
        return float(known), text.n_unique() > 1  # type: ignore[arg-type]

    now = matched.roles["post_type"]
    best = max([now, *claiming], key=worth)
    if best == now:
        return matched
    contested = {h: r for h, r in matched.contested.items() if h != best} | {now: "post_type"}
    extra = tuple(now if h == best else h for h in matched.extra)
    return replace(matched, roles={**matched.roles, "post_type": best}, contested=contested, extra=extra)


def better_twin(raw: RawTable, matched: Matched, *, ask: bool) -> Matched:
    """Of two columns of one name, the one that holds something.

    Raises:
        PostlensError: both do, and differ, and somebody can be asked.
    """
    for header, role in matched.contested.items():
        first = matched.roles.get(role, "")
        if re.fullmatch(re.escape(first) + r" \(\d+\)", header) is None:
            continue
        rows = raw.lazy.select(first, header).collect()
        one, other = (rows[h].fill_null("").str.strip_chars() for h in (first, header))
        if _empty(other) or bool((one == other).all()):
            continue
        if not _empty(one):
            if not ask:
                continue
            letters = [raw.letters.get(h, "?") for h in (first, header)]
            at = (one != other).arg_max() or 0
            raise fail(
                f'Two columns of "{raw.name}" are called "{first}" and differ.',
                where=f"columns {' and '.join(letters)}",
                why=f'In one row "{one[at]}" and "{other[at]}".',
                hint=f'Rename or delete the one that is not meant, or say which: --map "{first}={role}" or --map "{header}={role}".',
                asks="columns",
            )
        contested = {h: r for h, r in matched.contested.items() if h != header} | {first: role}
        extra = tuple(first if h == header else h for h in matched.extra)
        matched = replace(matched, roles={**matched.roles, role: header}, contested=contested, extra=extra)
    return matched


def _empty(text: pl.Series) -> bool:
    """Nothing but blanks and zeros."""
    return bool(text.is_in(["", "0", "0.0", "-"]).all())
