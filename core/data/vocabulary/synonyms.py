"""The common words for what networks name differently: types of posts, networks, yes and no."""

from __future__ import annotations

import polars as pl

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
    return text.str.to_lowercase().replace(_TYPE_OF)


def usual_networks(text: pl.Expr) -> pl.Expr:
    """The names of networks in lower case, X by its newer one."""
    return text.str.to_lowercase().str.replace(r"^twitter$", "x")
