"""Posts of any number for the benchmarks: many accounts, log-normal counts, four types, a year. Seeded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

CHUNK = 500_000


def write_posts(count: int, path: Path, seed: int = 0) -> None:
    """Write a Parquet file of posts, a chunk at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chunks = [_chunk(start, min(CHUNK, count - start), seed) for start in range(0, count, CHUNK)]
    pl.concat(chunks).write_parquet(path, compression="zstd")


def _chunk(start: int, n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng([seed, start])
    start_of_year = np.datetime64("2025-10-01T00:00:00.000", "ms")
    account = rng.integers(0, 200, n)
    kind = rng.integers(0, 4, n)
    level = 3 + 1.5 * np.sin(account * 12.9898) + np.array([0.3, 0.0, -0.2, 0.1])[kind]
    popularity = level + rng.normal(0, 1.1, n)

    def counted(shift: float, spread: float) -> np.ndarray:
        return np.rint(np.exp(popularity + shift + rng.normal(0, spread, n))).astype(np.int64)

    return pl.DataFrame(
        {
            "Post ID": pl.Series(np.arange(start, start + n)).cast(pl.String),
            "Published": pl.Series(start_of_year + (1000 * rng.integers(0, 365 * 86400, n)).astype("timedelta64[ms]")),
            "Account": pl.Series(account).cast(pl.String),
            "Type": pl.Series(np.array(["photo", "video", "link", "text"])[kind]),
            "Likes": counted(0, 0.3),
            "Comments": counted(-2.5, 0.6),
            "Shares": counted(-3, 0.8),
            "Loves": counted(-3.2, 0.7),
            "Reach": counted(3, 0.4),
        }
    )
