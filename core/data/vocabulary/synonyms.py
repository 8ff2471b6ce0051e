"""The common words for what networks name differently: types of posts, networks, yes and no."""

from __future__ import annotations

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
    "text": ("text", "status", "note", "tweet", "post"),
}
_TYPE_OF = {word: name for name, words in POST_TYPES.items() for word in words}


def usual_flags(text: pl.Expr) -> pl.Expr:
    """`yes` and `no` for the words files have for them."""
    return text.str.to_lowercase().replace(_FLAGS)


def usual_types(text: pl.Expr) -> pl.Expr:
    """The common word for each network's name of a type of post; other types as they are, in lower case."""
    return text.str.to_lowercase().replace(_table_of_types())


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
    return table.get(word.strip().lower()) or table.get(normal(word))


def usual_networks(text: pl.Expr) -> pl.Expr:
    """The names of networks in lower case, X by its newer one."""
    return text.str.to_lowercase().str.replace(r"^twitter$", "x")
