"""Clustering: posts that behave alike, what sets each group apart, and every post's group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import DerivedColumn, Needs, Panel, hookimpl
from postlens.plugins.clustering.compute import (
    Grouping,
    Settings,
    fit_column,
    fit_without,
    group_posts,
    levels,
    structure_of_groups,
)
from postlens.plugins.clustering.view import show

ABOUT = """
**Method.** Each metric is put on a log scale, ln(1 + x), and standardised, so that no metric counts for more because
its numbers are larger; each category becomes one column for each of its values. k-means then looks for the k centres that
leave the smallest sum of squared distances: the best of ten k-means++ starts. Of more than 20,000 posts the centres are
looked for among 20,000, drawn by the posts' ids, and then take three more steps over all posts.

**Numbering.** Cluster 1 has the highest centre, averaged over all features, and so on down. The same posts get the same
numbers whatever the order of the file. *Keep these numbers and names* puts the
centres into the link: whatever posts or k come next, each new group takes the number, name and colour of the earlier one
it is nearest to, all of them matched together (Kuhn 1955). Put `names` and `keep` of that link into
`[plugins.clustering]` and they hold for everyone.

**Standardised difference** is Hedges' g of a cluster against all other posts on the log scale, with its 95 % interval:
0.2 is small, 0.5 clear, 0.8 large. *Lift* is the ratio of geometric means.

**Over-representation** compares a value's share inside the cluster with its share among all posts. The adjusted residual
is a z score (Haberman 1973); it is marked where it passes Bonferroni's limit for the table.

**Top posts** are those in the top tenth of their own account, network and type; of more than two million posts that limit is taken
from two million of them.

**What it cannot tell.** k-means cuts any set of posts into k groups, also one that has none. Groups must differ on the
metrics they were made from, so such a difference proves nothing. The page Number of groups compares the cut with
simulated data without groups.
"""

PANEL: Panel[Settings, Grouping] = Panel(
    api=2,
    id="clustering",
    title="Groups",
    summary="Posts that behave alike, what sets each group apart, and which group does best (k-means clusters).",
    params=Settings,
    compute=group_posts,
    view=show,
    needs=Needs(metrics=1, posts=20, ignores=("cluster",)),
    group="Groups",
    version="2",
    about=ABOUT,
)

CLUSTER: DerivedColumn[Settings] = DerivedColumn(
    api=2,
    id="cluster",
    label="Cluster",
    params=Settings,
    fit=fit_column,
    levels=levels,
    panel="clustering",
    refit=fit_without,
    structure_test=structure_of_groups,
    version="2",
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The clustering panel."""
    return [PANEL]


@hookimpl
def postlens_columns() -> Sequence[DerivedColumn[Any]]:
    """The cluster of every post, for every panel."""
    return [CLUSTER]
