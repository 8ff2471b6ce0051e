"""Of which network posts are, by links, pictures, ids or names of columns; and the clock that its ids hold."""

from __future__ import annotations

import re

import polars as pl

from postlens.core.contract import wording
from postlens.core.data.convert import links
from postlens.core.data.convert.conversion import Conversion
from postlens.core.data.convert.id_clocks import network_of_ids, same_minute, shifts

_FEW = 200
_LOOK = 5_000  # Posts that say whether the clock of the others has to be looked at.
_HALF = 0.5


def with_network(frame: pl.LazyFrame, have: set[str], work: Conversion, told: str) -> pl.LazyFrame:
    """The posts with their network, where the file has no column for it.

    Args:
        frame: the posts.
        have: their columns.
        work: the conversion, which gets what is to be said.
        told: the network, where somebody said it; then it is of all.
    """
    if "platform" in have:
        return frame
    if told:
        return frame.with_columns(platform=pl.lit(told))
    if "url" not in have:
        network, note = _network_told(frame, have, work)
        work.notes += [note] if note else []
        return frame.with_columns(platform=pl.lit(network)) if network else frame
    return frame.with_columns(platform=_by_links(frame, have, work))


def _by_links(frame: pl.LazyFrame, have: set[str], work: Conversion) -> pl.Expr:
    """Each post's network by its link; of posts whose links lead elsewhere, as those that pass one on, that of the file."""
    linked = links.platform_of(pl.col("url"))
    if (named := links.network_named(work.raw.headers)) == "reddit":
        return pl.lit(named)  # Its posts lead anywhere.
    told = frame.select(led=linked.count(), rows=pl.len(), several=linked.drop_nulls().n_unique())
    led, rows, several = told.collect(engine="streaming").row(0)
    if led == rows or (several > 1 and led > _HALF * rows):
        return linked
    network, note = _network_told(frame, have, work)
    if network:
        work.notes += [] if led else [note] if note else []
        return linked.fill_null(network) if led > _HALF * rows else pl.lit(network)
    if not led:
        work.notes.append(note)
    else:
        work.notes.append(
            f"The links of {rows - led:,} of {rows:,} posts do not say the network; --platform NAME says it for all."
        )
    return linked


def on_their_clock(frame: pl.LazyFrame, work: Conversion) -> pl.LazyFrame:
    """The posts with times in UTC where nobody said the clock of the file: by their ids, else by the country of the network."""
    if not work.clock_assumed:
        return frame
    by_ids = _on_ids_clock(frame, work)
    return _on_chinas_clock(frame, work) if by_ids is None else by_ids


def _on_chinas_clock(frame: pl.LazyFrame, work: Conversion) -> pl.LazyFrame:
    """Networks that are used in China show its clock, which has no summer time."""
    if not {"published", "platform"} <= set(frame.collect_schema()):
        return frame
    networks = frame.select(pl.col("platform").unique()).collect(engine="streaming")["platform"]
    if not len(networks) or not networks.is_in(_CHINESE).all():
        return frame
    named = wording.listed([wording.network_name(name) for name in networks])
    work.notes.append(
        f"The file does not say its clock; {named} shows that of China, and the times are read so: --tz says another."
    )
    timed = pl.col("published_precision").is_in(["minute", "second"])
    return frame.with_columns(
        published=pl.when(timed).then(pl.col("published").dt.offset_by("-8h")).otherwise("published")
    )


_CHINESE = ("douyin", "xiaohongshu", "weibo", "bilibili", "kuaishou")


def _on_ids_clock(frame: pl.LazyFrame, work: Conversion) -> pl.LazyFrame | None:
    """The posts with times in UTC as the ids hold them to the second; None where they do not tell."""
    have = set(frame.collect_schema())
    ids = [
        *([links.code_of(pl.col("url"))] if "url" in have else []),
        *([pl.col("post_id").cast(pl.String)] if "post_id" in have else []),
        *([links.id_of(pl.col("url"))] if "url" in have else []),
    ]
    if not ids or not {"published", "platform"} <= have:
        return None
    needed = frame.select(pl.coalesce(ids).alias("id"), "published", "published_precision", "platform")
    first = needed.head(_LOOK).collect()
    if _in_utc(first):
        return frame
    if _shifts_of(first) is None:
        return None
    rows = needed.collect(engine="streaming")
    found = _shifts_of(rows)
    if found is None:
        return None
    hours = [seconds / 3600 for seconds in sorted(found.unique().to_list(), key=abs)]
    ways = wording.listed(
        [
            f"{abs(h):g} hour{'' if abs(h) == 1 else 's'} {'behind' if h > 0 else 'ahead of'} UTC" if h else "with UTC"
            for h in hours
        ]
    )
    work.notes.append(
        f"The file does not say its clock; by the ids, which hold the second of publishing, it runs {ways}, and the times are read so."
    )
    moved = rows["published"] + (found * 1_000_000).cast(pl.Duration("us"))
    moved = moved.zip_with(
        (rows["published_precision"] != "day").fill_null(False), rows["published"]
    )  # A day has no clock.
    return frame.with_columns(moved.alias("published"))


def _in_utc(rows: pl.DataFrame) -> bool:
    """Whether many ids were made in the very minute that the file has."""
    networks = rows["platform"].drop_nulls().unique()
    return len(networks) == 1 and same_minute(rows["id"], rows["published"], str(networks[0])) >= _MANY


_MANY = 0.3  # Planned posts have other ids.


def _shifts_of(rows: pl.DataFrame) -> pl.Series | None:
    """Seconds by which each time has to move, where all posts are of one network and have a time of day."""
    networks = rows["platform"].drop_nulls().unique()
    if len(networks) != 1 or not rows["published_precision"].is_in(["minute", "second"]).any():
        return None
    timed = rows["published"].set((rows["published_precision"] == "day").fill_null(False), None)
    return shifts(rows["id"], timed, str(networks[0]))


def _network_told(frame: pl.LazyFrame, have: set[str], work: Conversion) -> tuple[str, str]:
    """The network by pictures, ids or names of columns, and what is to be said of it; empty where nothing tells."""
    if shown := links.network_shown(_starts(work)):
        return shown, ""
    if {"post_id", "published"} <= have and (born := _network_of_ids(frame)):
        return born, f"The ids are those of {wording.network_name(born)}, so the posts are taken as its."
    if named := links.network_named(work.raw.headers):
        return (
            named,
            f"The names of the columns are those of {wording.network_name(named)}, so the posts are taken as its.",
        )
    if above := _network_above(work.raw.above):
        return (
            above,
            f"{wording.network_name(above)} is named above the table, so the posts are taken as its.",
        )
    return (
        "",
        "The file does not say of which network the posts are: choose it on the page Import, or add --platform NAME.",
    )


_SAID_ABOVE = re.compile(r"(?i)(?<![\w@./])(instagram|facebook|tiktok|youtube|linkedin|twitter|pinterest)(?![\w./])")


def _network_above(lines: str) -> str:
    """The one network that is named above the table; empty where there is none, or several."""
    found = {name.lower().replace("twitter", "x") for name in _SAID_ABOVE.findall(lines)}
    return found.pop() if len(found) == 1 else ""


def _network_of_ids(frame: pl.LazyFrame) -> str:
    """The network that the first ids tell by the time in them."""
    first = frame.select("post_id", "published").head(_FEW).collect()
    return network_of_ids(first["post_id"].cast(pl.String), [first["published"]])


def _starts(work: Conversion) -> list[pl.Series]:
    """The first values of every column."""
    rows = work.raw.lazy.head(_FEW).collect()
    return [rows[h].cast(pl.String).str.strip_chars().replace("", None) for h in work.raw.headers]
