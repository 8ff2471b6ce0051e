"""What the Brief shows: tiles, findings, posts that stood out, what to try, and whether to trust it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import polars as pl
from dash import dcc, html

from postlens.app.blocks.aria import aria
from postlens.app.web import links, pictures
from postlens.app.web.shell import DATA, POSTS, path_of
from postlens.app.workspace import Workspace
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters, OneOf, Period
from postlens.core.ask.findings import RATE, Finding, Findings
from postlens.core.ask.periods import Standing, Tile
from postlens.core.ask.post_pages import ABOVE, AMONG, PERCENTILE
from postlens.core.ask.request import Selection, selection_pairs
from postlens.core.contract import sentences, wording
from postlens.core.contract.blocks import Link
from postlens.core.data.vocabulary.meanings import meaning

_CAPTION = 140  # Letters of a post's text.
_PLANNER = "planner"
_TRIED = 3
_TIMES = 2.0  # The change from which on "times as many" reads better than percent.
_STATE = {True: "up", False: "down"}


def how_we_did(engine: Engine, filters: Filters, standing: Standing | None) -> Any:
    """Tiles of the period against the one before."""
    if standing is None:
        return html.Section(
            [
                html.H2("How did we do"),
                html.P("The posts need dates over at least two weeks before one period can be compared with another."),
            ],
            className="pl-section",
        )
    period = filters.having(Period(since=standing.since, until=standing.until))
    posts = POSTS + _shared(engine, period)
    left = (
        f" {standing.left_out:,} posts after {standing.until:%-d %B} are too recent to judge and left out."
        if standing.left_out
        else ""
    )
    said = f"{standing.since:%-d %b} to {standing.until:%-d %b %Y}, {standing.days} days, against the {standing.days} days before.{left}"
    return html.Section(
        [
            html.H2("How did we do"),
            html.P(said, className="pl-hint"),
            html.Div([_tile(engine, tile, posts) for tile in standing.tiles], className="pl-row pl-tiles"),
        ],
        className="pl-section",
    )


def _tile(engine: Engine, tile: Tile, posts: str) -> Any:
    schema = engine.dataset.schema
    said = meaning(schema[tile.name], schema, engine.registry.measures) if tile.name in schema else ""
    write = wording.percent if tile.percent else lambda v: wording.count(round(v)) if v < 100_000 else wording.number(v)
    value = "-" if tile.value is None else write(tile.value)
    return dcc.Link(
        [
            html.Div(tile.label, className="pl-stat-label", title=said),
            html.Div(value, className="pl-stat-value"),
            html.Div(change_words(tile), className=f"pl-change pl-change-{_direction(tile)}"),
            *_spark(tile),
            html.Div(tile.note, className="pl-stat-note"),
        ],
        href=posts,
        className="pl-stat pl-tile",
    )


def _direction(tile: Tile) -> str:
    return _STATE[tile.change > 0] if tile.unusual and tile.change is not None and _plain(tile) else "usual"


def _plain(tile: Tile) -> bool:
    """Whether the range of what is usual is narrow enough for a colour to say that it was left."""
    return _judged(tile) and (tile.low or 0.0) >= _WIDE[0] and (tile.high or 0.0) <= _WIDE[1]


_WIDE = (-0.67, 2.0)


def _judged(tile: Tile) -> bool:
    """Whether there is history enough to say what is usual."""
    return tile.low is not None and tile.high is not None


def change_words(tile: Tile) -> str:
    """The change and what it means: beyond what is usual here, or not."""
    if tile.change is None:
        return "nothing to compare with"
    change = _signed(tile.change)
    if not _judged(tile):
        return f"{change}; too little history to say what is usual"
    assert tile.low is not None
    assert tile.high is not None
    usual = f"({_signed(tile.low)} to {_signed(tile.high)})"
    if not tile.unusual:
        return f"{change}, within the usual range {usual}"
    return f"{change}, {'more' if tile.change > 0 else 'less'} than usual {usual}"


def _signed(share: float) -> str:
    if share > _TIMES:
        return f"{1 + share:,.0f} times as many" if share > 9 else f"{1 + share:.1f} times as many"
    sign = "+" if share >= 0 else "\u2212"
    return f"{sign}{abs(share):.0%}".replace("%", " %")


def _spark(tile: Tile) -> list[Any]:
    """The weeks as a line; a picture of numbers that stand beside it, so it says its ends in words."""
    known = [v for v in tile.weeks if v is not None]
    if len(known) < 4:
        return []
    low, high = min(known), max(known)
    step = 120 / max(len(tile.weeks) - 1, 1)
    places = [
        f"{i * step:.1f},{24 - 20 * ((v - low) / (high - low) if high > low else 0.5):.1f}"
        for i, v in enumerate(tile.weeks)
        if v is not None
    ]
    picture = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-2 0 124 28' preserveAspectRatio='none'><polyline fill='none' "
        f"stroke='#4c7bd9' stroke-width='2' vector-effect='non-scaling-stroke' points='{' '.join(places)}'/></svg>"
    )
    words = f"{len(tile.weeks)} weeks, from {wording.number(known[0])} to {wording.number(known[-1])}"
    return [html.Img(src=f"data:image/svg+xml,{quote(picture)}", alt=words, className="pl-spark")]


def what_works(engine: Engine, found: Findings) -> Any:
    """The findings; that nothing stands out is an answer."""
    if found.found:
        shown: list[Any] = [html.Div([_finding(engine, f) for f in found.found], className="pl-findings")]
    else:
        shown = [
            html.Div(
                [html.P(_nothing(found), className="pl-claim"), html.P(_what_it_takes(found))],
                className="pl-card",
            )
        ]
    said = f"Of {found.asked} comparisons over all posts that pass the filters; of what stands here, 1 in 20 may be chance."
    return html.Section(
        [
            html.H2("What works here"),
            *([html.P(said, className="pl-hint")] if found.found else []),
            *shown,
            *([html.P(_lost(found), className="pl-hint", role="note")] if found.lost else []),
            *_also(engine, found.also),
        ],
        className="pl-section",
    )


def _lost(found: Findings) -> str:
    return f"Without {' and '.join(found.lost)}, which failed or took too long to answer here; the log has the details."


def _nothing(found: Findings) -> str:
    if not found.questions and not found.lost:
        return "No page of this deployment asks anything by itself."
    if not found.asked and found.refused:
        return found.refused[0]
    if not found.asked:
        return "Too few posts to compare anything yet."
    if any(f.verdict.state == "likely real" for f in found.also):
        return f"Nothing stands out among all {found.asked} comparisons that were made."
    return "Nothing stands out beyond chance."


def _state_among_all(finding: Finding) -> str:
    """A verdict of one page, judged among everything that was asked here."""
    if finding.verdict.state == "likely real" and finding.log_q > math.log(RATE):
        return "likely real by itself, not among so many"
    return finding.verdict.state


def _what_it_takes(found: Findings) -> str:
    if found.open:
        return f"Nearest to it: {found.open[0].verdict.claim} {sentences.settle_words(found.open[0].verdict.settle)}"
    if not found.asked and found.refused:
        return "Until then nothing can be compared here."
    return "More posts of each kind, posted in the same weeks, are what it takes to tell."


def _finding(engine: Engine, finding: Finding) -> Any:
    verdict = finding.verdict
    facts = [
        ("Effect", sentences.effect_words(verdict)),
        ("95 % interval", sentences.interval_words(verdict)),
        ("From", sentences.n_words(verdict)),
    ]
    return html.Article(
        [
            html.Span("Likely real", className="pl-state pl-state-teal"),
            html.H3(verdict.claim, className="pl-claim"),
            html.Dl([html.Div([html.Dt(a), html.Dd(b)]) for a, b in facts if b], className="pl-facts"),
            html.P(verdict.detail, className="pl-hint"),
            html.P(_ways(engine, finding), className="pl-ways pl-no-print"),
        ],
        className="pl-card pl-finding",
    )


def _ways(engine: Engine, finding: Finding) -> list[Any]:
    """To the page that computes it, and to its posts."""
    verdict, panel = finding.verdict, engine.registry.panel(finding.panel)
    ways: list[Any] = [
        dcc.Link(panel.title, href=f"{path_of(panel.id)}{links.link(engine, finding.request)}"),
    ]
    if verdict.by in engine.schema(finding.request.columns) and verdict.level:
        kept = finding.request.filters.having(OneOf(verdict.by, (verdict.level,)))
        ways += [" \u00b7 ", dcc.Link("See the posts", href=POSTS + _shared(engine, kept))]
    return ways


def _also(engine: Engine, rest: Sequence[Finding]) -> list[Any]:
    """What was asked and does not stand out stays visible."""
    if not rest:
        return []
    heads = ("Comparison", "Verdict", "Effect", "95 % interval", "From", "Page")
    rows = [
        html.Tr(
            [
                html.Td(f.verdict.claim, className="pl-long"),
                html.Td(_state_among_all(f)),
                html.Td(sentences.effect_words(f.verdict)),
                html.Td(sentences.interval_words(f.verdict)),
                html.Td(sentences.n_words(f.verdict)),
                html.Td(_ways(engine, f)[:1]),
            ]
        )
        for f in rest
    ]
    table = html.Table([html.Thead(html.Tr([html.Th(h, scope="col") for h in heads])), html.Tbody(rows)])
    title = f"Also asked ({len(rest)})"
    held = html.Div(table, className="pl-table", tabIndex="0", role="region", **aria(label=title))
    return [html.Details([html.Summary(title), held], className="pl-details")]


def stood_out(workspace: Workspace, posts: pl.DataFrame, metric: str) -> Any:
    """The best and the weakest posts among their peers."""
    if not posts.height:
        return html.Div()
    half = (posts.height + 1) // 2
    engine = workspace.engine
    label = engine.dataset.schema.label(metric).lower()
    rows = list(posts.iter_rows(named=True))
    return html.Section(
        [
            html.H2("Best and weakest posts"),
            html.P(
                f"By {label}, each among its peers: posts of the same account, network and type, or of a wider group where those are few.",
                className="pl-hint",
            ),
            html.Div(
                [
                    _posts("Best", [r for r in rows[:half] if r[ABOVE] > 0], metric, label, workspace),
                    _posts("Weakest", [r for r in reversed(rows[half:]) if r[ABOVE] < 0], metric, label, workspace),
                ],
                className="pl-two",
            ),
        ],
        className="pl-section",
    )


def _posts(title: str, rows: Sequence[dict[str, Any]], metric: str, label: str, workspace: Workspace) -> Any:
    if not rows:
        said = "better" if title == "Best" else "worse"
        return html.Div(
            [html.H3(title), html.P(f"None did {said} than its typical peer.", className="pl-hint")],
            className="pl-card",
        )
    return html.Div(
        [html.H3(title), html.Ol([_post(row, metric, label, workspace) for row in rows], className="pl-posts")],
        className="pl-card",
    )


_TWICE, _LEAST = 2, 0.01


def _post(row: dict[str, Any], metric: str, label: str, workspace: Workspace) -> Any:
    text = " ".join(str(row.get("text") or row.get("title") or "").split())
    words = (text[:_CAPTION] + " ...") if len(text) > _CAPTION else text or "(no text)"
    when = row["published"]
    local = when.astimezone(workspace.dataset.timezone) if row.get("published_precision") != "day" else when
    parts = [f"{local:%a %-d %b}", *(str(row[c]) for c in ("account_name", "post_type") if row.get(c))]
    url = str(row.get("url") or "")
    link = [html.A("Open", href=url, target="_blank", rel="noopener noreferrer")] if url.startswith("https://") else []
    times = math.exp(row[ABOVE])
    shown = f"{times:.1f}" if times >= _TWICE else f"{times:.2f}" if times >= _LEAST else f"less than {_LEAST}"
    size = f"{shown} times its typical peer"
    return html.Li(
        [
            *pictures.shown(workspace, row),
            html.P(words, className="pl-post-text"),
            html.P(
                [
                    f"{', '.join(parts)}: {wording.count(round(row[metric]))} {label}, {size}; ",
                    f"beats {row[PERCENTILE]} % of {'' if row[AMONG].startswith('all') else 'the '}{row[AMONG]} ",
                    *link,
                ],
                className="pl-hint",
            ),
        ]
    )


def to_try(engine: Engine, found: Findings) -> Any:
    """The undecided with the most to gain, and what it takes to tell."""
    tried = found.open[:_TRIED]
    if not tried:
        return _test_of_your_own(engine, found)
    return html.Section(
        [
            html.H2("What to try next"),
            html.P(
                "Undecided today; more posts of these kinds would tell. The largest possible gains come first.",
                className="pl-hint",
            ),
            html.Ol([_trial(engine, f) for f in tried], className="pl-card pl-trials"),
        ],
        className="pl-section",
    )


def _test_of_your_own(engine: Engine, found: Findings) -> Any:
    """Where nothing asked is open: a test of something new, if there is a page to plan it."""
    if _PLANNER not in engine.registry.panels or not found.asked:
        return html.Div()
    plan = dcc.Link("Plan a test of something new", href=path_of(_PLANNER))
    return html.Section(
        [
            html.H2("What to try next"),
            html.Div(
                [html.P("Of what is asked here nothing is open that may gain much."), html.P(plan)],
                className="pl-card",
            ),
        ],
        className="pl-section",
    )


def _plan(engine: Engine, finding: Finding) -> list[Any]:
    """To the calendar that would settle it."""
    verdict = finding.verdict
    if verdict.by not in engine.dataset.schema or not verdict.level:
        return []
    settings = {"metric": verdict.metric, "group": verdict.by, "level": verdict.level}
    way = links.next_link(engine, finding.request, Link(text="", panel=_PLANNER, settings=settings))
    return [" \u00b7 ", dcc.Link("Plan a test", href=way)] if way else []


def _trial(engine: Engine, finding: Finding) -> Any:
    verdict = finding.verdict
    schema = engine.dataset.schema
    asked = sentences.Asked(metric="", by=schema.label(verdict.by) if verdict.by in schema else verdict.by)
    return html.Li(
        [
            html.Strong(f"More {sentences.posts_of(asked, verdict.level)}."),
            html.Span(
                f" So far {sentences.effect_words(verdict)} ({sentences.interval_words(verdict)}), from {sentences.n_words(verdict)}. "
                f"{sentences.settle_words(verdict.settle)} "
            ),
            *_ways(engine, finding)[:1],
            *_plan(engine, finding),
        ]
    )


def trust(workspace: Workspace) -> Any:
    """One line on the data, and the way to the report."""
    dataset, quality = workspace.dataset, workspace.dataset.quality
    lost = quality.rows - quality.posts
    partly = [c.label.lower() for c in dataset.schema.counts if (c.known or 0) < dataset.posts]
    parts = [f"{dataset.posts:,} posts from {quality.rows:,} rows"]
    parts.append(f"{lost:,} rows not used" if lost else "every row used")
    parts.append(f"{quality.bad_values:,} values not readable" if quality.bad_values else "every value readable")
    if partly:
        shown = ", ".join(partly[:3]) + (f" and {len(partly) - 3} more" if len(partly) > 3 else "")
        parts.append(f"{shown} not known for every post")
    return html.Section(
        [
            html.H2("Can I trust the data"),
            html.P([f"{'; '.join(parts)}. ", dcc.Link("How the files were read", href=DATA)]),
        ],
        className="pl-section",
    )


def _shared(engine: Engine, filters: Filters) -> str:
    return links.query(selection_pairs(engine, Selection(filters=filters)))
