"""What a column of a post table means, and which header names say so."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from postlens.core.contract.problems import Problem, nearest
from postlens.core.contract.raw_table import MAX_NAME
from postlens.core.data.vocabulary.names import core_name, normal, spellings
from postlens.core.data.vocabulary.tables import Voted, meanings, voted
from postlens.core.data.vocabulary.telling_names import OF_AUTHOR

RoleType = Literal["id", "category", "time", "text", "flag", "count", "number", "rate", "seconds"]
NUMERIC: frozenset[str] = frozenset({"count", "number", "rate", "seconds"})


@dataclass(frozen=True, kw_only=True)
class Role:
    """One meaning a column can have, with its label, type, unit and known header names, and of a number what it counts."""

    name: str
    label: str
    type: RoleType
    unit: str = ""
    aliases: tuple[str, ...] = ()
    meaning: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.type in NUMERIC


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Which column plays which role.

    Attributes:
        roles: role name to header, as written in the file.
        extra: headers that play no known role, in file order.
        contested: header to the role it also claimed, lost to another column.
        unsure: headers whose meaning is known from the interface's words only.
        voted: whose export the names suggest.
        none: headers that somebody said have no role.
    """

    roles: dict[str, str]
    extra: tuple[str, ...]
    contested: dict[str, str]
    unsure: tuple[str, ...] = ()
    voted: Voted = field(default_factory=lambda: Voted(roles={}))
    none: frozenset[str] = frozenset()


NONE = "-"  # Before a column's name in place of a role: it has none.


@cache
def roles() -> dict[str, Role]:
    """Every known role by name, in display order."""
    table = tomllib.loads(files("postlens.core.data.vocabulary").joinpath("roles.toml").read_text("utf-8"))
    return {
        name: Role(
            name=name,
            label=entry["label"],
            type=entry["type"],
            unit=entry.get("unit", ""),
            aliases=tuple(entry["aliases"]),
            meaning=entry.get("meaning", ""),
        )
        for name, entry in table.items()
    }


@cache
def _role_by_alias() -> dict[str, str]:
    by_alias = {normal(alias): role.name for role in roles().values() for alias in role.aliases}
    return by_alias | {normal(name): name for name in roles()}


@cache
def _role_by_core() -> dict[str, str]:
    """What names mean without words for "number of" and articles, where nearly all that are known mean the same."""
    told: dict[str, Counter[str]] = {}
    for name, known in meanings().items():
        told.setdefault(core_name(name), Counter()).update(_STORED_AS.get(m.role, m.role) for m in known)
    for alias, role in _role_by_alias().items():  # Names of their own count for all networks.
        told.setdefault(core_name(alias), Counter())[role] += 100
    clear = {name: roles.most_common(1)[0] for name, roles in told.items() if name}
    return {n: role for n, (role, times) in clear.items() if role in _BY_CORE and times >= 0.8 * told[n].total()}


def role_of(header: str) -> str | None:
    """The role a header claims by itself, or None."""
    if len(header) > MAX_NAME:
        return None
    table = _role_by_alias()
    return next((table[name] for name in spellings(header) if name in table), None)


_OF_A_PART = re.compile(
    r"[(\[](?:[^()\[\]]*\W)?(?:change|diff\w*|delta|average|avg|mean|median|negative|positive|paid|unique|prev\w*|last|first|goal|target|plan\w*|ziel\w*|soll|objecti\w*|objeti\w*|obiettiv\w*|doel\w*|cel|hedef|rank|benchmark|vs|"
    r"(?:ver)?anderung|durchschnitt|moyenne|promedio|media|bezahlt|paye\w*|pagad\w*|pago|negativ\w*|betal[dt]|betaald\w*|p[l\u0142]atn\w*|placen\w*|a pagamento|ucretli|odenmi\w*|maksettu|fizetett|platit\w*|vorperiode|vorheriger?\w*|"
    r"anterior\w*|precedent\w*|vorige\w*|poprzedni\w*|foregaende|forrige|predchoz\w*|predosl\w*|edellinen|elozo|onceki|"
    r"\u043f\u043b\u0430\u0442\u043d\w*|\u043f\u0440\u0435\u0434\u044b\u0434\u0443\u0449\w*|\u043f\u043e\u043f\u0435\u0440\u0435\u0434\w*|\u6709\u6599|\u4ed8\u8d39|\u4ed8\u8cbb|\u524d\u671f|\u524d\u56de|\u4e0a\u671f|\uc720\ub8cc|\uc774\uc804|\u0645\u062f\u0641\u0648\u0639\w*|"
    r"\d+\s?(?:s|sec\w*|sek\w*|h|hrs?|hours?|d|days?))"
    r"(?:\W[^)\]]*)?[)\]]"
)
_NO_CAPTION = re.compile(
    r"\b(alt|alternativ\w*|first comment|erster kommentar|premier commentaire|primer comentario|bildbeschreibung)\b"
)


def no_caption(header: str) -> bool:
    """Whether a name speaks of a text beside a post's own: what a picture shows, the first comment."""
    return _NO_CAPTION.search(normal(header)) is not None


_COUNTED = re.compile(r"^n |\b(?:count|counts|number of|num|total|anzahl|nombre de|numero de|cantidad|aantal)\b")


def role_by_core(header: str) -> str | None:
    """The role of the name that is left without what tools and languages put around it, or None.

    Of a change, an average or a part, which brackets name, it is none: `Likes (change)`, `Reach (paid)`.
    """
    if len(header) > MAX_NAME or _OF_A_PART.search(normal(header)):
        return None
    role = _role_by_core().get(core_name(header)) or _counted_without_gaps(header) or _of_the_video(header)
    role = role or _in_seconds(header)
    if role is not None and not roles()[role].numeric and _COUNTED.search(normal(header)):
        return None  # `videos_count` is no video's id.
    return None if role is not None and "%" in header and roles()[role].type == "count" else role


_STEMS = {
    "react_like": "like liked digg fav favorite favourite favorited up upvote",
    "comments": "comment commented comm reply replie",
    "shares": "share shared retweet rt repost forward",
    "views": "view play",
    "saves": "save saved bookmark bookmarked collect collected",
}
_ROLE_BY_STEM = {stem: role for role, stems in _STEMS.items() for stem in stems.split()}
_WITHOUT_GAPS = re.compile(
    rf"^(?:video|post|media|tweet|reel|item)?({'|'.join(_ROLE_BY_STEM)})s?(?:count|num|cnt|numeric|rounded|total){{1,2}}$"
)


def _counted_without_gaps(header: str) -> str | None:
    """The role of a count of the post's own whose name is one word, or has the post before it: `videolikecount`, `up_num`."""
    found = _WITHOUT_GAPS.match(re.sub(r"[^a-z]", "", normal(header)))
    return None if found is None else _ROLE_BY_STEM[found[1]]


def _in_seconds(header: str) -> str | None:
    """The role of a length or time with its unit behind: `avg_watch_time_seconds`."""
    found = re.match(r"^(?:video )?(.+?) (?:seconds?|secs?|s)$", normal(header))
    role = None if found is None else _role_by_alias().get(found[1]) or _role_by_core().get(core_name(found[1]))
    return role if role is not None and roles()[role].type == "seconds" else None


def _of_the_video(header: str) -> str | None:
    """The role of a count with the post's kind before it: `video_comment`, `note_like`."""
    found = re.match(r"^(?:video|note|aweme|reel|tweet)[\s_.](\w+?)s?$", normal(header))
    return None if found is None else _ROLE_BY_STEM.get(found[1])


# Of columns that claim one role, these give way: a tool's own id beside the post's, a short name beside a full one.
_GIVES_WAY = (
    *("id", "uuid", "index", "type", "date", "time", "timestamp", "link", "title"),
    *(
        "created",
        "created at",
        "created time",
        "create time",
        "creation date",
        "date created",
        "scheduled",
        "scheduled at",
    ),
    *("updated at", "modified", "imported at", "exported at"),
)


def match(headers: Iterable[str], overrides: Mapping[str, str] | None = None) -> Matched:
    """Give every column its role: the overrides first, then known names; the first column wins, a vague name gives way.

    Args:
        headers: the header names of the file.
        overrides: role to header, from `[data.columns]`; a header of `""` means "no column". `NONE` before a header in place
            of a role means that this column has none, whatever its name.
    """
    names = list(headers)
    without = {normal(key.removeprefix(NONE)) for key in overrides or {} if key.startswith(NONE)}
    none = frozenset(header for header in names if normal(header) in without)
    by_normal = {normal(name): name for name in reversed(names)}
    taken: dict[str, str] = {}
    for role, header in (overrides or {}).items():
        if header and normal(header) in by_normal:
            taken[role] = by_normal[normal(header)]
    blocked = {role for role in overrides or {} if not role.startswith(NONE)}
    told = voted(names)
    before = _one_network(names)
    claims: dict[str, list[str]] = {}
    extra: list[str] = []
    for header in names:
        if header in taken.values():
            continue
        role_name = _claimed(header, told) or (_beyond(header, before) if _begins(header, before) else None)
        role_name = None if header in none or (role_name == "text" and no_caption(header)) else role_name
        if role_name is not None and of_another(header, role_name):
            role_name = None
        if role_name is None or role_name in blocked:
            extra.append(header)
        else:
            claims.setdefault(role_name, []).append(header)
    liked = [h for h in extra if "react_like" in taken and h not in none and _claimed(h, told) == "react_like"]
    extra += _by_company(claims, liked="react_like" in taken, saved="saves" in taken, further=liked)
    extra = [h for h in extra if h not in claims.get("saves", ())]
    others = [h for h in extra if h not in none]
    contested: dict[str, str] = {h: r for h in others if (r := _claimed(h, told)) is not None and r in blocked}
    for role_name, claiming in claims.items():
        winner = min(claiming, key=lambda h: (*_vague(h, role_name), names.index(h)))
        taken[role_name] = winner
        contested |= {h: role_name for h in claiming if h != winner}
    _swap_for_reddit(names, taken, contested)
    for header in others:  # The account by its plain name, where the export's own column for it is not there.
        if "account_name" not in {*taken, *blocked} and role_of(header) == "account_name":
            taken["account_name"] = header
    chosen = set(taken.values())
    unsure = tuple(h for h in names if h in chosen and normal(h) in told.unsure and role_of(h) is None)
    return Matched(
        roles=taken,
        extra=tuple(h for h in names if h not in chosen),
        contested=contested,
        unsure=unsure,
        voted=told,
        none=none,
    )


def _swap_for_reddit(names: Sequence[str], taken: dict[str, str], contested: dict[str, str]) -> None:
    """On Reddit a post has a title and a text, and `url` is what it leads to, which may be anywhere."""
    if not any(normal(name).startswith("subreddit") for name in names):
        return
    for role, plain, wanted in (("text", "title", _TEXTS_OF_REDDIT), ("url", "url", ("permalink", "full link"))):
        first = taken.get(role, "")
        other = next((h for h, r in contested.items() if r == role and normal(h) in wanted), None)
        if normal(first) == plain and other is not None:
            taken[role] = other
            del contested[other]
            if role == "text":
                taken["title"] = first
            else:
                contested[first] = role


_TEXTS_OF_REDDIT = ("selftext", "body", "text", "post text")
_OF_NETWORKS = ("instagram", "facebook", "tiktok", "youtube", "linkedin", "twitter")


def _begins(header: str, word: str) -> bool:
    return word != "" and re.match(rf"(?i){word}[\s_.-]", header) is not None


def _beyond(header: str, word: str) -> str | None:
    """What a name means without the network before it."""
    rest = header[len(word) :].removesuffix(".value").strip(" _.-")
    return role_of(rest) or role_by_core(rest)


def _one_network(names: Sequence[str]) -> str:
    """The network that stands before names of columns, as in "Instagram Likes"; empty for none, or where a table is of several."""
    found = [word for word in _OF_NETWORKS if sum(_begins(name, word) for name in names) > 0]
    return found[0] if len(found) == 1 else ""


def of_another(header: str, role: str) -> bool:
    """Whether a number or id within an object belongs to it, not to the post: `author.likes`, `music.id`."""
    own = roles()[role].numeric or role in {"post_id", "url", "text", "title", "published"}
    return own and OF_AUTHOR.match(normal(header)) is not None


_PLAIN = {"react_like": ("likes",)}
# What stands in brackets may make another thing of a number; what tools put there without changing it may not.
_IN_BRACKETS = re.compile(r"[(\[](?!(?:total|organic|all|lifetime|sum|count|s|sec\w*|sek\w*|min\w*|h|hours?)[)\]])")


def _vague(header: str, role: str) -> tuple[bool, ...]:
    """How a name gives way to others of one role: `Replies` to `Comments`, the organic part to the total, `video.id` to `id`."""
    plain = normal(header)
    within = role in {"post_id", "url"} and re.match(r"(?:video|music|image|media)\.", plain) is not None
    narrow = roles()[role].numeric and plain not in _PLAIN.get(role, (role.replace("_", " "),))
    part = re.search(r"\borganic\b", plain) is not None or _IN_BRACKETS.search(plain) is not None
    played = role == "views" and "play" in plain  # Networks that count both call the other one views.
    return within, plain in _GIVES_WAY, part, role_of(header) != role, played, narrow


def _by_company(claims: dict[str, list[str]], *, liked: bool, saved: bool, further: Sequence[str]) -> list[str]:
    """Names that mean something else beside others: a score beside likes is a tool's, "Reacties" beside likes are comments.

    Args:
        claims: columns by the role that they claim.
        liked: somebody said which column has likes.
        saved: somebody said which column has saves.
        further: columns that would be likes, had nobody said which is.
    """
    free: list[str] = []
    if "react_like" not in claims and not liked:
        return free
    for header in list(claims.get("reactions", ())):
        plain = normal(header)
        if plain == "score" or (plain == "reacties" and "comments" not in claims):
            claims["reactions"].remove(header)
            free += [header] if plain == "score" else []
            if plain == "reacties":
                claims["comments"] = [header]
    likes = claims.get("react_like", [])
    favorites = [h for h in (*likes, *further) if re.search(r"\bfavou?rites?\b", normal(h))]
    beside = liked or (len(likes) > len(favorites) and any("like" in normal(h) for h in likes))
    if favorites and beside and "saves" not in claims and not saved:
        claims["react_like"] = [h for h in likes if h not in favorites]  # Empty ones go below.
        claims["saves"] = favorites
    for role in [r for r, found in claims.items() if not found]:
        del claims[role]
    return free


_SILENT = {"-", "window"}


def _claimed(header: str, told: Voted) -> str | None:
    """What a column means: by its name alone, else as the other columns suggest."""
    own = role_of(header)
    if own is None and normal(header) not in told.roles:
        return role_by_core(header)
    suggested = told.roles.get(normal(header))
    if suggested in _SILENT:
        return own if own is not None and (not told.network or told.known < _TRUSTED) else None
    if suggested is not None and (own is None or told.known >= _TRUSTED):
        return _STORED_AS.get(suggested, suggested)
    return own


# Numbers of followers are an account's as often as a post's, so they need their full name.
_BY_CORE_TEXT = (
    "post_id url text title published post_type account_name account_id platform reactions comments shares saves react_like "
    "views reach impressions clicks link_clicks duration_s avg_watch_seconds watch_seconds profile_visits engagements_reported "
    "react_love react_care react_wow react_haha react_sad react_angry react_dislike"
)
_BY_CORE = frozenset(_BY_CORE_TEXT.split())
_TRUSTED = 5  # Names of one export that must agree before they overrule what a name means by itself.
_STORED_AS = {"watch_hours": "watch_seconds", "watch_minutes": "watch_seconds"}


def check_overrides(overrides: Mapping[str, str], headers: Iterable[str]) -> list[Problem]:
    """What is wrong with `[data.columns]` for this file: unknown roles, columns that are not there."""
    names = list(headers)
    have = {normal(name) for name in names}
    problems = [
        Problem(
            what=f'"{role}" is not a column Postlens knows.',
            where="[data.columns]",
            hint=nearest(role, roles()),
        )
        for role in overrides
        if role not in roles() and not role.startswith(NONE)
    ]
    problems += [
        Problem(
            what=f'{role} = "{header}": the file has no column of that name.',
            where="[data.columns]",
            hint=nearest(header, names),
        )
        for role, header in overrides.items()
        if header and normal(header) not in have
    ]
    return problems
