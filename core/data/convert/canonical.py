"""From a table of text to posts: roles matched, values converted, nothing lost without a word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.contract.raw_table import ROW, RawTable
from postlens.core.data.convert import exports, ids, links, table_kind
from postlens.core.data.convert.contested_columns import (
    better_twin,
    better_type,
    complementary,
    without_sums,
)
from postlens.core.data.convert.conversion import NONE_BAD, Conversion
from postlens.core.data.convert.custom_columns import ask_for_mark, convert_extra, convert_extras, one_mark
from postlens.core.data.convert.daily_rows import added_up
from postlens.core.data.convert.durations import in_seconds
from postlens.core.data.convert.languages import usual_languages, with_language
from postlens.core.data.convert.marks_of_nothing import without_marks
from postlens.core.data.convert.markup import without_markup
from postlens.core.data.convert.meta_shape import by_shape
from postlens.core.data.convert.nested_cells import numbers_in_cells
from postlens.core.data.convert.network import on_their_clock, with_network
from postlens.core.data.convert.non_posts import (
    posts_alone,
    replies_said,
    without_bare_rows,
    without_comments,
    without_retweets,
)
from postlens.core.data.convert.numbers import Numbers, read_numbers, without_words
from postlens.core.data.convert.own_ids import (
    beside_links,
    dimension,
    is_a_place,
    looks_headless,
    numbers_of_rows,
    refused_parts,
    shared,
    without,
)
from postlens.core.data.convert.published import convert_published, publish_from_ids
from postlens.core.data.convert.quality import Dropped, FileReport
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.convert.value_roles import with_value_roles
from postlens.core.data.convert.which_moment import better_time, by_evidence
from postlens.core.data.progress import Progress
from postlens.core.data.vocabulary.formats import Format, Recognised, overrides, recognise
from postlens.core.data.vocabulary.metrics import SUMMED
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, Role, check_overrides, match, roles
from postlens.core.data.vocabulary.synonyms import usual_flags, usual_networks, usual_types


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
    raw = without_marks(numbers_in_cells(exports.side_by_side(raw)))
    headers = raw.headers
    _check_headers(raw, settings)
    found = recognise(headers, raw.name)
    if found.guessed and found.format is not None and exports.contradicted(raw, found.format):
        found = Recognised(format=None)
    if found.format is None or found.guessed:
        found = by_shape(raw) or found
    export, daily = found.format, ""
    raw, dropped = posts_alone(raw, headers)
    if export is not None:
        raw, daily, further = _of_export(raw, headers, export, settings)
        dropped += further
        settings = exports.defaults(settings, export)
    by_name = match(headers, overrides(export, headers, settings.columns))
    matched = with_value_roles(raw, better_twin(raw, better_type(raw, by_name), ask=settings.ask))
    matched = _as_said(matched, {r: by_name.roles[r] for r in settings.columns if r in by_name.roles})
    matched = _without_window(matched, daily)
    matched = matched if "published" in settings.columns else by_evidence(raw, better_time(raw, matched))
    raw, matched, into = complementary(raw, matched)
    known = export is not None and not (found.guessed and _few_metrics(matched))
    told = bool(settings.columns)
    table_kind.check(
        raw, matched, known=known, told=told, network=settings.platform, ask=settings.ask, daily=bool(daily)
    )
    work = Conversion(raw, progress)
    for header, first in into.items():
        work.report(first, header, raw.column(header), f'fills "{first}" where that is empty', NONE_BAD)
    if "reactions" not in settings.columns:
        matched, said = without_sums(raw, matched)
        work.notes += [said] if said else []
    matched = matched if "post_id" in settings.columns else _exact_ids(raw, matched)
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
    posts, bare = _posts_alone(work, settings)
    dropped = [*dropped, *bare]
    if export is not None:
        posts = exports.completed(posts, export)
    # In the order in which files say it: what follows from other columns, then where it is from.
    posts = posts.select(pl.exclude("source_row"), "source_row", source_file=pl.lit(raw.name))
    count = raw.height - sum(d.rows for d in bare)
    if daily:
        posts, count, added = _added_up(work, posts, count)
        dropped = [*dropped, added]
    return Posts(
        lazy=posts,
        report=_report(work, raw, headers, (str(found),) if export else (), count, dropped),
        extra_labels=work.extra_labels,
        categories=frozenset(work.categories),
        held=work.columns.folder,
    )


def _added_up(work: Conversion, posts: pl.LazyFrame, rows: int) -> tuple[pl.LazyFrame, int, Dropped]:
    """The days of each post as one row, how many these are, and what became of the others.

    Raises:
        PostlensError: no number of a day can be added to those of another.
    """
    posts, count, note = added_up(posts, work.extra_labels)
    if not any(kind.is_numeric() and name != "source_row" for name, kind in posts.collect_schema().items()):
        raise fail(
            f'"{work.raw.name}" has no numbers that are left when the days of each post are added up.',
            why=note,
            hint="Export the posts without a breakdown by day.",
        )
    work.notes.append(note)
    return posts, count, Dropped(reason="further days of the same post, added to it", rows=rows - count)


def _posts_alone(work: Conversion, settings: ReadSettings) -> tuple[pl.LazyFrame, list[Dropped]]:
    """The posts without rows that are none of this account, which are told; posts that answer others are said."""
    posts, bare = without_bare_rows(_complete(work, settings))
    posts, remarks = without_comments(posts)
    posts, passed_on = without_retweets(posts)
    answers = replies_said(posts)
    work.notes += [answers] if answers else []
    return posts, bare + remarks + passed_on


def _without_window(matched: Matched, daily: str) -> Matched:
    """The roles without the day that a row's numbers are of, where another column has the time of publishing."""
    others = [h for h, r in matched.contested.items() if r == "published" and h != daily]
    others += [h for r, h in matched.roles.items() if r == "published_date" and h != daily]
    if not daily or matched.roles.get("published") != daily or not others:
        return matched
    found = {r: h for r, h in matched.roles.items() if h != others[0]} | {"published": others[0]}
    contested = {h: r for h, r in matched.contested.items() if h != others[0]}
    return replace(
        matched, roles=found, contested=contested, extra=(*(h for h in matched.extra if h != others[0]), daily)
    )


def _as_said(matched: Matched, said: Mapping[str, str]) -> Matched:
    """The roles with those that somebody gave, whatever the values look like.

    Args:
        matched: by names and values.
        said: role to header.
    """
    others = {r: h for r, h in matched.roles.items() if r not in said and h not in said.values()}
    lost = [h for r, h in matched.roles.items() if r in said and h not in said.values()]
    extra = [h for h in (*matched.extra, *lost) if h not in said.values()]
    return replace(matched, roles=others | dict(said), extra=tuple(extra))


MIN_METRICS = 2  # Known by name, before a guessed export is taken without asking.


def _few_metrics(matched: Matched) -> bool:
    """Whether a guessed export's numbers are not known by their names either."""
    return sum(roles()[role].type == "count" for role in matched.roles) < MIN_METRICS


def _check_headers(raw: RawTable, settings: ReadSettings) -> None:
    """Refuse a table without names over its columns, and settings for columns that it does not have."""
    if looks_headless(raw):
        raise fail(
            f'"{raw.name}" has no names over its columns: its first row has values already.',
            why=f"The first row has {', '.join(raw.headers[:5])}.",
            hint="If its rows are posts, put a row with names above it, such as Type, Published, Reactions, Comments, Shares, "
            "and import it again. If not, export the posts.",
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
    """Normal names of columns that say nothing about a post, in an export that is known."""
    if export is None:
        return set()
    voted = matched.voted
    named = {name for name, role in voted.roles.items() if role in {"-", "window"} and name not in voted.unsure}
    return named | {normal(n) for n in (*export.ignore, *export.window)}


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
    if "post_id" not in settings.columns and beside_links(raw, matched):
        work.notes.append(f'"{matched.roles["post_id"]}" has small numbers, so the ids in the links are taken.')
        matched = without(matched, "post_id")
    if header := dimension(raw, matched):
        if not is_a_place(header, matched):
            raise refused_parts(raw, header)
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
            matched = _other_link(raw, matched) if role == "url" else matched
    return matched


def _exact_ids(raw: RawTable, matched: Matched) -> Matched:
    """The roles with another column of ids, where the numbers of the one by its name were rounded and those of the other not."""
    header = matched.roles.get("post_id")
    others = [h for h, r in matched.contested.items() if r == "post_id"]
    others += [
        h for h in matched.extra if header is not None and normal(h) in {f"{normal(header)} str", "id str", "bid"}
    ]
    others = [h for h in dict.fromkeys(others) if h != header]
    if header is None or not others:
        return matched
    rows = raw.lazy.select(header, *others).head(_LOOK).collect()
    cells = {h: ids.cleaned(rows[h].cast(pl.String).str.strip_chars().replace("", None)) for h in rows.columns}
    if ids.rounded(cells[header]) is None:
        return matched
    exact = (h for h in others if cells[h].n_unique() == cells[h].count() > 1 and ids.rounded(cells[h]) is None)
    other = next(exact, None)
    if other is None:
        return matched
    roles_ = {r: h for r, h in matched.roles.items() if h != other} | {"post_id": other}
    contested = {h: r for h, r in matched.contested.items() if h != other} | {header: "post_id"}
    return replace(
        matched, roles=roles_, contested=contested, extra=(*(h for h in matched.extra if h != other), header)
    )


def _other_link(raw: RawTable, matched: Matched) -> Matched:
    """The posts' links from a further column, where the one by its name held another's, such as the author's."""
    for header in (*(h for h in [matched.roles.get("link")] if h), *matched.extra):
        links_ = raw.lazy.select(header).head(_LOOK).collect().to_series()
        if header != matched.contested.get("url") and links.of_posts(links_):
            roles_ = {r: h for r, h in matched.roles.items() if h != header} | {"url": header}
            return replace(matched, roles=roles_, extra=tuple(h for h in matched.extra if h != header))
    return matched


_LOOK = 1_000


def _convert_roles(work: Conversion, matched: Matched, settings: ReadSettings, export: Format | None) -> str | None:
    """Convert every column with a role; return the column whose time of day went into `published`."""
    # Counts first: they show which decimal mark the file has.
    for name, role in sorted(roles().items(), key=lambda item: item[1].type != "count"):
        header = matched.roles.get(name)
        if header is None or name in {"published", "published_date", "published_time"}:
            continue
        _convert_role(work, role, header, settings)
    if export is not None and export.published_from and publish_from_ids(work, matched, export):
        return None
    return convert_published(work, matched, settings)


def _convert_number(work: Conversion, role: Role, header: str, settings: ReadSettings) -> None:
    text = work.raw.column(header)
    numbers = read_numbers(
        text, role.type, percent_header="%" in header, lean=work.lean(settings, text), told=settings.decimal
    )
    if role.type == "count" and len(numbers.bad) > 0.5 * max(text.count(), 1):
        text, word = without_words(text)
        if word:
            numbers = read_numbers(text, role.type, lean=work.lean(settings, text), told=settings.decimal)
            numbers = replace(numbers, reading=f'{numbers.reading}, without "{word}"')
    if role.type == "count" and 0 < len(numbers.bad) <= 0.5 * max(text.count(), 1):
        text, numbers = _counted_in_words(text, numbers, work, settings)
    if len(numbers.bad) > 0.5 * max(text.count(), 1):
        work.notes.append(f'"{header}" is no {role.label.lower()}: most of its values are no numbers.')
        convert_extra(work, header, settings)
        return
    if role.type == "count" and _are_shares(numbers.values):
        work.notes.append(f'"{header}" is no {role.label.lower()}: its values are shares below 1, not counts.')
        convert_extra(work, header, settings)
        return
    if role.type == "count":
        numbers = _without_hidden(numbers, role, header, work)
        one_mark(work, header, numbers, settings)
        numbers = _whole(numbers, header, text, work)
    if role.type == "seconds":
        ask_for_mark(work, header, numbers, settings)
        numbers = in_seconds(numbers, header, work)
    work.add(role.name, header, numbers.values, numbers.reading, numbers.bad, _numeric_note(numbers.values, role))


def _counted_in_words(
    text: pl.Series, numbers: Numbers, work: Conversion, settings: ReadSettings
) -> tuple[pl.Series, Numbers]:
    """Counts of which some say what is counted: `328 reactions` among plain numbers."""
    said, word = without_words(text.gather(numbers.bad))
    if not word:
        return text, numbers
    text = text.scatter(numbers.bad, said)
    again = read_numbers(text, "count", lean=work.lean(settings, text), told=settings.decimal)
    return text, replace(again, reading=f'{again.reading}, without "{word}"')


def _are_shares(values: pl.Series) -> bool:
    """Whether numbers lie between 0 and 1, most of them strictly."""
    known = values.drop_nulls()
    within = int(((known > 0) & (known < 1)).sum())
    return len(known) >= _FEW_SHARES and bool(known.is_between(0, 1).all()) and within > _HALF * len(known)


_FEW_SHARES, _HALF = 5, 0.5


_THOUSANDS = re.compile(
    r"(?i)[(\[]\s*(?:in )?(?:thousands?|k|'?000s?|tsd\.?|tausend|milliers|miles|milhares|migliaia|duizend|tusen|tusind|tis\.?|tys\.?|bin|\u0442\u044b\u0441\.?)\s*[)\]]|"
    r"\bin (?:thousands|tsd\.?|tausend)"
)


_MILLIONS = re.compile(
    r"(?i)[(\[]\s*(?:in )?(?:millions?|mio|mln|mill|mn|millionen|millones|milh\u00f5es|milioni|miljoen|mil\.|\u043c\u043b\u043d)\.?\s*[)\]]|"
    r"\bin (?:millions|mio\.?|millionen)"
)


_NOISE = 1e-12  # What is left of a product of floating numbers: 515200.00000000006.


def _whole(numbers: Numbers, header: str, text: pl.Series, work: Conversion) -> Numbers:
    """Counts in thousands, where their name says so, as counts; others that are not whole are named."""
    if _MILLIONS.search(header) and not bool(text.str.contains(r"(?i)\d\s*[km]$").any()):
        return replace(
            numbers, values=(numbers.values * 1_000_000).round(), reading=f"{numbers.reading}, millions by its name"
        )
    if _THOUSANDS.search(header) and not bool(text.str.contains(r"(?i)\d\s*[km]$").any()):
        return replace(
            numbers, values=(numbers.values * 1000).round(), reading=f"{numbers.reading}, thousands by its name"
        )
    nearly = ((numbers.values - numbers.values.round()).abs() <= _NOISE * numbers.values.abs()).fill_null(False)
    numbers = replace(numbers, values=numbers.values.zip_with(~nearly, numbers.values.round()))
    broken = numbers.values.filter((numbers.values != numbers.values.round()).fill_null(False))
    if len(broken):
        shares = float(broken.max() or 0) < 1  # type: ignore[arg-type]
        then = (
            "They look like shares, not counts."
            if shares
            else 'If they are thousands, write "(thousands)" behind its name in the file.'
        )
        work.notes.append(f'"{header}": {len(broken):,} values are no whole numbers, such as {broken[0]:g}. {then}')
    return numbers


def _convert_role(work: Conversion, role: Role, header: str, settings: ReadSettings) -> None:
    if role.numeric:
        _convert_number(work, role, header, settings)
        return
    clean = work.raw.words(header)
    if role.type == "id":
        clean = ids.cleaned(clean)
    if role.name == "url":
        clean = links.links_alone(clean, header, work)
    if role.name == "post_type":
        clean = _decoded(clean, header)
        work.columns.put("post_type_raw", clean)
    if role.name in {"text", "title"}:
        clean = without_markup(clean)
    if role.name == "account_name":
        clean = _said_once(clean)
    if (usual := _USUAL.get(role.name, usual_flags if role.type == "flag" else None)) is not None:
        clean = clean.to_frame("v").select(usual(pl.col("v"))).to_series()
    note = ""
    if role.type == "id" and (lost := ids.rounded(clean)) is not None:
        note = "Excel or a script has rounded ids or turned them into powers of ten; posts cannot be told apart by them"
        work.notes.append(f'Column {work.raw.letters.get(header, "?")} ("{header}"): {note}.')
        clean = clean.set(lost | clean.str.contains(r"^\d(?:\.\d+)?[eE]\+?\d+$").fill_null(False), None)
    work.add(role.name, header, clean, role.type, NONE_BAD, note)


def _said_once(names: pl.Series) -> pl.Series:
    """Names without their repetition in a second line, as pages show them; two different ones stay as they are."""
    lines = names.str.split("\n").list.eval(pl.element().str.strip_chars())
    twice = ((lines.list.len() > 1) & (lines.list.n_unique() == 1)).fill_null(False)
    return names.zip_with(~twice, lines.list.first())


_USUAL = {"post_type": usual_types, "platform": usual_networks, "language": usual_languages}


def _decoded(values: pl.Series, header: str) -> pl.Series:
    """Values with the words that a header gives for its codes, as "Type (1 = photo, 2 = video)"; others as they are."""
    words = dict(re.findall(r"(?<!\w)(\d{1,2})\s*[=:]\s*([^\W\d_][^\W\d]*)", header))
    if not words and normal(header) == "media type" and set(values.drop_nulls()) <= _CODES_OF_INSTAGRAM.keys():
        words = _CODES_OF_INSTAGRAM  # Under another name 1 and 2 are somebody's own codes.
    return values.str.strip_suffix(".0").replace(words) if len(words) > 1 else values


_CODES_OF_INSTAGRAM = {
    "1": "photo",
    "2": "video",
    "8": "carousel",
}  # As its interfaces for phones and pages write kinds.


def _without_hidden(numbers: Numbers, role: Role, header: str, work: Conversion) -> Numbers:
    """A -1, where it is the only number below zero, is how scrapers write "hidden": not known."""
    below = numbers.values.filter((numbers.values < 0).fill_null(False))
    if role.name == "follows" or not len(below) or bool((below != -1).any()):
        return numbers
    work.notes.append(f'"{header}": -1 in {len(below):,} rows is read as not known.')
    return replace(numbers, values=numbers.values.set((numbers.values == -1).fill_null(False), None))


def _numeric_note(values: pl.Series, role: Role) -> str:
    if role.type == "count" and role.name != "follows" and (below := int((values < 0).sum() or 0)):
        return f"{below} value(s) below 0"
    return ""


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
    if "account_name" not in have and (told := next((c for c in ("author", "account_id") if c in have), "")):
        frame = frame.with_columns(account_name=pl.col(told))
    kinds = [kind for kind in SUMMED if kind in have]
    if "reactions" not in have and kinds:
        frame = frame.with_columns(reactions=sum_of_kinds(kinds))
        work.notes.append("Reactions are the sum of the reaction kinds; the file has no total.")
    elif "reactions" in have and len(kinds) > 1:
        _note_sums(frame, kinds, work)
    frame = on_their_clock(with_network(frame, have, work, settings.platform), work)
    if "url" in have and not {"account_name", "account_id"} & have:
        frame = frame.with_columns(account_name=links.account_of(pl.col("url")))
    if "post_id" not in have and "url" in have:
        frame = frame.with_columns(post_id=links.id_of(pl.col("url")))
    elif {"post_id", "url"} <= have:
        frame = frame.with_columns(post_id=pl.coalesce("post_id", links.id_of(pl.col("url"))))
    return with_language(frame, have, work)


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
