"""The ways dates are written: patterns, and text to the numbers in it."""

from __future__ import annotations

import polars as pl

from postlens.core.data.vocabulary.tables import months

_PARTS = ("y", "a", "b", "h", "mi", "s", "ap", "z")
_CLOCK = r"(?:[T ,]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<ap>[APap]\.?[Mm]\.?)?)?"
_ZONE = r"\s*(?P<z>Z|[A-Z]{3,5}|[+-]\d{2}:?(?:\d{2})?)?"
YEAR_FIRST = rf"^(?P<y>\d{{4}})[-/.](?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}}){_CLOCK}{_ZONE}$"
YEAR_LAST = rf"^(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}$"
_WORD = r"\p{L}{3,12}"
_MONTH_NAME = rf"^(?:{_WORD}\.?,?\s+)?(?P<a>{_WORD})\.?\s+(?P<b>\d{{1,2}}),?\s+(?P<y>\d{{4}}){_CLOCK}{_ZONE}$"
_DASHED_NAME = rf"^(?P<b>\d{{1,2}})[-/ ](?P<a>{_WORD})\.?[-/ ](?P<y>\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}$"
_API = rf"^{_WORD} (?P<a>{_WORD}) (?P<b>\d{{1,2}}) (?P<h>\d{{2}}):(?P<mi>\d{{2}}):(?P<s>\d{{2}}) (?P<z>[+-]\d{{4}}) (?P<y>\d{{4}})$"
COMPACT = rf"^(?P<y>(?:19|20)\d{{2}})(?P<a>0[1-9]|1[0-2])(?P<b>0[1-9]|[12]\d|3[01])(?:T?(?P<h>\d{{2}})(?P<mi>\d{{2}})(?P<s>\d{{2}})?)?(?P<ap>\s)?{_ZONE}$"
CJK = rf"^(?P<y>\d{{4}})\s*[\u5e74\ub144]\s*(?P<a>\d{{1,2}})\s*[\u6708\uc6d4]\s*(?P<b>\d{{1,2}})\s*[\u65e5\uc77c]{_CLOCK}{_ZONE}$"
_DAY_NAME = rf"^(?:{_WORD}\.?,?\s+)?(?P<b>\d{{1,2}})\.?\s+(?:de\s+)?(?P<a>{_WORD})\.?,?\s+(?:de\s+)?(?P<y>\d{{4}}){_CLOCK}{_ZONE}$"
_MONTHS = months()


# Other ways to write what the patterns below know: digits of other scripts, clocks, zones, and the order of the parts.
_DIGITS = {chr(zero + n): str(n) for zero in (0x0660, 0x06F0, 0x0966, 0x0E50) for n in range(10)}
_REWRITTEN = (
    (r"(\d)\s?h\s?(\d{2})$", "$1:$2"),
    (r"(\d{4},?\s(?:klo\s)?\d{1,2})\.(\d{2})$", "$1:$2"),
    (r"(\d{4},?)\sklo\s", "$1 "),
    (r"(?:\u5348\u524d|\u4e0a\u5348|\uc624\uc804)\s?(\d{1,2}:\d{2}(?::\d{2})?)", " $1 AM"),
    (r"(?:\u5348\u5f8c|\u4e0b\u5348|\uc624\ud6c4)\s?(\d{1,2}:\d{2}(?::\d{2})?)", " $1 PM"),
    (r"^((?:19|20)\d{2})(\d{2})(\d{2}) (\d{1,2}:)", "$1-$2-$3 $4"),
    (r"^\p{L}{3} (\p{L}{3}) (\d{1,2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT([+-]\d{4}).*$", "$1 $2 $3 $4 $5"),
    (r"^\p{L}{3} (\p{L}{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) ([A-Z]{3,4}) (\d{4})$", "$1 $2 $5 $3 $4"),
    (r"\s?\(?(?:UTC|GMT)\s?([+-])(\d)\)?$", " ${1}0$2:00"),
    (r"\s?\(?(?:UTC|GMT)\s?([+-]\d{2}(?::?\d{2})?)\)?$", " $1"),
    (r"^(\d{1,2}:\d{2}(?::\d{2})?)[ ,]+(\d{1,4}[-/.].*\d)$", "$2 $1"),
)


def _rewritten(clean: pl.Series) -> pl.Series:
    written = clean.to_frame("v").select(pl.col("v").str.replace_many(_DIGITS)).to_series()
    for pattern, plain in _REWRITTEN:
        written = written.str.replace(pattern, plain)
    return written.str.strip_chars()


def year_first(text: pl.Series) -> pl.Series:
    """Dates of three pairs of digits, as `26.03.02`, with the century, where the first pair hardly changes and the last does."""
    parts = text.drop_nulls().str.extract_groups(r"^\s*(\d{2})[-/.](\d{2})[-/.](\d{2})(?:\D|$)").struct.unnest()
    parts = parts.select(pl.all().cast(pl.Int16, strict=False)).drop_nulls()
    if parts.height < 3 or parts.height < 0.9 * text.count():
        return text
    year, month, day = parts.columns
    low, high = parts[year].min(), parts[year].max()
    spread, days = high - low, parts[day].max() - parts[day].min()  # type: ignore[operator]
    plausible = bool(parts[month].max() <= 12) and bool(low >= 5) and bool(high <= 40)  # type: ignore[operator]
    if plausible and spread <= 3 < days and bool(parts[day].max() <= 31):  # type: ignore[operator]
        return text.str.replace(r"^\s*(\d{2}[-/.]\d{2}[-/.]\d{2})", "20$1")
    return text


def cleaned(text: pl.Series) -> pl.Series:
    """The text of dates without what is beside them; words for "none" are null."""
    clean = _rewritten(text.str.strip_chars())
    return clean.set(clean.is_in(["", "-", "--", "N/A", "n/a", "null"]), None)


def parts_of(clean: pl.Series, pattern: str) -> pl.DataFrame:
    """Columns y, a (month), b (day), h, mi, s, ap, z of the values that fit a pattern, null elsewhere."""
    groups = clean.to_frame("v").select(pl.col("v").str.extract_groups(pattern)).to_series().struct.unnest()
    numbers = [name for name in ("y", "a", "b", "h", "mi", "s") if name in groups.columns]
    groups = groups.with_columns(years=pl.col("y").str.len_chars())
    groups = groups.with_columns(pl.col(numbers).cast(pl.Int16, strict=False)).with_columns(
        y=pl.when(pl.col("years") == 4)
        .then("y")
        .when(pl.col("y") < 70)
        .then(pl.col("y") + 2000)
        .when(pl.col("y") < 100)
        .then(pl.col("y") + 1900)
        .otherwise("y")
    )
    buddhist = pl.col("y").is_between(2440, 2700)  # Thailand counts 543 years more; nobody posts in 2569.
    own = pl.when(buddhist).then(pl.col("y") - 543).when(pl.col("y").is_between(1970, 2200)).then("y")
    return groups.select(*_PARTS).with_columns(y=own)


def parts_with_names(clean: pl.Series) -> pl.DataFrame:
    """Dates with the month's name, of every form; two digits of a year are of this century."""
    found: pl.DataFrame | None = None
    for pattern in (_MONTH_NAME, _DAY_NAME, _DASHED_NAME, _API):
        groups = clean.to_frame("v").select(pl.col("v").str.extract_groups(pattern)).to_series().struct.unnest()
        groups = groups.with_columns(pl.lit(None, dtype=pl.String).alias(n) for n in _PARTS if n not in groups.columns)
        month = pl.col("a").str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.Int16)
        short = pl.col("y").str.len_chars() == 2
        numbers = groups.with_columns(
            pl.col("y", "b", "h", "mi", "s").cast(pl.Int16, strict=False), a=month, short=short
        )
        one = numbers.with_columns(y=pl.when("short").then(pl.col("y") + 2000).otherwise("y")).select(_PARTS)
        found = (
            one
            if found is None
            else pl.DataFrame({n: found[n].zip_with(found["y"].is_not_null(), one[n]) for n in _PARTS})
        )
    assert found is not None
    return found
