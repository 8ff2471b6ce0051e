"""What a table is, decided with evidence before any value is converted: a row for each post, or something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.dates import looks_like_times, read_times
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, roles
from postlens.core.data.vocabulary.tables import not_posts, type_words

Kind = Literal["posts", "daily", "monthly", "account", "audience", "ads", "over_time", "follower", "traffic", "unclear"]
_LOOK = 3_000  # Rows.
_METRICS = {"count", "number", "rate", "seconds"}
_SPEND = (
    "spend",
    "spent",
    "cost per",
    "cpc",
    "cpm",
    "ad set",
    "ad group",
    "adset",
    "ad name",
    "roas",
    "campaign budget",
)
_ENOUGH = {"ads": 2, "audience": 2, "traffic": 2, "follower": 2, "daily": 3, "account": 3, "over_time": 3}

_SAYS: dict[Kind, tuple[str, str]] = {
    "daily": (
        "has a row for each day, not for each post",
        "Export the content or posts table, with one row for each post.",
    ),
    "monthly": (
        "has a row for each week or month, not for each post",
        "Export the content or posts table, with one row for each post.",
    ),
    "account": ("has a row for each account, not for each post", "Export the posts of these accounts."),
    "audience": (
        "is about the audience (by age, gender, country or activity), not about posts",
        "Export the content or posts table, with one row for each post.",
    ),
    "ads": (
        "is a report of ads and what they cost, not of posts",
        "Export the organic posts: in Meta Business Suite under Insights, Content; elsewhere the posts or content table.",
    ),
    "over_time": (
        "has one post at many times, not many posts",
        "Export the posts table of a period, with one row for each post.",
    ),
    "follower": (
        "is about followers, not about posts",
        "Export the content or posts table, with one row for each post.",
    ),
    "traffic": (
        "is about where views came from, not about posts",
        "Export the content or posts table, with one row for each post.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a table shows of itself.

    Attributes:
        ids, links, texts: whether a column tells posts apart: by ids, by links, by captions.
        constant: a column that would tell posts apart has the same value throughout.
        dated: a column has dates. steps: the usual days from a row to the next by time; 0 where unclear.
        dates: the share of rows that have a date of their own.
        types: rows of one day are of the types that happened, not of every type once.
        metrics: columns with numbers that a metric's name stands over.
        numbers: further columns of numbers. hits: known names of other kinds of tables.
    """

    rows: int
    ids: bool
    links: bool
    texts: bool
    constant: bool
    dated: bool
    dates: float
    steps: float
    types: bool
    metrics: int
    numbers: int
    hits: Counter[str]
    spend: int


def evidence(raw: RawTable, matched: Matched) -> Evidence:
    """Look at names and at some thousand rows."""
    rows = raw.lazy.head(_LOOK).collect()
    told = {role: _words(rows, header) for role, header in matched.roles.items() if header in rows.columns}
    many = [told[r] for r in ("post_id", "url") if r in told and told[r].count()]
    own = {h for h, r in ((h, r) for r, h in matched.roles.items()) if roles()[r].type in _METRICS}
    texts = [told[r] for r in ("text", "title") if r in told]
    texts += [_words(rows, h) for h in matched.extra if h in rows.columns]
    dates, steps, dated = _times(rows, matched)
    names = [normal(h) for h in raw.headers]
    table = not_posts()
    return Evidence(
        rows=rows.height,
        ids="post_id" in told and _distinct(told["post_id"]),
        links="url" in told and _distinct(told["url"]),
        texts=any(_captions(text) for text in texts),
        constant=any(t.count() >= 5 and t.n_unique() == 1 for t in many) and not any(_distinct(t) for t in many),
        dated=dated,
        dates=dates,
        steps=steps,
        types=_types(rows, matched),
        metrics=len(own),
        numbers=sum(_numeric(_words(rows, h)) for h in matched.extra if h in rows.columns),
        hits=Counter(kind for name in names for kind in table.get(name, ())),
        spend=sum(any(word in name for word in _SPEND) for name in names),
    )


def kind_of(found: Evidence) -> Kind:
    """What the evidence says the table is; `unclear` where it could be either."""
    if found.spend >= _ENOUGH["ads"] and found.hits["ads"] >= _ENOUGH["ads"]:
        return "ads"
    if found.constant and found.dated and found.rows >= 3 and not found.texts:
        return "over_time"
    if found.ids or found.links or (found.texts and found.dated and found.dates > 0.5):
        return "posts"
    return _series(found) or _parts(found) or ("posts" if found.texts and found.metrics >= 2 else "unclear")


def _parts(found: Evidence) -> Kind | None:
    """A table of an account's audience, traffic or followers: its column names say so."""
    few = found.rows <= 60 and not found.dated
    kinds: tuple[Kind, ...] = ("audience", "traffic", "follower")
    return next((k for k in kinds if found.hits[k] >= _ENOUGH[k] or (found.hits[k] and few)), None)


def _series(found: Evidence) -> Kind | None:
    """A row for each day, week or month: dates at even steps, or the same days again for each account."""
    if not found.dated or found.rows < 3 or found.texts or found.types:
        return None
    if found.steps and found.dates > 0.9:
        return "daily" if found.steps <= 1.01 else "monthly" if found.steps >= 6.5 else None
    if found.steps and found.dates < 0.5 and found.steps <= 31.5:
        return "daily" if found.steps <= 1.01 else "monthly"
    return None


def check(raw: RawTable, matched: Matched, *, known: bool, ask: bool) -> None:
    """Refuse what is not posts, by what it is; ask where it cannot be told and somebody can be asked.

    Args:
        raw: the table.
        matched: its columns.
        known: it is an export that Postlens knows.
        ask: somebody can be asked.

    Raises:
        PostlensError: it is not posts, or it must be said what its columns are.
    """
    found = evidence(raw, matched)
    kind = kind_of(found)
    if kind in _SAYS and not (known and kind != "ads"):
        what, hint = _SAYS[kind]
        raise fail(f'"{raw.name}" {what}.', why=_why(raw, kind), hint=hint)
    if ask and not known and not _enough(found):
        raise _ask(raw, found)


def _enough(found: Evidence) -> bool:
    """An id, link or caption, a date, and two metrics: enough to import without asking."""
    return (found.ids or found.links or found.texts) and found.dated and found.metrics >= 2


def _ask(raw: RawTable, found: Evidence) -> PostlensError:
    lacking = [
        words
        for there, words in (
            (found.ids or found.links or found.texts, "which column is the post's id, link or caption"),
            (found.dated, "which column is the time of publishing"),
            (found.metrics >= 2, "which columns are reactions, comments, views or other metrics"),
        )
        if not there
    ]
    return fail(
        f'"{raw.name}" is no export that Postlens knows, and it cannot be told {", and ".join(lacking)}.',
        why=f"Its columns are {', '.join(raw.headers[:12])}{', ...' if len(raw.headers) > 12 else ''}.",
        hint='Say so: --map "Column=role" for each on the command line, or in the selects of the page Data; '
        "roles are post_id, url, text, published, account_name, post_type, reactions, comments, shares, views, reach.",
    )


def _why(raw: RawTable, kind: Kind) -> str:
    if kind in {"daily", "monthly"}:
        return "Its dates follow each other at even steps, and no column has ids, links or captions of posts."
    if kind == "over_time":
        return "The id or link is the same in every row, only the time changes."
    known = [h for h in raw.headers if kind in not_posts().get(normal(h), ())]
    return f"It has columns such as {', '.join(known[:5] or raw.headers[:5])}."


def _words(rows: pl.DataFrame, header: str) -> pl.Series:
    text = rows[header].cast(pl.String).str.strip_chars()
    return text.set(text == "", None).drop_nulls()


def _distinct(text: pl.Series) -> bool:
    return text.count() > 0 and text.n_unique() >= max(0.5 * text.count(), min(text.count(), 2))


def _captions(text: pl.Series) -> bool:
    """Long and mostly different texts, which are no links, numbers or times."""
    if text.count() < 1 or text.n_unique() < 0.5 * text.count():
        return False
    spaced = (
        text.str.contains(r"\p{L}.*\s.*\p{L}|\p{L}{8,}|[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{4,}").mean() or 0.0
    )
    length = text.str.len_chars().mean() or 0.0
    link = text.str.contains(r"^https?://").mean() or 0.0
    return float(spaced) > 0.5 and float(length) >= 12 and float(link) < 0.5 and not looks_like_times(text)  # type: ignore[arg-type]


def _types(rows: pl.DataFrame, matched: Matched) -> bool:
    """Whether types of posts vary from row to row otherwise than in a breakdown, which has each type once for each day."""
    kinds, times = matched.roles.get("post_type"), matched.roles.get("published") or matched.roles.get("published_date")
    if kinds not in rows.columns or times not in rows.columns:
        return False
    words = type_words()
    known = (
        rows[kinds].cast(pl.String).fill_null("").map_elements(lambda w: normal(w) in words, return_dtype=pl.Boolean)
    )
    if rows[kinds].n_unique() < 2 or not known.mean() or float(known.mean()) < 0.5:  # type: ignore[arg-type]
        return False
    days = rows.group_by(pl.col(times).cast(pl.String)).agg(n=pl.len(), kinds=pl.col(kinds).n_unique())
    return not bool(((days["n"] == days["kinds"]) & (days["n"] > 1)).mean() == 1.0)


def _numeric(text: pl.Series) -> bool:
    return text.count() > 0 and bool((text.str.contains(r"^[-+]?[\d.,\s]+%?$").mean() or 0.0) > 0.9)  # type: ignore[operator]


def _times(rows: pl.DataFrame, matched: Matched) -> tuple[float, float, bool]:
    """The share of rows with a date of their own, the usual step in days, and whether there are dates."""
    wanted = [matched.roles.get(r) for r in ("published", "published_date")]
    header = next((h for h in wanted if h in rows.columns), None)
    if header is None:
        candidates: Sequence[str] = [h for h in matched.extra if h in rows.columns]
        header = next((h for h in candidates if looks_like_times(_words(rows, h))), None)
    if header is None:
        return 0.0, 0.0, False
    text = _words(rows, header)
    try:
        values = read_times(text, order="mdy" if text.count() else None).values
        other = read_times(text, order="dmy").values
    except PostlensError:
        return 0.0, 0.0, False
    if other.count() > values.count():
        values = other
    values = values.drop_nulls()
    if len(values) < 0.5 * max(text.count(), 1) or not len(values):
        return 0.0, 0.0, False
    days = values.dt.date().unique().sort()
    steps = days.diff().dt.total_days().drop_nulls()
    clock = bool((values.dt.hour() * 60 + values.dt.minute()).n_unique() > 1)
    even = 0.0
    if len(steps) >= 2 and not clock:
        common = float(steps.median() or 0)  # type: ignore[arg-type]
        near = ((steps - common).abs() <= (0.01 if common < 6.5 else 3)).mean() or 0.0
        even = common if float(near) > 0.85 else 0.0  # type: ignore[arg-type]
    return len(days) / max(len(values), 1), even, True
