"""Which types a result may be made of: what can be written as Arrow or JSON, and read again."""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import polars as pl


def storable(annotation: Any) -> bool:
    """Whether a field of a result can be written as Arrow or JSON."""
    if annotation in {pl.DataFrame, str, int, float, bool, date, type(None)}:
        return True
    origin, arguments = get_origin(annotation), [a for a in get_args(annotation) if a is not Ellipsis]
    if origin is Literal:
        return True
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return True
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return all(storable(a) for a in get_type_hints(annotation).values())
    return (
        origin in {tuple, list, Union, types.UnionType, dict, Mapping}
        and bool(arguments)
        and all(map(storable, arguments))
    )
