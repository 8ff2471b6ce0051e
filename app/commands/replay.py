"""`postlens replay`: the question of a receipt again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from postlens.app.commands._console import FAILED, config_option, out, progress_shown, verbose_option


@click.command()
@click.argument("receipt", type=click.Path(path_type=Path))
@click.option("--data", metavar="SOURCE", help='"sample", a file, a folder or a glob, in place of the config\'s.')
@config_option
@verbose_option
def command(receipt: Path, data: str | None, config_path: Path | None) -> None:
    """Compute the question of RECEIPT again, and say whether the numbers are identical or what changed."""
    from postlens.app.commands._replay import replay as again

    with progress_shown() as progress:
        found = again(receipt, data=data, config=config_path, progress=progress)
    if not found.changed:
        out().print(f"Identical: all {found.tables} tables and values.", highlight=False)
        return
    for sentence in found.changed:
        out().print(sentence, markup=False, highlight=False, soft_wrap=True)
    sys.exit(FAILED)
