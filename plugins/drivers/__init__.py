"""What drives it: everything that is known of the posts in one model, each with all else held equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.drivers.compute import Drivers, Settings, compute
from postlens.plugins.drivers.questions import findings, questions
from postlens.plugins.drivers.view import show

ABOUT = """
**What it shows.** Posts differ in many things at once: videos are posted on Fridays, with long captions and a question. This page
takes everything that is known of each post together and asks of each thing what is left of it when all the others are held
equal. Beside it stands what it looks like alone; where the two differ, something else was behind it.

**How.** One model: the metric on its scale, with a level of its own for each account and period, and the levels of all factors
together. A period is as short as the posts allow, from a day to twelve weeks. The error comes from how periods differ, and with
more than twelve accounts also from how accounts do; the one that reaches farther counts (CR2). Each level is compared with all
other posts, as on *Is it real?*.

**What counts.** The levels of a factor are corrected together (Holm), and each factor takes the share of false verdicts that the
same question has on other pages. Where a group follows how the posts before it did, or texts are posted again, the answer of *Is it real?*
must agree.

**Captions** are described by their length and by what stands in them: hashtags, a question, emoji, a mention, a link. No words are
looked for, so that it holds in any language.

**What it does not say.** That more of it would earn more. Budget, pictures, topics and news are in no column; whatever goes with a
factor and is not known is counted as its effect. Rates are taken as logarithms of (events + 1/2) / exposure, each post alike;
*Is it real?* weighs them by their exposure. Without dates nothing is allowed for that changes over time.
"""

PANEL: Panel[Settings, Drivers] = Panel(
    api=2,
    id="drivers",
    title="What drives it",
    summary="Everything known of the posts in one model: what is left of each when all else is equal?",
    params=Settings,
    compute=compute,
    view=show,
    needs=Needs(metrics=1, posts=1),
    questions=questions,
    findings=findings,
    version="3",
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [PANEL]
