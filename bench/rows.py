"""What is measured: each row in a process of its own, ours and its baseline in turn, so that memory can be told apart."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.posts import write_posts

Measured = dict[str, Any]
FOLDER = Path(tempfile.gettempdir()) / "postlens-bench"


def _engine(posts: int) -> Any:
    """The built-in panels on generated posts; reading them into the store is not part of what is timed."""
    from core.config import Config, Deployment
    from core.data.canonical import ReadSettings
    from core.data.dataset import open_dataset
    from core.engine import Engine
    from core.registry import build

    source = FOLDER / f"posts-{posts}.parquet"
    if not source.exists():
        write_posts(posts, source)
    registry = build(Deployment(Config(), FOLDER))
    dataset = open_dataset(str(source), store=FOLDER / "store", settings=ReadSettings(), readers=registry.readers)
    return Engine(registry, dataset, store=Path(tempfile.mkdtemp(dir=FOLDER)))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _panel(panel: str, posts: int, **settings: Any) -> Measured:
    from core.engine import Done, Request

    engine = _engine(posts)
    params = engine.registry.panel(panel).params.model_validate(settings)
    request = Request(panel=panel, params=params)
    seconds, found = _timed(lambda: engine.answer(request))
    if not isinstance(found, Done):
        raise SystemExit(str(found))
    drawn, _ = _timed(lambda: engine.blocks(engine.registry.panel(panel), found))
    again, _ = _timed(lambda: engine.answer(request))
    return {"seconds": seconds + drawn, "cached_ms": 1000 * (again + drawn)}


def eda(posts: int) -> Measured:
    """The explore page, cold."""
    return _panel("eda", posts)


def eda_baseline(posts: int) -> Measured:
    """What a notebook does: read everything, describe it, average by group, correlate."""
    import polars as pl

    source = FOLDER / f"posts-{posts}.parquet"
    if not source.exists():
        write_posts(posts, source)

    def work() -> None:
        table = pl.read_parquet(source)
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
    """scikit-learn on all posts, ten starts, on the standardised logarithms."""
    from sklearn.cluster import KMeans

    matrix = _matrix(posts)
    return {"seconds": _timed(lambda: KMeans(4, n_init=10, random_state=0).fit(matrix))[0]}


def hypothesis(posts: int) -> Measured:
    """The hypothesis page, types, inside accounts, with ranks, permutation and bootstrap."""
    return _panel("hypothesis", posts)


def hypothesis_baseline(posts: int) -> Measured:
    """Scipy on the posts themselves: Welch and Mann-Whitney."""
    import numpy as np
    import polars as pl
    from scipy import stats

    source = FOLDER / f"posts-{posts}.parquet"
    if not source.exists():
        write_posts(posts, source)

    def work() -> None:
        table = pl.read_parquet(source, columns=["Type", "Likes"])
        one, rest = (
            np.log1p(table.filter((pl.col("Type") == "photo") == side)["Likes"].to_numpy()) for side in (True, False)
        )
        stats.ttest_ind(one, rest, equal_var=False)
        stats.mannwhitneyu(one, rest)

    return {"seconds": _timed(work)[0]}


def _matrix(posts: int) -> Any:
    import numpy as np
    import polars as pl

    source = FOLDER / f"posts-{posts}.parquet"
    if not source.exists():
        write_posts(posts, source)
    values = np.log1p(
        pl.read_parquet(source, columns=["Likes", "Comments", "Shares", "Loves"]).to_numpy().astype(float)
    )
    return (values - values.mean(axis=0)) / values.std(axis=0)


def elbow(posts: int) -> Measured:
    """The inertia of k = 2 to 19."""
    import sklearn.cluster  # noqa: F401 - the import is no part of either time

    from core.stats import curve

    matrix = _matrix(posts)
    seconds, fits = _timed(lambda: curve(matrix, 19))
    return {"seconds": seconds, "inertia": [fits[k].inertia for k in range(2, 20)]}


def elbow_baseline(posts: int) -> Measured:
    """The loop of the notebook: KMeans with ten starts for every k."""
    from sklearn.cluster import KMeans

    matrix = _matrix(posts)
    seconds, inertia = _timed(
        lambda: [float(KMeans(k, n_init=10, random_state=0).fit(matrix).inertia_) for k in range(2, 20)]
    )
    return {"seconds": seconds, "inertia": inertia}


ROWS: dict[str, Callable[[int], Measured]] = {
    f.__name__: f
    for f in (
        eda,
        eda_baseline,
        clustering,
        clustering_baseline,
        hypothesis,
        hypothesis_baseline,
        elbow,
        elbow_baseline,
    )
}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    measured = ROWS[sys.argv[1]](int(sys.argv[2]))
    measured["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))
