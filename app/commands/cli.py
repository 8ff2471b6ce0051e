"""The command line: every module of this folder whose name does not begin with _ is a command, loaded when it is used."""

from __future__ import annotations

import pkgutil
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from postlens.app import commands
from postlens.app.commands._console import CANNOT, FAILED, err, print_problems, verbose_option
from postlens.app.traces import log_to_stderr
from postlens.core.contract.problems import CannotCompute, PostlensError


class Commands(click.Group):
    """The commands, found by their files; `import_` is `import`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        del ctx
        names = [m.name for m in pkgutil.iter_modules(commands.__path__)]
        return sorted(n.rstrip("_") for n in names if not n.startswith("_") and n != "cli")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them, imported now."""
        if cmd_name not in self.list_commands(ctx):
            return None
        file = "import_" if cmd_name == "import" else cmd_name
        command: click.Command = import_module(f"{commands.__name__}.{file}").command
        command.name = cmd_name
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("postlens"), prog_name="postlens")
@verbose_option
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Which posts work, whether that is real or chance, and how many more would settle it."""
    ctx.ensure_object(dict)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every failure is a sentence and an exit code."""
    log_to_stderr()
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
    print_problems(error)
    sys.exit(code)
