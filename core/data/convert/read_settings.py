"""What the deployment says about its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from postlens.core.data.convert.numbers import Mark
from postlens.core.data.vocabulary.formats import Order
from postlens.core.data.vocabulary.names import normal


@dataclass(frozen=True, kw_only=True)
class ReadSettings:
    """What the deployment says about its files.

    Attributes:
        columns: role to header, for headers Postlens does not know.
        timezone: the clock of times that name none; empty for that of the format, else UTC.
        date_order: day or month first, where a column does not decide.
        usual_order: what the format usually writes, where a column does not decide.
        decimal: whether the decimal mark is a point or a comma, where a column does not decide.
        add_days: add up exports with one row for each post and day, which are refused otherwise.
        ask: refuse to assume what a column does not decide.
        categories: columns with numbers that are names of groups.
        platform: the network, where the file has no column for it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str = ""
    date_order: Order | None = None
    usual_order: Order | None = None
    decimal: Mark | None = None
    add_days: bool = False
    ask: bool = False
    categories: tuple[str, ...] = ()
    platform: str = ""

    def here(self, headers: Iterable[str]) -> dict[str, str]:
        """The `columns` that a file with these headers has: one deployment reads files of many kinds."""
        have = {normal(h) for h in headers}
        return {role: header for role, header in self.columns.items() if not header or normal(header) in have}
