"""How often the verdicts are wrong, on data whose truth is known: `make validate` writes docs/validation.md.

Every rate is counted over simulated posts that go through the same functions as the pages. Seeds are fixed.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core import stats
from postlens.core.contract import Context
from postlens.core.contract.schema import Column, Schema
from postlens.core.stats import Sampled, choose, null_curve, structure_test
from postlens.plugins.hypothesis.compute import compare
from postlens.plugins.hypothesis.settings import Settings
from postlens.plugins.hypothesis.wording import verdict
from scripts import lasting_worlds, worlds
from scripts.briefs import briefs
from scripts.changes import changes
from scripts.driving import driving
from scripts.measured import Line
from scripts.planning import looking, planning
from scripts.rankings import rankings
from scripts.sayings import sayings
from scripts.timings import timings

Counts = NDArray[np.float64]
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"


# -- posts with a known truth -------------------------------------------------------------------------


def log_normal(rng: np.random.Generator, n: int) -> Counts:
    """Counts as engagement inside an account is: log-normal, sigma 0.9."""
    return np.rint(np.exp(rng.normal(4.5, 0.9, n)))


def negative_binomial(rng: np.random.Generator, n: int) -> Counts:
    """Overdispersed counts, mean 40."""
    return rng.negative_binomial(2, 2 / 42, n).astype(float)


def zero_inflated(rng: np.random.Generator, n: int) -> Counts:
    """A third of the posts have nothing, the others a few."""
    return negative_binomial(rng, n) * (rng.random(n) > 0.33)


def gaussian(rng: np.random.Generator, n: int) -> Counts:
    """Nearly normal counts."""
    return np.rint(rng.normal(500, 80, n).clip(0))


NULLS: dict[str, Callable[[np.random.Generator, int], Counts]] = {
    "normal": gaussian,
    "log-normal": log_normal,
    "negative binomial": negative_binomial,
    "zero-inflated": zero_inflated,
}


def posts_of(values: Counts, groups: Counts, accounts: Counts | None = None) -> tuple[pl.LazyFrame, Schema]:
    """Posts as the hypothesis page sees them."""
    table = pl.DataFrame({"reactions": values.astype(np.int64), "post_type": np.where(groups > 0, "a", "b")})
    columns = [
        Column(name="reactions", label="Reactions", kind="metric"),
        Column(name="post_type", label="Type", kind="category", levels=("a", "b")),
    ]
    if accounts is not None:
        names = [f"account {int(a)}" for a in accounts]
        table = table.with_columns(account_name=pl.Series(names))
        columns.append(Column(name="account_name", label="Account", kind="category", levels=tuple(sorted(set(names)))))
    return table.lazy(), Schema(columns=tuple(columns), posts=len(values))


def verdict_of(
    values: Counts, groups: Counts, accounts: Counts | None = None, **settings: str
) -> tuple[str, float, float]:
    """The verdict's state and its interval, on the scale."""
    posts, schema = posts_of(values, groups, accounts)
    params = Settings(metric="reactions", group="post_type", level="a", mode="pair", against="b", **settings)
    found = compare(posts, params, Context(schema=schema))
    return verdict(found, params).state, found.low, found.high


# -- what is measured ---------------------------------------------------------------------------------


def type_one(repetitions: int) -> Iterator[Line]:
    """Groups that do not differ: how often the verdict is "likely real", and the interval misses 0."""
    for name, draw in NULLS.items():
        rng = np.random.default_rng([1, len(name)])
        real = missed = 0
        for _ in range(repetitions):
            state, low, high = verdict_of(draw(rng, 240), (rng.permutation(240) < 80).astype(float))
            real += state == "likely real"
            missed += not low <= 0 <= high
        yield Line(
            "called likely real, no effect",
            f"{name}, 80 against 160 posts",
            repetitions,
            real / repetitions,
            "at most 0.065",
        )
        yield Line(
            "interval holds the truth",
            f"{name}, 80 against 160 posts",
            repetitions,
            1 - missed / repetitions,
            "0.93 to 0.97",
        )


def type_one_accounts(repetitions: int) -> Iterator[Line]:
    """Posts of one account are alike; groups are drawn for posts, or for whole accounts."""
    for name, accounts, by_account in (
        ("30 accounts, groups by post", 30, False),
        ("40 accounts, groups by account", 40, True),
        ("100 accounts, groups by account", 100, True),
    ):
        rng = np.random.default_rng([2, accounts, by_account])
        real = 0
        for _ in range(repetitions):
            who = np.repeat(np.arange(accounts), 10)
            level = rng.normal(4, 0.5, accounts)[who]
            values = np.rint(np.exp(level + rng.normal(0, 1.0, len(who))))
            groups = (rng.random(accounts) < 0.5)[who] if by_account else rng.random(len(who)) < 0.5
            real += verdict_of(values, groups.astype(float), who.astype(float))[0] == "likely real"
        yield Line(
            "called likely real, no effect",
            f"log-normal, {name} (ICC 0.2)",
            repetitions,
            real / repetitions,
            "at most 0.065",
        )


def power(repetitions: int) -> Iterator[Line]:
    """Half as much again with 80 posts a side."""
    rng = np.random.default_rng(3)
    groups = (np.arange(160) < 80).astype(float)
    real = sum(
        verdict_of(np.rint(log_normal(rng, 160) * np.where(groups > 0, 1.5, 1.0)), groups)[0] == "likely real"
        for _ in range(repetitions)
    )
    yield Line(
        "called likely real, +50 %",
        "log-normal (sigma 0.9), 80 posts a side",
        repetitions,
        real / repetitions,
        "at least 0.75",
    )


def crowd(kind: str, rng: np.random.Generator, n: int) -> Counts:
    """Posts with three metrics and no groups."""
    mean = np.array([150.0, 40.0, 12.0])
    shared = rng.gamma(2.0, 0.5, (n, 1))
    match kind:
        case "negative binomial, correlated":
            return rng.poisson(shared * rng.gamma(6.0, 1 / 6, (n, 3)) * mean).astype(float)
        case "negative binomial, independent":
            return np.column_stack([rng.negative_binomial(2, 2 / (2 + m), n) for m in mean]).astype(float)
        case "log-normal, correlated":
            return rng.poisson(np.exp(rng.normal(0, 1, (n, 1)) + rng.normal(0, 0.4, (n, 3))) * mean).astype(float)
        case "zero-inflated, correlated":
            few = rng.poisson(shared * rng.gamma(6.0, 1 / 6, (n, 3)) * mean / 12).astype(float)
            return few * (rng.random((n, 3)) > 0.15)
    mixing = np.array([[1, 0.6, 0.4], [0, 0.8, 0.3], [0, 0, 0.7]])
    return np.rint(np.expm1((3 + rng.normal(size=(n, 3)) @ mixing).clip(0)))


CROWDS = (
    "negative binomial, correlated",
    "negative binomial, independent",
    "log-normal, correlated",
    "zero-inflated, correlated",
    "normal on the log scale, correlated",
)


def blobs(rng: np.random.Generator, n: int, k: int) -> Counts:
    """Posts with four metrics in k well separated groups: centres at least 6 standard deviations apart."""
    while True:
        centres = rng.normal(size=(k, 4)) * 2.2
        apart = np.sqrt(np.square(centres[:, None] - centres[None]).sum(-1)) + np.eye(k) * 99
        if apart.min() > 3.5:
            break
    group = rng.integers(0, k, n)
    return np.rint(np.expm1((5 + centres[group] * 0.45 + rng.normal(size=(n, 4)) * 0.25).clip(0)))


def sampled(counts: Counts) -> Sampled:
    """Counts as the checks want them."""
    return Sampled(scaled=np.log1p(counts), extra=np.zeros((len(counts), 0)), log=True)


def groups_or_none(repetitions: int) -> Iterator[Line]:
    """The one-crowd check and the choice of k."""
    for kind in CROWDS:
        rng = np.random.default_rng([4, len(kind)])
        none = real = 0
        for r in range(repetitions):
            sample = sampled(crowd(kind, rng, 800))
            none += choose(sample, null_curve(sample, 12, seed=r), seed=r).k == 0
            real += structure_test(sample, 2 + r % 3, seed=r, draws=39).structure_p <= 0.05
        yield Line("no groups: the choice of k says none", kind, repetitions, none / repetitions, "at least 0.9")
        yield Line(
            "no groups: one-crowd check says separate",
            f"{kind}, k = 2 to 4",
            repetitions,
            real / repetitions,
            "at most 0.065",
        )
    for k in range(2, 7):
        rng = np.random.default_rng([5, k])
        right = 0
        for r in range(repetitions):
            sample = sampled(blobs(rng, 800, k))
            right += choose(sample, null_curve(sample, 12, seed=r), seed=r).k == k
        yield Line(
            "well separated groups: the choice of k is right",
            f"{k} groups",
            repetitions,
            right / repetitions,
            "at least 0.9",
        )


def four_regimes(rng: np.random.Generator, n: int) -> Counts:
    """Nine metrics of posts in four overlapping regimes; the first is the sum of the last six."""
    regime = rng.choice(4, n, p=[0.3, 0.25, 0.25, 0.2])

    def drawn(shape: float, means: list[float]) -> Counts:
        return rng.poisson(rng.gamma(shape, 1 / shape, n) * np.array(means)[regime]).astype(float)

    likes, comments, angry = drawn(6, [20, 150, 25, 140]), drawn(8, [10, 12, 50, 48]), drawn(4, [4, 5, 30, 6])
    sad, loves, wows = drawn(4, [6, 8, 25, 10]), drawn(6, [30, 55, 20, 60]), drawn(3, [15] * 4)
    haha, shares = drawn(3, [10, 25, 12, 30]), drawn(2, [5, 12, 6, 15])
    total = likes + loves + wows + haha + sad + angry
    return np.stack([total, comments, shares, likes, loves, wows, haha, sad, angry], axis=1)


def nine_metric_crowd(rng: np.random.Generator, n: int) -> Counts:
    """Nine metrics of one crowd around a shared popularity; the first is the sum of the last six."""
    mean = np.array([0, 40, 12, 80, 40, 15, 18, 14, 12])
    counts = rng.poisson(rng.gamma(2, 0.5, (n, 1)) * rng.gamma(6.0, 1 / 6, (n, 9)) * mean).astype(float)
    counts[:, 0] = counts[:, 3:].sum(axis=1)
    return counts


def matched_pair(_repetitions: int) -> Iterator[Line]:
    """The pair on which clustering and then testing is as sure of nothing as of something."""
    for name, draw, wanted in (
        ("four regimes", four_regimes, "at most 0.05"),
        ("one crowd", nine_metric_crowd, "at least 0.2"),
    ):
        counts = draw(np.random.default_rng(5), 7047)
        found = structure_test(sampled(counts), 4, 0)
        yield Line(
            "p of the one-crowd check, k = 4", f"matched pair: {name}, 7,047 posts", 1, found.structure_p, wanted
        )


# -- posts over time -----------------------------------------------------------------------------------


def asked(posts: worlds.Posts) -> tuple[stats.Comparison, stats.Level | None]:
    """The comparison that every page shows, and its answer about the group that is asked about."""
    table, schema = posts.table()
    cells = stats.comparison_query(table, posts.metric, posts.by, schema).collect()
    found = stats.compare_groups(cells, posts.metric, posts.by, schema)
    return found, found.of(posts.level)


def over_time(repetitions: int) -> Iterator[Line]:
    """Worlds in which no type matters and posts of an account are not independent."""
    for number, (name, world) in enumerate({**worlds.NULLS, **lasting_worlds.NULLS}.items()):
        if name.startswith("real") and not worlds.real_pages():
            continue
        rng = np.random.default_rng([11, number])
        low_p = 0
        for _ in range(repetitions):
            level = asked(world(rng))[1]
            low_p += level is not None and not level.effect.untold and level.effect.p <= 0.05
        yield Line("p at most 0.05, no effect", name, repetitions, low_p / repetitions, "at most 0.065")


def accounts_in_general(repetitions: int) -> Iterator[Line]:
    """Accounts that have good weekdays of their own; none for accounts in general."""
    for name, accounts, largest in (
        ("6 accounts", 6, 200),
        ("30 accounts", 30, 200),
        ("6 accounts, one with nine posts in ten", 6, 9000),
    ):
        rng = np.random.default_rng([12, accounts, largest])
        missed = 0
        for _ in range(repetitions):
            level = asked(worlds.own_habits(rng, accounts, largest))[1]
            general = stats.in_general(level.effect) if level is not None else None
            missed += general is not None and not general.low <= 0 <= general.high
        yield Line(
            "accounts in general: interval misses no effect",
            f"own good weekdays, {name}",
            repetitions,
            missed / repetitions,
            "at most 0.065",
        )


def visits(repetitions: int) -> Iterator[Line]:
    """Every metric by every grouping of posts in which nothing matters."""
    for accounts, posts in ((1, 300), (3, 200)):
        rng = np.random.default_rng([13, accounts])
        wrong = 0
        for _ in range(repetitions):
            table, schema = worlds.noise(rng, accounts, posts)
            wrong += any(
                stats.compare_groups(
                    stats.comparison_query(table, metric.name, by.name, schema).collect(), metric.name, by.name, schema
                ).state
                == "likely real"
                for metric in schema.metrics
                for by in schema.categories
                if by.name != "account_name"
            )
        yield Line(
            "visits with any false likely real",
            f"noise, 30 questions, {accounts} account{'s' * (accounts > 1)}",
            repetitions,
            wrong / repetitions,
            "at most 0.06",
        )


def weekly_looks(repetitions: int) -> Iterator[Line]:
    """A growing null, looked at each week from the fourth to the twenty-sixth: histories with a p of 0.05 at any look."""
    histories: dict[str, worlds.World] = {
        "one account, 300 posts": lambda rng: worlds.half_more(rng, 300, 0.0),
        "one account, 300 posts: mix drifts, level wanders": lambda rng: worlds.drifting(rng, 300),
    }
    for name, world in histories.items():
        rng = np.random.default_rng([18, len(name)])
        wrong = 0
        for _ in range(repetitions):
            posts = world(rng)
            wrong += any(_real_at_every_look(posts.until(7 * week)) for week in range(4, 27))
        yield Line(
            "histories with a p at most 0.05, looks repeated", name, repetitions, wrong / repetitions, "at most 0.05"
        )


def _real_at_every_look(posts: worlds.Posts) -> bool:
    table, schema = posts.table()
    cells = stats.comparison_query(table, posts.metric, posts.by, schema).collect()
    level = stats.compare_groups(cells, posts.metric, posts.by, schema, looks="repeated").of(posts.level)
    return level is not None and level.effect.p <= 0.05


def power_over_time(repetitions: int) -> Iterator[Line]:
    """Half as much again with 80 posts a side of one account over half a year."""
    rng = np.random.default_rng(14)
    low_p = real = 0
    for _ in range(repetitions):
        level = asked(worlds.half_more(rng, 160, math.log(1.5)))[1]
        assert level is not None
        low_p += level.effect.p <= 0.05
        real += level.state == "likely real"
    name = "one account over half a year, 80 posts a side, +50 %"
    yield Line("p at most 0.05", name, repetitions, low_p / repetitions, "at least 0.70")
    yield Line("called likely real", name, repetitions, real / repetitions, "at least 0.70")


def settled(repetitions: int) -> Iterator[Line]:
    """Where a number of weeks is named: how often that settles it. The true effects vary about none."""
    for name, accounts, differ, kinds in (
        ("one account", 1, 0.0, 2),
        ("one account, five types", 1, 0.0, 5),
        ("2 accounts", 2, 0.0, 2),
        ("6 accounts, effects differ", 6, 0.25, 2),
    ):
        rng = np.random.default_rng([15, accounts, *([kinds] if kinds > 2 else [])])
        named = done = 0
        for _ in range(repetitions):
            times = 10
            days = worlds.HALF_YEAR * times
            posts = worlds.half_more(rng, (150 // accounts) * times, rng.normal(0, 0.3), days, accounts, differ, kinds)
            level = asked(posts.until(worlds.HALF_YEAR))[1]
            if level is None or level.state == "likely real" or level.settle is None or level.settle.weeks is None:
                continue
            needed = worlds.HALF_YEAR + 7 * level.settle.weeks
            if needed > days:
                continue
            named += 1
            later = asked(posts.until(needed))[1]
            done += later is not None and later.state in {"likely real", "no difference of 20 % or more"}
        if named:
            yield Line("settled after the weeks named", name, named, done / named, "0.75 to 0.90")


def coverage(repetitions: int) -> Iterator[Line]:
    """Intervals of what is shown, with 1 to 40 accounts."""
    for accounts in (1, 4, 24, 40):
        rng = np.random.default_rng([16, accounts])
        held = typical = g = known = told = 0
        for _ in range(repetitions):
            effect = 0.3
            posts = worlds.half_more(rng, max(160 // accounts, 30), effect, accounts=accounts)
            _, level = asked(posts)
            assert level is not None
            held += level.effect.low <= effect <= level.effect.high
            if level.effect.spread > 0:
                told += 1
                low, high = (v / level.effect.spread for v in (level.effect.low, level.effect.high))
                g += low <= effect / worlds.SPREAD <= high
            table, schema = posts.table()
            cells = stats.read_cells(stats.comparison_query(table, "engagements", "post_type", schema).collect())
            found = stats.typical(cells, ["type 1"])
            if accounts > 1 and math.isfinite(found.low):
                known += 1
                typical += found.low <= 5 + effect <= found.high
        name = f"{accounts} account{'s' * (accounts > 1)}"
        yield Line("interval of the ratio holds it", name, repetitions, held / repetitions, "0.93 to 0.97")
        yield Line("interval of Hedges' g holds it", name, told, g / told, "0.93 to 0.97")
        if known:
            yield Line("interval of the typical post holds it", name, known, typical / known, "0.93 to 0.97")


def kinds_of_posts(repetitions: int) -> Iterator[Line]:
    """Crowds that look grouped, small clear groups, and groups that are accounts."""
    for name, draw in worlds.UNIFORM_CROWDS.items():
        rng = np.random.default_rng([17, len(name)])
        none = sum(_choice(sampled(draw(rng, 600)), r).k == 0 for r in range(repetitions))
        yield Line("no groups: the choice of k says none", name, repetitions, none / repetitions, "at least 0.9")
    rng = np.random.default_rng(18)
    found = sum(_choice(sampled(worlds.small_group(rng, 600)), r).k == 2 for r in range(repetitions))
    name = "5 % of 600 posts, 8 standard deviations away"
    yield Line("the choice of k finds a small group", name, repetitions, found / repetitions, "at least 0.9")
    for accounts in (2, 6, 30):
        rng = np.random.default_rng([19, accounts])
        kinds = 0
        for r in range(repetitions):
            counts, whose = worlds.levels_of(rng, 600, accounts)
            kinds += _choice(replace(sampled(counts), whose=whose), r).k > 0
        name = f"levels of {accounts} accounts"
        yield Line("accounts called kinds of posts", name, repetitions, kinds / repetitions, "at most 0.1")


def _choice(sample: Sampled, seed: int) -> stats.Choice:
    return choose(sample, null_curve(sample, 12, seed=seed), seed=seed)


STUDIES: tuple[tuple[str, Callable[[int], Iterator[Line]], int], ...] = (
    ("Over time", over_time, 600),
    ("Accounts in general", accounts_in_general, 300),
    ("Visits", visits, 400),
    ("Weekly looks", weekly_looks, 300),
    ("Power over time", power_over_time, 1000),
    ("Settled", settled, 400),
    ("Coverage", coverage, 400),
    ("The Brief", briefs, 30),
    ("What changed", changes, 600),
    ("When to post", timings, 300),
    ("What drives it", driving, 300),
    ("What to say", sayings, 200),
    ("Who does well", rankings, 400),
    ("What to test", planning, 400),
    ("Reading at every look", looking, 1_000),
    ("Kinds of posts", kinds_of_posts, 60),
    ("Two groups", type_one, 2000),
    ("Accounts", type_one_accounts, 400),
    ("Power", power, 2000),
    ("Groups or none", groups_or_none, 80),
    ("Matched pair", matched_pair, 1),
)


def page(lines: list[tuple[str, Line]], scale: float) -> str:
    """The table as a page."""
    head = (
        "# How often the verdicts are wrong\n\n"
        "After this page you know what a verdict is worth. `make validate` wrote it: simulated posts whose truth is known go "
        "through the functions of the pages. Wanted bounds allow for the Monte-Carlo error in brackets. First stand the worlds in "
        "which verdicts used to be wrong: posts of an account over time, campaigns, rates of tiny reach, one viral post.\n\n"
        f"Repetitions: {'full' if scale >= 1 else f'{scale:.0%} of the full number'}.\n\n"
        "| what | data | repetitions | rate | wanted | |\n|---|---|---|---|---|---|\n"
    )
    rows = [
        f"| {line.what} | {line.data} | {line.repetitions:,} | "
        + (f"{line.rate:.3f}" + (f" (± {line.error:.3f})" if line.repetitions > 1 else ""))
        + f" | {line.wanted} | {'kept' if line.kept else '**not kept**'} |"
        for _, line in lines
    ]
    return head + "\n".join(rows) + "\n"


def main() -> None:
    """Measure, print, write the page; exit 1 if a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full repetitions")
    parser.add_argument("--write", action="store_true", help="write docs/validation.md")
    parser.add_argument("--only", default="", help="studies whose title contains this")
    chosen = parser.parse_args()
    lines: list[tuple[str, Line]] = []
    for title, study, repetitions in STUDIES:
        if chosen.only.lower() not in title.lower():
            continue
        began = time.perf_counter()
        for line in study(max(1, round(repetitions * chosen.scale))):
            lines.append((title, line))
            mark = "kept" if line.kept else "NOT KEPT"
            print(f"{mark:8} {line.rate:.3f} ({line.wanted})  {line.what}: {line.data}", flush=True)
        print(f"         {title}: {time.perf_counter() - began:.0f} s", flush=True)
    if chosen.write:
        PAGE.write_text(page(lines, chosen.scale), "utf-8")
    raise SystemExit(any(not line.kept for _, line in lines))


if __name__ == "__main__":
    main()
