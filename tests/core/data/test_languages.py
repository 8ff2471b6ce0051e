"""A table is read alike whatever the language of its headers, the order of its columns, and what else stands in it."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from postlens.core.data import vocabulary
from postlens.core.data.convert.canonical import to_posts
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.files import readers
from postlens.core.data.vocabulary.roles import roles

ROWS = 30
LINKS = {
    "facebook": "https://www.facebook.com/page/posts/1{:012}",
    "instagram": "https://www.instagram.com/p/C{:08}aB/",
    "tiktok": "https://www.tiktok.com/@acct/video/7{:018}",
    "youtube": "https://www.youtube.com/watch?v=Ab{:09}",
    "linkedin": "https://www.linkedin.com/feed/update/urn:li:activity:7{:018}",
    "x": "https://x.com/acct/status/1{:018}",
}
_TWO_NAMES = {"engagements_reported", "reactions", "react_like"}  # A network's likes may be all its reactions.


def _headers() -> dict[tuple[str, str], dict[str, list[str]]]:
    """The known names of columns by network and language, then by role."""
    found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    text = (Path(vocabulary.__file__).parent / "headers.tsv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for header, role, network, language, _ in list(csv.reader(lines, delimiter="\t"))[1:]:
        found[network, language][role].append(header)
    return found


HEADERS = _headers()


def _counts(known: dict[str, list[str]]) -> list[str]:
    return [role for role in known if role in roles() and roles()[role].type == "count" and role not in _TWO_NAMES]


def _link(network: str) -> str:
    return next(
        (link for name, link in LINKS.items() if network == name or network.startswith(name + "_")), ""
    ) or next((link for name, link in LINKS.items() if name != "x" and name in network), "")


WORLDS = sorted(key for key, known in HEADERS.items() if _link(key[0]) and len(_counts(known)) >= 2)


def _posts(rng: random.Random, network: str, heads: dict[str, str]) -> dict[str, list[str]]:
    when = [date(2026, 1, 1) + timedelta(days=2 * i + i % 3) for i in range(ROWS)]
    special = {
        "url": [_link(network).format(i) for i in range(ROWS)],
        "published": [f"{d} {rng.randrange(24):02}:{rng.randrange(60):02}" for d in when],
        "text": [f"What we saw on day {i} and why it matters" for i in range(ROWS)],
        "post_type": [rng.choice(["Photo", "Video"]) for _ in range(ROWS)],
    }
    return {role: special.get(role) or [str(rng.randrange(900)) for _ in range(ROWS)] for role in heads}


def test_there_are_many_languages() -> None:
    assert len(WORLDS) > 60
    assert len({language for _, language in WORLDS}) >= 12


@pytest.mark.parametrize(("network", "language"), WORLDS)
def test_headers_of_every_language_mean_the_same(tmp_path: Path, network: str, language: str) -> None:
    rng, known = random.Random(f"{network} {language}"), HEADERS[network, language]
    when = known.get("published") or known.get("published_date") or ["Publish time"]
    heads = {"url": rng.choice(known.get("url", ["Permalink"])), "published": rng.choice(when)}
    heads |= {role: rng.choice(known[role]) for role in ("text", "post_type") if role in known}
    for role in rng.sample(_counts(known), min(4, len(_counts(known)))):
        heads |= {role: rng.choice(known[role])} if known[role][0] not in heads.values() else {}
    data = _posts(rng, network, heads)
    columns = [
        *((heads[role], data[role]) for role in heads),
        ("Qwx zutt", [rng.choice(["ja", "nein"]) for _ in range(ROWS)]),
        ("Kürzel", [f"K{rng.randrange(4)}" for _ in range(ROWS)]),
    ]
    rng.shuffle(columns)
    with (tmp_path / "x.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([header for header, _ in columns])
        writer.writerows(zip(*(values for _, values in columns), strict=True))
    raw = readers.read(tmp_path / "x.csv", readers.TABLES[0])
    frame = to_posts(raw, ReadSettings(ask=True)).frame
    read = {role: frame[role].cast(str).to_list() for role in heads if role in frame.columns}
    exact = [role for role in heads if role not in {"url", "published", "post_type"}]
    assert {role: read.get(role) for role in exact} == {role: data[role] for role in exact}
    assert {"url", "published", "post_type"} & heads.keys() <= read.keys()
