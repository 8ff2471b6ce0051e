"""The address of a page: a question as the part of a link from `?`, and the way to another page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from postlens.core.ask import request as asking
from postlens.core.ask.engine import Engine
from postlens.core.ask.filters import OneOf
from postlens.core.ask.request import Request, Selection
from postlens.core.contract import Panel, Params
from postlens.core.contract.blocks import Link
from postlens.core.contract.problems import Problem


def query(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs as the part of a link from `?`; empty for none."""
    return f"?{urlencode(pairs)}" if pairs else ""


def request_of(engine: Engine, panel: Panel[Any, Any], link: Mapping[str, Any]) -> tuple[Request, list[Problem]]:
    """The question of a link. Keys nobody knows, such as `utm_source`, are passed over."""
    return asking.read_request(engine, panel, asking.flat(link), "link")


def selection_of(engine: Engine, link: Mapping[str, Any]) -> tuple[Selection, list[Problem]]:
    """The filters and settings of derived columns of a link to any page."""
    return asking.read_selection(engine, asking.flat(link))


def link(engine: Engine, request: Request) -> str:
    """The whole question of a page."""
    return query(asking.to_pairs(engine, request))


def shared(engine: Engine, request: Request) -> str:
    """What stays when moving to another page: filters and the settings of derived columns."""
    return query(asking.selection_pairs(engine, Selection(filters=request.filters, columns=request.columns)))


def columns_of_store(engine: Engine, stored: Mapping[str, Any] | None) -> Mapping[str, Params]:
    """The settings of derived columns that a page was opened with, from its store."""
    pairs = [(str(k), str(v)) for k, v in (stored or {}).get("hidden", [])]
    return asking.read_selection(engine, pairs)[0].columns


def next_link(engine: Engine, request: Request, target: Link) -> str:
    """The address of another panel with some settings; filters and settings of derived columns go along."""
    if target.panel not in engine.registry.panels:
        return ""
    panel = engine.registry.panels[target.panel]
    own = {k: v if isinstance(v, str) else list(v) for k, v in target.settings.items()}
    kept = request.filters
    for column, values in target.keep.items():
        kept = kept.having(OneOf(column, values))
    following, _ = asking.read_form(
        engine,
        panel,
        {k: v for k, v in own.items() if k in panel.params.model_fields},
        Selection(filters=kept, columns=request.columns),
    )
    return f"/{panel.id}{link(engine, following)}"
