"""Pages as a browser asks for them, without the browser: the callback of a panel, posted to the app."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4


class Visitor:
    """A browser on one panel's page: loads it once, then asks again and again."""

    def __init__(self, panel: str, search: str = "", *, client: Any) -> None:
        self.client: Any = client
        self.panel = panel
        specs = self.client.get("/_dash-dependencies").get_json()
        layout = json.loads(self._page(specs, search))
        spec = next(d for d in specs if f"{panel}-result.children" in d["output"])

        self._body = {
            "output": spec["output"],
            "outputs": _parts(spec["output"]),
            "inputs": [filled(e, layout) for e in spec["inputs"]],
            "state": [filled(e, layout) for e in spec["state"]],
            "changedPropIds": [f"{e['id']}.{e['property']}" for e in spec["inputs"] if e["property"] != "n_clicks"],
        }
        self._say("watcher", uuid4().hex)

    def _say(self, component: str, value: Any) -> None:
        """What the page holds from now on."""
        for entry in [*self._body["inputs"], *self._body["state"]]:
            if isinstance(entry, dict) and entry["id"] == component:
                entry["value"] = value

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
        if f'"{self.panel}-result"'.encode() in answer:
            return answer
        told = json.loads(answer)["response"]  # As the page's script does: hold what was said, and let the clock tick.
        for name, of in (("asked", "asked"), ("poll", "tick")):
            self._say(f"{self.panel}-{of}", told.get(f"{self.panel}-{name}", {}).get("data"))
        self._body["changedPropIds"] = [f"{self.panel}-tick.data"]
        return None


def _parts(output: str) -> list[dict[str, str]]:
    return [{"id": p.rpartition(".")[0], "property": p.rpartition(".")[2]} for p in output.strip(".").split("...")]


def filled(entry: dict[str, Any], layout: Any, changed: Mapping[str, Any] | None = None) -> Any:
    """An input or state of a callback as the browser sends it, read from a layout; `changed` values by component id.

    One that stands for all components of a kind becomes a list of those there are.
    """
    changed = changed or {}
    if not entry["id"].startswith("{"):
        own = (found(layout, entry["id"]) or {}).get(entry["property"])
        return {**entry, "value": changed.get(entry["id"], own)}
    wanted = {k: v for k, v in json.loads(entry["id"]).items() if v != ["ALL"]}
    return [
        {"id": props["id"], "property": entry["property"], "value": _own(props, entry["property"], changed)}
        for props in every(layout)
        if isinstance(props.get("id"), dict) and wanted.items() <= props["id"].items()
    ]


def _own(props: dict[str, Any], name: str, changed: Mapping[str, Any]) -> Any:
    return props.get(name) if name == "id" else changed.get(props["id"]["name"], props.get(name))


def found(tree: Any, component_id: Any) -> Any:
    """The properties of a component of a layout by its id."""
    return next((props for props in every(tree) if props.get("id") == component_id), None)


def every(tree: Any) -> Iterator[dict[str, Any]]:
    """The properties of every component of a layout."""
    if isinstance(tree, dict):
        if isinstance(tree.get("props"), dict):
            yield tree["props"]
        for value in tree.values():
            yield from every(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from every(value)
