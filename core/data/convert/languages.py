"""The language of each caption, as far as it can be told.

A detector knows many languages, so some short captions of an English account look Scots or Danish to it: only languages that some
part of a file is surely of count, and a caption has one of these only where the detector is sure of it among all. What is too
short, not sure or of a rare language is left unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from postlens.core.contract import wording

if TYPE_CHECKING:
    from postlens.core.data.convert.conversion import Conversion

FEWEST = 8  # Captions of some length; of fewer nothing is told.
_LONGEST = 300  # Letters looked at.
_SURE, _SHARE, _SHARE_OF_RELATED = 0.8, 0.05, 0.25
NAMES = {
    "af": "Afrikaans", "am": "Amharic", "az": "Azerbaijani", "be": "Belarusian", "eu": "Basque", "gl": "Galician", "gu": "Gujarati",
    "ha": "Hausa", "hy": "Armenian", "ig": "Igbo", "is": "Icelandic", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada",
    "ku": "Kurdish", "ky": "Kyrgyz", "lo": "Lao", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
    "my": "Burmese", "ne": "Nepali", "pa": "Punjabi", "ps": "Pashto", "si": "Sinhala", "so": "Somali", "sq": "Albanian",
    "sw": "Swahili", "te": "Telugu", "tg": "Tajik", "uz": "Uzbek", "yo": "Yoruba", "zu": "Zulu",
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish",
    "ta": "Tamil", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
_FURTHER = {"cy": "Welsh", "ht": "Haitian", "mt": "Maltese", "ga": "Irish", "lb": "Luxembourgish", "eo": "Esperanto", "nb": "Norwegian",
            "nn": "Norwegian", "sd": "Sindhi", "dv": "Divehi", "bo": "Tibetan", "or": "Odia", "as": "Assamese", "bs": "Bosnian"}  # fmt: skip
_THREE = {
    "eng": "en", "spa": "es", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "ita": "it", "por": "pt", "nld": "nl", "dut": "nl", "pol": "pl",
    "rus": "ru", "ukr": "uk", "tur": "tr", "ara": "ar", "hin": "hi", "ben": "bn", "jpn": "ja", "zho": "zh", "chi": "zh", "kor": "ko", "vie": "vi",
    "tha": "th", "ind": "id", "msa": "ms", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "ces": "cs", "hun": "hu", "ell": "el", "heb": "he",
    "ron": "ro", "cat": "ca", "fas": "fa", "urd": "ur", "tam": "ta", "tel": "te", "fil": "tl", "tgl": "tl",
}  # fmt: skip
_CALLED = {**NAMES, **_FURTHER, "iw": "Hebrew", "in": "Indonesian", "jv": "Javanese"}
_CALLED |= {code: NAMES[two] for code, two in _THREE.items()} | {
    name.lower(): name for name in {**NAMES, **_FURTHER}.values()
}
_RELATED = (
    {"da", "no", "sv"},
    {"id", "ms"},
    {"hr", "sr", "sl", "mk", "bg"},
    {"cs", "sk"},
    {"ca", "es", "pt", "it", "gl"},
    {"ru", "uk", "be", "bg"},
    {"ar", "fa", "ur", "ps", "ku"},
    {"az", "tr", "uz"},
    {"hi", "mr", "ne"},
    {"af", "nl"},
    {"ja", "zh"},
)


def usual_languages(text: pl.Expr) -> pl.Expr:
    """Names of languages for codes such as `en`, `en-GB`, `eng` and names in any case; other words as they are, marks of none as null."""
    plain = text.str.strip_chars().str.to_lowercase()
    code = plain.str.extract(r"^([a-z]{2,3})(?:[-_]\w{2,8})?$")
    called = text.str.strip_chars().replace(_NO_LANGUAGE, None)
    told = [one.replace_strict(_CALLED, default=None, return_dtype=pl.String) for one in (code, plain)]
    return pl.coalesce(*told, called)


def are_languages(text: pl.Series) -> bool:
    """Whether nearly all values are codes or names of languages: not those of a program, or how many people speak one."""
    plain = text.str.strip_chars().str.to_lowercase().str.replace(r"^([a-z]{2,3})[-_]\w{2,8}$", "$1")
    known = plain.filter(~plain.is_in(_NO_LANGUAGE))
    of_code = {"go", "c", "ts", "js", "java", "python", "rust", "html", "css", "sql"}
    return len(known) > 0 and float(known.is_in(list(_CALLED)).mean() or 0.0) > _NEARLY_ALL and not of_code & set(known)  # type: ignore[arg-type]


_MANY, _SOME_OF_MANY = 50_000, 4_000  # Different captions; those that say whether there are several languages.
_NEARLY_ALL = 0.9
_NO_LANGUAGE = ["", "und", "zxx", "qme", "qht", "qst", "qam", "qct", "art", "null", "none"]


def with_language(frame: pl.LazyFrame, have: set[str], work: Conversion) -> pl.LazyFrame:
    """The posts with the language of their captions, where no column says it."""
    caption = next((c for c in ("text", "title") if c in have), "")
    if "language" in have or not caption:
        return frame
    words = frame.select(_words(pl.col(caption)).alias("words")).collect(engine="streaming")["words"]
    told = languages_of(words)
    if told is None:
        return frame
    counts = {name: count for name, count in told.value_counts(sort=True).iter_rows() if name is not None}
    if len(counts) > 1:
        each = wording.listed([f"{name} ({count:,})" for name, count in counts.items()])
        work.notes.append(f"By their words, captions are in {each}; of {told.null_count():,} posts it is not sure.")
    return frame.with_columns(told.alias("language"))


def languages_of(words: pl.Series) -> pl.Series | None:
    """Each caption's language by its English name, null where it is not sure; None where nothing can be told.

    Args:
        words: captions without links, names, hashtags and digits; null for those that are too short.
    """
    different = words.drop_nulls().unique(maintain_order=True)
    if len(different) < FEWEST:
        return None
    if len(different) > _MANY and len(_spoken(Counter(_asked(different.sample(_SOME_OF_MANY, seed=1).to_list())))) < 2:
        return None  # A million captions of one language would take a minute to say nothing.
    told = _asked(different.to_list())
    spoken = _spoken(Counter(told))
    if not spoken:
        return None
    names = [NAMES[code] if code in spoken else None for code in told]
    by_words = pl.DataFrame({"words": different, "language": names}, schema_overrides={"language": pl.String})
    return words.to_frame("words").join(by_words, on="words", how="left", maintain_order="left")["language"]


def _words(caption: pl.Expr) -> pl.Expr:
    """What a caption says, without what is of no language; null for less than some words."""
    bare = caption.str.slice(0, 4 * _LONGEST).str.replace_all(
        r"https?://\S+|[@#][\w.]+|[\p{N}\p{So}\p{Sk}\u200d\ufe0f]", " "
    )
    bare = bare.str.replace_all(r"\s+", " ").str.strip_chars().str.slice(0, _LONGEST)
    letters = bare.str.count_matches(r"\p{L}") + 3 * bare.str.count_matches(
        r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f]"
    )
    return pl.when(letters >= _LETTERS).then(bare)


_LETTERS = 24


_SOME = 3
_NONE = "zxx"  # Numbers, names of products, laughter.


def _spoken(counts: Counter[str]) -> list[str]:
    """The languages that enough captions are of; of those that are much alike the smaller need more."""
    counts = Counter({code: count for code, count in counts.items() if code in NAMES})
    known = counts.total()
    if known < FEWEST / 2:
        return []
    kept: list[str] = []
    for code, count in counts.most_common():
        alike = any(code in group and group & set(kept) for group in _RELATED)
        if count >= max(_SOME, (_SHARE_OF_RELATED if alike else _SHARE) * known):
            kept.append(code)
    return kept


def _asked(captions: Iterable[str]) -> list[str]:
    """The code of each caption's language; `und` where it is not sure."""
    detector = _detector()
    return [detector.classify(caption)[0] for caption in captions]


@cache
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True, min_confidence=_SURE)
    detector.set_languages(sorted([*NAMES, _NONE]))
    return detector
