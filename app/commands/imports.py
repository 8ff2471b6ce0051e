"""`postlens imports`: what is in the library."""

from __future__ import annotations

from pathlib import Path

import click

from postlens.app.commands._console import config_option, out, verbose_option


@click.command()
@click.option("--undo", metavar="ID", help="Take an import out again.")
@config_option
@verbose_option
def command(undo: str | None, config_path: Path | None) -> None:
    """What is in the library."""
    from postlens.app.imports import importing

    library = importing.library_of(config_path)
    if undo:
        gone = importing.undo(library, undo)
        out().print(f"{gone.file} ({gone.report.posts:,} posts) is out of the library.", markup=False, highlight=False)
        return
    importing.print_imports(library, out())
