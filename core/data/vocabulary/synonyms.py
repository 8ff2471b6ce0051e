"""The common words for what networks name differently: types of posts, networks, yes and no."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.tables import type_words

_FLAGS = {"1": "yes", "true": "yes", "yes": "yes", "paid": "yes", "0": "no", "false": "no", "no": "no", "none": "no"}
POST_TYPES = {
    "photo": (
        "photo",
        "photos",
        "imagem do instagram",
        "imagen de instagram",
        "foto",
        "fotos",
        "bild",
        "bilder",
        "image",
        "ig image",
        "instagram image",
        "instagram photo",
        "picture",
        "imagem",
    ),
    "carousel": (
        "carousel",
        "carrossel do instagram",
        "secuencia de instagram",
        "carrusel de instagram",
        "karussell",
        "document carousel",
        "ig carousel",
        "instagram carousel",
        "album",
        "multi media",
        "sidecar",
        "multi-image",
    ),
    "video": (
        "video do instagram",
        "video de instagram",
        "vidéo",
        "vídeo",
        "vidéos",
        "vídeos",
        "video",
        "videos",
        "native video",
        "graphvideo",
        "ig video",
    ),
    "short": (
        "reel do instagram",
        "reel de instagram",
        "short",
        "shorts",
        "reel",
        "reels",
        "ig reel",
        "instagram reel",
        "video short",
    ),
    "live": ("live", "live video", "live_video_complete", "live video complete"),
    "story": ("historia de instagram", "story do instagram", "story", "stories", "ig story", "instagram story"),
    "link": ("link", "links", "share", "article"),
    "text": ("text", "status", "note", "tweet"),
}
_TYPE_OF = {word: name for name, words in POST_TYPES.items() for word in words}


def usual_flags(text: pl.Expr) -> pl.Expr:
    """`yes` and `no` for the words files have for them."""
    return text.str.to_lowercase().replace(_FLAGS)


def usual_types(text: pl.Expr) -> pl.Expr:
    """The common word for each network's name of a type of post; other types as they are, in lower case."""
    return text.map_batches(_usual, return_dtype=pl.String, is_elementwise=True)


def _usual(words: pl.Series) -> pl.Series:
    kinds = words.drop_nulls().unique()
    return words.replace(kinds, pl.Series([type_of(word) or word.lower() for word in kinds], dtype=pl.String))


@cache
def _table_of_types() -> dict[str, str]:
    """Every known word for a type, as exports may write it in lower case."""
    words = {**type_words(), **_TYPE_OF}
    spaced = {word.replace(" ", sign): kind for word, kind in words.items() for sign in ("_", "-", "")}
    return {**spaced, **words, **MORE_TYPES}


MORE_TYPES = {
    "carousel_album": "carousel",
    "graphsidecar": "carousel",
    "graphimage": "photo",
    "graphvideo": "video",
    "igtv": "video",
    "clips": "short",
    "sharedvideo": "video",
    "added_video": "video",
    "youtube": "video",
    "live_video_scheduled": "live",
    "ig bild": "photo",
    "ig karussell": "carousel",
}


def type_of(word: str) -> str | None:
    """The common word for one name of a type; None where it is none that is known."""
    table = _table_of_types()
    plain = normal(word)
    return table.get(word.strip().lower()) or table.get(plain) or _by_stem(plain)


# What words for types have in them, in the interface's languages; the first that fits, for a reel is a video, too.
_STEMS = tuple(
    (kind, re.compile(stems))
    for kind, stems in {
        "carousel": r"carous|carros|carrus|karus|karuz|carosel|dongu|album|slides|sequen|secuen|\u30ab\u30eb\u30fc\u30bb\u30eb|\uce90\ub7ec\uc140|\uce90\ub85c\uc140|\u8f6e\u64ad|\u8f2a\u64ad|\u0e20\u0e32\u0e1e\u0e2a\u0e44\u0e25\u0e14\u0e4c|bang chuyen|b\u0103ng chuy\u1ec1n|quay v\u00f2ng",
        "story": r"\bstor(y|ies)|histori|relacj|hikaye|verhaal|\u30b9\u30c8\u30fc\u30ea\u30fc|\uc2a4\ud1a0\ub9ac|\u0e2a\u0e15\u0e2d\u0e23\u0e35|\u5feb\u62cd|\u9650\u65f6",
        "live": r"\blive\b|na zywo|canli|en vivo|ao vivo|en direct|\u30e9\u30a4\u30d6|\ub77c\uc774\ube0c|\u76f4\u64ad|\u0e16\u0e48\u0e32\u0e22\u0e17\u0e2d\u0e14\u0e2a\u0e14",
        "short": r"\breels?\b|\brolk|\brolek|\bshorts?\b|\u30ea\u30fc\u30eb|\ub9b4\uc2a4|\uc1fc\uce20|\u77ed\u7247|\u0e23\u0e35\u0e25",
        "video": r"video|\bfilm|\bigtv|\u52d5\u753b|\ub3d9\uc601\uc0c1|\ube44\ub514\uc624|\u89c6\u9891|\u5f71\u7247|\u8996\u983b|\u0e27\u0e34\u0e14\u0e35\u0e42\u0e2d|\u0e27\u0e34\u0e14\u0e34\u0e42\u0e2d",
        "photo": r"photo|\bfoto|\bbild|image|imagen|imagem|immagin|afbeelding|zdjec|fotograf|gorsel|resim|gambar|\banh\b|\u1ea3nh|\u5199\u771f|\u753b\u50cf|\uc0ac\uc9c4|\uc774\ubbf8\uc9c0|\u7167\u7247|\u56fe\u7247|\u5716\u7247|\u76f8\u7247|\u0e23\u0e39\u0e1b\u0e20\u0e32\u0e1e|\u0e20\u0e32\u0e1e",
    }.items()
)
_LONGEST_TYPE = 40  # Letters; longer texts are captions that speak of photos.


def _by_stem(plain: str) -> str | None:
    if len(plain) > _LONGEST_TYPE:
        return None
    return next((kind for kind, stems in _STEMS if stems.search(plain)), None)


# As the column of networks has them.
NETWORKS = (
    *("facebook", "instagram", "threads", "tiktok", "youtube", "x", "linkedin", "pinterest", "reddit"),
    *("bluesky", "mastodon", "telegram", "vk", "weibo", "snapchat", "tumblr", "bilibili", "douyin", "xiaohongshu"),
)


def usual_networks(text: pl.Expr) -> pl.Expr:
    """The names of networks in lower case, X by its newer one, without what tools put around them: "Instagram Business"."""
    plain = text.str.to_lowercase().str.strip_chars()
    bare = plain.str.replace(_AROUND_NETWORK, "").str.strip_chars()
    short = bare.replace({"twitter": "x", "x (twitter)": "x", "x/twitter": "x", "twitter/x": "x", "twitter (x)": "x", "x.com": "x", "twitter.com": "x", "x (formerly twitter)": "x", "fb": "facebook", "ig": "instagram",
                          "insta": "instagram", "yt": "youtube", "tik tok": "tiktok", "tt": "tiktok", "li": "linkedin"})  # fmt: skip
    site = short.str.replace(r"^(?:www\.)?([a-z]+)\.(?:com|net)$", "$1")
    return pl.when(short.is_in(NETWORKS)).then(short).when(site.is_in(NETWORKS)).then(site).otherwise(plain)


_AROUND_NETWORK = (
    r"(?:^(?:meta|google) )|(?:[ _-]+(?:business|company|creator|personal|brand|organic|page|pages|profile|account|channel|"
    r"post|posts|feed|seite|profil|konto|kanal|pagina|p\u00e1gina|perfil|compte|cuenta|canal)){1,3}$"
)
