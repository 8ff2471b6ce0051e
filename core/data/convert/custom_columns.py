"""Columns of no known meaning: metrics, categories, ids or text, by their values and their names."""

from __future__ import annotations

import re

import polars as pl

from postlens.core.contract.problems import fail
from postlens.core.data.convert.conversion import NONE_BAD, Conversion
from postlens.core.data.convert.names_of_numbers import (
    flag,
    names_something,
    number_of_something,
    of_the_account,
    part_of_time,
)
from postlens.core.data.convert.numbers import Mark, Numbers, both_readings, read_numbers
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.vocabulary.metrics import RATES
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, roles

_GROUP_WORDS = {"cluster", "group", "segment", "class", "category", "variant", "campaign", "topic", "theme"}
MADE = {
    "weekday",
    "hour",
    "month",
    "maturity",
    "date",
    "engagements",
    "post_key",
    "post_type_raw",
    "published_precision",
    "source_row",
    "source_file",
} | {rate.name for rate in RATES}


def convert_extras(
    work: Conversion, matched: Matched, settings: ReadSettings, *, used: str | None, ignored: set[str]
) -> None:
    """Convert every column without a role.

    Args:
        work: takes the columns.
        matched: which columns have a role.
        settings: which of the others are wanted as categories.
        used: the column whose time of day is in `published` already.
        ignored: normal names of columns that say nothing about a post.
    """
    wanted = {normal(name) for name in settings.categories}
    for header in matched.extra:
        if header == used:
            work.report("published", header, work.raw.column(header), "time of day of published", NONE_BAD)
            continue
        if normal(header) in ignored:
            work.report("not used", header, work.raw.column(header), "says nothing about a post", NONE_BAD)
            continue
        if matched.contested.get(header) in matched.roles:
            work.notes.append(
                f'Column {work.raw.letters.get(header, "?")} ("{header}") also means {roles()[matched.contested[header]].label.lower()};'
                f' "{matched.roles[matched.contested[header]]}" was taken.'
            )
        convert_extra(work, header, settings, as_category=normal(header) in wanted, said_none=header in matched.none)


def convert_extra(
    work: Conversion, header: str, settings: ReadSettings, *, as_category: bool = False, said_none: bool = False
) -> None:
    """Convert a column without a role by its values; one that is said to have none is no metric."""
    text = work.raw.words(header)
    if text.count() == 0:
        work.report("empty", header, text, "no values", NONE_BAD)
        return
    name = free_name(header, set(work.columns.schema))
    numbers = read_numbers(text, "number", percent_header="%" in header, lean=work.lean(settings, text))
    known = numbers.values.count()
    numeric = known > 0 and len(numbers.bad) <= 0.1 * (known + len(numbers.bad)) and not said_none
    numeric = numeric and not _ages(text)
    grouping = as_category or (groups_by_name(header) and text.n_unique() <= 50)
    grouping = grouping or (numeric and (flag(text) or part_of_time(numbers.values, header)))
    if numeric and not grouping and of_the_account(header):
        work.report("not used", header, text, "of the whole account, not of a post", NONE_BAD)
        return
    named = looks_like_id(header) or number_of_something(text) or names_something(numbers.values, header)
    if numeric and not grouping and named:
        work.extra_labels[name] = header
        work.add(name, header, text, "extra text", NONE_BAD)
        return
    if numeric and not grouping and _counts_rows(numbers.values, header):
        work.report("row number", header, text, "ignored", NONE_BAD)
        return
    work.extra_labels[name] = header
    if numeric and not grouping:
        ask_for_mark(work, header, numbers, settings)
        work.add(name, header, numbers.values, f"extra metric, {numbers.reading}", numbers.bad)
    else:
        groups = grouping or few_values(text.n_unique(), text.count())
        if groups:
            work.categories.add(name)
        work.add(name, header, text, "extra category" if groups else "extra text", NONE_BAD)


def _ages(text: pl.Series) -> bool:
    """How long ago something was, in several units: `2w`, `3m`, `5d`."""
    units = text.str.strip_chars().str.to_lowercase().str.extract(r"^\d+ ?(min|mo|yr|wk|hr|[smhdwy])s?(?: ago)?$")
    return (
        units.count() > _MOSTLY * text.count() and len({"h", "hr", "d", "w", "wk", "y", "yr"} & set(units.unique())) > 1
    )


_MOSTLY = 0.9


def one_mark(work: Conversion, header: str, numbers: Numbers, settings: ReadSettings) -> None:
    """One file has one decimal mark: what a column of counts shows holds for those that could be either.

    Raises:
        PostlensError: two columns of counts, whole if their marks part thousands, have different marks.
    """
    if "decimal" not in numbers.reading:
        return
    mark: Mark = "comma" if "comma" in numbers.reading else "point"
    if work.mark is None:
        work.mark, work.marked_by = mark, header
    elif mark != work.mark and numbers.open and settings.decimal is None:
        shown = "; ".join(both_readings(work.raw.column(h)).partition(";")[0] for h in (work.marked_by, header))
        raise fail(
            f'"{work.marked_by}" parts thousands with one mark and "{header}" with the other, which no file does.',
            where=f"{work.raw.name} column {work.raw.letters.get(header, '?')}",
            why=f"{shown}.",
            hint=f'Say which mark is the decimal one (--decimal point or --decimal comma); if "{header}" holds averages, it is '
            "no count: name it otherwise.",
            asks="decimal",
        )


def ask_for_mark(work: Conversion, header: str, numbers: Numbers, settings: ReadSettings) -> None:
    """Refuse a column that could be read with either decimal mark, where somebody can be asked."""
    if numbers.open and settings.ask:
        raise fail(
            "Nothing in this column tells whether its mark is the decimal mark or parts thousands.",
            where=f"{work.raw.name} column {work.raw.letters.get(header, '?')}",
            why=f"{both_readings(work.raw.column(header))}.",
            hint="Say which (--decimal point or --decimal comma), or that the column is a count.",
            asks="decimal",
        )


def groups_by_name(header: str) -> bool:
    """Whether a column's name says that its values are groups, though they may be numbers."""
    return normal(header) in _GROUP_WORDS


def looks_like_id(header: str) -> bool:
    """Whether a column's name says that its numbers are names, not amounts."""
    return re.search(r"(?i)\bid$|timestamp|_id$", header) is not None


def _counts_rows(values: pl.Series, header: str) -> bool:
    """A column without a name that goes up by one is a row number some tool wrote; so are ranks and what is called unnamed."""
    if _ROW_NAMES.fullmatch(normal(header)):
        return True
    steps = values.diff().drop_nulls()
    return header.startswith("column ") and len(steps) > 0 and bool((steps == 1).all())


_ROW_NAMES = re.compile(
    r"unnamed: \d+(?:\.\d+)?|#|rank|ranking|s\.? ?no\.?|row(?: number)?|position|index|platz|rang|puesto|posicao"
)


def few_values(distinct: int, known: int) -> bool:
    """Whether a column of text has so few different values that they are groups."""
    return distinct <= 200 and distinct <= max(2, known // 3)


def free_name(header: str, taken: set[str]) -> str:
    """A column name for a header without a role, that no column of the posts or of Postlens has."""
    base = re.sub(r"\W+", "_", normal(header)).strip("_") or "extra"
    if base in roles() or base in MADE:
        base += "_other"
    name, count = base, 2
    while name in taken:
        name, count = f"{base}_{count}", count + 1
    return name
