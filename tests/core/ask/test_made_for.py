"""Which derived columns a question needs: their work is counted as theirs."""

from __future__ import annotations

from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import Filters
from postlens.core.ask.filters.kinds import OneOf
from postlens.core.ask.request import Request


def test_by_a_filter_or_a_setting(sample_engine: Engine) -> None:
    params = sample_engine.registry.panel("eda").params
    plain = Request(panel="eda", params=params())
    assert sample_engine.made_for(plain) == ()
    filtered = Request(panel="eda", params=params(), filters=Filters((OneOf("cluster", ("x",)),)))
    assert sample_engine.made_for(filtered) == ("cluster",)
    by = Request(panel="eda", params=params.model_validate({"by": "tier"}), filters=filtered.filters)
    assert sample_engine.made_for(by) == ("cluster", "tier")
