"""A verdict whose numbers contradict each other is not made."""

from __future__ import annotations

import math
from typing import Any

import pytest

from postlens import Settle, Verdict
from postlens.core.contract.verdict import as_json

CLAIM: dict[str, Any] = {"claim": "Photo posts get more.", "state": "likely real"}


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"estimate": math.nan}, "estimate is not a number"),
        ({"low": 3.0, "high": 2.0}, "above high"),
        ({"estimate": 0.5, "low": 1.5, "high": 2.3}, "not between"),
        ({"estimate": -1.0}, "never below 0"),
        ({"estimate": 1.4, "scale": "probability"}, "between 0 and 1"),
        ({"log_p": 0.5}, "at most 0"),
        ({"log_p_adjusted": math.nan}, "log_p_adjusted is not a number"),
        ({"posts": -3}, "0 or more"),
        ({"log_p": math.log(0.2)}, "needs a p of at most 0.05, not 0.2"),
        ({"log_p": math.log(0.01), "log_p_adjusted": math.log(0.06)}, "not 0.06"),
    ],
)
def test_contradictions_are_refused(numbers: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Verdict(**CLAIM, **numbers)


def test_nothing_is_settled_by_fewer_posts() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Settle(posts=-3)


def test_what_is_open_or_unbounded_is_allowed() -> None:
    open_ended = Verdict(claim="c", state="too few posts to tell", estimate=1.2, low=0.0, high=math.inf, log_p=-0.1)
    assert as_json(open_ended)["high"] is None
    assert as_json(open_ended)["p"] == pytest.approx(math.exp(-0.1))
    assert Verdict(**CLAIM).log_p is None
