"""What a browser loads of scripts: what the page needs, compressed, and once.

Plotly is shipped with the kinds of chart that pages have (bars, points, heat maps and their like); a chart of another kind,
of a plugin, loads the whole. The table of posts is loaded by the page that has it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import dash_ag_grid
import flask
from dash.fingerprint import build_fingerprint
from flask_compress import Compress

from postlens.app.export import charts_script

LATER = ["later"]  # Folders of assets that Dash leaves to be loaded later.
_GRID = "dash_ag_grid.min.js"
_YEAR = 365 * 24 * 3600


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
    if charts_script.fits():
        found["charts"] = f"/assets/later/{charts_script.PART.name}?{urlencode({'m': charts_script.version()})}"
        found["kinds"] = " ".join(charts_script.KINDS)
    return " ".join(f'data-{name}="{value}"' for name, value in found.items())


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
