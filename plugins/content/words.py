"""The words of captions, and which posts have them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

MOST, MIN_POSTS, MIN_TEXTS, SHARE = 60, 20, 6, 0.9
_LINK = r"(?i)https?://\S+|\bwww\.\S+"
_MENTION = r"@[\w.]+"
_HASHTAG = r"[#＃]\w*\p{L}\w*"
_WORD = r"\p{L}[\p{L}\p{M}'’-]{2,}"
What = Literal["both", "hashtags", "words"]


def plain_text(text: pl.Expr) -> pl.Expr:
    """A caption in small letters without its links."""
    return text.str.to_lowercase().str.replace_all(_LINK, " ").str.replace_all("＃", "#")


def words_of(text: pl.Expr, what: What) -> pl.Expr:
    """Each post's different words and hashtags, in small letters; a hashtag is no word."""
    plain = plain_text(text).str.replace_all(_MENTION, " ")
    hashtags = plain.str.extract_all(_HASHTAG)
    words = plain.str.replace_all(_HASHTAG, " ").str.extract_all(_WORD)
    found = {"hashtags": hashtags, "words": words, "both": pl.concat_list(hashtags, words)}[what]
    return found.list.unique(maintain_order=True)


def frequent(table: pl.DataFrame) -> pl.DataFrame:
    """`word`, `posts`, `texts`: those worth asking about, the most frequent first.

    Args:
        table: `row`, `text`, `words` of each post.
    """
    counted = (
        table.lazy()
        .explode("words")
        .drop_nulls("words")
        .group_by(word="words")
        .agg(posts=pl.len().cast(pl.Int64), texts=pl.col("text").n_unique().cast(pl.Int64))
        .filter((pl.col("posts") >= MIN_POSTS) & (pl.col("texts") >= MIN_TEXTS) & (pl.col("posts") <= SHARE * table.height))
        .sort(["posts", "word"], descending=[True, False])
        .head(MOST)
    )  # fmt: skip
    return counted.collect()


def having(table: pl.DataFrame, words: pl.Series) -> np.ndarray:
    """Which posts have which words: 0 where they do, 1 where not, shape (posts, words)."""
    number = {word: i for i, word in enumerate(words)}
    codes = np.ones((table.height, len(number)), np.int64)
    if not number:
        return codes
    told = (
        table.select("row", "words")
        .explode("words")
        .drop_nulls("words")
        .filter(pl.col("words").is_in(list(number)))
        .with_columns(at=pl.col("words").replace_strict(number, return_dtype=pl.Int64))
    )
    codes[told["row"].to_numpy(), told["at"].to_numpy()] = 0
    return codes
