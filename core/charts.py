"""The figures that panels share: one look, one colour for the same thing, readable in light and dark.

Figures carry light colours and no background; the app recolours text and grid in the dark with CSS, so a figure
is the same in every theme and prints well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from core.words import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Okabe and Ito's colours, shifted where they fail 3:1 on white or on the dark background.
PALETTE = ("#2a78c2", "#d9770a", "#0f9d76", "#c65a94", "#7a68c9", "#a8861d", "#d1495b", "#4a9fb5", "#7d7d7d", "#6b8e23")
ACCENT, MUTED, WARN = PALETTE[0], "#8a8f98", "#d1495b"
_KNOWN = {
    "platform": ("facebook", "instagram", "tiktok", "linkedin", "youtube", "x", "pinterest", "threads"),
    "post_type": ("photo", "video", "link", "short", "text", "carousel", "live", "story"),
}
_LABEL = 30
_ROW = 26


def color(column: str, level: str, levels: Sequence[str] = ()) -> str:
    """The colour of a level, the same on every page."""
    order = _KNOWN.get(column, tuple(levels))
    if level in order:
        return PALETTE[order.index(level) % len(PALETTE)]
    return PALETTE[sum(map(ord, level)) % len(PALETTE)]


def figure(height: int = 320) -> Figure:
    """An empty figure in the house look."""
    import plotly.graph_objects as go

    axis: dict[str, Any] = {
        "gridcolor": "rgba(130,135,145,0.22)",
        "zeroline": False,
        "automargin": True,
        "title": {"standoff": 10},
        "fixedrange": False,
    }
    made = go.Figure(layout_template=go.layout.Template())  # The default template weighs 7 kB in every figure.
    made.update_layout(
        height=height,
        margin={"l": 8, "r": 14, "t": 10, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": "#3b3f46"},
        hoverlabel={"font": {"size": 13}, "namelength": -1},
        legend={
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.0,
            "x": 0,
            "title": {"text": ""},
            "itemsizing": "constant",
        },
        xaxis=axis,
        yaxis=axis,
        showlegend=False,
        colorway=list(PALETTE),
        bargap=0.25,
        dragmode=False,
    )
    return made


def short(label: str) -> str:
    """A label that fits an axis."""
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + "\u2026"


def dots(
    rows: pl.DataFrame,
    *,
    label: str,
    value: str,
    low: str,
    high: str,
    n: str,
    axis: str,
    log: bool = False,
    reference: float | None = None,
    reference_label: str = "",
    colors: Sequence[str] = (),
) -> Figure:
    """A dot with its interval for each row, top to bottom, the n beside the label."""
    import plotly.graph_objects as go

    made = figure(max(150, 70 + _ROW * rows.height))
    values, lows, highs = (rows[c].to_list() for c in (value, low, high))
    log = log and _wide([*values, *lows, *highs])
    names = [f"{short(str(name))}  n={count:,}" for name, count in zip(rows[label], rows[n], strict=True)]
    up = [_length(v, h) for v, h in zip(values, highs, strict=True)]
    down = [_length(low_end, v) for v, low_end in zip(values, lows, strict=True)]
    words = [f"{number(v)} ({number(a)} to {number(b)})" for v, a, b in zip(values, lows, highs, strict=True)]
    made.add_trace(
        go.Scatter(
            x=values,
            y=names,
            mode="markers",
            marker={"size": 10, "color": list(colors) or ACCENT},
            error_x={"type": "data", "array": up, "arrayminus": down, "color": MUTED, "thickness": 2, "width": 0},
            customdata=words,
            hovertemplate="%{y}<br>%{customdata}<extra></extra>",
        )
    )
    made.update_yaxes(autorange="reversed", showgrid=False, type="category")
    made.update_xaxes(title_text=axis, **_number_axis(values + lows + highs, log=log))
    if reference is not None:
        made.add_vline(x=reference, line={"color": MUTED, "dash": "dot", "width": 1.5})
        if reference_label:
            made.add_annotation(
                x=math.log10(reference) if log else reference,
                yref="paper",
                y=1.0,
                yanchor="bottom",
                text=reference_label,
                showarrow=False,
                font={"size": 12},
            )
            made.update_layout(margin={"t": 26})
    return made


def _length(start: float | None, end: float | None) -> float:
    if start is None or end is None or not math.isfinite(start) or not math.isfinite(end):
        return 0.0
    return max(end - start, 0.0)


def _wide(values: Sequence[float | None]) -> bool:
    """Whether positive values span so much that a log axis serves; on a narrow span it only has odd ticks."""
    good = [v for v in values if v is not None and math.isfinite(v)]
    return bool(good) and min(good) > 0 and max(good) > 4 * min(good)


def _number_axis(values: Sequence[float | None], *, log: bool) -> dict[str, Any]:
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
    return inside if len(inside) <= 9 else inside[:: math.ceil(len(inside) / 8)]


def bars(
    rows: pl.DataFrame, *, label: str, value: str, axis: str, colors: Sequence[str] = (), horizontal: bool = True
) -> Figure:
    """A bar for each row."""
    import plotly.graph_objects as go

    names = [short(str(name)) for name in rows[label]]
    made = figure(max(150, 60 + _ROW * rows.height) if horizontal else 280)
    values = rows[value].to_list()
    common: dict[str, Any] = {"marker": {"color": list(colors) or ACCENT}}
    if horizontal:
        made.add_trace(
            go.Bar(x=values, y=names, orientation="h", hovertemplate="%{y}: %{x:,}<extra></extra>", **common)
        )
        made.update_yaxes(autorange="reversed", showgrid=False, type="category")
        made.update_xaxes(title_text=axis, rangemode="tozero")
    else:
        made.add_trace(go.Bar(x=names, y=values, hovertemplate="%{x}: %{y:,}<extra></extra>", **common))
        made.update_xaxes(showgrid=False, type="category", tickangle=0)
        made.update_yaxes(title_text=axis, rangemode="tozero")
    return made


def histogram(rows: pl.DataFrame, *, axis: str, log: bool, marks: Sequence[tuple[float, str]] = ()) -> Figure:
    """Counts between `left` and `right`; with `log` the ends are ln(1 + x) and the axis shows x.

    Args:
        rows: `left`, `right`, `posts`.
        axis: title of the horizontal axis.
        log: whether the bins are on the log scale.
        marks: values, in the metric's unit, to mark with a line and a word.
    """
    import plotly.graph_objects as go

    made = figure(280)
    lefts, rights = rows["left"].to_numpy(), rows["right"].to_numpy()
    ends = [(math.expm1(a), math.expm1(b)) if log else (a, b) for a, b in zip(lefts, rights, strict=True)]
    made.add_trace(
        go.Bar(
            x=(lefts + rights) / 2,
            y=rows["posts"].to_list(),
            width=rights - lefts,
            marker={"color": ACCENT, "line": {"width": 0}},
            customdata=[f"{number(a)} to {number(b)}" for a, b in ends],
            hovertemplate="%{customdata}: %{y:,} posts<extra></extra>",
        )
    )
    made.update_layout(bargap=0.03)
    made.update_xaxes(title_text=axis, **(_log1p_axis(float(lefts.min()), float(rights.max())) if log else {}))
    made.update_yaxes(title_text="Posts")
    for value, word in marks:
        at = math.log1p(value) if log else value
        if lefts.min() <= at <= rights.max():
            made.add_vline(
                x=at, line={"color": WARN, "dash": "dot", "width": 1.5}, annotation_text=word, annotation_position="top"
            )
            made.update_layout(margin={"t": 26})
    return made


def _log1p_axis(low: float, high: float) -> dict[str, Any]:
    """Ticks at round numbers on an axis that carries ln(1 + x)."""
    top = math.expm1(high)
    ticks = [t for t in (0, *log_ticks(1, max(top, 2))) if low - 0.05 <= math.log1p(t) <= high + 0.05]
    return {"tickvals": [math.log1p(t) for t in ticks], "ticktext": [number(t) for t in ticks]}


def line(
    rows: pl.DataFrame,
    *,
    x: str,
    value: str,
    low: str,
    high: str,
    axis: str,
    x_axis: str = "",
    log: bool = False,
    dates: bool = False,
    n: str = "",
) -> Figure:
    """A line with its interval as a band."""
    import plotly.graph_objects as go

    made = figure(300)
    xs = rows[x].to_list()
    band: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    made.add_trace(go.Scatter(x=xs, y=rows[high].to_list(), **band))
    made.add_trace(go.Scatter(x=xs, y=rows[low].to_list(), fill="tonexty", fillcolor="rgba(42,120,194,0.18)", **band))
    counts = rows[n].to_list() if n else [None] * rows.height
    words = [
        f"{number(v)} ({number(a)} to {number(b)})" + (f", n={c:,}" if c is not None else "")
        for v, a, b, c in zip(rows[value], rows[low], rows[high], counts, strict=True)
    ]
    made.add_trace(
        go.Scatter(
            x=xs,
            y=rows[value].to_list(),
            mode="lines+markers",
            line={"color": ACCENT, "width": 2},
            marker={"size": 6},
            customdata=words,
            hovertemplate="%{x}: %{customdata}<extra></extra>",
        )
    )
    values = [v for c in (value, low, high) for v in rows[c].to_list()]
    made.update_yaxes(title_text=axis, **_number_axis(values, log=log and _wide(values)))
    made.update_xaxes(title_text=x_axis, type="date" if dates else "category", tickangle=0)
    return made


def steps(
    rows: pl.DataFrame, *, x: str, y: str, axis: str, x_axis: str, mark: int | None = None, mark_label: str = ""
) -> Figure:
    """A line over whole numbers, one of them marked."""
    import plotly.graph_objects as go

    made = figure(300)
    xs, ys = rows[x].to_list(), rows[y].to_list()
    made.add_trace(
        go.Scatter(
            x=xs,
            y=ys,
            mode="lines+markers",
            line={"color": ACCENT, "width": 2},
            marker={"size": 7},
            customdata=[number(v) for v in ys],
            hovertemplate=f"{x} = %{{x}}: %{{customdata}}<extra></extra>",
        )
    )
    if mark is not None and mark in xs:
        at = ys[xs.index(mark)]
        made.add_trace(
            go.Scatter(
                x=[mark],
                y=[at],
                mode="markers",
                hoverinfo="skip",
                marker={"size": 15, "color": "rgba(0,0,0,0)", "line": {"color": WARN, "width": 3}},
            )
        )
        made.add_annotation(
            x=mark, y=at, text=f"k = {mark}, {mark_label}", showarrow=False, xanchor="left", xshift=12, yshift=12
        )
    made.update_xaxes(title_text=x_axis, dtick=1 if len(xs) <= 10 else 2, tickangle=0)
    made.update_yaxes(title_text=axis, tickformat="~s" if max((v or 0 for v in ys), default=0) >= 1e4 else "")
    return made


def two_lines(
    rows: pl.DataFrame, *, x: str, first: str, second: str, names: tuple[str, str], axis: str, x_axis: str
) -> Figure:
    """Two lines to compare, on a log axis where both allow it."""
    import plotly.graph_objects as go

    made = figure(300)
    for column, name, shade in ((first, names[0], ACCENT), (second, names[1], MUTED)):
        made.add_trace(
            go.Scatter(
                x=rows[x].to_list(),
                y=rows[column].to_list(),
                mode="lines+markers",
                name=short(name),
                line={"color": shade, "width": 2},
                customdata=[number(v) for v in rows[column]],
                hovertemplate="%{x}: %{customdata}<extra>" + "%{fullData.name}</extra>",
            )
        )
    values = [v for c in (first, second) for v in rows[c].to_list()]
    made.update_yaxes(title_text=axis, **_number_axis(values, log=_wide(values)))
    made.update_xaxes(title_text=x_axis, dtick=1)
    made.update_layout(showlegend=True)
    return made


def heat(
    values: Sequence[Sequence[float | None]],
    *,
    x: Sequence[str],
    y: Sequence[str],
    scale: Literal["diverging", "sequential"] = "diverging",
    limit: float = 1.0,
    words: Sequence[Sequence[str]] = (),
    shown: bool = True,
) -> Figure:
    """A table of numbers as colours, each with its number in it."""
    import plotly.graph_objects as go

    made = figure(110 + 30 * len(y))
    diverging = scale == "diverging"
    colors = [[0, "#c8702a"], [0.5, "#e9e9ec"], [1, "#2a78c2"]] if diverging else [[0, "#e4ecf5"], [1, "#1f5f9e"]]
    made.add_trace(
        go.Heatmap(
            z=[list(row) for row in values],
            x=[short(v) for v in x],
            y=[short(v) for v in y],
            zmin=-limit if diverging else 0,
            zmax=limit,
            colorscale=colors,
            showscale=False,
            xgap=2,
            ygap=2,
            text=[list(row) for row in words] if words else None,
            texttemplate="%{text}" if words and shown else None,
            textfont={"color": "#1d1f23", "size": 12},
            hovertemplate="%{y} and %{x}: %{text}<extra></extra>"
            if words
            else "%{y} and %{x}: %{z:.2f}<extra></extra>",
        )
    )
    made.update_yaxes(autorange="reversed", showgrid=False, type="category")
    made.update_xaxes(showgrid=False, side="bottom", type="category", tickangle=-35)
    return made


def bubbles(rows: pl.DataFrame, *, x_axis: str, y_axis: str, groups: Sequence[str], column: str, log: bool) -> Figure:
    """Posts in cells of a grid: a mark for each cell, as large as its posts are many, coloured by its main group.

    Args:
        rows: `x`, `y` (centres of cells; ln(1 + value) where `log`), `group`, `posts`, `share` (of the main group).
        x_axis: title.
        y_axis: title.
        groups: levels in order, for the legend.
        column: name of the grouping, for the colours.
        log: whether the cells are on the log scale.
    """
    import plotly.graph_objects as go

    made = figure(340)
    most = max(rows["posts"].to_list(), default=1)
    for level in groups:
        part = rows.filter(pl.col("group") == level)
        if part.is_empty():
            continue
        size = [4 + 14 * math.sqrt(p / most) for p in part["posts"]]
        made.add_trace(
            go.Scatter(
                x=part["x"].to_list(),
                y=part["y"].to_list(),
                mode="markers",
                name=level,
                marker={"size": size, "color": color(column, level, groups), "opacity": 0.8, "line": {"width": 0}},
                customdata=[
                    f"{p:,} post(s), {s:.0%} in {level}" for p, s in zip(part["posts"], part["share"], strict=True)
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    made.update_layout(showlegend=True)
    for update, name, title in ((made.update_xaxes, "x", x_axis), (made.update_yaxes, "y", y_axis)):
        ticks = _log1p_axis(min(rows[name].to_list()), max(rows[name].to_list())) if log and rows.height else {}
        update(title_text=title, **ticks)
    return made


def density_matrix(cells: pl.DataFrame, names: Sequence[str], labels: Sequence[str], bins: int) -> Figure:
    """Every metric against every other as small density maps: what a scatter matrix shows, at any number of posts.

    Args:
        cells: `x`, `y` (metric names), `i`, `j` (cell numbers, 0 to bins - 1), `posts`.
        names: the metrics in order.
        labels: what they are called.
        bins: cells along each side.
    """
    import plotly.graph_objects as go

    size = len(names)
    made = figure(130 + 120 * (size - 1))
    gap, side = 0.03, 1 / (size - 1)
    for row in range(1, size):
        for col in range(row):
            part = cells.filter((pl.col("x") == names[col]) & (pl.col("y") == names[row]))
            grid: list[list[float | None]] = [[None] * bins for _ in range(bins)]
            for i, j, posts in part.select("i", "j", "posts").iter_rows():
                grid[j][i] = math.log1p(posts)
            which = f"{(row - 1) * size + col + 1}"
            made.add_trace(
                go.Heatmap(
                    z=grid,
                    xaxis=f"x{which}",
                    yaxis=f"y{which}",
                    showscale=False,
                    hoverinfo="skip",
                    colorscale=[[0, "#b5cfe8"], [1, "#174a7c"]],
                )
            )
            bottom, left = 1 - row * side, col * side
            last_row = row == size - 1
            made.update_layout(
                {
                    f"xaxis{which}": {
                        "domain": [left, left + side - gap],
                        "anchor": f"y{which}",
                        "showticklabels": False,
                        "showgrid": False,
                        "zeroline": False,
                        "title": {"text": short(labels[col]) if last_row else "", "font": {"size": 12}},
                    },
                    f"yaxis{which}": {
                        "domain": [bottom, bottom + side - gap],
                        "anchor": f"x{which}",
                        "showticklabels": False,
                        "showgrid": False,
                        "zeroline": False,
                        "title": {"text": short(labels[row]) if col == 0 else "", "font": {"size": 12}},
                    },
                }
            )
    return made
