"""The command line: serve, run, replay, plugins, config check, sample."""

from __future__ import annotations

import gc
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postlens.core.contract.problems import CannotCompute, PostlensError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

FAILED, BAD_CONFIG, CANNOT = 1, 2, 3
_config_option = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Config file; config.toml here otherwise."
)
_only = click.option(
    "--only", default="", metavar="IDS", envvar="POSTLENS_ONLY", help="Load only these plugins, separated by commas."
)
_without = click.option(
    "--without", default="", metavar="IDS", envvar="POSTLENS_WITHOUT", help="Leave these plugins out."
)
_verbose = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, _p, on: _be_verbose(ctx, on),
    help="Show logs and tracebacks.",
)


@cache
def out() -> Console:
    """Where answers go. Rich is loaded once it is needed: serving does without."""
    from rich.console import Console

    return Console()


@cache
def err() -> Console:
    """Where progress and problems go."""
    from rich.console import Console

    return Console(stderr=True)


def _be_verbose(ctx: click.Context, on: bool) -> None:
    if on:
        ctx.ensure_object(dict)["verbose"] = True
        logging.getLogger().setLevel(logging.INFO)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("postlens"), prog_name="postlens")
@_verbose
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Which posts work, whether that is real or chance, and how many more would settle it."""
    ctx.ensure_object(dict)


@cli.command()
@_config_option
@click.option(
    "--data", metavar="SOURCE", help='"sample", "library", a file, a folder or a glob, in place of the config\'s.'
)
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes any free one.")
@click.option("--open", "open_browser", is_flag=True, help="Open the browser.")
@click.option("--strict", is_flag=True, help="Refuse to start when a plugin fails.")
@_only
@_without
@_verbose
def serve(
    config_path: Path | None,
    data: str | None,
    host: str | None,
    port: int | None,
    open_browser: bool,
    strict: bool,
    only: str,
    without: str,
) -> None:
    """Serve the app."""
    with _collecting_later():
        from postlens.app.web import server, serving  # noqa: F401

    with _progress() as progress:
        ready = serving.prepare(config_path, data, _ids(only), _ids(without), progress, strict=strict)
    _say_plugins(ready.registry)
    for problem in ready.problems:
        err().print(f"Left out: {problem}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    settings = ready.deployment.config.server
    serving.serve(
        ready, host or settings.host, settings.port if port is None else port, open_browser=open_browser, say=_say_url
    )


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Import without garbage collections, which would look through the same new classes again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _say_url(url: str) -> None:
    click.echo(f"Postlens is at {click.style(url, bold=True)}   (Ctrl-C stops it)")


def _say_plugins(registry: Any) -> None:
    loaded = [r.name for r in registry.records if r.state == "loaded"]
    click.echo(f"Loaded: {', '.join(loaded) or 'no panel'}")
    for record in registry.failed:
        err().print(f"Failed: {record.reason}", style="yellow", markup=False, highlight=False)


@cli.command("import")
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
@click.option("--dry-run", is_flag=True, help="Read and report, keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@_config_option
@_verbose
def import_(
    files: Sequence[Path],
    client: str,
    zone: str,
    date_order: str | None,
    decimal: str | None,
    add_days: bool,
    platform: str,
    dry_run: bool,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Add files of the networks to the library: serve it with --data library."""
    from postlens.app.imports import importing

    told = importing.Told(
        client=client, zone=zone, date_order=date_order, platform=platform, decimal=decimal, add_days=add_days
    )
    with _progress() as progress:
        read = importing.import_files(files, told, config_path, keep=not dry_run, progress=progress)
    if as_json:
        click.echo(json.dumps([one.as_json() for one in read], indent=1))
    else:
        importing.print_reports(read, out(), err(), kept=not dry_run)
    if any(one.problem for one in read):
        sys.exit(FAILED)


@cli.command()
@click.option("--undo", metavar="ID", help="Take an import out again.")
@_config_option
@_verbose
def imports(undo: str | None, config_path: Path | None) -> None:
    """What is in the library."""
    from postlens.app.imports import importing

    library = importing.library_of(config_path)
    if undo:
        gone = importing.undo(library, undo)
        out().print(f"{gone.file} ({gone.report.posts:,} posts) is out of the library.", markup=False, highlight=False)
        return
    importing.print_imports(library, out())


@cli.command()
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
@click.option("--format", "ending", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_config_option
@_verbose
def run(
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
    from postlens.app.commands import asking

    with _progress() as progress:
        answer = asking.run(
            panel, source, _pairs(settings, "--set"), _pairs(filters, "--filter"), config_path, progress
        )
        tables = asking.write_tables(answer, out_dir, ending, progress) if out_dir else {}
    if as_json:
        click.echo(json.dumps(asking.as_json(answer), ensure_ascii=False, allow_nan=False))
    else:
        asking.show(answer, out())
    for note in answer.done.notes:
        err().print(str(note), style="yellow", markup=False, highlight=False)
    for path in tables.values():
        err().print(f"Wrote {path}", markup=False, highlight=False)


@cli.command()
@click.argument("receipt", type=click.Path(path_type=Path))
@click.option("--data", metavar="SOURCE", help='"sample", a file, a folder or a glob, in place of the config\'s.')
@_config_option
@_verbose
def replay(receipt: Path, data: str | None, config_path: Path | None) -> None:
    """Compute the question of RECEIPT again, and say whether the numbers are identical or what changed."""
    from postlens.app.commands.replaying import replay as again

    with _progress() as progress:
        found = again(receipt, data=data, config=config_path, progress=progress)
    if not found.changed:
        out().print(f"Identical: all {found.tables} tables and values.", highlight=False)
        return
    for sentence in found.changed:
        out().print(sentence, markup=False, highlight=False, soft_wrap=True)
    sys.exit(FAILED)


@cli.group()
def config() -> None:
    """Work with config.toml."""


@config.command("check")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@_config_option
@_verbose
def config_check(path: Path | None, config_path: Path | None) -> None:
    """Check the config and its plugins: every problem at once, each with its line."""
    from postlens.core.host import config as configuration
    from postlens.core.host import registry

    try:
        deployment = configuration.load(path or config_path)
    except PostlensError as error:
        _print_problems(error)
        sys.exit(BAD_CONFIG)
    try:
        plugins = registry.build(deployment)
    except PostlensError as error:
        _print_problems(error)
        sys.exit(BAD_CONFIG)
    problems = (
        [r.failure.problem for r in plugins.failed if r.failure]
        + [*plugins.problems]
        + registry.check_tables(deployment, plugins)
    )
    if problems:
        _print_problems(PostlensError(*problems))
        sys.exit(BAD_CONFIG)
    out().print(
        f"{deployment.path or 'The built-in defaults'}: no problems. Panels: {', '.join(plugins.panels)}.",
        markup=False,
        highlight=False,
    )


@cli.group(invoke_without_command=True)
@_config_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@_verbose
@click.pass_context
def plugins(ctx: click.Context, config_path: Path | None, as_json: bool) -> None:
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
    from rich.table import Table

    table = Table("Id", "Title", "From", "State", "Import", "Reason")
    for row in rows:
        origin = f"{row['package']} {row['version']}".strip() or row["source"]
        spent = "" if row["import_ms"] is None else f"{row['import_ms']:.0f} ms"
        table.add_row(row["id"], row["title"], origin, row["state"], spent, row["reason"])
    out().print(table, markup=False)


@plugins.command("new")
@click.argument("name")
@click.option("--package", is_flag=True, help="An installable package with entry point, tests and README.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where to; here otherwise."
)
@_verbose
def plugins_new(name: str, package: bool, folder: Path) -> None:
    """Write a plugin NAME that runs at once."""
    from postlens.app.commands.scaffold import new_plugin

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


@plugins.command("check")
@click.argument("target", metavar="PATH_OR_ID")
@_verbose
def plugins_check(target: str) -> None:
    """Check every promise of a plugin, a line each, with the fix for each that fails."""
    from postlens.app.commands.scaffold import check_plugin

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


@cli.command()
@click.argument("path", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))
@_verbose
def sample(path: Path) -> None:
    """Write the bundled sample to OUT (.csv, .parquet or .ndjson)."""
    from postlens.core.data.sources.sample import write_sample

    rows = write_sample(path)
    out().print(f"Wrote {rows:,} rows to {path}.", markup=False, highlight=False)


def _ids(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pairs(texts: Sequence[str], option: str) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise click.UsageError(f'{option} "{text}" is not KEY=VALUE.')
        pairs.append((key.strip(), value))
    return pairs


@contextmanager
def _progress() -> Iterator[Callable[[float, str], None]]:
    """A line on stderr that says what is happening; nothing where stderr is no terminal."""
    shown: list[Status] = []

    def show(done: float, label: str) -> None:
        if not shown:
            shown.append(err().status(label))
            shown[0].start()
        shown[0].update(f"{label} ({done:.0%})")

    try:
        yield show
    finally:
        for status in shown:
            status.stop()


def _print_problems(error: Exception) -> None:
    lines = [str(p) for p in error.problems] if isinstance(error, PostlensError) else [str(error)]
    for line in lines:
        err().print(line, style="red", markup=False, highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every failure is a sentence and an exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    state: dict[str, Any] = {}
    try:
        cli.main(args=list(arguments) if arguments is not None else None, obj=state, standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        err().print("Stopped.")
        sys.exit(130)
    except PostlensError as error:
        _fail(error, state, FAILED)
    except CannotCompute as error:
        _fail(error, state, CANNOT)
    except Exception as error:
        _fail(PostlensError.from_bug(error), state, FAILED)


def _fail(error: Exception, state: dict[str, Any], code: int) -> None:
    if state.get("verbose"):
        traceback.print_exc(file=sys.stderr)
    _print_problems(error)
    sys.exit(code)
