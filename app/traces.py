"""Log lines with tracebacks only for who asked for them, or keeps a server's log."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

DEV = "POSTLENS_DEV"  # Set by `postlens serve --dev`.


def developing() -> bool:
    """Whether a developer looks: pages show tracebacks."""
    return os.environ.get(DEV) == "1"


class Traces(logging.Formatter):
    """Shows of a traceback its last line, unless `shown`."""

    shown = False

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """The traceback, or its last line."""
        full = super().formatException(ei)
        return full if Traces.shown else full.rsplit("\n", 1)[-1]


def log_to_stderr(*, shown: bool = False) -> None:
    """Warnings and errors to standard error."""
    Traces.shown = Traces.shown or shown
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Traces("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
