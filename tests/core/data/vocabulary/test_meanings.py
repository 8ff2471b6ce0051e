"""What each number counts, in a sentence."""

from __future__ import annotations

import polars as pl

from postlens.core.contract import Measure
from postlens.core.contract.schema import Column, Schema
from postlens.core.data.vocabulary.meanings import meaning
from postlens.core.data.vocabulary.roles import NUMERIC, roles

REACH = Column(name="reach", label="Reach", kind="metric")
REACTIONS = Column(name="reactions", label="Reactions", kind="metric", made_of=("react_like", "react_love"))
LIKES = Column(name="react_like", label="Likes", kind="metric")
LOVE = Column(name="react_love", label="Love", kind="metric")
COMMENTS = Column(name="comments", label="Comments", kind="metric")
SUM = Column(
    name="engagements",
    label="Engagements",
    kind="metric",
    made_of=("reactions", "comments", "react_like", "react_love"),
)
RATE = Column(name="er_reach", label="Engagement rate by reach", kind="rate", fraction=("engagements", "reach"))
OWN = Column(name="attention", label="Attention", kind="metric")
COST = Column(name="cost", label="Cost", kind="metric")
SCHEMA = Schema(columns=(REACTIONS, LIKES, LOVE, COMMENTS, REACH, SUM, RATE, OWN, COST), posts=3)
MEASURES = {
    "cost": Measure(
        api=2, id="cost", label="Cost", value=pl.col("reach") * 2, formula="reach * 2", denominator=pl.col("comments")
    )
}


def test_every_number_of_the_vocabulary_says_what_it_counts() -> None:
    told = {name: role.meaning for name, role in roles().items() if role.type in NUMERIC}
    assert len(told) > 20
    assert all(text.endswith(".") for text in told.values()), told


def test_what_is_made_says_of_what() -> None:
    said = {c.name: meaning(c, SCHEMA, MEASURES) for c in SCHEMA.columns}
    assert said["engagements"] == "Reactions + comments, as far as a network reports them."
    assert said["er_reach"] == "Engagements divided by reach, of posts that know both."
    assert said["reactions"].endswith("Known here: likes and love.")
    assert said["cost"] == "reach * 2, a measure of this deployment, from reach and comments."
    assert said["attention"] == "A column of the files, as it is there."
    assert not meaning(Column(name="post_type", label="Type", kind="category"), SCHEMA, MEASURES)
