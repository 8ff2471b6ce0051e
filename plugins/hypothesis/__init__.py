"""Hypothesis test: is a difference between groups of posts real, chance, or not to be told yet?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.hypothesis.compute import compare
from postlens.plugins.hypothesis.settings import Comparison, Settings
from postlens.plugins.hypothesis.view import show

ABOUT = """
**The question.** Do posts of one group earn more of a metric than the others? The null hypothesis H0 says that the averages
are equal. The p-value is the chance of a difference at least as large as the one seen if H0 were true.

**Log scale by default.** Engagement is heavy-tailed, and on the raw scale Welch's test of unequal groups with no difference
rejects up to 16 times in 100 instead of 5. On ln(1 + x) it keeps to its 5, and the effect is a *ratio* of what typical posts
earn (geometric means of 1 + x).

**Inside accounts by default.** Where there are several accounts, each account's posts are compared with its own other posts,
and the differences are averaged with weights n1 n0 / (n1 + n0). Pooled comparisons are shown beside it; where the two point
in opposite directions (Simpson's paradox) the page says so.

**Posts of one account are not independent.** Inside accounts the standard error is the larger of the spread of posts and
the spread between accounts (Bell and McCaffrey 2002); pooled over 20 accounts or more it is clustered by account (Liang and
Zeger 1986). Pooled over fewer, no verdict is given: more accounts would settle it, not more posts. Welch's test (1947), which
treats posts as independent, is always in the table.

**Verdicts.** *Likely real*: p is at most 0.05. *Could be chance*: it is not, and the 95 % interval excludes every difference
of a fifth or more. *Too few posts to tell*: it is not, but such a difference is still possible. Where typical posts have fewer
than 10, plain means must agree before groups are called alike. Rates count in ten-thousandths on the log scale.

**How many posts would settle it** assumes that the true effect is the one seen, the mix of groups stays, and asks for 80 %
power at 5 % (two-sided).

**Circular groups.** Clusters differ on the metrics they were made from whether or not they are real groups, so no test is
offered for these metrics, only the size of the difference, and two questions that can be asked honestly. *A.* The groups are
made again without the metric, its parts, and what it is nearly made of (R squared at least 0.9), and compared then. *B.* The
whole clustering is repeated on imitation crowds without groups, 99 of each of two kinds; the larger p counts.

**Other ways to ask** (ranks, permutation, bootstrap, equivalence) are computed from the value counts and take posts as
independent; the answer above them allows for accounts.
"""

PANEL: Panel[Settings, Comparison] = Panel(
    api=2,
    id="hypothesis",
    title="Hypothesis test",
    summary="Is a difference between groups of posts real, chance, or not to be told yet?",
    params=Settings,
    compute=compare,
    view=show,
    needs=Needs(metrics=1, categories=1, posts=4),
    group="Evidence",
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The hypothesis panel."""
    return [PANEL]
