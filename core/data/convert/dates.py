"""Text to points in time, one decision per column: day or month first, and which clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.data.convert.blocks_on_disk import in_blocks
from postlens.core.data.convert.date_order import (
    ASSUMED,
    ORDER_WORDS,
    decide_order,
    decide_padded,
    exchanged,
    half_converted,
    half_swapped,
    is_day_first,
    numbers_of,
    orders_differ,
    padding_of,
    unswapped,
    which_order,
)
from postlens.core.data.convert.date_text import (
    CJK,
    COMPACT,
    YEAR_FIRST,
    YEAR_LAST,
    cleaned,
    has_names,
    parts_of,
    parts_with_names,
    year_first,
)
from postlens.core.data.convert.zones import zone_words
from postlens.core.data.vocabulary.formats import Order

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
    if (plain := _plain_moments(text, zone)) is not None:
        return _times_of(plain, text.name, zone, uses_order=False, order="mdy", why="")
    text = year_first(text)
    if usual == "mdy" and text.str.contains(r"^\s*\d{1,2}[.-]\d{1,2}[.-]\d{4}").any():
        usual = None  # Formats that write the month first write it with slashes.
    if (way := half_swapped(text)) is not None:
        text, order = unswapped(text, way, order, where)
    if ask:
        _ask_zone(text, zone, where)
    days = in_blocks(numbers_of, text)
    unpadded = half_converted(days)
    chosen, why = (
        decide_order(days, order, usual, where)
        if unpadded is None
        else decide_padded(days, unpadded, order, text, where)
    )
    if ask and why == ASSUMED and orders_differ(days):
        raise which_order(text, days, where)
    uses_order = days["y"].count() > 0
    del days
    moments = in_blocks(partial(_moments, order=chosen, zone=zone, unpadded=unpadded), text)
    return _times_of(moments, text.name, zone, uses_order=uses_order, order=chosen, why=why)


def _times_of(moments: pl.DataFrame, name: str, zone: str, *, uses_order: bool, order: Order, why: str) -> Times:
    values, said = moments["value"], moments["said"]
    # As written: midnight in Los Angeles is eight in the morning in UTC.
    clock = (values if zone == "UTC" else moments["day"].zip_with(moments["day"].is_not_null(), values)).dt
    if bool(((clock.hour() == 0) & (clock.minute() == 0) & (clock.second() == 0)).all()):
        said = said.set(said.is_not_null(), "day")  # Midnight throughout means days.
    if zone != "UTC":  # A day is a day: no clock moves it into another.
        stays = (said != "day") | moments["day"].is_null()
        values = values.zip_with(stays.fill_null(True), moments["day"])
    return Times(
        values=values.rename(name),
        precision=said.rename("precision"),
        reading=_reading(unix=bool(moments["unix"].any()), uses_order=uses_order, order=order, why=why, zone=zone),
        bad=moments["bad"].arg_true(),
    )


_ISO = (
    (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?$", "%Y-%m-%dT%H:%M:%S%.f", "second"),
    (r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?$", "%Y-%m-%d %H:%M:%S%.f", "second"),
    (r"^\d{4}-\d{2}-\d{2}$", "%Y-%m-%d", "day"),
)


def _plain_moments(text: pl.Series, zone: str) -> pl.DataFrame | None:
    """As `_moments` for a column that is all of one form of ISO 8601, as most are, in one pass; None for any other."""
    known = text.drop_nulls()
    form = next((f for f in _ISO if len(known) and re.fullmatch(f[0], known[0])), None)
    if form is None or not bool(known.str.contains(form[0]).all()):
        return None
    naive = text.str.to_datetime(form[1], strict=False, time_unit="us").dt.truncate("1s")
    if naive.null_count() > text.null_count() or not bool(known.str.slice(0, 4).is_between("1970", "2200").all()):
        return None
    return pl.DataFrame({"value": to_utc(naive, zone), "day": to_utc(naive, "UTC")}).with_columns(
        said=pl.when(pl.col("value").is_not_null()).then(pl.lit(form[2])), unix=False, bad=False
    )


def _ask_zone(text: pl.Series, zone: str, where: str) -> None:
    """A zone that two places far apart share is asked for, unless the clock of the file is told."""
    if zone != "UTC":
        return
    ends = cleaned(text.head(2000)).str.extract(r"(?:\d|[AaPp]\.?[Mm]\.?)\s*([A-Z]{3})$").drop_nulls().unique()
    for name in sorted(set(ends) & set(AMBIGUOUS_ZONES)):
        raise fail(
            f'"{name}" is the clock of {AMBIGUOUS_ZONES[name]}.',
            where=where,
            why=f'For example "{text.drop_nulls()[0]}".',
            hint="Say which: --tz Asia/Kolkata, for example.",
            asks="timezone",
        )


def _moments(text: pl.Series, *, order: Order, zone: str, unpadded: Order | None = None) -> pl.DataFrame:
    """For each value: `value`, the moment; `day`, the same on a clock in UTC; `said`, its precision; `unix`; `bad`."""
    clean = cleaned(text)
    values = days = epoch = _epoch(clean)
    word = pl.when(pl.col("unix")).then(pl.lit("second"))
    said = pl.DataFrame({"unix": epoch.is_not_null()}).select(word).to_series()
    numbered = parts_of(clean, YEAR_LAST)
    numbered = exchanged(numbered, is_day_first(padding_of(clean), order, unpadded))
    for parts in (
        parts_of(clean, YEAR_FIRST),
        numbered,
        *([parts_with_names(clean)] if has_names(clean) else []),
        parts_of(clean, COMPACT),
        parts_of(clean, CJK),
    ):
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


def _precision() -> pl.Expr:
    """What a value says: its day, its minute or its second."""
    second, minute = pl.col("s").is_not_null(), pl.col("h").is_not_null()
    return pl.when(second).then(pl.lit("second")).when(minute).then(pl.lit("minute")).otherwise(pl.lit("day"))


def _reading(*, unix: bool, uses_order: bool, order: Order, why: str, zone: str) -> str:
    zone = zone_words(zone)
    if unix and not uses_order:
        return "Unix time"
    if uses_order:
        return f"dates, {ORDER_WORDS[order]} ({why}), clock {zone}"
    return f"dates, clock {zone}"


def _epoch(clean: pl.Series) -> pl.Series:
    number = clean.to_frame("v").select(
        pl.when(pl.col("v").str.contains(r"^\d{9,10}(\.\d+)?$"))
        .then(pl.col("v").cast(pl.Float64, strict=False) * 1e3)
        .when(pl.col("v").str.contains(r"^\d{12,13}(\.0)?$"))
        .then(pl.col("v").cast(pl.Float64, strict=False))
        .when(pl.col("v").str.contains(r"^\d{15,16}(\.0)?$"))
        .then(pl.col("v").cast(pl.Float64, strict=False) / 1e3)
    )
    return number.to_series().cast(pl.Int64).cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


_LONGEST = 80  # Letters; the form of a browser, with the zone in words, has some sixty.


def looks_like_times(text: pl.Series) -> bool:
    """Whether nearly all values of a column are dates or times, not mere numbers."""
    known = text.drop_nulls()
    if not len(known) or bool((known.str.contains(r"^[-+]?\d+([.,]\d+)?$").mean() or 0.0) > 0.2):  # type: ignore[operator]
        return False
    head = known.head(200)
    # A day and a year have three digits at least, and no date is as long as a caption, a link or an object.
    could_be = head.str.contains(r"\d.*\d.*\d") & (head.str.len_chars() <= _LONGEST) & ~head.str.contains(r"://|[{}<>]")
    if float(could_be.mean() or 0.0) < 0.9:  # type: ignore[arg-type]
        return False
    try:
        return read_times(head, order="mdy").values.count() >= 0.9 * len(head) or (
            read_times(head, order="dmy").values.count() >= 0.9 * len(head)
        )
    except PostlensError:
        return False


def _build(parts: pl.DataFrame, zone: str) -> pl.Series:
    evening = pl.col("ap").str.to_lowercase().str.starts_with("p")
    morning = pl.col("ap").str.to_lowercase().str.starts_with("a")
    hour = pl.col("h").fill_null(0)
    hour = pl.when(evening & (hour < 12)).then(hour + 12).when(morning & (hour == 12)).then(0).otherwise(hour)
    ends = (hour == 24) & (pl.col("mi") == 0) & (pl.col("s").fill_null(0) == 0)  # As ISO 8601 writes the end of a day.
    hour = pl.when(ends).then(0).otherwise(hour)
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
    naive = pl.when(ends.fill_null(False)).then(naive.dt.offset_by("1d")).otherwise(naive)
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
