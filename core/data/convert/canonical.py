"""From a table of text to posts: roles matched, values converted, nothing lost without a word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import available_timezones

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.contract.raw_table import ROW, RawTable
from postlens.core.data.convert import exports, table_kind
from postlens.core.data.convert.conversion import NONE_BAD, Conversion
from postlens.core.data.convert.custom_columns import ask_for_mark, convert_extra, convert_extras, one_mark
from postlens.core.data.convert.daily_rows import added_up
from postlens.core.data.convert.dates import AMBIGUOUS_ZONES, read_times
from postlens.core.data.convert.non_posts import posts_alone
from postlens.core.data.convert.numbers import Numbers, read_numbers
from postlens.core.data.convert.quality import Dropped, FileReport
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.convert.value_roles import (
    better_time,
    better_twin,
    better_type,
    dimension,
    is_a_place,
    looks_headless,
    numbers_of_rows,
    shared,
    with_value_roles,
    without,
)
from postlens.core.data.convert.zones import fixed_zone
from postlens.core.data.progress import Progress
from postlens.core.data.vocabulary.formats import Format, Recognised, overrides, recognise
from postlens.core.data.vocabulary.metrics import REACTION_KINDS
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, Role, check_overrides, match, roles
from postlens.core.data.vocabulary.synonyms import usual_flags, usual_networks, usual_types

# 6.49E+17, and numbers whose digits beyond the 15th are all zeros: what a spreadsheet leaves of a long id.
MANGLED = r"^\d([.,]\d+)?[eE]\+?\d+$|^\d{15}0+(\.0)?$"
LONG = r"^\d{17,}(\.0)?$"
MANGLED_POWER = r"^\d([.,]\d+)?[eE]\+?\d+$"


@dataclass(frozen=True, kw_only=True)
class Posts:
    """The posts of one file and the report of how they were read.

    Attributes:
        lazy: the posts; those of a large file are on disk.
        held: what must live as long as `lazy` is used.
    """

    lazy: pl.LazyFrame
    report: FileReport
    extra_labels: dict[str, str]
    categories: frozenset[str] = frozenset()
    held: object = None

    @property
    def frame(self) -> pl.DataFrame:
        """All posts, in memory."""
        return self.lazy.collect()


def to_posts(raw: RawTable, settings: ReadSettings, progress: Progress = lambda _done, _label: None) -> Posts:
    """Convert a table of text into canonical posts, column by column.

    Raises:
        PostlensError: the table is not posts, has no numeric column, or its dates contradict each other.
    """
    raw = exports.side_by_side(raw)
    headers = raw.headers
    _check_headers(raw, settings)
    found = recognise(headers, raw.name)
    if found.guessed and found.format is not None and exports.contradicted(raw, found.format):
        found = Recognised(format=None)
    export, daily = found.format, ""
    raw, dropped = posts_alone(raw, headers)
    if export is not None:
        raw, daily, further = _of_export(raw, headers, export, settings)
        dropped += further
        settings = exports.defaults(settings, export)
    matched = better_type(raw, match(headers, overrides(export, headers, settings.columns)))
    matched = with_value_roles(raw, better_twin(raw, matched, ask=settings.ask))
    matched = matched if "published" in settings.columns else better_time(raw, matched)
    table_kind.check(raw, matched, known=export is not None or bool(settings.columns), ask=settings.ask)
    work = Conversion(raw, progress)
    matched = matched if daily else _own_ids(work, raw, matched, settings)
    work.units = {h: matched.voted.roles.get(normal(h), "") for h in headers}
    clock = _convert_roles(work, matched, settings, export)
    if matched.unsure:
        named = ", ".join(f'"{h}"' for h in matched.unsure[:6])
        work.notes.append(
            f"{named}: read by the words of the interface, no export of which was seen; check them above."
        )
    convert_extras(work, matched, settings, used=clock, ignored=_ignored(matched, export))
    _check_is_posts(work, raw)
    work.columns.put("source_row", raw.column(ROW))
    posts = _complete(work, settings)
    if export is not None:
        posts = exports.completed(posts, export)
    # In the order in which files say it: what follows from other columns, then where it is from.
    posts = posts.select(pl.exclude("source_row"), "source_row", source_file=pl.lit(raw.name))
    count = raw.height
    if daily:
        posts, count, note = added_up(posts, work.extra_labels)
        work.notes.append(note)
        dropped.append(Dropped(reason="further days of the same post, added to it", rows=raw.height - count))
    return Posts(
        lazy=posts,
        report=_report(work, raw, headers, (str(found),) if export else (), count, dropped),
        extra_labels=work.extra_labels,
        categories=frozenset(work.categories),
        held=work.columns.folder,
    )


def _check_headers(raw: RawTable, settings: ReadSettings) -> None:
    """Refuse a table without names over its columns, and settings for columns that it does not have."""
    if looks_headless(raw):
        raise fail(
            f'"{raw.name}" has no names over its columns: the first row is a post already.',
            why=f"The first row has {', '.join(raw.headers[:5])}.",
            hint="Put a row with names above it, such as Type, Published, Reactions, Comments, Shares, and import it again.",
        )
    if problems := check_overrides(settings.columns, raw.headers):
        raise PostlensError(*problems)


def _of_export(
    raw: RawTable, headers: Sequence[str], export: Format, settings: ReadSettings
) -> tuple[RawTable, str, list[Dropped]]:
    """The rows of an export that are posts, its column of days where it has a row for each post and day, and what was left out."""
    raw, dropped = exports.without_description(raw, headers, export)
    daily = exports.window_of(raw, headers, export)
    if daily and not settings.add_days:
        raise exports.refused_days(raw, daily)
    if daily:
        raw, totals = exports.days_alone(raw, daily)
        dropped = [*dropped, *totals]
    return raw, daily, list(dropped)


def _ignored(matched: Matched, export: Format | None) -> set[str]:
    """Normal names of columns that say nothing about a post."""
    named = {name for name, role in matched.voted.roles.items() if role in {"-", "window"}}
    return named | ({normal(n) for n in (*export.ignore, *export.window)} if export else set())


def _report(
    work: Conversion,
    raw: RawTable,
    headers: Sequence[str],
    reading: tuple[str, ...],
    posts: int,
    dropped: Sequence[Dropped],
) -> FileReport:
    refused = (Dropped(reason=r.reason, rows=r.rows, examples=r.examples) for r in raw.refused)
    return FileReport(
        file=raw.name,
        rows=raw.rows,
        posts=posts,
        reading=(*reading, *raw.reading),
        columns=tuple(sorted(work.reports, key=lambda c: headers.index(c.header))),
        dropped=(*refused, *dropped),
        bad_values=tuple(work.bad),
        notes=tuple(work.notes),
    )


def _own_ids(work: Conversion, raw: RawTable, matched: Matched, settings: ReadSettings) -> Matched:
    """The roles without an id or link that is not each post's own: it would merge posts that differ.

    Raises:
        PostlensError: each post has several rows, one for each part of a breakdown.
    """
    if "post_id" not in settings.columns and numbers_of_rows(raw, matched):
        work.notes.append(f'"{matched.roles["post_id"]}" counts the rows, so it is not taken as the posts\' id.')
        matched = without(matched, "post_id")
    if header := dimension(raw, matched):
        if not is_a_place(header, matched):
            raise fail(
                f'"{raw.name}" has several rows for each post, one for each value of "{header}".',
                why="Parts of a post cannot be compared with whole posts, and reach of parts cannot be added up.",
                hint=f'Export the posts without a breakdown by "{header}", one row for each post.',
            )
        for role, word in (("post_id", "id"), ("url", "link")):
            if role in matched.roles:
                said = f'"{matched.roles[role]}": the same for posts in several places ("{header}"), so it is not taken as their {word}.'
                work.notes.append(said)
                matched = without(matched, role)
        return matched
    for role, word in (("post_id", "id"), ("url", "link")):
        if shared(raw, matched, role):
            header = matched.roles[role]
            work.notes.append(f'"{header}": different posts have the same, so it is not taken as their {word}.')
            matched = without(matched, role)
    return matched


def _convert_roles(work: Conversion, matched: Matched, settings: ReadSettings, export: Format | None) -> str | None:
    """Convert every column with a role; return the column whose time of day went into `published`."""
    # Counts first: they show which decimal mark the file has.
    for name, role in sorted(roles().items(), key=lambda item: item[1].type != "count"):
        header = matched.roles.get(name)
        if header is None or name in {"published", "published_date", "published_time"}:
            continue
        _convert_role(work, role, header, settings)
    if export is not None and export.published_from and _publish_from_ids(work, matched, export):
        return None
    return _convert_published(work, matched, settings)


def _publish_from_ids(work: Conversion, matched: Matched, export: Format) -> bool:
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


def _convert_number(work: Conversion, role: Role, header: str, settings: ReadSettings) -> None:
    text = work.raw.column(header)
    numbers = read_numbers(
        text, role.type, percent_header="%" in header, lean=work.lean(settings, text), told=settings.decimal
    )
    if len(numbers.bad) > 0.5 * max(text.count(), 1):
        work.notes.append(f'"{header}" is no {role.label.lower()}: most of its values are no numbers.')
        convert_extra(work, header, settings)
        return
    if role.type == "count":
        numbers = _without_hidden(numbers, role, header, work)
        one_mark(work, header, numbers, settings)
    if role.type == "seconds":
        ask_for_mark(work, header, numbers, settings)
        numbers = _in_seconds(numbers, header, work)
    work.add(role.name, header, numbers.values, numbers.reading, numbers.bad, _numeric_note(numbers.values, role))


def _convert_role(work: Conversion, role: Role, header: str, settings: ReadSettings) -> None:
    if role.numeric:
        _convert_number(work, role, header, settings)
        return
    clean = work.raw.words(header)
    if role.type == "id":
        clean = clean.str.replace(r'^="?(.*?)"?$', "$1").str.strip_prefix("'")
        if clean.drop_nulls().str.contains(r"^\d{1,15}\.0$").all():  # What pandas makes of whole numbers beside gaps.
            clean = clean.str.strip_suffix(".0")
    if role.name == "url":
        clean = _links_alone(clean, header, work)
    if role.type == "flag":
        clean = clean.to_frame("v").select(usual_flags(pl.col("v"))).to_series()
    if role.name == "post_type":
        work.columns.put("post_type_raw", clean)
        clean = clean.to_frame("v").select(usual_types(pl.col("v"))).to_series()
    if role.name == "platform":
        clean = clean.to_frame("v").select(usual_networks(pl.col("v"))).to_series()
    note = ""
    if role.type == "id" and (mangled(clean) or (work.raw.decimal is not None and _long_numbers(clean))):
        note = "Excel has rounded ids or turned them into powers of ten; posts cannot be told apart by them"
        work.notes.append(f'Column {work.raw.letters.get(header, "?")} ("{header}"): {note}.')
        clean = clean.set(clean.str.contains(LONG if _long_numbers(clean) else MANGLED).fill_null(False), None)
    work.add(role.name, header, clean, role.type, NONE_BAD, note)


def _links_alone(clean: pl.Series, header: str, work: Conversion) -> pl.Series:
    """The links; words that are none, and would make posts of one word the same post, are left out."""
    linked = clean.str.contains(r"[./]").fill_null(False)
    lost = clean.count() - int(linked.sum())
    if lost:
        work.notes.append(
            f'"{header}": {lost:,} values are no links, such as "{clean.filter(~linked).drop_nulls()[0][:40]}".'
        )
    return clean.set(~linked, None)


def _without_hidden(numbers: Numbers, role: Role, header: str, work: Conversion) -> Numbers:
    """A -1, where it is the only number below zero, is how scrapers write "hidden": not known."""
    below = numbers.values.filter((numbers.values < 0).fill_null(False))
    if role.name == "follows" or not len(below) or bool((below != -1).any()):
        return numbers
    work.notes.append(f'"{header}": -1 in {len(below):,} rows is read as not known.')
    return replace(numbers, values=numbers.values.set((numbers.values == -1).fill_null(False), None))


_HOURS = (
    r"(?i)[(\[]?\b(hours?|stunden?|std\.?|heures?|horas?|ore|ora|uren|uur|godz\.?|godzin\w*|saat|jam|timmar|timer|hodin\w*|hod\.?|hrs?\.?|h)"
    r"[)\]]?$|(?:\u6642\u9593|\u5c0f\u65f6|\u5c0f\u6642|\uc2dc\uac04|\u0447\u0430\u0441\w*)[)\uff09]?$"
)
_DAYS = r"(?i)[(\[](days?|tage|jours|dias|d\u00edas|giorni|dagen|dni)[)\]]$"
_CLOCK_OF_HOURS = r"(?i)[(\[](hh?:mm)[)\]]$"
_MILLISECONDS = r"(?i)\(?\b(ms|msec|milliseconds)\)?$"
_MINUTES = r"(?i)[(\[]?\b(minutes?|minuten?|minutos?|minuti|minuto|min\.?|mins)[)\]]?$|[(\[]m[)\]]$|^(?:estimated\s+)?minutes\b"


def _in_seconds(numbers: Numbers, header: str, work: Conversion) -> Numbers:
    """Hours and minutes by their name as seconds; values that are clocks are seconds already."""
    if re.search(_MILLISECONDS, header.strip()):
        return replace(numbers, values=numbers.values / 1000, reading=f"{numbers.reading}, milliseconds as seconds")
    told = {"watch_hours": 3600.0, "watch_minutes": 60.0}.get(work.units.get(header, ""), 1.0)
    if "clock" in numbers.reading:
        by_hours = re.search(_CLOCK_OF_HOURS, header.strip()) is not None
        return (
            replace(numbers, values=numbers.values * 60, reading="hours and minutes as seconds")
            if by_hours
            else numbers
        )
    units = ((_HOURS, 3600.0), (_DAYS, 86400.0), (_MINUTES, 60.0))
    factor = next((seconds for unit, seconds in units if re.search(unit, header.strip())), told)
    if factor == 1.0:
        return numbers
    word = {3600.0: "hours", 86400.0: "days", 60.0: "minutes"}[factor]
    return replace(numbers, values=numbers.values * factor, reading=f"{numbers.reading}, {word} as seconds")


def mangled(ids: pl.Series) -> bool:
    """Whether a spreadsheet has rounded ids: powers of ten, or zeros beyond the 15th digit in most of the long ones."""
    if ids.str.contains(MANGLED_POWER).any():
        return True
    sixteen = ids.filter(ids.str.contains(r"^\d{16}(\.0)?$").fill_null(False))
    if len(sixteen) >= 5 and bool(sixteen.str.contains(r"^\d{15}0(\.0)?$").all()):
        return True
    long = ids.filter(ids.str.contains(r"^\d{17,}(\.0)?$").fill_null(False))
    return len(long) > 1 and bool((long.str.contains(MANGLED).mean() or 0.0) > 0.5)  # type: ignore[operator]


def _long_numbers(ids: pl.Series) -> bool:
    """Whether ids of a typed source were floating numbers: each long one is exactly such a number.

    A double keeps 53 bits. Of ids of 17 digits and more that were text, one in eight or fewer is exact by chance.
    """
    long = ids.drop_nulls().filter(ids.drop_nulls().str.contains(LONG)).str.strip_suffix(".0")
    enough = len(long) >= 5
    long = long.unique().head(100)
    return enough and all(int(float(i)) == int(i) for i in long)


def _numeric_note(values: pl.Series, role: Role) -> str:
    if role.type == "count" and role.name != "follows" and (below := int((values < 0).sum() or 0)):
        return f"{below} value(s) below 0"
    return ""


def _convert_published(work: Conversion, matched: Matched, settings: ReadSettings) -> str | None:
    header = matched.roles.get("published") or matched.roles.get("published_date")
    if header is None:
        return None
    text = work.raw.column(header)
    clock = _clock_column(work, matched, text)
    if clock is not None:
        days = text.str.replace(_MIDNIGHT, "")
        hours = work.raw.column(clock).fill_null("").str.replace(r"^(?:1899|1900)-\d\d-\d\d\s+", "")
        text = (days + pl.Series([" "]) + hours).str.strip_chars()
    where = f"{work.raw.name} column {work.raw.letters.get(header, '?')}"
    told = (
        _zone_of(header, where, ask=settings.ask and not settings.timezone) or settings.timezone or _zone_column(work)
    )
    times = read_times(
        text,
        zone=told or "UTC",
        order=settings.date_order,
        usual=settings.usual_order,
        ask=settings.ask,
        where=where,
    )
    if text.drop_nulls().str.strip_chars().replace("", None).count() >= 3 and not times.values.count():
        shown = ", ".join(f'"{v}"' for v in text.drop_nulls().head(5))
        raise fail(
            f'No value of the column "{header}" could be read as a time of publishing.',
            where=where,
            why=f"It has {shown}.",
            hint=f'If it is another column, say so: --map "Column=published"; if it is none, --map "{header}=".',
        )
    work.add("published", header, times.values, times.reading, times.bad)
    work.columns.put("published_precision", times.precision)
    return clock


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
        )
    name = "UTC" if word in {"UTC", "GMT", "Z"} else _ZONES.get(word, said[1])
    return name if name in available_timezones() else ""


# A day as a spreadsheet writes it beside a clock, and a clock, which Excel dates with its first day.
_MIDNIGHT = r"\s+00:00(?::00(?:\.0+)?)?$"
_CLOCK_OF_A_NAME = (
    r"^\s*(?:(?:1899|1900)-\d\d-\d\d\s+)?\d{1,2}[:h.]\d{2}(:\d{2}(?:\.\d+)?)?\s*([AaPp][Mm])?\s*(?:[A-Z]{3,4})?\s*$"
)
_CLOCK = r"^\s*(?:(?:1899|1900)-\d\d-\d\d\s+)?\d{1,2}:\d{2}(:\d{2}(?:\.\d+)?)?\s*([AaPp][Mm])?\s*$"


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
    candidates += [h for h in matched.extra if h not in candidates and _says_when(h)]
    has_clock = bool((dates.str.contains(r"\d:\d\d") & ~dates.str.contains(_MIDNIGHT)).any())
    for header in candidates:
        shape = _CLOCK_OF_A_NAME if _says_when(header) else _CLOCK
        if not has_clock and work.raw.column(header).drop_nulls().str.contains(shape).all():
            return header
    return None


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


def _check_is_posts(work: Conversion, raw: RawTable) -> None:
    if not raw.height:
        raise fail(f'"{raw.name}" has no rows that are posts.', hint="Export a period in which something was posted.")
    numeric = [name for name, kind in work.columns.schema.items() if kind.is_numeric() and work.columns.known[name]]
    if not numeric:
        headers = ", ".join(f'"{h}"' for h in list(raw.letters)[:8])
        raise fail(
            f'"{raw.name}" has no column with numbers, so there is nothing to compare.',
            why=f"Its columns are {headers}.",
            hint="Export a table with reactions, comments, reach or another metric for each post.",
        )
    only_unknown = not any(name in roles() for name in numeric)
    if len(raw.letters) <= 2 and "published" in work.columns and only_unknown:
        raise fail(
            f'"{raw.name}" looks like a daily series (a date and one number), not posts.',
            hint="Export the content or posts table, with one row for each post.",
        )


def _complete(work: Conversion, settings: ReadSettings) -> pl.LazyFrame:
    """The columns with what follows from them: account name, total of reactions, platform."""
    frame, have = work.columns.table(), set(work.columns.schema)
    if "account_id" in have and "account_name" not in have:
        frame = frame.with_columns(account_name=pl.col("account_id"))
    kinds = [kind for kind in REACTION_KINDS if kind in have]
    if "reactions" not in have and kinds:
        frame = frame.with_columns(reactions=sum_of_kinds(kinds))
        work.notes.append("Reactions are the sum of the reaction kinds; the file has no total.")
    elif "reactions" in have and len(kinds) > 1:
        _note_sums(frame, kinds, work)
    if "platform" not in have and settings.platform:
        frame = frame.with_columns(platform=pl.lit(settings.platform))
    elif "platform" not in have and "url" in have:
        frame = frame.with_columns(platform=exports.platform_of(pl.col("url")))
    if "url" in have and not {"account_name", "account_id"} & have:
        frame = frame.with_columns(account_name=account_of(pl.col("url")))
    if "post_id" not in have and "url" in have:
        frame = frame.with_columns(post_id=id_of(pl.col("url")))
    elif {"post_id", "url"} <= have:
        frame = frame.with_columns(post_id=pl.coalesce("post_id", id_of(pl.col("url"))))
    return frame


def account_of(url: pl.Expr) -> pl.Expr:
    """The account that a link of X or TikTok names; null for others."""
    return url.str.extract(
        r"(?i)^https?://(?:[\w-]+\.)*(?:(?:twitter|x)\.com/|tiktok\.com/@)([\w.]+)/(?:status|video|photo)"
    )


def id_of(url: pl.Expr) -> pl.Expr:
    """The id that a link of a network holds; null where none is known to be one."""
    long = url.str.extract(
        r"(?i)(?:/status(?:es)?/|/video/|/videos/|/posts/|/reel/|story_fbid=|fbid=|activity[:-]|/permalink/)(\d{8,25})"
    )
    watch = url.str.extract(r"(?i)(?:[?&]v=|youtu\.be/|/shorts/)([\w-]{11})(?:\W|$)")
    return pl.coalesce(long, watch)


def sum_of_kinds(kinds: Sequence[str]) -> pl.Expr:
    """All reactions, where the file has only their kinds; null where it has none of them."""
    known = pl.any_horizontal(pl.col(k).is_not_null() for k in kinds)
    return pl.when(known).then(pl.sum_horizontal(kinds))


def _note_sums(frame: pl.LazyFrame, kinds: list[str], work: Conversion) -> None:
    differ = frame.select((pl.sum_horizontal(kinds) != pl.col("reactions")).sum()).collect(engine="streaming").item()
    if differ:
        work.notes.append(
            f"In {differ:,} of {work.raw.height:,} posts the reaction kinds do not add up to the reactions; both are kept as given."
        )
