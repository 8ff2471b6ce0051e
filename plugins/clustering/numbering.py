"""Groups that keep their number, name and colour when they are made again from other posts or into other many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postlens import CannotCompute, stats


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The centres of earlier groups, as a link carries them.

    Attributes:
        scale: what the centres are measured on.
        centres: metric to one value for each group, in the order of their numbers.
    """

    scale: str
    centres: dict[str, tuple[float, ...]]

    @property
    def groups(self) -> int:
        """How many groups there were."""
        return len(next(iter(self.centres.values())))


def _scale(features: stats.Features) -> str:
    return f"{features.scale}-inside" if features.usual else features.scale


def write(features: stats.Features, centres: NDArray[np.float64]) -> str:
    """The centres of groups as text: `log comments=1.2,3.4 reactions=5.6,7.8`, each metric on its scale."""
    q = len(features.metrics)
    on_scale = centres[:, :q] * np.array(features.sds) + np.array(features.means)
    columns = [f"{m}={','.join(f'{v:.4g}' for v in on_scale[:, j])}" for j, m in enumerate(features.metrics)]
    return " ".join([_scale(features), *columns])


def read(text: str) -> Kept:
    """The centres that `write` wrote.

    Raises:
        ValueError: the text is no such thing.
    """
    scale, *columns = text.split()
    centres = {}
    for column in columns:
        metric, _, values = column.partition("=")
        centres[metric] = tuple(float(v) for v in values.split(","))
    if not centres or len({len(v) for v in centres.values()}) != 1:
        raise ValueError("these are no centres of groups")
    if not np.isfinite([v for values in centres.values() for v in values]).all():
        raise ValueError("a centre is no number")
    return Kept(scale=scale, centres=centres)


def numbers(kept: Kept, features: stats.Features, centres: NDArray[np.float64]) -> list[int]:
    """The number, from 0, of each new group: that of the earlier group it is nearest to, all together; else a free one.

    The assignment with the least sum of squared distances on the standardised scale.

    Raises:
        CannotCompute: the groups were made on another scale, or share no metric with these.

    Source: Kuhn (1955), Nav. Res. Logist. Q. 2, 83-97.
    """
    from scipy.optimize import linear_sum_assignment

    shared = [m for m in features.metrics if m in kept.centres]
    if kept.scale != _scale(features) or not shared:
        raise CannotCompute(
            "These groups cannot be numbered like the earlier ones: they were made on another scale or from other metrics.",
            'Reset the settings of this page, or choose the scale and metrics of the earlier groups; then press "Keep" again.',
        )
    at = [features.metrics.index(m) for m in shared]
    old = np.array([kept.centres[m] for m in shared]).T
    old = (old - np.array(features.means)[at]) / np.array(features.sds)[at]
    apart = np.square(centres[:, at][:, None] - old[None]).sum(axis=-1)
    rows, columns = linear_sum_assignment(apart)
    number = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    free = (n for n in range(len(centres) + kept.groups) if n not in set(number.values()))
    return [number[c] if c in number else next(free) for c in range(len(centres))]


def names(k: int, chosen: Sequence[str], keep: str) -> tuple[str, ...]:
    """The names of all groups there may be, by number; a group without a name has its number."""
    most = max(k, read(keep).groups if keep else 0)
    return tuple(chosen[i].strip() if i < len(chosen) and chosen[i].strip() else str(i + 1) for i in range(most))
