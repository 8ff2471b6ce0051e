"""What a column of text holds, seen as a whole: the words of it, and the share that has a shape."""

from __future__ import annotations

import polars as pl

from postlens.core.data.convert.dates import looks_like_times

LINK = r"(?i)^https?://(?:[\w-]+\.)*(?:instagram|facebook|fb|tiktok|youtube|youtu|twitter|x|linkedin|threads|pinterest|reddit|mastodon|bsky|vk|t|weibo|bilibili|(?:ies)?douyin|xiaohongshu|kuaishou|snapchat|tumblr)\.[a-z.]{2,10}/\S"


ANY_LINK = r"(?i)^https?://\S+$"


# Links of networks that lead to an account.
OF_A_PROFILE = (
    r"(?i)^https?://(?:[\w-]+\.)*(?:facebook|instagram|tiktok|youtube|twitter|x|linkedin|threads|pinterest)\.[a-z.]{2,6}"
    r"/(?:@?[a-z][\w.-]*|\d+)/?$"
)


# Pictures and files: where they lie says the network, not the post.
_MEDIA = (
    r"(?i)^https?://[^/]*(?:ytimg|cdninstagram|fbcdn|twimg|licdn|tiktokcdn|ggpht|googleusercontent|pinimg|redd\.it|xhscdn|sinaimg|ibyteimg|byteimg|douyinpic|hdslb)\b|"
    r"^https?://[^/]*tiktok\.com/(?:video/tos|obj/|aweme/v1/play|[0-9a-f]{32}/)|^https?://[vp]\d+[\w-]*\.[^/]*tiktok[^/]*/|"
    r"^\S+\.(?:jpe?g|png|webp|gif|mp4|heic)(?:[?#]\S*)?$|^https?://[^/]+/(?:\S*/)?(?:player|embed)(?:[/.?]|$)"
)


def text_of(rows: pl.DataFrame, header: str) -> pl.Series:
    """The values of a column as text, without blanks."""
    text = rows[header].cast(pl.String).str.strip_chars()
    return text.set(text == "", None).drop_nulls()


def share_of(text: pl.Series, pattern: str) -> float:
    """The share of values that fit a pattern; 0 of none."""
    return float(text.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]


def of_a_network(text: pl.Series) -> bool:
    """Links of a network, nearly all different."""
    return text.count() > 0 and share_of(text, LINK) > 0.8 and text.n_unique() > 0.9 * text.count()


def are_media(text: pl.Series) -> bool:
    """Addresses of pictures or files, not of posts."""
    return share_of(text, _MEDIA) > 0.5


def of_accounts(text: pl.Series) -> bool:
    """Links to accounts, some of which have several rows."""
    return share_of(text, OF_A_PROFILE) > 0.5 and text.n_unique() < text.count()


def are_links(text: pl.Series) -> bool:
    """Links of networks, or of anywhere if nearly all differ; none of pictures or accounts."""
    if are_media(text) or of_accounts(text):
        return False
    return share_of(text, LINK) > 0.8 or (share_of(text, ANY_LINK) > 0.9 and text.n_unique() > 0.9 * text.count() > 4)


def distinct(text: pl.Series) -> bool:
    """Nearly each value another, or half of them at least."""
    return text.count() > 0 and text.n_unique() >= max(0.5 * text.count(), min(text.count(), 2))


def captions(text: pl.Series) -> bool:
    """Long and mostly different texts, which are no links, numbers or times."""
    if text.count() < 1 or text.n_unique() < 0.5 * text.count():
        return False
    spaced = (
        text.str.contains(r"\p{L}.*\s.*\p{L}|\p{L}{8,}|[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{4,}").mean() or 0.0
    )
    length = text.str.len_chars().mean() or 0.0
    link = text.str.contains(r"^https?://").mean() or 0.0
    if float(link) >= 0.5 or share_of(text, r"^[A-Za-z0-9_-]*[0-9_][A-Za-z0-9_-]*$") >= 0.5:  # type: ignore[arg-type]
        return False  # Codes have letters in a row, too.
    return float(spaced) > 0.5 and float(length) >= 12 and not looks_like_times(text)  # type: ignore[arg-type]
