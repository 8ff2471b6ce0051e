"""When to post: does the weekday or the hour matter at all here, and where it does, how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.timing.compute import Settings, Timing, compute
from postlens.plugins.timing.view import show

ABOUT = """
**What it shows.** First whether weekdays and hours differ at all, within accounts and weeks and adjusted for the type of the
posts: the same comparisons as on *Explore* and *Is it real?*. Only where they do, how much: every weekday or hour drawn towards
none by as much as luck spreads them.

**Why there is often no best time.** A week has 168 hours. With some hundred posts the best of them looks several times the
average by luck alone. A table of such averages is a picture of noise, and this page does not draw it.

**Drawn towards none.** The best of many is on average a lucky one. Each effect keeps the share of itself that differences beyond
luck have of all differences (Efron and Morris 1975). Weekday and hour are taken to add up; that is assumed, not tested.

**The clock** is the client's time zone, summer time allowed for. Where followers live elsewhere, their hours differ.

**What it does not say.** That moving a post to a better hour earns the difference: who posts at that hour may be another team,
with other budgets. The planner of a test would tell.
"""

PANEL: Panel[Settings, Timing] = Panel(
    api=2,
    id="timing",
    title="When to post",
    summary="Does the weekday or the hour matter at all here? Only where it does: how much.",
    params=Settings,
    compute=compute,
    view=show,
    needs=Needs(columns=("published", "weekday"), metrics=1, posts=1),
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [PANEL]
