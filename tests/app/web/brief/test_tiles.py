"""Tiles say no more of a change than its history allows, in words or in colour."""

from __future__ import annotations

import pytest

from postlens.app.web.brief.cards import _direction, change_words
from postlens.core.ask.periods import Tile


@pytest.mark.parametrize(
    ("change", "low", "high", "words", "direction"),
    [
        (
            4.2,
            -0.9,
            3.0,
            "5.2 times as many, more than usual (\u221290 % to 4.0 times as many)",
            "usual",
        ),  # It was green.
        (4.2, None, None, "5.2 times as many; too little history to say what is usual", "usual"),
        (0.5, -0.2, 0.3, "+50 %, more than usual (\u221220 % to +30 %)", "up"),
        (-0.5, -0.2, 0.3, "\u221250 %, less than usual (\u221220 % to +30 %)", "down"),
        (0.1, -0.2, 0.3, "+10 %, within the usual range (\u221220 % to +30 %)", "usual"),
    ],
)
def test_a_change(change: float, low: float | None, high: float | None, words: str, direction: str) -> None:
    tile = Tile(name="posts", label="Posts", value=1 + change, before=1.0, change=change, low=low, high=high)
    assert change_words(tile) == words
    assert _direction(tile) == direction
