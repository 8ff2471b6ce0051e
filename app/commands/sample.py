"""`postlens sample`: the bundled sample as a file."""

from __future__ import annotations

from pathlib import Path

import click

from postlens.app.commands._console import out, verbose_option


@click.command()
@click.argument("path", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))
@verbose_option
def command(path: Path) -> None:
    """Write the bundled sample to OUT (.csv, .parquet or .ndjson)."""
    from postlens.core.data.sources.sample import write_sample

    rows = write_sample(path)
    out().print(f"Wrote {rows:,} rows to {path}.", markup=False, highlight=False)
