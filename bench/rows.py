"""What is measured: each row in a process of its own, ours and its baseline in turn, so that memory can be told apart."""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.posts import write_csv, write_posts

COUNTS = ["Likes", "Comments", "Shares", "Loves", "Wows", "Hahas", "Sads", "Angrys", "Reach"]
Measured = dict[str, Any]
FOLDER = Path(tempfile.gettempdir()) / "postlens-bench"
REPEATED = 40
_SERVE = "from app.cli import main; main()"


def source(posts: int) -> Path:
    """The generated posts, made if they are not there."""
    path = FOLDER / f"posts-{posts}.parquet"
    if not path.exists():
        write_posts(posts, path)
    return path


def csv_source(posts: int) -> Path:
    """The same posts with captions as CSV, made if they are not there."""
    path = FOLDER / f"posts-{posts}.csv"
    if not path.exists():
        write_csv(source(posts), path)
    return path


def _engine(posts: int) -> Any:
    """The built-in panels on generated posts; making them known to the store is not part of what is timed."""
    import postlens.app  # noqa: F401 - how many threads NumPy takes
    from postlens.core.ask.engine import Engine
    from postlens.core.data.convert.read_settings import ReadSettings
    from postlens.core.data.dataset import open_dataset
    from postlens.core.host.config import Config, Deployment
    from postlens.core.host.registry import build

    registry = build(Deployment(Config(), FOLDER))
    dataset = open_dataset(
        str(source(posts)), store=FOLDER / "store", settings=ReadSettings(), readers=registry.readers
    )
    return Engine(registry, dataset, store=Path(tempfile.mkdtemp(dir=FOLDER)))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _panel(panel: str, posts: int, **settings: Any) -> Measured:
    """A panel cold: to all tables and charts. The imports of libraries are no part of the time, as in the baselines."""
    import plotly.graph_objects as go
    import sklearn.tree  # noqa: F401

    from postlens.core.ask.outcome import Done
    from postlens.core.ask.request import Request

    engine = _engine(posts)
    go.Figure(go.Bar(x=[1], y=[1]))
    _warm()
    params = engine.registry.panel(panel).params.model_validate(settings)
    request = Request(panel=panel, params=params)
    seconds, found = _timed(lambda: engine.answer(request))
    if not isinstance(found, Done):
        raise SystemExit(str(found))
    drawn, _ = _timed(lambda: engine.blocks(engine.registry.panel(panel), found))
    return {"seconds": seconds + drawn}


def eda(posts: int) -> Measured:
    """The explore page, cold."""
    return _panel("eda", posts)


def eda_baseline(posts: int) -> Measured:
    """Polars in a notebook: read, describe, average by group, correlate."""
    import polars as pl

    path = source(posts)

    def work() -> None:
        table = pl.read_parquet(path)
        numbers = table.select(pl.col(pl.Int64))
        numbers.describe()
        for by in ("Type", "Account"):
            table.group_by(by).agg(pl.col(pl.Int64).mean(), pl.col(pl.Int64).median().name.suffix("_median"))
        numbers.corr()

    return {"seconds": _timed(work)[0]}


def clustering(posts: int) -> Measured:
    """The clusters page, cold."""
    return _panel("clustering", posts)


def clustering_baseline(posts: int) -> Measured:
    """scikit-learn on all posts: ten starts on the nine standardised logarithms."""
    from sklearn.cluster import KMeans

    matrix = _matrix(posts)[:, : len(COUNTS)]
    return {"seconds": _timed(lambda: KMeans(4, n_init=10, random_state=0).fit(matrix))[0]}


def hypothesis(posts: int) -> Measured:
    """The hypothesis page, types, inside accounts, with ranks, permutation and bootstrap."""
    return _panel("hypothesis", posts)


def hypothesis_baseline(posts: int) -> Measured:
    """Scipy on the posts themselves: Welch and Mann-Whitney."""
    import numpy as np
    import polars as pl
    from scipy import stats

    path = source(posts)

    def work() -> None:
        table = pl.read_parquet(path, columns=["Type", "Likes"])
        one, rest = (
            np.log1p(table.filter((pl.col("Type") == "photo") == side)["Likes"].to_numpy()) for side in (True, False)
        )
        stats.ttest_ind(one, rest, equal_var=False)
        stats.mannwhitneyu(one, rest)

    return {"seconds": _timed(work)[0]}


def elbow_page(posts: int) -> Measured:
    """The elbow page, cold."""
    return _panel("elbow", posts)


def _warm() -> None:
    """One small fit: the import, and what scikit-learn does once in a process, are no part of any time."""
    import numpy as np
    from sklearn.cluster import KMeans

    KMeans(2, n_init=1).fit(np.arange(20.0).reshape(10, 2))


def _matrix(posts: int) -> Any:
    import numpy as np
    import polars as pl

    table = pl.read_parquet(source(posts))
    values = np.log1p(table.select(COUNTS).to_numpy().astype(float))
    days = table.select("Type", day=pl.col("Published").dt.weekday()).to_dummies(["Type", "day"])
    return np.hstack([(values - values.mean(axis=0)) / values.std(axis=0), days.to_numpy().astype(float)])


def elbow(posts: int) -> Measured:
    """The inertia of k = 2 to 19 on nine counts, four types and seven weekdays, as the notebook has them."""
    import numpy as np

    import postlens.app  # noqa: F401 - how many threads NumPy takes
    from postlens.core.stats import PASSES, SEARCH, curve, measured, refine_centres

    matrix = _matrix(posts)
    _warm()

    def work() -> dict[int, float]:
        rows = np.random.default_rng(0).permutation(len(matrix))[:SEARCH]
        many = len(matrix) > SEARCH
        fits = curve(matrix[np.sort(rows)] if many else matrix, 19, sample=many)
        if not many:
            return {k: fit.inertia for k, fit in fits.items()}
        light = matrix.astype(np.float32)
        batches = [light[i : i + 65_536] for i in range(0, len(light), 65_536)]
        centres = refine_centres(lambda: batches, {k: fit.centres for k, fit in fits.items() if k > 1}, PASSES)
        return {k: one.inertia for k, one in measured(lambda: batches, centres, widths=False).items()}

    seconds, inertia = _timed(work)
    return {"seconds": seconds, "inertia": [inertia[k] for k in range(2, 20)]}


def elbow_baseline(posts: int) -> Measured:
    """The loop of the notebook: KMeans with ten starts for every k."""
    from sklearn.cluster import KMeans

    matrix = _matrix(posts)
    _warm()
    seconds, inertia = _timed(
        lambda: [float(KMeans(k, n_init=10, random_state=0).fit(matrix).inertia_) for k in range(2, 20)]
    )
    return {"seconds": seconds, "inertia": inertia}


def cached(posts: int) -> Measured:
    """The slowest page that is cached already, 95th percentile of requests; the heaviest in kB."""
    from bench.web import Visitor
    from postlens.app.clients import Clients
    from postlens.app.web.server import create_app
    from postlens.app.workspace import open_workspace

    workspace = open_workspace(None, data=str(source(posts)))
    app = create_app(Clients(workspace))
    slowest, heaviest = 0.0, 0
    for panel in workspace.registry.panels:
        visitor = Visitor(panel, client=app.server.test_client())
        while not (answer := visitor.ask()):
            time.sleep(0.05)
        times = [_timed(visitor.ask)[0] for _ in range(REPEATED)]
        slowest = max(slowest, statistics.quantiles(times, n=20)[-1])
        heaviest = max(heaviest, len(answer))
    return {"seconds": slowest, "kilobytes": heaviest / 1000}


def imports(posts: int) -> Measured:
    """A CSV with captions into the library, to the report and the posts on disk."""
    import postlens.app  # noqa: F401 - how many threads NumPy takes
    from postlens.core.data.convert.read_settings import ReadSettings
    from postlens.core.data.store import library

    path, shelf = csv_source(posts), Path(tempfile.mkdtemp(dir=FOLDER))
    try:
        return {"seconds": _timed(lambda: library.add(shelf, path, ReadSettings()))[0]}
    finally:
        shutil.rmtree(shelf)


def imports_baseline(posts: int) -> Measured:
    """Pandas in a notebook: read the CSV, parse the time, write Parquet as CSV again (it needs PyArrow for Parquet)."""
    import pandas as pd

    path = csv_source(posts)

    def work() -> None:
        table = pd.read_csv(path)
        table["Published"] = pd.to_datetime(table["Published"])
        table.to_csv(FOLDER / "again.csv", index=False)

    return {"seconds": _timed(work)[0]}


def serve(_posts: int) -> Measured:
    """From the command to the first page answered."""
    return {"seconds": statistics.median(_until_answered(["-c", _SERVE, "serve", "--port"]) for _ in range(7))}


def serve_baseline(_posts: int) -> Measured:
    """A bare page of Dash with Mantine."""
    script = (
        "import sys, dash, dash_mantine_components as dmc; from waitress import serve\n"
        "app = dash.Dash(); app.layout = dmc.MantineProvider(dmc.Text('hello'))\n"
        "serve(app.server, host='127.0.0.1', port=int(sys.argv[1]))"
    )
    return {"seconds": statistics.median(_until_answered(["-c", script]) for _ in range(7))}


def _until_answered(command: list[str]) -> float:
    import socket
    import urllib.error
    import urllib.request

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    compiled = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # As an install is.
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, *command, str(port)], env=compiled, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - began < 60:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
                return time.perf_counter() - began
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.01)
    finally:
        server.terminate()
        server.wait()
    raise SystemExit("the server never answered")


ROWS: dict[str, Callable[[int], Measured]] = {
    f.__name__: f
    for f in (
        eda, eda_baseline, clustering, clustering_baseline, hypothesis, hypothesis_baseline, elbow, elbow_baseline,
        elbow_page, cached, imports, imports_baseline, serve, serve_baseline,
    )
}  # fmt: skip


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    measured_row = ROWS[sys.argv[1]](int(sys.argv[2]))
    measured_row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured_row))
