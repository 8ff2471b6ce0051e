"""The same piece posted again: a text that stands a second time is no second piece of evidence for its kind.

Agencies post what they have again, at other times and on other accounts. A good text lifts each of its posts, so that twenty
posts of three texts tell of a type what three posts would. Then errors are clustered by text as well as by period.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.contract.schema import Schema
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


def _apart(piece: Numbers, stratum: Numbers, weight: Values) -> Values:
    """By what a residual from the mean of its stratum is multiplied to be one from the stratum's other pieces."""
    own = dense(stratum * (piece.max() + 1) + piece)
    of_piece = np.bincount(own, weight)[own]
    whole = np.bincount(stratum, weight)[stratum]
    others = np.maximum(whole - of_piece, 0.0)
    times = np.divide(whole, others, out=np.ones(len(weight)), where=others > _TINY * whole)
    found: Values = np.where(np.bincount(piece)[piece] > 1, times, np.sqrt(times))
    return found
