"""Figures of how posts lie: histogram, coloured table, bubbles, density maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from postlens.core.charts.look import ACCENT, WARN, color, figure, log1p_axis, short, standing_for, titled, upright
from postlens.core.contract.wording import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


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
    made.update_xaxes(title_text=titled(axis), **(log1p_axis(float(lefts.min()), float(rights.max())) if log else {}))
    made.update_yaxes(title_text="Posts")
    for value, word in marks:
        at = math.log1p(value) if log else value
        if lefts.min() <= at <= rights.max():
            upright(made, at, WARN, word)
    return standing_for(made, ends)


def heat(
    values: Sequence[Sequence[float | None]],
    *,
    x: Sequence[str],
    y: Sequence[str],
    scale: Literal["diverging", "sequential"] = "diverging",
    limit: float = 1.0,
    words: Sequence[Sequence[str]] = (),
    numbered: bool = False,
) -> Figure:
    """A table of numbers as colours, each with its number in it.

    Args:
        values: rows from top to bottom; None where nothing is known.
        x: names across, short enough to stand side by side on a phone.
        y: names down.
        scale: `diverging` about 0, or `sequential` from 0.
        limit: the value of the strongest colour.
        words: what stands in each cell.
        numbered: across and down are the same things; across stand their numbers, as their names do not fit a phone.
    """
    import plotly.graph_objects as go

    made = figure(110 + 30 * len(y))
    pairs = [[f"{short(down)} and {short(across)}" for across in x] for down in y]
    if numbered:
        x, y = [str(n) for n in range(1, len(x) + 1)], [f"{short(name)}  {n}" for n, name in enumerate(y, 1)]
    diverging = scale == "diverging"
    colors = [[0, "#c8702a"], [0.5, "#e9e9ec"], [1, "#2a78c2"]] if diverging else [[0, "#e4ecf5"], [1, "#1f5f9e"]]
    made.add_trace(
        go.Heatmap(
            z=[list(row) for row in values],
            x=[short(v) for v in x],
            y=list(y) if numbered else [short(v) for v in y],
            zmin=-limit if diverging else 0,
            zmax=limit,
            colorscale=colors,
            showscale=False,
            xgap=2,
            ygap=2,
            text=[list(row) for row in words] if words else None,
            texttemplate="%{text}" if words else None,
            textfont={"color": "#1d1f23", "size": 12 if len(x) <= _ROOMY else 10},
            customdata=pairs,
            hovertemplate="%{customdata}: " + ("%{text}" if words else "%{z:.2f}") + "<extra></extra>",
        )
    )
    made.update_yaxes(autorange="reversed", showgrid=False, type="category")
    made.update_xaxes(showgrid=False, side="bottom", type="category", tickangle=0)
    return made


_ROOMY = 6  # Columns that leave room for larger numbers on a phone.


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
        ticks = log1p_axis(min(rows[name].to_list()), max(rows[name].to_list())) if log and rows.height else {}
        update(title_text=title, tickangle=0, **ticks)
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
    traces: list[Any] = []
    axes: dict[str, Any] = {}
    gap, side = 0.03, 1 / (size - 1)
    frame = {"showline": True, "mirror": True, "linecolor": "rgba(130,135,145,0.35)", "linewidth": 1}
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": "", **frame}
    below = {"xref": "paper", "yref": "paper", "y": 0, "yshift": -4, "xanchor": "left", "yanchor": "top"}
    # Slanted, because on a phone the maps are narrower than their names; the title of an axis cannot be.
    named = [
        {**below, "x": (col + 0.2) * side, "text": short(labels[col]), "textangle": 35, "showarrow": False}
        for col in range(size - 1)
    ]
    for row in range(1, size):
        for col in range(row):
            part = cells.filter((pl.col("x") == names[col]) & (pl.col("y") == names[row]))
            # As an array it is sent in a third of the bytes of a list.
            grid = np.full((bins, bins), np.nan, dtype=np.float32)
            grid[part["j"].to_numpy(), part["i"].to_numpy()] = np.log1p(part["posts"].to_numpy())
            which = f"{(row - 1) * size + col + 1}"
            traces.append(
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
            axes[f"xaxis{which}"] = {
                "domain": [left, left + side - gap],
                "anchor": f"y{which}",
                **bare,
            }
            axes[f"yaxis{which}"] = {
                "domain": [bottom, bottom + side - gap],
                "anchor": f"x{which}",
                "title": {"text": short(labels[row]) if col == 0 else "", "font": {"size": 12}, "standoff": 6},
                **bare,
            }
    made = figure(190 + 120 * (size - 1), **axes, annotations=named)
    made.update_layout(margin={"b": 80, "l": 30})
    made.add_traces(traces)
    return made
