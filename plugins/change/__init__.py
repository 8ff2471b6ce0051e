"""What changed: a period against another, the change split into more posts, other kinds of posts, and more for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.change.compute import Change, compute
from postlens.plugins.change.questions import findings, questions
from postlens.plugins.change.settings import Settings
from postlens.plugins.change.view import show

ABOUT = """
**What it shows.** The total of a metric in a period and in an equally long one before it, and what the change is made of:
*more or fewer posts*, *other kinds of posts* (more of the accounts, networks and types that get much, or of those that get
little), and *each kind getting more or less*. The three sum to the change exactly.

**How it is split.** A total is the number of posts, times the shares of the kinds, times what a post of each kind gets on
average. Each of the three counts by what it changes on average over all orders in which they may change (Shapley values). A
kind is an account, network and type together; one that is new or gone is taken to have got then what it gets now.

**What is usual.** From one period to the next totals change without anything behind it. The page goes back a week at a time
and looks how much earlier periods differed, for the total and for each part; 95 of 100 changes lie within the usual range
where nothing happens. A change beyond it is called *likely real*; the three parts are judged together (Holm). With less than
about half a year of posts for periods of four weeks nobody can say what is usual, and the page says so.

**What it does not say.** Why. A holiday, a budget, a news story or a changed algorithm move totals as much as better posts do.

**Which posts.** Those of the newest days still collect engagement, so neither period has them. Posts that do not know the
metric do not count; where a network knows it in one period only, because it counts anew or the file is another, its posts are
left out of both, and the page says so.
"""

PANEL: Panel[Settings, Change] = Panel(
    api=2,
    id="change",
    title="What changed",
    summary="A period against the one before: is the change more than usual here, and what is it made of?",
    params=Settings,
    compute=compute,
    view=show,
    needs=Needs(columns=("published",), metrics=1, posts=1),
    questions=questions,
    findings=findings,
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [PANEL]
