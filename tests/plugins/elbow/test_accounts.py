"""Groups that are accounts are called so, and the link to the groups leaves the accounts' levels out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from postlens.core.contract import Context
from postlens.core.contract.blocks import Link
from postlens.core.contract.schema import Column, Schema
from postlens.core.contract.verdict import Verdict
from postlens.core.stats import OfAccounts
from postlens.plugins.elbow.compute import Curve, Settings, inertia_curve
from postlens.plugins.elbow.view import show

METRICS = ("reactions", "comments", "shares")


def asked(values: Any, accounts: list[str]) -> Curve:
    posts = pl.DataFrame(np.rint(np.expm1(values)).clip(0).astype(int), schema=list(METRICS))
    posts = posts.with_columns(account_name=pl.Series(accounts))
    columns = (
        *(Column(name=m, label=m.capitalize(), kind="metric") for m in METRICS),
        Column(name="account_name", label="Account", kind="category"),
    )
    context = Context(schema=Schema(columns=columns, posts=posts.height))
    return inertia_curve(posts.lazy(), Settings(metrics=METRICS, k_max=6), context)


def verdict(result: Curve) -> Verdict:
    return next(block for block in show(result, Settings(metrics=METRICS)) if isinstance(block, Verdict))


@pytest.mark.slow
def test_two_accounts_of_different_size_are_no_kinds_of_posts() -> None:
    rng = np.random.default_rng(3)
    of = rng.integers(0, 2, 500)
    found = asked(
        np.array([3.0, 6.0])[of][:, None] + 0.4 * rng.normal(size=(500, 3)), [f"account {a}" for a in of.tolist()]
    )
    assert found.accounts is not None
    assert found.recommended == 0
    said = verdict(found)
    assert said.claim == "These groups are your accounts, not kinds of posts."
    assert "makes 2 groups" in (said.detail or "")


@pytest.mark.slow
def test_kinds_of_posts_that_levels_of_accounts_hide_are_found_within_accounts() -> None:
    rng = np.random.default_rng(4)
    of, kind = rng.integers(0, 12, 600), rng.integers(0, 2, 600)
    kinds = np.array([[-1.0, 0.0, 1.0], [1.0, 0.0, -1.0]])[kind]
    found = asked(
        5 + rng.normal(0, 1.0, 12)[of][:, None] + kinds + 0.3 * rng.normal(size=(600, 3)),
        [f"account {a}" for a in of.tolist()],
    )
    assert found.recommended == 2
    assert found.accounts is not None
    assert verdict(found).claim.endswith("within accounts.")


def test_the_link_asks_for_posts_within_accounts_where_the_groups_were_found_so() -> None:
    rng = np.random.default_rng(5)
    plain = asked(5 + 0.4 * rng.normal(size=(60, 3)), ["one"] * 60)
    blocks = show(
        replace(plain, recommended=2, crowd_p=0.01, accounts=OfAccounts(groups=0, alike=0.0, eta2=0.4, inside=2)),
        Settings(metrics=METRICS),
    )
    link = next(block for block in blocks if isinstance(block, Link))
    assert link.settings["relative"] == "yes"
