"""The figures that panels share: one look, one colour for the same thing, readable in light and dark.

Figures carry light colours and no background; the app recolours text and grid in the dark with CSS, so a figure
is the same in every theme and prints well.
"""

from postlens.core.charts.compare import bars, dots, effects, line, steps, two_lines
from postlens.core.charts.look import (
    ACCENT,
    LINE_END,
    MUTED,
    PALETTE,
    WARN,
    color,
    figure,
    log_ticks,
    short,
    standing_for,
    titled,
)
from postlens.core.charts.spread import bubbles, density_matrix, heat, histogram

__all__ = [
    "ACCENT",
    "LINE_END",
    "MUTED",
    "PALETTE",
    "WARN",
    "bars",
    "bubbles",
    "color",
    "density_matrix",
    "dots",
    "effects",
    "figure",
    "heat",
    "histogram",
    "line",
    "log_ticks",
    "short",
    "standing_for",
    "steps",
    "titled",
    "two_lines",
]
