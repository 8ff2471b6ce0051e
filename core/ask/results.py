"""Results on disk: tables as Arrow IPC, everything else as JSON; never pickled, and nothing stored can run code.

A result is a frozen dataclass of tables, scalars, days, enumerations, tuples of those, and further dataclasses; unions are told
apart by the name of the class. An expression is not stored: a result with `PostColumns` stays in memory.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
import math
import os
import shutil
import tempfile
import types
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import polars as pl

from postlens.core.contract import PostColumns

_CHECK = "digests.json"


class Damaged(ValueError):
    """What is stored is not what was stored."""


def tables(result: object) -> dict[str, pl.DataFrame]:
    """The tables of a result by field name; of a dataclass inside, `outer.inner`."""
    return {name: value for name, value in _leaves(result) if isinstance(value, pl.DataFrame)}


def scalars(result: object) -> dict[str, Any]:
    """The plain values of a result by field name; a dataclass inside becomes a mapping of its own."""
    return {
        name: _plain(value)
        for name, value in _fields(result).items()
        if not isinstance(value, pl.DataFrame | PostColumns)
    }


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {k: _plain(v) for k, v in _fields(value).items() if not isinstance(v, pl.DataFrame | PostColumns)}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value if not isinstance(v, pl.DataFrame)]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value


def copied(result: Any) -> Any:
    """The result with tables of its own, so that whoever changes one changes no other's."""
    changed: dict[str, Any] = {}
    for name, value in _fields(result).items():
        if isinstance(value, pl.DataFrame):
            changed[name] = value.clone()
        elif dataclasses.is_dataclass(value) and not isinstance(value, type) and tables(value):
            changed[name] = copied(value)
    return dataclasses.replace(result, **changed)


def post_columns(result: object) -> PostColumns | None:
    """The columns a result gives every post, if any."""
    return next((value for value in _fields(result).values() if isinstance(value, PostColumns)), None)


def digests(result: object) -> dict[str, str]:
    """A mark for every table and value that changes when it does; floats count to nine digits, seconds not at all.

    Sums in another order differ in the last digits, so two machines may not agree on those.
    """
    marks = {}
    for name, table in tables(result).items():
        kept = table.drop([c for c in table.columns if c == "seconds"])
        rounded = kept.with_columns(pl.col(c).round_sig_figs(9) for c, dtype in kept.schema.items() if dtype.is_float())
        marks[name] = _mark(rounded.write_csv())
    for name, value in scalars(result).items():
        marks[name] = _mark(json.dumps(_nine_digits(value)))
    return marks


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _nine_digits(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, Mapping):
        return {k: _nine_digits(v) for k, v in value.items()}
    return [_nine_digits(v) for v in value] if isinstance(value, tuple | list) else value


def _fields(result: object) -> dict[str, Any]:
    return {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}  # type: ignore[arg-type]


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no dataclass, with its dotted name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field, inner in _fields(value).items():
            yield from _leaves(inner, f"{name}.{field}".lstrip("."))
    elif isinstance(value, tuple | list) and any(dataclasses.is_dataclass(v) for v in value):
        for i, inner in enumerate(value):
            yield from _leaves(inner, f"{name}.{i}")
    else:
        yield name, value


# -- storing -------------------------------------------------------------------------------------------


def write(result: object, home: Path, more: Mapping[str, str] | None = None) -> None:
    """Store a result in a folder, whole or not at all, with a digest of each file.

    Args:
        result: what to store.
        home: the folder.
        more: further files, name to text.

    Raises:
        ValueError: it has a value that cannot be stored.
        OSError: the disk does not take it.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".result-", dir=home.parent))
    try:
        for name, table in tables(result).items():
            table.write_ipc(scratch / f"{name}.arrow", compression="zstd")
        (scratch / "result.json").write_text(json.dumps(_to_json(result, ""), allow_nan=False), "utf-8")
        for name, text in (more or {}).items():
            (scratch / name).write_text(text, "utf-8")
        marks = {file.name: _file_mark(file) for file in sorted(scratch.iterdir())}
        (scratch / _CHECK).write_text(json.dumps(marks), "utf-8")
        os.replace(scratch, home)
    except OSError:
        if not (home / "result.json").exists():  # Somebody else stored the same result first.
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _file_mark(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def verify(home: Path) -> None:
    """Check that every file is as it was written.

    Raises:
        Damaged: one is missing or has changed.
        OSError: nothing is there.
    """
    marks = json.loads((home / _CHECK).read_text("utf-8"))
    here = {file.name for file in home.iterdir()} - {_CHECK}
    if here != set(marks) or any(_file_mark(home / name) != mark for name, mark in marks.items()):
        raise Damaged(f"{home.name} has changed since it was stored")


def read(kind: type[Any], home: Path) -> Any:
    """Load a stored result of a dataclass.

    Raises:
        OSError, ValueError, KeyError: nothing whole is stored there.
    """
    verify(home)
    return _from_json(json.loads((home / "result.json").read_text("utf-8")), kind, home)


def _to_json(value: Any, name: str) -> Any:
    if isinstance(value, PostColumns):
        raise ValueError("expressions are not stored")  # noqa: TRY004 - of a right type, but not storable
    if isinstance(value, pl.DataFrame):
        return {"table": name}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = {k: _to_json(v, f"{name}.{k}".lstrip(".")) for k, v in _fields(value).items()}
        return {"type": type(value).__name__, "fields": inner}
    if isinstance(value, enum.Enum):
        return {"enum": value.name}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, tuple | list):
        return [_to_json(item, f"{name}.{i}") for i, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {"map": {str(k): _to_json(v, f"{name}.{k}") for k, v in value.items()}}
    return value


def _from_json(node: Any, annotation: Any, home: Path) -> Any:
    if isinstance(node, list):
        inner = [a for a in _arguments(annotation, (tuple, list)) if a is not Ellipsis]
        each = inner if len(inner) == len(node) and Ellipsis not in _arguments(annotation, (tuple, list)) else None
        items = [_from_json(v, each[i] if each else (inner[0] if inner else Any), home) for i, v in enumerate(node)]
        return tuple(items)
    if not isinstance(node, dict):
        return node
    if "table" in node:
        return pl.read_ipc(home / f"{node['table']}.arrow")
    if "day" in node:
        return date.fromisoformat(node["day"])
    if "float" in node:
        return float(node["float"])
    if "map" in node:
        of = _arguments(annotation, (dict, Mapping))
        return {k: _from_json(v, of[1] if len(of) > 1 else Any, home) for k, v in node["map"].items()}
    if "enum" in node:
        return _class_among(annotation, lambda c: issubclass(c, enum.Enum))[node["enum"]]
    kind = _class_among(
        annotation, lambda c: dataclasses.is_dataclass(c) and getattr(c, "__name__", "") == node["type"]
    )
    hints = get_type_hints(kind)
    given = {f.name for f in dataclasses.fields(kind) if f.init}
    return kind(**{k: _from_json(v, hints[k], home) for k, v in node["fields"].items() if k in given})


def _options(annotation: Any) -> list[Any]:
    return list(get_args(annotation)) if get_origin(annotation) in {Union, types.UnionType} else [annotation]


def _arguments(annotation: Any, origins: tuple[Any, ...]) -> tuple[Any, ...]:
    return next((get_args(o) for o in _options(annotation) if get_origin(o) in origins), ())


def _class_among(annotation: Any, fits: Any) -> Any:
    for option in _options(annotation):
        if isinstance(option, type) and fits(option):
            return option
    raise Damaged("a stored value is of a class that the result does not have")
