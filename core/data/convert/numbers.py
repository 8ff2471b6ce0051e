"""Text to numbers, one decision per column: which mark is the decimal one, which parts thousands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from postlens.core.data.convert.blocks_on_disk import BLOCK, in_blocks
from postlens.core.data.convert.column_text import share_of
from postlens.core.data.convert.date_text import DIGITS
from postlens.core.data.vocabulary.roles import RoleType

_EMPTY = (
    "",
    "-",
    "--",
    "n.a.",
    "n. a.",
    "\u2013",
    "\u2014",
    "n/a",
    "na",
    "nan",
    "null",
    "none",
    "#n/a",
    "#value!",
    "#ref!",
)
_SPACES = "[\\s\u00a0\u202f\u2009'\u2019]"
_CURRENCY = "[$\u20ac\u00a3\u00a5]"
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "w": 1e4, "y": 1e8}
# Words for thousands and so on, by the letter they become.
_SCALE_WORDS = (
    (r"(?i)(\d)[\s\u00a0\u202f]*mil\.$", "${1}m"),  # Czech, Slovak, Croatian, Romanian; Spanish "mil" has no point.
    (r"(?i)^([^.]*\d)[\s\u00a0\u202f]*mil$", "${1}k"),  # "12.5 mil" may be an English million: not understood.
    (
        r"(?i)(\d)[\s\u00a0\u202f]*(?:tsd|tys|tis|bin|rb|ribu|mila|mii|nghin|ngh\u00ecn|\u0939\u091c\u093c\u093e\u0930|\u0939\u095b\u093e\u0930|\u0442\u044b\u0441|\u5343|\ucc9c)\.?$",
        "${1}k",
    ),
    (r"(?i)(\d)[\s\u00a0\u202f]*(?:mio|mln|mn|mi|milj|jt|tri\u1ec7u|tr|\u043c\u043b\u043d)\.?$", "${1}m"),
    (r"(\d)\s*(?:\u4e07|\u842c|\ub9cc)$", "${1}w"),
    (r"(\d)\s*(?:\u4ebf|\u5104|\uc5b5)$", "${1}y"),
)

MAX_WHOLE = 9e18  # What a 64-bit whole number holds; a larger one is damage.
Mark = Literal["point", "comma"]


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """A converted column.

    Attributes:
        values: Int64 where every value is whole, else Float64; null where missing or unreadable.
        reading: how the text was read, for the report.
        bad: positions of the values that are no numbers.
        open: nothing in the column tells whether its mark is the decimal one or parts thousands; of counts, that it is
            their being whole that tells.
    """

    values: pl.Series
    reading: str
    bad: pl.Series
    open: bool = False


def read_numbers(
    text: pl.Series,
    role: RoleType,
    *,
    percent_header: bool = False,
    lean: Mark | None = None,
    told: Mark | None = None,
) -> Numbers:
    """Convert a text column. Rates written in percent become shares (0 to 1); clock times become seconds.

    Blank and the usual words for "no value" become null, never 0.

    Args:
        text: the column.
        role: what it holds.
        percent_header: its name says that it is in percent.
        lean: the decimal mark of a column that could be read either way, by other columns.
        told: the decimal mark that somebody said; it holds for counts too.
    """
    if role == "seconds":
        return _read_seconds(text, lean)
    if _of_words(text):
        return Numbers(
            values=pl.Series([None], dtype=pl.Float64).new_from_index(0, len(text)),
            reading="numbers",
            bad=text.is_not_null().arg_true(),
        )
    if not percent_header and (digits := _whole_numbers(text)) is not None:
        return Numbers(values=digits, reading="numbers", bad=pl.Series([], dtype=pl.UInt32))
    clean = _without_lone_billions(in_blocks(_clean, text), text)
    if role == "count":  # A share is no count.
        clean = clean.set(clean.str.ends_with("%").fill_null(False), "?")
    shapes = in_blocks(_shape, clean).unique()
    whole = role == "count" and told is None
    mark = decimal_mark(shapes, whole=whole, lean=lean)
    if whole and _two_marks(shapes, mark):  # 12.5K beside 2.099: neither reading of the other fits.
        clean = clean.set(
            clean.str.contains(rf"^[+-]?\d+[{'.' if mark == 'point' else ','}]\d{{3}}$").fill_null(False), "?"
        )
    values = _parsed(clean, mark)
    percent = percent_header or bool(shapes.str.ends_with("%").any())
    if percent and role == "rate":
        values = values / 100
    found = _numbers(text, clean, values, reading=_reading(shapes, mark, percent=percent))
    return replace(found, open=(role == "count" or lean is None) and _either(shapes))


_SCALE_WORD = r"(?i:mio|mln|mrd|mil|mn|mi|tsd|tys|tis|jt|rb|tr|n|k|m|b|\u0442\u044b\u0441|\u043c\u043b\u043d|[\u5343\u4e07\u842c\u4ebf\u5104\ucc9c\ub9cc\uc5b5])"
_A_COUNT = rf"\d[\d.,\s]*(?:{_SCALE_WORD}\.?)?"
_WORD_BEHIND, _WORD_BEFORE = (
    rf"^({_A_COUNT})\s*(\p{{L}}[\p{{L}} ]*)$",
    rf"^(\p{{L}}[\p{{L}} ]*?)\s*[:\uff1a\[(]?\s*({_A_COUNT})[\])]?$",
)
_LARGE = r"^(?i:mil|mio|mrd|bil|taus|thous|hund|lakh|crore|juta|rib|tri|ngh|\u0442\u044b\u0441|\u043c\u0438\u043b|[\u5343\u4e07\u842c\u4ebf\u5104\ucc9c\ub9cc\uc5b5])|^.$"
_MOST_COUNTED, _SURE, _STEM = 0.7, 0.95, 3


def without_words(text: pl.Series) -> tuple[pl.Series, str]:
    """Counts without what is counted, as "165,972 views" or "\u8f6c\u53d1 12201", and the word; the same and no word for others.

    Args:
        text: a column of which most values are no numbers.
    """
    known = text.str.strip_chars()
    for pattern, number, word in ((_WORD_BEHIND, 1, 2), (_WORD_BEFORE, 2, 1)):
        words = known.str.extract(pattern, word).str.strip_chars()
        usual = words.drop_nulls().value_counts(sort=True)
        if not usual.height or usual[words.name].str.contains(_LARGE).any():
            continue
        # "1 view" beside "views"; but "2 others" in a column of likes counts something else.
        same = words.str.to_lowercase().str.starts_with(str(usual[words.name][0]).lower()[:_STEM]).fill_null(False)
        if int(same.sum()) >= max(_MOST_COUNTED * text.count(), _SURE * words.count(), 1):
            return known.str.extract(pattern, number).zip_with(same, known), str(usual[words.name][0])
    return text, ""


def _of_words(text: pl.Series) -> bool:
    """Whether most values are links, flags or sentences: told at once, where wide tables have hundreds of such columns."""
    # The first say whether it is worth looking at all: "still pending" may stand above a million numbers.
    return all(share_of(part.drop_nulls(), _WORDS) > _MOST_WORDS for part in (text.head(_FIRST), text))


_FIRST, _MOST_WORDS = 1_000, 0.5
_WORDS = r"://|\p{L}{4,}\P{L}+\p{L}{4,}|^(?i:true|false)$"


def _whole_numbers(text: pl.Series) -> pl.Series | None:
    """The values where all are digits alone, as in most files: two dozen patterns cost more than reading them; else None."""
    values = text.cast(pl.Int64, strict=False)
    lost = values.null_count() > text.null_count() or bool((values.abs() > int(MAX_WHOLE)).any())
    return None if lost else values


def _two_marks(shapes: pl.Series, mark: Mark) -> bool:
    """Whether a mark that is decimal before K or M stands before three digits wherever a number has no such letter."""
    sign = r"\." if mark == "point" else ","
    scaled = shapes.str.contains(rf"^[+-]?\d+{sign}\d{{1,2}}[kmbwy]$").fill_null(False)
    return bool(scaled.any()) and _only_thousands(_marked(shapes), sign) is True


def _without_lone_billions(clean: pl.Series, text: pl.Series) -> pl.Series:
    """`1.5B` beside `3M` is a billion, beside `3 Mn` (Turkish) a thousand; alone it is as likely either, and not understood."""
    billions = clean.str.contains(r"^[+-]?[\d.,]+b$").fill_null(False)
    if not billions.any():
        return clean
    if text.str.contains(r"(?i)\d\s*(?:mn|bin)\.?$").any():
        return clean.str.replace("b$", "k")
    if clean.str.contains(r"^[+-]?[\d.,]+[km]$").any():
        return clean
    return clean.set(billions, "?")


def _shape(clean: pl.Series) -> pl.Series:
    """Where a value has digits, marks and letters; few differ, and they are all that `decimal_mark` looks at."""
    return clean.str.replace_all("[2-9]", "1").str.replace_all(r"\B0", "1").unique()


def decimal_mark(clean: pl.Series, *, whole: bool, lean: Mark | None = None) -> Mark:
    """Which of `.` and `,` is the decimal mark of a column.

    Proof first: a value with both has the decimal mark last; a mark that does not stand before exactly three
    digits each time is decimal. Where every value fits both readings (`1.234`), a column of whole numbers reads
    the mark as thousands and any other as decimal, unless `lean` says what other columns of the file have.
    """
    scaled = clean.str.extract(r"^[+-]?\d+([.,])(?:\d{1,2}|\d{4,})[kmbwy]$").drop_nulls()
    if len(scaled):  # 1.2K
        return "comma" if bool((scaled == ",").all()) else "point"
    frame = _marked(clean)
    both = frame.filter(
        pl.col("v").str.contains(r"[.,].*[.,]") & pl.col("v").str.contains(r"\.") & pl.col("v").str.contains(",")
    )
    if both.height:
        last_comma = both.select(pl.col("v").str.contains(r",\d+$") & ~pl.col("v").str.contains(r"\.\d+$")).to_series()
        return "comma" if bool(last_comma.all()) else "point"
    commas, points = _only_thousands(frame, ","), _only_thousands(frame, r"\.")
    if ((commas and points is None) or (points and commas is None)) and _twice(frame):
        return "point" if commas else "comma"
    if lean is not None and not whole and (commas or points) and (commas is None or points is None):
        return lean
    if commas is not None and points is None:
        return "point" if commas and whole else "comma"
    return "comma" if points and commas is None and whole else "point"


def _marked(clean: pl.Series) -> pl.DataFrame:
    """The values that are digits and marks."""
    scaled = clean.str.contains(r"(?i)[kmbwy]$").fill_null(False)
    frame = clean.filter(~scaled).drop_nulls().str.replace("%$", "").to_frame("v")
    return frame.filter(pl.col("v").str.contains(r"^[+-]?[\d.,]+$"))


def _either(shapes: pl.Series) -> bool:
    """Whether every mark of the column stands where it may part thousands, and there is but one kind of mark."""
    frame = _marked(shapes)
    found = [_only_thousands(frame, mark) for mark in (",", r"\.")]
    return sorted(found, key=str) == [None, True] and not _twice(frame)


def _twice(frame: pl.DataFrame) -> bool:
    """Whether a value has a mark twice, as only thousands have."""
    return bool(frame["v"].str.contains(r"[.,]\d+[.,]").any())


def both_readings(text: pl.Series) -> str:
    """Some values of a column under either reading of its mark, for people to choose."""
    clean = in_blocks(_clean, text)
    some = clean.filter(clean.str.contains(r"^[+-]?[1-9]\d{0,2}([.,]\d{3})+$").fill_null(False)).unique(
        maintain_order=True
    )
    shown = []
    for value in some.head(5).to_list():
        thousands = value.replace(".", "").replace(",", "")
        mark = max(value.rfind("."), value.rfind(","))
        shown.append(f"{value} is {value[:mark].replace('.', '').replace(',', '')}.{value[mark + 1 :]} or {thousands}")
    return "; ".join(shown)


def reader_of(text: pl.Series) -> Callable[[pl.Series], pl.Series]:
    """What reads any part of a column as the whole column is read; unreadable values become null."""
    mark = decimal_mark(in_blocks(_shape, in_blocks(_clean, text)).unique(), whole=False)
    return lambda part: _parse(_clean(part), mark).cast(pl.Float64)


def _only_thousands(frame: pl.DataFrame, mark: str) -> bool | None:
    """Whether a mark always stands before three digits; None where it does not occur."""
    marked = frame.filter(pl.col("v").str.contains(mark))
    if marked.is_empty():
        return None
    return bool(
        marked.select(pl.col("v").str.contains(rf"^[+-]?[1-9]\d{{0,2}}({mark}\d{{2,3}})*{mark}\d{{3}}$").all()).item()
    )


_OTHER_SCRIPTS = {
    **DIGITS,
    "\u066b": ".",
    "\u066c": ",",
    "\u066a": "%",
}  # Of Arabic: the decimal mark, thousands, percent.


def _clean(text: pl.Series) -> pl.Series:
    if bool(text.str.contains(r"[^\x00-\x7f]").any()):
        text = text.str.replace_many(_OTHER_SCRIPTS)
    stripped = (
        text.str.strip_chars()
        .str.replace_all(_CURRENCY, "")
        .str.strip_chars()
        .str.replace_all(rf"(\d){_SPACES}(\d{{3}})", "$1$2")
        .str.replace_all(rf"(\d){_SPACES}(\d{{3}})", "$1$2")
        .str.replace(rf"{_SPACES}+([%kKmMbB])$", "$1")
        .str.replace("^\u2212", "-")
        .str.replace(r"([\d\p{L}])\+$", "$1")
    )
    for word, letter in _SCALE_WORDS:
        stripped = stripped.str.replace(word, letter)
    lowered = stripped.str.to_lowercase()
    return lowered.set(lowered.is_in(_EMPTY), None)


def _parsed(clean: pl.Series, mark: Mark) -> pl.Series:
    """Whole numbers where all of the column are."""
    parts = [_parse(clean.slice(start, BLOCK), mark) for start in range(0, max(len(clean), 1), BLOCK)]
    kind = pl.Int64 if all(p.dtype == pl.Int64 for p in parts) else pl.Float64
    return pl.concat([p.cast(kind) for p in parts])


def _parse(clean: pl.Series, mark: Mark) -> pl.Series:
    thousands, decimal = (",", ".") if mark == "point" else (".", ",")
    frame = clean.to_frame("v").with_columns(scale=pl.col("v").str.extract(r"([kmbwy])$"))
    bare = pl.col("v").str.replace(r"[%kmbwy]$", "")
    # 3,4K is decimal whatever the rest of the column has; else a mark parts thousands before three digits, or as in India.
    scaled = pl.col("scale").is_not_null() & bare.str.contains(r"^[+-]?\d+[.,]\d{1,2}$")
    t, d = (f"\\{mark}" for mark in (thousands, decimal))
    parted = bare.str.contains(rf"^[+-]?(?:\d{{1,3}}(?:{t}\d{{3}})+|\d{{1,2}}(?:{t}\d{{2}})+{t}\d{{3}})(?:{d}\d*)?$")
    wrong = bare.str.contains(thousands, literal=True) & ~parted
    plain = (
        pl.when(scaled)
        .then(bare.str.replace(",", ".", literal=True))
        .when(~wrong)
        .then(bare.str.replace_all(thousands, "", literal=True).str.replace(decimal, ".", literal=True))
    )
    number = pl.when(plain.str.contains(r"^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$")).then(plain)
    scale = pl.col("scale").replace_strict(_SCALES, default=1.0, return_dtype=pl.Float64)
    parsed = frame.select(
        whole=number.cast(pl.Int64, strict=False), number=number.cast(pl.Float64, strict=False), scale=scale
    )
    if parsed["scale"].eq(1.0).all() and parsed["whole"].null_count() == parsed["number"].null_count():
        return parsed["whole"].set(parsed["whole"].abs() > int(MAX_WHOLE), None)
    number_scaled = parsed["number"] * parsed["scale"]
    return number_scaled.set(number_scaled.abs() > MAX_WHOLE, None).fill_nan(None)


def _whole_if_possible(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Int64 or values.null_count() == len(values):
        return values.cast(pl.Int64, strict=False)
    finite = values.drop_nulls()
    if (finite == finite.round(0)).all() and (finite.abs() < 2**53).all():
        return values.cast(pl.Int64)
    return values


def _numbers(text: pl.Series, clean: pl.Series, values: pl.Series, *, reading: str) -> Numbers:
    bad = (clean.is_not_null() & values.is_null()).arg_true()
    return Numbers(values=_whole_if_possible(values).rename(text.name), reading=reading, bad=bad)


def _reading(clean: pl.Series, mark: Mark, *, percent: bool) -> str:
    if percent:
        return "percent"
    if not clean.str.contains("[.,]").any():
        return "numbers"
    return "numbers, decimal point" if mark == "point" else "numbers, decimal comma"


def _read_seconds(text: pl.Series, lean: Mark | None) -> Numbers:
    clean = in_blocks(_clean, text)
    clock = in_blocks(_clock, clean)
    bare = clean.set(clean.str.contains("[a-z]$").fill_null(False), None)  # 2m is two minutes, not two million seconds.
    shapes = in_blocks(_shape, bare).unique()
    plain = _parsed(bare, decimal_mark(shapes, whole=False, lean=lean)).cast(pl.Float64)
    values = plain.zip_with(plain.is_not_null(), clock)
    found = _numbers(text, clean, values, reading="clock times" if clock.count() else "seconds")
    return replace(found, open=lean is None and _either(shapes))


def _clock(clean: pl.Series) -> pl.Series:
    dated = clean.str.extract_groups(r"^(1899-12-3[01]|1900-01-\d\d)[ t]").struct.field("1")
    clean = clean.str.replace(
        r"^(?:1899-12-3[01]|1900-01-\d\d)[ t]", ""
    )  # Excel's durations, dated with its first days.
    parts = clean.to_frame("v").select(
        hours=pl.col("v").str.extract(r"^(?:(\d+):)\d{1,2}:\d{2}(?:\.\d+)?$").cast(pl.Float64),
        minutes=pl.col("v").str.extract(r"^(?:\d+:)?(\d{1,3}):\d{2}(?:\.\d+)?$").cast(pl.Float64),
        seconds=pl.col("v").str.extract(r"^(?:\d+:)?\d{1,3}:(\d{2}(?:\.\d+)?)$").cast(pl.Float64),
    )
    days = dated.str.extract(r"^1900-01-(\d\d)").cast(pl.Float64).fill_null(0)
    if dated.n_unique() <= 1:  # Of all values the same day: that of a library that knows no durations.
        days = days * 0
    colons = days * 86400 + parts["hours"].fill_null(0) * 3600 + parts["minutes"] * 60 + parts["seconds"]
    iso = clean.to_frame("v").select(
        pl.when(pl.col("v").str.contains(r"^pt(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?s)?$")).then(
            sum(
                pl.col("v").str.extract(rf"(\d+(?:\.\d+)?){letter}").cast(pl.Float64).fill_null(0) * seconds
                for letter, seconds in (("h", 3600), ("m", 60), ("s", 1))
            )
        )
    )
    colons = colons.zip_with(colons.is_not_null(), iso.to_series())
    spelled = clean.to_frame("v").select(
        pl.when(pl.col("v").str.contains(r"^(?:\d+\s*h)?\s*(?:\d+\s*m)?\s*(?:\d+(?:\.\d+)?\s*s)?$")).then(
            sum(
                pl.col("v").str.extract(rf"(\d+(?:\.\d+)?)\s*{letter}").cast(pl.Float64).fill_null(0) * seconds
                for letter, seconds in (("h", 3600), ("m", 60), ("s", 1))
            )
        )
    )
    return colons.zip_with(colons.is_not_null(), spelled.to_series())
