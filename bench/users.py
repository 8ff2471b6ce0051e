"""Many analysts at once: python -m bench.users [USERS] [SECONDS] [POSTS]. Two clicks in three ask what was asked before.

Over real sockets, from another process than the server's: each browser keeps six connections open, and every five seconds a new
visitor comes.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.rows import source
from bench.web import Visitor
from postlens.core.host.config import PANELS

PAUSE = (10.0, 30.0)  # Seconds an analyst looks at a page.
METRICS = ("engagements", "reactions", "comments", "shares")
CONNECTIONS = 6  # That a browser keeps open.


class Answer:
    """What came back, as the test client has it."""

    def __init__(self, body: bytes, status: int) -> None:
        if status >= 400:
            raise RuntimeError(f"status {status}")
        self.body = body

    def get_json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def get_data(self, *, as_text: bool = False) -> Any:
        """The body."""
        return self.body.decode() if as_text else self.body


class Browser:
    """One connection in use, and five that are only kept open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS - 1)]

    def get(self, path: str) -> Answer:
        """A page."""
        return self._ask("GET", path, None)

    def post(self, path: str, json: Any) -> Answer:
        """A question."""
        return self._ask("POST", path, json)

    def _ask(self, method: str, path: str, body: Any) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            data = None if body is None else json.dumps(body).encode()
            line.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            reply = line.getresponse()
            return Answer(reply.read(), reply.status)
        finally:
            line.close()


class Server:
    """`postlens serve` in a process of its own."""

    def __init__(self, posts: int) -> None:
        command = [sys.executable, "-m", "postlens", "serve", "--data", str(source(posts)), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        said = next(found for line in self.process.stdout if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
        self.port = int(said[1])

    def resident(self) -> float:
        """Memory in MB."""
        return self._of("VmRSS")

    def peak(self) -> float:
        """The most memory it had, in MB."""
        return self._of("VmHWM")

    def _of(self, name: str) -> float:
        told = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text("utf-8"))
        return int(told[1]) / 1024 if told else 0.0


class Crowd:
    """Analysts on one app, what their requests took, and what went wrong."""

    def __init__(self, port: int, panels: Iterable[str], seconds: float) -> None:
        self.port = port
        self.known = [Visitor(panel, client=Browser(port)) for panel in panels]
        self.arrivals: list[float] = []
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

    def arrive(self) -> None:
        """A new visitor opens the first page."""
        began = time.perf_counter()
        try:
            Browser(self.port).get("/")
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is counted
            self.errors.append(repr(error))
        self.arrivals.append(time.perf_counter() - began)

    def _click(self, rng: random.Random) -> None:
        visitor = rng.choice(self.known)
        if rng.random() < 1 / 3:
            search = f"?set.metric={rng.choice(METRICS)}&reactions={rng.randint(0, 10**6)}e-6.."
            visitor = Visitor(rng.choice(["eda", "hypothesis"]), search, client=Browser(self.port))
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
    server = Server(posts)
    crowd = Crowd(server.port, PANELS, seconds)
    browsers = [Browser(server.port) for _ in range(users)]
    memory = [server.resident()]
    for number in range(users):
        threading.Thread(target=crowd.analyst, args=(number,), daemon=True).start()
    while (left := crowd.end - time.perf_counter()) > 0:
        time.sleep(min(5, left))
        crowd.arrive()
        memory.append(server.resident())
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
                "new_visitor_worst_ms": round(1000 * max(crowd.arrivals)),
                "connections": sum(len(b.idle) for b in browsers),
                "memory_mb": [round(m) for m in memory],
                "peak_mb": round(server.peak()),
            }
        )
    )
    for error in crowd.errors[:5]:
        print(error, file=sys.stderr)
    server.process.terminate()


if __name__ == "__main__":
    main()
