"""The part of Plotly's scripts that is shipped: what pages and reports draw with, a third of the whole."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from plotly.offline import get_plotlyjs, get_plotlyjs_version

PART = Path(__file__).parents[1] / "assets" / "later" / "plotly-cartesian.min.js"
# What it draws, as its own documentation says.
KINDS = (
    "bar",
    "box",
    "contour",
    "heatmap",
    "histogram",
    "histogram2d",
    "histogram2dcontour",
    "image",
    "pie",
    "scatter",
    "scatterternary",
    "violin",
)


@cache
def version() -> str:
    """The version of the part; `make charts` brings another."""
    with PART.open(encoding="utf-8") as file:
        found = re.search(r"v(\d+\.\d+\.\d+)", file.read(200))
    return found[1] if found else ""


def fits() -> bool:
    """Whether the part is of the version of Plotly that is installed: figures are written for that one."""
    return bool(version() == get_plotlyjs_version())


def script_for(kinds: Collection[str]) -> str:
    """The script that draws traces of these kinds."""
    whole: str = PART.read_text("utf-8") if fits() and set(kinds) <= set(KINDS) else get_plotlyjs()
    return whole
