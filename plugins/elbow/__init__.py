"""Number of groups: how many fit the data, and whether there are any at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.elbow.compute import Curve, Settings, inertia_curve
from postlens.plugins.elbow.view import show

ABOUT = """
**Inertia** is the sum of squared distances of the posts to the centre of their cluster. It falls with every further
cluster; the question is where it stops falling fast.

**Are there any groups?** Every rule for the number of clusters finds some in data without groups. So the curve is compared
with simulated data without groups: 39 sets of each of up to three kinds, with these posts' averages, spreads and correlations
(log-normal above zero, negative binomial above zero, and the posts themselves moved along the line that follows them until
there is no gap). If the posts lie no lower than those do (p above 0.05, the largest of the kinds), there are no separate
groups: any number is an arbitrary cut.

**Groups that are accounts.** Where accounts tell the groups, or differ in level and show none, the same is asked again of
posts measured from their own account's mean: accounts are no kinds of posts. Ten samples of nine posts in ten are put to
the same test, and the page says how many give the same answer.

**Then how many?** If there are groups, data are simulated with k of them, each like one group of the posts: where up to three
further groups leave less to explain than in 19 such simulations of each kind, k is too few (Kimes et al. 2017). The k must
also be stable in a split-half test (adjusted Rand index at least 0.8), and its smallest group must not be tiny. At most
2,000 posts are simulated. How often this is right stands in docs/validation.md.

**Other rules** are shown with what each is known to favour. The elbow is the k after which the gain drops
most; the Kneedle knee (Satopaa et al. 2011), the point farthest below the line between the ends, moves with the plotted
range; that is its nature, not a discovery (Schubert 2023, "Stop using the elbow criterion").

**Silhouette** compares each post's distance to its own cluster with the distance to the next one, from -1 to 1. The curve is
the mean on a sample of at most 3,000 posts that keeps each cluster's share. It favours few clusters and cannot say "one".

**The fits** are made from each other: forward by adding the centre that helps most, backward by merging the two that cost
least. Of more than 20,000 posts they are looked for among 20,000 and take two more steps over all; inertia, squared
silhouette and the other indices are of all posts. The time is what looking for each k took.
"""

PANEL: Panel[Settings, Curve] = Panel(
    api=2,
    id="elbow",
    title="Number of groups",
    summary="How many groups fit the data, and whether there are any: elbow, silhouette and a test against data without groups.",
    params=Settings,
    compute=inertia_curve,
    view=show,
    needs=Needs(metrics=1, posts=30, ignores=("cluster",)),
    group="Groups",
    slow=True,
    version="2",
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The elbow panel."""
    return [PANEL]
