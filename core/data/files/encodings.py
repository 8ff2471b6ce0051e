"""The encoding of a text that does not say it: the one under which its words are words of some language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, partial

# The letters beyond A to Z of languages that are written with them, and the encodings that files in them have, the
# commonest first. A language fits as far as its letters are the ones that are there, inside words.
_WESTERN = ("cp1252", "mac_roman", "cp850", "latin_1")
_CENTRAL = ("cp1250", "iso8859_2", "cp852", "mac_latin2")
_LATIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("éèàêçâîôûùëïœ", _WESTERN),  # French
    ("äöüß", _WESTERN),  # German
    ("áéíóúñü¿¡", _WESTERN),  # Spanish
    ("ãçáéíóúâêôõà", _WESTERN),  # Portuguese
    ("àèéìòù", _WESTERN),  # Italian
    ("éëïóöü", _WESTERN),  # Dutch
    ("åäöé", _WESTERN),  # Swedish, Finnish
    ("æøåé", _WESTERN),  # Danish, Norwegian
    ("àéèíïóòúüç·", _WESTERN),  # Catalan
    ("áðéíóúýþæö", _WESTERN),  # Icelandic
    ("ąćęłńóśźż", _CENTRAL),  # Polish
    ("áčďéěíňóřšťúůýž", _CENTRAL),  # Czech
    ("áäčďéíĺľňóôŕšťúýž", _CENTRAL),  # Slovak
    ("áéíóöőúüű", _CENTRAL),  # Hungarian
    ("čćđšž", _CENTRAL),  # Croatian, Slovenian
    ("ăâîșțşţ", (*_CENTRAL, "iso8859_16")),  # Romanian
    ("çğıöşüâîiİ", ("cp1254", "cp857", "mac_turkish")),  # Turkish
    ("āčēģīķļņšūž", ("cp1257", "iso8859_13")),  # Latvian
    ("ąčęėįšųūž", ("cp1257", "iso8859_13")),  # Lithuanian
    ("õäöüšž", ("cp1257", "cp1252")),  # Estonian
    ("ăâđêôơưáàảãạấầẩẫậéèẻẽẹíìỉĩịóòỏõọúùủũụýỳỷỹỵ\u0300\u0301\u0303\u0309\u0323", ("cp1258",)),  # Vietnamese
)
# Scripts of their own share their bytes with each other, so that here the commonest letters, which come first, tell.
_OTHER: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "оаеинтрсвлкмдпубгзйжхцчшщыьъэюяёіїєґђѓєѕјљњћќўџ",
        ("cp1251", "koi8_u", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5"),
    ),
    ("αοιετσνηυρπκμλςάέίόήύώβγδζθξφχψωϊϋΐΰ", ("cp1253", "iso8859_7", "mac_greek")),
    ("יוהלארתבשמנעדחקפסטצגכםןזךףץ", ("cp1255", "iso8859_8")),
    ("اليمونرتبهدعسفقحكجشطصخضزذثغظءآأؤإئةىًٌٍَُِّْپچژگک،؟", ("cp1256", "iso8859_6")),
)
_COMMON, _ALPHABET = 15, 24  # Letters of a script that are frequent; that are no other language's own.
_PUNCTUATION = set("’‘“”„‚«»‹›–—…•·°º²³€£©®™\u00a0§½¼¾¢¥")
_AT_ENDS = set("\u2026\u201c\u201d\u2018\u2019")  # Where words end or begin.
_APOSTROPHES = set("’‘·\u00ad")
_MOST = 20_000  # Letters looked at.
_RUN = re.compile(r"[^ \t\r\n,;|]*[^\x00-\x7f][^ \t\r\n,;|]*")
_THAI_MARKS = {*range(0x0E31, 0x0E32), *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F)}


def likeliest(sample: bytes, candidates: tuple[str, ...] = ()) -> list[str]:
    """The encodings that a sample may have, the likeliest first; of equals the commoner.

    Args:
        sample: the beginning of a file, with bytes beyond ASCII.
        candidates: those that come into question, where something else told; all if empty.
    """
    names = [*dict.fromkeys(name for _, names in (*_LATIN, *_OTHER) for name in names), *_EASTERN]
    scored = []
    for place, name in enumerate(n for n in names if not candidates or n in candidates):
        runs = _runs(sample.decode(name, "replace"))
        scored.append((-round(_score(name, runs), 2), place, name))
    return [name for *_, name in sorted(scored)]


def _runs(text: str) -> list[str]:
    """Words that have more than ASCII, up to a number of letters; each once, for a name that returns says no more."""
    found, letters = [], 0
    for run in dict.fromkeys(_RUN.findall(text)):
        found.append(run)
        letters += len(run)
        if letters > _MOST:
            break
    return found


def _score(name: str, runs: list[str]) -> float:
    """How well words fit the best of an encoding's languages: 1 where every letter does."""
    if name in _EASTERN:
        return _mean(runs, _EASTERN[name])
    fits = []
    for languages, latin in ((_LATIN, True), (_OTHER, False)):
        own = [letters for letters, names in languages if name in names]
        fits += [_mean(runs, partial(_alphabetic, letters=letters, latin=latin)) for letters in own]
    return max(fits)


def _mean(runs: list[str], weight: Callable[[str, int], float]) -> float:
    weights = [weight(run, at) for run in runs for at, letter in enumerate(run) if letter > "\x7f"]
    return sum(weights) / len(weights) if weights else 0.0


def _alphabetic(run: str, at: int, *, letters: str, latin: bool) -> float:
    """What a letter of a word says for a language with these letters."""
    letter, before, after = run[at], run[at - 1] if at else "", run[at + 1 : at + 2]
    inside = before.isalpha() and after.isalpha()
    if letter in _PUNCTUATION:
        if letter in _APOSTROPHES and inside:
            return 1.0 if letter == "\u2019" else 0.5
        at_an_end = letter in _AT_ENDS and before.isalpha() != after.isalpha()
        return -2.0 if inside else 0.9 if at_an_end else 0.5
    if letter.lower() not in letters:
        return -2.0 if not letter.isalpha() else -1.0
    if not (before.isalpha() or after.isalpha()):
        unit = not latin and letters.index(letter.lower()) < _ALPHABET  # As hours and minutes in Russian.
        near = before.isdigit() or after.isdigit()
        return -1.0 if near and (not unit or (before.isdigit() and after.isdigit())) else 0.4  # "3\u00bd", "50\u00a2".
    if not latin:
        mixed = any(c.isascii() and c.isalpha() for c in (before, after))
        usual = 1.0 if letters.index(letter.lower()) < _COMMON else 0.6
        return -2.0 if mixed else min(_cased(letter, before), usual)
    return _cased(letter, before)


def _cased(letter: str, before: str) -> float:
    """Capitals do not follow small letters."""
    return -2.0 if letter.isupper() and before.islower() else 1.0


def _thai(run: str, at: int) -> float:
    code, before = ord(run[at]), ord(run[at - 1]) if at else 0
    if not 0x0E01 <= code <= 0x0E5B:
        return 0.5 if run[at] in _PUNCTUATION else -1.0
    neighbours = (run[at - 1 : at] if at else "", run[at + 1 : at + 2])
    if any(c.isascii() and c.isalpha() for c in neighbours):
        return -2.0
    if not any(0x0E01 <= ord(c) <= 0x0E5B for c in neighbours if c):
        return -1.0  # No word of Thai is one letter.
    # A little less than the common characters of East Asia, whose bytes can also be Thai, but not the other way round.
    return -2.0 if code in _THAI_MARKS and not 0x0E01 <= before <= 0x0E4E else 0.85


@cache
def _common(letter: str, charset: str, low: int, high: int) -> bool:
    """Whether a character is in the first, common part of a national standard."""
    try:
        written = letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return len(written) == 2 and low <= written[0] <= high


def _eastern(charset: str, low: int, high: int, own: str) -> Callable[[str, int], float]:
    """The weights of an encoding of East Asia: what is common there, and the script that is its own."""

    def weight(run: str, at: int) -> float:
        letter = run[at]
        script = unicodedata.name(letter, "").partition(" ")[0]
        if script in {"HIRAGANA", "KATAKANA", "HANGUL"}:
            common = script in own and (script != "HANGUL" or _common(letter, charset, low, high))
            return 1.0 if common else -1.0
        if script == "CJK":
            return 0.9 if own != "HANGUL" and _common(letter, charset, low, high) else -1.0
        return 0.5 if letter in _PUNCTUATION or script in {"FULLWIDTH", "IDEOGRAPHIC"} else -0.5

    return weight


_JAPANESE = "HIRAGANA KATAKANA"
_EASTERN: dict[str, Callable[[str, int], float]] = {
    "cp932": _eastern("shift_jis", 0x88, 0x97, _JAPANESE),
    "euc_jp": _eastern("shift_jis", 0x88, 0x97, _JAPANESE),
    "cp949": _eastern("euc_kr", 0xB0, 0xC8, "HANGUL"),
    "gb18030": _eastern("gb2312", 0xB0, 0xD7, ""),
    "big5": _eastern("big5", 0xA4, 0xC6, ""),
    "cp874": _thai,
}
