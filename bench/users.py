"""Many analysts at once: python -m bench.users [USERS] [SECONDS] [POSTS]. Two clicks in three ask what was asked before."""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from dash import Dash

from bench.rows import source
from bench.web import Visitor
from postlens.app.clients import Clients
from postlens.app.web.server import create_app
from postlens.app.workspace import open_workspace

PAUSE = (10.0, 30.0)  # Seconds an analyst looks at a page.
METRICS = ("engagements", "reactions", "comments", "shares")


class Crowd:
    """Analysts on one app, what their requests took, and what went wrong."""

    def __init__(self, app: Dash, panels: Iterable[str], seconds: float) -> None:
        self.app = app
        self.known = [Visitor(app, panel) for panel in panels]
        for visitor in self.known:
            while not visitor.ask():
                time.sleep(0.05)
        self.times: list[float] = []
        self.clicks: list[float] = []
        self.errors: list[str] = []
        self.end = time.perf_counter() + seconds

    def analyst(self, number: int) -> None:
        """Look, click, look."""
        rng = random.Random(number)
        time.sleep(rng.uniform(0, PAUSE[1]))
        while time.perf_counter() < self.end:
            try:
                self._click(rng)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is counted
                self.errors.append(repr(error))
            time.sleep(rng.uniform(*PAUSE))

    def _click(self, rng: random.Random) -> None:
        visitor = rng.choice(self.known)
        if rng.random() < 1 / 3:
            search = f"?metric={rng.choice(METRICS)}&reactions={rng.randint(0, 10**6)}e-6.."
            visitor = Visitor(self.app, rng.choice(["eda", "hypothesis"]), search)
        answer, clicked = None, time.perf_counter()
        while not answer and time.perf_counter() < self.end:
            began = time.perf_counter()
            answer = visitor.ask()
            self.times.append(time.perf_counter() - began)
            if not answer:
                time.sleep(0.5)
        if answer:
            self.clicks.append(time.perf_counter() - clicked)


def main() -> None:
    """Click for a while; print what requests and whole answers took, errors and how memory grew.

    A request for a new question returns with its progress while the work goes on; an answer is there when the work is done.
    """
    users, seconds, posts = (int(a) for a in (*sys.argv[1:], *("50", "60", "1000000")[len(sys.argv) - 1 :]))
    workspace = open_workspace(None, data=str(source(posts)))
    crowd = Crowd(create_app(Clients(workspace)), workspace.registry.panels, seconds)
    memory = [_resident()]
    for number in range(users):
        threading.Thread(target=crowd.analyst, args=(number,), daemon=True).start()
    while (left := crowd.end - time.perf_counter()) > 0:
        time.sleep(min(10, left))
        memory.append(_resident())
    print(
        json.dumps(
            {
                "users": users,
                "requests": len(crowd.times),
                "p50_ms": round(1000 * statistics.median(crowd.times)),
                "p95_ms": round(1000 * statistics.quantiles(crowd.times, n=20)[-1]),
                "answered_p50_ms": round(1000 * statistics.median(crowd.clicks)),
                "answered_p95_ms": round(1000 * statistics.quantiles(crowd.clicks, n=20)[-1]),
                "errors": len(crowd.errors),
                "memory_mb": [round(m) for m in memory],
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
        )
    )
    for error in crowd.errors[:5]:
        print(error, file=sys.stderr)


def _resident() -> float:
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
