"""The metric registry: what each metric is called, its unit and, for rates, numerator and denominator."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

REACTION_KINDS = (
    "react_like",
    "react_love",
    "react_care",
    "react_wow",
    "react_haha",
    "react_sad",
    "react_angry",
    "react_dislike",
)
SUMMED = tuple(
    kind for kind in REACTION_KINDS if kind != "react_dislike"
)  # What counts as one where no total is given.
ENGAGEMENT_PARTS = ("reactions", "comments", "shares", "saves")
ENGAGEMENTS = "engagements"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A metric per post that divides one metric by another. Null where the denominator is null or 0."""

    name: str
    label: str
    numerator: str
    denominator: str

    @property
    def expression(self) -> pl.Expr:
        """The rate of each post, a share."""
        below = pl.col(self.denominator)
        return pl.when(below > 0).then(pl.col(self.numerator) / below).alias(self.name)


RATES = (
    Rate(name="er_reach", label="Engagement rate by reach", numerator=ENGAGEMENTS, denominator="reach"),
    Rate(
        name="er_impressions", label="Engagement rate by impressions", numerator=ENGAGEMENTS, denominator="impressions"
    ),
    Rate(name="er_views", label="Engagement rate by views", numerator=ENGAGEMENTS, denominator="views"),
    Rate(
        name="er_followers",
        label="Engagement rate by followers",
        numerator=ENGAGEMENTS,
        denominator="followers_at_post",
    ),
)


def engagement_parts(columns: set[str]) -> tuple[str, ...]:
    """The parts of engagements that a data set has; fewer than two and there is nothing to add up."""
    parts = tuple(part for part in ENGAGEMENT_PARTS if part in columns)
    return parts if len(parts) > 1 else ()


def engagements(parts: tuple[str, ...]) -> pl.Expr:
    """Reactions + comments + shares + saves, as far as the data set has them.

    Null where the first of them is null; the others count as nothing where a network does not report them.
    """
    total = pl.sum_horizontal(pl.col(part).cast(pl.Float64) for part in parts)
    whole = total.cast(pl.Int64, strict=False)
    return pl.when(pl.col(parts[0]).is_not_null()).then(whole).alias(ENGAGEMENTS)


def rates(columns: set[str]) -> tuple[Rate, ...]:
    """The rates whose numerator and denominator a data set has."""
    return tuple(rate for rate in RATES if rate.numerator in columns and rate.denominator in columns)
