"""What a post's link says: its network, its account, its id."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from postlens.core.data.convert.conversion import Conversion
from postlens.core.data.vocabulary.names import normal

_NETWORKS = {
    "instagram": r"(?i)^https?://(?:www\.)?instagram\.",
    "facebook": r"(?i)^https?://(?:[\w-]+\.)?(?:facebook|fb)\.",
    "tiktok": r"(?i)^https?://(?:[\w-]+\.)?tiktok\.",
    "youtube": r"(?i)^https?://(?:[\w-]+\.)?(?:youtube\.|youtu\.be)",
    "x": r"(?i)^https?://(?:[\w-]+\.)?(?:twitter|x)\.com",
    "linkedin": r"(?i)^https?://(?:[\w-]+\.)?linkedin\.",
    "threads": r"(?i)^https?://(?:www\.)?threads\.",
    "pinterest": r"(?i)^https?://(?:[\w-]+\.)?pinterest\.",
    "reddit": r"(?i)^https?://(?:[\w-]+\.)?(?:reddit|redd)\.|^/r/\w+/comments/",
    "telegram": r"(?i)^(?:https?://)?t\.me/",
    "vk": r"(?i)^https?://(?:[\w-]+\.)?vk\.com",
    "bluesky": r"(?i)^https?://bsky\.app/",
    "weibo": r"(?i)^https?://(?:[\w-]+\.)?weibo\.c",
    "bilibili": r"(?i)^https?://(?:[\w-]+\.)?bilibili\.com",
    "douyin": r"(?i)^https?://(?:[\w-]+\.)?(?:ies)?douyin\.com",
    "xiaohongshu": r"(?i)^https?://(?:[\w-]+\.)?xiaohongshu\.com",
    "snapchat": r"(?i)^https?://(?:[\w-]+\.)?snapchat\.com",
    "tumblr": r"(?i)^https?://(?:[\w-]+\.)?tumblr\.com",
}


def platform_of(url: pl.Expr) -> pl.Expr:
    """The network that a link leads to; null for none that is known."""
    found = pl.lit(None, dtype=pl.String)
    for name, pattern in _NETWORKS.items():
        found = pl.when(url.str.contains(pattern)).then(pl.lit(name)).otherwise(found)
    return found


# Where networks keep pictures, and ids that only one of them has.
_TRACES = {
    "youtube": r"(?i)^https?://[^/]*ytimg\.com/",
    "instagram": r"(?i)^https?://[^/]*cdninstagram\.com/",
    "x": r"(?i)^https?://[^/]*twimg\.com/",
    "linkedin": r"(?i)^https?://[^/]*licdn\.com/",
    "tiktok": r"(?i)^https?://[^/]*tiktokcdn",
    "bluesky": r"^at://did:|^did:plc:|^@?[\w-]+\.bsky\.social$",
    "vk": r"(?i)^https?://(?:[\w-]+\.)*(?:vk\.com|userapi\.com)/",
}


def network_shown(columns: Iterable[pl.Series]) -> str:
    """The one network that links, pictures or ids of a table belong to; empty where there is none, or several."""
    found = set()
    for text in columns:
        known = text.drop_nulls()
        marked = known.to_frame("v").select(platform_of(pl.col("v"))).to_series()
        for name, pattern in _TRACES.items():
            marked = marked.set(known.str.contains(pattern), name)
        if len(known) >= 2 and marked.count() > 0.8 * len(known):
            found |= set(marked.drop_nulls().unique())
    return found.pop() if len(found) == 1 else ""


# What only one network has, and tools do not put beside the numbers of others.
_NAMES = {
    "x": r"^tweet\b|^retweeted\b|^is retweet$",
    "weibo": r"^weibo\b|^(?:origin|source) weibo\b|^\u5fae\u535a",
    "xiaohongshu": r"^\u5c0f\u7ea2\u4e66",
    "reddit": r"^subreddit\b",
    "douyin": r"^5s\u5b8c\u64ad\u7387$|^2s\u8df3\u51fa\u7387$|^\u6296\u97f3",
    "pinterest": r"^repin count$|^pin id$",
    "mastodon": r"^reblogs? count$",
}


_BILIBILIS_OWN = ({"coin", "coins"}, {"danmaku", "danmu", "\u5f39\u5e55"})
_FACEBOOKS_OWN = ("love", "wow", "haha", "sad", "angry")  # No other network has all of these kinds of reactions.


def network_named(headers: Iterable[str]) -> str:
    """The one network whose own words are names of columns; empty where there is none, or several."""
    names = [normal(h) for h in headers]
    found = [network for network, words in _NAMES.items() if any(re.search(words, name) for name in names)]
    if all(any(re.search(rf"\b{kind}s?\b", name) for name in names) for kind in _FACEBOOKS_OWN):
        found.append("facebook")
    bare = {re.sub(r"\b(?:video|count|num)\b", "", name).strip() for name in names}
    if all(words & bare for words in _BILIBILIS_OWN):
        found.append("bilibili")
    return found[0] if len(found) == 1 else ""


def account_of(url: pl.Expr) -> pl.Expr:
    """The account that a link of X or TikTok names; null for others."""
    name = url.str.extract(
        r"(?i)^https?://(?:[\w-]+\.)*(?:(?:twitter|x)\.com/|tiktok\.com/@)([\w.]+)/(?:status|video|photo)"
    )
    return pl.when(~name.str.to_lowercase().is_in(_NOBODY)).then(name)


# What scripts put where a name belongs.
_NOBODY = ("twitter", "user", "anyuser", "i", "x", "web", "anonymous", "username")


def id_of(url: pl.Expr) -> pl.Expr:
    """The id that a link of a network holds; null where none is known to be one."""
    long = url.str.extract(
        r"(?i)(?:/status(?:es)?/|/video/|/videos/|/posts/|/reel/|story_fbid=|fbid=|activity[:-]|/permalink/)(\d{8,25})"
    )
    watch = url.str.extract(r"(?i)(?:[?&]v=|youtu\.be/|/shorts/)([\w-]{11})(?:\W|$)")
    return pl.coalesce(long, watch)


def code_of(url: pl.Expr) -> pl.Expr:
    """The letters that stand for a post in a link of Instagram, which hold its id; null for other links."""
    return url.str.extract(r"(?i)instagram\.com/(?:[\w.]+/)?(?:p|reels?|tv)/([\w-]{10,12})(?:[/?#]|$)")


def links_alone(clean: pl.Series, header: str, work: Conversion) -> pl.Series:
    """The links, of several the post's own; words that are none, and would make posts of one word the same post, are left out."""
    clean = _own_of_several(clean)
    linked = clean.str.contains(r"[./]").fill_null(False)
    lost = clean.count() - int(linked.sum())
    if lost:
        work.notes.append(
            f'"{header}": {lost:,} values are no links, such as "{clean.filter(~linked).drop_nulls()[0][:40]}".'
        )
    return clean.set(~linked, None)


def _own_of_several(clean: pl.Series) -> pl.Series:
    """Of cells with a list of links the one to a post of a network, which holds an id; else the first."""
    lists = clean.str.contains(r"https?://\S+?[,;|\s]\s*https?://").fill_null(False)
    if not lists.any():
        return clean
    own = {
        cell: next((one for one in links if _ID_OF_POST.search(one)), links[0])
        for cell in clean.filter(lists).unique()
        if (links := re.findall(r"https?://[^\s,;|]+", cell))
    }
    return clean.replace(own)


_ID_OF_POST = re.compile(
    r"(?i)/status(?:es)?/\d|/videos?/\d|/posts/|/reels?/|/p/[\w-]{8}|[?&]v=|youtu\.be/|activity[:-]\d|/permalink/"
)


def of_posts(text: pl.Series) -> bool:
    """Whether most rows of a column have a link to a post of a network, each to another one."""
    known = text.str.strip_chars().replace("", None).drop_nulls()
    told = known.to_frame("v").select(id_of(pl.col("v"))).to_series().count()
    return (
        0 < _HALF * len(text) <= len(known)
        and told >= _NEARLY * len(known)
        and known.n_unique() >= _NEARLY * len(known)
    )


_HALF, _NEARLY = 0.5, 0.95
