"""A file on its way from text to posts: the columns converted so far, and the report that grows with them."""

from __future__ import annotations

import polars as pl

from postlens.core.contract.raw_table import ROW, RawTable
from postlens.core.data.convert.blocks_on_disk import Columns
from postlens.core.data.convert.numbers import Mark
from postlens.core.data.convert.quality import BadValue, ColumnReport
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.progress import Progress

EXAMPLES = 20
NONE_BAD = pl.Series([], dtype=pl.UInt32)


class Conversion:
    """The growing table of converted columns and the growing report."""

    def __init__(self, raw: RawTable, progress: Progress) -> None:
        self.raw = raw
        self.columns = Columns(raw.height)
        self.progress = progress
        self.reports: list[ColumnReport] = []
        self.bad: list[BadValue] = []
        self.notes: list[str] = []
        self.extra_labels: dict[str, str] = {}
        self.categories: set[str] = set()
        self.mark: Mark | None = None
        self.marked_by = ""
        self.units: dict[str, str] = {}
        self.clock_assumed = False  # Nobody and nothing says the clock of the times.

    def lean(self, settings: ReadSettings, text: pl.Series) -> Mark | None:
        """The decimal mark of a column that could be read either way, if anything says it.

        Numbers of a typed source have a point and no zero at their end; what has is text, and says as little as any text.
        """
        typed = self.raw.decimal is not None and not text.str.contains(r"\d,\d|\.\d*0$").any()
        return (self.raw.decimal if typed else None) or settings.decimal or self.mark

    def add(self, name: str, header: str, values: pl.Series, reading: str, bad: pl.Series, note: str = "") -> None:
        """Keep a column, and report what became of its values."""
        self.columns.put(name, values)
        self.report(name, header, values, reading, bad, note)

    def report(self, role: str, header: str, values: pl.Series, reading: str, bad: pl.Series, note: str = "") -> None:
        """Say what became of a column, whether or not it is kept."""
        letter = self.raw.letters.get(header, "?")
        if len(bad):
            rows, texts = self.raw.column(self.raw.rows_of.get(header, ROW)), self.raw.column(header)
            self.bad += [
                BadValue(file=self.raw.name, row=rows[i], column=letter, value=str(texts[i])[:80])
                for i in bad.head(EXAMPLES).to_list()
            ]
        self.progress(len(self.reports) / max(len(self.raw.letters), 1), f"{self.raw.name}: {header[:40]}")
        self.reports.append(
            ColumnReport(
                header=header,
                column=letter,
                role=role,
                reading=reading,
                known=values.count(),
                missing=values.null_count(),
                bad=len(bad),
                note=note,
            )
        )
