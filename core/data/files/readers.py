"""Which reader reads a file: the surest one. The built-in readers of plain tables are here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from postlens.core.contract import API, FileStart, Reader, raw_table
from postlens.core.contract.limits import limited
from postlens.core.contract.problems import PostlensError, fail, message_of, reraise_fatal
from postlens.core.data.files import kinds

log = logging.getLogger(__name__)
_START = 64 * 1024
# Half sure: the ending fits. A reader of one platform's export that knows the file's headers is surer.
BY_ENDING = 0.5
_RECOGNISE_SECONDS, _READ_SECONDS = 5.0, 600.0  # Of a plugin's reader; the built-in ones have limits of their own.


def _table(reader: str, label: str, endings: tuple[str, ...]) -> Reader:
    return Reader(
        api=API,
        id=reader,
        label=label,
        recognise=lambda file: BY_ENDING if file.ending in endings else 0.0,
        read=kinds.read_raw,
        endings=endings,
    )


TABLES = (
    _table("delimited", "Table of text (CSV, TSV)", kinds.TEXT),
    _table("spreadsheet", "Spreadsheet (Excel, ODS)", kinds.EXCEL),
    _table("json", "JSON", kinds.JSON),
    _table("parquet", "Parquet", kinds.PARQUET),
    _table("archive", "Archive (ZIP)", kinds.ZIP),
)


def start_of(path: Path) -> FileStart:
    """What readers decide by.

    Raises:
        PostlensError: the file is missing or empty.
    """
    if not path.is_file():
        raise fail(f'There is no file "{path}".', hint="Check the name and the folder.")
    if path.stat().st_size == 0:
        raise fail(f'"{path.name}" is empty.', hint="Export the posts again.")
    with path.open("rb") as stream:
        return FileStart(name=path.name, ending=path.suffix.lower(), start=stream.read(_START))


def choose(path: Path, readers: Sequence[Reader]) -> Reader:
    """The reader that is surest of a file; the earlier one of two that are equally sure.

    Raises:
        PostlensError: no reader knows the file.
    """
    file = start_of(path)
    scored = [(_score(reader, file), reader) for reader in readers]
    best, reader = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if reader is None or best <= 0:
        raise fail(
            f'"{path.name}" has the ending "{path.suffix}", which no reader here knows.',
            hint=f"They read {', '.join(endings(readers)) or 'nothing; no reader is enabled'}.",
        )
    return reader


def read(path: Path, reader: Reader) -> raw_table.RawTable:
    """A file's table by one reader.

    Raises:
        PostlensError: the file cannot be read; or the reader has a bug, which is logged.
    """
    try:
        table = reader.read(path) if reader in TABLES else limited(lambda: reader.read(path), _READ_SECONDS)
        if not isinstance(table, raw_table.RawTable) or raw_table.ROW not in table.lazy.collect_schema():
            raise TypeError(f"read returned a {type(table).__name__}, not a RawTable made by raw_table")
    except PostlensError:
        raise
    except BaseException as error:
        reraise_fatal(error)
        log.exception("reader failed reader=%s", reader.id)
        raise fail(
            f'The reader "{reader.label}" failed on "{path.name}".',
            why=f"This is a bug in the reader ({type(error).__name__}: {message_of(error)}).",
            hint="Tell its author, or switch its plugin off in config.toml.",
        ) from error
    return table


def endings(readers: Sequence[Reader]) -> tuple[str, ...]:
    """Of all files that can be read."""
    return tuple(dict.fromkeys(ending for reader in readers for ending in reader.endings))


def _score(reader: Reader, file: FileStart) -> float:
    """How sure a reader is; one that fails, takes long or answers beyond 0 to 1 does not know the file."""
    try:
        if reader in TABLES:
            return float(reader.recognise(file))
        sure = float(limited(lambda: reader.recognise(file), _RECOGNISE_SECONDS))
        if not 0 <= sure <= 1:
            raise ValueError(f"recognise answered {sure}, which is not within 0 to 1")
        return sure
    except BaseException as error:
        reraise_fatal(error)
        log.exception("reader failed reader=%s step=recognise", reader.id)
        return 0.0
