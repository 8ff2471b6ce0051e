"""A rate that was measured, beside what was wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measured rate."""

    what: str
    data: str
    repetitions: int
    rate: float
    wanted: str

    @property
    def error(self) -> float:
        """95 % Monte-Carlo error of the rate."""
        return 1.96 * math.sqrt(max(self.rate * (1 - self.rate), 0.25 / self.repetitions) / self.repetitions)

    @property
    def kept(self) -> bool:
        """Whether the wanted bound holds, Monte-Carlo error allowed for."""
        low, _, high = self.wanted.partition(" to ")
        if high:
            return float(low) - self.error <= 100 * self.rate / 100 <= float(high) + self.error
        bound = float(self.wanted.split()[-1])
        return self.rate <= bound + self.error if self.wanted.startswith("at most") else self.rate >= bound - self.error
