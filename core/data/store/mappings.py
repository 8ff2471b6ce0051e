"""Mappings of columns that people made for tables Postlens does not know, found again by the table's columns."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from postlens.core.data.convert.numbers import Mark
from postlens.core.data.vocabulary.formats import Order
from postlens.core.data.vocabulary.names import normal

FOLDER = ".templates"


class Template(BaseModel):
    """A saved mapping.

    Attributes:
        name: what it was made for.
        columns: role to column; an empty column means that none has the role.
        date_order: month or day first, if somebody had to say.
        decimal: the decimal mark, likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    columns: dict[str, str]
    date_order: Order | None = None
    decimal: Mark | None = None


def _place(library: Path, headers: Iterable[str]) -> Path:
    """Where the mapping for a set of columns stands, in whatever order they come."""
    names = json.dumps(sorted(normal(h) for h in headers))
    return library / FOLDER / f"{hashlib.blake2b(names.encode(), digest_size=8).hexdigest()}.json"


def find(library: Path, headers: Iterable[str]) -> Template | None:
    """The mapping saved for these columns, if there is one that can be read."""
    try:
        return Template.model_validate_json(_place(library, headers).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def save(library: Path, headers: Iterable[str], template: Template) -> None:
    """Keep a mapping for these columns in place of an earlier one."""
    place = _place(library, headers)
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=place.parent, prefix=".template-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(template.model_dump_json(indent=1))
    os.replace(scratch, place)


def forget(library: Path, names: set[str]) -> None:
    """Delete the mappings that were made for files of these names."""
    for place in (library / FOLDER).glob("*.json"):
        try:
            made_for = Template.model_validate_json(place.read_text("utf-8")).name
        except (OSError, ValueError):
            continue
        if made_for in names:
            place.unlink()
