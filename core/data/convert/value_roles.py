"""Roles from values: what a column is where its name says nothing, in a language or a tool that nobody knows."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from postlens.core.contract.problems import fail
from postlens.core.contract.raw_table import RawTable
from postlens.core.data.convert.dates import looks_like_times
from postlens.core.data.vocabulary import telling_names
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.roles import Matched, no_caption
from postlens.core.data.vocabulary.synonyms import type_of
from postlens.core.data.vocabulary.tables import not_posts

_FEW_ROWS = 3
_LOOK = 1_000
_ROUNDED = r"^\d(?:[.,]\d+)?[eE]\+?\d{1,3}$|\d0{3,}(?:\.0)?$"
LINK = r"(?i)^https?://(?:[\w-]+\.)*(?:instagram|facebook|fb|tiktok|youtube|youtu|twitter|x|linkedin|threads|pinterest|reddit|mastodon|bsky|vk|t)\.[a-z.]{2,10}/\S"
_ANY_LINK = r"(?i)^https?://\S+$"
_ID = r"^(?:\d{8,25}(?:_\d{5,25})?|[A-Za-z0-9_-]{11}|[0-9a-f]{8}-[0-9a-f-]{27}|t3_[a-z0-9]{5,8}|urn:li:\w+:\d+|[0-9a-f]{24}|at://did:[\w:.%-]+/[\w.]+/\w+)$"
# Pictures and files: where they lie says the network, not the post.
_MEDIA = (
    r"(?i)^https?://[^/]*(?:ytimg|cdninstagram|fbcdn|twimg|licdn|tiktokcdn|ggpht|googleusercontent|pinimg|redd\.it|xhscdn|sinaimg)\b|"
    r"^https?://\S+\.(?:jpe?g|png|webp|gif|mp4|heic)(?:[?#]\S*)?$"
)


def with_value_roles(raw: RawTable, matched: Matched) -> Matched:
    """The columns with further roles: links of networks, ids, times, captions and types that no name told."""
    rows = raw.lazy.head(_LOOK).collect()
    matched = _better_filled(rows, matched)
    kept = matched.contested.keys() | matched.none
    free = {h: _words(rows, h) for h in matched.extra if h in rows.columns and h not in kept}
    free = {h: text for h, text in free.items() if text.count() >= max(1, rows.height // 3)}
    found = _believed(rows, matched, free)
    for role, fits in (
        ("url", _links),
        ("post_id", _ids),
        ("published", looks_like_times),
        ("text", _captions),
        ("post_type", _types),
    ):
        if role in found or _INSTEAD.get(role) in found:
            continue
        fitting = [h for h in free if fits(free[h]) and not _beside(role, h, free[h])]
        if role == "url":  # A network's before any other, and each post's own before one of many.
            fitting.sort(key=lambda h: (-_share(free[h], LINK), -free[h].n_unique()))
        if fitting:
            found[role] = fitting[0]
            del free[fitting[0]]
    taken = set(found.values())
    left = [h for h in matched.roles.values() if h not in taken]
    return replace(matched, roles=found, extra=(*(h for h in matched.extra if h not in taken), *left))


_INSTEAD = {"published": "published_date", "text": "title"}


def _believed(rows: pl.DataFrame, matched: Matched, free: dict[str, pl.Series]) -> dict[str, str]:
    """The roles by name that the values do not refute; columns that lose theirs are added to the free ones."""
    found = {r: h for r, h in matched.roles.items() if r not in {"text", "title"} or not _flags(_words(rows, h))}
    if "follows" in found and _whole_audience(_words(rows, found["follows"])):
        del found["follows"]
    if "post_id" in found and _titles(
        _words(rows, found["post_id"])
    ):  # "Content" is an id to YouTube, a text to others.
        found.setdefault("text", found.pop("post_id"))
        free |= _claiming(rows, matched, "post_id")
    free |= {h: _words(rows, h) for h in matched.roles.values() if h not in found.values()}
    ids = _claiming(rows, matched, "post_id")
    spaced = [h for h, text in ids.items() if h not in free and "text" not in found and _spaced(text)]
    found |= {"text": spaced[0]} if spaced else {}
    if "url" in found and _media(_words(rows, found["url"])):
        free |= _claiming(rows, matched, "url")
        del found["url"]
    if "url" in found and _words(rows, found["url"]).n_unique() == 1 < rows.height:  # That of the account.
        single = next((h for h, text in free.items() if _of_a_network(text) and not _media(text)), "")
        found |= {"url": single} if single else {}
    for role in ("text", "title"):  # "Post" may be its link.
        if role in found and _links(_words(rows, found[role])):
            linked = found.pop(role)
            free |= _claiming(rows, matched, role)
            found.setdefault("url", linked)
    if "url" not in found and (header := _post_links(rows, matched)):
        found = {r: h for r, h in found.items() if h != header} | {"url": header}
    return found


def _claiming(rows: pl.DataFrame, matched: Matched, role: str) -> dict[str, pl.Series]:
    """The columns that claimed a role and lost it to another."""
    return {h: _words(rows, h) for h, r in matched.contested.items() if r == role and h in rows.columns}


def _better_filled(rows: pl.DataFrame, matched: Matched) -> Matched:
    """Of several columns of one meaning, the one that says something in most rows, where the first hardly does."""
    roles, contested, extra = dict(matched.roles), dict(matched.contested), list(matched.extra)
    for header, role in matched.contested.items():
        first = roles.get(role)
        if first is None or not {first, header} <= set(rows.columns):
            continue
        if _words(rows, header).count() > _FULLER * max(_words(rows, first).count(), 1):
            del contested[header]
            roles[role], contested[first] = header, role
            extra = [first if h == header else h for h in extra]
    return replace(matched, roles=roles, contested=contested, extra=tuple(extra))


_FULLER = 4


def complementary(raw: RawTable, matched: Matched) -> tuple[RawTable, Matched, dict[str, str]]:
    """Columns of one meaning that are filled in different rows, as one; with which column went into which."""
    into: dict[str, str] = {}
    for header, role in matched.contested.items():
        first = matched.roles.get(role, "")
        if not first or role in _ALONE:
            continue
        both = raw.lazy.select(first, header).collect()
        one, other = (both[h].cast(pl.String).str.strip_chars().replace("", None) for h in (first, header))
        if not one.count() or not other.count() or bool((one.is_not_null() & other.is_not_null()).any()):
            continue
        into[header] = first
        filled = pl.coalesce(pl.col(first).cast(pl.String).str.strip_chars().replace("", None), pl.col(header))
        raw = replace(raw, lazy=raw.lazy.with_columns(filled.alias(first)))
    extra = tuple(h for h in matched.extra if h not in into)
    contested = {h: r for h, r in matched.contested.items() if h not in into}
    return raw, replace(matched, extra=extra, contested=contested), into


_ALONE = frozenset({"published", "published_date", "published_time", "post_id", "account_id"})


def _post_links(rows: pl.DataFrame, matched: Matched) -> str | None:
    """Of columns with some link, the one with a network's link in most rows: the post's own."""
    claiming = [matched.roles.get("link"), *(h for h, r in matched.contested.items() if r == "link")]
    words = {h: _words(rows, h) for h in claiming if h in rows.columns}
    own = [h for h, text in words.items() if h is not None and _of_a_network(text)]
    return max(own, key=lambda h: words[h].count(), default=None)


_TIME_OF_DAY = r"^\d{1,2}[:h.]\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?$"
_AFTERWARDS = re.compile(
    r"updat|modif|retriev|export|import|crawl|scrap|snapshot|fetch|collect|captur|geandert|aktualisiert|abgerufen|mis a jour|recuper|actualiz|download|"
    r"\bas of\b|\bstand\b|\blast\b"
)


def _beside(role: str, header: str, text: pl.Series) -> bool:
    """Whether a column is about something beside the post: when it was fetched or changed, what its picture shows."""
    if role == "published":
        return _AFTERWARDS.search(normal(header)) is not None or _same(text)
    return role == "text" and no_caption(header)


def _same(text: pl.Series) -> bool:
    """One moment in every row: that of the export."""
    return text.count() >= 5 and text.n_unique() == 1


def better_time(raw: RawTable, matched: Matched) -> Matched:
    """The time of publishing from another column where the one by its name is that of the export or of a change.

    That a post was made, planned or changed then gives way to a column that says when it was published.
    """
    now = matched.roles.get("published") or matched.roles.get("published_date")
    rows = raw.lazy.head(_LOOK).collect()
    if now is None:
        return matched
    afterwards = _beside("published", now, _words(rows, now)) or _share(_words(rows, now), _TIME_OF_DAY) > 0.9
    if not afterwards and not _of_another_moment(now) and not _is_local(now):
        return matched
    told = [h for h, r in matched.contested.items() if r in {"published", "published_date"}]
    told += [h for r, h in matched.roles.items() if r == "published_date"]
    others = [h for h in (*told, *matched.extra) if h in rows.columns and h != now and h not in matched.none]
    words = {h: _words(rows, h) for h in others}
    times = [h for h in others if looks_like_times(words[h]) and not _beside("published", h, words[h])]
    if not afterwards:
        times = [h for h in times if (_in_utc(h) if _is_local(now) else _says_published(h))]
    best = next(iter(sorted(times, key=_of_another_moment)), None)
    if best is None:
        return matched
    found = {r: h for r, h in matched.roles.items() if h != best} | {"published": best}
    extra = (*(h for h in matched.extra if h != best), now)
    return replace(
        matched, roles=found, extra=extra, contested={h: r for h, r in matched.contested.items() if h != best}
    )


def _of_another_moment(header: str) -> bool:
    return telling_names.OTHER_MOMENT.search(normal(header)) is not None and not _says_published(header)


def _says_published(header: str) -> bool:
    plain = normal(header)
    return telling_names.PUBLICATION.search(plain) is not None and telling_names.OTHER_MOMENT.search(plain) is None


def _is_local(header: str) -> bool:
    """Whether a name says that its clock is that of some place, without saying which."""
    return re.search(r"\blocal\b", normal(header)) is not None


def _in_utc(header: str) -> bool:
    return re.search(r"\b(?:utc|gmt)\b", normal(header)) is not None


def better_type(raw: RawTable, matched: Matched) -> Matched:
    """Of several columns that claim the type, the one whose words are types; one that never varies gives way."""
    claiming = [h for h, r in matched.contested.items() if r == "post_type"]
    if "post_type" not in matched.roles or not claiming:
        return matched
    rows = raw.lazy.head(_LOOK).collect()

    def worth(header: str) -> tuple[float, bool]:
        text = _words(rows, header)
        known = pl.Series([type_of(v) is not None for v in text.unique()], dtype=pl.Boolean).mean() or 0.0
        return float(known), text.n_unique() > 1  # type: ignore[arg-type]

    now = matched.roles["post_type"]
    best = max([now, *claiming], key=worth)
    if best == now:
        return matched
    contested = {h: r for h, r in matched.contested.items() if h != best} | {now: "post_type"}
    extra = tuple(now if h == best else h for h in matched.extra)
    return replace(matched, roles={**matched.roles, "post_type": best}, contested=contested, extra=extra)


def better_twin(raw: RawTable, matched: Matched, *, ask: bool) -> Matched:
    """Of two columns of one name, the one that holds something.

    Raises:
        PostlensError: both do, and differ, and somebody can be asked.
    """
    for header, role in matched.contested.items():
        first = matched.roles.get(role, "")
        if re.fullmatch(re.escape(first) + r" \(\d+\)", header) is None:
            continue
        rows = raw.lazy.select(first, header).collect()
        one, other = (rows[h].fill_null("").str.strip_chars() for h in (first, header))
        if _empty(other) or bool((one == other).all()):
            continue
        if not _empty(one):
            if not ask:
                continue
            letters = [raw.letters.get(h, "?") for h in (first, header)]
            at = (one != other).arg_max() or 0
            raise fail(
                f'Two columns of "{raw.name}" are called "{first}" and differ.',
                where=f"columns {' and '.join(letters)}",
                why=f'In one row "{one[at]}" and "{other[at]}".',
                hint=f'Rename or delete the one that is not meant, or say which: --map "{first}={role}" or --map "{header}={role}".',
                asks="columns",
            )
        contested = {h: r for h, r in matched.contested.items() if h != header} | {first: role}
        extra = tuple(first if h == header else h for h in matched.extra)
        matched = replace(matched, roles={**matched.roles, role: header}, contested=contested, extra=extra)
    return matched


def _empty(text: pl.Series) -> bool:
    """Nothing but blanks and zeros."""
    return bool(text.is_in(["", "0", "0.0", "-"]).all())


def shared(raw: RawTable, matched: Matched, role: str) -> bool:
    """Whether ids or links are not the posts' own: posts of different times, or with different captions, have the same one."""
    header, when = matched.roles.get(role), matched.roles.get("published")
    if header is None or when is None:
        return False
    caption = matched.roles.get("text") or matched.roles.get("title")
    words = pl.col(caption).fill_null("") if caption else pl.lit("")
    rows = raw.lazy.select(id=header, when=when, words=words).head(_LOOK).drop_nulls().collect()
    if role == "url" and rows["id"].n_unique() < rows.height and _share(rows["id"], LINK) < 0.5:
        return True  # The page that posts lead to, not the posts.
    rows = rows.filter(~pl.col("id").str.contains(_ROUNDED))  # Those are another matter, and said as such.
    differ = (pl.col("when").n_unique() > 1) | (pl.col("words").n_unique() > 1)
    repeated = rows.group_by("id").agg(n=pl.len(), differ=differ).filter(pl.col("n") > 1)
    return repeated.height > 0 and bool(repeated["differ"].mean() > 0.5)  # type: ignore[operator]


def numbers_of_rows(raw: RawTable, matched: Matched) -> bool:
    """Whether the ids count the rows: 1, 2, 3 or post_1, post_2 in every table there is, which would make posts of two files one."""
    header = matched.roles.get("post_id")
    if header is None:
        return False
    text = pl.col(header).str.strip_chars()
    parts = text.str.extract_groups(r"^(\D*?)(\d{1,12})$").struct
    ids = raw.lazy.select(
        id=parts.field("2").cast(pl.Int64, strict=False), before=parts.field("1"), missing=text.is_null()
    ).collect(engine="streaming")
    known = ids["id"].drop_nulls()
    if ids["before"].drop_nulls().n_unique() > 1:
        return False
    if len(known) < _FEW_ROWS or len(known) < ids.height - int(ids["missing"].sum()):
        return False
    low, high = known.min(), known.max()
    return low in {0, 1} and high == low + len(known) - 1 and known.n_unique() == len(known)  # type: ignore[operator]


def dimension(raw: RawTable, matched: Matched) -> str:
    """The column whose values tell apart the several rows that each post has; empty where each post has one row.

    An export by day, country or audience repeats each post; so does a tool that posts to several networks under one id.
    """
    key = matched.roles.get("post_id") or matched.roles.get("url")
    if key is None:
        return ""
    rows = raw.lazy.head(_LOOK).collect()
    rows = rows.filter(pl.col(key).is_not_null())
    sizes = rows.group_by(key).agg(_n=pl.len())
    repeated = sizes.filter(pl.col("_n") > 1)
    if rows.height < 6 or repeated["_n"].sum() < 0.5 * rows.height:
        return ""
    own = {matched.roles.get(r) for r in ("post_id", "url", "text", "title", "published", "source_row")}
    metrics = {h for r, h in matched.roles.items() if r not in {*_TELLS_APART, "published", "published_date"}}
    for header in raw.headers:
        if header in own or header in metrics or header not in rows.columns:
            continue
        told = rows.group_by(key).agg(_n=pl.len(), _k=pl.col(header).n_unique()).filter(pl.col("_n") > 1)
        few = rows[header].n_unique() <= 0.5 * rows.height or looks_like_times(_words(rows, header))
        if few and bool((told["_n"] == told["_k"]).mean() > 0.9) and not _all_numbers(rows[header]):  # type: ignore[operator]
            return header
    return ""


_TELLS_APART = frozenset({"account_name", "account_id", "platform", "client"})
_PLACES = re.compile(r"destination|channel|network|profile|page|account|platform|kanal|canal|rede|compte|cuenta|konto")


def is_a_place(header: str, matched: Matched) -> bool:
    """Whether a column says where a post was published: the same text on two networks is two posts."""
    role = next((r for r, h in matched.roles.items() if h == header), "")
    return role in _TELLS_APART or _PLACES.search(normal(header)) is not None


def _all_numbers(text: pl.Series) -> bool:
    known = text.drop_nulls()
    return len(known) > 0 and _share(known, r"^[-+]?[\d.,]+%?$") > 0.9


def without(matched: Matched, role: str) -> Matched:
    """The roles without one."""
    header = matched.roles[role]
    roles = {r: h for r, h in matched.roles.items() if r != role}
    return replace(matched, roles=roles, contested={**matched.contested, header: role}, extra=(*matched.extra, header))


def looks_headless(raw: RawTable) -> bool:
    """Whether the first row is a post, not names: numbers and dates stand where names should."""
    names = [h for h in raw.headers if h.strip() and not h.startswith("column ")]
    if len(names) < 4:
        return False
    values = sum(bool(pl.Series([h.split(" (")[0]]).str.contains(r"^[-+]?\d[\d.,:/\s-]*$")[0]) for h in names)
    return values >= 0.5 * len(names)


def _words(rows: pl.DataFrame, header: str) -> pl.Series:
    text = rows[header].cast(pl.String).str.strip_chars()
    return text.set(text == "", None).drop_nulls()


def _share(text: pl.Series, pattern: str) -> float:
    return float(text.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]


def _of_a_network(text: pl.Series) -> bool:
    return text.count() > 0 and _share(text, LINK) > 0.8 and text.n_unique() > 0.9 * text.count()


def _media(text: pl.Series) -> bool:
    """Addresses of pictures or files, not of posts."""
    return _share(text, _MEDIA) > 0.5


def _links(text: pl.Series) -> bool:
    if _media(text):
        return False
    return _share(text, LINK) > 0.8 or (_share(text, _ANY_LINK) > 0.9 and text.n_unique() > 0.9 * text.count() > 4)


def _ids(text: pl.Series) -> bool:
    bare = text.str.replace(r'^="?(.*?)"?$', "$1").str.strip_prefix("'")
    return text.count() >= 2 and _share(bare, _ID) > 0.95 and text.n_unique() >= 0.95 * text.count()


def _titles(text: pl.Series) -> bool:
    """Words, which no id has: most have a space between letters."""
    return _captions(text) or (text.count() > 1 and _share(text, r"\p{L}\s+\S|\S\s+\p{L}|\p{L}:?\s+\d") > 0.5)


def _spaced(text: pl.Series) -> bool:
    return _share(text, r"\S\s+\S|[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{5,}") > 0.5 and not _links(text)


def _captions(text: pl.Series) -> bool:
    if text.n_unique() < 0.6 * text.count():
        return False
    spaced = _share(text, r"\S+\s+\S+\s+\S+|[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{5,}")
    written = text.str.len_chars() + 2 * text.str.count_matches(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
    return spaced > 0.5 and float(written.mean() or 0) >= 15 and _share(text, _ANY_LINK) < 0.5  # type: ignore[arg-type]


def _types(text: pl.Series) -> bool:
    values = text.unique()
    return 1 < len(values) <= 15 and all(type_of(v) is not None for v in values)


def flag(text: pl.Series) -> bool:
    """Only 0 and 1: a flag, not a metric."""
    return text.count() > 0 and set(text.str.strip_chars().unique().drop_nulls().head(5)) <= {"0", "1", "0.0", "1.0"}


def _whole_audience(text: pl.Series) -> bool:
    """Numbers that hardly change from post to post are all followers of the account, not those a post gained."""
    numbers = text.str.replace_all(r"[.,\s\u00a0\u202f'\u2019]", "").cast(pl.Int64, strict=False).drop_nulls()
    if len(numbers) < 5:
        return False
    low, high = int(numbers.min() or 0), int(numbers.max() or 0)  # type: ignore[arg-type]
    return low >= 200 and high - low <= 0.3 * low


def _flags(text: pl.Series) -> bool:
    """A column of flags, not some captions that happen to be a digit."""
    return text.count() >= 5 and flag(text)


_TIME_WORDS = (
    "mesic den hodina rok tyden miesiac godzina dzien tydzien maand uur dag jaar manad timme vecka ar maned time uge kuukausi "
    "tunti paiva viikko vuosi ora giorno mese anno settimana heure jour mois annee semaine dia semana ora saat gun ay yil hafta "
    "tag woche wochentag \u043c\u0435\u0441\u044f\u0446 \u0447\u0430\u0441 \u0434\u0435\u043d\u044c \u0433\u043e\u0434 honap nap het ev luna zi an thang ngay gio nam \u6708 \u65e5 \u6642 \u65f6 \uc6d4 \uc77c \uc2dc quarter kw"
)


def part_of_time(values: pl.Series, header: str) -> bool:
    """A year, month, weekday or hour: a group of posts, not a metric."""
    words = set(normal(header).replace(".", " ").split())
    named = words & {
        "year",
        "month",
        "weekday",
        "hour",
        "day",
        "mes",
        "hora",
        "jahr",
        "monat",
        "stunde",
        "tahun",
        "bulan",
        "jam",
        "ano",
        "week",
        "time",
        *_TIME_WORDS.split(),
    }
    known = values.drop_nulls()
    if not len(known):
        return False
    low, high = float(known.min() or 0), float(known.max() or 0)  # type: ignore[arg-type]
    whole = bool((known == known.round()).all())
    years = whole and low >= 1990 and high <= 2100 and known.n_unique() <= 40
    return years or (bool(named) and whole and low >= 0 and high <= 60)


# What all of an account has, and what numbers are names: neither is a metric of a post, in whatever language.
_OF_THE_ACCOUNT = re.compile(
    r"follower|\bfans?\b|subscriber|seguidor|abonn|suiveur|foljare|f\u00f6ljare|folgere|f\u00f8lgere|seuraaj|sleduj|koveto|k\u00f6vet\u0151|urmaritor|obserwuj|takipci|"
    r"volgers|pengikut|prenumeranter|\u043f\u043e\u0434\u043f\u0438\u0441\u0447\u0438\u043a|\u043f\u0456\u0434\u043f\u0438\u0441\u043d\u0438\u043a|\u0645\u062a\u0627\u0628\u0639|\ud314\ub85c\uc6cc|\u30d5\u30a9\u30ed\u30ef\u30fc|\u7c89\u4e1d|\u7c89\u7d72|"
    r"\u8ffd\u8e64|\u0e1c\u0e39\u0e49\u0e15\u0e34\u0e14\u0e15\u0e32\u0e21|ng\u01b0\u1eddi theo d\u00f5i|\b(?:page|profile|account|channel) (?:likes?|fans?|size)\b"
)
# Behind a name these make a name of a number, as in "order no"; where the numbers are small or return, they only count.
_NUMBER_OF = re.compile(r"\W(?:no|nr|num|numer|numero|number)\.?$")
_NAMES_OF = re.compile(
    r"(?:^|\W)(?:no|nr|num|uid|code|plz|zip|postal|postcode|phone|tel|telefon\w*|telephone|mobile?|kunden?nr|kundnr|org\.?\s?nr|"
    r"cost cent(?:re|er)|kostenstelle|cislo|numer|numero|sku|isbn|iban|vat|invoice|order)\.?$|\bnumber$|^number\b|\b(?:code|uid|zip)\b"
)


def of_the_account(header: str) -> bool:
    """Whether a name speaks of an account's whole audience, which each of its posts repeats; what a post gained is not that."""
    plain = normal(header)
    gained = re.search(r"\b(new|gain\w*|gewonn\w*|neue?|nuev\w*|nov\w*|acquis\w*|gagn\w*|lost|from post)\b", plain)
    nested = re.match(r"(?:author|user|owner|channel)[ \w]*[./]", plain) is not None
    return nested or (_OF_THE_ACCOUNT.search(plain) is not None and gained is None)


def names_something(values: pl.Series, header: str) -> bool:
    """Whether whole numbers are names by their column's name: phone numbers, codes, numbers of customers."""
    known = values.drop_nulls()
    plain = normal(header)
    if _NAMES_OF.search(plain) is None or not bool((known == known.round()).all()):
        return False
    counts = _NUMBER_OF.search(plain) is not None and not _IDENTITY.search(plain)
    return not (counts and (known.n_unique() < 0.9 * len(known) or float(known.min() or 0) < 100))  # type: ignore[arg-type]


_IDENTITY = re.compile(r"order|invoice|phone|tel|kund|customer|account|konto|id\b|serial|ticket|bestell|rechnung|mobil")


def number_of_something(text: pl.Series) -> bool:
    """Ids and phone numbers: long numbers, nearly all different."""
    if text.count() < 3 or text.n_unique() < 0.9 * text.count():
        return False
    return _share(text, r"^\+?\d{9,25}$") > 0.9 and float(text.str.len_chars().std() or 0) < 1.5  # type: ignore[arg-type]


def said_elsewhere(header: str) -> bool:
    """A name that other kinds of tables have: such a number is of the account or the audience, not of a post."""
    return bool(not_posts().get(normal(header), frozenset()) & {"follower"})
