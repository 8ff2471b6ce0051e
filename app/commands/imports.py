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
    from postlens.core.data.store import library as shelf

    if sum((bool(undo), purge, erase is not None)) > 1:
        raise click.UsageError("--undo, --purge and --erase are said one at a time.")
    library = importing.library_of(config_path)
    if undo:
        gone = importing.undo(library, undo)
        _say(f"{gone.file} ({gone.report.posts:,} posts) is out of the library.")
    elif erase is not None:
        _erase(library, erase, yes=yes)
    elif purge:
        _say(f"{shelf.purge(library) / 1e6:,.1f} MB deleted.")
    else:
        importing.print_imports(library, out())


def _erase(library: Path, client: str, *, yes: bool) -> None:
    from postlens.app.workspace import forget_made
    from postlens.core.contract.wording import counted
    from postlens.core.data.store import library as shelf

    found = shelf.of_client(library, client)
    what = f'{counted(len(found), "import")} of "{client}" ({counted(sum(i.report.posts for i in found), "post")})'
    if not yes:
        click.confirm(f"Delete {what} for good?", abort=True, err=True)
    shelf.erase(library, found)
    forget_made(library.parent)
    _say(
        f"Deleted: {what}, and what was computed from any posts. Start servers again: they remember answers until they end."
    )


def _say(text: str) -> None:
    out().print(text, markup=False, highlight=False, soft_wrap=True)
