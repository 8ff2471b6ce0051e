"""Meta Business Suite's exports in a language that nobody here knows, told by their shape."""

from __future__ import annotations

import polars as pl

from postlens.core.contract.raw_table import RawTable
from postlens.core.data.vocabulary.formats import Format, Recognised, formats
from postlens.core.data.vocabulary.names import normal

_LOOK = 500
_ID = r"^\d{9,20}(?:_\d+)?$"
# Two digits each, the month first, no seconds: in every language of the interface.
_WRITTEN = r"^\d{2}/\d{2}/\d{4} \d{2}:\d{2}$"
_LINKS = {
    "meta_instagram": r"^https?://(?:www\.)?instagram\.com/",
    "meta_facebook": r"^https?://(?:[a-z]+\.)?facebook\.com/",
}
# What follows the id of the post and that of its account, in every language; `published` is the sixth.
_ORDER = {
    "meta_instagram": ("account_name", None, "text", "duration_s"),
    "meta_facebook": ("account_name", "title", "text", "duration_s"),
}


def by_shape(raw: RawTable) -> Recognised | None:
    """Meta's export, where the columns stand and are written as in its exports; None for anything else.

    The id of the post and that of its account side by side, long numbers both, one of each post and one of few; times with
    the month first; links to the network. The first seven columns are the same in every language. Those of numbers are not,
    and are told by their names alone.
    """
    rows = raw.lazy.head(_LOOK).collect()
    headers = raw.headers
    text = [rows[h].cast(pl.String).str.strip_chars().replace("", None) for h in headers]
    first = next((i for i in range(len(headers) - 7) if _ids(text[i]) and _accounts(text[i + 1])), None)
    if first is None or not month_first(text[first + 6]):
        return None
    for name, link in _LINKS.items():
        linked = next((h for h, t in zip(headers, text, strict=True) if _all(t, link)), None)
        if linked is not None:
            roles = {"post_id": headers[first], "account_id": headers[first + 1], "published": headers[first + 6]}
            roles |= {r: headers[first + 2 + i] for i, r in enumerate(_ORDER[name]) if r} | {"url": linked}
            window = [h for h, t in zip(headers, text, strict=True) if h not in roles.values() and _days(t)]
            return Recognised(format=_format(name, roles, window), score=len(roles) / len(headers), guessed=True)
    return None


def _format(name: str, roles: dict[str, str], window: list[str]) -> Format:
    named = {role: (normal(header),) for role, header in roles.items()}
    return formats()[name].model_copy(update={"roles": named, "window": tuple(map(normal, window)), "refuse": ""})


def _all(text: pl.Series, pattern: str) -> bool:
    return text.count() > 0 and bool(text.drop_nulls().str.contains(pattern).all())


def _ids(text: pl.Series) -> bool:
    return _all(text, _ID) and text.null_count() == 0 and text.n_unique() == len(text)


def _accounts(text: pl.Series) -> bool:
    return _all(text, _ID) and text.null_count() == 0 and (text.n_unique() == 1 or 3 * text.n_unique() <= len(text))


def month_first(text: pl.Series) -> bool:
    """Whether times are written as Meta does, and no first part is above 12."""
    return _all(text, _WRITTEN) and bool((text.drop_nulls().str.slice(0, 2).cast(pl.Int64) <= 12).all())


def _days(text: pl.Series) -> bool:
    return _all(text, r"^\d{2}/\d{2}/\d{4}$")
