"""What a table is, decided with evidence before any value is converted: a row for each post, or something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from postlens.core.contract.problems import PostlensError, fail
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.comment_rows import comment_column
from postlens.core.data.convert.own_ids import (
    dimension,
    is_a_place,
    recorded_again,
    refused_again,
    refused_parts,
)
from postlens.core.data.convert.table_evidence import Evidence, evidence
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched
from postlens.core.data.vocabulary.tables import not_posts

Kind = Literal[
    "posts", "daily", "monthly", "account", "audience", "ads", "over_time", "follower", "traffic", "comments", "unclear"
]


_ENOUGH = {"ads": 2, "audience": 2, "traffic": 2, "follower": 2, "daily": 3, "account": 3, "over_time": 3}


_OF_OTHERS = "Each row has a text of its own, and several belong to one post."
_NARROW = 4  # Columns: what an audience is made of, and how much of it.


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
    "comments": (
        "has a row for each comment or reply, not for each post",
        "Export the content or posts table, with one row for each post. If these are posts, map their columns.",
    ),
}


_SERIES = frozenset({"daily", "monthly", "unclear"})
_PERHAPS_AGAIN = _SERIES | {"posts"}


def kind_of(found: Evidence) -> Kind:
    """What the evidence says the table is; `unclear` where it could be either."""
    if (named := _by_name(found)) is not None:
        return named
    timed = found.dated or found.hits["over_time"] >= _ENOUGH["over_time"]
    one_post = found.constant and timed and found.rows >= 3 and not found.texts and not found.types
    if found.replies or one_post:
        return "comments" if found.replies else "over_time"
    database = found.uuids or (found.metrics == 0 and max(_named(found)) > 0)
    if database and found.metrics < 2 and not found.texts and not found.types:
        return _parts(found) or _series(found) or "unclear"
    written = found.texts and (found.metrics >= 2 or (found.dated and found.dates > 0.5))
    if found.ids or found.links or written:
        return "posts"
    if found.bare and not found.dated:
        return "daily"
    followers: Kind | None = "follower" if found.followed and not found.texts else None
    return followers or _series(found) or _parts(found) or _told(found)


def _told(found: Evidence) -> Kind:
    return "posts" if found.types and found.dated and found.metrics >= 3 else "unclear"


def _by_name(found: Evidence) -> Kind | None:
    """A report of ads, a list of accounts or of comments, as its columns are called."""
    paid_for = found.spend >= 1 and not found.links and found.ads >= (2 if found.texts else 1)
    boosted = (
        found.texts and found.ids and found.metrics >= 2 and not found.own_ads
    )  # Posts with what was paid for them.
    nothing_of_posts = not (found.texts or found.ids or found.links or found.types)
    known = found.spend >= (1 if nothing_of_posts else _ENOUGH["ads"]) and found.hits["ads"] >= _ENOUGH["ads"]
    if known or (paid_for and not boosted) or (found.own_ads >= 2 and not found.links):
        return "ads"
    if found.accounts and not (found.published and _series(found)):  # What an account had day by day is another table.
        return "account"
    return "comments" if found.remarks >= 2 and not found.links else None


def _named(found: Evidence) -> tuple[int, ...]:
    """How many names of other kinds of tables there are, beyond what is needed to tell."""
    return tuple(found.hits[kind] - _ENOUGH[kind] + 1 for kind in ("audience", "traffic", "follower"))


def _parts(found: Evidence) -> Kind | None:
    """A table of an account's audience, traffic or followers: its column names say so."""
    few = found.rows <= 60 and not found.dated and (not found.texts or found.columns <= _NARROW)
    # Reviews and the authors of posts have a city, too.
    written = (found.texts and found.columns > _NARROW) or (found.dated and not found.steps and found.metrics >= 3)
    few = few and (found.social or found.columns <= _NARROW)
    kinds: tuple[Kind, ...] = ("follower",) if written else ("audience", "traffic", "follower")
    named = next((k for k in kinds if found.hits[k] >= _ENOUGH[k] or (found.hits[k] and few)), None)
    if named is not None and found.people:
        return "account"
    return named or ("account" if not found.dated and found.hits["account"] >= _ENOUGH["account"] else None)


def _series(found: Evidence) -> Kind | None:
    """A row for each day, week or month: dates at even steps, or the same days again for each account."""
    if not found.dated or found.rows < 3 or found.texts or found.types or found.coded:
        return None
    if found.steps and found.dates > 0.9:
        return "daily" if found.steps <= 1.01 else "monthly" if found.steps >= 6.5 else None
    if found.steps and found.dates <= 0.5 and found.steps <= 1.01:
        return "daily"
    if found.steps and found.dates < 0.5 and found.steps <= 31.5:
        return "monthly"
    return None


def check(
    raw: RawTable,
    matched: Matched,
    *,
    known: bool,
    ask: bool,
    told: bool = False,
    network: str = "",
    daily: bool = False,
) -> None:
    """Refuse what is not posts, by what it is; ask where it cannot be told and somebody can be asked.

    Args:
        raw: the table.
        matched: its columns.
        known: it is an export that Postlens knows.
        ask: somebody can be asked.
        told: somebody said what some columns are.
        network: whose posts they are, where somebody said it.
        daily: each post has a row for each day, which will be added up.

    Raises:
        PostlensError: it is not posts, or it must be said what its columns are.
    """
    found = evidence(raw, matched, network)
    if network and found.media and not (told or found.own_links):
        raise fail(
            f'"{raw.name}" has mentions in news, blogs or forums beside posts, so its rows are not all posts of {network}.',
            why=f'"{found.media}" names each one\'s.',
            hint="Keep the rows of one network in a file of their own, or export the posts from the network.",
        )
    if network or found.networks:
        found = replace(found, social=True, elsewhere=False, other=False, mentions=found.mentions and not network)
        found = replace(
            found, own_ads=found.own_ads if found.own_ads > 1 else 0
        )  # Posts of a campaign may have its number.
    kind = kind_of(found)
    if not daily and kind in _PERHAPS_AGAIN and (again := recorded_again(raw, matched)):
        raise refused_again(raw, again)
    if not daily and kind in _SERIES and (parts := dimension(raw, matched)) and not is_a_place(parts, matched):
        if not found.people:
            raise refused_parts(raw, parts)
        kind = "account"
    if kind in _SAYS and not ((known or told) and kind != "ads"):
        what, hint = _SAYS[kind]
        what = what if found.dated else what.replace("each day,", "each day or other period,")
        raise fail(f'"{raw.name}" {what}.', why=_why(raw, kind, matched, dated=found.dated), hint=hint)
    nothing = not found.metrics and not found.numbers and found.alone
    if ask and not known and (nothing or not (told or _enough(found, told=bool(network)))):
        raise _no_numbers(raw) if nothing else _ask(raw, found, told=bool(network))


def _enough(found: Evidence, *, told: bool) -> bool:
    """An id, link or caption, a date, and two metrics: enough to import without asking."""
    telling = (found.ids and not found.counted) or found.links or found.texts or found.types
    sure = told or _of_networks(found)
    return telling and sure and found.published and found.metrics >= 2


def _of_networks(found: Evidence) -> bool:
    """Whether nothing speaks against posts of networks, and something for them."""
    if found.own_links:
        return not (found.remarks or found.aggregates or found.planned or found.mentions)
    against = (
        found.mentions
        or found.other
        or found.elsewhere
        or found.aggregates
        or found.remarks
        or found.own_ads
        or found.periods
        or found.planned
    )
    return not against and found.social


def _no_numbers(raw: RawTable) -> PostlensError:
    return fail(
        f'"{raw.name}" has no reactions, comments, views or other numbers of posts, so there is nothing to compare.',
        why=f"Its columns are {', '.join(raw.headers[:12])}{', ...' if len(raw.headers) > 12 else ''}.",
        hint="Export the posts with their numbers, from the network's analytics; an archive of texts alone has none.",
    )


_ALONE = "whether its one metric is enough, for most files of posts have several"


def _ask(raw: RawTable, found: Evidence, *, told: bool) -> PostlensError:
    networks = told or _of_networks(found)
    lacking = [
        words
        for there, words in (
            (
                (found.ids and not found.counted) or found.links or found.texts,
                "which column is the post's id, link or caption",
            ),
            (
                found.published,
                "which column is the time of publishing"
                if found.dated
                else "when the posts were published, for no column seems to have times",
            ),
            (networks, "whether its rows are posts of a network"),
            (
                found.metrics >= 2,
                "which columns are reactions, comments, views or other metrics"
                if not found.metrics
                else "which second column is one of reactions, comments, views or another metric, if any is"
                if not found.alone
                else _ALONE,
            ),
        )
        if not there
    ]
    if len(lacking) == 1 and not networks:
        return fail(
            f'"{raw.name}" is no export that Postlens knows, and it cannot be told whether its rows are posts of a network.',
            why=f"Its columns are {', '.join(raw.headers[:12])}{', ...' if len(raw.headers) > 12 else ''}.",
            hint="If they are, say of which network, as in --platform instagram. If not, export the posts.",
            asks="platform",
        )
    if lacking == [_ALONE]:
        return fail(
            f'"{raw.name}" is no export that Postlens knows, and it cannot be told {_ALONE}.',
            why=f"Its columns are {', '.join(raw.headers[:12])}{', ...' if len(raw.headers) > 12 else ''}.",
            hint='If it is, say what it counts: --map "Score=reactions", for example, or the same in the selects of the page Import.',
            asks="columns",
        )
    undated = "" if found.published else " Posts without times are read when other columns are named."
    return fail(
        f'"{raw.name}" is no export that Postlens knows, and it cannot be told {", and ".join(lacking)}.',
        why=f"Its columns are {', '.join(raw.headers[:12])}{', ...' if len(raw.headers) > 12 else ''}.",
        hint='Say so: --map "Column=role" for each on the command line, or in the selects of the page Import; '
        "roles are post_id, url, text, published, account_name, post_type, reactions, comments, shares, views, reach."
        + undated,
        asks="columns",
    )


def _why(raw: RawTable, kind: Kind, matched: Matched, *, dated: bool) -> str:
    if kind in {"daily", "monthly"} and not dated:
        return "It has nothing but periods and numbers."
    if kind in {"daily", "monthly"}:
        named = {"post_id", "url", "text", "title"} & matched.roles.keys()
        nothing = "" if named else ", and no column has ids, links or captions of posts"
        return f"Its dates follow each other at even steps{nothing}."
    if kind == "comments":
        remarks = [h for h in raw.headers if comment_column(h)]
        if remarks:
            return f"It has columns such as {', '.join(remarks[:5])}."
        alone = not {"post_id", "url"} & matched.roles.keys()
        return "Each row has a text, and nothing says which post it belongs to." if alone else _OF_OTHERS
    if kind == "over_time":
        return "The id or link is the same in every row, only the time changes."
    known = [h for h in raw.headers if kind in not_posts().get(normal(h), ())]
    return f"It has columns such as {', '.join(known[:5] or raw.headers[:5])}."
