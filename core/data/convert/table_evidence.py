"""What a table shows of itself, before any value is converted: what tells its rows apart, how its dates follow each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from postlens.core.contract.problems import PostlensError
from postlens.core.contract.raw_table import ROW, RawTable
from postlens.core.data.convert.column_text import LINK, OF_A_PROFILE, captions, distinct, share_of, text_of
from postlens.core.data.convert.comment_rows import comment_column, of_comments
from postlens.core.data.convert.dates import looks_like_times, read_times
from postlens.core.data.convert.id_clocks import network_of_ids
from postlens.core.data.convert.links import network_named
from postlens.core.data.convert.own_ids import numbers_of_rows
from postlens.core.data.convert.times_in_ids import times_in_ids
from postlens.core.data.vocabulary import telling_names
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, roles
from postlens.core.data.vocabulary.synonyms import NETWORKS, usual_networks
from postlens.core.data.vocabulary.tables import not_posts, type_words
from postlens.core.data.vocabulary.telling_names import OF_AUTHOR

_LOOK = 3_000  # Rows.


_TELLING = r"^https?://|^\D*\d{6,}"  # A link, or an id.


_METRICS = {"count", "number", "rate", "seconds"}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a table shows of itself.

    Attributes:
        ids, links, texts: whether a column tells posts apart: by ids, by links, by captions.
        counted: the ids count the rows under a name that any table has.
        uuids: the ids are a database's own, which any table can have.
        bare: something like a date and a number are all there is.
        other: a column speaks of products, people, mails or episodes. own_links: links lead to networks.
        elsewhere: every link leads to a place that is no network, and no column names one.
        replies: rows have ids of their own under links of posts that several of them share.
        constant: a column that would tell posts apart has the same value throughout.
        dated: a column has dates. steps: the usual days from a row to the next by time; 0 where unclear.
        published: a column says when posts were published, by its name; others may say when they were recorded.
        dates: the share of rows that have a date of their own.
        types: rows of one day are of the types that happened, not of every type once.
        metrics: columns with numbers that a metric's name stands over.
        numbers: further columns of numbers. hits: known names of other kinds of tables.
        own_ads: names of ads, sets or campaigns. remarks: names that comments have. social: something says whose posts they are.
        aggregates: a column counts posts. periods: what is dated is a week or a month by its name.
        planned: posts have a status and nothing but zeros.
        networks: a column names known networks, row by row, or the ids are those of one.
        coded: each row has a code of its own, as SUR00012.
        accounts: each row has followers of its own and how many posts there are.
        followed: nothing is counted but followers, and perhaps how many posts there are.
        people: each row is of another account.
        columns: how many there are.
        alone: no column without a role has numbers, however they are written.
        mentions: some rows are from news, blogs or shops: what others say, not posts of accounts.
        media: the column that names several networks beside those.
    """

    rows: int
    ids: bool
    counted: bool
    links: bool
    texts: bool
    uuids: bool
    bare: bool
    other: bool
    own_links: bool
    elsewhere: bool
    replies: bool
    constant: bool
    dated: bool
    published: bool
    dates: float
    steps: float
    types: bool
    metrics: int
    numbers: int
    hits: Counter[str]
    spend: int
    ads: int
    own_ads: int
    remarks: int
    social: bool
    aggregates: bool
    periods: bool
    planned: bool
    mentions: bool
    media: str
    networks: bool
    coded: bool
    accounts: bool
    followed: bool
    people: bool
    columns: int
    alone: bool


def evidence(raw: RawTable, matched: Matched, network: str = "") -> Evidence:
    """Look at names and at some thousand rows; the network counts where somebody said it."""
    rows = raw.lazy.head(_LOOK).collect()
    named = {r: h for r, h in matched.roles.items() if r == "post_id" or not telling_names.REMARK.search(normal(h))}
    told = {role: text_of(rows, header) for role, header in named.items() if header in rows.columns}
    many = [told[r] for r in ("post_id", "url") if r in told and told[r].count()]
    own = {
        h
        for r, h in matched.roles.items()
        if roles()[r].type in _METRICS
        and r != "duration_s"
        and (r not in told or told[r].n_unique() <= 1 or share_of(told[r], r"\d") > 0)
    }
    texts = [told[r] for r in ("text", "title") if r in told]
    texts += [
        text_of(rows, h) for h in matched.extra if h in rows.columns and not telling_names.REMARK.search(normal(h))
    ]
    dates, steps, dated = _times(rows, matched)
    names = [normal(h).removesuffix(".value") for h in raw.headers]
    table = not_posts()
    ids = "post_id" in told and (
        distinct(told["post_id"]) or ("platform" in told and distinct(told["post_id"] + told["platform"]))
    )
    return Evidence(
        rows=rows.height,
        ids=ids,
        counted=normal(matched.roles.get("post_id", "")) in _OF_ANY_TABLE and numbers_of_rows(raw, matched),
        links=_own_links(told),
        texts=any(captions(text) and text.count() >= 0.4 * rows.height for text in texts),
        uuids="post_id" in told
        and share_of(told["post_id"], r"^[0-9a-zA-Z]{8}-[0-9a-zA-Z]{4}-[0-9a-zA-Z-]{19,24}$") > 0.9,
        bare=_bare(rows, raw.headers),
        other=any(telling_names.OTHER.search(name) for name in names)
        or ("url" in told and share_of(told["url"], _NO_POST) >= 0.5),
        own_links="url" in told and share_of(told["url"], LINK) > 0.5 and share_of(told["url"], _NO_POST) < 0.5,
        elsewhere=_elsewhere(told),
        replies=of_comments(rows, matched, told),
        constant=any(t.count() >= 5 and t.n_unique() == 1 and share_of(t, _TELLING) == 1.0 for t in many)
        and not any(distinct(t) for t in many),
        dated=dated,
        published=any(
            r in told and _several_times(told[r], told.get("account_name")) for r in ("published", "published_date")
        )
        or (
            not {"published", "published_date"} & set(told)
            and times_in_ids(told, network or network_named(raw.headers)) is not None
        ),
        dates=dates,
        steps=steps,
        types=_types(rows, matched),
        metrics=len(own),
        numbers=sum(
            _numeric(text) and _may_count(h, text)
            for h in matched.extra
            if h in rows.columns and (text := text_of(rows, h)).count()
        ),
        hits=Counter(kind for name in names for kind in table.get(name, ())),
        spend=sum(telling_names.SPEND.search(name) is not None for name in names),
        ads=sum(telling_names.AD.search(name) is not None for name in names)
        + any(telling_names.END.search(name) is not None for name in names),
        own_ads=sum(telling_names.OWN_AD.search(name) is not None for name in names),
        remarks=_remarks(names, beside_captions=(ids or _own_links(told)) and _own_captions(told, matched)),
        social=_social(matched, told, names),
        planned="status" in names and bool(own) and all(share_of(text_of(rows, h), r"[1-9]") == 0 for h in own),
        periods=_periods(rows, matched) and not (ids and not _by_period(matched)),
        mentions=bool(media := _mentions(rows, matched)),
        media="" if not media or not _networks_too(text_of(rows, media)) else media,
        networks=("platform" in told and _of_known_networks(told["platform"]))
        or _of_one_network(rows, named)
        or _found_again(told),
        coded=any(_codes(text_of(rows, h), rows.height) for h in raw.headers[:_FIRST_COLUMNS]),
        accounts=_channels(rows) or (not (ids or _own_links(told) or _answered(matched)) and _of_accounts(rows, told)),
        followed=_followed(rows),
        people=any(
            r in told and told[r].n_unique() == rows.height >= _FEWEST_CODES for r in ("account_id", "account_name")
        ),
        columns=len(raw.headers),
        alone=not any(_may_count(h, text_of(rows, h)) for h in matched.extra if h in rows.columns),
        aggregates=any(
            normal(h) in telling_names.AGGREGATES and _numeric(text_of(rows, h)) for h in rows.columns if h != ROW
        ),
    )


_OF_ANY_TABLE = frozenset({"id", "uid", "uuid", "index", "no", "nr", "number"})
# Links of networks that lead to a list, an event or an account, not to a post.
_NO_POST = (
    r"(?i)/events?/|/playlist\b|/channel/|/(?:groups|company|in|c|user)/[\w.%-]+/?$|"
    + OF_A_PROFILE.removeprefix("(?i)")
)


def _own_links(told: dict[str, pl.Series]) -> bool:
    return "url" in told and distinct(told["url"])


def _found_again(told: dict[str, pl.Series]) -> bool:
    """Whether ids have links of a network each, of posts that were found several times, as under several search words."""
    if not {"post_id", "url"} <= told.keys() or share_of(told["url"], LINK) < _MOSTLY_OWN:
        return False
    ids, links = told["post_id"].n_unique(), told["url"].n_unique()
    return links > 1 and links >= _MOSTLY_OWN * ids and share_of(told["url"], _NO_POST) == 0.0


def _own_captions(told: dict[str, pl.Series], matched: Matched) -> bool:
    """Whether each row has a caption of its own, under a name that is none of comments."""
    named = "text" in told and not comment_column(matched.roles["text"])
    return named and told["text"].n_unique() > _MOSTLY_OWN * told["text"].count() > 0


def _remarks(names: Sequence[str], *, beside_captions: bool) -> int:
    """How many names speak of comments; beside captions, the text of a post's first comment is none of them."""
    if any(_PASSED_ON.search(n) for n in names):
        return 0
    parents = any(re.search(r"\b(?:parent|note|post|video|aweme|media|link)\b.*\bid\b", n) for n in names)
    if ("comment id" in names and parents) or (
        {"parent id", "id"} <= set(names) and {"post id", "link id", "submission id"} & set(names)
    ):
        return _OF_COMMENTS
    found = [(n, telling_names.comment(n)) for n in names]
    return len({words for n, words in found if words and not (beside_captions and _TEXT_OF_IT.search(n))})


_OF_COMMENTS = 2  # Names, which settle it.
_MOSTLY_OWN = 0.9
_TEXT_OF_IT = re.compile(r"\b(?:text|content|body|texto|texte|testo|inhalt|tekst)\b")
_PASSED_ON = re.compile(r"retweet|repost|reblog|quote count|^tweet id$")  # Posts of X tell what they answer, too.


def _of_known_networks(text: pl.Series, *, every: bool = False) -> bool:
    named = text.to_frame("v").select(usual_networks(pl.col("v"))).to_series()
    return text.count() > 0 and float(named.is_in(NETWORKS).mean() or 0.0) > (_EVERY if every else 0.9)  # type: ignore[arg-type]


def _may_count(header: str, text: pl.Series) -> bool:
    """Whether a column without a role could be a metric, however its numbers are written: no ids, moments, places, sizes or links."""
    if (
        share_of(text, r"\d") <= _MOST_DIGITS
        or OF_AUTHOR.match(normal(header))
        or telling_names.NO_METRIC.search(normal(header))
    ):
        return False
    if header.startswith("column "):  # A number that a tool wrote before each row.
        return False
    long = share_of(text, r"^\D*\d{8,}|^https?:|^[\[{]|.{40}") > _MOST_DIGITS
    same = text.n_unique() == 1 and text.count() >= _FEWEST_CODES
    return not (long or same or looks_like_times(text))


def _answered(matched: Matched) -> bool:
    """Whether a column counts what people did with a post: of accounts it would be a total or an average."""
    counts = ("react_like", "reactions", "comments", "shares", "saves")
    return any(
        not re.search(r"\b(?:total|avg|average|mean|sum)\b", normal(matched.roles[role]))
        for role in counts
        if role in matched.roles
    )


def _channels(rows: pl.DataFrame) -> bool:
    """Whether an interface says that each row is a channel."""
    return any(share_of(text_of(rows, h), r"^youtube#channel$") == 1.0 for h in rows.columns if normal(h) == "kind")


def _of_accounts(rows: pl.DataFrame, told: Mapping[str, pl.Series]) -> bool:
    """Whether columns have the followers of each row's account, and how many posts it has; or followers and a name of its own."""
    counts = {h: normal(h) for h in rows.columns if h != ROW and _numeric(text := text_of(rows, h)) and _differ(text)}
    if not any(telling_names.FOLLOWERS.search(name) for name in counts.values()):
        return False
    named = any(r in told and told[r].n_unique() == rows.height for r in ("account_name", "account_id"))
    written = any(r in told and captions(told[r]) for r in ("text", "title"))
    return any(telling_names.POSTS.search(name) for name in counts.values()) or (named and not written)


def _followed(rows: pl.DataFrame) -> bool:
    """Whether every column of numbers counts followers or how many posts there are, and one followers."""
    counts = [
        normal(h)
        for h in rows.columns
        if h != ROW and _numeric(text := text_of(rows, h)) and _may_count(h, text) and text.n_unique() > _FLAGS
    ]
    of_followers = [name for name in counts if telling_names.FOLLOWERS.search(name)]
    return bool(of_followers) and all(
        telling_names.POSTS.search(n) or n in {*of_followers, "total views"} for n in counts
    )


_FLAGS = 2


def _differ(text: pl.Series) -> bool:
    return text.n_unique() > _FIFTH * text.count() and share_of(text, r"^\D*\d{12,}") == 0.0


_FIFTH = 0.2
_FIRST_COLUMNS, _FEWEST_CODES, _MOST_DIGITS = 5, 5, 0.3


def _codes(text: pl.Series, rows: int) -> bool:
    """Codes of letters and digits, each row its own: what a row is about, and it is no day."""
    return text.n_unique() == rows >= _FEWEST_CODES and share_of(text, r"^\p{L}[\p{L}_-]*\d+$") == 1.0


def _of_one_network(rows: pl.DataFrame, named: Mapping[str, str]) -> bool:
    """Whether ids tell their network, by the time that they hold."""
    dates = next((named[r] for r in ("published", "published_date") if r in named), None)
    if dates is None or not {named.get("post_id"), dates} <= set(rows.columns):
        return False
    ids, told = (rows[h].cast(pl.String).str.strip_chars() for h in (named["post_id"], dates))
    return bool(network_of_ids(ids, _either_way(told)))


def _either_way(text: pl.Series) -> list[pl.Series]:
    """Times, read as month first and as day first; none where the column is for asking."""
    try:
        return [read_times(text, order=order).values for order in ("mdy", "dmy")]
    except PostlensError:  # Its question comes when the column is converted.
        return []


def _elsewhere(told: dict[str, pl.Series]) -> bool:
    """Links, but none of a network, and nothing else that speaks of posts."""
    links = told.get("url", told.get("link"))
    return (
        links is not None
        and not {"platform", "post_type", "account_name", "post_id"} & told.keys()
        and share_of(links, r"^https?://") > 0.9
        and share_of(links, LINK) == 0.0
    )


_MEDIA = re.compile(
    r"(?i)^(?:online[ -]?)?(?:news\w*|blogs?|forums?|web(?:site|page)?s?|print|radio|tv|podcasts?|reviews?|google)$"
)


def _mentions(rows: pl.DataFrame, matched: Matched) -> str:
    """The column of media or networks that names some that have no accounts with posts; empty for none."""
    named = {matched.roles.get(r) for r in ("platform", "post_type")} | set(matched.extra)
    if "platform" in matched.roles and _of_known_networks(text_of(rows, matched.roles["platform"]), every=True):
        named = {matched.roles["platform"]}  # Then a blog is what a post leads to.
    for header in named:
        if header is None or header not in rows.columns or _NO_MEDIUM.search(normal(header)):
            continue
        words = text_of(rows, header)
        filled = words.count() > 0.5 * rows.height  # Not the fifteenth of a post's hashtags.
        if filled and 1 < words.n_unique() <= _FEW_MEDIA and share_of(words, _MEDIA.pattern) > _SOME_MEDIA:
            return header
    return ""


def _networks_too(words: pl.Series) -> bool:
    """Whether some of the media are networks, and several of them."""
    named = words.to_frame("v").select(usual_networks(pl.col("v"))).to_series()
    return named.filter(named.is_in(NETWORKS)).n_unique() > 1


# Where people came from, and what posts are about.
_NO_MEDIUM = re.compile(r"lead|traffic|utm|campaign|referr|topic|categor|pillar|theme")
_FEW_MEDIA, _SOME_MEDIA, _EVERY = 20, 0.05, 0.999


def _periods(rows: pl.DataFrame, matched: Matched) -> bool:
    """Whether a column of dates is named as one of weeks, months or other periods."""
    if any(telling_names.PERIOD.search(normal(matched.roles.get(r, ""))) for r in ("published", "published_date")):
        return True
    named = (h for h in matched.extra if h in rows.columns and telling_names.PERIOD.search(normal(h)))
    return any(looks_like_times(text_of(rows, h)) or _partial_dates(text_of(rows, h)) is not None for h in named)


def _by_period(matched: Matched) -> bool:
    """Whether the time itself is called a week or month; another column beside posts with ids may be."""
    return any(telling_names.PERIOD.search(normal(matched.roles.get(r, ""))) for r in ("published", "published_date"))


_SHARED = frozenset({"reactions", "react_like", "shares", "saves", "reach", "impressions", "follows"})


def _social(matched: Matched, told: dict[str, pl.Series], names: Sequence[str]) -> bool:
    """Whether anything says that the rows are posts of networks: a network, a type, a name, or what only networks count."""
    if {"post_type", "platform", "account_name", "account_id"} & told.keys() or any(
        telling_names.SOCIAL_NAME.search(n) for n in names
    ):
        return True
    counted = _SHARED & matched.roles.keys()
    return len(counted) >= 2 or (bool(counted & {"reactions", "react_like"}) and "comments" in matched.roles)


def _bare(rows: pl.DataFrame, headers: Sequence[str]) -> bool:
    """A series whose dates nobody can read: one column with texts of one shape, all different, and one with numbers."""
    words = [w for w in (text_of(rows, h) for h in headers if h in rows.columns) if w.count()]
    if len(words) != 2 or rows.height < 5:
        return False
    shapes = [w.str.replace_all(r"\d", "0").str.replace_all(r"\p{L}", "a") for w in words]
    dated = [
        s.n_unique() <= 2 and share_of(s, r"00.*[^0a].*00.*[^0a].*00") > 0.9 and w.n_unique() > 0.9 * w.count()
        for s, w in zip(shapes, words, strict=True)
    ]
    return (dated[0] and _numeric(words[1].tail(-2))) or (dated[1] and _numeric(words[0].tail(-2)))


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
    header = next((h for h in wanted if h in rows.columns and text_of(rows, h).count()), None)
    if header is None:
        candidates: Sequence[str] = [h for h in matched.extra if h in rows.columns]
        shaped = (h for h in candidates if looks_like_times(t := text_of(rows, h)) or _partial_dates(t) is not None)
        header = next(shaped, None)
    if header is None:
        return 0.0, 0.0, False
    text = text_of(rows, header)
    if (series := _partial_dates(text)) is not None:
        return series
    ways = _either_way(text)
    if not ways:
        return 0.0, 0.0, header in matched.roles.values()
    values = max(ways, key=lambda way: way.count()).drop_nulls()
    if len(values) < 0.5 * max(text.count(), 1) or not len(values):
        return 0.0, 0.0, header in matched.roles.values() and share_of(text, r"\d\D+\d") > 0.9
    days = values.dt.date().unique().sort()
    steps = days.diff().dt.total_days().drop_nulls()
    of_day = values.dt.date().value_counts()["count"].to_numpy()
    if 1 < len(days) < 0.5 * len(values) and of_day.std() > _UNEVEN * of_day.mean():
        return len(days) / len(values), 0.0, True  # Now two rows on a day, now fifty: no series of days.
    clock = bool((values.dt.hour() * 60 + values.dt.minute()).n_unique() > 1)
    even = 0.0
    if len(steps) >= 2 and not clock:
        common = float(steps.median() or 0)  # type: ignore[arg-type]
        near = ((steps - common).abs() <= (0.01 if common < 6.5 else 3)).mean() or 0.0
        even = common if float(near) > 0.85 else 0.0  # type: ignore[arg-type]
    return len(days) / max(len(values), 1), even, True


_UNEVEN = 0.5  # Spread of the rows of a day by their mean.


def _several_times(text: pl.Series, accounts: pl.Series | None) -> bool:
    """Times, not the one day of a recording in every row, of many posts or of several accounts."""
    several = accounts is not None and accounts.n_unique() > 1
    return text.count() > 0 and not (text.count() >= (_SEVERAL if several else _MANY) and text.n_unique() == 1)


_SEVERAL, _MANY = 10, 30


def _partial_dates(text: pl.Series) -> tuple[float, float, bool] | None:
    """Months, and days without a year: what daily and monthly tables have and posts do not. As `_times`; None for others."""
    if text.count() < 3:
        return None
    each = text.n_unique() / text.count()
    if share_of(text, r"^(?:(?:19|20)\d\d[-/.]\d{1,2}|\d{1,2}[-/.](?:19|20)\d\d)$") > 0.9:
        return each, 30.0, True
    if (
        share_of(text, r"^\p{L}{3,12}\.? \d{1,2}$|^\d{1,2}\.? (?:de )?\p{L}{3,12}\.?$|^\d{1,2}\u6708\d{1,2}\u65e5$")
        > 0.9
    ):
        return each, 1.0, True
    return None
