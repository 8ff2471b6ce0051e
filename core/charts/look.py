"""The house look: colours, an empty figure, and axes with round numbers."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from postlens.core.contract.wording import network_name, number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Okabe and Ito's colours, shifted where they fail 3:1 on white or on the dark background.
PALETTE = ("#2a78c2", "#d9770a", "#0f9d76", "#c65a94", "#7a68c9", "#a8861d", "#d1495b", "#4a9fb5", "#7d7d7d", "#6b8e23")
ACCENT, MUTED, WARN = PALETTE[0], "#8a8f98", "#d1495b"
_KNOWN = {
    "platform": ("facebook", "instagram", "tiktok", "linkedin", "youtube", "x", "pinterest", "threads"),
    "post_type": ("photo", "video", "link", "short", "text", "carousel", "live", "story"),
}
_LABEL, _TITLE = 24, 20  # Letters of a label, and of a line of an axis's title: phones are narrow.
LINE_END = "\u2028"  # In text of a figure; drawn as one, whatever else the text says.
ROW = 26


def color(column: str, level: str, levels: Sequence[str] = ()) -> str:
    """The colour of a level, the same on every page."""
    order = _KNOWN.get(column, tuple(levels))
    if level in order:
        return PALETTE[order.index(level) % len(PALETTE)]
    return PALETTE[sum(map(ord, level)) % len(PALETTE)]


def figure(height: int = 320, **more: Any) -> Figure:
    """An empty figure in the house look, with more of a layout."""
    import plotly.graph_objects as go

    axis: dict[str, Any] = {
        "gridcolor": "rgba(130,135,145,0.22)",
        "zeroline": False,
        "automargin": True,
        "title": {"standoff": 10, "font": {"size": 13}},
        "fixedrange": False,
        "tickformatstops": [
            {"dtickrange": ["M1", "M6"], "value": "%b\n%Y"}
        ],  # The year once, below: phones are narrow.
    }
    layout = {
        "height": height,
        "margin": {"l": 8, "r": 14, "t": 10, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": "#3b3f46"},
        "hoverlabel": {"font": {"size": 13}, "namelength": -1},
        "legend": {
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.0,
            "x": 0,
            "title": {"text": ""},
            "itemsizing": "constant",
        },
        "xaxis": {**axis, "tickangle": 0},
        "yaxis": axis,
        "showlegend": False,
        "colorway": list(PALETTE),
        "bargap": 0.25,
        "dragmode": False,
        "template": {},  # The default template weighs 7 kB in every figure.
    }
    # All at once: Plotly checks and copies the whole layout with every update.
    return go.Figure(layout={**layout, **more})


def upright(made: Figure, at: float, shade: str, words: str = "", *, log: bool = False) -> None:
    """Add a dotted line over the whole height at a value of the horizontal axis, with words above it.

    Plotly's own `add_vline` takes thirty times as long. On a log axis a shape stands at the value, an annotation at its
    logarithm; what has none is not marked.
    """
    if log and at <= 0:
        return
    shape = {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "y domain"}
    made.update_layout(shapes=[*made.layout.shapes, {**shape, "line": {"color": shade, "dash": "dot", "width": 1.5}}])
    if words:
        note = {"x": math.log10(at) if log else at, "y": 1.0, "yref": "y domain", "yanchor": "bottom", "text": words}
        made.update_layout(
            annotations=[*made.layout.annotations, {**note, "showarrow": False, "font": {"size": 12}}], margin={"t": 26}
        )


def standing_for(made: Figure, levels: Sequence[Any]) -> Figure:
    """The figure, with what each of its points stands for, so that choosing points can filter posts.

    Args:
        made: the figure.
        levels: for each point a value of a category, the first day of a period, or the two ends of a bin.
    """
    made.update_layout(meta={"levels": [list(v) if isinstance(v, tuple) else str(v) for v in levels]})
    return made


def short(label: str) -> str:
    """A label that fits an axis; networks by their names."""
    label = network_name(label)
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + "\u2026"


def titled(words: str) -> str:
    """An axis's title in lines that fit a phone."""
    return LINE_END.join(textwrap.wrap(words, _TITLE, break_long_words=False))


def wide(values: Sequence[float | None]) -> bool:
    """Whether positive values span so much that a log axis serves; on a narrow span it only has odd ticks."""
    good = [v for v in values if v is not None and math.isfinite(v)]
    return bool(good) and min(good) > 0 and max(good) > 4 * min(good)


def number_axis(values: Sequence[float | None], *, log: bool) -> dict[str, Any]:
    """An axis for these values, with round ticks."""
    if not log:
        return {
            "tickformat": "~s"
            if max((abs(v) for v in values if v is not None and math.isfinite(v)), default=0) >= 1e4
            else ""
        }
    good = [v for v in values if v is not None and math.isfinite(v) and v > 0]
    ticks = log_ticks(min(good), max(good)) if good else []
    return {"type": "log", "tickvals": ticks, "ticktext": [number(t) for t in ticks]}


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two ends on a log axis, about six of them."""
    span = math.log10(high / low) if low > 0 and high > low else 0.0
    steps = (
        (1, 10)
        if span > 5
        else (1, 3, 10)
        if span > 2
        else (1, 2, 5, 10)
        if span > 0.7
        else (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    )
    first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1
    ticks = sorted({round(s * 10.0**e, 12) for e in range(first, last + 1) for s in steps[:-1]})
    inside = [t for t in ticks if low / 1.15 <= t <= high * 1.15]
    return inside if len(inside) <= 7 else inside[:: math.ceil(len(inside) / 6)]


def log1p_axis(low: float, high: float) -> dict[str, Any]:
    """Ticks at round numbers on an axis that carries ln(1 + x)."""
    top = math.expm1(high)
    ticks = [t for t in (0, *log_ticks(1, max(top, 2))) if low - 0.05 <= math.log1p(t) <= high + 0.05]
    return {"tickvals": [math.log1p(t) for t in ticks], "ticktext": [number(t) for t in ticks]}
