"""Of several columns that claim one meaning, the one that has it by its values."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from postlens.core.contract.problems import fail
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.column_text import share_of, text_of
from postlens.core.data.vocabulary import telling_names
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, no_caption, role_of
from postlens.core.data.vocabulary.roles import roles as all_roles
from postlens.core.data.vocabulary.synonyms import type_of

_LOOK = 1_000


def better_filled(rows: pl.DataFrame, matched: Matched) -> Matched:
    """Of several columns of one meaning, the one that says something in most rows, where the first hardly does."""
    roles, contested, extra = dict(matched.roles), dict(matched.contested), list(matched.extra)
    for header, role in matched.contested.items():
        first = roles.get(role)
        if first is None or not {first, header} <= set(rows.columns):
            continue
        if _says(rows, header, role) > _FULLER * max(_says(rows, first, role), 1):
            del contested[header]
            roles[role], contested[first] = header, role
            extra = [first if h == header else h for h in extra]
    return replace(matched, roles=roles, contested=contested, extra=tuple(extra))


_FULLER = 4


def _says(rows: pl.DataFrame, header: str, role: str) -> int:
    """How many values a column has, of a number those with digits alone: `comments` may hold texts beside `comments_num`."""
    text = text_of(rows, header)
    if not all_roles()[role].numeric:
        return text.count()
    return int(text.str.contains(r"^[-+]?\d").sum() or 0)


def complementary(raw: RawTable, matched: Matched) -> tuple[RawTable, Matched, dict[str, str]]:
    """Columns of one meaning that are filled in different rows, as one; with which column went into which."""
    into: dict[str, str] = {}
    for header, role in matched.contested.items():
        first = matched.roles.get(role, "")
        if not first or role in _ALONE:
            continue
        both = raw.lazy.select(first, header).collect()
        one, other = (both[h].cast(pl.String).str.strip_chars().replace("", None) for h in (first, header))
        if not one.count() or not other.count() or not bool((one.is_null() & other.is_not_null()).any()):
            continue
        if role == "text" and share_of(other, r"(?i)^(?:true|false|yes|no|[01])$") > _MOSTLY:
            continue  # To YouTube's interface a caption is a subtitle, and the column says whether there is one.
        if role != "text" and bool((one.is_not_null() & other.is_not_null()).any()):
            continue  # A title stands for the text that a post lacks; of two numbers neither stands for the other.
        into[header] = first
        filled = pl.coalesce(pl.col(first).cast(pl.String).str.strip_chars().replace("", None), pl.col(header))
        raw = replace(raw, lazy=raw.lazy.with_columns(filled.alias(first)))
    extra = tuple(h for h in matched.extra if h not in into)
    contested = {h: r for h, r in matched.contested.items() if h not in into}
    return raw, replace(matched, extra=extra, contested=contested), into


_MOSTLY = 0.9
_ALONE = frozenset({"published", "published_date", "published_time", "post_id", "account_id"})


_AFTERWARDS = re.compile(
    r"updat|modif|retriev|export|import|crawl|scrap|snapshot|fetch|collect|captur|geandert|aktualisiert|abgerufen|mis a jour|recuper|actualiz|download|\bfirst ?seen\b|\bseen at\b|\binserted\b|\bindexed\b|\bingest|"
    r"\bas of\b|\bstand\b|\blast\b|^(?:metrics?|report|liked|saved|watched|viewed|bookmarked|followed) (?:date|at|on|time)\b|"
    r"^date (?:added|liked|saved|watched|of report)\b|^added (?:at|on|date)\b"
)


def beside(role: str, header: str, text: pl.Series) -> bool:
    """Whether a column is about something beside the post: when it was fetched or changed, what its picture shows."""
    if role == "published":
        return _AFTERWARDS.search(normal(header)) is not None or _same(text)
    if role == "url":
        return (telling_names.OF_ACCOUNT.search(normal(header)) or _PICTURE.search(normal(header))) is not None
    if role == "post_id":
        return _MOMENT.search(normal(header)) is not None or share_of(text, MILLISECONDS) > _MOSTLY
    told = no_caption(header) or telling_names.BESIDE_CAPTION.search(normal(header)) is not None
    return role == "text" and (
        told or share_of(text, r"(?i)^\s*(?:[\[{].*[\]}]|<(?:\?xml|!doctype|html|mpd)\b.*)\s*$") > _SOME
    )


_PICTURE = re.compile(
    r"\b(?:cover|avatar|thumbnails?|thumb|images?|pictures?|icon|poster|(?:play|download) ?addr\w*)\b"
)
_MOMENT = re.compile(r"\b(?:ts|time|timestamp|date|datetime|at|on|utc|unix|epoch)\b")
MILLISECONDS = r"^1[0-9]{12}$"  # Since 1970: of 2001 to 2033.
_SOME = 0.2  # Of the values, before a column is one of lists and objects.


def _same(text: pl.Series) -> bool:
    """One moment in every row: that of the export."""
    return text.count() >= 5 and text.n_unique() == 1


def better_type(raw: RawTable, matched: Matched) -> Matched:
    """Of several columns that claim the type, the one whose words are types; one that never varies gives way."""
    claiming = [h for h, r in matched.contested.items() if r == "post_type"]
    claiming += [h for h in matched.extra if h not in matched.none and h not in claiming and role_of(h) == "post_type"]
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


def without_sums(raw: RawTable, matched: Matched) -> tuple[Matched, str]:
    """The roles without reactions that are likes, comments and shares together; with a sentence that says so, or none.

    Tools call all interactions "Reactions": beside comments and shares of their own, these would count twice.
    """
    parts = [matched.roles[r] for r in ("react_like", "comments", "shares") if r in matched.roles]
    header = matched.roles.get("reactions", "")
    if not header or "react_like" not in matched.roles or len(parts) < _TWO:
        return matched, ""
    rows = raw.lazy.select(pl.col([header, *parts]).str.replace_all(r"[\s,.]", "").cast(pl.Int64, strict=False))
    known = rows.collect().drop_nulls([header, parts[0]])
    for used in [parts, parts[:_TWO], [parts[0], parts[-1]]]:
        more = known.filter(pl.sum_horizontal(used[1:]) > 0)
        total = more.select(pl.sum_horizontal(used)).to_series()
        exact = int((more[header] == total).sum())
        # Tools add what no column has, too, such as quotes: then it is more in many rows, and less in none.
        at_least = len(used) > _TWO and exact >= _OFTEN * more.height and bool((more[header] >= total).all())
        if more.height < _FEW_SUMS or (exact < _NEARLY * more.height and not at_least):
            continue
        named = " and ".join(f'"{h}"' for h in used)
        said = f'"{header}" is {named} together, so it is not taken as reactions: comments would count twice.'
        roles = {r: h for r, h in matched.roles.items() if r != "reactions"}
        if exact >= _NEARLY * more.height and (kinds := _kinds_within(raw, matched)):
            roles = {r: h for r, h in roles.items() if r != "react_like"} | {"reactions": parts[0]}
            said += f' "{parts[0]}" has all reactions, {kinds} among them.'
        return replace(matched, roles=roles, extra=(*matched.extra, header)), said
    return matched, ""


_TWO, _FEW_SUMS, _NEARLY, _OFTEN = 2, 5, 0.95, 0.2


def _kinds_within(raw: RawTable, matched: Matched) -> str:
    """The kinds of reactions that the likes must hold, for the total of a post knows of no others; empty where there are none."""
    kinds = [h for r, h in matched.roles.items() if r.startswith("react_") and r not in {"react_like", "react_dislike"}]
    if not kinds:
        return ""
    likes = matched.roles["react_like"]
    rows = raw.lazy.select(
        pl.col([likes, *kinds]).str.replace_all(r"[\s,.]", "").cast(pl.Int64, strict=False)
    ).collect()
    sums = rows.select(pl.sum_horizontal(kinds)).to_series()
    within = bool((sums <= rows[likes]).fill_null(True).all()) and int((sums > 0).sum()) >= _FEW_SUMS
    return ", ".join(f'"{h}"' for h in kinds[:6]) if within else ""


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
