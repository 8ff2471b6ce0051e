"""What to say: the words and hashtags that go with more, all else equal and luck taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postlens import Needs, Panel, hookimpl
from postlens.plugins.content.compute import Said, compute
from postlens.plugins.content.settings import Settings
from postlens.plugins.content.view import show

ABOUT = """
**What it shows.** The words and hashtags that many captions share, and how much more or less posts with each of them get than
posts of the same account and period without it, when type, weekday and all the other words on the list are held equal.

**Luck taken out.** Of sixty words the best one looks good by luck alone. Each effect is drawn towards none by as much as luck
spreads such effects (Morris 1983), and where they differ by no more than luck would make them, all stand at none. Verdicts are
controlled together over all words (Benjamini and Hochberg).

**Which words.** Those of at least twenty posts and six different texts, in at most nine posts of ten, the most frequent first.
Case does not matter; links and mentions are left out. Words are what stands between blanks and signs, so languages written
without blanks have hashtags only.

**What it does not say.** That the word earns it. A word stands for what the post is about: the product, the offer, the event. Whoever
writes it under another post gets that post.
"""

PANEL: Panel[Settings, Said] = Panel(
    api=2,
    id="content",
    title="What to say",
    summary="The words and hashtags that go with more, all else equal and luck taken out.",
    params=Settings,
    compute=compute,
    view=show,
    needs=Needs(columns=("text",), metrics=1, posts=1),
    about=ABOUT,
)


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [PANEL]
