"""Who does well: accounts among their peers, and how far their ranks could be luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.benchmark.compute import Settings, Standing, compute
from postlens.plugins.benchmark.view import show

ABOUT = """
**What it shows.** Each account's typical post beside that of its peers: the accounts of the same network, and where followers
are known of about the same size. Its percentile is the share of the peers that it is above.

**Why so wide.** A league table makes ranks of luck: of ten equal accounts one is first. Each level is first drawn towards the
mean of its peers by as much as luck spreads them, and its percentile comes with the range that it could have (Goldstein and
Spiegelhalter 1996). Only what is above 97.5 % sure counts as ahead.

**The level** is that of the typical post, a geometric mean, with an error that allows for posts of one week being alike. It is the
level of this period: levels wander, and who is ahead in one half-year need not be in the next.

**Rates or counts.** Counts follow the number of followers; an engagement rate is fairer between accounts of different size, and
even rates fall as accounts grow. So where followers are known the size of the peers matters.

**What it does not say.** Why an account is ahead. Networks, audiences, budgets and what is posted differ; *What drives it* holds
the types and captions equal. The peers are the accounts of these posts, not the market.
"""

PANEL: Panel[Settings, Standing] = Panel(
    api=2,
    id="benchmark",
    title="Who does well",
    summary="Each account among its peers: who is ahead, and how far the rank could be luck.",
    params=Settings,
    compute=compute,
    view=show,
    needs=Needs(columns=("account_name",), metrics=1, posts=1),
    version="2",
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [PANEL]
