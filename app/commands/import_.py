"""`postlens import`: files of the networks into the library."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from postlens.app.commands._console import FAILED, config_option, err, out, progress_shown, verbose_option


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--client", default="", metavar="NAME", help="Whose posts they are; a filter on every page.")
@click.option("--tz", "zone", default="", metavar="ZONE", help="The clock of times that name none.")
@click.option(
    "--date-order", type=click.Choice(["mdy", "dmy"]), help="Month or day first, where a column does not tell."
)
@click.option(
    "--decimal", type=click.Choice(["point", "comma"]), help="The decimal mark, where a column does not tell."
)
@click.option("--add-days", is_flag=True, help="Add up files with one row for each post and day.")
@click.option("--platform", default="", metavar="NAME", help="The network, where a file does not name it.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="COLUMN=ROLE",
    help='What a column means, as --map "Gefällt mir=likes"; "COLUMN=" for nothing. Once for each column.',
)
@click.option("--dry-run", is_flag=True, help="Read and report, keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@config_option
@verbose_option
def command(
    files: Sequence[Path],
    client: str,
    zone: str,
    date_order: str | None,
    decimal: str | None,
    add_days: bool,
    platform: str,
    pairs: Sequence[str],
    dry_run: bool,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Add files of the networks to the library: serve it with --data library."""
    from postlens.app.imports import batch, importing

    told = importing.Told(
        client=client,
        zone=zone,
        date_order=date_order,
        platform=platform,
        decimal=decimal,
        add_days=add_days,
        columns=_mapped(pairs),
    )
    with progress_shown() as progress:
        read = batch.import_files(files, told, config_path, keep=not dry_run, progress=progress)
    if as_json:
        click.echo(json.dumps([one.as_json() for one in read], indent=1))
    else:
        importing.print_reports(read, out(), err(), kept=not dry_run)
    if any(one.problem for one in read):
        sys.exit(FAILED)


def _mapped(pairs: Sequence[str]) -> dict[str, str]:
    """Column to role; a name with `=` in it is split at the last one."""
    bad = next((p for p in pairs if "=" not in p), None)
    if bad is not None:
        raise click.BadParameter(f'"{bad}" has no "=": write COLUMN=ROLE.', param_hint="--map")
    return {column.strip(): role.strip() for column, _, role in (p.rpartition("=") for p in pairs)}
