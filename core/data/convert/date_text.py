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
# A clock by itself, which Excel dates with its first day, as in a column named "time".
TIME_OF_DAY = r"^\s*(?:(?:1899|1900)-\d\d-\d\d\s+)?\d{1,2}[:h.][0-5]\d(:\d{2}(?:\.\d+)?)?\s*([AaPp]\.?\s?[Mm]\.?)?\s*(?:[A-Z]{3,4}|(?i:uhr|hrs?|hs?)\.?)?\s*$"
# The same as four digits, 0917, of which a spreadsheet may have dropped the first.
DIGITS_OF_A_CLOCK = r"^\s*(\d|[01]\d|2[0-3])([0-5]\d)\s*$"


# Other ways to write what the patterns below know: digits of other scripts, clocks, zones, and the order of the parts.
DIGITS = {chr(zero + n): str(n) for zero in (0x0660, 0x06F0, 0x0966, 0x0E50) for n in range(10)}
# Months of scripts whose words have marks and points within them.
_THAI = (
    ("\u0e21.\u0e04.", "\u0e21\u0e01\u0e23\u0e32\u0e04\u0e21"), ("\u0e01.\u0e1e.", "\u0e01\u0e38\u0e21\u0e20\u0e32\u0e1e\u0e31\u0e19\u0e18\u0e4c"), ("\u0e21\u0e35.\u0e04.", "\u0e21\u0e35\u0e19\u0e32\u0e04\u0e21"),
    ("\u0e40\u0e21.\u0e22.", "\u0e40\u0e21\u0e29\u0e32\u0e22\u0e19"), ("\u0e1e.\u0e04.", "\u0e1e\u0e24\u0e29\u0e20\u0e32\u0e04\u0e21"), ("\u0e21\u0e34.\u0e22.", "\u0e21\u0e34\u0e16\u0e38\u0e19\u0e32\u0e22\u0e19"),
    ("\u0e01.\u0e04.", "\u0e01\u0e23\u0e01\u0e0e\u0e32\u0e04\u0e21"), ("\u0e2a.\u0e04.", "\u0e2a\u0e34\u0e07\u0e2b\u0e32\u0e04\u0e21"), ("\u0e01.\u0e22.", "\u0e01\u0e31\u0e19\u0e22\u0e32\u0e22\u0e19"),
    ("\u0e15.\u0e04.", "\u0e15\u0e38\u0e25\u0e32\u0e04\u0e21"), ("\u0e1e.\u0e22.", "\u0e1e\u0e24\u0e28\u0e08\u0e34\u0e01\u0e32\u0e22\u0e19"), ("\u0e18.\u0e04.", "\u0e18\u0e31\u0e19\u0e27\u0e32\u0e04\u0e21"),
)  # fmt: skip
_HINDI = "\u091c\u0928\u0935\u0930\u0940 \u092b\u093c\u0930\u0935\u0930\u0940 \u092e\u093e\u0930\u094d\u091a \u0905\u092a\u094d\u0930\u0948\u0932 \u092e\u0908 \u091c\u0942\u0928 \u091c\u0941\u0932\u093e\u0908 \u0905\u0917\u0938\u094d\u0924 \u0938\u093f\u0924\u0902\u092c\u0930 \u0905\u0915\u094d\u091f\u0942\u092c\u0930 \u0928\u0935\u0902\u092c\u0930 \u0926\u093f\u0938\u0902\u092c\u0930"
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_WORDS = {word: _ENGLISH[i] for i, words in enumerate(_THAI) for word in reversed(words)}
_MONTH_WORDS |= dict(zip(_HINDI.split(), _ENGLISH, strict=True)) | {"\u092b\u0930\u0935\u0930\u0940": "Feb"}
# Japan counts years by reigns: Reiwa 1, "gannen", is 2019, Heisei 31 too.
_REIGNS = {
    name + ("\u5143" if year == 1 else str(year)) + "\u5e74": f"{begin + year}\u5e74"
    for name, begin, last in (("\u4ee4\u548c", 2018, 40), ("\u5e73\u6210", 1988, 31))
    for year in range(1, last + 1)
}
_AT = (
    "at|um|\u00e0|a las|\u00e0s|as|alle ore|alle|ore|om|o godz\\.?|kl\\.?|klokken|klo|saat|pukul|pkl\\.?|l\u00fac|\u0432|\u043e|\u043e\u0431|\u0641\u064a|"
    "\u03c3\u03c4\u03b9\u03c2|\u0e40\u0e27\u0e25\u0e32|\u0915\u094b|v"
)
# What YouTube writes before the day of a video that was first shown at an hour, or live.
_SHOWN = (
    "premiered|premieres|streamed live on|streamed live|started streaming on|published on|uploaded on|estreou em|estreia em|transmitido em|"
    "transmitido ao vivo em|sortie le|premi\u00e8re le|diffus\u00e9 en direct le|diffus\u00e9 le|ajout\u00e9e? le|publi\u00e9e? le|se estren\u00f3 el|estrenado el|"
    "emitido en directo el|transmitido en vivo el|publicado el|publicado em|premiere am|live \u00fcbertragen am|livestream vom|am|pubblicato il|"
    "in anteprima il|trasmesso in live streaming il|gepubliceerd op|livegestreamd op|\u043f\u0440\u0435\u043c\u044c\u0435\u0440\u0430|\u043f\u0440\u044f\u043c\u043e\u0439 \u044d\u0444\u0438\u0440"
)
_REWRITTEN = (
    (rf"(?i)^(?:{_SHOWN})\s*:?\s+(.*\d)", "$1"),
    (r"\[[A-Za-z_]+/[A-Za-z_/]+\]$", ""),
    (r"(\d) [A-Z]{2,5}([+-]\d{4})$", "$1 $2"),
    (r"^(\d{1,2}:\d{2}(?:\s?[AaPp]\.?[Mm]\.?)?)\s+[-\u00b7\u2013]\s+(\p{L}.*\d|\d.*\d{4})$", "$2 $1"),
    (r"(\d{4})\s?[\u0433\u0440]\.", "$1"),
    (rf"(?i)(\d{{4}}),?\s+(?:{_AT})\s+(\d{{1,2}}\D)", "$1 $2"),
    (r"(\d)(?:st|nd|rd|th|er|\u00ba|\u00aa)\b", "$1"),
    (r"(?i)\s*([ap])\.\s?m\.?$", " ${1}m"),
    (r"\s*(?:\u03c0\.?\u03bc\.?|\u0635|\u092a\u0942\u0930\u094d\u0935\u093e\u0939\u094d\u0928)$", " AM"),
    (r"\s*(?:\u03bc\.?\u03bc\.?|\u0645|\u0905\u092a\u0930\u093e\u0939\u094d\u0928)$", " PM"),
    (r"\s?(?:\u0e19\.?|(?i:uhr|hrs?))$", ""),
    (r"(:\d\d)\s?(?i:hs?)\.?$", "$1"),
    (r"(\d{1,2})\s?[\u6642\u65f6\u70b9\u9ede\uc2dc]\s?(\d{1,2})[\u5206\ubd84]?(?:\s?\d{1,2}[\u79d2\ucd08])?$", "$1:$2"),
    (r"[\u65e5\uc77c](\d)", "\u65e5 $1"),
    (r"^(\d{4})\.\s+(\d{1,2})\.\s+(\d{1,2})\.?", "$1-$2-$3"),
    (r"^(\d{4})\.?\s+(\p{L}{3,12})\.?\s+(\d{1,2})\.?", "$3 $2 $1"),
    (r"^(\d{1,2})\.\s+(\d{1,2})\.\s+(\d{4})", "$1.$2.$3"),
    (r"(?i)^(\d{1,2})\s+(?:thg|th\u00e1ng)\s+(\d{1,2}),?\s+(?:n\u0103m\s+)?(\d{4})", "$3-$2-$1"),
    (r"(?i)^(?:ng\u00e0y\s+)?\p{L}{2,12}\.?,?\s+(\d{1,2}[-/.]\d)", "$1"),
    (r"\s?\(?(?:UTC|GMT)\s?([+-])(\d):?(\d{2})\)?$", " ${1}0$2:$3"),
    (r"(\d)\s?h\s?(\d{2})$", "$1:$2"),
    (r"(\s\d{1,2})\s?h$", "$1:00"),
    (r"(\s\d{1,2}):(\d):(\d{1,2})$", "$1:0$2:$3"),
    (r"(\s\d{1,2}:\d{2}):(\d)$", "$1:0$2"),
    (r"^(\d{1,2}:\d{2}(?::\d{2})?\s?[AaPp][Mm])\s?,\s?(.*\p{L}.*\d{4})$", "$2 $1"),
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


_PLAIN = r"^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?$"


def has_names(clean: pl.Series) -> bool:
    """Whether a column has words, which could be months."""
    return bool(clean.str.contains(r"\p{L}{3}").any())


def _rewritten(clean: pl.Series) -> pl.Series:
    if bool(clean.str.contains(_PLAIN).all()):  # Most files; two dozen patterns cost more than reading them.
        return clean
    written = (
        clean.to_frame("v").select(pl.col("v").str.replace_many({**DIGITS, **_MONTH_WORDS, **_REIGNS})).to_series()
    )
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


def _serials(clean: pl.Series) -> pl.Series:
    """A spreadsheet's numbers of days since 1899 as dates, where they are all there is: 1990 to 2059."""
    serial = clean.str.extract(r"^(3[3-9]\d{3}|[45]\d{4})(?:[.,]\d+)?$")
    if not serial.count() or serial.count() < clean.count():
        return clean
    days = clean.str.replace(",", ".").cast(pl.Float64, strict=False) - 25_569
    seconds = (days * 86_400).round().cast(pl.Int64)
    pattern = "%Y-%m-%d" if bool((seconds % 86_400 == 0).all()) else "%Y-%m-%d %H:%M:%S"
    return pl.from_epoch(seconds, time_unit="s").dt.strftime(pattern)


def cleaned(text: pl.Series) -> pl.Series:
    """The text of dates without what is beside them; words for "none" are null."""
    clean = _serials(_rewritten(text.str.strip_chars(" \t\n\r\"'\u00a0")))
    return clean.set(clean.is_in(["", "-", "--", "N/A", "n/a", "null"]), None)


_BUDDHIST = pl.col("y").is_between(2440, 2700)  # Thailand counts 543 years more; nobody posts in 2569.


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
    own = pl.when(_BUDDHIST).then(pl.col("y") - 543).when(pl.col("y").is_between(1970, 2200)).then("y")
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
        year = pl.when("short").then(pl.col("y") + 2000).when(_BUDDHIST).then(pl.col("y") - 543).otherwise("y")
        one = numbers.with_columns(y=year).select(_PARTS)
        found = (
            one
            if found is None
            else pl.DataFrame({n: found[n].zip_with(found["y"].is_not_null(), one[n]) for n in _PARTS})
        )
    assert found is not None
    return found
