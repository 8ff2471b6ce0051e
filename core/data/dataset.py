"""A data set as panels see it: a lazy table of posts, its schema and its quality report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from postlens.core.contract import Measure, Reader
from postlens.core.contract.problems import CannotCompute, Problem
from postlens.core.contract.schema import Column, Kind, Schema
from postlens.core.data import measures as measuring
from postlens.core.data.convert.quality import Quality
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files.readers import TABLES, endings
from postlens.core.data.progress import Progress
from postlens.core.data.store import availability as available
from postlens.core.data.store import in_place, library
from postlens.core.data.store.catalogue import Catalogue, StoredColumn
from postlens.core.data.store.converted import import_posts, source_files, store_library
from postlens.core.data.vocabulary import metrics
from postlens.core.stats.usual import YOUNG_DAYS

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = tuple(f"{hour:02d}" for hour in range(24))
_TIME_CATEGORIES = ("weekday", "hour", "month", "maturity")
MIN_SPAN = 28  # Days of posts, before any are called too recent to judge.
MATURITY = ("settled", "too recent to judge")


@dataclass(frozen=True)
class Dataset:
    """Posts in the store, with the client's time zone.

    Attributes:
        name: what people call it, usually the file name.
        home: the folder in the store.
        catalogue: what is known without reading the posts.
        timezone: the zone of `weekday`, `hour`, `date` and `month`.
        sample: the posts are the bundled, made-up ones.
        stamps: of files scanned in place, their size and time of writing when they were opened.
        measures: what the agency and plugins made of the columns; see `with_measures`.
    """

    name: str
    home: Path
    catalogue: Catalogue
    timezone: ZoneInfo
    sample: bool = False
    measures: tuple[Measure, ...] = ()
    stamps: tuple[tuple[int, int], ...] = ()

    def with_measures(self, measures: Iterable[Measure]) -> tuple[Dataset, list[Problem]]:
        """This data set with measures added; those it cannot give are left out and said."""
        kept, problems = measuring.usable(measures, self.scan(), self.schema)
        return replace(self, measures=(*self.measures, *kept)), problems

    @property
    def fingerprint(self) -> str:
        """16 hex digits that change with the data or the way they were read."""
        return self.catalogue.fingerprint

    @cached_property
    def measured(self) -> str:
        """Changes with the measures; empty without any."""
        return measuring.digest(self.measures) if self.measures else ""

    @property
    def posts(self) -> int:
        """How many posts there are."""
        return self.catalogue.posts

    @property
    def quality(self) -> Quality:
        """The report of how the files were read."""
        return self.catalogue.quality

    def scan(self) -> pl.LazyFrame:
        """The posts, lazily, with engagements, rates and the parts of the local time added."""
        lazy = self._stored()
        have = {c.name for c in self.catalogue.columns}
        parts = metrics.engagement_parts(have)
        if parts:
            lazy = lazy.with_columns(metrics.engagements(parts))
            have.add(metrics.ENGAGEMENTS)
        lazy = lazy.with_columns(rate.expression for rate in metrics.rates(have))
        lazy = lazy.with_columns(**self._time_parts()) if "published" in have else lazy
        for measure in self.measures:
            lazy = lazy.with_columns(measuring.expressions(measure))
        return lazy

    def _stored(self) -> pl.LazyFrame:
        """The posts as the source has them: from the store, or from the source's own files."""
        if self.catalogue.scanned is None:
            return pl.scan_parquet(self.home / "posts.parquet")
        if _stamps(self.catalogue.scanned.files) != self.stamps:
            raise CannotCompute(
                "The file of these posts has changed since Postlens opened it.",
                "Start Postlens again, so that every page speaks of the same posts.",
            )
        posts = in_place.scan(self.catalogue.scanned)
        return posts.with_columns(post_key=in_place.post_key(set(posts.collect_schema().names())))

    @cached_property
    def availability(self) -> pl.DataFrame:
        """Which counts are known, by network and month; see `core.data.availability`."""
        return available.availability(self.scan(), self.schema)

    def _time_parts(self) -> dict[str, pl.Expr]:
        local = pl.col("published").dt.convert_time_zone(self.timezone.key)
        timed = pl.when(pl.col("published_precision") != "day")
        # A day is a day: a date without a time of day must not move when the zone changes.
        day = (
            pl.when(pl.col("published_precision") == "day")
            .then(pl.col("published").dt.date())
            .otherwise(local.dt.date())
        )
        return {
            "date": day,
            "weekday": _named(day.dt.weekday() - 1, WEEKDAYS),
            "hour": timed.then(_named(local.dt.hour(), HOURS)),
            "month": day.dt.to_string("%Y-%m"),
        } | ({"maturity": self._maturity(day)} if self._ages() else {})

    def _ages(self) -> bool:
        """Whether the posts span long enough for the newest to be an exception."""
        first, last = self.first_day, self.last_day
        return first is not None and last is not None and (last - first).days >= MIN_SPAN

    def _maturity(self, day: pl.Expr) -> pl.Expr:
        """Whether a post is still collecting engagement, by its age on the day of the newest post."""
        young = (pl.lit(self.last_day) - day).dt.total_days() < YOUNG_DAYS
        return pl.when(young).then(pl.lit(MATURITY[1])).when(day.is_not_null()).then(pl.lit(MATURITY[0]))

    @cached_property
    def schema(self) -> Schema:
        """The columns that panels may use."""
        stored = [_column(c) for c in self.catalogue.columns]
        have = {c.name for c in stored}
        columns = [c for c in stored if c.kind in {"metric", "rate", "category", "time", "text", "id"}]
        columns = _insert_engagements(columns, have)
        if "published" in have:
            columns += self._time_columns()
        schema = Schema(columns=tuple(columns), posts=self.posts)
        for measure in self.measures:
            schema = schema.with_columns([measuring.column(measure, schema)])
        return schema

    def _time_columns(self) -> list[Column]:
        known = next(c.known for c in self.catalogue.columns if c.name == "published")
        levels = {"weekday": WEEKDAYS, "hour": HOURS, "month": self._months(), "maturity": MATURITY}
        labels = {"weekday": "Weekday", "hour": "Hour of day", "month": "Month", "maturity": "Maturity"}
        given = {"hour": self.has_clock, "maturity": self._ages()}
        names = [n for n in _TIME_CATEGORIES if given.get(n, True)]
        return [
            Column(name=n, label=labels[n], kind="category", known=known, levels=levels[n], ordered=True, computed=True)
            for n in names
        ]

    @property
    def first_day(self) -> date | None:
        """The day of the first post, in the client's zone; None where no post has a time."""
        return self._day(self.catalogue.first)

    @property
    def last_day(self) -> date | None:
        """The day of the last post, in the client's zone."""
        return self._day(self.catalogue.last)

    def _day(self, moment: str) -> date | None:
        if not moment:
            return None
        read = datetime.fromisoformat(moment)
        return (read.astimezone(self.timezone) if self.has_clock and read.tzinfo else read).date()

    @property
    def has_clock(self) -> bool:
        """Whether any post says its time of day, not only its day."""
        return any(c.name == "published_precision" and set(c.levels) != {"day"} for c in self.catalogue.columns)

    def _months(self) -> tuple[str, ...]:
        first, last = self.first_day, self.last_day
        if first is None or last is None:
            return ()
        start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
        return tuple(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(start, end + 1))


def _column(stored: StoredColumn) -> Column:
    kind: Kind = stored.kind  # type: ignore[assignment]
    return Column(
        name=stored.name,
        label=stored.label,
        kind=kind,
        unit=stored.unit,
        known=stored.known,
        levels=stored.levels,
        made_of=stored.made_of,
    )


def _insert_engagements(columns: list[Column], have: set[str]) -> list[Column]:
    """Engagements and rates stand with the other metrics, after the counts they are made of."""
    parts = metrics.engagement_parts(have)
    if not parts:
        return columns
    by_name = {c.name: c for c in columns}
    made = [
        Column(
            name=metrics.ENGAGEMENTS,
            label="Engagements",
            kind="metric",
            known=by_name[parts[0]].known,
            computed=True,
            made_of=(*parts, *(p for part in parts for p in by_name[part].made_of)),
        )
    ]
    for rate in metrics.rates(have | {metrics.ENGAGEMENTS}):
        made.append(
            Column(
                name=rate.name,
                label=rate.label,
                kind="rate",
                known=by_name[rate.denominator].known,
                computed=True,
                percent=True,
                fraction=(rate.numerator, rate.denominator),
                made_of=(rate.denominator, metrics.ENGAGEMENTS, *made[0].made_of),
            )
        )
    first = next(i for i, c in enumerate(columns) if c.name == parts[0])
    return [*columns[:first], *made[:1], *columns[first:], *made[1:]]


def _stamps(files: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Size and time of writing of files; (-1, -1) of one that is gone."""
    found = []
    for file in files:
        try:
            state = Path(file).stat()
            found.append((state.st_size, state.st_mtime_ns))
        except OSError:
            found.append((-1, -1))
    return tuple(found)


def _named(number: pl.Expr, names: Sequence[str]) -> pl.Expr:
    """The name for each number from 0; quicker than writing every date."""
    return number.cast(pl.UInt8).cat.to(pl.Enum(names)).cast(pl.String)


def open_dataset(
    source: str,
    *,
    store: Path,
    settings: ReadSettings,
    timezone: str = "UTC",
    name: str = "",
    sample: bool = False,
    progress: Progress = lambda _done, _label: None,
    readers: Sequence[Reader] = TABLES,
) -> Dataset:
    """Read a source into the store, unless it is there, and open it.

    Raises:
        PostlensError: the source is missing, unreadable or holds no posts.
    """
    if source == library.NAME:
        home = store_library(store.parent / library.NAME, store)
    else:
        home = import_posts(source, store, settings, progress, readers)
    catalogue = Catalogue.model_validate_json((home / "catalogue.json").read_text("utf-8"))
    if catalogue.scanned is not None:  # The same bytes may lie elsewhere by now.
        files = tuple(str(path.resolve()) for path in source_files(source, endings(readers)))
        catalogue = catalogue.model_copy(update={"scanned": catalogue.scanned.model_copy(update={"files": files})})
    return Dataset(
        name=name or Path(source).name,
        home=home,
        catalogue=catalogue,
        timezone=ZoneInfo(timezone),
        sample=sample,
        stamps=_stamps(catalogue.scanned.files) if catalogue.scanned else (),
    )
