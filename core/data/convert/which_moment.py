"""Of several moments that a table has of each post, the one of publishing: by names, by ids that hold it, by the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from postlens.core.contract.problems import PostlensError
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert import links
from postlens.core.data.convert.column_text import share_of, text_of
from postlens.core.data.convert.contested_columns import beside
from postlens.core.data.convert.date_text import DIGITS_OF_A_CLOCK, TIME_OF_DAY
from postlens.core.data.convert.dates import looks_like_times, read_times
from postlens.core.data.convert.id_clocks import hold
from postlens.core.data.vocabulary import telling_names
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched

_LOOK = 1_000


def better_time(raw: RawTable, matched: Matched) -> Matched:
    """The time of publishing from another column where the one by its name is that of the export or of a change.

    That a post was made, planned or changed then gives way to a column that says when it was published.
    """
    now = matched.roles.get("published") or matched.roles.get("published_date")
    rows = raw.lazy.head(_LOOK).collect()
    if now is None:
        return matched
    finer = next((h for h, r in matched.contested.items() if r == "published" and _finer(rows, now, h)), None)
    if finer is not None:
        contested = {h: r for h, r in matched.contested.items() if h != finer} | {now: "published"}
        extra = (*(h for h in matched.extra if h != finer), now)
        return replace(matched, roles={**matched.roles, "published": finer}, extra=extra, contested=contested)
    afterwards = (
        beside("published", now, text_of(rows, now))
        or share_of(text_of(rows, now), rf"{TIME_OF_DAY}|{DIGITS_OF_A_CLOCK}|^\d{{1,2}}$") > 0.9
    )
    if not afterwards and not _of_another_moment(now) and not _is_local(now):
        return matched
    told = [h for h, r in matched.contested.items() if r in {"published", "published_date"}]
    told += [h for r, h in matched.roles.items() if r == "published_date"]
    others = [h for h in (*told, *matched.extra) if h in rows.columns and h != now and h not in matched.none]
    if not afterwards:
        others = [h for h in others if (_in_utc(h) if _is_local(now) else _says_published(h))]
    words = {h: text_of(rows, h) for h in others}
    times = [h for h in others if looks_like_times(words[h]) and not beside("published", h, words[h])]
    best = next(iter(sorted(times, key=_of_another_moment)), None)
    if best is None:
        return matched
    found = {r: h for r, h in matched.roles.items() if h != best} | {"published": best}
    extra = (*(h for h in matched.extra if h != best), now)
    return replace(
        matched, roles=found, extra=extra, contested={h: r for h, r in matched.contested.items() if h != best}
    )


def _finer(rows: pl.DataFrame, now: str, header: str) -> bool:
    """Whether another column has the same days as the one taken, which are days alone, and the time of day beside."""
    if not {now, header} <= set(rows.columns):
        return False
    both = rows.select(pl.col(now, header).cast(pl.String).str.strip_chars().replace("", None)).rows()
    known = [(day, moment) for day, moment in both if day is not None]
    return bool(known) and all(
        moment is not None and _DAY.fullmatch(day) and _MOMENT.match(moment) and moment.startswith(day)
        for day, moment in known
    )


_DAY, _MOMENT = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r".{10}[T ]\d\d:\d\d")


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


def by_evidence(raw: RawTable, matched: Matched) -> Matched:
    """The time of publishing from another column where values show that the one by its name is another moment.

    Ids of networks hold when a post was made: a column that agrees with them is before one that does not. A moment that is nearly
    the same for all posts, and later than another, is that of collecting them. Seconds since 1970 have a clock, which the same
    moment in figures lacks.
    """
    now = matched.roles.get("published")
    if now is None:
        return matched
    rows = raw.lazy.head(_LOOK).collect()
    claiming = [h for h, r in matched.contested.items() if r in {"published", "published_date"}]
    others = [h for h in (*claiming, *matched.extra) if h in rows.columns and h not in matched.none]
    texts = {h: text_of(rows, h) for h in dict.fromkeys(others)}
    timed = [h for h, text in texts.items() if _may_be_moments(h, text) and not beside("published", h, text)]
    told = {h: _read(rows[h].cast(pl.String)) for h in (now, *timed[:_MOST])}
    rest = [h for h in told if h != now and told[h]]
    if not told[now] or not rest:
        return matched
    ids = _ids(rows, matched)
    twins = [h for h in rest if _twin(rows, now, h, told)]
    # What is called the publication is it: planned posts have ids, and were made, long before it.
    sure = _says_published(now)
    by_ids = [] if sure or _agree(ids, told[now]) else [h for h in rest if _agree(ids, told[h])]
    earlier = [] if sure else [h for h in rest if h in claiming and _collected(told[now][0], told[h][0])]
    best = next(iter([*by_ids, *twins, *earlier]), None)
    return matched if best is None else _taken(matched, now, best)


def _may_be_moments(header: str, text: pl.Series) -> bool:
    named = _WHEN.search(normal(header)) is not None
    return looks_like_times(text) or (named and text.count() > 0 and share_of(text, _SECONDS) == 1)


_SECONDS = r"^\d{10}(?:\.\d+)?$|^\d{13}$"  # Since 1970, or milliseconds.
_WHEN = re.compile(r"time|date|publi|posted|creat|taken|\bts\b|unix|epoch")
_MOST = 6  # Columns of times looked at.


def _taken(matched: Matched, now: str, best: str) -> Matched:
    contested = {h: r for h, r in matched.contested.items() if h != best} | {now: "published"}
    extra = (*(h for h in matched.extra if h != best), now)
    own = {r: h for r, h in matched.roles.items() if h != best} | {"published": best}
    return replace(matched, roles=own, extra=extra, contested=contested)


def _read(text: pl.Series) -> list[pl.Series]:
    """Times in UTC in each way that they can be read; empty where they cannot."""
    try:
        return [read_times(text.str.strip_chars(), order=order).values for order in ("mdy", "dmy")]
    except PostlensError:  # Its question comes when the column is converted.
        return []


def _ids(rows: pl.DataFrame, matched: Matched) -> list[pl.Series]:
    """The ids by their column, and those in the links."""
    found = []
    if matched.roles.get("post_id") in rows.columns:
        found.append(rows[matched.roles["post_id"]].cast(pl.String).str.strip_chars())
    if matched.roles.get("url") in rows.columns:
        link = pl.col(matched.roles["url"]).cast(pl.String).str.strip_chars()
        found.append(rows.select(pl.coalesce(links.id_of(link), links.code_of(link)).alias("id")).to_series())
    return found


def _agree(ids: Sequence[pl.Series], told: Sequence[pl.Series]) -> bool:
    return any(hold(one, way) for one in ids for way in told)


def _collected(now: pl.Series, other: pl.Series) -> bool:
    """Whether moments are those of collecting posts made at others: later than each, and all within a small part of their span."""
    both = pl.DataFrame({"now": now, "other": other}).drop_nulls()
    if both.height < _FEW:
        return False
    spans = [(both[c].max() - both[c].min()).total_seconds() for c in ("now", "other")]  # type: ignore[operator, union-attr]
    later = float((both["now"] >= both["other"]).mean() or 0.0)  # type: ignore[arg-type]
    return later > _NEARLY and spans[1] > _A_WEEK and spans[0] < _SMALL * spans[1]


def _twin(rows: pl.DataFrame, now: str, header: str, told: dict[str, list[pl.Series]]) -> bool:
    """Whether a column has the same moments in seconds since 1970, by a clock some quarters of an hour away."""
    if share_of(text_of(rows, header), _SECONDS) < 1 or share_of(text_of(rows, now), r"\d:\d\d(?::\d\d)?$") < 1:
        return False
    away = (told[now][0] - told[header][0]).dt.total_seconds().drop_nulls()
    clocks = away.filter((away % _QUARTER == 0) & (away.abs() <= _HALF_A_DAY))
    return (
        len(away) >= _FEW
        and len(clocks) > _NEARLY * len(away)
        and clocks.n_unique() <= _TWO
        and bool((clocks != 0).any())
    )


_FEW, _TWO, _NEARLY, _SMALL = 5, 2, 0.98, 0.1
_A_WEEK, _QUARTER, _HALF_A_DAY = 7 * 86_400, 900, 14 * 3_600  # Seconds.
