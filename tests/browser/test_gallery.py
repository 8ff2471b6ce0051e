"""How every block looks, in every state: the gallery against its pictures, within a tolerance.

The pictures in `gallery/` are small: what a page looks like from afar. `POSTLENS_NEW_PICTURES=1` takes them anew.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waitress.server import create_server

from postlens.app.clients import Clients
from postlens.app.web.server import create_app
from postlens.app.workspace import open_workspace
from tests.browser.test_browser import browser, page, until

__all__ = ["browser", "page"]  # Fixtures.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PICTURES = Path(__file__).parent / "gallery"
WIDTHS = {"wide": 1400, "phone": 390}
CHARTS = 10
SMALLER = 6  # Times.
TALLER, OTHER = 0.03, 0.02  # Of the height; of the range from black to white, on average.

_SHRINK = """
async ([address, smaller]) => {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width / smaller);
  canvas.height = Math.round(picture.height / smaller);
  const pen = canvas.getContext('2d');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const dots = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  const grey = [];
  for (let i = 0; i < dots.length; i += 4) grey.push(Math.round((dots[i] + dots[i + 1] + dots[i + 2]) / 3));
  return {small: canvas.toDataURL('image/png'), height: canvas.height, grey};
}
"""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the gallery."""
    folder = tmp_path_factory.mktemp("gallery")
    for file in (Path("examples/gallery") / name for name in ("config.toml", "gallery.py")):
        (folder / file.name).write_bytes(file.read_bytes())
    workspace = open_workspace(folder / "config.toml")
    server = create_server(create_app(Clients(workspace)).server, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}/gallery"
    server.close()


def pixels(blank: Any, picture: bytes, *, shrink: bool = False) -> dict[str, Any]:
    """The greys of a picture, from 0 to 255, row by row; made as small as those that are kept."""
    address = "data:image/png;base64," + base64.b64encode(picture).decode()
    found: dict[str, Any] = blank.evaluate(_SHRINK, [address, SMALLER if shrink else 1])
    return found


def difference(one: dict[str, Any], other: dict[str, Any]) -> float:
    """How far two pictures are apart on average, row by row from the top as far as both reach; 1 is black against white."""
    pairs = list(zip(one["grey"], other["grey"], strict=False))
    return sum(abs(a - b) for a, b in pairs) / (255 * len(pairs))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_block_looks_as_it_did(browser: Any, gallery: str, scheme: str, width: str) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[width], "height": 900}, color_scheme=scheme)
    try:
        opened = context.new_page()
        opened.goto(gallery)
        until(opened, f"document.querySelectorAll('.js-plotly-plot').length >= {CHARTS}")
        opened.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        charts = opened.locator(".js-plotly-plot")
        for number in range(charts.count()):
            charts.nth(number).scroll_into_view_if_needed()
        until(
            opened, "[...document.querySelectorAll('.js-plotly-plot')].every((one) => one.querySelector('.main-svg'))"
        )
        opened.wait_for_timeout(1_000)
        opened.evaluate("window.scrollTo(0, 0)")
        opened.wait_for_timeout(300)
        now = pixels(context.new_page(), opened.screenshot(full_page=True), shrink=True)
        kept = PICTURES / f"{width}-{scheme}.png"
        if os.environ.get("POSTLENS_NEW_PICTURES"):
            kept.write_bytes(base64.b64decode(now["small"].partition(",")[2]))
        before = pixels(context.new_page(), kept.read_bytes())
    finally:
        context.close()
    assert abs(now["height"] / before["height"] - 1) <= TALLER, "blocks are taller or lower than they were"
    assert difference(now, before) <= OTHER, "blocks look otherwise than they did"


def test_another_look_is_noticed(browser: Any) -> None:
    blank = browser.new_context().new_page()
    light, dark = (pixels(blank, (PICTURES / f"wide-{scheme}.png").read_bytes()) for scheme in ("light", "dark"))
    phone = pixels(blank, (PICTURES / "phone-light.png").read_bytes())
    assert difference(light, dark) > 10 * OTHER
    assert difference(light, phone) > OTHER
    assert difference(light, light) == 0
