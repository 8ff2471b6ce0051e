"""An agency's own pillars: what posts are about, told by words that it names once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from postlens.plugins.content.words import plain_text

OTHER, LABELS = "other", "labels"
MOST_PILLARS, MOST_WORDS = 20, 400
_WITHIN = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)  # Written without blanks, or with endings.
_EDGE = r"[^\p{L}\p{M}\p{N}_]"

Pillars = Mapping[str, tuple[str, ...]]


def pillars_of(rules: str) -> Pillars:
    """Each pillar's words, in the order in which they are asked; `#` begins a line that is a remark.

    Args:
        rules: a line for each pillar, `Recipes: recipe, cook*, bake off, [dinner]`; in brackets stands a label of the network's.

    Raises:
        ValueError: a line cannot be understood; says which and why.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(rules.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, rest = (part.strip() for part in line.partition(":"))
        words = tuple(dict.fromkeys(word for w in rest.split(",") if (word := " ".join(w.split()).lower()).strip("*")))
        if not colon or not name or not words:
            raise ValueError(
                f'line {number}, "{line.strip()[:40]}", is no pillar. Write "Recipes: recipe, cook*, bake off"'
            )
        if name.lower() == OTHER:
            raise ValueError(f'line {number}: "{OTHER}" is what all posts without a pillar are called')
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *words)))
    if len(found) > MOST_PILLARS or sum(map(len, found.values())) > MOST_WORDS:
        raise ValueError(f"{len(found)} pillars are too many: up to {MOST_PILLARS}, of {MOST_WORDS} words together")
    return found


def pillar_of(pillars: Pillars, *, labelled: bool = False) -> pl.Expr:
    """Each post's first pillar that a word of its caption or a label names; `other` where none does, null without caption and label.

    Args:
        pillars: the rules.
        labelled: the posts have a column of labels.
    """
    text = pl.col("text").cast(pl.String)
    plain = plain_text(text)
    labels = pl.col(LABELS).cast(pl.String).str.to_lowercase() if labelled else pl.lit(None, dtype=pl.String)
    found = pl.when(text.is_null() & labels.is_null()).then(pl.lit(None, dtype=pl.String))
    for name, words in pillars.items():
        said = [word for word in words if not _LABEL.fullmatch(word)]
        named = [word[1:-1].strip() for word in words if _LABEL.fullmatch(word)]
        fits = [plain.str.contains(_pattern(said))] if said else []
        fits += [labels.str.contains(rf"(?:^|[,;|])\s*{_any_of(named)}\s*(?:$|[,;|])")] if named else []
        found = found.when(pl.any_horizontal(one.fill_null(False) for one in fits)).then(pl.lit(name))  # type: ignore[assignment]
    return found.otherwise(pl.lit(OTHER))


_LABEL = re.compile(r"\[[^\[\]]+\]")


def by_label(pillars: Pillars) -> bool:
    """Whether any rule names a label."""
    return any(_LABEL.fullmatch(word) for words in pillars.values() for word in words)


def _pattern(words: Sequence[str]) -> str:
    """Any of some words as a whole, also behind a `#`; with `*` what begins so. Of languages without blanks, wherever it stands."""
    within = [word for word in words if _WITHIN.search(word)]
    begun = [word for word in words if word.endswith("*") and word not in within]
    whole = [word for word in words if word not in {*within, *begun}]
    ways = [
        *([rf"(?:^|{_EDGE}){_any_of(whole)}(?:$|{_EDGE})"] if whole else []),
        *([rf"(?:^|{_EDGE}){_any_of(begun)}"] if begun else []),
        *([_any_of(within)] if within else []),
    ]
    return "|".join(ways)


def _any_of(words: Sequence[str]) -> str:
    return "(?:" + "|".join(re.escape(word.strip("*")).replace(r"\ ", r"\s+") for word in words) + ")"
