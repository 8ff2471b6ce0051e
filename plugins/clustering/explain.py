"""What makes a cluster understandable: a rule in the metrics' own units, its typical posts, its share of top posts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from statistics import NormalDist

import numpy as np
import polars as pl

from postlens import Context, Schema, stats
from postlens.plugins.clustering.batch_queries import Question

TREE_POSTS = 50_000
EXEMPLARS = 3
PLACE = ("source_row", "source_file")
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


def nearest(group: str, distance: pl.Expr, limit: float = math.inf) -> Question:
    """Asks for the three posts of each cluster that lie nearest its centre: `cluster`, `distance`, `source_row`, `source_file`.

    Args:
        group: the column with the cluster.
        distance: of a post to its centre.
        limit: a distance within which each cluster is known to have three posts; saves sorting the others.
    """

    def least(close: pl.LazyFrame, by: str) -> pl.LazyFrame:
        near = pl.struct("distance", *PLACE).bottom_k_by(["distance", *PLACE], EXEMPLARS)
        return close.group_by(cluster=by).agg(near.alias("near")).explode("near").unnest("near")

    def ask(labelled: pl.LazyFrame) -> pl.LazyFrame:
        return least(labelled.with_columns(distance=distance).filter(pl.col("distance") <= limit), group)

    return Question(ask, partial(least, by="cluster"))


def exemplars(posts: pl.LazyFrame, near: pl.DataFrame, schema: Schema, metrics: Sequence[str]) -> pl.DataFrame:
    """What the posts of `nearest` say, and their metrics, after `cluster`."""
    columns = [c for c in (*_SHOWN, *metrics) if c in schema]
    picked = posts.filter(pl.col("source_row").is_in(near["source_row"].unique().to_list())).select(*PLACE, *columns)
    rows = near.join(picked.collect(engine="streaming"), on=list(PLACE), how="inner")
    return rows.sort("cluster", "distance", *columns).select("cluster", *columns)


def top_tenth(complete: pl.LazyFrame, schema: Schema) -> tuple[str, pl.Expr | None]:
    """The metric that says which posts do well, and whether a post is in the top tenth of its account, network and type.

    Without such a metric, or with too few posts to compare, an empty name and None.
    """
    metric = next((m for m in OUTCOMES if m in schema and schema[m].known != 0), "")
    if not metric:
        return "", None
    value = stats.on_scale(schema[metric], "log")
    peers = stats.fit_peers(complete, value, [c.name for c in schema.columns], (TOP,))
    return (metric, value > peers.quantile(0)) if peers.enough else ("", None)


def high_performers(cells: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Posts in the top tenth of their peers by cluster, with Wilson's interval.

    Args:
        cells: `cluster`, `high` (null where nobody can tell), `posts`.
        names: the clusters.

    Returns:
        `cluster`, `posts` that can be judged, `high`, `share`, `low`, `high_end`.
    """
    known = cells.drop_nulls("high")
    counted = known.group_by("cluster").agg(pl.col("posts").sum(), high=pl.col("posts").filter("high").sum())
    rows = []
    for cluster, posts, high in counted.sort("cluster").iter_rows():
        if cluster in names and posts:
            low, end = wilson(high, posts)
            rows.append((cluster, posts, high, high / posts, low, end))
    schema = {"cluster": pl.String, "posts": pl.Int64, "high": pl.Int64}
    floats = dict.fromkeys(("share", "low", "high_end"), pl.Float64)
    return pl.DataFrame(rows, schema={**schema, **floats}, orient="row")


def wilson(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a share.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(centre - half, 0.0), min(centre + half, 1.0)
