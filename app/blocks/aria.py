"""Attributes that Dash takes as plain names: for assistive technology, and for the page's own script."""

from __future__ import annotations

from typing import Any


def aria(**values: str) -> dict[str, Any]:
    """`aria-` attributes: `aria(label="Filters")`."""
    return {f"aria-{name}": value for name, value in values.items()}


def data(**values: str) -> dict[str, Any]:
    """`data-` attributes: `data(save="png")`."""
    return {f"data-{name}": value for name, value in values.items()}
