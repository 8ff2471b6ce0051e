"""Posts of any number for the benchmarks: many accounts, four regimes of reactions, four types, a year. Seeded."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

CHUNK = 500_000


def write_posts(count: int, path: Path, seed: int = 0) -> None:
    """Write a Parquet file of posts, a chunk at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    starts = range(0, count, CHUNK)
    if len(starts) == 1:
        _chunk(0, count, seed).write_parquet(path, compression="zstd")
        return
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # A hundred million do not fit in memory.
        for i, start in enumerate(starts):
            part = _chunk(start, min(CHUNK, count - start), seed)
            part.write_parquet(Path(folder) / f"{i:05d}.parquet", compression="zstd")
        pl.scan_parquet(Path(folder) / "*.parquet").sink_parquet(path, compression="zstd", row_group_size=CHUNK)


def _chunk(start: int, n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng([seed, start])
    start_of_year = np.datetime64("2025-10-01T00:00:00.000", "ms")
    account = rng.integers(0, 200, n)
    kind, regime = rng.integers(0, 4, n), rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    level = 3 + 1.5 * np.sin(account * 12.9898) + np.array([0.3, 0.0, -0.2, 0.1])[kind]
    popularity = level + rng.normal(0, 0.8, n)

    def counted(shift: float, spread: float, *by_regime: float) -> np.ndarray:
        own = np.array(by_regime or (0.0,) * 4)[regime]
        return np.rint(np.exp(popularity + shift + own + rng.normal(0, spread, n))).astype(np.int64)

    return pl.DataFrame(
        {
            "Post ID": pl.Series(np.arange(start, start + n)).cast(pl.String),
            "Published": pl.Series(start_of_year + (1000 * rng.integers(0, 365 * 86400, n)).astype("timedelta64[ms]")),
            "Account": pl.Series(account).cast(pl.String),
            "Type": pl.Series(np.array(["photo", "video", "link", "text"])[kind]),
            "Likes": counted(0, 0.3),
            "Comments": counted(-2.5, 0.6, 0, 1.5, 0, 1.5),
            "Shares": counted(-3, 0.8, 0, 0, 1.5, 0),
            "Loves": counted(-2.2, 0.7, 0.5, -1, 1, 0),
            "Wows": counted(-3.2, 0.7, 0, 0, 1, 0),
            "Hahas": counted(-2.5, 0.8, 0, 1, 0, 0),
            "Sads": counted(-3.5, 0.8, 0, 0, 0, 2),
            "Angrys": counted(-3.5, 0.8, 0, 0, 0, 2.5),
            "Reach": counted(3, 0.4),
        }
    )


def write_csv(posts: Path, path: Path) -> None:
    """The same posts with a caption, as text."""
    words = pl.lit("A new roast, brewed slowly, for everybody who asked us about it last week. See you there! ")
    caption = pl.concat_str(words, pl.lit("Post number "), pl.col("Post ID"))
    pl.scan_parquet(posts).with_columns(Caption=caption).sink_csv(path)
