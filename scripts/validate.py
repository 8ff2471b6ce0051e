"""How often the verdicts are wrong, on data whose truth is known: `make validate` writes docs/validation.md.

Every rate is counted over simulated posts that go through the same functions as the pages. Seeds are fixed.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postlens.core.contract import Context
from postlens.core.contract.schema import Column, Schema
from postlens.core.stats import Sampled, choose, null_curve, structure_test
from postlens.plugins.hypothesis.compute import compare
from postlens.plugins.hypothesis.settings import Settings
from postlens.plugins.hypothesis.wording import verdict

Counts = NDArray[np.float64]
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"


@dataclass(frozen=True)
class Line:
    """One measured rate."""

    what: str
    data: str
    repetitions: int
    rate: float
    wanted: str

    @property
    def error(self) -> float:
        """95 % Monte-Carlo error of the rate."""
        return 1.96 * math.sqrt(max(self.rate * (1 - self.rate), 0.25 / self.repetitions) / self.repetitions)

    @property
    def kept(self) -> bool:
        """Whether the wanted bound holds, Monte-Carlo error allowed for."""
        low, _, high = self.wanted.partition(" to ")
        if high:
            return float(low) - self.error <= 100 * self.rate / 100 <= float(high) + self.error
        bound = float(self.wanted.split()[-1])
        return self.rate <= bound + self.error if self.wanted.startswith("at most") else self.rate >= bound - self.error


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
    params = Settings(metric="reactions", group="post_type", level="a", mode="pair", against="b", **settings)  # type: ignore[arg-type]
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


STUDIES: tuple[tuple[str, Callable[[int], Iterator[Line]], int], ...] = (
    ("Two groups", type_one, 2000),
    ("Accounts", type_one_accounts, 400),
    ("Power", power, 2000),
    ("Groups or none", groups_or_none, 400),
    ("Matched pair", matched_pair, 1),
)


def page(lines: list[tuple[str, Line]], scale: float) -> str:
    """The table as a page."""
    head = (
        "# How often the verdicts are wrong\n\n"
        "After this page you know what a verdict is worth. `make validate` wrote it: simulated posts whose truth is known go "
        "through the functions of the pages. Wanted bounds allow for the Monte-Carlo error in brackets.\n\n"
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
