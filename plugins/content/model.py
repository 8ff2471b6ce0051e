"""One model of what captions have, with type and weekday held equal within accounts and periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from postlens import stats


@dataclass(frozen=True)
class Model:
    """Posts, and what is held equal.

    Attributes:
        table: `account`, `day`, `value`, `piece`, and `held 0`, `held 1`, ...: the codes of `held`.
        held: the factors that are held equal.
        dated: posts have days.
        stop: raises where nobody waits any more.
    """

    table: pl.DataFrame
    held: Sequence[stats.Factor]
    dated: bool
    stop: Callable[[], None]

    def fit(self, codes: np.ndarray, factors: Sequence[stats.Factor]) -> stats.Adjusted:
        """The model of some factors beside those held equal, whose levels come first.

        Args:
            codes: each post's level of each factor, shape (posts, factors); their number for others.
            factors: what the codes are of.
        """
        beside = [self.table[f"held {i}"].cast(pl.Int64).to_numpy() for i in range(len(self.held))]
        return stats.fit_adjusted(
            self._account,
            self._day,
            self.table["value"].to_numpy(),
            np.column_stack([codes, *beside]),
            [*factors, *self.held],
            self.stop,
        )

    def between_texts(
        self, found: stats.Adjusted, codes: np.ndarray, factors: Sequence[stats.Factor]
    ) -> list[stats.Effect]:
        """The effect of each level of each factor of a fit, with errors that tell how whole texts differ."""
        account, day = self._account, self._day
        period = np.zeros_like(account) if day is None else day // max(found.unit, 1)
        return stats.between_texts(
            [level.effect for i in range(len(factors)) for level in found.levels[i]],
            self.table["piece"].to_numpy(),
            account * (period.max() + 1) + period,
            self.table["value"].to_numpy(),
            np.column_stack([codes[:, i] == k for i, one in enumerate(factors) for k in range(one.levels)]),
            self._beside(),
        )

    @property
    def _account(self) -> np.ndarray:
        return self.table["account"].to_physical().cast(pl.Int64).to_numpy()

    @property
    def _day(self) -> np.ndarray | None:
        return self.table["day"].cast(pl.Int64).to_numpy() if self.dated else None

    def _beside(self) -> np.ndarray:
        levels = [self.table[f"held {i}"].to_numpy() == k for i, one in enumerate(self.held) for k in range(one.levels)]
        return np.column_stack(levels) if levels else np.zeros((self.table.height, 0))
