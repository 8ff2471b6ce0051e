"""Parquet files that hold posts with typed columns: scanned where they lie, never copied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from postlens.core.data.convert import canonical, custom_columns
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.vocabulary import synonyms
from postlens.core.data.vocabulary.formats import recognise
from postlens.core.data.vocabulary.metrics import SUMMED
from postlens.core.data.vocabulary.roles import Matched, Role, match, roles

ROW = "source_row"
_PLACES = {"published_date", "published_time"}


class ScannedColumn(BaseModel):
    """How one column of the file becomes one of the posts.

    Attributes:
        header: its name in the file.
        name: its name among the posts.
        how: `whole`, `float`, `seconds`, `label`, `type`, `flag`, `network`, `utc`, `local`, `unix` (seconds), `unix_ms`
            or `day`; `plain` where the values are already as they should be.
    """

    model_config = ConfigDict(frozen=True)
    header: str
    name: str
    how: str


class Scanned(BaseModel):
    """How files become posts without being copied.

    Attributes:
        files: where they lie.
        columns: what is taken from them.
        zone: the clock of times without a zone.
        platform: the network, where the files have no column for it.
        total: add up the reaction kinds, as there is no total.
    """

    model_config = ConfigDict(frozen=True)
    files: tuple[str, ...]
    columns: tuple[ScannedColumn, ...]
    zone: str
    platform: str = ""
    total: tuple[str, ...] = ()


def plan(files: Sequence[Path], settings: ReadSettings) -> Scanned | None:
    """How to scan the files in place; None where a column needs to be read value by value, or files differ."""
    schema = _schema(files)
    if schema is None or recognise(schema, files[0].name).format is not None:
        return None  # A network's export has peculiarities that only reading every value does justice to.
    if settings.categories or not {h for h in settings.columns.values() if h} <= set(schema):
        return None
    matched = match(schema, settings.columns)
    columns = [_by_role(roles()[role], header, schema[header]) for role, header in matched.roles.items()]
    columns += [_extra(header, schema[header], matched) for header in matched.extra]
    taken = [c for c in columns if c is not None]
    if len(taken) < len(columns) or _PLACES & set(matched.roles) or len({c.name for c in taken}) < len(taken):
        return None
    names = {c.name for c in taken}
    if not any(c.how in {"whole", "float", "seconds"} for c in taken):
        return None
    kinds = tuple(k for k in SUMMED if k in names)
    return Scanned(
        files=tuple(str(path) for path in files),
        columns=tuple(taken),
        zone=settings.timezone or "UTC",
        platform="" if "platform" in names else settings.platform,
        total=kinds if "reactions" not in names else (),
    )


def _schema(files: Sequence[Path]) -> dict[str, pl.DataType] | None:
    """The columns that all files have, with their types; None where they differ or are no Parquet with names."""
    if any(path.suffix.lower() not in {".parquet", ".pq"} for path in files):
        return None
    try:
        schemas = [dict(pl.read_parquet_schema(path)) for path in files]
    except (pl.exceptions.PolarsError, OSError):
        return None
    named = all(h.strip() and not h.startswith("_") for h in schemas[0])
    return schemas[0] if named and all(other == schemas[0] for other in schemas) else None


def _by_role(role: Role, header: str, dtype: pl.DataType) -> ScannedColumn | None:
    how = _number(role, dtype) if role.numeric else _moment(dtype) if role.type == "time" else _word(role, dtype)
    return ScannedColumn(header=header, name=role.name, how=how) if how else None


def _moment(dtype: pl.DataType) -> str | None:
    if isinstance(dtype, pl.Datetime):
        return "utc" if dtype.time_zone else "local"
    return "day" if dtype == pl.Date else "unix" if dtype.is_integer() else None


def _number(role: Role, dtype: pl.DataType) -> str | None:
    if role.type == "seconds" and isinstance(dtype, pl.Duration):
        return "seconds"
    if role.type == "count":
        return "whole" if dtype.is_integer() else None
    return "float" if dtype.is_numeric() and role.type != "rate" else None


def _word(role: Role, dtype: pl.DataType) -> str | None:
    if dtype in {pl.String, pl.Categorical} or isinstance(dtype, pl.Enum):
        known = {"post_type": "type", "platform": "network"}
        return "flag" if role.type == "flag" else known.get(role.name, "label")
    if role.type == "flag":
        return "flag" if dtype == pl.Boolean else None
    return "label" if role.type in {"id", "category"} and dtype.is_integer() else None


def _extra(header: str, dtype: pl.DataType, matched: Matched) -> ScannedColumn | None:
    """A column of no known meaning: a number is a metric, text is left to be judged by its values."""
    if header in matched.contested:
        return None
    name = custom_columns.free_name(header, set(matched.roles))
    if dtype.is_numeric() and not custom_columns.looks_like_id(header) and not custom_columns.groups_by_name(header):
        return ScannedColumn(header=header, name=name, how="whole" if dtype.is_integer() else "float")
    if dtype in {pl.String, pl.Categorical, pl.Boolean} or isinstance(dtype, pl.Enum):
        return ScannedColumn(header=header, name=name, how="label")
    return None


def scan(scanned: Scanned) -> pl.LazyFrame:
    """The posts, lazily, in the order of the files."""
    parts = []
    for file in scanned.files:
        lazy = pl.scan_parquet(file, row_index_name=ROW, row_index_offset=1)
        columns = [expression(c, scanned.zone) for c in scanned.columns]
        parts.append(lazy.select(*columns, pl.col(ROW).cast(pl.Int64), source_file=pl.lit(Path(file).name)))
    posts = parts[0] if len(parts) == 1 else pl.concat(parts)
    names = {c.name: c.how for c in scanned.columns}
    if names.get("post_type") == "plain":
        posts = posts.with_columns(post_type_raw="post_type")
    elif "post_type" in names:
        posts = posts.with_columns(
            post_type_raw="post_type", post_type=synonyms.usual_types(pl.col("post_type")).alias("post_type")
        )
    if "published" in names:
        precise = "day" if names["published"] == "day" else "second"
        posts = posts.with_columns(published_precision=pl.when(pl.col("published").is_not_null()).then(pl.lit(precise)))
    if "account_id" in names and "account_name" not in names:
        posts = posts.with_columns(account_name="account_id")
    if scanned.total:
        posts = posts.with_columns(reactions=canonical.sum_of_kinds(scanned.total))
    if scanned.platform:
        posts = posts.with_columns(platform=pl.lit(scanned.platform))
    return posts


def expression(column: ScannedColumn, zone: str) -> pl.Expr:
    """A column of the posts from a column of the file; types of posts still as the file names them."""
    value = pl.col(column.header)
    text = value.cast(pl.String).str.strip_chars()
    text = pl.when(text != "").then(text)
    match column.how:
        case "plain":
            made = value
        case "whole":
            made = value.cast(pl.Int64)
        case "float":
            number = value.cast(pl.Float64)
            made = pl.when(number.is_finite()).then(number)
        case "seconds":
            made = value.dt.total_seconds().cast(pl.Float64)
        case "flag":
            made = synonyms.usual_flags(text)
        case "network":
            made = synonyms.usual_networks(text)
        case "label" | "type":
            made = text
        case _:
            made = _in_utc(value, column.how, zone)
    return made.alias(column.name)


def _in_utc(value: pl.Expr, how: str, zone: str) -> pl.Expr:
    match how:
        case "day":
            return value.cast(pl.Date).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        case "utc":
            return value.cast(pl.Datetime("us", "UTC"))
        case "local":
            return _from_clock(value.cast(pl.Datetime("us")), zone)
    milliseconds = value.cast(pl.Int64) * (1000 if how == "unix" else 1)
    return milliseconds.cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _from_clock(naive: pl.Expr, zone: str) -> pl.Expr:
    """PluginFailed-clock times in UTC, as `dates.to_utc` has them."""
    if zone == "UTC":
        return naive.dt.replace_time_zone("UTC")
    now, later = (
        t.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        for t in (naive, naive.dt.offset_by("1h"))
    )
    return pl.coalesce(now, later).dt.convert_time_zone("UTC")


def named(columns: set[str]) -> pl.Expr:
    """Whether a post has a name that tells it from all others: an id or a link."""
    names = [pl.col(c).is_not_null() for c in ("post_id", "url") if c in columns]
    return pl.any_horizontal(names) if names else pl.lit(False)


def post_key(columns: set[str]) -> pl.Expr:
    """Platform and id; without an id the link; without a link a hash of account, time, text and row."""
    prefix = pl.col("platform").fill_null("post") if "platform" in columns else pl.lit("post")
    made = pl.concat_str(
        [
            pl.col(c).cast(pl.String)
            for c in ("account_name", "published", "text", "source_file", "source_row")
            if c in columns
        ],
        separator="|",
        ignore_nulls=True,
    )
    best = [pl.col(c) for c in ("post_id", "url") if c in columns]
    return pl.concat_str([prefix, pl.coalesce(*best, made.hash(seed=0).cast(pl.String))], separator=":")
