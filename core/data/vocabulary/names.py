"""The form in which column names are compared, whoever wrote them."""

from __future__ import annotations

import re
import unicodedata

_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff]")
_VIETNAMESE = frozenset("\u031b\u0309\u0323")  # Horn, hook above, dot below: there, marks are letters.
_LATIN_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u0131": "i"})
# Not totals of anything else: what tools put behind a name without changing what it means.
_BEHIND = re.compile(r"\s*\((total|organic|all|lifetime|sum|count)\)$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def normal(header: str) -> str:
    """NFKC, lower case, `_` as a space, no accents on Latin letters, single spaces. Kana, Thai and Vietnamese marks stay."""
    text = _ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", header)).casefold().translate(_QUOTES).replace("_", " ")
    apart = unicodedata.normalize("NFD", text)
    if not _VIETNAMESE & set(apart):
        apart = "".join(c for c in apart if c not in _LATIN_MARKS)
    return " ".join(unicodedata.normalize("NFC", apart).split())


def spellings(header: str) -> tuple[str, ...]:
    """The normal form, then less certain ones: without what tools put behind a name, camel case as words."""
    plain = normal(header)
    return tuple(dict.fromkeys((plain, _BEHIND.sub("", plain), normal(_CAMEL.sub(" ", header)))))
