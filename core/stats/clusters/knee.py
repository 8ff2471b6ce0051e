"""Where a curve that falls with every k bends, and whether it bends at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CLEAR = 2.0


@dataclass(frozen=True, kw_only=True)
class Elbow:
    """The bend of an inertia curve.

    Attributes:
        k: where the gain drops most: the last group that helped much more than the next one does.
        strength: gain of the step to `k` over the gain of the step after it.
        clear: the strength is at least 2.
        chord: k farthest below the straight line between the ends of the plotted range (Kneedle); moves with the range.
    """

    k: int
    strength: float
    clear: bool
    chord: int


def elbow(inertia: Mapping[int, float]) -> Elbow:
    """Find the bend.

    Args:
        inertia: for consecutive k; the first and last k only serve as neighbours.

    Raises:
        ValueError: fewer than three k.

    Source: the chord is Satopaa et al. (2011), "Finding a Kneedle in a Haystack".
    """
    ks = sorted(inertia)
    if len(ks) < 3:
        raise ValueError("an elbow needs three values of k")
    bends = {
        k: strength(inertia[before], inertia[k], inertia[after])
        for before, k, after in zip(ks, ks[1:], ks[2:], strict=False)
    }
    k = max(bends, key=lambda candidate: (bends[candidate], -candidate))
    return Elbow(k=k, strength=bends[k], clear=bends[k] >= CLEAR, chord=_chord(inertia, ks))


def strength(before: float, here: float, after: float) -> float:
    """Gain of the step to a k over the gain of the step after it, from three neighbouring inertias."""
    return (before - here) / max(here - after, 1e-12 * max(before, 1e-300))


def _chord(inertia: Mapping[int, float], ks: list[int]) -> int:
    first, last = ks[0], ks[-1]
    span = (inertia[first] - inertia[last]) or 1.0

    def below(k: int) -> float:
        return (1 - (k - first) / (last - first)) - (inertia[k] - inertia[last]) / span

    return max(ks, key=lambda k: (below(k), -k))
