"""Clusters in words: a name from what sets each apart, and which one does best."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

CLEAR, LARGE = 0.5, 0.8


@dataclass(frozen=True, kw_only=True)
class Description:
    """A cluster in words."""

    cluster: str
    name: str
    posts: int
    share: float
    kind: str


def describe(profile: pl.DataFrame, sizes: pl.DataFrame, over: pl.DataFrame, features: set[str]) -> list[Description]:
    """A unique name for each cluster, from its two most distinctive features and its strongest category."""
    found: list[Description] = []
    taken: dict[str, int] = {}
    for row in sizes.iter_rows(named=True):
        mine = profile.filter((pl.col("cluster") == row["cluster"]) & pl.col("label").is_in(list(features)))
        name = _name(mine) + _category(over.filter(pl.col("cluster") == row["cluster"]))
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name} ({taken[name]})"
        found.append(
            Description(cluster=row["cluster"], name=unique, posts=row["posts"], share=row["share"], kind=_kind(mine))
        )
    return found


def _name(mine: pl.DataFrame) -> str:
    ranked = mine.drop_nulls("g").sort([pl.col("g").abs(), "metric"], descending=[True, False])
    strong = ranked.filter(pl.col("g").abs() >= CLEAR).head(2)
    if strong.is_empty():
        return "Typical"
    words = [f"{'high' if g > 0 else 'low'} {label.lower()}" for g, label in strong.select("g", "label").iter_rows()]
    return ", ".join(words).capitalize()


def _category(mine: pl.DataFrame) -> str:
    strong = mine.filter(pl.col("marked") & (pl.col("lift") >= 1.3) & (pl.col("share") >= 0.25)).head(1)
    return f", {strong['level'][0]}-heavy" if strong.height else ""


def _kind(mine: pl.DataFrame) -> str:
    """What the mix of reactions says: `engaging`, `angry`, `quiet` or nothing."""
    g = dict(mine.select("metric", "g").drop_nulls().iter_rows())
    anger = [g[m] for m in ("react_angry", "react_sad") if m in g]
    warm = [g[m] for m in ("reactions", "comments") if m in g]
    if anger and max(anger) >= LARGE and max(anger) > max(warm, default=0):
        return "angry"
    if len(warm) == 2 and min(warm) >= CLEAR:
        return "engaging"
    if warm and max(warm) <= -CLEAR:
        return "quiet"
    return ""


def best(profile: pl.DataFrame, metric: str) -> tuple[str, float | None, float] | None:
    """The cluster with the highest lift of a metric, its typical value if there is one, and the lift."""
    rows = profile.filter((pl.col("metric") == metric) & pl.col("lift").is_not_null()).sort("lift", descending=True)
    if rows.is_empty():
        return None
    top = rows.row(0, named=True)
    return top["cluster"], top["typical"], top["lift"]
