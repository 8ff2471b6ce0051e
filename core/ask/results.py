"""Results on disk: tables as Arrow IPC, scalars as JSON, never pickled."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import math
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, get_type_hints

import polars as pl

from postlens.core.contract import PostColumns


def tables(result: object) -> dict[str, pl.DataFrame]:
    """The tables of a result by field name."""
    return {name: value for name, value in _fields(result).items() if isinstance(value, pl.DataFrame)}


def scalars(result: object) -> dict[str, Any]:
    """The plain values of a result by field name."""
    return {name: value for name, value in _fields(result).items() if not isinstance(value, pl.DataFrame | PostColumns)}


def copied(result: Any) -> Any:
    """The result with tables of its own, so that whoever changes one changes no other's."""
    return dataclasses.replace(result, **{name: table.clone() for name, table in tables(result).items()})


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
    return [_nine_digits(v) for v in value] if isinstance(value, tuple | list) else value


def _fields(result: object) -> dict[str, Any]:
    return {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}  # type: ignore[arg-type]


def write(result: object, home: Path) -> None:
    """Store a result in a folder, whole or not at all."""
    home.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".result-", dir=home.parent))
    try:
        for name, table in tables(result).items():
            table.write_ipc(scratch / f"{name}.arrow", compression="zstd")
        plain = {name: _to_json(value) for name, value in scalars(result).items()}
        plain |= {name: _columns_to_json(v) for name, v in _fields(result).items() if isinstance(v, PostColumns)}
        (scratch / "result.json").write_text(json.dumps(plain, allow_nan=False), "utf-8")
        os.replace(scratch, home)
    except OSError:
        if not (home / "result.json").exists():  # Somebody else stored the same result first.
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def read(kind: type[Any], home: Path) -> Any:
    """Load a stored result of a dataclass.

    Raises:
        OSError, ValueError, KeyError: nothing whole is stored there.
    """
    plain = json.loads((home / "result.json").read_text("utf-8"))
    values: dict[str, Any] = {}
    for name, annotation in get_type_hints(kind).items():
        if annotation is pl.DataFrame:
            values[name] = pl.read_ipc(home / f"{name}.arrow")
        elif isinstance(plain[name], dict) and "columns" in plain[name]:
            values[name] = _columns_from_json(plain[name])
        else:
            values[name] = _from_json(plain[name])
    return kind(**values)


def _to_json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, tuple | list):
        return [_to_json(item) for item in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return float(value["float"])
    if isinstance(value, list):
        return tuple(_from_json(item) for item in value)
    return value


def _expression(expression: pl.Expr) -> str:
    return base64.b64encode(expression.meta.serialize()).decode("ascii")


def _columns_to_json(value: PostColumns) -> dict[str, Any]:
    return {
        "columns": {name: _expression(e) for name, e in value.columns.items()},
        "keep": None if value.keep is None else _expression(value.keep),
    }


def _columns_from_json(stored: dict[str, Any]) -> PostColumns:
    keep = stored["keep"]
    return PostColumns(
        columns={name: _parsed(text) for name, text in stored["columns"].items()},
        keep=None if keep is None else _parsed(keep),
    )


def _parsed(text: str) -> pl.Expr:
    return pl.Expr.deserialize(io.BytesIO(base64.b64decode(text)))
