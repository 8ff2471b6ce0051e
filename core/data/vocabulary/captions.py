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
_LENGTHS = (
    (0, "none"),
    (40, "1 to 40"),
    (125, "41 to 125"),
    (300, "126 to 300"),
)  # 125 is what Instagram shows unopened.
_LONGER = "over 300"
_NUMBERS = ((0, "none"), (2, "1 or 2"), (5, "3 to 5"))
_MORE = "6 or more"


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
        _yes_no("caption_question", "Question in the caption", plain.str.contains(_QUESTION)),
        _yes_no("caption_emoji", "Emoji in the caption", plain.str.contains(_EMOJI)),
        _yes_no("caption_mention", "Mention in the caption", plain.str.contains(_MENTION)),
        _yes_no("caption_link", "Link in the caption", text.str.contains(_LINK)),
    )  # fmt: skip


def _feature(name: str, label: str, expression: pl.Expr, levels: tuple[str, ...]) -> CaptionFeature:
    column = Column(
        name=name, label=label, kind="category", levels=levels, ordered=True, computed=True, made_of=("text",)
    )
    return CaptionFeature(column=column, expression=expression)


def _yes_no(name: str, label: str, found: pl.Expr) -> CaptionFeature:
    level = pl.when(found).then(pl.lit("Yes")).when(~found).then(pl.lit("No"))
    return _feature(name, label, level, ("Yes", "No"))


def _levels(bands: tuple[tuple[int, str], ...], beyond: str) -> tuple[str, ...]:
    return (*(name for _, name in bands), beyond)


def _banded(count: pl.Expr, bands: tuple[tuple[int, str], ...], beyond: str) -> pl.Expr:
    """The band of a number: the first whose upper end it does not exceed."""
    found = pl.when(count > bands[-1][0]).then(pl.lit(beyond))
    for most, name in reversed(bands):
        least = next((m for m, _ in reversed(bands) if m < most), -1)
        found = found.when(count.is_between(least, most, closed="right")).then(pl.lit(name))  # type: ignore[assignment]
    return found
