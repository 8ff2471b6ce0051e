"""When a post was published: the column that says it, its clock, and the time of day where that has a column of its own."""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import available_timezones

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.data.convert import exports
from postlens.core.data.convert.column_text import share_of
from postlens.core.data.convert.conversion import NONE_BAD, Conversion
from postlens.core.data.convert.date_text import DIGITS_OF_A_CLOCK, TIME_OF_DAY, cleaned
from postlens.core.data.convert.dates import AMBIGUOUS_ZONES, Times, read_times
from postlens.core.data.convert.links import network_named
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.convert.times_in_ids import times_in_ids
from postlens.core.data.convert.zones import fixed_zone
from postlens.core.data.vocabulary.formats import Format
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched


def convert_published(work: Conversion, matched: Matched, settings: ReadSettings) -> str | None:
    """Convert the time of publishing; the column whose time of day went into it, if one did.

    Raises:
        PostlensError: none of the values is a time, or its clock or order must be said.
    """
    header = matched.roles.get("published") or matched.roles.get("published_date")
    if header is None:
        _from_ids(work, matched, settings.platform)
        return None
    clock = _clock_column(work, matched, work.raw.column(header))
    text = _with_offsets(work, _with_halves(work, _with_clock(work, header, clock)))
    where = f"{work.raw.name} column {work.raw.letters.get(header, '?')}"
    told = _zone_told(work, settings, header, clock, where)
    work.clock_assumed = not told and share_of(text.drop_nulls().head(_LOOK).str.strip_chars(), _SAYS_CLOCK) == 0
    times = read_times(
        text,
        zone=told or "UTC",
        order=settings.date_order,
        usual=settings.usual_order,
        ask=settings.ask,
        where=where,
    )
    if settings.ask and not told and (some := _some_say_clock(text)):
        raise fail(
            f'In the column "{header}" some times name their clock and others do not.',
            where=where,
            why=f"It has {some}.",
            hint="Say which clock the others have: --tz UTC or --tz Europe/Rome, for example.",
            asks="timezone",
        )
    filled = text.drop_nulls().str.strip_chars().replace("", None).count()
    if filled >= _SAID and times.values.count() < (0.5 * filled if settings.ask else 1):
        if settings.ask and _from_ids(work, matched, settings.platform, header):
            return None
        raise _no_times(header, where, text, times, filled)
    if settings.ask and (year := _strange_year(times.values)):
        raise fail(
            f'The dates of the column "{header}" are of the year {year}.',
            where=where,
            why="Networks have posts since about 2004; other calendars count years from another beginning.",
            hint="Write them as the networks do, 2026-03-28, and import the file again.",
        )
    values, precision, bad = _within_reason(times)
    work.add("published", header, values, times.reading, bad)
    work.columns.put("published_precision", precision)
    return clock


_LOOK = 10_000
# Values that name their clock, or count seconds, which have one.
_SAYS_CLOCK = r"(?i)(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$|^\d{9,16}(?:\.\d+)?$|[+-]\d{4} \d{4}$"


def _some_say_clock(text: pl.Series) -> str:
    """Two times, of which one names its clock and one does not, where a column has many of both; empty otherwise."""
    moments = text.drop_nulls().head(_LOOK).str.strip_chars()
    moments = moments.filter(moments.str.contains(r"\d:\d\d"))
    says = moments.str.contains(_SAYS_CLOCK)
    if len(moments) < _ENOUGH or not _A_FEW <= float(says.mean() or 0.0) <= 1 - _A_FEW:  # type: ignore[arg-type]
        return ""
    return " and ".join(f'"{moments.filter(which)[0]}"' for which in (says, ~says))


_A_FEW = 0.1


def _with_clock(work: Conversion, header: str, clock: str | None) -> pl.Series:
    """The values of the column, each with its time of day where that has a column of its own."""
    text = work.raw.column(header)
    if clock is None:
        return text
    hours = _of_fractions(work.raw.column(clock)).str.replace(r"^\s*(?:1899|1900)-\d\d-\d\d\s+", "")
    hours = hours.str.replace(DIGITS_OF_A_CLOCK, "$1:$2")
    none = ~hours.str.contains(TIME_OF_DAY).fill_null(False)
    if odd := int((none & (hours.str.strip_chars() != "").fill_null(False)).sum()):
        example = work.raw.column(clock).filter(none).drop_nulls()
        work.notes.append(
            f'"{clock}": {odd:,} values are no times of day, such as "{example[0][:40]}"; of these posts the day is known.'
        )
    hours = hours.set(none, "")  # Then the day is what is known.
    return (text.str.replace(_MIDNIGHT, "") + pl.Series([" "]) + hours).str.strip_chars()


def _zone_told(work: Conversion, settings: ReadSettings, header: str, clock: str | None, where: str) -> str:
    """The zone of times that name none; empty where nobody and nothing says it."""
    ask = settings.ask and not settings.timezone
    return (
        _zone_of(header, where, ask=ask)
        or (_zone_of(clock, where, ask=ask) if clock is not None else "")
        or _zone_above(work)
        or settings.timezone
        or _zone_column(work)
    )


def _no_times(header: str, where: str, text: pl.Series, times: Times, filled: int) -> PostlensError:
    shown = ", ".join(f'"{text[i]}"' for i in times.bad.head(5).to_list())
    read = "No value" if not times.values.count() else f"Only {times.values.count():,} of {filled:,} values"
    return fail(
        f'{read} of the column "{header}" could be read as a time of publishing.',
        where=where,
        why=f"It has {shown}{_calendar(text)}.",
        hint=f'If it is another column, say so: --map "Column=published"; if it is none, --map "{header}=".',
        asks="columns",
    )


def _from_ids(work: Conversion, matched: Matched, network: str, dated: str = "") -> bool:
    """The time of posting by ids or links, where the dates are none, as days without a year; False if not there."""
    columns = {role: header for role, header in matched.roles.items() if role in {"url", "post_id"}}
    told = {role: work.raw.words(header) for role, header in columns.items()}
    found = times_in_ids(told, network or network_named(work.raw.headers))
    if found is None:
        return False
    times, role = found
    if dated:
        work.report("not used", dated, work.raw.column(dated), "no times; the ids have them", NONE_BAD)
    work.columns.put("published", times)
    work.columns.put("published_precision", pl.Series(["second"] * len(times)).set(times.is_null(), None))
    who = f'"{dated}"' if dated else "The file"
    work.notes.append(
        f'{who} has no times of publishing, so those in the ids of "{matched.roles[role]}" are taken, clock UTC: '
        "when posts were made, for planned ones before they were published."
    )
    return True


def _of_fractions(said: pl.Series) -> pl.Series:
    """Times of day with those that a spreadsheet left as parts of a day, 0.5417, as clocks."""
    part = said.str.extract(r"^\s*(0?[.,]\d+)\s*$").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    if not part.count():
        return said
    minutes = (part * 1440).round().cast(pl.Int64)
    clock = pl.from_epoch((minutes * 60), time_unit="s").dt.strftime("%H:%M")
    return said.zip_with(part.is_null(), clock)


def _calendar(text: pl.Series) -> str:
    """Which other calendar the years are of, in words; empty where they are of none known."""
    years = cleaned(text).str.extract(r"(?:^|\D)(1[34]\d\d)(?:\D|$)").cast(pl.Int32, strict=False).drop_nulls()
    if len(years) < _MOSTLY * max(text.count(), 1):
        return ""
    usual = int(years.median() or 0)  # type: ignore[arg-type]
    name = "Iranian" if usual < _ISLAMIC else "Islamic"
    return f", years of the {name} calendar; Postlens reads those of networks, as 2026-03-28"


_SAID = 3  # Values, before their being no times says that the column is another.
_ISLAMIC = 1420  # Of two calendars that count from 622, the lunar one runs ahead: 1447 and 1404 are 2026.
_FIRST_YEAR, _LAST_YEAR = 1990, 2060


def _within_reason(times: Times) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Times with what they say and what was not understood; a year in which nobody posts, as 1970 for "none", is no time."""
    odd = (~times.values.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).fill_null(False)
    if not odd.any():
        return times.values, times.precision, times.bad
    bad = pl.concat([times.bad.cast(pl.UInt32), odd.arg_true().cast(pl.UInt32)]).unique().sort()
    return times.values.set(odd, None), times.precision.set(odd, None), bad


def _strange_year(times: pl.Series) -> int:
    """The usual year of times, where it is none in which networks have posts; 0 for others."""
    year = times.dt.year().median()
    return int(year) if isinstance(year, int | float) and not _FIRST_YEAR <= year <= _LAST_YEAR else 0


_ZONES = {
    "CET": "Europe/Paris",
    "CEST": "Europe/Paris",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "PT": "America/Los_Angeles",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "AEST": "Australia/Sydney",
    "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "BRT": "America/Sao_Paulo",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "WIB": "Asia/Jakarta",
    "SAST": "Africa/Johannesburg",
    "NZST": "Pacific/Auckland",
    "MSK": "Europe/Moscow",
    "TRT": "Europe/Istanbul",
    "PACIFIC TIME": "America/Los_Angeles",
    "EASTERN TIME": "America/New_York",
    "CENTRAL TIME": "America/Chicago",
    "MOUNTAIN TIME": "America/Denver",
}


def _zone_of(header: str, where: str, *, ask: bool) -> str:
    """The clock that a column names behind its own name, as `Posted At (America/New_York)` or `(GMT+2)`; empty for none.

    Raises:
        PostlensError: two places share that clock, and somebody can be asked.
    """
    plain = unicodedata.normalize("NFKC", header).strip()
    if (shift := re.search(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d{2}))?\s*[)\]]?$", plain)) is not None:
        return fixed_zone(shift[1], int(shift[2]), int(shift[3] or 0))
    said = re.search(r"[(\[]\s*([A-Za-z]+(?:[ /][A-Za-z_]+)*)\s*[)\]]\s*$", plain) or re.search(
        r"[-,]\s*([A-Z]{3,4})$", plain
    )
    if said is None:
        return ""
    word = said[1].upper()
    if word in AMBIGUOUS_ZONES and ask:
        raise fail(
            f'"{header}": {said[1]} is the clock of {AMBIGUOUS_ZONES[word]}.',
            where=where,
            hint="Say which: --tz Asia/Kolkata, for example.",
            asks="timezone",
        )
    name = "UTC" if word in {"UTC", "GMT", "Z"} else _ZONES.get(word, said[1])
    return name if name in available_timezones() else ""


# A day as a spreadsheet writes it beside a clock, and a clock, which Excel dates with its first day.
_MIDNIGHT = r"\s+00:00(?::00(?:\.0+)?)?$"
_CLOCK = r"^\s*(?:(?:1899|1900)-\d\d-\d\d\s+)?\d{1,2}:\d{2}(:\d{2}(?:\.\d+)?)?\s*([AaPp][Mm])?\s*$"


_SAYS_ZONE = re.compile(
    r"(?i)(?:time ?zone|timezone|zeitzone|fuseau horaire|zona horaria|fuso h?or[a\u00e1]rio|tijdzone|tidszon|tidssone|tidszone|strefa czasowa|"
    r"\u010dasov\u00e9 p\u00e1smo|saat dilimi|aikavy\u00f6hyke|id\u0151z\u00f3na|\u0447\u0430\u0441\u043e\u0432\u043e\u0439 \u043f\u043e\u044f\u0441|\u30bf\u30a4\u30e0\u30be\u30fc\u30f3|\u65f6\u533a|\u6642\u5340|\uc2dc\uac04\ub300)"
    r"[^\w+-]*(?P<said>[^\n;\t|\"]{2,60})"
)


def _zone_above(work: Conversion) -> str:
    """The clock that a line above the table names, as `Time zone: Europe/London (GMT+01:00)`; empty for none."""
    found = _SAYS_ZONE.search(work.raw.above)
    if found is None:
        return ""
    said = found["said"]
    place = next((w for w in re.findall(r"[A-Za-z]+(?:/[A-Za-z_+-]+)+", said) if w in available_timezones()), "")
    if place:
        return place
    if (shift := re.search(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d{2}))?", said)) is not None:
        return fixed_zone(shift[1], int(shift[2]), int(shift[3] or 0))
    word = said.strip(" ,.()").upper()
    return "UTC" if word in {"UTC", "GMT"} else _ZONES.get(word, "")


def _with_halves(work: Conversion, text: pl.Series) -> pl.Series:
    """Times with AM or PM, where these have a column of their own."""
    if not bool(text.str.contains(r"\d:\d\d").any()) or bool(text.str.contains(r"(?i)[ap]\.?m").any()):
        return text
    first = work.raw.lazy.head(_FIRST_ROWS).collect()
    for header in work.raw.headers:
        if not set(first[header].drop_nulls().str.strip_chars().str.len_chars().unique()) <= {0, 2, 4}:  # "a.m."
            continue
        halves = work.raw.column(header).str.strip_chars().str.to_uppercase().str.replace_all(".", "", literal=True)
        if halves.count() and set(halves.drop_nulls().unique()) <= {"AM", "PM", ""}:
            clocked = text.str.contains(r"\d:\d\d").fill_null(False)  # A day alone has no half.
            return text.zip_with(~clocked, text + pl.Series([" "]) + halves.fill_null(""))
    return text


_FIRST_ROWS = 200


def _with_offsets(work: Conversion, text: pl.Series) -> pl.Series:
    """Times with their distance from UTC, where it has a column of its own."""
    if bool(text.str.contains(r"(?i)(?:[+-]\d\d:?\d\d|Z|UTC|GMT)$").any()):
        return text
    for header in work.raw.headers:
        if not re.search(r"(?:utc|gmt|time ?zone|tz).*offset|^offset$|^(?:utc|gmt)$", normal(header)):
            continue
        shift = work.raw.column(header).str.strip_chars().str.extract(r"^(?:UTC|GMT)?\s*([+-]\d{2}:?\d{2})$")
        if shift.count() and shift.null_count() == work.raw.column(header).null_count():
            return text + shift.fill_null("")
    return text


def _zone_column(work: Conversion) -> str:
    """The zone of a column that names one for every row; empty for none, or for several."""
    for header in work.raw.headers:
        if re.fullmatch(
            r"(?:time ?zone|tz|zeitzone|fuseau horaire|zona horaria|fuso orario|fuso horario)", normal(header)
        ):
            zones = work.raw.column(header).drop_nulls().str.strip_chars().unique().to_list()
            if len(zones) == 1 and zones[0] in available_timezones():
                return str(zones[0])
    return ""


def _clock_column(work: Conversion, matched: Matched, dates: pl.Series) -> str | None:
    """The column with the time of day, where date and time were split into two columns."""
    candidates = [matched.roles[r] for r in ("published_time",) if r in matched.roles]
    candidates += [header for header, role in matched.contested.items() if role == "published"]
    candidates += [h for h in matched.extra if h not in candidates and h not in matched.none and _says_when(h)]
    if share_of(dates.drop_nulls(), r"^\s*\d{9,16}(?:\.0)?\s*$") > _MOSTLY:
        return None  # Seconds since 1970 are a time of day, too.
    has_clock = bool((dates.str.contains(r"\d:\d\d") & ~dates.str.contains(_MIDNIGHT)).any())
    for header in candidates:
        shape = rf"{TIME_OF_DAY}|{DIGITS_OF_A_CLOCK}" if _says_when(header) else _CLOCK
        said = work.raw.words(header).drop_nulls()
        if not has_clock and len(said) and said.str.contains(shape).sum() >= _MOSTLY * len(said) and not _lengths(said):
            return header
    return None


def _lengths(said: pl.Series) -> bool:
    """Whether clocks are lengths of videos: most are below an hour, to the second, which is in the middle of the night."""
    return len(said) >= _ENOUGH and share_of(said, r"^\s*0{1,2}:\d\d:\d\d") > _HALF


_ENOUGH, _HALF = 10, 0.5
_MOSTLY = 0.9  # Of the values of a column of times of day; of the others the day is known.
_WHEN = re.compile(
    r"\b(time|hour|uhrzeit|zeit|heure|hora|horario|ora|orario|tijd|tijdstip|godzina|czas|saat|gio|jam|pukul|waktu|tid|klockslag|"
    r"klokkeslett|klokkeslaet|cas|kello|aika|idopont|ido|vreme|\u03c9\u03c1\u03b1|\u0432\u0440\u0435\u043c\u044f|\u0447\u0430\u0441)\b|gi\u1edd|"
    r"\u6642\u523b|\u6642\u9593|\u65f6\u95f4|\uc2dc\uac04|\u0e40\u0e27\u0e25\u0e32|\u0627\u0644\u0648\u0642\u062a|\u0938\u092e\u092f"
)
_HOW_LONG = re.compile(
    r"watch|view|average|avg|length|duration|dauer|duree|dur\b|run|reten|play|report|export|import|updat|crawl|fetch|scrap|mittl|moyen|medi|"
    r"respon|first reply|antwort|wiedergabe|visionn|visualiz|bekeken|kijk"
)


def _says_when(header: str) -> bool:
    """Whether a name speaks of a time of day, not of how long something is."""
    plain = normal(header)
    return _WHEN.search(plain) is not None and _HOW_LONG.search(plain) is None


def publish_from_ids(work: Conversion, matched: Matched, export: Format) -> bool:
    """The time of posting where the export has no year or no hour, but the ids have it to the second; False if not."""
    dated = matched.roles.get("published")
    header = matched.roles.get("post_id" if export.published_from == "x" else "url")
    if header is None:
        return False
    times, bad = exports.times_of_ids(work.raw.column(header), export.published_from)
    if dated is not None and not times.count():  # A spreadsheet has rounded the ids.
        return False
    if dated is not None:
        work.report("not used", dated, work.raw.column(dated), "the ids have it to the second", NONE_BAD)
    work.add("published", header, times, "times from the ids in this column, clock UTC", bad)
    precise = pl.when(pl.col("t").is_not_null()).then(pl.lit("second"))
    work.columns.put("published_precision", times.to_frame("t").select(precise).to_series())
    return True
