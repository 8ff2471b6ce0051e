"""Two periods of equal length, and what changes from one to the other are usual."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

USUAL_DAYS, MIN_DAYS = 28, 7
# Posts of the last days before an export had 0.60 to 0.89 of what the same posts had later, over 242,000 Facebook posts.
YOUNG_DAYS = 4
_STEP = 7  # Days between the starts of the periods that show what is usual.
_MIN_CHANGES = 8  # Earlier ones, or nobody can say what is usual.


@dataclass(frozen=True, kw_only=True)
class Periods:
    """A period and an equally long one before it.

    Attributes:
        since, until: the period, both days included.
        before: the first day of the other.
    """

    since: date
    until: date
    before: date

    @property
    def days(self) -> int:
        """How long each is."""
        return (self.until - self.since).days + 1

    @property
    def before_until(self) -> date:
        """The last day of the other."""
        return self.before + (self.until - self.since)


def periods(
    first: date, last: date, since: date | None, until: date | None, *, young: int, before: date | None = None
) -> Periods | None:
    """The period to look at and the one to compare it with; None where there is less than a week.

    Args:
        first: day of the first post there is.
        last: day of the last one.
        since: first day of what was chosen; None for 28 days.
        until: its last day; None for the last that can be judged.
        young: days at the end whose posts have not got what they will get, mostly `YOUNG_DAYS`; neither period has them.
        before: the first day of the other period; None for the period just before.
    """
    newest = last - timedelta(days=young)
    end = min(until or newest, newest)
    days = min(USUAL_DAYS, ((newest - first).days + 1) // 2)
    start = since or end - timedelta(days=days - 1)
    length = (end - start).days + 1
    if length < MIN_DAYS:
        return None
    return Periods(since=start, until=end, before=before or start - timedelta(days=length))


def newest_in_view(last: date, newest: date) -> date:
    """The last day that can be judged of some of the posts: that of all, but their own where their export is older.

    Args:
        last: day of the last of these posts.
        newest: the last day that can be judged of all posts.
    """
    return last if (newest - last).days > _QUIET else newest


_QUIET = 14  # Days without a post, before an account's export is taken to be older than the others'.


def earlier(chosen: Periods, first: date) -> Iterator[Periods]:
    """Earlier pairs of periods, as long and as far apart, a week from one to the next, back to the first post.

    The other period of the chosen pair is history, too, once: as the later one of the first.
    """
    apart, length = chosen.since - chosen.before, timedelta(days=chosen.days - 1)
    until = chosen.before_until
    while until - length - apart >= first:
        yield Periods(since=until - length, until=until, before=until - length - apart)
        until -= timedelta(days=_STEP)


def stand_alone(pairs: int, days: int) -> float:
    """How many of so many overlapping pairs of periods would stand alone."""
    return pairs * _STEP / days


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What changes are usual where nothing changes, on the log scale.

    Attributes:
        spread: their standard deviation around no change.
        df: degrees of freedom.
        reach: 95 of 100 lie within so much of no change.
    """

    spread: float
    df: float
    reach: float

    def log_p(self, change: float) -> float:
        """Logarithm of the chance of a change at least as large either way."""
        from scipy import stats

        if not self.spread > 0:
            return 0.0 if change == 0 else -math.inf
        return min(math.log(2) + float(stats.t.logsf(abs(change) / self.spread, self.df)), 0.0)


def usual(changes: Sequence[float], alone: float) -> Usual | None:
    """How much such a number changes where nothing does; None with too little history.

    Args:
        changes: earlier changes from a period to the next, as logarithms; they may overlap.
        alone: how many of them would stand alone.

    Changes of overlapping periods are not independent: their spread counts as that of as many as stand alone, in a t
    prediction interval around no change.
    """
    from scipy import stats

    if len(changes) < _MIN_CHANGES or alone < 2:
        return None
    spread = math.sqrt(sum(c * c for c in changes) / len(changes))
    return Usual(spread=spread, df=alone, reach=float(stats.t.ppf(0.975, alone)) * spread)
