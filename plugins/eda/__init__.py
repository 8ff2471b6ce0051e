"""Explore: what is in the data, how each metric behaves, and what differs by type, account and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.eda.compute import Exploration, Settings, explore
from postlens.plugins.eda.view import show

ABOUT = """
**What it shows.** The quality of the columns, a summary of every metric, its distribution, and its average by any
category and over time, each with its 95 % interval and the number of posts behind it.

**Why a geometric mean.** Engagement is close to log-normal: a few posts draw most of it, so the plain mean follows the
luckiest post. The geometric mean (of 1 + the count, less 1) is what a typical post earns. Median and plain mean are
one click away.

**Why within accounts.** Accounts differ by orders of magnitude. If the largest account posts mostly links, links look
good whatever their merit (Simpson's paradox). *Inside the same account* compares each account's posts with its own other
posts and averages over accounts, weighting each by n1 n0 / (n1 + n0).

**Intervals.** Student's t on the chosen scale; for the median, order statistics (binomial). They treat posts as
independent, except within accounts, where they are as wide as the spread between accounts demands and hold for all groups
together (Bonferroni). Weekdays and hours are compared with each account's usual level.

**Correlations** are Pearson's, of ln(1 + x), over the posts where both metrics are known.

**Outliers** are beyond 1.5 interquartile ranges from the quartiles (Tukey 1977). On heavy-tailed metrics that is a
description, not an error: none is removed.
"""

PANEL: Panel[Settings, Exploration] = Panel(
    api=2,
    id="eda",
    title="Explore",
    summary="What is in the data, how each metric behaves, and what differs by type, account and time.",
    params=Settings,
    compute=explore,
    view=show,
    needs=Needs(metrics=1, posts=1),
    version="2",
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The explore panel."""
    return [PANEL]
