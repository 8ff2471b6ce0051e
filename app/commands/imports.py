"""`postlens imports`: what is in the library."""

from __future__ import annotations

from pathlib import Path

import click

from postlens.app.commands._console import config_option, out, verbose_option


@click.command()
@click.option("--undo", metavar="ID", help="Take an import out again; its file is kept aside.")
@click.option("--purge", is_flag=True, help="Delete for good what undone and broken-off imports left behind.")
@click.option(
    "--erase", metavar="CLIENT", help="Delete a client's imports for good, with everything computed from any posts."
)
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@config_option
@verbose_option
def command(undo: str | None, purge: bool, erase: str | None, yes: bool, config_path: Path | None) -> None:
    """What is in the library."""
    from postlens.app.imports import importing

    library = importing.library_of(config_path)
    if undo:
        gone = importing.undo(library, undo)
        _say(f"{gone.file} ({gone.report.posts:,} posts) is out of the library.")
    elif erase is not None:
        found = importing.of_client(library, erase)
        posts = sum(one.report.posts for one in found)
        if not yes:
            click.confirm(f'Delete {len(found)} imports of "{erase}" ({posts:,} posts) for good?', abort=True, err=True)
        importing.erase(library, found)
        _say(f'{len(found)} imports of "{erase}" ({posts:,} posts), and what was computed from any posts, are deleted.')
    elif purge:
        _say(f"{importing.purge(library) / 1e6:,.1f} MB deleted.")
    else:
        importing.print_imports(library, out())


def _say(text: str) -> None:
    out().print(text, markup=False, highlight=False, soft_wrap=True)
