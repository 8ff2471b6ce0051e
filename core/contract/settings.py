"""The settings of a panel: typed fields from which the host makes the form, and pickers of columns."""

from __future__ import annotations

import types
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict


class Params(BaseModel):
    """The settings of a panel. Every field has a default; the host makes the form from them.

    A field that names a column is annotated with `Pick`; its default `""` means "the host chooses", and the host
    replaces it before `compute` sees it. A field with several columns stays `()` where none is chosen.

    Other fields are text, numbers, switches, days (`date`), a choice (`Literal` or an enumeration whose values are text), each
    also with `| None`, and tuples of text. A form is flat: there are no settings within settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class Options(BaseModel):
    """What a deployment says to a panel in `[plugins.<id>.options]`: addresses, limits, keys. No form shows it, no link has it.

    A field of type `SecretStr` is read from the environment variable `POSTLENS_<ID>_<FIELD>` alone, and stands in no form, key,
    receipt or log. `compute` reads them as `ctx.options`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, kw_only=True)
class Pick:
    """A settings field that holds the name of a column, or of a value of a column.

    Attributes:
        kind: `metric`, `category`, or `level` (a value of the category named by another field).
        of: for `level`, the field that names the category.
        prefer: column names to choose first when the host chooses.
        apart: for `level`, other fields whose values the host does not choose again.
        none: label of the choice "none"; empty if something must be chosen.
        counts: offer only metrics as the file gave them, nothing computed.
    """

    kind: Literal["metric", "category", "level"]
    of: str = ""
    prefer: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    none: str = ""
    counts: bool = False

    def __post_init__(self) -> None:
        """A kind that no form has would be chosen from nothing."""
        if self.kind not in {"metric", "category", "level"}:
            raise ValueError(f'Pick(kind="{self.kind}"): the kinds are metric, category and level')


def in_a_form(annotation: Any) -> bool:
    """Whether a setting of this type has a control, a form in links and one in the config."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return in_a_form(parts[0])
    if origin in {Union, types.UnionType}:
        return all(part is type(None) or in_a_form(part) for part in parts)
    if origin in {tuple, list}:
        return all(part is Ellipsis or in_a_form(part) for part in parts)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return all(isinstance(member.value, str) for member in annotation)
    return origin is Literal or annotation in {str, int, float, bool, date}
