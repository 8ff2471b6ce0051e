"""Attacks on a running Postlens, on loopback alone and bounded: `make attack` writes docs/reliability.md.

Each attack counts what it tried and what survived it: an answer that is no server error, and a server that is there afterwards.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Any

from bench.web import Visitor

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
VALUES: tuple[Any, ...] = (
    None, 5, -1.5, "x", "", [], {}, [None], [[1]], {"a": 1}, True, "=cmd|' /C calc'!A0", {"props": {}}, "9" * 300, 1e308,
    {"hidden": [["a"]]}, "../../etc/passwd", "<script>alert(1)</script>",
)  # fmt: skip
PATHS = (
    "/../../etc/passwd", "/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/pyproject.toml", "/download/eda/../x.csv",
    "/download/nope/posts.csv", "/download/eda/averages.exe", "/brand-logo?x=../../..", "/%00", "/eda?from=9999-99-99",
    "/eda?reactions=1e999..-1e999", "/posts?text=%F0%9F%98%80%00", "/eda?set.metric=<script>", "/hypothesis?set.level=" + "x" * 3000,
    "/eda?" + "&".join(f"a{i}={i}" for i in range(3000)), "/?cluster.k=-1", "/eda?data=ffffffff", "/_dash-layout", "/_mcp", "/jump.json",
)  # fmt: skip
HEADERS = (
    {"Host": "rebound.example"}, {"Host": "127.0.0.1.evil.example"}, {"Origin": "https://evil.example"}, {"Host": ""},
    {"Origin": "null"}, {"Content-Length": "-1"}, {"X-Forwarded-Host": "evil.example"}, {"Cookie": "a" * 9000},
)  # fmt: skip


@dataclass(frozen=True)
class Count:
    """What was tried, how much of it, and how much survived."""

    what: str
    tried: int
    survived: int
    note: str = ""


class Server:
    """`postlens serve` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "config.toml").write_text('[plugins]\nfiles = ["stuck.py"]\n', "utf-8")
        (folder / "stuck.py").write_text(STUCK, "utf-8")
        command = [sys.executable, "-m", "postlens", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise RuntimeError("the server did not start")
        os.set_blocking(self.process.stdout.fileno(), False)

    def ask(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, seconds: float = 30
    ) -> int:
        """The status of an answer; 0 where there is none."""
        self._drain()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            line.putrequest("POST" if body is not None else "GET", path, skip_host="Host" in (headers or {}))
            for name, value in (headers or {}).items():
                line.putheader(name, value)
            if body is not None:
                line.putheader("Content-Type", "application/json")
                line.putheader("Content-Length", str(len(body)))
            line.endheaders(body)
            return line.getresponse().status
        except (OSError, http.client.HTTPException, ValueError, UnicodeError):
            return 0
        finally:
            line.close()

    def read(self, path: str) -> Any:
        """A JSON answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request("GET", path)
        return json.loads(line.getresponse().read())

    @property
    def alive(self) -> bool:
        """Whether it answers within two seconds."""
        return self.process.poll() is None and self.ask("/healthz", seconds=2) == 200

    @property
    def memory_mb(self) -> float:
        """What it has in memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        found = re.search(r"VmRSS:\s+(\d+)", text)
        return int(found[1]) / 1024 if found else 0.0

    def _drain(self) -> None:
        with suppress(OSError, TypeError, ValueError):
            assert self.process.stdout is not None
            self.process.stdout.read()

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


STUCK = """
from dataclasses import dataclass
import polars as pl
from postlens import Panel, Params, Stat, hookimpl

class Settings(Params):
    size: int = 1

@dataclass(frozen=True)
class Result:
    posts: int

def compute(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    while True:
        pass

def view(result: Result, params: Settings):
    return [Stat(label="x", value="y")]

@hookimpl
def postlens_panels():
    return [Panel(api=2, id="stuck", title="Stuck", summary="Never ends.", params=Settings, compute=compute, view=view)]
"""


@contextmanager
def served() -> Iterator[Server]:
    """A server on the sample, with a panel that never ends."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.stop()


# -- the attacks ---------------------------------------------------------------------------------------


def hostile_addresses(server: Server) -> Count:
    """Addresses that lead out, do not exist, or are absurd; then random ones."""
    rng = random.Random(1)
    alphabet = "abc/.%=&?;'\"<>{}[]\\0123456789"
    paths = [*PATHS, *("/" + "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 80))) for _ in range(600))]
    good = sum(server.ask(p.replace(" ", "%20")) in {200, 302, 400, 403, 404, 409, 414, 431} for p in paths)
    return Count("hostile addresses", len(paths), good)


def hostile_headers(server: Server) -> Count:
    """Other hosts and origins get in nowhere; broken heads break nothing."""
    good = sum(server.ask("/", headers=dict(h)) < 500 for h in HEADERS)
    stranger = [
        h for h in HEADERS if "evil" in str(h.get("Host", h.get("Origin", ""))) or h.get("Host") == "rebound.example"
    ]
    good -= sum(server.ask("/", headers=dict(h)) != 403 for h in stranger)
    return Count("hostile heads of requests", len(HEADERS), good)


def forged_questions(server: Server) -> Count:
    """Every callback of every page with values of every wrong kind."""
    tried = good = 0
    for callback in server.read("/_dash-dependencies"):
        output = callback["output"]
        outs = [dict(zip(("id", "property"), o.rsplit(".", 1), strict=True)) for o in output.strip(".").split("...")]
        inputs, state = (callback[k] if isinstance(callback[k], list) else [callback[k]] for k in ("inputs", "state"))
        for value in VALUES:
            body: dict[str, Any] = {
                "output": output,
                "outputs": outs if output.startswith("..") else outs[0],
                "inputs": [{**i, "value": value} for i in inputs],
                "state": [{**s, "value": value} for s in state],
                "changedPropIds": [],
            }
            tried += 1
            good += server.ask("/_dash-update-component", json.dumps(body).encode()) in {200, 204, 400}
    for broken in (b"{", b"[]", b"\xff" * 50, b"[" * 100_000, b'{"output":' * 999):
        tried += 1
        good += server.ask("/_dash-update-component", broken) == 400
    return Count("forged questions to pages", tried, good)


def silent_connections(server: Server) -> Count:
    """Connections that say nothing, and that say it slowly; a visitor beside them."""
    lines: list[socket.socket] = []
    for number in range(1_500):
        line = socket.create_connection(("127.0.0.1", server.port), 5)
        if number % 2:
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        lines.append(line)
    began = time.perf_counter()
    there = server.alive
    waited = time.perf_counter() - began
    for line in lines:
        line.close()
    return Count(
        "silent connections", len(lines), len(lines) * there, f"a visitor beside them waited {waited * 1000:.0f} ms"
    )


def hanging_panel(server: Server) -> Count:
    """Twelve visitors of a panel that never ends; Explore for somebody else, and a download."""
    browser = Browser(server)
    stuck = [Visitor("stuck", f"?set.size={n}", client=browser) for n in range(12)]
    waiting = sum(visitor.ask() is None for visitor in stuck)
    other = Visitor("eda", "?type=video", client=browser)
    answered, until = None, time.monotonic() + 60
    while answered is None and time.monotonic() < until:
        answered = other.ask()
        time.sleep(0.2)
    sent = server.ask("/download/eda/averages.csv", seconds=60) == 200
    note = "Explore and a download answered meanwhile"
    return Count(
        "visitors of a panel that never ends", 12, waiting * (answered is not None and sent and server.alive), note
    )


class Browser:
    """What `Visitor` needs of a browser, over the server's socket."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def get(self, path: str) -> Body:
        """An answer."""
        return Body(json.dumps(self._server.read(path)).encode())

    def post(self, path: str, json: Any) -> Body:
        """An answer to a question."""
        line = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        line.request("POST", path, dumps(json), {"Content-Type": "application/json"})
        return Body(line.getresponse().read())


class Body:
    """The body of an answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def get_json(self) -> Any:
        """As JSON."""
        return json.loads(self._body)

    def get_data(self, *, as_text: bool = False) -> Any:
        """As it came."""
        return self._body.decode() if as_text else self._body


def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("posts.csv", b"Date,Likes,Comments\n" + b"0" * 700_000_000)
    return packed.getvalue()


def _wide_sheet() -> bytes:
    from xlsxwriter import Workbook

    made = io.BytesIO()
    with Workbook(made) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Likes")
        sheet.write(1_048_575, 16_383, 1)
    return made.getvalue()


def hostile_files(_server: Server) -> Count:
    """Bombs, absurd sheets, broken and random bytes: each a sentence, beside a good file that is kept."""
    rng = random.Random(2)
    good_one = "Date,Caption,Permalink,Likes,Comments\n" + "".join(
        f"2026-03-{i + 1:02} 09:15,What we learned from batch {i},https://www.instagram.com/p/C{i}9xQz0Lm0k/,{i},{i}\n"
        for i in range(9)
    )
    files = {
        "bomb.zip": _zip_bomb(),
        "wide.xlsx": _wide_sheet(),
        "page.xls": b"<html><table><tr><td>Likes</td></tr></table></html>",
        "quote.csv": b'Date,Likes\n2026-01-01,"5\n' + b"x,1\n" * 50_000,
        "columns.csv": ",".join(f"c{i}" for i in range(30_000)).encode() + b"\n1\n",
        "deep.json": b"[" * 100_000,
        "nul.csv": b"\0" * 5000,
        **{f"random{i}.csv": rng.randbytes(3000) for i in range(10)},
        **{f"cut{i}.csv": good_one.encode()[: rng.randint(1, 900)] + rng.randbytes(30) for i in range(10)},
    }
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, content in files.items():
            (home / name).write_bytes(content)
        (home / "good.csv").write_text(good_one, "utf-8")
        (home / "config.toml").write_text(
            '[data]\nsource = "library"\nread_seconds = 60\nread_memory_mb = 2000\n', "utf-8"
        )
        command = [sys.executable, "-m", "postlens", "import", *files, "good.csv", "--json"]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=600, check=False)
        said = {entry["file"]: entry for entry in json.loads(done.stdout)}
    whole = "Traceback" not in done.stderr and bool(said.get("good.csv", {}).get("report"))
    good = sum(bool(said.get(name, {}).get("problems") or said.get(name, {}).get("report")) for name in files)
    return Count("hostile files", len(files), good * whole, "the good file beside them was kept")


def killed_imports(_server: Server) -> Count:
    """Imports killed at any moment: the library opens, and has the posts of an import once or not at all."""
    rng = random.Random(3)
    good = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "config.toml").write_text('[data]\nsource = "library"\n', "utf-8")
        base = [sys.executable, "-m", "postlens"]
        for attempt in range(8):
            rows = "".join(
                f"2026-03-{i % 28 + 1:02} 09:15,What we learned from batch {attempt} {i},https://www.instagram.com/p/C{attempt}x{i:06}/,{i},{i}\n"
                for i in range(4000)
            )
            (home / f"{attempt}.csv").write_text("Date,Caption,Permalink,Likes,Comments\n" + rows, "utf-8")
            running = subprocess.Popen(
                [*base, "import", f"{attempt}.csv"], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(rng.uniform(0.3, 2.5))
            running.kill()
            running.wait()
        subprocess.run([*base, "import", *(f"{a}.csv" for a in range(8))], cwd=home, capture_output=True, check=False)
        done = subprocess.run(
            [*base, "run", "eda", "library", "--json"],
            cwd=home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode == 0:
            good = 8 * (json.loads(done.stdout)["receipt"]["rows"]["posts"] == 32_000)
    return Count("imports killed and made again", 8, good, "32,000 posts, none lost or double")


ATTACKS: tuple[Callable[[Server], Count], ...] = (
    hostile_addresses, hostile_headers, forged_questions, silent_connections, hanging_panel, hostile_files, killed_imports,
)  # fmt: skip


def page(counts: list[Count], grew: float) -> str:
    """The counts as a page."""
    rows = [f"| {c.what} | {c.tried:,} | {c.survived:,} | {c.note} |" for c in counts]
    return (
        "# What was tried to knock it over\n\n"
        "After this page you know what Postlens was attacked with and what became of it. `make attack` wrote it: a server on the "
        "sample on this machine alone, in its own process, with a panel in it that never ends. *Survived* is an answer that is no "
        "server error, or a sentence about a file, and a server that answers afterwards. What is promised stands in "
        "[security](security.md).\n\n| attack | tried | survived | |\n|---|---|---|---|\n"
        + "\n".join(rows)
        + f"\n\nThe server's memory was {grew:+.0f} MB afterwards, against after its first answers.\n"
    )


def main() -> None:
    """Attack, print, write the page; exit 1 where something did not survive."""
    counts = []
    with served() as server:
        server.ask("/download/eda/averages.csv", seconds=60)
        before = server.memory_mb
        for attack in ATTACKS:
            found = attack(server)
            there = server.alive
            counts.append(found if there else Count(found.what, found.tried, 0, "the server did not answer afterwards"))
            print(f"{found.what}: {counts[-1].survived:,} of {found.tried:,} {found.note}", flush=True)
        grew = server.memory_mb - before
    if "--write" in sys.argv:
        PAGE.write_text(page(counts, grew), "utf-8")
    raise SystemExit(any(c.survived < c.tried for c in counts))


if __name__ == "__main__":
    main()
