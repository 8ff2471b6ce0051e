"""What a column of a post table means, and which header names say so."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from postlens.core.contract.problems import Problem, nearest

RoleType = Literal["id", "category", "time", "text", "flag", "count", "number", "rate", "seconds"]
NUMERIC: frozenset[str] = frozenset({"count", "number", "rate", "seconds"})

_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, kw_only=True)
class Role:
    """One meaning a column can have, with its label, type, unit and known header names."""

    name: str
    label: str
    type: RoleType
    unit: str = ""
    aliases: tuple[str, ...] = ()

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
        contested: header to the role it also claimed, lost to an earlier column.
    """

    roles: dict[str, str]
    extra: tuple[str, ...]
    contested: dict[str, str]


def normal(header: str) -> str:
    """A header in the form in which headers are compared: NFKC, lower case, no accents, single spaces."""
    text = _ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", header)).casefold()
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(text.split())


@cache
def hash_of_roles() -> str:
    """Changes when the table of roles changes, and with it how a file is read."""
    return hashlib.blake2b(
        files("postlens.core.data.vocabulary").joinpath("roles.toml").read_bytes(), digest_size=6
    ).hexdigest()


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
        )
        for name, entry in table.items()
    }


@cache
def _role_by_alias() -> dict[str, str]:
    by_alias = {normal(alias): role.name for role in roles().values() for alias in role.aliases}
    return by_alias | {name: name for name in roles()}


def role_of(header: str) -> str | None:
    """The role a header claims, or None."""
    return _role_by_alias().get(normal(header))


def match(headers: Iterable[str], overrides: Mapping[str, str] | None = None) -> Matched:
    """Give every column its role: the overrides first, then known names; the first column wins.

    Args:
        headers: the header names of the file.
        overrides: role to header, from `[data.columns]`; a header of `""` means "no column".
    """
    names = list(headers)
    by_normal = {normal(name): name for name in reversed(names)}
    taken: dict[str, str] = {}
    for role, header in (overrides or {}).items():
        if header and normal(header) in by_normal:
            taken[role] = by_normal[normal(header)]
    blocked = set(overrides or {})
    contested: dict[str, str] = {}
    extra: list[str] = []
    for header in names:
        if header in taken.values():
            continue
        role_name = role_of(header)
        if role_name is None:
            extra.append(header)
        elif role_name in taken or role_name in blocked:
            contested[header] = role_name
            extra.append(header)
        else:
            taken[role_name] = header
    return Matched(roles=taken, extra=tuple(extra), contested=contested)


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
        if role not in roles()
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
