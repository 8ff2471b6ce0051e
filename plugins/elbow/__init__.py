"""Elbow: how many clusters the posts bear, and whether that number stands out at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugins.elbow.compute import Curve, Settings, inertia_curve
from plugins.elbow.view import show
from postlens import Needs, Panel, hookimpl

ABOUT = """
**Inertia** is the sum of squared distances of the posts to the centre of their cluster. It falls with every further
cluster; the question is where it stops falling fast.

**The elbow** is the k after which the gain drops most: the gain of the step to k over the gain of the step after it. It is
called *clear* when that ratio is at least 2 **and** at least 1.5 times the sharpest of 19 imitation crowds: normal clouds with
the same spreads and correlations but no groups at all. One stretched cloud already bends at k = 2, so a bend alone says
little; and rare counts with few different values bend the curve by themselves, so there no elbow is called clear.

**The Kneedle knee** (Satopaa et al. 2011), the point farthest below the line between the ends, is shown beside it. It moves
with the plotted range; that is its nature, not a discovery (Schubert 2023, "Stop using the elbow criterion").

**Silhouette** compares each post's distance to its own cluster with the distance to the next one, from -1 to 1. The curve is
the mean on a sample of at most 3,000 posts that keeps each cluster's share. It favours few clusters and cannot say "one".

**The fits** are made from each other: forward by adding the centre that helps most, backward by merging the two that cost
least, two rounds, searched on at most 20,000 posts and finished on all. The time is what each k took.
"""

PANEL: Panel[Settings, Curve] = Panel(
    api=1,
    id="elbow",
    title="Elbow",
    summary="How many clusters the posts bear, and whether that number stands out at all.",
    params=Settings,
    compute=inertia_curve,
    view=show,
    needs=Needs(metrics=1, posts=30, ignores=("cluster",)),
    group="Groups",
    slow=True,
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The elbow panel."""
    return [PANEL]
