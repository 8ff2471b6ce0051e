"""Attributes for assistive technology."""

from __future__ import annotations

from typing import Any


def aria(**values: str) -> dict[str, Any]:
    """`aria-` attributes: `aria(label="Filters")`."""
    return {f"aria-{name}": value for name, value in values.items()}
