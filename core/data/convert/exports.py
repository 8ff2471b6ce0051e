"""What is peculiar to the export of one network or tool: description rows, times inside ids, what a link names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.contract.raw_table import ROW, RawTable, Refused
from postlens.core.data.convert.id_clocks import moments
from postlens.core.data.convert.links import platform_of
from postlens.core.data.convert.meta_shape import month_first
from postlens.core.data.convert.quality import Dropped
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.vocabulary.formats import Format
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import role_of

_RIGHT = f"{ROW}_right"
# Seconds up to which YouTube calls a video a Short, before 15 October 2024 and since.
_SHORT_BEFORE, _SHORT = 60, 180
_SHORTS_LONGER = datetime(2024, 10, 15, tzinfo=UTC)


def defaults(settings: ReadSettings, export: Format) -> ReadSettings:
    """What the deployment says, and where it says nothing what the format is known for."""
    return replace(
        settings,
        timezone=settings.timezone or export.zone,
        usual_order=export.date_order,
        platform=settings.platform or export.platform,
        decimal=settings.decimal or ("point" if export.id.startswith("meta") else None),  # In every language.
    )


def contradicted(raw: RawTable, export: Format) -> bool:
    """Whether a table's links lead to another network than a guessed format's, or its dates are not written as Meta's are."""
    rows, dated = raw.lazy.head(500).collect(), False
    for header in raw.headers:
        text = rows[header].cast(pl.String).str.strip_chars().drop_nulls()
        networks = text.to_frame("url").select(platform_of(pl.col("url"))).to_series().drop_nulls()
        if export.platform and len(networks) > 0.5 * len(text) > 0 and (networks != export.platform).mean() > 0.5:  # type: ignore[operator]
            return True
        dated = dated or month_first(text)
    return export.id.startswith("meta") and not dated


def side_by_side(raw: RawTable) -> RawTable:
    """LinkedIn's top posts: two tables beside each other, by engagements and by impressions, as one by the link."""
    columns = {normal(c): c for c in raw.headers}
    if not {"post url", "post url (2)"} <= set(columns):
        return raw
    second = {
        c: columns[c] for c in columns if c.endswith(" (2)") or columns[c] in _after(raw, columns["post url (2)"])
    }
    whole = raw.frame
    left = whole.drop(list(second.values()))
    right = whole.select(*second.values(), pl.col(ROW).alias(_RIGHT))
    right = right.rename({v: v.removesuffix(" (2)") for v in second.values()})
    link = columns["post url"]
    linked = pl.col(link).str.strip_chars().fill_null("") != ""
    have = [frame.filter(linked) for frame in (left, right)]
    lost = [_with_values(frame.filter(~linked)) for frame in (left, right)]
    joined = have[0].join(have[1], on=link, how="full", coalesce=True, suffix=" (2)", maintain_order="left_right")
    for name in [c for c in joined.columns if c.endswith(" (2)")]:
        joined = joined.with_columns(
            pl.coalesce(name.removesuffix(" (2)"), name).alias(name.removesuffix(" (2)"))
        ).drop(name)
    empty = [c for c in joined.columns if c.startswith("column ") and joined[c].null_count() == joined.height]
    numbered = joined.drop(empty).with_columns(
        pl.coalesce(ROW, _RIGHT).alias(ROW), pl.coalesce(_RIGHT, ROW).alias(_RIGHT)
    )
    gone = sorted(row for rows in lost for row in rows)
    reason = "numbers without a link, which would tell the post"
    refused = (Refused(reason=reason, rows=len(gone), examples=tuple(gone[:5])),) if gone else ()
    only_right = set(right.columns) - set(left.columns)
    return replace(
        raw,
        lazy=numbered.lazy(),
        height=numbered.height,
        rows=numbered.height + len(gone),
        refused=refused,
        rows_of={name: _RIGHT for name in numbered.columns if name in only_right},
        reading=(*raw.reading, "two tables side by side, joined by link"),
    )


def _with_values(half: pl.DataFrame) -> list[int]:
    """The rows of half a table that say anything."""
    numbers = [c for c in half.columns if c.startswith(ROW)]
    cells = [pl.col(c).str.strip_chars().fill_null("") != "" for c in half.columns if c not in numbers]
    return half.filter(pl.any_horizontal(cells))[numbers[0]].to_list() if cells else []


def _after(raw: RawTable, column: str) -> set[str]:
    return set(raw.headers[raw.headers.index(column) :])


def without_description(raw: RawTable, headers: Sequence[str], export: Format) -> tuple[RawTable, list[Dropped]]:
    """The table without the row that describes its columns."""
    if not export.description_row or not raw.height:
        return raw, []
    first = raw.lazy.head(1).collect()
    words = [c for c in headers if first[c].str.contains("[A-Za-z]{3,} .*[A-Za-z]{3,}").fill_null(False).item()]
    ids = [c for c in headers if normal(c) == "post id"]
    if not words or any(first[c].item() for c in ids):
        return raw, []
    row = int(first[ROW].item())
    return raw.without(pl.Series([0])), [Dropped(reason="a description of the columns", rows=1, examples=(row,))]


def window_of(raw: RawTable, headers: Sequence[str], export: Format) -> str:
    """The column that says which day a row's numbers are of; empty where each row is a whole post."""
    others = {role_of(header) for header in headers if normal(header) not in export.window}
    if not others & {"published", "published_date"}:
        return ""  # Then it is the time of posting itself.
    for header in headers:
        if normal(header) in export.window and raw.lazy.filter(_is_day(header)).head(1).collect().height:
            return header
    return ""


def _is_day(header: str) -> pl.Expr:
    return pl.col(header).str.contains(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}").fill_null(False)


def days_alone(raw: RawTable, header: str) -> tuple[RawTable, list[Dropped]]:
    """The rows of days, without those of the whole time beside them."""
    totals = raw.lazy.with_row_index("_place").filter(~_is_day(header)).select("_place", ROW).collect()
    if totals.is_empty():
        return raw, []
    reason = "a total of all days, beside the days"
    dropped = Dropped(reason=reason, rows=totals.height, examples=tuple(totals[ROW].head(5)))
    return raw.without(totals["_place"]), [dropped]


def refused_days(raw: RawTable, header: str) -> PostlensError:
    """Why a file with one row for each post and day is refused unless told otherwise: reach counts people, who come back."""
    first = raw.lazy.filter(pl.col(header).str.strip_chars() != "").head(1).collect()
    return fail(
        f'"{raw.name}" has a row for each post and day.',
        where=f"{raw.name} row {first[ROW][0]}, column {raw.letters.get(header, '?')}",
        why=f'The column "{header}" says "{first[header][0]}"; reach of days cannot be added up.',
        hint="Export the lifetime totals, without a breakdown by day; or import it with --add-days, without reach.",
        asks="add_days",
    )


def times_of_ids(text: pl.Series, network: str) -> tuple[pl.Series, pl.Series]:
    """The time of posting that an id holds, in UTC; and the positions of values without one.

    `id_clocks.moments` says how.
    """
    digits = text.str.extract(r"(\d{15,20})").cast(pl.UInt64, strict=False)
    times = digits.to_frame("id").select(moments(pl.col("id"), network)).to_series()
    return times, (text.is_not_null() & times.is_null()).arg_true()


def completed(frame: pl.LazyFrame, export: Format) -> pl.LazyFrame:
    """What follows from the format: captions, accounts, types and zeros that the export leaves to be understood."""
    have = set(frame.collect_schema())
    if export.account_from and "url" in have and "account_name" not in have:
        frame = frame.with_columns(account_name=pl.col("url").str.extract(f"(?i){export.account_from}"))
    if {"title", "text"} <= have and export.id.startswith("meta_facebook"):
        frame = _longer_caption(frame)
    if export.post_type and "post_type" not in have:
        frame = frame.with_columns(post_type=pl.lit(export.post_type))
        if export.id == "youtube" and "duration_s" in have:
            limit = pl.when(pl.col("published") < _SHORTS_LONGER).then(_SHORT_BEFORE).otherwise(_SHORT)
            short = pl.col("duration_s") <= (limit if "published" in have else _SHORT)
            frame = frame.with_columns(post_type=pl.when(short).then(pl.lit("short")).otherwise("post_type"))
    if "post_id" in have and export.id == "youtube":
        frame = frame.with_columns(pl.col("post_id").str.strip_chars())
    zeros = [c for c in export.blank_is_zero if c in have]
    return frame.with_columns(pl.col(zeros).fill_null(0)) if zeros else frame


def _longer_caption(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Facebook's caption stands in the title or in the description, the longer one is whole."""
    title, text = pl.col("title"), pl.col("text")
    longer = (
        pl.when(text.str.len_chars().fill_null(0) >= title.str.len_chars().fill_null(0)).then(text).otherwise(title)
    )
    return frame.with_columns(text=longer)
