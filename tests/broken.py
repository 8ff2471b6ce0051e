"""Plugins that fail, one for each way to fail. `{id}` becomes the plugin's name."""

GOOD_HEAD = """
from dataclasses import dataclass
from typing import Annotated
import polars as pl
from pydantic import Field
from postlens import Chart, Needs, Panel, Params, Pick, Stat, Table, Text, Verdict, hookimpl

class Settings(Params):
    size: int = 3

@dataclass(frozen=True, kw_only=True)
class Result:
    posts: int

def compute(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    return Result(posts=posts.select(pl.len()).collect().item())

def view(result: Result, params: Settings):
    return [Stat(label="Posts", value=str(result.posts))]

def panel(**changes):
    given = dict(api=2, id="{id}", title="{id}", summary="A panel.", params=Settings, compute=compute, view=view)
    return Panel(**{{**given, **changes}})
"""
OFFER = """
@hookimpl
def postlens_panels():
    return [{panel}]
"""


def plugin(name: str, panel: str = "panel()", extra: str = "") -> str:
    """A plugin that offers one panel."""
    return GOOD_HEAD.format(id=name) + extra + OFFER.format(panel=panel)


RAISES = """
def bad_compute(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    raise ZeroDivisionError("deliberate")

def nonsense(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    return 42

def bad_view(result: Result, params: Settings):
    raise KeyError("deliberate")

def strange_view(result: Result, params: Settings):
    return ["just text"]

def untyped(posts, params, ctx):
    return Result(posts=1)

class NoDefault(Params):
    size: int

class Forbidden(Params):
    size: Annotated[int, Field(ge=1, le=9)] = 30

class Lost(Params):
    level: Annotated[str, Pick(kind="level", of="nowhere")] = ""

class Nested(Params):
    inner: Settings = Settings()

@dataclass(frozen=True, kw_only=True)
class Unstorable:
    posts: set

def unstorable(posts: pl.LazyFrame, params: Settings, ctx) -> Unstorable:
    return Unstorable(posts=set())

def nested_view(result: Result, params: Settings):
    return [Table(title="Deep", rows=pl.DataFrame({"parts": [[1, 2]]}), name="deep")]

def one_block(result: Result, params: Settings):
    return Text(body="alone")

def nothing(result: Result, params: Settings):
    return None

def wrong_block(result: Result, params: Settings):
    return [Stat(label=3, value="1")]

def contradiction(result: Result, params: Settings):
    return [Verdict(claim="Something differs.", state="likely real", estimate=1.2, low=3.0, high=2.0)]

def half_a_character(result: Result, params: Settings):
    return [Text(body="\\ud800 x")]

def many_questions(schema):
    while True:
        yield Settings()

def unserialisable_view(result: Result, params: Settings):
    import plotly.graph_objects as go
    figure = go.Figure(go.Bar(x=["a"], y=[1], customdata=[object()]))
    table = Table(title="T", rows=pl.DataFrame({"a": [1]}), name="t")
    return [Chart(figure=figure, title="C", takeaway="A sentence about it.", table=table)]

def huge_figure(result: Result, params: Settings):
    import plotly.graph_objects as go
    figure = go.Figure(go.Scatter(x=list(range(600_000)), y=list(range(600_000))))
    table = Table(title="T", rows=pl.DataFrame({"a": [1]}), name="t")
    return [Chart(figure=figure, title="C", takeaway="A sentence about it.", table=table)]

def million_rows(result: Result, params: Settings):
    return [Table(title="Many", rows=pl.DataFrame({"a": range(1_000_000)}), name="many")]

def endless(posts: pl.LazyFrame, params: Settings, ctx) -> Result:
    import time
    while True:
        time.sleep(0.02)
"""
MEASURE = """
from postlens import Measure
@hookimpl
def postlens_measures():
    return [Measure(api=2, id="{id}", label="M", value={value})]
"""

# Name to the plugin's text and a word of what is said about it. These fail at start-up.
AT_START = {
    "raises_at_import": ("raise RuntimeError('deliberate')", "RuntimeError: deliberate"),
    "exits_at_import": ("import sys; sys.exit(3)", "SystemExit"),
    "needs_a_package": ("import a_package_nobody_has", 'Install "a_package_nobody_has"'),
    "syntax_error": ("def broken(:\n", "SyntaxError"),
    "mistyped_hook": (plugin("mistyped_hook").replace("postlens_panels", "postlens_panel"), "postlens_panels"),
    "wrong_arity": (
        plugin("wrong_arity").replace("postlens_panels()", "postlens_panels(surprise)"),
        "could not be registered",
    ),
    "raises_when_asked": (plugin("raises_when_asked", "1 / 0"), "ZeroDivisionError"),
    "offers_nothing": (plugin("offers_nothing").replace("@hookimpl", ""), "offers nothing"),
    "offers_text": (plugin("offers_text", "'a panel'"), "str instead of a Panel"),
    "id_taken": (plugin("id_taken", "panel(id='eda')"), "already taken"),
    "id_malformed": (plugin("id_malformed", "panel(id='Bad Id')"), "cannot be the id"),
    "api_too_new": (plugin("api_too_new", "panel(api=99)"), "contract 99"),
    "no_default": (plugin("no_default", "panel(params=NoDefault)", RAISES), "has no default"),
    "settings_in_settings": (
        plugin("settings_in_settings", "panel(params=Nested)", RAISES),
        "of a type for which there is no control",
    ),
    "result_unstorable": (
        plugin("result_unstorable", "panel(compute=unstorable)", RAISES),
        "of a type that cannot be stored",
    ),
    "page_of_text": (plugin("page_of_text", "panel(page='mine')"), "is not a CustomPage"),
    "measure_of_text": (
        plugin("measure_of_text", extra=MEASURE.format(id="m", value="'reactions'")),
        "is not a Polars expression",
    ),
    "measure_of_a_known_name": (
        plugin("measure_of_a_known_name", extra=MEASURE.format(id="reach", value="pl.col('reactions')")),
        "the name of something",
    ),
    "generator_fails_later": (
        plugin("generator_fails_later").replace("return [panel()]", "yield panel()\n    raise KeyError('deliberate')"),
        "KeyError",
    ),
    "page_data": (plugin("page_data", "panel(id='data')"), "the name of something"),
    "page_brief": (plugin("page_brief", "panel(id='brief')"), "the name of something"),
    "id_taken_by": (plugin("id_taken_by", "panel(id='eda')"), 'the plugin "eda" has it'),
    "id_twice": (plugin("id_twice", "panel(), panel()"), "it offers it twice"),
    "default_forbidden": (
        plugin("default_forbidden", "panel(params=Forbidden)", RAISES),
        'The default of the setting "size" of "default_forbidden" is not allowed by it',
    ),
    "picks_bananas": (
        plugin(
            "picks_bananas",
            "panel(params=Odd)",
            '\nclass Odd(Params):\n    a: Annotated[str, Pick(kind="banana")] = ""\n',
        ),
        "the kinds are metric, category and level",
    ),
    "picks_nowhere": (plugin("picks_nowhere", "panel(params=Lost)", RAISES), 'picks a value of "nowhere"'),
    "was_a_page": (plugin("was_a_page", "panel(moved_from=('data',))"), "a page of the host"),
    "fresh_before": (plugin("fresh_before", "panel(fresh=-5)"), "fresh for -5 seconds"),
    "mistyped_field": (plugin("mistyped_field", "panel(titel='T')"), 'Did you mean "title"?'),
    "says_its_line": (plugin("says_its_line", "1 / 0"), "says_its_line.py line "),
    "no_return_type": (plugin("no_return_type", "panel(compute=untyped)", RAISES), "does not say that it returns"),
}
# These load and fail when used.
IN_USE = {
    "raises_in_compute": (plugin("raises_in_compute", "panel(compute=bad_compute)", RAISES), "could not compute"),
    "returns_nonsense": (plugin("returns_nonsense", "panel(compute=nonsense)", RAISES), "could not compute"),
    "raises_in_view": (plugin("raises_in_view", "panel(view=bad_view)", RAISES), "could not show"),
    "unserialisable": (plugin("unserialisable", "panel(view=unserialisable_view)", RAISES), "could not show"),
    "huge_figure": (plugin("huge_figure", "panel(view=huge_figure)", RAISES), "could not show"),
    "view_nested": (plugin("view_nested", "panel(view=nested_view)", RAISES), "a table holds texts, numbers"),
    "view_of_one": (
        plugin("view_of_one", "panel(view=one_block)", RAISES),
        "view returned a Text, not a list of blocks",
    ),
    "view_of_none": (plugin("view_of_none", "panel(view=nothing)", RAISES), "view returned a NoneType"),
    "view_wrong_block": (plugin("view_wrong_block", "panel(view=wrong_block)", RAISES), "could not show"),
    "view_contradiction": (plugin("view_contradiction", "panel(view=contradiction)", RAISES), "could not show"),
    "view_half": (plugin("view_half", "panel(view=half_a_character)", RAISES), "no whole text"),
    "view_of_text": (plugin("view_of_text", "panel(view=strange_view)", RAISES), "could not show"),
}
