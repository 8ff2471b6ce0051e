"""The vocabulary's tables: names of columns by network and language, of tables that are no posts, words for types and months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from postlens.core.data.vocabulary.names import normal


def _rows(name: str) -> list[list[str]]:
    text = files("postlens.core.data.vocabulary").joinpath(name).read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line.split("\t") for line in lines[1:]]


@dataclass(frozen=True)
class Meaning:
    """What a column's name means in the exports of one network in one language."""

    role: str
    network: str
    language: str
    sure: str


@cache
def meanings() -> dict[str, tuple[Meaning, ...]]:
    """Every known meaning of a column name in its normal form."""
    found: dict[str, list[Meaning]] = defaultdict(list)
    for header, role, network, language, sure in _rows("headers.tsv"):
        found[normal(header)].append(Meaning(role, network, language, sure))
    return {name: tuple(all_) for name, all_ in found.items()}


@cache
def not_posts() -> dict[str, frozenset[str]]:
    """What tables that are no posts have as column names: the kinds of tables by normal name."""
    found: dict[str, set[str]] = defaultdict(set)
    for header, kind, _language in _rows("not_posts.tsv"):
        found[normal(header)].add(kind)
    return {name: frozenset(kinds) for name, kinds in found.items()}


@cache
def type_words() -> dict[str, str]:
    """The common word for what exports call types of posts, by normal form."""
    return {normal(word): kind for word, kind in _rows("types.tsv") if kind not in {"total", "lifetime"}}


@cache
def total_words() -> frozenset[str]:
    """What exports call rows of totals and averages, in lower case, as written and in normal form."""
    words = [word for word, kind in _rows("types.tsv") if kind == "total"]
    return frozenset({*(w.lower() for w in words), *map(normal, words)})


@cache
def months() -> dict[str, int]:
    """The number of a month by its name in lower case."""
    return {word: int(number) for number, word in _rows("months.tsv")}


@dataclass(frozen=True, kw_only=True)
class Voted:
    """Whose export a table seems to be, by its column names.

    Attributes:
        network, language: the group that knows the most names; empty where none knows three.
        roles: normal name to role, as that group means it, else as most groups do; `-` says nothing about a post.
        unsure: names known from the interface's words only.
        known: how many names the group knows.
    """

    network: str = ""
    language: str = ""
    roles: dict[str, str]
    unsure: frozenset[str] = frozenset()
    known: int = 0


def voted(headers: Iterable[str]) -> Voted:
    """Let all known names of a table decide together what each means."""
    names = list(dict.fromkeys(normal(h) for h in headers))
    table = meanings()
    votes: dict[tuple[str, str], float] = defaultdict(float)
    count: dict[tuple[str, str], int] = defaultdict(int)
    for name in names:
        for group in {(m.network, m.language) for m in table.get(name, ())}:
            votes[group] += 1 + 1 / len(table[name])
            count[group] += 1
    best = max(votes, key=lambda g: (votes[g], g), default=("", ""))
    roles, unsure = {}, set()
    for name in names:
        options = table.get(name, ())
        if not options:
            continue
        weight: dict[str, float] = defaultdict(float)
        for m in options:
            weight[m.role] += votes[(m.network, m.language)] + (100 if (m.network, m.language) == best else 0)
        role = max(weight, key=lambda r: (weight[r], r))
        roles[name] = role
        if all(m.sure == "translation" for m in options if m.role == role):
            unsure.add(name)
    found = count.get(best, 0)
    network, language = best if found >= 3 else ("", "")
    return Voted(network=network, language=language, roles=roles, unsure=frozenset(unsure), known=found)
