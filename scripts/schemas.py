"""What the columns of simulated posts are."""

from __future__ import annotations

from collections.abc import Sequence

from postlens.core.contract.schema import Column, Schema


def schema_of(*further: Column, types: Sequence[str] = ()) -> Schema:
    """Posts of accounts, of types, with a time and reactions, and further columns."""
    return Schema(
        columns=(
            Column(name="account_name", label="Account", kind="category"),
            Column(name="post_type", label="Type", kind="category", levels=tuple(types)),
            Column(name="published", label="Published", kind="time"),
            *further,
            Column(name="reactions", label="Reactions", kind="metric"),
        ),
        posts=1,
    )
