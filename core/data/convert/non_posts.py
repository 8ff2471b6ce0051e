"""Rows of a table that are no posts: empty ones, the header again, totals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from postlens.core.contract.raw_table import ROW, RawTable, said_as, words
from postlens.core.data.convert.numbers import read_numbers
from postlens.core.data.convert.quality import Dropped

_PLACE = "_place"
_TOTALS = [
    "total",
    "totals",
    "gesamt",
    "gesamtsumme",
    "suma",
    "summa",
    "summe",
    "totaal",
    "totale",
    "toplam",
    "celkem",
    "razem",
    "yhteensa",
    "yhteensä",
    "totalt",
    "osszesen",
    "összesen",
    "somme",
    "average",
    "mean",
    "durchschnitt",
    "mittelwert",
    "moyenne",
    "media",
    "promedio",
    "medel",
    "snitt",
    "genomsnitt",
    "gennemsnit",
    "gjennomsnitt",
    "prumer",
    "průměr",
    "srednia",
    "ortalama",
    "jumlah",
    "rata-rata",
    "tong",
    "tổng",
    "итого",
    "всего",
    "среднее",
    "разом",
    "합계",
    "총계",
    "평균",
    "合計",
    "平均",
    "总计",
    "合计",
    "總計",
    "الإجمالي",
    "المجموع",
    "कुल",
    "รวม",
    "σύνολο",
    "total:",
    "subtotal",
    "zwischensumme",
]
_TOTAL_PHRASES = (
    "grand total",
    "i alt",
    "genel toplam",
    "tong cong",
    "t\u1ed5ng c\u1ed9ng",
    "overall total",
    "total general",
)


def posts_alone(raw: RawTable, headers: list[str]) -> tuple[RawTable, list[Dropped]]:
    """The table without rows that are no posts, and what these were."""
    cells = {h: words(h) for h in headers}
    empty = pl.all_horizontal(c.is_null() for c in cells.values())
    repeated = pl.all_horizontal(
        c.eq_missing(pl.lit(said, dtype=pl.String)) if len(allowed) == 1 else _one_of(c, allowed)
        for c, said, allowed in ((c, h, said_as(h, raw.letters.get(h, ""))) for h, c in cells.items())
    )
    first = pl.coalesce(cells.values()).str.to_lowercase().str.replace(r"\s*(?:\(\d+\)|[:.])\s*$", "")
    total = first.is_in([*_TOTALS, *_TOTAL_PHRASES])
    alone = pl.sum_horizontal(c.is_not_null() for c in cells.values()) == 1
    note = alone & (len(headers) >= 4)
    looked_at = raw.lazy.with_row_index(_PLACE).filter(empty | repeated | total | note).collect(engine="streaming")
    blank, headings = looked_at.filter(empty), looked_at.filter(repeated & ~empty)
    edges = _edges(raw, blank[_PLACE])
    perhaps = looked_at.filter(total & ~repeated & pl.col(_PLACE).is_in(list(edges)))
    notes = looked_at.filter(note & ~total & ~repeated & ~empty & pl.col(_PLACE).is_in(list(edges)))
    sums = perhaps.filter([_sums_up(raw, headers, row) for row in perhaps.iter_rows(named=True)])
    kinds = {"empty row": blank, "the header again": headings, "a total, not a post": sums, "a note, not a post": notes}
    dropped = [
        Dropped(reason=reason, rows=rows.height, examples=tuple(rows[ROW].head(5)))
        for reason, rows in kinds.items()
        if rows.height
    ]
    gone = pl.concat([rows[_PLACE] for rows in kinds.values()]).sort()
    return raw.without(gone), dropped


def _one_of(cell: pl.Expr, allowed: Sequence[str | None]) -> pl.Expr:
    found = cell.is_in([a for a in allowed if a is not None]).fill_null(False)
    return found | cell.is_null() if None in allowed else found


def _edges(raw: RawTable, empty: pl.Series) -> set[int]:
    """The first two and the last three rows that are not empty: where totals stand."""
    filled = pl.int_range(raw.height, dtype=pl.UInt32, eager=True)
    filled = filled.filter(~filled.is_in(empty.cast(pl.UInt32).implode()))
    return {*filled.head(2), *filled.tail(3)}


def _sums_up(raw: RawTable, headers: list[str], row: Mapping[str, object]) -> bool:
    """Whether a row that begins with "total" is one: without text, and with cells left empty or the sum of all others."""
    cells = {h: str(row[h] or "").strip() for h in headers}
    if sum(bool(re.search(r"[^\W\d_]{3,}", cell)) for cell in cells.values()) > 1:
        return False
    if "" in cells.values():
        return True
    for header, cell in cells.items():
        values = read_numbers(raw.column(header), "number").values
        own = read_numbers(pl.Series([cell]), "number").values[0]
        everything = values.sum()
        if own and everything and abs(everything - 2 * own) < 1e-9 * abs(own):
            return True
    return False
