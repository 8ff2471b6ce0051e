"""Captions as people read them, where an interface gives them as HTML."""

from __future__ import annotations

import html
import re

import polars as pl

from postlens.core.data.convert.column_text import share_of

_BREAKS = r"(?i)<br\s*/?>|</p>\s*<p>"
_TAGS = r"(?is)</?(?:p|span|div|ul|ol|li|blockquote)(?:\s[^<>]{0,2000})?>|<(?:a|img)\s[^<>]{0,2000}>|</a>"
_MARKED = tuple(rf"(?is)<{tag}>(.*?)</{tag}>" for tag in ("b", "i", "em", "strong"))
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
_SOME = 0.3  # Of the captions, before tags are markup and not what somebody wrote.


def without_markup(text: pl.Series) -> pl.Series:
    """Captions without tags, where they are HTML, and with the signs that entities stand for."""
    if share_of(text.drop_nulls().head(1_000), r"(?i)^\s*<p>|</p>|<br\s*/?>") > _SOME:
        text = text.str.replace_all(_BREAKS, "\n").str.replace_all(_TAGS, "")
        for marked in _MARKED:
            text = text.str.replace_all(marked, "$1")
        text = text.str.strip_chars().replace("", None)
    coded = text.str.contains(_ENTITY.pattern).fill_null(False)
    if not coded.any():
        return text
    return text.replace(
        {cell: _ENTITY.sub(lambda e: html.unescape(e[0]), cell) for cell in text.filter(coded).unique()}
    )
