"""Text to points in time, one decision per column: day or month first, and which clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.data.convert.blocks_on_disk import in_blocks
from postlens.core.data.vocabulary.formats import Order
from postlens.core.data.vocabulary.tables import months

_PARTS = ("y", "a", "b", "h", "mi", "s", "ap", "z")
_ASSUMED = "assumed: nothing in the column decides"
_MONTH_WORDS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ORDER_WORDS = {"mdy": "month first", "dmy": "day first"}

_CLOCK = r"(?:[T ,]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<ap>[APap]\.?[Mm]\.?)?)?"
_ZONE = r"\s*(?P<z>Z|[A-Z]{3,5}|[+-]\d{2}:?(?:\d{2})?)?"
_YEAR_FIRST = rf"^(?P<y>\d{{4}})[-/.](?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}}){_CLOCK}{_ZONE}$"
_YEAR_LAST = rf"^(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}$"
_WORD = r"\p{L}{3,12}"
_MONTH_NAME = rf"^(?:{_WORD}\.?,?\s+)?(?P<a>{_WORD})\.?\s+(?P<b>\d{{1,2}}),?\s+(?P<y>\d{{4}}){_CLOCK}{_ZONE}$"
_DASHED_NAME = rf"^(?P<b>\d{{1,2}})[-/ ](?P<a>{_WORD})\.?[-/ ](?P<y>\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}$"
_API = rf"^{_WORD} (?P<a>{_WORD}) (?P<b>\d{{1,2}}) (?P<h>\d{{2}}):(?P<mi>\d{{2}}):(?P<s>\d{{2}}) (?P<z>[+-]\d{{4}}) (?P<y>\d{{4}})$"
_COMPACT = rf"^(?P<y>(?:19|20)\d{{2}})(?P<a>0[1-9]|1[0-2])(?P<b>0[1-9]|[12]\d|3[01])(?:T?(?P<h>\d{{2}})(?P<mi>\d{{2}})(?P<s>\d{{2}})?)?(?P<ap>\s)?{_ZONE}$"
_CJK = rf"^(?P<y>\d{{4}})\s*[\u5e74\ub144]\s*(?P<a>\d{{1,2}})\s*[\u6708\uc6d4]\s*(?P<b>\d{{1,2}})\s*[\u65e5\uc77c]{_CLOCK}{_ZONE}$"
_DAY_NAME = rf"^(?:{_WORD}\.?,?\s+)?(?P<b>\d{{1,2}})\.?\s+(?:de\s+)?(?P<a>{_WORD})\.?,?\s+(?:de\s+)?(?P<y>\d{{4}}){_CLOCK}{_ZONE}$"
_MONTHS = months()
# Minutes from UTC.
_ZONE_MINUTES = {
    "EDT": -240,
    "CDT": -300,
    "MDT": -360,
    "PDT": -420,
    "AKST": -540,
    "AKDT": -480,
    "HST": -600,
    "NDT": -150,
    "NST": -210,
    "BRT": -180,
    "BRST": -120,
    "FNT": -120,
    "ART": -180,
    "UYT": -180,
    "CLT": -240,
    "CLST": -180,
    "BOT": -240,
    "COT": -300,
    "PET": -300,
    "ECT": -300,
    "WET": 0,
    "WEST": 60,
    "CET": 60,
    "CEST": 120,
    "MEZ": 60,
    "MESZ": 120,
    "EET": 120,
    "EEST": 180,
    "TRT": 180,
    "IDT": 180,
    "EAT": 180,
    "CAT": 120,
    "SAST": 120,
    "WAT": 60,
    "IRST": 210,
    "PKT": 300,
    "NPT": 345,
    "ICT": 420,
    "WIB": 420,
    "WITA": 480,
    "WIT": 540,
    "SGT": 480,
    "MYT": 480,
    "HKT": 480,
    "PHT": 480,
    "AWST": 480,
    "KST": 540,
    "JST": 540,
    "ACST": 570,
    "ACDT": 630,
    "AEST": 600,
    "AEDT": 660,
    "NZST": 720,
    "NZDT": 780,
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "EST": -300,
    "CST": -360,
    "MST": -420,
    "PST": -480,
    "BST": 60,
    "MSK": 180,
}
# Two zones far apart share these: which is meant must be said, as the clock of the file.
AMBIGUOUS_ZONES = {
    "CST": "America/Chicago or Asia/Shanghai",
    "IST": "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem",
    "AST": "America/Halifax or Asia/Riyadh",
    "AMT": "America/Manaus or Asia/Yerevan",
    "GST": "Asia/Dubai or South Georgia",
    "ADT": "America/Halifax or Asia/Riyadh",
}


@dataclass(frozen=True, kw_only=True)
class Times:
    """A converted column.

    Attributes:
        values: Datetime in UTC; null where missing or unreadable.
        precision: `second`, `minute` or `day` for each value.
        reading: how the text was read, for the report.
        bad: positions of the values that are no dates.
    """

    values: pl.Series
    precision: pl.Series
    reading: str
    bad: pl.Series


def read_times(
    text: pl.Series,
    *,
    zone: str = "UTC",
    order: Order | None = None,
    usual: Order | None = None,
    ask: bool = False,
    where: str = "",
) -> Times:
    """Convert a text column to UTC.

    Args:
        text: dates, with or without a time of day, or Unix seconds or milliseconds.
        zone: the clock of values that name none.
        order: day or month first where both would do; None lets the column decide.
        usual: what the format usually writes, where nothing in the column decides.
        ask: refuse to assume an order, and say what the values would be under either.
        where: file and column, for the error.

    Raises:
        PostlensError: some values prove day first, others month first; or nothing decides, and one should ask.
    """
    text = _year_first(text)
    if (way := _half_swapped(text)) is not None:
        text, order = _unswapped(text, way, order, where)
    if ask:
        _ask_zone(text, zone, where)
    days = in_blocks(_numbered, text)
    unpadded = _half_converted(days)
    chosen, why = (
        _decide(days, order, usual, where) if unpadded is None else _decide_padded(days, unpadded, order, text, where)
    )
    if ask and why == _ASSUMED and _differ(days):
        raise _which(text, days, where)
    uses_order = days["y"].count() > 0
    del days
    moments = in_blocks(partial(_moments, order=chosen, zone=zone, unpadded=unpadded), text)
    values, said = moments["value"], moments["said"]
    # As written: midnight in Los Angeles is eight in the morning in UTC.
    clock = (values if zone == "UTC" else moments["day"].zip_with(moments["day"].is_not_null(), values)).dt
    if bool(((clock.hour() == 0) & (clock.minute() == 0) & (clock.second() == 0)).all()):
        said = said.set(said.is_not_null(), "day")  # Midnight throughout means days.
    if zone != "UTC":  # A day is a day: no clock moves it into another.
        stays = (said != "day") | moments["day"].is_null()
        values = values.zip_with(stays.fill_null(True), moments["day"])
    return Times(
        values=values.rename(text.name),
        precision=said.rename("precision"),
        reading=_reading(unix=bool(moments["unix"].any()), uses_order=uses_order, order=chosen, why=why, zone=zone),
        bad=moments["bad"].arg_true(),
    )


def _ask_zone(text: pl.Series, zone: str, where: str) -> None:
    """A zone that two places far apart share is asked for, unless the clock of the file is told."""
    if zone != "UTC":
        return
    ends = _clean(text.head(2000)).str.extract(r"\d\s*([A-Z]{3})$").drop_nulls().unique()
    for name in sorted(set(ends) & set(AMBIGUOUS_ZONES)):
        raise fail(
            f'"{name}" is the clock of {AMBIGUOUS_ZONES[name]}.',
            where=where,
            why=f'For example "{text.drop_nulls()[0]}".',
            hint="Say which: --tz Asia/Kolkata, for example.",
        )


def _numbered(text: pl.Series) -> pl.DataFrame:
    """Year, month and day of the values whose order may be either, read as month first; how the two are `written`."""
    clean = _clean(text)
    return _parts(clean, _YEAR_LAST).select("y", "a", "b").with_columns(written=_written(clean))


def _written(clean: pl.Series) -> pl.Series:
    """`padded` with a zero before a digit, `plain` without one where there could be, null where neither shows."""
    zero = pl.col("v").str.contains(r"^0\d[-/.]|^\d\d?[-/.]0\d[-/.]")
    bare = pl.col("v").str.contains(r"^\d[-/.]|^\d\d?[-/.]\d[-/.]")
    return clean.to_frame("v").select(pl.when(zero).then(pl.lit("padded")).when(bare).then(pl.lit("plain"))).to_series()


def _moments(text: pl.Series, *, order: Order, zone: str, unpadded: Order | None = None) -> pl.DataFrame:
    """For each value: `value`, the moment; `day`, the same on a clock in UTC; `said`, its precision; `unix`; `bad`."""
    clean = _clean(text)
    values = days = epoch = _epoch(clean)
    word = pl.when(pl.col("unix")).then(pl.lit("second"))
    said = pl.DataFrame({"unix": epoch.is_not_null()}).select(word).to_series()
    numbered = _parts(clean, _YEAR_LAST)
    numbered = _swapped(numbered, _day_first(_written(clean), order, unpadded))
    for parts in (_parts(clean, _YEAR_FIRST), numbered, _named(clean), _parts(clean, _COMPACT), _parts(clean, _CJK)):
        if not parts["y"].count():
            continue
        built = _build(parts, zone)
        values = values.zip_with(values.is_not_null(), built)
        if zone != "UTC":
            days = days.zip_with(days.is_not_null() | built.is_null(), _build(parts, "UTC"))
        said = said.zip_with(built.is_null(), parts.select(_precision()).to_series())
    return pl.DataFrame(
        {
            "value": values,
            "day": days.set(epoch.is_not_null(), None),
            "said": said,
            "unix": epoch.is_not_null(),
            "bad": clean.is_not_null() & values.is_null(),
        }
    )


def _day_first(written: pl.Series, order: Order, unpadded: Order | None) -> pl.Expr:
    """Which values have the day first: all alike, or those a spreadsheet has padded otherwise than the rest."""
    if unpadded is None:
        return pl.lit(order == "dmy")
    padded = pl.lit((written == "padded").fill_null(False))
    shown = pl.when(pl.col("b") > 12).then(pl.lit(False)).when(pl.col("a") > 12).then(pl.lit(True))
    return shown.otherwise(pl.when(padded).then(pl.lit(order == "dmy")).otherwise(pl.lit(unpadded == "dmy")))


def _swapped(parts: pl.DataFrame, day_first: pl.Expr) -> pl.DataFrame:
    a, b = pl.col("a"), pl.col("b")
    return parts.with_columns(a=pl.when(day_first).then(b).otherwise(a), b=pl.when(day_first).then(a).otherwise(b))


def _precision() -> pl.Expr:
    """What a value says: its day, its minute or its second."""
    second, minute = pl.col("s").is_not_null(), pl.col("h").is_not_null()
    return pl.when(second).then(pl.lit("second")).when(minute).then(pl.lit("minute")).otherwise(pl.lit("day"))


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


def _year_first(text: pl.Series) -> pl.Series:
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


def _clean(text: pl.Series) -> pl.Series:
    clean = _rewritten(text.str.strip_chars())
    return clean.set(clean.is_in(["", "-", "--", "N/A", "n/a", "null"]), None)


def _reading(*, unix: bool, uses_order: bool, order: Order, why: str, zone: str) -> str:
    if unix and not uses_order:
        return "Unix time"
    if uses_order:
        return f"dates, {_ORDER_WORDS[order]} ({why}), clock {zone}"
    return f"dates, clock {zone}"


def _epoch(clean: pl.Series) -> pl.Series:
    number = clean.to_frame("v").select(
        pl.when(pl.col("v").str.contains(r"^\d{9,10}(\.\d+)?$"))
        .then(pl.col("v").cast(pl.Float64, strict=False) * 1e3)
        .when(pl.col("v").str.contains(r"^\d{12,13}(\.0)?$"))
        .then(pl.col("v").cast(pl.Float64, strict=False))
    )
    return number.to_series().cast(pl.Int64).cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _parts(clean: pl.Series, pattern: str) -> pl.DataFrame:
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


def _named(clean: pl.Series) -> pl.DataFrame:
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


def looks_like_times(text: pl.Series) -> bool:
    """Whether nearly all values of a column are dates or times, not mere numbers."""
    known = text.drop_nulls()
    if not len(known) or bool((known.str.contains(r"^[-+]?\d+([.,]\d+)?$").mean() or 0.0) > 0.2):  # type: ignore[operator]
        return False
    head = known.head(200)
    try:
        return read_times(head, order="mdy").values.count() >= 0.9 * len(head) or (
            read_times(head, order="dmy").values.count() >= 0.9 * len(head)
        )
    except PostlensError:
        return False


def _differ(parts: pl.DataFrame) -> bool:
    """Whether the two readings of a column give different days."""
    return bool((parts["a"] != parts["b"]).any())


def _which(text: pl.Series, parts: pl.DataFrame, where: str) -> PostlensError:
    """Both readings of some values, to choose from."""
    rows = parts.with_columns(text=text.str.strip_chars()).filter(pl.col("a") != pl.col("b")).head(5)
    shown = [
        f"{r['text']} is {_day_of(r['y'], r['a'], r['b'])} or {_day_of(r['y'], r['b'], r['a'])}"
        for r in rows.iter_rows(named=True)
    ]
    return fail(
        "Nothing in this column tells whether the month or the day comes first.",
        where=where,
        why="; ".join(shown) + ".",
        hint="Say which: the first reading is month first (--date-order mdy), the second day first (--date-order dmy).",
    )


def _day_of(year: int, month: int, day: int) -> str:
    return f"{day} {_MONTH_WORDS[month - 1]} {year}"


def _half_swapped(text: pl.Series) -> Order | None:
    """The order of the dates that a spreadsheet of another country left as text; None where all is one kind.

    It takes `03/02/2026` for a date of its own country, the second of March for the third of February, and leaves
    `16/02/2026`, which is none there. So cells that are dates have days up to 12 alone, and the texts none such.
    """
    clean = _clean(text).drop_nulls()
    cells = clean.str.extract_groups(
        r"^\d{4}-(?<month>\d\d)-(?<day>\d\d)(?: \d\d:\d\d(?::\d\d(?:\.\d+)?)?)?$"
    ).struct.unnest()
    cells = cells.drop_nulls().cast(pl.Int32)
    texts = _parts(clean, _YEAR_LAST).select("a", "b").drop_nulls()
    if min(cells.height, texts.height) < _FEW or cells.height + texts.height < len(clean):
        return None
    if (cells["day"] > 12).any() or bool((cells["day"] == cells["month"]).all()):
        return None
    if texts.select(((pl.col("a") > 12) & (pl.col("b") <= 12)).all()).item():
        return "dmy"
    return "mdy" if texts.select(((pl.col("b") > 12) & (pl.col("a") <= 12)).all()).item() else None


def _unswapped(text: pl.Series, way: Order, order: Order | None, where: str) -> tuple[pl.Series, Order]:
    """The dates with day and month of the cells as told; asks where nobody told."""
    cells = text.str.contains(r"^\s*\d{4}-\d\d-\d\d").fill_null(False)
    if order is None:
        cell, other = text.filter(cells)[0], text.filter(~cells).drop_nulls()[0]
        raise fail(
            "Some dates of this column are dates of a spreadsheet and others are text, as when one country's spreadsheet opened "
            "another's file: the days up to 12 may stand for months.",
            where=where,
            why=f'"{other}" is text; "{cell}" is a date, none of them with a day above 12.',
            hint="Take the file as it was downloaded, without opening it in a spreadsheet; or say what was first in the original: "
            f"--date-order {way} reads the dates with day and month exchanged, the other leaves them as they are.",
        )
    if order == way:
        text = text.str.replace(r"^(\s*\d{4})-(\d\d)-(\d\d)", "$1-$3-$2").zip_with(cells, text)
    return text, way


_FEW = 2


def _half_converted(parts: pl.DataFrame) -> Order | None:
    """The order of the values that a spreadsheet of another country left as they were; None where it touched none.

    It takes what could be a date of its own country for one and writes it with zeros, and leaves the rest: `08-05-2020`
    beside `7-16-2020`. Which of the two the padded ones mean cannot be seen in themselves.
    """
    ambiguous = (pl.col("a") <= 12) & (pl.col("b") <= 12)
    padded = parts.filter(pl.col("written") == "padded")
    plain = parts.filter((pl.col("written") == "plain") & ~ambiguous)
    few = max(2, parts["y"].count() // 50)
    if padded.height < few or plain.height < few or not padded.select(ambiguous.all()).item():
        return None
    if not plain["a"].max() > 12:  # type: ignore[operator]
        return "mdy"
    return "dmy" if not plain["b"].max() > 12 else None  # type: ignore[operator]


def _decide_padded(
    parts: pl.DataFrame, unpadded: Order, order: Order | None, text: pl.Series, where: str
) -> tuple[Order, str]:
    """The order of the padded values of a column that a spreadsheet has half converted: as told, or as the rows follow."""
    if order is not None:
        return order, "of padded values as told, of the others as they show"
    months: dict[Order, pl.DataFrame] = {
        way: _swapped(parts, _day_first(parts["written"], way, unpadded)) for way in ("mdy", "dmy")
    }
    steady = {way: _steadiness(read, "a", "b") for way, read in months.items()}
    best: Order = "mdy" if steady["mdy"] >= steady["dmy"] else "dmy"
    if abs(steady["mdy"] - steady["dmy"]) > _CLEARER and steady[best] >= _STEADY:
        return best, "by the order of the rows; a spreadsheet has rewritten some"
    example = text.filter((parts["written"] == "padded").fill_null(False)).head(1).to_list()
    plain = text.filter((parts["written"] == "plain").fill_null(False)).head(1).to_list()
    raise fail(
        "A spreadsheet has rewritten some dates of this column and left others, and nothing tells what the rewritten ones mean.",
        where=where,
        why=f'For example "{example[0]}" with zeros beside "{plain[0]}" without.',
        hint="Take the file as it was downloaded, without opening it in a spreadsheet; or say what comes first in the dates "
        "with zeros: --date-order dmy (the day) or --date-order mdy (the month).",
    )


_CLEARER, _STEADY = 0.02, 0.9  # How much steadier one reading must be than the other, and how steady.


def _decide(parts: pl.DataFrame, order: Order | None, usual: Order | None, where: str) -> tuple[Order, str]:
    if order is not None:
        return order, "as told"
    first_over = parts.filter((pl.col("a") > 12) & (pl.col("b") <= 12))
    second_over = parts.filter((pl.col("b") > 12) & (pl.col("a") <= 12))
    if first_over.height and second_over.height:
        raise fail(
            "The dates of one column prove day first in some rows and month first in others.",
            where=where,
            why=f'For example "{_as_written(first_over)}" and "{_as_written(second_over)}".',
            hint='Say which in config.toml: [data] date_order = "dmy" or "mdy".',
        )
    if first_over.height or second_over.height:
        return ("dmy" if first_over.height else "mdy"), "proved by a day above 12"
    if usual is not None:
        return usual, "as this format writes them"
    return _by_sequence(parts)


def _as_written(parts: pl.DataFrame) -> str:
    row = parts.row(0, named=True)
    return f"{row['a']}/{row['b']}/{row['y']}"


def _by_sequence(parts: pl.DataFrame) -> tuple[Order, str]:
    """Exports are sorted by time: the reading under which neighbours keep one direction is the right one."""
    month_first, day_first = _steadiness(parts, "a", "b"), _steadiness(parts, "b", "a")
    if abs(month_first - day_first) > _CLEARER and max(month_first, day_first) >= _STEADY:
        return ("mdy" if month_first > day_first else "dmy"), "by the order of the rows"
    return "mdy", _ASSUMED


def _steadiness(parts: pl.DataFrame, month: str, day: str) -> float:
    """The share of steps from row to row that go one way in time."""
    year = pl.col("y").cast(pl.Int64)
    days = parts.select(year * 372 + pl.col(month) * 31 + pl.col(day)).to_series().drop_nulls()
    steps = days.diff().drop_nulls()
    if len(steps) < 5:
        return 0.0
    return float(max((steps >= 0).mean() or 0.0, (steps <= 0).mean() or 0.0))  # type: ignore[arg-type]


def _build(parts: pl.DataFrame, zone: str) -> pl.Series:
    evening = pl.col("ap").str.to_lowercase().str.starts_with("p")
    morning = pl.col("ap").str.to_lowercase().str.starts_with("a")
    hour = pl.col("h").fill_null(0)
    hour = pl.when(evening & (hour < 12)).then(hour + 12).when(morning & (hour == 12)).then(0).otherwise(hour)
    stamp = pl.format(
        "{}-{}-{} {}:{}:{}",
        *(
            part.cast(pl.String).str.zfill(width)
            for part, width in (
                (pl.col("y"), 4),
                (pl.col("a"), 2),
                (pl.col("b"), 2),
                (hour, 2),
                (pl.col("mi").fill_null(0), 2),
                (pl.col("s").fill_null(0), 2),
            )
        ),
    )
    naive = stamp.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    frame = parts.with_columns(naive=naive, minutes=_zone_minutes())
    frame = frame.with_columns(naive=pl.when(pl.col("z").is_null() | pl.col("minutes").is_not_null()).then("naive"))
    local = to_utc(frame["naive"], zone)
    stated = frame.select((pl.col("naive") - pl.duration(minutes="minutes")).dt.replace_time_zone("UTC")).to_series()
    return stated.zip_with(frame["minutes"].is_not_null(), local)


def _zone_minutes() -> pl.Expr:
    offset = pl.col("z").str.replace(":", "")
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    minutes = offset.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + offset.str.slice(3, 2).cast(
        pl.Int64, strict=False
    )
    named = pl.col("z").replace_strict(_ZONE_MINUTES, default=None, return_dtype=pl.Int64)
    hours = pl.when(offset.str.contains(r"^[+-]\d{2}$")).then(
        sign * offset.str.slice(1, 2).cast(pl.Int64, strict=False) * 60
    )
    return pl.coalesce(named, pl.when(offset.str.contains(r"^[+-]\d{4}$")).then(sign * minutes), hours)


def to_utc(naive: pl.Series, zone: str) -> pl.Series:
    """Wall-clock times of a zone in UTC. A time that a clock change skipped moves on by one hour."""
    ZoneInfo(zone)
    local = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = naive.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return local.zip_with(local.is_not_null(), later).dt.convert_time_zone("UTC")
