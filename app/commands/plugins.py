"""`postlens plugins`: list, write and check plugins."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from postlens.app.commands._console import FAILED, config_option, err, out, verbose_option


@click.group(invoke_without_command=True)
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@verbose_option
@click.pass_context
def command(ctx: click.Context, config_path: Path | None, as_json: bool) -> None:
    """List the plugins: where each comes from, and what became of it."""
    if ctx.invoked_subcommand is not None:
        return
    from postlens.app.workspace import load_plugins

    deployment, registry = load_plugins(config_path, lenient=True)
    for problem in deployment.problems:
        err().print(f"Left out: {problem}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    rows = [_plugin_row(record) for record in registry.records]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    from rich.table import Column, Table

    folded = [Column(name, overflow="fold") for name in ("Id", "Title", "From", "State", "Import", "Reason")]
    table = Table(*folded)
    for row in rows:
        origin = f"{row['package']} {row['version']}".strip() or row["source"]
        spent = "" if row["import_ms"] is None else f"{row['import_ms']:.0f} ms"
        table.add_row(row["id"], row["title"], origin, row["state"], spent, row["reason"])
    out().print(table, markup=False)


@command.command("new")
@click.argument("name")
@click.option("--package", is_flag=True, help="An installable package with entry point, tests and README.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where to; here otherwise."
)
@verbose_option
def plugins_new(name: str, package: bool, folder: Path) -> None:
    """Write a plugin NAME that runs at once."""
    from postlens.app.commands._scaffold import new_plugin

    written = new_plugin(name, folder, package=package)
    for path in written:
        out().print(f"Wrote {path}", markup=False, highlight=False)
    if package:
        steps = f'pip install -e {written[0].parent}, then add "{name}" to [plugins] enabled'
    else:
        steps = f'add to config.toml: [plugins] files = ["{written[0]}"]'
    out().print(
        f"Next: {steps}. Check it with: postlens plugins check {name if package else written[0]}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@command.command("check")
@click.argument("target", metavar="PATH_OR_ID")
@click.option(
    "--seconds", default=900, show_default=True, type=click.IntRange(min=1), help="Stop after so long, and say so."
)
@verbose_option
@click.pass_context
def plugins_check(ctx: click.Context, target: str, seconds: int) -> None:
    """Check every promise of a plugin, a line each, with the fix for each that fails."""
    from postlens.app.commands import _apart

    if _apart.inside():
        with _apart.through():
            _check(target)
        return
    verbose = ["-v"] if ctx.find_root().obj and ctx.find_root().obj.get("verbose") else []
    code, why = _apart.run(["plugins", "check", target, *verbose], seconds)
    if why:
        out().print(
            f"FAIL the check comes to its end\n     {why}", style="red", markup=False, highlight=False, soft_wrap=True
        )
    sys.exit(code)


def _check(target: str) -> None:
    from postlens.app.commands._scaffold import check_plugin

    broken = 0
    for promise in check_plugin(target):
        broken += not promise.kept
        mark, style = ("ok  ", "green") if promise.kept else ("FAIL", "red")
        out().print(f"{mark} {promise.name}", style=style, markup=False, highlight=False, soft_wrap=True)
        if not promise.kept:
            out().print(f"     {promise.why} {promise.fix}", markup=False, highlight=False, soft_wrap=True)
    if broken:
        sys.exit(FAILED)


def _plugin_row(record: Any) -> dict[str, Any]:
    return {
        "id": record.name,
        "title": ", ".join(p.title for p in record.offer.panels),
        "package": record.package,
        "version": record.version,
        "source": record.source,
        "state": record.state,
        "reason": record.reason,
        "import_ms": record.import_ms,
        **{
            kind: [item.id for item in getattr(record.offer, kind)]
            for kind in ("panels", "columns", "measures", "readers")
        },
        "observers": len(record.offer.observers),
    }
