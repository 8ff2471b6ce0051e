"""What the words and metrics of the pages mean, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from postlens.app.workspace import Workspace
from postlens.core.data.vocabulary.meanings import meaning

GLOSSARY = "/glossary"

_VERDICTS = (
    ("Likely real", "Luck alone would rarely make such a difference. It is no proof of a cause: budget, topic or campaign may still explain it."),
    ("Could be chance", "Differences like this one come up often where nothing differs."),
    ("No difference of 20 % or more", "These posts are enough to exclude a difference of a fifth, either way."),
    ("Too few posts to tell", "Neither can be said yet; the page says how many more posts would tell."),
    ("Too few periods to tell", "The posts are many, but in so few weeks or bursts that each could have been a good or a bad one."),
)  # fmt: skip
_NUMBERS = (
    ("n", "How many posts stand behind a number."),
    ("Typical post", "The geometric mean: about half of the posts are above it. A few viral posts hardly move it, unlike the plain average."),
    ("95 % interval", "The range that holds the true value in 95 of 100 such cases. Where it holds no difference, none can be told."),
    ("Ratio", "How many times as much: 1.3 is 30 % more, 0.8 is 20 % less."),
    ("Within accounts", "Each post is compared with posts of its own account and of about the same time, so that large accounts and good weeks decide nothing."),
    ("All else equal", "With everything else that is known of the posts held the same."),
    ("Drawn towards none", "The largest of several differences is, on average, a lucky one. It is made smaller by as much as luck spreads them."),
    ("Percentile", "How many of 100 peers are below."),
    ("Within the usual range", "The number changes as much from one period to the next where nothing happens."),
    ("Too recent to judge", "Posts of the last days have not got yet what they will get, so they are left out of comparisons over time."),
    ("Comparisons shown so far", "Who looks at many differences finds one by luck. What was shown in a visit is counted and allowed for."),
)  # fmt: skip


def glossary_page(workspace: Workspace) -> Any:
    """The metrics of these posts, the verdicts, and the numbers beside them."""
    return html.Div(
        [
            html.Header(
                html.Div([html.H1("Glossary"), html.P("What the words and numbers on these pages mean.")]),
                className="pl-title",
            ),
            *_metrics(workspace),
            _section("What the verdicts mean", _VERDICTS, name="verdicts"),
            _section("What the numbers mean", _NUMBERS, name="numbers"),
        ],
        className="pl-stack",
    )


def what_it_counts() -> Any:
    """A link from where a metric is chosen to what each counts."""
    return dcc.Link("What each metric counts", href=f"{GLOSSARY}#metrics", className="pl-help")


def _metrics(workspace: Workspace) -> list[Any]:
    """What each number counts, or how it is made."""
    schema = workspace.dataset.schema
    rows = [(c.label, meaning(c, schema, workspace.registry.measures)) for c in schema.metrics]
    said = "Networks count under one name what they each define for themselves; their help pages have the details."
    return [_section("What the metrics mean", rows, said, name="metrics")] if rows else []


def _section(title: str, rows: Sequence[tuple[str, str]], said: str = "", *, name: str) -> Any:
    listed = html.Dl([html.Div([html.Dt(label), html.Dd(text)]) for label, text in rows], className="pl-meanings")
    return html.Section(
        [html.H2(title), *([html.P(said)] if said else []), listed], className="pl-card", id=name or None
    )
