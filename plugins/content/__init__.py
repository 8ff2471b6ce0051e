"""What to say: the pillars, words and hashtags that go with more, all else equal and luck taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from postlens import CannotCompute, Context, DerivedColumn, FittedColumn, Needs, Panel, hookimpl
from postlens.plugins.content.by_pillar import COLUMN, column_of
from postlens.plugins.content.compute import Said, compute
from postlens.plugins.content.pillars import LABELS, by_label, pillar_of, pillars_of
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

**Pillars.** What your posts are about, in your own words: a line for each pillar with the words that tell it, as
`Recipes: recipe, cook*, bake off`. Case does not matter, a word counts as a whole and behind a `#` as well, `*` stands for any ending,
and the first line that fits counts; all other posts are `other`. In brackets stands a label that you gave posts in the network's or a
tool's own interface, where the export has it: `Recipes: recipe, [Dinner ideas]`. Each pillar is compared with all other posts, type and
weekday held equal. The pillars are a column, *Pillar*, by which every other page groups and filters; the link holds them, and
`[plugins.content]` in `config.toml` keeps them for everybody.

**Topics** are suggestions for pillars: words that stand together in captions. Named as a pillar, a topic stays as it is; found anew,
it changes with the posts. *Stable* is how much each half of the captions alone has the same topic.

**What it does not say.** That the word earns it. A word stands for what the post is about: the product, the offer, the event. Whoever
writes it under another post gets that post.
"""

PANEL: Panel[Settings, Said] = Panel(
    api=2,
    id="content",
    title="What to say",
    summary="The pillars, words and hashtags that go with more, all else equal and luck taken out.",
    params=Settings,
    compute=compute,
    view=show,
    needs=Needs(columns=("text",), metrics=1, posts=1),
    about=ABOUT,
)


def fit(_posts: pl.LazyFrame, params: Settings, ctx: Context) -> FittedColumn:
    """Each post's pillar. Nothing is learnt from the posts."""
    pillars = pillars_of(params.pillars)
    if not pillars:
        raise CannotCompute("no pillars are named.", "Write them under Pillars on the page What to say.")
    if "text" not in ctx.schema:
        return FittedColumn(expression=pl.lit(None, dtype=pl.String))
    labelled = LABELS in ctx.schema and by_label(pillars)
    return FittedColumn(
        expression=pillar_of(pillars, labelled=labelled), made_of=("text", *([LABELS] if labelled else []))
    )


PILLAR: DerivedColumn[Settings] = DerivedColumn(
    api=2,
    id=COLUMN,
    label="Pillar",
    params=Settings,
    fit=fit,
    levels=lambda params: column_of(pillars_of(params.pillars)).levels,
    panel="content",
)


@hookimpl
def postlens_columns() -> Sequence[DerivedColumn[Any]]:
    """The pillar of every post, for every panel."""
    return [PILLAR]


@hookimpl
def postlens_panels() -> Sequence[Panel[Any, Any]]:
    """The panel."""
    return [PANEL]
