"""Captions as people read them, where an interface gives them as HTML."""

from __future__ import annotations

import html

import polars as pl

from postlens.core.data.convert.column_text import share_of

_TAGS, _BREAKS = (
    r"(?s)</?(?:p|br|a|span|div|b|i|em|strong|ul|ol|li|blockquote|img)\b[^<>]{0,2000}>",
    r"(?i)<br\s*/?>|</p>\s*<p>",
)
_ENTITY = r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});"
_SOME = 0.3  # Of the captions, before tags are markup and not what somebody wrote.


def without_markup(text: pl.Series) -> pl.Series:
    """Captions without tags, where they are HTML, and with the signs that entities stand for."""
    if share_of(text.drop_nulls().head(1_000), r"(?i)^\s*<p>|</p>|<br\s*/?>") > _SOME:
        text = text.str.replace_all(_BREAKS, "\n").str.replace_all(_TAGS, "").str.strip_chars().replace("", None)
    coded = text.str.contains(_ENTITY).fill_null(False)
    if not coded.any():
        return text
    return text.replace({cell: html.unescape(cell) for cell in text.filter(coded).unique()})
