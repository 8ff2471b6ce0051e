"""Components as plain HTML: a page that needs no server and no Dash."""

from __future__ import annotations

import html as escaping
import json
import re
from typing import Any

from dash import dcc
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

_VOID = {"Br", "Hr", "Img", "Input"}
_NAMES = {"className": "class", "tabIndex": "tabindex", "htmlFor": "for", "colSpan": "colspan", "rowSpan": "rowspan"}
_LEFT_OUT = {"children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks", "key", "loading_state", "id", "download"}


def to_html(content: Any) -> str:
    """Text of one component, a list of them, or plain text, which is escaped.

    Links to the server are left out, figures become places for `FIGURES` to draw in.
    """
    if content is None or content is False:
        return ""
    if isinstance(content, list | tuple):
        return "".join(map(to_html, content))
    if not isinstance(content, Component):
        return escaping.escape(str(content), quote=False)
    if isinstance(content, dcc.Graph):
        return _figure(content)
    tag = type(content).__name__
    if tag in {"Button", "Store"} or "pl-no-print" in str(getattr(content, "className", "")):
        return ""
    inner = to_html(getattr(content, "children", None))
    if isinstance(content, dcc.Link):  # A tile that leads on stays a tile; a way to another page has no meaning here.
        kind = escaping.escape(str(getattr(content, "className", "")), quote=True)
        return f'<div class="{kind}">{inner}</div>' if _holds(content) else ""
    if tag == "A" and not str(getattr(content, "href", "")).startswith(("http://", "https://", "#")):
        return inner
    attributes = _attributes(content)
    return f"<{tag.lower()}{attributes}>" + ("" if tag in _VOID else f"{inner}</{tag.lower()}>")


def _holds(link: Any) -> bool:
    return isinstance(getattr(link, "children", None), list)


def _attributes(component: Component) -> str:
    made = []
    for name, value in component.to_plotly_json()["props"].items():
        if name in _LEFT_OUT or value is None or value is False:
            continue
        text = ";".join(f"{_dashed(k)}:{v}" for k, v in value.items()) if name == "style" else value
        if isinstance(text, str | int | float):
            made.append(f' {_NAMES.get(name, name)}="{escaping.escape(str(text), quote=True)}"')
    return "".join(made)


def _dashed(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name)


def _figure(graph: Any) -> str:
    figure = json.dumps(graph.figure, cls=PlotlyJSONEncoder)
    height = graph.figure["layout"].get("height") or 320
    # "</" would end the script that holds the figure.
    safe = figure.replace("</", "<\\/")
    return (
        f'<div class="pl-figure" style="height:{height}px"></div>'
        f'<script type="application/json" class="pl-figure-data">{safe}</script>'
    )


def kinds_drawn(page: str) -> set[str]:
    """The kinds of the traces of a page's figures."""
    figures = map(json.loads, re.findall(r'class="pl-figure-data">(.*?)</script>', page, re.DOTALL))
    return {trace.get("type", "scatter") for figure in figures for trace in figure["data"]}


FIGURES = """
for (const data of document.querySelectorAll("script.pl-figure-data")) {
  const figure = JSON.parse(data.textContent);
  figure.layout.dragmode = false;
  Plotly.newPlot(data.previousElementSibling, figure.data, figure.layout, {displayModeBar: false, responsive: true});
}
window.addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((d) => d.setAttribute("open", ""));
  document.querySelectorAll(".pl-figure").forEach((f) => Plotly.Plots.resize(f));
});
"""
