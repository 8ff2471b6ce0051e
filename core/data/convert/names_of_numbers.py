"""Numbers that are no metrics: parts of a time, names of something, what an account has in all, flags."""

from __future__ import annotations

import re

import polars as pl

from postlens.core.data.convert.column_text import share_of
from postlens.core.data.vocabulary.names import normal
from postlens.core.data.vocabulary.tables import not_posts
from postlens.core.data.vocabulary.telling_names import OF_AUTHOR


def flag(text: pl.Series) -> bool:
    """Only 0 and 1: a flag, not a metric."""
    return (
        text.count() > 0
        and set(text.head(100).str.strip_chars().unique().drop_nulls()) <= _FLAGS
        and set(text.str.strip_chars().unique().drop_nulls().head(5)) <= _FLAGS
    )


_FLAGS = frozenset({"0", "1", "0.0", "1.0"})


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
    r"\u8ffd\u8e64|\u0e1c\u0e39\u0e49\u0e15\u0e34\u0e14\u0e15\u0e32\u0e21|ng\u01b0\u1eddi theo d\u00f5i|\b(?:page|profile|account|channel) (?:likes?|fans?|size)\b|"
    r"^(?:following|friends|statuses|listed|favourites) ?count$|"
    r"^(?:author|user|owner|creator|channel) ?(?:following|heart|video|digg|friend|status|statuses|post|upload|like)s?(?: ?count)?$|"
    r"^(?:quoted|retweet(?:ed)?)(?: status)? (?:favou?rite|retweet|reply|quote|friends|statuses|followers|listed) ?count$"
)


# Behind a name these make a name of a number, as in "order no"; where the numbers are small or return, they only count.
_NUMBER_OF = re.compile(r"\W(?:no|nr|num|numer|numero|number)\.?$")


_NAMES_OF = re.compile(
    r"(?:^|\W)(?:no|nr|num|uid|code|plz|zip|postal|postcode|phone|tel|telefon\w*|telephone|mobile?|kunden?nr|kundnr|org\.?\s?nr|"
    r"cost cent(?:re|er)|kostenstelle|cislo|numer|numero|sku|isbn|iban|vat|invoice|order)\.?$|\bnumber$|^number\b|\b(?:code|uid|zip)\b"
)


# What a post gained, who saw it, and shares of something.
_OF_THE_POST = re.compile(
    r"\b(new|gain\w*|gewonn\w*|neue?|nuev\w*|nov\w*|nouveau\w*|acquis\w*|gagn\w*|ganad\w*|ganh\w*|guadagn\w*|en plus|lost|perdid\w*|perdu\w*|verloren|from post|"
    r"per|rate|ratio|conv\w*|tasa|taxa|taux|quote|tasso)\b|"
    r"^(?:views?|vues?|vistas|visualiza\w*|reproduc\w*|aufrufe|reach|alcance|reichweite|portee|impression\w*|likes?|comments?|reactions?)\b"
)


def of_the_account(header: str) -> bool:
    """Whether a name speaks of an account's whole audience, which each of its posts repeats; what a post gained is not that."""
    plain = normal(header)
    gained = _OF_THE_POST.search(plain)
    return OF_AUTHOR.match(plain) is not None or (_OF_THE_ACCOUNT.search(plain) is not None and gained is None)


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
    """Ids, phone numbers and days written as numbers: long ones, nearly all different or longer than any count."""
    if text.count() and share_of(text, r"^(?:\d{15,25}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))$") > _ALL:
        return True
    if text.count() < 3 or text.n_unique() < 0.9 * text.count():
        return False
    return share_of(text, r"^\+?\d{9,25}$") > 0.9 and float(text.str.len_chars().std() or 0) < 1.5  # type: ignore[arg-type]


_ALL = 0.98


def said_elsewhere(header: str) -> bool:
    """A name that other kinds of tables have: such a number is of the account or the audience, not of a post."""
    return bool(not_posts().get(normal(header), frozenset()) & {"follower"})
