"""Posts from a database: a query's rows, read in batches into a Parquet file that is then a source like any other."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from postlens.core.contract.problems import PostlensError, fail, reraise_fatal

USER, PASSWORD = "POSTLENS_DATABASE_USER", "POSTLENS_DATABASE_PASSWORD"
BATCH = 50_000
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def is_url(source: str) -> bool:
    """Whether a source is a database's address, such as `postgresql://host/name`."""
    return re.match(r"^[A-Za-z][A-Za-z0-9_+]*://", source) is not None


def name_of(source: str) -> str:
    """What people call a database: the last part of its address."""
    return source.partition("?")[0].rstrip("/").rpartition("/")[2]


def fetch(source: str, query: str, folder: Path, progress: Callable[[float, str], None]) -> Path:
    """Run a query and keep its rows.

    Args:
        source: the address, in SQLAlchemy's form, without user and password; these are in the environment.
        query: one that reads; the transaction is read-only where the database knows such.
        folder: where the rows are kept.
        progress: told how many rows there are so far.

    Returns:
        The Parquet file, made anew each time.

    Raises:
        PostlensError: the driver is missing, the database does not answer, or the query fails or has no rows.
    """
    sqlalchemy = _sqlalchemy()
    address = _address(sqlalchemy, source)
    if not query.strip():
        raise fail("A database needs a query.", where="[data]", hint='Set query = "select ... from posts".')
    mark = hashlib.blake2b(f"{source}|{query}".encode(), digest_size=8).hexdigest()
    place = folder / f"{mark}.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".query-", dir=folder))
    try:
        parts = _parts(sqlalchemy, address, query, scratch, progress)
        if not parts:
            raise fail("The query has no rows.", where="[data]", hint="Try it in a client of the database.")
        whole = scratch / "whole.parquet"
        pl.concat([pl.scan_parquet(p) for p in parts], how="vertical_relaxed").sink_parquet(whole)
        os.replace(whole, place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return place


def _sqlalchemy() -> Any:
    try:
        import sqlalchemy
    except ImportError:
        raise fail(
            "Reading a database needs SQLAlchemy and a driver, which are not installed.",
            hint='pip install "postlens[database]"',
        ) from None
    return sqlalchemy


def _address(sqlalchemy: Any, source: str) -> Any:
    try:
        url = sqlalchemy.engine.make_url(source)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise fail("This is no address of a database.", where="[data] source", hint="postgresql://host/name") from None
    if url.password or any("password" in key.lower() or key.lower() == "pwd" for key in url.query):
        raise fail(
            "A password does not belong into the config, which is copied and shared.",
            where="[data] source",
            hint=f"Take it out, and set {PASSWORD} in the environment.",
        )
    url = url.set(drivername=_DRIVERS.get(url.drivername.lower(), url.drivername.lower()))
    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    return url.set(username=user or url.username, password=password) if user or password else url


def _parts(
    sqlalchemy: Any, address: Any, query: str, scratch: Path, progress: Callable[[float, str], None]
) -> list[Path]:
    parts: list[Path] = []
    rows, engine = 0, None
    try:
        engine = sqlalchemy.create_engine(address)
        options = {"postgresql_readonly": True} if address.drivername.startswith("postgresql") else {}
        with engine.connect().execution_options(stream_results=True, max_row_buffer=BATCH, **options) as connection:
            for batch in pl.read_database(
                sqlalchemy.text(query), connection, iter_batches=True, batch_size=BATCH, infer_schema_length=None
            ):
                if batch.height:
                    parts.append(scratch / f"{len(parts):06d}.parquet")
                    batch.write_parquet(parts[-1])
                    rows += batch.height
                    progress(0.5, f"{rows:,} rows")
    except PostlensError:
        raise
    except BaseException as error:
        reraise_fatal(error)
        raise fail(
            f"The database {address.set(query={}).render_as_string(hide_password=True)} did not answer the query.",
            why=str(getattr(error, "orig", None) or error).splitlines()[0][:300],
            hint=f"Try the query in a client of the database; user and password are {USER} and {PASSWORD}.",
        ) from error
    finally:
        if engine is not None:
            engine.dispose()
    return parts
