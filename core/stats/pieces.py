"""The same piece posted again: a text that stands a second time is no second piece of evidence for its kind.

Agencies post what they have again, at other times and on other accounts. A good text lifts each of its posts, so that twenty
posts of three texts tell of a type what three posts would. Then errors are clustered by text as well as by period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.contract.schema import Schema
from postlens.core.stats.effect import Effect, tested
from postlens.core.stats.time import Design, Numbers, Values, clustered_variance, dense, leverage

PIECE = "|piece"  # No column of a file has such a name.
MAX_POSTS = 1_000_000  # Beyond, posts would have to be held to see which texts stand twice.
_LONG = 12  # Characters; shorter texts ("Live now") are no piece.
_SIGNS = r"https?://\S+|[\p{P}\p{S}\s]+"  # The same words with another link, or one more sign, are the same piece.
_TINY = 1e-9


def pieces(posts: pl.LazyFrame, schema: Schema) -> pl.Expr | None:
    """Each post's piece as a number of 64 bits: a hash of its text, null for short ones; None where there are no texts.

    Found once where `posts` have the column `|piece`.
    """
    if "text" not in schema or schema.posts > MAX_POSTS:
        return None
    have = posts.collect_schema()
    if PIECE in have:
        return pl.col(PIECE)
    if have.get("text") != pl.String:
        return None
    text = pl.col("text").str.to_lowercase().str.replace_all(_SIGNS, " ").str.strip_chars()
    return pl.when(text.str.len_chars() >= _LONG).then(text.hash())


def numbered(piece: pl.Series) -> Numbers | None:
    """Each cell's piece; a cell of posts that stand once is a piece of its own. None where no post stands again.

    Args:
        piece: of each cell, null for posts that stand once.
    """
    again = piece.is_not_null().to_numpy()
    if not again.any():
        return None
    found: Numbers = np.arange(len(piece), dtype=np.int64)
    found[again] = len(piece) + dense(piece.drop_nulls().to_numpy())
    return dense(found)


def texts(piece: Numbers, once: NDArray[np.bool_], posts: Values) -> float:
    """The effective number of texts of some posts: 1 / sum of squared shares; each post that stands once counts for itself.

    Args:
        piece: of each cell.
        once: whether its posts stand once.
        posts: of each cell.
    """
    total = float(posts.sum())
    of_piece = np.bincount(dense(piece[~once]), posts[~once]) if (~once).any() else np.zeros(0)
    squares = float((of_piece * of_piece).sum()) + float(posts[once].sum())
    return total * total / squares if squares > 0 else 0.0


def by_piece(
    piece: Numbers, made: Design, weight: Values, rest: Values, factor: float, by_period: float
) -> tuple[tuple[float, float], ...]:
    """The variance by piece, and by piece and period both, each with its degrees of freedom.

    A piece pulls the mean of each stratum it stands in towards itself, which would hide how far it is from others: residuals are
    those from the other pieces of the stratum, as in a jackknife; those of single posts have the size of independent errors.

    Source: Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29, 238-249.
    """
    lever = leverage(made.left, made.info, weight, piece)
    single = leverage(made.left, made.info, weight, piece * (made.strata.period.max() + 1) + made.strata.period)
    rest = rest * _apart(piece, made.strata.stratum, weight)
    alone, common = (factor * clustered_variance(one, made.left, made.info, weight, rest) for one in (lever, single))
    return (alone, lever.df), (by_period + alone - common, min(lever.df, made.lever.df))


def between_texts(
    effects: Sequence[Effect],
    text: Numbers,
    stratum: Numbers,
    value: Values,
    has: NDArray[np.bool_],
    beside: Values,
) -> list[Effect]:
    """Effects of what texts say, with errors that tell how whole texts differ; as they are where hardly any text stands again.

    What is told by the text is the same in all its posts: of a word, twenty posts of three texts tell what three posts would.
    Each text is its mean distance from the other posts of its strata. Of these means, weighted by their posts, all things
    together are a regression, whose error (HC3) counts where it is the larger one. What texts cannot tell apart is not told.

    Args:
        effects: one for each thing that texts have or not.
        text: each post's text, as any whole number.
        stratum: each post's account and period, as any whole number.
        value: of each post, on the scale.
        has: which posts have which of the things, shape (posts, effects).
        beside: what else the effects are held equal in, as numbers, shape (posts, columns).

    Source: MacKinnon and White (1985), J. Econometrics 29, 305-325.
    """
    text, stratum = dense(text), dense(stratum)
    if text.max(initial=-1) + 1 > _MOSTLY_ONCE * len(text):
        return list(effects)
    inside = np.bincount(stratum)[stratum]
    mean = np.bincount(stratum, value)[stratum] / inside
    kept = inside > 1
    rest = (value[kept] - mean[kept]) * inside[kept] / (inside[kept] - 1)
    posts = np.bincount(text[kept], minlength=int(text.max()) + 1).astype(float)
    known = posts > 0

    def of_text(column: Values) -> Values:
        means: Values = np.bincount(text[kept], column, len(posts))[known] / posts[known]
        return means

    columns = [np.ones(int(known.sum())), *(of_text(c[kept].astype(float)) for c in (*has.T, *beside.T))]
    variance, spare = _between(np.column_stack(columns), posts[known], of_text(rest))
    return [_widened(one, variance[1 + i], spare) for i, one in enumerate(effects)]


def _between(columns: Values, posts: Values, of_text: Values) -> tuple[Values, int]:
    """The variance of each column's coefficient among texts, infinite where texts do not tell it; and degrees of freedom."""
    weighted = columns * posts[:, None]
    whole = columns.T @ weighted
    bread = np.linalg.pinv(whole, hermitian=True)
    rank = int(np.linalg.matrix_rank(whole, hermitian=True))
    pull = bread @ weighted.T
    left = np.maximum(1 - np.einsum("ij,ji->i", columns, pull), _TINY)
    away = (of_text - columns @ (pull @ of_text)) / left
    variance: Values = (pull * away) ** 2 @ np.ones(len(posts))
    told = np.abs(np.diag(bread @ whole) - 1) < _TOLD
    return np.where(told, variance, np.inf), len(posts) - rank


def _widened(effect: Effect, variance: float, spare: int) -> Effect:
    if effect.untold:
        return effect
    if spare < _FEWEST_SPARE or not np.isfinite(variance):
        return Effect(untold="posts", posts=effect.posts)
    made = tested(effect.estimate, variance, spare) if variance > 0 else effect
    if made.log_p <= effect.log_p:
        return effect
    return replace(effect, se=made.se, df=made.df, log_p=made.log_p, low=made.low, high=made.high, clustered="piece")


_MOSTLY_ONCE, _FEWEST_SPARE, _TOLD = 0.9, 5, 1e-6


def _apart(piece: Numbers, stratum: Numbers, weight: Values) -> Values:
    """By what a residual from the mean of its stratum is multiplied to be one from the stratum's other pieces."""
    own = dense(stratum * (piece.max() + 1) + piece)
    of_piece = np.bincount(own, weight)[own]
    whole = np.bincount(stratum, weight)[stratum]
    others = np.maximum(whole - of_piece, 0.0)
    times = np.divide(whole, others, out=np.ones(len(weight)), where=others > _TINY * whole)
    found: Values = np.where(np.bincount(piece)[piece] > 1, times, np.sqrt(times))
    return found
