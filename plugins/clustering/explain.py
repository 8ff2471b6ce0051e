"""What makes a cluster understandable: a rule in the metrics' own units, its typical posts, its share of top posts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import polars as pl

from postlens import Context, Schema, stats

TREE_POSTS = 50_000
EXEMPLARS = 3
TOP = 0.9
_SHOWN = ("published", "account_name", "platform", "post_type", "text", "title", "url")
OUTCOMES = ("engagements", "reactions", "views", "reach")


def rules(
    used: pl.DataFrame, labels: np.ndarray, metrics: Sequence[str], names: Sequence[str], ctx: Context
) -> tuple[pl.DataFrame, float]:
    """The plainest rule of each cluster, read off a small decision tree, and how often the tree is right on unseen posts.

    Returns:
        `cluster`, `rule`, `purity` (share of posts under the rule that are in the cluster), `covers` (share of the cluster
        under the rule); and the held-out share of posts whose cluster the tree names.
    """
    from sklearn.tree import DecisionTreeClassifier

    empty = pl.DataFrame(schema={"cluster": pl.String, "rule": pl.String, "purity": pl.Float64, "covers": pl.Float64})
    values = used.select(pl.col(list(metrics)).cast(pl.Float64)).to_numpy()
    rng = np.random.default_rng(ctx.seed)
    rows = rng.permutation(len(values))[:TREE_POSTS]
    cut = int(0.7 * len(rows))
    train, test = rows[:cut], rows[cut:]
    if len(test) < 10 or len(np.unique(labels[train])) < 2:
        return empty, math.nan
    tree = DecisionTreeClassifier(max_leaf_nodes=2 * len(names), min_samples_leaf=0.01, random_state=0)
    tree.fit(values[train], labels[train])
    fidelity = float((tree.predict(values[test]) == labels[test]).mean())
    leaves = tree.apply(values[rows])
    conditions = _conditions(tree.tree_, [ctx.schema.label(m).lower() for m in metrics])
    found = []
    for number, name in enumerate(names):
        mine = labels[rows] == number
        best = max(np.unique(leaves[mine]), key=lambda leaf: _worth(leaves == leaf, mine), default=None)
        if best is None:
            continue
        inside = leaves == best
        found.append((name, conditions[int(best)], float(mine[inside].mean()), float(inside[mine].mean())))
    return pl.DataFrame(found, schema=empty.schema, orient="row"), fidelity


def _worth(inside: np.ndarray, mine: np.ndarray) -> float:
    """Purity times coverage: a rule should be right, and about more than a handful."""
    both = float((inside & mine).sum())
    return both * both / max(float(inside.sum()) * float(mine.sum()), 1.0)


def _conditions(tree: object, labels: Sequence[str]) -> dict[int, str]:
    """Each leaf's path in words, every metric named once with its bounds."""
    left, right = tree.children_left, tree.children_right  # type: ignore[attr-defined]
    feature, threshold = tree.feature, tree.threshold  # type: ignore[attr-defined]
    found: dict[int, str] = {}
    waiting: list[tuple[int, dict[int, tuple[float, float]]]] = [(0, {})]
    while waiting:
        node, bounds = waiting.pop()
        if left[node] == -1:
            found[node] = " and ".join(_bound(labels[f], *ends) for f, ends in sorted(bounds.items())) or "every post"
            continue
        low, high = bounds.get(feature[node], (-math.inf, math.inf))
        waiting.append((left[node], bounds | {feature[node]: (low, min(high, threshold[node]))}))
        waiting.append((right[node], bounds | {feature[node]: (max(low, threshold[node]), high)}))
    return found


def _bound(label: str, low: float, high: float) -> str:
    if math.isinf(low):
        return f"{label} at most {_whole(high)}"
    return (
        f"{label} above {_whole(low)}"
        if math.isinf(high)
        else f"{label} above {_whole(low)} and at most {_whole(high)}"
    )


def _whole(value: float) -> str:
    return f"{math.floor(value):,}" if value >= 1 else f"{value:.3g}"


def exemplars(
    labelled: pl.LazyFrame, group: str, distance: pl.Expr, schema: Schema, metrics: Sequence[str]
) -> pl.DataFrame:
    """The three posts of each cluster that lie nearest its centre: `cluster`, what the posts say, and the metrics."""
    columns = [c for c in (*_SHOWN, *metrics) if c in schema]
    near = pl.struct(*columns, "__distance").bottom_k_by("__distance", EXEMPLARS)
    made = labelled.with_columns(__distance=distance).group_by(cluster=group).agg(near.alias("__near"))
    rows = made.collect(engine="streaming").explode("__near").unnest("__near")
    return rows.sort("cluster", "__distance", *columns).drop("__distance")


def high_performers(
    labelled: pl.LazyFrame, group: str, schema: Schema, names: Sequence[str]
) -> tuple[str, pl.DataFrame]:
    """Posts among the top tenth of their own account, network and type, by cluster, with Wilson's interval.

    Returns:
        The metric, empty for none; `cluster`, `posts`, `high`, `share`, `low`, `high_end`.
    """
    metric = next((m for m in OUTCOMES if m in schema and schema[m].known != 0), "")
    empty = pl.DataFrame(
        schema={
            "cluster": pl.String,
            "posts": pl.Int64,
            "high": pl.Int64,
            "share": pl.Float64,
            "low": pl.Float64,
            "high_end": pl.Float64,
        }
    )
    if not metric:
        return "", empty
    value = stats.on_scale(schema[metric], "log")
    peers = stats.fit_peers(labelled, value, [c.name for c in schema.columns], (TOP,))
    if not peers.enough:
        return "", empty
    counted = (
        labelled.group_by(cluster=group)
        .agg(posts=value.count().cast(pl.Int64), high=(value > peers.quantile(0)).sum().cast(pl.Int64))
        .collect(engine="streaming")
    )
    rows = []
    for cluster, posts, high in counted.sort("cluster").iter_rows():
        if cluster in names and posts:
            low, end = wilson(high, posts)
            rows.append((cluster, posts, high, high / posts, low, end))
    return metric, pl.DataFrame(rows, schema=empty.schema, orient="row")


def wilson(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a share.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(centre - half, 0.0), min(centre + half, 1.0)
