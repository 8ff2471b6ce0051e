"""Whether the rows of a table are comments under posts, not posts: told by what they belong to, never by one word."""

from __future__ import annotations

import polars as pl

from postlens.core.contract.raw_table import ROW
from postlens.core.data.convert.column_text import LINK, captions, distinct, share_of, text_of
from postlens.core.data.convert.ids import PERHAPS_ROUNDED
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, role_by_core, role_of
from postlens.core.data.vocabulary.telling_names import comment


def of_comments(rows: pl.DataFrame, matched: Matched, told: dict[str, pl.Series]) -> bool:
    """Whether several rows belong to one post, each with a text or an id of its own.

    Args:
        rows: the first of the table.
        matched: its columns.
        told: the text of the columns that have a role, by role.
    """
    return (
        _replies(rows, told)
        or _under_posts(rows, matched, told)
        or _said_of_one_post(rows, matched)
        or _named(rows, matched)
        or ("post_type" in told and told["post_type"].unique().str.to_lowercase().to_list() == ["comment"])
    )


def _replies(rows: pl.DataFrame, told: dict[str, pl.Series]) -> bool:
    """Each row has an id of its own, and several belong to one post."""
    return (
        "post_id" in told
        and told["post_id"].n_unique() == told["post_id"].count() > 2
        and not ("url" in told and distinct(told["url"]))
        and any(_of_shared_posts(text_of(rows, h), rows.height) for h in rows.columns if h != ROW)
        and not any(_own_posts(text_of(rows, h)) for h in rows.columns if h != ROW)
    )


def _under_posts(rows: pl.DataFrame, matched: Matched, told: dict[str, pl.Series]) -> bool:
    """Several rows under one post, each with a text of its own: told by ids of their own, or by what the text is called."""
    if "platform" in told:  # A tool posts one text to several networks, each in its own words.
        return False
    written = [matched.roles[r] for r in ("text", "comments", "title") if r in matched.roles]
    texts = [h for h in written if share_of(text_of(rows, h), r"\p{L}{2}") > _MOST_ROWS]
    texts += [h for h in matched.extra if h in rows.columns and captions(text_of(rows, h))]
    keys = (r for r in ("post_id", "url") if r in told and texts and _of_posts(r, told[r]))
    return any(_several_texts(rows, matched, matched.roles[role], texts[0]) for role in keys)


def _of_posts(role: str, keys: pl.Series) -> bool:
    """Ids or links of posts: not flags or types, for `video` may say whether a post has one, and none that was rounded."""
    rounded = share_of(keys, r"^\d{15,}0$") == 1.0
    named = share_of(keys, r"\d") > _MOST_ROWS and share_of(keys, r"^\S{5,}$") > _NEARLY_ALL
    return named and not rounded and (role != "url" or share_of(keys, _POST_LINK) > _NEARLY_ALL)


def _several_texts(rows: pl.DataFrame, matched: Matched, header: str, text: str) -> bool:
    """Whether posts have several rows, each with another text: most posts do, or some, and more speaks for comments."""
    whole = rows.filter(~pl.col(header).str.contains(PERHAPS_ROUNDED))  # A rounded id is that of many posts.
    each = whole.group_by(header).agg(_n=pl.len(), _k=pl.col(text).n_unique())
    many = each.filter((pl.col("_n") > 1) & pl.col(header).is_not_null())
    if not many.height or float(many["_k"].sum()) < _NEARLY_ALL * float(many["_n"].sum()):
        return False  # Some say the same: a heart, "first".
    spare = [h for h, r in matched.contested.items() if r == "post_id" and h in rows.columns]
    own = any(text_of(rows, h).n_unique() == rows.height for h in spare) or _is_comment(text)
    return float(many["_n"].sum()) / rows.height >= (_SOME_ROWS if own else _MOST_ROWS)


_NEARLY_ALL, _SOME_ROWS, _MOST_ROWS = 0.9, 0.1, 0.5


def _said_of_one_post(rows: pl.DataFrame, matched: Matched) -> bool:
    """Texts under a name for comments, where nothing else is a caption, a link or an id: the comments of a post."""
    named = any(role_of(h) == r for r, h in matched.roles.items() if r in {"post_id", "url"})
    if named or {"text", "title"} & matched.roles.keys():
        return False
    claiming = [
        h for h, r in (*matched.contested.items(), *((h, r) for r, h in matched.roles.items())) if r == "comments"
    ]
    return any(share_of(text_of(rows, h), r"\p{L}{2}") > _MOST_ROWS for h in claiming if h in rows.columns)


def _named(rows: pl.DataFrame, matched: Matched) -> bool:
    """Texts or ids, each row its own, under names of comments, where nothing else is a caption."""
    if any(not comment_column(matched.roles[r]) for r in ("text", "title") if r in matched.roles):
        return False
    named = [text_of(rows, h) for h in rows.columns if h != ROW and comment_column(h)]
    own = [t for t in named if t.count() > _MOST_ROWS * rows.height and t.n_unique() > _MOST_ROWS * t.count()]
    return any(captions(t) or share_of(t, r"\d") == 1.0 for t in own)


def comment_column(header: str) -> bool:
    """Whether a header is that of a comment's id, text or author."""
    return comment(normal(header)) != ""


def _is_comment(header: str) -> bool:
    return "comments" in {role_of(header), role_by_core(header)}


_POST_LINK = r"/(p|reel|reels|tv|posts|videos|status|video|shorts|permalink)/[\w-]+|[?&](v|story_fbid|fbid)=|activity[-:]\d+|youtu\.be/"


def _of_shared_posts(text: pl.Series, rows: int) -> bool:
    """Links of single posts of networks, which several rows share."""
    if text.count() < max(3, 0.5 * rows) or share_of(text, r"^https?://") < 0.9:
        return False
    text = text.str.strip_suffix("/")  # "Reels" alone is a page's list of them.
    return share_of(text, LINK) > 0.9 and share_of(text, _POST_LINK) > 0.9 and text.n_unique() <= 0.7 * text.count()


def _own_posts(text: pl.Series) -> bool:
    """Links of single posts of networks, each row its own; those of comments name the comment."""
    if text.count() < 3 or text.n_unique() < 0.95 * text.count() or share_of(text, r"comment_id=|/c/|lc=") > 0:
        return False
    return share_of(text, LINK) > 0.9 and share_of(text, _POST_LINK) > 0.9
