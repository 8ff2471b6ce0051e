"""Figures that compare: dots with intervals, bars, lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from postlens.core.charts.look import (
    ACCENT,
    LINE_END,
    MUTED,
    ROW,
    WARN,
    figure,
    number_axis,
    short,
    standing_for,
    titled,
    upright,
    wide,
)
from postlens.core.contract.wording import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


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

    plain = [short(str(name)) for name in rows[label]]
    counts = [f"n={count:,}" for count in rows[n]]
    below = max((len(name) + len(count) for name, count in zip(plain, counts, strict=True)), default=0) > _ONE_LINE
    made = figure(max(150, 70 + (TWO_LINES if below else ROW) * rows.height))
    values, lows, highs = (rows[c].to_list() for c in (value, low, high))
    log = log and wide([*values, *lows, *highs])
    names = [f"{name}{LINE_END if below else '  '}{count}" for name, count in zip(plain, counts, strict=True)]
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
    made.update_xaxes(title_text=titled(axis), **number_axis(values + lows + highs, log=log))
    if reference is not None:
        upright(made, reference, MUTED, reference_label, log=log)
    return standing_for(made, rows[label].to_list())


_ONE_LINE, TWO_LINES = (
    18,
    40,
)  # Letters that leave room for the dots on a phone; height of a row with its n below the name.


def effects(
    rows: pl.DataFrame,
    *,
    label: str,
    value: str,
    axis: str,
    log: bool,
    low: str = "low",
    high: str = "high",
    n: str = "posts",
) -> Figure:
    """Dots against "no difference": 1 for ratios, 0 for differences.

    Args:
        rows: with the columns named.
        label: what each row is.
        value: its effect; `low` and `high` are the ends of its interval.
        axis: against what, as in `other posts`; empty where the title says it.
        log: effects are ratios.
        low: see `value`.
        high: see `value`.
        n: how many posts stand behind it.
    """
    said = ("Ratio to" if log else "Difference from", axis) if axis else ("Ratio" if log else "Difference",)
    return dots(
        rows,
        label=label,
        value=value,
        low=low,
        high=high,
        n=n,
        axis=" ".join(said),
        log=log,
        reference=1.0 if log else 0.0,
        reference_label="no difference",
    )


def _length(start: float | None, end: float | None) -> float:
    if start is None or end is None or not math.isfinite(start) or not math.isfinite(end):
        return 0.0
    return max(end - start, 0.0)


def bars(
    rows: pl.DataFrame, *, label: str, value: str, axis: str, colors: Sequence[str] = (), horizontal: bool = True
) -> Figure:
    """A bar for each row."""
    import plotly.graph_objects as go

    names = [short(str(name)) for name in rows[label]]
    made = figure(max(150, 60 + ROW * rows.height) if horizontal else 280)
    values = rows[value].to_list()
    common: dict[str, Any] = {"marker": {"color": list(colors) or ACCENT}}
    if horizontal:
        made.add_trace(
            go.Bar(x=values, y=names, orientation="h", hovertemplate="%{y}: %{x:,}<extra></extra>", **common)
        )
        made.update_yaxes(autorange="reversed", showgrid=False, type="category")
        made.update_xaxes(title_text=titled(axis), rangemode="tozero")
    else:
        made.add_trace(go.Bar(x=names, y=values, hovertemplate="%{x}: %{y:,}<extra></extra>", **common))
        made.update_xaxes(showgrid=False, type="category", tickangle=0)
        made.update_yaxes(title_text=axis, rangemode="tozero")
    return standing_for(made, rows[label].to_list())


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
    unsettled: str = "",
) -> Figure:
    """A line with its interval as a band; dates from `unsettled` on are shaded as still collecting."""
    import plotly.graph_objects as go

    made = figure(300)
    xs = rows[x].to_list()
    around_x, around_y = _band(xs, rows[low].to_list(), rows[high].to_list())
    band: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "fill": "toself", "fillcolor": _BAND}
    made.add_trace(go.Scatter(x=around_x, y=around_y, line={"width": 1, "color": _BAND}, **band))
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
    made.update_yaxes(title_text=axis, **number_axis(values, log=log and wide(values)))
    made.update_xaxes(title_text=titled(x_axis), type="date" if dates else "category", tickangle=0)
    if unsettled and dates and xs:
        made.add_vrect(x0=unsettled, x1=max(xs), fillcolor="rgba(130,135,145,0.25)", line_width=0, layer="below")
    return standing_for(made, xs)


_BAND = "rgba(42,120,194,0.18)"


def _band(
    xs: Sequence[Any], lows: Sequence[float | None], highs: Sequence[float | None]
) -> tuple[list[Any], list[Any]]:
    """The outline of what lies between, for each stretch without gaps; between stretches stands None."""
    outline: tuple[list[Any], list[Any]] = ([], [])
    stretch: list[tuple[Any, float, float]] = []
    for x, low, high in [*zip(xs, lows, highs, strict=True), (None, None, None)]:
        if low is not None and high is not None and math.isfinite(low) and math.isfinite(high):
            stretch.append((x, low, high))
        elif stretch:
            back = stretch[::-1]
            outline[0].extend([*(x for x, _, _ in stretch), *(x for x, _, _ in back), stretch[0][0], None])
            outline[1].extend([*(h for _, _, h in stretch), *(low for _, low, _ in back), stretch[0][2], None])
            stretch = []
    return outline


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
    made.update_xaxes(title_text=titled(x_axis), dtick=1 if len(xs) <= 10 else 2, tickangle=0)
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
    made.update_yaxes(title_text=axis, **number_axis(values, log=wide(values)))
    made.update_xaxes(title_text=titled(x_axis), dtick=1)
    made.update_layout(showlegend=True)
    return made
