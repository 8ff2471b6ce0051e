"""Whether ids and links are the posts' own, and what tells the several rows of a post apart."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.column_text import LINK, share_of, text_of
from postlens.core.data.convert.dates import looks_like_times
from postlens.core.data.convert.ids import PERHAPS_ROUNDED
from postlens.core.data.convert.links import id_of
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched

_FEW_ROWS = 3
_LOOK = 1_000


def shared(raw: RawTable, matched: Matched, role: str) -> bool:
    """Whether ids or links are not the posts' own: posts of different times, or with different captions, have the same one."""
    header, when = matched.roles.get(role), matched.roles.get("published")
    if header is None or when is None:
        return False
    caption = matched.roles.get("text") or matched.roles.get("title")
    words = pl.col(caption).fill_null("") if caption else pl.lit("")
    rows = raw.lazy.select(id=header, when=when, words=words).head(_LOOK).drop_nulls().collect()
    if role == "url" and rows["id"].n_unique() < rows.height and share_of(rows["id"], LINK) < 0.5:
        return True  # The page that posts lead to, not the posts.
    rows = rows.filter(~pl.col("id").str.contains(PERHAPS_ROUNDED))  # Those are another matter, and said as such.
    differ = (pl.col("when").n_unique() > 1) | (pl.col("words").n_unique() > 1)
    repeated = rows.group_by("id").agg(n=pl.len(), differ=differ).filter(pl.col("n") > 1)
    return repeated.height > 0 and bool(repeated["differ"].mean() > 0.5)  # type: ignore[operator]


def numbers_of_rows(raw: RawTable, matched: Matched) -> bool:
    """Whether the ids count the rows: 1, 2, 3 or post_1, post_2 in every table there is, which would make posts of two files one."""
    header = matched.roles.get("post_id")
    if header is None:
        return False
    text = pl.col(header).str.strip_chars()
    first = raw.lazy.select(text.str.extract(r"(\d+)$").cast(pl.Int64, strict=False)).head(_LOOK).collect().to_series()
    if bool((first > raw.height).any()):
        return False
    parts = text.str.extract_groups(r"^(\D*?)(\d{1,12})$").struct
    ids = raw.lazy.select(
        id=parts.field("2").cast(pl.Int64, strict=False), before=parts.field("1"), missing=text.is_null()
    ).collect(engine="streaming")
    known = ids["id"].drop_nulls()
    if ids["before"].drop_nulls().n_unique() > 1:
        return False
    if len(known) < _FEW_ROWS or len(known) < ids.height - int(ids["missing"].sum()):
        return False
    low, high = known.min(), known.max()
    return low in {0, 1} and high == low + len(known) - 1 and known.n_unique() == len(known)  # type: ignore[operator]


def beside_links(raw: RawTable, matched: Matched) -> bool:
    """Whether the ids are small numbers of somebody's own, while each post's link holds its network's id."""
    header, link = matched.roles.get("post_id"), matched.roles.get("url")
    if header is None or link is None:
        return False
    first = raw.lazy.select(
        id=pl.col(header).str.strip_chars(), own=id_of(pl.col(link).str.strip_chars()).alias("own")
    ).head(_LOOK)
    rows = first.drop_nulls("id").collect()
    small = share_of(rows["id"], r"^\d{1,6}(?:\.0)?$") == 1.0
    return rows.height >= _FEW_ROWS and small and rows["own"].count() > 0.9 * rows.height


def dimension(raw: RawTable, matched: Matched) -> str:
    """The column whose values tell apart the several rows that each post has; empty where each post has one row.

    An export by day, country or audience repeats each post; so does a tool that posts to several networks under one id.
    """
    key = matched.roles.get("post_id") or matched.roles.get("url")
    if key is None:
        return ""
    if share_of(raw.lazy.select(key).head(_LOOK).collect()[key].drop_nulls(), r"\d[eE]\+?\d+$") > _ROUNDED:
        return ""  # Different posts have the same; that is said when ids are read.
    rows = _with_several_rows(raw, key)
    if rows is None:
        return ""
    own = {matched.roles.get(r) for r in ("post_id", "url", "text", "title", "published", "source_row")}
    metrics = {h for r, h in matched.roles.items() if r not in {*_TELLS_APART, "published", "published_date"}}
    for header in raw.headers:
        if header in own or header in metrics or header not in rows.columns:
            continue
        told = rows.group_by(key).agg(_n=pl.len(), _k=pl.col(header).n_unique()).filter(pl.col("_n") > 1)
        few = rows[header].n_unique() <= 0.5 * rows.height or looks_like_times(text_of(rows, header))
        if few and bool((told["_n"] == told["_k"]).mean() > 0.9) and not _all_numbers(rows[header]):  # type: ignore[operator]
            return header
    return ""


def _with_several_rows(raw: RawTable, key: str) -> pl.DataFrame | None:
    """Rows of posts that have several, where most rows are of such posts; None where they are not. Rows may be sorted by post."""
    if raw.height < _FEW_ROWS * 2:
        return None
    if raw.height <= _WHOLE:
        looked_at = raw.lazy.select(key).collect().to_series()
    else:
        starts = (0, raw.height // 2, raw.height - _LOOK)
        looked_at = pl.concat([raw.lazy.select(key).slice(start, _LOOK).collect().to_series() for start in starts])
    looked_at = looked_at.drop_nulls()
    sizes = looked_at.value_counts(name="_n").filter(pl.col("_n") > 1)
    if sizes["_n"].sum() < 0.5 * max(len(looked_at), 1) or sizes.is_empty():
        return None
    some = sizes.sort(key)[key].gather_every(max(1, sizes.height // _POSTS)).head(_POSTS)
    of_these = raw.lazy.filter(pl.col(key).is_in(some.implode()))
    return of_these.filter(pl.int_range(pl.len()).over(key) < _ROWS_EACH).collect()


_ROUNDED = 0.5
_WHOLE = 200_000  # Rows; of larger tables three places are looked at.
_POSTS, _ROWS_EACH = 60, 40


def recorded_again(raw: RawTable, matched: Matched) -> str:
    """The column of times at which the same posts were recorded again and again; empty where each post has one row.

    The posts are the same where their captions are, the times are not, and no place tells the rows apart.
    """
    key = matched.roles.get("post_id") or matched.roles.get("url")
    captions = [matched.roles[r] for r in ("text", "title") if r in matched.roles]
    if key is None or not captions or any(r in matched.roles for r in ("platform", "client")):
        return ""
    rows = _with_several_rows(raw, key)
    if rows is None or rows[key].n_unique() < 2:
        return ""
    many = rows.group_by(key).agg(pl.len().alias("_n"), pl.all().n_unique()).filter(pl.col("_n") > 1)
    if (told := dimension(raw, matched)) and is_a_place(told, matched):
        return ""
    if not all(float((many[caption] == 1).mean() or 0.0) > _MOSTLY for caption in captions):  # type: ignore[arg-type]
        return ""
    timed = [h for h in raw.headers if h not in {key, *captions} and looks_like_times(text_of(rows, h))]
    return next((h for h in timed if float((many[h] > 1).mean() or 0.0) > _MOSTLY), "")  # type: ignore[arg-type]


_MOSTLY = 0.9  # Of the posts with several rows.


def refused_again(raw: RawTable, header: str) -> PostlensError:
    """Why a table that has the same posts at several times is refused: their numbers of different days are no posts."""
    return fail(
        f'"{raw.name}" has several rows for each post, one for each value of "{header}".',
        why="The posts are the same, only this time and the numbers differ.",
        hint=f'Export the posts without a breakdown by "{header}", or keep one row for each post, the newest.',
    )


def refused_parts(raw: RawTable, header: str) -> PostlensError:
    """Why a table with several rows for each post is refused."""
    return fail(
        f'"{raw.name}" has several rows for each post, one for each value of "{header}".',
        why="Parts of a post cannot be compared with whole posts, and reach of parts cannot be added up.",
        hint=f'Export the posts without a breakdown by "{header}", one row for each post.',
    )


_TELLS_APART = frozenset({"account_name", "account_id", "platform", "client"})


_PLACES = re.compile(r"destination|channel|network|profile|page|account|platform|kanal|canal|rede|compte|cuenta|konto")


def is_a_place(header: str, matched: Matched) -> bool:
    """Whether a column says where a post was published: the same text on two networks is two posts."""
    role = next((r for r, h in matched.roles.items() if h == header), "")
    return role in _TELLS_APART or _PLACES.search(normal(header)) is not None


def _all_numbers(text: pl.Series) -> bool:
    known = text.drop_nulls()
    return len(known) > 0 and share_of(known, r"^[-+]?[\d.,]+%?$") > 0.9


def without(matched: Matched, role: str) -> Matched:
    """The roles without one."""
    header = matched.roles[role]
    roles = {r: h for r, h in matched.roles.items() if r != role}
    return replace(matched, roles=roles, contested={**matched.contested, header: role}, extra=(*matched.extra, header))


def looks_headless(raw: RawTable) -> bool:
    """Whether the first row is a post, not names: numbers and dates stand where names should."""
    names = [h for h in raw.headers if h.strip() and not h.startswith("column ")]
    long = [h for h in names if len(h) > _LONGEST_NAME and h.count(" ") >= _WORDS]
    if any(re.match(r"https?://\S", h) for h in names) or (
        long and all(h in long or re.search(r"\d", h) for h in names)
    ):
        return True
    if len(names) < 4:
        return False
    values = sum(bool(pl.Series([h.split(" (")[0]]).str.contains(r"^[-+]?\d[\d.,:/\s-]*$")[0]) for h in names)
    return values >= 0.5 * len(names)


_LONGEST_NAME, _WORDS = 120, 12  # Letters and gaps; a longer one is a caption.
