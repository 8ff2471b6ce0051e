"""Every page, light and dark, wide and narrow: screenshots.py [SOURCE] [FOLDER]."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from playwright.sync_api import Browser
from waitress.server import create_server

from postlens.app.clients import Clients
from postlens.app.web.server import create_app
from postlens.app.workspace import open_workspace
from scripts.browser import chromium

WIDTHS = {"wide": (1400, 900), "narrow": (390, 844)}


def main() -> None:
    """Serve a workspace, visit every page, save what it looks like."""
    source = sys.argv[1] if len(sys.argv) > 1 else None
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "build/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    workspace = open_workspace(Path("config.toml"), data=source)
    server = create_server(create_app(Clients(workspace)).server, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    base = f"http://127.0.0.1:{server.effective_port}"
    with chromium() as browser:
        for scheme in ("light", "dark"):
            for width, size in WIDTHS.items():
                _shoot(
                    browser,
                    base,
                    ["", "posts", "data", "import", *workspace.registry.panels],
                    scheme,
                    width,
                    size,
                    folder,
                )


def _shoot(
    browser: Browser, base: str, panels: list[str], scheme: str, width: str, size: tuple[int, int], folder: Path
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.on(
        "console",
        lambda message: print(scheme, width, message.type, message.text[:300]) if message.type == "error" else None,
    )
    for panel in panels:
        page.goto(f"{base}/{panel}")
        arrived = {
            "": ".pl-finding, .pl-brief .pl-claim",
            "data": ".pl-data",
            "posts": ".ag-cell:has-text('20')",
            "import": "#up-files",
        }.get(panel, f"#{panel}-result .pl-details")
        page.wait_for_selector(arrived, timeout=60_000)
        page.wait_for_timeout(1200)
        page.screenshot(path=folder / f"{panel or 'home'}-{scheme}-{width}.png", full_page=True)
        if (panel, scheme, width) == ("hypothesis", "light", "wide"):
            page.screenshot(path=folder / "readme.png")
    context.close()


if __name__ == "__main__":
    main()
