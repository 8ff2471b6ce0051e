"""Day or month first: what the values of a column prove, and what must be asked."""

from __future__ import annotations

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.data.convert.date_text import YEAR_LAST, cleaned, parts_of
from postlens.core.data.vocabulary.formats import Order

ASSUMED = "assumed: nothing in the column decides"
_MONTH_WORDS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ORDER_WORDS = {"mdy": "month first", "dmy": "day first"}


def numbers_of(text: pl.Series) -> pl.DataFrame:
    """Year, month and day of the values whose order may be either, read as month first; how the two are `written`."""
    clean = cleaned(text)
    return parts_of(clean, YEAR_LAST).select("y", "a", "b").with_columns(written=padding_of(clean))


def padding_of(clean: pl.Series) -> pl.Series:
    """`padded` with a zero before a digit, `plain` without one where there could be, null where neither shows."""
    zero = pl.col("v").str.contains(r"^0\d[-/.]|^\d\d?[-/.]0\d[-/.]")
    bare = pl.col("v").str.contains(r"^\d[-/.]|^\d\d?[-/.]\d[-/.]")
    return clean.to_frame("v").select(pl.when(zero).then(pl.lit("padded")).when(bare).then(pl.lit("plain"))).to_series()


def is_day_first(written: pl.Series, order: Order, unpadded: Order | None) -> pl.Expr:
    """Which values have the day first: all alike, or those a spreadsheet has padded otherwise than the rest."""
    if unpadded is None:
        return pl.lit(order == "dmy")
    padded = pl.lit((written == "padded").fill_null(False))
    shown = pl.when(pl.col("b") > 12).then(pl.lit(False)).when(pl.col("a") > 12).then(pl.lit(True))
    return shown.otherwise(pl.when(padded).then(pl.lit(order == "dmy")).otherwise(pl.lit(unpadded == "dmy")))


def exchanged(parts: pl.DataFrame, day_first: pl.Expr) -> pl.DataFrame:
    """The parts with day and month exchanged where the day was first."""
    a, b = pl.col("a"), pl.col("b")
    return parts.with_columns(a=pl.when(day_first).then(b).otherwise(a), b=pl.when(day_first).then(a).otherwise(b))


def orders_differ(parts: pl.DataFrame) -> bool:
    """Whether the two readings of a column give different days."""
    return bool((parts["a"] != parts["b"]).any())


def which_order(text: pl.Series, parts: pl.DataFrame, where: str) -> PostlensError:
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
        asks="date_order",
    )


def _day_of(year: int, month: int, day: int) -> str:
    return f"{day} {_MONTH_WORDS[month - 1]} {year}"


def half_swapped(text: pl.Series) -> Order | None:
    """The order of the dates that a spreadsheet of another country left as text; None where all is one kind.

    It takes `03/02/2026` for a date of its own country, the second of March for the third of February, and leaves
    `16/02/2026`, which is none there. So cells that are dates have days up to 12 alone, and the texts none such.
    """
    clean = cleaned(text).drop_nulls()
    cells = clean.str.extract_groups(
        r"^\d{4}-(?<month>\d\d)-(?<day>\d\d)(?: \d\d:\d\d(?::\d\d(?:\.\d+)?)?)?$"
    ).struct.unnest()
    cells = cells.drop_nulls().cast(pl.Int32)
    texts = parts_of(clean, YEAR_LAST).select("a", "b").drop_nulls()
    if min(cells.height, texts.height) < _FEW or cells.height + texts.height < len(clean):
        return None
    if (cells["day"] > 12).any() or bool((cells["day"] == cells["month"]).all()):
        return None
    if texts.select(((pl.col("a") > 12) & (pl.col("b") <= 12)).all()).item():
        return "dmy"
    return "mdy" if texts.select(((pl.col("b") > 12) & (pl.col("a") <= 12)).all()).item() else None


def unswapped(text: pl.Series, way: Order, order: Order | None, where: str) -> tuple[pl.Series, Order]:
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
            asks="date_order",
        )
    if order == way:
        text = text.str.replace(r"^(\s*\d{4})-(\d\d)-(\d\d)", "$1-$3-$2").zip_with(cells, text)
    return text, way


_FEW = 2


def half_converted(parts: pl.DataFrame) -> Order | None:
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


def decide_padded(
    parts: pl.DataFrame, unpadded: Order, order: Order | None, text: pl.Series, where: str
) -> tuple[Order, str]:
    """The order of the padded values of a column that a spreadsheet has half converted: as told, or as the rows follow."""
    if order is not None:
        return order, "of padded values as told, of the others as they show"
    months: dict[Order, pl.DataFrame] = {
        way: exchanged(parts, is_day_first(parts["written"], way, unpadded)) for way in ("mdy", "dmy")
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
        asks="date_order",
    )


_CLEARER, _STEADY = 0.02, 0.9  # How much steadier one reading must be than the other, and how steady.


def decide_order(parts: pl.DataFrame, order: Order | None, usual: Order | None, where: str) -> tuple[Order, str]:
    """Which comes first, and why: as told, proved by a day above 12, as the format usually writes, or by the rows' sequence."""
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
    return "mdy", ASSUMED


def _steadiness(parts: pl.DataFrame, month: str, day: str) -> float:
    """The share of steps from row to row that go one way in time."""
    year = pl.col("y").cast(pl.Int64)
    days = parts.select(year * 372 + pl.col(month) * 31 + pl.col(day)).to_series().drop_nulls()
    steps = days.diff().drop_nulls()
    if len(steps) < 5:
        return 0.0
    return float(max((steps >= 0).mean() or 0.0, (steps <= 0).mean() or 0.0))  # type: ignore[arg-type]
