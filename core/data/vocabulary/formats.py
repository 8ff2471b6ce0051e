"""Which export a table is: the formats of the networks and tools, told apart by the columns they have."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from postlens.core.contract.problems import fail
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import NONE, role_of
from postlens.core.data.vocabulary.tables import voted

Order = Literal["mdy", "dmy"]
MIN_KNOWN = 0.5  # Of a file's columns that a format must know.


class Format(BaseModel):
    """One export format; see formats.toml.

    Attributes:
        must: for each entry, one of these columns has to be there.
        known: further columns it has, without a role.
        prefixes: beginnings of names of further columns.
        roles: role to column names, the first that the file has.
        ignore: columns that say nothing about a post.
        window: columns that say which period the numbers are of; a date there means one row for each post and day.
        zone: the clock of times that name none.
        published_from: the ids hold the time: those of TikTok's links, or of X.
        account_from: where the link names the account.
        blank_is_zero: roles where the network leaves out zeros.
        description_row: the first row describes the columns.
        refuse: not posts, and what to export instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    label: str
    must: tuple[tuple[str, ...], ...]
    known: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    roles: dict[str, tuple[str, ...]] = {}
    ignore: tuple[str, ...] = ()
    window: tuple[str, ...] = ()
    platform: str = ""
    post_type: str = ""
    zone: str = ""
    date_order: Order | None = None
    published_from: Literal["", "tiktok", "x"] = ""
    account_from: str = ""
    blank_is_zero: tuple[str, ...] = ()
    description_row: bool = False
    refuse: str = ""

    def score(self, headers: Iterable[str]) -> float:
        """The share of the columns that this format knows, 0 to 1; 0 where one that it must have is missing."""
        have = [normal(h) for h in headers]
        if not have or not all(set(choice) & set(have) for choice in self.must):
            return 0.0
        own = {n for choice in self.must for n in choice} | {n for names in self.roles.values() for n in names}
        own |= {*self.known, *self.ignore, *self.window}
        found = sum(h in own or h.startswith(self.prefixes or ("\0",)) or role_of(h) is not None for h in have)
        return found / len(have)


class Recognised(BaseModel):
    """What a table was taken for, and why.

    Attributes:
        format: None for a table of no known format, read by its headers alone.
        score: the share of columns the format knows.
        next: the label of the next best format, if any.
        next_score: its share.
        guessed: its names are known from the interface's words, not from a format of that language.
    """

    model_config = ConfigDict(frozen=True)
    format: Format | None
    score: float = 0.0
    next: str = ""
    next_score: float = 0.0
    guessed: bool = False

    def __str__(self) -> str:
        if self.format is None:
            return "no known export, read by its column names"
        other = f"; next best {self.next}, {self.next_score:.0%}" if self.next else ""
        return f"{self.format.label} ({self.score:.0%} of the columns known{other})"


@cache
def formats() -> dict[str, Format]:
    """Every known format by its id."""
    table = tomllib.loads(files("postlens.core.data.vocabulary").joinpath("formats.toml").read_text("utf-8"))
    return {name: Format(id=name, **_normal_names(entry)) for name, entry in table.items()}


def _normal_names(entry: dict[str, Any]) -> dict[str, Any]:
    """Names of columns in the form in which headers are compared."""
    lists = ("known", "ignore", "window", "prefixes")
    changed: dict[str, Any] = {key: [normal(n) for n in entry[key]] for key in lists if key in entry}
    if "must" in entry:
        changed["must"] = [[normal(n) for n in choice] for choice in entry["must"]]
    if "roles" in entry:
        changed["roles"] = {role: [normal(n) for n in names] for role, names in entry["roles"].items()}
    return {**entry, **changed}


def recognise(headers: Iterable[str], name: str) -> Recognised:
    """The format that knows the largest share of the columns; of equals the one that asks for more of them.

    Raises:
        PostlensError: the table holds no posts, with what it is and what to export instead.
    """
    have = list(headers)
    scored = sorted(((f.score(have), len(f.must), f) for f in formats().values()), key=lambda t: t[:2], reverse=True)
    posts = _speaks_of_posts(have)
    likely = [(score, f) for score, _, f in scored if score >= MIN_KNOWN and not (posts and f.id in _OF_PEOPLE)]
    if not likely:
        return _by_vote(have)
    score, best = likely[0]
    if best.refuse:
        raise fail(
            f'"{name}" is {best.label}, not posts.',
            why=f"Its columns are {', '.join(have[:6])}.",
            hint=best.refuse,
        )
    other_score, other = likely[1] if len(likely) > 1 else (0.0, None)
    return Recognised(
        format=best, score=score, next=other.label if other else "", next_score=other_score if other else 0.0
    )


_OF_PEOPLE = frozenset({"audience", "follower_list"})


def _speaks_of_posts(headers: Iterable[str]) -> bool:
    """Whether there are names for a caption, its time and two numbers: then a post's author may have a gender, too."""
    named = {role_of(h) for h in headers}
    counts = {"reactions", "react_like", "comments", "shares", "views", "saves", "reach", "impressions", "clicks"}
    return "text" in named and bool(named & {"published", "published_date"}) and len(named & counts) >= 2


_FORMAT_OF = {
    "facebook": "meta_facebook",
    "instagram": "meta_instagram",
    "youtube": "youtube",
    "x": "x",
    "linkedin_page": "linkedin",
    "tiktok": "tiktok",
}
_ENOUGH = 5


def _by_vote(have: list[str]) -> Recognised:
    """A format in a language that formats.toml does not name, by the names of all its columns together.

    English names prove nothing: every tool and every hand-made table has them, and a format brings its own clock.
    """
    told = voted(have)
    if told.language == "en":
        return Recognised(format=None)
    name = next((n for n in formats() if n.startswith(_FORMAT_OF.get(told.network, "\0"))), "")
    if not name or told.known < max(_ENOUGH, len(have) // 3):
        return Recognised(format=None)
    if name.startswith("meta_") and "post_id" not in told.roles.values():
        return Recognised(format=None)  # Meta names each post's id, and brings the clock of Los Angeles.
    window = tuple(n for n, role in told.roles.items() if role == "window")
    plain = formats()[name].model_copy(update={"roles": {}, "window": window, "refuse": ""})
    return Recognised(format=plain, score=told.known / max(len(have), 1), guessed=True)


def overrides(found: Format | None, headers: Iterable[str], told: Mapping[str, str]) -> dict[str, str]:
    """Role to column: what the deployment says, then what the format knows better than the names alone."""
    by_name = {normal(h): h for h in reversed(list(headers))}
    chosen = dict(told)
    taken = {normal(h) for h in told.values()} | {
        normal(key.removeprefix(NONE)) for key in told if key.startswith(NONE)
    }
    for role, names in (found.roles if found else {}).items():
        first = next((by_name[n] for n in names if n in by_name and n not in taken), None)
        if role not in chosen and first is not None:
            chosen[role] = first
    return chosen
