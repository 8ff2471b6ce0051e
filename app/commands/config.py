"""`postlens config`: work with config.toml."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from postlens.app.commands._console import BAD_CONFIG, config_option, out, print_problems, verbose_option
from postlens.core.contract.problems import PostlensError


@click.group()
def command() -> None:
    """Work with config.toml."""


@command.command("check")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@config_option
@verbose_option
def config_check(path: Path | None, config_path: Path | None) -> None:
    """Check the config and its plugins: every problem at once, each with its line."""
    from postlens.core.host import config as configuration
    from postlens.core.host import registry

    try:
        deployment = configuration.load(path or config_path)
    except PostlensError as error:
        print_problems(error)
        sys.exit(BAD_CONFIG)
    try:
        plugins = registry.build(deployment)
    except PostlensError as error:
        print_problems(error)
        sys.exit(BAD_CONFIG)
    problems = (
        [r.failure.problem for r in plugins.failed if r.failure]
        + [*plugins.problems]
        + registry.check_tables(deployment, plugins)
    )
    if problems:
        print_problems(PostlensError(*problems))
        sys.exit(BAD_CONFIG)
    out().print(
        f"{deployment.path or 'The built-in defaults'}: no problems. Panels: {', '.join(plugins.panels)}.",
        markup=False,
        highlight=False,
    )
