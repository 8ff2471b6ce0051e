"""Adding files to the library, from the command line and from the page: read, report, keep."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from postlens.core.contract.problems import PostlensError, fail, nearest
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.numbers import Mark
from postlens.core.data.convert.quality import FileReport
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.convert.zones import zone_hint
from postlens.core.data.files import readers as reading
from postlens.core.data.progress import Progress
from postlens.core.data.store import library as shelf
from postlens.core.data.store import mappings
from postlens.core.data.vocabulary.formats import Order
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import NONE, role_of, roles
from postlens.core.host import config

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES, EXAMPLE_VALUES = 10, 3
_LONG = 2.0  # Seconds of reading after which its pace is told.


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the person says of the files; empty where the files are to speak for themselves.

    `columns` maps the name of a column to what it means, or to nothing where it means none of what Postlens knows.
    """

    client: str = ""
    zone: str = ""
    date_order: str | None = None
    platform: str = ""
    decimal: str | None = None
    add_days: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)

    def over(self, settings: ReadSettings) -> ReadSettings:
        """The deployment's settings with what was said; what nobody says and no column decides is asked.

        Raises:
            PostlensError: there is no such time zone.
        """
        if self.zone and (hint := zone_hint(self.zone)) is not None:
            raise fail(f'"{self.zone}" is no time zone.', hint=hint)
        return replace(
            settings,
            timezone=self.zone or settings.timezone,
            date_order=cast(Order | None, self.date_order) or settings.date_order,
            platform=self.platform or settings.platform,
            decimal=cast(Mark | None, self.decimal) or settings.decimal,
            add_days=self.add_days,
            ask=True,
        )

    def mapping(self, headers: Iterable[str]) -> dict[str, str]:
        """Role to column for a file with these columns, of what was said of them.

        Raises:
            PostlensError: a role is not known.
        """
        by_normal = {normal(h): h for h in reversed(list(headers))}
        found = {}
        for column, word in self.columns.items():
            header = by_normal.get(normal(column))
            if header is not None and word:
                found[role_named(word)] = header
            elif header is not None:
                found[f"{NONE}{header}"] = ""
        return found


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file.

    Attributes:
        headers: its columns, with the first values of each, where it could be read as a table.
        template: the name of the saved mapping that was used.
        seconds: how long it took.
    """

    file: str
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    template: str = ""
    seconds: float = 0.0
    report: FileReport | None = None
    kept: str = ""
    problem: PostlensError | None = None

    def as_json(self) -> dict[str, Any]:
        """For scripts: the whole report, or why there is none."""
        report = self.report.model_dump(mode="json") if self.report else None
        problems = [p.__dict__ for p in self.problem.problems] if self.problem else []
        return {
            "file": self.file,
            "import": self.kept or None,
            "seconds": round(self.seconds, 3),
            "report": report,
            "problems": problems,
        }

    @property
    def pace(self) -> str:
        """Rows a second, where it took long enough to ask."""
        if self.report is None or self.seconds < _LONG:
            return ""
        return f"{self.seconds:,.0f} s, {self.report.rows / self.seconds:,.0f} rows a second"


def library_of(path: Path | None) -> Path:
    """The folder of imports of a deployment."""
    return config.load(path).store / shelf.NAME


def role_named(word: str) -> str:
    """The role that a person means by a word: its name, its label or a usual name of such a column.

    Raises:
        PostlensError: there is none.
    """
    labels = {normal(r.label): r.name for r in roles().values()}
    role = word if word in roles() else labels.get(normal(word)) or role_of(word)
    if role is None:
        raise fail(f'"{word}" is nothing Postlens knows a column as.', where="--map", hint=nearest(word, roles()))
    return role


def import_one(
    library: Path,
    file: Path,
    settings: ReadSettings,
    readers: Sequence[Any],
    client: str,
    *,
    keep: bool,
    name: str = "",
    progress: Progress = lambda _done, _label: None,
    told: Told | None = None,
) -> Outcome:
    """Read a file and, if wanted, keep it. A mapping saved for the same columns is used, where none is given."""
    called = name or file.name
    headers: dict[str, tuple[str, ...]] = {}
    template, began = "", time.monotonic()
    try:
        progress(0.0, f"Reading {called}")
        table = reading.read(file, reading.choose(file, readers))
        headers = {h: _first(table, h) for h in table.letters}
        said = told.mapping(headers) if told is not None else {}
        settings = replace(settings, columns={**settings.here(headers), **said})
        saved = mappings.find(library, headers)
        if saved is not None and not settings.columns:
            settings = replace(
                settings,
                columns=saved.columns,
                date_order=settings.date_order or saved.date_order,
                decimal=settings.decimal or saved.decimal,
            )
            template = saved.name
        kept = ""
        if keep:
            made = shelf.add(library, file, settings, readers, client, called, progress, table)
            report, kept = made.report, made.id
            if said:
                own = mappings.Template(
                    name=called, columns=said, date_order=settings.date_order, decimal=settings.decimal
                )
                mappings.save(library, headers, own)
        else:
            report = shelf.read_file(file, settings, readers, client, progress, table).report
        seconds = time.monotonic() - began
        return Outcome(file=called, report=report, kept=kept, headers=headers, template=template, seconds=seconds)
    except PostlensError as problem:
        return Outcome(file=called, problem=problem, headers=headers, template=template)


def _first(table: RawTable, header: str) -> tuple[str, ...]:
    known = table.lazy.select(header).drop_nulls().head(EXAMPLE_VALUES).collect()
    return tuple(str(v)[:40] for v in known.to_series())


def gone(name: str) -> PostlensError:
    """A file that was put aside and is no longer there."""
    return fail(f'"{name}" is no longer at hand.', hint="Drop it again.")


def undo(library: Path, wanted: str) -> shelf.Import:
    """Take an import out of the library."""
    return shelf.undo(library, wanted)


def facts(report: FileReport) -> list[str]:
    """What an import report says in sentences, columns apart: rows, what was left out, values that did not convert."""
    said = [f"{report.rows:,} rows read, {report.posts:,} posts. {'; '.join(report.reading)}."]
    for d in report.dropped:
        rows = f" (row {', '.join(map(str, d.examples))})" if d.examples else ""
        said.append(f"{d.rows:,} left out: {d.reason}{rows}")
    said += [f"not understood: {bad}" for bad in report.bad_values[:EXAMPLES]]
    beyond = sum(c.bad for c in report.columns) - EXAMPLES
    return said + ([f"and {beyond:,} more values that were not understood"] if beyond > 0 else []) + list(report.notes)


def print_reports(read: Iterable[Outcome], out: Console, err: Console, *, kept: bool) -> None:
    """The reports on screen."""
    from rich.table import Table

    for one in read:
        if one.problem is not None:
            err.print(f"{one.file}: not imported. {one.problem}", markup=False, highlight=False, soft_wrap=True)
            continue
        assert one.report is not None
        out.print(
            f"{one.file}" + (f"  (import {one.kept})" if kept else "  (not kept)"),
            style="bold",
            markup=False,
            soft_wrap=True,
        )
        for fact in [*facts(one.report), *([one.pace] if one.pace else [])]:
            out.print(f"  {fact}", markup=False, highlight=False, soft_wrap=True)
        table = Table("column", "header", "is", "read as", "known")
        for c in one.report.columns:
            table.add_row(c.column, c.header[:40], c.role, c.reading[:44], f"{c.known:,} of {c.known + c.missing:,}")
        out.print(table)


def print_imports(library: Path, out: Console) -> None:
    """The list of imports."""
    from rich.table import Column, Table

    found = shelf.imports(library)
    if not found:
        out.print("Nothing was imported yet. Add files with: postlens import FILES", highlight=False)
        return
    table = Table(Column("import", no_wrap=True), "file", "client", "posts", "exported")
    for i in found:
        table.add_row(i.id, i.file, i.client, f"{i.report.posts:,}", f"{i.exported:%Y-%m-%d}")
    out.print(table)
