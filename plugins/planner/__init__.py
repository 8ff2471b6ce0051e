"""What to test: how many posts it takes to see an effect, a calendar that tests it fairly, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.planner.compute import Planned, compute
from postlens.plugins.planner.settings import Settings
from postlens.plugins.planner.view import show

ABOUT = """
**What it shows.** What a test of two kinds of posts would take here: how many posts and weeks until a difference of some size is seen
in four of five such tests, and a calendar to post by. When its last post is old enough, the same page says what came of it.

**How a test works.** Posts are planned in pairs, two slots of one account that follow each other. In each pair one is of each kind,
and a coin that the plan itself seeds decides which comes first. So season, trend and the usual week touch both kinds alike, and
what is left is luck: the spread of differences between neighbouring posts of the same account, measured in the posts before the
start, the kinds' own averages taken out. The test is a t-test of the pairs on the log scale, two-sided, at 5 %.

**One look, or every look.** Unless chosen otherwise, the result is read once, after the last slot and the days that posts take to collect. Until then only the number of posts
is said: whoever looks again and again and stops at a good moment finds something in chance alone. *At every look* the interval is wider
by what looking costs (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2022): it may be read each week, holds however often that is,
and a look that decides it may end the test. Run to its end it takes about twice the posts; of the tests that find something, half have done so before one that is read
once would be over.

**As planned and as done.** A post belongs to the slot of its day and account. As planned, it counts as what the calendar said; as
done, as what it was. Where the two differ, the calendar was not kept, and the first is the fair one; where fewer than half of the
slots have a post of the planned kind, nothing is read at all.

**The link is the plan.** With its first day chosen, the page's link holds the whole plan, and its fingerprint changes with any of it.
Register it before the first post goes out: then nobody can say later that something else was meant. The register keeps the plan, when it
was registered, and what came of it when its result was first read: confirmed, refuted, or not told. Each line of it has the
hash of the one before, so that a change by hand shows; a plan registered after its first day is said to be.

**What it does not say.** That the effect of the test will last, or hold for other accounts.
"""

PANEL: Panel[Settings, Planned] = Panel(
    api=2,
    id="planner",
    title="What to test",
    summary="How many posts and weeks a test takes here, a calendar for it, and what came of it.",
    params=Settings,
    compute=compute,
    view=show,
    dated=True,
    needs=Needs(columns=("published",), metrics=1, categories=1, posts=1),
    version="3",
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [PANEL]
