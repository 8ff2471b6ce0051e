"""The register of plans: what was to be tested, said before its data came, and what came of it when it was first read."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from postlens.core.contract.blocks import Plan
from postlens.core.contract.problems import fail

NAME = "register.jsonl"
MAX_PLANS = 1_000
_MAX_LINK, _MAX_TITLE = 8_000, 500


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A plan in the register.

    Attributes:
        panel, link: where it is: the page, and its address from `?` with every setting.
        mark: signs that change with any setting of the plan.
        title: what is tested.
        first: the day of its first post. read: the day from which its result is read.
        registered: when, in UTC.
        outcome: what came of it, as it was first read; empty until then. outcome_on: when that was.
    """

    panel: str
    link: str
    mark: str
    title: str
    first: date
    read: date
    registered: datetime
    outcome: str = ""
    outcome_on: datetime | None = None

    @property
    def in_time(self) -> bool:
        """Whether it was registered before its first day was over; what is planned afterwards explains, it does not confirm."""
        return self.registered.date() <= self.first


class Register:
    """A file to which lines are only added, each with the hash of the one before: what is changed by hand shows. Safe to share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        """Changes with every line."""
        return str(self.path.stat().st_size) if self.path.is_file() else ""

    def entries(self) -> tuple[list[Entry], bool]:
        """The plans, the newest first; and whether every line is as it was written."""
        if not self.path.is_file():
            return [], True
        found: dict[tuple[str, str, str], Entry] = {}
        before, intact = "", True
        for line in self.path.read_text("utf-8").splitlines():
            try:
                record = json.loads(line)
                chained = record.pop("before") == before
                _take(record, found)
                intact = intact and chained
            except (ValueError, KeyError, TypeError, AttributeError):
                intact = False
            before = _hash(line)
        return sorted(found.values(), key=lambda e: e.registered, reverse=True), intact

    def of(self, panel: str, link: str, mark: str) -> Entry | None:
        """A plan by its page, whole address and mark; None where it is not registered."""
        return next((e for e in self.entries()[0] if (e.panel, e.link, e.mark) == (panel, link, mark)), None)

    def add(self, panel: str, link: str, plan: Plan, now: datetime | None = None) -> Entry:
        """Register a plan; one that is there already stays as it was.

        Raises:
            PostlensError: the register is full, or the plan longer than any.
        """
        with self._open() as file:
            there = self.of(panel, link, plan.mark)
            if there is not None:
                return there
            if len(link) > _MAX_LINK or len(plan.title) > _MAX_TITLE:
                raise fail("This plan is too long for the register.", hint="Choose fewer filters, or shorter names.")
            if len(self.entries()[0]) >= MAX_PLANS:
                raise fail(
                    f"The register has {MAX_PLANS:,} plans, more than it takes.",
                    hint=f"Keep {self.path.name}, and begin anew.",
                )
            entry = Entry(
                panel=panel,
                link=link,
                mark=plan.mark,
                title=plan.title,
                first=plan.first,
                read=plan.read,
                registered=now or datetime.now(UTC),
            )
            kept = {k: v for k, v in asdict(entry).items() if not k.startswith("outcome")}
            self._write(file, {"kind": "plan", **kept})
            return entry

    def tell(self, panel: str, link: str, plan: Plan, now: datetime | None = None) -> None:
        """Keep what came of a plan when it was first read; later readings change nothing, nor do those of others."""
        there = self.of(panel, link, plan.mark)
        if there is None or there.outcome or not plan.outcome:
            return
        with self._open() as file:
            again = self.of(panel, link, plan.mark)
            if again is not None and not again.outcome:
                told = {"panel": panel, "link": link, "mark": plan.mark, "outcome": plan.outcome}
                self._write(file, {"kind": "outcome", **told, "outcome_on": now or datetime.now(UTC)})

    @contextlib.contextmanager
    def _open(self) -> Iterator[IO[str]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            with contextlib.suppress(ImportError):  # Only where several processes may write.
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _write(self, file: IO[str], record: dict[str, Any]) -> None:
        lines = self.path.read_text("utf-8").splitlines()
        line = json.dumps({**record, "before": _hash(lines[-1]) if lines else ""}, default=str, ensure_ascii=False)
        file.write(f"{line}\n")
        file.flush()


def _take(record: dict[str, Any], found: dict[tuple[str, str, str], Entry]) -> None:
    """Add what a line says to the plans."""
    kind, key = record.pop("kind"), (record["panel"], record["link"], record["mark"])
    if kind == "plan":
        days = {name: date.fromisoformat(record[name]) for name in ("first", "read")}
        found[key] = Entry(**{**record, **days, "registered": datetime.fromisoformat(record["registered"])})
    else:
        on = datetime.fromisoformat(record["outcome_on"])
        found[key] = replace(found[key], outcome=str(record["outcome"]), outcome_on=on)


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
