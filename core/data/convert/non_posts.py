"""Rows of a table that are no posts: empty ones, the header again, totals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from postlens.core.contract.raw_table import ROW, RawTable, said_as, words
from postlens.core.data.convert.column_text import OF_A_PROFILE, share_of, text_of
from postlens.core.data.convert.dates import looks_like_times
from postlens.core.data.convert.numbers import read_numbers
from postlens.core.data.convert.quality import Dropped
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import role_of, roles
from postlens.core.data.vocabulary.tables import total_words

_PLACE = "_place"
_FOOTER = (
    r"(?i)^\W*(?:exported|export|generated|created (?:by|on|with)|downloaded|report|source|note|filters?|date range|period|erstellt|exportiert|"
    r"quelle|zeitraum|bericht|hinweis|g\u00e9n\u00e9r\u00e9|export\u00e9|p\u00e9riode|filtre|generado|exportado|per\u00edodo|periodo|filtro|fuente|fonte|esportato|\u00a9)"
)


def posts_alone(raw: RawTable, headers: list[str]) -> tuple[RawTable, list[Dropped]]:
    """The table without rows that are no posts, and what these were."""
    cells = {h: words(h) for h in headers}
    empty = pl.all_horizontal(c.is_null() for c in cells.values())
    names = {h: said_as(h, raw.letters.get(h, "")) for h in headers}
    repeated = pl.all_horizontal(
        c.eq_missing(pl.lit(h, dtype=pl.String)) if len(names[h]) == 1 else _one_of(c, names[h])
        for h, c in cells.items()
    )
    first = pl.coalesce(cells.values()).str.to_lowercase().str.replace(r"\s*(?:\(\d+\)|[:.])\s*$", "")
    named = first.is_in(list(total_words()))
    total = (named | first.str.extract(r"^(\p{L}{3,})\s*[,:;(]").is_in(list(total_words()))).fill_null(False)
    filled = pl.sum_horizontal(c.is_not_null() for c in cells.values())
    note = ((filled == 1) & (len(headers) >= 4)) | ((filled == 2) & (len(headers) >= 5) & first.str.contains(_FOOTER))
    rows = raw.lazy.with_row_index(_PLACE)
    suspects = rows.filter(_perhaps_empty_or_names(raw, names)).collect(engine="streaming")
    blank, headings = suspects.filter(empty), suspects.filter(repeated & ~empty)
    edges = _edges(raw, blank[_PLACE])
    headed = {place - 1 for place in headings[_PLACE]}  # The title of a part of the table stands over its names.
    around = rows.filter(pl.col(_PLACE).is_in(list(edges | headed))).collect(engine="streaming")
    looked_at = around.filter(~empty & ~repeated & (total | note))
    perhaps = looked_at.filter(total & pl.col(_PLACE).is_in(list(edges)))
    notes = looked_at.filter(note & ~total)
    sums = perhaps.filter([_sums_up(raw, headers, row) for row in perhaps.iter_rows(named=True)])
    below = _table_below(raw, headers, blank[_PLACE])
    unnamed = _unnamed_totals(raw, headers, edges - {*looked_at[_PLACE]})
    second = _second_names(raw, headers)
    kinds = {
        "empty row": blank,
        "the header again": headings,
        "a total, not a post": sums,
        "a note, not a post": notes,
        "a total without a name, not a post": unnamed,
        "a second row of names": second,
        "another table below the posts": below,
    }
    dropped = [
        Dropped(reason=reason, rows=rows.height, examples=tuple(rows[ROW].head(5)))
        for reason, rows in kinds.items()
        if rows.height
    ]
    gone = pl.concat([rows[_PLACE] for rows in kinds.values()]).unique().sort()
    return raw.without(gone), dropped


_MOSTLY, _HALF = 0.7, 0.5


def without_bare_rows(posts: pl.LazyFrame) -> tuple[pl.LazyFrame, list[Dropped]]:
    """The posts without rows that have no date, no link, no id and no caption where most have date and link.

    Totals between the posts and tables below them are such rows, however they are named.
    """
    names = posts.collect_schema().names()
    link = next((name for name in ("url", "link") if name in names), "")
    if "published" not in names or not link:
        return posts, []
    linked = (pl.col(link).str.contains("/") & ~pl.col(link).str.contains(OF_A_PROFILE)).fill_null(False)
    own = pl.col("post_id").is_not_null() & linked if "post_id" in names else linked
    written = pl.any_horizontal(
        [
            pl.lit(False),
            *(pl.col(c).str.contains(r"\S+\s+\S+\s+\S+").fill_null(False) for c in ("text", "title") if c in names),
        ]
    )
    known = pl.col("post_id").is_not_null() if "post_id" in names else pl.lit(False)
    numbers = [c for c in names if c in roles() and roles()[c].numeric]
    nothing = pl.all_horizontal(pl.lit(True), *(pl.col(c).is_null() for c in numbers))
    # A scraper's word that a post could not be had is a text, too.
    hollow = pl.col("published").is_null() & ~linked & ~known & nothing
    bare = (pl.col("published").is_null() & ~linked & ~own & ~written) | hollow
    looked_at = posts.select(
        "source_row", bare=bare, empty=bare & nothing, whole=pl.col("published").is_not_null() & linked
    ).collect(engine="streaming")
    share = float(looked_at["whole"].mean() or 0.0)  # type: ignore[arg-type]
    if share < _MOSTLY:  # Of many, those that have no number either.
        bare, looked_at = bare & nothing, looked_at.with_columns(bare="empty")
    rows = looked_at.filter("bare")["source_row"]
    if not len(rows) or share < _HALF:
        return posts, []
    reason = "no date, link or caption, where the posts have them: a total or another table"
    return posts.filter(~bare), [Dropped(reason=reason, rows=len(rows), examples=tuple(rows.head(5)))]


def without_retweets(posts: pl.LazyFrame) -> tuple[pl.LazyFrame, list[Dropped]]:
    """The posts without those of others that an account of X passed on: their likes are none, their retweets the other's."""
    schema = posts.collect_schema()
    of_x = pl.col("platform").is_in(["x", "twitter"]).fill_null(True) if "platform" in schema else pl.lit(True)
    told = [pl.col("text").str.contains(r"^RT @\w{1,20}:") & of_x] if "text" in schema else []
    told += [_small(c).is_in(["true", "1", "yes", "y", "1.0"]) for c in _FLAGS if c in schema]
    told += [_small(c).is_in(["true", "yes"]) for c in _FLAG_OR_COUNT if c in schema]
    told += [_small(c) != "" for c in _ORIGINALS if c in schema]
    told += [_small(c).is_in(["retweet", "retweeted"]) for c in _KINDS if c in schema]
    told += [~_small(c).is_in(_NOTHING) for c in ("reblog",) if schema.get(c) == pl.String]
    if not told:
        return posts, []
    passed_on = pl.any_horizontal(one.fill_null(False) for one in told)
    rows = posts.filter(passed_on).select("source_row").collect(engine="streaming")["source_row"]
    if not len(rows) or len(rows) == posts.select(pl.len()).collect(engine="streaming").item():
        return posts, []
    reason = "a retweet: its numbers are those of the post that it repeats"
    return posts.filter(~passed_on), [Dropped(reason=reason, rows=len(rows), examples=tuple(rows.head(5)))]


_NOTHING = ("", "null", "none", "nan", "na", "{}", "[]", "list()", "false", "0")


def without_comments(posts: pl.LazyFrame) -> tuple[pl.LazyFrame, list[Dropped]]:
    """The posts without the comments that stand among them, as in dumps of Reddit, where a column says which is which."""
    if "post_type_raw" not in posts.collect_schema():
        return posts, []
    kinds = posts.select(_small("post_type_raw").alias("kind"), "source_row").collect(engine="streaming")
    rows = kinds.filter(pl.col("kind").is_in(_REMARKS))["source_row"]
    if not len(rows) or not kinds["kind"].is_in(_THREADS).any():
        return posts, []
    reason = "a comment, not a post"
    kept = posts.filter(~_small("post_type_raw").is_in(_REMARKS).fill_null(False))
    return kept, [Dropped(reason=reason, rows=len(rows), examples=tuple(rows.head(5)))]


_REMARKS, _THREADS = ["comment", "comments", "t1"], ["submission", "submissions", "post", "posts", "t3", "link"]


def replies_said(posts: pl.LazyFrame) -> str:
    """How many posts answer others, which count as posts, in a sentence; empty where a file does not tell or has none."""
    schema = posts.collect_schema()
    told = [_small(c).is_in(["true", "1", "yes", "y", "1.0"]) for c in _ANSWER_FLAGS if c in schema]
    told += [~_small(c).is_in(["", "null", "none", "nan", "0"]) for c in _ANSWERED if c in schema]
    if not told:
        return ""
    answers = pl.any_horizontal(one.fill_null(False) for one in told)
    count, rows = posts.select(answers.sum(), pl.len()).collect(engine="streaming").row(0)
    if not count:
        return ""
    return f"{count:,} of {rows:,} posts answer others, and count as posts like those that do not."


def _small(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()


_FLAGS = ("is_retweet", "isretweet", "is_repost", "isrepost")
_FLAG_OR_COUNT = ("retweet",)  # Where it has numbers, it counts them.
_ORIGINALS = ("retweeted_status_id", "retweeted_tweet_id")
_ANSWER_FLAGS = ("is_reply", "isreply")
_ANSWERED = ("in_reply_to_status_id", "in_reply_to_tweet_id", "in_reply_to_status_id_str", "in_reply_to_id")
_KINDS = ("post_type_raw", "tweet_type", "referenced_tweets_type")


def _perhaps_empty_or_names(raw: RawTable, names: Mapping[str, Sequence[str | None]]) -> pl.Expr:
    """What an empty row and the header again have in the fullest column: of millions of rows a few, told by one column."""
    blanks = raw.lazy.select((pl.col(h).is_null() | (pl.col(h) == "")).sum() for h in names).collect(engine="streaming")
    fullest = min(names, key=lambda h: blanks[h][0])
    cell = words(fullest)
    return cell.is_null() | _one_of(cell, names[fullest])


def _one_of(cell: pl.Expr, allowed: Sequence[str | None]) -> pl.Expr:
    found = cell.is_in([a for a in allowed if a is not None]).fill_null(False)
    return found | cell.is_null() if None in allowed else found


def _edges(raw: RawTable, empty: pl.Series) -> set[int]:
    """The first three and the last eight rows that are not empty: where totals stand."""
    filled = pl.int_range(raw.height, dtype=pl.UInt32, eager=True)
    filled = filled.filter(~filled.is_in(empty.cast(pl.UInt32).implode()))
    return {*filled.head(3), *filled.tail(8)}


def _sums_up(raw: RawTable, headers: list[str], row: Mapping[str, object]) -> bool:
    """Whether a row that begins with "total" is one: without text, and with cells left empty or the sum of all others."""
    cells = {h: str(row[h] or "").strip() for h in headers}
    filler = [cell for cell in cells.values() if normal(cell) in _SAYS_NOTHING]
    texts = sum(bool(re.search(r"[^\W\d_]{3,}", cell)) for cell in cells.values()) - len(filler)
    if "" in cells.values() and (texts <= 1 or _stands_for_an_id(cells)):
        return True
    return texts <= 2 and any(_is_sum(raw, header, cell) for header, cell in cells.items())


def _stands_for_an_id(cells: Mapping[str, str]) -> bool:
    """Whether the word for a total stands where the posts have their ids or links."""
    header = next((h for h, cell in cells.items() if cell), "")
    return role_of(header) in {"post_id", "url"} or normal(header) in {"content", "video"}


_SAYS_NOTHING = frozenset({"unknown", "n/a", "nan", "none", "null", "all", "various", "unbekannt", "alle"})


def _is_sum(raw: RawTable, header: str, cell: str) -> bool:
    """Whether a number is that of all other rows together."""
    return _is_half(_sum_of(raw, header), cell)


def _sum_of(raw: RawTable, header: str) -> float:
    return float(read_numbers(raw.column(header), "number").values.sum() or 0)


def _is_half(everything: float, cell: str) -> bool:
    """Whether a cell is half of all there is, itself among them: then it is the sum of the others."""
    own = read_numbers(pl.Series([cell]), "number").values[0]
    return bool(own) and bool(everything) and abs(everything - 2 * own) < 1e-9 * abs(own)


_SUMS, _TRIED = 2, 40  # Columns that have to be sums; columns none of which is one, before no other is tried.


_NUMBER = re.compile(r"[+-]?[\d.,\s\u00a0']+%?")


def _unnamed_totals(raw: RawTable, headers: list[str], places: set[int]) -> pl.DataFrame:
    """Rows at the edges of nothing but numbers, beside cells left empty, that are the sums of all others."""
    rows = raw.lazy.with_row_index(_PLACE).filter(pl.col(_PLACE).is_in(list(places))).collect(engine="streaming")
    if not rows.height:
        return rows
    total = cache(lambda header: _sum_of(raw, header))  # Of a column the sum is the same for each row.

    def sums(row: Mapping[str, object]) -> bool:
        cells = {h: str(row[h] or "").strip() for h in headers}
        filled = {h: c for h, c in cells.items() if c}
        if len(filled) > len(headers) - 2 or len(filled) < 2 or not all(_NUMBER.fullmatch(c) for c in filled.values()):
            return False
        found = 0
        for number, (h, c) in enumerate(filled.items(), 1):
            found += _is_half(total(h), c)
            if found >= _SUMS or (not found and number >= _TRIED):
                break
        return found >= _SUMS

    return rows.filter([sums(row) for row in rows.iter_rows(named=True)])


def _table_below(raw: RawTable, headers: list[str], empty: pl.Series) -> pl.DataFrame:
    """The rows from a row of names on that follows an empty row, or its title: words alone, in two columns at least."""
    rows = raw.lazy.with_row_index(_PLACE)
    blank = set(empty.to_list())
    after = {place + 1 for place in blank if place >= _ROWS_ABOVE} - blank
    perhaps = rows.filter(pl.col(_PLACE).is_in(list(after | {place + 1 for place in after}))).collect(
        engine="streaming"
    )
    single = {row[_PLACE] for row in perhaps.iter_rows(named=True) if sum(bool(row[h]) for h in headers) == 1}
    for row in perhaps.iter_rows(named=True):
        if row[_PLACE] - 1 not in single | blank:
            continue
        cells = [cell for h in headers if (cell := str(row[h] or "").strip())]
        if len(cells) >= 2 and not any(re.search(r"\d|https?:", cell) for cell in cells) and cells != headers:
            return rows.filter(pl.col(_PLACE) >= row[_PLACE]).collect(engine="streaming")
        if row[_PLACE] - 1 in single and row[_PLACE] - 2 in blank and len(headers) >= _WIDE:
            rest = rows.filter(pl.col(_PLACE) >= row[_PLACE] - 1).collect(engine="streaming")
            narrow = pl.all_horizontal(words(h).is_null() for h in headers[_NARROW:])
            above = rows.filter(pl.col(_PLACE) < row[_PLACE] - 2).head(_SHAPED).collect(engine="streaming")
            if (
                rest.select(narrow.all()).item()
                and _of_one_shape(above, headers[0])
                and not _of_one_shape(rest, headers[0])
            ):
                return rest
    return perhaps.clear()


def _of_one_shape(rows: pl.DataFrame, header: str) -> bool:
    """Whether the first column has times, links or ids, as posts have them and words of a list do not."""
    text = text_of(rows, header)
    return looks_like_times(text) or share_of(text, r"^https?://|^\D{0,12}\d{6,}\S*$") > _MOSTLY


_SHAPED = 200  # Posts that say what the first column is.
_WIDE, _NARROW = 5, 2  # Columns of the posts; those of a list under a title of its own.
_ROWS_ABOVE = 3  # Posts that stand above another table, at least.


def _second_names(raw: RawTable, headers: list[str]) -> pl.DataFrame:
    """The first row where it names units or says the names again: words over columns of numbers, and no digit at all."""
    first = raw.lazy.with_row_index(_PLACE).head(1).collect()
    if first.is_empty() or raw.height < 4:
        return first.clear()
    cells = {h: str(first[h][0] or "").strip() for h in headers}
    worded = [h for h, cell in cells.items() if re.search(r"[^\W\d_]|[%#]", cell)]
    if len(worded) < 2 or any(re.search(r"\d|https?:", cell) for cell in cells.values()):
        return first.clear()
    below = raw.lazy.select(worded).slice(1, 200).collect()
    numbers = [h for h in worded if _share_of_numbers(below[h]) > 0.9]
    return first if len(numbers) >= 2 else first.clear()


def _share_of_numbers(text: pl.Series) -> float:
    known = text.drop_nulls()
    return float(known.str.contains(r"^[+-]?[\d.,\s]+%?$").mean() or 0.0)  # type: ignore[arg-type]
