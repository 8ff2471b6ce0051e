"""What captions are about, found by the words that stand together: suggestions, from which an agency names its pillars."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl

_MOST_TEXTS = 5_000
_MOST_TOPICS, _TEXTS_EACH, _WORDS = 8, 40, 5
_LEAST_TEXTS = 3 * _TEXTS_EACH
_SHARE = 0.1  # Words of more posts than that are of the language, not of a topic.
_FEWEST = 5  # Texts of a word.
_LETTERS = 4
_STABLE = 0.5
_SCHEMA = {"topic": pl.String, "posts": pl.Int64, "stable": pl.Float64, "line": pl.String}


def topics(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """`topic` (its words), `posts` (with any of them), `stable` (0 to 1), `line` (a pillar of these words), the most stable first.

    TF-IDF of words and hashtags, taken apart into topics (non-negative matrix factorisation, Lee and Seung 1999, Nature 401,
    788-791). Each half of the texts is taken apart again by itself: `stable` is the likeness (cosine) of a topic's words with those
    of the most alike topic of a half, each of which is taken once, the mean of both. Those below 0.5 are left
    out. Empty where there are too few texts.

    Args:
        table: `text` (any number for each text) and `words` (its different words and hashtags) of each post.
        seed: of which texts, and of the halves.
    """
    texts = table.group_by("text", maintain_order=True).agg(pl.col("words").first(), posts=pl.len())
    texts = texts.filter(pl.col("words").list.len() > 0)
    if texts.height > _MOST_TEXTS:
        texts = texts.sample(_MOST_TEXTS, seed=seed)
    number = min(_MOST_TOPICS, texts.height // _TEXTS_EACH)
    weights, words = _weighted(texts["words"].to_list()) if texts.height >= _LEAST_TEXTS else (None, [])
    if weights is None or len(words) < 2 * number:
        return pl.DataFrame(schema=_SCHEMA)
    of_word = _apart(weights, number)
    order = np.random.default_rng([seed, 7]).permutation(texts.height)
    halves = [_apart(weights[half], number) for half in (order[: len(order) // 2], order[len(order) // 2 :])]
    stable = np.mean([_likeness(of_word, half) for half in halves], axis=0)
    rows = []
    for k in range(number):
        said = [words[j] for j in np.argsort(-of_word[k], kind="stable")[:_WORDS] if of_word[k, j] > 0]
        if stable[k] >= _STABLE and _together(texts["words"], said):
            posts = int(_of(table["words"], said).gt(0).sum())
            line = f"{said[0].lstrip('#').capitalize()}: {', '.join(said)}"
            rows.append((", ".join(said), posts, float(stable[k]), line))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort(["stable", "topic"], descending=[True, False])


def _of(texts: pl.Series, words: list[str]) -> pl.Series:
    """How many of some words each text has."""
    return texts.list.set_intersection(words).list.len()


def _together(texts: pl.Series, words: list[str]) -> bool:
    """Whether words stand in the same texts more than luck would have it, though the likeliest were picked."""
    share = [int(texts.list.contains(word).sum()) / len(texts) for word in words]
    pairs = len(texts) * sum(a * b for i, a in enumerate(share) for b in share[:i])
    return bool(_of(texts, words).gt(1).sum() > pairs + 4 * pairs**0.5 + 4)


def _weighted(texts: list[list[str]]) -> tuple[np.ndarray | None, list[str]]:
    """TF-IDF of the words that may tell topics, texts by words; None where there are none."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(
        analyzer=lambda words: [w for w in words if len(w) >= _LETTERS],
        min_df=_FEWEST,
        max_df=_SHARE,
        max_features=2_000,
        sublinear_tf=True,
    )
    try:
        weights = vectors.fit_transform(texts)
    except ValueError:  # No word is left.
        return None, []
    return weights, list(vectors.get_feature_names_out())


def _apart(weights: np.ndarray, number: int) -> np.ndarray:
    """Topics by words."""
    from sklearn.decomposition import NMF

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # That it has not converged: topics are suggestions, and their stability is said.
        model = NMF(number, init="nndsvda", random_state=0, max_iter=150)
        model.fit(weights)
    topics_: np.ndarray = model.components_
    return topics_


def _likeness(topics_: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each topic, the cosine with its partner among others."""
    from scipy.optimize import linear_sum_assignment

    one, other = (m / np.maximum(np.linalg.norm(m, axis=1, keepdims=True), 1e-12) for m in (topics_, others))
    cosine = one @ other.T
    _, partner = linear_sum_assignment(-cosine)
    likeness: np.ndarray = cosine[np.arange(len(one)), partner]
    return likeness
