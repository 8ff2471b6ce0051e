"""Times of posting that ids and links hold, for tables that have no others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from postlens.core.data.convert import links
from postlens.core.data.convert.id_clocks import moments, numbers

_IN_LINKS = {
    "tiktok": r"tiktok\.com/.*/(?:video|photo)/(\d{18,20})",
    "x": r"(?:twitter|x)\.com/\w+/status/(\d{17,20})",
    "linkedin": r"linkedin\.com/.*(?:activity|share|ugcPost)(?:[:-]|%3A)(\d{19})",
    "instagram": r"instagram\.com/(?:[\w.]+/)?(?:p|reels?|tv)/([\w-]{11})(?:[/?#]|$)",
    "threads": r"threads\.(?:net|com)/@[\w.]+/post/([\w-]{11})(?:[/?#]|$)",
    "bluesky": r"(?:app\.bsky\.feed\.post|bsky\.app/profile/[^/]+/post)/([2-7a-z]{13})$",
    "weibo": r"weibo\.c(?:om|n)/(?:\d+|detail|status)/(?:M_)?([0-9A-Za-z]{9}|\d{16})(?:[/?#]|$)",
    "douyin": r"douyin\.com/(?:.*/)?(?:video|note)/(\d{18,20})",
    "xiaohongshu": r"xiaohongshu\.com/(?:.*/)?(?:explore|item)/([0-9a-f]{24})",
}
_OWN_IDS = {
    "weibo": r"^(\d{16}|[0-9A-Za-z]{9})$",
    "bluesky": r"^at://.*/app\.bsky\.feed\.post/([2-7a-z]{13})$",
    "linkedin": r"^urn:li:\w+:(\d{19})$",
    "xiaohongshu": r"^([0-9a-f]{24})$",
}
_PLAIN = r"^(\d{17,20})$"
_MOSTLY, _FIRST = 0.9, datetime(2010, 1, 1, tzinfo=UTC)


def times_in_ids(told: Mapping[str, pl.Series], network: str) -> tuple[pl.Series, str] | None:
    """When posts were made, in UTC, and the role of the column that holds it; None where most rows hold no such time.

    Args:
        told: the words of the columns by role; looked at are `url` and `post_id`.
        network: whose posts they are, where somebody or the columns' names say it; ids alone tell nothing.
    """
    if (link := told.get("url")) is not None:
        for of_network, shape in _IN_LINKS.items():
            if (times := _read(link.str.extract(shape), of_network)) is not None:
                return times, "url"
        network = network or links.network_shown([link])
    if (own := told.get("post_id")) is None:
        return None
    for of_network in [network] if network else ["linkedin", "bluesky"]:
        if of_network in _IN_LINKS:
            times = _read(own.str.strip_chars().str.extract(_OWN_IDS.get(of_network, _PLAIN)), of_network)
            if times is not None:
                return times, "post_id"
    return None


def _read(ids: pl.Series, network: str) -> pl.Series | None:
    """The times of ids of one network; None where most are none, or any is of a day on which nothing was posted."""
    if not len(ids) or ids.count() < _MOSTLY * len(ids):
        return None
    times = numbers(ids, network).to_frame("id").select(moments(pl.col("id"), network)).to_series()
    possible = times.is_between(_FIRST, datetime.now(UTC))
    return times if times.count() >= _MOSTLY * len(ids) and bool(possible.all()) else None
