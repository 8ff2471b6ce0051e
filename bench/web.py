"""Pages as a browser asks for them, without the browser: the callback of a panel, posted to the app."""

from __future__ import annotations

import json
from typing import Any

from dash import Dash


class Visitor:
    """A browser on one panel's page: loads it once, then asks again and again."""

    def __init__(self, app: Dash, panel: str, search: str = "") -> None:
        self.client: Any = app.server.test_client()
        self.panel = panel
        specs = self.client.get("/_dash-dependencies").get_json()
        layout = json.loads(self._page(specs, search))
        spec = next(d for d in specs if f"{panel}-result.children" in d["output"])

        def value(entry: dict[str, str]) -> dict[str, Any]:
            props = _found(layout, entry["id"]) or {}
            return {**entry, "value": props.get(entry["property"])}

        self._body = {
            "output": spec["output"],
            "outputs": _parts(spec["output"]),
            "inputs": [value(e) for e in spec["inputs"]],
            "state": [value(e) for e in spec["state"]],
            "changedPropIds": [f"{e['id']}.{e['property']}" for e in spec["inputs"]],
        }

    def _page(self, specs: list[dict[str, Any]], search: str) -> str:
        router = next(d for d in specs if "_pages_content.children" in d["output"])
        body = {
            "output": router["output"],
            "outputs": [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}],
            "inputs": [
                {"id": "_pages_location", "property": "pathname", "value": f"/{self.panel}"},
                {"id": "_pages_location", "property": "search", "value": search},
            ],
            "changedPropIds": ["_pages_location.pathname"],
            "state": [],
        }
        text: str = self.client.post("/_dash-update-component", json=body).get_data(as_text=True)
        return text

    def ask(self) -> bytes | None:
        """The panel's answer as the browser gets it; None while it is at work."""
        answer: bytes = self.client.post("/_dash-update-component", json=self._body).get_data()
        return answer if f'"{self.panel}-result"'.encode() in answer else None


def _parts(output: str) -> list[dict[str, str]]:
    return [{"id": p.rpartition(".")[0], "property": p.rpartition(".")[2]} for p in output.strip(".").split("...")]


def _found(tree: Any, component_id: str) -> Any:
    if isinstance(tree, dict):
        if tree.get("props", {}).get("id") == component_id:
            return tree["props"]
        tree = list(tree.values())
    if isinstance(tree, list):
        return next((hit for v in tree if (hit := _found(v, component_id)) is not None), None)
    return None
