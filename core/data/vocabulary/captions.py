"""What a caption is like: how long, and what stands in it. In any language: no words are looked for."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from postlens.core.contract.schema import Column, Schema

_LINK = r"(?i)https?://\S+|\bwww\.\S+"
_HASHTAG = r"[#＃]\w*\p{L}\w*"
_MENTION = r"(?:^|[^\w/.@])@[\w.]{2,}"
_EMOJI = r"\p{Emoji_Presentation}|\p{Extended_Pictographic}\x{FE0F}"
_QUESTION = "[?？؟]"
_LENGTHS = ((0, "no text"), (40, "1 to 40 characters"), (125, "41 to 125 characters"), (300, "126 to 300 characters"))
# 125 characters are what Instagram shows unopened.
_LONGER = "over 300 characters"
_NUMBERS = ((0, "no hashtags"), (2, "1 or 2 hashtags"), (5, "3 to 5 hashtags"))
_MORE = "6 or more hashtags"


@dataclass(frozen=True, kw_only=True)
class CaptionFeature:
    """Something that captions differ in.

    Attributes:
        column: as a category; its name is none of the data's.
        expression: each post's level, from its text; null where the text is not known.
    """

    column: Column
    expression: pl.Expr


def caption_features(schema: Schema) -> tuple[CaptionFeature, ...]:
    """What can be said of the posts' captions; nothing where there are none.

    Links are taken out before questions, hashtags and mentions are looked for, as addresses have such signs.
    """
    if "text" not in schema:
        return ()
    text = pl.col("text").cast(pl.String)
    plain = text.str.replace_all(_LINK, " ")
    return (
        _feature("caption_length", "Caption length", _banded(text.str.len_chars(), _LENGTHS, _LONGER), _levels(_LENGTHS, _LONGER)),
        _feature("caption_hashtags", "Hashtags", _banded(plain.str.count_matches(_HASHTAG), _NUMBERS, _MORE), _levels(_NUMBERS, _MORE)),
        _has("caption_question", "Question in the caption", "question", plain.str.contains(_QUESTION)),
        _has("caption_emoji", "Emoji in the caption", "emoji", plain.str.contains(_EMOJI)),
        _has("caption_mention", "Mention in the caption", "mention", plain.str.contains(_MENTION)),
        _has("caption_link", "Link in the caption", "link in the text", text.str.contains(_LINK)),
    )  # fmt: skip


def _feature(name: str, label: str, expression: pl.Expr, levels: tuple[str, ...]) -> CaptionFeature:
    column = Column(
        name=name, label=label, kind="category", levels=levels, ordered=True, computed=True, made_of=("text",)
    )
    return CaptionFeature(column=column, expression=expression)


def _has(name: str, label: str, what: str, found: pl.Expr) -> CaptionFeature:
    with_, without = f"with {'' if what == 'emoji' else 'a '}{what}", f"without {'' if what == 'emoji' else 'a '}{what}"
    level = pl.when(found).then(pl.lit(with_)).when(~found).then(pl.lit(without))
    return _feature(name, label, level, (with_, without))


def _levels(bands: tuple[tuple[int, str], ...], beyond: str) -> tuple[str, ...]:
    return (*(name for _, name in bands), beyond)


def _banded(count: pl.Expr, bands: tuple[tuple[int, str], ...], beyond: str) -> pl.Expr:
    """The band of a number: the first whose upper end it does not exceed."""
    found = pl.when(count > bands[-1][0]).then(pl.lit(beyond))
    for most, name in reversed(bands):
        least = next((m for m, _ in reversed(bands) if m < most), -1)
        found = found.when(count.is_between(least, most, closed="right")).then(pl.lit(name))  # type: ignore[assignment]
    return found
