"""Several files into the library, one after the other: one that cannot be read does not stop the rest."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path

from postlens.app.imports.apart import reader_of
from postlens.app.imports.importing import Outcome, Told
from postlens.app.workspace import load_plugins, read_settings
from postlens.core.contract.problems import fail, nearest
from postlens.core.data.files import readers as reading
from postlens.core.data.progress import Progress, part
from postlens.core.data.store import library as shelf
from postlens.core.data.vocabulary.names import normal


def import_files(
    files: Sequence[Path], told: Told, path: Path | None, *, keep: bool, progress: Progress
) -> list[Outcome]:
    """Read files and, if wanted, keep them. One that cannot be read does not stop the others."""
    deployment, plugins = load_plugins(path)
    settings = told.over(read_settings(deployment))
    read, library = reader_of(deployment), deployment.store / shelf.NAME
    outcomes, found = [], []
    for file in files:
        inside = _matching(file, reading.endings(plugins.readers))
        if not inside:
            problem = fail(
                f'"{file}" has no files that could be posts.', hint="Name files, or a folder that holds some."
            )
            outcomes.append(Outcome(file=str(file), problem=problem))
        found += inside
    for done, file in enumerate(found):
        step = part(progress, done, len(found))
        outcomes.append(
            read(library, file, settings, plugins.readers, told.client, keep=keep, progress=step, told=told)
        )
    _nowhere(told.columns, outcomes)
    return outcomes


def _nowhere(columns: Mapping[str, str], outcomes: list[Outcome]) -> None:
    """Say of a mapped column that no file has it: nothing that was said is dropped in silence."""
    have = {normal(h): h for one in outcomes for h in one.headers}
    for column in [c for c in columns if normal(c) not in have]:
        problem = fail(f'No file has a column "{column}".', where="--map", hint=nearest(column, have.values()))
        outcomes.append(Outcome(file="--map", problem=problem))


def _matching(file: Path, endings: Sequence[str]) -> list[Path]:
    """The files of a folder and of those in it; and a shell that does not expand patterns leaves that to us."""
    if file.is_dir():
        found = (p for p in file.rglob("*") if p.suffix.lower() in endings and p.is_file())
        return sorted(p for p in found if not any(part.startswith(".") for part in p.relative_to(file).parts))
    if not file.exists() and glob.has_magic(str(file)):
        return sorted(Path(p) for p in glob.glob(str(file)))
    return [file]
