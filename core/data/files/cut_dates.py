"""Dates whose own comma cut them in two, for a script wrote them without quotation marks: `2/19/2025, 12:26:08 PM`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\.?)?"
_DATE = re.compile(
    rf"(?:\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}, ?(?:{_CLOCK})"
    rf"|(?:[^\W\d_]+, ?)?[^\W\d_]{{3,9}}\.? \d{{1,2}}, ?\d{{4}}(?:,? (?:at )?{_CLOCK})?)",
    re.IGNORECASE,
)
_MOST = 3  # Commas of a date: Wednesday, February 19, 2025, 12:26.


def put_together(record: Sequence[str], width: int) -> list[str] | None:
    """A record of as many cells as there are columns, where a date was all that made it longer; None for others."""
    more = len(record) - width
    if not 0 < more <= _MOST:
        return None
    for at in range(width):
        whole = ",".join(record[at : at + more + 1])
        if _DATE.fullmatch(whole.strip()):
            return [*record[:at], whole.strip(), *record[at + more + 1 :]]
    return None
