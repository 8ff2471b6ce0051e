"""`postlens run`: a panel without a browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from postlens.app.commands._console import config_option, err, out, pairs_of, progress_shown, verbose_option


def _known(_context: click.Context, _option: click.Parameter, ending: str) -> str:
    """Asked when it is used, so that `--help` loads no table library."""
    from postlens.app.export.formats import FORMATS

    if ending not in FORMATS:
        raise click.BadParameter(f"There is no format {ending!r}. Choose {', '.join(FORMATS)}.")
    return ending


@click.command()
@click.argument("panel")
@click.argument("source")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the panel, or cluster.k=4 of a derived column.",
)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="KEY=VALUE",
    help="type=video, from=2026-01-01, reactions=10..500, text=sale.",
)
@click.option(
    "--out",
    "out_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write every result table into this folder.",
)
@click.option(
    "--format", "ending", callback=_known, metavar="FORMAT", default="csv", show_default=True, help="Of the tables."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@config_option
@verbose_option
def command(
    panel: str,
    source: str,
    settings: Sequence[str],
    filters: Sequence[str],
    out_dir: Path | None,
    ending: str,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Compute PANEL on the posts of SOURCE ("sample", a file, a folder or a glob)."""
    from postlens.app.commands import _ask

    with progress_shown() as progress:
        answer = _ask.run(
            panel, source, pairs_of(settings, "--set"), pairs_of(filters, "--filter"), config_path, progress
        )
        tables = _ask.write_tables(answer, out_dir, ending, progress) if out_dir else {}
    if as_json:
        click.echo(json.dumps(_ask.as_json(answer), ensure_ascii=False, allow_nan=False))
    else:
        _ask.show(answer, out())
    for note in answer.done.notes:
        err().print(str(note), style="yellow", markup=False, highlight=False)
    for path in tables.values():
        err().print(f"Wrote {path}", markup=False, highlight=False)
