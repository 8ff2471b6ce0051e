"""The benchmarks: `make bench`. Figures are ratios against a named baseline in the same run, with peak memory."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.rows import ROWS


@dataclass(frozen=True)
class Goal:
    """What a row should reach; None is not asked. Seconds hold for two cores that do nothing else."""

    what: str
    posts: int
    faster: float | None = None
    seconds: float | None = None
    megabytes: float | None = None
    kilobytes: float | None = None
    worse: float | None = None
    worst: float | None = None


@dataclass(frozen=True)
class Row:
    """One measurement. `worse` and `worst`: how much more inertia ours leaves, on average over k and at the worst k."""

    what: str
    posts: int
    seconds: float
    peak_mb: float
    baseline: str = ""
    baseline_seconds: float | None = None
    baseline_mb: float | None = None
    kilobytes: float | None = None
    worse: float | None = None
    worst: float | None = None

    @property
    def faster(self) -> float | None:
        """How many times faster than the baseline."""
        return None if self.baseline_seconds is None else self.baseline_seconds / self.seconds

    def missed(self, goal: Goal) -> list[str]:
        """What the goal asks and the row does not reach."""
        found = []
        if goal.faster is not None and (self.faster or 0) < goal.faster:
            found.append(f"{self.faster:.1f} times as fast as its baseline, not {goal.faster:g}")
        pairs = (
            ("s", self.seconds, goal.seconds),
            ("MB", self.peak_mb, goal.megabytes),
            ("kB", self.kilobytes, goal.kilobytes),
            ("more inertia", self.worse, goal.worse),
            ("more inertia at the worst k", self.worst, goal.worst),
        )
        found += [f"{is_:.4g} {unit}, not {most:g}" for unit, is_, most in pairs if most and is_ and is_ > most]
        return found


# Generous: machines are noisy, and the quick run is part of the check.
QUICK = (
    Goal("elbow", 7_000, faster=2.5, worse=0.002, worst=0.01),
    Goal("hypothesis", 100_000),
    Goal("eda", 100_000),
    Goal("cached", 7_000, seconds=0.25, kilobytes=400),
)
FULL = (
    Goal("elbow", 7_000, faster=6, worse=0.0005, worst=0.003),
    Goal("elbow", 200_000, faster=25, worse=0.0005, worst=0.003),
    Goal("elbow_page", 1_000_000),
    Goal("elbow_page", 10_000_000, seconds=60, megabytes=2000),
    Goal("clustering", 1_000_000, seconds=2),
    Goal("clustering", 10_000_000, seconds=15),
    Goal("eda", 1_000_000, seconds=1),
    Goal("eda", 10_000_000, seconds=6, megabytes=1500),
    Goal("hypothesis", 1_000_000),
    Goal("hypothesis", 10_000_000, seconds=3),
    Goal("cached", 1_000_000, seconds=0.05, kilobytes=400),
    Goal("imports", 1_000_000),
    Goal("imports", 5_000_000, megabytes=2000),
    Goal("serve", 0, faster=1 / 1.3),
)
HUGE = tuple(Goal(page, 100_000_000, megabytes=3000) for page in ("eda", "hypothesis", "clustering", "elbow_page"))
BASELINES_UP_TO = 1_000_000  # The baselines do not fit in memory far beyond.


def measure(goal: Goal) -> Row:
    """Ours and the baseline, each in its own process; the first run only makes the posts."""
    what, posts = goal.what, goal.posts
    _run(what, posts)
    ours = _run(what, posts)
    row = Row(what=what, posts=posts, seconds=ours["seconds"], peak_mb=ours["peak_mb"], kilobytes=ours.get("kilobytes"))
    name = f"{what}_baseline"
    if name not in ROWS or posts > BASELINES_UP_TO:
        return row
    other = _run(name, posts)
    ratios = [a / b - 1 for a, b in zip(ours.get("inertia", ()), other.get("inertia", ()), strict=True)]
    return Row(
        **{
            **asdict(row),
            "baseline": (ROWS[name].__doc__ or "").strip(),
            "baseline_seconds": other["seconds"],
            "baseline_mb": other["peak_mb"],
            "worse": sum(ratios) / len(ratios) if ratios else None,
            "worst": max(ratios) if ratios else None,
        }
    )


def _run(name: str, posts: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.rows", name, str(posts)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} at {posts:,} posts failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _written(value: float | None, style: str) -> str:
    return "" if value is None else format(value, style)


def main() -> None:
    """Measure, print, write build/bench.json; exit 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute, with generous goals")
    parser.add_argument("--huge", action="store_true", help="100 million posts; needs 3 GB of disk and half an hour")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    chosen = parser.parse_args()
    goals = [g for g in (QUICK if chosen.quick else HUGE if chosen.huge else FULL) if chosen.only in g.what]
    table = Table(
        "what", "posts", "s", "baseline s", "faster", "peak MB", "baseline MB", "kB", "inertia", "worst k", ""
    )
    rows, missed = [], []
    for goal in goals:
        row = measure(goal)
        rows.append(row)
        lacking = row.missed(goal)
        missed += [f"{row.what} at {row.posts:,} posts: {text}" for text in lacking]
        table.add_row(
            row.what, f"{row.posts:,}", f"{row.seconds:.2f}", _written(row.baseline_seconds, ".2f"),
            _written(row.faster, ".2f"), f"{row.peak_mb:.0f}", _written(row.baseline_mb, ".0f"),
            _written(row.kilobytes, ".0f"), _written(row.worse, "+.3%"), _written(row.worst, "+.3%"),
            "missed" if lacking else "",
        )  # fmt: skip
        print(f"{row.what} {row.posts:,}: {row.seconds:.2f} s", file=sys.stderr, flush=True)
    Console(width=130).print(table)
    for text in missed:
        print(f"Missed: {text}.")
    out = Path("build/bench.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([asdict(row) | {"faster": row.faster} for row in rows], indent=1), "utf-8")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()
