"""Ids that hold when a post was made: where the file's own times agree, they tell the network."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

_X_EPOCH = 1_288_834_974_657  # Milliseconds of 1970 at which X's ids begin.
_INSTAGRAM_EPOCH = 1_314_220_021_721
_WEIBO_EPOCH = 515_483_463  # Seconds.
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BID_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_SHORTCODE = r"^[\w-]{10,12}$"
# Eleven letters hold 66 bits, an id of YouTube 64: its last letter is one of sixteen.
_YOUTUBE = r"^[\w-]{10}[AEIMQUYcgkosw048]$"
_NETWORKS = ("tiktok", "x", "linkedin", "instagram", "mastodon")
_HOLDING = (
    *_NETWORKS,
    "douyin",
    "threads",
    "weibo",
    "xiaohongshu",
    "bluesky",
)  # Ids of Douyin alone would be taken for those of TikTok.
_FEWEST, _MOSTLY, _BEGINNINGS = 3, 0.9, 3
_FEWEST_OF_LETTERS = 5
_BEFORE, _AFTER = pl.duration(hours=15), pl.duration(hours=39)  # Days without hours, in any zone.


def moments(ids: pl.Expr, network: str) -> pl.Expr:
    """When ids were made, in UTC.

    TikTok: the upper half is Unix seconds. X and LinkedIn: id >> 22 is milliseconds, since November 2010 and since 1970.
    Instagram: id >> 23 is milliseconds since August 2011. Mastodon: id >> 16 is milliseconds. Douyin is TikTok in China.
    Threads has those of Instagram. Weibo: id >> 22 is seconds since May 1986.
    Bluesky: id >> 10 is microseconds, the id in digits of 32. Xiaohongshu: the first eight of 24 hexadecimal digits, which is what `numbers` gives, are Unix seconds.

    Args:
        ids: whole numbers.
        network: one of `tiktok`, `douyin`, `x`, `linkedin`, `instagram`, `threads`, `mastodon`, `weibo`, `xiaohongshu`.
    """
    network = "instagram" if network == "threads" else network
    since = {
        "tiktok": (ids // 2**32).cast(pl.Int64) * 1000,
        "douyin": (ids // 2**32).cast(pl.Int64) * 1000,
        "weibo": ((ids // 2**22).cast(pl.Int64) + _WEIBO_EPOCH) * 1000,
        "xiaohongshu": ids.cast(pl.Int64) * 1000,
        "bluesky": ids.cast(pl.Int64) // 1_024_000,
        "x": (ids // 2**22).cast(pl.Int64) + _X_EPOCH,
        "linkedin": (ids // 2**22).cast(pl.Int64),
        "instagram": (ids // 2**23).cast(pl.Int64) + _INSTAGRAM_EPOCH,
        "mastodon": (ids // 2**16).cast(pl.Int64),
    }
    return since[network].cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def hold(ids: pl.Series, told: pl.Series) -> bool:
    """Whether ids of some network hold these times."""
    return any(_agree(numbers(ids, network), told, network) for network in _NETWORKS)


def network_of_ids(ids: pl.Series, times: Iterable[pl.Series]) -> str:
    """The one network whose ids these are; empty where none fits.

    Args:
        ids: as text, some hundred.
        times: of publishing in UTC, a series for each way in which the file's dates can be read.
    """
    for told in times:
        for network in _NETWORKS:
            if _agree(numbers(ids, network), told, network):
                return network
    known = ids.drop_nulls()
    several = known.str.head(1).n_unique() > _BEGINNINGS and len(known) >= _FEWEST_OF_LETTERS
    mixed = known.str.contains("[a-z]").any() and known.str.contains("[A-Z]").any()
    return "youtube" if several and mixed and bool(known.str.contains(_YOUTUBE).all()) else ""


_QUARTER, _HALF_HOUR, _NEAR = 900, 1800, 90  # Seconds: clocks differ by quarters of an hour.
# Seconds that a clock somewhere is behind UTC: whole hours, and those of Newfoundland, the Marquesas, Iran, India and others.
_ZONES = [-3600 * h for h in range(-12, 15)]
_ZONES += [int(-3600 * h) for h in (-9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75)]
_NEAR_UPLOADS = 300  # Instagram gives its ids when the upload begins.
_SLIPS = 2  # Days that somebody wrote down wrongly.
_HALF = 0.5  # Of the posts, whose ids tell the clock of the others.
_MOST, _HARDLY, _SOME, _FEW_PAIRS, _FEWEST_PAIRS, _HOUR = 0.6, 0.01, 0.05, 10, 5, 3600


def shifts(ids: pl.Series, told: pl.Series, network: str) -> pl.Series | None:
    """Seconds by which each time has to move to be UTC, as the ids say; None where they do not, or no time has to.

    Most times are away by one clock, or by two an hour apart, as summer time makes them. The others are later: a post that was
    planned has an id older than itself by any time, none has one younger.

    Args:
        ids: as text.
        told: times as the file has them, taken for UTC.
        network: whose ids hold the moment of publishing.
    """
    if network not in _HOLDING:
        return None
    near = _NEAR_UPLOADS if network == "instagram" else _NEAR
    pairs = pl.DataFrame({"id": numbers(ids, network), "told": told.cast(pl.Datetime("us", "UTC"))})
    away = pairs.select((moments(pl.col("id"), network) - pl.col("told")).dt.total_seconds()).to_series()
    clock, close = _nearest_clock(away, network)
    known = pl.DataFrame({"away": away, "clock": clock, "close": close}).drop_nulls()
    if known.height < _FEWEST_PAIRS:
        return None
    fits = known["close"] & known["clock"].is_in(_ZONES)
    clocks = _clocks(known.filter(fits)["clock"], known.height)
    usual = fits & known["clock"].is_in(clocks)
    early = ~usual & (known["away"] > max(clocks, default=0) + near)
    few = known.height < max(_FEW_PAIRS, _HALF * told.count())  # Then all of them have to agree.
    if few and not bool(usual.all()):
        return None
    if not any(clocks) or usual.mean() < _MOST or early.sum() > max(_SLIPS, _HARDLY * known.height):  # type: ignore[operator]
        return None
    own = pl.DataFrame(
        {
            "told": told,
            "clock": clock.set(~(clock.is_in(clocks) & close).fill_null(False), None),
        }
    )
    filled = own.with_row_index("at").sort("told").with_columns(pl.col("clock").forward_fill().backward_fill())
    return filled.sort("at")["clock"]


def _nearest_clock(away: pl.Series, network: str) -> tuple[pl.Series, pl.Series]:
    """The clock by which times may be away, in seconds, and whether they are close to it.

    Instagram gives its ids when the upload begins, some minutes before the post is out; half hours are parted by more.
    """
    if network == "instagram":
        clock = ((away - _NEAR) / _HALF_HOUR).ceil().cast(pl.Int64) * _HALF_HOUR
        return clock, (clock - away) <= _QUARTER
    clock = (away / _QUARTER).round().cast(pl.Int64) * _QUARTER
    return clock, (away - clock).abs() <= _NEAR


def same_minute(ids: pl.Series, told: pl.Series, network: str) -> float:
    """The share of times that are those in the ids, to a minute or so; 0 where ids hold none."""
    if network not in _HOLDING:
        return 0.0
    pairs = pl.DataFrame({"id": numbers(ids, network), "told": told.cast(pl.Datetime("us", "UTC"))}).drop_nulls()
    away = (moments(pl.col("id"), network) - pl.col("told")).dt.total_seconds().abs()
    return float(pairs.select((away <= _NEAR_UPLOADS).mean()).item() or 0.0)


def _clocks(found: pl.Series, rows: int) -> list[int]:
    """The most frequent clock, and the one an hour from it where that is no chance; the first alone otherwise."""
    if not len(found):
        return []
    counted = found.value_counts(sort=True)
    first = int(counted["clock"][0])
    beside = counted.filter(((pl.col("clock") - first).abs() == _HOUR) & (pl.col("count") >= _SOME * rows))
    return [first, *beside["clock"].head(1).to_list()]


def _agree(numbers: pl.Series, told: pl.Series, network: str) -> bool:
    pairs = pl.DataFrame({"id": numbers, "told": told.cast(pl.Datetime("us", "UTC"))}).drop_nulls()
    if pairs.height < _FEWEST or pairs.height < _MOSTLY * told.count():
        return False
    made = moments(pl.col("id"), network)
    return (
        float(pairs.select(made.is_between(pl.col("told") - _BEFORE, pl.col("told") + _AFTER).mean()).item()) > _MOSTLY
    )


def numbers(ids: pl.Series, network: str) -> pl.Series:
    """Long ids as numbers; Instagram's links have them in letters, and its tools may put the account's behind."""
    if network == "bluesky":
        codes = ids.str.extract(r"(?:^|/)([2-7a-z]{13})$")
        return pl.Series([None if c is None else _of_letters(c, _TID_DIGITS) for c in codes], dtype=pl.UInt64)
    if network == "xiaohongshu":
        return ids.str.extract(r"^([0-9a-f]{8})[0-9a-f]{16}$").str.to_integer(base=16, strict=False).cast(pl.UInt64)
    if network == "weibo" and not ids.str.contains(r"^\d{16}(?:\.0)?$").any():
        codes = ids.set(~ids.str.contains(r"^[0-9A-Za-z]{9}$").fill_null(False), None)
        return pl.Series([None if c is None else _of_bid(c) for c in codes], dtype=pl.UInt64)
    digits = "16" if network == "weibo" else "17,20"
    long = ids.str.extract(rf"^(\d{{{digits}}})(?:\.0|_\d+)?$").cast(pl.UInt64, strict=False)
    if network not in {"instagram", "threads"} or long.count():
        return long
    codes = ids.set(~ids.str.contains(_SHORTCODE).fill_null(False), None)
    return pl.Series([None if code is None else _of_letters(code) for code in codes], dtype=pl.UInt64)


def _of_bid(code: str) -> int:
    """Weibo's number: each four letters from the end are seven digits."""
    number = 0
    for at in range(len(code) % 4 - 4 if len(code) % 4 else 0, len(code), 4):
        part = 0
        for letter in code[max(at, 0) : at + 4]:
            part = part * 62 + _BID_DIGITS.index(letter)
        number = number * 10**7 + part
    return number


def _of_letters(code: str, digits: str = _DIGITS) -> int | None:
    number = 0
    for letter in code:
        place = digits.find(letter)
        if place < 0:
            return None
        number = number * len(digits) + place
    return number if number < 2**63 else None
