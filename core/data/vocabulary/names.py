"""The form in which column names are compared, whoever wrote them."""

from __future__ import annotations

import re
import unicodedata

_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0f\ufeff]")
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


# Words for "number of" and articles: "retweet_count", "Anzahl der Likes" and "Likes" name the same kind of thing.
_FILLERS_TEXT = (
    "post posts received count counts number numbers num nr nb no n cnt \uc218 \u6570 \u6578 of the total totals sum a an de d del della dell dello di do da dos das du des des "
    "la le les los las el lo gli il i l van het een der die den von keer aantal anzahl nombre numero liczba laczna lacznie "
    "celkovy celkova celkove celkem spolu samlet samlede samlede totalt totaal totaal totale \u0142aczny \u0142acznie \u0142aczna \u043e\u0431\u0449\u0438\u0438 \u043e\u0431\u0449\u0435\u0435 \u0432\u0441\u0435\u0433\u043e \u0437\u0430\u0433\u0430\u043b\u044c\u043d\u0435 osszes kokonaismaara "
    "sayisi toplam adet jumlah total so luot luong cac suma totale gesamt gesamtzahl na w s\u1ed1 l\u01b0\u1ee3t l\u01b0\u1ee3ng c\u00e1c ilosc "
    "\u043a\u043e\u043b\u0438\u0447\u0435\u0441\u0442\u0432\u043e \u0447\u0438\u0441\u043b\u043e \u043a\u0456\u043b\u044c\u043a\u0456\u0441\u0442\u044c \u0431\u0440\u043e\u0439"
)
_FILLERS = frozenset(_FILLERS_TEXT.split())
_AROUND = re.compile(
    "^(?:\u0e08\u0e33\u0e19\u0e27\u0e19|\u0e22\u0e2d\u0e14)(?:\u0e01\u0e32\u0e23)?|(?:\u56de\u6570|\u91cf|\u6b21\u6570|\u4ef6\u6570|\u6570\u91cf|\u6b21\u6578|\u6578\u91cf|\u6570|\u6578|\uc218)$"
)


_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~\uff01-\uff0f\u201c-\u201e\u2018\u2019\u3001\u3002\u30fb]+")


def core_name(header: str) -> str:
    """What is left of a name without brackets, words for "number of", articles and plural s; empty where nothing is."""
    header = re.sub(r"\.[xyXY]$", "", header)
    plain = normal(_CAMEL.sub(" ", re.sub(r"[(\[\uff08].*?[)\]\uff09]", " ", _WRAPPED.sub("", header))))
    words = [w for w in _BETWEEN.split(plain) if w]
    kept = [_singular(_AROUND.sub("", w) or w) for w in words if w not in _FILLERS]
    return " ".join(kept)


def _singular(word: str) -> str:
    if not word.isascii() or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def spellings(header: str) -> tuple[str, ...]:
    """The normal form, then less certain ones: without what tools put behind a name, camel case as words."""
    plain = normal(header)
    bare = _WRAPPED.sub("", header)
    return tuple(
        dict.fromkeys(
            (
                plain,
                _BEHIND.sub("", plain),
                plain.removesuffix(".value"),
                re.sub(r"\.[xy]$", "", plain),  # What R puts behind names that two tables have.
                normal(_CAMEL.sub(" ", header)),
                normal(bare),
                normal(_CAMEL.sub(" ", bare)),
            )
        )
    )


# Objects in which interfaces keep a post's own numbers.
_WRAPPERS = ("public_metrics", "statistics", "stats", "metrics", "snippet", "insights", "engagement", "counts")
WRAPPED_WORDS = frozenset(name.replace("_", " ") for name in _WRAPPERS)
# Also what Power Query puts before the names of a list's objects, and the codes of a codebook, as in `M4_like_count`.
_WRAPPED = re.compile(
    rf"^(?:(?:{'|'.join(_WRAPPERS)}|node|post|data|column\d+)\.|(?:stats|statsv2|statistics|public_metrics)_(?=[a-z])|[a-z]\d{{1,2}}_(?=[a-z]))",
    re.IGNORECASE,
)
