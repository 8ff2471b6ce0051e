"""What a browser loads of scripts: what the page needs, compressed, and once.

Plotly is shipped with the kinds of chart that pages have (bars, points, heat maps and their like); a chart of another kind,
of a plugin, loads the whole. The table of posts is loaded by the page that has it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import dash_ag_grid
import flask
from dash.fingerprint import build_fingerprint
from flask_compress import Compress
from plotly.offline import get_plotlyjs_version

LATER = ["later"]  # Folders of assets that Dash leaves to be loaded later.
_CHARTS = Path(__file__).parents[1] / "assets" / "later" / "plotly-cartesian.min.js"
_GRID = "dash_ag_grid.min.js"
_YEAR = 365 * 24 * 3600


@cache
def charts_version() -> str:
    """The version of Plotly's scripts that is shipped; `make charts` brings another."""
    with _CHARTS.open(encoding="utf-8") as file:
        found = re.search(r"v(\d+\.\d+\.\d+)", file.read(200))
    return found[1] if found else ""


def leave_for_later() -> None:
    """Have the script of the table of posts served, but not loaded by every page."""
    for script in dash_ag_grid._js_dist:  # noqa: SLF001 - where Dash looks
        if script["relative_package_path"] == _GRID:
            script["dynamic"] = True


def addresses() -> str:
    """Attributes of the page that say where the scripts are that it loads when it needs them."""
    changed = int((Path(dash_ag_grid.__file__).parent / _GRID).stat().st_mtime)
    grid = build_fingerprint(_GRID, dash_ag_grid.__version__, changed)
    found = {"grid": f"/_dash-component-suites/dash_ag_grid/{grid}"}
    # Figures are written for the version of Plotly that is installed: another version's scripts might misread them.
    if charts_version() == get_plotlyjs_version():
        found["charts"] = f"/assets/later/{_CHARTS.name}?{urlencode({'m': charts_version()})}"
    return " ".join(f'data-{name}="{address}"' for name, address in found.items())


def send_small(server: flask.Flask) -> None:
    """Compress what is sent, and let browsers keep what has its version in its address."""
    server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    server.config["COMPRESS_STREAMS"] = False
    server.config["COMPRESS_BR_LEVEL"] = 5  # A tenth more than the smallest, in a hundredth of its time.
    Compress(server)  # What is registered first is done last: the assets below are read when it comes to them.

    @server.after_request
    def keep(response: flask.Response) -> flask.Response:
        request = flask.request
        if response.status_code == 200 and request.path.startswith("/assets/"):
            response.direct_passthrough = False
            response.make_sequence()
            if "m" in request.args:
                response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response
